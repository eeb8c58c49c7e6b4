"""Names that were withdrawn are looked for in every file at each build, as far as there is a key."""

import pytest

from kg import names
from kg.build import pipeline
from kg.errors import ValidationFailed
from kg.names import Guard

REPORT = "data/sources/report.ttl"


def withdraw(project, *folded):
    """Add names to those that were withdrawn from a project."""
    Guard.read(project.root).add(folded, "2026-11-26").write(project.root)


def test_a_release_of_the_same_files_is_used_again_until_another_name_is_withdrawn(project):
    withdraw(project, "janomorrow")
    first = pipeline.build(project.settings)
    assert first == pipeline.build(project.settings)
    withdraw(project, "perolsen")
    assert first != pipeline.build(project.settings)


def test_a_release_made_without_the_key_is_not_used_where_there_is_one(project):
    withdraw(project, "janomorrow")
    project.replace(REPORT, '"Report"@en', '"Report of Jan O\'Morrow"@en')
    key = (project.root / names.KEY).read_text(encoding="ascii")
    (project.root / names.KEY).unlink()  # as on the machine of somebody who contributes
    made = pipeline.build(project.settings)
    assert [names.NAMES] == [warning.partition(":")[0] for warning in made.manifest["warnings"] if names.KEY in warning]
    (project.root / names.KEY).write_text(key, encoding="ascii")
    with pytest.raises(ValidationFailed) as caught:  # though nothing has changed
        pipeline.build(project.settings)
    assert [REPORT] == [wrong.where for wrong in caught.value.report.violations]


def test_what_a_release_says_of_its_inputs_tells_nothing_of_the_names(project):
    withdraw(project, "janomorrow")
    listed, manifest = Guard.read(project.root), (pipeline.build(project.settings).path / "manifest.json").read_text()
    assert listed.seal() not in manifest and listed.key.hex() not in manifest

"""Names that were withdrawn are looked for in every file once: again in a file that has changed, and in all after another withdrawal."""

import json

import pytest

from kg import names
from kg.build import pipeline
from kg.errors import ValidationFailed
from kg.names import Guard

STRIKE, REPORT, QUERY = "data/events/strike.ttl", "data/sources/report.ttl", "queries/questions/events.rq"


@pytest.fixture
def looked(project, monkeypatch):
    """Build the project, and name the files in whose text the names were looked for."""

    def build(**options):
        found = []
        find = Guard.find

        def note(self, text):
            found.extend(
                one for one in (STRIKE, REPORT, QUERY) if (project.root / one).read_text(encoding="utf-8") == text
            )
            return find(self, text)

        monkeypatch.setattr(Guard, "find", note)
        try:
            pipeline.build(project.settings, **options)
        finally:
            monkeypatch.setattr(Guard, "find", find)
        return set(found)

    withdraw(project, "janomorrow")
    return build


def withdraw(project, *folded):
    """Add names to those that were withdrawn from a project."""
    Guard.read(project.root).add(folded, "2026-11-26").write(project.root)


def test_only_files_that_have_changed_are_looked_at_again(project, looked):
    assert {STRIKE, REPORT, QUERY} == looked()
    project.replace(STRIKE, "2012-02-29", "2012-02-28")
    assert {STRIKE} == looked()
    project.replace(STRIKE, "2012-02-28", "2012-02-27")
    project.replace(QUERY, "#+ title: Events", "#+ title: All events")  # which makes it a full build
    assert {STRIKE, QUERY} == looked()
    assert {STRIKE, REPORT, QUERY} == looked(force=True)


def test_after_another_withdrawal_all_files_are_looked_at(project, looked):
    looked()
    withdraw(project, "perolsen")
    assert {STRIKE, REPORT, QUERY} == looked()
    text = (project.root / names.NAMES).read_text(encoding="utf-8")
    (project.root / names.NAMES).write_text(text.replace("2026-11-26 10", "2026-11-25 10"), encoding="utf-8")
    assert {STRIKE, REPORT, QUERY} == looked()


def test_a_release_made_without_the_key_clears_nothing(project, looked):
    project.replace(REPORT, '"Report"@en', '"Report of Jan O\'Morrow"@en')
    key = (project.root / names.KEY).read_text(encoding="ascii")
    (project.root / names.KEY).unlink()  # as on the machine of somebody who contributes
    made = pipeline.build(project.settings)
    assert [names.NAMES] == [warning.partition(":")[0] for warning in made.manifest["warnings"] if names.KEY in warning]
    (project.root / names.KEY).write_text(key, encoding="ascii")
    with pytest.raises(ValidationFailed) as caught:  # though nothing has changed
        looked()
    assert [REPORT] == [wrong.where for wrong in caught.value.report.violations]
    project.replace(STRIKE, "2012-02-29", "2012-02-28")
    with pytest.raises(ValidationFailed):  # and where another file has
        looked()


def test_another_key_or_another_way_to_look_clears_nothing(project, looked, monkeypatch):
    looked()
    (project.root / names.KEY).write_text("ab" * 32 + "\n", encoding="ascii")
    assert {STRIKE, REPORT, QUERY} == looked()
    monkeypatch.setattr("kg.build.inputs._SEARCHING", ("kg/errors.py",))
    assert {STRIKE, REPORT, QUERY} == looked()


def test_what_a_release_says_of_the_search_tells_nothing_without_the_key(project, looked):
    looked()
    told = json.loads((project.out / "current/manifest.json").read_text(encoding="utf-8"))["searched"]
    listed = Guard.read(project.root)
    assert told and told not in listed.text and listed.key.hex() not in told

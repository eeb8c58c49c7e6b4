"""The crosswalks that are files are inputs of a release and lie in it; one with a fault stops a build and a check, with its line."""

import pytest

from kg import release
from kg.build import checking, pipeline
from kg.errors import ValidationFailed
from kg.names import Guard
from tests import frozen

NAME = "data/crosswalks/events.sssom.tsv"
FILE = "crosswalks/events.sssom.tsv"
COLUMNS = (
    "subject_id subject_label predicate_id object_id object_label mapping_justification author_label confidence comment"
)
HEAD = """# mapping_set_id: https://w3id.org/answerable/crosswalks/events
# mapping_set_title: Events elsewhere
# mapping_set_description: Invented.
# license: https://creativecommons.org/licenses/by/4.0/
# curie_map:
#   event: https://w3id.org/answerable/id/event/
#   other: https://other.example/
#   skos: http://www.w3.org/2004/02/skos/core#
"""


def row(subject="event:strike", target="other:1", author="A house"):
    """Write a mapping."""
    cells = (subject, "", "skos:closeMatch", target, "", "semapv:ManualMappingCuration", author, "", "")
    return "\t".join(cells) + "\n"


def text(*rows):
    """Write a file."""
    return HEAD + "\t".join(COLUMNS.split()) + "\n" + "".join(rows)


def test_a_file_lies_in_the_release_as_it_is_and_a_change_of_it_makes_another(project):
    path = project.write(NAME, text(row()))
    first = project.build()
    assert path.read_bytes() == (first.path / FILE).read_bytes()
    assert first.manifest["inputs"][NAME] == first.manifest["outputs"][FILE] and [] == release.verify(first)
    project.write(NAME, text(row(), row("event:trial")))
    second = pipeline.build(project.settings)
    assert second.id != first.id
    assert path.read_bytes() == (second.path / FILE).read_bytes() != (first.path / FILE).read_bytes()
    path.unlink()
    third = pipeline.build(project.settings)
    assert not (third.path / "crosswalks").exists() and NAME not in third.manifest["inputs"]


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        (text(row(), row("event:nobody")), 11, "event:nobody is described nowhere"),
        (text(row(), row(author="")), 11, "whose judgement"),
        (text(row()) + "one cell\n", 11, "has 1 columns"),
        (text(row("event:strike\u200b")), 10, "U+200B"),
        (text().replace("# license", "# licence"), 1, "license"),
    ],
)
def test_a_fault_stops_a_check_and_a_build_with_its_file_and_line(project, wrong, line, said):
    path = project.write(NAME, wrong)
    with pytest.raises(ValidationFailed, match=NAME):
        pipeline.build(project.settings)
    for paths in ([], [path], [path.parent]):
        report = checking.check(project.settings, paths=paths)
        assert not report.conforms and () == report.unread
        assert [(NAME, line)] * len(report.violations) == [(one.where, one.line) for one in report.violations]
        assert any(said in one.message for one in report.violations)


def test_a_folder_that_is_laid_over_the_data_and_one_that_is_left_out(project, tmp_path_factory):
    project.write(NAME, text(row()))
    other = tmp_path_factory.mktemp("other")
    (other / "crosswalks").mkdir()
    (other / "crosswalks/events.sssom.tsv").write_text(text(row(target="other:2")), encoding="utf-8")
    (other / "events").mkdir()
    (other / "events/strike.ttl").write_bytes((project.root / "data/events/strike.ttl").read_bytes())
    made = pipeline.build(project.settings, data=[other])
    assert text(row(target="other:2")).encode() == (made.path / FILE).read_bytes()
    assert () == checking.check(project.settings, paths=[other]).unread
    assert not (pipeline.build(project.settings, without=["crosswalks"]).path / "crosswalks").exists()


def test_a_name_that_was_withdrawn_stands_in_no_crosswalk(project):
    Guard.read(project.root).add(["janomorrow"], "2026-11-26").write(project.root)
    project.write(NAME, text(row(), row("event:trial", author="Jano Morrow")))
    with pytest.raises(ValidationFailed, match=f"{NAME}:11:.*was withdrawn stands here") as caught:
        pipeline.build(project.settings)
    assert "Morrow" not in str(caught.value)


QUERY = """#+ title: Events elsewhere
#+ description: Invented.
#+ prefix: event | https://w3id.org/answerable/id/event/
PREFIX ans: <https://w3id.org/answerable/ontology#>
SELECT ?subject_id ("skos:exactMatch" AS ?predicate_id) ?object_id {
  ?event a ans:Event BIND (CONCAT("event:", STRAFTER(STR(?event), "/event/")) AS ?subject_id) BIND (?subject_id AS ?object_id)
}
ORDER BY ?event
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("title:", "titel:", 1, "did you mean 'title'"),
        ("prefix: event |", "prefix: event", 3, "prefix has 2 parts"),
        ("?object_id {", "{", 1, "The column object_id is no variable of the SELECT"),
        ("ans:Event BIND", "ans:Evant BIND", 6, "ans:Evant does not exist"),
        ("SELECT", "SELCT", 5, "SELCT"),
    ],
)
def test_a_query_with_a_fault_stops_a_build_with_its_line(project, old, new, line, said):
    path = "queries/crosswalks/events-2.rq"
    project.write(path, QUERY.replace(old, new))
    with pytest.raises(ValidationFailed, match=rf"{path}:{line}\b.*{said}"):
        pipeline.build(project.settings)


def test_no_file_has_the_name_of_a_crosswalk_that_a_query_makes(project):
    project.write("queries/crosswalks/events.rq", QUERY)
    project.write(NAME, text(row()))
    with pytest.raises(ValidationFailed, match=f"{NAME}:1.*makes a crosswalk of this name"):
        pipeline.build(project.settings)
    (project.root / NAME).unlink()
    assert (
        b"event:strike\t\tskos:exactMatch\tevent:strike" in (pipeline.build(project.settings).path / FILE).read_bytes()
    )


def test_the_frozen_graph_has_those_that_it_states(world):
    names = sorted(path.name for path in (world.path / "crosswalks").iterdir())
    assert ["rights-acts-huridocs.sssom.tsv", "rights-sdg.sssom.tsv", "states.sssom.tsv"] == names
    assert (frozen.DATA / "crosswalks/rights-sdg.sssom.tsv").read_bytes() == (
        world.path / "crosswalks/rights-sdg.sssom.tsv"
    ).read_bytes()

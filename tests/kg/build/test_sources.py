"""The sources: how they are found, read and named, and what each may not say, told with its line."""

import re
from pathlib import Path

import pytest

from kg import terms
from kg.build import checking, folder, inputs, pipeline
from kg.errors import SourceError
from kg.release import releases

DERIVED = Path(__file__).parents[3] / "queries/checks/stated/derived-by-hand.rq"
NAMES = sorted(set(re.findall(r"\(ans:(\w+) ", DERIVED.read_text(encoding="utf-8"))))


def mistakes(project):
    """Check a project, its shapes apart; the mistakes as (place, message)."""
    project.write("shapes/core.ttl", "<shapes#None> a sh:NodeShape .")
    return [(result.place, result.message) for result in checking.check(project.settings).results]


def only(project):
    """The one mistake of a project, as (line, message), which must be in the events file."""
    found = mistakes(project)
    assert 1 == len(found), found
    place, message = found[0]
    name, line, _ = place.split(":")
    assert "data/events/strike.ttl" == name
    return int(line), message


EVENTS = "data/events/strike.ttl"


def test_a_good_corpus_has_no_mistakes(project):
    assert [] == mistakes(project)


def test_each_file_gets_the_graph_of_its_path_in_an_order_that_does_not_depend_on_the_file_system(project):
    graphs = [(source.name, source.graph) for source in inputs.read(project.root).sources]
    names = ["ontology/core.ttl", "shapes/core.ttl", EVENTS, "data/sources/report.ttl"]
    assert [(name, terms.GRAPH + name.removesuffix(".ttl")) for name in names] == graphs


def test_a_further_folder_adds_files_and_takes_the_place_of_those_of_the_same_path(project, tmp_path):
    other, table = tmp_path / "other", "tables/report/meetings.csv"
    project.write(f"data/{table}", "")
    for name in ("events/strike.ttl", "more.ttl", table):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_text("")
    paths = {file.name: file.path for file in inputs.read(project.root, [other]).files}
    assert other / "events/strike.ttl" == paths[EVENTS] and other / table == paths[f"data/{table}"]
    assert other / "more.ttl" == paths["data/more.ttl"]
    assert project.root / "data/sources/report.ttl" == paths["data/sources/report.ttl"]


def test_a_missing_folder_is_named(project):
    with pytest.raises(SourceError, match="nowhere: There is no such file or folder"):
        inputs.read(project.root, [project.root / "nowhere"])


@pytest.mark.parametrize("suffix", ["rdf", "nt", "nq", "trig", "jsonld"])
def test_a_file_in_a_format_that_is_not_read_is_refused_rather_than_left_out(project, suffix):
    project.write(f"data/events/more.{suffix}", "<rdf/>")
    with pytest.raises(SourceError, match=rf"more\.{suffix}: This format is not read.*\.ttl"):
        inputs.read(project.root)


def test_a_file_that_holds_no_data_is_left_alone(project):
    project.write("data/README.md", "about")
    assert [] == mistakes(project)


def test_bad_syntax_is_told_with_file_line_and_column_for_every_file(project):
    project.replace(EVENTS, '"Strike"@en ;', '"Strike@en ;')
    project.replace("data/sources/report.ttl", "ans:Passage ;", "ans:Passage ;; ,")
    places = [place for place, _ in mistakes(project)]
    assert f"{EVENTS}:{project.line(EVENTS, 'Strike@en')}" in places[0]
    assert f"data/sources/report.ttl:{project.line('data/sources/report.ttl', ';; ,')}" in places[1]
    assert all(place.count(":") == 2 for place in places)


def test_blank_nodes_of_the_ontology_and_the_shapes_are_welcome(project):
    project.replace("ontology/core.ttl", "ans:Document a owl:Class", "[] a owl:Class . ans:Document a owl:Class")
    assert [] == mistakes(project)


TRIAL, PART, DAY = "<id/event/trial>", "ans:isPartOf <id/event/strike>", '"2012-02-29"^^xsd:date'
KEYS = ("id/event/Trial", "id/event/tri_al", "event/trial", "id/event/a/b", "id/event/-a")
NO_DATES = {
    "date": ("2011-02-30", "2011-02-29", "1900-02-29", "2011-12"),
    "gYearMonth": ("2011-13",),
    "gYear": ("11",),
    "dateTime": ("2011-04-31T00:00:00",),
}
NOTHING = ("<id/event/strkie>", "<scheme/right/none>", "ans:Strike")
# What is replaced in the events, by what, and how the message reads that names the line of it.
REFUSED = [
    (PART, "ans:isPartOf [ a ans:Event ]", "A blank node stands in data, with ans:isPartOf"),
    *((TRIAL, f"<{key}>", f"{key} is not an IRI of ours") for key in KEYS),
    *((DAY, f'"{day}"^^xsd:{kind}', f"{day} is no xsd:") for kind, days in NO_DATES.items() for day in days),
    *((PART, f"ans:isPartOf {iri}", "[^ ]+ is used, and nothing defines it") for iri in NOTHING),
    ("ans:isPartOf", "ans:isPratOf", r"ans:isPratOf is used, and nothing defines it.*Did you mean ans:isPartOf\?$"),
    (f"{TRIAL} a ans:Trial ;", TRIAL, r"id/event/trial has no class\. Say what it is: `a ans:…`\.$"),
]


@pytest.mark.parametrize(("old", "new", "message"), REFUSED, ids=[new for _, new, _ in REFUSED])
def test_what_is_refused_is_told_with_its_line(project, old, new, message):
    project.replace(EVENTS, old, new)
    line, text = only(project)
    assert project.line(EVENTS, new) == line
    assert re.match(message, text)


@pytest.mark.parametrize("date", ['"2000-02-29"^^xsd:date', '"2011"^^xsd:gYear', '"2011-12"^^xsd:gYearMonth'])
def test_a_date_that_exists_is_taken(project, date):
    project.replace(EVENTS, DAY, date)
    assert [] == mistakes(project)


def test_a_double_hyphen_joins_two_keys(project):
    project.replace(EVENTS, TRIAL, "<id/event/strike-2--art-14.1>")
    assert [] == mistakes(project)


def test_a_second_definition_is_refused_in_both_files_and_each_names_the_other(project):
    project.write("data/events/again.ttl", "<id/event/trial> a ans:Event .\n")
    line = project.line(EVENTS, "<id/event/trial>")
    first, second = mistakes(project)
    assert ("data/events/again.ttl:9:1", True) == (first[0], f"a second time, in {EVENTS}:{line}." in first[1])
    assert (f"{EVENTS}:{line}:1", True) == (second[0], "a second time, in data/events/again.ttl:9." in second[1])


@pytest.mark.parametrize("name", NAMES)
def test_what_only_the_build_derives_is_refused(project, name):
    is_class = name[0].isupper()
    kind = "owl:Class" if is_class else "owl:ObjectProperty"
    project.replace("ontology/core.ttl", "ans:Document a", f"ans:{name} a {kind} . ans:Document a")
    if is_class:
        project.replace(EVENTS, "a ans:Trial ;", f"a ans:Trial , ans:{name} ;")
    else:
        project.replace(EVENTS, PART, f"ans:{name} <id/event/strike>")
    line, message = only(project)
    assert project.line(EVENTS, f"ans:{name}") == line
    assert message.startswith(f"ans:{name} of id/event/trial is written by hand, and only the build may derive it.")


def test_a_term_may_not_be_defined_in_data(project):
    project.write("data/terms.ttl", "ans:Trial rdfs:subClassOf ans:Document .\n")
    ((place, message),) = mistakes(project)
    assert "data/terms.ttl:9:1" == place
    assert message.startswith("ans:Trial is a term, and data describes things")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines(project):
    project.replace(EVENTS, '"2012-02-29"', '"2012-02-30"')
    project.replace(EVENTS, "ans:isPartOf <id/event/strike>", "ans:isPartOf <id/event/none>")
    project.replace("data/sources/report.ttl", "ans:isPartOf <id/document/report>", "ans:isPartOf <id/document/none>")
    lines = [int(place.split(":")[1]) for place, _ in mistakes(project)]
    assert [EVENTS, EVENTS, "data/sources/report.ttl"] == [place.split(":")[0] for place, _ in mistakes(project)]
    assert lines[0] < lines[1]


def test_a_folder_or_a_table_of_the_data_can_be_left_out_and_one_that_is_not_there_is_named(project):
    for name in ("data/findings/a.ttl", "data/tables.ttl", "data/tables/set/findings.csv", "data/tables/set/laws.csv"):
        project.write(name, "<id/state/a> a ans:State .")
    whole, part = inputs.read(project.root), inputs.read(project.root, without=["findings"])
    names, left = ({file.name for file in read.files} for read in (whole, part))
    assert {"data/findings/a.ttl", "data/tables/set/findings.csv"} == names - left and left
    assert whole.is_whole and not part.is_whole
    with pytest.raises(SourceError, match="data/finding"):
        inputs.read(project.root, without=["finding"])


def test_a_release_is_later_than_the_one_before_though_the_clock_went_back(project, monkeypatch):
    before = pipeline.build(project.settings)
    monkeypatch.setattr(folder, "now", lambda: "2001-01-01T00:00:00.000Z")
    after = pipeline.build(project.settings, force=True)
    assert before.created < after.created and releases(project.out) == [before, after]

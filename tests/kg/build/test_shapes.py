"""Validation: shapes see subclasses, results name their lines, checks tell their message."""

import json
import textwrap

import pytest
from rdflib import RDF, SH, Graph

from kg.build import checks, inputs, shapes
from kg.build.places import Places
from kg.build.report import Result, ValidationReport, collect
from kg.errors import BuildError, QuerySyntaxError, SourceError
from kg.store import Store

EVENTS = "data/events/strike.ttl"
NO_PASSAGE = "Name the passage: ans:isReportedIn."


def judged(project):
    """Validate a project against its shapes; the results."""
    read = inputs.read(project.root).sources
    with Store.memory() as store:
        assert [] == inputs.load(store, read)
        return shapes.validate(store, read, Places(read, store))


def checked(project, text):
    """Ask one check of a project's data as stated; the results."""
    project.write("queries/checks/undated.rq", textwrap.dedent(text))
    read = inputs.read(project.root)
    with Store.memory() as store:
        inputs.load(store, read.sources)
        store.copy_named_into_default()
        return checks.ask(store, read.folder("checks"), Places(read.sources, store))


def test_data_that_conform_have_no_results(project):
    assert [] == judged(project)


def test_a_thing_of_a_subclass_meets_the_shape_of_its_superclass(project):
    text = (project.root / EVENTS).read_text()
    head, _, trial = text.partition("<id/event/trial>")
    project.write(EVENTS, head + "<id/event/trial>" + trial.replace("ans:isReportedIn", "ans:isPartOf"))
    (result,) = judged(project)
    assert (EVENTS, project.line(EVENTS, "<id/event/trial>"), NO_PASSAGE) == (result.where, result.line, result.message)
    assert result.shape.endswith("shapes#EventShape")
    assert result.focus.endswith("id/event/trial")


def test_a_literal_that_is_no_value_of_its_datatype_is_found(project):
    project.write(
        "shapes/core.ttl",
        "<shapes#S> a sh:NodeShape ; sh:targetClass ans:Event ; sh:property [ sh:path ans:startOffset ;"
        ' sh:datatype xsd:integer ; sh:message "Write a number." ] .',
    )
    project.replace(EVENTS, "ans:isPartOf <id/event/strike>", 'ans:startOffset "one"^^xsd:integer')
    assert ["Write a number."] == [result.message for result in judged(project)]


def test_two_values_that_cannot_be_compared_are_refused(project):
    project.write(
        "shapes/core.ttl",
        "<shapes#S> a sh:NodeShape ; sh:targetClass ans:Event ; sh:property [ sh:path ans:startOffset ;"
        ' sh:datatype xsd:integer ; sh:lessThanOrEquals ans:endOffset ; sh:message "Write a number." ] .',
    )
    values = 'ans:startOffset "one"^^xsd:integer ; ans:endOffset "two"^^xsd:integer'
    project.replace(EVENTS, "ans:isPartOf <id/event/strike>", values)
    assert {"Write a number."} == {result.message for result in judged(project)}


def test_a_shape_that_is_broken_is_named(project):
    project.write(
        "shapes/core.ttl", "<shapes#S> a sh:NodeShape ; sh:targetClass ans:Event ; sh:property [ sh:minCount 1 ] ."
    )
    with pytest.raises(BuildError, match="The shapes cannot be used: "):
        judged(project)


def test_a_warning_does_not_stop_a_build(project):
    project.replace(EVENTS, 'skos:prefLabel "Trial"@en ;', "")
    report = collect(judged(project))
    assert ["Warning"] == [result.severity for result in report.results]
    assert report.conforms


def test_what_a_thing_lacks_in_one_file_it_may_have_in_another(project):
    project.write("data/events/more.ttl", "<id/event/more> a ans:Event ; skos:prefLabel 'More'@en .")
    assert [NO_PASSAGE] == [result.message for result in judged(project)]
    project.write("data/links/more.ttl", "<id/event/more> ans:isReportedIn <id/passage/report-1> .")
    assert [] == judged(project)


def test_a_blank_node_is_judged_too(project):
    project.write("data/events/more.ttl", "[] a ans:Event .")
    assert NO_PASSAGE in [result.message for result in judged(project)]


def test_a_check_tells_its_message_with_the_values_of_the_row(project):
    (result,) = checked(
        project,
        """\
        #+ title: Trials
        #+ message: {trial} is part of {whole} and of {nothing}.
        PREFIX ans: <https://w3id.org/answerable/ontology#>
        SELECT ?trial ?whole ?unbound { ?trial a ans:Trial ; ans:isPartOf ?whole }
        """,
    )
    assert "id/event/trial is part of id/event/strike and of {nothing}." == result.message
    assert (EVENTS, project.line(EVENTS, "<id/event/trial>")) == (result.where, result.line)
    assert "Violation" == result.severity


def test_a_check_may_warn_only(project):
    (result,) = checked(project, "#+ message: It is {x}.\n#+ severity: Warning\nSELECT ?x { BIND (1 AS ?x) }\n")
    assert ("Warning", "It is 1.") == (result.severity, result.message)


def test_checks_asked_at_the_same_time_find_what_they_find_one_by_one(project):
    for number in range(6):
        project.write(f"queries/checks/{number}.rq", f"#+ message: {{x}}\nSELECT ?x {{ BIND ({number} AS ?x) }}\n")
    read = inputs.read(project.root).folder("checks")
    with Store.memory() as store:
        one, several = (checks.ask(store, read, Places([], store), jobs=n) for n in (1, 4))
    assert ["0", "1", "2", "3", "4", "5"] == [result.message for result in one]
    assert one == several


def test_a_check_without_a_message_is_refused(project):
    with pytest.raises(SourceError, match=r"undated\.rq:1:1: the header lacks message"):
        checked(project, "SELECT ?x { ?x ?y ?z }")


def test_a_check_that_does_not_parse_is_named_with_its_line(project):
    with pytest.raises(QuerySyntaxError, match=r"^queries/checks/undated\.rq:2:"):
        checked(project, "#+ message: x\nSELECT ?x { ?x ?y }\n")


REPORT = ValidationReport(
    (
        Result("a.ttl", 3, 1, "Mend it.", focus="https://example.org/x", shape="https://example.org/S"),
        Result("b.ttl", 1, 1, "Look at it.", "Warning"),
    ),
    files=2,
    triples=1,
)


def test_a_report_as_text_has_a_line_for_each_result_and_a_count():
    assert [
        "a.ttl:3:1: https://example.org/x: Mend it.",
        "b.ttl:1:1: warning: Look at it.",
        "1 mistake, 1 warning (2 files and 1 triple read)",
    ] == REPORT.text().splitlines()


def test_a_report_as_json_says_whether_the_data_conform():
    report = json.loads(REPORT.json())
    assert report["conforms"] is False
    assert ("a.ttl", 3, "Mend it.") == tuple(report["results"][0][key] for key in ("where", "line", "message"))


def test_a_report_as_turtle_is_a_validation_report():
    graph = Graph().parse(data=REPORT.rdf("turtle"), format="turtle")
    assert 2 == len(list(graph.subjects(RDF.type, SH.ValidationResult)))
    assert {"Mend it.", "Look at it."} == {str(message) for message in graph.objects(None, SH.resultMessage)}


def test_a_report_holds_each_result_once_in_the_order_of_the_files():
    error = SourceError("Wrong", where="a.ttl", line=1, column=1, hint="Mend it")
    report = collect(reversed(REPORT.results), REPORT.results, [error])
    assert [("a.ttl", 1), ("a.ttl", 3), ("b.ttl", 1)] == [(result.where, result.line) for result in report.results]
    assert "Wrong. Mend it." == report.results[0].message


SCHEMES = """<scheme/tone> a skos:ConceptScheme . <scheme/mood> a skos:ConceptScheme .
<scheme/tone/calm> a skos:Concept ; skos:inScheme <scheme/tone> . <scheme/tone/loud> a skos:Concept ; skos:inScheme <scheme/tone> .
<scheme/mood/glad> a skos:Concept ; skos:inScheme <scheme/mood> . ans:hasTone a owl:ObjectProperty .
"""
TONE = """shape:Tone a sh:NodeShape ; sh:property [ sh:path skos:inScheme ; sh:hasValue <scheme/tone> ] .
shape:S a sh:NodeShape ; sh:targetClass ans:Trial ; sh:property [ sh:path ans:hasTone ; sh:node shape:Tone ;
    sh:message "Say in what tone." ] .
"""


def test_a_value_of_another_scheme_is_told_with_those_of_the_one_that_is_wanted(project):
    project.write("ontology/schemes.ttl", SCHEMES)
    project.write("shapes/tone.ttl", TONE.replace("shape:", "ans:"))
    project.replace(EVENTS, "a ans:Trial ;", "a ans:Trial ; ans:hasTone <scheme/mood/glad> ;")
    (result,) = judged(project)
    said = "Say in what tone. scheme/mood/glad is none of them. There are: scheme/tone/calm, scheme/tone/loud."
    assert (said, project.line(EVENTS, "ans:hasTone")) == (result.message, result.line)


def test_a_shape_that_wants_no_scheme_offers_no_values(project):
    project.write("ontology/schemes.ttl", SCHEMES)
    shape = """ans:S a sh:NodeShape ; sh:targetClass ans:Trial ; sh:not [ sh:path ans:hasTone ; sh:minCount 1 ] ;
        sh:message "Leave the tone out." ."""
    project.write("shapes/tone.ttl", TONE.replace("shape:", "ans:") + shape.replace("ans:S ", "ans:T "))
    project.replace(EVENTS, "a ans:Trial ;", "a ans:Trial ; ans:hasTone <scheme/tone/calm> ;")
    assert ["Leave the tone out."] == [result.message for result in judged(project)]


@pytest.mark.parametrize(
    ("value", "offered"), [("tone/clam", "scheme/tone/calm, scheme/tone/loud"), ("mood/gald", "scheme/mood/glad")]
)
def test_a_value_that_no_scheme_has_is_told_with_those_it_has(project, value, offered):
    project.write("ontology/schemes.ttl", SCHEMES)
    project.replace(EVENTS, "a ans:Trial ;", f"a ans:Trial ; ans:hasTone <scheme/{value}> ;")
    read = inputs.read(project.root)
    with Store.memory() as store:
        inputs.load(store, read.sources)
        (result,) = checks.ask(store, read.folder("checks/stated"), Places(read.sources, store))
    assert result.message.endswith(f"There are: {offered}.")
    assert project.line(EVENTS, "ans:hasTone") == result.line

"""Questions are part of what is built: a bad one is refused with file and line, and the release before stays."""

import pytest

from kg import __main__ as command
from kg import release as releases
from kg.build import checking, pipeline
from kg.config import PROJECT
from kg.errors import ValidationFailed
from kg.sparql.lists import load_lists
from kg.store import Store

NAME = "queries/questions/events.rq"
PAGE = "queries/pages/acts.rq"
LIST = "queries/lists/acts.rq"
LISTED = """#+ title: Acts
#+ summary: Acts: event
#+ lead: What was done.
#+ column: thing | Act
#+ column: event | Event
#+ filter: event | Event | event
#+ order: name | by name | thing
PREFIX ans: <https://w3id.org/answerable/ontology#>
SELECT ?thing ?event { ?thing ans:isPartOf ?event }
"""
GOOD = "PREFIX ans: <https://w3id.org/answerable/ontology#>\nSELECT ?this ?x { ?this ans:isPartOf ?x }\n"

# What is replaced in the question of the small project, by what, the text of the line that is named, and what is said.
BROKEN = {
    "a key that is missing": ("#+ empty: No event is part of it.\n", "", "#+ title", "the header lacks empty"),
    "a key that is misspelt": ("#+ empty:", "#+ emtpy:", "#+ emtpy", "did you mean 'empty'?"),
    "a key twice": ("#+ empty:", "#+ title: More\n#+ empty:", "#+ title: More", "'title' stands twice"),
    "a column that the query lacks": (
        "?whole ?event ?passage {",
        "?whole ?event {",
        "#+ column: passage",
        "column passage",
    ),
    "a parameter that the query lacks": ("SELECT ?whole ?event", "SELECT ?event", "#+ parameter", "parameter whole"),
    "a variable that nobody describes": ("?passage {", "?passage ?more {", "SELECT ?whole", "?more is neither"),
    "SPARQL that does not parse": (
        "ans:isReportedIn ?passage .",
        "ans:isReportedIn .",
        "SELECT ?whole",
        "'.' is not expected",
    ),
    "a term that does not exist": (
        "ans:isReportedIn",
        "ans:isReportdIn",
        "SELECT ?whole",
        "Did you mean ans:isReportedIn?",
    ),
    "a class that does not exist": ("iri | ans:Event", "iri | ans:Evnt", "#+ parameter", "Did you mean ans:Event?"),
    "an example without an answer": ("id/event/strike |", "id/event/trial |", "#+ parameter", "has no answer"),
    "an example of another kind": (
        "iri | ans:Event | id/event/strike",
        "date |  | 2011-02-30",
        "#+ parameter",
        "2011-02-30",
    ),
    "a kind that does not exist": ("iri | ans:Event", "irj | ans:Event", "#+ parameter", "'irj' is not one of iri"),
    "a slot that is no parameter": (
        "part of {whole}",
        "part of {hole}",
        "#+ question",
        "{hole}, which is no parameter",
    ),
    "citations that are no column": ("#+ cites: passage", "#+ cites: pasage", "#+ cites", "pasage, which is no column"),
    "a topic that is missing": ("#+ topic: happened\n", "", "#+ title", "the header lacks topic"),
    "a topic that does not exist": ("#+ topic: happened", "#+ topic: events", "#+ topic", "there is no topic 'events'"),
    "an answer that is missing": (
        '#+ answer: {{ rows | count("event") }} of {{ whole }}: {{ rows | names("event") | listed }}.\n',
        "",
        "#+ title",
        "the header lacks answer",
    ),
    "an answer that does not parse": ('count("event") }} of', 'count("event") of', "#+ answer", "is no template"),
    "an answer with an unknown column": ('names("event")', 'names("evnt")', "#+ answer", "Did you mean event?"),
    "an answer with an unknown filter": ("| listed", "| listd", "#+ answer", "Did you mean listed?"),
    "an answer with an unknown name": ("of {{ whole }}", "of {{ hole }}", "#+ answer", "Did you mean whole?"),
    "a form that is no table": ("SELECT ?whole ?event ?passage {", "ASK {", "#+ title", "A question is a SELECT"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_question_is_refused_with_its_line_and_the_release_before_stays(project, name):
    built = project.build()
    old, new, line, said = BROKEN[name]
    project.replace(NAME, old, new)
    report = checking.check(project.settings)
    (first,) = report.violations
    assert (NAME, project.line(NAME, line)) == (first.where, first.line)
    assert said in first.message
    with pytest.raises(ValidationFailed) as caught:
        pipeline.build(project.settings)
    assert (NAME, first.line) == (caught.value.where, caught.value.line)
    assert [built] == releases.releases(project.out)
    assert built == releases.current(project.out)


def test_where_a_part_of_the_data_is_left_out_an_example_without_an_answer_is_a_warning(project):
    old, new, *_ = BROKEN["an example without an answer"]
    project.replace(NAME, old, new)
    project.write("data/findings/none.ttl", "<id/state/a> a ans:State .")
    (left_out,) = (
        each for each in checking.check(project.settings, without=["findings"]).results if each.where == NAME
    )
    assert left_out.severity == "Warning" and "has no answer" in left_out.message


def test_the_place_in_a_query_is_told_with_its_column(project):
    project.replace(NAME, "ans:isReportedIn", "ans:isReportdIn")
    (first,) = checking.check(project.settings).violations
    line = (project.root / NAME).read_text().splitlines()[first.line - 1]
    assert line.index("ans:isReportdIn") + 1 == first.column


def test_all_bad_questions_are_told_at_once(project):
    project.write("queries/questions/other.rq", "SELECT * { ?s ?p ?o }")
    project.replace(NAME, "ans:isReportedIn", "ans:isReportdIn")
    assert [NAME, "queries/questions/other.rq"] == [one.where for one in checking.check(project.settings).violations]


def test_a_single_question_is_checked_by_its_path(project):
    project.replace(NAME, "#+ empty:", "#+ emtpy:")
    report = checking.check(project.settings, paths=[project.root / NAME])
    assert [NAME] == [one.where for one in report.results]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (GOOD.replace("?x }", "}"), 2, "is not expected here"),
        (GOOD.replace("isPartOf", "isPratOf"), 2, "Did you mean ans:isPartOf?"),
    ],
)
def test_a_bad_query_of_a_page_is_refused(project, text, line, said):
    project.write(PAGE, GOOD)
    assert checking.check(project.settings).conforms
    project.write(PAGE, text)
    (first,) = checking.check(project.settings).violations
    assert (PAGE, line) == (first.where, first.line)
    assert said in first.message


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("#+ lead: What was done.\n", "", 1, "the header lacks lead"),
        ("#+ lead:", "#+ led:", 3, "did you mean 'lead'?"),
        ("| Event\n#+ filter", "| Event | links\n#+ filter", 5, "bad column event"),
        ("| Event | event", "| Event", 6, "filter has 3 to 4 parts"),
        ("SELECT ?thing ?event", "SELECT ?thing", 5, "column event is no variable"),
        ("isPartOf", "isPratOf", 9, "Did you mean ans:isPartOf?"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(project, old, new, line, message):
    project.write(LIST, LISTED.replace(old, new))
    (first,) = checking.check(project.settings).violations
    assert (LIST, line) == (first.where, first.line)
    assert message in first.message


def test_the_lists_of_the_project_have_the_columns_that_their_headers_name():
    with Store.memory() as empty:
        for one in load_lists(PROJECT).values():
            assert set() == one.needs - {*empty.select(one.query).variables}


def test_a_list_needs_its_file_alone(project):
    project.write(LIST, LISTED)
    assert checking.check(project.settings).conforms
    assert "/acts" == load_lists(project.root)["acts"].path


def test_the_command_line_names_the_file_and_the_line(project, monkeypatch, capfd):
    monkeypatch.setenv("ANSWERABLE_ROOT", str(project.root))
    project.replace(NAME, "#+ empty:", "#+ emtpy:")
    line = project.line(NAME, "#+ emtpy")
    assert 1 == command.main(["check"])
    assert capfd.readouterr().out.startswith(f"{NAME}:{line}:1: ")
    assert 1 == command.main(["build"])
    assert f"kg: {NAME}:{line}:1: " in capfd.readouterr().err

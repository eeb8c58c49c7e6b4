"""How the questions answer, whatever they are asked: on the frozen graph, and on a few invented facts."""

import json
import re

import pytest
from rdflib import Graph, URIRef
from rdflib import Literal as Value

from kg import terms
from kg.config import PROJECT
from kg.errors import BadParameter
from kg.store import Query
from kg.terms import Iri
from tests import comparing, frozen, turtle
from tests.comparing import QUESTIONS, ask, differ, table

CASES = comparing.cases(frozen.ANSWERS)
EVERY = [tuple(case.values) for case in CASES]
ASKED = frozen.asked()


def test_a_pinned_number_or_truth_may_be_written_as_json_has_it():
    assert ["5", "true", "2.5", "id/state/xar", None, ["a", "b"]] == [
        comparing.pinned(value) for value in (5, True, 2.5, "id/state/xar", None, ["b", "a"])
    ]


TRANSLATED = ("ans:paraphrase", "ans:description", "ans:recordNote", "ans:subject")
ASKING = [
    path
    for folder in ("questions", "records", "pages", "lists", "tables")
    for path in (PROJECT / "queries" / folder).rglob("*.rq")
]


def test_a_text_that_may_be_translated_is_asked_for_in_english():
    unfiltered = [
        (path.name, found[0])
        for path in ASKING
        for text in [path.read_text(encoding="utf-8")]
        for found in re.finditer(rf"(?:{'|'.join(TRANSLATED)}) \?(\w+)", text)
        if not re.search(rf"LANG\(\?{found[1]}\)", text)
    ]
    assert [] == unfiltered


def test_no_column_shows_the_first_or_last_day_that_a_vague_date_may_mean():
    derived = r"ans:(?:beginsOn|endsOn|certainFrom|certainUntil) \?(\w+)"
    shown = [
        (path.name, name)
        for path in ASKING
        if path.parent.name in ("questions", "lists")
        for text in [path.read_text(encoding="utf-8")]
        for name in {*re.findall(derived, text)} & {*re.findall(r"(?m)^#\+ column: (\w+)", text)}
    ]
    assert [] == shown


def test_a_question_in_words_calls_a_parameter_without_a_name_by_its_label():
    question = frozen.questions()["recommendations-rejected"]
    assert "Arland" in question.in_words({"state": "Arland"}) and "the country" in question.in_words()


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda one: one.name)
def test_a_question_in_words_says_no_word_twice_and_leaves_no_slot(question):
    said = question.in_words()
    assert [] == re.findall(r"\b(\w+) \1\b|[{}]", said), said


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda one: one.name)
def test_a_picture_of_numbers_other_than_of_rows_says_in_words_what_it_counts(question):
    counting = [each for each in question.pictures if "of" in each.roles or len(each.roles.get("count", ())) == 1]
    assert [] == [each for each in counting if not each.counted]
    assert {*question.texts} >= {each.counted for each in counting}


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_worked_out_from_the_frozen_graph_and_cites_where_it_is_written(engine, name, case):
    assert [] == comparing.incomplete(name, case)
    assert "" == comparing.compare(engine, name, case, known=None)
    assert [] == comparing.uncited(ask(engine, name, case["parameters"]))


# What an answer says beside its rows must rest on a passage as well.
@pytest.mark.parametrize(
    ("name", "said", "where"),
    [
        ("obligations-engaged", "boundSince", "boundBy"),
        ("decisions-and-remedies", "assessed", "assessedIn"),
        ("promises", "recommendation", "recommendedIn"),
        ("promises", "accepted", "acceptedIn"),
        ("recommendations", "response", "answeredIn"),
        ("recommendations", "assessed", "assessedIn"),
        ("recommendations", "earlierResponse", "earlierIn"),
        ("recommendations-not-taken-up", "taker", "takenUpIn"),
        ("recommendations-not-taken-up", "response", "answeredIn"),
        ("recommendations-rejected", "recommendation", "recommendedIn"),
        ("recommendations-repeated", "response", "answeredIn"),
        ("recommendations-repeated", "earlier", "earlierIn"),
        ("recommendations-repeated", "earlierResponse", "earlierAnsweredIn"),
        ("acts-outside-instrument", "reason", "recordedIn"),
        ("bound-though-disputed", "answer", "answeredIn"),
        ("bound-though-disputed", "boundSince", "boundBy"),
        ("rival-statements", "rival", "rivalIn"),
        ("where", "latitude", "locatedIn"),
    ],
)
def test_what_is_said_beside_the_fact_is_cited_where_it_is_said(engine, name, said, where):
    rows = [row for one, case in EVERY if one == name for row in ask(engine, name, case["parameters"]).rows]
    assert any(said in row for row in rows)
    assert [] == [row for row in rows if (said in row) != bool(comparing.passages(row, where))]


@pytest.mark.parametrize("name", sorted(ASKED))
def test_everything_an_answer_names_has_a_label(engine, name):
    answer = ask(engine, name, ASKED[name])
    named = {term["value"] for row in answer.rows for term in row.values() if term["type"] == "uri"}
    assert set() == named - set(answer.labels)
    assert terms.BASE not in answer.sentence and "{" not in answer.sentence


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_question_about_one_thing_is_the_part_of_the_whole_that_is_about_it(store, engine, name):
    question, parameters = QUESTIONS[name], ASKED[name]
    things = {one.name: question.bind(parameters)[one.name].value for one in question.parameters if one.kind == "iri"}
    others = {key: term for key, term in question.bind(parameters).items() if key not in things}
    whole = json.loads(store.answer(Query(question.text, bindings=others)).body)["results"]["bindings"]
    part = [row for row in whole if all(row[key]["value"] == value for key, value in things.items())]
    expected = table([*map(question.fill, part)], question)
    answered = table(ask(engine, name, parameters).rows, question)
    assert "" == differ(expected, answered)


@pytest.fixture(scope="module")
def elsewhere(store):
    """Load the release into another SPARQL engine, rdflib's."""
    return Graph().parse(data=store.dump(), format="nt")


# What takes rdflib, which plans no query, longer than all the others together: other engines are asked them instead.
TOILSOME = ("unexamined-obligations", "coverage", "acts-outside-instrument")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*ASKED} - {*TOILSOME}))
def test_another_engine_gives_the_same_answer(engine, elsewhere, name):
    question, parameters = QUESTIONS[name], ASKED[name]
    values = {
        key: URIRef(term.value) if isinstance(term, Iri) else Value(term.value, datatype=URIRef(term.datatype))
        for key, term in question.bind(parameters).items()
    }
    rows = [
        question.fill({key: {"value": str(term)} for key, term in row.asdict().items()})
        for row in elsewhere.query(question.text, initBindings=values)
    ]
    expected = table(rows, question)
    answered = table(ask(engine, name, parameters).rows, question)
    assert "" == differ(expected, answered)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (
            "findings",
            {"event": "id/event/2012-03-16-port-anzel"},
            "'id/event/2012-03-16-port-anzel' is not known here as the event. Try Port Ansel, 16 March 2012",
        ),
        ("findings", {"event": "id/act/2011-06-handover"}, "'id/act/2011-06-handover' is not known here as the event"),
        ("treaties-in-force", {"state": "id/state/xar", "day": "2011-02-29"}, "2011-02-29.*a day that exists"),
        ("contested", {"state": "id/state/xar", "stat": "id/state/xar"}, "no parameter stat"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_comes_close(store, name, values, said):
    with pytest.raises(BadParameter, match=said):
        ask(store, name, values)


# What the frozen graph does not hold

OF_A_CASE = ("question", "page", "facts", "columns", "rows")


@pytest.mark.parametrize("case", turtle.cases("tests/questions.toml"))
def test_a_few_invented_facts_are_answered_as_worked_out_from_them(case):
    things = {name: value for name, value in case.items() if name not in OF_A_CASE}
    if "page" in case:
        query = (PROJECT / f"queries/pages/{case['page']}.rq").read_text(encoding="utf-8")
        rows = turtle.answer(query, case["facts"], **things)
    else:
        question = QUESTIONS[case["question"]]
        rows = [*map(question.fill, turtle.answer(question.text, case["facts"], **things))]
    if "columns" not in case:
        assert case["rows"] == len(rows)
        return
    values = ({name: cell["value"].rpartition("/")[2] for name, cell in row.items()} for row in rows)
    assert unordered(case["rows"]) == unordered([row.get(name, "") for name in case["columns"]] for row in values)


def unordered(rows):
    """Put rows, and the texts that a cell joins, in the order of the alphabet."""
    return sorted([comparing.in_order(cell) for cell in row] for row in rows)

"""Every question answers with a sentence: of its rows, and of an answer that has none, on the frozen graph."""

import re
from dataclasses import replace

import pytest

from kg import terms
from kg.answer import questions
from kg.languages import speak
from kg.sparql import sentence
from kg.sparql.question import TOPICS, put_names
from tests import frozen
from tests.comparing import QUESTIONS, ask

ASKED = frozen.asked()
LONGEST = 900  # characters: about a screen of a telephone


def faults(text):
    """List what no sentence holds: templates and slots, addresses, holes, and a verdict of our own."""
    wrong = [
        part for part in ("{{", "{%", "{", "}", terms.BASE, "None,", "  ", " ,", "()", "( ", ": ;") if part in text
    ]
    wrong += [] if text[:1].isupper() or text[:1].isdigit() or text[:1] == "“" else ["how it begins"]
    wrong += [] if text.endswith((".", "”")) else ["how it ends"]
    wrong += ["a verdict"] * bool(re.search(r"\bviolated\b", text))
    return wrong + ["its length"] * (len(text) > LONGEST)


@pytest.mark.parametrize("name", sorted(ASKED))
def test_an_answer_has_its_sentence(engine, name):
    answer = ask(engine, name, ASKED[name])
    assert answer.rows
    assert [] == faults(answer.lead), answer.lead


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_an_answer_without_rows_says_so_with_the_names_that_were_asked(name):
    question = QUESTIONS[name]
    names = {one.name: f"Thing {number}" for number, one in enumerate(question.parameters)}
    needed = {one.name: names[one.name] for one in question.parameters if not one.optional}
    for given in (names, needed):
        said = put_names(question.empty, given)
        assert [] == faults(said), said


@pytest.mark.parametrize("name", sorted(ASKED))
def test_each_row_alone_makes_a_sentence_too(engine, name):
    answer = ask(engine, name, ASKED[name])
    names = {one.name: answer.names.get(one.name, "") for one in answer.question.parameters}
    for row in answer.rows[:20]:
        said = sentence.write(answer.question.answer, [row], names, sentence.Shown(answer.labels, speak("en")))
        assert [] == faults(said), said


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
def test_a_timeline_names_the_special_kinds_among_its_events(engine, code):
    answer = ask(engine, "timeline", {"actor": "id/state/xar"})
    template, shown = speak(code).gettext(answer.question.answer), sentence.Shown(answer.labels, speak(code))
    of_none = [row for row in answer.rows if row["kind"]["value"] == terms.term("Event")]
    kinds = {row["kind"]["value"] for row in answer.rows}
    assert of_none and len(kinds) > 1
    sentences = [sentence.write(template, rows, answer.names, shown) for rows in (of_none, answer.rows)]
    assert [1, len(kinds)] == [each.count("(") for each in sentences]  # of the years, and of each special kind how many


def test_titles_are_questions_and_each_topic_has_some():
    assert [] == [one.title for one in QUESTIONS.values() if not one.title.endswith("?")]
    assert set(TOPICS) == {one.topic for one in QUESTIONS.values()}


def test_a_question_is_translated_whole_but_for_its_query():
    question = QUESTIONS["contested"]
    told = questions.translate(question, speak("ru"))
    _ = speak("ru").gettext
    assert (_(question.title), _(question.columns[0].meaning)) == (told.title, told.columns[0].meaning)
    assert question.title != told.title
    assert (question.text, question.name, question.answer) == (told.text, told.name, told.answer)
    assert question.parameters == replace(told, parameters=question.parameters).parameters

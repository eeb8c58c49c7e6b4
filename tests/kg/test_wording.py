"""Texts with what fills them, those of a query's cells among them: English for programs, and any language for people."""

import asyncio

import pytest

from kg.answer import questions
from kg.answer.engine import InProcess
from kg.answer.narrowing import choices, keys_of
from kg.languages import LANGUAGES, speak
from kg.sparql.question import parse_question
from kg.sparql.sentence import Shown
from kg.store import Store
from kg.wording import clean, read_wordings, say
from tests.comparing import QUESTIONS
from tests.kg.answer.test_questions import HEADER, QUERY

WORDINGS = {
    "since": "%(state)s since %(day1)s",
    "count": "%(number1)s of %(number2)s recommendations carried",
    "said": "%(kind)s that names it",
}
FILLED = {  # for programs, and as far as they stand here in English, Russian and Kazakh
    "since\tArland\t2011-06-09": [
        "Arland since 2011-06-09",
        "Arland since 9 June 2011",
        "Arland с 9 июня 2011 г.",
        "Arland — 2011 ж. 9 маусым бастап",
    ],
    "since\tArland\t2011\nsince\tBoria\t2012-03": [
        "Arland since 2011; Boria since 2012-03",
        "Arland since 2011; Boria since March 2012",
        "Arland с 2011; Boria с март 2012 г.",
        "Arland — 2011 бастап; Boria — 2012 ж. наурыз бастап",
    ],
    "count\t12000\t12345": [
        "12000 of 12345 recommendations carried",
        "12,000 of 12,345 recommendations carried",
        "внесено рекомендаций: 12 000 из 12 345",
        "12 345 ұсынымның 12 000 енгізілген",
    ],
    "none recorded": ["none recorded", "none recorded", "в базе данных не найдено", "дерекқорда жоқ"],
    "X 1. None recorded.": ["X 1. None recorded."] * 2,
    "a text\twith a tab": ["a text\twith a tab"] * 4,
    "said\tA name\nof two lines\tand a tab": ["A name\nof two lines\tand a tab that names it"] * 2,
}


def plain(text):
    """Write every blank as one of a keyboard."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("cell", "texts"), FILLED.items())
def test_a_cell_is_english_for_programs_and_spoken_in_each_language(cell, texts):
    text = read_wordings(cell, WORDINGS)
    assert texts == [text, *(plain(speak(code).translate(text)) for code in LANGUAGES)][: len(texts)]


def test_a_value_is_translated_where_the_catalogue_has_it():
    text = read_wordings("said\tReservation", WORDINGS)
    assert "Reservation that names it" == text
    assert speak("ru").gettext("Reservation") + " " in speak("ru").translate(text)


def test_a_percent_sign_in_a_text_without_values_stays():
    assert "100 % %(sure)s" == speak("ru").translate(say("100 % %(sure)s"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_answer_is_narrowed_to_a_wording_by_its_english_text_and_offered_in_the_language(code):
    cells = ["since\tArland\t2011-06-09\nsince\tBoria\t2012", "since\tBoria\t2012", "since\tBoria\t2012"]
    rows = [{"when": {"type": "literal", "value": read_wordings(cell, WORDINGS)}} for cell in cells]
    offered = choices(rows, ["when"], Shown({}, speak(code)).value)["when"]
    assert [("Arland since 2011-06-09", 1), ("Boria since 2012", 3)] == [(one.value, one.rows) for one in offered]
    assert {"en": "Boria since 2012", "ru": "Boria с 2012", "kk": "Boria — 2012 бастап"}[code] == offered[1].name


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("en", "(in force for the State only from 24 April 2000)"),
        ("ru", "(в силе для государства только с 24 апреля 2000 г.)"),
        ("kk", "(мемлекет үшін тек мына күннен күшінде: 2000 ж. 24 сәуір)"),
    ],
)
def test_a_sentence_speaks_the_wordings_of_its_rows(world, code, part):
    question = QUESTIONS["obligation-in-force"]
    values = {"state": "id/state/xar", "provision": "id/provision/lc-7", "day": "2000-04-23"}
    with Store.open(world.store_path) as store:
        answer = asyncio.run(questions.ask(InProcess(store), question, values, world.id, language=speak(code)))
    assert "in force for the State only from 2000-04-24" == answer.rows[0]["reason"]["value"]
    assert part in plain(answer.lead)


def test_a_cell_lists_texts_where_its_query_joins_several_and_nowhere_else():
    query = QUERY.replace("SELECT", 'SELECT (GROUP_CONCAT(?a; separator="; ") AS ?said) ?does')
    question = parse_question("statements", HEADER + query, "statements.rq")
    cell = {"type": "literal", "value": "none recorded; limits it"}
    row = question.fill({"said": cell, "does": cell})
    assert [cell["value"]] * 2 == [row[name]["value"] for name in ("said", "does")]
    assert "в базе данных не найдено; ограничивает его" == speak("ru").translate(row["said"]["value"])
    assert [["none recorded", "limits it"], [cell["value"]]] == [keys_of(row[name]) for name in ("said", "does")]


def test_a_clean_text_is_one_line_without_control_characters():
    assert "a b c" == clean("a\n\tb \u202e\u0000c")

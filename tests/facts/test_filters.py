"""One filter holds for all that an answer shows: rows, sentence, data files, chart and its description, whichever column it is on."""

import asyncio
import csv
import json
import random
import re

import pytest

from kg import terms
from kg.answer import formats, narrowing, pictures, questions
from kg.picture import draw
from kg.sparql import sentence
from kg.sparql.question import ONLY
from kg.wording import Listing
from tests.comparing import QUESTIONS, engine_of, example

FILTERS = 10  # of each question that can be filtered
CHANCE = random.Random(20141104)


def passes(row, column, value):
    """Judge a row by a filter as somebody would who reads the table: a thing by its address, a date by its year, a text among several."""
    if column not in row:
        return False
    text = row[column]["value"]
    texts = [*map(str.strip, text.texts)] if isinstance(text, Listing) else [text.strip().removeprefix(terms.BASE)]
    return value in texts or (len(value) == 4 and value.isdigit() and text.startswith(value))


def by_year(question):
    """List the charts by year of a question."""
    return [drawing for drawing in question.pictures if "year" in drawing.roles]


def counted(drawing, rows):
    """Count what a chart by year counts in all its rows, by the table alone."""
    if "of" not in drawing.roles:
        return len(rows)
    (column,) = drawing.roles["of"]
    return len({thing for row in rows if column in row for thing in row[column]["value"].split("; ") if thing})


def bars_and_rest(drawing, rows, answer):
    """Add up what a chart by year says that it draws, and that it does not for want of a year."""
    alt = draw(drawing.kind, rows, drawing.roles, pictures.frame_of(answer, drawing), answer.language).alt
    numbers = re.findall(r"([\d,]+) in all, from|Without a year, and so not drawn: ([\d,]+)\.", alt)
    return sum(int((drawn or rest).replace(",", "")) for drawn, rest in numbers)


def ask(engine, name, values):
    """Ask a question as a server of a release does."""
    return asyncio.run(questions.ask(engine_of(engine), QUESTIONS[name], values, "20141104-abcdef01"))


@pytest.mark.parametrize("name", [name for name in sorted(QUESTIONS) if by_year(QUESTIONS[name])])
def test_bars_by_year_and_what_has_no_year_are_together_what_the_chart_counts(engine, name):
    answer = ask(engine, name, example(name))
    for drawing in by_year(QUESTIONS[name]):
        assert 0 < counted(drawing, answer.rows) == bars_and_rest(drawing, answer.rows, answer)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_what_an_answer_shows_follows_its_filter(engine, name):
    question, asked = QUESTIONS[name], example(name)
    whole = ask(engine, name, asked | {narrowing.PAGE: "1"})
    rows = ask(engine, name, asked).rows
    offered = [
        (column, choice)
        for column, choices in whole.choices.items()
        if column != narrowing.DOCUMENT
        for choice in choices
    ]
    for column, choice in CHANCE.sample(offered, min(FILTERS, len(offered))):
        answer = ask(engine, name, asked | {ONLY + column: choice.value})
        own = tuple(row for row in rows if passes(row, column, choice.value))
        assert own == answer.rows and choice.rows == len(own)
        assert answer.sentence.endswith(f"({answer.headings[column]}: {choice.name})")
        shown = sentence.Shown(answer.labels, answer.language)
        names = dict.fromkeys((each.name for each in question.parameters), "") | answer.names
        written = sentence.write(question.answer, own, names, shown, is_filtered=True)
        assert answer.lead.endswith(written) and choice.name in answer.lead.removesuffix(written)
        assert len(own) == json.loads(formats.write_answer(answer, "json"))["rowCount"]
        assert len(own) == len([*csv.reader(formats.write_answer(answer, "csv").decode().splitlines(True))]) - 1
        for drawing in question.pictures[:1]:
            frame = pictures.frame_of(answer, drawing)
            assert answer.sentence == frame.title and ONLY in frame.address
        assert all(bars_and_rest(drawing, own, answer) == counted(drawing, own) for drawing in by_year(question))
    for drawing in question.pictures[: len(offered)]:  # of the last one, as its rows alone are drawn
        expected = draw(drawing.kind, own, drawing.roles, frame, answer.language)
        assert expected.alt == pictures.draw_answer(answer, drawing.kind).alt

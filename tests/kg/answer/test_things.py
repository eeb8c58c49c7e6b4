"""The columns of which a question says that they hold things: all that do, so that a program finds their labels in every answer."""

import asyncio

import pytest

from kg.answer import questions
from kg.answer.engine import InProcess
from kg.errors import SourceError
from kg.sparql.question import parse_question
from kg.store import Store
from tests import comparing, frozen

CASES = comparing.cases(frozen.ANSWERS)
HEADER = """#+ title: A question
#+ question: What is there?
#+ about: Nothing.
#+ empty: Nothing.
#+ column: thing | a thing
#+ things: thing
#+ cites: thing
#+ picture: table
#+ topic: happened
#+ answer: Things.
SELECT ?thing { ?thing ?p ?o }
"""


def test_every_column_that_holds_a_thing_in_an_answer_is_named(world):
    known, wrong = frozen.questions(), []
    with Store.open(world.store_path) as store:
        for case in CASES:
            name, told = case.values
            question = known[name]
            answer = asyncio.run(questions.ask(InProcess(store), question, told["parameters"], world.id))
            wrong += [f"{name}: {row} has no place of its own" for row in comparing.tied(question, answer.rows)]
            seen = {column for row in answer.rows for column, term in row.items() if term["type"] == "uri"}
            wrong += [f"{name}: {column}" for column in sorted(seen - {*question.things, *question.cites})]
    assert [] == sorted(set(wrong))


def test_a_question_names_no_column_twice_and_none_that_cites():
    wrong = [
        name
        for name, question in frozen.questions().items()
        if len({*question.things, *question.cites}) < len(question.things) + len(question.cites)
    ]
    assert [] == wrong


def test_things_name_columns():
    assert ("thing",) == parse_question("q", HEADER, "q.rq").things
    with pytest.raises(SourceError, match="things names nothing, which is no column"):
        parse_question("q", HEADER.replace("things: thing", "things: nothing"), "q.rq")

"""The columns of which a question says that they hold things: all that do, so that a program finds their labels in every answer."""

import asyncio

from kg.answer import questions
from kg.answer.engine import InProcess
from kg.store import Store
from tests import comparing, frozen

CASES = comparing.cases(frozen.ANSWERS)


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

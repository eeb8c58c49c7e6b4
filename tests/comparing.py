"""The pinned answers, and how an answer of an engine compares with them.

IRIs are written without the base, an unbound cell as null, and a cell that cites as a list of passages in any order.
"""

import asyncio
import json
from collections import Counter

import pytest

from kg import terms
from kg.answer import questions
from kg.answer.engine import InProcess
from kg.config import PROJECT
from kg.sparql.question import load_questions
from kg.store import Query, Store

QUESTIONS = load_questions(PROJECT / "queries/questions")


def cases(folder):
    """List the cases of a folder of pinned answers, as parameters of a test: the question and the case."""
    return [
        pytest.param(path.stem, case, id=f"{path.stem}-{number}")
        for path in sorted(folder.glob("*.json"))
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8")), 1)
    ]


FILES = {path.stem: path for path in sorted((PROJECT / "tests/answers").glob("*.json"))}
CASES = cases(PROJECT / "tests/answers")


def ask(engine, name, parameters):
    """Ask a question of a store or of an engine."""
    return asyncio.run(questions.ask(engine_of(engine), QUESTIONS[name], parameters, "test"))


def engine_of(engine):
    """Return an engine as it is, and a store as one."""
    return InProcess(engine) if isinstance(engine, Store) else engine


def cell(row, column, cites):
    """Write a cell as the files do: IRIs without the base, the passages of a citing column in order."""
    if column in cites:
        return sorted(iri.removeprefix(terms.BASE) for iri in passages(row, column))
    return row[column]["value"].removeprefix(terms.BASE) if column in row else None


def passages(row, column):
    """List the passages that a cell cites; an engine may leave a cell without any unbound or empty."""
    return row[column]["value"].split() if column in row else []


def table(rows, question):
    """Write every column of an answer's rows as the files do."""
    return [[cell(row, column, question.cites) for column, _ in question.columns] for row in rows]


def differ(expected, answered):
    """Say which rows are on one side only, one a line; empty when both hold the same rows as often."""
    sides = [Counter(json.dumps(row, ensure_ascii=False) for row in rows) for rows in (expected, answered)]
    lines = [f"missing  {row}" for row in sorted((sides[0] - sides[1]).elements())]
    lines += [f"surplus  {row}" for row in sorted((sides[1] - sides[0]).elements())]
    return "\n".join(lines)


def example(name):
    """Give each parameter of a question the value of its example."""
    return {parameter.name: parameter.example for parameter in QUESTIONS[name].parameters}


def compare(engine, name, case):
    """Ask what a case asks and say how the answer differs from the pinned one; empty when it does not."""
    question, columns = QUESTIONS[name], case["columns"]
    expected = [[sorted(value) if isinstance(value, list) else value for value in row] for row in case["rows"]]
    query = Query(question.text, bindings=question.bind(case["parameters"]))
    answer = asyncio.run(engine_of(engine).answer(query))
    answered = [
        [cell(row, column, question.cites) for column in columns]
        for row in json.loads(answer.body)["results"]["bindings"]
        if all(cell(row, column, ()) == value for column, value in case.get("where", {}).items())
    ]
    return differ(expected, answered)

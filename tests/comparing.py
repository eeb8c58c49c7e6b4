"""The pinned answers, and how an answer of an engine compares with them.

A file of answers is a list of cases. Each says what is asked (`parameters`), which `columns` are compared and, where an answer is
large, which part of it (`where`); its `rows` are complete for that part, and `derivation` tells how a person worked them out.
`lead` are parts of the sentence that answers, where a case
pins them. IRIs are written without the base, an unbound cell as null, and a cell that cites as a list of passages in any order. A cell of
JOINED columns holds texts divided by semicolons in any order, which the files write in that of the alphabet.
"""

import asyncio
import json
import re
from collections import Counter

import pytest

from kg import terms
from kg.answer import questions
from kg.answer.engine import InProcess, ask_rows
from kg.config import PROJECT
from kg.sparql.question import load_questions
from kg.store import Store

QUESTIONS = load_questions(PROJECT / "queries/questions")


def cases(folder):
    """List the cases of a folder of pinned answers, as parameters of a test: the question and the case."""
    return [
        pytest.param(path.stem, case, id=f"{path.stem}-{number}")
        for path in sorted(folder.glob("*.json"))
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8")), 1)
    ]


FACTS = PROJECT / "tests/facts/answers"
CASES = cases(FACTS)
# What the shipped data held when their answers were pinned. A row that names anything else is a newer fact and is not compared.
KNOWN = frozenset((PROJECT / "tests/facts/known.txt").read_text(encoding="utf-8").split())
# Made by GROUP_CONCAT, which keeps no order.
JOINED = (
    *("told", "readWith", "parts", "circumstance", "further", "answers", "symbols"),
    *("provisions", "objections", "among", "decisions", "rights", "grounds", "complaints", "bound"),
)
UNCOUNTED = ("passage", "participation", "obligation", "engagement")  # kinds that say nothing new by themselves


class Remembering(InProcess):
    """A store as an engine that is asked each query once: several tests judge the same answer."""

    def __init__(self, store):
        super().__init__(store)
        self._answers = {}

    async def answer(self, query):
        """Give the answer of the first time."""
        key = repr(query)
        if key not in self._answers:
            self._answers[key] = await super().answer(query)
        return self._answers[key]


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
    if column in JOINED and column in row:
        return in_order(row[column]["value"]) or None  # an engine may leave a cell without any text unbound or empty
    return row[column]["value"].removeprefix(terms.BASE) if column in row else None


def in_order(text):
    """Put the texts that a cell joins in the order of the alphabet."""
    return "; ".join(sorted(text.split("; ")))


def pinned(value):
    """Write a pinned value as an answer does: passages in order, a number or a truth as its text."""
    if isinstance(value, list):
        return sorted(value)
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def passages(row, column):
    """List the passages that a cell cites; an engine may leave a cell without any unbound or empty."""
    return row[column]["value"].split() if column in row else []


def table(rows, question):
    """Write every column of an answer's rows as the files do."""
    return [[cell(row, column, question.cites) for column, _, _ in question.columns] for row in rows]


def differ(expected, answered):
    """Say which rows are on one side only, one a line; empty when both hold the same rows as often."""
    sides = [Counter(json.dumps(row, ensure_ascii=False) for row in rows) for rows in (expected, answered)]
    lines = [f"missing  {row}" for row in sorted((sides[0] - sides[1]).elements())]
    lines += [f"surplus  {row}" for row in sorted((sides[1] - sides[0]).elements())]
    return "\n".join(lines)


def example(name):
    """Give each parameter of a question the value of its example."""
    return {parameter.name: parameter.example for parameter in QUESTIONS[name].parameters}


def compare(engine, name, case, known=KNOWN):
    """Ask what a case asks and say how the answer differs from the pinned one; empty when it does not.

    Rows that name a thing outside `known` and outside the case are left aside; with None no row is.
    """
    question, columns = QUESTIONS[name], case["columns"]
    expected = [[pinned(value) for value in row] for row in case["rows"]]
    rows = asyncio.run(ask_rows(engine_of(engine), question.text, question.bind(case["parameters"])))
    told = None if known is None else known | named_in(case)
    answered = [
        [cell(row, column, question.cites) for column in columns]
        for row in map(question.fill, rows)
        if all(cell(row, column, ()) == pinned(value) for column, value in case.get("where", {}).items())
        and (told is None or named(row) <= told)
    ]
    return differ(expected, answered)


def tied(question, rows):
    """List the rows that the columns in ORDER BY do not tell from one before: their order is that of chance."""
    ordered = re.findall(r"\?(\w+)", question.text[question.text.rindex("ORDER BY") :])
    columns = [name for name, _, _ in question.columns if name in ordered]
    keys = [tuple(row.get(column, {}).get("value") for column in columns) for row in rows]
    return [row for number, row in enumerate(rows) if keys[number] in keys[:number]]


def named(row):
    """List the things that a row names, without those of the kinds that say nothing new."""
    iris = {term["value"].removeprefix(terms.BASE) for term in row.values() if term["type"] == "uri"}
    return {iri for iri in iris if iri.startswith("id/") and iri.split("/")[1] not in UNCOUNTED}


def named_in(case):
    """List the things that a case itself names."""
    cells = [
        *case["parameters"].values(),
        *case.get("where", {}).values(),
        *(one for row in case["rows"] for one in row),
    ]
    return {one for one in cells if isinstance(one, str)}


def incomplete(name, case):
    """List what a case lacks or has too much."""
    question = QUESTIONS[name]
    columns = {column.name for column in question.columns}
    wrong = [f"the keys {sorted(case)}"] * (
        {"parameters", "columns", "rows", "derivation"} != set(case) - {"where", "lead"}
    )
    needed = {one.name for one in question.parameters if not one.optional}
    given, known = set(case["parameters"]), {one.name for one in question.parameters}
    wrong += ["the parameters"] * (not needed <= given <= known)
    wrong += [f"the column {column}" for column in {*case["columns"], *case.get("where", {})} - columns]
    wrong += [f"the length of {row}" for row in case["rows"] if len(row) != len(case["columns"])]
    return wrong + ["a derivation in words"] * (not case["derivation"].endswith("."))


def uncited(answer):
    """List what in an answer cites no passage, or one that does not say where in which document it stands."""
    cites = answer.question.cites
    wrong = [f"{row} names no passage in {cites[0]}" for row in answer.rows if not passages(row, cites[0])]
    cited = {iri for row in answer.rows for column in cites for iri in passages(row, column)}
    wrong += [f"{iri} is not among the citations, or only there" for iri in cited ^ set(answer.citations)]
    return wrong + [
        f"{one.passage} is vague"
        for one in answer.citations.values()
        if not (one.label and one.document_label and (one.section or one.paragraph))
    ]

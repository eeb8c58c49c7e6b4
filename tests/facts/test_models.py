"""Twenty questions of journalists, lawyers and researchers, asked by the protocol's own client as a language model would.

The words lead to a named question, its parameters have the names that people use, and what comes back holds the rows that are
pinned in answers/ by people who read the sources. Each answer is small.
"""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from kg.mcp.answers import CUT, MOST_BYTES, write
from tests import comparing
from tests.api.serving import serve
from tests.conversing import DEADLINE, over_stdio

MOST_PAGES = 12
AMONG = 5  # the questions that a model reads before it chooses
# What somebody wants to know, the question that answers it, and its parameters by usual names.
WANTED = [
    ("Who was tried for what happened in Kazakhstan?", "proceedings", {"state": "Kazakhstan"}),
    ("Where did events happen in Kazakhstan?", "where", {"state": "KAZ"}),
    ("What happened in Zhanaozen?", "place-events", {"place": "Zhanaozen"}),
    ("What has the government of Kazakhstan admitted?", "admissions", {"state": "Казахстан"}),
    ("Which recommendations did Kazakhstan reject?", "recommendations-rejected", {"state": "Қазақстан"}),
    ("What does Kazakhstan deny?", "contested", {"state": "kazakstan"}),
    (
        "What remedies did treaty bodies ask of Kazakhstan?",
        "decisions-and-remedies",
        {"state": "Republic of Kazakhstan"},
    ),
    ("Which treaties bound Kazakhstan on 9 June 2011?", "treaties-in-force", {"state": "KAZ", "day": "2011-06-09"}),
    (
        "Was a State bound by an article on a day?",
        "obligation-in-force",
        {"state": "United States", "provision": "article 20 of the ICCPR", "day": "2015-03-15"},
    ),
    ("Who was party to the Torture Convention?", "parties", {"treaty": "the Torture Convention", "day": "1987-06-26"}),
    ("Which States are not party to the treaty?", "states-not-party", {"treaty": "UNCAT", "day": "2015-03-14"}),
    ("Which States left the treaty?", "states-that-left", {"treaty": "First Optional Protocol"}),
    ("What did CAT find against Russia?", "findings-against-state", {"state": "Russia", "body": "CAT"}),
    ("Findings against Morocco", "findings-against-state", {"state": "MAR", "treaty": "Torture Convention"}),
    ("Decisions on article 6 of ICERD", "decisions-on-article", {"provision": "ICERD article 6"}),
    ("Which reservations did Afghanistan make?", "reservations", {"state": "Afghanistan", "treaty": "CAT"}),
    ("Which interim measures were asked of Kazakhstan?", "interim-measures", {"state": "KAZ"}),
    ("Which recommendations are repeated?", "recommendations-repeated", {"state": "Kazakhstan"}),
    ("Which obligations has no body examined?", "unexamined-obligations", {"state": "UZB"}),
    ("What acts concerned a right in a year?", "acts-by-right", {"right": "non-refoulement", "year": 2011}),
]


@asynccontextmanager
async def over_http(release):
    from mcp.client import Client

    with serve(release.path.parent, deadline=DEADLINE, page_deadline=DEADLINE) as server:
        async with Client(f"{server.url}/mcp") as client:
            yield client


async def ask(client, tool, **values):
    """Call a tool, whose answer has to be small; what it answered."""
    answer = await client.call_tool(tool, values)
    assert not answer.is_error, answer.content[0].text
    assert len(write(answer.structured_content)) <= MOST_BYTES
    assert json.loads(answer.content[0].text) == answer.structured_content
    return answer.structured_content


async def read(client, words, name, parameters):
    """Ask what somebody wants to know; the questions that were proposed, the parameters as understood, and the rows."""
    proposed = await ask(client, "list_questions", words=words)
    page, rows = 1, []
    while page and page <= MOST_PAGES:
        answer = await ask(client, "ask_question", name=name, parameters=parameters, page=page)
        assert answer["answer"] and answer["address"] and answer["citations"]
        rows += answer["rows"]
        page = answer.get("next_page")
    assert page or len(rows) == answer["total"]
    return [each["name"] for each in proposed["questions"][:AMONG]], answer["parameters"], rows


@pytest.fixture(scope="module", params=[over_stdio, over_http], ids=["stdio", "http"])
def told(request, shipped):
    """Ask all of them of one server; what came back, by the words."""

    async def talk():
        async with request.param(shipped) as client:
            return {words: await read(client, words, name, parameters) for words, name, parameters in WANTED}

    return asyncio.run(asyncio.wait_for(talk(), 120))


def pinned(name, parameters):
    """List the rows that are pinned for a question with these parameters, each by column; passages are compared elsewhere."""
    cases = [case for each, case in (param.values for param in comparing.CASES) if each == name]
    whole = [case for case in cases if case["parameters"] == parameters and "where" not in case]
    cites = comparing.QUESTIONS[name].cites
    rows = [dict(zip(case["columns"], row, strict=True)) for case in whole for row in case["rows"]]
    return [{column: value for column, value in row.items() if column not in cites} for row in rows]


def is_same(column, value, cell):
    """Whether a cell is the pinned value, or as much of it as is shown."""
    text = cell["id"] if isinstance(cell, dict) else cell
    value, text = comparing.pinned(value), comparing.in_order(text) if column in comparing.JOINED and text else text
    return text == value or bool(text and text.endswith(CUT) and value.startswith(text.removesuffix(CUT)))


@pytest.mark.parametrize(("words", "name"), [(words, name) for words, name, _ in WANTED])
def test_what_somebody_wants_to_know_is_answered_as_pinned(told, words, name):
    proposed, parameters, rows = told[words]
    assert name in proposed
    wanted = pinned(name, parameters)
    assert wanted, parameters
    missing = [
        row for row in wanted if not any(all(is_same(key, row[key], got.get(key)) for key in row) for got in rows)
    ]
    assert [] == missing

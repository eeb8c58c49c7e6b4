"""The front page: what this is, what one can ask, and what is recorded most of."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import lists, negotiate
from api.negotiate import HTML
from api.page import Page, Reader
from api.responses import About, opened_of, reader_of, serve
from kg import terms
from kg.answer import questions
from kg.sparql.question import Question

# One question for each thing that people want to know; one that a release does not have is left out.
ASKED = (
    "rival-figures",
    "obligation-in-force",
    "findings-against-state",
    "recommendations",
    "promises",
    "known-of-state",
)
ANSWERED = "findings-against-state"  # the one of which the page shows an answer
ROWS = 4  # of that answer
EVENTS, COUNTRIES = 4, 8
COUNTED = ("killed", "wounded", "detained", "arrested", "extradited", "returned")  # figures of an event that are shown, in this order


async def home(request: Request) -> Response:
    """Answer /."""
    negotiate.choose(request.headers.get("accept"), (HTML,))
    reader = reader_of(request)
    about = About("Answerable", terms.BASE)

    async def make() -> bytes:
        return await _page(reader, about)

    return await serve(request, HTML, make, about=about)


async def _page(reader: Reader, about: About) -> bytes:
    sizes = {one.name: len(await lists.entries_of(reader, one)) for one in lists.LISTS if one.name != "articles"}
    events = await _most(reader, "events", "statements", EVENTS)
    countries = await _most(reader, "countries", "breaches", COUNTRIES)
    figures = [row for row in await reader.ask("counted") if row["event"] in {one["thing"] for one in events}]
    answer = await _example(reader)
    shown = {term["value"] for row in (answer.rows if answer else ()) for term in row.values() if term["type"] == "uri"}
    places = {place for row in events for place in row["place"]}
    known = reader.opened.questions
    return await reader.fill(
        "home.html",
        events,
        countries,
        figures,
        also=[*shown, *places],
        about=about,
        sizes=sizes,
        events=events,
        countries=countries,
        figures=figures,
        counted=[terms.SCHEME + f"counted/{name}" for name in COUNTED],
        questions=[known[name] for name in ASKED if name in known],
        answer=answer,
        most=ROWS,
    )


async def _most(reader: Reader, name: str, column: str, number: int) -> list[Any]:
    """Pick the things of a list that have most in a column."""
    found = [entry.row for entry in await lists.entries_of(reader, lists.named(name)) if entry.row.get(column)]
    return sorted(found, key=lambda row: -len(row[column]))[:number]


async def _example(reader: Reader) -> questions.Answer | None:
    question = reader.opened.questions.get(ANSWERED)
    if question is None:
        return None
    return await reader.opened.once.find(("example", question.name, reader.visit.language.code), lambda: _ask(reader, question))


async def _ask(reader: Reader, question: Question) -> questions.Answer | None:
    opened = reader.opened
    values = {one.name: one.example for one in question.parameters if not one.optional}
    return await questions.ask(opened.asked, question, values, opened.id, opened.known, reader.visit.language)


def example_path(question: Question) -> str:
    """Write the address of a question with its example."""
    told = Page.example(question)
    return f"/questions/{question.name}" + (f"?{told}" if told else "")

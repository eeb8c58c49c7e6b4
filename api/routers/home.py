"""The front page: what this is, what one can ask, and what is recorded most of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.negotiate import HTML
from api.http.responses import About, reader_of, serve
from api.openapi import answers
from api.render import rows
from api.render.page import Reader
from api.routers import lists
from kg import terms
from kg.answer import questions
from kg.sparql.question import Question

router = APIRouter(tags=["Pages"])

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
EVENTS = 3
COUNTED = (
    "killed",
    "wounded",
    "detained",
    "arrested",
    "extradited",
    "returned",
)  # figures of an event that are shown, in this order

OPEN = ("at-least", "more-than")  # precisions of numbers that are a lower bound


class Example(NamedTuple):
    """A question with the sentence that answers it: the question in words, that sentence, and how many rows the answer has."""

    question: Question
    sentence: str
    lead: str
    rows: int


class Given(NamedTuple):
    """The figures of one kind about one event: how many, by how many speakers, the lowest and the highest number."""

    counts: str
    figures: int
    speakers: int
    least: str
    most: str
    is_open: bool  # the highest is a lower bound


@router.get("/", **answers(HTML))
async def home(request: Request) -> Response:
    """What this is, what one can ask, and what is recorded most of."""
    negotiate.choose(request.headers.get("accept"), (HTML,))
    reader = reader_of(request)
    about = About("Answerable", terms.BASE, (("application/atom+xml", "/changes.atom"),))

    async def make() -> bytes:
        return await _page(reader, about)

    return await serve(request, HTML, make, about=about)


async def _page(reader: Reader, about: About) -> bytes:
    listed = [entry.row for entry in await lists.entries_of(reader, lists.LISTS["events"])]
    events = sorted(listed, key=lambda row: -len(row["statements"]))[:EVENTS]
    countries = await reader.ask("breached-most")
    figures = [row for row in await reader.ask("counted") if row["event"] in {one["thing"] for one in events}]
    example = await _example(reader)
    places = {place for row in events for place in row["place"]}
    known = reader.opened.questions
    return await reader.fill(
        "home.html",
        events,
        countries,
        figures,
        also=places,
        about=about,
        sizes=await lists.sizes(reader),
        events=events,
        countries=countries,
        given={row["thing"]: given(one for one in figures if one["event"] == row["thing"]) for row in events},
        questions=[known[name] for name in ASKED if name in known],
        example=example,
    )


async def _example(reader: Reader) -> Example | None:
    question = reader.opened.questions.get(ANSWERED)
    if question is None:
        return None
    key = ("example", question.name, reader.visit.language.code)
    return await reader.opened.once.find(key, partial(_ask, reader, question))


async def _ask(reader: Reader, question: Question) -> Example:
    opened = reader.opened
    values = {one.name: one.example for one in question.parameters if not one.optional}
    answer = await questions.ask(opened.asked, question, values, opened.id, opened.known, reader.visit.language)
    return Example(question, answer.sentence, answer.lead, answer.found)


def given(figures: Iterable[rows.Row]) -> list[Given]:
    """Sum up the figures of an event by what they count; none is added to another."""
    made = []
    for name, some in rows.by(figures, "counts").items():
        least, most = min(some, key=lambda row: float(row["least"])), max(some, key=lambda row: float(row["most"]))
        is_open = (most["precision"] or "").rpartition("/")[2] in OPEN
        numbers = {row["figure"] for row in some}, {row["speaker"] for row in some}
        made.append(Given(name, *map(len, numbers), least["least"], most["most"], is_open))
    order = {terms.SCHEME + f"counted/{name}": place for place, name in enumerate(COUNTED)}
    return sorted((one for one in made if one.counts in order), key=lambda one: order[one.counts])

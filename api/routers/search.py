"""The search: /search?q= for people and programs, and /suggest?q= for what somebody is still typing.

The index is part of the release. A release that was made before there was one is told to be without it, and nothing is found in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.language import language_of
from api.http.negotiate import HTML, JSON
from api.http.responses import About, reader_of, serve, write_json
from api.openapi import answers
from api.render.page import Page, Reader, query_string
from kg import terms
from kg.errors import BadParameter
from kg.languages import N_, Language
from kg.search.finding import LONGEST, MOST_SUGGESTED, PAGE, Results, Search, Suggestion
from kg.search.showing import Found
from kg.sparql.question import Question
from kg.wording import say

router = APIRouter(tags=["Search"])

MOST_PAGES = 500
MOST_ASKED = 2  # questions among the suggestions
# What the kinds of things are called; that of questions stands among suggestions alone.
QUESTIONS = "questions"
KINDS = {
    "events": N_("Events"),
    "countries": N_("Countries"),
    "treaties": N_("Treaties"),
    "articles": N_("Articles"),
    "recommendations": N_("Recommendations"),
    "decisions": N_("Decisions"),
    "complaints": N_("Complaints"),
    "laws": N_("Laws"),
    "actors": N_("People and organs"),
    "places": N_("Places"),
    "acts": N_("Acts"),
    "documents": N_("Documents"),
    "concepts": N_("Words of the vocabulary"),
    "statements": N_("Statements, figures and findings"),
    "participations": N_("Participations and reservations"),
    "bases": N_("Engagement bases"),
    "passages": N_("Passages"),
    QUESTIONS: N_("Questions"),
}


class Wanted(NamedTuple):
    """What is looked for: the words, the kind of things where only one is wanted, and which page of them."""

    text: str
    kind: str = ""
    page: int = 1


class Ask(NamedTuple):
    """A question that is suggested, ready to be shown: its title, itself in words, and its address."""

    title: str
    text: str
    href: str


@router.get("/search", **answers(HTML, JSON))
async def search(
    request: Request,
    q: Annotated[str | None, Query(description="What to look for.", examples=["zhanaozen"])] = None,
    type_: Annotated[
        str | None,
        Query(
            alias="type",
            description="A kind: the class of an act, a law, an actor or a publisher, by its name in the vocabulary.",
            examples=["Torture"],
        ),
    ] = None,
    page: Annotated[
        str | None,
        Query(description="Which page of the list is shown, counted from 1; CSV and JSON have all.", examples=[1]),
    ] = None,
) -> Response:
    """Things by name, article, symbol or text, and the questions that fit: q=."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    wanted, reader = _read(request), reader_of(request)
    about = _about(wanted, reader.visit.language if offer is HTML else language_of(request))

    async def make() -> bytes:
        index = await open_index(reader)
        if offer is HTML:
            return await _fill(reader, index, wanted, about)
        found = await _find(index, wanted, language_of(request)) if index else Results()
        return write_json(_write(await reader.page(), found, wanted, language_of(request), has_index=index is not None))

    return await serve(request, offer, make, about=about)


@router.get("/suggest", **answers(JSON))
async def suggest(
    request: Request, q: Annotated[str | None, Query(description="What to look for.", examples=["zhanaozen"])] = None
) -> Response:
    """The likeliest things for what is typed: q=."""
    offer = negotiate.pick(request.headers.get("accept"), (JSON,), override=request.query_params.get("format"))
    wanted, language, reader = _read(request), language_of(request), reader_of(request)

    async def make() -> bytes:
        index, page = await open_index(reader), await reader.page()
        found = Results()
        if index and wanted.text:
            found = await asyncio.to_thread(index.suggest, wanted.text, language=language.code)
        told = [_suggested(page, one, language) for one in found.best]
        if found.is_question:
            asked = _ask(page, found, language)[:MOST_ASKED]
            title = language.gettext(KINDS[QUESTIONS])
            shared = {"kind": QUESTIONS, "title": title, "language": language.code}
            told = [{"label": one.text, **shared, "href": one.href} for one in asked] + told
        return write_json({"q": wanted.text, "suggestions": told[:MOST_SUGGESTED]})

    return await serve(request, offer, make)


def _read(request: Request) -> Wanted:
    """Read what is wanted from the address. Raises BadParameter for a page that can be none."""
    given = request.query_params
    number = given.get("page", "") or "1"
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= MOST_PAGES):
        raise BadParameter(
            say("%(number)s is no page", number=f"{number[:20]!r}"),
            where="page",
            hint=say("Give a number from 1 to %(most_pages)s", most_pages=MOST_PAGES),
        )
    return Wanted(" ".join(given.get("q", "").split())[:LONGEST], given.get("type", "")[:40], int(number))


def _about(wanted: Wanted, language: Language) -> About:
    """Tell what the page says of itself: by what was asked it is cited."""
    title = language.gettext("Search: %s") % wanted.text if wanted.text else language.gettext("Search")
    page = wanted.page if wanted.page > 1 else None
    told = query_string({"q": wanted.text, "type": wanted.kind, "page": page}) if wanted.text else ""
    return About(title, terms.BASE + "search" + (told and f"?{told}"))


async def open_index(reader: Reader) -> Search | None:
    """Open the index of a release, once; None where the release has none."""

    async def read() -> Search | None:
        return await asyncio.to_thread(Search.open, reader.opened.release.path)

    return await reader.opened.once.find("search", read)


async def _find(index: Search, wanted: Wanted, language: Language) -> Results:
    options = {"kind": wanted.kind, "page": wanted.page, "language": language.code}
    return await asyncio.to_thread(index.find, wanted.text, **options)


async def _fill(reader: Reader, index: Search | None, wanted: Wanted, about: About) -> bytes:
    language, page = reader.visit.language, await reader.page()
    found = await _find(index, wanted, language) if index else Results()
    counted = next((group.count for group in found.groups if group.kind == wanted.kind), 0)
    return await reader.fill(
        "search.html",
        about=about,
        titles={kind: language.gettext(title) for kind, title in KINDS.items()},
        wanted=wanted,
        found=found,
        asked=_ask(page, found, language),
        has_index=index is not None,
        examples=await asyncio.to_thread(index.weightiest, language.code) if index and not wanted.text else {},
        pages=-(-counted // PAGE),
        counted=counted,
    )


def _ask(page: Page, found: Results, language: Language) -> list[Ask]:
    """Write the questions that were suggested, with names in the places of their parameters."""
    known = page.opened.questions
    asked = []
    for one in found.questions:
        if one.question in known:
            question, path = known[one.question], f"/questions/{one.question}"
            asked.append(
                Ask(language.gettext(question.title), _put(question, one, language), page.at(path, **_short(one)))
            )
    return asked


def _put(question: Question, one: Suggestion, language: Language) -> str:
    """Write a question in words; a parameter that has no value is called by its label."""
    labels = {each.name: language.gettext(each.label) for each in question.parameters if not each.optional}
    text = replace(question, question=language.gettext(question.question)).put({**labels, **one.names})
    return text.replace("the the ", "the ")  # a label brings its own article


def _short(one: Suggestion) -> Mapping[str, str]:
    return {name: Page.short_iri(value) for name, value in one.values.items()}


def _write(page: Page, found: Results, wanted: Wanted, language: Language, *, has_index: bool) -> dict[str, Any]:
    """Write results for programs."""
    asked = zip(found.questions, _ask(page, found, language), strict=False)
    told: dict[str, Any] = {
        "q": wanted.text,
        "type": wanted.kind or None,
        "page": wanted.page,
        "kinds": {group.kind: group.count for group in found.groups},
        "results": [_describe(page, one) for one in found.best],
        "questions": [
            {"name": one.question, "title": ask.title, "text": ask.text, "parameters": _short(one), "href": ask.href}
            for one, ask in asked
        ],
        "spelt": found.spelt or None,
        "partial": found.is_partial,
        "questionFirst": found.is_question,
        "release": page.release,
    }
    return told if has_index else {**told, "note": "This release was made before there was an index for the search"}


def _describe(page: Page, one: Found) -> dict[str, Any]:
    told = {"id": one.iri, "kind": one.kind, "label": one.name, "language": one.language, "also": one.also}
    told |= {
        "passage": _passage(one),
        "text": one.text,
        "date": one.date,
        "until": one.until,
        "href": page.path(one.iri),
    }
    return {name: value for name, value in told.items() if value}


def _suggested(page: Page, one: Found, language: Language) -> dict[str, Any]:
    title = language.gettext(KINDS.get(one.kind, one.kind))
    return {"label": one.name, "kind": one.kind, "title": title, "language": one.language, "href": page.path(one.iri)}


def _passage(one: Found) -> dict[str, Any] | None:
    """Write the stretch of a text that has what was asked; `marks` are the places of the words, in characters from 0."""
    found = one.passage
    return found and {"text": found.text, "language": found.language, "marks": found.marks}

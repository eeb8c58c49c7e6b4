"""The search: /search?q= for people and programs, and /suggest?q= for what somebody is still typing.

The index is part of the release. A release that was made before there was one is told to be without it, and nothing is found in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render.page import Page, Reader, query_string
from kg import terms
from kg.languages import Language
from kg.search.finding import LONGEST, MOST_SUGGESTED, PAGE, Results, Search, Suggestion
from kg.search.showing import Found
from kg.sparql.question import Question

router = APIRouter(tags=["Search"])

MOST_PAGES = 500
MOST_QUESTIONS = 2  # among the suggestions
QUESTIONS = "questions"  # the kind of those
LONGEST_KIND = 40

Text = Annotated[str, Query(alias="q", description="What to look for.", examples=["zhanaozen"])]
Kind = Annotated[
    str,
    Query(
        alias="type",
        description="A kind: the class of an act, a law, an actor or a publisher, by its name in the vocabulary.",
        examples=["Torture"],
    ),
]
Number = Annotated[
    int,
    Query(
        alias="page",
        ge=1,
        le=MOST_PAGES,
        description="Which page of the list is shown, counted from 1; CSV and JSON have all.",
        examples=[1],
    ),
]


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


async def _about(exchange: Exchange) -> About:
    """Work out what the page says of itself: it is cited by what it looks for."""
    _, values = exchange.language.gettext, exchange.values
    text, page = _clean(values.get("q", "")), values.get("page", "1")
    if not text:
        return About(_("Search"), terms.BASE + "search")
    query = query_string(
        {"q": text, "type": values.get("type", "")[:LONGEST_KIND], "page": page if page != "1" else ""}
    )
    return About(_("Search: %s") % text, f"{terms.BASE}search?{query}")


both, suggestions = Offers(HTML, JSON, about=_about, model=models.SearchResults), Offers(JSON, model=models.Suggestions)


@router.get("/search", **both.documented)
async def search(
    exchange: Annotated[Exchange, Depends(both)], text: Text = "", kind: Kind = "", number: Number = 1
) -> Response:
    """Things by name, article, symbol or text, and the questions that fit: q=."""
    wanted = Wanted(_clean(text), kind[:LONGEST_KIND], number)

    async def write() -> bytes:
        index, code = await open_index(exchange.reader), exchange.language.code
        found, page = Results(), await exchange.reader.page()
        if index:
            find = partial(index.find, wanted.text, kind=wanted.kind, page=wanted.page, language=code)
            found = await asyncio.to_thread(find)
        asked = _ask(page, found)
        if exchange.offer is JSON:
            return write_json(_write(page, found, asked, wanted, has_index=index is not None))
        counted = next((group.count for group in found.groups if group.kind == wanted.kind), 0)
        return await exchange.fill(
            "search.html",
            titles=await _titles(exchange),
            wanted=wanted,
            found=found,
            asked=asked,
            has_index=index is not None,
            examples=await asyncio.to_thread(index.weightiest, code) if index and not wanted.text else {},
            pages=-(-counted // PAGE),
        )

    return await exchange.serve(write)


@router.get("/suggest", **suggestions.documented)
async def suggest(exchange: Annotated[Exchange, Depends(suggestions)], text: Text = "") -> Response:
    """The likeliest things for what is typed: q=."""
    text, code = _clean(text), exchange.language.code

    async def write() -> bytes:
        index, page, titles = await open_index(exchange.reader), await exchange.reader.page(), await _titles(exchange)
        found = await asyncio.to_thread(index.suggest, text, language=code) if index and text else Results()
        rows = [
            {
                "label": one.name,
                "kind": one.kind,
                "title": titles.get(one.kind, one.kind),
                "language": one.language,
                "href": page.path(one.iri),
            }
            for one in found.best
        ]
        if found.is_question:
            shared = {"kind": QUESTIONS, "title": titles[QUESTIONS], "language": code}
            rows[:0] = [{"label": one.text, **shared, "href": one.href} for one in _ask(page, found)[:MOST_QUESTIONS]]
        return write_json({"q": text, "suggestions": rows[:MOST_SUGGESTED]})

    return await exchange.serve(write)


def _clean(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


async def _titles(exchange: Exchange) -> dict[str, str]:
    """Name the kinds of things in the language of the request."""
    titles = {row["kind"]: row["title"] for row in await exchange.reader.ask("kinds")}
    return {kind: exchange.language.gettext(title) for kind, title in titles.items()}


async def open_index(reader: Reader) -> Search | None:
    """Open the index of a release, once; None where the release has none."""
    return await reader.opened.once.find("search", partial(asyncio.to_thread, Search.open, reader.opened.release.path))


def _ask(page: Page, found: Results) -> list[Ask]:
    """Write the questions that were suggested, with names in the places of their parameters."""
    known, language = page.opened.questions, page.language
    return [
        Ask(
            language.gettext(known[one.question].title),
            _put(known[one.question], one, language),
            page.at(f"/questions/{one.question}", **_short(one)),
        )
        for one in found.questions
        if one.question in known
    ]


def _put(question: Question, one: Suggestion, language: Language) -> str:
    """Write a question in words; a parameter that has no value is called by its label."""
    labels = {each.name: language.gettext(each.label) for each in question.parameters if not each.optional}
    text = replace(question, question=language.gettext(question.question)).put({**labels, **one.names})
    return text.replace("the the ", "the ")  # a label brings its own article


def _short(one: Suggestion) -> Mapping[str, str]:
    return {name: Page.short_iri(value) for name, value in one.values.items()}


def _write(page: Page, found: Results, asked: list[Ask], wanted: Wanted, *, has_index: bool) -> dict[str, Any]:
    """Write results for programs."""
    body: dict[str, Any] = {
        "q": wanted.text,
        "type": wanted.kind or None,
        "page": wanted.page,
        "kinds": {group.kind: group.count for group in found.groups},
        "results": [_describe(page, one) for one in found.best],
        "questions": [
            {"name": one.question, "title": ask.title, "text": ask.text, "parameters": _short(one), "href": ask.href}
            for one, ask in zip(found.questions, asked, strict=False)
        ],
        "spelt": found.spelt or None,
        "partial": found.is_partial,
        "questionFirst": found.is_question,
        "release": page.release,
    }
    return body if has_index else {**body, "note": "This release was made before there was an index for the search"}


def _describe(page: Page, one: Found) -> dict[str, Any]:
    """Write a thing; `marks` are the places of the words in the stretch of a text that has them, in characters from 0."""
    row = {
        "id": one.iri,
        "kind": one.kind,
        "label": one.name,
        "language": one.language,
        "also": one.also,
        "passage": one.passage
        and {"text": one.passage.text, "language": one.passage.language, "marks": one.passage.marks},
        "text": one.text,
        "date": one.date,
        "until": one.until,
        "href": page.path(one.iri),
    }
    return {name: value for name, value in row.items() if value}

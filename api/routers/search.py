"""The search: /search?q= for people and programs, and /suggest?q= for what somebody is still typing.

The index is part of the release. A release that was made before there was one is told to be without it, and nothing is found in it.
"""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from api import models
from api.dependencies import About, Exchange, Offers, cached
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render.page import Page, Reader, query_string
from kg import terms
from kg.answer import questions
from kg.search.finding import LONGEST, PAGE, Results, Search
from kg.search.showing import Found

router = APIRouter(tags=["Search"])

MOST_PAGES = 500
MOST_SUGGESTED, MOST_QUESTIONS = 8, 2  # suggestions, and questions among them
QUESTIONS = "questions"  # the kind of those
LONGEST_KIND = 40


def _clean(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


Text = Annotated[str, Query(alias="q", description="What to look for.", examples=["zhanaozen"]), AfterValidator(_clean)]
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
@cached
async def search(
    exchange: Annotated[Exchange, Depends(both)], text: Text = "", kind: Kind = "", number: Number = 1
) -> bytes:
    """Things by name, article, symbol or text, and the questions that fit: q=."""
    index, code, kind = await open_index(exchange.reader), exchange.language.code, kind[:LONGEST_KIND]
    find = partial(index.find, text, kind=kind, page=number, language=code) if index else Results
    found = await asyncio.to_thread(find)
    page, asked = exchange.page, _questions(exchange.page, found)
    if exchange.offer is JSON:
        results = models.SearchResults(
            q=text,
            type=kind or None,
            page=number,
            kinds={group.kind: group.count for group in found.groups},
            results=[_result(page, one) for one in found.best],
            questions=asked,
            spelt=found.spelt or None,
            partial=found.is_partial,
            questionFirst=found.is_question,
            release=page.release,
            note="" if index else "This release was made before there was an index for the search",
        )
        return write_json(results.model_dump(exclude_defaults=True))
    return await exchange.fill(
        "search.html",
        titles=await _titles(exchange),
        text=text,
        kind=kind,
        number=number,
        found=found,
        asked=asked,
        has_index=index is not None,
        examples=await asyncio.to_thread(index.weightiest, code) if index and not text else {},
        pages=-(-sum(group.count for group in found.groups if group.kind == kind) // PAGE),
    )


@router.get("/suggest", **suggestions.documented)
@cached
async def suggest(exchange: Annotated[Exchange, Depends(suggestions)], text: Text = "") -> bytes:
    """The likeliest things for what is typed: q=."""
    index, page, titles = await open_index(exchange.reader), exchange.page, await _titles(exchange)
    code = exchange.language.code
    found = await asyncio.to_thread(index.find, text, language=code) if index else Results()
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
        rows[:0] = [{"label": one.text, **shared, "href": one.href} for one in _questions(page, found)[:MOST_QUESTIONS]]
    return write_json({"q": text, "suggestions": rows[:MOST_SUGGESTED]})


async def _titles(exchange: Exchange) -> dict[str, str]:
    """Name the kinds of things in the language of the request."""
    translate, rows = exchange.language.gettext, await exchange.reader.ask("kinds")
    return {row["kind"]: translate(row["title"]) for row in rows}


async def open_index(reader: Reader) -> Search | None:
    """Open the index of a release, once; None where the release has none."""
    return await reader.opened.once.find("search", partial(asyncio.to_thread, Search.open, reader.opened.release.path))


def _questions(page: Page, found: Results) -> list[models.SuggestedQuestion]:
    """Write the questions that were suggested, with names in the places of their parameters."""
    suggested = []
    for one in found.questions:
        if one.question in page.opened.questions:
            question = questions.translate(page.opened.questions[one.question], page.language)
            values = {name: page.short_iri(value) for name, value in one.values.items()}
            suggested.append(
                models.SuggestedQuestion(
                    name=question.name,
                    title=question.title,
                    text=question.in_words(one.names),
                    parameters=values,
                    href=page.at(f"/questions/{question.name}", **values),
                )
            )
    return suggested


def _result(page: Page, one: Found) -> models.SearchResult:
    values = {name: value for name, value in vars(one).items() if value}
    return models.SearchResult(**values, href=page.path(one.iri) or "")

"""The search: /search?q= for people and programs, and /suggest?q= for what somebody is still typing.

The index is part of the release. A release that was made before there was one has none: its answers say so, and hold nothing.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from api import models
from api.dependencies import About, Exchange, Offers, cached
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render.page import Page, query_string
from kg import terms
from kg.answer import questions
from kg.search.results import Results
from kg.search.search import LONGEST, PAGE
from kg.sparql.question import ONLY

router = APIRouter(tags=["Search"])

MOST_SUGGESTED, MOST_QUESTIONS = 8, 2  # suggestions, and questions among them
QUESTIONS = "questions"  # the kind of those
LONGEST_KIND = 40


def _clean(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


Text = Annotated[str, Query(alias="q", description="What to look for.", examples=["zhanaozen"]), AfterValidator(_clean)]


async def _about(exchange: Exchange) -> About:
    _, values = exchange.language.gettext, exchange.values
    text, page = _clean(values.get("q", "")), values.get("page", "1")
    if not text:
        return About(_("Search"), terms.BASE + "search")
    shown = {"q": text, "type": values.get("type", "")[:LONGEST_KIND], "page": page if page != "1" else ""}
    return About(_("Search: %s") % text, f"{terms.BASE}search?{query_string(shown)}")


hits, suggestions = Offers(HTML, JSON, about=_about, model=models.SearchResults), Offers(JSON, model=models.Suggestions)


@router.get("/search", **hits.documented)
@cached
async def search(
    exchange: Annotated[Exchange, Depends(hits)],
    text: Text = "",
    kind: Annotated[
        str,
        Query(
            alias="type",
            description="A kind: the class of an act, a law, an actor or a publisher, by its name in the vocabulary.",
            examples=["Torture"],
        ),
    ] = "",
    number: Annotated[
        int,
        Query(
            alias="page",
            ge=1,
            le=500,
            description="Which page of the list is shown, counted from 1; CSV and JSON have all.",
            examples=[1],
        ),
    ] = 1,
) -> bytes:
    """Things by name, article, symbol or text, and the questions that fit: q=."""
    index, code, kind = await exchange.opened.read_index(), exchange.language.code, kind[:LONGEST_KIND]
    matches = await asyncio.to_thread(index.find, text, kind=kind, page=number, language=code)
    page, suggested = exchange.page, _questions(exchange.page, matches)
    if exchange.offer is JSON:
        results = models.SearchResults(
            q=text,
            type=kind or None,
            page=number,
            kinds={group.kind: group.count for group in matches.groups},
            results=[
                models.SearchResult(
                    **{name: value for name, value in vars(thing).items() if value}, href=page.path(thing.iri) or ""
                )
                for thing in matches.best
            ],
            questions=suggested,
            spelt=matches.spelt or None,
            partial=matches.is_partial,
            questionFirst=matches.is_question,
            release=page.release,
        )
        return write_json(results.model_dump(exclude_defaults=True))
    return await exchange.fill(
        "search.html",
        titles=await _titles(exchange),
        text=text,
        kind=kind,
        number=number,
        matches=matches,
        suggested=suggested,
        examples={} if text else await asyncio.to_thread(index.weightiest, code),
        pages=-(-sum(group.count for group in matches.groups if group.kind == kind) // PAGE),
    )


@router.get("/suggest", **suggestions.documented)
@cached
async def suggest(exchange: Annotated[Exchange, Depends(suggestions)], text: Text = "") -> bytes:
    """The likeliest things for what is typed: q=."""
    index, page, titles = await exchange.opened.read_index(), exchange.page, await _titles(exchange)
    code = exchange.language.code
    matches = await asyncio.to_thread(index.find, text, language=code)
    rows = [
        {
            "label": thing.name,
            "kind": thing.kind,
            "title": titles.get(thing.kind, thing.kind),
            "language": thing.language,
            "href": page.path(thing.iri),
        }
        for thing in matches.best
    ]
    if matches.is_question:
        shared = {"kind": QUESTIONS, "title": titles[QUESTIONS], "language": code}
        rows[:0] = [
            {"label": question.text, **shared, "href": question.href}
            for question in _questions(page, matches)[:MOST_QUESTIONS]
        ]
    return write_json({"q": text, "suggestions": rows[:MOST_SUGGESTED]})


async def _titles(exchange: Exchange) -> dict[str, str]:
    translate, rows = exchange.language.gettext, await exchange.ask("kinds")
    return {row["kind"]: translate(row["title"]) for row in rows}


def _questions(page: Page, matches: Results) -> list[models.SuggestedQuestion]:
    suggested = []
    for fitting in matches.questions:
        if fitting.question in page.opened.questions:
            question = questions.translate(page.opened.questions[fitting.question], page.language)
            values = {name: page.short_iri(value) for name, value in fitting.values.items()}
            days = {parameter.name for parameter in question.parameters if parameter.kind == "date"}
            names = {
                key: page.language.day(name) if key in days else page.language.abbreviate(name)
                for key, name in fitting.names.items()
            }
            filters = "; ".join(name for key, name in names.items() if key.startswith(ONLY))
            suggested.append(
                models.SuggestedQuestion(
                    name=question.name,
                    title=question.title,
                    text=question.in_words(names) + f" ({filters})" * bool(filters),
                    parameters=values,
                    href=page.at(f"/questions/{question.name}", **values),
                )
            )
    return suggested

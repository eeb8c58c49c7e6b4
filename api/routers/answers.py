"""An answer as it was given, at its permanent address, beside the answer of today: /answer/<word>.

The word says what was asked of which release; nothing is stored for it. The answer is shown from that release while it is
here. Whether today's rows are the same can be told without it, by their digest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, PageNumber, Section, check_section
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render import paging
from api.render.page import Page, query_string
from kg import terms
from kg.answer import citation, given, narrowing, questions
from kg.answer.formats import plain_value, spoken
from kg.answer.given import Difference, Given
from kg.answer.opened import OpenRelease
from kg.answer.questions import Answer
from kg.errors import BadParameter, ReleaseCorrupt, SourceError, UnknownName, Withdrawn
from kg.languages import Language
from kg.wording import say

router = APIRouter(tags=["Questions"])

FEW = 5  # rows of each section where a page has several; the section alone has all
SECTIONS = ("changed", "added", "removed", "given")

SAME, CHANGED, UNKNOWN = "same", "changed", "unknown"


class Then(NamedTuple):
    """The answer of the release that gave it, with a page that names its things; or why there is none any more."""

    answer: Answer | None = None
    page: Page | None = None
    gone: str = ""  # `removed` or `absent`
    reason: str = ""


class Both(NamedTuple):
    """An answer as given, today's, and what is known of how they differ."""

    given: Given
    then: Then
    now: Answer | None
    state: str
    difference: Difference | None

    @property
    def known(self) -> Answer | None:
        """The answer that knows the words of the question: that of then, else that of today."""
        return self.then.answer or self.now

    @property
    def is_rewritten(self) -> bool:
        """Whether the question is asked otherwise today."""
        return bool(self.then.answer and self.now and self.then.answer.question.text != self.now.question.text)


async def _about(exchange: Exchange) -> About:
    word = exchange.params["word"]
    both = await _both(exchange, Given.read(word))
    title = both.known.sentence if both.known else both.given.question
    return About(
        title,
        f"{terms.BASE}answer/{word}",
        (("application/json", f"/answer/{word}.json"),),
        kind="dataset",
        subject=both,
    )


offers = Offers(HTML, JSON, about=_about, stem="word", model=models.PermanentAnswer, errors=(404, 502, 504))


@router.get("/answer/{word}", **offers.documented)
async def answer(
    exchange: Annotated[Exchange, Depends(offers)], word: str, show: Section = "", page: PageNumber = 1
) -> Response:
    """An answer as it was given, by its permanent address, and how today's differs (.json)."""
    both: Both = exchange.about.subject
    # What it shows changes when the old release goes, which may be to protect somebody: no copy of it is cached.
    headers = {"Cache-Control": "no-store", "Link": exchange.headers()["Link"]}
    body = await _page(exchange, both, show, page) if exchange.offer is HTML else _json(exchange, both)
    return Response(body, 200, headers, exchange.offer.content_type)


async def _both(exchange: Exchange, named: Given) -> Both:
    """Ask both releases; raises UnknownName where the release is here and never gave such an answer."""
    opened, language = exchange.opened, exchange.language
    try:
        now = await _ask(opened, named, language)
    except (UnknownName, BadParameter, SourceError):  # it is not asked any more, or not of that thing
        now = None
    if named.release == opened.id:
        then = Then(now, Page(opened, exchange.prefix, {} if now is None else _names(now), exchange.visit))
    else:
        then = await ask_then(exchange, named)
    if not then.gone and (then.answer is None or given.digest(then.answer) != named.digest):
        raise UnknownName(
            say("The release %(named)s never gave such an answer", named=named.release),
            hint=say("Copy the address whole, as it was given"),
        )
    if now is None:
        return Both(named, then, now, UNKNOWN, None)
    if given.digest(now) == named.digest:
        return Both(named, then, now, SAME, Difference((), (), ()))
    compared = await asyncio.to_thread(given.compare, then.answer, now) if then.answer else None
    return Both(named, then, now, CHANGED, compared)


async def _ask(opened: OpenRelease, named: Given, language: Language) -> Answer:
    return await opened.ask(opened.find_question(named.question), named.values, language)


async def ask_then(exchange: Exchange, named: Given) -> Then:
    """Ask the release that gave an answer for it again; the digest is not compared."""
    releases = exchange.request.app.state.releases
    try:
        opened = await asyncio.to_thread(releases.acquire, named.release)
    except Withdrawn as error:
        return Then(gone="removed", reason=error.message)
    except (UnknownName, ReleaseCorrupt):
        return Then(gone="absent")
    try:
        found = await _ask(opened, named, exchange.language)
    except (UnknownName, BadParameter, SourceError):
        return Then()
    finally:
        opened.leave()
    root = exchange.prefix.partition("/release/")[0]
    return Then(found, Page(opened, f"{root}/release/{named.release}", _names(found), exchange.visit))


def _names(found: Answer) -> dict[str, questions.Label]:
    names = {iri: one.label for iri, one in found.citations.items()}
    return {iri: questions.Label(name) for iri, name in {**names, **found.labels}.items()}


async def _page(exchange: Exchange, both: Both, show: str, page: int) -> bytes:
    found = both.now
    listed = _sections(both)
    check_section(show, SECTIONS)
    known = both.known
    size = narrowing.page_size(known.question, listed.get(show) or known.rows) if known else FEW
    few = FEW if len(listed) > 1 else size
    parts = {name: paging.Part(rows[:few], 1, 1, name) for name, rows in listed.items()}
    if show:
        size = FEW if show == "changed" else size  # each has a table of its own
        parts = {show: paging.part_of(listed.get(show, ()), page, show, size)}
    return await exchange.fill(
        "answer.html",
        also=[*(found.things if found else ()), *(found.citations if found else ())],
        both=both,
        columns=_columns(both),
        used=_used,
        told=_told,
        sections=parts,
        word=both.given.write(),
        sizes={name: len(rows) for name, rows in listed.items()},
        is_alone=bool(show),
        open_passages=narrowing.CITED,
        asked=query_string({name: value.removeprefix(terms.BASE) for name, value in both.given.values.items()}),
    )


def _sections(both: Both) -> dict[str, Sequence[Any]]:
    """List the rows of each section of the page that has some: pairs of those that changed, and those that came, went and were given."""
    difference, then = both.difference, both.then.answer
    told: dict[str, Sequence[Any]] = {"given": then.rows if then else ()}
    if difference and then and both.now:
        told |= {"changed": difference.changed, "added": difference.added, "removed": difference.removed}
    return {name: told[name] for name in SECTIONS if told.get(name)}


def _columns(both: Both) -> list[tuple[str, str]]:
    """List the columns of both answers, those of then first, each with what it means."""
    told = [dict(one.question.columns) for one in (both.then.answer, both.now) if one]
    return list({name: meaning for columns in reversed(told) for name, meaning in columns.items()}.items())


def _used(found: Answer, rows: Iterable[given.Row]) -> list[tuple[str, str]]:
    """List the columns in which some rows have a value, those that cite behind the first."""
    names = {name for row in rows for name, term in row.items() if term["value"]}
    columns = [one for one in found.question.columns if one[0] in names]
    cited = [one for one in columns if one[0] in found.question.cites]
    plain = [one for one in columns if one not in cited]
    return [*plain[:1], *cited, *plain[1:]]


def _told(found: Answer, old: given.Row, new: given.Row) -> str:
    """Name a row that changed by what stayed the same in it."""
    names = [
        name
        for name, _ in found.question.columns
        if name not in found.question.cites and old.get(name) == new.get(name)
    ]
    return " · ".join(spoken(found, name, new[name]) for name in names if name in new)


def _json(exchange: Exchange, both: Both) -> bytes:
    then, now, difference = both.then, both.now, both.difference
    document: dict[str, Any] = {
        "address": exchange.address(f"answer/{both.given.write()}"),
        "question": both.given.question,
        "sentence": both.known.sentence if both.known else None,
        "parameters": dict(both.given.values),
        "given": {
            "release": both.given.release,
            "digest": both.given.digest,
            "isHere": then.answer is not None,
            "gone": then.gone or None,
            "reason": then.reason or None,
            "rows": _rows(then.answer, then.answer.rows) if then.answer else None,
            "address": citation.of_answer(then.answer).address if then.answer else None,
        },
        "today": {"release": exchange.opened.id, "rowCount": len(now.rows) if now else None},
        "state": both.state,
        "questionIsRewritten": both.is_rewritten,
        "difference": None,
        "license": terms.LICENCE,
    }
    if difference is not None and now is not None:
        before = then.answer or now
        document["difference"] = {
            "added": _rows(now, difference.added),
            "removed": _rows(before, difference.removed),
            "changed": [
                {"then": _rows(before, [old])[0], "now": _rows(now, [new])[0]} for old, new in difference.changed
            ],
        }
    return write_json(document)


def _rows(found: Answer, listed: Iterable[given.Row]) -> list[Mapping[str, Any]]:
    names = [name for name, _ in found.question.columns]
    return [{name: plain_value(found, name, row.get(name)) for name in names} for row in listed]

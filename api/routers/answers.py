"""An answer as it was given, at its permanent address, beside the answer of today: /answer/<word>.

The word says what was asked of which release; nothing is stored for it. The answer is shown from that release while it is
here. Without it, the digest shows whether today's rows are the same.
"""

import asyncio
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, OwnParameters, PageNumber, Part, Section, check_section, part_of
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render.page import Page
from kg import terms
from kg.answer import formats, narrowing
from kg.answer.cache import CachedBody
from kg.answer.comparison import SECTIONS, Comparison, compare_with_today
from kg.answer.names import Label
from kg.answer.opened import OpenRelease
from kg.answer.permalink import Permalink
from kg.answer.questions import QuestionAnswer
from kg.errors import BadParameter, ReleaseCorrupt, SourceError, ThingWithdrawn, UnknownName

router = APIRouter(tags=["Questions"], route_class=OwnParameters)

FEW = 5  # rows of each section where a page has several; the section alone has all


class Then(NamedTuple):
    """The answer of the release that gave it, with a page that names its things; or why there is none any more."""

    answer: QuestionAnswer | None = None
    page: Page | None = None
    gone: str = ""  # `removed` or `absent`
    reason: str = ""


async def _ask_again(exchange: Exchange, opened: OpenRelease, permalink: Permalink, prefix: str) -> Then:
    """Ask a release again for an answer; the result has none where the release no longer has the question or the thing."""
    try:
        answer = await opened.ask(opened.find_question(permalink.question), permalink.values, exchange.language)
    except (UnknownName, BadParameter, SourceError):
        return Then()
    names = {iri: citation.label for iri, citation in answer.citations.items()} | dict(answer.labels)
    return Then(answer, Page(opened, prefix, {iri: Label(name) for iri, name in names.items()}, exchange.visit))


async def ask_then(exchange: Exchange, permalink: Permalink) -> Then:
    """Ask the release that gave an answer for it again; the digest is not compared."""
    try:
        opened = await exchange.releases.acquire_old(permalink.release)
    except ThingWithdrawn as error:
        return Then(gone="removed", reason=error.message)
    except (UnknownName, ReleaseCorrupt):
        return Then(gone="absent")
    try:
        root = exchange.prefix.partition("/release/")[0]
        return await _ask_again(exchange, opened, permalink, f"{root}/release/{permalink.release}")
    finally:
        opened.leave()


async def _about(exchange: Exchange, permalink: Permalink | None = None) -> About:
    """Give the answer again, of the address or of its permalink where that was read before."""
    opened, permalink = exchange.opened, permalink or Permalink.read(exchange.params["word"])
    now = await _ask_again(exchange, opened, permalink, exchange.prefix)
    then = now if permalink.release == opened.id else await ask_then(exchange, permalink)
    compared = await asyncio.to_thread(compare_with_today, permalink, then.answer, now.answer, then.gone, then.reason)
    word = permalink.write()  # with its tag
    return About(
        compared.answer.sentence if compared.answer else permalink.question,
        f"{terms.BASE}answer/{word}",
        (("application/json", f"/answer/{word}.json"),),
        kind="dataset",
        subject=(compared, then.page),
    )


offers = Offers(
    HTML, JSON, about=_about, is_late=True, stem="word", model=models.PermanentAnswer, errors=(404, 502, 504)
)


@router.get("/answer/{word}", **offers.documented)
async def answer(
    exchange: Annotated[Exchange, Depends(offers)], word: str, show: Section = "", page: PageNumber = 1
) -> Response:
    """An answer as it was given, by its permanent address, and how today's differs (.json)."""
    permalink = Permalink.read(exchange.params["word"])

    async def make() -> CachedBody:
        exchange.described = await _about(exchange, permalink)
        return CachedBody(await _write(exchange, show, page), exchange.headers()["Link"])

    key = exchange.headers(exchange.releases.state_of(permalink.release))["ETag"]
    body, link, _ = await exchange.opened.cache.find(key, make)
    # What it shows changes when the old release goes, which may be to protect somebody: no copy of it is kept elsewhere.
    return Response(body, 200, {"Cache-Control": "no-store", "Link": link}, exchange.offer.content_type)


async def _write(exchange: Exchange, show: str, page: int) -> bytes:
    compared, then_page = exchange.about.subject
    word = compared.permalink.write()
    if exchange.offer is not HTML:
        described = formats.describe_comparison(compared, f"{exchange.opened.base}answer/{word}", exchange.opened.id)
        return write_json(described)
    return await exchange.fill(
        "answer.html",
        also=[*compared.now.things, *compared.now.citations] if compared.now else (),
        compared=compared,
        then_page=then_page,
        sections=_cut(compared, check_section(show, SECTIONS), page),
        word=word,
        is_alone=bool(show),
        name_changed=formats.name_changed,
        open_passages=narrowing.CITED,
    )


def _cut(compared: Comparison, show: str, page: int) -> dict[str, Part]:
    """Cut the sections to what the page shows of them: the first rows of each, or a page of the one that is shown alone."""
    names = [show] if show else [*compared.sections]
    parts = {}
    for name in names:
        rows = compared.sections.get(name, ())
        size = FEW
        if compared.answer and len(names) == 1 and name != "changed":  # a changed row has a table of its own
            size = narrowing.page_size(compared.answer.question, rows)
        parts[name] = part_of(rows, page if show else 1, name, size)
    return parts

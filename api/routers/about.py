"""Who stands behind the record and how to read it: about, method, protection of persons, corrections, contact.

Their words are in the templates; what depends on the release is asked of it.
"""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers
from api.http.negotiate import HTML
from kg import changes, release, terms
from kg.languages import N_

router = APIRouter(tags=["Pages"])

DATA = "data/"  # the inputs of a release that hold facts
TITLES = {
    "about": N_("About Answerable"),
    "method": N_("How to read the record"),
    "protection": N_("Protection of persons"),
    "corrections": N_("Corrections"),
    "contact": N_("Contact"),
}
QUERIES = {"about": ("records", "sizes"), "method": ("accuracy",), "corrections": ("withdrawn",)}


async def _about(exchange: Exchange) -> About:
    name = exchange.path[1:]
    return About(exchange.language.gettext(TITLES[name]), terms.BASE + name)


pages = Offers(HTML, about=_about)
Page = Annotated[Exchange, Depends(pages)]


@router.get("/about", **pages.documented)
async def about(exchange: Page) -> Response:
    """What this is, for whom, what is not in it, and how old each record is."""
    return await _serve(exchange)


@router.get("/method", **pages.documented)
async def method(exchange: Page) -> Response:
    """How to read the record: acts, found, alleged and engaged, dates, none recorded."""
    return await _serve(exchange)


@router.get("/protection", **pages.documented)
async def protection(exchange: Page) -> Response:
    """How people at risk are protected."""
    return await _serve(exchange)


@router.get("/corrections", **pages.documented)
async def corrections(exchange: Page) -> Response:
    """What was withdrawn, replaced and changed."""
    out = exchange.settings.out
    gone, here = await asyncio.gather(asyncio.to_thread(release.removed, out), asyncio.to_thread(release.releases, out))
    compared = [
        (before, after, [file for file in changes.changed_files(before, after) if file.path.startswith(DATA)])
        for before, after in pairwise(here)
    ]
    ids = [*(one.id for one in gone), *(one.id for one in here)]
    return await _serve(exchange, ",".join(ids), gone=gone, changes=compared[::-1])


@router.get("/contact", **pages.documented)
async def contact(exchange: Page) -> Response:
    """Who answers for this server, and where to report an error."""
    return await _serve(exchange)


async def _serve(exchange: Exchange, etag_extra: str = "", **context: Any) -> Response:
    """Fill the template of the page with its queries' rows."""
    name = exchange.path[1:]

    async def write() -> bytes:
        tables: dict[str, Any] = await exchange.reader.ask_all(QUERIES.get(name, ()))
        return await exchange.fill(f"{name}.html", *tables.values(), **tables, **context)

    return await exchange.serve(write, etag_extra=etag_extra)

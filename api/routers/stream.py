"""The releases as an event stream: all versions of all things, in pages that never change (LDES, TREE).

The root names the first page of each release; a page holds versions and leads to the next one of its release. A page is
made of two releases, and is gone when one of them is removed; then the stream begins anew with the releases that are left.
"""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.dependencies import PINNED, About, Exchange, Offers, cached
from api.http.addresses import requested_address
from api.http.negotiate import RESULT_GRAPHS
from api.routers.changes import all_releases, refuse_others, releases_key, releases_of
from kg import release as folders
from kg import terms
from kg.changes import stream
from kg.changes.stream import NONE, PATH, Page
from kg.errors import UnknownName
from kg.release import Release
from kg.wording import say

router = APIRouter(tags=["Changes"])


async def _releases(exchange: Exchange) -> list[Release]:
    """List the releases of the stream, the oldest first."""
    refuse_others(exchange)
    # One that was rolled back is in the stream still: a stream takes nothing back.
    list_releases = releases_of if exchange.request.scope["state"]["pinned"] else all_releases
    return await list_releases(exchange) or [exchange.opened.release]


def _root_address(exchange: Exchange) -> str:
    return requested_address(exchange.request).partition(PATH)[0] + PATH


async def _about_page(exchange: Exchange) -> About:
    """Find the page, before it is looked for in the cache; its subject is the page with the subjects where pages begin."""
    before, release, number = (exchange.params[name] for name in ("before", "release", "number"))
    firsts = [one.path for one in stream.first_pages(await _releases(exchange))]
    new = folders.find(exchange.settings.out, release)
    page = Page(None if before == NONE else folders.find(exchange.settings.out, before), new)
    if page.path not in firsts:
        hint = say("Begin anew at %(path)s: a release was removed, or others lie between these", path=f"/{PATH}")
        raise UnknownName(say("The stream has no such page"), hint=hint)
    begins = await exchange.request.app.state.releases.bounds(page.old, page.new)
    numbers = {str(one): one for one in range(1, max(len(begins), 1) + 1)}
    if number not in numbers:
        hint = say("There are %(last)s pages", last=len(begins))
        raise UnknownName(say("There is no page %(page)s", page=number[:40]), hint=hint)
    page = page._replace(number=numbers[number])
    return About("LDES", f"{terms.BASE}{PATH}/{page.path}", subject=(page, begins))


whole_stream = Offers(*RESULT_GRAPHS, about=About("LDES", terms.BASE + PATH))
pages = Offers(*RESULT_GRAPHS, about=_about_page, errors=(404, 410))


@router.get("/changes/ldes", **whole_stream.documented)
@partial(cached, key=releases_key)
async def root(exchange: Annotated[Exchange, Depends(whole_stream)]) -> bytes:
    """All versions of all things as an event stream (LDES, TREE)."""
    return stream.write_root(_root_address(exchange), await _releases(exchange), exchange.offer.name)


@router.get("/changes/ldes/{before}/{release}/{number}", **pages.documented)
@partial(cached, headers={"Cache-Control": f"{PINNED}, immutable"})
async def page(
    exchange: Annotated[Exchange, Depends(pages)],
    before: Annotated[str, Path(description="The release before, or none.", examples=["none"])],
    release: Annotated[str, Path()],
    number: Annotated[str, Path(description="Which page, counted from 1.", examples=["1"])],
) -> bytes:
    """A page of that stream, which never changes."""
    address, (target, begins) = _root_address(exchange), exchange.about.subject
    return await asyncio.to_thread(stream.write_page, address, target, begins, exchange.offer.name)

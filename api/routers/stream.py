"""The releases as an event stream: all versions of all things, in pages that never change (LDES, TREE).

The root names the first page of each release; a page holds versions and leads to the next one of its release. A page is
made of two releases, and is gone when one of them is removed; then the stream begins anew with the releases that are left.
"""

from __future__ import annotations

import asyncio
import itertools
from functools import cache
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api.dependencies import PINNED, About, Exchange, Offers
from api.http.addresses import requested_address
from api.http.negotiate import RESULT_GRAPHS
from api.render import assets
from api.routers.changes import ids_of, refuse_others, releases_of, time_of
from kg import catalogue, changes, terms
from kg import release as folders
from kg.catalogue import Things, iri, typed
from kg.changes import stream
from kg.errors import UnknownName
from kg.release import Release
from kg.store import Store, Triple, Triples
from kg.terms import Iri
from kg.wording import say

router = APIRouter(tags=["Changes"])

PATH = "changes/ldes"
STREAM = f"{terms.BASE}{PATH}#stream"
NONE = "none"  # in the address of a page: there is no release before
IMMUTABLE = f"{PINNED}, immutable"
Pair = tuple[Release | None, Release]

whole_stream = Offers(*RESULT_GRAPHS, about=About("LDES", terms.BASE + PATH))


async def _about_page(exchange: Exchange) -> About:
    old, new, number = (exchange.params[name] for name in ("before", "release", "number"))
    return About("LDES", f"{terms.BASE}{PATH}/{old}/{new}/{number}")


pages = Offers(*RESULT_GRAPHS, about=_about_page, errors=(404, 410))


@router.get("/changes/ldes", **whole_stream.documented)
async def root(exchange: Annotated[Exchange, Depends(whole_stream)]) -> Response:
    """All versions of all things as an event stream (LDES, TREE)."""
    releases, site = await _read(exchange)

    async def write() -> bytes:
        view = site + PATH
        nodes: Things = {}
        for number, (old, new) in enumerate(_pairs(releases)):
            nodes |= _relations(_address(site, old, new, 1), new, f"r{number}")
        node = {"rdf:type": iri("tree:Node"), **_linked(nodes)}
        things: Things = {STREAM: {"tree:view": Iri(view)}, view: node, **nodes}
        return catalogue.write([*_description(), *catalogue.triples(things)], exchange.offer.name)

    return await exchange.serve(write, etag_extra=f"{site},{ids_of(releases)}")


@router.get("/changes/ldes/{before}/{release}/{number}", **pages.documented)
async def page(
    exchange: Annotated[Exchange, Depends(pages)],
    before: Annotated[str, Path(description="The release before, or none.", examples=["none"])],
    release: Annotated[str, Path()],
    number: Annotated[str, Path(description="Which page, counted from 1.", examples=["1"])],
) -> Response:
    """A page of that stream, which never changes."""
    releases, site = await _read(exchange)
    if not (number.isascii() and number.isdigit() and len(number) < 7 and int(number)):
        raise UnknownName(say("A page has a number from 1 on"))
    new = folders.find(exchange.settings.out, release)
    old = None if before == NONE else folders.find(exchange.settings.out, before)
    if (old and old.id, new.id) not in [(earlier and earlier.id, one.id) for earlier, one in _pairs(releases)]:
        hint = say("Begin anew at %(path)s: a release was removed, or others lie between these", path=f"/{PATH}")
        raise UnknownName(say("The stream has no such page"), hint=hint)
    begins = await exchange.request.app.state.releases.bounds(old, new)
    place = int(number)
    if place > max(len(begins), 1):
        hint = say("There are %(last)s pages", last=len(begins))
        raise UnknownName(say("There is no page %(page)s", page=place), hint=hint)
    start, end = [*begins, None, None][place - 1 : place + 1]

    async def write() -> bytes:
        members = await asyncio.to_thread(changes.versions, old, new, start, end) if start is not None else []
        nodes = _relations(_address(site, old, new, place + 1), new, "next") if place < len(begins) else {}
        head: Things = {
            STREAM: {
                "rdf:type": iri("ldes:EventStream"),
                "tree:view": Iri(site + PATH),
                "tree:member": [Iri(one.iri) for one in members],
            },
            _address(site, old, new, place): {"rdf:type": iri("tree:Node"), **_linked(nodes)},
            **nodes,
        }
        lines = catalogue.write(catalogue.triples(head), "nt").removesuffix(b" .\n").split(b" .\n")
        return await asyncio.to_thread(changes.write_versions, time_of(new), members, lines, exchange.offer.name)

    return await exchange.serve(write, headers={"Cache-Control": IMMUTABLE}, etag_extra=site)


@cache
def _description() -> list[Triple]:
    """Read what holds of the stream at any address."""
    with Store.memory() as store:
        store.load(assets.TEMPLATES / "ldes.ttl", format="ttl", graph=None, source="ldes.ttl")
        return [*cast(Triples, store.query("CONSTRUCT WHERE { ?s ?p ?o }"))]


async def _read(exchange: Exchange) -> tuple[list[Release], str]:
    """List the releases of the stream, the oldest first, and read the address of the server from that of the request."""
    refuse_others(exchange)
    if exchange.request.scope["state"]["pinned"]:
        releases = await releases_of(exchange)
    else:  # one that was rolled back is in the stream still: a stream takes nothing back
        releases = await asyncio.to_thread(folders.releases, exchange.settings.out)
    address = requested_address(exchange.request)
    return releases or [exchange.opened.release], address[: address.index(PATH)]


def _pairs(releases: list[Release]) -> list[Pair]:
    return list(itertools.pairwise([None, *releases]))  # type: ignore[list-item]


def _address(site: str, old: Release | None, new: Release, number: int) -> str:
    return f"{site}{PATH}/{old.id if old else NONE}/{new.id}/{number}"


def _relations(target: str, new: Release, label: str) -> Things:
    """Lead to a page, all of whose versions are of one time."""
    common: catalogue.Facts = {
        "tree:node": Iri(target),
        "tree:path": Iri(stream.MADE),
        "tree:value": typed(time_of(new), "dateTime"),
    }
    kinds = ("GreaterThanOrEqualTo", "LessThanOrEqualTo")
    return {f"_:{label}{kind[0]}": {"rdf:type": iri(f"tree:{kind}Relation"), **common} for kind in kinds}


def _linked(nodes: Things) -> catalogue.Facts:
    return {"tree:relation": [terms.Blank(node[2:]) for node in nodes]}

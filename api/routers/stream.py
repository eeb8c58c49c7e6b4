"""The releases as an event stream: all versions of all things, in pages that never change (LDES, TREE).

The root names the first page of each release; a page holds versions and leads to the next one of its release. A page is
made of two releases, and is gone when one of them is removed; then the stream begins anew with the releases that are left.
"""

from __future__ import annotations

import asyncio
import itertools
from functools import cache, partial
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path

from api.dependencies import PINNED, About, Exchange, Offers, cached
from api.http.addresses import requested_address
from api.http.negotiate import RESULT_GRAPHS
from api.render import assets
from api.routers.changes import all_releases, refuse_others, releases_key, releases_of, time_of
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
Pair = tuple[Release | None, Release]

whole_stream = Offers(*RESULT_GRAPHS, about=About("LDES", terms.BASE + PATH))


async def _about_page(exchange: Exchange) -> About:
    """Find the versions of a page, before they are looked for in the cache; its subject."""
    before, name, number = (exchange.params[name] for name in ("before", "release", "number"))
    releases, _ = await _read(exchange)
    if not (number.isascii() and number.isdigit() and len(number) < 7 and int(number)):
        raise UnknownName(say("A page has a number from 1 on"))
    new = folders.find(exchange.settings.out, name)
    old = None if before == NONE else folders.find(exchange.settings.out, before)
    if (old and old.id, new.id) not in [(earlier and earlier.id, one.id) for earlier, one in _pairs(releases)]:
        hint = say("Begin anew at %(path)s: a release was removed, or others lie between these", path=f"/{PATH}")
        raise UnknownName(say("The stream has no such page"), hint=hint)
    begins, place = await exchange.request.app.state.releases.bounds(old, new), int(number)
    if place > max(len(begins), 1):
        hint = say("There are %(last)s pages", last=len(begins))
        raise UnknownName(say("There is no page %(page)s", page=place), hint=hint)
    return About("LDES", f"{terms.BASE}{PATH}/{before}/{name}/{number}", subject=(old, new, place, begins))


pages = Offers(*RESULT_GRAPHS, about=_about_page, errors=(404, 410))


@router.get("/changes/ldes", **whole_stream.documented)
@partial(cached, key=releases_key)
async def root(exchange: Annotated[Exchange, Depends(whole_stream)]) -> bytes:
    """All versions of all things as an event stream (LDES, TREE)."""
    releases, site = await _read(exchange)
    nodes: Things = {}
    for number, (old, new) in enumerate(_pairs(releases)):
        nodes |= _relations(_address(site, old, new, 1), new, f"r{number}")
    things: Things = {STREAM: {"tree:view": Iri(site + PATH)}, **_node(site + PATH, nodes)}
    return catalogue.write([*_description(), *catalogue.triples(things)], exchange.offer.name)


@router.get("/changes/ldes/{before}/{release}/{number}", **pages.documented)
@partial(cached, headers={"Cache-Control": f"{PINNED}, immutable"})
async def page(
    exchange: Annotated[Exchange, Depends(pages)],
    before: Annotated[str, Path(description="The release before, or none.", examples=["none"])],
    release: Annotated[str, Path()],
    number: Annotated[str, Path(description="Which page, counted from 1.", examples=["1"])],
) -> bytes:
    """A page of that stream, which never changes."""
    (old, new, place, begins), (_, site) = exchange.about.subject, await _read(exchange)
    start, end = [*begins, None, None][place - 1 : place + 1]
    members = await asyncio.to_thread(changes.versions, old, new, start, end) if start is not None else []
    nodes = _relations(_address(site, old, new, place + 1), new, "next") if place < len(begins) else {}
    head: Things = {
        STREAM: {
            "rdf:type": iri("ldes:EventStream"),
            "tree:view": Iri(site + PATH),
            "tree:member": [Iri(one.iri) for one in members],
        },
        **_node(_address(site, old, new, place), nodes),
    }
    lines = catalogue.write(catalogue.triples(head), "nt").removesuffix(b" .\n").split(b" .\n")
    return await asyncio.to_thread(changes.write_versions, time_of(new), members, lines, exchange.offer.name)


@cache
def _description() -> list[Triple]:
    with Store.memory() as store:
        store.load(assets.TEMPLATES / "ldes.ttl", format="ttl", graph=None, source="ldes.ttl")
        return [*cast(Triples, store.query("CONSTRUCT WHERE { ?s ?p ?o }"))]


async def _read(exchange: Exchange) -> tuple[list[Release], str]:
    """List the releases of the stream, the oldest first, and read the address of the server from that of the request."""
    refuse_others(exchange)
    # One that was rolled back is in the stream still: a stream takes nothing back.
    list_releases = releases_of if exchange.request.scope["state"]["pinned"] else all_releases
    address = requested_address(exchange.request)
    return await list_releases(exchange) or [exchange.opened.release], address.partition(PATH)[0]


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


def _node(address: str, nodes: Things) -> Things:
    relations = [terms.Blank(node[2:]) for node in nodes]
    return {address: {"rdf:type": iri("tree:Node"), "tree:relation": relations}, **nodes}

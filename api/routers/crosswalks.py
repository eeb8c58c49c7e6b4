"""The crosswalks to other vocabularies, as the release holds them: a list, and each as a page, as SSSOM and as SKOS."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, PageNumber, alternates
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render import paging
from kg import catalogue, crosswalks, terms
from kg.answer.formats import GRAPH, Format, by_name
from kg.crosswalks import Crosswalk, Line
from kg.errors import UnknownName
from kg.languages import N_
from kg.wording import say

router = APIRouter(tags=["Tables"])

TSV = Format("tsv", crosswalks.MEDIA_TYPE, ".tsv", (), ())
FORMS = (HTML, TSV, *(by_name(name, GRAPH) for name in ("ttl", "jsonld")))
SSSOM = crosswalks.SUFFIX.removesuffix(TSV.suffix)
AT_ONCE = 20  # things on a page, each with all that it corresponds to


async def _about(exchange: Exchange) -> About:
    """Find the crosswalk of an address; its subject."""
    name, known = exchange.params["name"], await _all(exchange)
    if exchange.suffix == TSV.name:
        name = name.removesuffix(SSSOM)  # as the file is called in the release
    if name not in known:
        none = say("This release was made without crosswalks.")
        hint = say("There are: %(known)s", known=", ".join(known)) if known else none
        raise UnknownName(say("There is no such crosswalk"), hint=hint)
    path = f"/crosswalks/{name}"
    forms = alternates(path, FORMS[1:])
    return About(known[name].title, terms.BASE + path[1:], forms, kind="dataset", subject=known[name])


about_list = About(N_("Crosswalks to other vocabularies"), terms.BASE + "crosswalks")
collection = Offers(HTML, JSON, about=about_list, model=models.Object)
single = Offers(*FORMS, about=_about, stem="name", errors=(404,))


@router.get("/crosswalks", **collection.documented)
async def listed(exchange: Annotated[Exchange, Depends(collection)]) -> Response:
    """Mappings to other vocabularies, and by whom."""

    async def write() -> bytes:
        known = (await _all(exchange)).values()
        if exchange.offer is JSON:
            heads = [{"name": one.name, **one.head, "mappings": len(one.rows)} for one in known]
            return write_json({"crosswalks": heads, "release": exchange.opened.id})
        return await exchange.fill("crosswalks.html", crosswalks=[*known])

    return await exchange.serve(write)


@router.get("/crosswalks/{name}", **single.documented)
async def one(
    exchange: Annotated[Exchange, Depends(single)], name: Annotated[str, Path()], page: PageNumber = 1
) -> Response:
    """One crosswalk: as SSSOM (.tsv), or its mappings as SKOS (.ttl .jsonld)."""
    walk: Crosswalk = exchange.about.subject

    async def write() -> bytes:
        if exchange.offer is HTML:
            by_thing: dict[str, list[Line]] = {}
            for row in walk.rows:
                by_thing.setdefault(walk.expand(row.subject_id), []).append(row)
            part = paging.part_of(list(by_thing.items()), page, at_once=AT_ONCE)
            return await exchange.fill("crosswalk.html", also=[thing for thing, _ in part.rows], walk=walk, part=part)
        if exchange.offer is TSV:
            path = exchange.opened.release.path / crosswalks.FOLDER / f"{walk.name}{crosswalks.SUFFIX}"
            return await asyncio.to_thread(path.read_bytes)
        return await asyncio.to_thread(catalogue.write, walk.triples(), exchange.offer.name)

    return await exchange.serve(write)


async def _all(exchange: Exchange) -> Mapping[str, Crosswalk]:
    """Read the crosswalks of the release by name, once."""
    release = exchange.opened.release

    async def read() -> dict[str, Crosswalk]:
        names = crosswalks.names(release.manifest["outputs"])
        return await asyncio.to_thread(lambda: {name: crosswalks.read(release.path, name) for name in names})

    return await exchange.opened.once.find(("crosswalks",), read)

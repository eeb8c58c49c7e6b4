"""The tidy tables and the crosswalks to other vocabularies, as the release holds them: their lists, each as a page, and its files.

A workbook is made of a table when it is requested. A crosswalk is on offer as SSSOM and as SKOS.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import FileResponse, Response

from api import models
from api.dependencies import About, Exchange, Offers, PageNumber, alternates, cached, not_modified
from api.http import negotiate
from api.http.addresses import write_json
from api.http.links import Link, write_header
from api.http.negotiate import HTML, JSON
from api.render import paging
from kg import catalogue, crosswalks, tables, terms
from kg.answer import formats
from kg.answer.formats import Format
from kg.crosswalks import Crosswalk, Line
from kg.errors import UnknownName
from kg.languages import N_
from kg.tables.writing import write_workbook
from kg.terms import LICENCE
from kg.wording import say

router = APIRouter(tags=["Tables"])

CSV, XLSX = formats.by_name("csv", formats.ANSWER), formats.by_name("xlsx", formats.ANSWER)
PARQUET = Format("parquet", tables.FORMATS["parquet"], ".parquet", ("table",))
FILES = (CSV, PARQUET)  # those that a release holds
DATA = (*FILES, XLSX, JSON)
PACKAGE = tables.PACKAGE.removesuffix(".json")
TSV = Format("tsv", crosswalks.MEDIA_TYPE, ".tsv", (), ())
MAPPINGS = (HTML, TSV, *(formats.by_name(name, formats.GRAPH) for name in ("ttl", "jsonld")))
SSSOM = crosswalks.SUFFIX.removesuffix(TSV.suffix)
AT_ONCE = 20  # things on a page of a crosswalk, each with all that it corresponds to
_one_at_a_time = asyncio.Semaphore(1)  # a large workbook takes seconds

about_list = About(N_("Tables"), f"{terms.BASE}tables", ((JSON.media_type, f"/tables/{tables.PACKAGE}"),))


async def _about(exchange: Exchange) -> About:
    name, package = exchange.params["table"], await _package(exchange)
    if name == PACKAGE:
        return about_list
    resources = {one["name"]: one for one in package.get("resources", ())}
    if name not in resources:
        hint = f"On offer: {', '.join(resources)}" if resources else "This release was made without them"
        raise UnknownName(f"There is no table {name[:80]!r}", hint=hint)
    table, forms = resources[name], alternates(f"/tables/{name}", DATA)
    return About(table["title"], f"{terms.BASE}tables/{name}", forms, summary=table["unit"], subject=table)


listing = Offers(HTML, JSON, about=about_list, model=models.Object, errors=(404,))
single = Offers(HTML, *DATA, about=_about, stem="table", model=models.Object, errors=(404,))


async def _about_crosswalk(exchange: Exchange) -> About:
    name, known = exchange.params["name"], await _crosswalks(exchange)
    if exchange.suffix == TSV.name:
        name = name.removesuffix(SSSOM)  # as the file is called in the release
    if name not in known:
        none = say("This release was made without crosswalks.")
        hint = say("There are: %(known)s", known=", ".join(known)) if known else none
        raise UnknownName(say("There is no such crosswalk"), hint=hint)
    path, walk = f"/crosswalks/{name}", known[name]
    return About(walk.title, terms.BASE + path[1:], alternates(path, MAPPINGS[1:]), kind="dataset", subject=walk)


about_crosswalks = About(N_("Crosswalks to other vocabularies"), terms.BASE + "crosswalks")
collection = Offers(HTML, JSON, about=about_crosswalks, model=models.Object)
single_crosswalk = Offers(*MAPPINGS, about=_about_crosswalk, stem="name", errors=(404,))


@router.get("/tables", **listing.documented)
@cached
async def listed(exchange: Annotated[Exchange, Depends(listing)]) -> bytes:
    """The tidy tables, with their files; as JSON the data package (Frictionless)."""
    package = await _package(exchange)
    if exchange.offer is HTML:
        return await exchange.fill("tables.html", tables=package.get("resources", ()))
    if not package:
        raise UnknownName("This release has no tables", hint="Take a release that was made with them")
    return write_json(package)


@router.get("/tables/{table}", **single.documented)
async def table(
    exchange: Annotated[Exchange, Depends(single)],
    table: Annotated[
        str,
        Path(
            description="The name of a table, with the suffix of a form of it: csv, parquet, xlsx or json.",
            examples=["states.csv"],
        ),
    ],
) -> Response:
    """The codebook of a table, and its files (.csv .parquet .xlsx .json)."""
    resource = exchange.about.subject
    if resource is None:
        exchange.offer = negotiate.named(exchange.suffix or JSON.name, (JSON,))
        return await listed(exchange)
    if exchange.offer in FILES:
        return _file(exchange, resource["name"])
    return await _written(exchange, resource=resource)


@cached
async def _written(exchange: Exchange, resource: Mapping[str, Any]) -> bytes:
    if exchange.offer is HTML:
        titles = {one["name"]: one["title"] for one in (await _package(exchange))["resources"]}
        return await exchange.fill("codebook.html", table=resource, titles=titles)
    return write_json(resource) if exchange.offer is JSON else await _workbook(exchange, resource)


@router.get("/crosswalks", **collection.documented)
@cached
async def all_crosswalks(exchange: Annotated[Exchange, Depends(collection)]) -> bytes:
    """Mappings to other vocabularies, and by whom."""
    known = [*(await _crosswalks(exchange)).values()]
    if exchange.offer is HTML:
        return await exchange.fill("crosswalks.html", crosswalks=known)
    heads = [{"name": one.name, **one.head, "mappings": len(one.rows)} for one in known]
    return write_json({"crosswalks": heads, "release": exchange.opened.id})


@router.get("/crosswalks/{name}", **single_crosswalk.documented)
@cached
async def crosswalk(
    exchange: Annotated[Exchange, Depends(single_crosswalk)], name: Annotated[str, Path()], page: PageNumber = 1
) -> bytes:
    """One crosswalk: as SSSOM (.tsv), or its mappings as SKOS (.ttl .jsonld)."""
    walk: Crosswalk = exchange.about.subject
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


async def _crosswalks(exchange: Exchange) -> Mapping[str, Crosswalk]:
    release = exchange.opened.release
    names = crosswalks.names(release.manifest["outputs"])
    read = partial(asyncio.to_thread, lambda: {name: crosswalks.read(release.path, name) for name in names})
    return await exchange.opened.once.find(("crosswalks",), read)


async def _package(exchange: Exchange) -> Mapping[str, Any]:
    load = partial(asyncio.to_thread, tables.load, exchange.opened.release.path)
    return await exchange.opened.once.find(("tables",), load) or {}  # of a release without tables


def _file(exchange: Exchange, name: str) -> Response:
    release, offer = exchange.opened.release, exchange.offer
    path = f"{tables.FOLDER}/{name}.{offer.name}"
    links = [
        Link("canonical", exchange.address(f"tables/{name}")),
        Link("license", LICENCE),
        Link("describedby", f"{exchange.prefix}/tables/{name}.json", JSON.media_type),
    ]
    headers = exchange.headers() | {"Link": write_header(links)}
    if offer is PARQUET:  # it is never compressed on its way, and this is the digest of what is sent
        digest = bytes.fromhex(release.manifest["outputs"][path])
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
    same = not_modified(exchange.request, headers, any_will_do=True)
    return same or FileResponse(release.path / path, media_type=offer.content_type, headers=headers)


async def _workbook(exchange: Exchange, resource: Mapping[str, Any]) -> bytes:
    opened = exchange.opened
    notes = [
        ("Table", resource["title"]),
        ("One row", resource["unit"]),
        ("How to read it", resource["description"]),
        *((f"How far the record goes: {one['what']}", one["note"]) for one in resource["limits"]),
        ("Release", opened.id),
        ("Address", f"{opened.base}release/{opened.id}/tables/{resource['name']}"),
        ("Licence", LICENCE),
    ]
    path = opened.release.path / tables.FOLDER / f"{resource['name']}.{PARQUET.name}"
    async with _one_at_a_time:
        data = await asyncio.to_thread(path.read_bytes)
        return await asyncio.to_thread(write_workbook, data, resource, notes)

"""The tidy tables and the crosswalks to other vocabularies, as the release holds them: their lists, each as a page, and its files.

A workbook is made of a table when it is requested. A crosswalk is on offer as SSSOM and as SKOS.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers, OwnParameters, PageNumber, alternates, cached, part_of
from api.http import links
from api.http.addresses import write_json
from api.http.links import Link
from api.http.negotiate import CSV, HTML, JSON, JSONLD, TURTLE, XLSX, named
from kg import catalogue, crosswalks, csvw, tables, terms
from kg.answer.formats import Format
from kg.crosswalks import Crosswalk
from kg.errors import UnknownName
from kg.languages import N_
from kg.tables.files import write_metadata, write_workbook
from kg.wording import say

router = APIRouter(tags=["Tables"], route_class=OwnParameters)

PARQUET = Format("parquet", tables.FORMATS["parquet"], ("table",))
CSVM = Format(csvw.SUFFIX, csvw.MEDIA_TYPE, ("table",))
FILES = (CSV, PARQUET)  # those that a release holds
DATA = (*FILES, XLSX, JSON, CSVM)
PACKAGE = tables.PACKAGE.removesuffix(".json")
TSV = Format("tsv", crosswalks.MEDIA_TYPE)
MAPPINGS = (HTML, TSV, TURTLE, JSONLD)
SSSOM = crosswalks.SUFFIX.removesuffix(TSV.suffix)
AT_ONCE = 20  # things on a page of a crosswalk, each with all that it corresponds to
_one_at_a_time = asyncio.Semaphore(1)  # a large workbook takes seconds

about_list = About(N_("Tables"), f"{terms.BASE}tables", ((JSON.media_type, f"/tables/{tables.PACKAGE}"),))
about_crosswalks = About(N_("Crosswalks to other vocabularies"), terms.BASE + "crosswalks")


async def _about(exchange: Exchange) -> About:
    name, resources = exchange.params["table"], await _tables(exchange)
    if name == PACKAGE:
        exchange.offer = named(exchange.suffix or JSON.name, (JSON,))
        return about_list
    if name not in resources:
        raise UnknownName(
            f"There is no table {name[:80]!r}",
            hint=f"On offer: {', '.join(resources)}" if resources else "This release was made without them",
        )
    table, path = resources[name], f"/tables/{name}"
    return About(
        table["title"],
        f"{terms.BASE}tables/{name}",
        alternates(path, DATA),
        summary=table["unit"],
        described_by=(CSVM.media_type, path + CSVM.suffix),
        types=(links.DATASET,),
        items=alternates(path, FILES),
        subject=table,
    )


async def _about_crosswalk(exchange: Exchange) -> About:
    name, walks = exchange.params["name"], await _crosswalks(exchange)
    if exchange.suffix == TSV.name:
        name = name.removesuffix(SSSOM)  # as the file is called in the release
    if name not in walks:
        raise UnknownName(
            say("There is no such crosswalk"),
            hint=say("There are: %(known)s", known=walks)
            if walks
            else say("This release was made without crosswalks."),
        )
    path, walk = f"/crosswalks/{name}", walks[name]
    return About(
        walk.title,
        terms.BASE + path[1:],
        alternates(path, MAPPINGS[1:]),
        kind="dataset",
        types=(links.DATASET,),
        items=alternates(path, (TSV,)),
        subject=walk,
    )


listing = Offers(HTML, JSON, about=about_list, errors=(404,))
single = Offers(HTML, *DATA, about=_about, stem="table", errors=(404,))
collection = Offers(HTML, JSON, about=about_crosswalks)
single_crosswalk = Offers(*MAPPINGS, about=_about_crosswalk, stem="name", errors=(404,))


@router.get("/tables", **listing.documented)
async def listed(exchange: Annotated[Exchange, Depends(listing)]) -> Response:
    """The tidy tables, with their files; as JSON the data package (Frictionless)."""
    if exchange.offer is JSON:
        return exchange.send_file(f"{tables.FOLDER}/{tables.PACKAGE}", JSON.media_type)
    return await exchange.serve(partial(exchange.fill, "tables.html", tables=(await _tables(exchange)).values()))


@router.get("/tables/{table}", **single.documented)
async def table(
    exchange: Annotated[Exchange, Depends(single)],
    table: Annotated[
        str,
        Path(
            description="The name of a table, with the suffix of a form of it: csv, parquet, xlsx, json or csv-metadata.json.",
            examples=["states.csv"],
        ),
    ],
) -> Response:
    """The codebook of a table, and its files (.csv .parquet .xlsx .json)."""
    if exchange.about is about_list:
        return await listed(exchange)
    if exchange.offer not in FILES:
        return await exchange.serve(partial(_write, exchange))
    name = exchange.about.subject["name"]
    page = f"{exchange.prefix}/tables/{name}"
    linked = (
        Link("describedby", page + CSVM.suffix, CSVM.media_type),
        Link("describedby", f"{page}.json", JSON.media_type),
        Link("canonical", f"{exchange.opened.base}tables/{name}"),
        Link("collection", page, HTML.media_type),
    )
    path = f"{tables.FOLDER}/{name}.{exchange.offer.name}"
    return exchange.send_file(path, exchange.offer.content_type, *linked)


async def _write(exchange: Exchange) -> bytes:
    resource, opened = exchange.about.subject, exchange.opened
    if exchange.offer is HTML:
        titles = {name: other["title"] for name, other in (await _tables(exchange)).items()}
        return await exchange.fill("codebook.html", table=resource, titles=titles)
    if exchange.offer is JSON:
        return write_json(resource)
    if exchange.offer is CSVM:
        return write_metadata(resource["name"], await _tables(exchange), opened.id, opened.base)
    async with _one_at_a_time:
        path = opened.release.path / tables.FOLDER / f"{resource['name']}{PARQUET.suffix}"
        return await asyncio.to_thread(write_workbook, path, resource, opened.id, opened.base)


@router.get("/crosswalks", **collection.documented)
@cached
async def all_crosswalks(exchange: Annotated[Exchange, Depends(collection)]) -> bytes:
    """Mappings to other vocabularies, and by whom."""
    walks = (await _crosswalks(exchange)).values()
    if exchange.offer is HTML:
        return await exchange.fill("crosswalks.html", crosswalks=walks)
    heads = [{"name": walk.name, **walk.head, "mappings": len(walk.rows)} for walk in walks]
    return write_json({"crosswalks": heads, "release": exchange.opened.id})


@router.get("/crosswalks/{name}", **single_crosswalk.documented)
async def crosswalk(
    exchange: Annotated[Exchange, Depends(single_crosswalk)], name: Annotated[str, Path()], page: PageNumber = 1
) -> Response:
    """One crosswalk: as SSSOM (.tsv), or its mappings as SKOS (.ttl .jsonld)."""
    walk: Crosswalk = exchange.about.subject
    if exchange.offer is TSV:
        path = f"{exchange.prefix}/crosswalks/{walk.name}"
        linked = (Link("describedby", f"{path}.ttl", TURTLE.media_type), Link("collection", path, HTML.media_type))
        return exchange.send_file(walk.path, TSV.content_type, *linked)

    async def write() -> bytes:
        if exchange.offer is not HTML:
            return await asyncio.to_thread(catalogue.write, walk.triples(), exchange.offer.name)
        part = part_of([*walk.by_subject().items()], page, at_once=AT_ONCE)
        return await exchange.fill("crosswalk.html", also=[thing for thing, _ in part.rows], walk=walk, part=part)

    return await exchange.serve(write)


async def _crosswalks(exchange: Exchange) -> Mapping[str, Crosswalk]:
    release = exchange.opened.release
    read = partial(asyncio.to_thread, crosswalks.read, release.path, release.manifest["outputs"])
    return await exchange.opened.once.find(("crosswalks",), read)


async def _tables(exchange: Exchange) -> Mapping[str, Any]:
    """Return what the package of the release describes, by name; nothing for a release without tables."""
    load = partial(asyncio.to_thread, tables.load, exchange.opened.release.path)
    package = await exchange.opened.once.find(("tables",), load)
    return {resource["name"]: resource for resource in package["resources"]} if package else {}

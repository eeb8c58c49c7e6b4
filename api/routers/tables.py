"""The tidy tables: their list, the codebook of each, and its files, as the release holds them; workbooks are made when requested."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import FileResponse, Response

from api import models
from api.dependencies import About, Exchange, Offers, alternates
from api.http import negotiate
from api.http.addresses import write_json
from api.http.conditional import not_modified
from api.http.links import Link, write_header
from api.http.negotiate import HTML, JSON
from kg import tables, terms
from kg.answer import formats
from kg.answer.formats import Format
from kg.errors import UnknownName
from kg.languages import N_
from kg.tables.writing import write_workbook
from kg.terms import LICENCE

router = APIRouter(tags=["Tables"])

CSV, XLSX = formats.by_name("csv", formats.ANSWER), formats.by_name("xlsx", formats.ANSWER)
PARQUET = Format("parquet", tables.FORMATS["parquet"], ".parquet", ("table",))
FILES = (CSV, PARQUET)  # those that a release holds
DATA = (*FILES, XLSX, JSON)
PACKAGE = tables.PACKAGE.removesuffix(".json")
_one_at_a_time = asyncio.Semaphore(1)  # a large workbook takes seconds

about_list = About(N_("Tables"), f"{terms.BASE}tables", ((JSON.media_type, f"/tables/{tables.PACKAGE}"),))


async def _about(exchange: Exchange) -> About:
    """Find the table of an address; its subject is its description."""
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


@router.get("/tables", **listing.documented)
async def listed(exchange: Annotated[Exchange, Depends(listing)]) -> Response:
    """The tidy tables, with their files; as JSON the data package (Frictionless)."""

    async def write() -> bytes:
        package = await _package(exchange)
        if exchange.offer is HTML:
            return await exchange.fill("tables.html", tables=package.get("resources", ()))
        if not package:
            raise UnknownName("This release has no tables", hint="Take a release that was made with them")
        return write_json(package)

    return await exchange.serve(write)


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

    async def write() -> bytes:
        if exchange.offer is HTML:
            titles = {one["name"]: one["title"] for one in (await _package(exchange))["resources"]}
            return await exchange.fill("codebook.html", table=resource, titles=titles)
        return write_json(resource) if exchange.offer is JSON else await _workbook(exchange, resource)

    return await exchange.serve(write)


async def _package(exchange: Exchange) -> Mapping[str, Any]:
    """Read the description of the tables, once for a release; it is empty where there are none."""

    async def read() -> Mapping[str, Any]:
        return await asyncio.to_thread(tables.load, exchange.opened.release.path) or {}

    return await exchange.opened.once.find(("tables",), read)


def _file(exchange: Exchange, name: str) -> Response:
    """Send a file as it lies in the release."""
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
    """Make the workbook of a table from its Parquet file, beside the event loop."""
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

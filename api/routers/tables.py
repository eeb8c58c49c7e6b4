"""The tidy tables: their list, the codebook of each, and its files, as the release holds them; workbooks are made when asked for."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.http import negotiate
from api.http.negotiate import HTML, JSON
from api.http.responses import (
    About,
    address_of,
    alternates,
    has,
    has_any,
    lifetime_of,
    opened_of,
    prefix_of,
    reader_of,
    serve,
    tag,
    write_json,
)
from api.openapi import answers
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
FORMS, LISTED = (HTML, *DATA), (HTML, JSON)
PACKAGE = tables.PACKAGE.removesuffix(".json")
_one_at_a_time = asyncio.Semaphore(1)  # a large workbook takes seconds


@router.get("/tables", **answers(*LISTED, errors=(404,)))
async def listed(request: Request) -> Response:
    """The tidy tables, with their files; as JSON the data package (Frictionless)."""
    offer = negotiate.pick(request.headers.get("accept"), LISTED, override=request.query_params.get("format"))
    return await _package(request, offer)


@router.get("/tables/{table}", **answers(*FORMS, errors=(404,)))
async def table(
    request: Request,
    table: Annotated[
        str,
        Path(
            description="The name of a table, with the suffix of a form of it: csv, parquet, xlsx or json.",
            examples=["states.csv"],
        ),
    ],
) -> Response:
    """The codebook of a table, and its files (.csv .parquet .xlsx .json)."""
    name, suffix = negotiate.split_suffix(request.path_params["table"], FORMS)
    if name == PACKAGE:
        return await _package(request, negotiate.named(suffix or "json", (JSON,)))
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix)
    known = _known(request)
    if name not in known:
        hint = f"On offer: {', '.join(known)}" if known else "This release was made without them"
        raise UnknownName(f"There is no table {name[:80]!r}", hint=hint)
    if offer in FILES:
        return _file(request, name, offer)
    about = About(name, f"{terms.BASE}tables/{name}", alternates(f"/tables/{name}", DATA))

    async def make() -> bytes:
        package = await asyncio.to_thread(tables.load, opened_of(request).release.path)
        resource = next(one for one in package["resources"] if one["name"] == name)
        if offer is HTML:
            reader = reader_of(request)
            told = about._replace(title=resource["title"], summary=resource["unit"])
            return await reader.fill("codebook.html", about=told, table=resource, titles=_titles(package))
        if offer is XLSX:
            return await _workbook(request, resource)
        return write_json(resource)

    # A link to the text of a workbook's Notes, so each base has its own.
    return await serve(request, offer, make, about=about)


async def _package(request: Request, offer: Format) -> Response:
    about = About(N_("Tables"), f"{terms.BASE}tables", ((JSON.media_type, f"/tables/{tables.PACKAGE}"),))

    async def make() -> bytes:
        package = await asyncio.to_thread(tables.load, opened_of(request).release.path)
        if offer is HTML:
            found = package["resources"] if package else []
            return await reader_of(request).fill("tables.html", about=about, found=found)
        if not package:
            raise UnknownName("This release has no tables", hint="Take a release that was made with them")
        return write_json(package)

    return await serve(request, offer, make, about=about)


def _known(request: Request) -> dict[str, str]:
    """The tables of a release, each with the SHA-256 of its CSV."""
    outputs = opened_of(request).release.manifest["outputs"]
    start, end = f"{tables.FOLDER}/", ".csv"
    return {n.removeprefix(start).removesuffix(end): sha for n, sha in outputs.items() if n.startswith(start) and n.endswith(end)}  # fmt: skip


def _titles(package: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: one["title"] for one in package["resources"]}


def _file(request: Request, name: str, offer: Format) -> Response:
    """Send a file as it lies in the release."""
    opened = opened_of(request)
    path = f"{tables.FOLDER}/{name}.{offer.name}"
    etag = tag(request, offer)
    headers = {
        "ETag": etag,
        "Cache-Control": lifetime_of(request),
        "Link": f'<{address_of(request, f"tables/{name}")}>; rel="canonical", <{LICENCE}>; rel="license", '
        f'<{prefix_of(request)}/tables/{name}.json>; rel="describedby"; type="{JSON.media_type}"',
    }
    if offer is PARQUET:  # it is never compressed on its way, and this is the digest of what is sent
        digest = bytes.fromhex(opened.release.manifest["outputs"][path])
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
    if has(request, etag) or has_any(request):
        return Response(status_code=304, headers=headers)
    return FileResponse(opened.release.path / path, media_type=offer.content_type, headers=headers)


async def _workbook(request: Request, resource: Mapping[str, Any]) -> bytes:
    """Make the workbook of a table from its Parquet file, beside the event loop."""
    opened = opened_of(request)
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

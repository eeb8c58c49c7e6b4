"""JSON-LD with our own context: the context by version, a frame for each class, and documents written with the context.

A document names the context by its address on this server, so that whoever reads it can fetch it, and only that one.
"""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import About, Exchange, Offers, Write, prefix_of
from api.http.addresses import requested_address
from api.http.conditional import make_etag, not_modified
from api.openapi import answers
from api.routers import dictionary
from api.routers.dictionary import Dictionary
from kg import terms
from kg.answer import formats
from kg.errors import UnknownName
from kg.jsonld import FOLDER, Compactor
from kg.languages import N_

router = APIRouter(tags=["Vocabulary"])

JSONLD = formats.by_name("jsonld", formats.GRAPH)
_TYPE = terms.PREFIXES["rdf"] + "type"
_VALUE = {"@omitDefault": True}  # whatever is said; nothing where nothing is, since null could be read as no
_NAMED = {
    "@id": {},
    "@explicit": True,
    "@embed": "@always",
    "skos:prefLabel": _VALUE,
    **_VALUE,
}  # a thing with its names


@cache
def versions() -> dict[str, bytes]:
    """Read the contexts by version of the ontology."""
    return {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.jsonld"))}


@cache
def newest() -> str:
    """Name the version of the newest context."""
    return max(versions(), key=lambda version: [int(part) for part in version.split(".")])


@cache
def compactor() -> Compactor:
    """Make what writes documents with the newest context."""
    return Compactor(json.loads(versions()[newest()])["@context"])


def address(request: Request) -> str:
    """Write the address of the newest context on the server that was asked."""
    base = request.app.state.settings.base
    return f"{base or requested_address(request).removesuffix(request.scope['path'].lstrip('/'))}context/{newest()}"


@router.get("/context", **answers(status=303))
async def newest_context(request: Request) -> Response:
    """The context of JSON-LD: 303 to the newest version."""
    return RedirectResponse(f"{prefix_of(request)}/context/{newest()}", 303)


document = Offers(JSONLD, stem="version", errors=(404,))


@router.get("/context/{version}", **document.documented)
async def context(
    exchange: Annotated[Exchange, Depends(document)], version: Annotated[str, Path(examples=["2.0.0"])]
) -> Response:
    """The context of JSON-LD for a version of the ontology, made from it."""
    version = exchange.params["version"]
    body = versions().get(version)
    if body is None:
        raise UnknownName(f"There is no context {version[:40]!r}", hint=f"There is {', '.join(versions())}")
    headers = {"ETag": make_etag(body.decode()), "Cache-Control": "public, max-age=86400"}
    if same := not_modified(exchange.request, headers):
        return same
    return Response(body, headers=headers, media_type=JSONLD.content_type)


async def _about_frame(exchange: Exchange) -> About:
    return About(N_("Frame"), f"{terms.BASE}frame/{exchange.params['name']}")


frames = Offers(JSONLD, about=_about_frame, stem="name", errors=(404,))


@router.get("/frame/{name}", **frames.documented)
async def frame(
    exchange: Annotated[Exchange, Depends(frames)], name: Annotated[str, Path(examples=["Act"])]
) -> Response:
    """The JSON-LD frame of a class, made from shapes and ontology."""
    known, name = await dictionary.read(exchange.reader), exchange.params["name"]
    iri, there = terms.VOCABULARY + name, address(exchange.request)
    if iri not in {row["term"] for row in known.classes}:
        raise UnknownName(f"There is no class {name[:60]!r} here", hint="/dictionary lists the classes")

    async def write() -> bytes:
        return json.dumps(make_frame(known, iri, there), ensure_ascii=False, indent=1).encode()

    return await exchange.serve(write, etag_extra=there)


def make_frame(known: Dictionary, iri: str, context: str) -> dict[str, Any]:
    """Make the frame of a class: all that shapes and ontology let its things say, and what may link to them, by name alone.

    It writes properties as short IRIs, since a name that takes a language cannot stand for any value.
    """
    line = known.line(iri)
    made: dict[str, Any] = {
        "@context": context,
        "@type": iri.removeprefix(terms.VOCABULARY),
        "@explicit": True,
        "@embed": "@always",
    }
    for asked in known.asked(line):
        either = (name for part in asked.rules if part.most != 0 for name in part.properties)
        for name in dict.fromkeys([*(one.row["term"] for one in asked.properties), *either]):
            if name != _TYPE:  # all of a thing's classes stand in the tree anyway
                made[terms.shorten(name)] = _NAMED if _is_link(known, name) else _VALUE
    made["@reverse"] = {terms.shorten(row["term"]): _NAMED for row in known.leading(line)}
    return made


def _is_link(known: Dictionary, iri: str) -> bool:
    return iri in known.terms and known.terms[iri]["kind"].endswith("#ObjectProperty")


async def serve(exchange: Exchange, write: Write, first: str) -> Response:
    """Serve a page or a document of RDF; expanded JSON-LD is written with the context, the node `first` at its beginning."""
    if exchange.offer is not JSONLD:
        return await exchange.serve(write)
    there = address(exchange.request)

    async def compact() -> bytes:
        expanded = await write()

        def document() -> bytes:
            return json.dumps(compactor().document(there, json.loads(expanded), first), ensure_ascii=False).encode()

        return await asyncio.to_thread(document)

    return await exchange.serve(compact, etag_extra=there)

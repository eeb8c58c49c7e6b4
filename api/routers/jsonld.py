"""JSON-LD with our own context: the context by version, a frame for each class, and documents written with the context.

A document names the context by its address on this server, so that whoever reads it can fetch it, and only that one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.http import negotiate
from api.http.responses import About, asked_address, has, prefix_of, reader_of, serve
from api.routers import dictionary
from api.routers.dictionary import Dictionary
from kg import terms
from kg.answer import formats
from kg.errors import UnknownName
from kg.jsonld import FOLDER, Compactor
from kg.languages import N_

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
    return f"{base or asked_address(request).removesuffix(request.scope['path'].lstrip('/'))}context/{newest()}"


async def context(request: Request) -> Response:
    """Answer /context/<version>; /context sends to the newest."""
    version = request.path_params.get("version", "").removesuffix(".jsonld")
    if not version:
        return RedirectResponse(f"{prefix_of(request)}/context/{newest()}", 303)
    body = versions().get(version)
    if body is None:
        raise UnknownName(f"There is no context {version[:40]!r}", hint=f"There is {', '.join(versions())}")
    negotiate.pick(request.headers.get("accept"), (JSONLD,))
    headers = {"ETag": f'W/"{hashlib.sha256(body).hexdigest()[:24]}"', "Cache-Control": "public, max-age=86400"}
    if has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSONLD.content_type)


async def frame(request: Request) -> Response:
    """Answer /frame/<class>: what makes of a document in JSON-LD a tree about a thing of the class."""
    name = request.path_params["class"].removesuffix(".jsonld")
    known = await dictionary.read(reader_of(request))
    offer = negotiate.pick(request.headers.get("accept"), (JSONLD,))
    iri = terms.VOCABULARY + name
    if iri not in {row["term"] for row in known.classes}:
        raise UnknownName(f"There is no class {name[:60]!r} here", hint="/dictionary lists the classes")
    about, there = About(N_("Frame"), terms.BASE + f"frame/{name}"), address(request)

    async def make() -> bytes:
        return json.dumps(make_frame(known, iri, there), ensure_ascii=False, indent=1).encode()

    return await serve(request, offer, make, about=about, told=there)


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


async def write(request: Request, body: bytes, first: str) -> bytes:
    """Write expanded JSON-LD with the context; the node `first` stands first."""
    there = address(request)

    def made() -> bytes:
        return json.dumps(compactor().document(there, json.loads(body), first), ensure_ascii=False).encode()

    return await asyncio.to_thread(made)

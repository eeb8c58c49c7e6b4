"""The releases as an event stream: all versions of all things, in pages that never change (LDES, TREE).

The root names the first page of each release; a page holds versions and leads to the next one of its release. A page is
made of two releases, and is gone when one of them is removed; then the stream begins anew with the releases that are left.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.negotiate import RESULT_GRAPHS
from api.http.responses import PINNED, About, asked_address, opened_of, read_once, serve
from api.openapi import answers
from api.routers.changes import releases_of
from kg import changes, release, terms
from kg.changes import stream
from kg.errors import BadParameter, UnknownName
from kg.release import Release
from kg.store import write_triples
from kg.terms import LICENCE, Blank, Iri, Literal
from kg.wording import say

router = APIRouter(tags=["Changes"])

PATH = "changes/ldes"
STREAM = f"{terms.BASE}{PATH}#stream"
SHAPE = f"{terms.BASE}{PATH}#version"
NONE = "none"  # in the address of a page: there is no release before
IMMUTABLE = f"{PINNED}, immutable"
_SPACES = stream.PREFIXES
_DATETIME = _SPACES["xsd"] + "dateTime"

Statements = Iterator[tuple[Iri | Blank, Iri, Iri | Blank | Literal]]


@router.get("/changes/ldes", **answers(*RESULT_GRAPHS))
async def root(request: Request) -> Response:
    """All versions of all things as an event stream (LDES, TREE)."""
    offer, here, at = await _asked(request)

    async def make() -> bytes:
        return write_triples([*_describe(at), *_shape(), *_relations(at, here)], offer.name, _SPACES)

    told = ",".join([at, *(one.id for one in here)])
    return await serve(request, offer, make, about=About("LDES", terms.BASE + PATH), told=told)


@router.get("/changes/ldes/{before}/{release}/{number}", **answers(*RESULT_GRAPHS, errors=(404, 410)))
async def page(
    request: Request,
    before: Annotated[str, Path(description="The release before, or none.", examples=["none"])],
    release: Annotated[str, Path()],
    number: Annotated[str, Path(description="Which page, counted from 1.", examples=["1"])],
) -> Response:
    """A page of that stream, which never changes."""
    offer, here, at = await _asked(request)
    names = {name: request.path_params[name] for name in ("before", "release")}
    number, out = _number(request.path_params["number"]), request.app.state.settings.out
    new = release.find(out, names["release"])
    old = None if names["before"] == NONE else release.find(out, names["before"])
    if (old and old.id, new.id) not in [(before and before.id, one.id) for before, one in _pairs(here)]:
        hint = say("Begin anew at %(path)s: a release was removed, or others lie between these", path=f"/{PATH}")
        raise UnknownName(say("The stream has no such page"), hint=hint)
    begins = await request.app.state.releases.comparisons.bounds(old, new)
    if number > max(len(begins), 1):
        raise UnknownName(
            say("There is no page %(page)s", page=number), hint=say("There are %(last)s pages", last=len(begins))
        )
    start, end = [*begins, None, None][number - 1 : number + 1]

    async def make() -> bytes:
        found = await asyncio.to_thread(changes.versions, old, new, start, end) if start is not None else []
        head = [*_page(at, _address(at, old, new, number), found)]
        if number < len(begins):
            head += _relation(_address(at, old, new, number), _address(at, old, new, number + 1), new, "next")
        lines = write_triples(head, "nt", {}).removesuffix(b" .\n").split(b" .\n")
        made = str(new.manifest["created"])
        return await asyncio.to_thread(changes.write_versions, made, found, lines, offer.name)

    about = About("LDES", _address(terms.BASE, old, new, number))
    return await serve(request, offer, make, about=about, headers={"Cache-Control": IMMUTABLE}, told=at)


async def _asked(request: Request) -> tuple[negotiate.Format, list[Release], str]:
    """Read what is asked: the format, the releases of the stream, the oldest first, and the address of the server."""
    values = read_once(request)
    for name in values.keys() - {"format"}:
        hint = say("There are: %(known)s", known="format")
        raise BadParameter(say("There is no parameter %(name)s", name=name[:40]), where=name[:40], hint=hint)
    offer = negotiate.pick(request.headers.get("accept"), RESULT_GRAPHS, override=values.get("format"))
    if request.scope["state"]["pinned"]:
        here = await releases_of(request)
    else:  # one that was rolled back is in the stream still: a stream takes nothing back
        here = await asyncio.to_thread(release.releases, request.app.state.settings.out)
    address = asked_address(request)
    return offer, here or [opened_of(request).release], address[: address.index(PATH)]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text)):
        raise UnknownName(say("A page has a number from 1 on"))
    return int(text)


def _pairs(here: list[Release]) -> list[tuple[Release | None, Release]]:
    return list(itertools.pairwise([None, *here]))  # type: ignore[list-item]


def _address(at: str, old: Release | None, new: Release, number: int) -> str:
    return f"{at}{PATH}/{old.id if old else NONE}/{new.id}/{number}"


def _describe(at: str) -> Statements:
    """Say what the stream is, by which properties its versions are told apart, and what a deletion is."""
    yield Iri(STREAM), _iri("rdf:type"), _iri("ldes:EventStream")
    yield Iri(STREAM), _iri("dcterms:title"), Literal("Answerable: all versions of all things", language="en")
    yield Iri(STREAM), _iri("dcterms:license"), Iri(LICENCE)
    yield Iri(STREAM), _iri("dcterms:conformsTo"), Iri(terms.BASE + "shapes")
    yield Iri(STREAM), _iri("tree:shape"), Iri(SHAPE)
    yield Iri(STREAM), _iri("tree:view"), Iri(at + PATH)
    yield Iri(STREAM), _iri("ldes:timestampPath"), Iri(stream.MADE)
    yield Iri(STREAM), _iri("ldes:versionOfPath"), Iri(stream.VERSION_OF)
    for name, kind in (("Create", stream.CREATE), ("Update", stream.UPDATE), ("Delete", stream.DELETE)):
        yield Iri(STREAM), _iri(f"ldes:version{name}Path"), Iri(stream.KIND)
        yield Iri(STREAM), _iri(f"ldes:version{name}Object"), Iri(kind)
    yield Iri(at + PATH), _iri("rdf:type"), _iri("tree:Node")


def _shape() -> Statements:
    """Describe what each version has besides what it says of its thing, which the shapes of the data judge."""
    yield Iri(SHAPE), _iri("rdf:type"), _iri("sh:NodeShape")
    kinds = {stream.VERSION_OF: ("sh:nodeKind", _iri("sh:IRI")), stream.KIND: ("sh:nodeKind", _iri("sh:IRI"))}
    for property in stream.PROPERTIES:
        node = Iri(f"{SHAPE}-{terms.shorten(property).partition(':')[2]}")
        yield Iri(SHAPE), _iri("sh:property"), node
        yield node, _iri("sh:path"), Iri(property)
        for count in ("sh:minCount", "sh:maxCount"):
            yield node, _iri(count), Literal("1", _SPACES["xsd"] + "integer")
        name, value = kinds.get(property, ("sh:datatype", Iri(_DATETIME)))
        yield node, _iri(name), value


def _relations(at: str, here: list[Release]) -> Statements:
    for number, (old, new) in enumerate(_pairs(here)):
        yield from _relation(at + PATH, _address(at, old, new, 1), new, f"r{number}")


def _relation(page: str, other: str, made: Release, label: str) -> Statements:
    """Lead from a page to another, all of whose versions are of one time."""
    for kind in ("GreaterThanOrEqualTo", "LessThanOrEqualTo"):
        node = Blank(f"{label}{kind[0]}")
        yield Iri(page), _iri("tree:relation"), node
        yield node, _iri("rdf:type"), _iri(f"tree:{kind}Relation")
        yield node, _iri("tree:node"), Iri(other)
        yield node, _iri("tree:path"), Iri(stream.MADE)
        yield node, _iri("tree:value"), Literal(str(made.manifest["created"]), _DATETIME)


def _page(at: str, address: str, found: list[changes.Version]) -> Statements:
    yield Iri(STREAM), _iri("rdf:type"), _iri("ldes:EventStream")
    yield Iri(STREAM), _iri("tree:view"), Iri(at + PATH)
    yield Iri(address), _iri("rdf:type"), _iri("tree:Node")
    for version in found:
        yield Iri(STREAM), _iri("tree:member"), Iri(version.iri)


def _iri(name: str) -> Iri:
    prefix, _, local = name.partition(":")
    return Iri(_SPACES[prefix] + local)

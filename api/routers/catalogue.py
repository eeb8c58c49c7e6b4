"""The dataset: its dumps, and its graphs: schemes and sources.

A dump is sent as the build wrote it, with the checksum of the manifest.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from api.dependencies import (
    About,
    Exchange,
    Offers,
    PageNumber,
    Section,
    Write,
    alternates,
    check_section,
    exchange_of,
    prefix_of,
)
from api.http import negotiate
from api.http.conditional import not_modified
from api.http.links import Link, write_header
from api.http.negotiate import GRAPHS, HTML, JSON
from api.openapi import answers
from api.render import paging
from api.render.documents import describe
from api.routers import jsonld
from kg import release, terms
from kg.answer.formats import Format
from kg.catalogue import triples, typed, write
from kg.errors import AnswerTooLarge, UnknownName
from kg.languages import N_
from kg.members import packing_of
from kg.terms import LICENCE, Iri
from kg.wording import say

router = APIRouter(tags=["Graphs and dumps"])

FORMS = (HTML, *GRAPHS)
SD_GRAPH = "http://www.w3.org/ns/sparql-service-description#Graph"
MOST_TRIPLES = 2_000  # of a graph that is written whole for its page: more than fill LONGEST
LONGEST = 40_000  # letters of a graph that its page shows
SCHEMES = f"{terms.GRAPH}ontology/schemes/"

# What the pages of the vocabulary and of the graphs are called.
TITLES = {"/scheme": N_("Schemes of concepts"), "/graph": N_("Named graphs")}


DUMPS = answers("application/gzip", "application/zstd", "text/plain", errors=(404,))


@router.get("/dumps", **answers(status=303))
async def dump_list(request: Request) -> Response:
    """The dumps: 303 to /dataset."""
    return RedirectResponse(prefix_of(request) + "/dataset", 303)


@router.get("/dumps/{file}", **DUMPS)
async def dump(
    exchange: Annotated[Exchange, Depends(exchange_of)], file: Annotated[str, Path(examples=["answerable.nq.gz"])]
) -> Response:
    """One dump, or with .sha256 its checksum."""
    found, name = exchange.opened.release, file.removesuffix(".sha256")
    if name not in _dumps(found):
        raise UnknownName(
            say("There is no dump %(name)s", name=f"{name[:80]!r}"),
            hint=say("On offer: %(names)s", names=", ".join(_dumps(found))),
        )
    sha256 = found.manifest["outputs"][f"dumps/{name}"]
    if file != name:
        return Response(f"{sha256}  {name}\n", media_type="text/plain; charset=utf-8")
    # It is sent as it lies there, and never compressed on its way.
    headers = exchange.headers() | {
        "ETag": f'"{sha256[:24]}"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:",
        "Link": _links_of_dump(exchange),
    }
    headers.pop("Vary", None)
    if same := not_modified(exchange.request, headers, any_will_do=True):
        return same
    return FileResponse(found.path / "dumps" / name, media_type=packing_of(name).media_type, headers=headers)


def _links_of_dump(exchange: Exchange) -> str:
    """Link a dump to the page that offers it, its description and its licence."""
    page = exchange.prefix + "/dataset"
    return write_header(
        [
            Link("collection", page, HTML.media_type),
            Link("describedby", exchange.address("dataset")),
            Link("describedby", f"{page}.ttl", negotiate.TURTLE.media_type),
            *([] if exchange.opened.is_plain else [Link("license", LICENCE)]),
        ]
    )


def _package(name: str, form: Format, sentence: str) -> None:
    """Add the route of a file that describes the release to those who take its folder, and lies in it beside the dumps."""
    offers = Offers(form, about=About(name, terms.BASE + name), errors=(404,))

    async def package(exchange: Exchange = Depends(offers)) -> Response:
        path = exchange.opened.release.path / name
        if not path.is_file():
            message = say("This release was made without %(name)s", name=name)
            raise UnknownName(message, hint=say("/dataset describes it"))

        async def write() -> bytes:
            return await asyncio.to_thread(path.read_bytes)

        return await exchange.serve(write)

    router.add_api_route(f"/{name}", package, name=name, description=sentence, **offers.documented)


YAML, JSON_LD = (
    Format("cff", "application/yaml", ".cff", frozenset()),
    Format("jsonld", "application/ld+json", ".json", frozenset()),
)
_package("CITATION.cff", YAML, "How to cite the release (Citation File Format)")
_package("ro-crate-metadata.json", JSON_LD, "What is in the folder of the release (RO-Crate)")
_package("datapackage.json", JSON, "The dumps as a data package (Frictionless)")
_package("zenodo.json", JSON, "What Zenodo asks of who deposits the release")


async def _about(exchange: Exchange) -> About:
    """Name the graph at an address, or the folder of graphs: its subject is the IRI, which ends in a slash for a folder."""
    kind, name = exchange.path[1:].partition("/")[0].partition(".")[0], next(iter(exchange.params.values()), "")
    path = f"/{kind}/{name}" if name else f"/{kind}"
    stem, sizes = (SCHEMES if kind == "scheme" else terms.GRAPH) + name, exchange.opened.graphs
    is_folder = not name and any(one.startswith(stem) for one in sizes)
    if stem not in sizes and not is_folder:
        hint = say("/ontology, /scheme and /graph list what there is")
        raise UnknownName(say("There is no %(path)s here", path=path[:80]), hint=hint)
    title = TITLES.get(path) or path[1:].removeprefix("graph/")
    return About(title, terms.BASE + path[1:], alternates(path, GRAPHS), subject=stem)


folders = Offers(*FORMS, about=_about, errors=(404,))
single_scheme = Offers(*FORMS, about=_about, stem="scheme", errors=(404,))
single_graph = Offers(*GRAPHS, HTML, about=_about, stem="name", errors=(404, 422))


@router.get("/scheme", **folders.documented)
@router.get("/scheme.{suffix}", include_in_schema=False)
async def schemes(exchange: Annotated[Exchange, Depends(folders)]) -> Response:
    """The schemes of concepts."""

    async def page() -> bytes:
        found = await exchange.reader.ask("schemes")
        return await exchange.fill("schemes.html", found, schemes=found)

    return await _serve(exchange, page)


@router.get("/scheme/{scheme}", **single_scheme.documented)
async def scheme(
    exchange: Annotated[Exchange, Depends(single_scheme)], scheme: Annotated[str, Path(examples=["right"])]
) -> Response:
    """One scheme (SKOS)."""

    async def page() -> bytes:
        iri = exchange.about.canonical
        facts, concepts = (await exchange.reader.ask_all(("facts", "concepts"), this=Iri(iri))).values()
        return await exchange.fill("scheme.html", facts, concepts, also=[iri], iri=iri, facts=facts, concepts=concepts)

    return await _serve(exchange, page)


@router.get("/graph", **folders.documented)
@router.get("/graph.{suffix}", include_in_schema=False)
async def graphs(exchange: Annotated[Exchange, Depends(folders)], show: Section = "", page: PageNumber = 1) -> Response:
    """The named graphs by folder: one a source file, and what the build derived."""

    async def fill() -> bytes:
        """Show the folders of graphs, or the graphs of one."""
        found: dict[str, dict[str, int]] = {"": {}}
        for name, size in exchange.opened.graphs.items():
            found.setdefault(name.removeprefix(terms.GRAPH).rpartition("/")[0], {})[name] = size
        check_section(show, [name for name in found if name])
        part = paging.part_of(list(found[show].items()), page, show)
        return await exchange.fill("graphs.html", folders=found, part=part, base=terms.GRAPH)

    return await _serve(exchange, fill)


@router.get("/graph/{name:path}", **single_graph.documented)
async def graph(
    exchange: Annotated[Exchange, Depends(single_graph)], name: Annotated[str, Path(examples=["inferred"])]
) -> Response:
    """One named graph."""

    async def page() -> bytes:
        """Show a graph as text, or its beginning, of which no more is written than the page can show."""
        stem = exchange.about.subject
        is_large = exchange.opened.graphs.get(stem, 0) > MOST_TRIPLES
        text: str | None = None
        try:
            query = "graph-beginning" if is_large else "graph"
            text = (await exchange.reader.graph(query, "ttl", this=Iri(stem))).decode()
        except AnswerTooLarge:
            pass
        shown = len(escape(text or ""))
        if text and shown > LONGEST:  # behind a whole paragraph, or line, where there is one
            beginning = text[: LONGEST * len(text) // shown]
            text = beginning.rpartition("\n\n")[0] or beginning.rpartition("\n")[0] or beginning
        is_cut, names = is_large or shown > LONGEST, _dumps(exchange.opened.release)
        return await exchange.fill("graph.html", text=text, is_cut=is_cut, dumps=names)

    return await _serve(exchange, page)


async def _serve(exchange: Exchange, page: Write) -> Response:
    """Serve a graph, or all graphs of a folder as one, or the page about them."""
    if exchange.offer is HTML:
        return await exchange.serve(page)
    about, form, reader = exchange.about, exchange.offer.name, exchange.reader
    stem, sizes = about.subject, exchange.opened.graphs

    async def data() -> bytes:
        if stem == terms.GRAPH:  # all of them together are the dumps
            return _write_sizes(sizes, form)
        # A source file is sent as the graph it is; the others are documents of this site, and say so.
        path = "/" + about.canonical.removeprefix(terms.BASE)
        facts = {} if stem == about.canonical else describe(exchange.opened.release, path, about.canonical, form)
        try:
            if stem.endswith("/"):
                return await reader.graphs((name for name in sizes if name.startswith(stem)), form, facts)
            return await reader.graph("graph", form, facts, this=Iri(stem))
        except AnswerTooLarge as error:
            hint = say("Take the dump at /dumps, or a part of the graph from /sparql with LIMIT and OFFSET")
            raise AnswerTooLarge(error.message, hint=hint) from None

    # A scheme is small enough to be compacted.
    return await (jsonld.serve(exchange, data, about.canonical) if stem.startswith(SCHEMES) else exchange.serve(data))


def _write_sizes(sizes: Mapping[str, int], format: str) -> bytes:
    """Write the named graphs with their numbers of triples, as data."""
    kind = Iri(SD_GRAPH)
    things = {name: {"rdf:type": kind, "void:triples": typed(count, "integer")} for name, count in sizes.items()}
    return write(triples(things), format)


def _dumps(found: release.Release) -> list[str]:
    return list(found.dumps)

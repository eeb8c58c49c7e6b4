"""The dataset: its dumps, and its graphs: schemes and sources.

A dump is sent as the build wrote it, with the checksum of the manifest.
"""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from api import models
from api.dependencies import (
    About,
    Exchange,
    Offers,
    PageNumber,
    Section,
    alternates,
    cache_control,
    cached,
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
from api.render.page import describe
from api.routers.vocabulary import compact
from kg import terms
from kg.answer.formats import Format
from kg.catalogue import Things, triples, typed, write
from kg.errors import AnswerTooLarge, UnknownName
from kg.languages import N_
from kg.members import packing_of
from kg.terms import LICENCE, Iri
from kg.wording import say

router = APIRouter(tags=["Graphs and dumps"])

SD_GRAPH = "http://www.w3.org/ns/sparql-service-description#Graph"
MOST_TRIPLES = 2_000  # of a graph that is written whole for its page: more than fill LONGEST
LONGEST = 40_000  # letters of a graph that its page shows
SCHEMES = f"{terms.GRAPH}ontology/schemes/"

TITLES = {"/scheme": N_("Schemes of concepts"), "/graph": N_("Named graphs")}


@router.get("/dumps", **answers(status=303))
async def dump_list(request: Request) -> Response:
    """The dumps: 303 to /dataset."""
    return RedirectResponse(prefix_of(request) + "/dataset", 303)


@router.get("/dumps/{file}", **answers("application/gzip", "application/zstd", "text/plain", errors=(404,)))
async def dump(
    exchange: Annotated[Exchange, Depends(exchange_of)], file: Annotated[str, Path(examples=["answerable.nq.gz"])]
) -> Response:
    """One dump, or with .sha256 its checksum."""
    release, name, page = exchange.opened.release, file.removesuffix(".sha256"), exchange.prefix + "/dataset"
    if name not in release.dumps:
        message = say("There is no dump %(name)s", name=f"{name[:80]!r}")
        raise UnknownName(message, hint=say("On offer: %(names)s", names=", ".join(release.dumps)))
    sha256 = release.manifest["outputs"][f"dumps/{name}"]
    if file != name:
        return Response(f"{sha256}  {name}\n", media_type="text/plain; charset=utf-8")
    linked = [
        Link("collection", page, HTML.media_type),
        Link("describedby", exchange.address("dataset")),
        Link("describedby", f"{page}.ttl", negotiate.TURTLE.media_type),
        *([] if exchange.opened.is_plain else [Link("license", LICENCE)]),
    ]
    # It is sent as it lies there, and never compressed on its way.
    headers = {
        "ETag": f'"{sha256[:24]}"',
        "Cache-Control": cache_control(exchange.request),
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:",
        "Link": write_header(linked),
    }
    same = not_modified(exchange.request, headers, any_will_do=True)
    return same or FileResponse(release.path / "dumps" / name, media_type=packing_of(name).media_type, headers=headers)


def _package(name: str, form: Format, description: str) -> None:
    """Add the operation of a file that lies beside the dumps and describes the release to those who take its folder."""
    about, model = About(name, terms.BASE + name), models.Object if form is JSON else None
    offers = Offers(form, about=about, model=model, errors=(404,), is_fixed=True)

    @router.get(f"/{name}", name=name, description=description, **offers.documented)
    @cached
    async def package(exchange: Exchange = Depends(offers)) -> bytes:
        path = exchange.opened.release.path / name
        if not path.is_file():
            message = say("This release was made without %(name)s", name=name)
            raise UnknownName(message, hint=say("/dataset describes it"))
        return await asyncio.to_thread(path.read_bytes)


YAML = Format("cff", "application/yaml", ".cff", ())
JSON_LD = Format("jsonld", "application/ld+json", ".json", ())
_package("CITATION.cff", YAML, "How to cite the release (Citation File Format)")
_package("ro-crate-metadata.json", JSON_LD, "What is in the folder of the release (RO-Crate)")
_package("datapackage.json", JSON, "The dumps as a data package (Frictionless)")
_package("zenodo.json", JSON, "What Zenodo asks of who deposits the release")


async def _about(exchange: Exchange) -> About:
    """Name the graph at an address, or the folder of graphs; its subject is the IRI, of a folder with a slash."""
    kind, name = exchange.path[1:].partition("/")[0].partition(".")[0], next(iter(exchange.params.values()), "")
    path, stem = f"/{kind}/{name}" if name else f"/{kind}", (SCHEMES if kind == "scheme" else terms.GRAPH) + name
    sizes = exchange.opened.graphs
    if stem not in sizes and (name or not any(each.startswith(stem) for each in sizes)):
        hint = say("/ontology, /scheme and /graph list what there is")
        raise UnknownName(say("There is no %(path)s here", path=path[:80]), hint=hint)
    title = TITLES.get(path) or path[1:].removeprefix("graph/")
    return About(title, terms.BASE + path[1:], alternates(path, GRAPHS), subject=stem)


folders = Offers(HTML, *GRAPHS, about=_about, errors=(404,))
single_scheme = Offers(HTML, *GRAPHS, about=_about, stem="scheme", errors=(404,))
single_graph = Offers(*GRAPHS, HTML, about=_about, stem="name", errors=(404, 422))


@router.get("/scheme", **folders.documented)
@router.get("/scheme.{suffix}", include_in_schema=False)
@cached
async def schemes(exchange: Annotated[Exchange, Depends(folders)]) -> bytes:
    """The schemes of concepts."""
    if exchange.offer is not HTML:
        return await _write(exchange)
    listed = await exchange.reader.ask("schemes")
    return await exchange.fill("schemes.html", listed, schemes=listed)


@router.get("/scheme/{scheme}", **single_scheme.documented)
@cached
async def scheme(
    exchange: Annotated[Exchange, Depends(single_scheme)], scheme: Annotated[str, Path(examples=["right"])]
) -> bytes:
    """One scheme (SKOS)."""
    if exchange.offer is not HTML:
        return await _write(exchange)
    iri = exchange.about.canonical
    tables = await exchange.reader.ask_all(("facts", "concepts"), this=Iri(iri))
    return await exchange.fill("scheme.html", *tables.values(), also=[iri], iri=iri, **tables)


@router.get("/graph", **folders.documented)
@router.get("/graph.{suffix}", include_in_schema=False)
@cached
async def graphs(exchange: Annotated[Exchange, Depends(folders)], show: Section = "", page: PageNumber = 1) -> bytes:
    """The named graphs by folder: one a source file, and what the build derived."""
    if exchange.offer is not HTML:
        return await _write(exchange)
    by_folder: dict[str, dict[str, int]] = {"": {}}
    for name, size in exchange.opened.graphs.items():
        by_folder.setdefault(name.removeprefix(terms.GRAPH).rpartition("/")[0], {})[name] = size
    check_section(show, [name for name in by_folder if name])
    part = paging.part_of(list(by_folder[show].items()), page, show)
    return await exchange.fill("graphs.html", folders=by_folder, part=part, base=terms.GRAPH)


@router.get("/graph/{name:path}", **single_graph.documented)
@cached
async def graph(
    exchange: Annotated[Exchange, Depends(single_graph)], name: Annotated[str, Path(examples=["inferred"])]
) -> bytes:
    """One named graph."""
    if exchange.offer is not HTML:
        return await _write(exchange)
    stem = exchange.about.subject
    is_large = exchange.opened.graphs.get(stem, 0) > MOST_TRIPLES  # of which no more is written than the page can show
    try:
        query = "graph-beginning" if is_large else "graph"
        text = (await exchange.reader.graph(query, "ttl", this=Iri(stem))).decode()
    except AnswerTooLarge:
        text = None
    shown = len(escape(text or ""))
    if text and shown > LONGEST:  # to the end of a whole paragraph, or line, where there is one
        beginning = text[: LONGEST * len(text) // shown]
        text = beginning.rpartition("\n\n")[0] or beginning.rpartition("\n")[0] or beginning
    is_cut, dumps = is_large or shown > LONGEST, [*exchange.opened.release.dumps]
    return await exchange.fill("graph.html", text=text, is_cut=is_cut, dumps=dumps)


async def _write(exchange: Exchange) -> bytes:
    """Write a graph, all schemes as one, or the sizes of all graphs."""
    iri, stem, form = exchange.about.canonical, exchange.about.subject, exchange.offer.name
    if stem == terms.GRAPH:  # all graphs together are the dumps, so here are their sizes
        counts: Things = {
            name: {"rdf:type": Iri(SD_GRAPH), "void:triples": typed(count, "integer")}
            for name, count in exchange.opened.graphs.items()
        }
        return write(triples(counts), form)
    # A source file is sent as the graph it is; the others are documents of this site, and say so.
    facts = {} if stem == iri else describe(exchange.opened.release, iri.removeprefix(terms.BASE), iri, form)
    try:
        if stem.endswith("/"):
            graphs = [(Iri(stem), Iri(name)) for name in exchange.opened.graphs if name.startswith(stem)]
            document = await exchange.reader.graph("folder", form, facts, graphs)
        else:
            document = await exchange.reader.graph("graph", form, facts, this=Iri(stem))
    except AnswerTooLarge as error:
        hint = say("Take the dump at /dumps, or a part of the graph from /sparql with LIMIT and OFFSET")
        raise AnswerTooLarge(error.message, hint=hint) from None
    # A scheme is small enough to be compacted.
    return await compact(exchange, document) if stem.startswith(SCHEMES) else document

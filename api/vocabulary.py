"""The vocabulary and the graphs: ontology, schemes, shapes and named graphs, each as a page or as data."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import negotiate, rows, templates
from api.negotiate import GRAPHS, HTML
from api.reader import Reader
from api.responses import About, alternates, prefix_of, reader_of, serve
from kg import terms
from kg.errors import UnknownName
from kg.terms import Iri, Literal


async def scheme(request: Request) -> Response:
    """Answer /scheme/<name>: the concepts, as a page or as the file they come from."""
    name, suffix = negotiate.split_suffix(request.path_params["scheme"], (HTML, *GRAPHS))
    iri = terms.SCHEME + name
    return await _folder(request, iri, f"/scheme/{name}", suffix, f"{terms.GRAPH}ontology/schemes/{name}", _scheme_page)


async def schemes(request: Request) -> Response:
    """Answer /scheme: the list of schemes."""
    stem, suffix = f"{terms.GRAPH}ontology/schemes/", request.path_params.get("suffix")
    return await _folder(request, terms.BASE + "scheme", "/scheme", suffix, stem, _schemes_page)


async def ontology(request: Request) -> Response:
    """Answer /ontology, whole, and /ontology/<module>."""
    module, suffix = negotiate.split_suffix(request.path_params.get("module", ""), (HTML, *GRAPHS))
    suffix = suffix or request.path_params.get("suffix")
    path = f"/ontology/{module}" if module else "/ontology"
    stem = f"{terms.GRAPH}ontology/{module}"
    return await _folder(request, terms.BASE + path[1:], path, suffix, stem, _ontology_page)


async def shapes(request: Request) -> Response:
    """Answer /shapes: the constraints the data obey."""
    suffix = request.path_params.get("suffix")
    return await _folder(request, terms.BASE + "shapes", "/shapes", suffix, f"{terms.GRAPH}shapes/", _shapes_page)


async def graph(request: Request) -> Response:
    """Answer /graph/<path>: one source file, or what the build derived, as data; /graph lists them."""
    name = request.path_params.get("name", "")
    if not name:
        suffix = request.path_params.get("suffix")
        return await _folder(request, terms.GRAPH.rstrip("/"), "/graph", suffix, terms.GRAPH, _graphs_page)
    stem, suffix = negotiate.split_suffix(name, GRAPHS)
    offer = negotiate.pick(request.headers.get("accept"), (*GRAPHS, HTML), override=suffix)
    iri = terms.GRAPH + stem
    reader = reader_of(request)
    about = About(stem, iri, alternates(f"/graph/{stem}", GRAPHS))
    if not any(row["graph"] == iri for row in await reader.ask("graphs")):
        raise UnknownName(f"There is no graph {stem[:80]!r} here", hint="/graph lists those that there are")

    async def make() -> bytes:
        if offer is not HTML:
            return await reader.graph("graph", offer.name, this=Iri(iri))
        text = await reader.graph("graph", "ttl", this=Iri(iri))
        page = await reader.page(prefix_of(request))
        return templates.fill("graph.html", page=page, about=about, text=text.decode())

    return await serve(request, offer, make, about=about)


async def _folder(request: Request, iri: str, path: str, suffix: str | None, stem: str, make_page: Any) -> Response:
    """Answer with all graphs whose names begin with `stem`, or with the page about them."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, *GRAPHS), override=suffix)
    reader = reader_of(request)
    graphs = [row["graph"] for row in await reader.ask("graphs") if row["graph"].startswith(stem)]
    if not graphs or (not stem.endswith("/") and stem not in graphs):
        raise UnknownName(f"There is no {path[:80]} here", hint="/ontology and /scheme list what there is")
    about = About(iri.removeprefix(terms.BASE), iri, alternates(path, GRAPHS))

    async def make() -> bytes:
        if offer is HTML:
            return await make_page(request, reader, iri, about)
        if stem == terms.GRAPH:  # all of them together are the dumps
            return await reader.graph("graphlist", offer.name)
        query, binding = ("folder", Literal(stem)) if stem.endswith("/") else ("graph", Iri(stem))
        return await reader.graph(query, offer.name, **{"stem" if query == "folder" else "this": binding})

    return await serve(request, offer, make, about=about)


async def _ontology_page(request: Request, reader: Reader, iri: str, about: About) -> bytes:
    found = await reader.ask("terms")
    if iri != terms.ONTOLOGY:
        found = [row for row in found if row["module"] == iri]
    listed = rows.gather(found, "term", "parent", "range", "notation")
    page = await reader.page(prefix_of(request), found, also=[iri])
    return templates.fill("ontology.html", page=page, about=about, iri=iri, terms=listed, whole=iri == terms.ONTOLOGY)


async def _scheme_page(request: Request, reader: Reader, iri: str, about: About) -> bytes:
    facts, concepts = await asyncio.gather(reader.ask("facts", this=Iri(iri)), reader.ask("concepts", this=Iri(iri)))
    page = await reader.page(prefix_of(request), facts, concepts, also=[iri])
    return templates.fill("scheme.html", page=page, about=about, iri=iri, facts=facts, concepts=concepts)


async def _schemes_page(request: Request, reader: Reader, iri: str, about: About) -> bytes:
    found = await reader.ask("schemes")
    page = await reader.page(prefix_of(request), found)
    return templates.fill("schemes.html", page=page, about=about, schemes=found)


async def _shapes_page(request: Request, reader: Reader, iri: str, about: About) -> bytes:
    text = await reader.graph("folder", "ttl", stem=Literal(f"{terms.GRAPH}shapes/"))
    page = await reader.page(prefix_of(request))
    return templates.fill("graph.html", page=page, about=about, text=text.decode())


async def _graphs_page(request: Request, reader: Reader, iri: str, about: About) -> bytes:
    found = await reader.ask("graphs")
    page = await reader.page(prefix_of(request))
    return templates.fill("graphs.html", page=page, about=about, graphs=found, base=terms.GRAPH)

"""The vocabulary and the graphs: ontology, schemes, shapes and named graphs, each as a page or as data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from api import negotiate, rows
from api.negotiate import GRAPHS, HTML
from api.page import Reader
from api.responses import About, alternates, reader_of, serve
from kg import terms
from kg.answer.formats import Format
from kg.errors import UnknownName
from kg.terms import Iri, Literal

FORMS = (HTML, *GRAPHS)
SCHEMES = f"{terms.GRAPH}ontology/schemes/"

Data = Callable[[str], Awaitable[bytes]]  # writes the graphs of a page in a format


async def scheme(request: Request) -> Response:
    """Answer /scheme/<name>: the concepts, as a page or as the file they come from."""
    name, suffix = negotiate.split_suffix(request.path_params["scheme"], FORMS)
    return await _graphs(request, f"/scheme/{name}", SCHEMES + name, _scheme_page, suffix)


async def schemes(request: Request) -> Response:
    """Answer /scheme: the list of schemes."""
    return await _graphs(request, "/scheme", SCHEMES, _schemes_page)


async def ontology(request: Request) -> Response:
    """Answer /ontology, whole, and /ontology/<module>."""
    module, suffix = negotiate.split_suffix(request.path_params.get("module", ""), FORMS)
    path = f"/ontology/{module}" if module else "/ontology"
    return await _graphs(request, path, f"{terms.GRAPH}ontology/{module}", _ontology_page, suffix)


async def shapes(request: Request) -> Response:
    """Answer /shapes: the constraints the data obey."""
    return await _graphs(request, "/shapes", f"{terms.GRAPH}shapes/", _text_page)


async def graph(request: Request) -> Response:
    """Answer /graph/<path>: one source file, or what the build derived, as data; /graph lists them."""
    name, suffix = negotiate.split_suffix(request.path_params.get("name", ""), GRAPHS)
    if not name:
        return await _graphs(request, "/graph", terms.GRAPH, _list_page)
    if name.endswith("/"):
        raise _unknown(f"/graph/{name}")
    return await _graphs(request, f"/graph/{name}", terms.GRAPH + name, _text_page, suffix, (*GRAPHS, HTML))


async def _graphs(
    request: Request,
    path: str,
    stem: str,
    make_page: Callable[[Reader, About, Data], Awaitable[bytes]],
    suffix: str | None = None,
    offers: Sequence[Format] = FORMS,
) -> Response:
    """Answer with the graph `stem`, or all whose names begin with it if it ends in a slash, or with the page about them."""
    suffix = suffix or request.path_params.get("suffix")
    offer = negotiate.pick(request.headers.get("accept"), offers, override=suffix)
    reader = reader_of(request)
    graphs = [row["graph"] for row in await reader.ask("graphs") if row["graph"].startswith(stem)]
    if not graphs or (not stem.endswith("/") and stem not in graphs):
        raise _unknown(path)
    about = About(path[1:].removeprefix("graph/"), terms.BASE + path[1:], alternates(path, GRAPHS))

    async def data(format: str) -> bytes:
        if stem == terms.GRAPH:  # all of them together are the dumps
            return await reader.graph("graphlist", format)
        if stem.endswith("/"):
            return await reader.graph("folder", format, stem=Literal(stem))
        return await reader.graph("graph", format, this=Iri(stem))

    async def make() -> bytes:
        return await (make_page(reader, about, data) if offer is HTML else data(offer.name))

    return await serve(request, offer, make, about=about)


def _unknown(path: str) -> UnknownName:
    return UnknownName(f"There is no {path[:80]} here", hint="/ontology, /scheme and /graph list what there is")


async def _ontology_page(reader: Reader, about: About, data: Data) -> bytes:
    iri, found = about.canonical, await reader.ask("terms")
    if iri != terms.ONTOLOGY:
        found = [row for row in found if row["module"] == iri]
    listed = rows.gather(found, "term", "parent", "range", "notation")
    told = {"about": about, "iri": iri, "terms": listed, "whole": iri == terms.ONTOLOGY}
    return await reader.fill("ontology.html", found, also=[iri], **told)


async def _scheme_page(reader: Reader, about: About, data: Data) -> bytes:
    iri = about.canonical
    facts, concepts = (await reader.ask_all(("facts", "concepts"), this=Iri(iri))).values()
    told = {"about": about, "iri": iri, "facts": facts, "concepts": concepts}
    return await reader.fill("scheme.html", facts, concepts, also=[iri], **told)


async def _schemes_page(reader: Reader, about: About, data: Data) -> bytes:
    found = await reader.ask("schemes")
    return await reader.fill("schemes.html", found, about=about, schemes=found)


async def _list_page(reader: Reader, about: About, data: Data) -> bytes:
    return await reader.fill("graphs.html", about=about, graphs=await reader.ask("graphs"), base=terms.GRAPH)


async def _text_page(reader: Reader, about: About, data: Data) -> bytes:
    return await reader.fill("graph.html", about=about, text=(await data("ttl")).decode())

"""The dataset: its dumps, and its graphs: schemes and sources.

A dump is sent as the build wrote it, with the checksum of the manifest.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from api.http import negotiate
from api.http.links import Link, write_header
from api.http.negotiate import GRAPHS, HTML, JSON
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
)
from api.render import paging
from api.render.documents import describe
from api.render.page import Reader
from api.routers import jsonld
from api.routers.jsonld import JSONLD
from kg import release, terms
from kg.answer.formats import Format
from kg.errors import AnswerTooLarge, UnknownName
from kg.languages import N_
from kg.members import packing_of
from kg.store import write_triples
from kg.terms import LICENCE, Iri, Literal
from kg.wording import say

DUMP = Format("gz", "application/gzip", ".gz", frozenset())
# What describes a release to those who take its folder, and lies in it beside the dumps.
PACKAGES = {
    "CITATION.cff": Format("cff", "application/yaml", ".cff", frozenset()),
    "ro-crate-metadata.json": Format("jsonld", "application/ld+json", ".json", frozenset()),
    "datapackage.json": JSON,
    "zenodo.json": JSON,
}
FORMS = (HTML, *GRAPHS)
SD_GRAPH = "http://www.w3.org/ns/sparql-service-description#Graph"
MOST_TRIPLES = 2_000  # of a graph that is written whole for its page: more than fill LONGEST
LONGEST = 40_000  # letters of a graph that its page shows
SCHEMES = f"{terms.GRAPH}ontology/schemes/"

Data = Callable[[str], Awaitable[bytes]]  # writes the graphs of a page in a format


# What the pages of the vocabulary and of the graphs are called.
TITLES = {"/scheme": N_("Schemes of concepts"), "/graph": N_("Named graphs")}


async def dump(request: Request) -> Response:
    """Answer /dumps/<file>: one dump, or with `.sha256` its checksum in the form of sha256sum."""
    opened = opened_of(request)
    wanted = request.path_params["file"]
    name = wanted.removesuffix(".sha256")
    if name not in _dumps(opened.release):
        raise UnknownName(
            say("There is no dump %(name)s", name=f"{name[:80]!r}"),
            hint=say("On offer: %(names)s", names=", ".join(_dumps(opened.release))),
        )
    sha256 = opened.release.manifest["outputs"][f"dumps/{name}"]
    if wanted != name:
        return Response(f"{sha256}  {name}\n", media_type="text/plain; charset=utf-8")
    etag = tag(request, DUMP).removeprefix("W/")
    headers = {
        "ETag": etag,
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:",
        "Cache-Control": lifetime_of(request),
        "Link": _links_of_dump(request),
    }
    if has(request, etag) or has_any(request):
        return Response(status_code=304, headers=headers)
    return FileResponse(opened.release.path / "dumps" / name, media_type=packing_of(name).media_type, headers=headers)


async def package(request: Request) -> Response:
    """Answer /CITATION.cff, /ro-crate-metadata.json and the like: what describes the release, as the build wrote it."""
    name = request.url.path.rpartition("/")[2]
    path = opened_of(request).release.path / name
    if not path.is_file():
        told = say("This release was made without %(name)s", name=name)
        raise UnknownName(told, hint=say("/dataset describes it"))

    async def make() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return await serve(request, PACKAGES[name], make, about=About(name, terms.BASE + name))


def _links_of_dump(request: Request) -> str:
    """Link a dump to the page that offers it, its description and its licence."""
    page, licensed = prefix_of(request) + "/dataset", not opened_of(request).is_plain
    return write_header(
        [
            Link("collection", page, HTML.media_type),
            Link("describedby", address_of(request, "dataset")),
            Link("describedby", f"{page}.ttl", negotiate.TURTLE.media_type),
            *([Link("license", LICENCE)] if licensed else []),
        ]
    )


async def dump_list(request: Request) -> Response:
    """Send /dumps to the dataset, which lists them."""
    return RedirectResponse(prefix_of(request) + "/dataset", 303)


async def scheme(request: Request) -> Response:
    """Answer /scheme/<name>: the concepts, as a page or as the file they come from."""
    name, suffix = negotiate.split_suffix(request.path_params["scheme"], FORMS)
    return await _graphs(request, f"/scheme/{name}", SCHEMES + name, _scheme_page, suffix)


async def schemes(request: Request) -> Response:
    """Answer /scheme: the list of schemes."""
    return await _graphs(request, "/scheme", SCHEMES, _schemes_page)


async def graph(request: Request) -> Response:
    """Answer /graph/<path>: one source file, or what the build derived, as data; /graph lists them."""
    name, suffix = negotiate.split_suffix(request.path_params.get("name", ""), GRAPHS)
    if not name:
        return await _graphs(request, "/graph", terms.GRAPH, partial(_list_page, request))
    if name.endswith("/"):
        raise _unknown(f"/graph/{name}")
    make_page = partial(_text_page, terms.GRAPH + name)
    return await _graphs(request, f"/graph/{name}", terms.GRAPH + name, make_page, suffix, (*GRAPHS, HTML))


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
    sizes = reader.opened.graphs
    if stem not in sizes and not (stem.endswith("/") and any(name.startswith(stem) for name in sizes)):
        raise _unknown(path)
    about = About(TITLES.get(path) or path[1:].removeprefix("graph/"), terms.BASE + path[1:], alternates(path, GRAPHS))

    async def data(format: str) -> bytes:
        if stem == terms.GRAPH:  # all of them together are the dumps
            return _write_sizes(sizes, format)
        # A source file is sent as the graph it is; the others are documents of this site, and say so.
        told = {} if stem == terms.BASE + path[1:] else describe(reader.opened.release, path, about.canonical, format)
        if stem.endswith("/"):
            return await reader.graphs((name for name in sizes if name.startswith(stem)), format, told)
        return await reader.graph("graph", format, told, this=Iri(stem))

    async def make() -> bytes:
        if offer is HTML:
            return await make_page(reader, about, data)
        try:
            written = await data(offer.name)
            is_small = offer is JSONLD and stem.startswith(SCHEMES)
            return await jsonld.write(request, written, about.canonical) if is_small else written
        except AnswerTooLarge as error:
            hint = say("Take the dump at /dumps, or a part of the graph from /sparql with LIMIT and OFFSET")
            raise AnswerTooLarge(error.message, hint=hint) from None

    return await serve(request, offer, make, about=about, told=jsonld.address(request) if offer is JSONLD else "")


def _unknown(path: str) -> UnknownName:
    return UnknownName(
        say("There is no %(path)s here", path=path[:80]), hint=say("/ontology, /scheme and /graph list what there is")
    )


async def _scheme_page(reader: Reader, about: About, data: Data) -> bytes:
    iri = about.canonical
    facts, concepts = (await reader.ask_all(("facts", "concepts"), this=Iri(iri))).values()
    told = {"about": about, "iri": iri, "facts": facts, "concepts": concepts}
    return await reader.fill("scheme.html", facts, concepts, also=[iri], **told)


async def _schemes_page(reader: Reader, about: About, data: Data) -> bytes:
    found = await reader.ask("schemes")
    return await reader.fill("schemes.html", found, about=about, schemes=found)


async def _list_page(request: Request, reader: Reader, about: About, data: Data) -> bytes:
    """Show the folders of graphs, or the graphs of one."""
    folders: dict[str, dict[str, int]] = {"": {}}
    for name, size in reader.opened.graphs.items():
        folders.setdefault(name.removeprefix(terms.GRAPH).rpartition("/")[0], {})[name] = size
    show = paging.section_of(request, [name for name in folders if name])
    part = paging.part_of(request, list(folders[show].items()), show)
    return await reader.fill("graphs.html", about=about, folders=folders, part=part, base=terms.GRAPH)


async def _text_page(stem: str, reader: Reader, about: About, data: Data) -> bytes:
    """Show a graph as text, or its beginning, of which no more is written than the page can show."""
    is_large = reader.opened.graphs.get(stem, 0) > MOST_TRIPLES
    try:
        begun = await (reader.graph("graph-beginning", "ttl", this=Iri(stem)) if is_large else data("ttl"))
        text = begun.decode()
    except AnswerTooLarge:
        text = None
    is_cut = is_large or text is not None and len(escape(text)) > LONGEST
    if text and len(escape(text)) > LONGEST:  # behind a whole paragraph, or line, where there is one
        begun = text[: LONGEST * len(text) // len(escape(text))]
        text = begun.rpartition("\n\n")[0] or begun.rpartition("\n")[0] or begun
    return await reader.fill("graph.html", about=about, text=text, is_cut=is_cut, dumps=_dumps(reader.opened.release))


def _write_sizes(sizes: Mapping[str, int], format: str) -> bytes:
    """Write the named graphs with their numbers of triples, as data."""
    spaces = {name: terms.PREFIXES[name] for name in ("rdf", "void", "xsd")}
    kind, size, counted = Iri(spaces["rdf"] + "type"), Iri(spaces["void"] + "triples"), spaces["xsd"] + "integer"
    triples = []
    for name, count in sizes.items():
        triples += [(Iri(name), kind, Iri(SD_GRAPH)), (Iri(name), size, Literal(str(count), datatype=counted))]
    return write_triples(triples, format, spaces)


def _dumps(found: release.Release) -> list[str]:
    return list(found.dumps)

"""The vocabulary: the ontology and its modules, the shapes, the dictionary made from both, and JSON-LD in its names.

The ontology and the shapes are sent as documents that stand by themselves: one header, RDF Schema labels beside those
of SKOS, and nothing of ours to be fetched first. A document in JSON-LD names its context by the address on this server.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import models
from api.dependencies import (
    PINNED,
    About,
    Exchange,
    Offers,
    OwnParameters,
    alternates,
    cached,
    make_etag,
    not_modified,
    prefix_of,
)
from api.http.addresses import site_of, write_json
from api.http.negotiate import CSV, GRAPHS, HTML, JSON, JSONLD
from api.openapi import answers
from api.render.diagram import draw
from api.render.page import Pairs, describe, put
from kg import catalogue, terms
from kg.answer import formats
from kg.catalogue import Facts
from kg.dictionary import CLASS, THING
from kg.errors import UnknownName
from kg.jsonld import FOLDER, Compactor
from kg.languages import N_
from kg.rows import Row, gather, iris
from kg.terms import LICENCE, Iri
from kg.wording import say

router = APIRouter(tags=["Vocabulary"], route_class=OwnParameters)

HOUSE = "house"  # the shapes that judge the vocabulary itself
TITLES = {
    "/ontology": N_("The ontology"),
    "/shapes": N_("The shapes"),
    "/shapes/house": N_("The shapes of the vocabulary"),
}
COLUMNS = [field.alias or name for name, field in models.DictionaryRow.model_fields.items()]
FEW = 1000  # things of a class, among which the one with most kinds of facts is found while somebody waits
CONTEXTS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.jsonld"))}  # by version of the ontology
NEWEST = max(CONTEXTS, key=lambda version: [int(part) for part in version.split(".")])
COMPACTOR = Compactor(json.loads(CONTEXTS[NEWEST])["@context"])


async def _about(exchange: Exchange) -> About:
    """Name a document of the vocabulary; its subject are its graphs, none where there is no such document."""
    kind, part = exchange.path[1:].partition("/")[0].partition(".")[0], next(iter(exchange.params.values()), "")
    path, start = f"/{kind}" + (f"/{part}" if part else ""), f"{terms.GRAPH}{kind}/"
    graphs = [name for name in exchange.opened.graphs if name.startswith(start)]
    if part and kind == "ontology":
        graphs = [name for name in graphs if name == start + part]
    elif part == HOUSE:
        graphs = [
            name for name in graphs if name in (start + "answerable", start + HOUSE)
        ]  # the first describes the others
    elif kind == "shapes":
        graphs = [name for name in graphs if not part and name != start + HOUSE]
    return About(TITLES.get(path, path[1:]), terms.BASE + path[1:], alternates(path, GRAPHS), subject=graphs)


whole = Offers(HTML, *GRAPHS, about=_about, errors=(404,))
module_of, part_of = (Offers(HTML, *GRAPHS, about=_about, stem=name, errors=(303, 404)) for name in ("module", "part"))


@router.get("/ontology", **whole.documented)
@router.get("/ontology.{suffix}", include_in_schema=False)
async def ontology(exchange: Annotated[Exchange, Depends(whole)]) -> Response:
    """The ontology, whole."""
    return await _serve(exchange, _ontology_page)


@router.get("/ontology/{module:path}", **module_of.documented)
async def ontology_module(
    exchange: Annotated[Exchange, Depends(module_of)], module: Annotated[str, Path(examples=["core"])]
) -> Response:
    """One module of the ontology; a version IRI: 303 to what it is the version of."""
    return await _serve(exchange, _ontology_page)


@router.get("/shapes", **whole.documented)
@router.get("/shapes.{suffix}", include_in_schema=False)
async def shapes(exchange: Annotated[Exchange, Depends(whole)]) -> Response:
    """The shapes (SHACL) the data obey, and how to validate with them."""
    return await _serve(exchange, _shapes_page)


@router.get("/shapes/{part:path}", **part_of.documented)
async def shapes_part(
    exchange: Annotated[Exchange, Depends(part_of)], part: Annotated[str, Path(examples=["house"])]
) -> Response:
    """The shapes the vocabulary itself obeys; a version IRI: 303 to what it is the version of."""
    return await _serve(exchange, _shapes_page)


async def _serve(exchange: Exchange, page: Callable[[Exchange], Awaitable[bytes]]) -> Response:
    """Serve a document, or the page about it; redirect a version IRI to its document, an earlier one to the deprecated terms."""
    iri = exchange.about.canonical
    if exchange.about.subject:
        return await exchange.serve(partial(page if exchange.offer is HTML else _document, exchange))
    for row in await exchange.ask("versions"):
        ways = {row["version"]: row["ontology"], row["before"]: f"{terms.ONTOLOGY}/deprecated"}
        if there := ways.get(iri):
            path = there.removeprefix(terms.BASE) + (exchange.suffix and f".{exchange.suffix}")
            return RedirectResponse(f"{exchange.prefix}/{path}", 303)
    raise UnknownName(
        say("There is no %(path)s here", path=f"/{iri.removeprefix(terms.BASE)}"),
        hint=say("/ontology, /shapes, /scheme and /graph list what there is"),
    )


async def _document(exchange: Exchange) -> bytes:
    iri = exchange.about.canonical
    graphs = [(Iri(iri), Iri(name)) for name in exchange.about.subject]
    return await write_document(
        exchange, "ontology", iri.removeprefix(terms.BASE), graphs, await translate(exchange, graphs)
    )


async def _ontology_page(exchange: Exchange) -> bytes:
    iri, stated = exchange.about.canonical, (await exchange.opened.read_dictionary()).terms.values()
    is_whole = iri == terms.ONTOLOGY
    listed = [row for row in stated if is_whole or row["module"] == iri]
    diagram = draw(*(await exchange.ask_all(("module-classes", "module-links"))).values()) if is_whole else None
    return await exchange.fill("ontology.html", also=[iri], iri=iri, terms=listed, whole=is_whole, diagram=diagram)


async def _shapes_page(exchange: Exchange) -> bytes:
    return await exchange.fill(
        "shapes.html",
        known=await exchange.opened.read_dictionary(),
        house=exchange.about.canonical.endswith(f"/{HOUSE}"),
    )


overview = Offers(
    *(HTML, JSON, CSV),
    about=About(
        N_("The data dictionary"),
        terms.BASE + "dictionary",
        alternates("/dictionary", (JSON, CSV)),
        summary=N_("Each class and property: what it means, what it needs, and how often this release uses it."),
    ),
    model=models.Dictionary,
    errors=(404,),
)


@router.get("/dictionary", **overview.documented)
@router.get("/dictionary.{suffix}", include_in_schema=False)
@cached
async def classes(exchange: Annotated[Exchange, Depends(overview)]) -> bytes:
    """The data dictionary: each class and property, what it needs and how often it is used (.csv .json)."""
    vocabulary = await exchange.opened.read_dictionary()
    if exchange.offer is HTML:
        return await exchange.fill("dictionary.html", also=iris(vocabulary.classes), known=vocabulary)
    every = [*(row["term"] for row in vocabulary.classes), THING]
    return _write_table(exchange, (row for iri in every for row in vocabulary.table(iri, [iri])))


async def _about_class(exchange: Exchange) -> About:
    vocabulary, name = await exchange.opened.read_dictionary(), exchange.params["name"]
    row, kind = vocabulary.terms.get(terms.VOCABULARY + name), exchange.path.split("/")[1]
    if row is None or row["kind"] != CLASS or (kind == "frame" and row["instead"]):
        raise UnknownName(f"There is no class {name[:60]!r} here", hint="/dictionary lists the classes")
    title, path = N_("Frame") if kind == "frame" else row["label"] or name, f"/{kind}/{name}"
    others = alternates(path, (JSON, CSV)) if kind == "dictionary" else ()
    return About(str(title), terms.BASE + path[1:], others, subject=row)


single = Offers(HTML, JSON, CSV, about=_about_class, stem="name", model=models.Dictionary, errors=(404,))
ClassName = Annotated[str, Path(examples=["Act"])]


@router.get("/dictionary/{name}", **single.documented)
@cached
async def class_(exchange: Annotated[Exchange, Depends(single)], name: ClassName) -> bytes:
    """One class: what it is, what its things must say, an example, how often it is used (.csv .json)."""
    vocabulary, row = await exchange.opened.read_dictionary(), exchange.about.subject
    iri, line = row["term"], vocabulary.line(row["term"])
    if exchange.offer is not HTML:
        return _write_table(exchange, vocabulary.table(iri, line))
    examples = await exchange.ask("typical" if vocabulary.uses[iri] <= FEW else "first-of", this=Iri(iri))
    facts = await exchange.ask("facts", this=Iri(examples[0]["thing"])) if examples else []
    spaces, needs = (terms.VOCABULARY, terms.PREFIXES["skos"]), vocabulary.needs(line)
    shown = [fact for fact in facts if fact["property"].startswith(spaces) and not fact["derived"].is_true]
    return await exchange.fill(
        "class.html",
        also=[*line, *vocabulary.below(iri)],
        row=row,
        needs=needs,
        known=vocabulary,
        thing=examples[0]["thing"] if examples else None,
        example=gather(shown, "property", "value"),
        dates=vocabulary.dated(needs),
    )


def _write_table(exchange: Exchange, rows: Iterable[Row]) -> bytes:
    table = [{name: row[name] for name in COLUMNS if row.get(name) not in (None, "")} for row in rows]
    if exchange.offer is JSON:
        return write_json({"dictionary": table, "release": exchange.opened.id, "license": LICENCE})
    return formats.write_values(COLUMNS, table)


@router.get("/context", **answers(status=303))
async def newest_context(request: Request) -> Response:
    """The context of JSON-LD: 303 to the newest version."""
    return RedirectResponse(f"{prefix_of(request)}/context/{NEWEST}", 303)


versioned = Offers(JSONLD, stem="version", errors=(404,))


@router.get("/context/{version}", **versioned.documented)
async def context(
    exchange: Annotated[Exchange, Depends(versioned)], version: Annotated[str, Path(examples=["2.0.0"])]
) -> Response:
    """The context of JSON-LD for a version of the ontology, made from it."""
    body = CONTEXTS.get(version := exchange.params["version"])
    if body is None:
        raise UnknownName(f"There is no context {version[:40]!r}", hint=f"There is {', '.join(CONTEXTS)}")
    headers = {"ETag": make_etag(body.decode()), "Cache-Control": PINNED}
    return not_modified(exchange.request, headers) or Response(body, 200, headers, JSONLD.content_type)


frames = Offers(JSONLD, about=_about_class, stem="name", errors=(404,))


@router.get("/frame/{name}", **frames.documented)
@cached
async def frame(exchange: Annotated[Exchange, Depends(frames)], name: ClassName) -> bytes:
    """The JSON-LD frame of a class, made from shapes and ontology."""
    vocabulary = await exchange.opened.read_dictionary()
    return write_json(vocabulary.frame(exchange.about.subject["term"], _context(exchange)))


def _context(exchange: Exchange) -> str:
    return f"{site_of(exchange.request)}/context/{NEWEST}"


async def write_document(
    exchange: Exchange, query: str, path: str, graphs: Pairs = (), more: Mapping[str, Facts] = {}, **bindings: Any
) -> bytes:
    """Write the RDF document at a path: the graph that a query of pages answers, the facts about the document, and `more`."""
    facts = {**more, **describe(exchange.opened.release, path, exchange.about.canonical, exchange.offer.name)}
    return await compact(exchange, await exchange.graph(query, facts, graphs, **bindings))


async def translate(exchange: Exchange, graphs: Pairs) -> dict[str, Facts]:
    """Write the labels of the terms in some graphs in every language; `graphs` as `Exchange.graph` takes them."""
    labels = await exchange.opened.ask_rows(put(exchange.query("vocabulary-labels"), "?this ?g", graphs))
    texts = {row["term"]: catalogue.translated(row["label"]) for row in labels}
    return {term: {"skos:prefLabel": text, "rdfs:label": text} for term, text in texts.items()}


async def compact(exchange: Exchange, document: bytes) -> bytes:
    """Compact JSON-LD with the newest context, and put the topic of its page first; other forms stay as they are."""
    if exchange.offer is not JSONLD:
        return document

    def write() -> bytes:
        compacted = COMPACTOR.document(_context(exchange), json.loads(document), exchange.about.canonical)
        return json.dumps(compacted, ensure_ascii=False).encode()

    return await asyncio.to_thread(write)

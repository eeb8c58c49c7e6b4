"""The vocabulary as documents: the ontology and its modules, the shapes, and the versions of both.

What is sent stands by itself: one header, labels of RDF Schema beside those of SKOS, and nothing of ours to be fetched first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import RedirectResponse, Response

from api.dependencies import About, Exchange, Offers, Write, alternates
from api.http.negotiate import GRAPHS, HTML
from api.render import rows
from api.render.diagram import draw
from api.render.documents import describe
from api.routers import dictionary, jsonld
from kg import catalogue, terms
from kg.errors import UnknownName
from kg.languages import N_
from kg.wording import say

router = APIRouter(tags=["Vocabulary"])

FORMS = (HTML, *GRAPHS)
HEADER = "answerable"  # the file that describes the others
DIAGRAM = ("module-classes", "module-links")
HOUSE = "house"  # the shapes that judge the vocabulary itself
TITLES = {
    "/ontology": N_("The ontology"),
    "/shapes": N_("The shapes"),
    "/shapes/house": N_("The shapes of the vocabulary"),
}
# What a document says of itself by, and the ontology does not: declared beside it, for tools that read OWL.
OF_DOCUMENTS = ("foaf:primaryTopic", "void:inDataset", "prov:wasDerivedFrom", "prov:generatedAtTime")


async def _about(exchange: Exchange) -> About:
    part = next(iter(exchange.params.values()), "")
    path = f"/{exchange.path[1:].partition('/')[0].partition('.')[0]}" + (f"/{part}" if part else "")
    return About(TITLES.get(path, path[1:]), terms.BASE + path[1:], alternates(path, GRAPHS))


whole = Offers(*FORMS, about=_about, errors=(404,))
module_of, part_of = (Offers(*FORMS, about=_about, stem=name, errors=(303, 404)) for name in ("module", "part"))


@router.get("/ontology", **whole.documented)
@router.get("/ontology.{suffix}", include_in_schema=False)
async def ontology(exchange: Annotated[Exchange, Depends(whole)]) -> Response:
    """The ontology, whole."""
    return await _ontology(exchange)


@router.get("/ontology/{module:path}", **module_of.documented)
async def ontology_module(
    exchange: Annotated[Exchange, Depends(module_of)], module: Annotated[str, Path(examples=["core"])]
) -> Response:
    """One module of the ontology; a version IRI: 303 to what it is the version of."""
    return await _ontology(exchange)


async def _ontology(exchange: Exchange) -> Response:
    module = exchange.params.get("module", "")
    stem = f"{terms.GRAPH}ontology/{module}"
    graphs = [name for name in exchange.opened.graphs if name == stem or not module and name.startswith(stem)]
    if not graphs or module.endswith("/"):
        return await _version(exchange)

    async def page() -> bytes:
        iri, found = exchange.about.canonical, await exchange.reader.ask("terms")
        if module:
            found = [row for row in found if row["module"] == iri]
        listed = rows.gather(found, "term", "parent", "domain", "range", "scheme", "notation", "instead")
        drawn = None if module else draw(*(await exchange.reader.ask_all(DIAGRAM)).values())
        context = {"iri": iri, "terms": listed, "whole": not module, "diagram": drawn}
        return await exchange.fill("ontology.html", found, also=[iri], **context)

    return await _serve(exchange, graphs, page)


@router.get("/shapes", **whole.documented)
@router.get("/shapes.{suffix}", include_in_schema=False)
async def shapes(exchange: Annotated[Exchange, Depends(whole)]) -> Response:
    """The shapes (SHACL) the data obey, and how to validate with them."""
    return await _shapes(exchange)


@router.get("/shapes/{part:path}", **part_of.documented)
async def shapes_part(
    exchange: Annotated[Exchange, Depends(part_of)], part: Annotated[str, Path(examples=["house"])]
) -> Response:
    """The shapes the vocabulary itself obeys; a version IRI: 303 to what it is the version of."""
    return await _shapes(exchange)


async def _shapes(exchange: Exchange) -> Response:
    part = exchange.params.get("part", "")
    start, header, house = (f"{terms.GRAPH}shapes/{name}" for name in ("", HEADER, HOUSE))
    graphs = [
        name
        for name in exchange.opened.graphs
        if name.startswith(start) and (name == header or (name == house) == (part == HOUSE))
    ]
    if not graphs or part not in ("", HOUSE):
        return await _version(exchange)

    async def page() -> bytes:
        known = await dictionary.read(exchange.reader)
        also = {iri for part in known.parts for iri in (*part.classes, *part.having)}
        return await exchange.fill("shapes.html", also=also, known=known, house=bool(part))

    return await _serve(exchange, graphs, page)


async def _serve(exchange: Exchange, graphs: Sequence[str], page: Write) -> Response:
    """Serve named graphs of the vocabulary as the one document with its IRI, or the page about it."""
    iri = exchange.about.canonical

    async def data() -> bytes:
        form, path = exchange.offer.name, "/" + iri.removeprefix(terms.BASE)
        facts = describe(exchange.opened.release, path, iri, form)
        facts |= {
            catalogue.iri(name).value: {"rdf:type": catalogue.iri("owl:AnnotationProperty")} for name in OF_DOCUMENTS
        }
        facts |= {catalogue.iri("foaf:Document").value: {"rdf:type": catalogue.iri("owl:Class")}}
        return await exchange.reader.document(iri, graphs, form, facts)

    return await jsonld.serve(exchange, page if exchange.offer is HTML else data, iri)


async def _version(exchange: Exchange) -> Response:
    """Send a version IRI to the document it is a version of; a version before, to the terms that went with it."""
    iri = exchange.about.canonical
    for row in await exchange.reader.ask("versions"):
        ways = {row["version"]: row["ontology"], row["before"]: f"{terms.ONTOLOGY}/deprecated"}
        if there := ways.get(iri):
            suffix = exchange.suffix and f".{exchange.suffix}"
            return RedirectResponse(f"{exchange.prefix}/{there.removeprefix(terms.BASE)}{suffix}", 303)
    raise UnknownName(
        say("There is no %(path)s here", path=f"/{iri.removeprefix(terms.BASE)}"[:80]),
        hint=say("/ontology, /shapes, /scheme and /graph list what there is"),
    )

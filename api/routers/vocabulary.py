"""The vocabulary: the ontology and its modules, the shapes, the dictionary made from both, and JSON-LD in its names.

The ontology and the shapes are sent as documents that stand by themselves: one header, RDF Schema labels beside those
of SKOS, and nothing of ours to be fetched first. A document in JSON-LD names its context by the address on this server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import models
from api.dependencies import About, Exchange, Offers, alternates, cached, make_etag, not_modified, prefix_of
from api.http.addresses import site_of, write_json
from api.http.negotiate import GRAPHS, HTML, JSON
from api.openapi import answers
from api.render import dictionary, rows
from api.render.diagram import draw
from api.render.dictionary import CLASS, DATES, FOREIGN, SEVERAL, THING, Dictionary
from api.render.documents import describe
from kg import catalogue, terms
from kg.answer import formats
from kg.errors import UnknownName
from kg.jsonld import FOLDER, Compactor
from kg.languages import N_
from kg.terms import LICENCE, Iri
from kg.wording import say

router = APIRouter(tags=["Vocabulary"])

CSV, JSONLD = formats.by_name("csv", formats.ANSWER), formats.by_name("jsonld", formats.GRAPH)
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
COLUMNS = (
    *("class", "class_label", "class_definition", "class_below", "class_uses", "property", "property_label"),
    *("property_definition", "applies_to", "takes", "scheme", "least", "most", "asked", "sentences", "property_uses"),
)
FEW = 1000  # things of a class, of which the one that most is said of can be found while somebody waits
CONTEXTS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.jsonld"))}  # by version of the ontology
NEWEST = max(CONTEXTS, key=lambda version: [int(part) for part in version.split(".")])
COMPACTOR = Compactor(json.loads(CONTEXTS[NEWEST])["@context"])
# In a frame: whatever values there are, and nothing where there are none, since null could mean no; things with names.
_VALUE = {"@omitDefault": True}
_NAMED = {"@id": {}, "@explicit": True, "@embed": "@always", "skos:prefLabel": _VALUE, **_VALUE}


async def _about(exchange: Exchange) -> About:
    """Name a document of the vocabulary; its subject are its graphs, none where there is no such document."""
    kind, part = exchange.path[1:].partition("/")[0].partition(".")[0], next(iter(exchange.params.values()), "")
    path, start = f"/{kind}" + (f"/{part}" if part else ""), f"{terms.GRAPH}{kind}/"
    names = [name.removeprefix(start) for name in exchange.opened.graphs if name.startswith(start)]
    if kind == "shapes":
        names = (
            [name for name in names if name == HEADER or (name == HOUSE) == bool(part)] if part in ("", HOUSE) else []
        )
    elif part:
        names = [name for name in names if name == part]
    graphs = [start + name for name in names]
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
    """Serve a document, or the page about it; send a version IRI to its document, one before to the terms that went."""
    iri = exchange.about.canonical
    if exchange.about.subject:
        return await exchange.serve(partial(page if exchange.offer is HTML else _document, exchange))
    for row in await exchange.reader.ask("versions"):
        ways = {row["version"]: row["ontology"], row["before"]: f"{terms.ONTOLOGY}/deprecated"}
        if there := ways.get(iri):
            suffix = exchange.suffix and f".{exchange.suffix}"
            return RedirectResponse(f"{exchange.prefix}/{there.removeprefix(terms.BASE)}{suffix}", 303)
    raise UnknownName(
        say("There is no %(path)s here", path=f"/{iri.removeprefix(terms.BASE)}"[:80]),
        hint=say("/ontology, /shapes, /scheme and /graph list what there is"),
    )


async def _document(exchange: Exchange) -> bytes:
    iri, form = exchange.about.canonical, exchange.offer.name
    facts = describe(exchange.opened.release, iri.removeprefix(terms.BASE), iri, form)
    facts |= {catalogue.iri(name).value: {"rdf:type": catalogue.iri("owl:AnnotationProperty")} for name in OF_DOCUMENTS}
    facts |= {catalogue.iri("foaf:Document").value: {"rdf:type": catalogue.iri("owl:Class")}}
    graphs = [(Iri(iri), Iri(name)) for name in exchange.about.subject]
    return await compact(exchange, await exchange.reader.graph("ontology", form, facts, graphs))


async def _ontology_page(exchange: Exchange) -> bytes:
    iri, stated = exchange.about.canonical, await exchange.reader.ask("terms")
    is_whole = iri == terms.ONTOLOGY
    stated = [row for row in stated if is_whole or row["module"] == iri]
    listed = rows.gather(stated, "term", *SEVERAL)
    diagram = draw(*(await exchange.reader.ask_all(DIAGRAM)).values()) if is_whole else None
    context = {"iri": iri, "terms": listed, "whole": is_whole, "diagram": diagram}
    return await exchange.fill("ontology.html", stated, also=[iri], **context)


async def _shapes_page(exchange: Exchange) -> bytes:
    vocabulary = await dictionary.read(exchange.reader)
    targets = sorted({iri for part in vocabulary.parts for iri in part["targets"]})
    rules = {iri: [part for part in vocabulary.parts if iri in part["targets"]] for iri in targets}
    conditions = sorted({" ".join(part["conditions"]) for part in vocabulary.parts if part["conditions"]})
    context = {
        "judged": [(row, rules[row["term"]]) for row in vocabulary.classes if row["term"] in rules],
        "of_terms": {iri: parts for iri, parts in rules.items() if not iri.startswith(terms.VOCABULARY)},
        "conditional": {
            iris: [part for part in vocabulary.parts if " ".join(part["conditions"]) == iris] for iris in conditions
        },
    }
    is_house = exchange.about.canonical.endswith(f"/{HOUSE}")
    also = [*targets, *(iri for iris in conditions for iri in iris.split())]
    return await exchange.fill("shapes.html", also=also, known=context, house=is_house)


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
    vocabulary = await dictionary.read(exchange.reader)
    if exchange.offer is HTML:
        also = {row[name] for row in vocabulary.classes for name in ("term", "module")}
        return await exchange.fill("dictionary.html", also=also, known=vocabulary)
    iris = [*(row["term"] for row in vocabulary.classes), THING]
    return _write_table(exchange, [line for iri in iris for line in _lines(vocabulary, iri, [iri])])


async def _about_class(exchange: Exchange) -> About:
    """Name the page of a class in the dictionary, or its frame; raises UnknownName."""
    vocabulary, name = await dictionary.read(exchange.reader), exchange.params["name"]
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
    vocabulary, row, reader = await dictionary.read(exchange.reader), exchange.about.subject, exchange.reader
    iri, line = row["term"], vocabulary.line(row["term"])
    if exchange.offer is not HTML:
        return _write_table(exchange, _lines(vocabulary, iri, line))
    examples = await reader.ask("typical" if vocabulary.uses.get(iri, 0) <= FEW else "first-of", this=Iri(iri))
    facts = await reader.ask("facts", this=Iri(examples[0]["thing"])) if examples else []
    spaces = (terms.VOCABULARY, terms.PREFIXES["skos"])
    shown = [fact for fact in facts if fact["property"].startswith(spaces) and not fact["derived"].is_true]
    needs = vocabulary.needs(line)
    properties = [each for need in needs for each in need["properties"]]
    named = {*line, *vocabulary.below(iri), *row["insteads"], *(fact["property"] for fact in shown)}
    named |= {name for each in properties for name in (each["row"]["term"], *each["takes"], *each["schemes"])}
    dated = [each for each in properties if each["takes"] and set(DATES).issuperset(each["takes"])]
    return await exchange.fill(
        *("class.html", shown, examples),
        also=named,
        row=row,
        asked=needs,
        known=vocabulary,
        thing=examples[0]["thing"] if examples else None,
        example=rows.gather(shown, "property", "value"),
        dates=sorted(dated, key=lambda each: -len(each["takes"])),
    )


def _lines(vocabulary: Dictionary, iri: str, line: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Write a row for each property that a class has by the classes in `line`, and one for each rule."""
    row = vocabulary.terms.get(iri) or {**FOREIGN, "label": "anything"}
    shared = {"class": iri, "class_label": row["label"], "class_definition": row["definition"]}
    shared |= {"class_below": " ".join(row["parents"]), "class_uses": vocabulary.uses.get(iri, 0)}
    needs = vocabulary.needs(line)
    for need in needs:
        for each in need["properties"]:
            yield shared | {
                "property": each["row"]["term"],
                "property_label": each["row"]["label"],
                "property_definition": each["row"]["definition"],
                "applies_to": need["iri"],
                "takes": " ".join(each["takes"]),
                "scheme": " ".join(each["schemes"]),
                "least": each["least"],
                "most": each["most"],
                "asked": _degree(each["wished"], each["most"], is_warning=each["wished"] > each["least"]),
                "sentences": " ".join(part["sentence"] for part in each["parts"]),
                "property_uses": each["uses"],
            }
        for part in need["rules"]:
            yield shared | {
                "property": " ".join(part["paths"]),
                "applies_to": need["iri"],
                "least": part["least"],
                "most": part["most"],
                "asked": _degree(part["least"], part["most"], is_warning=part["is_warning"]),
                "sentences": part["sentence"],
            }
    if not any(need["properties"] or need["rules"] for need in needs):
        yield shared


def _degree(least: int | None, most: int | None, *, is_warning: bool) -> str:
    if most == 0:
        return "forbidden"
    return ("recommended" if is_warning else "required") if least else "optional"


def _write_table(exchange: Exchange, lines: Iterable[dict[str, Any]]) -> bytes:
    table = [{name: line[name] for name in COLUMNS if line.get(name) not in (None, "")} for line in lines]
    if exchange.offer is JSON:
        return write_json({"dictionary": table, "release": exchange.opened.id, "license": LICENCE})
    cells = [{name: {"type": "literal", "value": str(value)} for name, value in line.items()} for line in table]
    return formats.write_csv(COLUMNS, cells)


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
    version = exchange.params["version"]
    body = CONTEXTS.get(version)
    if body is None:
        raise UnknownName(f"There is no context {version[:40]!r}", hint=f"There is {', '.join(CONTEXTS)}")
    headers = {"ETag": make_etag(body.decode()), "Cache-Control": "public, max-age=86400"}
    same = not_modified(exchange.request, headers)
    return same or Response(body, headers=headers, media_type=JSONLD.content_type)


frames = Offers(JSONLD, about=_about_class, stem="name", errors=(404,))


@router.get("/frame/{name}", **frames.documented)
@cached
async def frame(exchange: Annotated[Exchange, Depends(frames)], name: ClassName) -> bytes:
    """The JSON-LD frame of a class, made from shapes and ontology."""
    vocabulary, iri = await dictionary.read(exchange.reader), exchange.about.subject["term"]
    line = vocabulary.line(iri)
    properties: dict[str, None] = {}
    for need in vocabulary.needs(line):
        properties |= dict.fromkeys(each["row"]["term"] for each in need["properties"])
        properties |= dict.fromkeys(path for part in need["rules"] if part["most"] != 0 for path in part["paths"])
    properties.pop(terms.PREFIXES["rdf"] + "type", None)  # all of a thing's classes stand in the tree anyway
    links = {name for name in properties if vocabulary.terms.get(name, FOREIGN)["kind"].endswith("#ObjectProperty")}
    tree = {
        "@context": f"{site_of(exchange.request)}/context/{NEWEST}",
        "@type": iri.removeprefix(terms.VOCABULARY),
        "@explicit": True,
        "@embed": "@always",
        # In short IRIs, since a name that takes a language cannot stand for any value.
        **{terms.shorten(name): _NAMED if name in links else _VALUE for name in properties},
        "@reverse": {terms.shorten(row["term"]): _NAMED for row in vocabulary.leading(line)},
    }
    return write_json(tree)


async def compact(exchange: Exchange, document: bytes) -> bytes:
    """Write expanded JSON-LD with the newest context, and first in it what its page is about; other forms stay."""
    if exchange.offer is not JSONLD:
        return document

    def write() -> bytes:
        context = f"{site_of(exchange.request)}/context/{NEWEST}"
        compacted = COMPACTOR.document(context, json.loads(document), exchange.about.canonical)
        return json.dumps(compacted, ensure_ascii=False).encode()

    return await asyncio.to_thread(write)

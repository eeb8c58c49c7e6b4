"""The table of routes. Routing, the description of the interface (OpenAPI 3.1), /docs and the README's table are made from it.

A page is one row here, its handler and its template. A route answers with nothing but what its row says; a test asks each.
`python -m api.routes` prints the table of the README.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from api import (
    about,
    answers,
    assets,
    bases,
    catalogue,
    changes,
    check,
    crawling,
    crosswalks,
    dcat,
    dictionary,
    editor,
    feeds,
    home,
    jsonld,
    linkset,
    listing,
    lists,
    memento,
    negotiate,
    paging,
    pictures,
    questions,
    quoting,
    reconcile,
    search,
    service,
    share,
    sparql,
    stream,
    tables,
    things,
    vocabulary,
    withdrawn,
)
from api.bodies import FORM
from api.negotiate import HTML, JSON, RESULT_GRAPHS, RESULTS
from kg.answer.formats import Format


class Row(NamedTuple):
    """One route: where it is, who answers, one sentence, and what it may answer."""

    path: str
    handler: Callable[[Request], Awaitable[Response]]
    sentence: str
    forms: Sequence[Format | str] = ()  # of a 200; a route without any has no 200
    statuses: Sequence[int] = ()  # besides 200
    parameters: Sequence[str] = ()  # in the query string; those of the path are in it
    methods: Sequence[str] = ("GET",)  # HEAD and OPTIONS come with it
    bodies: Sequence[str] = ()  # media types of what may be sent
    aliases: Sequence[str] = ()  # other paths, which no description lists

    @property
    def address(self) -> str:
        """The path without converters, as descriptions write it."""
        return self.path.replace(":path}", "}")


_ENGINE = (502, 504)
_QUERY = (304, 400, 403, 406, 413, 422, 429, 503, *_ENGINE)
_FOUND = (304, 404, 406, 503)
_PAGE = (HTML, *negotiate.GRAPHS)
_THING = (things.FORMS, (*_FOUND, 400, 410), (things.SHOW,))
_LIST = (_PAGE, _FOUND)
_TOLD = ((HTML,), (304, 406, 503))  # a page for people


def _listed(one: listing.List) -> tuple[Row, Row]:
    """Make the two routes of a list: by Accept, and by suffix."""
    handler, statuses, names = lists.handler(one), (304, 400, 404, 406, 503), (*one.keys, "format")
    return (
        Row(one.path, handler, one.sentence, lists.FORMS, statuses, names),
        Row(f"{one.path}.{{suffix}}", handler, f"{one.title} in one format, whole", lists.FORMS, statuses, names),
    )


def _packaged(name: str) -> Row:
    """Make the route of a file that describes the release to those who take its folder."""
    sentence = {
        "CITATION.cff": "How to cite the release (Citation File Format)",
        "ro-crate-metadata.json": "What is in the folder of the release (RO-Crate)",
        "datapackage.json": "The dumps as a data package (Frictionless)",
        "zenodo.json": "What Zenodo asks of who deposits the release",
    }[name]
    return Row(f"/{name}", catalogue.package, sentence, (catalogue.PACKAGES[name],), (304, 404))


ROUTES = (  # in the order in which an address is looked for: the one asked most is first
    Row(
        "/sparql",
        sparql.answer,
        "SPARQL 1.1 Protocol, query only; without a query the service description, or the form",
        (*RESULTS, *RESULT_GRAPHS, HTML),
        _QUERY,
        ("query", "default-graph-uri", "named-graph-uri", *sparql.FORMAT_PARAMETERS),
        methods=("GET", "POST", "QUERY"),
        bodies=(sparql.FORM, sparql.DIRECT),
        aliases=("/sparql/",),
    ),
    Row("/", home.home, "What this is, what one can ask, and what is recorded most of", *_TOLD),
    *(row for one in listing.LISTS for row in _listed(one)),
    Row("/about", about.about, "What this is, for whom, what is not in it, and how old each record is", *_TOLD),
    Row(
        "/method",
        about.method,
        "How to read the record: acts, found, alleged and engaged, dates, none recorded",
        *_TOLD,
    ),
    Row("/protection", about.protection, "How people at risk are protected", *_TOLD),
    Row("/corrections", about.corrections, "What was withdrawn, replaced and changed", *_TOLD),
    Row("/contact", about.contact, "Who answers for this server, and where to report an error", *_TOLD),
    Row(
        "/editor.json",
        editor.offer,
        "What the editor completes from: classes, properties, prefixes, examples",
        (JSON,),
        (304, 406),
    ),
    Row("/id/{kind}/{key}", things.redirect, "A thing: 303 to the document about it", (), (303, 404, 410, 503)),
    Row(
        "/doc/{kind}/{key}",
        things.document,
        "The document about a thing, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json .atom)",
        *_THING,
    ),
    Row("/ontology", vocabulary.ontology, "The ontology, whole", *_LIST),
    Row("/ontology.{suffix}", vocabulary.ontology, "The ontology, whole, in one format", *_LIST),
    Row(
        "/ontology/{module:path}",
        vocabulary.ontology,
        "One module of the ontology; a version IRI: 303 to what it is the version of",
        _PAGE,
        (303, *_FOUND),
    ),
    Row("/shapes", vocabulary.shapes, "The shapes (SHACL) the data obey, and how to validate with them", *_LIST),
    Row("/shapes.{suffix}", vocabulary.shapes, "The shapes in one format", *_LIST),
    Row(
        "/shapes/{part:path}",
        vocabulary.shapes,
        "The shapes the vocabulary itself obeys (house); a version IRI: 303 to what it is the version of",
        _PAGE,
        (303, *_FOUND),
    ),
    Row(
        "/dictionary",
        dictionary.listed,
        "The data dictionary: each class and property, what it needs and how often it is used (.csv .json)",
        dictionary.FORMS,
        (304, 404, 406, 503),
    ),
    Row("/dictionary.{suffix}", dictionary.listed, "The same in one format", dictionary.FORMS, (304, 404, 406, 503)),
    Row(
        "/dictionary/{class}",
        dictionary.one,
        "One class: what it is, what its things must say, an example, how often it is used (.csv .json)",
        dictionary.FORMS,
        (304, 404, 406, 503),
    ),
    Row("/context", jsonld.context, "The context of JSON-LD: 303 to the newest version", (), (303,)),
    Row(
        "/context/{version}",
        jsonld.context,
        "The context of JSON-LD for a version of the ontology, made from it",
        (jsonld.JSONLD,),
        (304, 404, 406),
    ),
    Row(
        "/frame/{class}",
        jsonld.frame,
        "The JSON-LD frame of a class, made from shapes and ontology",
        (jsonld.JSONLD,),
        (304, 404, 406, 503),
    ),
    Row("/scheme", catalogue.schemes, "The schemes of concepts", *_LIST),
    Row("/scheme.{suffix}", catalogue.schemes, "The schemes in one format", *_LIST),
    Row("/scheme/{scheme}", catalogue.scheme, "One scheme (SKOS)", *_LIST),
    Row("/scheme/{scheme}/{key}", things.concept, "One concept of a scheme", *_THING),
    Row(
        "/graph",
        catalogue.graph,
        "The named graphs by folder: one a source file, and what the build derived",
        _PAGE,
        (*_FOUND, 400),
        (paging.SHOW, paging.PAGE),
    ),
    Row("/graph.{suffix}", catalogue.graph, "The list of graphs in one format", *_LIST),
    Row("/graph/{name:path}", catalogue.graph, "One named graph", _PAGE, (*_FOUND, 422)),
    Row("/questions", questions.listed, "The named questions", (HTML, JSON), (304, 406), ("format",)),
    Row(
        "/questions/{name}.svg",
        pictures.drawn,
        "The picture of an answer, where its question has one",
        (pictures.SVG,),
        (304, 400, 404, 406, 422, 500, 503, *_ENGINE),
        ("picture", "width"),
    ),
    Row(
        "/questions/{name}.png",
        pictures.drawn,
        "The same as PNG",
        (pictures.PNG,),
        (304, 400, 404, 406, 422, 500, 503, *_ENGINE),
        ("picture", "width"),
    ),
    Row(
        "/embed/questions/{name}",
        pictures.framed,
        "The picture of an answer or its table, for the frames of other sites",
        (HTML,),
        (304, 400, 404, 406, 422, 500, 503, *_ENGINE),
        ("show", "picture", "format"),
    ),
    Row(
        "/questions/{name}",
        questions.answered,
        "One question: the form, and its answer (.json .csv .xlsx .md .geojson .ttl .atom)",
        questions.FORMS,
        (304, 400, 404, 406, 422, 500, 503, *_ENGINE),
        ("format",),
    ),
    Row(
        "/answer/{word}",
        answers.answer,
        "An answer as it was given, by its permanent address, and how today's differs (.json)",
        answers.FORMS,
        (400, 404, 406, 503, *_ENGINE),
        ("format", paging.SHOW, paging.PAGE),
    ),
    Row(
        "/changes.atom",
        feeds.everything,
        "A feed of what changed from release to release, in parts (until=); each question and each thing has its own (.atom)",
        (feeds.ATOM,),
        (304, 400, 404, 503),
        ("until",),
    ),
    Row(
        "/changes",
        changes.listed,
        "What changed from release to release: how many things and files (.json .csv)",
        changes.LISTED,
        (304, 400, 406, 503),
        ("page",),
    ),
    Row("/changes.{suffix}", changes.listed, "The same in one format", changes.LISTED, (304, 400, 404, 406, 503)),
    Row(
        "/changes/ldes",
        stream.root,
        "All versions of all things as an event stream (LDES, TREE)",
        negotiate.RESULT_GRAPHS,
        (304, 400, 406),
        ("format",),
    ),
    Row(
        "/changes/ldes/{before}/{release}/{number}",
        stream.page,
        "A page of that stream, which never changes",
        negotiate.RESULT_GRAPHS,
        (304, 400, 404, 406, 410, 503),
        ("format",),
    ),
    Row(
        "/changes/{old}/{new}",
        changes.between,
        "What changed from one release to another, by thing and by file (.json .csv .ttl .jsonld .nt .rdf; .md: release notes)",
        changes.COMPARED,
        (304, 400, 404, 406, 410, 422, 503),
        ("what", "page"),
    ),
    Row(
        "/timegate/{address:path}",
        memento.timegate,
        "Memento (RFC 7089): 302 to the address as of the release at Accept-Datetime",
        (),
        (302, 400, 404),
    ),
    Row(
        "/timemap/{address:path}",
        memento.timemap,
        "Memento: the releases that hold what is at an address",
        memento.OFFERS,
        (304, 404, 406),
    ),
    Row(
        "/card/{card:path}",
        share.card,
        "The picture that stands for a page where it is shared: its path and .png",
        (share.PNG,),
        (304, 404, 503),
    ),
    Row(
        "/cite",
        quoting.cite,
        "The citation of the page at of=, pinned to the release: format=text, bibtex, csl or ris",
        quoting.MEDIA_TYPES,
        (303, 400, 404, 503),
        ("of", "format"),
    ),
    Row(
        "/bases",
        bases.listed,
        "Kinds of acts by treaties: the engagement bases, and the reasons where there is none",
        (HTML,),
        (304, 400, 406, 503),
        (things.SHOW,),
    ),
    Row(
        "/search",
        search.search,
        "Things by name, article, symbol or text, and the questions that fit: q=",
        (HTML, JSON),
        (304, 400, 406, 503),
        ("q", "type", "page", "format"),
    ),
    Row(
        "/suggest", search.suggest, "The likeliest things for what is typed: q=", (JSON,), (304, 400, 406, 503), ("q",)
    ),
    Row(
        "/check",
        check.check,
        "What is wrong in a file of your own: the form, or the report of a file sent as it is or in the form",
        check.FORMS,
        (304, 400, 406, 413, 415, 422, 429, 503),
        methods=("GET", "POST"),
        bodies=check.BODIES,
    ),
    Row(
        "/crosswalks",
        crosswalks.listed,
        "Crosswalks of rights, kinds of acts and States to other vocabularies, and whose judgement each is",
        (HTML, JSON),
        (304, 406, 503),
    ),
    Row(
        "/crosswalks/{name}",
        crosswalks.one,
        "One crosswalk: as SSSOM (.tsv), or its mappings as SKOS (.ttl .jsonld)",
        crosswalks.FORMS,
        _FOUND,
    ),
    Row(
        "/reconcile",
        reconcile.service,
        "The Reconciliation Service API (0.2): what it can do; with queries= or extend= a batch, by GET or as a form",
        (JSON, HTML),
        (304, 400, 406, 413, 415, 429, 503),
        reconcile.PARAMETERS,
        methods=("GET", "POST"),
        bodies=(FORM,),
    ),
    Row(
        "/reconcile/suggest/{suggested}",
        reconcile.suggest,
        "What is typed, completed to things (entity), types (type) or properties (property): prefix=",
        (JSON,),
        (304, 400, 404, 406, 503),
        ("prefix", "type", "cursor"),
    ),
    Row(
        "/reconcile/properties",
        reconcile.properties,
        "The properties of things of a type, whose values can be asked",
        (JSON,),
        (304, 400, 406, 503),
        ("type", "limit"),
    ),
    Row(
        "/reconcile/preview",
        reconcile.preview,
        "A small page about one thing, for the frames of clients: id=",
        (HTML,),
        (304, 400, 404, 503),
        ("id",),
    ),
    Row(
        "/catalogue",
        dcat.listed,
        "The data set, its releases, files and services, for data portals (DCAT-AP 3)",
        *_LIST,
    ),
    Row("/catalogue.{suffix}", dcat.listed, "The same in one format", *_LIST),
    Row("/dataset", dcat.dataset, "The data set as it is in the release: DCAT, VoID, PROV", *_LIST),
    Row("/dataset.{suffix}", dcat.dataset, "The same in one format", *_LIST),
    Row("/.well-known/void", dcat.dataset, "The same, at the address VoID names", *_LIST),
    Row(
        "/linkset/{path:path}",
        linkset.linkset,
        "What is linked with the page at a path, by relation (RFC 9264)",
        linkset.FORMS,
        (304, 400, 404, 406, 410, 503, *_ENGINE),
        aliases=("/linkset",),
    ),
    Row("/dumps", catalogue.dump_list, "The dumps: 303 to /dataset", (), (303,)),
    Row(
        "/dumps/{file}",
        catalogue.dump,
        "One dump, or with .sha256 its checksum",
        ("application/gzip", "application/zstd", "text/plain"),
        (304, 404),
    ),
    *(_packaged(name) for name in catalogue.PACKAGES),
    Row(
        "/tables",
        tables.listed,
        "The tidy tables, with their files; as JSON the data package (Frictionless)",
        tables.LISTED,
        (304, 404, 406),
        ("format",),
    ),
    Row(
        "/tables/{table}",
        tables.table,
        "The codebook of a table, and its files (.csv .parquet .xlsx .json)",
        tables.FORMS,
        (304, 404, 406),
    ),
    Row(
        "/release/{release}",
        dcat.one_release,
        "What went into a release and what came out, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json)",
        dcat.OF_RELEASE,
        (304, 400, 404, 406, 410),
        ("format", paging.SHOW, paging.PAGE),
    ),
    Row(
        "/withdrawn",
        withdrawn.listed,
        "What was withdrawn and when, without names (.json .csv)",
        withdrawn.FORMS,
        (304, 400, 406, 503),
        (paging.PAGE,),
    ),
    Row("/withdrawn.{suffix}", withdrawn.listed, "The same in one format", withdrawn.FORMS, (304, 404, 406, 503)),
    Row("/sitemap.xml", crawling.sitemap, "The parts of the site map", (crawling.XML,), (304, 406, 503)),
    Row(
        "/sitemap/{part}",
        crawling.sitemap_part,
        "One part of the site map: pages, each with its languages and the day of the release",
        (crawling.XML,),
        (304, 404, 406, 503),
    ),
    Row("/robots.txt", crawling.robots, "What robots leave alone", (crawling.TEXT,), (304, 406)),
    Row(
        "/.well-known/api-catalog",
        crawling.api_catalog,
        "The interfaces of this site (RFC 9727)",
        (crawling.API_CATALOG.media_type.partition(";")[0],),
        (304,),
    ),
    Row("/health", service.health, "For operators: the release that answers", (JSON,), (503,)),
    Row(
        "/metrics",
        service.metrics,
        "For operators: numbers in the format of Prometheus",
        (service.PLAIN, service.OPENMETRICS),
        (406,),
    ),
    Row("/openapi.json", service.openapi, "The description of this interface", (JSON,), (304,)),
    Row("/docs", service.docs, "The same for people", (HTML,), (304, 406)),
    Row("/problem/{slug}", service.problem, "What a kind of error means: 303 to its row in /docs", (), (303, 404)),
)


class NamedRoute(Route):
    """A route that names itself in the scope, for the metrics and the log; FastAPI's router names its own kind alone."""

    def __init__(self, path: str, *args: Any, **options: Any) -> None:
        super().__init__(path, *args, **options)
        # Starlette ends the pattern with $, which a line break may follow.
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for this route, and what the route adds to the scope."""
        match, added = super().matches(scope)
        added["route"] = self
        return match, added

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the handler returns; what it raises is for the middleware that answers errors."""
        if scope["method"] not in self.methods:
            raise HTTPException(405, headers={"Allow": ", ".join(self.methods)})
        response = await self.endpoint(Request(scope, receive))
        await response(scope, receive, send)


def make_routes(rows: Iterable[Row]) -> list[BaseRoute]:
    """Make what Starlette routes by, in the order of the table; the static files come last."""
    made: list[BaseRoute] = [
        NamedRoute(path, row.handler, methods=row.methods) for row in rows for path in (row.path, *row.aliases)
    ]
    return [*made, Mount("/static", assets.Files())]


# The parts of the description that no row says: what a parameter and a status mean, and the schema of a problem. Its
# version changes when a client would break. OpenAPI 3.1 has no place for QUERY; HEAD and OPTIONS, which every route has, are left out.
DESCRIPTION = Path(__file__).with_name("openapi.json")
DESCRIBED = ("GET", "POST")
CONNECTION = (408, 414, 431)  # what api.connections may answer to any request


def describe(rows: Iterable[Row], base: str | None = None) -> dict[str, Any]:
    """Describe the interface; `base` is the public address of the server where it is not the IRI of the data."""
    document = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    if base:
        document["servers"] = [{"url": base.rstrip("/")}]
    known = document["components"]["parameters"]
    for row in rows:
        made = {name.lower(): _operation(row, name, known) for name in DESCRIBED if name in row.methods}
        document["paths"][row.address] = made
    return document


def _operation(row: Row, method: str, known: Mapping[str, Any]) -> dict[str, Any]:
    posted = method == "POST"
    names = [*re.findall(r"{(\w+)}", row.address), *(() if posted else row.parameters)]
    types = dict.fromkeys(form if isinstance(form, str) else form.media_type for form in row.forms)
    responses: dict[str, Any] = (
        {"200": {"description": "The answer", "content": {kind: {} for kind in types}}} if types else {}
    )
    for status in sorted({*row.statuses, *CONNECTION, *((415,) if posted else ())}):
        responses[str(status)] = {"$ref": f"#/components/responses/{status}"}
    if row.path == "/health":
        responses["503"] = {"description": "A pool has no living worker", "content": {JSON.media_type: {}}}
    operation = {"summary": row.sentence, "operationId": f"{method.lower()} {row.path}", "responses": responses}
    if posted:
        fields = {name: known[name]["schema"] for name in row.parameters}
        form = {"type": "object", "properties": fields}
        form |= {"required": ["query"]} if "query" in fields else {}
        content = {kind: {"schema": form if "form" in kind else {"type": "string"}} for kind in row.bodies}
        operation["requestBody"] = {"required": True, "content": content}
    return {**operation, "parameters": [{"$ref": f"#/components/parameters/{known[name]['name']}"} for name in names]}


def write_table(rows: Iterable[Row] = ROUTES) -> str:
    """Write the README's table of routes, in Markdown."""
    lines = ["| route | methods | answers |", "|---|---|---|"]
    for row in rows:
        if not row.path.endswith(".{suffix}"):  # the address without it negotiates the same formats
            path = row.address.replace("{", "<").replace("}", ">")
            lines.append(f"| `{path}` | {', '.join(row.methods)} | {row.sentence} |")
    lines.append("| `/release/<release>/…` | GET | Each of these, as of one release |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(write_table(), end="")

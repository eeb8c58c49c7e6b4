"""The table of routes. Routing, the description of the interface, /docs and the README's table are made from it.

A page is one row here, its handler and its template. A route answers with nothing but what its row says; a test asks each.
`python -m api.routes` prints the table of the README.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from api import assets, catalogue, editor, negotiate, questions, service, sparql, things, vocabulary
from api.negotiate import ANSWERS, HTML, JSON, RESULT_GRAPHS, RESULTS
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
_THING = ((*_PAGE, JSON), (*_FOUND, 410))
_LIST = (_PAGE, _FOUND)

ROUTES = (  # in the order in which an address is looked for: the one asked most is first
    Row(
        "/sparql",
        sparql.answer,
        "SPARQL 1.1 Protocol, query only; without a query the service description, or the form",
        (*RESULTS, *RESULT_GRAPHS, HTML),
        _QUERY,
        ("query", "default-graph-uri", "named-graph-uri", "format"),
        methods=("GET", "POST", "QUERY"),
        bodies=(sparql.FORM, sparql.DIRECT),
        aliases=("/sparql/",),
    ),
    Row("/", catalogue.home, "What this is, its events, its questions and its numbers", (HTML,), (304, 406, 503)),
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
        "The document about a thing, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json)",
        *_THING,
    ),
    Row("/ontology", vocabulary.ontology, "The ontology, whole", *_LIST),
    Row("/ontology.{suffix}", vocabulary.ontology, "The ontology, whole, in one format", *_LIST),
    Row("/ontology/{module:path}", vocabulary.ontology, "One module of the ontology", *_LIST),
    Row("/shapes", vocabulary.shapes, "The shapes (SHACL) the data obey", *_LIST),
    Row("/shapes.{suffix}", vocabulary.shapes, "The shapes in one format", *_LIST),
    Row("/scheme", vocabulary.schemes, "The schemes of concepts", *_LIST),
    Row("/scheme.{suffix}", vocabulary.schemes, "The schemes in one format", *_LIST),
    Row("/scheme/{scheme}", vocabulary.scheme, "One scheme (SKOS)", *_LIST),
    Row("/scheme/{scheme}/{key}", things.concept, "One concept of a scheme", *_THING),
    Row("/graph", vocabulary.graph, "The named graphs: one a source file, and what the build derived", *_LIST),
    Row("/graph.{suffix}", vocabulary.graph, "The list of graphs in one format", *_LIST),
    Row("/graph/{name:path}", vocabulary.graph, "One named graph", _PAGE, (*_FOUND, 422)),
    Row("/questions", questions.listed, "The named questions", (HTML, JSON), (304, 406), ("format",)),
    Row(
        "/questions/{name}",
        questions.answered,
        "One question: the form, and its answer (.json .csv .xlsx .ttl)",
        (HTML, *ANSWERS),
        (304, 400, 404, 406, 422, 500, 503, *_ENGINE),
        ("format",),
    ),
    Row(
        "/search",
        things.search,
        "Things by label, description or paraphrase: q=",
        (HTML, JSON),
        (304, 406, 503),
        ("q", "format"),
    ),
    Row("/dataset", catalogue.dataset, "The catalogue of the release: DCAT, VoID, PROV", *_LIST),
    Row("/dataset.{suffix}", catalogue.dataset, "The catalogue in one format", *_LIST),
    Row("/.well-known/void", catalogue.dataset, "The same, at the address VoID names", *_LIST),
    Row("/dumps", catalogue.dump_list, "The dumps: 303 to /dataset", (), (303,)),
    Row(
        "/dumps/{file}",
        catalogue.dump,
        "One dump, or with .sha256 its checksum",
        ("application/gzip", "text/plain"),
        (304, 404),
    ),
    Row(
        "/release/{release}",
        catalogue.one_release,
        "What went into a release and what came out",
        (HTML, JSON),
        (304, 404, 406),
        ("format",),
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


def write_table(rows: Iterable[Row] = ROUTES) -> str:
    """Write the README's table of routes, in Markdown."""
    lines = ["| route | methods | answers |", "|---|---|---|"]
    for row in rows:
        path = row.address.replace("{", "<").replace("}", ">")
        lines.append(f"| `{path}` | {', '.join(row.methods)} | {row.sentence} |")
    lines.append("| `/release/<release>/…` | GET | Each of these, as of one release |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(write_table(), end="")

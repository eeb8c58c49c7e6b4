"""The table of routes. Routing, the description of the interface (OpenAPI 3.1), /docs and the README's table are made from it.

A page is one row here, its handler and its template. A route answers with nothing but what its row says; a test asks each.
`python -m api.routes` prints the table of the README.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from api import assets, catalogue, editor, negotiate, problems, questions, service, sparql, things
from api.negotiate import ANSWERS, HTML, JSON, RESULT_GRAPHS, RESULTS
from kg.answer.formats import Format
from kg.terms import LICENCE


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
    Row("/ontology", catalogue.ontology, "The ontology, whole", *_LIST),
    Row("/ontology.{suffix}", catalogue.ontology, "The ontology, whole, in one format", *_LIST),
    Row("/ontology/{module:path}", catalogue.ontology, "One module of the ontology", *_LIST),
    Row("/shapes", catalogue.shapes, "The shapes (SHACL) the data obey", *_LIST),
    Row("/shapes.{suffix}", catalogue.shapes, "The shapes in one format", *_LIST),
    Row("/scheme", catalogue.schemes, "The schemes of concepts", *_LIST),
    Row("/scheme.{suffix}", catalogue.schemes, "The schemes in one format", *_LIST),
    Row("/scheme/{scheme}", catalogue.scheme, "One scheme (SKOS)", *_LIST),
    Row("/scheme/{scheme}/{key}", things.concept, "One concept of a scheme", *_THING),
    Row("/graph", catalogue.graph, "The named graphs: one a source file, and what the build derived", *_LIST),
    Row("/graph.{suffix}", catalogue.graph, "The list of graphs in one format", *_LIST),
    Row("/graph/{name:path}", catalogue.graph, "One named graph", _PAGE, (*_FOUND, 422)),
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


INTERFACE = "1"  # the version of the HTTP interface; a change that breaks a client makes it 2
DESCRIBED = ("GET", "POST")  # OpenAPI 3.1 has no place for QUERY; HEAD and OPTIONS, which every route has, are left out
WORDS = {
    303: "It is somewhere else: see Location",
    304: "What you have (If-None-Match) still holds",
    400: "The query does not parse, or a parameter is wrong",
    403: "The query is not run here: an update, or a call to another server",
    404: "There is nothing at this address; hint names the nearest",
    406: "None of the formats asked for can be made; offered lists those that can",
    410: "It was withdrawn",
    413: "The query is too long",
    415: "A query is posted as a form or as application/sparql-query",
    422: "The answer has more rows or bytes than one answer may have",
    429: "Your share of query time is used up; Retry-After says when to come back",
    500: "The question cannot be read: its file in this release is bad",
    502: "The engine that answers (`kg serve --engine`) is down, or its answer is not whole",
    503: "The query was ended at a limit of time or memory, or too many wait (Retry-After)",
    504: "The engine that answers (`kg serve --engine`) came too late",
}
# What a parameter in the address means; those of a path are in the path itself.
PARAMETERS = {
    "query": "The query.",
    "default-graph-uri": "A graph of the default graph; repeatable.",
    "named-graph-uri": "A graph that GRAPH may name; repeatable.",
    "format": "Short name or media type of the format; beats Accept.",
    "q": "What to look for.",
}
MANY = {"default-graph-uri", "named-graph-uri"}
EXAMPLES = {
    "kind": "state",
    "key": "kaz",
    "suffix": "ttl",
    "module": "core",
    "scheme": "right",
    "file": "answerable.nq.gz",
    "slug": "query-syntax",
    "query": "SELECT * WHERE { ?s ?p ?o } LIMIT 5",
    "q": "zhanaozen",
}
PROBLEM = {
    "type": "object",
    "description": "What is wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "line": {"type": "integer", "minimum": 1, "description": "Of the query."},
        "column": {"type": "integer", "minimum": 1, "description": "Of the query."},
        "hint": {"type": "string"},
        "reason": {"type": "string"},
        "offered": {"type": "array", "items": {"type": "string"}},
    },
}
_TEXT = {"type": "string"}


def describe(rows: Iterable[Row], base: str | None = None) -> dict[str, Any]:
    """Describe the interface; `base` is the public address of the server where it is not the IRI of the data."""
    info = {
        "title": "Answerable",
        "summary": "Human-rights events, the obligations they engage, and what was recommended, promised and done.",
        "license": {"name": "CC BY 4.0 (data)", "url": LICENCE},
        "version": INTERFACE,
    }
    return {
        "openapi": "3.1.0",
        "info": info,
        **({"servers": [{"url": base.rstrip("/")}]} if base else {}),
        "paths": {
            row.address: {name.lower(): _operation(row, name) for name in DESCRIBED if name in row.methods}
            for row in rows
        },
        "components": {"schemas": {"Problem": PROBLEM}},
    }


def _operation(row: Row, method: str) -> dict[str, Any]:
    posted = method == "POST"
    body = {"requestBody": _body(row)} if posted else {}
    return {
        "summary": row.sentence,
        "operationId": f"{method.lower()} {row.path}",
        "parameters": [*_in_path(row.address), *(() if posted else _in_address(row))],
        **body,
        "responses": dict(_responses(row, posted=posted)),
    }


def _in_path(path: str) -> Iterable[dict[str, Any]]:
    for part in path.split("{")[1:]:
        name = part.partition("}")[0]
        example = {"example": EXAMPLES[name]} if name in EXAMPLES else {}
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}, **example}


def _in_address(row: Row) -> Iterable[dict[str, Any]]:
    for name in row.parameters:
        schema = {"type": "array", "items": _TEXT} if name in MANY else _TEXT
        example = {"example": EXAMPLES[name]} if name in EXAMPLES else {}
        yield {"name": name, "in": "query", "description": PARAMETERS[name], "schema": schema, **example}


def _body(row: Row) -> dict[str, Any]:
    fields = {name: {"type": "array", "items": _TEXT} if name in MANY else _TEXT for name in row.parameters}
    form = {"type": "object", "required": ["query"], "properties": fields}
    return {"required": True, "content": {kind: {"schema": form if "form" in kind else _TEXT} for kind in row.bodies}}


def _responses(row: Row, *, posted: bool) -> Iterable[tuple[str, dict[str, Any]]]:
    if row.forms:
        types = [form if isinstance(form, str) else form.media_type for form in row.forms]
        yield "200", {"description": "The answer", "content": {kind: {} for kind in dict.fromkeys(types)}}
    for status in sorted({*row.statuses, 415} if posted else row.statuses):
        if status < 400:
            headers = {"Location": {"schema": _TEXT}} if status == 303 else {}
            yield str(status), {"description": WORDS[status], "headers": headers}
        elif row.path == "/health":
            yield str(status), {"description": "A pool has no worker that lives", "content": {JSON.media_type: {}}}
        else:
            problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
            content = {problems.PROBLEM.media_type: problem, HTML.media_type: {}}
            headers = {"Retry-After": {"schema": {"type": "integer"}}} if status in (429, 503) else {}
            yield str(status), {"description": WORDS[status], "content": content, "headers": headers}


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

"""The description of the HTTP interface (OpenAPI): what each route takes, and every status and media type it may answer with.

Promises one row a route, from which the description is made, and that what a row does not say is not answered; a test asks
each route what its row allows. Never decides what is answered: the handlers do.

HEAD and OPTIONS, which every route has, and the method QUERY of /sparql are told in words, for OpenAPI 3.1 cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from api import negotiate, problems, service
from api.negotiate import ANSWERS, HTML, JSON, RESULT_GRAPHS, RESULTS
from kg.answer.formats import Format

WORDS = {
    303: "It is somewhere else: see Location",
    304: "What you have (If-None-Match) still holds",
    400: "The query does not parse, or a parameter is wrong",
    403: "The query is not run here: an update, or a call to another server",
    404: "There is nothing at this address; hint says what comes near",
    406: "None of the formats asked for can be made; offered lists those that can",
    410: "It was withdrawn",
    413: "The query is too long",
    415: "A query is posted as a form or as application/sparql-query",
    422: "The answer has more rows or bytes than one answer may have",
    429: "Your share of query time is used up; Retry-After says when to come back",
    502: "The engine that answers (`kg serve --engine`) is down, or its answer is not whole",
    503: "The query was ended at a limit of time or memory, or too many wait (Retry-After)",
    504: "The engine that answers (`kg serve --engine`) came too late",
}


class Row(NamedTuple):
    """One route: the forms of its answer, the other statuses it may have, and the parameters in its address."""

    forms: Sequence[Format | str] = ()  # none: there is no 200
    statuses: Sequence[int] = ()
    parameters: Sequence[str] = ()


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
_ENGINE = (502, 504)
_ASK = (400, 403, 406, 413, 422, 429, 503, *_ENGINE)
_FOUND = (304, 404, 406, 503)
_PAGE = (HTML, *negotiate.GRAPHS)
_THING = Row((*_PAGE, JSON), (*_FOUND, 410))
_LISTED = Row(_PAGE, _FOUND)
ROWS = {
    "/": Row((HTML,), (304, 406, 503)),
    "/sparql": Row(
        (*RESULTS, *RESULT_GRAPHS, HTML), (304, *_ASK), ("query", "default-graph-uri", "named-graph-uri", "format")
    ),
    "/editor.json": Row((JSON,), (304, 406)),
    "/id/{kind}/{key}": Row((), (303, 404, 410, 503)),
    "/doc/{kind}/{key}": _THING,
    "/ontology": _LISTED,
    "/ontology.{suffix}": _LISTED,
    "/ontology/{module}": _LISTED,
    "/shapes": _LISTED,
    "/shapes.{suffix}": _LISTED,
    "/scheme": _LISTED,
    "/scheme/{scheme}": _LISTED,
    "/scheme/{scheme}/{key}": _THING,
    "/graph": _LISTED,
    "/graph/{name}": Row(_PAGE, (*_FOUND, 422)),
    "/questions": Row((HTML, JSON), (304, 406), ("format",)),
    "/questions/{name}": Row((HTML, *ANSWERS), (304, 400, 404, 406, 422, 503, *_ENGINE), ("format",)),
    "/search": Row((HTML, JSON), (304, 406, 503), ("q", "format")),
    "/dataset": _LISTED,
    "/dataset.{suffix}": _LISTED,
    "/.well-known/void": _LISTED,
    "/dumps": Row((), (303,)),
    "/dumps/{file}": Row(("application/gzip", "text/plain"), (304, 404)),
    "/release/{release}": Row((HTML, JSON), (304, 404, 406), ("format",)),
    "/health": Row((JSON,), (503,)),
    "/metrics": Row((service.PLAIN, service.OPENMETRICS), (406,)),
    "/openapi.json": Row((JSON,), (304,)),
    "/docs": Row((HTML,), (304, 406)),
    "/problem/{slug}": Row((), (303, 404)),
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


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """Write into a description that knows routes and no more what the rows say of them."""
    document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, methods in document["paths"].items():
        row = ROWS[path]
        for method, operation in methods.items():
            operation["parameters"] = [*_in_path(path), *(() if method == "post" else _in_address(row))]
            operation["responses"] = dict(_responses(row, posted=method == "post"))
            if method == "post":
                operation["requestBody"] = _body(row)
    return document


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
    content = {"application/x-www-form-urlencoded": {"schema": form}, "application/sparql-query": {"schema": _TEXT}}
    return {"required": True, "content": content}


def _responses(row: Row, *, posted: bool) -> Iterable[tuple[str, dict[str, Any]]]:
    if row.forms:
        types = [form if isinstance(form, str) else form.media_type for form in row.forms]
        yield "200", {"description": "The answer", "content": {kind: {} for kind in dict.fromkeys(types)}}
    for status in sorted({*row.statuses, 415} if posted else row.statuses):
        if status < 400:
            headers = {"Location": {"schema": _TEXT}} if status == 303 else {}
            yield str(status), {"description": WORDS[status], "headers": headers}
        elif row is ROWS["/health"]:
            yield str(status), {"description": "A pool has no worker that lives", "content": {JSON.media_type: {}}}
        else:
            problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
            content = {problems.PROBLEM.media_type: problem, HTML.media_type: {}}
            headers = {"Retry-After": {"schema": {"type": "integer"}}} if status in (429, 503) else {}
            yield str(status), {"description": WORDS[status], "content": content, "headers": headers}

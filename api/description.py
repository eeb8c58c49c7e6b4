"""The description of the HTTP interface (OpenAPI 3.1), made from the table of routes.

OpenAPI 3.1 has no place for the method QUERY; HEAD and OPTIONS, which every route has, are left out as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api import problems
from api.negotiate import HTML, JSON
from api.routes import Row
from kg.terms import LICENCE

INTERFACE = "1"  # the version of the HTTP interface; a change that breaks a client makes it 2
DESCRIBED = ("GET", "POST")
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

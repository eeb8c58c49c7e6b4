"""The description of the interface (OpenAPI 3.1), generated from the routes.

`document` adds what no route says: what each status means, and an operation for each named question of a release.
`python -m api` prints the README's table of routes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute

from api.models import Problem
from api.render import assets
from kg.answer.formats import Format
from kg.sparql.question import Parameter, Question
from kg.terms import LICENCE

# What operations take that read their parameters and bodies themselves.
TAKEN: Mapping[str, dict[str, Any]] = json.loads((assets.TEMPLATES / "openapi.json").read_bytes())
PROBLEM = "application/problem+json"
JSON = "application/json"
ALWAYS = (400, 406, 408, 414, 431, 503)  # what any request may be answered
# From the status to what it means. The second members name the header that comes with it, and whether a page can say it too.
STATUSES: Mapping[int, tuple[str, str, bool]] = {
    302: ("The address as of one release: see Location", "Location", False),
    303: ("It is somewhere else: see Location", "Location", False),
    304: ("What you have (If-None-Match) still holds", "", False),
    400: ("The query does not parse, or a parameter is wrong", "", True),
    403: ("The query is not run here: an update, or a call to another server", "", True),
    404: ("There is nothing at this address; hint names the nearest", "", True),
    406: ("None of the formats asked for can be made; offered lists those that can", "", True),
    408: ("The head or the body of the request took too long", "", False),
    410: ("It was withdrawn", "", True),
    413: ("The query is too long", "", True),
    414: ("The address is too long; a long query can be posted", "", False),
    415: ("A query is posted as a form or as application/sparql-query", "", True),
    422: ("The answer has more rows or bytes than one answer may have", "", True),
    429: ("Your share of query time is used up; Retry-After says when to come back", "Retry-After", True),
    431: ("The header of the request is too large", "", False),
    500: ("The question cannot be read: its file in this release is bad", "", True),
    502: ("The engine that answers (`kg serve --engine`) is down, or its answer is not whole", "", True),
    503: ("The query was ended at a limit of time or memory, or too many wait (Retry-After)", "Retry-After", True),
    504: ("The engine that answers (`kg serve --engine`) came too late", "", True),
}
KINDS = {"date": {"format": "date"}, "year": {"pattern": "^[0-9]{4}$"}}  # of the parameters of questions
# A cell of an answer: a text, a thing, or nothing; and one that cites.
CELL = {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Thing"}, {"type": "null"}]}
PASSAGES = {"type": "array", "items": {"type": "string", "format": "uri"}}


def answers(
    *forms: Format | str, model: type[BaseModel] | Any = None, errors: Iterable[int] = (), status: int = 200
) -> dict[str, Any]:
    """Describe the answers of a route, for its decorator: the forms of a 200, the model of that in JSON, and other statuses."""
    types = dict.fromkeys(form if isinstance(form, str) else form.media_type.partition(";")[0] for form in forms)
    # JSON stands first: programs that are generated from the description read the first form that they know.
    content = {name: {"schema": _schema_of(name)} for name in sorted(types, key=lambda name: name != JSON)}
    responses: dict[int | str, Any] = {
        code: _reference(code) for code in (*ALWAYS, *errors, 304 if status == 200 else status)
    }
    if status == 200:
        responses[200] = {"description": "The answer", "content": content} | ({"model": model} if model else {})
    described = {"status_code": status, "responses": dict(sorted(responses.items()))}
    return {"response_class": Response, "response_model": None, **described}


def _schema_of(media_type: str) -> dict[str, Any]:
    if media_type.endswith(("json", "yaml")):
        return {} if media_type == JSON else {"type": "object"}  # a model stands in the place of {}
    is_text = media_type.startswith("text/") or media_type.endswith(("xml", "triples", "quads", "trig", "linkset"))
    return {"type": "string"} if is_text else {"type": "string", "format": "binary"}


def _reference(status: int) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{status}", "description": STATUSES[status][0]}


def document(app: FastAPI, questions: Iterable[Question] = (), base: str | None = None) -> dict[str, Any]:
    """Describe the interface; `base` is the public address of the server where it is not the IRI of the data."""
    whole = get_openapi(
        title="Answerable",
        version="1",  # changes when a client would break
        summary="Human-rights events, the obligations they engage, and what was recommended, promised and done.",
        license_info={"name": "CC BY 4.0 (data)", "url": LICENCE},
        routes=app.routes,
        servers=[{"url": base.rstrip("/")}] if base else None,
    )
    paths, components = whole["paths"], whole.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):  # a wrong parameter is a problem, as any other error
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    components["responses"] = {str(status): _response(status) for status in STATUSES}
    for path, operations_at in paths.items():
        for method, operation in operations_at.items():
            operation["operationId"] = _operation_id(path, method)
            if "$ref" not in operation["responses"].get("422", {"$ref": ""}):
                del operation["responses"]["422"]
    if "/questions/{name}" in paths:
        for question in questions:
            paths[f"/questions/{question.name}"] = _question_path(question, paths["/questions/{name}"], schemas)
    return whole


def _operation_id(path: str, method: str) -> str:
    """Name an operation as a generated client calls its function: `doc_kind_key`, `post_check`."""
    words = re.findall(r"\w+", path) or ["home"]
    return "_".join([*([method] if method != "get" else []), *words]).lower()


def _response(status: int) -> dict[str, Any]:
    description, header, is_page = STATUSES[status]
    schemas = {
        name: {"schema": {"type": "integer" if name == "Retry-After" else "string"}} for name in (header,) if name
    }
    pages = {"text/html": {"schema": {"type": "string"}}} if is_page else {}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}, **pages} if status >= 400 else {}
    members = {"description": description, "headers": schemas, "content": content}
    return {name: value for name, value in members.items() if value}


def _question_path(question: Question, general: Mapping[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = "".join(map(str.capitalize, question.name.split("-")))
    columns = {
        column: {**(PASSAGES if column in question.cites else CELL), "description": meaning}
        for column, meaning in question.columns
    }
    schemas[f"{name}Row"] = {"title": f"{name}Row", "type": "object", "properties": columns}
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}Row"}}
    answer = schemas["Answer"]
    schemas[name] = {**answer, "title": name, "properties": {**answer["properties"], "rows": rows}}
    operation = deepcopy(general["get"])
    operation["responses"]["200"]["content"][JSON] = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    shared = [one for one in operation["parameters"] if one["in"] != "path"]
    operation |= {
        "operationId": _operation_id(f"/questions/{question.name}", "get"),
        "summary": question.title,
        "description": f"{question.question} {question.about}".strip(),
        "parameters": [*map(_parameter, question.parameters), *shared],
    }
    return {"get": operation}


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": "query",
        "required": not one.optional,
        "description": one.label,
        "schema": {"type": "string", **KINDS.get(one.kind, {})},
        "example": one.example,
    }


def operations(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, list[str], str]]:
    """Yield each address of the interface with its methods and the sentence that describes it."""
    listed: dict[str, tuple[list[str], str]] = {}
    for route in routes:
        if isinstance(route, APIRoute):
            methods, sentence = listed.get(address := route.path.replace(":path}", "}"), ([], ""))
            if route.include_in_schema:
                sentence = sentence or route.description.partition("\n")[0].rstrip(".")
            listed[address] = [*methods, *(route.methods or ())], sentence
    yield from ((address, sorted(methods), sentence) for address, (methods, sentence) in listed.items() if sentence)


def pages(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """Yield each address without parameters at which there is a page for people."""
    for route in routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema or "{" in route.path:
            continue
        if "text/html" in route.responses.get(200, {}).get("content", ()):
            yield route.path


def write_table(app: FastAPI) -> str:
    """Write the README's table of routes, in Markdown."""
    lines = ["| route | methods | answers |", "|---|---|---|"]
    for path, methods, sentence in operations(app.routes):
        shown = path.replace("{", "<").replace("}", ">")
        lines.append(f"| `{shown}` | {', '.join(methods)} | {sentence} |")
    lines.append("| `/release/<release>/…` | GET | Each of these, as of one release |")
    return "\n".join(lines) + "\n"

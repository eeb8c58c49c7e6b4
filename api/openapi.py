"""The description of the interface (OpenAPI 3.1), generated from the routes.

`document` adds what no route says: what each status means, and an operation for each named question of a release.
`python -m api` prints the README's table of routes.
"""

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
from kg.sparql.question import Question
from kg.terms import LICENCE

# `responses`: what each status but 200 means and brings. `requests`: what operations take that read it themselves.
TEMPLATE: Mapping[str, dict[str, Any]] = json.loads((assets.TEMPLATES / "openapi.json").read_bytes())
JSON = "application/json"
ALWAYS = (400, 406, 408, 414, 431, 503)  # what any request may be answered
# A cell of an answer: a text, a thing, or nothing; and one that cites.
CELL = {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Thing"}, {"type": "null"}]}
PASSAGES = {"type": "array", "items": {"type": "string", "format": "uri"}}


def answers(
    *forms: Format | str, model: type[BaseModel] | Any = None, errors: Iterable[int] = (), status: int = 200
) -> dict[str, Any]:
    """Describe the answers of a route, for its decorator: the forms of a 200, the model of that in JSON, and other statuses.

    Without a model an answer in JSON is any object.
    """
    types = dict.fromkeys(form if isinstance(form, str) else form.media_type.partition(";")[0] for form in forms)
    # JSON stands first: programs that are generated from the description read the first form that they know.
    content = {name: {"schema": _schema_of(name)} for name in sorted(types, key=lambda name: name != JSON)}
    responses: dict[int | str, Any] = {
        code: {"$ref": f"#/components/responses/{code}", "description": TEMPLATE["responses"][str(code)]["description"]}
        for code in (*ALWAYS, *errors, 304 if status == 200 else status)
    }
    if status == 200:
        responses[200] = {"description": "The answer", "content": content}
        responses[200] |= {"model": model or dict[str, Any]} if JSON in content else {}
    return {
        "response_class": Response,
        "response_model": None,
        "status_code": status,
        "responses": dict(sorted(responses.items())),
    }


def _schema_of(media_type: str) -> dict[str, Any]:
    if media_type.endswith(("json", "yaml")):
        return {} if media_type == JSON else {"type": "object"}  # a model stands in the place of {}
    if media_type.startswith("text/") or media_type.endswith(("xml", "triples", "quads", "trig", "linkset")):
        return {"type": "string"}
    return {"type": "string", "format": "binary"}


def describe_parameter(
    name: str, description: str, is_required: bool = False, example: str = "", **schema: Any
) -> dict[str, Any]:
    """Describe a parameter of an address that the data define; `schema` is more on its text."""
    parameter = {"name": name, "in": "query", "required": is_required, "description": description}
    return parameter | {"schema": {"type": "string"} | schema} | ({"example": example} if example else {})


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
    paths, schemas = whole["paths"], whole["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):  # a wrong parameter is a problem, as any other error
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    whole["components"] = {"schemas": schemas, "responses": TEMPLATE["responses"]}
    for path, methods in paths.items():
        for method, operation in methods.items():
            operation["operationId"] = _operation_id(path, method)
            if "$ref" not in operation["responses"].get("422", {"$ref": ""}):
                del operation["responses"]["422"]
    for question in questions:
        paths[f"/questions/{question.name}"] = _question_path(question, whole)
    return whole


def _operation_id(path: str, method: str) -> str:
    """Name an operation as a generated client calls its function: `doc_kind_key`, `post_check`."""
    words = re.findall(r"\w+", path) or ["home"]
    return "_".join([*([method] if method != "get" else []), *words]).lower()


def _question_path(question: Question, whole: Mapping[str, Any]) -> dict[str, Any]:
    operation, schemas = deepcopy(whole["paths"]["/questions/{name}"]["get"]), whole["components"]["schemas"]
    name = "".join(map(str.capitalize, question.name.split("-")))
    columns = {
        column.name: {**(PASSAGES if column.name in question.cites else CELL), "description": column.meaning}
        for column in question.columns
    }
    schemas[f"{name}Row"] = {"title": f"{name}Row", "type": "object", "properties": columns}
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}Row"}}
    schemas[name] = {**schemas["Answer"], "title": name}
    schemas[name]["properties"] = {**schemas["Answer"]["properties"], "rows": rows}
    operation["responses"]["200"]["content"][JSON] = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    operation |= {
        "operationId": _operation_id(f"/questions/{question.name}", "get"),
        "summary": question.title,
        "description": f"{question.question} {question.about}".strip(),
        "parameters": [
            *(
                describe_parameter(each.name, each.label, not each.optional, each.example, **each.schema)
                for each in question.parameters
            ),
            *(shared for shared in operation["parameters"] if shared["in"] != "path"),
        ],
    }
    return {"get": operation}


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


def pages(routes: Iterable[BaseRoute]) -> list[str]:
    """List the addresses without parameters at which there is a page for people."""
    described = (route for route in routes if isinstance(route, APIRoute) and route.include_in_schema)
    paged = (route.path for route in described if "text/html" in route.responses.get(200, {}).get("content", ()))
    return [path for path in paged if "{" not in path]


def write_table(app: FastAPI) -> str:
    """Write the README's table of routes, in Markdown."""
    lines = [f"| `{path}` | {', '.join(methods)} | {sentence} |" for path, methods, sentence in operations(app.routes)]
    table = "\n".join(lines).replace("{", "<").replace("}", ">")
    every = "| `/release/<release>/…` | GET | Each of these, as of one release |"
    return f"| route | methods | answers |\n|---|---|---|\n{table}\n{every}\n"

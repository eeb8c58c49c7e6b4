"""The description of the interface (OpenAPI 3.1) and the table of the README, made from the table of routes.

`python -m api.description` prints the table of the README.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from api.http.negotiate import JSON
from api.routing import Row

# The parts of the description that no row says: what a parameter and a status mean, and the schema of a problem. Its
# version changes when a client would break. OpenAPI 3.1 has no place for QUERY; HEAD and OPTIONS, which every route has, are left out.
DESCRIPTION = Path(__file__).with_name("openapi.json")
DESCRIBED = ("GET", "POST")
CONNECTION = (408, 414, 431)  # what api.http.connections may answer to any request


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


def write_table(rows: Iterable[Row]) -> str:
    """Write the README's table of routes, in Markdown."""
    lines = ["| route | methods | answers |", "|---|---|---|"]
    for row in rows:
        if not row.path.endswith(".{suffix}"):  # the address without it negotiates the same formats
            path = row.address.replace("{", "<").replace("}", ">")
            lines.append(f"| `{path}` | {', '.join(row.methods)} | {row.sentence} |")
    lines.append("| `/release/<release>/…` | GET | Each of these, as of one release |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from api.routes import ROUTES

    print(write_table(ROUTES), end="")

"""The tools of the protocol: each question of a release is a tool, beside those that search, describe and query."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mcp import types

from kg import terms
from kg.answer.narrowing import PAGE, read_page
from kg.mcp.release import QUERY_FORMATS, Answered, Readable
from kg.sparql.question import Parameter

SEARCH, DESCRIBE, SPARQL = "search", "describe-thing", "sparql-query"
MOST_LISTED = 40  # things of a parameter that are all listed; of more, a few examples are
_EXAMPLES = 5
_PAGE = {"type": "integer", "minimum": 1, "default": 1, "description": "which page of the rows, 20 a page"}
_READS = types.ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


async def listed(opened: Readable) -> list[types.Tool]:
    """List the tools of a release: its questions in the order of their topics, and the others."""
    tools = []
    for question in sorted(opened.questions.values(), key=lambda question: (question.topic, question.name)):
        properties = {each.name: await _of_parameter(opened, each) for each in question.parameters}
        properties[PAGE] = _PAGE
        required = [parameter.name for parameter in question.parameters if not parameter.optional]
        description = f"{question.title} {question.about}".strip()
        tools.append(_tool(question.name, question.title, description, properties, required))
    return [*tools, *_others(opened.kinds)]


async def call(opened: Readable, name: str, values: dict[str, Any]) -> Answered:
    """Call a tool. Raises UnknownName where there is none of that name, BadParameter for a wrong value, and what an engine raises."""

    def text(key: str, default: str = "") -> str:
        return default if values.get(key) is None else str(values[key])

    if name == SEARCH:
        return await opened.search(text("text"), text("kind"), read_page(text(PAGE, "1")))
    if name == DESCRIBE:
        return await opened.describe(text("thing"))
    if name == SPARQL:
        return await opened.query(text("query"), text("format", "csv"))
    return await opened.ask(name, values)


async def _of_parameter(opened: Readable, parameter: Parameter) -> dict[str, Any]:
    schema = {**parameter.schema, "description": parameter.label, "examples": [parameter.example]}
    if parameter.is_thing:
        offers = await opened.release.names.offers_of(parameter)
        names = {terms.short_iri(iri): offer.name for iri, offer in offers.items()}
        schema["description"] += f"; its name, or its address such as {parameter.example}"
        if 0 < len(names) <= MOST_LISTED:
            schema["description"] += ". There are: " + "; ".join(f"{key} ({name})" for key, name in names.items())
            schema["examples"] = [*names]
        else:
            schema["examples"] += [key for key in [*names][:_EXAMPLES] if key != parameter.example]
    return schema


def _others(kinds: Sequence[str]) -> Iterator[types.Tool]:
    for tool in json.loads(Path(__file__).with_name("tools.json").read_bytes()):
        properties = tool["properties"]
        if tool["name"] == SEARCH:
            properties["kind"]["enum"] = [*kinds]
        if tool["name"] == SPARQL:
            properties["format"]["enum"] = [*QUERY_FORMATS]
        yield _tool(**tool)


def _tool(name: str, title: str, description: str, properties: dict[str, Any], required: list[str]) -> types.Tool:
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return types.Tool(
        name=name,
        title=title,
        description=description,
        input_schema=schema,
        output_schema={"type": "object"},
        annotations=_READS,
    )

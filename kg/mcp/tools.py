"""The tools of the protocol: each question of a release is a tool, beside those that search, describe and query."""

from collections.abc import Sequence
from typing import Any

from mcp import types

from kg import terms
from kg.answer.narrowing import PAGE
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
    return tools + _others(opened.kinds)


async def call(opened: Readable, name: str, values: dict[str, Any]) -> Answered:
    """Call a tool. Raises UnknownName where there is none of that name, BadParameter for a wrong value, and what an engine raises."""

    def text(key: str, default: str = "") -> str:
        return str(values.get(key) or default)

    if name == SEARCH:
        return await opened.search(text("text"), text("kind"), int(values.get("page") or 1))
    if name == DESCRIBE:
        return await opened.describe(text("thing"))
    if name == SPARQL:
        return await opened.query(text("query"), text("format", "csv"))
    return await opened.ask(name, values)


async def _of_parameter(opened: Readable, parameter: Parameter) -> dict[str, Any]:
    """Write what a parameter takes: of few things all are listed, of more some."""
    schema = {**parameter.schema, "description": parameter.label, "examples": [parameter.example]}
    if parameter.kind == "iri":
        offers = [
            (offer.iri.removeprefix(terms.BASE), offer.name)
            for offer in await opened.release.names.offers_of(parameter)
        ]
        schema["description"] += f"; its name, or its address such as {parameter.example}"
        if 0 < len(offers) <= MOST_LISTED:
            schema["description"] += ". There are: " + "; ".join(f"{key} ({name})" for key, name in offers)
            schema["examples"] = [key for key, _name in offers]
        else:
            schema["examples"] += [key for key, _name in offers[:_EXAMPLES] if key != parameter.example]
    return schema


def _others(kinds: Sequence[str]) -> list[types.Tool]:
    text, page = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1, "maximum": 500}
    kind = {"type": "string", "enum": [*kinds], "description": "only things of this kind"}
    thing = {**text, "description": "its address, such as id/state/kaz, in full or the part behind the base"}
    query = {**text, "description": "SELECT, ASK, CONSTRUCT or DESCRIBE; no SERVICE, and nothing that writes"}
    return [
        _tool(
            SEARCH,
            "Search names and texts",
            "Finds events, States, treaties, articles, people and places by words in any script, and the questions that fit.",
            {"text": {**text, "description": "what to look for"}, **({"kind": kind} if kinds else {}), "page": page},
            ["text"],
        ),
        _tool(
            DESCRIBE,
            "Describe a thing",
            "All that is stated and derived of one thing, as Turtle, with the passages in which it is reported.",
            {"thing": thing},
            ["thing"],
        ),
        _tool(
            SPARQL,
            "Ask in SPARQL",
            "A SPARQL 1.1 query over the whole graph, for what no question asks. The vocabulary is in the resources.",
            {"query": query, "format": {"type": "string", "enum": [*QUERY_FORMATS], "default": "csv"}},
            ["query"],
        ),
    ]


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

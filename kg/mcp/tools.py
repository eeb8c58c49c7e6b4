"""The tools of the protocol, made from the questions of a release: each question is one, beside those that search, describe and query."""

from __future__ import annotations

from typing import Any

from mcp import types

from kg import terms
from kg.answer.narrowing import PAGE
from kg.answer.questions import Offer
from kg.mcp.release import QUERY_FORMATS, Answered, Readable
from kg.sparql.question import Parameter, Question

SEARCH, DESCRIBE, SPARQL = "search", "describe-thing", "sparql-query"
MOST_LISTED = 40  # things of a parameter that are all listed; of more, a few examples are
_EXAMPLES = 5
_READS = types.ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_OBJECT = {"type": "object"}  # the form of what a tool answers
_KINDS = "events countries treaties articles recommendations decisions laws actors places acts documents concepts"


async def listed(opened: Readable) -> list[types.Tool]:
    """List the tools of a release: its questions in the order of their topics, and the others."""
    questions = sorted(opened.questions.values(), key=lambda one: (one.topic, one.name))
    return [*[await _of_question(opened, one) for one in questions], *_others()]


async def call(opened: Readable, name: str, given: dict[str, Any]) -> Answered:
    """Call a tool. Raises UnknownName where there is none of that name, BadParameter for a wrong value, and what an engine raises."""
    if name == SEARCH:
        page = given.get("page") or 1
        return await opened.search(str(given.get("text", "")), str(given.get("kind") or ""), int(page))
    if name == DESCRIBE:
        return await opened.describe(str(given.get("thing", "")))
    if name == SPARQL:
        return await opened.query(str(given.get("query", "")), str(given.get("format") or "csv"))
    return await opened.ask(name, given)


async def _of_question(opened: Readable, question: Question) -> types.Tool:
    properties = {one.name: await _of_parameter(opened, one) for one in question.parameters}
    said = "which page of the rows, 20 a page"
    properties[PAGE] = {"type": "integer", "minimum": 1, "default": 1, "description": said}
    needed = [one.name for one in question.parameters if not one.optional]
    return types.Tool(
        name=question.name,
        title=question.title,
        description=f"{question.title} {question.about}".strip(),
        input_schema=_schema(properties, needed),
        output_schema=_OBJECT,
        annotations=_READS,
    )


async def _of_parameter(opened: Readable, parameter: Parameter) -> dict[str, Any]:
    """Write what a parameter takes: of few things all are listed, of more some."""
    told: dict[str, Any] = {"type": "string", "description": parameter.label, "examples": [parameter.example]}
    if parameter.kind == "date":
        return told | {"format": "date"}
    if parameter.kind == "year":
        return told | {"pattern": "^[0-9]{4}$"}
    if parameter.kind == "iri":
        offers = await opened.known.offers_of(parameter)
        told["description"] = f"{parameter.label}; its name, or its address such as {parameter.example}"
        if 0 < len(offers) <= MOST_LISTED:
            told["description"] += ". There are: " + "; ".join(map(_offer, offers))
            told["examples"] = [_short(one) for one in offers]
        else:
            told["examples"] += [name for one in offers[:_EXAMPLES] if (name := _short(one)) != parameter.example]
    return told


def _offer(one: Offer) -> str:
    return f"{_short(one)} ({one.name})"


def _short(one: Offer) -> str:
    return one.iri.removeprefix(terms.BASE)


def _others() -> list[types.Tool]:
    text, page = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1, "maximum": 500}
    kind = {"type": "string", "enum": _KINDS.split(), "description": "only things of this kind"}
    thing = {**text, "description": "its address, such as id/state/kaz, in full or the part behind the base"}
    query = {**text, "description": "SELECT, ASK, CONSTRUCT or DESCRIBE; no SERVICE, and nothing that writes"}
    return [
        _tool(
            SEARCH,
            "Search names and texts",
            "Finds events, States, treaties, articles, people and places by words in any script, and the questions that fit.",
            {"text": {**text, "description": "what to look for"}, "kind": kind, "page": page},
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


def _tool(name: str, title: str, said: str, properties: dict[str, Any], needed: list[str]) -> types.Tool:
    schema = _schema(properties, needed)
    return types.Tool(
        name=name, title=title, description=said, input_schema=schema, output_schema=_OBJECT, annotations=_READS
    )


def _schema(properties: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}

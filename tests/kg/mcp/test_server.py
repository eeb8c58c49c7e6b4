"""The server of the Model Context Protocol, talked to over standard input and output by the client of the official SDK."""

import asyncio
import os
import re
import sys

import pytest

from kg import terms
from kg.config import PROJECT
from kg.sparql.question import load_questions


@pytest.fixture(scope="module")
def talked(world):
    """Talk with the server about the frozen graph, once; what it answered, by name."""
    # Here, since each process collects this file, and these take a second.
    from mcp import MCPError, StdioServerParameters
    from mcp.client import Client
    from mcp.client.stdio import stdio_client

    async def talk():
        told = {}
        environment = {"PYTHONPATH": str(PROJECT), "PATH": os.environ["PATH"]}
        command = ["-m", "kg", "mcp", "--out", str(world.path.parent)]
        server = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=str(PROJECT))
        # By itself it writes errors to what standard error was when it was imported, maybe within another test.
        async with Client(stdio_client(server, errlog=sys.__stderr__)) as client:
            told["tools"] = (await client.list_tools()).tools
            event = {"event": "id/event/2012-03-16-port-ansel"}
            told["answer"] = await client.call_tool("rival-figures", event)
            told["by name"] = await client.call_tool("treaties-in-force", {"state": "Arland", "day": "2012-03-16"})
            told["wrong"] = await client.call_tool("treaties-in-force", {"state": "Atlantis", "day": "2012-03-16"})
            told["no day"] = await client.call_tool("treaties-in-force", {"state": "Arland", "day": "2012-02-31"})
            told["no tool"] = await client.call_tool("overthrow", {})
            told["search"] = await client.call_tool("search", {"text": "Port Ansel", "kind": "places"})
            told["no page"] = await client.call_tool("search", {"text": "Atlas", "page": 0})
            told["passages"] = await client.call_tool("search", {"text": "Atlas", "kind": "passages"})
            told["thing"] = await client.call_tool("describe-thing", {"thing": "id/state/xar"})
            told["nothing"] = await client.call_tool("describe-thing", {"thing": "id/state/nowhere"})
            told["rows"] = await client.call_tool("sparql-query", {"query": "SELECT (1 + 1 AS ?two) {}"})
            told["update"] = await client.call_tool("sparql-query", {"query": "DELETE WHERE { ?s ?p ?o }"})
            fetch = "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
            told["fetch"] = await client.call_tool("sparql-query", {"query": fetch})
            told["resources"] = (await client.list_resources()).resources
            told["core"] = await client.read_resource(terms.BASE + "ontology/core")
            told["method"] = await client.read_resource(terms.BASE + "method")
            try:
                await client.read_resource("file:///etc/passwd")
            except MCPError as error:
                told["file"] = error
            told["prompt"] = await client.get_prompt("answer-from-the-record", {"question": "Who died in Port Ansel?"})
        return told

    return asyncio.run(asyncio.wait_for(talk(), 60))


def text(told):
    """Return the text of what a tool answered."""
    return "\n".join(one.text for one in told.content)


def test_each_question_of_the_release_is_a_tool(talked, world):
    questions = load_questions(world.questions_path)
    tools = {tool.name: tool for tool in talked["tools"]}
    assert {*questions, "search", "describe-thing", "sparql-query"} == tools.keys()
    for name, question in questions.items():
        schema = tools[name].input_schema
        assert question.title == tools[name].title and question.about in tools[name].description
        assert {*(one.name for one in question.parameters), "page"} == schema["properties"].keys()
        assert {one.name for one in question.parameters if not one.optional} == {*schema["required"]}
        assert tools[name].annotations.read_only_hint
    states = tools["treaties-in-force"].input_schema["properties"]["state"]
    assert "id/state/xar (Arland)" in states["description"] and "id/state/xar" in states["examples"]
    assert "date" == tools["treaties-in-force"].input_schema["properties"]["day"]["format"]


def test_an_answer_has_its_sentence_passages_limits_and_address(talked, world):
    told, data = talked["answer"], talked["answer"].structured_content
    assert not told.is_error and data["release"] == world.id and data["rows"]
    assert data["lead"] in text(told) and data["permanent"] in text(told)
    cited = {one["passage"] for one in data["citations"]}
    assert cited and all(one.removeprefix(terms.BASE) in text(told) for one in cited)
    assert all(limit in text(told) for limit in data["limits"])
    assert talked["by name"].structured_content["parameters"]["state"] == terms.BASE + "id/state/xar"


def test_a_wrong_value_is_an_error_in_plain_words(talked):
    assert talked["wrong"].is_error and "Atlantis" in text(talked["wrong"])
    assert talked["no day"].is_error and "a day that exists" in text(talked["no day"])
    assert talked["no page"].is_error and "a number from 1 on" in text(talked["no page"])
    assert talked["no tool"].is_error and "Traceback" not in text(talked["no tool"])


def test_things_are_found_and_described(talked):
    first = talked["search"].structured_content["things"][0]
    assert terms.BASE + "id/place/port-ansel" == first["id"]
    assert "XAR" in text(talked["thing"]) and "Arland" == talked["thing"].structured_content["name"]
    assert talked["nothing"].is_error and "search" in text(talked["nothing"])


def test_a_search_can_be_narrowed_to_each_kind_that_the_release_has(talked, world):
    kinds = re.findall(r'"(\w+)" \d+\)', (PROJECT / "queries/search/kinds.rq").read_text(encoding="utf-8"))
    (search,) = (tool for tool in talked["tools"] if tool.name == "search")
    offered = search.input_schema["properties"]["kind"]["enum"]
    assert {"complaints", "passages"} <= {*offered} <= {*kinds}
    found = talked["passages"].structured_content["things"]
    assert found and {"passages"} == {thing["kind"] for thing in found}


def test_a_query_reads_and_neither_writes_nor_fetches(talked):
    assert ["two", "2"] == text(talked["rows"]).split()
    assert talked["update"].is_error and talked["fetch"].is_error
    assert "SERVICE" in text(talked["fetch"])


def test_the_ontology_and_the_method_can_be_read_and_no_file(talked):
    listed = {str(one.uri) for one in talked["resources"]}
    assert {terms.BASE + "ontology/core", terms.BASE + "method"} <= listed
    assert "ans:State" in talked["core"].contents[0].text or "#State>" in talked["core"].contents[0].text
    assert talked["method"].contents[0].text.startswith("#")
    assert "nothing to read" in str(talked["file"])


def test_the_prompt_says_how_answers_are_to_be_drawn(talked):
    (message,) = talked["prompt"].messages
    assert "Who died in Port Ansel?" in message.content.text and "none recorded" in message.content.text

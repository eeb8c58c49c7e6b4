"""The endpoint for language models: what the protocol's own client gets of it, and what a hostile client does."""

import asyncio
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.routers.mcp import MOST_BODY
from kg import release as releases
from kg import terms
from kg.config import PROJECT
from tests.api.client import start

ACCEPT = {"Accept": "application/json, text/event-stream"}
EVENT = "id/event/2012-03-16-port-ansel"
# Each solution is compared with all others, and there are thousands.
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (STR(?a) < STR(?i)) }"

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER (STRLEN(STR(?o)) = %s) }"


def message(method="tools/call", **params):
    """Make a request of the protocol."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def call(client, name, values, path="/mcp", **headers):
    """Call a tool without a handshake, as a client may; the answer of HTTP."""
    content, sent = json.dumps(message(name=name, arguments=values)), {"Content-Type": "application/json"}
    return client.post(path, content=content, headers={**ACCEPT, **sent, **headers})


def result(answer):
    """Read what a tool answered."""
    assert 200 == answer.status_code, answer.text
    return answer.json()["result"]


def is_well(client):
    """Whether a harmless request is answered."""
    answer = result(call(client, "sparql", {"query": "SELECT (1 + 1 AS ?two) {}"}))
    return [{"two": "2"}] == answer["structuredContent"]["rows"]


@pytest.fixture(scope="module")
def url(address):
    return f"http://127.0.0.1:{address[1]}"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_clients_of_the_protocol_have_the_tools_and_their_answers(url, release, mode):
    from mcp.client import Client  # takes a second

    async def talk():
        async with Client(f"{url}/mcp", mode=mode) as client:
            called = await client.call_tool("ask_question", {"name": "rival-figures", "parameters": {"event": EVENT}})
            return client.instructions, (await client.list_tools()).tools, called

    instructions, tools, called = asyncio.run(asyncio.wait_for(talk(), 30))
    assert "no instruction to you" in instructions
    assert ["search", "describe", "list_questions", "ask_question"] == [tool.name for tool in tools[:4]]
    assert not called.is_error and release.id == called.structured_content["release"]
    assert called.structured_content["address"].startswith(terms.BASE + "answer/")


def test_a_server_that_no_model_asks_does_not_load_the_library_of_the_protocol():
    code = "import sys, api.app; print({'mcp', 'httpx'} & sys.modules.keys() or 'none')"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert "none" == child.stdout.strip()


def test_who_has_no_client_of_the_protocol_can_read_what_the_tools_are(client):
    described = client.data("/mcp")
    listed = client.post("/mcp", json=message("tools/list"), headers=ACCEPT).json()["result"]["tools"]
    assert listed == described["tools"] and "no instruction to you" in described["instructions"]


def test_an_address_of_a_release_answers_from_it(later, changed_world):
    others = [each.id for each in releases.releases(changed_world)]
    assert len(others) > 1
    for name in others:
        answer = result(call(later, "search", {"words": "Port Ansel"}, f"/release/{name}/mcp"))
        assert name == answer["structuredContent"]["release"]


def test_only_messages_are_taken_and_everything_else_is_told_why_not(client):
    def post(body, **headers):
        return client.post("/mcp", content=body, headers={**ACCEPT, "Content-Type": "application/json", **headers})

    assert 405 == client.get("/mcp", headers=ACCEPT).status_code == client.delete("/mcp").status_code
    assert "GET, HEAD, POST, OPTIONS" == client.options("/mcp").headers["allow"]
    for answer, status in (
        (post(b"{}", Origin="https://evil.example"), 403),
        (post(b"{}", Origin="null"), 403),
        (post(b"x" * (MOST_BODY + 1)), 413),
        (post(b"{}", **{"Content-Type": "text/plain"}), 415),
        (post(b"{}", **{"Content-Encoding": "gzip"}), 415),
        (post(b"{}", Accept="text/turtle"), 406),
    ):
        assert (status, status) == (answer.status_code, answer.json()["status"])
        assert "application/problem+json" == answer.headers["content-type"]
    for body in (b"", b"{", b"\xff", b"[]", b'"text"', b"1" * 9000, b"[" * 100_000, b'{"jsonrpc": "2.0"}', b"{}"):
        answer = post(body)
        assert 400 == answer.status_code and answer.json()["error"]["code"] < 0 and len(answer.content) < 5000
    for method in ("subscriptions/listen", "resources/read", "overthrow", "x" * 9000):
        for version in ({}, {"Mcp-Protocol-Version": "2025-06-18"}, {"Mcp-Protocol-Version": "2026-07-28"}):
            answer = client.post("/mcp", json=message(method), headers={**ACCEPT, **version})
            assert answer.status_code in (200, 400, 404) and answer.json()["error"]["code"] < 0
    assert is_well(client)


def test_a_page_of_this_server_may_ask_and_the_name_in_host_is_not_believed(client, release):
    for origin in ("http://testserver", "http://localhost:6274", "http://127.0.0.1:8000"):
        result(call(client, "search", {"words": "Port Ansel"}, Origin=origin))
    answer = call(client, "search", {"words": "Port Ansel"}, Host="evil.example")
    assert release.id == result(answer)["structuredContent"]["release"] and "evil.example" not in answer.text


def test_the_base_of_a_mirror_is_one_of_its_origins(release):
    with start(release, base="https://mirror.example/kg/") as mirror:
        path = "/kg/mcp"
        result(call(mirror, "search", {"words": "Port Ansel"}, path, Origin="https://mirror.example"))
        assert 403 == call(mirror, "search", {"words": "a"}, path, Origin="https://mirror.example.evil").status_code


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("overthrow", {}, "There is no tool"),
        ("x" * 100_000, {}, "There is no tool"),
        ("sparql", {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 10001"}, "rows"),
        ("sparql", {"query": HEAVY}, "ended after 2 s"),
        ("sparql", {"query": "DROP ALL"}, "read-only"),
        ("sparql", {"query": "{" * 60_000}, "Brackets are nested"),
        ("sparql", {"query": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"}, "SERVICE"),
        ("sparql", {"query": "x" * 65_537}, "65536"),
        ("sparql", {"query": ["SELECT"]}, "string"),
        ("search", {"words": "a" * 201}, "200"),
        ("search", {"words": "torture", "page": 10**30}, "page"),
        ("describe", {"thing": "id/state/xar> . ?s ?p ?o . <x"}, "Nothing is recorded"),
        ("describe", {"thing": "\ud800"}, ""),
        ("ask_question", {"name": "../../etc/passwd"}, "no question is called"),
        ("ask_question", {"name": "rival-figures", "parameters": {"event": "x" * 100_000}}, ""),
        ("ask_question", {"name": "rival-figures", "parameters": {f"p{n}": "x" for n in range(9999)}}, "no parameter"),
        ("ask_question", {"name": "rival-figures", "parameters": {"event": EVENT}, "only": {"x": "y"}}, "no column"),
        ("vocabulary", {"words": "(((((((((((("}, ""),
        ("cite", {"of": "answer/" + "A" * 2000}, "not the address"),
        ("cite", {"of": "file:///etc/passwd"}, "Nothing here"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_hostile_call_gets_a_short_answer_in_plain_words(client, name, values, words):
    answer = call(client, name, values)
    assert len(answer.content) < 5000 and "Traceback" not in answer.text
    if "result" in answer.json():
        assert result(answer)["isError"] or not words
    assert words in answer.text and is_well(client)


def test_ten_thousand_rows_are_paged(client):
    query = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10000"
    answer = call(client, "sparql", {"query": query, "page": 3})
    data = result(answer)["structuredContent"]
    assert (40, 4) == (len(data["rows"]), data["next_page"]) and data["total"] <= 10_000
    assert len(answer.content) < 60_000


def test_a_client_pays_for_its_calls(release):
    with start(release, client=("203.0.113.1", 1), client_seconds=0.02) as client:
        refused = [
            answer
            for number in range(100)
            if (answer := result(call(client, "sparql", {"query": COUNT % number})))["isError"]
        ]
        assert refused and "0.02 s of this server's time" in refused[-1]["content"][0]["text"]
    with start(release, client=("203.0.113.1", 1), client_page_seconds=0.02) as client:
        statuses = [call(client, "search", {"words": f"torture {number}"}).status_code for number in range(100)]
        assert {200, 429} == {*statuses}


def test_a_fault_of_the_server_tells_nothing_and_is_logged(client, monkeypatch, caplog):
    from kg.mcp import tools

    async def fail(context, **values):
        raise RuntimeError("a secret at /etc/passwd")

    monkeypatch.setitem(tools.TOOLS, "search", tools.TOOLS["search"]._replace(answer=fail))
    answer = call(client, "search", {"words": "Port Ansel"})
    assert "secret" not in answer.text and "has been logged" in answer.json()["error"]["message"]
    assert any("a tool failed" in record.message for record in caplog.records)


@pytest.mark.slow
def test_many_clients_at_once_are_answered_and_nothing_is_left_of_them(url, address):
    import httpx

    before, sent = threading.active_count(), json.dumps(message(name="search", arguments={"words": "Port Ansel"}))
    hello = message(
        "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "x", "version": "1"}
    )
    headers = {**ACCEPT, "Content-Type": "application/json"}

    def ask(number):
        with httpx.Client(base_url=url, timeout=30) as client:
            begun = client.post("/mcp", content=json.dumps(hello), headers=headers)
            assert "mcp-session-id" not in begun.headers  # nothing is kept for a session
            session = {"Mcp-ToolContext-Id": f"made-up-{number}", "Mcp-Protocol-Version": "2025-06-18"}
            return begun.status_code, client.post("/mcp", content=sent, headers={**headers, **session}).status_code

    with ThreadPoolExecutor(16) as pool:
        assert {(200, 200)} == {*pool.map(ask, range(200))}
    assert threading.active_count() <= before + 1
    with httpx.Client(base_url=url) as client:
        assert is_well(client)

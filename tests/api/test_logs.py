"""The log: one JSON object a line, with what an operator needs and nothing that anybody asked."""

import json
import logging

import pytest

from api.http import logs
from kg.config import Settings
from kg.errors import BadParameter
from tests.api.client import start


@pytest.fixture
def written(monkeypatch, capsys):
    """What is written to standard error by a log that was set up with these settings; the loggers are put back after."""
    root, access = logging.getLogger(), logging.getLogger(logs.ACCESS)
    before = root.handlers[:], root.level, access.level
    text = ""

    def set_up(**settings):
        # pytest's own handlers must live on; force would close them.
        monkeypatch.setattr(root, "handlers", [])
        logs.set_up(Settings.load(env={}, **settings))
        return read

    def read():
        nonlocal text
        text += capsys.readouterr().err
        lines = [json.loads(line) for line in text.splitlines()]
        return [
            line for line in lines if not line["logger"].startswith("httpx2")
        ]  # the client of the tests, which says what it asks

    yield set_up
    root.handlers[:], root.level = before[0], before[1]
    access.setLevel(before[2])
    for library in logs.LIBRARIES:
        logging.getLogger(library).setLevel(logging.NOTSET)


def ask(release, **settings):
    """Ask a page, a query, a bad query and an endless one, with a secret word and an address."""
    with start(release, client=("192.0.2.7", 1), deadline=0.5, **settings) as client:
        client.get("/health", params={"q": "secretword"})
        client.get("/sparql", params={"query": "ASK { ?s ?p 'secretword' }"})
        client.post("/sparql", data={"query": "ASK { secretword"}, headers={"User-Agent": "secretword"})
        client.get("/secretword/secretword")
        killer = "SELECT (COUNT('secretword') AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        client.get("/sparql", params={"query": killer})


def test_each_request_has_a_line_if_that_is_wanted(release, written):
    lines = written(access_log=True)
    ask(release, access_log=True)
    told = [line for line in lines() if line["logger"] == logs.ACCESS]
    assert [
        ("info", "GET", "/health", 200, "answered"),
        ("info", "GET", "/sparql", 200, "answered"),
        ("info", "POST", "/sparql", 400, "query-syntax"),
        ("info", "GET", "(none)", 404, "unknown-name"),
        ("warning", "GET", "/sparql", 503, "query-timeout"),
    ] == [tuple(line[name] for name in ("level", "method", "route", "status", "outcome")) for line in told]
    assert {release.id} == {line["release"] for line in told}
    assert all(line["time"].endswith("Z") and line["milliseconds"] > 0 for line in told)
    assert told[4]["milliseconds"] > 400
    assert "secretword" not in json.dumps(lines()) and "192.0.2.7" not in json.dumps(lines())


def test_a_query_that_another_engine_is_asked_has_no_line(written):
    lines = written(access_log=True)
    logging.getLogger("httpx").info("HTTP Request: POST http://engine.example/sparql")
    logging.getLogger("answerable.engine").info("asked")
    assert ["asked"] == [line["message"] for line in lines()]


def test_by_default_a_tool_that_a_model_calls_has_no_line(release, written):
    lines = written()
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with start(release) as client:
        assert client.post("/mcp", json=message, headers={"Accept": "application/json, text/event-stream"}).json()[
            "result"
        ]
    assert [] == [line["message"] for line in lines() if line["logger"].startswith("mcp")]


def test_by_default_only_a_request_that_failed_has_a_line(release, written):
    lines = written()
    ask(release)
    told = [line for line in lines() if line["logger"] == logs.ACCESS]
    assert [(503, "query-timeout")] == [(line["status"], line["outcome"]) for line in told]


def test_addresses_are_there_if_the_operator_wants_them(release, written):
    lines = written(access_log=True)
    ask(release, access_log=True, access_log_addresses=True)
    assert {"192.0.2.7"} == {line["client"] for line in lines() if line["logger"] == logs.ACCESS}


def test_an_error_is_told_by_its_class_and_its_place_and_not_by_its_words(written):
    lines = written()
    log = logging.getLogger("uvicorn.error")
    for error in (ValueError("secretword"), BadParameter("secretword")):
        try:
            raise error
        except type(error):
            log.exception("It broke\nsecretword")
    value, ours = lines()
    assert ("error", "It broke", "ValueError") == (value["level"], value["message"], value["error"])
    assert "bad-parameter" == ours["error"]
    assert __file__ in value["at"][0] and "test_an_error_is_told" in value["at"][0]
    assert "secretword" not in json.dumps(lines())

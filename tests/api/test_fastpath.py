"""The shortcut for repeated requests: the same answer, and only for the same bytes.

What a client sees is the same without it, so most tests run with uvicorn's own protocol too.
"""

import itertools
import json
import os
import time
from urllib.parse import quote

import pytest

from api.http import fastpath
from api.http.cache import Cache
from tests.api.serving import Line, head

QUERY = "/sparql?query=" + quote("SELECT ?s { ?s a <https://w3id.org/answerable/ontology#Treaty> } ORDER BY ?s LIMIT 3")
number = itertools.count(1)


@pytest.fixture(scope="module", params=[True, False], ids=["shortcut", "plain"])
def server(request, serving, shared_two):
    """Serve two releases, the first current, to all tests of this module; the address and the application."""
    with serving(out=shared_two[0], shortcut=request.param) as (address, app):
        app.state.has_shortcut = request.param
        yield address, app


@pytest.fixture
def served(server, monkeypatch):
    """Take the server as one that has cached and counted nothing; the address and the application."""
    opened = server[1].state.releases.current
    opened.cache.counts.clear()
    monkeypatch.setattr(opened, "cache", Cache(opened.cache.limit, opened.cache.counts))
    return server


@pytest.fixture
def query():
    """Write a query that no other test sends, since the server remembers what has come once."""
    return f"{QUERY}%20%23own{next(number)}"


@pytest.fixture
def switch(server, shared_two):
    """Return the switch to the second release; in the end the first is current again."""
    folder, ids = shared_two

    def to(name):
        os.symlink(name, folder / "next")
        os.replace(folder / "next", folder / "current")
        server[1].state.releases.follow()

    yield lambda: to(ids[1])
    to(ids[0])


def has_repeats(app, expected):
    """Whether the shortcut gave as many answers as expected; without it there are none."""
    return (expected if app.state.has_shortcut else 0) == app.state.releases.current.cache.counts["repeats"]


def test_what_is_asked_once_is_not_cached_under_its_bytes(served):
    address, app = served
    cache = app.state.releases.current.cache
    for number in range(5):
        Line(address).ask(head(QUERY + f"%20%23{number}"))
    assert 5 == len(cache)


def test_the_same_bytes_are_answered_with_the_same_bytes(served, query):
    address, app = served
    line = Line(address)
    first, second, again, third = (line.ask(head(query)) for _ in range(4))
    assert b"HTTP/1.1 200 OK\r\n" == first[0] and 3 == len(json.loads(first[2])["results"]["bindings"])
    for answer in (second, again, third):
        assert {**first[1], "date": ""} == {**answer[1], "date": ""}
        assert (first[0], first[2]) == (answer[0], answer[2])
    assert has_repeats(app, 2)


def test_each_answer_is_counted_once_however_it_was_given(served, query):
    address, app = served
    line, counted = Line(address), 'answerable_requests_total{route="/sparql",status="200"} '

    def count():
        counts = line.ask(head("/metrics"))[2].decode()
        return counts, sum(float(one.removeprefix(counted)) for one in counts.splitlines() if one.startswith(counted))

    before = count()[1]
    for _ in range(7):
        line.ask(head(query))
    counts, after = count()
    assert 7.0 == after - before
    assert ('answerable_cache_lookups_total{result="repeats"} 5.0' in counts) == app.state.has_shortcut


@pytest.mark.parametrize("server", [True], indirect=True)
def test_a_whole_answer_comes_in_one_piece(served):
    address, _ = served
    line = Line(address)
    line.socket.sendall(head(QUERY))
    piece = line.socket.recv(1 << 16)
    start, _, body = piece.partition(b"\r\n\r\n")
    assert start.startswith(b"HTTP/1.1 200 OK\r\ndate: ") and f"content-length: {len(body)}\r\n".encode() in start


@pytest.mark.parametrize(
    ("lines", "status", "size"),
    [((), b"200", 1), (("If-None-Match: *",), b"304", 0), (("Accept: image/png",), b"406", 1), (("TAG",), b"304", 0)],
)
def test_a_connection_goes_on_after_an_answer(served, lines, status, size):
    address, _ = served
    line = Line(address)
    etag = line.ask(head(QUERY))[1]["etag"]
    lines = [f"If-None-Match: {etag}" if one == "TAG" else one for one in lines]
    for number in range(3):
        answer = line.ask(head(QUERY, *lines, f"X-Number: {number}"))
        assert answer[0].split()[1] == status and size == (len(answer[2]) > 0)
    assert b"200" == line.ask(head(QUERY))[0].split()[1]


def test_a_connection_that_is_to_close_is_closed_after_its_answer(served):
    address, _ = served
    line = Line(address)
    _, headers, body = line.ask(head(QUERY, "Connection: close"))
    assert ("close", b"") == (headers["connection"], line.file.read()) and body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "identity"])
def test_a_compressed_answer_is_cached_compressed_and_only_for_those_who_asked_for_it(served, coding):
    address, app = served
    line = Line(address)
    asked = head("/ontology", "Accept: text/turtle", f"Accept-Encoding: {coding}")
    _, second, again = (line.ask(asked) for _ in range(3))
    assert has_repeats(app, 1)
    assert second[2] == again[2] or not app.state.has_shortcut  # gzip writes the time into its head
    assert (None if coding == "identity" else coding) == again[1].get("content-encoding")
    plain = line.ask(head("/ontology", "Accept: text/turtle"))
    assert "content-encoding" not in plain[1] and plain[2].startswith(b"@prefix")


@pytest.mark.parametrize(
    "asked",
    [
        head(QUERY, method="HEAD"),
        head(QUERY, "Connection: close"),
        head(QUERY, "Connection: keep-alive"),
        head(QUERY).replace(b"HTTP/1.1", b"HTTP/1.0"),
        head("/sparql?query=" + quote("SELECT (NOW() AS ?now) {}")),
        head("/sparql?query=" + quote("SELECT {")),
        head("/health"),
        head("/nothing"),
        head(QUERY, "X-Long: " + "x" * fastpath.LONGEST),
    ],
)
def test_nothing_else_is_answered_by_the_shortcut(served, asked):
    address, app = served
    for _ in range(3):
        Line(address).ask(asked)
    assert has_repeats(app, 0)


def test_the_next_release_answers_for_itself(served, query, switch):
    address, app = served
    line = Line(address)
    for _ in range(2):
        line.ask(head(query))
    before = line.ask(head(query))
    switch()
    after = line.ask(head(query))
    assert before[2] == after[2]
    assert ("20240101-aaaaaaaa", "20240102-bbbbbbbb") == (before[1]["x-release"], after[1]["x-release"])
    assert has_repeats(app, 1)  # it was not answered by what is kept for the release before


def test_requests_sent_before_the_answer_keep_their_order(served, query):
    address, _ = served
    line = Line(address)
    for _ in range(2):
        line.ask(head(query))
    other = head("/sparql?query=" + quote("ASK { ?s ?p 'no such thing' }"))
    line.socket.sendall(other + head(query))
    assert b"false" in line.read()[2] and b"bindings" in line.read()[2]
    line.socket.sendall(other)
    line.socket.sendall(head(query))
    assert b"false" in line.read()[2] and b"bindings" in line.read()[2]


def test_bytes_in_the_middle_of_a_request_are_not_taken_for_another(served, query):
    address, app = served
    line = Line(address)
    for _ in range(3):
        line.ask(head(query))
    line.socket.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nX-Rest: ")
    time.sleep(0.2)
    status, _, _ = line.ask(head(query))
    assert has_repeats(app, 1) and b" 200 " not in status

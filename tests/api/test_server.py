"""What people see of the transport: the limits of connections, heads and bodies, and the shortcut for repeated requests.

A crowd that breaks many limits at once: test_under_load.py; requests that break the protocol: test_hostile.py.
"""

import itertools
import json
import logging
import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from api.http.server import FIELD_BYTES, PIECE, TARGET_BYTES
from kg.answer.cache import Cache
from kg.config import Settings
from tests.api.asking import follow
from tests.api.serving import Line, head, serve, wait_until

HEAD = 1.2  # seconds, so that a test need not wait long
LATE = 8.0  # seconds by which a connection that broke a limit is gone, on a busy machine
MAX_BODY = Settings.load(env={}).max_body
QUERY = "/sparql?query=" + quote("SELECT ?s { ?s a <https://w3id.org/answerable/ontology#Treaty> } ORDER BY ?s LIMIT 3")
SLOW = "SELECT (COUNT(*) AS ?n) { ?a a ?b . ?c a ?d }"
KILLER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
DIRECT = "Content-Type: application/sparql-query"
number = itertools.count(time.time_ns())


@pytest.fixture(scope="module")
def served(serving, shared_two):
    """Serve two releases, the first current, with a short deadline; the address and the application."""
    with serving(out=shared_two[0], head_seconds=HEAD, deadline=30.0) as (address, app):
        yield address, app


@pytest.fixture
def cache(served, monkeypatch):
    """Let the server begin with an empty cache; it and what it counts."""
    opened = served[1].state.releases.current
    opened.cache.counts.clear()
    monkeypatch.setattr(opened, "cache", Cache(opened.cache.limit, opened.cache.counts))
    return opened.cache


@pytest.fixture
def query():
    """Write a query that no other test sends, since the server remembers what has come once."""
    return unique(QUERY)


def unique(path):
    """Make a query one that nobody sent before."""
    return f"{path}%20%23{next(number)}"


def cuts(app, reason):
    """Read how many connections were cut for a reason."""
    return app.state.metrics.connections_cut.labels(reason)._value.get()


def status(answer):
    """Return the status of an answer that was read with Line."""
    return int(answer[0].split()[1]) if answer[0] else None


def is_refused(line, app, reason, before, expected):
    """Whether a connection is refused with this status, for this reason, and is closed then."""
    answer = line.read()
    assert expected == status(answer)
    problem = json.loads(answer[2])
    assert (expected, True) == (problem["status"], bool(problem["hint"]))
    assert ("application/problem+json", "close") == (answer[1]["content-type"], answer[1]["connection"])
    assert "nosniff" == answer[1]["x-content-type-options"] and "no-store" == answer[1]["cache-control"]
    return b"" == line.ends() and before + 1 == cuts(app, reason)


def pour(line, pieces, pause=0.0):
    """Send one piece after another until the server has had enough."""
    with suppress(OSError):
        for piece in pieces:
            line.socket.sendall(piece)
            time.sleep(pause)


def drip(line, data):
    """Send bytes one by one."""
    pour(line, (bytes([byte]) for byte in data), pause=0.1)


# Time


@pytest.mark.parametrize("first", [False, True], ids=["new", "used"])
def test_an_idle_connection_is_closed_in_time_and_not_before(served, query, first):
    address, _ = served
    line = Line(address)
    if first:
        for _ in range(9):  # the shortcut answers the last ones, of which uvicorn knows nothing
            assert 200 == status(line.ask(head(query)))
            time.sleep(0.3 * HEAD)
    began = time.monotonic()
    assert b"" == line.ends()
    assert 0.6 * HEAD <= time.monotonic() - began < LATE


UNFINISHED = {
    "head-time": head(QUERY, "X-Long: ")[:-4],
    "body-time": head("/sparql", DIRECT, "Content-Length: 100", method="POST") + b"SELECT",
}


@pytest.mark.parametrize("rest", [b"", b" " * 90], ids=["half", "dripping"])
@pytest.mark.parametrize("reason", UNFINISHED)
def test_a_head_or_a_body_that_takes_too_long_is_answered_with_408(served, reason, rest):
    address, app = served
    before, began, line = cuts(app, reason), time.monotonic(), Line(address)
    line.socket.sendall(UNFINISHED[reason])
    dripping = threading.Thread(target=drip, args=(line, rest))
    dripping.start()
    assert is_refused(line, app, reason, before, 408)
    assert HEAD <= time.monotonic() - began < LATE
    dripping.join()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "expected", "rest"),
    [(head(QUERY), 200, b"\r\n" * 100), (head("/health", "Content-Length: 100", method="POST"), 405, b"x" * 90)],
    ids=["empty lines", "a body that is not wanted"],
)
def test_what_nobody_asked_for_keeps_no_connection_open(served, first, expected, rest):
    line = Line(served[0])
    assert expected == status(line.ask(first))
    dripping, began = threading.Thread(target=drip, args=(line, rest)), time.monotonic()
    dripping.start()
    assert b"" == line.ends() and time.monotonic() - began < LATE
    dripping.join()


@pytest.mark.slow
def test_a_head_in_two_parts_that_comes_in_time_is_answered(served):
    address, _ = served
    line = Line(address)
    for _ in range(3):  # the time counts from the first byte of each
        data = head(QUERY)
        time.sleep(0.7 * HEAD)
        line.socket.sendall(data[:30])
        time.sleep(0.7 * HEAD)
        line.socket.sendall(data[30:])
        assert 200 == status(line.read())
    line.socket.sendall(head(QUERY)[:30])
    assert 408 == status(line.read())


@pytest.mark.slow
def test_a_body_that_comes_fast_enough_may_take_longer(served):
    address, _ = served
    line, parts = Line(address), [b"ASK { ?s ?p ?o } #" + b"x" * PIECE, b"x" * PIECE, b"x" * PIECE]
    line.socket.sendall(head("/sparql", DIRECT, f"Content-Length: {sum(map(len, parts))}", method="POST"))
    for part in parts:
        time.sleep(0.7 * HEAD)
        line.socket.sendall(part)
    assert 200 == status(line.read())


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_fault_of_the_server(served, caplog):
    address, _ = served
    line = Line(address)
    line.socket.sendall(head("/sparql", DIRECT, "Content-Length: 100", method="POST") + b"SELECT")
    time.sleep(0.1)
    line.close()
    line.file.close()
    wait_until(lambda: '"/sparql",status="499"' in Line(address).ask(head("/metrics"))[2].decode())
    assert [] == [record for record in caplog.records if record.levelno >= logging.ERROR]


# Size


@pytest.mark.parametrize("length", [MAX_BODY + 1, 10**15])
def test_a_declared_length_above_what_any_route_takes_is_answered_with_413_before_the_body(served, length):
    address, app = served
    for path, method in (("/sparql", "POST"), ("/health", "GET"), ("/nothing", "PUT")):
        before, line = cuts(app, "body-size"), Line(address)
        line.socket.sendall(head(path, DIRECT, f"Content-Length: {length}", method=method))
        assert is_refused(line, app, "body-size", before, 413)


def test_a_client_that_sends_a_body_that_is_too_long_can_read_why(served):
    address, _ = served
    line, size = Line(address), 2 * MAX_BODY
    line.socket.sendall(head("/sparql", DIRECT, f"Content-Length: {size}", method="POST") + b"x" * size)
    assert 413 == status(line.read())


def test_a_body_that_is_just_short_enough_is_taken(served):
    address, _ = served
    for framing in (f"Content-Length: {MAX_BODY}", "Transfer-Encoding: chunked"):
        line = Line(address)
        form = urlencode({"query": "ASK { ?s ?p ?o } #" + "\n" * 65_000}).encode()
        body = form + b"&x=" + b"x" * (MAX_BODY - len(form) - 3)
        if "chunked" in framing:
            pieces = [body[at : at + 999] for at in range(0, len(body), 999)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))
        answer = line.ask(
            head("/sparql", "Content-Type: application/x-www-form-urlencoded", framing, method="POST") + body
        )
        assert 200 == status(answer), answer


@pytest.mark.parametrize("chunk", [b"1000\r\n" + b"x" * 0x1000 + b"\r\n", b"1;" + b"y" * 4000 + b"\r\nx\r\n"])
def test_chunks_without_end_are_not_taken(served, chunk):
    address, _ = served
    line = Line(address)
    line.socket.sendall(head("/sparql", DIRECT, "Transfer-Encoding: chunked", method="POST"))
    pour(line, [chunk] * (12 * MAX_BODY // len(chunk)))
    assert status(line.read()) in (408, 413, None)


def test_what_comes_behind_a_body_is_no_part_of_the_head(served):
    address, _ = served
    line = Line(address)
    framing = ("Transfer-Encoding: chunked", "Accept: application/sparql-results+json")
    body = b"10\r\nASK { ?s ?p ?o }\r\n0\r\nAccept: text/csv\r\nHost: y\r\n\r\n"
    assert {"head": {}, "boolean": True} == json.loads(
        line.ask(head("/sparql", DIRECT, *framing, method="POST") + body)[2]
    )
    assert 200 == status(line.ask(head(QUERY)))


def one_line(more):
    """Write a head with a line as long as it may be, and some bytes more."""
    return head("/health", "X-Long: " + "x" * (FIELD_BYTES - 11 + more))


def target(more):
    """Write a head with an address as long as it may be, and some bytes more."""
    return head("/health?" + "x" * (TARGET_BYTES - 8 + more))


@pytest.mark.parametrize(("make", "expected"), [(one_line, 431), (target, 414)], ids=["line", "target"])
@pytest.mark.parametrize("size", [1 << 20, 5000], ids=["at once", "in parts"])
def test_a_head_is_taken_up_to_its_limit_and_no_further(served, make, expected, size):
    address, app = served
    reason = {431: "head-size", 414: "target-size"}[expected]
    for more in (0, 1):
        before, line, data = cuts(app, reason), Line(address), make(more)
        for start in range(0, len(data), size):
            line.socket.sendall(data[start : start + size])
            time.sleep(0.005)
        if not more:
            assert 200 == status(line.read())
        else:
            assert is_refused(line, app, reason, before, expected)


@pytest.mark.parametrize("more", [b"x" * 1000, b"x\r\na:" * 200], ids=["one line", "many lines"])
def test_a_head_without_end_is_refused_before_its_end(served, more):
    address, app = served
    before, line = cuts(app, "head-size"), Line(address)
    line.socket.sendall(head("/health")[:-2] + b"a:")
    pour(line, [more] * 1000)
    wait_until(lambda: before + 1 == cuts(app, "head-size"))
    assert status(line.read()) in (431, None)


# Several requests on one connection


def test_requests_before_a_bad_one_are_answered_first_and_those_behind_it_not(served):
    address, app = served
    line, before = Line(address), cuts(app, "malformed")
    line.socket.sendall(head(unique("/sparql?query=" + quote(SLOW))) + head(QUERY) + b"NONSENSE\r\n\r\n" + head(QUERY))
    first, second = line.read(), line.read()
    assert (200, 200) == (status(first), status(second))
    assert "n" in json.loads(first[2])["head"]["vars"] and "s" in json.loads(second[2])["head"]["vars"]
    assert b"" == line.ends() and before + 1 == cuts(app, "malformed")


def test_of_very_many_requests_at_once_each_is_answered(served):
    address, _ = served
    line = Line(address)
    line.socket.sendall(head("/openapi.json") * 500)
    assert [200] * 500 == [status(line.read()) for _ in range(500)]


def test_an_upgrade_is_not_taken_and_the_connection_goes_on_in_http(served, caplog):
    address, _ = served
    line = Line(address)
    for _ in range(3):
        lines = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
        assert 200 == status(line.ask(head(QUERY, *lines)))
    assert "ok" == json.loads(line.ask(head("/health"))[2])["status"]
    assert [] == [record for record in caplog.records if record.name.startswith("uvicorn")]


# Number


def answers(line):
    """Whether a connection is open and answers."""
    return 200 == status(line.ask(head("/openapi.json")))


def test_when_there_are_too_many_the_oldest_idle_connection_goes_first_and_none_that_is_answered(serving, release):
    with serving(out=release.path.parent, deadline=3.0, connections=3) as (address, app):
        silent = [Line(address) for _ in range(4)]
        assert is_refused(silent[0], app, "full", 0, 503)
        for line in silent[1:]:
            line.close()
        wait_until(lambda: not app.state.connections)
        lines = [Line(address) for _ in range(3)]
        for line in (*lines, lines[0]):  # so that the second is the oldest
            assert answers(line)
            time.sleep(0.02)
        lines += [Line(address)]
        # Whose requests are answered is told nothing: it would be read as the answer to the next one.
        assert answers(lines[3]) and b"" == lines[1].ends() and 2 == cuts(app, "full")
        assert answers(lines[0]) and answers(lines[2])
        busy = (lines[0], lines[2], lines[3])
        for place, line in enumerate(busy):
            line.socket.sendall(head("/sparql?query=" + quote(f"{KILLER} #{place}")))
        pool = app.state.releases.current.queries
        wait_until(lambda: 3 == pool.counters()["busy"] + pool.counters()["waiting"])
        assert is_refused(Line(address), app, "full", 2, 503)
        assert [503] * 3 == [status(line.read()) for line in busy]  # at their deadline, by the query's own answer
        assert answers(Line(address))


def test_who_was_answered_stays_while_others_have_never_asked(serving, release):
    with serving(out=release.path.parent, connections=3) as (address, app):
        kept = Line(address)
        assert answers(kept)
        silent = [Line(address) for _ in range(3)]
        assert is_refused(silent[0], app, "full", 0, 503)
        silent += [Line(address)]
        assert is_refused(silent[1], app, "full", 1, 503)
        assert answers(kept)


def test_the_system_holds_little_for_a_client_that_does_not_read(serving, release):
    with serving(out=release.path.parent) as (address, app):
        line = Line(address)
        line.socket.sendall(head("/openapi.json"))
        wait_until(lambda: any(one.transport.get_write_buffer_size() for one in app.state.connections))
        line.close()


# The shortcut


def test_what_is_sent_once_is_not_cached_under_its_bytes(served, cache):
    for _ in range(5):
        Line(served[0]).ask(head(unique(QUERY)))
    assert 5 == len(cache)


@pytest.mark.parametrize("has_shortcut", [True, False])
def test_the_same_bytes_are_answered_with_the_same_bytes(served, cache, query, monkeypatch, has_shortcut):
    (address, app) = served
    line = Line(address)
    monkeypatch.setitem(app.state._state, "settings", replace(app.state.settings, access_log=not has_shortcut))
    first, *others = [line.ask(head(query)) for _ in range(4)]
    assert b"HTTP/1.1 200 OK\r\n" == first[0] and 3 == len(json.loads(first[2])["results"]["bindings"])
    for answer in others:
        assert {**first[1], "date": ""} == {**answer[1], "date": ""}
        assert (first[0], first[2]) == (answer[0], answer[2])
    assert (2 if has_shortcut else 0) == cache.counts["repeats"]
    assert has_shortcut == ('{result="repeats"} 2.0' in line.ask(head("/metrics"))[2].decode())


def test_each_answer_is_counted_once_however_it_was_given(served, cache, query):
    line, name = Line(served[0]), 'answerable_requests_total{route="/sparql",status="200"} '

    def count():
        counts = line.ask(head("/metrics"))[2].decode().splitlines()
        return sum(float(row.removeprefix(name)) for row in counts if row.startswith(name))

    before = count()
    for _ in range(7):
        line.ask(head(query))
    assert before + 7.0 == count() and 5 == cache.counts["repeats"]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "identity"])
def test_a_compressed_answer_is_cached_compressed_and_only_for_those_who_asked_for_it(served, cache, coding):
    line = Line(served[0])
    data = head("/ontology", "Accept: text/turtle", f"Accept-Encoding: {coding}")
    _, second, again = (line.ask(data) for _ in range(3))
    assert 1 == cache.counts["repeats"] and second[2] == again[2]
    assert (None if coding == "identity" else coding) == again[1].get("content-encoding")
    plain = line.ask(head("/ontology", "Accept: text/turtle"))
    assert "content-encoding" not in plain[1] and plain[2].startswith(b"@prefix")


@pytest.mark.parametrize(
    "data",
    [
        head(QUERY, method="HEAD"),
        head(QUERY, "Connection: close"),
        head(QUERY, "Connection: keep-alive"),
        head(QUERY, "content-LENGTH: 0"),
        head(QUERY, "If-None-Match: *"),
        head(QUERY).replace(b"HTTP/1.1", b"HTTP/1.0"),
        head("/sparql?query=" + quote("SELECT (NOW() AS ?now) {}")),
        head("/sparql?query=" + quote("SELECT {")),
        head("/health"),
        head("/nothing"),
        head(QUERY, "X-Long: " + "x" * 8192),
    ],
)
def test_nothing_else_is_answered_by_the_shortcut(served, cache, data):
    for _ in range(3):
        Line(served[0]).ask(data)
    assert 0 == cache.counts["repeats"]


def test_the_next_release_answers_for_itself_and_one_that_is_removed_does_not(served, query, shared_two):
    (address, app), (folder, ids) = served, shared_two

    def switch(name):
        os.symlink(name, folder / "next")
        os.replace(folder / "next", folder / "current")
        follow(app)

    line = Line(address)
    before = [line.ask(head(query)) for _ in range(3)][-1]
    try:
        switch(ids[1])
        after = Line(address).ask(head(query))
        assert before[2] == after[2]
        assert ids == [before[1]["x-release"], after[1]["x-release"]]
        assert [200, 200] == [status(Line(address).ask(head(query))) for _ in range(2)]
        app.state.releases.current.withdraw()
        assert 410 == status(Line(address).ask(head(query)))
    finally:
        switch(ids[0])


def test_requests_sent_before_the_answer_keep_their_order(served, query):
    line = Line(served[0])
    for _ in range(2):
        line.ask(head(query))
    other = head("/sparql?query=" + quote("ASK { ?s ?p 'no such thing' }"))
    line.socket.sendall(other + head(query))
    assert b"false" in line.read()[2] and b"bindings" in line.read()[2]
    line.socket.sendall(other)
    line.socket.sendall(head(query))
    assert b"false" in line.read()[2] and b"bindings" in line.read()[2]


@pytest.mark.parametrize(
    "start",
    [
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nX-Rest: ",
        b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n",
    ],
    ids=["head", "body"],
)
def test_bytes_in_the_middle_of_a_request_are_not_taken_for_another(served, cache, query, start):
    line = Line(served[0])
    for _ in range(3):
        line.ask(head(query))
    line.socket.sendall(start)
    time.sleep(0.2)
    line.socket.sendall(head(query))
    assert status(line.read()) in (400, 405) and 1 == cache.counts["repeats"]


def test_a_server_takes_all_the_descriptors_that_it_may(release):
    with serve(release.path.parent, under=("prlimit", "--nofile=512:")) as server:
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
        soft, hard = re.search(r"Max open files +(\d+) +(\d+)", limits).groups()
        assert soft == hard != "512"

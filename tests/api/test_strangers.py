"""Limits of connections and requests: each by itself, and what is just within it. A crowd that breaks many at once: test_under_load.py.

The limits hold with and without the shortcut for repeated requests, so most tests run with both; those without it are slow, since
they wait for the same limits again, and so are those that wait long.
"""

import json
import logging
import threading
import time
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import pytest

from api.http import connections
from api.http.connections import PIPELINED, Connections
from api.http.metrics import Metrics
from api.http.refusals import FIELD_BYTES, FIELDS, REASONS, TARGET_BYTES
from kg.config import Settings
from tests.api.serving import Line, head, wait_until

HEAD, BODY, SEND = 1.2, 1.5, 1.5  # seconds, so that a test need not wait long
LATE = 8.0  # seconds by which a connection that broke a limit is gone, on a busy machine
MAX_BODY = Settings.load(env={}).max_body
QUERY = "/sparql?query=" + quote("SELECT ?s { ?s a <https://w3id.org/answerable/ontology#Treaty> } ORDER BY ?s LIMIT 3")
DIRECT = "Content-Type: application/sparql-query"
WIDE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000"  # a stream of many megabytes
WHOLE = "SELECT ?a ?d ('" + "x" * 400 + "' AS ?wide) { ?a ?b ?c . ?d ?e ?f } LIMIT 1200"  # just less than a stream
KILLER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module", params=[True, pytest.param(False, marks=pytest.mark.slow)], ids=["shortcut", "plain"])
def served(request, serving, release):
    """Serve the frozen graph with short limits; the address and the application."""
    limits = {"head_seconds": HEAD, "body_seconds": BODY, "send_seconds": SEND, "deadline": 30.0}
    with serving(out=release.path.parent, shortcut=request.param, **limits) as (address, app):
        yield address, app


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
    return b"" == line.ends() and before + 1 == cuts(app, reason)


def drip(line, data, pause=0.1):
    """Send bytes one by one until the server has had enough."""
    try:
        for position in range(len(data)):
            line.socket.sendall(data[position : position + 1])
            time.sleep(pause)
    except OSError:
        return


def test_a_connection_on_which_nothing_is_said_is_closed_in_time_and_not_before(served):
    address, app = served
    before, began = cuts(app, "head-time"), time.monotonic()
    assert b"" == Line(address).ends()
    assert HEAD <= time.monotonic() - began < LATE
    assert before + 1 == cuts(app, "head-time")


def test_half_a_head_is_answered_with_408(served):
    address, app = served
    before, line = cuts(app, "head-time"), Line(address)
    line.socket.sendall(head(QUERY)[:-4])
    assert is_refused(line, app, "head-time", before, 408)


def test_a_head_that_drips_is_cut_however_long_it_goes_on(served):
    address, app = served
    before, line, began = cuts(app, "head-time"), Line(address), time.monotonic()
    dripping = threading.Thread(target=drip, args=(line, head("/health", "X-Long: " + "x" * 200)))
    dripping.start()
    assert is_refused(line, app, "head-time", before, 408)
    assert time.monotonic() - began < LATE
    dripping.join()


@pytest.mark.slow
def test_empty_lines_keep_no_connection_open(served):
    address, _app = served
    line = Line(address)
    line.ask(head(QUERY))
    dripping = threading.Thread(target=drip, args=(line, b"\r\n" * 100))
    dripping.start()
    began = time.monotonic()
    assert b"" == line.ends() and time.monotonic() - began < LATE
    dripping.join()


@pytest.mark.slow
def test_a_head_in_two_parts_that_comes_in_time_is_answered(served):
    address, _ = served
    line = Line(address)
    for _ in range(3):  # the time counts from the first byte of each
        data = head(QUERY)
        time.sleep(0.4 * HEAD)
        line.socket.sendall(data[:30])
        time.sleep(0.4 * HEAD)
        line.socket.sendall(data[30:])
        assert 200 == status(line.read())
    line.socket.sendall(head(QUERY)[:30])
    assert 408 == status(line.read())


@pytest.mark.slow
def test_an_idle_connection_is_closed_without_a_word(served):
    address, app = served
    before, line = cuts(app, "head-time"), Line(address)
    for _ in range(4):  # the shortcut answers the last ones
        assert 200 == status(line.ask(head(QUERY)))
        time.sleep(0.5 * HEAD)
    assert b"" == line.ends() and before == cuts(app, "head-time")


@pytest.mark.parametrize("rest", [b"", b" " * 90], ids=["none", "dripping"])
def test_a_body_that_takes_too_long_is_answered_with_408(served, rest):
    address, app = served
    before, line, began = cuts(app, "body-time"), Line(address), time.monotonic()
    line.socket.sendall(head("/sparql", DIRECT, "Content-Length: 100", method="POST") + b"SELECT")
    dripping = threading.Thread(target=drip, args=(line, rest))
    dripping.start()
    assert is_refused(line, app, "body-time", before, 408)
    assert BODY <= time.monotonic() - began < LATE
    dripping.join()


@pytest.mark.slow
def test_a_body_that_comes_fast_enough_may_take_longer(served):
    address, _ = served
    line, parts = Line(address), [b"ASK { ?s ?p ?o } #" + b"x" * 20_000, b"x" * 20_000, b"x" * 20_000]
    line.socket.sendall(head("/sparql", DIRECT, f"Content-Length: {sum(map(len, parts))}", method="POST"))
    for part in parts:
        line.socket.sendall(part)
        time.sleep(0.6 * BODY)
    assert 200 == status(line.read())


@pytest.mark.slow
def test_a_body_that_nobody_wants_is_not_waited_for_either(served):
    address, _ = served
    line, began = Line(address), time.monotonic()
    assert 405 == status(line.ask(head("/health", "Content-Length: 100", method="POST")))
    drip(line, b"x" * 90)
    assert b"" == line.ends() and time.monotonic() - began < LATE


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_fault_of_the_server(served, caplog):
    address, _app = served
    line = Line(address)
    line.socket.sendall(head("/sparql", DIRECT, "Content-Length: 100", method="POST") + b"SELECT")
    time.sleep(0.1)
    line.socket.close()
    line.file.close()
    wait_until(lambda: '"/sparql",status="499"' in Line(address).ask(head("/metrics"))[2].decode())
    assert [] == [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("length", [MAX_BODY + 1, 10**15])
def test_a_declared_length_above_what_any_route_takes_is_answered_with_413_before_the_body(served, length):
    address, app = served
    for path, method in (("/sparql", "POST"), ("/health", "GET"), ("/nothing", "PUT")):
        before, line = cuts(app, "body-size"), Line(address)
        line.socket.sendall(head(path, DIRECT, f"Content-Length: {length}", method=method))
        assert is_refused(line, app, "body-size", before, 413)


def test_a_body_that_is_just_short_enough_is_taken(served):
    address, _ = served
    for framing in (f"Content-Length: {MAX_BODY}", "Transfer-Encoding: chunked"):
        line = Line(address)
        form = urlencode({"query": "ASK { ?s ?p ?o } #" + "\n" * 65_000}).encode()
        body = form + b"&x=" + b"x" * (MAX_BODY - len(form) - 3)
        if "chunked" in framing:
            body = b"".join(
                b"%x\r\n%s\r\n" % (len(body[at : at + 999]), body[at : at + 999]) for at in range(0, len(body), 999)
            )
            body += b"0\r\n\r\n"
        answer = line.ask(
            head("/sparql", "Content-Type: application/x-www-form-urlencoded", framing, method="POST") + body
        )
        assert 200 == status(answer), answer


@pytest.mark.slow
@pytest.mark.parametrize(
    "chunk", [b"1\r\nx\r\n", b"1000\r\n" + b"x" * 0x1000 + b"\r\n", b"1;" + b"y" * 4000 + b"\r\nx\r\n"]
)
def test_chunks_without_end_are_cut(served, chunk):
    address, app = served
    before, line = cuts(app, "body-size"), Line(address)
    line.socket.sendall(head("/sparql", DIRECT, "Transfer-Encoding: chunked", method="POST"))
    several = chunk * (1 + 3000 // len(chunk))  # in one packet, or the client takes longest
    try:
        for _ in range(12 * MAX_BODY // len(several)):
            line.socket.sendall(several)
    except OSError:
        pass  # the server stopped listening
    assert status(line.read()) in (413, None)
    wait_until(lambda: before + 1 == cuts(app, "body-size"))


def test_what_comes_behind_a_body_is_no_part_of_the_head(served):
    address, _ = served
    line = Line(address)
    framing = ("Transfer-Encoding: chunked", "Accept: application/sparql-results+json")
    body = b"10\r\nASK { ?s ?p ?o }\r\n0\r\nAccept: text/csv\r\nHost: y\r\n\r\n"
    assert {"head": {}, "boolean": True} == json.loads(
        line.ask(head("/sparql", DIRECT, *framing, method="POST") + body)[2]
    )
    assert 200 == status(line.ask(head(QUERY)))


def long_heads():
    """List heads that are as long as they may be, each with the status of one that is a little longer, and how to make it."""
    one = lambda more: head("/health", "X-Long: " + "x" * (FIELD_BYTES - 11 + more))
    several = lambda more: head("/health", *(f"X-{n}: {'x' * 320}" for n in range(FIELDS - 1 + more)))
    target = lambda more: head("/health?" + "x" * (TARGET_BYTES - 8 + more))
    return [(one, 431), (several, 431), (target, 414)]


@pytest.mark.parametrize(("make", "expected"), long_heads(), ids=["one line", "many lines", "target"])
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


@pytest.mark.parametrize("line_end", [b"", b"\r\na:"], ids=["one line", "many lines"])
def test_a_head_without_end_is_refused_before_its_end(served, line_end):
    address, app = served
    before, line = cuts(app, "head-size"), Line(address)
    line.socket.sendall(head("/health")[:-2] + b"a:")
    try:
        for _ in range(400):
            line.socket.sendall(b"x" * (1000 if not line_end else 5) + line_end)
    except OSError:
        pass
    assert status(line.read()) in (431, None)
    assert before + 1 == cuts(app, "head-size")


@pytest.mark.slow
def test_requests_before_a_bad_one_are_answered_first_and_those_behind_it_not(served):
    address, app = served
    line, before = Line(address), cuts(app, "malformed")
    slow = "/sparql?query=" + quote(f"SELECT (COUNT(*) AS ?n) {{ ?a a ?b . ?c a ?d }} #{time.time_ns()}")
    line.socket.sendall(head(slow) + head(QUERY) + b"NONSENSE\r\n\r\n" + head(QUERY))
    first, second = line.read(), line.read()
    assert (200, 200) == (status(first), status(second))
    assert "n" in json.loads(first[2])["head"]["vars"] and "s" in json.loads(second[2])["head"]["vars"]
    assert is_refused(line, app, "malformed", before, 400)


def test_a_long_body_behind_another_request_is_refused_when_that_is_answered(served):
    address, app = served
    line, before = Line(address), cuts(app, "body-size")
    slow = "/sparql?query=" + quote(f"SELECT (COUNT(*) AS ?n) {{ ?a a ?b . ?c a ?d }} #{time.time_ns()}")
    late = head("/sparql", DIRECT, "Transfer-Encoding: chunked", method="POST")
    line.socket.sendall(head(slow) + late + b"%x\r\n" % (MAX_BODY + 1) + b"x" * (MAX_BODY + 1))
    assert 200 == status(line.read())
    assert is_refused(line, app, "body-size", before, 413)


def test_of_very_many_requests_at_once_the_first_are_answered_and_the_connection_closed(served):
    address, _ = served
    line = Line(address)
    line.socket.sendall(head("/openapi.json") * 2000)
    statuses = []
    while (answer := line.read())[0]:
        statuses.append((status(answer), answer[1].get("connection")))
    assert len(statuses) > PIPELINED and {(200, None)} == set(statuses[:-1]) and (200, "close") == statuses[-1]


def test_an_upgrade_is_not_taken_and_the_connection_goes_on_in_http(served):
    address, _ = served
    line = Line(address)
    for _ in range(2):
        asked = head(QUERY, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
        assert 200 == status(line.ask(asked))
    line.socket.sendall(asked + head("/health"))
    assert 200 == status(line.read()) and "ok" in json.loads(line.read()[2])["status"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "stays"), [(WIDE, False), (WHOLE, False), (WIDE, True)], ids=["stream", "whole", "just"]
)
def test_a_reader_who_is_too_slow_is_cut_and_one_who_is_just_fast_enough_is_not(served, query, stays):
    address, app = served
    before, line, began = cuts(app, "send-time"), Line(address, buffer=4096), time.monotonic()
    line.socket.sendall(head("/sparql?query=" + quote(f"{query} #{time.time_ns()}")))
    while time.monotonic() < began + 4 * SEND and cuts(app, "send-time") == before:
        line.socket.recv(8000 if stays else 10)
        time.sleep(0.1)
    assert (before if stays else before + 1) == cuts(app, "send-time")
    line.socket.close()
    line.file.close()
    wait_until(lambda: app.state.releases.current.queries.counters()["busy"] == 0)


@pytest.fixture
def narrow(serving, release):
    """Return a context that serves with few connections and long times."""
    return lambda **settings: serving(out=release.path.parent, deadline=3.0, **settings)


def answers(line, expected=200):
    """Whether a connection is open and answers."""
    return expected == status(line.ask(head("/openapi.json")))


def wait_for_queries(app, number):
    """Wait until this many queries run or wait."""
    pool = app.state.releases.current.queries
    wait_until(lambda: pool.counters()["busy"] + pool.counters()["waiting"] == number)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "reason"),
    [({"client_connections": 3, "loopback_budget": True}, "client"), ({"connections": 3}, "full")],
    ids=["client", "all"],
)
def test_when_there_are_too_many_the_oldest_idle_connection_goes_first_and_none_that_is_answered(
    narrow, settings, reason
):
    with narrow(**settings) as (address, app):
        lines = [Line(address) for _ in range(3)]
        for line in (*lines, lines[0]):  # so that the second is the oldest
            assert answers(line)
            time.sleep(0.02)
        lines += [Line(address)]
        assert answers(lines[3]) and b"" == lines[1].ends() and 1 == cuts(app, reason)
        assert answers(lines[0]) and answers(lines[2])
        kept = (lines[0], lines[2], lines[3])
        for number, line in enumerate(kept):
            line.socket.sendall(head("/sparql?query=" + quote(f"{KILLER} #{number}")))
        wait_for_queries(app, 3)
        refused = Line(address)
        answer = refused.read()
        assert (503, b"") == (status(answer), refused.ends()) and 2 == cuts(app, reason)
        assert [503] * 3 == [status(line.read()) for line in kept]  # at their deadline, by the query's own answer
        assert answers(Line(address))


@pytest.mark.slow
def test_slow_bodies_go_before_requests_that_are_answered(narrow):
    with narrow(connections=2) as (address, app):
        asking, slow = Line(address), Line(address)
        asking.socket.sendall(head("/sparql?query=" + quote(KILLER)))
        wait_for_queries(app, 1)
        slow.socket.sendall(head("/sparql", DIRECT, "Content-Length: 100", method="POST") + b"SELECT")
        time.sleep(0.2)
        assert answers(Line(address)) and b"" == slow.ends()
        assert 503 == status(asking.read())


@pytest.mark.parametrize(
    "settings", [{}, {"loopback_budget": True, "trusted_proxies": "127.0.0.0/8"}], ids=["own", "proxy"]
)
def test_this_machine_and_a_trusted_proxy_may_have_more_connections_than_a_client(narrow, settings):
    with narrow(client_connections=2, **settings) as (address, app):
        lines = [Line(address) for _ in range(20)]
        assert all(map(answers, lines)) and 0 == cuts(app, "client")


class Fake(SimpleNamespace):
    """A connection that is always busy, as far as Connections sees it."""

    loop, owner, is_idle = SimpleNamespace(call_later=lambda *_: True), b"", False
    __hash__ = object.__hash__


@pytest.mark.parametrize(
    ("clients", "taken"),
    [
        (["192.0.2.1"] * 3, 2),
        (["192.0.2.1", "192.0.2.2", "192.0.2.3"], 3),
        (["::ffff:192.0.2.1", "192.0.2.1", "::ffff:c000:201"], 2),
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"], 2),
        (["2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1"], 3),
        (["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"], 4),
        ([None] * 3, 3),
    ],
)
def test_connections_are_counted_by_address_or_network(clients, taken):
    registry = Connections(Settings.load(env={}, client_connections=2), Metrics())
    fakes = [Fake(client=client and (client, 1)) for client in clients]
    assert taken == [registry.enter(fake) for fake in fakes].count(None) == len(registry)
    for fake in fakes:
        registry.leave(fake)
    assert 0 == len(registry) == len(registry._by_client)


@pytest.mark.slow
def test_what_waits_for_slow_readers_has_a_limit_and_the_slowest_are_cut(narrow):
    with narrow(max_bytes=1 << 20, send_seconds=60) as (address, app):
        lines = [Line(address, buffer=4096) for _ in range(10)]
        for number, line in enumerate(lines):
            line.socket.sendall(head("/sparql?query=" + quote(f"{WHOLE} #{number}")))
            line.socket.recv(12)
        wait_until(lambda: cuts(app, "unsent") > 0)
        assert 200 == status(Line(address).ask(head(QUERY)))
        time.sleep(1.5)
        assert 1 <= cuts(app, "unsent") <= 5  # the others may go on: four mebibytes may wait
        for line in lines:
            line.socket.close()
            line.file.close()


def test_cuts_are_told_in_one_line_a_minute_without_addresses(served, caplog, monkeypatch):
    address, app = served
    registry = app.state.connections
    registry._logged = float("-inf")
    caplog.set_level(logging.INFO)

    def told():
        return [record.getMessage() for record in caplog.records if record.name == "answerable.connections"]

    for _ in range(3):
        Line(address).ask(b"NONSENSE\r\n\r\n")
    wait_until(told)
    for _ in range(3):
        Line(address).ask(b"NONSENSE\r\n\r\n")
    time.sleep(0.5)
    (line,) = told()
    assert line.startswith("connections cut: ") and "malformed" in line and "127.0.0.1" not in line
    monkeypatch.setattr(connections, "MINUTE", 0.0)
    wait_until(lambda: len(told()) == 2)
    assert "malformed" in told()[1]


def test_every_reason_is_in_the_metrics_from_the_start(served):
    address, _ = served
    told = Line(address).ask(head("/metrics"))[2].decode()
    assert all(f'answerable_connections_cut_total{{reason="{reason}"}}' in told for reason in REASONS)
    assert "answerable_connections " in told

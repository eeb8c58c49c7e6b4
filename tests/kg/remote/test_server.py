"""A server that misbehaves in every way a server can: nothing of its answer is passed on, and the cause is told."""

import asyncio
import contextlib
import json
import re
import socket
import threading
import time
import urllib.parse

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg import terms
from kg.answer.engine import Capacity
from kg.config import Settings
from kg.errors import AnswerTooLarge, ConfigError, EngineFailed, EngineTimeout, QueryRefused, QuerySyntaxError
from kg.remote.server import Server
from kg.remote.upload import Layout
from kg.store import Limits, Query
from tests import engines, loaded


def table(*rows):
    """Write rows of one column as a server does."""
    return json.dumps(
        {"head": {"link": [], "vars": [*rows[0]]}, "results": {"distinct": False, "bindings": rows}}
    ).encode()


def bindings(body):
    """Read rows."""
    return json.loads(body)["results"]["bindings"]


ROWS = table({"s": {"type": "uri", "value": "http://example.org/a"}})
NOTHING = b'{"head":{"vars":["name","value"]},"results":{"bindings":[]}}'
TRIPLES = b"<http://example.org/a> <http://example.org/p> <http://example.org/b> .\n"
JSON, NT = "application/sparql-results+json", "application/n-triples"
OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"  # of no length
DEADLINE = 1.0  # seconds, where it is what is tested
PATIENCE = 20.0  # elsewhere, since a busy machine takes its time
QUERY, GRAPH = "SELECT ?s { ?s a ?never }", "CONSTRUCT { ?s a ?never } WHERE { ?s a ?never }"


def say(body=ROWS, *, media_type=JSON, status="200 OK", length=None, more=""):
    """Write an answer as a server should, unless told otherwise."""
    length = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n"
    return head.encode() + body


def chunked(*parts, media_type=JSON, end=b"0\r\n\r\n"):
    """Write an answer in chunks; `end` is what closes it."""
    head = OPEN.replace(b"Connection", b"Transfer-Encoding: chunked\r\nConnection") % media_type.encode()
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


class Liar:
    """A server that answers what it is asked about its holdings, and every other query as `behaviour` says.

    `behaviour` is bytes to send before it hangs up, or a function of the connection.
    """

    def __init__(self, behaviour, total=0):
        self.behaviour, self.total, self.asked, self.forgets = behaviour, total, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/sparql"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        with connection, contextlib.suppress(OSError):
            head, _, body = connection.recv(1 << 16).partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            while len(body) < length:
                body += connection.recv(1 << 16)
            form = urllib.parse.parse_qs(body.decode())
            text, graphs = form["query"][0], form.get("default-graph-uri", [])
            if text.startswith("ASK"):
                truth = b"false" if self.forgets and graphs[0].endswith("/whole") else b"true"
                connection.sendall(say(b'{"head":{},"boolean":%s}' % truth))
            elif "COUNT(*) AS ?n" in text:
                connection.sendall(say(table({"n": {"type": "literal", "value": str(self.total)}})))
            elif graphs and graphs[0].endswith("/answers"):
                connection.sendall(say(NOTHING))
            else:
                self.asked.append((text, graphs))
                if callable(self.behaviour):
                    self.behaviour(connection)
                else:
                    connection.sendall(self.behaviour)


@pytest.fixture
def liar():
    """Make servers that behave as told, and end them."""
    with contextlib.ExitStack() as stack:

        def make(behaviour, total=0):
            server = Liar(behaviour, total)
            stack.callback(server.listener.close)
            return server

        yield make


def hang(connection):
    """Say nothing for longer than anybody waits."""
    time.sleep(5)


def drip(connection):
    """Send an answer without end, a byte at a time, so that no single wait is long."""
    connection.sendall(say(b"", length=10**6))
    for _ in range(50):
        connection.sendall(b" ")
        time.sleep(0.1)


DAMAGED = {
    "cut off in a body of known length": (say(ROWS[:40], length=len(ROWS)), "cut off"),
    "cut off between chunks": (chunked(ROWS[:40], ROWS[40:], end=b""), "cut off"),
    "hung up before it answered": (b"", "broke off"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "broke off"),
    "a web page": (say(b"<html>Welcome</html>", media_type="text/html"), "text/html instead of"),
    "no media type": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no media type instead of"),
    "error text behind the rows": (chunked(ROWS[:-2], b"\nThe query timed out"), "not whole"),
    "JSON without its end": (say(ROWS[:-1]), "not whole"),
    "rows without a column": (say(ROWS.replace(b'["s"]', b"[]")), "not whole"),
    "JSON of another kind": (say(b'{"error":"no"}'), "not whole"),
    "JSON nested without end": (say(b"[" * 100_000), "not whole"),
    "yes instead of rows": (say(b'{"head":{},"boolean":true}'), "as if it were ASK"),
    "a part of the content": (say(status="206 Partial Content"), "status 206"),
    "accepted for later": (say(status="202 Accepted"), "status 202"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", "status 204"),
    "a fault": (say(b"boom", status="500 Internal Server Error"), "500 boom"),
    "a refusal": (say(b"no such function", status="400 Bad Request"), "400 no such function"),
    "a door": (say(b"", status="401 Unauthorized"), "does not let us in"),
    "busy": (say(b"", status="503 Service Unavailable"), "503"),
    "cut at its time limit": (say(more="X-SQL-State: S1TAT\r\nX-SQL-Message: RC...\r\n"), "cut its answer short"),
    "cut at its row limit": (say(more="X-SPARQL-MaxRows: 10000\r\n"), "cut its answer short"),
    "compressed": (say(more="Content-Encoding: gzip\r\n"), "compressed"),
    "elsewhere": (say(b"", status="301 Moved Permanently", more="Location: http://example.org/\r\n"), "301"),
}
DAMAGED_GRAPHS = {
    "triples cut off in a body of known length": (say(TRIPLES, media_type=NT, length=999), "cut off"),
    "triples cut off between chunks": (chunked(TRIPLES, media_type=NT, end=b""), "cut off"),
    "triples without a length": (OPEN % NT.encode() + TRIPLES, "nobody could tell whether it is whole"),
    "error text behind the triples": (say(TRIPLES + b"The query timed out", media_type=NT), "not N-Triples"),
    "rows instead of triples": (say(ROWS), "instead of application/n-triples"),
}
LATE = {
    "hangs": hang,
    "drips": drip,
    "gives up by itself": say(b"", status="504 Gateway Timeout"),
    "gives up in words": say(b"Virtuoso S1T00 Error SR171: Transaction timed out", status="500 Oops"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Build a release of a few triples."""
    data = b"<http://example.org/a> <http://example.org/p> 1 , 2 ."
    settings = Settings.load({}, root=tmp_path_factory.mktemp("small"))
    return loaded.build(settings, loaded.graph(data, terms.GRAPH + "data/a.ttl"))


@pytest.fixture
def pool(small, liar):
    """Make pools that believe a liar holds the release."""
    with contextlib.ExitStack() as stack:

        def make(behaviour, deadline=PATIENCE, **options):
            server = liar(behaviour, small.manifest["triples"]["total"])
            limits = Limits(**{name: options.pop(name) for name in list(options) if name.startswith("max_")})
            capacity = Capacity(deadline=deadline, limits=limits, **options)
            return stack.enter_context(engines.asked(server.url, small, capacity)), server

        yield make


@pytest.mark.parametrize(
    ("query", "behaviour", "cause"),
    [(Query(QUERY), *case) for case in DAMAGED.values()]
    + [(Query(GRAPH, "ttl"), *case) for case in DAMAGED_GRAPHS.values()],
    ids=[*DAMAGED, *DAMAGED_GRAPHS],
)
def test_a_damaged_answer_is_an_error_with_its_cause(pool, query, behaviour, cause):
    with pytest.raises(EngineFailed, match=cause):
        asyncio.run(pool(behaviour)[0].answer(query))


@pytest.mark.parametrize("behaviour", LATE.values(), ids=LATE)
def test_a_late_answer_is_an_error_at_the_deadline(pool, behaviour):
    began = time.monotonic()
    with pytest.raises(EngineTimeout):
        asyncio.run(pool(behaviour, DEADLINE)[0].answer(Query(QUERY)))
    assert time.monotonic() - began < DEADLINE + 1


PLAIN = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "behaviour", [say(), say(media_type=PLAIN), chunked(ROWS[:30], ROWS[30:]), OPEN % JSON.encode() + ROWS]
)
def test_a_whole_answer_is_passed_on_in_the_format_asked_for(pool, behaviour):
    asked, _ = pool(behaviour)
    assert b"s\r\nhttp://example.org/a\r\n" == asyncio.run(asked.answer(Query(QUERY, "csv"))).body
    assert bindings(ROWS) == bindings(asyncio.run(asked.answer(Query(QUERY))).body)


@pytest.mark.parametrize("limit", [{"max_rows": 1}, {"max_bytes": 80}, {"max_bytes": 10}])
def test_an_answer_over_a_limit_is_none_but_a_query_may_have_rows_of_its_own(pool, limit):
    two = table(*({"s": {"type": "literal", "value": "a longer text"}} for _ in range(2)))
    asked, _ = pool(say(two), **limit)
    with pytest.raises(AnswerTooLarge):
        asyncio.run(asked.answer(Query(QUERY)))
    if "max_rows" in limit:
        assert 2 == asyncio.run(asked.answer(Query(QUERY, max_rows=2))).rows


def test_what_servers_write_otherwise_is_mended(pool):
    xsd = "http://www.w3.org/2001/XMLSchema#"
    written = [("typed-literal", "1", "boolean"), ("typed-literal", "1", "integer"), ("literal", "x", "string")]
    rows = ({"s": {"type": kind, "value": value, "datatype": xsd + name}} for kind, value, name in written)
    answer = asyncio.run(pool(say(table(*rows)))[0].answer(Query(QUERY)))
    mended = [(row["s"]["value"], row["s"].get("datatype")) for row in bindings(answer.body)]
    assert [("true", xsd + "boolean"), ("1", xsd + "integer"), ("x", None)] == mended


def test_an_answer_of_a_server_that_has_moved_on_is_none(pool):
    asked, server = pool(say())
    asyncio.run(asked.answer(Query(QUERY)))
    server.forgets = True
    with pytest.raises(EngineFailed, match="does not hold the release"):
        asyncio.run(asked.answer(Query(QUERY)))


@pytest.mark.parametrize("counted", [1, "many"])
def test_a_server_that_holds_too_little_is_not_asked(small, liar, counted):
    with pytest.raises(EngineFailed, match=f"holds {counted} triples of the release"):
        engines.asked(liar(say(), counted).url, small).__enter__()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT ?s { SERVICE <http://example.org/> { ?s ?p ?o } }", QueryRefused),
        ("INSERT DATA { <e:a> <e:b> <e:c> }", QueryRefused),
        ("LOAD <http://example.org/>", QueryRefused),
        ("SELECT ?s { ?s <bif:contains> 'x' }", QueryRefused),
        ("DEFINE get:soft 'replace' SELECT ?s FROM <http://example.org/> { ?s ?p ?o }", QuerySyntaxError),
        ("SELECT ?s {", QuerySyntaxError),
    ],
)
def test_what_we_do_not_run_is_not_sent(pool, text, error):
    asked, server = pool(say())
    with pytest.raises(error):
        asyncio.run(asked.answer(Query(text)))
    assert [] == server.asked


def test_a_query_is_asked_of_the_release_only(pool, small):
    asked, server = pool(say())
    ((graph, copy),) = Layout(small.path).held.copies.items()
    for query in (
        Query(QUERY),
        Query(QUERY, default_graphs=(graph,)),
        Query(QUERY, default_graphs=("http://e/theirs",)),
    ):
        asyncio.run(asked.answer(query))
    named = [re.findall("FROM <([^>]*)>", text) for text, _ in server.asked]
    assert [[Layout(small.path).held.merge], [copy], [Layout(small.path).held.nowhere]] == named


def test_a_server_that_is_down_is_told_from_one_that_fails():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(EngineFailed, match="cannot be reached"):
        asyncio.run(Server(f"http://127.0.0.1:{port}/sparql").ask("ASK {}"))


async def test_a_server_that_is_left_keeps_no_connection():
    async with Server("http://127.0.0.1:9/sparql") as server:
        assert not server._client.is_closed
    assert server._client.is_closed


async def test_queries_beyond_those_that_may_run_and_wait_are_told_to_come_back(pool):
    asked, _ = pool(hang, DEADLINE, size=1, queue=1)
    errors = await asyncio.gather(*(asked.answer(Query(QUERY)) for _ in range(4)), return_exceptions=True)
    outcomes = [error.slug for error in errors]
    # The one that waits may be let in when the first is given up, just before it has to be given up itself.
    assert 2 <= outcomes.count("busy") == 4 - outcomes.count("engine-timeout") <= 3
    assert (1, 0, 0) == tuple(asked.engine.counters()[name] for name in ("idle", "busy", "waiting"))


async def test_a_query_that_nobody_waits_for_any_more_gives_its_place_to_the_next(pool):
    asked, server = pool(hang, size=1)
    task = asyncio.create_task(asked.answer(Query(QUERY)))
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.wait([task])
    server.behaviour = say()
    assert 1 == (await asked.answer(Query(QUERY))).rows
    assert (1, 0) == tuple(asked.engine.counters()[name] for name in ("idle", "waiting"))


@pytest.mark.parametrize("url", ["ftp://example.org/", "example.org", "http://", "http://example.org:port/"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigError, match="engine"):
        Server(Settings.load({}, engine=url).engine)


@pytest.mark.parametrize(
    ("behaviour", "status", "cause"),
    [(DAMAGED["cut off between chunks"][0], 502, "cut off"), (hang, 504, "had not answered after 1 s")],
)
def test_a_client_is_told_the_cause_and_not_the_address(small, liar, behaviour, status, cause):
    server = liar(behaviour, small.manifest["triples"]["total"])
    settings = Settings.load({}, out=small.path.parent, deadline=1.0, engine=server.url)
    with TestClient(create_app(settings)) as client:
        answer = client.get("/sparql", params={"query": QUERY})
        assert (status, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
        assert cause in answer.json()["detail"]
        assert "127.0.0.1" not in answer.text

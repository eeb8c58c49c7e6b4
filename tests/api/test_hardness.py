"""A real server under what would bring others down: killer queries, calls to the outside, kill -9, switches, cut answers."""

import itertools
import os
import signal
import socket
import threading
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from kg import release as releases
from kg.build import pipeline
from kg.config import Settings
from tests.api.killers import KILLERS
from tests.api.serving import load, serve, wait_until

DEADLINE = 1.5
LATE = DEADLINE + 1.0  # by then a query has ended, whatever it is
SLACK = 2.0  # what a busy machine may add on the way to the client
QUESTION = "/questions/treaties-in-force.json?state=id/state/kaz&day=2011-06-09"
number = itertools.count()  # makes a request one that nobody sent before


@pytest.fixture(scope="module")
def server(shipped):
    """Serve the shipped release, with a short deadline and little memory a query."""
    with serve(shipped.path.parent, deadline=DEADLINE, memory="256MiB", workers=4, access_log="yes") as server:
        yield server


def end(server, query):
    """Send a query; how it ended and after how many seconds."""
    begun = time.monotonic()
    answer = server.ask(query)
    assert "application/problem+json" == answer.headers["content-type"], answer.text[:200]
    problem = answer.json()
    assert answer.status_code == problem["status"]
    return problem["type"].rpartition("/")[2], answer.status_code, time.monotonic() - begun


def at_once(calls):
    """Call each in a thread of its own; their results in order."""
    results = {}
    with_number = list(enumerate(calls))
    threads = [threading.Thread(target=lambda n=n, call=call: results.update({n: call()})) for n, call in with_number]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(threads) == len(results), "a call failed; its error is above"
    return [results[n] for n, _ in with_number]


def reader(client, path, seen):
    """Read an address as one that was not read before, and note the status."""

    def read():
        # A parameter that a page does not know; a question takes none such, but spaces around a value.
        mark = f"&x={next(number)}" if "questions/" not in path else "%20" * (next(number) % 50)
        answer = client.get(path + mark)
        seen.append(answer.status_code)
        assert 200 == answer.status_code, answer.text

    return read


def test_twenty_four_killers_at_once_end_in_time_and_pages_and_questions_do_not_notice(server):
    wait_until(server.is_whole)
    seen = {path: [] for path in ("/doc/state/kaz?", QUESTION, "/search?q=zhanaozen")}
    clients = [server.client() for _ in seen]
    reads = [reader(client, path, seen[path]) for client, path in zip(clients, seen, strict=True)]
    for read in reads:  # so that what the pages themselves keep in memory is there already
        read()
    before = server.memory
    with load(*reads):
        ends = at_once([lambda query=query: end(server, query) for query, _ in KILLERS.values()])
        time.sleep(0.5)
    assert 24 == len(ends)
    wrong = [
        (name, *ended)
        for (name, (_, right)), ended in zip(KILLERS.items(), ends, strict=True)
        if ended[0] not in right | {"busy"} or ended[2] > LATE + SLACK
    ]
    assert [] == wrong
    assert {"busy"} < {ended[0] for ended in ends}  # some found no worker before their time was over, and some did
    assert {path: {200} for path in seen} == {path: set(statuses) for path, statuses in seen.items()}
    wait_until(server.is_whole)
    assert "ok" == server.health()["status"]
    wait_until(lambda: server.memory < before + (100 << 20))
    print(f"slowest {max(seconds for *_, seconds in ends):.2f} s, memory {before >> 20} -> {server.memory >> 20} MiB")


@pytest.mark.parametrize("part", range(6))
def test_each_killer_with_a_worker_to_itself_ends_with_the_problem_it_is(server, part):
    some = list(KILLERS.items())[part::6]
    wait_until(server.is_whole)
    ends = at_once([lambda query=query: end(server, query) for _, (query, _) in some])
    wrong = [
        (name, *ended)
        for (name, (_, right)), ended in zip(some, ends, strict=True)
        if ended[0] not in right or ended[2] > LATE + SLACK
    ]
    assert [] == wrong


CALLS = (
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "SELECT * { sErViCe <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE#<\n<URL>#{\n{ ?s ?p ?o } }",
    "PREFIX servicex: <URL> SELECT * { servicex:y { ?s ?p ?o } }",
    "PREFIX servicex: <URL> SELECT * { SERVICEservicex:y { ?s ?p ?o } }",
    "PREFIX e: <URL> SELECT * { SERVICE e: { ?s ?p ?o } }",
    "BASE <URL> SELECT * { SERVICE<x>{ ?s ?p ?o } }",
    "SELECT * { SERV\\u0049CE <URL> { ?s ?p ?o } }",
    "SELECT * { \\U00000053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { VALUES ?g { <URL> } SERVICE ?g { ?s ?p ?o } }",
    "SELECT * { { { OPTIONAL { { SERVICE <URL> { ?s ?p ?o } } } } UNION { ?s ?p ?o } } }",
    "SELECT * { ?s ?p ?o FILTER NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "SELECT * { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } }",
    "LOAD <URL>",
    "lOaD SILENT <URL> INTO GRAPH <urn:g>",
    "#\nLOAD#\n<URL>",
    "PREFIX e: <URL> LOAD e:",
    "L\\u004FAD <URL>",
    "INSERT DATA {} ; LOAD <URL>",
    "SELECT * { ?s ?p ?o } ; LOAD <URL>",
)
# A graph that is not in the release is empty, and nobody goes to look for it elsewhere.
ELSEWHERE = (
    "SELECT * FROM <URL> { ?s ?p ?o }",
    "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * fRoM#\n<URL> { ?s ?p ?o }",
    "BASE <URL> SELECT * FROM <> { ?s ?p ?o }",
    "PREFIX e: <URL> SELECT * FROM e: { ?s ?p ?o }",
    "SELECT * FR\\u004FM <URL> { ?s ?p ?o }",
    "SELECT * { GRAPH <URL> { ?s ?p ?o } }",
)


@pytest.fixture
def listener():
    """A socket that listens on this machine; nobody may have called it in the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_no_query_calls_another_server(server, listener):
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    ends = {query: server.ask(query.replace("URL", url)) for query in CALLS}
    # 403 for what is SERVICE or an update, 400 for what is no SPARQL; an answer would be a silent failure at best.
    assert {} == {query: answer.text[:200] for query, answer in ends.items() if answer.status_code not in (400, 403)}
    plain = [ends[query] for query in CALLS if query.startswith(("SELECT * { SERVICE", "LOAD"))]
    assert {(403, "service"), (400, "not-a-query")} == {
        (answer.status_code, answer.json()["reason"]) for answer in plain
    }


def test_no_query_reads_a_graph_from_elsewhere(server, listener, tmp_path):
    file = tmp_path / "graph.ttl"
    file.write_text("<http://example.org/s> <http://example.org/p> 'from outside' .")
    http = f"http://127.0.0.1:{listener.getsockname()[1]}/x.ttl"
    for url in (http, file.as_uri(), f"file:{file}"):
        for query in ELSEWHERE:
            answer = server.ask(query.replace("URL", url))
            assert answer.status_code in (200, 400), query
            assert answer.status_code == 400 or [] == answer.json()["results"]["bindings"], query
        for name in ("default-graph-uri", "named-graph-uri"):
            asked = {"query": "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", name: url}
            with server.client() as client:
                assert [] == client.get("/sparql", params=asked).json()["results"]["bindings"]
    assert [] == server.ask(ELSEWHERE[0].replace("URL", http)).json()["results"]["bindings"]


def test_updates_sent_in_other_ways_call_nobody_either(server, listener):
    update = f"LOAD <http://127.0.0.1:{listener.getsockname()[1]}/x>"
    with server.client() as client:
        direct = {"Content-Type": "application/sparql-update"}
        answers = [
            client.get("/sparql", params={"update": update}),
            client.post("/sparql", data={"update": update}),
            client.post("/sparql", content=update, headers=direct),
            client.post("/sparql", data={"query": update}),
        ]
    assert [403, 403, 403, 400] == [answer.status_code for answer in answers]


def read_raw(server, query, *headers, version="1.1"):
    """Send a query over a bare socket, and read to the end of the connection: the head, and the rest as it came."""
    lines = (f"GET /sparql?query={quote(query)} HTTP/{version}", "Host: x", "Connection: close", *headers)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        received = b""
        while piece := connection.recv(1 << 16):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return head.decode().lower(), body


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two plain releases that say which of the two they are; the folder, and what each says by its id."""
    tmp_path, said = tmp_path_factory.mktemp("two"), {}
    for n in (1, 2):
        data = tmp_path / f"data{n}"
        data.mkdir()
        (data / "a.nt").write_text(
            f'<http://e/release> <http://e/number> "{n}" .\n'
            + "".join(f'<http://e/s{i}> <http://e/p> "{i}" .\n' for i in range(200))
        )
        settings = Settings.load(env={}, root=tmp_path / "nothing")
        made = pipeline.build(settings, data=[data], out=tmp_path / "out", plain=True)
        said[made.id] = str(n)
    return tmp_path / "out", said


@pytest.fixture(scope="module")
def narrow(two):
    """Serve few triples with little room for an answer, and little time."""
    with serve(two[0], deadline=5, max_rows=15_000, workers=1, page_workers=1, access_log="yes") as server:
        yield server


# Forty thousand rows, ten megabytes; and rows of ten thousand bytes without end, a few hundred a second.
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f BIND (CONCAT(STR(?a), STR(?b), STR(?d), STR(?e)) AS ?wide) }"
SLOW = f"""SELECT (CONCAT(STR(?a), '{"x" * 10_000}') AS ?wide) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i
FILTER STRSTARTS(SHA512(CONCAT(STR(?a), STR(?d), STR(?g), STR(?c))), '00') }}"""


@pytest.mark.parametrize(
    ("query", "why", "coding"),
    [
        pytest.param(LONG, "answer-too-large", "identity", id="rows"),
        pytest.param(LONG, "answer-too-large", "gzip", id="rows, gzip"),
        pytest.param(LONG, "answer-too-large", "zstd", id="rows, zstd"),
        pytest.param(SLOW, "query-timeout", "identity", id="time"),
        pytest.param(SLOW, "query-timeout", "zstd", id="time, zstd"),
    ],
)
def test_an_answer_that_is_cut_after_it_began_breaks_off_and_never_ends_cleanly(narrow, query, why, coding):
    told, cut = len(narrow.log), count_cut(narrow)
    head, body = read_raw(narrow, query, f"Accept-Encoding: {coding}", "Accept: text/csv")
    assert head.startswith("http/1.1 200") and "transfer-encoding: chunked" in head, head + body[:300].decode("latin-1")
    assert not body.endswith(b"0\r\n\r\n")
    assert "\r\nx-truncated: at-end" in head and "\r\netag:" not in head
    assert cut + 1 == count_cut(narrow)
    wait_until(lambda: (200, why) in [(line.get("status"), line.get("outcome")) for line in narrow.log[told:]])


def test_a_client_sees_a_cut_answer_as_a_broken_one(narrow):
    with narrow.client() as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/sparql", params={"query": LONG}, headers={"Accept": "text/csv"})


def test_a_client_that_knows_no_chunks_gets_the_error_instead(narrow):
    head, body = read_raw(narrow, LONG, "Accept: text/csv", version="1.0")
    assert "422" in head.split("\r\n")[0] and b"answer-too-large" in body


def count_cut(server):
    """Read from the metrics how many answers were cut."""
    with server.client() as client:
        lines = client.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("answerable_answers_cut_total"))


def test_the_log_of_a_server_is_json_and_holds_no_query(server):
    server.ask("SELECT ('secretword' AS ?x) {}")
    wait_until(lambda: any(line.get("route") == "/sparql" and line["status"] == 200 for line in server.log))
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in server.log)
    assert "secretword" not in str(server.log) and "'client'" not in str(server.log)


def test_ten_switches_under_load_fail_no_request_and_each_answer_is_of_one_release(two):
    out, said = two
    seen = []
    with serve(out, workers=1, page_workers=1) as server:

        def asker(make):
            client = server.client()

            def ask():
                answer = client.get("/sparql", params={"query": make()})
                assert 200 == answer.status_code, answer.text
                (row,) = answer.json()["results"]["bindings"]
                assert said[answer.headers["x-release"]] == row["n"]["value"]
                seen.append(answer.headers["x-release"])

            return ask

        query = "SELECT ?n { <http://e/release> <http://e/number> ?n }"
        unique = asker(lambda: query + f" #{next(number)}")
        slow = asker(
            lambda: f"{query[:-1]} {{ SELECT (COUNT(*) AS ?c) {{ ?a ?b ?c1 . ?d ?e ?f }} }} }} #{next(number)}"
        )
        with load(asker(lambda: query), asker(lambda: query), unique, slow):
            for _ in range(10):
                wanted = next(name for name in said if name != releases.current(out).id)
                releases.switch(out, wanted)
                server.process.send_signal(signal.SIGHUP)
                wait_until(lambda wanted=wanted: server.health()["release"] == wanted)
                time.sleep(0.1)
        changes = sum(1 for before, after in itertools.pairwise(seen) if before != after)
        assert changes >= 10 and len(seen) > 200
        wait_until(server.is_whole)
        wait_until(lambda: 2 == len(server.workers))  # those of the releases before are gone


def test_a_server_that_is_stopped_lets_requests_end_and_leaves_no_process(two):
    out, _ = two
    with serve(out, workers=1, page_workers=1, deadline=60) as server:
        wait_until(server.is_whole)
        workers, got = server.workers, []
        # 200 rows, times as many, times as many again: a second or so.
        slow = "SELECT (COUNT(*) AS ?n) { ?a <http://e/p> ?c . ?d <http://e/p> ?f . ?g <http://e/p> ?i }"
        asking = threading.Thread(target=lambda: got.append(server.ask(slow)))
        asking.start()
        wait_until(lambda: server.health()["workers"]["queries"]["busy"] == 1)
        for pid in (server.process.pid, *workers):  # as a supervisor does that knows the group only
            os.kill(pid, signal.SIGTERM)
        asking.join()
        assert 0 == server.process.wait(60)
        assert ["8000000"] == [row["n"]["value"] for row in got[0].json()["results"]["bindings"]]
        wait_until(lambda: not any(map(lives, workers)))


def test_a_server_that_is_stopped_waits_no_longer_than_it_may(two):
    out, _ = two
    with (
        serve(out, workers=1, page_workers=1, deadline=600, stop_seconds=1) as server,
        serve(out, workers=1, page_workers=1) as idle,
    ):
        workers = server.workers
        killer = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"

        def ask():
            with pytest.raises(httpx.HTTPError), server.client() as client:
                client.get("/sparql", params={"query": killer}, timeout=600).raise_for_status()

        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda: server.health()["workers"]["queries"]["busy"] == 1, 60)
        begun = time.monotonic()
        for one in (server, idle):
            one.process.terminate()
        assert 0 == idle.process.wait(100)
        usual = time.monotonic() - begun  # that a server takes to stop which need not wait
        assert 0 == server.process.wait(200)
        assert time.monotonic() - begun < 10 + 2 * usual
        asking.join()
        wait_until(lambda: not any(map(lives, workers)))


def lives(pid):
    """Whether a process is there that has not ended; one that nobody has looked after yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_only_a_proxy_that_is_named_is_believed_about_the_client(two):
    out, _ = two
    seen = {}
    for proxies in ("", "127.0.0.1"):
        settings = {"trusted_proxies": proxies, "access_log": "yes", "access_log_addresses": "yes"}
        with serve(out, workers=1, page_workers=1, **settings) as server, server.client() as client:
            client.get("/health", headers={"X-Forwarded-For": "192.0.2.7"})
            wait_until(lambda server=server: any("client" in line for line in server.log))
            seen[proxies] = {line["client"] for line in server.log if "client" in line}
    assert {"": {"127.0.0.1"}, "127.0.0.1": {"192.0.2.7"}} == seen

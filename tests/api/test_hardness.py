"""A real server under what would bring others down: killer queries, switches under load, and its own end."""

import itertools
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from kg import release as releases
from tests import loaded
from tests.api.killers import KILLERS
from tests.api.serving import load, serve, wait_until

DEADLINE = 0.5
LATE = DEADLINE + 1.0  # by then a query has ended, whatever it is
SLACK = 2.0  # what a busy machine may add on the way to the client
QUESTION = "/questions/treaties-in-force.json?state=id/state/kaz&day=2011-06-09"
number = itertools.count()  # makes a request one that nobody sent before


@pytest.fixture(scope="module")
def server(shipped):
    """Serve the shipped release, with a short deadline and little memory a query."""
    log = {"access_log": "yes", "access_log_addresses": "yes"}
    # Without a cache, so that a page is one that was not read before.
    limits = {"deadline": DEADLINE, "memory": "256MiB", "workers": 4, "page_workers": 2, "cache": "1"}
    with serve(shipped.path.parent, **limits, **log) as server:
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
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(lambda call: call(), calls))


def ended_wrongly(killers, ends, *more):
    """List the killers that ended otherwise than they may, or too late."""
    pairs = zip(killers.items(), ends, strict=True)
    return [(name, *end) for (name, (_, right)), end in pairs if end[0] not in {*right, *more} or end[2] > LATE + SLACK]


def reader(client, path, seen):
    """Read an address, and note the status."""

    def read():
        answer = client.get(path)
        seen.append(answer.status_code)
        assert 200 == answer.status_code, answer.text

    return read


def test_twenty_four_killers_at_once_end_in_time_and_pages_and_questions_do_not_notice(server):
    wait_until(server.is_whole)
    seen = {path: [] for path in ("/doc/state/kaz", QUESTION, "/search?q=zhanaozen")}
    clients = [server.client() for _ in seen]
    reads = [reader(client, path, seen[path]) for client, path in zip(clients, seen, strict=True)]
    for read in reads:  # so that what the pages themselves keep in memory is there already
        read()
    before = server.memory
    with load(*reads):
        ends = at_once([lambda query=query: end(server, query) for query, _ in KILLERS.values()])
        time.sleep(0.5)
    assert [] == ended_wrongly(KILLERS, ends, "busy")
    assert {"busy"} < {ended[0] for ended in ends}  # some found no worker before their time was over, and some did
    assert {path: {200} for path in seen} == {path: set(statuses) for path, statuses in seen.items()}
    wait_until(server.is_whole)
    assert "ok" == server.health()["status"]
    wait_until(lambda: server.memory < before + (100 << 20))


@pytest.mark.parametrize("part", range(6))
def test_each_killer_with_a_worker_to_itself_ends_with_the_problem_it_is(server, part):
    some = dict([*KILLERS.items()][part::6])
    wait_until(server.is_whole)
    ends = at_once([lambda query=query: end(server, query) for query, _ in some.values()])
    assert [] == ended_wrongly(some, ends)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return loaded.numbered(tmp_path_factory.mktemp("two"), 200)


def test_what_a_client_says_of_its_address_is_not_believed_where_no_proxy_is_named(server):
    with server.client() as client:
        client.get("/health?forwarded", headers={"X-Forwarded-For": "192.0.2.7"})
    wait_until(lambda: any("client" in line for line in server.log))
    assert {"127.0.0.1"} == {line["client"] for line in server.log if "client" in line}


def test_ten_switches_under_load_fail_no_request_and_each_answer_is_of_one_release(two):
    out, said = two
    seen = []
    with serve(out) as server:

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
    with serve(out, deadline=60) as server:
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
    with serve(out, deadline=600, stop_seconds=1) as server, serve(out) as idle:
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

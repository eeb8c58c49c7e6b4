"""The pool: a query ends at its limits, the others do not notice, and nothing gets out."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pyoxigraph as ox
import pytest

from kg.answer.engine import Capacity
from kg.answer.pool import Pool
from kg.errors import (
    AnswerableError,
    AnswerTooLarge,
    BadParameter,
    Busy,
    NotAcceptable,
    QueryCrashed,
    QueryOutOfMemory,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
    QueryTimeout,
    SourceError,
)
from kg.store import Limits, Query, Store
from kg.terms import Iri, Literal

E = "http://example.org/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
KILLER = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z }"  # eight thousand million rows
HOARDER = "SELECT * { ?a ?p ?x . ?b ?q ?y } ORDER BY ?x ?y LIMIT 1"  # four million rows kept until the last

DOUBLINGS = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(26))
DOUBLER = "SELECT (STRLEN(?x26) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) " + DOUBLINGS + " }"  # a text of a gigabyte


def build(path, triples):
    with Store.create(path) as store:
        lines = (f'<{E}s{i}> <{E}p{i % 10}> "value {i}" .\n' for i in range(triples))
        store.load("".join(lines).encode(), format="nt", graph=E + "g", source="x")
        store.copy_named_into_default()
        store.optimize()
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A store of two thousand triples."""
    return build(tmp_path_factory.mktemp("pool") / "store", 2000)


@pytest.fixture(scope="module")
def shared(path):
    """Two workers with a deadline of one second, for tests that leave them as they were."""
    with Pool(path, Capacity(size=2, deadline=1.0, memory=512 << 20)) as pool:
        yield pool


def count(pool):
    return json.loads(asyncio.run(pool.answer(Query(COUNT))).body)["results"]["bindings"][0]["n"]["value"]


def wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def start(call):
    """Call in a thread; the list it returns gets the answer or the error, and the seconds it took."""
    result = []

    def run():
        begun = time.monotonic()
        try:
            answer = call()
        except AnswerableError as error:
            answer = error
        result.extend([answer, time.monotonic() - begun])

    thread = threading.Thread(target=run)
    thread.start()
    return thread, result


def test_an_answer_comes_from_the_store_of_the_pool(shared, path):
    answer = asyncio.run(shared.answer(Query(COUNT)))
    assert ("select", 1, str(path.resolve())) == (answer.kind, answer.rows, answer.source)
    assert "2000" == count(shared)


def test_bindings_and_datasets_reach_the_worker(shared):
    answer = asyncio.run(shared.answer(Query("SELECT ?s { ?s ?p ?o }", "tsv", bindings={"o": Literal("value 7")})))
    assert f"?s\n<{E}s7>\n" == answer.body.decode()
    bindings = {"p": Iri(E + "p3")}
    assert (
        200
        == asyncio.run(
            shared.answer(Query("SELECT ?s ?p { ?s ?p ?o }", "csv", bindings=bindings, default_graphs=(E + "g",)))
        ).rows
    )
    assert 0 == asyncio.run(shared.answer(Query("SELECT ?s { ?s ?p ?o }", "csv", named_graphs=(E + "g",)))).rows


def test_a_graph_comes_back_in_any_format(shared):
    for format in ("ttl", "nt", "rdf", "jsonld", "nq", "trig"):
        assert 3 == asyncio.run(shared.answer(Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3", format))).rows


@pytest.mark.parametrize(
    ("query", "format", "error", "field", "value"),
    [
        ("SELECT * {\n ?s ?p }", "json", QuerySyntaxError, "line", 2),
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", "json", QueryRefused, "reason", "service"),
        ("DROP ALL", "json", QueryRefused, "reason", "not-a-query"),
        ("SELECT * " + "{" * 5000 + "}" * 5000, "json", QueryRefused, "reason", "too-deep"),
        ("SELECT * { ?s ?p ?o }", "ttl", NotAcceptable, "offered", ("json", "xml", "csv", "tsv")),
        ("SELECT * { ?s ?p '\ud800' }", "json", QuerySyntaxError, "column", 19),
    ],
)
def test_errors_keep_their_kind_on_the_way_from_the_worker(shared, query, format, error, field, value):
    kills = shared.counters()["kills"]
    with pytest.raises(error) as caught:
        asyncio.run(shared.answer(Query(query, format)))
    assert (value, kills) == (getattr(caught.value, field), shared.counters()["kills"])


def test_a_bad_binding_is_a_bad_parameter(shared):
    with pytest.raises(BadParameter, match="^s: "):
        asyncio.run(shared.answer(Query("SELECT ?s { ?s ?p ?o }", bindings={"s": Iri("no iri")})))


def test_the_limits_of_an_answer_hold(path):
    with Pool(path, Capacity(size=1, limits=Limits(max_rows=100, max_bytes=10_000))) as pool:
        with pytest.raises(AnswerTooLarge, match="100 rows"):
            asyncio.run(pool.answer(Query("SELECT ?o { ?s ?p ?o }", "csv")))
        with pytest.raises(AnswerTooLarge, match="10000 bytes"):
            asyncio.run(pool.answer(Query("SELECT * { ?s ?p ?o } LIMIT 99", "xml")))
        assert 99 == asyncio.run(pool.answer(Query("SELECT ?o { ?s ?p ?o } LIMIT 99", "csv"))).rows
        more = Query("SELECT ?o { ?s ?p ?o } LIMIT 150", "csv", max_rows=200)
        assert 150 == asyncio.run(pool.answer(more)).rows


def test_a_killer_query_ends_at_its_deadline_and_the_others_do_not_notice(shared):
    before = shared.counters()["kills"].get("deadline", 0)
    thread, result = start(lambda: asyncio.run(shared.answer(Query(KILLER))))
    answers, slowest = 0, 0.0
    while thread.is_alive():
        begun = time.monotonic()
        assert "2000" == count(shared)
        answers, slowest = answers + 1, max(slowest, time.monotonic() - begun)
    error, seconds = result
    assert isinstance(error, QueryTimeout) and "1 s" in str(error)
    assert 0.9 < seconds < 2.0 and answers > 10 and slowest < 0.9
    assert before + 1 == shared.counters()["kills"]["deadline"]
    wait_until(lambda: shared.counters()["idle"] == 2)


def test_killers_on_every_worker_leave_the_pool_whole(shared):
    threads = [start(lambda: asyncio.run(shared.answer(Query(KILLER)))) for _ in range(4)]
    for thread, _ in threads:
        thread.join()
    assert all(isinstance(result[0], QueryTimeout | Busy) and result[1] < 2.0 for _, result in threads)
    wait_until(lambda: shared.counters()["idle"] == 2)
    assert "2000" == count(shared)


@pytest.mark.parametrize("query", [HOARDER, DOUBLER])
def test_a_memory_bomb_ends_at_the_memory_limit(path, query):
    with Pool(path, Capacity(size=1, deadline=10.0, memory=64 << 20)) as pool:
        with pytest.raises(QueryOutOfMemory, match="64 MiB|memory"):
            asyncio.run(pool.answer(Query(query)))
        assert "2000" == count(pool)
        assert 1 == pool.counters()["outcomes"]["query-out-of-memory"]


def test_a_worker_killed_from_outside_while_it_answers_costs_a_retry(path):
    with Pool(path, Capacity(size=2, deadline=5.0)) as pool:
        (first, second) = [worker.pid for worker in pool._all]
        slow = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y }"
        thread, result = start(lambda: asyncio.run(pool.answer(Query(slow, "csv"))))
        wait_until(lambda: pool.counters()["idle"] == 1)
        busy = ({first, second} - {worker.pid for worker in pool._ready if not worker.jobs}).pop()
        os.kill(busy, signal.SIGKILL)
        thread.join()
        assert b"4000000" in result[0].body
        assert (1, 1) == (pool.counters()["outcomes"]["retried"], pool.counters()["kills"]["outside"])
        wait_until(lambda: pool.counters()["idle"] == 2)


def test_workers_killed_while_idle_are_replaced_unnoticed(path):
    with Pool(path, Capacity(size=2, deadline=5.0)) as pool:
        for worker in list(pool._ready):
            os.kill(worker.pid, signal.SIGKILL)
        wait_until(lambda: not any(worker.is_alive() for worker in pool._ready))
        assert "2000" == count(pool)
        wait_until(lambda: pool.counters()["idle"] == 2)


def test_a_crash_is_the_querys_fault_and_not_retried(path):
    with Pool(path, Capacity(size=1, deadline=5.0)) as pool:
        thread, result = start(lambda: asyncio.run(pool.answer(Query(KILLER))))
        wait_until(lambda: pool.counters()["idle"] == 0)
        time.sleep(0.1)
        os.kill(next(iter(pool._all)).pid, signal.SIGSEGV)
        thread.join()
        assert isinstance(result[0], QueryCrashed)
        assert {"crash": 1} == pool.counters()["kills"]
        assert "2000" == count(pool)


def test_one_query_more_than_may_wait_is_turned_away(path):
    with Pool(path, Capacity(size=1, deadline=1.5, queue=2)) as pool:
        threads = [start(lambda: asyncio.run(pool.answer(Query(KILLER))))]
        wait_until(lambda: pool.counters()["idle"] == 0)
        threads += [start(lambda: asyncio.run(pool.answer(Query(COUNT)))) for _ in range(2)]
        wait_until(lambda: pool.counters()["waiting"] == 2)
        with pytest.raises(Busy) as caught:
            asyncio.run(pool.answer(Query(COUNT)))
        assert 1 <= caught.value.retry_after <= 10
        for thread, _ in threads:
            thread.join()
        assert all(result[1] < 2.5 for _, result in threads)


def test_asyncio_is_not_blocked(path):
    async def both():
        with Pool(path, Capacity(size=2, deadline=1.0)) as pool:
            killer = asyncio.create_task(pool.answer(Query(KILLER)))
            answers = await asyncio.gather(*(pool.answer(Query(COUNT, "csv")) for _ in range(20)))
            with pytest.raises(QueryTimeout):
                await killer
            return {answer.body for answer in answers}

    assert {b"n\r\n2000\r\n"} == asyncio.run(both())


def test_a_worker_serves_one_event_loop_after_another_while_both_run(path):
    first = asyncio.new_event_loop()
    thread = threading.Thread(target=first.run_forever)
    thread.start()
    try:
        with Pool(path, Capacity(size=1, deadline=5.0)) as pool:
            for _ in range(3):
                there = asyncio.run_coroutine_threadsafe(pool.answer(Query(COUNT)), first).result(10)
                assert there.body == asyncio.run(pool.answer(Query(COUNT))).body
            assert {"answered": 6} == pool.counters()["outcomes"]
    finally:
        first.call_soon_threadsafe(first.stop)
        thread.join()
        first.close()


def test_a_store_that_does_not_open_makes_no_pool(tmp_path):
    with pytest.raises(SourceError, match="no readable store"):
        Pool(tmp_path / "nothing", Capacity(size=1))


def test_a_closed_pool_has_no_processes_and_says_so(path):
    pool = Pool(path, Capacity(size=2, deadline=30.0))
    pids = [worker.pid for worker in pool._all]
    thread, result = start(lambda: asyncio.run(pool.answer(Query(KILLER))))
    wait_until(lambda: pool.counters()["idle"] == 1)
    pool.close()
    pool.close()
    thread.join(5)
    assert isinstance(result[0], QueryStopped) and result[1] < 5
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(QueryStopped, match="closing"):
        asyncio.run(pool.answer(Query(COUNT)))
    with pytest.raises(QueryStopped, match="closing"):
        asyncio.run(pool.answer(Query(COUNT)))


@pytest.mark.parametrize(
    "rows", [1, 150, 300, 1500, 4000, 9000, 12000]
)  # about SHORT and about WAIT bytes, and far from both
def test_an_answer_of_any_length_comes_through_unchanged(path, shared, rows):
    query = f"SELECT ?s ?o ?x {{ {{ ?s ?p ?o }} VALUES ?x {{ 1 2 3 4 5 6 7 }} }} LIMIT {rows}"
    with Store.open(path) as store:
        expected = store.answer(Query(query))
    for _ in range(2):
        got = asyncio.run(shared.answer(Query(query)))
        assert (expected.body, rows) == (got.body, got.rows)
        assert "2000" == count(shared)


def test_a_worker_asks_for_no_fresh_memory_for_each_long_answer(path):
    def faults():
        (worker,) = pool._all
        with open(f"/proc/{worker.pid}/stat") as file:
            return int(file.read().rsplit(")", 1)[1].split()[7])

    with Pool(path, Capacity(size=1, deadline=5.0)) as pool:
        for number in range(8):
            if number == 4:
                before = faults()
            asyncio.run(pool.answer(Query(f"SELECT * {{ ?s ?p ?o }} LIMIT {1900 + number}")))
        assert faults() - before < 4 * 25  # a fault is a page of 4 KiB, and an answer has some 400 KiB


def test_counters_never_hold_the_text_of_a_query(shared):
    asyncio.run(shared.answer(Query("SELECT ('secretword' AS ?x) {}")))
    assert "secretword" not in repr(shared.counters()) and shared.counters()["outcomes"]["answered"] > 0


def test_a_worker_reads_a_store_of_many_files(path, tmp_path):
    """The engine opens a few of its files with the store, and the others when a query first needs them."""
    shutil.copytree(path, tmp_path / "store")
    engine = ox.Store(str(tmp_path / "store"))
    for i in range(4):
        engine.add(ox.Quad(*(ox.NamedNode(f"{E}{name}") for name in (f"new{i}", "p0", f"value{i}", "h"))))
        engine.flush()
    del engine
    assert 16 < len(list((tmp_path / "store").glob("*.sst")))
    asked = ("?s ?p ?o", f"<{E}s7> ?p ?o", f"?s <{E}p3> ?o", '?s ?p "value 2"', f"GRAPH <{E}h> {{ ?s ?p ?o }}")
    with Pool(tmp_path / "store", Capacity(size=1)) as pool:
        found = [asyncio.run(pool.answer(Query(f"SELECT * {{ {one} }}"))).rows for one in asked]
    assert [2000, 1, 200, 1, 4] == found


def test_a_locked_process_can_open_nothing(path):
    """The engine itself is asked, past every check of ours, to call a server that listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        code = f"""
import socket
from kg.answer.worker import _warm, lock
from kg.store import Query, Store
store = Store.open({str(path)!r})
_warm(store)
lock(256 << 20, store.path)
try:
    list(store._engine.query("SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"))
except OSError:
    print("no call")
try:
    socket.socket()
except OSError:
    print("no socket")
try:
    open("/etc/hostname")
except OSError:
    print("no file")
print(store.answer(Query("{COUNT}", "csv")).rows, "row")
"""
        done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)
        assert "no call\nno socket\nno file\n1 row\n" == done.stdout, done.stderr
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_worker_without_a_parent_ends_by_itself(path):
    code = f"""
import os, threading, time
from kg.answer.engine import Capacity
from kg.answer.pool import Pool
from kg.store import Query
import asyncio
pool = Pool({str(path)!r}, Capacity(size=1, deadline=1.0))
threading.Thread(target=lambda: pool.answer({KILLER!r}, "json")).start()
time.sleep(0.3)
print(next(iter(pool._all)).pid, flush=True)
os._exit(1)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)
    pid = int(done.stdout)

    def is_gone():
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().split(")")[1].split()[0] == "Z"
        except FileNotFoundError:
            return True

    wait_until(is_gone, 4.0)


LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"  # some eight megabytes
BROKEN = "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER (STRLEN(STR(?a)) < 100) } "  # four million rows


async def read(streamed):
    """Read a stream to its end."""
    return b"".join([piece async for piece in streamed.pieces()])


def test_a_long_answer_comes_in_pieces_and_a_short_one_whole(path):
    async def both(pool):
        short, long = (
            await pool.answer(Query(COUNT, "csv"), streamed=True),
            await pool.answer(Query(LONG), streamed=True),
        )
        return short.body, len(json.loads(await read(long))["results"]["bindings"]), long.rows

    with Pool(path, Capacity(size=1)) as pool:
        assert (b"n\r\n2000\r\n", 20000, 20000) == asyncio.run(both(pool))
        assert {"answered": 2} == pool.counters()["outcomes"]


@pytest.mark.parametrize(
    ("capacity", "error"),
    [
        ({"deadline": 0.8, "limits": Limits(1 << 30, 1 << 30)}, QueryTimeout),
        ({"limits": Limits(1 << 30, 3 << 20)}, AnswerTooLarge),
    ],
)
def test_a_long_answer_that_is_cut_ends_in_an_error(path, capacity, error):
    async def cut(pool):
        with pytest.raises(error):
            await read(await pool.answer(Query(BROKEN), streamed=True))

    with Pool(path, Capacity(size=1, **capacity)) as pool:
        asyncio.run(cut(pool))
        assert {error.slug: 1} == pool.counters()["outcomes"]
        assert "2000" == count(pool)


def test_a_long_answer_that_nobody_reads_is_ended(path):
    async def leave(pool):
        streamed = await pool.answer(Query(BROKEN), streamed=True)
        async for _ in streamed.pieces():
            break
        streamed.close()
        await asyncio.sleep(0.1)

    with Pool(path, Capacity(size=1, limits=Limits(max_bytes=1 << 30, max_rows=1 << 30))) as pool:
        asyncio.run(leave(pool))
        assert "2000" == count(pool)

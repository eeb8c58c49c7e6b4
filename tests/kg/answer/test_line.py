"""The line of queries: a worker is sent some ahead, and whatever becomes of it, each query gets its own answer in its time."""

import asyncio
import itertools
import json
import os
import random
import signal
import time

import pytest

from kg.answer import pool as pools
from kg.answer.engine import Capacity
from kg.answer.pool import Pool
from kg.answer.worker import UNDONE
from kg.errors import Busy, QueryCrashed, QueryOutOfMemory, QueryStopped, QueryTimeout
from kg.store import Query, Serialized, Store

KILLER = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z }"
HOARDER = "SELECT * { ?a ?p ?x . ?b ?q ?y } ORDER BY ?x ?y LIMIT 1"
TRIPLES = 2000
STREAMED = 30_000  # rows of an answer that comes in pieces
LONG = (1900, 1900)  # rows of the factors of a product that takes longer than queries wait behind another
number = itertools.count(1)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A store of two thousand triples."""
    path = tmp_path_factory.mktemp("line") / "store"
    with Store.create(path) as store:
        lines = (f'<http://e/s{i}> <http://e/p{i % 10}> "value {i}" .\n' for i in range(TRIPLES))
        store.load("".join(lines).encode(), format="nt", graph="http://e/g", source="x")
        store.copy_named_into_default()
        store.optimize()
    return path


@pytest.fixture
def patient(monkeypatch):
    """Let queries wait longer behind another, so that a busy machine does not take them back before a test has looked."""
    monkeypatch.setattr(pools, "PATIENCE", 0.1)


def counting(left, right):
    """Make a query that counts a product of so many rows: its time grows with it, and its answer tells it from others."""
    mine = next(number)
    text = f"""SELECT ({mine} AS ?mine) (COUNT(*) AS ?n) {{
        {{ SELECT ?a {{ ?a ?p ?x }} LIMIT {left} }} {{ SELECT ?b {{ ?b ?q ?y }} LIMIT {right} }} }}"""
    return text, [{"mine": str(mine), "n": str(left * right)}]


def listing(rows):
    """Make a query for so many rows, each of which tells the answer from others."""
    mine = next(number)
    text = f"SELECT ({mine} AS ?mine) {{ ?s ?p ?o VALUES ?x {{ {' '.join(map(str, range(40)))} }} }} LIMIT {rows}"
    return text, [{"mine": str(mine)}] * rows


async def read(answer):
    """Read the rows of an answer, whole or streamed, as texts by variable."""
    body = answer.body if isinstance(answer, Serialized) else b"".join([piece async for piece in answer.pieces()])
    return [{name: term["value"] for name, term in row.items()} for row in json.loads(body)["results"]["bindings"]]


async def ask(pool, made):
    """Ask one of the queries above; its answer must be its own."""
    text, rows = made
    assert rows == await read(await pool.answer(Query(text), streamed=True))


async def warm_up(pool):
    """Ask short queries until the pool knows that they are short."""
    for _ in range(100):
        await ask(pool, counting(1, 1))
    assert pool._typical < pools.PATIENCE / 4


async def behind(pool, first, *others):
    """Ask a query and others at once, so that all are sent to one worker; return it and the tasks."""
    tasks = [asyncio.create_task(pool.answer(Query(first)))]
    tasks += [asyncio.create_task(ask(pool, other)) for other in others]
    await asyncio.sleep(0)
    (worker,) = [worker for worker in pool._ready if worker.jobs]
    assert len(tasks) == len(worker.jobs)
    return worker, tasks


def test_queries_behind_a_long_one_are_answered_by_another_worker(patient, path):
    async def run():
        with Pool(path, Capacity(size=2, deadline=3.0)) as pool:
            await warm_up(pool)
            begun = time.monotonic()
            _, (killer, *others) = await behind(pool, KILLER, *(counting(1, 2) for _ in range(3)))
            await asyncio.gather(*others)
            assert time.monotonic() - begun < 2.0 and not killer.done()
            with pytest.raises(QueryTimeout):
                await killer
            assert {"deadline": 1} == pool.counters()["kills"]

    asyncio.run(run())


def test_queries_behind_a_long_one_wait_in_the_line_when_there_is_no_other_worker(patient, path, monkeypatch):
    async def run():
        with Pool(path, Capacity(size=1, deadline=5.0)) as pool:
            await warm_up(pool)
            worker, (slow, *others) = await behind(pool, counting(*LONG)[0], *(counting(1, 2) for _ in range(3)))
            while len(pool._line) < 3:
                assert not slow.done()
                await asyncio.sleep(0.001)
            assert [None] * 3 == list(worker.jobs)[1:] and 3 <= pool.counters()["waiting"]
            marks, take = [], pool._take
            monkeypatch.setattr(pool, "_take", lambda worker, reply: (marks.append(reply.mark), take(worker, reply)))
            await asyncio.gather(slow, *others)
            assert ([UNDONE] * 3, {}) == (marks[1:4], pool.counters()["kills"])  # it did not run them in vain

    asyncio.run(run())


def test_a_worker_killed_from_outside_fails_none_of_its_queries(patient, path):
    async def run():
        with Pool(path, Capacity(size=1, deadline=10.0)) as pool:
            await warm_up(pool)
            worker, tasks = await behind(pool, counting(*LONG)[0], *(counting(1, 2) for _ in range(3)))
            os.kill(worker.pid, signal.SIGKILL)
            first, *_ = await asyncio.gather(*tasks)
            assert str(LONG[0] * LONG[1]) == (await read(first))[0]["n"]
            counters = pool.counters()
            assert ({"outside": 1}, 1) == (counters["kills"], counters["outcomes"]["retried"])
            assert 104 == counters["outcomes"]["answered"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("first", "sent", "error"), [(HOARDER, None, QueryOutOfMemory), (KILLER, signal.SIGSEGV, QueryCrashed)]
)
def test_only_the_query_that_ends_its_worker_fails(patient, path, first, sent, error):
    async def run():
        with Pool(path, Capacity(size=1, deadline=10.0, memory=64 << 20)) as pool:
            await warm_up(pool)
            worker, (culprit, *others) = await behind(pool, first, *(counting(1, 2) for _ in range(3)))
            if sent is not None:
                os.kill(worker.pid, sent)
            await asyncio.gather(*others)
            with pytest.raises(error):
                await culprit

    asyncio.run(run())


def test_the_time_of_a_query_counts_from_its_own_question(patient, path):
    async def run():
        with Pool(path, Capacity(size=1, deadline=1.5)) as pool:
            await warm_up(pool)
            _, (killer, early) = await behind(pool, KILLER, counting(1, 2))
            await asyncio.sleep(1.0)
            late = asyncio.create_task(ask(pool, counting(1, 2)))
            ends = await asyncio.gather(killer, early, late, return_exceptions=True)
            assert [QueryTimeout, Busy, type(None)] == [type(end) for end in ends]

    asyncio.run(run())


def test_a_query_that_is_cancelled_in_the_line_costs_no_worker(patient, path):
    async def run():
        with Pool(path, Capacity(size=1, deadline=10.0)) as pool:
            await warm_up(pool)
            worker, (slow, cancelled, other) = await behind(
                pool, counting(1900, 500)[0], counting(1, 2), counting(1, 3)
            )
            cancelled.cancel()
            await asyncio.gather(slow, other)
            assert [worker] == pool._ready
            counters = pool.counters()
            assert (1, {}, 0) == (counters["outcomes"]["abandoned"], counters["kills"], counters["waiting"])

    asyncio.run(run())


def test_a_closed_pool_ends_what_was_sent_ahead_and_what_waits(patient, path):
    async def run():
        pool = Pool(path, Capacity(size=1, deadline=10.0))
        await warm_up(pool)
        _, tasks = await behind(pool, KILLER, *(counting(1, 2) for _ in range(3)))
        await asyncio.to_thread(pool.close)
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert {QueryStopped} == {type(end) for end in ends}

    asyncio.run(run())


def test_long_texts_and_long_answers_asked_at_once_are_not_mixed_up(patient, path):
    async def run():
        with Pool(path, Capacity(size=1, deadline=20.0)) as pool:
            await warm_up(pool)
            made = [listing(rows) for rows in (1, 400, 600, 2000, 9000, STREAMED, 600, 500, 400, 1)]
            made += [(text + " " * 50_000, rows) for text, rows in (counting(1, 2) for _ in range(12))]
            await asyncio.gather(*(ask(pool, one) for one in made))
            assert {} == pool.counters()["kills"]

    asyncio.run(run())


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_each_query_gets_its_own_answer_whatever_happens_to_others(path, seed):
    """Some hundred clients ask short, long and large queries, go away now and then, and workers are killed all the while."""
    draw = random.Random(seed)
    answered, gone = [], []

    def make():
        kind = draw.random()
        if kind < 0.75:
            return counting(draw.randrange(1, 20), draw.randrange(1, 20))
        if kind < 0.85:
            return counting(draw.randrange(1, TRIPLES), draw.randrange(1, 200))
        return listing(draw.choice((1, 200, 300, 400, 1500, 4000, 9000, STREAMED)))

    async def client(pool, end):
        while time.monotonic() < end:
            text, rows = make()
            asking = asyncio.create_task(ask(pool, (text, rows)))
            if draw.random() < 0.1:
                await asyncio.sleep(draw.random() * 0.02)
                asking.cancel()
                gone.append(await asyncio.gather(asking, return_exceptions=True))
            else:
                try:  # an answer that is not its own ends the test, and so does an error
                    await asking
                except QueryCrashed:
                    assert len(rows) == STREAMED  # of which a part was sent before its worker was killed
                answered.append(1)

    async def killer(pool, end):
        while time.monotonic() < end:
            await asyncio.sleep(0.2 + draw.random() * 0.4)
            for worker in draw.sample(pool._ready, min(1, len(pool._ready))):
                os.kill(worker.pid, signal.SIGKILL)

    async def run():
        # No query fails, since few are killed as often as they are asked again, and all have time enough.
        with Pool(path, Capacity(size=3, deadline=60.0, queue=1000)) as pool:
            end = time.monotonic() + 4.0
            await asyncio.gather(killer(pool, end), *(client(pool, end) for _ in range(24)))
            outcomes, kills = pool.counters()["outcomes"], pool.counters()["kills"]
            assert kills["outside"] >= 3 and outcomes["retried"] >= 1
            assert not outcomes.keys() - {"answered", "abandoned", "retried", "query-crashed"}
            while any(worker.jobs for worker in pool._ready):
                await asyncio.sleep(0.01)
            assert 0 == pool.counters()["waiting"]

    asyncio.run(run())
    assert len(answered) > 100 and gone

"""What a pool tells of its work: each query once, with its time, and each worker that is lost."""

import asyncio
import os
import signal
import time

import pytest

from kg.answer.engine import Capacity, Listener
from kg.answer.pool import Pool
from kg.errors import QueryTimeout
from kg.remote.pool import Clock
from kg.store import Query, Store

KILLER = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z }"
# Some megabytes in a second: enough to begin with, and never too many.
LONG = f"""SELECT (CONCAT(STR(?a), '{"x" * 20_000}') AS ?wide) {{ ?a ?p ?x . ?b ?q ?y . ?c ?r ?z
FILTER STRSTARTS(SHA512(CONCAT(STR(?x), STR(?y), STR(?z), STR(?p), STR(?q), STR(?r))), '00') }}"""


class Diary(Listener):
    """Writes down what it hears."""

    def __init__(self):
        self.queries, self.retries, self.losses = [], [], []

    def query_ended(self, pool, outcome, waited, ran):
        self.queries.append((pool, outcome, waited, ran))

    def query_retried(self, pool):
        self.retries.append(pool)

    def worker_ended(self, pool, reason):
        self.losses.append((pool, reason))


@pytest.fixture
def path(tmp_path):
    """A store of two thousand triples."""
    with Store.create(tmp_path / "store") as store:
        lines = (f'<http://e/s{i}> <http://e/p{i % 10}> "value {i}" .\n' for i in range(2000))
        store.load("".join(lines).encode(), format="nt", graph="http://e/g", source="x")
        store.copy_named_into_default()
    return tmp_path / "store"


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def working(pool):
    """How many workers are idle, busy and starting."""
    return tuple(pool.counters()[state] for state in ("idle", "busy", "starting"))


@pytest.mark.slow
def test_each_query_is_told_once_with_the_time_it_waited_and_ran(path):
    diary, charges = Diary(), []

    async def ask():
        with Pool(path, Capacity(size=1, deadline=3.0, name="diary"), listener=diary) as pool:
            first = asyncio.create_task(pool.answer(Query(KILLER), charge=charges.append))
            await asyncio.sleep(2.0)  # so that the second has two seconds in which another worker starts
            second = asyncio.create_task(pool.answer(Query("ASK {}"), charge=charges.append))
            with pytest.raises(QueryTimeout):
                await first
            await second
            long = await pool.answer(Query(LONG, "csv"), charge=charges.append, streamed=True)
            assert 2 == len(charges)  # the long one is not over yet
            with pytest.raises(QueryTimeout):
                async for _ in long.pieces():
                    pass

    asyncio.run(ask())
    assert [("diary", "query-timeout"), ("diary", "answered"), ("diary", "query-timeout")] == [
        told[:2] for told in diary.queries
    ]
    assert [told[3] for told in diary.queries] == charges
    (_, _, waited, ran), (_, _, waited_second, ran_second), (*_, ran_long) = diary.queries
    assert waited < 0.3 and ran > 2.9
    assert ran_second < 0.9 < waited_second
    assert ran_long > 0.5
    assert [("diary", "deadline")] * 2 == diary.losses


def test_a_query_that_nobody_waits_for_any_more_is_told_as_abandoned_and_charged(path):
    diary, charges = Diary(), []

    async def ask():
        with Pool(path, Capacity(size=1, deadline=5.0), listener=diary) as pool:
            asked = asyncio.create_task(pool.answer(Query(KILLER), charge=charges.append))
            await asyncio.sleep(0.3)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    asyncio.run(ask())
    assert ["abandoned"] == [told[1] for told in diary.queries]
    assert 0.2 < charges[0] < 4.0


def test_a_free_worker_that_somebody_ended_is_told_and_replaced_before_a_query_needs_it(path):
    diary = Diary()
    with Pool(path, Capacity(size=2), listener=diary) as pool:
        os.kill(pool._ready[0].pid, signal.SIGKILL)
        wait_until(lambda: (1, 0, 0) == working(pool))
        pool.mend()
        wait_until(lambda: (2, 0, 0) == working(pool))
        pool.mend()
    assert [("queries", "outside")] == diary.losses


def test_a_clock_adds_up_the_attempts_of_a_query():
    clock = Clock()
    for _ in range(2):
        with clock.waiting():
            time.sleep(0.01)
        clock.start()
        time.sleep(0.02)
        clock.stop()
    assert clock.waited >= 0.02 and clock.ran >= 0.04

"""The pool: a query ends at its limits, the others do not notice, and nothing gets out."""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import pyoxigraph as ox
import pytest

from kg import process
from kg.answer.engine import Capacity, Listener
from kg.answer.messages import LONGEST
from kg.answer.pool import ATTEMPTS, TICK, Pool
from kg.errors import (
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
from kg.store import Limits, Query, Serialized, Store
from kg.terms import Iri, Literal
from tests.loaded import save

E = "http://example.org/"
TRIPLES = 2000
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
KILLER = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z }"  # eight thousand million rows
HOARDER = "SELECT * { ?a ?p ?x . ?b ?q ?y } ORDER BY ?x ?y LIMIT 1"  # four million rows kept until the last
DOUBLINGS = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(26))
DOUBLER = "SELECT (STRLEN(?x26) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) " + DOUBLINGS + " }"  # a text of a gigabyte
STREAMED = 30_000  # rows of an answer that comes in pieces
BROKEN = "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER (STRLEN(STR(?a)) < 100) } "  # four million rows
# Some megabytes in a second: enough to begin with, and never too many.
WIDE = f"""SELECT (CONCAT(STR(?a), '{"x" * 20_000}') AS ?wide) {{ ?a ?p ?x . ?b ?q ?y . ?c ?r ?z
FILTER STRSTARTS(SHA512(CONCAT(STR(?x), STR(?y), STR(?z), STR(?p), STR(?q), STR(?r))), '00') }}"""
UNLIMITED = Limits(max_rows=1 << 30, max_bytes=1 << 30)
number = itertools.count(1)


class Diary(Listener):
    """Writes down what it hears."""

    def __init__(self):
        super().__init__()
        self.queries, self.outcomes, self.losses = [], Counter(), []

    def query_ended(self, pool, outcome, waited, ran):
        self.queries.append((waited, ran))
        self.outcomes[outcome] += 1

    def query_retried(self, pool):
        self.outcomes["retried"] += 1

    def worker_ended(self, pool, reason):
        self.losses.append((pool, reason))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A store of two thousand triples."""
    path = tmp_path_factory.mktemp("pool") / "store"
    with Store.memory() as store:
        lines = (f'<{E}s{i}> <{E}p{i % 10}> "value {i}" .\n' for i in range(TRIPLES))
        store.load("".join(lines).encode(), format="nt", graph=E + "g", source="x")
        store.copy_named_into_default()
        save(store, path)
    return path


@pytest.fixture(scope="module")
def ask(path):
    """A function that asks two workers, for tests that leave them as they were."""
    with asyncio.Runner() as runner:
        diary = Diary()
        pool = Pool(path, Capacity(size=2, deadline=5.0, memory=512 << 20), diary)
        runner.run(pool.start())
        yield lambda *query, **options: runner.run(pool.answer(Query(*query, **options)))
        assert [] == diary.losses
        runner.run(close(pool))


async def close(pool):
    pool.close()
    await pool.wait_closed()


@contextlib.asynccontextmanager
async def opened(path, **capacity):
    """Open a pool of one worker, unless its capacity says otherwise, with its diary."""
    pool = Pool(path, Capacity(**{"size": 1, "deadline": 10.0, **capacity}), Diary())
    pool.diary = pool._listener
    try:
        await pool.start()
        yield pool
    finally:
        await close(pool)


def on_pool(**capacity):
    """Make a test of a scenario that runs with such a pool."""

    def decorate(scenario):
        async def test(path):
            async with opened(path, **capacity) as pool:
                await scenario(pool)

        return test

    return decorate


SUBJECT = {"s": Iri(E + "s1")}


@on_pool(cache=1 << 20)
async def test_rows_of_a_query_with_bindings_are_asked_once_until_they_are_forgotten(pool):
    query = Query("SELECT ?s ?o { ?s ?p ?o }", "json", SUBJECT)
    first, second = await asyncio.gather(pool.answer(query), pool.answer(query))
    assert first.body == second.body == (await pool.answer(query)).body and b"value 1" in first.body
    assert {"answered": 1} == pool.diary.outcomes
    other = await pool.answer(Query(query.text, "json", {"s": Iri(E + "s2")}))
    assert b"value 2" in other.body and {"answered": 2} == pool.diary.outcomes
    pool.forget()
    assert first.body == (await pool.answer(query)).body and {"answered": 3} == pool.diary.outcomes


@pytest.mark.parametrize(
    ("query", "cache"),
    [
        (Query("SELECT ?s ?o { ?s ?p ?o }", "json", SUBJECT), 0),
        (Query("SELECT ?s ?o { ?s ?p ?o } LIMIT 1"), 1 << 20),
        (Query("SELECT ?s ?o { ?s ?p ?o }", "csv", SUBJECT), 1 << 20),
        (Query("SELECT ?s (UUID() AS ?o) { ?s ?p ?x }", "json", SUBJECT), 1 << 20),
    ],
    ids=["no cache", "no bindings", "no rows", "chance"],
)
async def test_other_queries_are_asked_each_time(path, query, cache):
    async with opened(path, cache=cache) as pool:
        for _ in range(2):
            await pool.answer(query)
        assert {"answered": 2} == pool.diary.outcomes


@on_pool(cache=1 << 20)
async def test_an_error_is_not_cached(pool):
    for _ in range(2):
        with pytest.raises(QueryRefused):
            await pool.answer(Query("SELECT ?s { SERVICE <http://x/> { ?s ?p ?o } }", "json", SUBJECT))
    assert 2 == pool.diary.outcomes.total()


async def until(condition, seconds=30.0):
    """Wait for a condition while the event loop runs."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.005)


def states(pool):
    """How many workers are idle, busy and starting, and how many queries wait."""
    return tuple(pool.counters()[state] for state in ("idle", "busy", "starting", "waiting"))


def pids(pool, busy=False):
    """List the processes of the workers, or of those at work."""
    return [child.pid for slot, child in pool._workers.items() if not busy or pool._board.current(slot)]


def begin(pool, text, **options):
    """Ask in a task."""
    return asyncio.create_task(pool.answer(Query(text), **options))


async def count(pool):
    return json.loads((await pool.answer(Query(COUNT))).body)["results"]["bindings"][0]["n"]["value"]


def counting(left, right):
    """Write a query that counts a product of so many rows: its time grows with it, and its answer tells it from others."""
    own = next(number)
    text = f"""SELECT ({own} AS ?own) (COUNT(*) AS ?n) {{
        {{ SELECT ?a {{ ?a ?p ?x }} LIMIT {left} }} {{ SELECT ?b {{ ?b ?q ?y }} LIMIT {right} }} }}"""
    return text, [{"own": str(own), "n": str(left * right)}]


def listing(rows):
    """Write a query for so many rows, each of which tells the answer from others."""
    own = next(number)
    text = f"SELECT ({own} AS ?own) {{ ?s ?p ?o VALUES ?x {{ {' '.join(map(str, range(40)))} }} }} LIMIT {rows}"
    return text, [{"own": str(own)}] * rows


async def read(answer):
    """Read the rows of an answer, whole or streamed, as texts by variable."""
    body = answer.body if isinstance(answer, Serialized) else b"".join([piece async for piece in answer.pieces()])
    return [{name: term["value"] for name, term in row.items()} for row in json.loads(body)["results"]["bindings"]]


async def check(pool, query):
    """Ask one of the queries above; its answer must be its own."""
    text, rows = query
    assert rows == await read(await pool.answer(Query(text), streamed=True))


# What is asked and answered.


def test_bindings_and_datasets_reach_the_worker(ask):
    answer = ask("SELECT ?s { ?s ?p ?o }", "tsv", bindings={"o": Literal("value 7")})
    assert f"?s\n<{E}s7>\n" == answer.body.decode()
    text, bound = "SELECT ?s ?p { ?s ?p ?o }", {"p": Iri(E + "p3")}
    assert 200 == ask(text, "csv", bindings=bound, default_graphs=(E + "g",)).rows
    assert 0 == ask(text, "csv", named_graphs=(E + "g",)).rows


@pytest.mark.parametrize("format", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
def test_a_graph_comes_back_in_any_format(ask, format):
    assert 3 == ask("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3", format).rows


@pytest.mark.parametrize(
    ("query", "format", "error", "field", "value"),
    [
        ("SELECT * {\n ?s ?p }", "json", QuerySyntaxError, "line", 2),
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", "json", QueryRefused, "reason", "service"),
        ("DROP ALL", "json", QueryRefused, "reason", "not-a-query"),
        ("SELECT * " + "{" * 5000 + "}" * 5000, "json", QueryRefused, "reason", "too-deep"),
        ("SELECT * { ?s ?p ?o }", "ttl", NotAcceptable, "offered", ["json", "xml", "csv", "tsv"]),
        ("SELECT * { ?s ?p '\ud800' }", "json", QuerySyntaxError, "column", 19),
        ("SELECT ?bad { ?bad ?p ?o }", "json", BadParameter, "where", "bad"),
    ],
)
def test_errors_keep_their_kind_on_the_way_from_the_worker(ask, query, format, error, field, value):
    with pytest.raises(error) as caught:
        ask(query, format, bindings={"bad": Iri("no iri")} if "?bad" in query else {})
    assert value == getattr(caught.value, field)


@pytest.mark.parametrize("rows", [1, 150, 300, 1500, 9000, 12000])  # from less than one message to many
def test_an_answer_of_any_length_comes_through_unchanged(path, ask, rows):
    query = f"SELECT ?s ?o ?x {{ {{ ?s ?p ?o }} VALUES ?x {{ 1 2 3 4 5 6 7 }} }} LIMIT {rows}"
    with Store.open(path) as store:
        expected = store.answer(Query(query))
    got = ask(query)
    assert (expected.body, rows) == (got.body, got.rows)


@pytest.mark.parametrize("length", [LONGEST - 200, LONGEST, 900_000])  # from less to more than a message
def test_a_query_of_any_length_comes_through_unchanged(ask, length):
    assert f"n\r\n{length}\r\n".encode() == ask(f"SELECT (STRLEN('{'x' * length}') AS ?n) {{}}", "csv").body


@on_pool(limits=Limits(max_rows=100, max_bytes=10_000))
async def test_the_limits_of_an_answer_hold(pool):
    with pytest.raises(AnswerTooLarge, match="100 rows"):
        await pool.answer(Query("SELECT ?o { ?s ?p ?o }", "csv"))
    with pytest.raises(AnswerTooLarge, match="10000 bytes"):
        await pool.answer(Query("SELECT * { ?s ?p ?o } LIMIT 99", "xml"))
    assert 99 == (await pool.answer(Query("SELECT ?o { ?s ?p ?o } LIMIT 99", "csv"))).rows
    assert 150 == (await pool.answer(Query("SELECT ?o { ?s ?p ?o } LIMIT 150", "csv", max_rows=200))).rows


@on_pool()
async def test_a_long_answer_comes_in_pieces_and_a_short_one_whole(pool):
    short = await pool.answer(Query(COUNT, "csv"), streamed=True)
    text, rows = listing(STREAMED)
    long = await pool.answer(Query(text), streamed=True)
    assert (b"n\r\n2000\r\n", rows) == (short.body, await read(long))
    assert {"answered": 2} == pool.diary.outcomes


# Limits.


@on_pool(size=2, deadline=2.0)
async def test_killers_on_every_worker_end_at_their_deadline_and_leave_the_pool_whole(pool):
    begun = time.monotonic()
    killers = [begin(pool, KILLER) for _ in range(4)]
    ends = await asyncio.gather(*killers, return_exceptions=True)
    assert 1.9 < time.monotonic() - begun < 3.0
    assert [QueryTimeout] * 2 + [Busy] * 2 == [type(end) for end in ends] and "2 s" in str(ends[0])
    assert [("queries", "deadline")] * 2 == pool.diary.losses
    await until(lambda: (2, 0, 0, 0) == states(pool))
    assert "2000" == await count(pool)


@on_pool(size=2, deadline=2.0)
async def test_the_others_do_not_notice_a_killer(pool):
    killer, answered, slowest = begin(pool, KILLER), 0, 0.0
    while not killer.done():
        begun = time.monotonic()
        assert "2000" == await count(pool)
        answered, slowest = answered + 1, max(slowest, time.monotonic() - begun)
    with pytest.raises(QueryTimeout):
        await killer
    assert answered > 10 and slowest < 1.8


@pytest.mark.parametrize("query", [HOARDER, DOUBLER])
async def test_a_memory_bomb_ends_at_the_memory_limit(path, query):
    async with opened(path, memory=64 << 20) as pool:
        with pytest.raises(QueryOutOfMemory, match="64 MiB|memory"):
            await pool.answer(Query(query))
        assert "2000" == await count(pool)
        assert 1 == pool.diary.outcomes["query-out-of-memory"]


@on_pool(deadline=3.0, queue=2)
async def test_one_query_more_than_may_wait_is_turned_away_and_time_counts_from_the_question(pool):
    killer = begin(pool, KILLER)
    await until(lambda: (0, 1, 0, 0) == states(pool))
    early = [begin(pool, COUNT) for _ in range(2)]
    await until(lambda: 2 == pool.counters()["waiting"])
    with pytest.raises(Busy) as caught:
        await pool.answer(Query(COUNT))
    assert 1 <= caught.value.retry_after <= 10
    early[1].cancel()
    await asyncio.sleep(1.5)
    late = begin(pool, COUNT)
    ends = await asyncio.gather(killer, *early, late, return_exceptions=True)
    assert [QueryTimeout, Busy, asyncio.CancelledError, Serialized] == [type(end) for end in ends]


@pytest.mark.parametrize(
    ("capacity", "error"),
    [({"deadline": 2.0, "limits": UNLIMITED}, QueryTimeout), ({"limits": Limits(1 << 30, 3 << 20)}, AnswerTooLarge)],
)
async def test_a_long_answer_that_is_cut_ends_in_an_error(path, capacity, error):
    async with opened(path, **capacity) as pool:
        with pytest.raises(error):
            await read(await pool.answer(Query(BROKEN), streamed=True))
        assert {error.slug: 1} == pool.diary.outcomes
        assert "2000" == await count(pool)


async def test_a_worker_asks_for_no_fresh_memory_for_each_long_answer(path):
    def faults(pool):
        with open(f"/proc/{pids(pool)[0]}/stat") as file:
            return int(file.read().rsplit(")", 1)[1].split()[7])

    async with opened(path) as pool:
        for turn in range(8):
            if turn == 4:
                before = faults(pool)
            await pool.answer(Query(f"SELECT * {{ ?s ?p ?o }} LIMIT {1900 + turn}"))
        assert faults(pool) - before < 4 * 25  # a fault is a page of 4 KiB, and an answer has some 400 KiB


# Workers die, and clients go away.


@on_pool()
async def test_a_worker_killed_from_outside_costs_a_retry_and_fails_none_of_its_queries(pool):
    slow, others = counting(1900, 1900), [counting(1, 2) for _ in range(20)]
    tasks = [asyncio.create_task(check(pool, query)) for query in (slow, *others)]
    await until(lambda: pids(pool, busy=True))
    os.kill(pids(pool)[0], signal.SIGKILL)
    await asyncio.gather(*tasks)
    assert [("queries", "outside")] == pool.diary.losses
    assert {"retried": 1, "answered": 21} == pool.diary.outcomes


@on_pool(size=1)
async def test_a_query_under_which_workers_are_killed_again_and_again_is_given_up(pool):
    task = begin(pool, KILLER)
    for number in range(ATTEMPTS):
        await until(lambda: pids(pool, busy=True))
        os.kill(pids(pool)[0], signal.SIGKILL)
        await until(lambda losses=number + 1: len(pool.diary.losses) == losses)
    with pytest.raises(QueryCrashed, match="ended from outside"):
        await task
    assert ATTEMPTS - 1 == pool.diary.outcomes["retried"]


@on_pool(size=2)
async def test_workers_killed_while_idle_are_replaced_unnoticed(pool):
    for pid in pids(pool):
        os.kill(pid, signal.SIGKILL)
    assert "2000" == await count(pool)
    await until(lambda: (2, 0, 0, 0) == states(pool) and 2 == len(pool.diary.losses))  # each end is noticed by itself
    assert ({"answered": 1}, [("queries", "outside")] * 2) == (pool.diary.outcomes, pool.diary.losses)


@on_pool(size=1, deadline=0.5)
async def test_a_worker_that_was_ended_counts_as_starting_until_another_can_answer(pool):
    with pytest.raises(QueryTimeout):
        await pool.answer(Query(KILLER))
    while not pool._workers:
        assert (0, 0, 1, 0) == states(pool)
        await asyncio.sleep(0.001)
    assert (1, 0, 0, 0) == states(pool)


@pytest.mark.parametrize(
    ("text", "sent", "error"), [(HOARDER, 0, QueryOutOfMemory), (KILLER, signal.SIGSEGV, QueryCrashed)]
)
async def test_only_the_query_that_ends_its_worker_fails(path, text, sent, error):
    charges = []

    async with opened(path, memory=64 << 20) as pool:
        culprit, *others = [
            begin(pool, text, charge=charges.append),
            *(asyncio.create_task(check(pool, counting(1, 2))) for _ in range(3)),
        ]
        await until(lambda: pids(pool, busy=True))
        os.kill(pids(pool)[0], sent)
        await asyncio.gather(*others)
        with pytest.raises(error):
            await culprit
        assert 0.0 < charges[0] == max(charges)


@pytest.mark.parametrize(
    ("broken", "named"), [("raise ValueError(content)", "ValueError\n"), ("open('/etc/hostname')", "'/etc/hostname'")]
)
async def test_a_worker_that_fails_says_why_in_the_log_without_the_text_of_a_query(
    path, caplog, monkeypatch, broken, named
):
    code = f"def unpack_query(content): {broken}"
    start = f"import kg.answer.worker as worker; exec({code!r}, vars(worker)); enter("
    monkeypatch.setattr("kg.process._ENTRY", process._ENTRY.replace("enter(", start))

    async with opened(path) as pool:
        with caplog.at_level(logging.ERROR), pytest.raises(QueryCrashed):
            await pool.answer(Query("SELECT ('secretword' AS ?x) {}"))
    assert named in caplog.text + "\n" and "secretword" not in caplog.text


async def test_a_worker_that_cannot_begin_says_why_in_the_log(path, caplog, monkeypatch):
    monkeypatch.setattr("kg.process._ENTRY", process._ENTRY.replace("enter(", "raise ImportError; enter("))
    with pytest.raises(SourceError, match="No worker could open the store"):
        async with opened(path):
            pass
    assert "ImportError" in caplog.text


def test_a_term_may_be_a_text_of_a_class_that_workers_do_not_load(ask):
    class Text(str):
        """What a row of a page is read into, for example."""

    assert 1 == ask("SELECT ?s { ?s ?p ?o }", bindings={"s": Iri(Text(E + "s7"))}).rows


@on_pool()
async def test_a_query_that_is_cancelled_while_it_waits_costs_no_worker(pool):
    slow = asyncio.create_task(check(pool, counting(1900, 500)))
    await until(lambda: pids(pool, busy=True))
    cancelled, other = begin(pool, KILLER), asyncio.create_task(check(pool, counting(1, 3)))
    await asyncio.sleep(0)
    cancelled.cancel()
    before = pids(pool)
    await asyncio.gather(slow, other)
    assert before == pids(pool)
    assert {"abandoned": 1, "answered": 2} == pool.diary.outcomes


@on_pool(size=2, limits=UNLIMITED)
async def test_a_query_that_nobody_waits_for_is_ended(pool):
    asked = begin(pool, KILLER)
    streamed = await pool.answer(Query(BROKEN), streamed=True)
    async for _ in streamed.pieces():
        break
    streamed.close()
    asked.cancel()
    begun = time.monotonic()
    assert "2000" == await count(pool)
    assert time.monotonic() - begun < 5.0
    assert {"abandoned": 2, "answered": 1} == pool.diary.outcomes


@on_pool(size=2)
async def test_a_pool_watches_its_workers_while_somebody_asks_and_rests_otherwise(pool):
    looks, current = [], pool._board.current
    pool._board.current = lambda slot: looks.append(slot) or current(slot)
    for _ in range(2):  # it wakes again
        await check(pool, counting(1900, 500))
        assert {0, 1} == {*looks}
        await asyncio.sleep(3 * TICK)
        looks.clear()
        await asyncio.sleep(5 * TICK)
        assert [] == looks


async def test_a_store_that_does_not_open_makes_no_pool(tmp_path):
    with pytest.raises(SourceError, match="no readable store"):
        async with opened(tmp_path / "nothing"):
            pass


@on_pool(size=2, deadline=30.0)  # which closes it again
async def test_a_closed_pool_has_no_processes_and_says_so(pool):
    processes = pids(pool)
    tasks = [begin(pool, text) for text in (KILLER, KILLER, COUNT, COUNT)]
    await until(lambda: 2 == pool.counters()["waiting"])
    await close(pool)
    assert {QueryStopped} == {type(end) for end in await asyncio.gather(*tasks, return_exceptions=True)}
    with pytest.raises(QueryStopped, match="closing"):
        await pool.answer(Query(COUNT))
    for pid in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@on_pool(size=2, deadline=20.0)
async def test_long_texts_and_long_answers_asked_at_once_are_not_mixed_up(pool):
    queries = [listing(rows) for rows in (1, 400, 600, 2000, 9000, STREAMED, 600, 500, 400, 1)]
    queries += [(text + " " * length, rows) for length in (50_000, 70_000) for text, rows in [counting(1, 2)] * 6]
    await asyncio.gather(*(check(pool, query) for query in queries))
    assert [] == pool.diary.losses


@on_pool(size=2)
async def test_a_stream_whose_end_is_not_read_yet_is_not_asked_again_when_another_worker_ends(pool):
    stream, begun = pool._stream, []

    def stop_reading(job, description, piece):
        stream(job, description, piece)
        if len(piece) < LONGEST:  # the last message of the first piece: what follows is the end
            pool.loop.remove_reader(pool._ours)
            begun.append(job)

    pool._stream, pool._hear, hear = stop_reading, lambda: begun or hear(), pool._hear
    pool.loop.add_reader(pool._ours, pool._hear)
    text, rows = listing(11_400)  # a piece of a megabyte, and an end of one message
    asked = begin(pool, text, streamed=True)
    await until(lambda: begun and not pids(pool, busy=True))
    other = next(slot for slot in pool._workers if pool._board.ran(slot) > pool._board.ran(1 - slot))
    os.kill(pool._workers[other].pid, signal.SIGKILL)
    await until(lambda: pool.diary.losses)
    pool.loop.add_reader(pool._ours, hear)
    answer = await asked
    assert not isinstance(answer, Serialized) and rows == await read(answer)


@pytest.mark.parametrize("seed", [0, 1, 2])
async def test_each_query_gets_its_own_answer_whatever_happens_to_others(path, seed):
    """Some clients ask short, long and large queries, go away now and then, and workers are killed all the while."""
    draw = random.Random(seed)
    answered, gone = [], []

    def is_enough(pool):  # on a machine that does other things as well it takes longer
        return len(answered) > 100 and len(pool.diary.losses) >= 3 and pool.diary.outcomes["retried"] >= 1

    def choose():
        kind = draw.random()
        if kind < 0.75:
            return counting(draw.randrange(1, 20), draw.randrange(1, 20))
        if kind < 0.85:
            return counting(draw.randrange(1, TRIPLES), draw.randrange(1, 200))
        return listing(draw.choice((1, 200, 300, 400, 1500, 4000, 9000, STREAMED)))

    async def client(pool, end):
        while time.monotonic() < end or not is_enough(pool):
            text, rows = choose()
            asking = asyncio.create_task(check(pool, (text, rows)))
            if draw.random() < 0.1:
                await asyncio.sleep(draw.random() * 0.02)
                asking.cancel()
                gone.append(await asyncio.gather(asking, return_exceptions=True))
            else:
                try:  # an answer that is not its own ends the test, and so does an error
                    await asking
                except QueryCrashed as error:
                    assert len(rows) == STREAMED, error  # a part of it was sent before its worker was killed
                answered.append(1)

    async def killer(pool, end):
        while time.monotonic() < end or not is_enough(pool):
            await asyncio.sleep(0.2 + draw.random() * 0.4)
            for pid in draw.sample(pids(pool), min(1, len(pids(pool)))):
                with contextlib.suppress(ProcessLookupError):  # it ended, and the pool is about to notice
                    os.kill(pid, signal.SIGKILL)

    # No query fails, since few are killed as often as they are asked again, and all have time enough.
    async with opened(path, size=3, deadline=60.0, queue=1000) as pool:
        end = time.monotonic() + 4.0
        await asyncio.gather(killer(pool, end), *(client(pool, end) for _ in range(24)))
        outcomes = pool.diary.outcomes
        assert len(pool.diary.losses) >= 3 and outcomes["retried"] >= 1
        assert not outcomes.keys() - {"answered", "abandoned", "retried", "query-crashed"}
        await until(lambda: (3, 0, 0, 0) == states(pool))
    assert len(answered) > 100 and gone


# What is reported.


async def test_each_query_is_reported_once_with_the_time_it_waited_and_ran(path):
    charges = []

    async with opened(path, deadline=2.0, name="diary") as pool:
        first = begin(pool, KILLER, charge=charges.append)
        await asyncio.sleep(1.2)  # so that the second has time in which another worker starts
        second = begin(pool, "ASK {}", charge=charges.append)
        with pytest.raises(QueryTimeout):
            await first
        await second
        long = await pool.answer(Query(WIDE, "csv"), charge=charges.append, streamed=True)
        assert 2 == len(charges)  # the long one is not over yet
        with pytest.raises(QueryTimeout):
            async for _ in long.pieces():
                pass
        abandoned = begin(pool, KILLER, charge=charges.append)
        await until(lambda: (0, 1, 0, 0) == states(pool))
        await asyncio.sleep(0.3)
        abandoned.cancel()
        await asyncio.gather(abandoned, return_exceptions=True)
    diary = pool.diary
    assert {"query-timeout": 2, "answered": 1, "abandoned": 1} == diary.outcomes
    assert [ran for _, ran in diary.queries] == charges
    (waited, ran), (waited_second, ran_second), (_, ran_long), (_, ran_abandoned) = diary.queries
    assert waited < 0.3 and ran > 1.9
    assert ran_second < 0.7 < waited_second
    assert ran_long > 0.5 and 0.2 < ran_abandoned < 1.5
    assert [("diary", "deadline")] * 2 == diary.losses


# The cage.


async def test_a_worker_reads_a_store_of_many_files(path, tmp_path):
    """The engine opens a few of its files with the store, and the others when a query first needs them."""
    store = tmp_path / "store"
    shutil.copytree(path, store)
    engine = ox.Store(str(store))
    for i in range(4):
        engine.add(ox.Quad(*(ox.NamedNode(f"{E}{name}") for name in (f"new{i}", "p0", f"value{i}", "h"))))
        engine.flush()
    del engine
    assert 16 < len(list(store.glob("*.sst")))
    patterns = ("?s ?p ?o", f"<{E}s7> ?p ?o", f"?s <{E}p3> ?o", '?s ?p "value 2"', f"GRAPH <{E}h> {{ ?s ?p ?o }}")

    async with opened(store) as pool:
        assert [2000, 1, 200, 1, 4] == [(await pool.answer(Query(f"SELECT * {{ {one} }}"))).rows for one in patterns]


def test_a_locked_process_can_open_nothing(path):
    """The engine itself is asked, past every check of ours, to call a server that listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        code = f"""
import socket
from kg.answer.worker import warm
from kg.child import lock
from kg.store import Query, Store
from pathlib import Path
store = Store.open({str(path)!r})
warm(store)
lock(256 << 20, Path({str(path)!r}).glob("*.sst"))
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


@pytest.mark.parametrize("query", [KILLER, COUNT])  # one is at work, one is idle
def test_a_worker_without_a_parent_ends_by_itself(path, query):
    code = f"""
import asyncio, os
from kg.answer.engine import Capacity
from kg.answer.pool import Pool
from kg.store import Query
async def run():
    pool = Pool({str(path)!r}, Capacity(size=1, deadline=1.0))
    await pool.start()
    task = asyncio.create_task(pool.answer(Query({query!r})))
    await asyncio.sleep(0.3)
    print(pool._workers[0].pid, flush=True)
    os._exit(1)
asyncio.run(run())
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)

    def is_gone():
        try:
            with open(f"/proc/{int(done.stdout)}/stat") as file:
                return file.read().split(")")[1].split()[0] == "Z"
        except FileNotFoundError:
            return True

    asyncio.run(until(is_gone, 4.0))

"""Answers kept in memory: within a bound, and worked on once."""

import asyncio

import pytest

from api.cache import LARGEST, OVERHEAD, Kept
from kg.errors import QueryStopped, QueryTimeout


def make(body, *, lasts=True, calls=None):
    """Return a maker that takes a moment and notes each call."""

    async def made():
        if calls is not None:
            calls.append(body)
        await asyncio.sleep(0.01)
        if isinstance(body, Exception):
            raise body
        return (body, "rest"), lasts

    return made


def test_what_was_made_is_kept_and_made_once():
    kept, calls = Kept(100_000), []

    async def twice():
        return [await kept.fetch("key", make(b"one", calls=calls)) for _ in range(2)]

    assert [(b"one", "rest")] * 2 == asyncio.run(twice())
    assert ([b"one"], 1, 1) == (calls, kept.counts["misses"], kept.counts["hits"])


def test_equal_questions_at_once_are_worked_on_once():
    kept, calls = Kept(100_000), []

    async def at_once():
        return await asyncio.gather(*(kept.fetch("key", make(b"one", calls=calls)) for _ in range(20)))

    assert [(b"one", "rest")] * 20 == asyncio.run(at_once())
    assert ([b"one"], 19) == (calls, kept.counts["shared"])


def test_what_may_differ_when_asked_again_is_neither_kept_nor_shared():
    kept, calls = Kept(100_000), []

    async def at_once():
        return await asyncio.gather(*(kept.fetch("key", make(b"one", lasts=False, calls=calls)) for _ in range(3)))

    asyncio.run(at_once())
    assert (3, 0) == (len(calls), len(kept))


def test_an_error_is_told_to_all_who_asked_and_not_kept():
    kept, calls = Kept(100_000), []

    async def at_once():
        fetches = (kept.fetch("key", make(QueryTimeout("late"), calls=calls)) for _ in range(3))
        return await asyncio.gather(*fetches, return_exceptions=True)

    assert ["late"] * 3 == [error.message for error in asyncio.run(at_once())]
    assert (1, 0) == (len(calls), len(kept))
    assert b"one" == asyncio.run(kept.fetch("key", make(b"one")))[0]


def test_when_the_first_to_ask_goes_away_the_others_are_told():
    kept = Kept(100_000)

    async def first_leaves():
        first = asyncio.create_task(kept.fetch("key", make(b"one")))
        await asyncio.sleep(0)
        second = asyncio.create_task(kept.fetch("key", make(b"one")))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(QueryStopped, match="given up"):
            await second

    asyncio.run(first_leaves())


def test_the_least_used_is_forgotten_first_and_the_bound_holds():
    kept = Kept(16 * (OVERHEAD + 100))
    for number in range(40):
        kept.keep(number, b"x" * 100, None)
        kept.find(0)
    assert kept.find(0) and kept.find(39) and not kept.find(1)
    assert 16 == len(kept) and kept.size <= kept.limit


def test_an_answer_that_would_take_much_of_the_room_is_not_kept():
    kept = Kept(8000)
    kept.keep("large", b"x" * (8000 // LARGEST - OVERHEAD + 1), None)
    kept.keep("fits", b"x" * (8000 // LARGEST - OVERHEAD), None)
    assert (None, 1) == (kept.find("large"), len(kept))

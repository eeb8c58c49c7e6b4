"""The cache of answers: bounded, and each answer computed once."""

import asyncio

from kg.answer.cache import LARGEST, OVERHEAD, Cache, CachedBody
from kg.errors import QueryTimeout


def make(body, *, lasts=True, calls=None):
    """Return a maker that takes a moment and notes each call."""

    async def made():
        if calls is not None:
            calls.append(body)
        await asyncio.sleep(0.01)
        if isinstance(body, Exception):
            raise body
        return CachedBody(body, "rest", lasts)

    return made


def test_what_was_made_is_cached_and_made_once():
    cache, calls = Cache(100_000), []

    async def twice():
        return [await cache.find("key", make(b"one", calls=calls)) for _ in range(2)]

    assert [(b"one", "rest", True)] * 2 == asyncio.run(twice())
    assert ([b"one"], 1, 1) == (calls, cache.counts["misses"], cache.counts["hits"])


def test_equal_questions_at_once_are_worked_on_once():
    cache, calls = Cache(100_000), []

    async def at_once():
        return await asyncio.gather(*(cache.find("key", make(b"one", calls=calls)) for _ in range(20)))

    assert [(b"one", "rest", True)] * 20 == asyncio.run(at_once())
    assert ([b"one"], 19) == (calls, cache.counts["shared"])


def test_what_may_differ_when_asked_again_is_neither_cached_nor_shared():
    cache, calls = Cache(100_000), []

    async def at_once():
        return await asyncio.gather(*(cache.find("key", make(b"one", lasts=False, calls=calls)) for _ in range(3)))

    asyncio.run(at_once())
    assert (3, 0) == (len(calls), len(cache))


def test_an_error_is_told_to_all_who_asked_and_not_cached():
    cache, calls = Cache(100_000), []

    async def at_once():
        fetches = (cache.find("key", make(QueryTimeout("late"), calls=calls)) for _ in range(3))
        return await asyncio.gather(*fetches, return_exceptions=True)

    assert ["late"] * 3 == [error.message for error in asyncio.run(at_once())]
    assert (1, 0) == (len(calls), len(cache))
    assert b"one" == asyncio.run(cache.find("key", make(b"one")))[0]


def test_when_the_first_to_ask_goes_away_the_others_are_answered():
    cache, calls = Cache(100_000), []

    async def first_leaves():
        first = asyncio.create_task(cache.find("key", make(b"one", calls=calls)))
        await asyncio.sleep(0)
        second = asyncio.create_task(cache.find("key", make(b"one", calls=calls)))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert b"one" == asyncio.run(first_leaves()).body
    assert [b"one"] == calls


def test_the_least_used_is_forgotten_first_and_the_bound_holds():
    cache = Cache(16 * (OVERHEAD + 100))
    for number in range(40):
        cache.store(number, CachedBody(b"x" * 100))
        cache.stored(0)
    assert cache.stored(0) and cache.stored(39) and not cache.stored(1)
    assert 16 == len(cache) and cache.size <= cache.limit


def test_an_answer_that_would_take_much_of_the_room_is_not_cached():
    cache = Cache(8000)
    cache.store("large", CachedBody(b"x" * (8000 // LARGEST - OVERHEAD + 1)))
    cache.store("fits", CachedBody(b"x" * (8000 // LARGEST - OVERHEAD)))
    assert (None, 1) == (cache.stored("large"), len(cache))

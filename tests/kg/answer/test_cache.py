"""The cache of answers: bounded, and each answer computed once."""

import asyncio

from kg.answer.cache import LARGEST, OVERHEAD, Cache, CachedBody
from kg.errors import QueryTimeout

ONE = CachedBody(b"one", "rest")


def make(body, calls):
    """Return a maker that takes a moment and notes each call."""

    async def work():
        calls.append(body)
        await asyncio.sleep(0.01)
        if isinstance(body, Exception):
            raise body
        return body

    return work


async def find(cache, times, body):
    """Ask for one key so many times at once; the answers or errors, and how often it was worked out."""
    calls = []
    finds = (cache.find("key", make(body, calls)) for _ in range(times))
    return await asyncio.gather(*finds, return_exceptions=True), len(calls)


async def test_what_was_made_is_cached_and_made_once():
    cache = Cache(100_000)
    assert [([ONE], 1), ([ONE], 0)] == [await find(cache, 1, ONE) for _ in range(2)]
    assert {"misses": 1, "hits": 1, "shared": 0} == cache.counts
    cache = Cache(100_000)
    assert ([ONE] * 20, 1) == await find(cache, 20, ONE)  # at once
    assert {"misses": 1, "shared": 19} == cache.counts


async def test_what_may_differ_when_asked_again_is_neither_cached_nor_shared():
    cache, volatile = Cache(100_000), CachedBody(b"one", lasts=False)
    assert (([volatile] * 3, 3), 0) == (await find(cache, 3, volatile), len(cache))


async def test_an_error_is_told_to_all_who_asked_and_not_cached():
    cache, late = Cache(100_000), QueryTimeout("late")
    assert (([late] * 3, 1), 0) == (await find(cache, 3, late), len(cache))
    assert ([ONE], 1) == await find(cache, 1, ONE)


async def test_when_the_first_to_ask_goes_away_the_others_are_answered():
    cache, calls = Cache(100_000), []
    first = asyncio.create_task(cache.find("key", make(ONE, calls)))
    await asyncio.sleep(0)
    second = asyncio.create_task(cache.find("key", make(ONE, calls)))
    await asyncio.sleep(0)
    first.cancel()
    assert b"one" == (await second).body
    assert [ONE] == calls


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

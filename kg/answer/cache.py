"""Caches of what one release answers. A release never changes, so no entry expires.

Who asks for a value while it is worked out waits for it. An error is never stored.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NamedTuple

OVERHEAD = 512  # bytes that an answer takes beside its body, roughly
LARGEST = 8  # an answer larger than this part of the limit is not stored


class SingleFlight:
    """Values by key, for use on one event loop; each is worked out once."""

    def __init__(self) -> None:
        self._values: OrderedDict[Any, Any] = OrderedDict()
        self._pending: dict[Any, asyncio.Task[Any]] = {}

    def stored(self, key: Any) -> Any:
        """Return the value of a key that was worked out already, else None."""
        return self._values.get(key)

    def store(self, key: Any, value: Any) -> None:
        """Store the value of a key."""
        self._values[key] = value

    async def find(self, key: Any, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Return the value of a key, which `make` works out the first time; raises what `make` raises."""
        if key in self._values:
            return self._values[key]
        if key not in self._pending:
            self._pending[key] = asyncio.create_task(make())
            self._pending[key].add_done_callback(partial(self._finish, key))
        return await asyncio.shield(self._pending[key])  # who goes away does not end it for the others

    def _finish(self, key: Any, done: asyncio.Task[Any]) -> None:
        del self._pending[key]
        if not done.cancelled() and done.exception() is None:
            self.store(key, done.result())


class CachedBody(NamedTuple):
    """The body of an answer, and what its headers are made of; one that does not last may differ the next time."""

    body: bytes
    rest: Any = None
    lasts: bool = True


class Cache(SingleFlight):
    """Bodies of answers by key, of `limit` bytes in all: the one that was not used for longest goes first."""

    def __init__(self, limit: int, counts: Counter[str] | None = None) -> None:
        super().__init__()
        self.limit, self.size = limit, 0
        self.counts: Counter[str] = Counter() if counts is None else counts  # lookups by result

    def __len__(self) -> int:
        return len(self._values)

    def stored(self, key: Any) -> CachedBody | None:
        """Return the answer stored under a key, or None."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def store(self, key: Any, value: CachedBody) -> None:
        """Store an answer, unless it is too large or does not last."""
        size = len(value.body) + OVERHEAD
        if not value.lasts or size > self.limit // LARGEST or key in self._values:
            return
        self._values[key] = value
        self.size += size
        while self.size > self.limit:
            self.size -= len(self._values.popitem(last=False)[1].body) + OVERHEAD

    async def find(self, key: Any, make: Callable[[], Coroutine[Any, Any, CachedBody]]) -> CachedBody:
        """Return the stored answer, else the one that `make` works out. One that does not last is not shared with those who wait."""
        if answer := self.stored(key):
            self.counts["hits"] += 1
            return answer
        waits = key in self._pending
        self.counts["misses"] += not waits
        answer = await super().find(key, make)
        self.counts["shared"] += waits and answer.lasts
        return answer if answer.lasts or not waits else await make()

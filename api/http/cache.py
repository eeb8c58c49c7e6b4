"""Cache of answers. It holds those of one release, which never change, so no entry expires.

Its size in bytes is bounded; the entry that was not used for longest goes first. Equal requests that come at once are
answered by one computation. An error is never cached, nor an answer that may differ the next time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from kg.errors import AnswerableError, QueryStopped

Answer = tuple[bytes, Any]  # a body, and what its headers are made of
OVERHEAD = 512  # bytes that an entry takes beside its body, roughly
LARGEST = 8  # an answer larger than this part of the limit is not cached


class Cache:
    """Answers by key, for use on one event loop; `limit` is in bytes."""

    def __init__(self, limit: int, counts: Counter[str] | None = None) -> None:
        self.limit = limit
        self.size = 0
        self.counts: Counter[str] = Counter() if counts is None else counts  # lookups by result
        self._answers: OrderedDict[Any, Answer] = OrderedDict()
        self._pending: dict[Any, asyncio.Future[Answer | None]] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: Any) -> Answer | None:
        """Return the answer stored under a key, or None."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def store(self, key: Any, body: bytes, rest: Any) -> None:
        """Store an answer, unless it is too large."""
        size = len(body) + OVERHEAD
        if size > self.limit // LARGEST or key in self._answers:
            return
        self._answers[key] = (body, rest)
        self.size += size
        while self.size > self.limit:
            self.size -= len(self._answers.popitem(last=False)[1][0]) + OVERHEAD

    async def fetch(self, key: Any, make: Callable[[], Awaitable[tuple[Answer, bool]]]) -> Answer:
        """Return the stored answer, else the one that `make` returns together with whether it may be stored and shared.

        A request for an answer that is being made waits for it; if that answer cannot be shared, it makes its own.
        """
        if stored := self.find(key):
            self.counts["hits"] += 1
            return stored
        if key in self._pending:
            shared = await asyncio.shield(self._pending[key])
            self.counts["shared"] += shared is not None
            return shared or (await make())[0]
        self.counts["misses"] += 1
        self._pending[key] = future = asyncio.get_running_loop().create_future()
        try:
            answer, lasts = await make()
            future.set_result(answer if lasts else None)
        except AnswerableError as error:
            future.set_exception(error)  # every request that waits for this answer fails in the same way
            raise
        finally:
            del self._pending[key]
            if not future.done():
                future.set_exception(QueryStopped("The query was cancelled", hint="Ask again"))
            future.exception()  # marks the exception as seen when no request waits
        if lasts:
            self.store(key, *answer)
        return answer

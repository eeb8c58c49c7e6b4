"""Answers kept in memory: those of one release, which never changes, so that none goes stale.

Promises a bound in bytes, the least used forgotten first, and that equal questions asked at once are worked on once. Never
keeps an error, nor what may differ when it is asked again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from kg.errors import AnswerableError, QueryStopped

Answer = tuple[bytes, Any]  # a body, and what its headers are made of
OVERHEAD = 512  # bytes that an entry takes beside its body, roughly
LARGEST = 8  # an answer that alone would take more than this part of the room is not kept


class Kept:
    """A memory of answers by key, for use on one event loop."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.counts: Counter[str] = Counter()  # hits, misses, shared (with one that was being made)
        self.seen: set[int] = set()  # hashes of what was asked once, for those who keep only what is asked again
        self._answers: OrderedDict[Any, Answer] = OrderedDict()
        self._making: dict[Any, asyncio.Future[Answer | None]] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: Any) -> Answer | None:
        """Return what was kept under a key, or None."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def keep(self, key: Any, body: bytes, rest: Any) -> None:
        """Keep an answer, unless it is too large a part of the room."""
        size = len(body) + OVERHEAD
        if size > self.limit // LARGEST or key in self._answers:
            return
        self._answers[key] = (body, rest)
        self.size += size
        while self.size > self.limit:
            self.size -= len(self._answers.popitem(last=False)[1][0]) + OVERHEAD

    async def fetch(self, key: Any, make: Callable[[], Awaitable[tuple[Answer, bool]]]) -> Answer:
        """Return what was kept, else what `make` makes: an answer, and whether it may be kept and shared.

        Who asks for what is being made waits for it; if it turns out that it cannot be shared, each makes its own.
        """
        found = self.find(key)
        if found is not None:
            self.counts["hits"] += 1
            return found
        making = self._making.get(key)
        if making is not None:
            shared = await asyncio.shield(making)
            if shared is not None:
                self.counts["shared"] += 1
                return shared
            return (await make())[0]
        self.counts["misses"] += 1
        self._making[key] = future = asyncio.get_running_loop().create_future()
        try:
            answer, lasts = await make()
            future.set_result(answer if lasts else None)
        except AnswerableError as error:
            future.set_exception(error)  # an error of the one who asked first is an error of all who asked the same
            raise
        finally:
            del self._making[key]
            if not future.done():
                future.set_exception(QueryStopped("The query was given up", hint="Ask again"))
            future.exception()  # nobody may be waiting, and then nobody need be told
        if lasts:
            self.keep(key, *answer)
        return answer

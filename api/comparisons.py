"""How releases differ, each pair compared once while the server runs, and forgotten when one of them is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from kg.answer.questions import Once
from kg.changes import Changes, bounds_apart, compare_apart, forget_dumps
from kg.release import Release

AT_ONCE = 2  # comparisons that run beside each other


class Comparisons:
    """Comparisons of releases that are worked out in processes of their own."""

    def __init__(self) -> None:
        self._once: dict[tuple[Release, ...], Once] = {}  # by the releases that were compared
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def compare(self, old: Release, new: Release) -> Changes:
        """Tell what changed from one release to the other. Raises QueryStopped."""
        return await self._find("changes", compare_apart, old, new)

    async def bounds(self, old: Release | None, new: Release) -> list[bytes]:
        """List the subjects with which the pages of versions begin. Raises QueryStopped."""
        return [subject.encode() for subject in await self._find("bounds", bounds_apart, old, new)]

    async def _find(self, task: str, work: Callable[..., Any], *releases: Release | None) -> Any:
        here = tuple(one for one in releases if one is not None)
        key = (task, *(one and one.sha256 for one in releases))

        def make() -> Coroutine[Any, Any, Any]:
            return self._make(partial(work, *releases))

        return await self._once.setdefault(here, Once()).find(key, make)

    async def _make(self, work: Callable[[], Any]) -> Any:
        async with self._slots:
            return await asyncio.to_thread(work)

    def drop_removed(self) -> None:
        """Forget all that was made of releases that have been removed."""
        for here in list(self._once):
            if any(one.is_removed for one in here):
                self._once.pop(here, None)
                forget_dumps()

"""What the engines have in common: the interface in which one answers, and two errors.

Promises nothing itself: kg.pool and kg.remotepool answer. Whoever needs an engine and not a certain one names this.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from kg.answer.listener import Charge
from kg.errors import Busy, QueryStopped
from kg.store.results import Serialized


class Answering(Protocol):
    """Answers queries of one release, many at a time, each under a deadline; use it from any thread or from asyncio."""

    name: str
    deadline: float
    size: int  # queries answered at the same time
    queue: int  # queries that may wait

    @property
    def path(self) -> Path:
        """The folder that is answered from."""

    def answer(
        self,
        text: str,
        format: str | Mapping[str, str],
        *,
        bindings: Mapping[str, Any] | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Serialized:
        """Answer a query whole or raise an error; blocks until the deadline at most."""

    async def run(
        self,
        text: str,
        format: str | Mapping[str, str],
        *,
        bindings: Mapping[str, Any] | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        charge: Charge | None = None,
    ) -> Serialized:
        """Answer a query as `answer` does, without blocking the event loop."""

    async def stream(
        self,
        text: str,
        format: str | Mapping[str, str],
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        charge: Charge | None = None,
    ) -> Any:
        """Answer as `run` does, or piece by piece where a long answer can be had so."""

    def reload(self, path: Path | str) -> None:
        """Answer from another folder from now on, or raise an error and change nothing."""

    def counters(self) -> dict[str, Any]:
        """Count outcomes and kills, and say how much is idle and how many queries wait."""

    def mend(self) -> None:
        """Replace free workers that somebody ended."""

    def close(self) -> None:
        """Take no more queries; may be called twice."""


def busy(deadline: float) -> Busy:
    """Make the error for one query more than may wait, or one that waited until its deadline, in seconds."""
    return Busy("Too many queries are waiting", retry_after=max(1, math.ceil(deadline / 2)), hint="Try again shortly")


def closing() -> QueryStopped:
    """Make the error for a query that comes when no more are taken."""
    return QueryStopped("The server is closing", hint="Try again shortly")

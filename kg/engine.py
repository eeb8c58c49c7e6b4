"""What the engines have in common: the interface in which one answers, the one in which one takes a release, two errors.

Promises nothing itself: kg.pool and kg.remotepool answer, kg.store and kg.holding take. Whoever needs an engine and not a
certain one names these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from kg.errors import Busy, QueryStopped
from kg.output import Serialized
from kg.watch import Charge


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


class Staging(Protocol):
    """Takes a release from what is stated to what follows; in every other way like kg.store.Store."""

    def load(self, data: bytes | Path, *, format: str, graph: str | None, source: str) -> None:
        """Parse a file into a graph."""

    def copy_named_into_default(self) -> None:
        """Make the default graph the merge of all named graphs, each triple once."""

    def update(self, text: str) -> None:
        """Run a rule."""

    def count(self, graph: str | None = None) -> int:
        """Count the triples of a graph; of the default graph when None."""

    def graphs(self) -> list[str]:
        """List the IRIs of the named graphs."""

    def query(self, text: str, *, union: bool = False) -> Any:
        """Ask for the build, without limits; the rows of a SELECT have `variables`. With `union`, ask all named graphs."""

    def settle(self, derive: Callable[[Any], object]) -> None:
        """End the deriving: make sure that the engine holds what `derive` makes of the same in a store here."""

    def finish(self, folder: Path) -> None:
        """Make the release in a folder the one that the engine holds."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *error: object) -> None:
        """End; after an error, take back what was put into the engine."""


class Depot(Protocol):
    """An engine that releases are put into."""

    server: str  # what it calls itself

    def holds(self, folder: Path) -> bool:
        """Say whether it holds the release in a folder."""

    def stage(self, release: str) -> Staging:
        """Begin to put a release into it."""


def busy(deadline: float) -> Busy:
    """Make the error for one query more than may wait, or one that waited until its deadline, in seconds."""
    return Busy("Too many queries are waiting", retry_after=max(1, math.ceil(deadline / 2)), hint="Try again shortly")


def closing() -> QueryStopped:
    """Make the error for a query that comes when no more are taken."""
    return QueryStopped("The server is closing", hint="Try again shortly")

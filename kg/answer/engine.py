"""The interface in which a release is asked, who listens to it, what an engine takes on, and a store in this process as one."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kg.config import Settings
from kg.errors import Busy, QueryStopped
from kg.sparql.header import is_given_values_first
from kg.store import LIMITS, Limits, Query, Serialized, Store
from kg.terms import Term
from kg.wording import say

AT_ONCE = 400  # IRIs in one query; its text stays below the limit of a query
Charge = Callable[[float], None]  # called once a query with the seconds that workers ran for it, however it ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What an engine takes on: queries answered and waiting at the same time, and what each of them may take.

    `deadline` is in seconds and counts from the question, waiting included; `memory` is in bytes, for each worker process.
    """

    name: str = "queries"  # in metrics and in the log
    size: int = Settings.workers
    queue: int = Settings.queue
    deadline: float = Settings.deadline
    memory: int = Settings.memory
    limits: Limits = LIMITS


CAPACITY = Capacity()


class Engine(Protocol):
    """Answers queries of one release, each under a deadline, on one event loop."""

    name: str
    size: int  # queries answered at the same time

    async def start(self) -> None:
        """Get ready to answer. Raises SourceError or EngineFailed."""

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Any:
        """Answer a query whole (Serialized) or raise an error; with `streamed`, a long answer may come as Streamed.

        Raises what `Store.answer` raises, Busy when too many wait, and QueryStopped when the query was ended.
        """

    def counters(self) -> dict[str, Any]:
        """Count outcomes and kills, and say how much is idle and how many queries wait."""

    def close(self) -> None:
        """Take no more queries and end those that run; may be called twice."""

    async def wait_closed(self) -> None:
        """Wait until everything is let go of."""


class Listener:
    """Hears what engines do, and does nothing; subclasses count."""

    def __init__(self) -> None:
        self.lookups: Counter[str] = Counter()  # in the caches of answers of all releases, by result

    def query_ended(self, pool: str, outcome: str, waited: float, ran: float) -> None:
        """Hear of a query's end: `answered`, `abandoned` by who asked, or the slug of its error; seconds waited and run."""

    def query_retried(self, pool: str) -> None:
        """Hear that a query is asked again, since somebody else ended its worker."""

    def worker_ended(self, pool: str, reason: str) -> None:
        """Hear that a worker is lost: deadline, memory, outside or crash."""

    def release_switched(self, outcome: str) -> None:
        """Hear that another release came: `done` where it answers now, `failed` where it cannot."""


class InProcess:
    """A store in this process as an engine, for the command line: one query at a time, without a deadline."""

    name, size = "queries", 1

    def __init__(self, store: Store, limits: Limits = LIMITS) -> None:
        self._store, self._limits = store, limits

    async def start(self) -> None:
        """Do nothing: the store is open."""

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Serialized:
        """Answer a query whole, in this thread."""
        return self._store.answer(query, self._limits)

    def counters(self) -> dict[str, Any]:
        """Count nothing."""
        return {}

    def close(self) -> None:
        """Do nothing: who opened the store closes it."""

    async def wait_closed(self) -> None:
        """Do nothing."""


def busy(deadline: float) -> Busy:
    """Make the error for one query more than may wait, or one that waited until its deadline, in seconds."""
    return Busy(
        say("Too many queries are waiting"), retry_after=max(1, math.ceil(deadline / 2)), hint=say("Try again shortly")
    )


def closing() -> QueryStopped:
    """Make the error for a query that comes when no more are taken."""
    return QueryStopped(say("The server is closing"), hint=say("Try again shortly"))


async def ask_rows(engine: Engine, text: str, bindings: Mapping[str, Term] | None = None) -> list[dict[str, Any]]:
    """Ask the text of a query; its rows, each a mapping from variables to terms in SPARQL's JSON form."""
    query = Query(text, "json", bindings or {}, values_first=bool(bindings) and is_given_values_first(text))
    answer = await engine.answer(query)
    return json.loads(answer.body)["results"]["bindings"]


async def ask_about(
    engine: Engine, text: str, things: Iterable[str], bindings: Mapping[str, Term] | None = None
) -> list[dict[str, str]]:
    """Ask the text of a query about things, so many at a time, in the place of its empty `VALUES ?thing {}`; its rows as texts."""
    rows, ordered = [], sorted(set(things))
    for start in range(0, len(ordered), AT_ONCE):
        listed = " ".join(f"<{iri}>" for iri in ordered[start : start + AT_ONCE])
        part = text.replace("VALUES ?thing {}", f"VALUES ?thing {{ {listed} }}")
        rows += await ask_rows(engine, part, bindings)
    return [{name: term["value"] for name, term in row.items()} for row in rows]

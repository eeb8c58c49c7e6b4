"""The interface in which a release is asked: what an engine takes on, a query on its way through it, and who listens to it."""

import asyncio
import json
import math
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kg.answer.cache import Cache, CachedBody
from kg.answer.turns import Turn, Turns
from kg.config import Settings
from kg.errors import AnswerableError, Busy, QueryStopped
from kg.sparql.question import Question
from kg.store import LIMITS, Limits, Query, Serialized, Store
from kg.terms import Term
from kg.wording import say

LONG = 1 << 18  # bytes of rows that are read in a thread, so that no other request waits for them
MOST_ROWS = 1_000_000  # of all things of a kind, which no request can make more of
AT_ONCE = 400  # IRIs in one query; its text stays below the limit of a query
Charge = Callable[[float], None]  # called once a query with the seconds that workers ran for it, however it ended


class Payer(NamedTuple):
    """Who sent a request: a name that tells one client from another, and what takes seconds of workers and threads from it."""

    client: bytes | None
    charge: Charge


NOBODY = Payer(None, lambda seconds: None)  # pays for work that no request asked for
PAYER: ContextVar[Payer] = ContextVar("payer", default=NOBODY)  # of the request that is worked on, whatever its route


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What an engine takes on: queries answered and waiting at the same time, and what each of them may take.

    `deadline` is in seconds and counts from the question, waiting included; `memory` is in bytes, for each worker process.
    `niceness` (0 to 19) lets other processes go first when the processors are short. `cache` is in bytes, of rows of queries with
    bindings: those of a page or a question are the same in every language, format and order.
    """

    name: str = "queries"  # in metrics and in the log
    size: int = Settings.workers
    queue: int = Settings.queue
    deadline: float = Settings.deadline
    memory: int = Settings.memory
    limits: Limits = LIMITS
    niceness: int = 0
    cache: int = 0

    @classmethod
    def for_queries(cls, settings: Settings) -> "Capacity":
        """Return what the settings allow for queries from outside."""
        limits = Limits(settings.max_rows, settings.max_bytes, settings.max_query, settings.max_depth)
        return cls(
            size=settings.workers,
            queue=settings.queue,
            deadline=settings.deadline,
            memory=settings.memory,
            limits=limits,
        )


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


class Job:
    """A query on its way: when it arrived and must be over, the seconds that it ran, and the future of whoever waits for it."""

    def __init__(self, seconds: float, charge: Charge | None) -> None:
        payer = PAYER.get()
        self.client = payer.client
        self.charges = [payer.charge] if charge is None else [charge, payer.charge]
        self.arrived = time.monotonic()
        self.end = self.arrived + seconds
        self.ran = 0.0
        self.content = b""  # as a worker gets it
        self.number = 0
        self.attempts = 0  # that ended with a worker which something outside ended
        self.parts: list[bytes] = []  # of its answer
        self.answer: asyncio.Future[Serialized | Streamed] = asyncio.get_running_loop().create_future()
        self.turn: Turn
        self.stream: Streamed | None = None

    def fail(self, error: AnswerableError) -> None:
        """Give an error to whoever waits, or end the stream in it."""
        if self.stream is not None:
            self.stream.finish(error.slug, error)
        elif not self.answer.done():
            self.answer.set_exception(error)

    def succeed(self, answer: "Serialized | Streamed") -> None:
        """Give the answer to whoever waits."""
        if not self.answer.done():
            self.answer.set_result(answer)


class Streamed:
    """A long answer while it is computed: `kind`, `media_type`, and `pieces`, which raises an error where the answer is cut.

    The worker is read as fast as it writes, so that a slow client does not occupy it. `on_end` is called once with the outcome.
    """

    def __init__(self, kind: str, media_type: str, on_end: Callable[[str], None]) -> None:
        self.kind, self.media_type = kind, media_type
        self._on_end, self._is_over = on_end, False
        self._pieces: asyncio.Queue[bytes | AnswerableError | None] = asyncio.Queue()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the answer piece by piece; raises QueryStopped when it cannot be had whole."""
        try:
            while (piece := await self._pieces.get()) is not None:
                if isinstance(piece, AnswerableError):
                    raise piece
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """End the query, if it still runs."""
        self.finish("abandoned")

    def put(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.put_nowait(piece)

    def finish(self, outcome: str, error: AnswerableError | None = None) -> None:
        """End the answer, in an error if it is cut."""
        if not self._is_over:
            self._is_over = True
            self._pieces.put_nowait(error)
            self._on_end(outcome)


class Engine(ABC):
    """Answers queries of one release on one event loop."""

    @abstractmethod
    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Any:
        """Answer a query whole (Serialized) or raise an error; with `streamed`, a long answer may come as Streamed.

        Raises what `Store.answer` raises, Busy when too many wait, and QueryStopped when the query was ended. `charge` is
        called with the seconds that the query ran.
        """


class InProcess(Engine):
    """A store in this process, for the command line: one query at a time, without a deadline."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Serialized:
        """Answer a query whole, in this thread."""
        return self._store.answer(query)


class BoundedEngine(Engine):
    """An engine that takes on what its capacity allows: `start` it, and `close` it. Its listener hears how each query ends."""

    ahead = 1  # queries that are let in for each that can run

    def __init__(self, capacity: Capacity, listener: Listener | None = None) -> None:
        self.capacity = capacity
        self._listener = listener or Listener()
        self._turns = Turns(self._count_ready, capacity.queue, self._busy, self.ahead)
        self._is_closed = False
        self.forget()

    async def start(self) -> None:
        """Get ready to answer. Raises SourceError or EngineFailed."""

    async def compare(self, asked: Mapping[str, Question], root: Path) -> None:
        """Compare its answers to the questions of a release and to the queries of a project with those of a store, if it is none."""

    def forget(self) -> None:
        """Forget the rows in the cache."""
        self.rows = Cache(self.capacity.cache)

    async def answer(self, query: Query, *, streamed: bool = False, charge: Charge | None = None) -> Any:
        """Answer a query from the cache, else by its deadline, or raise an error that says why not."""
        if self._is_closed:
            raise closing()
        if not (self.capacity.cache and query.bindings and query.format == "json"):
            return await self._answer(query, streamed, charge)

        async def ask() -> CachedBody:
            answer = await self._answer(query, False, charge)
            return CachedBody(answer.body, answer, not answer.volatile)

        key = query.text, query.max_rows, frozenset(query.bindings.items())
        return (await self.rows.find(key, ask)).rest

    async def _answer(self, query: Query, streamed: bool, charge: Charge | None) -> Any:
        job, outcome = Job(self.capacity.deadline, charge), "abandoned"
        job.turn = self._turns.take(job.client)
        try:
            await self._turns.wait(job.turn, job.end - time.monotonic())
            answer = await self._run(job, query, streamed)
            outcome = "" if isinstance(answer, Streamed) else "answered"  # a stream reports its own end
            return answer
        except AnswerableError as error:
            outcome = error.slug
            raise
        finally:
            if outcome:
                self._finish(job, outcome)

    def counters(self) -> dict[str, int]:
        """Count the workers by what they do, and the queries that wait."""
        ready, inside = self._count_ready(), len(self._turns)
        busy = min(inside, ready)
        return {
            "size": self.capacity.size,
            "idle": ready - busy,
            "busy": busy,
            "starting": self._count_starting(),
            "waiting": inside - busy,
        }

    def close(self) -> None:
        """Take no more queries and end those that run; may be called twice."""
        self._is_closed = True
        self._turns.refuse_all(closing())

    async def wait_closed(self) -> None:
        """Wait until everything is let go of."""

    @abstractmethod
    async def _run(self, job: Job, query: Query, streamed: bool) -> Serialized | Streamed:
        """Answer a query that was let in."""

    @abstractmethod
    def _count_ready(self) -> int:
        """Count the queries that can run at this moment."""

    def _count_starting(self) -> int:
        """Count the workers that are being started."""
        return 0

    def _busy(self) -> Busy:
        retry_after = max(1, math.ceil(self.capacity.deadline / 2))
        return Busy(say("Too many queries are waiting"), retry_after=retry_after, hint=say("Try again shortly"))

    def _finish(self, job: Job, outcome: str) -> None:
        self._turns.leave(job.turn, job.ran)
        waited = time.monotonic() - job.arrived - job.ran
        self._listener.query_ended(self.capacity.name, outcome, max(waited, 0.0), job.ran)
        for charge in job.charges:
            charge(job.ran)


def closing() -> QueryStopped:
    """Make the error for a query that comes when no more are taken."""
    return QueryStopped(say("The server is closing"), hint=say("Try again shortly"))


async def ask_rows(engine: Engine, text: str, bindings: Mapping[str, Term] | None = None) -> list[dict[str, Any]]:
    """Ask the text of a query; its rows, each a mapping from variables to terms in SPARQL's JSON form."""
    answer = await engine.answer(Query(text, "json", bindings or {}))
    document = await asyncio.to_thread(json.loads, answer.body) if len(answer.body) > LONG else json.loads(answer.body)
    return document["results"]["bindings"]


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

"""A pool of worker processes that read one store, each query under a deadline and a memory limit.

A query comes back whole or as one error that says why not; a stream that is cut ends in an error. No text of a query is logged.
"""

import asyncio
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from kg import terms
from kg.answer.engine import CAPACITY, Capacity, Charge, Clock, Listener, busy, closing
from kg.answer.worker import BEGIN, END, Ended, Reply, Worker
from kg.errors import AnswerableError, Busy, QueryCrashed, QueryOutOfMemory, QueryTimeout
from kg.store import Query, Serialized

ATTEMPTS = 4  # times that a query is asked when something outside kills its worker each time


class Pool:
    """Workers on one store; use it from any thread or from asyncio, and close it."""

    def __init__(
        self, path: Path | str, capacity: Capacity = CAPACITY, *, niceness: int = 0, listener: Listener | None = None
    ) -> None:
        """Start the workers; `niceness` (0 to 19) lets other processes go first when the processors are short."""
        self.name, self.size, self.path = capacity.name, capacity.size, Path(path).resolve()
        self._deadline, self._queue, self._memory = capacity.deadline, capacity.queue, capacity.memory
        self._limits, self._niceness = asdict(capacity.limits), niceness
        self._listener = listener or Listener()
        self._lock = threading.Lock()
        self._all: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker | None]] = (
            deque()
        )  # each is given a worker, or None for none to come
        self._closed = False
        self._outcomes: Counter[str] = Counter()
        self._kills: Counter[str] = Counter()
        self._idle: deque[Worker] = deque(self._start(self.size))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def answer(
        self, query: Query, *, streamed: bool = False, charge: Charge | None = None
    ) -> "Serialized | Streamed":
        """Answer a query as `Store.answer` does, in a worker; with `streamed`, a long answer comes while it is made.

        Raises what `Store.answer` raises, and Busy (too many wait), QueryTimeout, QueryOutOfMemory and QueryCrashed.
        `charge` is told the seconds that workers ran for it.
        """
        request: dict[str, Any] = {"text": query.text, "format": query.format}
        if query.bindings:
            request["bindings"] = {name: terms.to_json(term) for name, term in query.bindings.items()}
        if query.default_graphs or query.named_graphs:
            request |= {"default_graphs": query.default_graphs, "named_graphs": query.named_graphs}
        if streamed:
            request["streamed"] = True
        end = time.monotonic() + self._deadline
        clock, outcome = Clock(charge), "abandoned"
        try:
            for attempt in range(ATTEMPTS):
                if attempt:
                    self._count("retried")
                    self._listener.query_retried(self.name)
                with suppress(_Interrupted):
                    answer = await self._try(request, end, clock)
                    outcome = "answered" if isinstance(answer, Serialized) else None
                    return answer
            raise QueryCrashed(f"{ATTEMPTS} workers in turn were ended from outside", hint="Try again")
        except AnswerableError as error:
            outcome = error.slug
            raise
        finally:
            if outcome is not None:  # of a stream, its end is told
                self._finish(outcome, clock)

    def counters(self) -> dict[str, Any]:
        """Count queries by outcome and kills by reason, the workers that live by what they do, and the queries that wait."""
        with self._lock:
            living = [worker for worker in self._all if worker.is_alive()]
            ready = sum(worker.is_ready for worker in living)
            idle = sum(worker.is_alive() for worker in self._idle)
            return {
                "outcomes": dict(self._outcomes),
                "kills": dict(self._kills),
                "idle": idle,
                "busy": ready - idle,
                "starting": len(living) - ready,
                "waiting": len(self._waiting),
            }

    def mend(self) -> None:
        """Replace the free workers that died."""
        with self._lock:
            dead = [worker for worker in self._idle if not worker.is_alive()]
            for worker in dead:
                self._idle.remove(worker)
        for worker in dead:
            self._count_kill("outside")
            self._lose(worker)

    def close(self) -> None:
        """End every worker and every query; may be called twice."""
        with self._lock:
            self._closed = True
            idle, waiting = list(self._idle), list(self._waiting)
            engaged = self._all.difference(idle)
            self._idle.clear()
            self._waiting.clear()
        for turn in waiting:
            self._call(turn, None)
        for worker in engaged:
            worker.end()  # whoever waits for it discards it
        for worker in idle:
            self._discard(worker)

    async def _try(self, request: dict[str, Any], end: float, clock: Clock) -> "Serialized | Streamed":
        with clock.waiting():
            worker, keep = await self._take(end), False
        clock.start()
        try:
            worker.send({**request, "seconds": max(end - time.monotonic(), 0.0)})
            reply = await worker.receive(end)
            keep = True
            if reply.mark == BEGIN:
                streamed, worker = Streamed(self, worker, reply, end, clock), None
                return streamed
            return Serialized(**reply.said, body=reply.body, source=str(worker.path))
        except Ended as ended:
            raise self._blame(ended.reason) from None
        except AnswerableError as error:
            keep = not isinstance(error, QueryOutOfMemory)
            raise
        finally:
            if worker is not None:
                clock.stop()
                self._give_back(worker) if keep else self._lose(worker)

    def _finish(self, outcome: str, clock: Clock) -> None:
        """Tell the listener and the client's budget of a query's end."""
        self._count(outcome)
        self._listener.query_ended(self.name, outcome, clock.waited, clock.ran)
        if clock.charge is not None:
            clock.charge(clock.ran)

    def _blame(self, reason: str) -> Exception:
        """Make the error for the death of a worker, and count it."""
        if self._closed:
            return closing()
        self._count_kill(reason)
        if reason == "deadline":
            said = f"The query was ended after {self._deadline:g} s"
            return QueryTimeout(said, hint="Ask for less, or take the data and ask at home")
        if reason == "memory":
            said = f"The query needed more than {self._memory >> 20} MiB of memory"
            return QueryOutOfMemory(said, hint="Ask for less at a time")
        if reason == "outside":
            return _Interrupted()
        return QueryCrashed("The query brought its worker down", hint="Write it in a simpler way")

    async def _take(self, end: float) -> Worker:
        """Take a free worker, waiting until the clock shows `end` at most; raises Busy or QueryStopped."""
        while True:
            worker = None
            with self._lock:
                if self._closed:
                    raise closing()
                if self._idle:
                    worker = self._idle.popleft()
                elif len(self._waiting) < self._queue:
                    turn = asyncio.get_running_loop().create_future()
                    self._waiting.append(turn)
                else:
                    raise busy(self._deadline)
            worker = worker or await self._wait(turn, end)
            if worker.is_alive():
                return worker
            self._count_kill("outside")
            self._lose(worker)

    async def _wait(self, turn: "asyncio.Future[Worker | None]", end: float) -> Worker:
        timer = turn.get_loop().call_later(max(end - time.monotonic(), 0.0), self._expire, turn)
        try:
            worker = await turn
        except (Busy, asyncio.CancelledError):
            with self._lock, suppress(ValueError):
                self._waiting.remove(turn)
            if not turn.cancelled() and not turn.exception() and turn.result():  # it came at the same moment
                self._give_back(turn.result())
            raise
        finally:
            timer.cancel()
        if worker is None:
            raise closing()
        return worker

    def _expire(self, turn: "asyncio.Future[Worker | None]") -> None:
        if not turn.done():
            turn.set_exception(busy(self._deadline))

    def _give_back(self, worker: Worker) -> None:
        """Give a worker to the query that waits longest; may be called from any thread."""
        turn = None
        with self._lock:
            if self._waiting:
                turn = self._waiting.popleft()
            elif not self._closed:
                self._idle.append(worker)
                return
        self._discard(worker) if turn is None else self._call(turn, worker)

    def _call(self, turn: "asyncio.Future[Worker | None]", worker: Worker | None) -> None:
        """Give a worker to a query that waits, in the thread of its loop; None when there will be none."""
        try:
            if asyncio._get_running_loop() is turn.get_loop():
                self._set(turn, worker)
            else:
                turn.get_loop().call_soon_threadsafe(self._set, turn, worker)
        except RuntimeError:  # the loop was closed meanwhile
            if worker is not None:
                self._give_back(worker)

    def _set(self, turn: "asyncio.Future[Worker | None]", worker: Worker | None) -> None:
        if not turn.done():
            turn.set_result(worker)
        elif worker is not None:
            self._give_back(worker)

    def _count(self, what: str) -> None:
        with self._lock:
            self._outcomes[what] += 1

    def _count_kill(self, reason: str) -> None:
        with self._lock:
            self._kills[reason] += 1
        self._listener.worker_ended(self.name, reason)

    def _start(self, number: int) -> list[Worker]:
        workers: list[Worker] = []
        try:
            for _ in range(number):
                workers.append(Worker(self.path, self._memory, self._limits, self._niceness))
            with self._lock:
                self._all.update(workers)
            for worker in workers:
                worker.await_ready()
        except (AnswerableError, OSError):
            for worker in workers:
                self._discard(worker)
            raise
        return workers

    def _discard(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.kill()

    def _lose(self, worker: Worker) -> None:
        """End a worker that cannot be used again, and start another in a thread."""
        worker.end()
        threading.Thread(target=self._replace, args=(worker,), name=f"replace-{self.name}", daemon=True).start()

    def _replace(self, lost: Worker) -> None:
        """Let go of a lost worker and start another; try again while the pool is open."""
        self._discard(lost)  # a process with much memory takes a while to end
        pause = 0.1
        while not self._closed:
            try:
                (worker,) = self._start(1)
            except (AnswerableError, OSError):  # OSError: there is no process or descriptor left just now
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self._give_back(worker)
                return


class Streamed:
    """A long answer while it is made: `kind`, `media_type`, and `pieces`, which raises an error where the answer is cut.

    The worker is read as fast as it writes, so that a slow client does not occupy it; `unread` counts the bytes that wait for
    the client, and `rows` is known at the end.
    """

    def __init__(self, pool: Pool, worker: Worker, first: Reply, end: float, clock: Clock) -> None:
        self.kind, self.media_type = first.said["kind"], first.said["media_type"]
        self.rows: int | None = None
        self.volatile = False
        self._pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.unread = 0
        self._pass_on(first.body)
        self._whole, self._outcome = False, "abandoned"  # whether the worker can be used again; how the query ended
        self._pump = asyncio.create_task(self._read(pool, worker, end))
        # Not in a `finally` of the task: one that is cancelled before its first step never gets there.
        self._pump.add_done_callback(lambda _: self._finish(pool, worker, clock))

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the answer piece by piece; raises QueryStopped when it cannot be had whole."""
        try:
            while (piece := await self._pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                self.unread -= len(piece)
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """End the query, if it still runs."""
        self._pump.cancel()

    def _pass_on(self, piece: bytes) -> None:
        self.unread += len(piece)
        self._pieces.put_nowait(piece)

    async def _read(self, pool: Pool, worker: Worker, end: float) -> None:
        try:
            while (reply := await worker.receive(end)).mark != END:
                self._pass_on(reply.body)
            self._whole, self._outcome = True, "answered"
            self.rows, self.volatile = reply.said["rows"], reply.said.get("volatile", False)
            self._pass_on(reply.body)
            self._pieces.put_nowait(None)
        except Ended as ended:
            error = pool._blame(ended.reason)
            if isinstance(error, _Interrupted):  # a part has been sent, so it cannot be asked again
                error = QueryCrashed("The worker was ended from outside", hint="Try again")
            self._outcome = error.slug
            self._pieces.put_nowait(error)
        except AnswerableError as error:
            self._whole, self._outcome = not isinstance(error, QueryOutOfMemory), error.slug
            self._pieces.put_nowait(error)

    def _finish(self, pool: Pool, worker: Worker, clock: Clock) -> None:
        clock.stop()
        pool._finish(self._outcome, clock)
        pool._give_back(worker) if self._whole else pool._lose(worker)


class _Interrupted(Exception):
    """Something outside killed the worker: the query is not to blame."""

"""A pool of worker processes that read one store, each query under a deadline and a memory limit.

Queries wait in one line. A worker is sent a few short ones ahead, so that it need not wait for the next, and what is behind a
query that turns out long is taken back for another worker. A query comes back whole or as one error that says why not; a
stream that is cut ends in an error. No text of a query is logged.
"""

import asyncio
import threading
import time
from collections import Counter, deque
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

from kg.answer.engine import CAPACITY, Capacity, Charge, Listener, busy, closing
from kg.answer.job import Job, Streamed
from kg.answer.worker import (
    BEGIN,
    END,
    ERROR,
    PART,
    UNDONE,
    Ended,
    Reply,
    Worker,
    pack_query,
    unpack_error,
    unpack_kind,
)
from kg.errors import AnswerableError, QueryCrashed, QueryOutOfMemory, QueryTimeout
from kg.store import Query, Serialized
from kg.wording import say

ATTEMPTS = 4  # times that a query is asked when something outside kills its worker each time
AHEAD = 8  # queries that a worker may have been sent at once
SMALL = 8192  # bytes of a query that is sent ahead; eight of them fit into a socket whose reader is busy
PATIENCE = 0.002  # seconds that a query waits for one before it in a worker; then it is taken back
ABANDONED = 0.05  # seconds that a query may run on when nobody waits for it: less than what a new worker takes to start


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
        self._lock = threading.RLock()
        self._all: set[Worker] = set()
        self._line: deque[Job] = deque()  # what no worker has been sent, the oldest first
        self._typical = PATIENCE  # seconds that queries ran lately, each counted up to PATIENCE
        self._ticking: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
        self._closed = False
        self._outcomes: Counter[str] = Counter()
        self._kills: Counter[str] = Counter()
        # Those that take queries, in the order in which they are given them.
        self._ready: list[Worker] = self._start(self.size)

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
        job, outcome = Job(pack_query(query, streamed), self._deadline, charge), "abandoned"
        try:
            self._ask(job)
            answer = await job.turn
            outcome = "answered" if isinstance(answer, Serialized) else None
            return answer
        except AnswerableError as error:
            outcome = error.slug
            raise
        finally:
            if outcome is not None:  # of a stream, its end is told
                self._finish(job, outcome)

    def counters(self) -> dict[str, Any]:
        """Count queries by outcome and kills by reason, the workers that live by what they do, and the queries that wait."""
        with self._lock:
            living = sum(worker.is_alive() for worker in self._all)
            ready = [worker for worker in self._ready if worker.is_alive()]
            idle = sum(not worker.jobs for worker in ready)
            return {
                "outcomes": dict(self._outcomes),
                "kills": dict(self._kills),
                "idle": idle,
                "busy": len(ready) - idle,
                "starting": living - len(ready),
                "waiting": self._count_waiting(),
            }

    def mend(self) -> None:
        """Replace the free workers that died."""
        with self._lock:
            dead = [worker for worker in self._ready if not worker.jobs and not worker.is_alive()]
        for worker in dead:
            self._lose(worker, "outside")

    def close(self) -> None:
        """End every worker and every query; may be called twice."""
        with self._lock:
            self._closed = True
            jobs = [*self._line, *(job for worker in self._all for job in worker.jobs if job is not None)]
            ready, self._ready = self._ready, []
            self._line.clear()
        for worker in ready:
            self._discard(worker)
        for job in jobs:
            job.settle(closing())

    # The line.

    def _ask(self, job: Job) -> None:
        """Send a query to a worker or put it into the line; raises Busy or QueryStopped."""
        with self._lock:
            if self._closed:
                raise closing()
            worker = None if self._line else self._choose(job, job.asked)
            if worker is not None:
                self._send(worker, job, job.asked)
            elif self._count_waiting() < self._queue:
                self._line.append(job)
            else:
                raise busy(self._deadline)
            if job.loop not in self._ticking:
                self._ticking.add(job.loop)
                job.loop.call_later(PATIENCE, self._tick, job.loop)

    def _count_waiting(self) -> int:
        return len(self._line) + sum(max(len(worker.jobs) - 1, 0) for worker in self._ready)

    def _choose(self, job: Job, now: float) -> Worker | None:
        """Choose a worker for a query: one that works on short ones, if its turn there comes soon, else one that is idle.

        A worker at work answers the next query sooner than another can wake up.
        """
        idle = None
        for worker in self._ready:
            ahead = len(worker.jobs)
            if not ahead:
                idle = idle or worker
            elif (
                ahead < AHEAD
                and ahead * self._typical < PATIENCE
                and now - worker.since < PATIENCE
                and worker.loop is job.loop
                and len(job.text) < SMALL
            ):
                return worker
        return idle

    def _send(self, worker: Worker, job: Job, now: float) -> None:
        if worker.loop is not job.loop:
            worker.listen(job.loop, self._hear)
        if not worker.jobs:
            worker.since = now
        job.worker = worker
        worker.send(job, job.said, job.text, job.end)

    def _fill(self) -> None:
        """Send what waits in the line to workers that can take it; may be called from any thread."""
        with self._lock:
            now = time.monotonic()
            while self._line and (worker := self._choose(self._line[0], now)) is not None:
                job = self._line[0]
                if job.loop is asyncio._get_running_loop():
                    self._send(worker, self._line.popleft(), now)
                    continue
                try:
                    job.loop.call_soon_threadsafe(self._fill)
                    return
                except RuntimeError:  # the loop was closed meanwhile
                    self._line.popleft()

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take back what waits behind a long query, and end queries whose time is over and those nobody waits for."""
        with self._lock:
            now = time.monotonic()
            while self._line and self._line[0].end <= now:
                self._line.popleft().settle(busy(self._deadline))
            at_work = [worker for worker in self._ready if worker.jobs and worker.loop is loop]
            for worker in at_work:
                first = worker.jobs[0]
                if first is not None and first.end <= now:
                    self._lose(worker, "deadline")
                elif first is None and now - worker.since > ABANDONED:
                    self._lose(worker, None)
                elif len(worker.jobs) > 1 and now - worker.since > PATIENCE:
                    self._return(worker.take_back())
            self._fill()
            if at_work or any(job.loop is loop for job in self._line):
                loop.call_later(PATIENCE, self._tick, loop)
            else:
                self._ticking.discard(loop)

    def _abandon(self, job: Job) -> None:
        """Forget a query that nobody waits for; one that runs already is ended soon if it is not short."""
        with self._lock:
            if job.worker is None:
                if job in self._line:
                    self._line.remove(job)
                return
            jobs = job.worker.jobs
            if jobs and jobs[0] is job:
                job.ran += time.monotonic() - job.worker.since
            if job in jobs:
                jobs[jobs.index(job)] = None

    # What workers say.

    def _hear(self, worker: Worker) -> None:
        """Take what a worker has sent, in the thread of its loop."""
        with self._lock:
            if worker not in self._ready or worker.loop is not asyncio._get_running_loop():
                return  # it is lost, or this was an earlier loop, from which its socket is not yet removed
            try:
                for reply in worker.receive():
                    if worker in self._ready:  # else what came before this ended it
                        self._take(worker, reply)
            except Ended:
                worker.stop_listening()
                self._lose(worker, worker.find_reason())
            if self._line:
                self._fill()

    def _take(self, worker: Worker, reply: Reply) -> None:
        """Take one reply of a worker; one that is not the reply to its first request ends the worker."""
        job, mark = worker.jobs[0] if worker.jobs else None, reply.mark
        if not worker.is_next(reply.number):
            self._lose(worker, "crash")
            return
        if mark == BEGIN or mark == PART:
            if job is not None:
                self._pass_on(job, reply)
            return
        worker.jobs.popleft()
        worker.since = time.monotonic()
        if job is None:
            return
        if mark == UNDONE:
            self._return([job])
            return
        job.ran += reply.ran
        self._typical += (min(reply.ran, PATIENCE) - self._typical) / 16
        if mark == ERROR:
            error = unpack_error(reply.said)
            if isinstance(error, QueryOutOfMemory):
                self._lose(worker, None)
            job.settle(error)
            return
        kind, media_type, volatile = unpack_kind(reply.said)
        if mark == END:
            job.stream.finish(reply.body, reply.rows, volatile)
        else:
            job.turn.done() or job.turn.set_result(
                Serialized(kind, media_type, reply.body, reply.rows, worker.source, volatile)
            )

    def _pass_on(self, job: Job, reply: Reply) -> None:
        if job.stream is None:
            kind, media_type, _ = unpack_kind(reply.said)
            job.stream = Streamed(kind, media_type, partial(self._finish, job))
            job.settle(job.stream)
        job.stream.put(reply.body)

    def _lose(self, worker: Worker, reason: str | None) -> None:
        """End a worker that can be used no more, start another in a thread, and ask its queries elsewhere.

        `reason` is that of `Worker.find_reason`, None where no query is to blame. The query that the worker was at is blamed,
        unless something outside ended it; the others never ran.
        """
        with self._lock:
            if worker not in self._ready:
                return
            self._ready.remove(worker)
            worker.end()
            first, jobs, worker.jobs = worker.jobs[0] if worker.jobs else None, worker.jobs, deque()
            if reason is not None:
                self._kills[reason] += 1
                self._listener.worker_ended(self.name, reason)
            if reason is not None and first is not None:
                first.ran += time.monotonic() - worker.since
                error = self._blame(first, reason)
                if error is not None:
                    jobs.popleft()
                    first.settle(error)
            self._return([job for job in jobs if job is not None])
            threading.Thread(target=self._replace, args=(worker,), name=f"replace-{self.name}", daemon=True).start()
            self._fill()

    def _return(self, jobs: list[Job]) -> None:
        """Put queries back to the head of the line."""
        for job in reversed(jobs):
            job.worker = None
            self._line.appendleft(job)

    def _blame(self, job: Job, reason: str) -> AnswerableError | None:
        """Make the error for a query whose worker died; None when it is to be asked again."""
        if reason == "deadline":
            said = say("The query was ended after %(deadline)s s", deadline=f"{self._deadline:g}")
            return QueryTimeout(said, hint=say("Ask for less, or take the data and ask at home"))
        if reason == "memory":
            said = say("The query needed more than %(memory)s MiB of memory", memory=self._memory >> 20)
            return QueryOutOfMemory(said, hint=say("Ask for less at a time"))
        if reason != "outside":
            return QueryCrashed(say("The query brought its worker down"), hint=say("Write it in a simpler way"))
        if job.stream is not None:  # a part has been sent, so it cannot be asked again
            return QueryCrashed(say("The worker was ended from outside"), hint=say("Try again"))
        if job.attempts == ATTEMPTS:
            return QueryCrashed(
                say("%(attempts)s workers in turn were ended from outside", attempts=ATTEMPTS), hint=say("Try again")
            )
        job.attempts += 1
        self._outcomes["retried"] += 1
        self._listener.query_retried(self.name)
        return None

    def _finish(self, job: Job, outcome: str) -> None:
        """Tell the listener and the client's budget of a query's end."""
        with self._lock:
            self._outcomes[outcome] += 1
            if outcome == "abandoned":
                self._abandon(job)
        waited = time.monotonic() - job.asked - job.ran
        self._listener.query_ended(self.name, outcome, max(waited, 0.0), job.ran)
        if job.charge is not None:
            job.charge(job.ran)

    # Workers come and go.

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
                continue
            with self._lock:
                is_wanted = not self._closed
                if is_wanted:
                    self._ready.append(worker)
            self._fill() if is_wanted else self._discard(worker)
            return

"""A pool of worker processes that read one store, each query under a deadline and a memory limit.

A query comes back whole or as one error that says why not; a stream that is cut ends in an error. No text of a query is logged.
"""

import asyncio
import json
import logging
import os
import socket
import time
from asyncio.subprocess import Process
from collections import Counter, deque
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Self

from kg import process
from kg.answer.engine import CAPACITY, Capacity, Charge, Listener, busy, closing
from kg.answer.job import Job, Streamed
from kg.answer.messages import (
    END,
    ERROR,
    LONGEST,
    PART,
    PIECE,
    READY,
    REPLY,
    REQUEST,
    WANT,
    Board,
    pack_query,
    unpack_error,
)
from kg.errors import AnswerableError, QueryCrashed, QueryOutOfMemory, QueryTimeout, SourceError
from kg.store import Query, Serialized
from kg.wording import say

ATTEMPTS = 4  # times that a query is asked when something outside kills its worker each time
TICK = 0.05  # seconds between two looks at deadlines; a query that nobody waits for runs on for one to two
BURST = 64  # replies that are read before the event loop does other things
START = 30.0  # seconds that workers may take to open the store

log = logging.getLogger("answerable.pool")


class Worker:
    """The parent's side of a worker process: its slot on the board, and what the pool knows of it."""

    def __init__(self, slot: int, child: Process) -> None:
        self.slot, self.child = slot, child
        self.was_killed = False  # by the pool
        self.stale = 0  # the settled query that it was at when the pool last looked

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.was_killed = True
        with suppress(ProcessLookupError):
            self.child.kill()


class Pool:
    """Workers on one store, used on one event loop: `start` it, and `close` it."""

    def __init__(
        self, path: Path | str, capacity: Capacity = CAPACITY, *, niceness: int = 0, listener: Listener | None = None
    ) -> None:
        """Prepare; `niceness` (0 to 19) lets other processes go first when the processors are short."""
        self.name, self.size, self.path = capacity.name, capacity.size, Path(path).resolve()
        self._deadline, self._queue, self._memory = capacity.deadline, capacity.queue, capacity.memory
        self._listener = listener or Listener()
        self._settings = {
            "store": str(self.path),
            "memory": capacity.memory,
            "limits": asdict(capacity.limits),
            "niceness": niceness,
            "size": self.size,
        }
        self._number = 0  # of the last request
        self._pending: dict[int, Job] = {}  # what was asked and is not settled, by number
        self._unsent: deque[Job] = deque()  # those for which the socket has no room yet
        self._buffer = memoryview(bytearray(REPLY.size + 4 * LONGEST))
        self._workers: dict[int, Worker] = {}  # those that are ready, by slot
        self._starting = 0  # how many others live
        self._tasks: list[asyncio.Task[None]] = []
        self._ticking: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._outcomes: Counter[str] = Counter()
        self._kills: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self.wait_closed()

    async def start(self) -> None:
        """Start the workers. Raises SourceError when they cannot open the store."""
        self.loop = asyncio.get_running_loop()
        # Requests go in at one end and are taken from the other by whichever worker is free.
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.setblocking(False)
        self._memory_file = os.memfd_create("board")
        os.truncate(self._memory_file, Board.length(self.size))
        self._board = Board(self._memory_file, self.size)
        self.loop.add_reader(self._ours, self._hear)
        starts = (self._start_worker(slot) for slot in range(self.size))
        for outcome in await asyncio.gather(*starts, return_exceptions=True):
            if isinstance(outcome, BaseException):
                self.close()
                raise outcome
            self._tasks.append(asyncio.create_task(self._keep(outcome)))

    async def answer(
        self, query: Query, *, streamed: bool = False, charge: Charge | None = None
    ) -> Serialized | Streamed:
        """Answer a query as `Store.answer` does, in a worker; with `streamed`, a long answer comes while it is computed.

        Raises what `Store.answer` raises, and Busy (too many wait), QueryTimeout, QueryOutOfMemory and QueryCrashed.
        `charge` is called with the seconds that workers ran for it.
        """
        outcome: str | None = "abandoned"
        job = Job(pack_query(query, streamed), self._deadline, charge)
        try:
            self._admit(job)
            answer = await job.turn
            outcome = "answered" if isinstance(answer, Serialized) else None  # a stream reports its own end
            return answer
        except AnswerableError as error:
            outcome = error.slug
            raise
        finally:
            if outcome is not None:
                self._finish(job, outcome)

    def counters(self) -> dict[str, Any]:
        """Count queries by outcome and kills by reason, the workers that live by what they do, and the queries that wait."""
        ready = self._ready()
        at_work = sum(self._board.current(worker.slot) in self._pending for worker in ready)
        return {
            "outcomes": dict(self._outcomes),
            "kills": dict(self._kills),
            "idle": len(ready) - at_work,
            "busy": at_work,
            "starting": self._starting,
            "waiting": max(len(self._pending) - at_work, 0),
        }

    def close(self) -> None:
        """End every worker and every query; may be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        for worker in self._workers.values():
            worker.kill()
        for job in [*self._pending.values()]:
            self._settle(job)
            job.fail(closing())
        if hasattr(self, "_ours"):
            self.loop.remove_reader(self._ours)
            self.loop.remove_writer(self._ours)
            self._ours.close()
            self._theirs.close()
            os.close(self._memory_file)

    async def wait_closed(self) -> None:
        """Wait until the processes are gone."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self._workers.values():
            await worker.child.communicate()

    def _ready(self) -> list[Worker]:
        return [
            worker for worker in self._workers.values() if worker.child.returncode is None and not worker.was_killed
        ]

    # Queries come and go.

    def _admit(self, job: Job) -> None:
        """Take a query in. Raises Busy or QueryStopped."""
        if self._is_closed:
            raise closing()
        if len(self._pending) >= self._queue + len(self._ready()):
            raise busy(self._deadline)
        self._enqueue(job)
        self._send()
        if self._ticking is None:
            self._ticking = self.loop.call_later(TICK, self._tick)

    def _enqueue(self, job: Job) -> None:
        self._number += 1
        job.number = self._number
        self._pending[job.number] = job
        self._unsent.append(job)

    def _send(self) -> None:
        """Send what waits, as long as the socket takes it."""
        while self._unsent:
            job = self._unsent[0]
            later = len(job.content) if len(job.content) > LONGEST else 0
            head = REQUEST.pack(job.number, job.end, later)
            try:
                if job.number in self._pending:
                    self._ours.send(head if later else head + job.content)
            except BlockingIOError:
                self.loop.add_writer(self._ours, self._send_more)
                return
            self._unsent.popleft()

    def _send_more(self) -> None:
        self.loop.remove_writer(self._ours)
        self._send()

    def _settle(self, job: Job) -> bool:
        """Forget a query, whose answer or error is known or which nobody waits for; False if it was forgotten before."""
        if self._pending.pop(job.number, None) is None:
            return False
        self._board.settle(job.number)
        return True

    def _finish(self, job: Job, outcome: str) -> None:
        """Tell the listener and the client's budget of a query's end."""
        worker = self._find_worker(job)
        if self._settle(job) and worker is not None:
            job.ran += self._board.ran(worker.slot)
        self._outcomes[outcome] += 1
        waited = time.monotonic() - job.arrived - job.ran
        self._listener.query_ended(self.name, outcome, max(waited, 0.0), job.ran)
        if job.charge is not None:
            job.charge(job.ran)

    def _find_worker(self, job: Job) -> Worker | None:
        """Return the worker that is at a query."""
        return next((w for w in self._workers.values() if self._board.current(w.slot) == job.number), None)

    def _tick(self) -> None:
        """End the queries whose time is over, and those that run on although nobody waits for them."""
        now = time.monotonic()
        for job in [job for job in self._pending.values() if job.end <= now]:
            self._expire(job)
        is_stale = False
        for worker in self._ready():
            current = self._board.current(worker.slot)
            if current in self._pending or not current:
                worker.stale = 0
            elif current == worker.stale:
                worker.kill()
            else:
                worker.stale, is_stale = current, True
        self._ticking = self.loop.call_later(TICK, self._tick) if self._pending or is_stale else None

    def _expire(self, job: Job) -> None:
        worker = self._find_worker(job)
        self._settle(job)
        if worker is None:
            job.fail(busy(self._deadline))
            return
        job.ran += self._board.ran(worker.slot)
        worker.kill()
        self._count_loss("deadline")
        message = say("The query was ended after %(deadline)s s", deadline=f"{self._deadline:g}")
        job.fail(QueryTimeout(message, hint=say("Ask for less, or take the data and ask at home")))

    # What workers reply.

    def _hear(self) -> None:
        """Take replies from the socket."""
        for _ in range(BURST):
            try:
                size = self._ours.recv_into(self._buffer)
            except BlockingIOError:
                return
            mark, slot, number, ran, rows, length = REPLY.unpack_from(self._buffer)
            middle = REPLY.size + length
            description, body = bytes(self._buffer[REPLY.size : middle]), bytes(self._buffer[middle:size])
            worker, job = self._workers.get(slot), self._pending.get(number)
            if mark == WANT and worker is not None and worker.child.stdin is not None:
                # One whose query was settled meanwhile would wait for ever.
                worker.child.stdin.write(job.content) if job else worker.kill()
            elif job is None:
                continue
            elif mark == PART:
                job.parts.append(body)
            elif mark == PIECE:
                self._stream(job, description, body)
            elif mark == ERROR:
                self._settle(job)
                job.ran += ran
                job.fail(unpack_error(description))
            elif mark == END:
                self._settle(job)
                job.ran += ran
                self._succeed(job, description, body, None if rows < 0 else rows)

    def _stream(self, job: Job, description: bytes, piece: bytes) -> None:
        if job.stream is None:
            kind, media_type, _ = json.loads(description)
            job.stream = Streamed(kind, media_type, partial(self._finish, job))
            job.succeed(job.stream)
        job.stream.put(piece)

    def _succeed(self, job: Job, description: bytes, body: bytes, rows: int | None) -> None:
        if job.parts:
            body = b"".join([*job.parts, body])
        kind, media_type, volatile = json.loads(description)
        if job.stream is not None:
            job.stream.finish(body, rows, volatile)
        else:
            job.succeed(Serialized(kind, media_type, body, rows, str(self.path), volatile))

    # Workers come and go.

    async def _start_worker(self, slot: int) -> Worker:
        """Start a worker and wait until it has opened the store. Raises SourceError."""
        passed = self._theirs.fileno(), self._memory_file
        child = await process.start("kg.answer.worker:work", pass_fds=passed)
        assert child.stdin and child.stdout and child.stderr  # they are pipes
        self._starting += 1
        try:
            settings = {**self._settings, "slot": slot, "socket": passed[0], "board": passed[1]}
            child.stdin.write(json.dumps(settings).encode() + b"\n")
            async with asyncio.timeout(START):
                reply = await child.stdout.readline()
                if reply == READY:
                    worker = self._workers[slot] = Worker(slot, child)
                    return worker
                reason = process.find_reason(await child.wait(), await child.stderr.read())
            raise unpack_error(reply) if reply else SourceError(f"No worker could open the store ({reason})")
        except TimeoutError:
            raise SourceError("No worker could open the store in time", where=str(self.path)) from None
        finally:
            self._starting -= 1
            if slot not in self._workers:
                Worker(slot, child).kill()
                await child.communicate()

    async def _keep(self, worker: Worker) -> None:
        """Replace a worker whenever it has ended."""
        while True:
            assert worker.child.stderr
            stderr = await worker.child.stderr.read()
            await worker.child.wait()
            self._bury(worker, stderr)
            worker = await self._replace(worker)

    async def _replace(self, lost: Worker) -> Worker:
        pause = 0.1
        while True:
            try:
                return await self._start_worker(lost.slot)
            except (
                AnswerableError,
                OSError,
            ) as error:  # OSError: there is no process, descriptor or time left just now
                log.error("pool %s: a worker cannot be started: %s", self.name, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    def _bury(self, worker: Worker, stderr: bytes) -> None:
        """Find out why a worker ended, blame the query that it was at, and send the others again."""
        self._hear()  # what it replied last
        status = worker.child.returncode or 0
        number, ran = self._board.current(worker.slot), self._board.ran(worker.slot)
        self._board.begin(worker.slot, 0)
        del self._workers[worker.slot]
        job = self._pending.get(number)
        # It ended itself after it was out of memory, or the pool ended it because of another query.
        is_innocent = status == 0 or worker.was_killed
        if not is_innocent:
            reason = process.find_reason(status, stderr)
            self._count_loss(reason)
            if reason == "crash":
                log.error("pool %s: a worker crashed: %s", self.name, stderr.decode("utf-8", "replace").strip())
            if job is not None:
                job.ran += ran
                error = self._blame(job, reason)
                if error is not None:
                    self._settle(job)
                    job.fail(error)
        self._send_again()

    def _count_loss(self, reason: str) -> None:
        self._kills[reason] += 1
        self._listener.worker_ended(self.name, reason)

    def _send_again(self) -> None:
        """Send all queries again that no worker is at: those in the socket, and one that a dead worker took from it."""
        with suppress(BlockingIOError):
            while self._theirs.recv(1, socket.MSG_DONTWAIT):
                pass
        at_work = {self._board.current(worker.slot) for worker in self._workers.values()}
        self._unsent.clear()
        for job in [job for job in self._pending.values() if job.number not in at_work]:
            self._settle(job)  # under its old number
            job.parts.clear()
            self._enqueue(job)
        self._send()

    def _blame(self, job: Job, reason: str) -> AnswerableError | None:
        """Return the error for a query whose worker died; None when it is to be asked again."""
        if reason == "memory":
            message = say("The query needed more than %(memory)s MiB of memory", memory=self._memory >> 20)
            return QueryOutOfMemory(message, hint=say("Ask for less at a time"))
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

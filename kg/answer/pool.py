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
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from kg import process
from kg.answer.engine import BoundedEngine, Capacity, Job, Listener, Streamed, closing
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

TICK = 0.05  # seconds between two looks at deadlines; a query that nobody waits for runs on for one to two
BURST = 64  # replies that are read before the event loop does other things
START = 30.0  # seconds that a worker may take to open the store
ATTEMPTS = 4  # workers that may be ended from outside under a query: the system may do so for want of memory
PAUSE = 1.0  # seconds before a worker that could not be started is tried again

log = logging.getLogger("answerable.pool")


class Pool(BoundedEngine):
    """Workers on one store, used on one event loop."""

    ahead = 8  # so that a worker need not wait for the next one

    def __init__(self, path: Path | str, capacity: Capacity, listener: Listener | None = None) -> None:
        super().__init__(capacity, listener)
        self.path = Path(path).resolve()
        self._number = 0  # of the last request
        self._sent = 0  # the last request that the socket had room for
        self._pending: dict[int, Job] = {}  # what was asked and is not settled, by number
        self._buffer = memoryview(bytearray(REPLY.size + 4 * LONGEST))
        self._workers: dict[int, Process] = {}  # those that can answer, by their slot on the board
        self._stalled: set[int] = set()  # slots of those that could not be started and are not tried again yet
        self._tasks: list[asyncio.Task[None]] = []
        self._is_asked = asyncio.Event()
        self._resources = ExitStack()

    async def start(self) -> None:
        """Start the workers. Raises SourceError when they cannot open the store; `close` it then as well."""
        self.loop = asyncio.get_running_loop()
        # Requests go in at one end and are taken from the other by whichever worker is free.
        self._ours, self._theirs = map(
            self._resources.enter_context, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        )
        self._ours.setblocking(False)
        self._memory_file = Board.allocate(self.capacity.size)
        self._resources.callback(os.close, self._memory_file)
        self._board = Board(self._memory_file)
        self.loop.add_reader(self._ours, self._hear)
        self._resources.callback(self.loop.remove_reader, self._ours)
        self._resources.callback(self.loop.remove_writer, self._ours)
        opened = [self.loop.create_future() for _ in range(self.capacity.size)]
        self._tasks = [asyncio.create_task(self._keep_worker(slot, first)) for slot, first in enumerate(opened)]
        for task, first in zip(self._tasks, opened, strict=True):
            task.add_done_callback(first.cancel)  # so that nobody waits for what was closed meanwhile
        self._tasks.append(asyncio.create_task(self._watch()))
        await asyncio.gather(*opened)

    def close(self) -> None:
        """End every worker and every query; may be called twice."""
        if self._is_closed:
            return
        super().close()
        for task in self._tasks:
            task.cancel()  # which ends its worker
        for job in [*self._pending.values()]:
            self._settle(job)
            job.fail(closing())
        self._resources.close()

    async def wait_closed(self) -> None:
        """Wait until the processes are gone."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Queries come and go.

    async def _run(self, job: Job, query: Query, streamed: bool) -> Serialized | Streamed:
        job.content = pack_query(query, streamed)
        self._enqueue(job)
        self._send()
        return await job.answer

    def _count_ready(self) -> int:
        return len(self._workers)

    def _count_starting(self) -> int:
        return self.capacity.size - len(self._workers) - len(self._stalled)

    def _enqueue(self, job: Job) -> None:
        self._number += 1
        job.number = self._number
        self._pending[job.number] = job
        self._is_asked.set()

    def _send(self) -> None:
        while self._sent < self._number:
            job = self._pending.get(self._sent + 1)
            try:
                if job is not None:
                    later = len(job.content) if len(job.content) > LONGEST else 0
                    head = REQUEST.pack(job.number, job.end, later)
                    self._ours.send(head if later else head + job.content)
            except BlockingIOError:
                self.loop.add_writer(self._ours, self._send_rest)
                return
            self._sent += 1

    def _send_rest(self) -> None:
        self.loop.remove_writer(self._ours)
        self._send()

    def _settle(self, job: Job) -> None:
        del self._pending[job.number]
        self._board.settle(job.number)

    def _drop(self, job: Job) -> int | None:
        """Settle a query before it is answered; return the slot of the worker that is at it."""
        slot = next((slot for slot in self._workers if self._board.current(slot) == job.number), None)
        self._settle(job)
        if slot is not None:
            job.ran += self._board.ran(slot)
        return slot

    def _finish(self, job: Job, outcome: str) -> None:
        if job.number in self._pending:  # it was abandoned
            self._drop(job)
        super()._finish(job, outcome)

    async def _watch(self) -> None:
        """End the queries whose time is over, and those that run on although nobody waits for them."""
        seen: dict[int, int] = {}  # the settled queries that workers were at one look ago, by slot
        while await self._is_asked.wait():
            await asyncio.sleep(TICK)
            now = time.monotonic()
            for job in [job for job in self._pending.values() if job.end <= now]:
                self._expire(job)
            numbers = {slot: self._board.current(slot) for slot in self._workers}
            settled = {slot: number for slot, number in numbers.items() if number and number not in self._pending}
            for slot, _ in settled.items() & seen.items():
                self._kill(slot)
            seen = settled
            if not (self._pending or settled):  # so that a pool at rest costs nothing
                self._is_asked.clear()

    def _expire(self, job: Job) -> None:
        slot = self._drop(job)
        if slot is None:
            job.fail(self._busy())
            return
        self._kill(slot)
        self._listener.worker_ended(self.capacity.name, "deadline")
        message = say("The query was ended after %(deadline)s s", deadline=f"{self.capacity.deadline:g}")
        job.fail(QueryTimeout(message, hint=say("Ask for less, or take the data and ask at home")))

    # What workers reply.

    def _hear(self) -> None:
        for _ in range(BURST):
            try:
                size = self._ours.recv_into(self._buffer)
            except BlockingIOError:
                return
            mark, slot, number, ran, length = REPLY.unpack_from(self._buffer)
            middle = REPLY.size + length
            description, body = bytes(self._buffer[REPLY.size : middle]), bytes(self._buffer[middle:size])
            worker, job = self._workers.get(slot), self._pending.get(number)
            if job is None:
                if mark == WANT and worker is not None:
                    self._kill(slot)  # it would wait for ever for the text of a query that was settled meanwhile
            elif mark == WANT:
                if worker is not None and worker.stdin is not None:
                    worker.stdin.write(job.content)
            elif mark == PART:
                job.parts.append(body)
            elif mark == PIECE:
                self._stream(job, description, body)
            else:
                self._settle(job)
                job.ran += ran
                if mark == ERROR:
                    job.fail(unpack_error(description))
                elif mark == END:
                    self._succeed(job, description, b"".join([*job.parts, body]))

    def _stream(self, job: Job, description: bytes, piece: bytes) -> None:
        if job.stream is None:
            kind, media_type = json.loads(description)
            job.stream = Streamed(kind, media_type, partial(self._finish, job))
            job.succeed(job.stream)
        job.stream.put(piece)

    def _succeed(self, job: Job, description: bytes, body: bytes) -> None:
        if job.stream is not None:
            job.stream.put(body)
            job.stream.finish("answered")
        else:
            kind, media_type, rows, volatile = json.loads(description)
            job.succeed(Serialized(kind, media_type, body, rows, volatile))

    # Workers come and go.

    async def _keep_worker(self, slot: int, opened: "asyncio.Future[None]") -> None:
        """Run a worker, and another whenever it has ended; `opened` tells how the first one fared."""
        descriptors = self._theirs.fileno(), self._memory_file
        while True:
            try:
                async with process.start("kg.answer.worker:work", pass_fds=descriptors) as child:
                    await self._open_store(child, slot)
                    self._workers[slot] = child
                    self._turns.advance()
                    if not opened.done():
                        opened.set_result(None)
                    assert child.stderr
                    stderr = await child.stderr.read()
                    await child.wait()
                self._bury(slot, child.returncode or 0, stderr)
            except (AnswerableError, OSError, RuntimeError) as error:
                # There is no process or descriptor left just now (OSError), or another loop is starting one (RuntimeError).
                if not opened.done():
                    opened.set_exception(error)
                    return
                log.error("pool %s: a worker cannot be started: %s", self.capacity.name, error)
                self._stalled.add(slot)
                await asyncio.sleep(PAUSE)
                self._stalled.discard(slot)

    async def _open_store(self, child: Process, slot: int) -> None:
        assert child.stdin and child.stdout
        settings = {
            **asdict(self.capacity),
            "store": str(self.path),
            "slot": slot,
            "socket": self._theirs.fileno(),
            "board": self._memory_file,
        }
        try:
            child.stdin.write(json.dumps(settings).encode() + b"\n")
            async with asyncio.timeout(START):
                reply = await child.stdout.readline()
        except TimeoutError:
            reply = b""
        if not reply:
            process.kill(child)
            _, stderr = await child.communicate()
            log.error(
                "pool %s: a worker ended before its time: %s", self.capacity.name, stderr.decode("utf-8", "replace")
            )
            raise SourceError("No worker could open the store", where=str(self.path))
        if reply != READY:
            raise unpack_error(reply)

    def _kill(self, slot: int) -> None:
        process.kill(self._workers.pop(slot))

    def _bury(self, slot: int, status: int, stderr: bytes) -> None:
        """Find out why a worker ended, blame the query that it was at, and send the others again."""
        self._hear()  # what it replied last
        number, ran = self._board.current(slot), self._board.ran(slot)
        self._board.begin(slot, 0)
        # One that the pool ended is not among the workers any more; one that was out of memory ended itself with status 0.
        if self._workers.pop(slot, None) is not None and status != 0:
            reason = process.find_reason(status, stderr)
            self._listener.worker_ended(self.capacity.name, reason)
            if reason == "crash":
                log.error(
                    "pool %s: a worker crashed: %s", self.capacity.name, stderr.decode("utf-8", "replace").strip()
                )
            if job := self._pending.get(number):
                job.ran += ran
                self._blame(job, reason)
        self._send_again()

    def _blame(self, job: Job, reason: str) -> None:
        """Fail a query whose worker died of it; one whose worker was ended from outside is asked again, up to ATTEMPTS times."""
        message, hint = say("The query brought its worker down"), say("Write it in a simpler way")
        error: AnswerableError = QueryCrashed(message, hint=hint)
        if reason == "memory":
            message = say("The query needed more than %(memory)s MiB of memory", memory=self.capacity.memory >> 20)
            error = QueryOutOfMemory(message, hint=say("Ask for less at a time"))
        elif reason == "outside":
            job.attempts += 1
            if job.stream is None and job.attempts < ATTEMPTS:
                self._listener.query_retried(self.capacity.name)
                return
            error = QueryCrashed(say("The worker was ended from outside"), hint=say("Try again"))
        self._settle(job)
        job.fail(error)

    def _send_again(self) -> None:
        """Send all queries again that no worker is at: those in the socket, and one that a dead worker took from it.

        A stream that has begun is not among them: where no worker is at it, its end lies in the socket already.
        """
        with suppress(BlockingIOError):
            while self._theirs.recv(1, socket.MSG_DONTWAIT):
                pass
        at_work = {self._board.current(slot) for slot in self._workers}
        waiting = [job for job in self._pending.values() if job.stream is None and job.number not in at_work]
        for job in waiting:
            self._settle(job)  # under its old number
            job.parts.clear()
            self._enqueue(job)
        self._send()

"""One worker: a process that answers queries from a store and can be killed, and the parent's side of it.

It can open nothing once it has opened its store, and ends by itself shortly after a deadline even without its parent. Requests
are JSON; replies are frames: a mark, two lengths of four bytes, a head in JSON, and a body. The body of a longer whole answer
is passed in shared memory. A worker is started with exec, not with fork, because a server has threads.
"""

import asyncio
import ctypes
import json
import mmap
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kg import terms
from kg.errors import AnswerableError, SourceError, walk_errors
from kg.store import WAIT, Limits, Query, Store, is_out_of_memory, out_of_memory

GRACE = 0.5  # seconds after the deadline at which a worker ends itself
START = 30.0  # seconds a worker may take to open its store
PIECE = 1 << 18  # bytes read from a worker at once
OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)  # with which others kill a worker
SHORT = 1 << 15  # bytes of a body up to which it goes through the socket
WHOLE, SHARED, ERROR, BEGIN, PART, END = b"W", b"S", b"X", b"B", b"P", b"E"  # the marks of frames
RETAINED = 32 << 20  # bytes of free memory that a worker retains, the most that the C library takes
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as malloc.h names them
_ENTRY = "import sys, json; sys.path[:] = json.loads(sys.argv[3]); from kg.answer.worker import work; work(*map(int, sys.argv[1:3]))"
_ERRORS = {cls.__name__: cls for cls in walk_errors()}


@dataclass
class Ended(Exception):
    """The worker is no more; `reason` is deadline, memory, outside or crash."""

    reason: str


class Reply(NamedTuple):
    """What a worker sent: a mark, what it says (of an answer: the fields of Serialized, without the body) and bytes."""

    mark: bytes
    said: dict[str, Any]
    body: bytes


class Worker:
    """The parent's side of one worker process; one query at a time, from an event loop."""

    def __init__(self, path: Path, memory: int, limits: Mapping[str, int], niceness: int = 0) -> None:
        self.path = path
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(START)
        with theirs, open(os.memfd_create("answer"), "r+b") as memory_file:
            memory_file.truncate(WAIT)
            self._shared = mmap.mmap(memory_file.fileno(), WAIT)
            passed = [theirs.fileno(), memory_file.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, "-c", _ENTRY, *map(str, passed), json.dumps(sys.path)],
                pass_fds=passed,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self.is_ready = False  # it has opened its store
        self._received = bytearray()
        self._overdue = self._over = False  # it was ended for its deadline; it will send no more
        self._loop: asyncio.AbstractEventLoop | None = None  # that listens to the socket
        self._heard: asyncio.Future[None] | None = None  # of the query that waits for a frame
        self._settings = {"path": str(path), "memory": memory, "limits": dict(limits), "niceness": niceness}

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def await_ready(self) -> None:
        """Let the worker open its store, and wait until it has; SourceError when it cannot."""
        try:
            self.send(self._settings)
            while self._take_frame() is None:
                if not self._read():
                    raise Ended(self._find_reason())
        except Ended as ended:
            raise SourceError(f"No worker could open the store ({ended.reason})", where=str(self.path)) from None
        self._socket.setblocking(False)
        self.is_ready = True

    def send(self, request: Mapping[str, Any]) -> None:
        """Send a request; raises Ended when the worker is gone."""
        body = json.dumps(request).encode()
        frame = len(body).to_bytes(4) + body
        try:
            while frame:
                try:
                    frame = frame[self._socket.send(frame) :]
                except BlockingIOError:
                    select.select([], [self._socket], [], START)
        except OSError:
            raise Ended(self._find_reason()) from None

    async def receive(self, end: float) -> Reply:
        """Wait for the next frame until the clock shows `end`; raises the worker's error, or Ended when it is lost."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._listen(loop)
        timer = loop.call_later(max(end - time.monotonic(), 0.0), self._end_overdue)
        try:
            while (reply := self._take_frame()) is None:
                if self._over:
                    raise Ended("deadline" if self._overdue else self._find_reason())
                self._heard = loop.create_future()
                await self._heard
        finally:
            self._heard = None
            timer.cancel()
        return reply

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let a loop tell when the worker has sent something, for all queries to come."""
        before, self._loop = self._loop, loop
        if before is not None:
            _run_in(before, before.remove_reader, self._socket)
        loop.add_reader(self._socket, self._hear, loop)

    def _hear(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take what the worker sent, and wake the query that waits if that is a frame or the end."""
        if loop is not self._loop:  # an earlier one, whose reader is not yet removed
            return
        if not self._read():
            self._over = True
            loop.remove_reader(self._socket)
        if self._heard is not None and not self._heard.done() and (self._over or self._measure_frame()):
            self._heard.set_result(None)

    def _read(self) -> bool:
        """Read what the worker has sent; say whether it may send more."""
        try:
            piece = self._socket.recv(PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._received += piece
        return bool(piece)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def kill(self) -> None:
        """End the process, wait for it and let go of it."""
        self._process.kill()
        self._process.wait()
        if self._loop is None:
            self._socket.close()
        else:
            _run_in(self._loop, self._let_go, self._loop)
        self._process.stderr.close()
        self._shared.close()

    def _let_go(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._socket.fileno() >= 0:
            loop.remove_reader(self._socket)
        self._socket.close()

    def _end_overdue(self) -> None:
        self._overdue = True
        self._process.kill()  # the query that waits reads the end of the stream

    def _measure_frame(self) -> int:
        """Return the length of the frame that was received first; 0 while it is not whole."""
        received = self._received
        if len(received) < 9:
            return 0
        length = 9 + int.from_bytes(received[1:5])
        if not received.startswith(SHARED):
            length += int.from_bytes(received[5:9])
        return length if len(received) >= length else 0

    def _take_frame(self) -> Reply | None:
        """Take a whole frame off what was received; raises the error that an error frame tells of."""
        length = self._measure_frame()
        if not length:
            return None
        received = self._received
        start, is_shared = 9 + int.from_bytes(received[1:5]), received.startswith(SHARED)
        said = json.loads(received[9:start].decode()) if start > 9 else {}
        body = self._shared[: int.from_bytes(received[5:9])] if is_shared else bytes(memoryview(received)[start:length])
        reply = Reply(bytes(received[:1]), said, body)
        del received[:length]
        if reply.mark == ERROR:
            raise _ERRORS[said.pop("error")](said.pop("message"), **said)
        return reply

    def _find_reason(self) -> str:
        """Find out from its standard error and its signal why the worker is gone."""
        try:
            _, words = self._process.communicate(timeout=1.0)
        except subprocess.TimeoutExpired:
            return "crash"
        except ValueError:  # closed meanwhile by Pool.close
            return "outside"
        if self._process.returncode == -signal.SIGALRM:
            return "deadline"
        if is_out_of_memory(words):
            return "memory"
        return "outside" if -self._process.returncode in OUTSIDE else "crash"


def _run_in(loop: asyncio.AbstractEventLoop, do: Callable[..., Any], *given: Any) -> None:
    """Run something in the thread of a loop; here and now when the loop is closed."""
    try:
        loop.call_soon_threadsafe(do, *given)
    except RuntimeError:
        do(*given)


def work(connection: int, memory: int) -> None:
    """Answer queries over a socket and a piece of memory, given by their descriptors; the whole life of a worker process."""
    # Ctrl-C, and what a supervisor sends to all processes of a service, are for the parent, which ends its workers.
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    line = _Line(socket.socket(fileno=connection), mmap.mmap(memory, WAIT))
    os.close(memory)
    settings = line.read()
    retain_memory()
    try:
        served = Store.open(settings["path"])
        _warm(served)
    except AnswerableError as error:
        line.write(ERROR, _pack_error(error))
        return
    os.nice(settings["niceness"])
    limits = Limits(**settings["limits"])
    lock(settings["memory"])
    line.write(WHOLE)
    while (request := line.read()) is not None:
        # The default action of SIGALRM ends the process even while the engine runs, and without a parent.
        signal.setitimer(signal.ITIMER_REAL, request.pop("seconds") + GRACE)
        try:
            _answer(served, request, limits, line)
        except OSError:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)


class _Line:
    """The worker's end of the socket and of the memory."""

    def __init__(self, connected: socket.socket, shared: mmap.mmap) -> None:
        self._socket, self._shared = connected, shared
        self._file = connected.makefile("rb", PIECE)

    def read(self) -> dict[str, Any] | None:
        """Read the next request; None when the parent is gone."""
        try:
            length = int.from_bytes(self._file.read(4))
            return json.loads(self._file.read(length).decode()) if length else None
        except OSError:
            return None

    def write(self, mark: bytes, said: bytes = b"", body: bytes = b"") -> None:
        """Write a frame."""
        head = len(said).to_bytes(4) + len(body).to_bytes(4) + said
        if mark == WHOLE and SHORT < len(body) <= WAIT:  # it is read before the next request is sent
            self._shared[: len(body)] = body
            self._socket.sendall(SHARED + head)
        else:
            self._socket.sendall(mark + head + body)


def retain_memory() -> None:
    """Retain freed memory, up to RETAINED bytes, which the C library else gives back; each page of it is a page fault later.

    A C library without mallopt does as it likes.
    """
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, RETAINED)
        mallopt(M_TRIM_THRESHOLD, RETAINED)


def lock(memory: int) -> None:
    """Give up the right to open files and sockets, and to take more than `memory` bytes beyond those this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _answer(served: Store, request: dict[str, Any], limits: Limits, line: _Line) -> None:
    begun = False

    def pass_on(kind: str, media_type: str, piece: bytes) -> None:
        nonlocal begun
        said = b"" if begun else json.dumps({"kind": kind, "media_type": media_type}).encode()
        line.write(PART if begun else BEGIN, said, piece)
        begun = True

    try:
        bindings = {name: terms.from_json(term) for name, term in request.get("bindings", {}).items()}
        graphs = (tuple(request.get(name, ())) for name in ("default_graphs", "named_graphs"))
        query = Query(request["text"], request["format"], bindings, *graphs)
        answer = served.answer(query, limits, stream=pass_on if request.get("streamed") else None)
        said = {"kind": answer.kind, "media_type": answer.media_type, "rows": answer.rows}
        if answer.volatile:
            said["volatile"] = True
        line.write(END if begun else WHOLE, json.dumps(said).encode(), answer.body)
    except AnswerableError as error:
        line.write(ERROR, _pack_error(error))
    except MemoryError:
        line.write(ERROR, _pack_error(out_of_memory()))


def _warm(served: Store) -> None:
    """Do once what loads code or data on first use, while files can still be opened."""
    for format in ("json", "xml", "csv", "tsv"):
        served.answer(Query("SELECT ?s { ?s ?p ?o } LIMIT 1", format))
    for format in ("ttl", "nt", "rdf", "jsonld"):
        served.answer(Query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", format))
    try:
        served.answer(Query("SELECT"))
    except AnswerableError as error:
        _pack_error(error)


def _pack_error(error: AnswerableError) -> bytes:
    return json.dumps({"error": type(error).__name__, **vars(error)}, default=str).encode()

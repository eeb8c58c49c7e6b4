"""One worker: a process that answers queries from a store and can be killed, and the parent's side of it.

It can open nothing once it has opened its store, and ends by itself shortly after a deadline even without its parent. It is sent
requests ahead and answers them in their order; those it has not begun can be taken back. Requests and replies are frames: a
head of fixed length, a description in JSON, which is mostly one seen before, and a text or a body. The body of a longer whole
answer is passed in shared memory. A worker is started with exec, not with fork, because a server has threads.
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
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

from kg import terms
from kg.errors import AnswerableError, SourceError, walk_errors
from kg.store import WAIT, Limits, Query, Store, is_out_of_memory, out_of_memory
from kg.wording import Wording

GRACE = 0.5  # seconds after the deadline at which a worker ends itself
START = 30.0  # seconds a worker may take to open its store
PIECE = 1 << 18  # bytes read from a worker at once
OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)  # with which others kill a worker
SHORT = 1 << 15  # bytes of a body up to which it goes through the socket
WHOLE, SHARED, ERROR, BEGIN, PART, END, UNDONE = b"W", b"S", b"X", b"B", b"P", b"E", b"U"  # the marks of replies
RETAINED = 32 << 20  # bytes of free memory that a worker retains, the most that the C library takes
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as malloc.h names them
_ENTRY = "import sys, json; sys.path[:] = json.loads(sys.argv[3]); from kg.answer.worker import work; work(*map(int, sys.argv[1:3]))"
_ERRORS = {cls.__name__: cls for cls in walk_errors()}

# A request: the lengths of its description and its text, its number, and the monotonic time at which it must be over.
_REQUEST = Struct("<IIQd")
# A reply: its mark, the lengths of its description and its body, the number of the request, seconds run, rows (-1: none).
_REPLY = Struct("<cIIQdq")
# At the head of the shared memory: the number up to which requests are taken back, and that of the body copied last.
_TAKEN_BACK, _COPIED, _SHARED_HEAD = 0, 1, 16


class Ended(Exception):
    """The worker is no more."""


class Reply(NamedTuple):
    """What a worker sent: a mark, what it says in JSON, bytes, the number of the request, and seconds run and rows at its end."""

    mark: bytes
    said: bytes
    body: bytes
    number: int
    ran: float
    rows: int | None


class Worker:
    """The parent's side of one worker process, used from one event loop at a time.

    `jobs` are the requests sent and not yet answered, oldest first, as whoever sends them knows them; `since` is when the first
    of them was begun.
    """

    def __init__(self, path: Path, memory: int, limits: Mapping[str, int], niceness: int = 0) -> None:
        self.source = str(path)
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(START)
        with theirs, open(os.memfd_create("answer"), "r+b") as memory_file:
            memory_file.truncate(_SHARED_HEAD + WAIT)
            self._shared = mmap.mmap(memory_file.fileno(), _SHARED_HEAD + WAIT)
            passed = [theirs.fileno(), memory_file.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, "-c", _ENTRY, *map(str, passed), json.dumps(sys.path)],
                pass_fds=passed,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self._numbers = memoryview(self._shared)[:_SHARED_HEAD].cast("Q")
        self.jobs: deque[Any] = deque()
        self.since = 0.0
        self.loop: asyncio.AbstractEventLoop | None = None  # that listens to the socket
        self._sent = 0  # the number of the last request
        self._received = bytearray()
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
            self._send(_REQUEST.pack(len(packed := json.dumps(self._settings).encode()), 0, 0, 0.0) + packed)
            while not (replies := self.receive()):
                pass
        except (Ended, OSError):
            raise SourceError(f"No worker could open the store ({self.find_reason()})", where=self.source) from None
        if replies[0].mark == ERROR:
            raise unpack_error(replies[0].said)
        self._socket.setblocking(False)

    def send(self, job: Any, said: bytes, text: bytes, end: float) -> None:
        """Send a request that must be over when the clock shows `end`; one to a worker that is gone is lost with it."""
        self._sent += 1
        self.jobs.append(job)
        with suppress(OSError):  # the reader of the socket learns that the worker is gone
            self._send(_REQUEST.pack(len(said), len(text), self._sent, end) + said + text)

    def _send(self, frame: bytes) -> None:
        while frame:
            try:
                frame = frame[self._socket.send(frame) :]
            except BlockingIOError:
                select.select([], [self._socket], [], START)

    def take_back(self) -> list[Any]:
        """Take back what the worker has not begun, and return the jobs of all but the first; it answers each with UNDONE.

        Whether it has begun the first is known from its answer. One that it begins at the same moment is answered although
        its job was returned.
        """
        first, *others = self.jobs
        self._numbers[_TAKEN_BACK] = self._sent
        self.jobs = deque([first, *[None] * len(others)])
        return [job for job in others if job is not None]

    def listen(self, loop: asyncio.AbstractEventLoop, hear: Callable[["Worker"], None]) -> None:
        """Let a loop call `hear` with this worker when it has sent something, for all requests to come."""
        before, self.loop = self.loop, loop
        if before is not None:
            _run_in(before, before.remove_reader, self._socket)
        loop.add_reader(self._socket, hear, self)

    def receive(self) -> list[Reply]:
        """Read once what the worker has sent, and return the replies that are whole; raises Ended when it sends no more."""
        try:
            piece = self._socket.recv(PIECE)
        except BlockingIOError:
            return []
        except OSError:
            raise Ended from None
        if not piece:
            raise Ended
        self._received += piece
        replies, start, received = [], 0, len(self._received)
        with memoryview(self._received) as view:
            while received - start >= _REPLY.size:
                mark, head, size, number, ran, rows = _REPLY.unpack_from(view, start)
                middle = start + _REPLY.size + head
                end = middle if mark == SHARED else middle + size
                if received < end:
                    break
                if mark == SHARED:
                    body = self._shared[_SHARED_HEAD : _SHARED_HEAD + size]
                    self._numbers[_COPIED] = number
                else:
                    body = bytes(view[middle:end])
                said = bytes(view[start + _REPLY.size : middle])
                replies.append(Reply(mark, said, body, number, ran, None if rows < 0 else rows))
                start = end
        del self._received[:start]
        return replies

    def is_next(self, number: int) -> bool:
        """Whether a reply with this number is to the first of the jobs."""
        return bool(self.jobs) and number == self._sent - len(self.jobs) + 1

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def kill(self) -> None:
        """End the process, wait for it and let go of it."""
        self._process.kill()
        self._process.wait()
        if self.loop is None:
            self._socket.close()
        else:
            _run_in(self.loop, self._let_go, self.loop)
        self._process.stderr.close()
        self._numbers.release()
        self._shared.close()

    def _let_go(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._socket.fileno() >= 0:
            loop.remove_reader(self._socket)
        self._socket.close()

    def stop_listening(self) -> None:
        """Let its loop, in whose thread this is called, no more look at the socket."""
        self.loop.remove_reader(self._socket)

    def find_reason(self) -> str:
        """Find out from its standard error and its signal why the worker is gone: deadline, memory, outside or crash."""
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


@lru_cache(256)
def _pack_plain(format: str | tuple[tuple[str, str], ...], streamed: bool) -> bytes:
    return json.dumps({"format": format if isinstance(format, str) else dict(format), "streamed": streamed}).encode()


def pack_query(query: Query, streamed: bool) -> tuple[bytes, bytes]:
    """Write a query as a description and a text."""
    format, text = query.format, query.text.encode("utf-8", "surrogatepass")
    said = _pack_plain(format if isinstance(format, str) else tuple(format.items()), streamed)
    if query.bindings or query.default_graphs or query.named_graphs or query.max_rows:
        bindings = {name: terms.to_json(term) for name, term in query.bindings.items()}
        graphs = {"default_graphs": query.default_graphs, "named_graphs": query.named_graphs}
        more = {"bindings": bindings, **graphs, "max_rows": query.max_rows, "values_first": query.values_first}
        said = json.dumps({**json.loads(said), **more}).encode()
    return said, text


@lru_cache(256)
def _unpack_options(said: bytes) -> tuple[Any, ...]:
    """Read the description of a query: its format, bindings, graphs, rows and planning, and whether it is streamed."""
    told = json.loads(said)
    bindings = {name: terms.from_json(term) for name, term in told.get("bindings", {}).items()}
    graphs = (tuple(told.get(name, ())) for name in ("default_graphs", "named_graphs"))
    return told["format"], bindings, *graphs, told.get("max_rows"), told.get("values_first", False), told["streamed"]


@lru_cache(256)
def _pack_kind(kind: str, media_type: str, volatile: bool) -> bytes:
    return json.dumps([kind, media_type, volatile]).encode()


@lru_cache(256)
def unpack_kind(said: bytes) -> tuple[str, str, bool]:
    """Read what an answer is: its kind, its media type, and whether it is volatile."""
    kind, media_type, volatile = json.loads(said)
    return kind, media_type, volatile


def _pack_error(error: AnswerableError) -> bytes:
    told = {name: _pack_words(value) for name, value in vars(error).items()}
    return json.dumps({"error": type(error).__name__, **told}, default=str).encode()


def _pack_words(value: Any) -> Any:
    """Write a text with what fills it so that it can still be translated at the other end."""
    if not isinstance(value, Wording):
        return value
    return {"wording": value.wording, "values": {name: _pack_words(one) for name, one in value.values.items()}}


def _unpack_words(value: Any) -> Any:
    if not (isinstance(value, dict) and value.keys() == {"wording", "values"}):
        return value
    return Wording(value["wording"], {name: _unpack_words(one) for name, one in value["values"].items()})


def unpack_error(said: bytes) -> AnswerableError:
    """Read the error that a reply tells of."""
    told = {name: _unpack_words(value) for name, value in json.loads(said).items()}
    return _ERRORS[told.pop("error")](told.pop("message"), **told)


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
    line = _Line(socket.socket(fileno=connection), mmap.mmap(memory, _SHARED_HEAD + WAIT))
    os.close(memory)
    said, _, _ = line.read()
    settings = json.loads(said)
    retain_memory()
    try:
        served = Store.open(settings["path"])
        _warm(served)
    except AnswerableError as error:
        line.write(ERROR, _pack_error(error))
        return
    os.nice(settings["niceness"])
    limits = Limits(**settings["limits"])
    lock(settings["memory"], Path(settings["path"]))
    line.write(WHOLE)
    try:
        while (request := line.read()) is not None:
            said, text, end = request
            if line.is_taken_back():
                line.write(UNDONE)
                continue
            # The default action of SIGALRM ends the process even while the engine runs, and without a parent.
            signal.setitimer(signal.ITIMER_REAL, max(end - time.monotonic() + GRACE, 0.01))
            _answer(served, said, text, limits, line)
            if line.is_empty():
                signal.setitimer(signal.ITIMER_REAL, 0)
    except OSError:
        return


class _Line:
    """The worker's end of the socket and of the memory."""

    def __init__(self, connected: socket.socket, shared: mmap.mmap) -> None:
        self._socket, self._shared = connected, shared
        self._numbers = memoryview(shared)[:_SHARED_HEAD].cast("Q")
        self._received = b""
        self._number, self._began = 0, 0.0  # of the request that was read last
        self._lent = 0  # the number of the last one whose answer was put into the memory

    def read(self) -> tuple[bytes, str, float] | None:
        """Read the next request: its description, its text and the time at which it must be over; None when the parent is gone."""
        while len(received := self._received) < _REQUEST.size or len(received) < (size := self._measure()):
            try:
                piece = self._socket.recv(PIECE)
            except OSError:
                return None
            if not piece:
                return None
            self._received += piece
        head, _, self._number, end = _REQUEST.unpack_from(received)
        middle = _REQUEST.size + head
        self._received, self._began = received[size:], time.monotonic()
        return received[_REQUEST.size : middle], received[middle:size].decode("utf-8", "surrogatepass"), end

    def _measure(self) -> int:
        head, text, _, _ = _REQUEST.unpack_from(self._received)
        return _REQUEST.size + head + text

    def is_empty(self) -> bool:
        """Whether no further request has been received yet."""
        return not self._received

    def is_taken_back(self) -> bool:
        """Whether the parent has taken back the request that was read last."""
        return self._number <= self._numbers[_TAKEN_BACK]

    def write(self, mark: bytes, said: bytes = b"", body: bytes = b"", rows: int | None = None) -> None:
        """Write a reply to the request that was read last."""
        # The memory is free again when the parent has copied the answer that was put there last.
        if mark == WHOLE and SHORT < len(body) <= WAIT and self._numbers[_COPIED] == self._lent:
            self._shared[_SHARED_HEAD : _SHARED_HEAD + len(body)] = body
            mark, self._lent = SHARED, self._number
        ran = time.monotonic() - self._began
        frame = _REPLY.pack(mark, len(said), len(body), self._number, ran, -1 if rows is None else rows) + said
        self._socket.sendall(frame if mark == SHARED else frame + body)


def retain_memory() -> None:
    """Retain freed memory, up to RETAINED bytes, which the C library else gives back; each page of it is a page fault later.

    A C library without mallopt does as it likes.
    """
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, RETAINED)
        mallopt(M_TRIM_THRESHOLD, RETAINED)


def lock(memory: int, store: Path) -> None:
    """Give up the right to open files and sockets, and to take more than `memory` bytes beyond those this process has.

    The engine opens the first few data files with a store, and others when it first reads them; so many descriptors are left.
    """
    there = {int(path.name): Path(os.path.realpath(path)) for path in Path("/proc/self/fd").iterdir()}
    unopened = {path.resolve() for path in store.glob("*.sst")} - set(there.values())
    descriptors = max(there) + 1 + len(unopened) if unopened else 0
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def _answer(served: Store, said: bytes, text: str, limits: Limits, line: _Line) -> None:
    begun = False

    def pass_on(kind: str, media_type: str, piece: bytes) -> None:
        nonlocal begun
        line.write(PART if begun else BEGIN, b"" if begun else _pack_kind(kind, media_type, False), piece)
        begun = True

    try:
        *rest, streamed = _unpack_options(said)
        answer = served.answer(Query(text, *rest), limits, stream=pass_on if streamed else None)
        kind = _pack_kind(answer.kind, answer.media_type, answer.volatile)
        line.write(END if begun else WHOLE, kind, answer.body, answer.rows)
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

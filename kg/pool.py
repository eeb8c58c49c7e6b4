"""Query workers that can be killed: processes that read one store, each under a deadline and a memory limit.

Promises that a query ends within a second of its deadline whatever it does, that the others do not notice, and that what
comes back is a whole answer or one error that says why there is none. Never lets a query write, open a file or reach the
network, and never keeps or logs the text of one.

A worker is started with exec and not with fork, because a server has threads. It opens the store, gives up the right to
open anything more, takes requests as JSON over a socket pair and returns JSON and bytes. Nothing is unpickled.
"""

import asyncio
import json
import math
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kg import sparql, store
from kg.errors import (
    AnswerableError,
    Busy,
    QueryCrashed,
    QueryOutOfMemory,
    QueryStopped,
    QueryTimeout,
    SourceError,
    walk_errors,
)
from kg.store import Iri, Literal, Serialized, Store, Term

GRACE = 0.5  # seconds after the deadline at which a worker ends itself, should nobody be left to end it
START = 30.0  # seconds a worker may take to open its store
OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)  # how others end a worker
_ENTRY = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from kg.pool import work; work(int(sys.argv[1]))"
_NAMES = {cls.__name__: cls for cls in walk_errors()}


class Pool:
    """Workers on one store; use it from any thread or from asyncio, and close it."""

    def __init__(
        self,
        path: Path | str,
        *,
        workers: int = 2,
        deadline: float = 10.0,
        memory: int = 512 << 20,
        queue: int = 32,
        max_rows: int = store.MAX_ROWS,
        max_bytes: int = store.MAX_BYTES,
        max_query: int = sparql.MAX_BYTES,
        max_depth: int = sparql.MAX_DEPTH,
        name: str = "queries",
    ) -> None:
        self.name = name
        self.deadline = deadline
        self.size = workers
        self.queue = queue
        self._limits = {"max_rows": max_rows, "max_bytes": max_bytes, "max_query": max_query, "max_depth": max_depth}
        self._memory = memory
        self._path = Path(path).resolve()
        self._changed = threading.Condition()
        self._all: set[_Worker] = set()
        self._waiting = 0
        self._closed = False
        self._outcomes: Counter[str] = Counter()
        self._kills: Counter[str] = Counter()
        self._threads = ThreadPoolExecutor(workers + queue + 1, thread_name_prefix=f"pool-{name}")
        self._idle: deque[_Worker] = deque(self._start(self._path, workers))

    @property
    def path(self) -> Path:
        """The store new queries are asked of."""
        return self._path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def answer(
        self,
        text: str,
        format: str,
        *,
        bindings: Mapping[str, Term] | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Serialized:
        """Answer a query as `Store.answer` does, in a worker; blocks until the deadline at most.

        The deadline counts from this call, waiting included. Raises what `Store.answer` raises, and Busy (too many wait),
        QueryTimeout, QueryOutOfMemory and QueryCrashed. The answer's `source` is the path of the store that gave it.
        """
        end = time.monotonic() + self.deadline
        request = {
            "text": text,
            "format": format,
            "bindings": {name: _pack(term) for name, term in (bindings or {}).items()},
            "default_graphs": list(default_graphs),
            "named_graphs": list(named_graphs),
        }
        try:
            try:
                answer = self._try(request, end)
            except _Interrupted:  # somebody ended the worker, so the query is not to blame
                self._count("retried")
                answer = self._try(request, end)
        except _Interrupted as error:
            self._count(QueryCrashed.slug)
            raise QueryCrashed("The worker was ended from outside, twice", hint="Try again") from error
        except AnswerableError as error:
            self._count(error.slug)
            raise
        self._count("answered")
        return answer

    async def run(
        self,
        text: str,
        format: str,
        *,
        bindings: Mapping[str, Term] | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Serialized:
        """Answer a query as `answer` does, without blocking the event loop."""

        def call() -> Serialized:
            return self.answer(
                text, format, bindings=bindings, default_graphs=default_graphs, named_graphs=named_graphs
            )

        try:
            future = asyncio.get_running_loop().run_in_executor(self._threads, call)
        except RuntimeError:  # the threads take no more work once the pool is closed
            raise self._gone() from None
        return await future

    def reload(self, path: Path | str) -> None:
        """Ask another store from now on; queries that run are left to finish on theirs.

        Raises SourceError, and changes nothing, when the other store cannot be opened.
        """
        path = Path(path).resolve()
        fresh = self._start(path, self.size)
        with self._changed:
            stale, self._idle = list(self._idle), deque(fresh)
            self._path = path
            self._changed.notify_all()
        for worker in stale:
            self._discard(worker)

    def counters(self) -> dict[str, Any]:
        """Count queries by outcome and kills by reason, and say how many workers are free and queries wait."""
        with self._changed:
            return {
                "outcomes": dict(self._outcomes),
                "kills": dict(self._kills),
                "idle": len(self._idle),
                "waiting": self._waiting,
            }

    def close(self) -> None:
        """End every worker and every query; may be called twice."""
        with self._changed:
            self._closed = True
            idle = list(self._idle)
            busy = self._all.difference(idle)
            self._idle.clear()
            self._changed.notify_all()
        for worker in busy:
            worker.end()  # whoever waits for it discards it
        for worker in idle:
            self._discard(worker)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _try(self, request: dict[str, Any], end: float) -> Serialized:
        worker, keep = self._take(end), False
        try:
            answer = worker.exchange(request, end)
            keep = True
            return answer
        except _Ended as ended:
            if self._closed:
                raise self._gone() from None
            self._count(ended.reason, self._kills)
            self._replace_soon()
            raise self._blame(ended.reason) from None
        except QueryOutOfMemory:  # the engine survived it, with who knows how little memory left
            self._replace_soon()
            raise
        except AnswerableError:
            keep = True
            raise
        finally:
            if keep:
                self._give_back(worker)
            else:
                self._discard(worker)

    def _blame(self, reason: str) -> Exception:
        if reason == "deadline":
            return QueryTimeout(
                f"The query was ended after {self.deadline:g} s", hint="Ask for less, or take the data and ask at home"
            )
        if reason == "memory":
            return QueryOutOfMemory(
                f"The query needed more than {self._memory >> 20} MiB of memory", hint="Ask for less at a time"
            )
        if reason == "outside":
            return _Interrupted()
        return QueryCrashed("The query brought its worker down", hint="Write it in a simpler way")

    def _take(self, end: float) -> "_Worker":
        """Take a free worker, waiting until `end` at most."""
        with self._changed:
            if self._waiting >= self.queue and not self._idle:
                raise self._busy()
            self._waiting += 1
            try:
                while not self._closed:
                    while self._idle:
                        worker = self._idle.popleft()
                        if worker.is_alive():
                            return worker
                        self._kills["outside"] += 1
                        self._all.discard(worker)
                        worker.kill()
                        self._replace_soon()
                    if not self._changed.wait(end - time.monotonic()):
                        raise self._busy()
            finally:
                self._waiting -= 1
        raise self._gone()

    def _give_back(self, worker: "_Worker") -> None:
        with self._changed:
            wanted = not self._closed and worker.path == self._path
            if wanted:
                self._idle.append(worker)
                self._changed.notify()
        if not wanted:
            self._discard(worker)

    def _busy(self) -> Busy:
        return Busy(
            "Too many queries are waiting", retry_after=max(1, math.ceil(self.deadline / 2)), hint="Try again shortly"
        )

    def _gone(self) -> QueryStopped:
        return QueryStopped("The server is closing", hint="Try again shortly")

    def _count(self, what: str, counter: Counter[str] | None = None) -> None:
        with self._changed:
            (self._outcomes if counter is None else counter)[what] += 1

    def _start(self, path: Path, number: int) -> list["_Worker"]:
        workers: list[_Worker] = []
        try:
            for _ in range(number):
                workers.append(_Worker(path, self._memory, self._limits))
            with self._changed:
                self._all.update(workers)
            for worker in workers:
                worker.await_ready()
        except (AnswerableError, OSError):
            for worker in workers:
                self._discard(worker)
            raise
        return workers

    def _discard(self, worker: "_Worker") -> None:
        with self._changed:
            self._all.discard(worker)
        worker.kill()

    def _replace_soon(self) -> None:
        threading.Thread(target=self._replace, name=f"replace-{self.name}", daemon=True).start()

    def _replace(self) -> None:
        """Put a new worker in the place of a lost one; keep trying while the pool is open and a worker is missing."""
        pause = 0.1
        while not self._closed:
            try:
                (worker,) = self._start(self._path, 1)
            except (AnswerableError, OSError):  # OSError: no process or descriptor to be had just now
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self._give_back(worker)
                return


class _Interrupted(Exception):
    """Somebody else ended the worker."""


class _Ended(Exception):
    """The worker is no more; `reason` is deadline, memory, outside or crash."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Worker:
    """The parent's hand on one worker process."""

    def __init__(self, path: Path, memory: int, limits: Mapping[str, int]) -> None:
        self.path = path
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-c", _ENTRY, str(theirs.fileno()), json.dumps(sys.path)]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self._pipe = Connection(ours.detach())
        self._settings = {"path": str(path), "memory": memory, "limits": dict(limits)}

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
            self._send(self._settings)
            self._receive(time.monotonic() + START)
        except _Ended as ended:
            raise SourceError(f"No worker could open the store ({ended.reason})", where=str(self.path)) from None

    def exchange(self, request: dict[str, Any], end: float) -> Serialized:
        """Have a query answered until the clock shows `end`; raise the worker's error, or _Ended when it is lost."""
        left = max(end - time.monotonic(), 0.0)
        self._send({**request, "seconds": left})
        reply = self._receive(end)
        try:
            body = self._pipe.recv_bytes()
        except (EOFError, OSError):
            raise _Ended(self._find_reason()) from None
        return Serialized(reply["kind"], reply["media_type"], body, reply["rows"], str(self.path))

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def kill(self) -> None:
        """End the process, wait for it and let go of it."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        self._process.stderr.close()

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._pipe.send_bytes(json.dumps(message).encode())
        except OSError:
            raise _Ended(self._find_reason()) from None

    def _receive(self, end: float) -> dict[str, Any]:
        try:
            if not self._pipe.poll(max(end - time.monotonic(), 0.0)):
                raise _Ended("deadline")
            reply = json.loads(self._pipe.recv_bytes())
        except (EOFError, OSError):
            raise _Ended(self._find_reason()) from None
        if "error" in reply:
            raise _unpack_error(reply)
        return reply

    def _find_reason(self) -> str:
        """Find out from its last words and its signal why the worker is gone."""
        try:
            _, words = self._process.communicate(timeout=1.0)
        except subprocess.TimeoutExpired:
            return "crash"
        except ValueError:  # closed under our hands by Pool.close
            return "outside"
        if self._process.returncode == -signal.SIGALRM:
            return "deadline"
        if b"memory allocation of" in words or b"MemoryError" in words or b"bad_alloc" in words:
            return "memory"
        return "outside" if -self._process.returncode in OUTSIDE else "crash"


def work(descriptor: int) -> None:
    """Answer queries over a socket until it closes; the whole life of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers itself
    pipe = Connection(descriptor)
    settings = json.loads(pipe.recv_bytes())
    try:
        served = Store.open(settings["path"])
        _warm(served)
    except AnswerableError as error:
        pipe.send_bytes(_pack_error(error))
        return
    lock(settings["memory"])
    pipe.send_bytes(b"{}")
    while True:
        try:
            request = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        # The default action of SIGALRM ends the process even while the engine runs, and even when no parent is left.
        signal.setitimer(signal.ITIMER_REAL, request.pop("seconds") + GRACE)
        head, body = _answer(served, request, settings["limits"])
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            pipe.send_bytes(head)
            if body is not None:
                pipe.send_bytes(body)
        except OSError:
            return


def lock(memory: int) -> None:
    """Give up the right to open files and sockets, and to take more than `memory` bytes beyond what this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _answer(served: Store, request: dict[str, Any], limits: dict[str, int]) -> tuple[bytes, bytes | None]:
    try:
        bindings = {name: _unpack(term) for name, term in request.pop("bindings").items()}
        answer = served.answer(request.pop("text"), request.pop("format"), bindings=bindings, **request, **limits)
        head = json.dumps({"kind": answer.kind, "media_type": answer.media_type, "rows": answer.rows}).encode()
        return head, answer.body
    except AnswerableError as error:
        return _pack_error(error), None
    except MemoryError:
        return _pack_error(QueryOutOfMemory("The query needs more memory than it may have")), None


def _warm(served: Store) -> None:
    """Do once what loads code or data on first use, while files can still be opened."""
    for format in ("json", "xml", "csv", "tsv"):
        served.answer("SELECT ?s { ?s ?p ?o } LIMIT 1", format)
    for format in ("ttl", "nt", "rdf", "jsonld"):
        served.answer("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", format)
    try:
        served.answer("SELECT", "json")
    except AnswerableError as error:
        _pack_error(error)


def _pack(term: Term) -> dict[str, Any]:
    return {"iri": term.value} if isinstance(term, Iri) else asdict(term)


def _unpack(packed: dict[str, Any]) -> Term:
    return Iri(packed["iri"]) if "iri" in packed else Literal(**packed)


def _pack_error(error: AnswerableError) -> bytes:
    return json.dumps({"error": type(error).__name__, **vars(error)}, default=str).encode()


def _unpack_error(reply: dict[str, Any]) -> AnswerableError:
    cls = _NAMES[reply.pop("error")]
    message = reply.pop("message")
    return cls(message, **reply)

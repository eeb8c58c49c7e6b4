"""The process that answers queries from a store for a pool, and can be killed at any moment.

It can open nothing once it has opened its store, and ends by itself shortly after a deadline even without its parent.
"""

import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from kg import memory
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
    pack_error,
    unpack_query,
)
from kg.child import lock
from kg.errors import AnswerableError, QueryOutOfMemory
from kg.store import Limits, Query, Store, out_of_memory

GRACE = 0.5  # seconds after the deadline at which a worker ends itself
# Bytes of free memory, the most that the C library takes: each page that it gave back is a page fault later.
RETAINED = 32 << 20


def work() -> None:
    """Answer queries until the pool is gone; the first line of standard input says how."""
    settings = json.loads(sys.stdin.buffer.readline())
    line = _Line(socket.socket(fileno=settings["socket"]), Board(settings["board"]), settings["slot"])
    os.close(settings["board"])
    path = Path(settings["store"])
    memory.tune(large=RETAINED, retained=RETAINED)
    try:
        store = Store.open(path)
        warm(store)
    except AnswerableError as error:
        sys.stdout.buffer.write(pack_error(error))
        return
    os.nice(settings["niceness"])
    limits = Limits(**settings["limits"])
    lock(settings["memory"], path.glob("*.sst"))
    os.write(sys.stdout.fileno(), READY)
    with suppress(ConnectionError):  # the pool is gone
        while (request := line.receive()) is not None:
            try:
                _answer(store, *request, limits, line)
            except (QueryOutOfMemory, MemoryError):
                line.reply(ERROR, pack_error(out_of_memory()))
                return
            except AnswerableError as error:
                line.reply(ERROR, pack_error(error))


def _answer(store: Store, query: Query, streamed: bool, limits: Limits, line: "_Line") -> None:
    def stream(kind: str, media_type: str, piece: bytes) -> None:
        line.reply(PIECE, json.dumps([kind, media_type]).encode(), piece)

    answer = store.answer(query, limits, stream=stream if streamed else None)
    description = json.dumps([answer.kind, answer.media_type, answer.rows, answer.volatile]).encode()
    line.reply(END, description, answer.body)


class _Line:
    def __init__(self, connected: socket.socket, board: Board, slot: int) -> None:
        self._socket, self._board, self._slot = connected, board, slot
        self._number, self._began = 0, 0.0  # of the request that was received last

    def receive(self) -> tuple[Query, bool] | None:
        """Take the next request that somebody waits for; None when the pool is gone."""
        while True:
            self._board.begin(self._slot, 0)
            try:
                message = self._socket.recv(REQUEST.size + LONGEST, socket.MSG_DONTWAIT)
            except BlockingIOError:
                signal.setitimer(signal.ITIMER_REAL, 0)
                message = self._socket.recv(REQUEST.size + LONGEST)
            if not message:
                return None
            self._number, end, size = REQUEST.unpack_from(message)
            self._began = time.monotonic()
            self._board.begin(self._slot, self._number)
            if self._board.is_settled(self._number):
                continue
            # The default action of SIGALRM ends the process even while the engine runs, and without a parent.
            signal.setitimer(signal.ITIMER_REAL, max(end - self._began + GRACE, 0.01))
            content = message[REQUEST.size :]
            if size:
                self.reply(WANT)
                content = sys.stdin.buffer.read(size)
            return unpack_query(content)

    def reply(self, mark: int, description: bytes = b"", body: bytes = b"") -> None:
        """Reply to the request that was received last, in as many messages as a long body needs."""
        last = max(len(body) - 1, 0) // LONGEST * LONGEST
        for start in range(0, last + 1, LONGEST):
            sent = PART if mark == END and start < last else mark
            ran = time.monotonic() - self._began
            head = REPLY.pack(sent, self._slot, self._number, ran, len(description))
            self._socket.sendmsg([head, description, body[start : start + LONGEST]])


def warm(store: Store) -> None:
    """Do once what loads code or data on first use, while files can still be opened."""
    for format in ("json", "xml", "csv", "tsv"):
        store.answer(Query("SELECT ?s { ?s ?p ?o } LIMIT 1", format))
    for format in ("ttl", "nt", "rdf", "jsonld"):
        store.answer(Query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", format))
    try:
        store.answer(Query("SELECT"))
    except AnswerableError as error:
        pack_error(error)

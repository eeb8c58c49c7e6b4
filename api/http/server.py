"""Between the socket and the application: one deadline, one cap of connections, limits of heads and bodies, and a shortcut.

A client has one deadline for whatever it owes: a head, the next piece of a body, or another request. Where there are too many
connections, the one that is waited for longest has to go, and before any other one that was never answered. The shortcut answers a
request whose bytes were answered before, without parsing them.
"""

import asyncio
import re
import socket
from typing import Any

import httptools
import uvicorn
from prometheus_client import Counter
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http import problems
from api.http.middleware import SHARED, pattern_of
from kg.answer.cache import CachedBody

TARGET_BYTES = 60_000  # of the target of a request: its path and its parameters; the parser measures in 16 bits
FIELD_BYTES = 32 << 10  # of the names and values of its header
PIECE = 16 << 10  # bytes of a body that begin the deadline anew
# Bytes of an answer that the system holds for a client, and doubles; by itself it would hold megabytes.
UNSENT = 208 << 10
REMEMBERED = 1 << 16  # requests that came once
# A whole GET of at most 8 KiB, without a body, that says nothing about its connection.
PLAIN = re.compile(
    rb"(?si)(?=.{,8192}\Z)GET /\S* HTTP/1\.1\r\n"
    rb"(?:(?!content-length:|transfer-encoding:|connection:|upgrade:|expect:)[^\r\n]+\r\n)+\r\n"
)
# From the reason why a connection is cut to the status, what is wrong and what to do.
REASONS = {
    "malformed": (400, "This is no request that HTTP/1.1 allows", "Send one that is"),
    "head-time": (408, "The head of the request took too long", "Send it at once"),
    "body-time": (408, "The body of the request took too long", "Send it faster, or a shorter one"),
    "body-size": (413, "The body of the request is larger than any this server takes", "Send a shorter query"),
    "target-size": (414, f"The address has more than {TARGET_BYTES} bytes", "Send a long query by POST"),
    "head-size": (431, f"The header has more than {FIELD_BYTES} bytes", "Send a smaller one"),
    "full": (503, "There are too many connections", "Try again in a moment"),
}


class HttpServer(uvicorn.Server):
    """uvicorn's server, to which the system hands a connection once something came on it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Else who pauses between connecting and asking may have to go for strangers who connect meanwhile. After a second and an
        # answer of the client's system the connection is handed over all the same. Where the system cannot, it is at once.
        if hasattr(socket, "TCP_DEFER_ACCEPT"):
            for listening in (each for server in self.servers for each in server.sockets):
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)


class Connection(HttpToolsProtocol):
    """uvicorn's protocol within limits; `protocol` makes the class for one application."""

    state: Any  # of the application; its `connections` are in the order in which it began to wait for their clients
    cuts: dict[str, tuple[Counter, Response]]  # by reason: how many there were, and what each is answered
    seen: dict[int, int]  # hashes of plain requests: most come only once, and their answers are not stored

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.inner, self.app = self.app, self._answer
        # What is read: nothing yet, a "head", a "body", nothing in a "pause" behind a request, and nothing any more after a "refusal".
        self.part = ""
        self.size = self.pending = 0  # bytes of that part; requests that are read to their end and not yet answered
        self.repeated: bytes | None = None  # the request that begins next, if its answer is to be stored

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Take a connection, for which another may have to go: first of those never answered, then of all, the one waited for longest."""
        super().connection_made(transport)
        # What a slow client has not taken is not made in advance: the application waits for each piece to be sent.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNSENT)
        self.clock = self.loop.call_later(self.state.settings.head_seconds, self._expire)
        others = self.state.connections
        others[self] = self.loop.time()
        if len(others) > self.state.settings.connections:
            idle = (
                other
                for was_answered in (False, True)
                for other in others
                if other is not self and was_answered == (other.part == "pause") and other._is_idle()
            )
            longest = next(idle, self)
            del others[longest]
            longest._refuse("full")

    def connection_lost(self, exc: Exception | None) -> None:
        self.clock.cancel()
        self.state.connections.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer a repeated request, or parse what came."""
        before = self.part
        if before == "refusal":  # what still comes is dropped, so that the client may read why
            return
        is_between = before in ("", "pause") and self._is_idle()
        if is_between and not self.state.settings.access_log:  # the shortcut writes no log
            cache = self.state.releases.current.cache
            if answer := cache.stored(data):
                cache.counts["repeats"] += 1
                answer.rest.inc()
                super().data_received(b"")  # stops uvicorn's clock of idle connections, as any other request does
                self._touch()
                self.part = "pause"
                self.transport.writelines(
                    (STATUS_LINE[200], write_lines(self.server_state.default_headers), answer.body)
                )
                return
            if PLAIN.fullmatch(data):
                self.repeated = data if self.seen.get(hash(data) % REMEMBERED) == hash(data) else None
                self.seen[hash(data) % REMEMBERED] = hash(data)
        super().data_received(data)
        if before and self.part == before:
            self.size += len(data)
            if before == "head" and self.size > TARGET_BYTES + FIELD_BYTES:
                self._refuse("head-size" if self.headers else "target-size")
            elif before == "body" and self.size % PIECE < len(data) and not self.pending:
                self._touch()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.part, self.size = "head", 0
        self._touch()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.part == "head":  # what comes behind a body is no part of it
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Refuse a head that is too long or announces too long a body, or begin with its request."""
        limits = (
            ("target-size", len(self.url), TARGET_BYTES),
            ("head-size", sum(len(name) + len(value) for name, value in self.headers), FIELD_BYTES),
            ("body-size", int(dict(self.headers).get(b"content-length", 0)), self.state.settings.max_body),
            # What a proxy may read in another way than the parser: which host is asked, and where the body ends.
            ("malformed", sum(name == b"host" for name, _ in self.headers), 1),
            ("malformed", sum(n == b"transfer-encoding" and v.lower() != b"chunked" for n, v in self.headers), 0),
        )
        for reason, size, most in limits:
            if size > most:
                self._refuse(reason)
                raise httptools.HttpParserError(reason)  # ends the parsing
        super().on_headers_complete()
        self.part, self.size = "body", 0

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.part, self.pending = "pause", self.pending + 1

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, in the place of uvicorn's own answer."""
        if self.part != "refusal":
            self._refuse("malformed")

    def _unsupported_upgrade_warning(self) -> None:
        self.parser = httptools.HttpRequestParser(self)  # goes on in HTTP/1.1 (RFC 9110, 7.8)

    def _touch(self) -> None:
        if self.state.connections.pop(self, None):
            self.state.connections[self] = self.loop.time()

    def _is_idle(self) -> bool:
        return self.pending <= 0 and not self.transport.get_write_buffer_size()

    def _expire(self) -> None:
        rest = self.state.connections.get(self, 0.0) + self.state.settings.head_seconds - self.loop.time()
        if rest > 0 or self.pending > 0:
            self.clock = self.loop.call_later(max(rest, 1.0), self._expire)
        elif self.part in ("head", "body"):
            self._refuse(f"{self.part}-time")
        else:
            self.transport.close()

    def _refuse(self, reason: str) -> None:
        counter, answer = self.cuts[reason]
        counter.inc()
        before, self.part = self.part, "refusal"
        # Earlier requests are answered; what is sent behind would be read as a later answer.
        if self.pending or before == "pause":
            return self.shutdown()
        lines = [*self.server_state.default_headers, *answer.raw_headers, *SHARED]
        self.transport.writelines((STATUS_LINE[answer.status_code], write_lines(lines), b"\r\n", answer.body))
        if answer.status_code in (408, 503):
            self.transport.close()
        else:  # a connection that is closed while the client still sends is reset, and the client may never see the answer
            self.transport.write_eof()
            self.transport.resume_reading()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        repeated, self.repeated, start = self.repeated, None, None

        async def send_and_store(message: Message) -> None:
            nonlocal start
            await send(message)  # uvicorn refuses a header with a line break
            if start and not message.get("more_body"):
                counter = self.state.metrics.requests.labels(pattern_of(scope), 200)
                answer = write_lines(start["headers"]) + b"\r\n" + message.get("body", b"")
                scope["state"]["opened"].cache.store(repeated, CachedBody(answer, counter))
            start = message if is_lasting(message) else None

        try:
            await self.inner(scope, receive, send_and_store if repeated else send)
        finally:
            self.pending -= 1
            self._touch()


def is_lasting(message: Message) -> bool:
    """Whether a message begins an answer that stays the same as long as the release."""
    headers = dict(message.get("headers", ()))
    lasts = {b"etag", b"content-length"} <= headers.keys() and headers.get(b"cache-control") != b"no-store"
    return lasts and message["status"] == 200


def write_lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Write headers as lines."""
    return b"".join([name + b": " + value + b"\r\n" for name, value in headers])


def protocol(app: Starlette) -> type[Connection]:
    """Make the protocol class with which uvicorn serves an application, in place of its own."""
    cuts = {
        reason: (
            app.state.metrics.connections_cut.labels(reason),
            problems.document(problems.HttpError(text, status=status, hint=hint, headers={"Connection": "close"}), ""),
        )
        for reason, (status, text, hint) in REASONS.items()
    }
    return type("Protocol", (Connection,), {"state": app.state, "cuts": cuts, "seen": {}})

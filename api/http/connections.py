"""What a connection may do: the time and the size of heads and bodies, the pace at which answers are read, and how many there are.

A sweep looks at every open connection about once a second, so a request costs no timer. A connection that breaks a limit gets
the status that says so where no answer has begun (RFC 9110, section 15), and is closed.
"""

from __future__ import annotations

import asyncio
import ctypes
import heapq
import ipaddress
import logging
import resource
import socket
import sys
from collections import Counter, deque
from collections.abc import Collection
from contextlib import suppress
from enum import Enum
from typing import Any

import httptools
from starlette.applications import Starlette
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.http.budget import LOOPBACK, reduce_address
from api.http.metrics import Metrics
from api.http.refusals import FIELD_BYTES, FIELDS, REASONS, TARGET_BYTES, write_refusal
from kg.config import Settings

PIECE = 16 << 10  # bytes that are parsed at once, so that a head is measured before it is whole
FRAMED = 8  # times the size of a body that its chunks may take
BODY_RATE = 16 << 10  # bytes of a body that earn it one more second
SEND_RATE = 512  # bytes of an answer that a client takes each second at least
SYSTEM_BYTES = 128 << 10  # of answers that wait in the system for each client; the rest waits here, where it is counted
PIPELINED = 100  # requests that may wait for the answer to the one before
UNSENT = 4  # longest answers that may be in memory because clients are slow
LINGER = 2.0  # seconds in which a refused client may read why; what it sends is dropped
EVERY = 1.0  # seconds between two sweeps
MINUTE = 60.0  # seconds between two lines in the log
OWN_DESCRIPTORS = 128  # files, workers and listening sockets
DESCRIPTORS = 2  # of one connection: its socket, and the file that it may be sent
DROPPED: deque[Any] = deque(maxlen=0)

log = logging.getLogger("answerable.connections")


class Phase(Enum):
    """What a connection reads: nothing of a request yet, its head, its body; or nothing any more."""

    BETWEEN = 0
    HEAD = 1
    BODY = 2
    REFUSED = 3


BETWEEN, HEAD, BODY, REFUSED = Phase


class Stop(Exception):
    """Ends the parsing of what came in."""


def raise_descriptors() -> None:
    """Let this process have as many descriptors as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def return_memory() -> None:
    """Give the memory that is free back to the system; a C library without malloc_trim does as it likes."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


class Connections:
    """The open connections of one server, and the limits that hold for them. Use it on one event loop."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings, self.metrics = settings, metrics
        for reason in REASONS:  # so that a rate can be taken from the first event on
            metrics.connections_cut.labels(reason)
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.most = min(settings.connections, max(1, (descriptors - OWN_DESCRIPTORS) // DESCRIPTORS))
        if self.most < settings.connections:
            log.warning("%s descriptors are enough for %s connections", descriptors, self.most)
        self._proxies = [ipaddress.ip_network(one) for one in settings.trusted_proxies.split(",") if one]
        self._open: set[LimitedProtocol] = set()
        self._by_client: dict[bytes, set[LimitedProtocol]] = {}
        self._cuts: Counter[str] = Counter()  # since the last line in the log
        self._logged = float("-inf")
        self._peak = 0  # of the bytes that waited to be sent
        self._sweeping: asyncio.TimerHandle | None = None
        limits = (settings.head_seconds, settings.body_seconds, settings.send_seconds)
        self._every = min(EVERY, min(limits) / 4)

    def __len__(self) -> int:
        """Count the open connections."""
        return len(self._open)

    def enter(self, connection: LimitedProtocol) -> str | None:
        """Take a new connection, for which an idle one may have to go; or return the reason why it cannot be taken."""
        if self._sweeping is None:
            self._sweeping = connection.loop.call_later(self._every, self._sweep, connection.loop)
        name = self._name(connection.client)
        own = self._by_client.get(name, ()) if name is not None else ()
        if len(own) >= self.settings.client_connections and not self._make_room(own, "client"):
            return "client"
        if len(self._open) >= self.most and not self._make_room(self._open, "full"):
            return "full"
        self._open.add(connection)
        if name is not None:
            connection.owner = name
            self._by_client.setdefault(name, set()).add(connection)
        return None

    def leave(self, connection: LimitedProtocol) -> None:
        """Forget a connection; may be called twice."""
        self._open.discard(connection)
        if (own := self._by_client.get(connection.owner)) is not None:
            own.discard(connection)
            if not own:
                del self._by_client[connection.owner]

    def count(self, reason: str) -> None:
        """Count a connection that is cut."""
        self._cuts[reason] += 1
        self.metrics.connections_cut.labels(reason).inc()

    def _name(self, client: tuple[str, int] | None) -> bytes | None:
        """Name the client of a connection; None for a proxy that speaks for many, and for this machine without a budget."""
        if client is None or self._proxies and any(ipaddress.ip_address(client[0]) in one for one in self._proxies):
            return None
        return reduce_address(client[0]) or (LOOPBACK if self.settings.loopback_budget else None)

    def _make_room(self, connections: Collection[LimitedProtocol], reason: str) -> bool:
        """Close the connections that have asked nothing for the longest time, a few at once if there are many."""
        idle = [one for one in connections if one.is_idle]
        oldest = heapq.nsmallest(len(connections) // 64 + 1, idle, key=LimitedProtocol.rank)
        for connection in oldest:
            connection.cut(reason)
        return bool(oldest)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cut the connections that broke a limit, and the slowest readers while too much waits to be sent."""
        now = loop.time()
        unsent = {connection: connection.check(now) for connection in tuple(self._open)}
        most, total = UNSENT * self.settings.max_bytes, sum(unsent.values())
        if total > most:
            readers = [connection for connection, size in unsent.items() if size and connection in self._open]
            for connection in sorted(readers, key=lambda one: one.pace(now)):
                if total > most:
                    connection.cut("unsent")
                    total -= unsent[connection]
        self._peak = max(self._peak, total)
        if total <= self._peak // 8:
            if self._peak > most // 16:
                return_memory()
            self._peak = total
        if self._cuts and now - self._logged >= MINUTE:
            said = ", ".join(f"{reason} {number}" for reason, number in sorted(self._cuts.items()))
            log.warning("connections cut: %s", said)
            self._cuts.clear()
            self._logged = now
        wanted = self._open or self._cuts
        self._sweeping = loop.call_later(self._every, self._sweep, loop) if wanted else None


class HeldHead:
    """A transport that sends the head of an answer together with the first piece of its body, in one write.

    A proxy asks another server only while nothing of an answer has come: a server that is killed between the two fails none.
    """

    def __init__(self, transport: asyncio.Transport, *, holds: bool) -> None:
        self._transport = transport
        self._head: bytes | None = b"" if holds else None  # what is held; None once something was sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Hold the head; send what comes behind it."""
        if self._head == b"":
            self._head = data
        elif self._head is None:
            self._transport.write(data)
        else:
            self._transport.write(self._head + data)
            self._head = None

    def release(self) -> None:
        """Send a head that has no body."""
        if self._head:
            self._transport.write(self._head)
        self._head = None

    def close(self) -> None:
        """Send what is held, and close."""
        self.release()
        self._transport.close()


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol within limits; `protocol` makes the class for one application."""

    registry: Connections

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.limits = self.registry.settings
        self.owner = b""  # whose connections this one is counted with
        self.phase = BETWEEN
        self.since = 0.0  # when the phase began; of the first head, when the connection was opened
        self.is_new = True  # nothing has been answered
        self.refusal: str | None = None  # the reason, until the answers before it are sent
        self.running: RequestResponseCycle | None = None  # the request that is being answered, or the last one
        self._socket: socket.socket | None = None
        self._size = 0  # bytes of a head that comes in pieces, or of a body
        self._framed = 0  # bytes of a body and its chunks
        self._sent: tuple[float, int] | None = None  # when it was last seen that the client reads, and how far

    @property
    def is_answering(self) -> bool:
        """Whether a request has not been answered to its end."""
        return self.running is not None and not self.running.response_complete

    @property
    def is_idle(self) -> bool:
        """Whether the client has not yet asked, or not yet asked to the end."""
        return not self.is_answering or self.phase is BODY and not self.pipeline and not self.cycle.response_started

    def rank(self) -> tuple[bool, float]:
        """Rank this connection among those that may go: the lowest first."""
        return self.transport.get_write_buffer_size() > 0, self.since

    def pace(self, now: float) -> float:
        """Return the bytes a second that the client took lately."""
        if self._sent is None or now <= self._sent[0]:
            return float("inf")
        return (self._acknowledged() - self._sent[1]) / (now - self._sent[0])

    def check(self, now: float) -> int:
        """Refuse or cut this connection where it took too long; return the bytes of answers that wait for its client."""
        size = self.transport.get_write_buffer_size()
        if size:
            self._check_sending(now)
        else:
            self._sent = None
            self._check_reading(now)
        stream = self.running and self.running.scope["state"].get("stream")
        return size + stream.unread if stream else size

    def _check_reading(self, now: float) -> None:
        took, waits = now - self.since, not self.is_answering
        if self.phase is REFUSED and self.refusal is None and waits and took > LINGER:
            self.transport.close()
        elif self.phase is BETWEEN and waits and took > self.limits.head_seconds:
            self.cut("head-time") if self.is_new else self.transport.close()
        elif self.phase is HEAD and waits and took > self.limits.head_seconds:
            self.refuse("head-time")
        elif self.phase is BODY and self.flow.read_paused:
            self.since = now  # the server is not ready for more
        elif self.phase is BODY and took > self.limits.body_seconds + self._size / BODY_RATE:
            self.refuse("body-time")

    def _check_sending(self, now: float) -> None:
        if self._sent is None:
            self._sent = now, self._acknowledged()
        elif now - self._sent[0] >= self.limits.send_seconds:
            if self.pace(now) < SEND_RATE:
                self.cut("send-time")
            else:
                self._sent = now, self._acknowledged()

    def _acknowledged(self) -> int:
        """Return how many bytes the client's system has taken since the connection was opened."""
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 128)
        return int.from_bytes(info[120:128], sys.byteorder)  # tcpi_bytes_acked of struct tcp_info

    def cut(self, reason: str) -> None:
        """Close the connection at once, and drop what is not sent."""
        self.registry.count(reason)
        self.registry.leave(self)
        if self.is_answering:
            self.running.scope["state"]["outcome"] = reason
        self.phase = REFUSED
        self.transport.abort()

    def refuse(self, reason: str) -> None:
        """Read no more requests, answer those that came before, and then say why, unless that answer has begun already."""
        self.registry.count(reason)
        phase, self.phase, cycle = self.phase, REFUSED, self.cycle
        if phase is BODY and cycle.response_started:
            cycle.disconnected = True
            cycle.message_event.set()
            self.transport.close()
            return
        self.refusal = reason
        if phase is BODY and cycle is self.running:
            cycle.scope["state"]["outcome"] = reason
            cycle.disconnected = cycle.response_complete = True
            cycle.message_event.set()
        elif phase is BODY:
            self.pipeline.popleft()
        if not self.is_answering:
            self._say()

    def _say(self) -> None:
        """Send the reason why the connection ends."""
        reason, self.refusal, self.since = self.refusal, None, self.loop.time()
        self.transport.write(write_refusal(reason, self.server_state.default_headers))
        if REASONS[reason][0] in (408, 503):
            self.transport.close()
        else:  # a connection that is closed while the client still sends is reset, and the client may never see the answer
            self.flow.resume_reading()
            self.transport.write_eof()

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Take a connection, if there is room."""
        super().connection_made(transport)
        self._socket = transport.get_extra_info("socket")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, SYSTEM_BYTES)
        self.since = self.loop.time()
        if reason := self.registry.enter(self):
            self.refuse(reason)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection, and tell the request that is being answered."""
        self.registry.leave(self)
        if self.is_answering:
            self.running.disconnected = True
            self.running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came in."""
        for start in range(0, len(data), PIECE):
            if self.phase is not REFUSED:
                self._parse(data[start : start + PIECE])

    def _parse(self, data: bytes) -> None:
        before, size = self.phase, len(data)
        try:
            while data:
                try:
                    self.parser.feed_data(data)
                    break
                except httptools.HttpParserUpgrade as upgrade:  # no other protocol is spoken here (RFC 9110, 7.8)
                    self.parser = httptools.HttpRequestParser(self)
                    data = data[upgrade.args[0] :]
        except httptools.HttpParserError:
            if self.phase is not REFUSED:
                self.refuse(self.refusal or "malformed")
            return
        if self.phase is HEAD:
            if before is not HEAD and not self.is_new:
                self.since = self.loop.time()
            self._size += size
            if len(self.headers) > FIELDS or self._size > TARGET_BYTES + FIELD_BYTES:
                self.refuse("head-size" if self.headers else "target-size")
        elif self.phase is BODY:
            if before is not BODY:
                self.since = self.loop.time()
            self._framed += size
            if self._framed > FRAMED * self.limits.max_body:
                self.refuse("body-size")
        elif before is BODY:
            self.since = self.loop.time()

    def on_message_begin(self) -> None:
        """Note that a request begins."""
        if len(self.pipeline) >= PIPELINED:  # the client asks the rest again on another connection (RFC 9112, 9.3.2)
            self.phase, self.cycle.keep_alive = REFUSED, False
            raise Stop
        self.phase, self._size = HEAD, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Look at a head, and begin with its request."""
        self.refusal = self._judge()
        if self.refusal:
            raise Stop
        super().on_headers_complete()
        self.headers = DROPPED  # what comes behind a body is no part of the head
        self.phase, self._size, self._framed = BODY, 0, 0

    def _judge(self) -> str | None:
        """Return the reason to refuse a head, if there is one."""
        if len(self.url) > TARGET_BYTES:
            return "target-size"
        if len(self.headers) > FIELDS or self._size and sum(len(n) + len(v) for n, v in self.headers) > FIELD_BYTES:
            return "head-size"
        # RFC 9112, 3.2.1 and 3.2.2: a path, or a whole address; and 2.3: no other version is spoken here.
        if not self.url.startswith(b"/") and not self.url.lower().startswith((b"http://", b"https://")):
            return "malformed"
        version, hosts = self.parser.get_http_version(), 0
        if version not in ("1.1", "1.0"):
            return "malformed"
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"content-length" and int(value) > self.limits.max_body:
                return "body-size"
            elif name == b"transfer-encoding" and (value.lower() != b"chunked" or version == "1.0"):
                return "malformed"  # RFC 9112, 6.1: no other coding is understood here, and HTTP/1.0 has none
        # RFC 9112, 3.2: one Host, which only older versions may leave out.
        return None if hosts == 1 or not hosts and version == "1.0" else "malformed"

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, if it is not too long."""
        self._size += len(body)
        if self._size > self.limits.max_body:
            self.refuse("body-size")
            raise Stop
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request is read to its end."""
        self.phase = BETWEEN
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, or with the reason why there is none; the sweep closes a connection without either."""
        self.running.transport.release()
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.is_new = False
        if self.phase is not BODY:
            self.since = self.loop.time()
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.refusal:
            self._say()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:
        self.running = cycle
        cycle.transport = HeldHead(cycle.transport, holds=not cycle.waiting_for_100_continue)
        super()._start_asgi_task(cycle, app)


def protocol(app: Starlette) -> type[LimitedProtocol]:
    """Make the protocol class with which uvicorn serves an application, in place of its own."""
    return type("Protocol", (LimitedProtocol,), {"registry": app.state.connections})

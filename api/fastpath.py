"""Optional shortcut for repeated requests: the same bytes get the answer that they got before, without being parsed.

The head of a request (path, query, Accept and all) and the release decide its answer. Only a whole GET without a body, equal
to the last byte to one that was answered with 200 and an ETag from the current release, is answered here; any other goes on
to uvicorn. A whole answer to a GET leaves in one write. The rest of the server knows nothing of this module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.middleware import pattern_of

HEAD = "answerable.head"  # in a request's scope: its bytes and the cycle that answers it
LONGEST = 8192  # bytes of a head under which an answer is cached
REMEMBERED = 1 << 16  # hashes of heads; an answer is cached when its head comes the second time
_END = b"\r\n\r\n"
# A request with one of these has a body, or says something about its connection.
_MORE = (b"\ncontent-length:", b"\ntransfer-encoding:", b"\nconnection:", b"\nupgrade:", b"\nexpect:")


def protocol(app: Starlette) -> type[HttpToolsProtocol]:
    """Make the protocol class with which uvicorn serves an application, in place of its own."""
    seen: set[int] = set()
    hits: Counter[str] = Counter()  # by route, until they are counted with the next request that is no repetition

    def count_hits() -> None:
        for route, times in hits.items():
            app.state.metrics.count_untimed(route, 200, times)
        hits.clear()

    class FastPathProtocol(HttpToolsProtocol):
        """uvicorn's protocol with the shortcut in front."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.app = OneWriteMiddleware(self.app, self, seen)
            self.is_reading = False  # the head of a request has begun, and the request is not read to its end

        def on_message_begin(self) -> None:
            """Note that a request begins."""
            self.is_reading = True
            super().on_message_begin()

        def on_message_complete(self) -> None:
            """Note that a request is read to its end."""
            self.is_reading = False
            super().on_message_complete()

        def data_received(self, data: bytes) -> None:
            """Answer from the cache, or hand the bytes to uvicorn and leave them in the scope of their request."""
            is_plain = data.startswith(b"GET /") and data.endswith(_END) and self._is_between()
            cache = app.state.releases.current.cache
            found = cache.find(data) if is_plain else None
            if found is None:
                if hits:
                    count_hits()
                super().data_received(data)
                if is_plain and self.scope is not None and data.find(_END) == len(data) - 4:
                    self.scope[HEAD] = (data, self.cycle)
                return
            hits[found[1]] += 1
            cache.counts["repeats"] += 1
            self.server_state.total_requests += 1
            self._unset_keepalive_if_required()
            self.write(200, b"", found[0])
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

        def write(self, status: int, lines: bytes, rest: bytes) -> None:
            """Write a status, header lines, and the rest of an answer."""
            head = STATUS_LINE[status] + write_lines(self.server_state.default_headers) + lines
            if len(rest) < LONGEST:
                self.transport.write(head + rest)
            else:  # without copying a long body
                self.transport.writelines((head, rest))

        def _is_between(self) -> bool:
            """Whether the last request is read and answered whole, so that these bytes begin another."""
            idle = not self.is_reading and not self.pipeline and (self.cycle is None or self.cycle.response_complete)
            return idle and not self.flow.write_paused and not self.transport.is_closing()

    return FastPathProtocol


class OneWriteMiddleware:
    """Sends a whole answer in one write, and caches it under the head of its request when that comes again."""

    def __init__(self, app: ASGIApp, wire: Any, seen: set[int]) -> None:
        self.app, self.wire, self.seen = app, wire, seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that came in one piece; send others on."""
        if HEAD not in scope:
            await self.app(scope, receive, send)
            return
        start: Message = {}

        async def join(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if any(name == b"content-length" for name, _ in message["headers"]):
                    start = message  # it is sent with its body; an answer without a length begins at once
                    return
            elif start:
                begun, start = start, {}
                if not message.get("more_body") and self._finish(scope, begun, message.get("body", b"")):
                    return
                await send(begun)
            await send(message)

        await self.app(scope, receive, join)

    def _finish(self, scope: Scope, start: Message, body: bytes) -> bool:
        """Send a whole answer as the cycle of its request would; False for one that is left to the cycle."""
        head, cycle = scope[HEAD]
        lines = write_lines(start["headers"])
        self._cache(scope, head, start["status"], lines, body)
        is_sized = b"content-length: %d\r\n" % len(body) in lines
        if (
            not is_sized
            or not cycle.keep_alive
            or cycle.disconnected
            or cycle.response_started
            or cycle.flow.write_paused
        ):
            return False
        cycle.response_started = cycle.response_complete = True
        self.wire.write(start["status"], lines + b"\r\n", body)
        cycle.message_event.set()
        cycle.on_response()
        return True

    def _cache(self, scope: Scope, head: bytes, status: int, lines: bytes, body: bytes) -> None:
        if status != 200 or len(head) > LONGEST:
            return
        if hash(head) not in self.seen:  # most requests come only once
            if len(self.seen) >= REMEMBERED:
                self.seen.clear()
            self.seen.add(hash(head))
            return
        named = b"\n" + lines
        lasts = b"\netag: " in named and b"\ncache-control: no-store\r\n" not in named
        if lasts and b" HTTP/1.1\r\n" in head and not any(more in head.lower() for more in _MORE):
            scope["state"]["opened"].cache.store(head, lines + b"\r\n" + body, pattern_of(scope))


def write_lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Write headers as lines; RuntimeError when one of them would be more than a line."""
    lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
    if not len(headers) == lines.count(b"\n") == lines.count(b"\r"):
        raise RuntimeError("There is a line break in a header")
    return lines

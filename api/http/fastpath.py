"""Optional shortcut for repeated requests: the same bytes get the answer that they got before, without being parsed.

The head of a request (path, query, Accept and all) and the release decide its answer. Only a whole GET without a body, equal
to the last byte to one that was answered with 200 and an ETag from the current release, is answered here; any other goes on
to uvicorn. The rest of the server knows nothing of this module.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from api.http import connections
from api.http.connections import BETWEEN, LimitedProtocol
from api.http.middleware import pattern_of
from api.http.refusals import write_lines

HEAD = "answerable.head"  # in a request's scope: its bytes
LONGEST = 8192  # bytes of a head under which an answer is cached
REMEMBERED = 1 << 16  # hashes of heads
_END = b"\r\n\r\n"
# A request with one of these has a body, or says something about its connection.
_MORE = (b"\ncontent-length:", b"\ntransfer-encoding:", b"\nconnection:", b"\nupgrade:", b"\nexpect:")


def protocol(app: Starlette) -> type[LimitedProtocol]:
    """Make the protocol class with which uvicorn serves an application, within the limits of api.http.connections."""
    seen: set[int] = set()
    hits: Counter[str] = Counter()  # by route, until they are counted with the next request that is no repetition

    class FastPathProtocol(connections.protocol(app)):
        """The protocol with the shortcut in front."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.app = CacheMiddleware(self.app, seen)

        def data_received(self, data: bytes) -> None:
            """Answer from the cache, or hand the bytes to uvicorn and leave them in the scope of their request."""
            is_plain = data.startswith(b"GET /") and data.endswith(_END) and self._is_between()
            cache = app.state.releases.current.cache
            found = cache.find(data) if is_plain else None
            if found is None:
                for route, times in hits.items():
                    app.state.metrics.requests.labels(route, 200).inc(times)
                hits.clear()
                super().data_received(data)
                if is_plain and self.scope is not None and data.find(_END) == len(data) - 4:
                    self.scope[HEAD] = data
                return
            hits[found[1]] += 1
            cache.counts["repeats"] += 1
            self.server_state.total_requests += 1
            self.transport.writelines((STATUS_LINE[200], write_lines(self.server_state.default_headers), found[0]))
            self.is_new, self.since = False, self.loop.time()  # the sweep closes a connection on which no more is asked

        def _is_between(self) -> bool:
            """Whether the last request is read and answered whole, so that these bytes begin another."""
            idle = self.phase is BETWEEN and not self.pipeline and (self.cycle is None or self.cycle.response_complete)
            return idle and not self.flow.write_paused and not self.transport.is_closing()

    return FastPathProtocol


class CacheMiddleware:
    """Caches an answer under the head of its request when that comes the second time: most requests come only once."""

    def __init__(self, app: ASGIApp, seen: set[int]) -> None:
        self.app, self.seen = app, seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        start: Message = {}

        async def note(message: Message) -> None:
            nonlocal start
            await send(message)  # uvicorn refuses a header with a line break
            if message["type"] == "http.response.start":
                start = message
            elif start:
                if not message.get("more_body"):
                    self._cache(scope, start, message.get("body", b""))
                start = {}

        await self.app(scope, receive, note if self._comes_again(scope.get(HEAD)) else send)

    def _comes_again(self, head: bytes | None) -> bool:
        if head is None or len(head) > LONGEST:
            return False
        if hash(head) in self.seen:
            return b" HTTP/1.1\r\n" in head and not any(more in head.lower() for more in _MORE)
        if len(self.seen) >= REMEMBERED:
            self.seen.clear()
        self.seen.add(hash(head))
        return False

    def _cache(self, scope: Scope, start: Message, body: bytes) -> None:
        given = dict(start["headers"])
        lasts = {b"etag", b"content-length"} <= given.keys() and given.get(b"cache-control") != b"no-store"
        if start["status"] == 200 and lasts:
            lines = write_lines(start["headers"]) + b"\r\n"
            scope["state"]["opened"].cache.store(scope[HEAD], lines + body, pattern_of(scope))

"""What was asked before in the same bytes is answered with the same bytes, before anything is parsed; what was not, in one write.

Promises that only a whole request without a body, equal to the last byte to one that was answered with 200 and an ETag from
the release now current, is answered here; every other goes on to the server. Never keeps what was not already kept for that
release, and never looks into a request. A whole answer to such a request leaves in one piece; any other goes the server's way.

An answer depends on the release and the request alone, so the head of a request, as it came, names its answer: path, query,
Accept, Accept-Encoding and all. Answering from it costs a tenth of reading it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

if TYPE_CHECKING:
    from api.cache import Kept

HEAD = "answerable.head"  # in a request's scope: its bytes, where its answer may be kept under them
REPLY = (
    "answerable.reply"  # in a request's scope: takes status, header lines and body of its answer; False if it cannot
)
LONGEST = 8192  # bytes of a head
REMEMBERED = 1 << 16  # heads seen once, by their hash; an answer is kept when its head comes the second time
_END = b"\r\n\r\n"
# What makes the bytes of a request more than a question: it has a body, or it speaks of the connection.
_MORE = (b"\ncontent-length:", b"\ntransfer-encoding:", b"\nconnection:", b"\nupgrade:", b"\nexpect:")


def protocol(app: FastAPI) -> type[HttpToolsProtocol]:
    """Make the protocol by which a server answers for an application."""

    class Wire(HttpToolsProtocol):
        """uvicorn's own protocol, and the shortcut in front of it."""

        reading = False  # a request has begun and is not read to its end

        def on_message_begin(self) -> None:
            """Note that a request begins."""
            self.reading = True
            super().on_message_begin()

        def on_message_complete(self) -> None:
            """Note that a request was read to its end."""
            self.reading = False
            super().on_message_complete()

        def data_received(self, data: bytes) -> None:
            """Answer from memory, or hand over to the server and leave the head for `keep`."""
            if not data.startswith(b"GET /") or not data.endswith(_END) or not self._is_between():
                super().data_received(data)
                return
            kept: Kept = app.state.shelf.current.kept
            found = kept.find(data)
            if found is None:
                super().data_received(data)
                if self.scope is not None and data.find(_END) == len(data) - 4:
                    self.scope[REPLY] = partial(self.reply, self.cycle)
                    if len(data) <= LONGEST:
                        self.scope[HEAD] = data
                return
            kept.counts["repeats"] += 1
            self.server_state.total_requests += 1
            self._unset_keepalive_if_required()
            self._write(200, b"", found[0])
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

        def reply(self, cycle: Any, status: int, lines: bytes, body: bytes) -> bool:
            """Send a whole answer as the cycle of its request would; leave to the cycle what is not as plain as that."""
            sized = b"content-length: %d\r\n" % len(body) in lines
            if (
                not sized
                or not cycle.keep_alive
                or cycle.disconnected
                or cycle.response_started
                or self.flow.write_paused
            ):
                return False
            cycle.response_started = cycle.response_complete = True
            self._write(status, lines + b"\r\n", body)
            cycle.message_event.set()
            cycle.on_response()
            return True

        def _write(self, status: int, lines: bytes, rest: bytes) -> None:
            head = STATUS_LINE[status] + write_lines(self.server_state.default_headers) + lines
            if len(rest) < LONGEST:
                self.transport.write(head + rest)
            else:  # to put them together would take longer than to send them one by one
                self.transport.writelines((head, rest))

        def _is_between(self) -> bool:
            """Whether the last request was read and answered whole, so that these bytes begin another."""
            idle = not self.reading and not self.pipeline and (self.cycle is None or self.cycle.response_complete)
            return idle and not self.flow.write_paused and not self.transport.is_closing()

    return Wire


def write_lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Write headers as lines; RuntimeError when one of them would be more than a line."""
    lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
    if not len(headers) == lines.count(b"\n") == lines.count(b"\r"):
        raise RuntimeError("There is a line break in a header")
    return lines


def keep(scope: Any, kept: Kept, lines: bytes, body: bytes) -> None:
    """Keep an answer under the bytes that asked for it, if they came by this way and ask for nothing else."""
    head = scope[HEAD]
    if hash(head) not in kept.seen:  # most are never seen again
        if len(kept.seen) >= REMEMBERED:
            kept.seen.clear()
        kept.seen.add(hash(head))
        return
    begins = b"\n" + lines
    lasting = b"\netag: " in begins and b"\ncache-control: no-store\r\n" not in begins
    if not lasting or any(more in head.lower() for more in _MORE) or b" HTTP/1.1\r\n" not in head:
        return
    kept.keep(head, lines + b"\r\n" + body, None)

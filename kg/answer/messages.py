"""The messages between a pool and its workers, and the memory they share.

All workers of a pool take requests from one socket and write replies to it; the kernel hands each request to one worker. A
message arrives whole or not at all (SOCK_SEQPACKET, unix(7)). Shared memory says which request each worker is at, and which
requests nobody waits for any more.
"""

import json
import marshal
import mmap
import os
import time
from dataclasses import fields as fields_of
from struct import Struct
from typing import Any

from kg import terms
from kg.errors import AnswerableError, walk_errors
from kg.store import Query
from kg.wording import Wording

READY = b"ready\n"  # on the standard output of a worker that has opened its store
# The marks of replies: the worker wants the text that was too long for a message; a part of an answer, or of an answer that is
# streamed; its last part; an error.
WANT, PART, PIECE, END, ERROR = range(5)
LONGEST = 1 << 16  # bytes in one message, beside its head
# A request: its number, the monotonic time at which it must be over, and the bytes of its content if that comes later.
REQUEST = Struct("<QdI")
# A reply: its mark, the slot of the worker, the number of the request, seconds run, bytes of its description.
REPLY = Struct("<BHQdI")
_QUERY = fields_of(Query)
_SETTLED = 4096  # requests that may have been sent since one that lies in the socket
_ERRORS = {cls.__name__: cls for cls in walk_errors()}


class Board:
    """Memory that a pool shares with its workers: numbers of requests."""

    def __init__(self, descriptor: int) -> None:
        self._numbers = memoryview(mmap.mmap(descriptor, 0)).cast("d")

    @staticmethod
    def allocate(size: int) -> int:
        """Make the memory for `size` workers; return its descriptor."""
        descriptor = os.memfd_create("board")
        os.truncate(descriptor, 8 * (_SETTLED + 2 * size))
        return descriptor

    def begin(self, slot: int, number: int) -> None:
        """Note that a worker begins a request; 0 means that it is idle."""
        self._numbers[_SETTLED + 2 * slot + 1] = time.monotonic()
        self._numbers[_SETTLED + 2 * slot] = number

    def current(self, slot: int) -> int:
        """Return the number of the request that a worker is at, 0 for none."""
        return int(self._numbers[_SETTLED + 2 * slot])

    def ran(self, slot: int) -> float:
        """Return the seconds since a worker began its request."""
        return time.monotonic() - self._numbers[_SETTLED + 2 * slot + 1]

    def settle(self, number: int) -> None:
        """Note that nobody waits for a request."""
        self._numbers[number % _SETTLED] = number

    def is_settled(self, number: int) -> bool:
        """Whether nobody waits for a request."""
        return self._numbers[number % _SETTLED] == number


def pack_query(query: Query, streamed: bool) -> bytes:
    """Write a query for a worker, and whether a long answer is streamed. A worker can load no code, so this is no pickle."""
    fields = {field.name: getattr(query, field.name) for field in _QUERY}
    cells = {name: terms.to_json(term) for name, term in query.bindings.items()}
    # Each text as a plain one: marshal, which takes a tenth of the time of JSON, writes no class of ours.
    fields["bindings"] = {name: {part: str(text) for part, text in cell.items()} for name, cell in cells.items()}
    return marshal.dumps((streamed, fields))


def unpack_query(content: bytes) -> tuple[Query, bool]:
    """Read what `pack_query` wrote."""
    streamed, fields = marshal.loads(content)
    bindings = {name: terms.from_json(term) for name, term in fields.pop("bindings").items()}
    return Query(**fields, bindings=bindings), streamed


def pack_error(error: AnswerableError) -> bytes:
    """Write an error. A worker is not trusted, so this is no pickle."""
    fields = {name: _pack_text(value) for name, value in vars(error).items()}
    return json.dumps({"error": type(error).__name__, **fields}, default=str).encode()


def unpack_error(description: bytes) -> AnswerableError:
    """Read what `pack_error` wrote."""
    fields = json.loads(description, object_hook=_unpack_text)
    return _ERRORS[fields.pop("error")](fields.pop("message"), **fields)


def _pack_text(value: Any) -> Any:
    """Write a text with its values apart, so that it can still be translated at the other end."""
    if not isinstance(value, Wording):
        return value
    return {"wording": value.wording, "values": {name: _pack_text(part) for name, part in value.values.items()}}


def _unpack_text(fields: dict[str, Any]) -> Any:
    return Wording(**fields) if fields.keys() == {"wording", "values"} else fields

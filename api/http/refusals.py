"""Why a connection is refused or cut, and the answer that says so."""

from __future__ import annotations

import json
from collections.abc import Collection

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from api.http import problems
from api.http.middleware import SHARED

TARGET_BYTES = 60_000  # of the target of a request: its path and its parameters; the parser measures in 16 bits
FIELD_BYTES = 32 << 10  # of the names and values of its header
FIELDS = 100  # lines of its header

# From the reason why a connection is cut to the status, what is wrong and what to do; None where no answer can be given.
REASONS: dict[str, tuple[int, str, str] | None] = {
    "malformed": (400, "This is no request that HTTP/1.1 allows", "Send one that is"),
    "head-time": (408, "The head of the request took too long", "Send it at once"),
    "body-time": (408, "The body of the request took too long", "Send it faster, or a shorter one"),
    "body-size": (413, "The body of the request is larger than any this server takes", "Send a shorter query"),
    "target-size": (414, f"The address has more than {TARGET_BYTES} bytes", "Send a long query by POST"),
    "head-size": (431, f"The header has more than {FIELD_BYTES} bytes or {FIELDS} lines", "Send a smaller one"),
    "client": (503, "There are too many connections from this address", "Close those that are not used"),
    "full": (503, "There are too many connections", "Try again in a moment"),
    "send-time": None,
    "unsent": None,
}


def write_refusal(reason: str, headers: Collection[tuple[bytes, bytes]]) -> bytes:
    """Write a whole answer that says why a connection is closed."""
    status, message, hint = REASONS[reason]
    body = json.dumps(problems.describe(problems.HttpError(message, status=status, hint=hint), ""), indent=1).encode()
    own = {
        b"content-type": problems.PROBLEM.media_type.encode(),
        b"content-length": b"%d" % len(body),
        b"cache-control": b"no-store",
        b"connection": b"close",
    }
    return STATUS_LINE[status] + write_lines([*headers, *own.items(), *SHARED]) + b"\r\n" + body


def write_lines(headers: Collection[tuple[bytes, bytes]]) -> bytes:
    """Write headers as lines."""
    return b"".join([name + b": " + value + b"\r\n" for name, value in headers])

"""The bytes of an answer as the engine writes them: taken up to a limit, and their rows counted.

Promises that an answer over a limit is an error and never a shortened answer, and that counting costs next to nothing beside
writing. Knows the engine's way of writing JSON, XML, CSV and TSV results, which the tests of kg.store hold it to, and parses
none of it.
"""

import io
import re
from dataclasses import dataclass
from typing import Any

from kg.errors import AnswerTooLarge

ROW_MARKS = {"json": b"},{", "xml": b"<result>", "csv": b"\r\n", "tsv": b"\n"}


@dataclass(frozen=True, slots=True)
class Serialized:
    """An answer in bytes: `kind` is select, ask or graph; `rows` counts rows or triples, None for ask.

    `source` is the path of the store that answered, where that can differ from one answer to the next.
    """

    kind: str
    media_type: str
    body: bytes
    rows: int | None
    source: str | None = None


class Capped(io.RawIOBase):
    """Takes the engine's bytes up to `max_bytes`, and gives up early when there are surely more than `max_rows` rows."""

    def __init__(self, format: str, max_rows: int, max_bytes: int) -> None:
        super().__init__()
        self.body = bytearray()
        self._mark = ROW_MARKS.get(format)
        self._format, self._max_rows, self._max_bytes = format, max_rows, max_bytes
        self._seen, self._look_at = 0, max_rows + 1

    def writable(self) -> bool:
        """Say that bytes are welcome, as a file object must."""
        return True

    def write(self, chunk: Any) -> int:
        """Take a chunk; raise AnswerTooLarge when it is one too many."""
        self.body += chunk
        if len(self.body) > self._max_bytes:
            raise too_large(f"{self._max_bytes} bytes")
        if self._mark:
            self._seen += bytes(chunk).count(self._mark)
            if self._seen > self._look_at:  # the mark may also stand in a text, so count well before giving up
                if count_rows(bytes(self.body), self._format) > self._max_rows:
                    raise too_large(f"{self._max_rows} rows")
                self._look_at = self._seen * 2
        return len(chunk)


def count_rows(body: bytes, format: str) -> int:
    """Count the rows of an answer the engine wrote, without parsing it; exact for the way this engine writes."""
    if format == "xml":
        return body.count(b"<result>") + body.count(b"<result/>")  # in a text, < is escaped
    if format == "tsv":
        return max(body.count(b"\n") - 1, 0)  # in a text, the line feed is escaped
    if format == "csv":
        lines = sum(part.count(b"\r\n") for part in body.split(b'"')[::2])  # every other part is outside quotes
        return max(lines - 1, 0)
    start = body.find(b'"bindings":[') + len(b'"bindings":[')
    if b"},{}" in body or body.startswith(b"{}", start):  # rows without any value, or a text that looks like one
        return re.sub(rb'"(?:[^"\\]|\\.)*"', b"", body[start:]).replace(b" ", b"").count(b"},{") + 1
    if not body.startswith(b"{", start):
        return 0
    # A bare quote inside a text is escaped, so `},{"` inside one must end it, and then a comma or a brace follows.
    return body.count(b'},{"') - body.count(b'},{",') - body.count(b'},{"}') + 1


def too_large(limit: str) -> AnswerTooLarge:
    """Make the error for an answer over a limit, such as `100000 rows`."""
    return AnswerTooLarge(f"The answer has more than {limit}", hint="Ask for a part of it with LIMIT and OFFSET")

"""A query on its way through a pool, and a long answer that is streamed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from kg.answer.engine import Charge
from kg.errors import AnswerableError
from kg.store import Serialized


class Job:
    """A query on its way: its content, when it arrived and must be over, and the future of whoever waits for it."""

    __slots__ = ("arrived", "attempts", "charge", "content", "end", "number", "parts", "ran", "stream", "turn")

    def __init__(self, content: bytes, seconds: float, charge: Charge | None) -> None:
        self.content, self.charge = content, charge
        self.arrived = time.monotonic()
        self.end = self.arrived + seconds
        self.number, self.attempts = 0, 1
        self.ran = 0.0  # seconds that workers ran for it
        self.parts: list[bytes] = []  # of its answer
        self.turn: asyncio.Future[Serialized | Streamed] = asyncio.get_running_loop().create_future()
        self.stream: Streamed | None = None

    def fail(self, error: AnswerableError) -> None:
        """Give an error to whoever waits, or end the stream in it."""
        if self.stream is not None:
            self.stream.cut(error)
        elif not self.turn.done():
            self.turn.set_exception(error)

    def succeed(self, answer: "Serialized | Streamed") -> None:
        """Give the answer to whoever waits."""
        if not self.turn.done():
            self.turn.set_result(answer)


class Streamed:
    """A long answer while it is computed: `kind`, `media_type`, and `pieces`, which raises an error where the answer is cut.

    The worker is read as fast as it writes, so that a slow client does not occupy it. `rows` is known at the end.
    """

    def __init__(self, kind: str, media_type: str, ended: Callable[[str], None]) -> None:
        """Begin an answer; `ended` is called once with its outcome."""
        self.kind, self.media_type = kind, media_type
        self.rows: int | None = None
        self.volatile = False
        self._ended, self._is_over = ended, False
        self._pieces: asyncio.Queue[bytes | AnswerableError | None] = asyncio.Queue()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the answer piece by piece; raises QueryStopped when it cannot be had whole."""
        try:
            while (piece := await self._pieces.get()) is not None:
                if isinstance(piece, AnswerableError):
                    raise piece
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """End the query, if it still runs."""
        if not self._is_over:
            self._end("abandoned")

    def put(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.put_nowait(piece)

    def finish(self, piece: bytes, rows: int | None, volatile: bool) -> None:
        """Take the last piece."""
        self.rows, self.volatile = rows, volatile
        self.put(piece)
        self._pieces.put_nowait(None)
        self._end("answered")

    def cut(self, error: AnswerableError) -> None:
        """Take the error in which the answer ends."""
        if not self._is_over:
            self._pieces.put_nowait(error)
            self._end(error.slug)

    def _end(self, outcome: str) -> None:
        self._is_over = True
        self._ended(outcome)

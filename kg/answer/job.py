"""One query on its way through a pool, and a long answer while it is made."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from kg.answer.engine import Charge
from kg.answer.worker import Worker
from kg.errors import AnswerableError
from kg.store import Serialized


class Job:
    """One query on its way: its request, when it was asked and must be over, and the future of whoever waits for it."""

    __slots__ = ("asked", "attempts", "charge", "end", "loop", "ran", "said", "stream", "text", "turn", "worker")

    def __init__(self, request: tuple[bytes, bytes], seconds: float, charge: Charge | None) -> None:
        self.said, self.text = request
        self.asked = time.monotonic()
        self.end = self.asked + seconds
        self.charge = charge
        self.attempts, self.ran = 1, 0.0  # seconds that workers ran for it
        self.loop = asyncio.get_running_loop()
        self.turn: asyncio.Future[Serialized | Streamed] = self.loop.create_future()
        self.worker: Worker | None = None  # that it was sent to
        self.stream: Streamed | None = None

    def settle(self, answer: "Serialized | Streamed | AnswerableError") -> None:
        """Give the answer or the error to whoever waits; may be called from any thread."""
        if asyncio._get_running_loop() is self.loop:
            self._settle(answer)
            return
        try:
            self.loop.call_soon_threadsafe(self._settle, answer)
        except RuntimeError:
            pass  # the loop was closed meanwhile

    def _settle(self, answer: "Serialized | Streamed | AnswerableError") -> None:
        if self.stream is not None and isinstance(answer, AnswerableError):
            self.stream.cut(answer)
        elif self.turn.done():
            return
        elif isinstance(answer, AnswerableError):
            self.turn.set_exception(answer)
        else:
            self.turn.set_result(answer)


class Streamed:
    """A long answer while it is made: `kind`, `media_type`, and `pieces`, which raises an error where the answer is cut.

    The worker is read as fast as it writes, so that a slow client does not occupy it. `rows` is known at the end.
    """

    def __init__(self, kind: str, media_type: str, ended: Callable[[str], None]) -> None:
        """Begin an answer; `ended` is told its outcome once."""
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

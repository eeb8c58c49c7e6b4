"""Whose query is next: each client gets an equal share of an engine's time, and long queries leave a place to short ones.

This is start-time fair queueing (Goyal, Vin and Cheng, 1996): the query whose client has used least time is next. What a query
costs is known only when it is over. A client that comes back begins where the others are, so that none saves up time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kg.errors import AnswerableError, Busy

LEAD = 0.5  # seconds used beyond the others that count; who waited for longer than these would wait in vain
LONG = 0.2  # seconds; a client with longer queries leaves one place to the others
AHEAD = 0.08  # seconds that the queries sent ahead for one place may take
FADES = 0.9  # what is left, after each query, of the length that counts
RECENT = 10.0  # seconds that a client counts as one of the others after its last query
MOST = 1000  # clients remembered; beyond that, those that have not been seen recently are forgotten


@dataclass(slots=True)
class Share:
    """What one client has of an engine: seconds used, the length of its queries, queries inside and begun, when it was seen."""

    used: float = 0.0
    longest: float | None = None  # None before its first query is over
    inside: int = 0
    begun: int = 0
    seen: float = 0.0


@dataclass(slots=True, eq=False)
class Turn:
    """One query: the share of its client, and a future that is done when it may begin."""

    share: Share
    may_begin: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    is_long: bool = False
    has_begun: bool = False


class Turns:
    """Lets queries begin on one event loop: one for each place, up to `ahead` where they are brief; `queue` may wait beside these."""

    def __init__(self, places: Callable[[], int], queue: int, busy: Callable[[], Busy], ahead: int = 1) -> None:
        self._places, self._queue, self._busy, self._ahead = places, queue, busy, ahead
        self._shares: dict[bytes | None, Share] = {}
        self._waiting: list[Turn] = []
        self._begun = self._begun_long = 0
        self._clock = self._latest = 0.0  # what the client of the query that began last had used; the most that any has

    def __len__(self) -> int:
        """Count the queries that wait and run."""
        return self._begun + len(self._waiting)

    @asynccontextmanager
    async def turn(self, client: bytes | None, seconds: float, charge: Callable[[float], None]) -> AsyncIterator[None]:
        """Take a turn, wait for it, and give it up at the end of the block; `charge` gets the seconds that the block took.

        Raises what `wait` raises.
        """
        turn, ran = self.take(client), 0.0
        try:
            await self.wait(turn, seconds)
            began = time.monotonic()
            try:
                yield
            finally:
                ran = time.monotonic() - began
                charge(ran)
        finally:
            self.leave(turn, ran)

    async def wait(self, turn: Turn, seconds: float) -> None:
        """Wait until a query may begin. Raises Busy after so many seconds, and where it was refused."""
        if turn.may_begin.done():
            return await turn.may_begin
        clock = asyncio.get_running_loop().call_later(seconds, self._give_up, turn)
        try:
            await turn.may_begin
        finally:
            clock.cancel()

    def take(self, client: bytes | None) -> Turn:
        """Take a turn for a query of a client, to be given to `leave` at its end.

        Where too many wait, one of the client that has used most is refused: its `may_begin` raises Busy.
        """
        share = self._find(client)
        share.used, share.seen, share.inside = max(share.used, self._clock), time.monotonic(), share.inside + 1
        turn = Turn(share)
        self._waiting.append(turn)
        if len(self) > self._queue + self._places():
            here = [other for other in reversed(self._waiting) if not other.may_begin.done()]
            self._refuse(max(here, key=lambda other: (other.share.used, other.share.inside)), self._busy())
        self.advance()
        return turn

    def refuse_all(self, error: AnswerableError) -> None:
        """Let none begin that waits now."""
        for turn in [*self._waiting]:
            self._refuse(turn, error)

    def leave(self, turn: Turn, ran: float) -> None:
        """End a turn, whose query ran so many seconds."""
        share = turn.share
        share.inside -= 1
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif turn.has_begun:
            self._begun, share.begun = self._begun - 1, share.begun - 1
            self._begun_long -= turn.is_long
            share.used = min(share.used + ran, self._clock + LEAD)
            share.longest = max(ran, (share.longest or 0.0) * FADES)
            self._latest = max(self._latest, share.used)
            if not len(self):
                self._clock = self._latest
        self.advance()

    def advance(self) -> None:
        """Let those begin for whom there is a place."""
        while self._waiting and (turn := self._next()):
            share = turn.share
            if self._begun >= self._places() * self._count_ahead(share):
                return  # nobody else overtakes it
            self._waiting.remove(turn)
            turn.has_begun, turn.is_long = True, self._is_long(share)
            self._begun, share.begun = self._begun + 1, share.begun + 1
            self._begun_long += turn.is_long
            self._clock = max(self._clock, share.used)
            turn.may_begin.set_result(None)

    def _count_ahead(self, share: Share) -> int:
        """Count the queries of a client that may begin for one place: one, and as many brief ones behind it as end in time."""
        longest = share.longest
        return 1 if longest is None else sum(behind * longest <= AHEAD for behind in range(self._ahead))

    def _next(self) -> Turn | None:
        """Find whose turn it is: the client that has used least, unless its queries are long and have all places but one."""
        has_room = self._begun_long < max(1, self._places() - 1)
        # One that was given up is here until its task has ended.
        here = (turn for turn in self._waiting if not turn.may_begin.done())
        turns = (turn for turn in here if has_room or not self._is_long(turn.share))
        return min(turns, key=lambda turn: (turn.share.used, turn.share.begun), default=None)

    def _give_up(self, turn: Turn) -> None:
        if turn in self._waiting:
            self._refuse(turn, self._busy())

    def _refuse(self, turn: Turn, error: AnswerableError) -> None:
        self._waiting.remove(turn)
        if not turn.may_begin.done():
            turn.may_begin.set_exception(error)

    def _is_long(self, share: Share) -> bool:
        """Whether the queries of a client are long, and there are others whom they would keep waiting."""
        since = time.monotonic() - RECENT
        return (share.longest or 0.0) > LONG and any(
            other is not share and other.seen > since for other in self._shares.values()
        )

    def _find(self, client: bytes | None) -> Share:
        if client not in self._shares and len(self._shares) >= MOST:
            since = time.monotonic() - RECENT
            self._shares = {key: share for key, share in self._shares.items() if share.inside or share.seen > since}
        return self._shares.setdefault(client, Share())

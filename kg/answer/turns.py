"""Whose query is next: each client gets an equal share of an engine's time, and long queries leave a place to short ones.

This is start-time fair queueing (Goyal, Vin and Cheng, 1996): the query whose client has used least time is next. What a query
costs is known only when it is over. A client that comes back begins where the others are, so that none saves up time.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kg.errors import AnswerableError, Busy

LONG = 0.2  # seconds; a client with longer queries leaves one place to the others
FADES = 0.9  # what is left, after each query, of the length that counts
RECENT = 10.0  # seconds that a client counts as one of the others after its last query
MOST = 1000  # clients remembered; beyond that, those that have not been seen recently are forgotten


@dataclass(slots=True)
class Share:
    """What one client has of an engine: seconds used, the length of its queries, queries inside and begun, when it was seen."""

    used: float = 0.0
    longest: float = 0.0
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
    """Lets queries begin on one event loop: `ahead` of them for each place, and `queue` may wait beside those that have one."""

    def __init__(self, places: Callable[[], int], queue: int, busy: Callable[[], Busy], ahead: int = 1) -> None:
        self._places, self._queue, self._busy, self._ahead = places, queue, busy, ahead
        self._shares: dict[bytes | None, Share] = {}
        self._waiting: list[Turn] = []
        self._begun = self._begun_long = 0
        self._clock = self._latest = 0.0  # what the client of the query that began last had used; the most that any has

    def __len__(self) -> int:
        """Count the queries that wait and run."""
        return self._begun + len(self._waiting)

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
            share.used, share.longest = share.used + ran, max(ran, share.longest * FADES)
            self._latest = max(self._latest, share.used)
            if not len(self):
                self._clock = self._latest
        self.advance()

    def advance(self) -> None:
        """Let those begin for whom there is a place."""
        while self._waiting and self._begun < self._places() * self._ahead:
            # One that was given up is here until its task has ended.
            free = [turn for turn in self._waiting if not turn.may_begin.done() and self._has_place(turn.share)]
            if not free:
                return
            turn = min(free, key=lambda other: (other.share.used, other.share.begun))
            self._waiting.remove(turn)
            turn.has_begun, turn.is_long = True, self._is_long(turn.share)
            self._begun, turn.share.begun = self._begun + 1, turn.share.begun + 1
            self._begun_long += turn.is_long
            self._clock = max(self._clock, turn.share.used)
            turn.may_begin.set_result(None)

    def _refuse(self, turn: Turn, error: AnswerableError) -> None:
        self._waiting.remove(turn)
        if not turn.may_begin.done():
            turn.may_begin.set_exception(error)

    def _has_place(self, share: Share) -> bool:
        if share.longest <= LONG:
            return True
        places = self._places()
        return self._begun < places and (self._begun_long < max(1, places - 1) or not self._is_long(share))

    def _is_long(self, share: Share) -> bool:
        """Whether the queries of a client are long, and there are others whom they would keep waiting."""
        since = time.monotonic() - RECENT
        return share.longest > LONG and any(
            other is not share and other.seen > since for other in self._shares.values()
        )

    def _find(self, client: bytes | None) -> Share:
        if client not in self._shares and len(self._shares) >= MOST:
            since = time.monotonic() - RECENT
            self._shares = {key: share for key, share in self._shares.items() if share.inside or share.seen > since}
        return self._shares.setdefault(client, Share())

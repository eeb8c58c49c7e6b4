"""Pictures as PNG, each written in a process of its own: the library that draws them holds the interpreter meanwhile."""

from kg import process
from kg.answer.engine import PAYER
from kg.answer.turns import Turns
from kg.errors import Busy, QueryStopped
from kg.picture import Picture
from kg.process import ProcessFailed
from kg.wording import say

SECONDS = 10.0  # that a picture may take, and wait
MOST = 100  # pictures that wait
CHILD = "kg.png:main"


class Painter:
    """Writes one picture at a time, in the turns of the clients that want them, who pay for it; for one event loop."""

    def __init__(self) -> None:
        self._turns = Turns(lambda: 1, MOST, self._busy)

    async def paint(self, picture: Picture) -> bytes:
        """Write a picture as PNG. Raises Busy, and QueryStopped for one that cannot be drawn."""
        payer = PAYER.get()
        async with self._turns.turn(payer.client, SECONDS, payer.charge):
            try:
                return await process.run(CHILD, f"{picture.width}\n{picture.svg}".encode(), seconds=SECONDS)
            except (ProcessFailed, OSError):
                raise QueryStopped(
                    say("The chart or map cannot be drawn"), hint=say("Ask for the answer as a table")
                ) from None

    def _busy(self) -> Busy:
        return Busy(say("Too many charts are being drawn"), retry_after=5, hint=say("Try again shortly"))

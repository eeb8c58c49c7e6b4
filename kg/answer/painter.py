"""Pictures as PNG, written in a process of their own: the library that draws them holds the interpreter meanwhile."""

import asyncio
from asyncio import IncompleteReadError
from asyncio.subprocess import Process
from contextlib import AsyncExitStack

from kg import process
from kg.answer.engine import PAYER
from kg.answer.turns import Turns
from kg.errors import Busy, QueryStopped
from kg.picture import Picture
from kg.picture.child import REPLY, REQUEST
from kg.wording import say

SECONDS = 10.0  # that a picture may take, and wait
MOST = 100  # pictures that wait


class Painter:
    """Writes one picture at a time, in the turns of the clients that want them, who pay for it; for one event loop.

    The process starts with the first picture, and anew after one that it failed at.
    """

    def __init__(self) -> None:
        self._turns = Turns(lambda: 1, MOST, self._busy)
        self._child: Process | None = None
        self._stack = AsyncExitStack()

    async def paint(self, picture: Picture) -> bytes:
        """Write a picture as PNG. Raises Busy, and QueryStopped for one that cannot be drawn."""
        payer = PAYER.get()
        async with self._turns.turn(payer.client, SECONDS, payer.charge):
            return await self._draw(picture)

    async def close(self) -> None:
        """End the process."""
        self._child = None
        await self._stack.aclose()

    async def _draw(self, picture: Picture) -> bytes:
        try:
            async with asyncio.timeout(SECONDS):
                if self._child is None:
                    self._child = await self._stack.enter_async_context(process.start("kg.picture.child:paint"))
                child = self._child
                assert child.stdin and child.stdout
                svg = picture.svg.encode()
                child.stdin.write(REQUEST.pack(len(svg), picture.width) + svg)
                (size,) = REPLY.unpack(await child.stdout.readexactly(REPLY.size))
                return await child.stdout.readexactly(size)
        except (TimeoutError, IncompleteReadError, OSError):
            await self.close()
            raise QueryStopped(say("The picture cannot be drawn"), hint=say("Ask for the answer as a table")) from None
        except BaseException:
            await self.close()  # a reply that nobody waits for would be taken for the next one
            raise

    def _busy(self) -> Busy:
        return Busy(say("Too many pictures are being drawn"), retry_after=5, hint=say("Try again shortly"))

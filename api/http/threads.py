"""The threads of the event loop. Clients take turns at them, as at the workers, and pay for the processor time they take."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from kg.answer.engine import PAYER
from kg.answer.turns import Turns
from kg.errors import Busy

MOST = 1000  # calls that wait; there is a request behind each


class Threads(ThreadPoolExecutor):
    """So many threads, which take turns with the event loop as well: it has to answer those who ask for little."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._turns = Turns(lambda: number, MOST, lambda: Busy("Too many pages are being made", retry_after=5))

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Run a function when the turn of its client comes; called on the event loop, in the context of the request."""
        payer, loop = PAYER.get(), asyncio.get_running_loop()
        turn, result = self._turns.take(payer.client), Future[Any]()

        def end(seconds: float) -> None:
            self._turns.leave(turn, seconds)
            payer.charge(seconds)

        def run() -> None:
            began = time.thread_time()
            if result.set_running_or_notify_cancel():
                try:
                    result.set_result(function(*args, **named))
                except BaseException as error:  # noqa: BLE001  (raised where the result is wanted)
                    result.set_exception(error)
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(end, time.thread_time() - began)

        def begin(ready: "asyncio.Future[None]") -> None:
            if error := ready.exception():
                self._turns.leave(turn, 0.0)
                result.set_exception(error)
            else:
                super(Threads, self).submit(run)

        if turn.may_begin.done():
            begin(turn.may_begin)
        else:
            turn.may_begin.add_done_callback(begin)
        return result

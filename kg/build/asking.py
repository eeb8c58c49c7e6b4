"""Queries that are asked side by side, each for so many seconds at the most: the engine cannot be told to stop.

One that takes longer is an error, and its thread ends with the process.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

from kg.errors import SourceError

LOOK = 0.05  # seconds between two looks at a query that takes long
_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


def ask_each(
    work: Callable[[_Item], _Answer],
    items: Iterable[_Item],
    name: Callable[[_Item], str],
    *,
    seconds: float,
    jobs: int | None = None,
) -> list[_Answer]:
    """Work at each item in a thread, so many at a time (one a core where it is None); the answers, in their order.

    Raises what `work` raises, and SourceError that names the first item which takes longer than `seconds`.
    """
    asked = [(item, Future[_Answer]()) for item in items]
    begun: dict[Future[_Answer], float] = {}
    waiting = iter(asked)  # the threads take from it one after the other

    def work_on() -> None:
        for item, future in waiting:
            begun[future] = time.monotonic()
            try:
                future.set_result(work(item))
            except BaseException as error:  # noqa: BLE001  (raised where the answer is wanted)
                future.set_exception(error)

    for _ in range(jobs or os.cpu_count() or 1):
        Thread(target=work_on, daemon=True).start()
    answers = []
    try:
        for item, future in asked:
            while wait([future], LOOK).not_done:
                if time.monotonic() - begun.get(future, float("inf")) > seconds:
                    hint = "Make it lighter: bind what it begins with, and ask for less"
                    raise SourceError(f"It took longer than {seconds:g} s", where=name(item), hint=hint)
            answers.append(future.result())
    finally:
        deque(waiting, maxlen=0)  # after an error nobody wants the others
    return answers

"""Queries that are asked side by side, each for so many seconds at the most: the engine cannot be told to stop.

One that takes longer is an error, and its thread ends with the process.
"""

import multiprocessing
from collections.abc import Callable, Iterable
from multiprocessing.pool import ThreadPool
from typing import TypeVar

from kg.errors import SourceError

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

    Raises what `work` raises, and SourceError that names the first item which takes longer than `seconds`, counted from the end
    of those before it. After an error no other item is begun.
    """
    items, answers = [*items], []
    with ThreadPool(jobs) as pool:  # whose threads do not keep the process
        waiting = pool.imap(work, items)
        for item in items:
            try:
                answers.append(waiting.next(seconds))
            except multiprocessing.TimeoutError:
                hint = "Make it lighter: bind what it begins with, and ask for less"
                raise SourceError(f"It took longer than {seconds:g} s", where=name(item), hint=hint) from None
    return answers

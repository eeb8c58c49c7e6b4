"""Comparisons in a child process, for which a server can wait without being slowed down."""

import logging
import pickle
import sys
from collections.abc import Callable
from typing import TypeVar

from kg import process
from kg.errors import QueryStopped
from kg.process import ProcessFailed
from kg.release import Release
from kg.wording import say

T = TypeVar("T")
SECONDS = 60.0  # that a comparison may take

log = logging.getLogger("answerable.changes")


async def run_apart(work: Callable[..., T], *pair: Release | None) -> T:
    """Let `compare` or `pages` work on two releases. Raises QueryStopped when it takes too long or cannot read them."""
    releases = [side and Release(side.path) for side in pair]  # without what was read of them
    try:
        output = await process.run("kg.changes.apart:work", pickle.dumps((work, releases)), seconds=SECONDS)
    except ProcessFailed as failure:
        log.error("releases could not be compared: %s", failure)
        raise QueryStopped(say("The releases could not be compared"), hint=say("Ask again later")) from None
    return pickle.loads(output)


def work() -> None:
    """Do in a child what standard input says, and write the result to standard output."""
    compare, releases = pickle.load(sys.stdin.buffer)
    pickle.dump(compare(*releases), sys.stdout.buffer)

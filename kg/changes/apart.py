"""Comparisons in a process of their own, for which a server can wait without being slowed down."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from kg.changes import difference, stream
from kg.changes.change import Changes
from kg.errors import QueryStopped
from kg.release import Release
from kg.wording import say

SECONDS = 60.0  # that a comparison may take

# The modules are found as in this process before the work, which names one of them, is read.
_ENTRY = """import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
work, releases = pickle.load(sys.stdin.buffer)
pickle.dump(work(*releases), sys.stdout.buffer)"""


def compare_apart(old: Release, new: Release) -> Changes:
    """Compare two releases. Raises QueryStopped when it takes too long or cannot read them."""
    return _run(difference.compare, old, new)


def pages_apart(old: Release | None, new: Release) -> list[bytes]:
    """Write the pages of versions, as `stream.pages` does. Raises QueryStopped."""
    return _run(stream.pages, old, new)


def _run(work: Callable[..., Any], *pair: Release | None) -> Any:
    releases = [one and Release(one.path) for one in pair]  # without what was read of them
    sent = pickle.dumps(sys.path) + pickle.dumps((work, releases))
    try:
        command = [sys.executable, "-c", _ENTRY]
        done = subprocess.run(command, input=sent, check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise QueryStopped(say("The releases could not be compared"), hint=say("Ask again later")) from None
    return pickle.loads(done.stdout)

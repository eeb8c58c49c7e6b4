"""Comparisons in a process of their own, for which a server can wait without being slowed down."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kg.changes import difference, stream
from kg.changes.difference import Changes
from kg.errors import QueryStopped
from kg.release import Release
from kg.wording import say

SECONDS = 60.0  # that a comparison may take

_ENTRY = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from kg.changes import apart; apart.write()"


def compare_apart(old: Release, new: Release) -> Changes:
    """Compare two releases. Raises QueryStopped when it takes too long or cannot read them."""
    return difference.read(_ask("compare", old, new))


def bounds_apart(old: Release | None, new: Release) -> list[str]:
    """List the subjects with which the pages of versions begin, as `stream.bounds` does. Raises QueryStopped."""
    return list(_ask("bounds", old, new))


def _ask(task: str, old: Release | None, new: Release) -> Any:
    paths = ("" if old is None else str(old.path), str(new.path))
    command = [sys.executable, "-c", _ENTRY, json.dumps(sys.path), task, *paths]
    try:
        done = subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise QueryStopped(say("The releases could not be compared"), hint=say("Ask again later")) from None
    return json.loads(done.stdout)


def write() -> None:
    """Do the task that the command line names with the two releases that it names, and write what comes of it as JSON."""
    task, *paths = sys.argv[2:]
    old, new = (Release(Path(path)) if path else None for path in paths)
    if new is None:
        raise ValueError("the newer release has no path")
    if task == "bounds":
        print(json.dumps([subject.decode() for subject in stream.bounds(old, new)]))
    elif old is not None:
        print(json.dumps(asdict(difference.compare(old, new))))

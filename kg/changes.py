"""What changed between two releases, thing by thing: for feeds, and for whoever reads them.

Compared is what files state about things; what the build derives from it follows, and is counted alone. The dumps are read
line by line, so that neither release has to be opened. `compare_apart` does it in a process of its own, for which a
server can wait without being slowed down.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg import release, terms
from kg.errors import QueryStopped
from kg.release import Release

MOST = 2_000  # things that are told of one pair of releases
MOST_NAMED = 20  # things that are named beside one that changed
SECONDS = 60.0  # that a comparison may take
DERIVED = (terms.INFERRED, terms.LINKS)
TYPE = f"<{terms.PREFIXES['rdf']}type>"

_ENTRY = "import json, sys; sys.path[:] = json.loads(sys.argv[3]); from kg import changes; changes.write()"

ADDED, CHANGED, GONE = "added", "changed", "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """A thing about which something is stated otherwise: whether it is new, and the things that its triples name."""

    thing: str
    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one release to the next; `things` are the first of `total`, and `derived` counts triples."""

    old: str
    new: str
    things: tuple[Change, ...]
    total: int
    derived: int

    def count(self, kind: str) -> int:
        """Count the things of one kind of change among those that are told."""
        return sum(one.kind == kind for one in self.things)


def compare(old: Release, new: Release) -> Changes:
    """Compare two releases."""
    typed: dict[str, set[str]] = {}
    named: dict[str, dict[str, None]] = {}
    derived = 0
    for sign, graph, triple in release.diff(old, new):
        if graph in DERIVED:
            derived += 1
            continue
        subject, predicate, value = triple.split(" ", 2)
        iri = subject.strip("<>")
        if not iri.startswith(terms.ID):
            continue
        names = named.setdefault(iri, {})
        if predicate == TYPE:
            typed.setdefault(iri, set()).add(sign)
        elif value.startswith(f"<{terms.ID}") and len(names) < MOST_NAMED:
            names[value.strip("<>")] = None
    kinds = {frozenset("+"): ADDED, frozenset("-"): GONE}
    found = [
        Change(iri, kinds.get(frozenset(typed.get(iri, ())), CHANGED), tuple(names)) for iri, names in named.items()
    ]
    return Changes(old.id, new.id, tuple(sorted(found, key=lambda one: one.thing)[:MOST]), len(found), derived)


def compare_apart(old: Release, new: Release) -> Changes:
    """Compare two releases in another process. Raises QueryStopped when it takes too long or cannot read them."""
    paths = (str(old.path), str(new.path), json.dumps(sys.path))
    try:
        done = subprocess.run([sys.executable, "-c", _ENTRY, *paths], check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise QueryStopped("The releases could not be compared", hint="Ask again later") from None
    return read(json.loads(done.stdout))


def read(told: Mapping[str, Any]) -> Changes:
    """Read changes from their JSON form."""
    things = tuple(Change(one["thing"], one["kind"], tuple(one["names"])) for one in told["things"])
    return Changes(told["old"], told["new"], things, told["total"], told["derived"])


def write() -> None:
    """Write how the two releases differ that the command line names, as JSON."""
    print(json.dumps(asdict(compare(*(Release(Path(path)) for path in sys.argv[1:3])))))

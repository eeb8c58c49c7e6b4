"""What changed between two releases, thing by thing and file by file.

A thing is created, updated, withdrawn (a tombstone has taken its place) or removed. What files state about it is compared apart from what
the build derives: where the derived alone differs, that is its own kind of change. Of what is withdrawn or removed nothing is
told but its address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from kg import terms
from kg.changes.reading import SKOLEM, TYPE, Pair, is_tombstone, merged, split
from kg.release import Release
from kg.store import read_quads

MOST = 20_000  # things that are told of one pair of releases
MOST_NAMED = 20  # things that are named beside one that changed

CREATED, UPDATED, WITHDRAWN, REMOVED, DERIVED = WHAT = ("created", "updated", "withdrawn", "removed", "derived")
STATED = (CREATED, UPDATED, WITHDRAWN, REMOVED)
OURS = (terms.ID, terms.SCHEME)  # things of which it is told one by one; the others are told by their files

_UNSTATED = tuple(f"<{graph}>".encode() for graph in (terms.INFERRED, terms.LINKS))
_LABEL = f"<{terms.PREFIXES['skos']}prefLabel>".encode()


@dataclass(frozen=True, slots=True)
class Change:
    """A thing that changed: what happened to it, its class, its English name now, and the things that its triples name.

    The names serve to find it, also where it is gone; they are not told.
    """

    thing: str
    what: str
    kind: str = ""
    label: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A source file that changed: how (added, changed, removed), and how many of its statements came and went."""

    path: str
    how: str
    came: int = 0
    went: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one release to the next; `things` are the first of `total`, and `derived` counts triples.

    `counts` says how many things there are by what happened to them and by their class.
    """

    old: str
    new: str
    things: tuple[Change, ...]
    total: int
    derived: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    files: tuple[File, ...] = ()

    def of(self, what: str) -> list[Change]:
        """List the things to which something happened."""
        return [one for one in self.things if one.what == what]

    def count(self, what: str) -> int:
        """Count the things to which something happened, also those that are not told."""
        return sum(self.counts.get(what, {}).values())

    def hush(self, gone: Container[str]) -> Changes:
        """Tell of some things no more than their addresses: they have been withdrawn since."""
        told = (Change(one.thing, one.what) if one.thing in gone else one for one in self.things)
        return replace(self, things=tuple(told))

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs that this tells of."""
        return not (self.total or self.files or self.derived)


def compare(old: Release, new: Release) -> Changes:
    """Compare two releases."""
    things, derived = [], 0
    came, went = Counter[bytes](), Counter[bytes]()
    counts: dict[str, Counter[str]] = {what: Counter() for what in WHAT}
    for subject, before, now in Pair(old, new).differing():
        added, gone = set(now) - set(before), set(before) - set(now)
        for lines, counter in ((added, came), (gone, went)):
            graphs = [line.rsplit(b" ", 2)[1] for line in lines if not _holds_blank(line)]
            counter.update(graphs)
            derived += sum(graph in _UNSTATED for graph in graphs)
        if subject.startswith(tuple(f"<{space}".encode() for space in OURS)):
            change = _judge(subject, before, now)
            if change is not None:
                counts[change.what][change.kind] += 1
                things.append(change)
    told = {what: dict(counter) for what, counter in counts.items() if counter}
    return Changes(old.id, new.id, tuple(things[:MOST]), len(things), derived, told, _files(old, new, came, went))


def triples(old: Release, new: Release) -> Iterator[tuple[str, str, str]]:
    """Yield ("-" or "+", graph, triple) for what went and what came; blank nodes are left out, since their labels tell nothing.

    The triple is N-Triples without its full stop.
    """
    for _, before, now in Pair(old, new).differing():
        for sign, lines in (("-", set(before) - set(now)), ("+", set(now) - set(before))):
            for line in lines:
                triple, graph, _ = line.decode().rstrip().rsplit(" ", 2)
                if not _holds_blank(line):
                    yield sign, graph.strip("<>"), triple


def _holds_blank(line: bytes) -> bool:
    """Say whether a line has a blank node, or the IRI that one got."""
    subject, _, rest = line.split(b" ", 2)
    return any(term.startswith((b"_:", b"<" + SKOLEM.encode())) for term in (subject, rest))


def _judge(subject: bytes, before: Iterable[bytes], now: Iterable[bytes]) -> Change | None:
    """Say what happened to a thing; None where its statements stand in another file and are the same."""
    iri = subject.strip(b"<>").decode()
    if is_tombstone(now):
        return None if is_tombstone(before) and _stated(before) == _stated(now) else Change(iri, WITHDRAWN)
    if not now:
        return Change(iri, REMOVED, _kind(before), names=_names(_stated(before)))
    then, stated = _stated(before), _stated(now)
    what = CREATED if not before else UPDATED if then != stated else DERIVED
    if what == DERIVED and merged(before) == merged(now):
        return None
    return Change(iri, what, _kind(now), _label(now), _names(stated ^ then))


def _names(triples: Iterable[bytes]) -> tuple[str, ...]:
    values = {triple.split(b" ", 2)[2] for triple in triples}
    named = sorted(value.strip(b"<>").decode() for value in values if value.startswith(b"<" + terms.ID.encode()))
    return tuple(named[:MOST_NAMED])


def _stated(lines: Iterable[bytes]) -> set[bytes]:
    """The triples that files state, without their graphs."""
    return {
        triple
        for line in lines
        for triple, graph, _ in [line.rsplit(b" ", 2)]
        if graph not in _UNSTATED and not _holds_blank(line)
    }


def _kind(lines: Iterable[bytes]) -> str:
    """Name the class that files state of a thing; the derived ones are above it."""
    types = [(value, graph) for _, predicate, value, graph in map(split, lines) if predicate == TYPE]
    stated = sorted(value for value, graph in types if graph not in _UNSTATED) or sorted(value for value, _ in types)
    ours = [value for value in stated if value.startswith(b"<" + terms.VOCABULARY.encode())]
    return next(iter(ours or stated), b"").strip(b"<>").decode()


def _label(lines: Iterable[bytes]) -> str:
    """The name of a thing, the English one where there is one."""
    labels = [line for line in sorted(lines) if split(line)[1] == _LABEL]
    chosen = next((line for line in labels if split(line)[2].endswith(b"@en")), labels[0] if labels else b"")
    return str(read_quads(chosen)[0][2]) if chosen else ""


def _files(old: Release, new: Release, came: Counter[bytes], went: Counter[bytes]) -> tuple[File, ...]:
    """List the inputs that differ, each with the statements that came and went in its graph."""
    graphs = {file: f"<{terms.graph_of(quote(file.path))}>".encode() for file in changed_files(old, new)}
    return tuple(replace(file, came=came[graph], went=went[graph]) for file, graph in graphs.items())


def changed_files(old: Release, new: Release) -> Iterator[File]:
    """Yield the inputs that differ by their manifests, without counting statements."""
    before, now = old.manifest["inputs"], new.manifest["inputs"]
    for path in sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)):
        yield File(path, "changed" if path in before and path in now else "added" if path in now else "removed")

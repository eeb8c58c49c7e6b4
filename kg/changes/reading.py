"""The dump of a release read thing by thing, and two of them beside each other.

Parts that are equal in both are passed by unread, so what is read is about as much as what changed. The labels of blank nodes differ from
release to release. A blank node that one thing alone leads to is compared by what it holds, and belongs to that thing; any other
gets an IRI made from what it holds (skolemization: RDF 1.1 Concepts, 3.5).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from kg import terms
from kg.members import GZIP, Member, name_of
from kg.release import Release

SKOLEM = f"{terms.BASE}.well-known/genid/"
OPEN = 4  # dumps whose parts are held in memory, compressed
SPACES = {
    "id": terms.ID,
    "doc": terms.ID,
    "scheme": terms.SCHEME,
}  # of the IRIs of things, by sections of the site that show them
_LABELLED = b"_:"
TYPE = f"<{terms.PREFIXES['rdf']}type>".encode()
_TOMBSTONE = f"<{terms.term('Tombstone')}>".encode()


class Around(NamedTuple):
    """One thing in two releases: its lines of N-Quads before and now, with those of the blank nodes that are its own."""

    subject: bytes
    before: tuple[bytes, ...]
    now: tuple[bytes, ...]


class Dump:
    """The quads of one release; `first` of each part is the subject with which it begins."""

    def __init__(self, release: Release | None) -> None:
        self.parts: list[Member] = [] if release is None else GZIP.read(release.path / "dumps" / name_of("nq"))[1:-1]
        self.firsts = [name for name, _ in self.parts]

    def lines(self, number: int) -> list[bytes]:
        """Read the lines of one part."""
        return GZIP.unpack(self.parts[number][1]).splitlines(keepends=True)

    def about(self, subject: bytes) -> tuple[bytes, ...]:
        """Read the lines of one thing, without those of blank nodes."""
        place = bisect_right(self.firsts, subject) - 1
        return tuple(line for line in self.lines(place) if line.startswith(subject + b" ")) if place >= 0 else ()

    @cached_property
    def blank(self) -> dict[bytes, list[bytes]]:
        """The lines about each blank node; they stand at the end, since `_` comes after `<`."""
        found: dict[bytes, list[bytes]] = {}
        for number in range(max(bisect_left(self.firsts, _LABELLED) - 1, 0), len(self.parts)):
            for line in self.lines(number):
                if line.startswith(_LABELLED):
                    found.setdefault(line.partition(b" ")[0], []).append(line)
        return found

    @cached_property
    def roots(self) -> dict[bytes, bytes]:
        """The blank nodes that belong to no one thing, each with the IRI that it gets."""
        if not self.blank:
            return {}
        uses: Counter[bytes] = Counter()
        for _, member in self.parts:
            if _LABELLED in (text := GZIP.unpack(member)):
                uses.update(value for _, _, value in {split(one)[:3] for one in text.splitlines() if _LABELLED in one})
        alone = {node for node in self.blank if uses[node] != 1 or self._circles(node)}
        named: dict[bytes, bytes] = {}
        times: Counter[bytes] = Counter()
        for node in sorted(alone):
            digest = self._digest(node, ()).encode()
            times[digest] += 1
            number = b"" if times[digest] == 1 else b"-%d" % times[digest]
            named[node] = b"<" + SKOLEM.encode() + digest + number + b">"
        return named

    @cached_property
    def _above(self) -> dict[bytes, bytes]:
        """The subject that leads to a blank node, where that is a blank node too."""
        return {_object(line): node for node, lines in self.blank.items() for line in lines}

    def _circles(self, node: bytes) -> bool:
        seen = {node}
        while (above := self._above.get(node)) is not None:
            if above in seen:
                return True
            seen.add(above)
            node = above
        return False

    def _digest(self, node: bytes, inside: tuple[bytes, ...]) -> str:
        """Hash what a blank node holds, whatever it and others are called."""
        if node in inside:
            return f"circle {inside.index(node)}"
        told = sorted(self._plain(line, (*inside, node)) for line in self.blank.get(node, ()))
        return hashlib.sha256(b"".join(told)).hexdigest()[:32]

    def _plain(self, line: bytes, inside: tuple[bytes, ...] = ()) -> bytes:
        """Write a line with what a blank node holds in the place of its label, and without its subject if that is one."""
        subject, _, rest = line.partition(b" ")
        told = b"<> " + rest if subject.startswith(_LABELLED) else line
        return _renamed(told, lambda label: f"[{self._digest(label, inside)}]".encode())

    def whole(self, lines: Sequence[bytes]) -> tuple[bytes, ...]:
        """Add to the lines of a thing those of its own blank nodes, and give the others their IRIs."""
        found, waiting = [], list(lines)
        while waiting:
            line = waiting.pop(0)
            found.append(_renamed(line, lambda label: self.roots.get(label, label)))
            if _object(line).startswith(_LABELLED) and _object(line) not in self.roots:
                waiting.extend(self.blank.get(_object(line), ()))
        return tuple(found)

    def compared(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """Write the lines of a thing so that equal ones are equal in every release."""
        if not any(_LABELLED in line for line in lines):
            return lines
        return sorted(self._plain(line) for line in lines)

    @cached_property
    def others(self) -> dict[bytes, tuple[bytes, ...]]:
        """The lines of the blank nodes that got IRIs, by these."""
        return {iri: self.whole(self.blank[node]) for node, iri in self.roots.items()}


@lru_cache(OPEN)
def _opened(release: Release, sha256: str) -> Dump:
    return Dump(release)


def open_dump(release: Release | None) -> Dump:
    """Return the dump of a release, the same one while it is in use; without a release one that holds nothing."""
    return Dump(None) if release is None else _opened(release, release.sha256)


def holds(release: Release, section: str, names: Iterable[str]) -> bool:
    """Say whether a release has something of one of these names in a section of its site, such as `doc`; a tombstone is nothing."""
    return any(_holds(release, release.sha256, section, name) for name in names)


@lru_cache(4096)
def _holds(release: Release, sha256: str, section: str, name: str) -> bool:
    if section in SPACES:
        lines = open_dump(release).about(f"<{SPACES[section]}{unquote(name)}>".encode())
        return bool(lines) and not is_tombstone(lines)
    if section in ("questions", "embed"):
        return (release.questions_path / f"{name.rpartition('/')[2]}.rq").is_file()
    if section == "graph":
        return terms.GRAPH + name in release.manifest["triples"]["graphs"]
    return section != "dumps" or f"dumps/{name.removesuffix('.sha256')}" in release.manifest["outputs"]


def forget_dumps() -> None:
    """Let go of all dumps in memory."""
    _opened.cache_clear()


@dataclass(frozen=True)
class Pair:
    """Two releases beside each other; without the older one everything is new."""

    old: Release | None
    new: Release

    @cached_property
    def dumps(self) -> tuple[Dump, Dump]:
        """The two dumps."""
        return open_dump(self.old), open_dump(self.new)

    def differing(self, start: bytes = b"", end: bytes | None = None) -> Iterator[Around]:
        """Yield each thing of which the two do not say the same, in order, from one subject to before another."""
        old, new = self.dumps
        for before, after in self._regions(start, end):
            for subject in sorted(before.keys() | after.keys()):
                if subject >= start and (end is None or subject < end) and not subject.startswith(_LABELLED):
                    then, now = before.get(subject, ()), after.get(subject, ())
                    if old.compared(then) != new.compared(now):
                        yield Around(subject, old.whole(then), new.whole(now))
        for subject in sorted(old.others.keys() ^ new.others.keys()):
            key = _LABELLED + subject  # behind all others
            if key >= start and (end is None or key < end):
                yield Around(key, old.others.get(subject, ()), new.others.get(subject, ()))

    def _regions(self, start: bytes, end: bytes | None) -> Iterator[tuple[dict, dict]]:
        """Yield, from both dumps, what stands between two subjects with which parts begin in each of them, unless it is the same."""
        cursors = [_Cursor(dump, start) for dump in self.dumps]
        while True:
            ahead = [cursor.next for cursor in cursors if cursor.next is not None]
            if not ahead or end is not None and min(ahead) >= end:
                return
            begins = [cursor.place for cursor in cursors]
            if self._is_same(*cursors):
                for cursor in cursors:
                    cursor.place += 1
                continue
            at = min(ahead)
            while True:
                for cursor in cursors:
                    cursor.place += cursor.next == at
                ahead = [cursor.next for cursor in cursors if cursor.next is not None]
                if not ahead or all(cursor.is_cut(min(ahead)) for cursor in cursors):
                    break
                at = min(ahead)
            yield tuple(cursor.read(begin) for cursor, begin in zip(cursors, begins, strict=True))

    def _is_same(self, old: _Cursor, new: _Cursor) -> bool:
        if old.next is None or new.next is None or old.part != new.part:
            return False
        return self._same_blank or _LABELLED not in GZIP.unpack(new.part[1])

    @cached_property
    def _same_blank(self) -> bool:
        return self.dumps[0].blank == self.dumps[1].blank


@dataclass
class _Cursor:
    """A place among the parts of a dump."""

    dump: Dump
    start: bytes
    place: int = -1

    def __post_init__(self) -> None:
        self.place = self.begin = max(bisect_right(self.dump.firsts, self.start) - 1, 0)

    @property
    def next(self) -> bytes | None:
        return self.dump.firsts[self.place] if self.place < len(self.dump.firsts) else None

    @property
    def part(self) -> Member:
        return self.dump.parts[self.place]

    def is_cut(self, subject: bytes) -> bool:
        """Say whether no part that was passed holds this subject or one behind it."""
        return self.next is None or self.place == self.begin or self.next == subject

    def read(self, begin: int) -> dict[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for number in range(begin, self.place):
            for line in self.dump.lines(number):
                found.setdefault(line.partition(b" ")[0], []).append(line)
        return found


def split(line: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Divide a line into subject, predicate, object and graph."""
    subject, predicate, rest = line.split(b" ", 2)
    value, graph, _ = rest.rsplit(b" ", 2)
    return subject, predicate, value, graph


def merged(lines: Iterable[bytes]) -> set[bytes]:
    """Take the triples of lines, whatever graphs they are in."""
    return {line.rsplit(b" ", 2)[0] for line in lines}


def is_tombstone(lines: Iterable[bytes]) -> bool:
    """Say whether lines about a thing are its tombstone."""
    return any(split(line)[1:3] == (TYPE, _TOMBSTONE) for line in lines)


def _object(line: bytes) -> bytes:
    return split(line)[2]


def _renamed(line: bytes, name: Callable[[bytes], bytes]) -> bytes:
    """Write a line with other names of its blank nodes."""
    if _LABELLED not in line:
        return line
    subject, predicate, value, graph = split(line)
    subject, value = (name(term) if term.startswith(_LABELLED) else term for term in (subject, value))
    return b" ".join((subject, predicate, value, graph, b".\n"))

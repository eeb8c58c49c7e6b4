"""What changed from one release to the next: things with their statements, and files.

Withdrawn and removed things are listed by their IRIs only.
"""

import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kg import terms
from kg.changes.dump import DumpLine
from kg.store import read_quads
from kg.terms import INFERRED, LINKS, Iri, Term, to_json

CREATED, UPDATED, WITHDRAWN, REMOVED, DERIVED = WHAT = ("created", "updated", "withdrawn", "removed", "derived")
STATED = (CREATED, UPDATED, WITHDRAWN, REMOVED)
LONGEST = 300  # characters of a text that is shown with others

Value = dict[str, str]  # in the form of SPARQL's JSON results


class ChangedStatement(NamedTuple):
    """A statement about a thing: its property, its value, and whether the build derived it."""

    property: str
    value: Term
    is_derived: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A thing that changed: what happened to it, its class, its English name now, and the things that its triples name.

    The names serve to find it, also where it is gone; they are not shown. `went` and `came` are packed lines.
    """

    thing: str
    what: str
    kind: str = ""
    label: str = ""
    names: tuple[str, ...] = ()
    went: bytes = field(default=b"", repr=False)
    came: bytes = field(default=b"", repr=False)

    @property
    def before(self) -> list[ChangedStatement]:
        """The statements that are there no more."""
        return _unpack(self.went)

    @property
    def now(self) -> list[ChangedStatement]:
        """The statements that came."""
        return _unpack(self.came)

    def iris(self) -> set[str]:
        """List what is named: the thing, its properties, and the things among their values."""
        statements = [*self.before, *self.now]
        values = {each.value.value for each in statements if isinstance(each.value, Iri)}
        return {self.thing, *(each.property for each in statements), *values}

    def by_property(self) -> Iterator[tuple[str, bool, list[Value], list[Value]]]:
        """Yield each property that changed: whether it is derived, its values before, its values now; long texts are cut.

        What the build repeats in other vocabularies is left out.
        """
        properties: dict[tuple[bool, str], tuple[list[Value], list[Value]]] = {}
        for side, statements in enumerate((self.before, self.now)):
            for each in statements:
                if not each.is_derived or each.property.startswith(terms.VOCABULARY):
                    properties.setdefault((each.is_derived, each.property), ([], []))[side].append(_shorten(each.value))
        for (is_derived, name), (before, now) in sorted(properties.items(), key=lambda item: item[0]):
            yield name, is_derived, before, now


@dataclass(frozen=True, slots=True)
class FileChange:
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
    files: tuple[FileChange, ...] = ()

    def of(self, what: str) -> list[Change]:
        """List the things to which something happened."""
        return [change for change in self.things if change.what == what]

    def count(self, what: str) -> int:
        """Count the things to which something happened, also those that are not listed."""
        return sum(self.counts.get(what, {}).values())

    def redact(self, gone: Container[str]) -> "Changes":
        """Leave only the addresses of some things: they have been withdrawn since."""
        things = [Change(change.thing, change.what) if change.thing in gone else change for change in self.things]
        return replace(self, things=tuple(things))

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.total or self.files or self.derived)


def pack(lines: Iterable[DumpLine]) -> bytes:
    """Pack lines of N-Quads about a thing: of many changes in memory, few are looked at."""
    return zlib.compress(b"".join(line.text for line in lines))


def _unpack(packed: bytes) -> list[ChangedStatement]:
    """Read the statements in packed lines, what is stated first; what a file states too is not derived."""
    derived: dict[tuple[str, Term], bool] = {}
    for _, predicate, value, graph in read_quads(zlib.decompress(packed)) if packed else ():
        key = (predicate.value, value)
        derived[key] = derived.get(key, True) and graph in (INFERRED, LINKS)
    statements = [ChangedStatement(*key, is_derived) for key, is_derived in derived.items()]
    return sorted(statements, key=lambda each: (each.is_derived, each.property, str(each.value)))


def _shorten(term: Term) -> Value:
    value = to_json(term)
    text = value["value"]
    return {**value, "value": f"{text[:LONGEST].rstrip()} …"} if len(text) > LONGEST else value

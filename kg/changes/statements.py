"""What was said before of things that changed, and what is said now, statement by statement.

Of what was withdrawn or removed nothing is said, and of what it was before neither.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from kg import terms
from kg.changes.difference import REMOVED, WITHDRAWN, Change
from kg.changes.reading import Pair
from kg.release import Release
from kg.store import read_quads
from kg.terms import INFERRED, LINKS, Iri, Term, to_json

Value = dict[str, str]  # in the form of SPARQL's JSON results

SILENT = (WITHDRAWN, REMOVED)
LONGEST = 300  # characters of a text that is shown with others


class Said(NamedTuple):
    """One statement about a thing: its property, its value, and whether the build derived it."""

    property: str
    value: Term
    is_derived: bool


class Told(NamedTuple):
    """A thing that changed: the statements that are there no more, and those that came."""

    change: Change
    before: tuple[Said, ...] = ()
    now: tuple[Said, ...] = ()

    def iris(self) -> set[str]:
        """List what is named: the thing, its properties, and the things among their values."""
        statements = (*self.before, *self.now)
        values = {one.value.value for one in statements if isinstance(one.value, Iri)}
        return {self.change.thing, *(one.property for one in statements), *values}

    def by_property(self) -> Iterator[tuple[str, bool, list[Value], list[Value]]]:
        """Yield each property that changed: whether it is derived, its values before, its values now; long texts are cut.

        What the build repeats in other vocabularies is left out.
        """
        properties: dict[tuple[bool, str], tuple[list[Value], list[Value]]] = {}
        for side, statements in enumerate((self.before, self.now)):
            for one in statements:
                if not one.is_derived or one.property.startswith(terms.VOCABULARY):
                    properties.setdefault((one.is_derived, one.property), ([], []))[side].append(_short(one.value))
        for (is_derived, name), (before, now) in sorted(properties.items(), key=lambda item: item[0]):
            yield name, is_derived, before, now


def tell(old: Release, new: Release, changes: Iterable[Change], gone: Container[str] = ()) -> list[Told]:
    """Read what was said before and what is said now of some things that changed from one release to the other, in their order.

    Of those that are `gone` nothing is said: they have been withdrawn since.
    """
    wanted = list(changes)
    keys = sorted(f"<{one.thing}>".encode() for one in wanted if one.what not in SILENT and one.thing not in gone)
    found: dict[str, tuple[tuple[Said, ...], tuple[Said, ...]]] = {}
    if keys:
        asked = set(keys)
        for subject, before, now in Pair(old, new).differing(keys[0], keys[-1] + b"\x00"):
            if subject in asked:
                then, after = _read(before), _read(now)
                found[subject.strip(b"<>").decode()] = (_without(then, after), _without(after, then))
    return [Told(one, *found.get(one.thing, ((), ()))) for one in wanted]


def _short(term: Term) -> Value:
    value = to_json(term)
    text = value["value"]
    return {**value, "value": f"{text[:LONGEST].rstrip()} …"} if len(text) > LONGEST else value


def _read(lines: Iterable[bytes]) -> dict[tuple[str, Term], bool]:
    """Read the statements of a thing; one that a file states too is not derived."""
    found: dict[tuple[str, Term], bool] = {}
    for subject, predicate, value, graph in read_quads(b"".join(lines)):
        if isinstance(subject, Iri):
            key = (predicate.value, value)
            found[key] = found.get(key, True) and graph in (INFERRED, LINKS)
    return found


def _without(some: dict[tuple[str, Term], bool], others: dict[tuple[str, Term], bool]) -> tuple[Said, ...]:
    """List the statements of one side that the other does not have, what is stated first."""
    said = [Said(*key, derived) for key, derived in some.items() if key not in others]
    return tuple(sorted(said, key=lambda one: (one.is_derived, one.property, str(one.value))))

"""The rows that a picture shows, read by the roles that their columns have in it."""

from __future__ import annotations

import calendar
import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg import terms
from kg.picture.font import clean

Row = Mapping[str, Mapping[str, str]]
_DATE = re.compile(r"(-?\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:T.*|Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class Table:
    """Rows as SPARQL's JSON form has them, with the columns of each role, the names of things and what each column means.

    `tell` writes any other text in the language of the picture.
    """

    rows: Sequence[Row]
    roles: Mapping[str, Sequence[str]]
    names: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    tell: Callable[[str], str] = str

    def has(self, role: str) -> bool:
        """Say whether a role is filled, and some row has a value for it."""
        return any(self.value(row, role) for row in self.rows)

    def value(self, row: Row, role: str) -> str:
        """Return what a row has in a role, as it is written: the first column with a value counts; else nothing."""
        found = (row[column]["value"] for column in self.roles.get(role, ()) if column in row)
        return next(filter(None, found), "")

    def text(self, row: Row, role: str) -> str:
        """Return what a row has in a role, by its name."""
        return self.name(self.value(row, role))

    def name(self, value: str) -> str:
        """Name a thing, or write any other value, in one line."""
        return clean(self.names.get(value) or self.tell(terms.shorten(value).removeprefix(terms.BASE)))

    def number(self, row: Row, role: str) -> float | None:
        """Return the number that a row has in a role, or None."""
        return as_number(self.value(row, role))

    def meaning(self, role: str) -> str:
        """Say what the first column of a role means."""
        column = next(iter(self.roles.get(role, ())), "")
        return self.meanings.get(column, column)

    def year(self, row: Row, role: str) -> int | None:
        """Return the year of the date that a row has in a role, or None."""
        return year_of(self.value(row, role))


@dataclass(frozen=True, slots=True)
class Span:
    """The days in which something lies: the first it may be on, and the last; None where that is open."""

    first: datetime.date
    last: datetime.date | None


def as_number(text: str) -> float | None:
    """Read a plain number."""
    return float(text) if re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,12})?", text) else None


def year_of(text: str) -> int | None:
    """Read the year of a date, month or year."""
    found = _DATE.fullmatch(text)
    return int(found[1]) if found and int(found[1]) > 0 else None


def first_day(text: str) -> datetime.date | None:
    """Return the first day that a date, month or year may mean."""
    found = _DATE.fullmatch(text)
    return _day(int(found[1]), int(found[2] or 1), int(found[3] or 1)) if found else None


def last_day(text: str) -> datetime.date | None:
    """Return the last day that a date, month or year may mean."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month = int(found[1]), int(found[2] or 12)
    if not (0 < year < 9999 and 0 < month < 13):
        return None
    return _day(year, month, int(found[3] or calendar.monthrange(year, month)[1]))


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def in_groups(found: Iterable[str], most: int) -> dict[str, int]:
    """Number the groups there are by how many are in each, the largest first; those beyond `most` share the last number."""
    ranked = [name for name, _ in sorted(Counter(found).items(), key=lambda one: (-one[1], one[0]))]
    return {name: min(place, most - 1) for place, name in enumerate(ranked)}


def merge(rows: Iterable[Row], key: Callable[[Row], object]) -> list[tuple[Row, int]]:
    """Put rows that would look the same in a picture together: the first of them, and how many they are."""
    found: dict[object, tuple[Row, int]] = {}
    for row in rows:
        one, number = found.get(key(row), (row, 0))
        found[key(row)] = one, number + 1
    return list(found.values())

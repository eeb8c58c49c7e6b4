"""The rows that a picture shows, read by the roles that their columns have in it, and their numbers, ranked and in groups."""

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kg import dates, terms
from kg.languages import Language
from kg.picture.canvas import STYLES, LegendEntry
from kg.wording import clean

Row = Mapping[str, Mapping[str, str]]
K = TypeVar("K")
STEPS = tuple(digit * 10**power for power in range(24) for digit in (1, 2, 5))  # by which people count


@dataclass(frozen=True)
class Table:
    """Rows as SPARQL's JSON form has them, with the columns of each role, the names of things and the heading of each column."""

    rows: Sequence[Row]
    roles: Mapping[str, Sequence[str]]
    language: Language
    names: Mapping[str, str]
    headings: Mapping[str, str]

    def cells(self, row: Row, role: str) -> list[str]:
        """List what a row has in each column of a role, as it is written; nothing where it has none."""
        return [row[column]["value"] if column in row else "" for column in self.roles.get(role, ())]

    def value(self, row: Row, role: str) -> str:
        """Return what a row has in a role, as it is written: the first column with a value counts; else nothing."""
        return next(filter(None, self.cells(row, role)), "")

    def text(self, row: Row, role: str) -> str:
        """Return what a row has in a role, by its name."""
        return self.name(self.value(row, role))

    def name(self, value: str) -> str:
        """Name a thing, or write any other value, in one line and in the language of the picture."""
        if value.startswith("http") and value not in self.names:
            return clean(terms.shorten(value).removeprefix(terms.BASE))
        return clean(self.names.get(value) or self.language.translate(value))

    def counts(self, keys: Sequence[Hashable]) -> list[float]:
        """List what each row adds to the State, bar or cell that is its key: its number, or 1; what `of` names counts once in each."""
        counted: set[tuple[Hashable, str]] = set()
        numbers = []
        for row, key in zip(self.rows, keys, strict=True):
            new = {(key, thing) for thing in self.value(row, "of").split("; ") if thing} - counted
            counted |= new
            number = (as_number(self.value(row, "count")) or 0) if "count" in self.roles else 1
            numbers.append(number * len(new) if "of" in self.roles else number)
        return numbers

    def heads(self, role: str) -> list[str]:
        """List the heading of each column of a role."""
        return [self.headings.get(column, column) for column in self.roles.get(role, ())]

    def distinct(self, *roles: str) -> Counter[tuple[str, ...]]:
        """Count the rows that would look the same in a picture, by their values in these roles."""
        return Counter(tuple(self.value(row, role) for role in roles) for row in self.rows)


def as_number(text: str) -> float | None:
    """Read a plain number; what is true counts as 1."""
    if text in ("true", "false"):
        return float(text == "true")
    return float(text) if re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,12})?", text) else None


def days_of(text: str) -> tuple[datetime.date, datetime.date] | tuple[None, None]:
    """Return the first and the last day that a date, month or year may mean; anything else has neither."""
    try:
        return dates.span(text)
    except ValueError:
        return None, None


def year_of(text: str) -> int | None:
    """Return the year of a date, month or year."""
    first, _last = days_of(text)
    return first.year if first else None


def add_up(numbers: Iterable[tuple[K, float]]) -> dict[K, float]:
    """Add up the numbers of each key."""
    sums = defaultdict[K, float](float)
    for key, number in numbers:
        sums[key] += number
    return sums


def rank(weights: Mapping[str, float]) -> dict[str, float]:
    """Sort names by their numbers, the largest first."""
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))


def write(number: float, language: Language) -> str:
    """Write a number without a fraction that says nothing."""
    return language.amount(f"{number:.6f}".rstrip("0").rstrip("."))


class Groups:
    """Groups by how much is in each, the largest first; each has a style, and those beyond the styles share the last."""

    def __init__(self, weights: Mapping[str, float], language: Language) -> None:
        self.weights = rank(weights)
        self.styles = {name: min(place, len(STYLES) - 1) for place, name in enumerate(self.weights)}
        self._language = language

    def names(self) -> dict[int, str]:
        """Name the group of each style; nothing where no row has a group."""
        _, names = self._language.gettext, dict[int, str]()
        if self.weights.keys() == {""}:
            return names
        for name, style in self.styles.items():
            names[style] = _("others") if style in names else name or _("not recorded")
        return names

    def legend(self, *, is_filled: bool) -> list[LegendEntry]:
        """List the groups with how much is in each, as areas or as points."""
        sums = add_up((style, self.weights[name]) for name, style in self.styles.items())
        return [
            LegendEntry(f"{name} ({write(sums[style], self._language)})", style, STYLES[style]["fill"] * is_filled)
            for style, name in self.names().items()
        ]

"""What pages count: of a State, right by right, what binds it, was found, recommended and alleged; decisions by outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.render import rows
from api.render.rows import Row

PERIOD = ("since", "until", "told", "toldUntil")
# The outcomes of decisions, in the order of the columns; the last are decisions that say nothing on a breach.
OUTCOMES = ("violation", "mixed", "no-violation", "inadmissible", "discontinued", "interlocutory", "not-read", "")


class Bound(NamedTuple):
    """Provisions of one instrument that bind over one period."""

    instrument: str
    period: Row
    duties: Sequence[Row]


class Right(NamedTuple):
    """What is recorded about one right; about none where `iri` is None: of provisions that protect no single right."""

    iri: str | None
    bound: Sequence[Bound]
    taken: Sequence[Row]  # provisions that a statement of the State takes away
    decided: Sequence[Row]  # one row for a provision and outcome
    recommended: Row | None
    alleged: Row | None

    @property
    def is_raised(self) -> bool:
        """Whether more than duties is recorded."""
        return bool(self.decided or self.recommended or self.alleged)


def by_right(protected: Iterable[Row], tables: dict[str, list[Row]]) -> list[Right]:
    """Sort what is recorded of a State by the rights that its provisions protect, the row for no right last.

    `protected` tells of every provision; `tables` holds the answers of the page queries duties, taken, breached and raised.
    A part of an article is left out where the whole article stands beside it under the same right.
    """
    instruments: dict[str, str] = {}
    wholes: dict[str, set[str]] = defaultdict(set)
    rights: dict[str, set[str | None]] = defaultdict(set)
    for row in protected:
        instruments[row["provision"]] = row["instrument"]
        wholes[row["provision"]].add(row["article"])
        rights[row["provision"]].add(row["right"])

    def sort(found: Iterable[Row]) -> dict[str | None, list[Row]]:
        under: dict[str | None, list[Row]] = defaultdict(list)
        for row in found:
            for right in rights.get(row["provision"]) or [None]:
                under[right].append(row)
        for right, some in under.items():
            here = {row["provision"] for row in some}
            under[right] = [row for row in some if here.isdisjoint(wholes[row["provision"]])]
        return under

    bound, taken, decided = (sort(tables[name]) for name in ("duties", "taken", "breached"))
    raised: dict[str | None, dict[str, Row]] = defaultdict(dict)
    for row in tables["raised"]:
        raised[row["right"]][row["kind"]] = row
    found = {*bound, *taken, *decided, *raised}
    return [
        Right(
            right,
            _periods(bound[right], instruments),
            taken[right],
            decided[right],
            raised[right].get("recommended"),
            raised[right].get("alleged"),
        )
        for right in sorted(found, key=lambda right: (right is None, right))
    ]


def most_raised(found: Iterable[Right]) -> list[Right]:
    """Sort rights by how much is recorded of them beyond duties, the most first; the row for no right last."""

    def number(right: Right) -> int:
        raised = [row for row in (right.recommended, right.alleged) if row is not None]
        return sum(int(row["decisions"]) for row in right.decided) + sum(int(row["number"]) for row in raised)

    return sorted(found, key=lambda right: (right.iri is None, -number(right)))


def _periods(duties: Iterable[Row], instruments: dict[str, str]) -> list[Bound]:
    """Put together the provisions of an instrument that bind over the same period, in the order of their numbers."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows.by_number(duties, "provision"):
        groups[instruments[row["provision"]], *(row[name] for name in PERIOD)].append(row)
    return [Bound(key[0], some[0], some) for key, some in groups.items()]


class Line(NamedTuple):
    """The decisions of one body, or of one year: how many of each outcome, and the first and last year."""

    key: str
    numbers: Sequence[int]
    first: str
    last: str


class Tally(NamedTuple):
    """Decisions counted by outcome, those left out, and how the others were read."""

    outcomes: Sequence[str]
    lines: Sequence[Line]
    totals: Sequence[int]
    by_person: int
    by_program: int
    to_read: int  # left out: a person has to read them
    repeats: int  # left out: they repeat the text of another


def tally(found: Iterable[Row], column: str) -> Tally:
    """Count the rows of the page query tallied by a column and outcome, in the order in which its values come."""
    numbers: dict[str, dict[str, int]] = {}
    years: dict[str, set[str]] = defaultdict(set)
    read = dict.fromkeys(("by-person", "program", "needs-reading", "repeats"), 0)
    for row in found:
        reading, outcome = (_key(row[name]) for name in ("reading", "outcome"))
        way = "repeats" if row["repeat"].is_true else reading if reading in read else "program"
        read[way] += int(row["number"])
        if way in ("by-person", "program"):
            line = numbers.setdefault(row[column], dict.fromkeys(OUTCOMES, 0))
            line[outcome] += int(row["number"])
            years[row[column]] |= {str(row["year"])} - {""}
    shown = [name for name in OUTCOMES if any(line[name] for line in numbers.values())]
    lines = [
        Line(key, [line[name] for name in shown], min(years[key], default=""), max(years[key], default=""))
        for key, line in numbers.items()
    ]
    totals = [sum(line[name] for line in numbers.values()) for name in shown]
    return Tally(shown, lines, totals, *read.values())


def found_breach(found: Iterable[Row]) -> int:
    """Count the decisions that found a breach, of some or of all that was complained of, among the rows of tallied."""
    counted = tally(found, "body")
    return sum(n for name, n in zip(counted.outcomes, counted.totals, strict=True) if name in ("violation", "mixed"))


def _key(iri: str | None) -> str:
    return (iri or "").rpartition("/")[2]

"""The rows of a table: asked of the store, typed, named, joined and put in order."""

from __future__ import annotations

import calendar
import datetime
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kg import terms
from kg.errors import BuildError
from kg.store import Store
from kg.tables.header import Column, Table
from kg.terms import Literal, Term

Cell = Any  # text, a number, a truth, a day, or None
_NAMES = f"SELECT ?thing ?name {{ ?thing <{terms.PREFIXES['skos']}prefLabel> ?name FILTER (LANG(?name) = 'en') }}"
_DATE = re.compile(r"(-?\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_NUMBERS = (None, "year", "month", "day")


@dataclass
class Frame:
    """A table that has been read: its columns by name, all of one length, in the order of its key."""

    table: Table
    columns: dict[str, list[Cell]]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values())))

    def by_key(self, name: str) -> dict[Cell, Cell]:
        """Map the key of each row, which must be one column, to a cell."""
        return dict(zip(self.columns[self.table.key[0]], self.columns[name], strict=True))


@dataclass
class Reader:
    """Reads tables of one store; those that others join are read before them."""

    store: Store
    frames: dict[str, Frame] = field(default_factory=dict)
    concepts: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # table, column -> value -> IRI

    @cached_property
    def names(self) -> dict[str, str]:
        """The English names of all things, the first of the alphabet where there are two."""
        found: dict[str, str] = {}
        for thing, name in self.store.query(_NAMES):
            if thing.value not in found or name.value < found[thing.value]:
                found[thing.value] = name.value
        return found

    def read(self, table: Table) -> Frame:
        """Ask the query of a table and make its columns. Raises BuildError where two rows have one key, or a cell does not fit."""
        answer = self.store.query(table.text)
        given = dict(zip(answer.variables, zip(*answer, strict=True), strict=False))
        count = len(next(iter(given.values()), ()))
        columns: dict[str, list[Cell]] = {}
        for column in table.columns:
            if column.part.startswith("join "):
                other = next(other for beside, other, _ in table.joins if beside == column.source)
                cells = self.frames[other].by_key(column.part.removeprefix("join "))
                columns[column.name] = [cells.get(key) for key in columns[column.source]]
            else:
                columns[column.name] = self._column(table, column, given, count)
        frame = Frame(table, _sorted(table, columns))
        _refuse_doubled(frame)
        self.frames[table.name] = frame
        return frame

    def _column(
        self, table: Table, column: Column, given: Mapping[str, Sequence[Term | None]], count: int
    ) -> list[Cell]:
        """Make one column of the file from those of the query."""
        nothing = (None,) * count
        told = given.get(column.source, nothing)
        try:
            if column.kind == "vague":
                sources = (f"{column.source}{one}" for one in ("", "_start", "_end", "_begins", "_ends"))
                return [
                    _dated(column.part, *terms_)
                    for terms_ in zip(*(given.get(one, nothing) for one in sources), strict=False)
                ]
            if column.part:
                return [self._about(column, term) if term else None for term in told]
            if column.kind in ("concept", "concepts"):
                used = {iri for term in set(told) if term for iri in term.value.split()}
                self.concepts[table.name, column.name] = {_last(Literal(iri)): iri for iri in used}
            make = _CELLS[column.kind]
            return [make(term) if term else None for term in told]
        except ValueError as error:
            said = f"A cell of the column {column.name} does not fit: {error}"
            raise BuildError(said, where=f"queries/tables/{table.name}.rq") from None

    def _about(self, column: Column, term: Term) -> Cell:
        """The address or the name of what stands in a cell."""
        if column.part == "iri":
            return term.value
        found = [self.names.get(iri, "") for iri in sorted(term.value.split())]
        return "; ".join(name for name in found if name) or None


def _key(term: Term) -> str:
    """The path of a thing below id/, such as state/kaz; of any other IRI of ours the path below its base."""
    return term.value.removeprefix(terms.ID).removeprefix(terms.BASE)


def _keys(term: Term) -> str | None:
    return " ".join(_key(Literal(iri)) for iri in sorted(term.value.split())) or None


def _last(term: Term) -> str:
    return re.split("[/#]", term.value)[-1]


def _lasts(term: Term) -> str | None:
    return " ".join(sorted(_last(Literal(iri)) for iri in term.value.split())) or None


def _truth(term: Term) -> bool:
    if term.value not in ("true", "false", "1", "0"):
        raise ValueError(f"{term.value!r} is neither true nor false")
    return term.value in ("true", "1")


def _day(term: Term) -> datetime.date:
    return datetime.date.fromisoformat(term.value)


def _text(term: Term) -> str | None:
    return term.value or None


_CELLS: dict[str, Callable[[Term], Cell]] = {
    "id": _key,
    "thing": _key,
    "ref": _key,
    "things": _keys,
    "refs": _keys,
    "concept": _last,
    "concepts": _lasts,
    "text": _text,
    "integer": lambda term: int(term.value),
    "number": lambda term: float(term.value),
    "choice": _text,
    "boolean": _truth,
    "day": _day,
    "year": lambda term: int(term.value[:4]),
}


def _dated(part: str, *told: Term | None) -> Cell:
    """One of the columns of a date: `told` are the date, the ends of a period, and the earliest and the latest day, if derived."""
    date, start, end, begins, ends = (term.value if term else "" for term in told)
    if part == "stated":
        return date or (f"{start or '..'}/{end or '..'}" if start or end else None)
    if part == "precision":
        if date:
            return _NUMBERS[sum(one is not None for one in _parts(date))]
        return "period" if start or end else None
    first, last = (begins, date or start) if part == "begins" else (ends, date or end)
    if first:
        return datetime.date.fromisoformat(first)
    return bound(last, part) if last else None


def _parts(date: str) -> tuple[str | None, ...]:
    found = _DATE.fullmatch(date)
    if not found:
        raise ValueError(f"{date!r} is no day, month or year")
    return found.groups()


def bound(date: str, part: str) -> datetime.date:
    """The earliest (`begins`) or the latest (`ends`) day that a day, month or year may mean."""
    year, month, day = _parts(date)
    at = int(month) if month else (1 if part == "begins" else 12)
    last = 1 if part == "begins" else calendar.monthrange(int(year), at)[1]
    return datetime.date(int(year), at, int(day) if day else last)


def _sorted(table: Table, columns: dict[str, list[Cell]]) -> dict[str, list[Cell]]:
    """Put the rows in the order of their key."""
    keys = list(zip(*(columns[name] for name in table.key), strict=True))
    if any(None in key for key in keys):
        raise BuildError(f"The table {table.name} has a row without its key", where=f"queries/tables/{table.name}.rq")
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: [cells[number] for number in order] for name, cells in columns.items()}


def _refuse_doubled(frame: Frame) -> None:
    """Raise BuildError where two rows have one key: it says in what they differ."""
    keys = list(zip(*(frame.columns[name] for name in frame.table.key), strict=True))
    for place, (one, other) in enumerate(itertools.pairwise(keys)):
        if one == other:
            differing = [(name, cells[place : place + 2]) for name, cells in frame.columns.items()]
            told = [f"{name} ({cells[0]}, {cells[1]})" for name, cells in differing if cells[0] != cells[1]]
            said = f"The table {frame.table.name} has two rows of {', '.join(map(str, one))}"
            said += f", which differ in {'; '.join(told)}" if told else ", which are the same"
            hint = "State one value in the data, or let the query gather what may be several"
            raise BuildError(said, where=f"queries/tables/{frame.table.name}.rq", hint=hint)

"""The rows of a table: asked of the store, typed, named, joined and put in order."""

from __future__ import annotations

import datetime
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from kg import dates, terms
from kg.errors import BuildError
from kg.store import Store
from kg.tables.header import Column, Table
from kg.terms import Iri

Cell = Any  # text, a number, a truth, a day, or None
_NAMES = f"SELECT ?thing ?name {{ VALUES ?thing {{ %s }} ?thing <{terms.PREFIXES['skos']}prefLabel> ?name FILTER (LANG(?name) = 'en') }}"
_LAST = "last year"  # of a row that holds for several years; no column of a file has such a name


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
    names: dict[str, str | None] = field(
        default_factory=dict
    )  # of the things named so far; None of one that has no name

    def read(self, table: Table) -> Frame:
        """Ask the query of a table and make its columns. Raises BuildError where two rows have one key, or a cell does not fit."""
        answer = self.store.select(table.text)
        rows = [[None if term is None else term.value for term in row] for row in answer]
        told = dict(zip(answer.variables, zip(*rows, strict=True), strict=False))
        given = defaultdict(lambda: (None,) * len(rows), told)
        columns: dict[str, list[Cell]] = {}
        for column in table.columns:
            if column.part.startswith("join "):
                other = next(other for beside, other, _ in table.joins if beside == column.source)
                cells = self.frames[other].by_key(column.part.removeprefix("join "))
                columns[column.name] = [cells.get(key) for key in columns[column.source]]
            else:
                columns[column.name] = self._column(table, column, given)
        if table.years:
            columns[_LAST] = self._column(table, replace(table.years, source=f"{table.years.name}_last"), given)
        frame = Frame(table, _sorted(table, columns))
        _refuse_doubled(frame)
        self.frames[table.name] = _by_year(frame, table.years.name) if table.years else frame
        return self.frames[table.name]

    def _column(self, table: Table, column: Column, given: Mapping[str, Sequence[str | None]]) -> list[Cell]:
        """Make one column of the file from those of the query."""
        told = given[column.source]
        try:
            if column.kind == "vague":
                sources = (f"{column.source}{one}" for one in ("", "_start", "_end", "_begins", "_ends"))
                return _each(partial(_dated, column.part), zip(*(given[one] for one in sources), strict=True))
            if column.part == "iri":
                return list(told)
            if column.part == "label":
                self._name({iri for value in set(told) if value for iri in value.split()})
                return _each(self._label, told)
            if column.kind in ("concept", "concepts"):
                used = {iri for value in set(told) if value for iri in value.split()}
                self.concepts[table.name, column.name] = {_last(iri): iri for iri in used}
            return _each(_CELLS[column.kind], told)
        except ValueError as error:
            said = f"A cell of the column {column.name} does not fit: {error}"
            raise BuildError(said, where=f"queries/tables/{table.name}.rq") from None

    def _name(self, things: Iterable[str]) -> None:
        """Ask for the English names of things, the first of the alphabet where there are two; a blank node has none."""
        wanted = sorted(iri for iri in things if iri not in self.names and ":" in iri)
        self.names.update(dict.fromkeys(wanted))
        if wanted:
            for thing, name in self.store.select(_NAMES % " ".join(terms.write(Iri(iri)) for iri in wanted)):
                known = self.names[thing.value]
                self.names[thing.value] = name.value if known is None else min(known, name.value)

    def _label(self, value: str) -> str | None:
        return "; ".join(name for iri in sorted(value.split()) if (name := self.names.get(iri))) or None


def _each(make: Callable[[Any], Cell], told: Iterable[Any]) -> list[Cell]:
    """Make the cells of a column, those that are told alike once; what is not told stays empty."""
    told = list(told)
    made = {one: None if one is None else make(one) for one in dict.fromkeys(told)}
    return [made[one] for one in told]


def _key(iri: str) -> str:
    """The path of a thing below id/, such as state/kaz; of any other IRI of ours the path below its base."""
    return iri.removeprefix(terms.ID).removeprefix(terms.BASE)


def _keys(value: str) -> str | None:
    return " ".join(_key(iri) for iri in sorted(value.split())) or None


def _last(iri: str) -> str:
    return re.split("[/#]", iri)[-1]


def _lasts(value: str) -> str | None:
    return " ".join(sorted(_last(iri) for iri in value.split())) or None


def _truth(value: str) -> bool:
    if value not in ("true", "false", "1", "0"):
        raise ValueError(f"{value!r} is neither true nor false")
    return value in ("true", "1")


def _text(value: str) -> str | None:
    return value or None


def _year(value: str) -> int:
    return int(value[:4])


_CELLS: dict[str, Callable[[str], Cell]] = {
    "id": _key,
    "thing": _key,
    "ref": _key,
    "things": _keys,
    "refs": _keys,
    "concept": _last,
    "concepts": _lasts,
    "text": _text,
    "integer": int,
    "number": float,
    "choice": _text,
    "boolean": _truth,
    "day": datetime.date.fromisoformat,
    "years": _year,
    "year-end": datetime.date.fromisoformat,
}


def _dated(part: str, told: Iterable[str | None]) -> Cell:
    """One of the columns of a date: `told` are the date, the ends of a period, and the earliest and the latest day, if derived."""
    date, start, end, begins, ends = (value or "" for value in told)
    if part == "stated":
        return date or (f"{start or '..'}/{end or '..'}" if start or end else None)
    if part == "precision":
        if date:
            return dates.precision(date)
        return "period" if start or end else None
    first, last = (begins, date or start) if part == "begins" else (ends, date or end)
    if first:
        return datetime.date.fromisoformat(first)
    if not last:
        return None
    earliest, latest = dates.span(last)
    return earliest if part == "begins" else latest


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


def _by_year(frame: Frame, year: str) -> Frame:
    """Give each year a row: a row of the query holds to the year before that of the next with the same key, or to its last year."""
    table, years, last = frame.table, frame.columns[year], frame.columns.pop(_LAST)
    if None in last:
        said = f"The table {table.name} has a row without ?{year}_last"
        raise BuildError(said, where=f"queries/tables/{table.name}.rq")
    keys = [*zip(*(frame.columns[name] for name in table.key[:-1]), strict=True)]
    following = zip(keys[1:], years[1:], strict=True)
    ends = [start - 1 if other == key else end for key, (other, start), end in zip(keys, following, last, strict=False)]
    spans = [range(start, end + 1) for start, end in zip(years, [*ends, *last[-1:]], strict=True)]
    lengths = [len(span) for span in spans]
    columns = {
        name: list(itertools.chain.from_iterable(map(itertools.repeat, cells, lengths)))
        for name, cells in frame.columns.items()
    }
    columns[year] = list(itertools.chain.from_iterable(spans))
    for column in table.columns:
        if column.kind == "year-end":
            days = zip(columns[column.name], columns[year], strict=True)
            columns[column.name] = [day and min(day, datetime.date(number, 12, 31)) for day, number in days]
    return Frame(table, columns)

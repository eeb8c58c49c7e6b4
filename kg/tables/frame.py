"""The rows of a table: asked of the store, typed, named, joined and put in order."""

import datetime
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from kg import dates, terms
from kg.errors import BuildError
from kg.store import Store
from kg.tables.header import JOINED, TableColumn, TidyTable

Cell = Any  # text, a number, a truth, a day, or nothing
# The concepts that each property takes: those that a column may hold, whatever it holds in one release.
_TAKEN = f"""SELECT ?property ?concept {{
  ?property <{terms.term("takesConceptOf")}> ?scheme . ?concept <{terms.PREFIXES["skos"]}inScheme> ?scheme
}}"""
_NAMES = f"SELECT ?thing ?name {{ ?thing <{terms.PREFIXES['skos']}prefLabel> ?name FILTER (LANG(?name) = 'en') }}"


@dataclass
class TableRows:
    """A table that has been read: its columns by name, all of one length, in the order of its key."""

    table: TidyTable
    columns: dict[str, list[Cell]]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values())))


@dataclass
class TableReader:
    """Reads tables of one store; those that others join are read before them."""

    store: Store
    frames: dict[str, TableRows] = field(default_factory=dict)
    concepts: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # table, column -> value -> IRI

    def read(self, table: TidyTable) -> TableRows:
        """Ask the query of a table and make its columns. Raises BuildError where two rows have one key, or a cell does not fit."""
        frame = self.frames[table.name] = TableRows(table, _sorted(table, self._columns(table)))
        return frame

    def _columns(self, table: TidyTable) -> dict[str, list[Cell]]:
        """Ask the query of a table, and make its columns in the order of the rows of the answer."""
        answer = self.store.select(table.text)
        texts: dict[str | None, str | None] = {}  # each text once, whatever number of cells has it
        rows = [tuple(texts.setdefault(cell, cell) for cell in row) for row in answer.texts()]
        columns_of_query = zip(answer.variables, zip(*rows, strict=True), strict=False)
        variables = defaultdict(lambda: (None,) * len(rows), columns_of_query)
        columns: dict[str, list[Cell]] = {}
        for column in table.columns:
            if column.kind == JOINED:
                other = next(self.frames[name] for holder, name, _ in table.joins if holder == column.source)
                cells = dict(zip(other.columns[other.table.key[0]], other.columns[column.part], strict=True))
                columns[column.name] = [cells.get(key) for key in columns[column.source]]
            else:
                columns[column.name] = self._convert(table, column, variables)
        return columns

    def _convert(
        self, table: TidyTable, column: TableColumn, variables: Mapping[str, Sequence[str | None]]
    ) -> list[Cell]:
        values = variables[column.source]
        try:
            if column.kind == "when":
                sources = (f"{column.source}{suffix}" for suffix in ("", "_start", "_end", "_begins", "_ends"))
                return _each(partial(_dated, column.part), zip(*(variables[name] for name in sources), strict=True))
            if column.kind in ("concept", "concepts"):
                used = {iri for value in set(values) if value for iri in value.split()}
                self.concepts[table.name, column.name] = {
                    terms.local_name(iri): iri for iri in used | self._listed(column)
                }
            return _each(self._label if column.part == "label" else _CELLS[column.part or column.kind], values)
        except ValueError as error:
            message = f"A cell of the column {column.name} does not fit: {error}"
            raise BuildError(message, where=f"queries/tables/{table.name}.rq") from None

    def _listed(self, column: TableColumn) -> set[str]:
        """List the concepts that the properties of a column take; where they take none, a column of terms holds the terms it names."""
        iris = [terms.expand(term) for term in column.terms]
        concepts = {concept for iri in iris for concept in self._taken.get(iri, ())}
        return concepts or (set(iris) if column.kind == "concept" else set())

    @cached_property
    def _taken(self) -> dict[str, set[str]]:
        taken = defaultdict(set)
        for name, concept in self.store.select(_TAKEN).texts():
            taken[str(name)].add(str(concept))
        return taken

    @cached_property
    def _names(self) -> dict[str, str]:
        """The English names of things, the first of the alphabet where there are two."""
        return {str(thing): str(name) for thing, name in sorted(self.store.select(_NAMES).texts(), reverse=True)}

    def _label(self, value: str) -> str | None:
        return "; ".join(self._names[iri] for iri in sorted(value.split()) if iri in self._names) or None


def _each(convert: Callable[[Any], Cell], values: Iterable[Any]) -> list[Cell]:
    """Convert a column, once per distinct value; a cell without a value, or with an empty text, is None."""
    values = list(values)
    cells = {value: convert(value) if value else None for value in dict.fromkeys(values)}
    return [cells[value] for value in values]


def _key(iri: str) -> str:
    """The path of a thing below id/, such as state/kaz; of any other IRI of ours the path below its base."""
    return iri.removeprefix(terms.ID).removeprefix(terms.BASE)


def _join(write: Callable[[str], str], value: str) -> str | None:
    return " ".join(sorted(map(write, value.split()))) or None


def _truth(value: str) -> bool:
    if value not in ("true", "false", "1", "0"):
        raise ValueError(f"{value!r} is neither true nor false")
    return value in ("true", "1")


_CELLS: dict[str, Callable[[str], Cell]] = {
    "id": _key,
    "iri": str,
    "thing": _key,
    "ref": _key,
    "things": partial(_join, _key),
    "refs": partial(_join, _key),
    "concept": terms.local_name,
    "concepts": partial(_join, terms.local_name),
    "text": str,
    "integer": int,
    "number": float,
    "choice": str,
    "boolean": _truth,
    "day": datetime.date.fromisoformat,
    "year": int,
}


def _dated(part: str, values: Iterable[str | None]) -> Cell:
    """One of the columns of a date: `values` are the date, the ends of a period, and the earliest and the latest day, if derived."""
    date, start, end, begins, ends = (value or "" for value in values)
    period = f"{start or '..'}/{end or '..'}" if start or end else None
    if part == "stated":
        return date or period
    if part == "precision" and date:
        return dates.precision(date)
    if part == "precision":
        return "period" if period else None
    derived, stated = (begins, date or start) if part == "begins" else (ends, date or end)
    if derived or not stated:
        return datetime.date.fromisoformat(derived) if derived else None
    earliest, latest = dates.span(stated)
    return earliest if part == "begins" else latest


def _sorted(table: TidyTable, columns: dict[str, list[Cell]]) -> dict[str, list[Cell]]:
    """Put the rows in the order of their key. Raises BuildError for a row without it, and for two rows that have one."""
    keys = list(zip(*(columns[name] for name in table.key), strict=True))
    where = f"queries/tables/{table.name}.rq"
    if any(None in key for key in keys):
        raise BuildError(f"The table {table.name} has a row without its key", where=where)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for row, other in itertools.pairwise(order):
        if keys[row] == keys[other]:
            sides = ((name, cells[row], cells[other]) for name, cells in columns.items())
            differing = [f"{name} ({cell}, {second})" for name, cell, second in sides if cell != second]
            how = f"differ in {'; '.join(differing)}" if differing else "are the same"
            message = f"The table {table.name} has two rows of {', '.join(map(str, keys[row]))}, which {how}"
            hint = "State one value in the data, or let the query gather what may be several"
            raise BuildError(message, where=where, hint=hint)
    return {name: [cells[number] for number in order] for name, cells in columns.items()}

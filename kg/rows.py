"""Rows of SPARQL's JSON results as Python values: text that knows whether it is an IRI or a literal; how rows are folded and sorted."""

import json
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Self

from kg import terms

_NUMBERS = re.compile(r"(\d{1,18})")
LAST = "inf"  # sorts what has no number behind every number


class Cell(str):
    """One value of a row: its text, its kind (`uri`, `literal` or `bnode`), datatype and language."""

    __slots__ = ("datatype", "kind", "language")

    kind: str
    datatype: str
    language: str

    def __new__(cls, value: str, kind: str = "literal", datatype: str = "", language: str = "") -> Self:
        cell = super().__new__(cls, value)
        cell.kind, cell.datatype, cell.language = kind, datatype, language
        return cell

    @property
    def is_iri(self) -> bool:
        """Whether the cell is an IRI."""
        return self.kind == "uri"

    @property
    def is_true(self) -> bool:
        """Whether the cell is the boolean true."""
        return self in ("true", "1")


Row = dict[str, Any]


def make_cell(term: Mapping[str, str]) -> Cell:
    """Make a cell from a term in the form of SPARQL's JSON results."""
    return Cell(term["value"], term["type"], term.get("datatype", ""), term.get("xml:lang", ""))


def read(body: bytes, without: Container[str] = ()) -> list[Row]:
    """Read SPARQL JSON results; each row has every variable of the head but those in `without`, None where unbound."""
    answer = json.loads(body)
    names = [name for name in answer["head"]["vars"] if name not in without]
    unbound = dict.fromkeys(names)  # most rows of a list are, in most of their columns
    bindings = answer["results"]["bindings"]
    return [unbound | {name: make_cell(term) for name, term in row.items() if name in unbound} for row in bindings]


def read_table(body: bytes) -> tuple[list[str], list[Row], bool | None]:
    """Read any SPARQL JSON answer: the names of its columns, its rows, and the truth of an ASK."""
    answer = json.loads(body)
    if "boolean" in answer:
        return [], [], answer["boolean"]
    return answer["head"]["vars"], read(body), None


def gather(rows: Iterable[Row], key: str, *many: str) -> list[Row]:
    """Fold the rows that share `key` into one, in order; each of `many` becomes the list `<name>s` of distinct values."""
    folded: dict[Any, Row] = {}
    for row in rows:
        item = folded.setdefault(row[key], {**row, **{name + "s": [] for name in many}})
        for name in many:
            if row.get(name) is not None and row[name] not in item[name + "s"]:
                item[name + "s"].append(row[name])
    return list(folded.values())


def by(rows: Iterable[Row], *columns: str) -> defaultdict[Any, list[Row]]:
    """Sort rows by their value in a column, or their values in several, in order; a value that comes in none has no rows."""
    sorted_by: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        sorted_by[row[columns[0]] if len(columns) == 1 else tuple(row[column] for column in columns)].append(row)
    return sorted_by


def natural_join(rows: Sequence[Row], others: Iterable[Row], column: str) -> list[Row]:
    """Join rows with those of another table that have the same value in a column."""
    here = {row[column] for row in rows}
    others_by = by((other for other in others if other[column] in here), column)
    return [{**row, **other} for row in rows for other in others_by[row[column]]]


def without_parts(rows: Sequence[Row], parts: Iterable[Row], column: str) -> list[Row]:
    """Leave out rows about a part of what other rows are about; `parts` pairs each part with a whole."""
    if len(rows) < 2:  # which is most of them: nothing stands beside it
        return list(rows)
    here = {row[column] for row in rows}
    within = {pair["part"] for pair in parts if pair["whole"] in here}
    return [row for row in rows if row[column] not in within]


def total(rows: Iterable[Row], column: str) -> int:
    """Sum up a column of whole numbers."""
    return sum(int(row[column]) for row in rows)


def natural(text: str) -> list[Any]:
    """Make a key by which texts sort as people do: CAT 2 before CAT 10, numbers before words."""
    return [int(part) if n % 2 else part for n, part in enumerate(_NUMBERS.split(text.casefold()))]


def by_number(rows: Iterable[Row], column: str) -> list[Row]:
    """Sort rows by a column in which numbers count as numbers: article 2 before article 11."""
    return sorted(rows, key=lambda row: natural(row[column] or ""))


def in_order(passages: Iterable[Row]) -> list[Row]:
    """Sort passages as they stand in their document: by offset where known, else by their numbers (2.1 before 11.2)."""
    return sorted(passages, key=lambda row: (float(row["offset"] or LAST), natural(row["passage"])))


def by_amount(figures: Iterable[Row]) -> list[Row]:
    """Sort rows of figures by their number, a range by its lower end; what is told in words alone comes last."""
    return sorted(figures, key=lambda row: float(row["value"] or row["minimum"] or row["maximum"] or LAST))


def spread(items: Sequence[Any], number: int) -> list[Any]:
    """Take so many of some items, at least two, evenly from the first to the last; all, where there are no more."""
    if len(items) <= number:
        return list(items)
    return [items[round(place * (len(items) - 1) / (number - 1))] for place in range(number)]


def in_time(rows: Iterable[Row]) -> list[Row]:
    """Sort rows by the first day that their dates may mean, what has no date last; a vague date stands where its period begins."""

    def days(row: Row) -> tuple[str, str]:
        first = next((row[name] for name in ("first", "date", "start", "end") if row.get(name)), "~")
        return f"{first}-01-01"[:10], row.get("end") or row.get("date") or ""

    return sorted(rows, key=days)


def by_property(rows: Iterable[Row]) -> dict[str, list[Cell]]:
    """Sort rows of (property, value) by the local name of those properties that are terms of ours."""
    ours = (row for row in rows if row["property"].startswith(terms.VOCABULARY))
    return {row["property"].removeprefix(terms.VOCABULARY): row["values"] for row in gather(ours, "property", "value")}


def iris(*tables: Any) -> set[str]:
    """Collect every IRI in some rows, in the lists that rows hold, and in the rows of those."""
    things: set[str] = set()
    pending = [*tables]
    for value in pending:  # which grows
        if isinstance(value, Cell) and value.is_iri:
            things.add(value)
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list | tuple | set):
            pending += value
    return things

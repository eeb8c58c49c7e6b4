"""The header of a table: what a row is, what identifies it, and what each column means.

A table is one file, `queries/tables/<name>.rq`. Its leading lines begin with `#+ `, each `key: value`; a line that begins with
`#+` and two or more spaces goes on with the one above. Parts are divided by ` | `:

    title: what the table is called
    unit: what one row is
    about: how to read it, and what it does not say
    key: the columns that together identify a row
    column: name | kind | terms of the ontology, or - where it is computed | label | meaning
    join: column | table | columns of that table to put beside it, by its key
    refers: column | table whose key the column holds
    values: column | value = what it means; value = what it means; for a column of values that are no concepts
    limits: the queries in queries/tables/limits/ that say how far the record goes

The query gives a variable for each column. A kind may make several columns of the file out of one, as kinds.toml tells.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePath

from kg.errors import SourceError
from kg.files import read_toml
from kg.sparql.header import Grammar, read_header

_GRAMMAR = Grammar(
    required=("title", "unit", "about", "key", "column"),
    optional=("limits",),
    repeated={
        "column": (5, 5, "name | kind | terms | label | meaning"),
        "join": (3, 3, "column | table | columns"),
        "refers": (2, 2, "column | table"),
        "values": (2, 2, "column | value = what it means; …"),
    },
)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TERM = re.compile(r"(ans|skos|rdf|dcterms):[A-Za-z]\w*")
_DATA = read_toml(__file__, "kinds")
KINDS, PARTS, PRECISIONS = (_DATA[name] for name in ("kinds", "parts", "precisions"))
JOINED = "joined"  # the kind of a column that stands in another table


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of the file: its name and type, what it means, the terms it comes from, and of which column of the query it is.

    The types: text, list (texts divided by spaces), category, integer, number, boolean, day, year.
    """

    name: str
    type: str
    label: str
    meaning: str
    terms: tuple[str, ...]
    source: str
    kind: str
    part: str = ""  # of a kind that makes several columns; of a joined column, its name in the other table


@dataclass(frozen=True)
class TidyTable:
    """A table: its query, its header, and the columns that its files have."""

    name: str
    title: str
    unit: str
    about: str
    key: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    text: str
    joins: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    refers: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def variables(self) -> list[str]:
        """The columns of the query, by their names in the header."""
        return list(dict.fromkeys(column.source for column in self.columns if column.kind != JOINED))

    @property
    def needs(self) -> list[str]:
        """The tables that must be made before: columns of them stand in this one."""
        return [table for _, table, _ in self.joins]


def parse_table(name: str, text: str, where: str) -> TidyTable:
    """Read the text of a table's file. Raises SourceError, with the line, where its header is wrong; `where` names the file."""
    header = read_header(text, where, _GRAMMAR)
    once = header.once
    for column, kind, terms, *_ in header.parts("column"):
        if fault := _fault(column, kind, terms):
            raise header.error(f"bad header: {fault}", f"column {column}")
    table = TidyTable(
        name=name,
        title=once["title"],
        unit=once["unit"],
        about=once["about"],
        key=tuple(once["key"].split()),
        columns=tuple(column for parts in header.parts("column") for column in _columns(*parts)),
        text=text,
        joins=tuple((column, other, tuple(names.split())) for column, other, names in header.parts("join")),
        refers=tuple((column, other) for column, other in header.parts("refers")),
        values={column: _values(listed) for column, listed in header.parts("values")},
        limits=tuple(once.get("limits", "").split()),
        lines=header.lines,
    )
    names = {column.name for column in table.columns}
    holders = [("key", "key", column) for column in table.key]
    for key in ("join", "refers", "values"):
        holders += [(key, f"{key} {parts[0]}", parts[0]) for parts in header.parts(key)]
    for key, entry, column in holders:
        if column not in names:
            raise header.error(f"bad header: {key} names {column}, which is no column", entry)
    return table


def parse_tables(queries: Mapping[str, str]) -> dict[str, TidyTable]:
    """Read the files of tables, by their paths, in the order in which they can be made. Raises SourceError for a wrong one."""
    tables = {PurePath(path).stem: parse_table(PurePath(path).stem, text, path) for path, text in queries.items()}
    for table in tables.values():
        for other in (*table.needs, *(name for _, name in table.refers)):
            if other not in tables:
                message = f"There is no table {other!r} to join or refer to"
                hint = f"There are {', '.join(tables)}"
                raise SourceError(message, where=f"queries/tables/{table.name}.rq", hint=hint)
    try:
        order = list(TopologicalSorter({name: table.needs for name, table in sorted(tables.items())}).static_order())
    except CycleError as error:
        raise SourceError(f"The tables {', '.join(error.args[1])} join one another", where="queries/tables/") from None
    return {name: _with_joined(tables[name], tables) for name in order}


def _with_joined(table: TidyTable, others: Mapping[str, TidyTable]) -> TidyTable:
    columns = list(table.columns)
    for holder, other, names in table.joins:
        place = max(number for number, column in enumerate(columns) if column.source == holder) + 1
        joined = {column.name: column for column in others[other].columns}
        columns[place:place] = [
            replace(joined[name], name=f"{holder}_{name}", source=holder, kind=JOINED, part=name) for name in names
        ]
    return replace(table, columns=tuple(columns))


def _fault(name: str, kind: str, terms: str) -> str:
    if not _NAME.fullmatch(name):
        return f"the column {name!r} is not in lower-case words joined by _"
    if kind not in KINDS:
        return f"the kind {kind!r} is not one of {', '.join(KINDS)}"
    strange = [term for term in terms.split() if terms != "-" and not _TERM.fullmatch(term)]
    return f"{strange[0]!r} is no term such as ans:date; write - for a column that is computed" if strange else ""


def _values(listed: str) -> dict[str, str]:
    parts = (part.partition("=") for part in listed.split(";"))
    return {value.strip(): meaning.strip() for value, _, meaning in parts}


def _columns(name: str, kind: str, terms: str, label: str, meaning: str) -> Iterator[TableColumn]:
    columns, named = KINDS[kind], () if terms == "-" else tuple(terms.split())
    if "type" in columns:
        explained = f"{meaning} {columns.get('meaning', '')}".rstrip()
        yield TableColumn(name, columns["type"], label, explained, named, name, kind)
    for key in columns.get("parts", ()):
        part = PARTS[key]
        titles = (f"{label}: {part['label']}", f"{meaning} {part['meaning']}")
        yield TableColumn(f"{name}_{key}", part["type"], *titles, tuple(part.get("terms", named)), name, kind, key)

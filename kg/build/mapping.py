"""Tables into statements: the rows of data/tables/, typed by the header of a mapping, and CONSTRUCT queries over them.

A mapping is queries/mappings/KIND.rq, a CONSTRUCT query with a header, and KIND.PART.rq for each further query:

    #+ title: …
    #+ column: deposited | date | when the participant consented       each column, and no other may stand in the table
    #+ key: treaty participant period                                  columns that tell one row from all others
    #+ after: participation                                            mappings whose statements this one reads
    #+ sheet: 5 | Events                                               which sheet of the contributors' workbook has such rows
    #+ needs: from until | kind period | It has no end. Fill From      one of some columns, in some rows; `excludes`: none of them

A type is `text`, `date`, `year`, `when` (a day, month or year), `integer`, `decimal`, `number` (either), `boolean`, `address` (of
the web), `digest` (of words that are not kept), `one of A, B`, `class NAME` (one of ours, as a rule below that) or `iri PATH`, whose
cells go on with the path of an IRI of ours; behind `iri PATH, PATH` with what these have in common. `required` before it refuses an
empty cell, `list of` divides a cell at each semicolon, `new` before `iri` means a thing that the row makes. A rule holds `always`,
in rows whose cell of a column is filled, or has one of some values: `kind court, place`.

A query sees the rows of one table, `?row row:column ?value`, beside all that is stated; `?row row:document ?document` is the
document that the folder of the table is named after, where a mapping asks for it, and `row:deposited-in-words` a day as people
write it. A thing is tied to the row that it is made of by `?thing prov:wasDerivedFrom ?row`, which is left out of the release: a new
row moves all below.
"""

import csv
import datetime
import io
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from graphlib import CycleError, TopologicalSorter
from os.path import commonprefix
from pathlib import PurePath
from typing import NamedTuple

from kg import terms
from kg.build.inputs import TABLES, Inputs, QueryFile, Source, definitions, described
from kg.build.report import Result, as_result
from kg.errors import QueryRefused, QuerySyntaxError, SourceError, named_after
from kg.sparql.header import Grammar, Header, read_header
from kg.sparql.vocabulary import offer, short
from kg.store import Store
from kg.terms import Iri, Literal, Quad, Term
from kg.wording import closest

_ROWS = terms.GRAPH + "rows"  # the graph of the rows while the queries of their mapping run
_COLUMN = "row:"
_DERIVED = terms.PREFIXES["prov"] + "wasDerivedFrom"
_RULE = (3, 3, "columns | always, or a column and its values | what is wrong, and what to do")
_GRAMMAR = Grammar(
    required=("title", "column", "key"),
    optional=("after", "sheet"),
    repeated={"column": (3, 3, "name | type | help"), "needs": _RULE, "excludes": _RULE},
)
_PART = Grammar(optional=("title",))
_TYPE = re.compile(r"(?P<required>required )?(?P<list>list of )?(?P<new>new (?=iri ))?(?P<name>\w+)(?: (?P<more>.+))?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MADE = re.compile(rf"(?:{re.escape(terms.ID)}|new iri id/)([a-z-]+)/")  # the kind of a thing that a mapping may make

# What was withdrawn is made of no row, and links to it lead to what stands in its place, or go.
_WITHDRAW = f"""PREFIX ans: <{terms.VOCABULARY}>
DELETE {{ GRAPH ?table {{ ?thing ?link ?value . ?other ?to ?thing }} }} INSERT {{ GRAPH ?table {{ ?other ?to ?instead }} }}
WHERE {{ GRAPH ?any {{ ?thing a ans:Tombstone OPTIONAL {{ ?thing ans:isReplacedBy ?instead }} }}
  {{ GRAPH ?table {{ ?thing ?link ?value }} }} UNION {{ GRAPH ?table {{ ?other ?to ?thing }} }}
  FILTER (STRSTARTS(STR(?table), "{terms.GRAPH}{TABLES}")) }}"""


@dataclass(frozen=True, slots=True)
class RowColumn:
    """A column of a table: its name, and how a cell of it becomes a term."""

    name: str
    read: Callable[[str], Term]  # raises ValueError with what is wrong and what to do
    is_required: bool
    is_list: bool
    is_new: bool  # of what the row makes
    help: str
    type: str  # the word for it
    of: Sequence[str]  # the paths, choices or class of its type

    @property
    def start(self) -> str:
        """The part of an IRI before a cell."""
        return terms.VOCABULARY if self.type == "class" else terms.BASE + _common(self.of)


class RowRule(NamedTuple):
    """What some columns of a row must not leave out, or not say, together; `where` is a column and its values, or empty."""

    columns: Sequence[str]
    where: str
    values: Sequence[str]
    message: str
    excludes: bool

    def is_broken(self, row: Mapping[str, str]) -> bool:
        """Whether a row, of the cells by their columns, breaks it."""
        value = row.get(self.where, "")
        holds = not self.where or (value in self.values if self.values else bool(value))
        return holds and self.excludes == any(row.get(name) for name in self.columns)


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How the rows of one kind of table become statements."""

    kind: str
    title: str
    columns: Mapping[str, RowColumn]
    key: Sequence[str]
    after: Sequence[str]
    queries: Sequence[QueryFile]
    rules: Sequence[RowRule]
    sheet: tuple[int, str] | None  # of the workbook: its place and its name

    @property
    def is_of_document(self) -> bool:
        """Whether the folder of a table is named after a document."""
        return any(f"{_COLUMN}document" in query.text for query in self.queries)


class TableRow(NamedTuple):
    """A row: its number, as RFC 7111 counts, which is its line, the head of its table, and the terms of columns that are not empty."""

    number: int
    head: Sequence[str]
    terms: dict[str, Sequence[Term]]


@dataclass
class Origins:
    """The rows from which things are made."""

    tables: dict[str, tuple[Source, Mapping[int, TableRow]]] = field(default_factory=dict)  # by graph
    rows: dict[str, str] = field(default_factory=dict)  # IRI of a thing -> IRI of its row
    # Things that rows of other tables name as theirs, and of which nothing is made.
    beside: set[str] = field(default_factory=set)

    def find(self, thing: str, graph: str | None, value: str | None = None) -> tuple[str, int, int] | None:
        """Find the file, row and column of what a thing is made of in a graph; the column is that of the value, where one has it."""
        table, _, number = self.rows.get(thing, "").partition("#row=")
        return self._place(table, int(number), value) if table and table == graph else None

    def find_value(self, value: str, graph: str) -> tuple[str, int, int] | None:
        """Find the first cell of a table that has a value; else name the file."""
        if graph not in self.tables:
            return None
        table, rows = self.tables[graph]
        places = (self._place(graph, number, value) for number in rows)
        return next((place for place in places if place[2]), (table.name, 0, 0))

    def _place(self, graph: str, number: int, value: str | None) -> tuple[str, int, int]:
        table, rows = self.tables[graph]
        _, head, cells = rows[number]
        columns = (
            place for place, name in enumerate(head, 1) if any(term.value == value for term in cells.get(name, ()))
        )
        return table.name, number, next(columns, 0)


def state(store: Store, read: Inputs, judged: Collection[str] | None = None) -> tuple[Origins, list[Result]]:
    """Make the statements of all tables, each into the graph of its table; return where they come from, and what is wrong.

    Of a table with a mistake nothing is made, and its author has that to mend first. With `judged`, the names of some tables, only
    these are told from which rows they come and whether all that they name is described; of the others those are made that they
    need.
    """
    origins, others = Origins(), Origins()
    try:
        mappings = read_mappings(read.folder("mappings"))
    except SourceError as error:
        return origins, [as_result(error)]
    names = {table.name for table in read.tables} if judged is None else judged
    own = [table for table in read.tables if table.name in names]
    read_first = {kind for table in own for kind in _those_before(kind_of(table), mappings)}
    needed = [table for table in read.tables if table in own or kind_of(table) in read_first]
    rank = {kind: number for number, kind in enumerate(mappings)}
    results = list[Result]()

    def make(tables: Iterable[Source]) -> None:
        for table in sorted(tables, key=lambda table: (rank.get(kind_of(table), 0), table.name)):
            try:
                rows, faults = read_rows(table, _mapping_of(table, mappings))
            except SourceError as error:
                rows, faults = (), [as_result(error)]
            results.extend(faults)
            if not faults:
                _make(store, table, mappings[kind_of(table)], rows, origins if table in own else others)

    make(needed)
    if own and not results:  # what refers to an unread row would be called undescribed
        make(_describing(store, [table for table in read.tables if table not in needed], mappings, origins))
        results += _review(store, mappings, origins)
        store.update(_WITHDRAW)
    return origins, results


def makers(tables: Iterable[Source], mappings: Mapping[str, TableMapping]) -> dict[str, set[str]]:
    """Map each kind of thing that tables may make, by the part of its IRI, to the kinds of these tables and of those that they read."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for kind in {kind_of(table) for table in tables} & {*mappings}:
        for query in mappings[kind].queries:
            for thing in _MADE.findall(query.text):
                kinds[thing] |= {kind, *_those_before(kind, mappings)}
    return kinds


def _describing(
    store: Store, tables: Sequence[Source], mappings: Mapping[str, TableMapping], origins: Origins
) -> list[Source]:
    """List the tables, of some that were not made, that may describe what cells name and nothing describes.

    A table that says in a cell of its own which thing a row makes need not be made: its things are noted in the origins.
    """
    lacking = {value for *_, value in _links(mappings, origins)} - described(store)
    for table in tables if lacking else ():
        mapping = mappings.get(kind_of(table))
        if mapping and any(column.is_new for column in mapping.columns.values()):
            rows, _ = read_rows(table, mapping)
            origins.beside |= {value for row in rows for value in _new(row, mapping)}
    kinds = makers(tables, mappings)
    may_make = set().union(*(kinds.get(kind_of_thing(thing), ()) for thing in lacking - origins.beside))
    return [table for table in tables if kind_of(table) in may_make]


def _those_before(kind: str, mappings: Mapping[str, TableMapping]) -> set[str]:
    """Name the kinds of tables whose statements the mapping of a kind reads."""
    after = mappings[kind].after if kind in mappings else ()
    return {*after}.union(*(_those_before(before, mappings) for before in after))


def kind_of(table: Source) -> str:
    """Name what a table is about, by its file."""
    return PurePath(table.name).stem


def kind_of_thing(iri: str) -> str:
    """Name the kind of a thing of ours by its IRI: decision, passage, state."""
    return iri.removeprefix(terms.ID).partition("/")[0]


def read_mappings(files: Iterable[QueryFile]) -> Mapping[str, TableMapping]:
    """Read the mappings by their kinds, each behind those that it reads. Raises SourceError for a bad header."""
    return _read_mappings(tuple(files))


@lru_cache(2)
def _read_mappings(files: Sequence[QueryFile]) -> Mapping[str, TableMapping]:
    heads: dict[str, Header] = {}
    queries: dict[str, list[QueryFile]] = defaultdict(list)
    for file in files:
        kind, _, part = PurePath(file.name).stem.partition(".")
        header = read_header(file.text, file.name, _PART if part else _GRAMMAR)
        queries[kind].append(file)
        if not part:
            heads[kind] = header
    mappings = {}
    try:
        order = [
            *TopologicalSorter(
                {kind: _words(header, "after", queries) for kind, header in heads.items()}
            ).static_order()
        ]
    except CycleError as error:
        raise SourceError(
            f"The mappings {', '.join(error.args[1])} wait for one another", where="queries/mappings"
        ) from None
    for kind in order:
        mappings[kind] = _mapping(kind, heads, sorted(queries[kind], key=lambda file: file.name))
    return mappings


def _mapping(kind: str, heads: Mapping[str, Header], queries: Sequence[QueryFile]) -> TableMapping:
    header = heads[kind]
    columns = {name: _column(name, type_, help_, header) for name, type_, help_ in header.parts("column")}
    number, _, sheet = header.once.get("sheet", "").partition(" | ")
    if "sheet" in header.once and not (number.isdecimal() and sheet):
        raise header.error("bad header: a sheet is a number and a name, such as 5 | Events", "sheet")
    return TableMapping(
        kind=kind,
        title=header.once["title"],
        columns=columns,
        key=_words(header, "key", columns),
        after=_words(header, "after", heads),
        queries=queries,
        rules=[*_rules(header, columns)],
        sheet=(int(number), sheet.strip()) if sheet else None,
    )


def _rules(header: Header, columns: Mapping[str, RowColumn]) -> Iterator[RowRule]:
    """Yield the rules of a header. Raises SourceError for a column that does not exist."""
    for key in ("needs", "excludes"):
        for parts in header.parts(key):
            of, (where, _, values) = parts[0].split(), parts[1].partition(" ")
            where = "" if where == "always" else where
            if unknown := [name for name in (*of, where) if name and name not in columns]:
                raise header.error(f"bad header: there is no column {unknown[0]}", f"{key} {parts[0]}")
            yield RowRule(
                of, where, [each.strip() for each in values.split(",") if values], parts[2], key == "excludes"
            )


def read_rows(table: Source, mapping: TableMapping) -> tuple[Sequence[TableRow], list[Result]]:
    """Read the rows of a table, and what is wrong in it, each mistake with its row and column."""
    rows, results, first = [], list[Result](), dict[tuple[str, ...], int]()

    def refuse(number: int, column: int, message: str) -> None:
        results.append(Result(table.name, number, column, message))

    try:
        lines = csv.reader(io.StringIO(table.data.decode("utf-8-sig"), newline=""), strict=True)
        head = next(lines, [])
        for message in _compare_head(head, mapping):
            refuse(1, 0, message)
        for number, cells in enumerate(lines if not results else (), 2):
            if lines.line_num != number:
                refuse(number, 0, "A cell goes on in the next line. Write it in one.")
                break
            if len(cells) != len(head):
                refuse(number, 0, f"The row has {len(cells)} cells, and the head has {len(head)}.")
                continue
            row, filled = TableRow(number, head, {}), dict(zip(head, map(str.strip, cells), strict=True))
            before = len(results)
            for place, (name, cell) in enumerate(filled.items(), 1):
                try:
                    if values := _read_cell(mapping.columns[name], cell):
                        row.terms[name] = values
                except ValueError as error:
                    refuse(number, place, f"{name}: {error}")
            for rule in mapping.rules:
                if rule.is_broken(filled):
                    refuse(number, head.index(rule.columns[0]) + 1, rule.message)
            key = tuple(filled[name] for name in mapping.key)
            if first.setdefault(key, number) != number:
                named = ", ".join(f"{name} {value}" for name, value in zip(mapping.key, key, strict=True) if value)
                refuse(number, 0, f"Row {first[key]} is of {named} too. Keep one of the two.")
            if len(results) == before:
                rows.append(row)
    except UnicodeDecodeError as error:
        refuse(table.data.count(b"\n", 0, error.start) + 1, 0, "The file is not UTF-8 text. Save it as UTF-8.")
    except csv.Error as error:
        refuse(lines.line_num, 0, f"This is no CSV: {error}.")
    return rows, results


def _compare_head(head: Sequence[str], mapping: TableMapping) -> Iterator[str]:
    """Yield what a head lacks, and what it has that the mapping does not know."""
    if missing := [name for name in mapping.columns if name not in head]:
        yield f"There is no column {', '.join(missing)}. A table of {mapping.kind} has {', '.join(mapping.columns)}."
    for name in sorted({*head} - {*mapping.columns}):
        near = closest(name, [*mapping.columns])
        yield f"{name!r} is no column of a table of {mapping.kind}." + (f" Did you mean {near[0]}?" if near else "")
    for name in sorted({name for name in head if head.count(name) > 1}):
        yield f"There are two columns {name}. Keep one."


def _read_cell(column: RowColumn, cell: str) -> list[Term]:
    parts = [part.strip() for part in cell.split(";")] if column.is_list else [cell]
    values = [column.read(part) for part in parts if part]
    if column.is_required and not values:
        raise ValueError(f"The cell is empty, and must not be. What belongs there: {column.help}")
    return values


def _mapping_of(table: Source, mappings: Mapping[str, TableMapping]) -> TableMapping:
    """Find how a table is read. Raises SourceError for one of an unknown kind, or in no folder of a document."""
    if kind_of(table) not in mappings:
        hint = f"Name it after what it is about: {', '.join(f'{kind}.csv' for kind in sorted(mappings))}"
        raise SourceError("There is no mapping for this table", where=table.name, hint=hint)
    if len(PurePath(table.name).parts) != len(PurePath(TABLES).parts) + 2:
        hint = f"Put it into {TABLES}KEY/, by the key of the document that it is a copy of"
        raise SourceError("The table stands in no folder of a document", where=table.name, hint=hint)
    return mappings[kind_of(table)]


def _make(store: Store, table: Source, mapping: TableMapping, rows: Sequence[TableRow], origins: Origins) -> None:
    """Run the queries of a mapping over the rows of a table."""
    origins.tables[table.graph] = table, {row.number: row for row in rows}
    store.add(_quads(table, rows))
    for query in mapping.queries:
        with named_after(query.name, QuerySyntaxError, QueryRefused):
            origins.rows |= store.insert_over_all(query.text, table.graph, _DERIVED)
    store.drop(_ROWS)


def _review(store: Store, mappings: Mapping[str, TableMapping], origins: Origins) -> Iterator[Result]:
    """Yield a mistake for each thing that a row names and nothing describes, and for each row that nothing is made of."""
    used = {*origins.rows.values()}
    cells = [*_links(mappings, origins)]
    copies = {graph for graph, (table, _) in origins.tables.items() if mappings[kind_of(table)].is_of_document}
    iris = {value for *_, value in cells} | {_document(origins.tables[graph][0]).value for graph in copies}
    unknown, defined, texts = dict[str, str](), described(store) | origins.beside, definitions(store)
    below = cache(lambda folder: [other for other in defined if other.startswith(folder)])
    for iri in iris - defined:
        near = offer(iri, below(iri.rpartition("/")[0] + "/"), texts)
        unknown[iri] = f"{short(iri)} is not described. {near or 'Correct it, or describe it in data/.'}"
    wrong = set()
    for graph, number, name, value in cells:
        if value in unknown:
            table, rows = origins.tables[graph]
            wrong.add(f"{graph}#row={number}")
            yield Result(table.name, number, rows[number].head.index(name) + 1, f"{name}: {unknown[value]}")
    for graph, (table, rows) in origins.tables.items():
        if graph in copies and (document := _document(table).value) in unknown:
            message = (
                f"{short(document)}, after which the folder is named, is not described. Describe it in data/sources/."
            )
            yield Result(table.name, 1, 0, message)
            continue
        query = f"queries/mappings/{kind_of(table)}.rq"
        message = f"Nothing is made of the row. See what {query} needs of it and of what it names."
        for number in rows:
            if (iri := f"{graph}#row={number}") not in used and iri not in wrong:
                yield Result(table.name, number, 0, message)


def _links(mappings: Mapping[str, TableMapping], origins: Origins) -> Iterator[tuple[str, int, str, str]]:
    """Yield the graph, the row and the column of each cell that names a thing of elsewhere, with its IRI."""
    for graph, (table, rows) in origins.tables.items():
        columns = mappings[kind_of(table)].columns
        for number, row in rows.items():
            for name, values in row.terms.items():
                if not columns[name].is_new:
                    yield from ((graph, number, name, value.value) for value in values if isinstance(value, Iri))


def _new(row: TableRow, mapping: TableMapping) -> Iterator[str]:
    """Yield the things that a row says it makes."""
    for name, values in row.terms.items():
        if mapping.columns[name].is_new:
            yield from (value.value for value in values)


def _document(table: Source) -> Iri:
    """Name the document that a table is a copy of."""
    return Iri(terms.mint("document", PurePath(table.name).parent.name))


def _quads(table: Source, rows: Iterable[TableRow]) -> Iterator[Quad]:
    document = _document(table)
    for row in rows:
        subject = Iri(f"{table.graph}#row={row.number}")
        yield subject, Iri(f"{_COLUMN}document"), document, _ROWS
        for name, values in row.terms.items():
            for value in values:
                yield subject, Iri(_COLUMN + name), value, _ROWS
                if isinstance(value, Literal) and value.datatype == _DATE:
                    day = datetime.date.fromisoformat(value.value)
                    yield subject, Iri(f"{_COLUMN}{name}-in-words"), Literal(f"{day.day} {day:%B %Y}"), _ROWS


# The types of columns

_XSD = terms.PREFIXES["xsd"]
_DATE = _XSD + "date"


def _words(header: Header, key: str, choices: Iterable[str]) -> list[str]:
    """Read the names in a line of a header. Raises SourceError for one that is no choice."""
    words = header.once.get(key, "").split()
    if unknown := [word for word in words if word not in {*choices}]:
        raise header.error(f"bad header: {key} names {unknown[0]!r}, which does not exist", key)
    return words


def _column(name: str, text: str, help_: str, header: Header) -> RowColumn:
    """Read a column of a header. Raises SourceError for a type that does not exist."""
    match = _TYPE.fullmatch(text)
    kind, more = (match["name"], match["more"]) if match else ("", None)
    of = [part.strip() for part in (more or "").removeprefix("of ").split(",")]
    read: Callable[[str], Term] | None = _READERS.get(kind) if more is None else None
    if kind == "iri" and more:
        read = _iri_reader(of)
    elif kind == "class" and more:
        read = _iri_reader(["ontology#"])
    elif kind == "one" and more and more.startswith("of "):
        read = _choice_reader(of)
    if match is None or read is None or not _NAME.fullmatch(name):
        types = f"{', '.join(_READERS)}, one of A, B, class NAME or iri PATH"
        raise header.error(f"bad header: {text!r} is no type of a column: {types}", f"column {name}")
    return RowColumn(name, read, bool(match["required"]), bool(match["list"]), bool(match["new"]), help_, kind, of)


def _text(cell: str) -> Term:
    return Literal(cell)


def _day(cell: str) -> Term:
    try:
        if len(cell) != 10:
            raise ValueError
        return Literal(datetime.date.fromisoformat(cell).isoformat(), _DATE)
    except ValueError:
        raise ValueError(f"{cell!r} is no day. Write it as 1985-02-04.") from None


def _day_month_or_year(cell: str) -> Term:
    try:
        datatype = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(cell)]
        datetime.date.fromisoformat(cell + "-01-01"[len(cell) - 4 :] if len(cell) < 10 else cell)
    except (KeyError, ValueError):
        raise ValueError(f"{cell!r} is no date. Write it as 1985-02-04, 1985-02 or 1985.") from None
    return Literal(cell, _XSD + datatype)


def _matching(pattern: str, name: str, example: str, datatype: str | None = None) -> Callable[[str], Term]:
    def read(cell: str) -> Term:
        if not re.fullmatch(pattern, cell):
            raise ValueError(f"{cell!r} is no {name}. Write it as {example}.")
        return Literal(cell, _XSD + (datatype or name))

    return read


def _number(cell: str) -> Term:
    return _READERS["decimal" if "." in cell else "integer"](cell)


def _digest(cell: str) -> Term:
    if not re.fullmatch("[0-9a-f]{64}", cell):
        raise ValueError("This is no SHA-256 of a text. Write its 64 digits, never the text.")
    return Literal(cell)


def _common(paths: Sequence[str]) -> str:
    """Return what paths have in common: that of one as it is, of several the whole parts."""
    return paths[0] if len(paths) == 1 else commonprefix(paths).rpartition("/")[0] + "/"


def _iri_reader(paths: Sequence[str]) -> Callable[[str], Term]:
    path = _common(paths)
    pattern, letters = (r"[A-Za-z]\w*", "") if path.endswith("#") else (r"[a-z0-9][a-z0-9./-]*", ", in small letters")

    def read(cell: str) -> Term:
        if not re.fullmatch(pattern, cell):
            raise ValueError(f"{cell!r} is no key. Write what follows {path} in an IRI{letters}.")
        if not (path + cell).startswith(tuple(paths)):
            kinds = ", ".join(dict.fromkeys(each.removeprefix(path) for each in paths))
            raise ValueError(f"{cell!r} is of none of these kinds: {kinds}.")
        return Iri(terms.BASE + path + cell)

    return read


def _choice_reader(choices: Sequence[str]) -> Callable[[str], Term]:
    def read(cell: str) -> Term:
        if cell not in choices:
            raise ValueError(f"{cell!r} is none of: {', '.join(choices)}.")
        return Literal(cell)

    return read


_READERS: Mapping[str, Callable[[str], Term]] = {
    "text": _text,
    "date": _day,
    "year": _matching(r"\d{4}", "year", "1985", "gYear"),
    "when": _day_month_or_year,
    "integer": _matching(r"-?\d{1,18}", "integer", "12"),
    "decimal": _matching(r"-?\d{1,18}(\.\d{1,18})?", "decimal", "12.5"),
    "number": _number,
    "address": _matching(r"https?://[^\s<>]+", "address on the web", "https://example.org/report", "anyURI"),
    "digest": _digest,
    "boolean": _matching("true|false", "boolean", "true or false, or leave the cell empty"),
}

"""From the cells of a workbook to tables with the columns of their mappings; all that is wrong is told with sheet, row and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from anyascii import anyascii
from openpyxl.utils.cell import get_column_letter

from kg import cite, terms
from kg.build import mapping
from kg.build.inputs import Source
from kg.build.mapping import RowColumn, TableMapping
from kg.build.report import VIOLATION, Result
from kg.imports.sheet import cells
from kg.imports.sheet.cells import SheetCell, Wrong
from kg.imports.sheet.columns import EXAMPLE, GUIDE, LISTS, fold, head, kinds, sheets
from kg.imports.sheet.known import SheetVocabulary, key_of, kind_of
from kg.imports.sheet.workbook import Grid
from kg.imports.table import write
from kg.names import nearest
from kg.terms import Iri

T = TypeVar("T")

_PATH = re.compile(rf"(?:{re.escape(terms.BASE)}|/)?(?:id/)?([a-z-]+)/([^\s/]+)")
_FEW = 14  # values of a list that are all named
_NONE: Mapping[str, str] = MappingProxyType({})
_UNPLACED = "x"  # stands for the key of a row that has none yet
_PERSON = re.compile(r"(?=.*\d)[0-9a-z]{8,}")
_PAIR = re.compile(r"\(row:(\w+) ans:(\w+)\)")
_TERM = re.compile(r"\bans:(\w+)")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong with a spreadsheet: the sheet, the row (0: none), the head of the column, what is wrong and what to write."""

    sheet: str
    row: int
    column: str
    content: str
    hint: str = ""

    def __str__(self) -> str:
        at = ", ".join(part for part in (self.sheet, self.row and f"row {self.row}", self.column) if part)
        content = " ".join(
            item if item.endswith((".", "?", "!")) else item + "." for item in (self.content, self.hint) if item
        )
        return f"{at}: {content}" if at else content


@dataclass(slots=True)
class _Row:
    """A row of a sheet: its mapping, its cells by their columns with the letters of these, and the IRI of what it describes."""

    mapping: TableMapping
    number: int
    cells: Mapping[str, SheetCell]
    letters: Mapping[str, str]
    is_table: bool = False  # of an import before, whose cells are as they should be
    thing: str = ""

    @property
    def sheet(self) -> str:
        return self.mapping.sheet[1] if self.mapping.sheet else ""

    def place(self, column: str) -> str:
        letter = self.letters.get(column)
        return f"{head(column)} ({letter}{self.number})" if letter else head(column)


@dataclass(slots=True)
class Read:
    """What a spreadsheet says: a table of each sheet and the things of its rows; and what is wrong, or to be looked at."""

    tables: list[Source] = field(default_factory=list)
    things: dict[str, _Row] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Mistake] = field(default_factory=list)
    rows: dict[str, list[_Row]] = field(default_factory=dict)  # by the names of tables, in their order
    named: set[str] = field(default_factory=set)  # IRIs in all cells

    def locate(self, result: Result) -> Mistake:
        """Tell what is wrong in a table, or with a thing of a row, in the words of the sheet."""
        rows = self.rows.get(result.where, [])
        row = rows[result.line - 2] if 1 < result.line < len(rows) + 2 else self.things.get(result.focus)
        if row is None:
            return Mistake(result.where, 0, "", result.message)
        columns = [*row.mapping.columns]
        column = columns[result.column - 1] if rows and 0 < result.column <= len(columns) else ""
        heads = {name: head(item) for query in row.mapping.queries for item, name in _PAIR.findall(query.text)}
        content = _TERM.sub(lambda match: f"“{heads[match[1]]}”" if match[1] in heads else match[0], result.message)
        return Mistake(row.sheet, row.number, column and row.place(column), content.removeprefix(f"{column}: "))

    def add(self, results: Iterable[Result]) -> None:
        """Put results of a check among the mistakes; warnings, which stop nothing, among the notes."""
        for result in results:
            (self.mistakes if result.severity == VIOLATION else self.notes).append(self.locate(result))
        self.mistakes.sort()


def read(grids: Iterable[Grid], context: SheetVocabulary, mappings: Mapping[str, TableMapping], folder: str) -> Read:
    """Read a spreadsheet into tables that lie in a folder; with a mistake nothing may be written."""
    return _SheetReader(context, sheets(mappings), folder).run(list(grids))


def slug(text: str) -> str:
    """Make a key of a text: ASCII letters and digits in small, with hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", anyascii(text).lower()).strip("-.")[:80].strip("-.")


@dataclass(slots=True)
class _SheetReader:
    context: SheetVocabulary
    sheets: Mapping[str, TableMapping]
    folder: str
    result: Read = field(default_factory=Read)
    keys: dict[str, list[str]] = field(default_factory=dict)  # key or folded name -> IRIs of rows
    unplaced: set[str] = field(default_factory=set)  # keys and folded names of rows whose kind or ID is wrong

    def run(self, grids: list[Grid]) -> Read:
        rows = [row for grid in grids for row in self._rows(grid)]
        if not rows and not self.result.mistakes:
            self.result.mistakes.append(
                Mistake("", 0, "", "There is no row in it", f"Fill one of {', '.join(self.sheets)}")
            )
        order = [*self.sheets]
        rows.sort(key=lambda row: order.index(row.sheet))
        for row in rows:
            self._identify(row)
        for name, each in self.sheets.items():
            if mine := [row for row in rows if row.sheet == name]:
                self._tabulate(each, mine)
        self.result.mistakes.sort(key=lambda item: (order.index(item.sheet) if item.sheet in order else -1, item.row))
        return self.result

    # The sheets and their heads

    def _rows(self, grid: Grid) -> Iterator[_Row]:
        names = {fold(key): each for name, each in self.sheets.items() for key in (name, each.kind)}
        sheet = names.get(fold(grid.name.replace("-", " ")))
        if sheet is None:
            if fold(grid.name) not in (fold(GUIDE), fold(LISTS)):
                near = nearest(grid.name, list(self.sheets))
                hint = f"Name it {' or '.join(near)}" if near else f"The sheets are {', '.join(self.sheets)}"
                self.result.notes.append(Mistake(grid.name, 0, "", "This sheet is not read", hint))
            return
        if not grid.rows:
            return
        columns = self._heads(_Row(sheet, grid.rows[0][0], {}, {}), grid.rows[0][1])
        letters = {column: get_column_letter(at + 1) for at, column in columns.items()}
        for number, row in grid.rows[1:]:
            supplied = {column: row[at] for at, column in columns.items() if at < len(row)}
            if any(not cell.empty for cell in supplied.values()):
                yield _Row(sheet, number, supplied, letters, fold(grid.name) == fold(sheet.kind))

    def _heads(self, row: _Row, line: list[SheetCell]) -> dict[int, str]:
        by_head = {fold(head(column)): column for column in row.mapping.columns}
        matches: dict[int, str] = {}
        for at, cell in enumerate(line):
            content = cells.plain(str(cell.value)).rstrip("* ") if not cell.empty else ""
            column = by_head.get(fold(content.replace("_", " ")))
            if column is None and content:
                near = nearest(content, [head(item) for item in row.mapping.columns])
                hint = f"Did you mean {' or '.join(near)}?" if near else "Take it out; it would be lost"
                self._wrong(row, get_column_letter(at + 1), f"No column is called {content!r}", hint)
            elif column in matches.values():
                self._wrong(row, get_column_letter(at + 1), f"There are two columns {content}", "Keep one")
            elif column:
                matches[at] = column
        for column, each in row.mapping.columns.items():
            if each.is_required and column not in matches.values():
                self._wrong(row, "", f"The column {head(column)} is missing", "Take the heads of the template")
        return matches

    # The thing that a row is about

    def _identify(self, row: _Row) -> None:
        """Find or make the IRI of a row, and remember it by its key and its name."""
        (name,) = row.mapping.key
        column = row.mapping.columns[name]
        choice = next((item for item in row.mapping.columns.values() if item.type == "one"), None)
        paths = kinds(column)
        if choice and len(paths) > 1:
            picked = self._try(row, choice.name, lambda: self._choice(choice, self._plain(row, choice.name)))
            if not picked:
                self._leave(row)
                return
            paths = [paths[choice.of.index(picked)]]
        key = self._try(row, name, lambda: self._key(row, paths[0]))
        if not key:
            self._leave(row)
            return
        iri = f"{terms.ID}{paths[0]}/{key}"
        if (first := self.result.things.get(iri)) is not None:
            content = f"{first.sheet} has {key!r} already, in row {first.number}"
            self._wrong(row, row.place(name), content, "An ID stands once")
            return
        if key.startswith(EXAMPLE):
            self._wrong(row, row.place(name), "This row is of the example", "Delete it, or give it an ID of your own")
        row.thing, self.result.things[iri] = iri, row
        called = self._plain(row, "name")
        for each in dict.fromkeys((key, fold(key.replace("-", " ")), *([fold(called)] if called else []))):
            self.keys.setdefault(each, []).append(iri)

    def _leave(self, row: _Row) -> None:
        """Remember a row whose kind or ID is wrong, so that what names it is no further mistake."""
        key = self._plain(row, "ID")
        self.unplaced |= {key, slug(key), fold(self._plain(row, "name"))} - {""}

    def _key(self, row: _Row, kind: str) -> str:
        """Read the key in a row; that of a passage may be made from its source and paragraph. Raises Wrong."""
        content = self._plain(row, "ID")
        if match := _PATH.fullmatch(content):
            if match[1] != kind:
                hint = f"Write id/{kind}/…, or the last part alone"
                raise Wrong(f"id/{match[1]}/{match[2]} is of another kind than this row", hint)
            content = match[2]
        if not content and kind == "passage":
            source, at, section = (self._plain(row, item) for item in ("source", "paragraph", "section"))
            if source and (at or section):
                return "-".join((slug(source.rpartition("/")[2]), f"para-{slug(at)}" if at else slug(section)))
        if not content:
            near = slug(" ".join(part for item in ("date", "from", "name") if (part := self._plain(row, item))))
            hint = f"Write one, such as {near}" if near and kind != "person" else "Write one"
            raise Wrong("The row has no ID", hint)
        try:
            terms.mint(kind, content)
        except ValueError:
            hint = f"Write small letters, digits and hyphens, such as {slug(content) or 'x-1'}"
            raise Wrong(f"{content!r} is no ID", hint) from None
        if kind == "person" and not _PERSON.fullmatch(content):
            hint = "Write ten letters and digits at random, such as 7c1f09ab52"
            raise Wrong(f"{content!r} may tell who the person is", hint)
        return content

    # What a row says

    def _tabulate(self, each: TableMapping, rows: Sequence[_Row]) -> None:
        """Make a table of the rows of a sheet, and read it as a build does; a cell is told to be wrong once."""
        text = write(each.columns, ([self._cell(row, column) for column in each.columns.values()] for row in rows))
        name = f"{self.folder}/{each.kind}.csv"
        table = Source(Path(name), name, terms.graph_of(name), "csv", text.encode())
        self.result.tables.append(table)
        self.result.rows[name] = list(rows)
        wrong = {(item.row, item.column) for item in self.result.mistakes if item.sheet == rows[0].sheet}
        read_rows, results = mapping.read_rows(table, each)
        cells_of = (values for line in read_rows for values in line.terms.values())
        self.result.named |= {value.value for values in cells_of for value in values if isinstance(value, Iri)}
        for result in results:
            mistake = self.result.locate(result)
            if (mistake.row, mistake.column) not in wrong and rows[result.line - 2].thing:
                self.result.mistakes.append(mistake)

    def _cell(self, row: _Row, column: RowColumn) -> str:
        """Write a cell as a table has it; as it stands where it is wrong."""
        cell = row.cells.get(column.name, SheetCell())
        if column.is_new:
            return row.thing.removeprefix(column.start)
        if cell.empty and not cell.merged:
            return ""
        if row.is_table:
            return str(cell.value)
        written = self._try(row, column.name, lambda: self._values(row, column, cell))
        return "?" if written is None else ";".join(dict.fromkeys(written))

    def _values(self, row: _Row, column: RowColumn, cell: SheetCell) -> list[str]:
        """Turn a cell into what a table has in its place. Raises Wrong."""
        if column.type in ("when", "date", "number"):
            return [(cells.number if column.type == "number" else cells.date)(cell).value]
        if column.type == "digest":
            return [cite.sha256(cite.normalise(str(cells.text(cell) and cell.value)))]
        if column.type == "text" and not column.is_list:
            self._note_number(row, column, cell)
            return [cells.text(cell)]
        content = cells.text(cell) if column.type == "text" else cells.plain(cells.text(cell))
        parts = [content]
        if column.is_list and isinstance(cell.value, str):
            parts = re.split("[;\n]", cells.plain(re.sub(r"\r?\n|_x000[dD]_", ";", cell.value)))
        elif column.type in ("iri", "class") and ";" in content:
            raise Wrong("This takes one value", "Write the others in rows of their own")
        return [self._value(row, column, part.strip()) or "?" for part in parts if part.strip()]

    def _value(self, row: _Row, column: RowColumn, content: str) -> str | None:
        """Write one value of a cell; None where it names nothing, so that the others are looked at too."""
        if column.type == "one":
            return self._choice(column, content)
        if column.type not in ("iri", "class"):
            return content
        iri = self._try(row, column.name, lambda: self._find(column, content))
        return iri and iri.removeprefix(column.start)

    def _find(self, column: RowColumn, content: str) -> str:
        """Find what a text names: a class, a thing or a concept. Raises Wrong."""
        if column.type == "class":
            return self._listed(content, self.context.classes[column.of[0]])
        if kinds(column):
            return self._thing(column, content)
        scheme = column.of[0].split("/")[1]
        return self._listed(content, self.context.concepts[scheme], self.context.synonyms[scheme])

    def _thing(self, column: RowColumn, content: str) -> str:
        """Find what a text names: a row of the spreadsheet, or a thing of the graph. Raises Wrong."""
        of, match = kinds(column), _PATH.fullmatch(content)
        expected = f"{terms.ID}{match[1]}/{match[2]}" if match else ""
        here = (
            [expected] if expected in self.result.things else self.keys.get(content) or self.keys.get(fold(content), [])
        )
        matches = [iri for iri in here if kind_of(iri) in of]
        if not matches and expected in self.context.things and kind_of(expected) in of:
            matches = [expected]
        matches = matches or self.context.find(of, content)
        if not matches and {content, fold(content)} & self.unplaced:
            return f"{terms.ID}{of[0]}/{_UNPLACED}"
        if len(matches) == 1:
            return matches[0]
        if matches:
            listed = ", ".join(iri.removeprefix(terms.BASE) for iri in matches)
            raise Wrong(f"{content!r} may mean several things", f"Write one of {listed}")
        if other := [kind_of(iri) for iri in here or [item for item in [expected] if item in self.context.things]]:
            raise Wrong(f"{content!r} is of the kind {other[0]}, which has no place here", column.help)
        mine = {key: key_of(iri) for key, iris in self.keys.items() for iri in iris if kind_of(iri) in of}
        here = [mine[key] for key in nearest(content, mine)]
        near = list(dict.fromkeys([*here, *self.context.near(of, content)]))[:3]
        hint = f"The nearest: {'; '.join(near)}" if near else "Describe it in a row of its own, or correct it"
        raise Wrong(f"{content!r} is in no sheet and not in the graph", hint)

    def _listed(self, content: str, labels: Mapping[str, str], synonyms: Mapping[str, str] = _NONE) -> str:
        """Find a value of a list by its label or a synonym, or by its path such as scheme/right/life. Raises Wrong."""
        path = terms.BASE + content.removeprefix(terms.BASE).lstrip("/")
        folded = {fold(label): iri for label, iri in (*synonyms.items(), *labels.items())}
        if iri := folded.get(fold(content)) or (path if path in labels.values() else None):
            return iri
        near = self.context.meant(content, labels) or nearest(content, list(labels))
        few = f"Take one of: {'; '.join(labels)}" if len(labels) <= _FEW else ""
        said_near = f"The nearest: {'; '.join(near)}" if near else "The pick list of the template has them all"
        raise Wrong(f"{content!r} is not in the list", few or said_near)

    def _choice(self, column: RowColumn, content: str) -> str:
        if picked := next((item for item in column.of if fold(item) == fold(content)), None):
            return picked
        said = f"{content!r} is not in the list" if content else "This is empty"
        raise Wrong(said, f"Take one of: {'; '.join(column.of)}")

    def _note_number(self, row: _Row, column: RowColumn, cell: SheetCell) -> None:
        if isinstance(cell.value, float) and "." in (content := cells.text(cell)):
            hint = f"A program drops a 0 at the end: if {content}0 is meant, format the cell as text and write it again"
            self.result.notes.append(
                Mistake(row.sheet, row.number, head(column.name), f"{content} is stored as a number", hint)
            )

    # Cells and mistakes

    def _plain(self, row: _Row, column: str) -> str:
        cell = row.cells.get(column, SheetCell())
        return "" if cell.empty else cells.plain(self._try(row, column, lambda: cells.text(cell)) or "")

    def _try(self, row: _Row, column: str, reading: Callable[[], T]) -> T | None:
        try:
            return reading()
        except Wrong as wrong:
            self._wrong(row, row.place(column), wrong.content, wrong.hint)
            return None

    def _wrong(self, row: _Row, column: str, content: str, hint: str = "") -> None:
        mistake = Mistake(row.sheet, row.number, column, content, hint)
        if mistake not in self.result.mistakes:
            self.result.mistakes.append(mistake)

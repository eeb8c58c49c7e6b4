"""From the rows of a spreadsheet to triples, or to a list of all that is wrong with it; no file is touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from anyascii import anyascii
from openpyxl.utils.cell import get_column_letter

from kg import cite, terms
from kg.imports.sheet import cells
from kg.imports.sheet.cells import SheetCell, Wrong
from kg.imports.sheet.columns import (
    ACTOR_KINDS,
    BY_NAME,
    CHOICES,
    EXAMPLE,
    GUIDE,
    LISTS,
    MANNERS,
    SHEETS,
    Sheet,
    SheetColumn,
    fold,
)
from kg.imports.sheet.known import SheetVocabulary, key_of, kind_of
from kg.imports.sheet.rules import broken
from kg.imports.sheet.workbook import Grid
from kg.imports.turtle import address, concept, english
from kg.names import nearest
from kg.store.rdf import Triple
from kg.terms import Iri, Literal, Term

T = TypeVar("T")

_PATH = re.compile(rf"(?:{re.escape(terms.BASE)}|/)?(id/[a-z-]+/[^\s/]+)")
_UNNAMED = {terms.term("PersonGroup"), terms.term("UnnamedPerson")}
_FEW = 14  # values of a list that are all named
_PERSON = re.compile(r"(?=.*\d)[0-9a-z]{8,}")


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
class SheetThing:
    """What a row says: the IRI, where the row stands, the State of an event, and the triples, the class first."""

    iri: str
    sheet: str
    row: int
    state: str = ""
    triples: list[Triple] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """List the values of a property of ours."""
        return [value.value for _, link, value in self.triples if link.value == terms.term(name)]


@dataclass(slots=True)
class Read:
    """What a spreadsheet says, thing by thing in its order; all that is wrong with it; and what a person should look at."""

    things: dict[str, SheetThing] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Mistake] = field(default_factory=list)

    @property
    def triples(self) -> list[Triple]:
        """All that the spreadsheet says, thing by thing."""
        return [triple for thing in self.things.values() for triple in thing.triples]


@dataclass(slots=True)
class _Row:
    """A row of a known sheet: its cells by their columns, and the thing that it is about."""

    sheet: Sheet
    number: int
    cells: dict[SheetColumn, SheetCell]
    letters: dict[SheetColumn, str]
    thing: SheetThing | None = None


def read(grids: Iterable[Grid], context: SheetVocabulary) -> Read:
    """Read a spreadsheet into things with their triples; `mistakes` holds all that is wrong, and then nothing may be written."""
    return _SheetReader(context).run(list(grids))


def slug(text: str) -> str:
    """Make a key of a text: ASCII letters and digits in small, with hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", anyascii(text).lower()).strip("-.")[:80].strip("-.")


@dataclass(slots=True)
class _SheetReader:
    context: SheetVocabulary
    result: Read = field(default_factory=Read)
    keys: dict[str, list[str]] = field(default_factory=dict)  # key or folded name -> IRIs of rows

    def run(self, grids: list[Grid]) -> Read:
        rows = [row for grid in grids for row in self._rows(grid)]
        if not rows and not self.result.mistakes:
            self.result.mistakes.append(
                Mistake("", 0, "", "There is no row in it", f"Fill one of {', '.join(BY_NAME)}")
            )
        order = {sheet.name: n for n, sheet in enumerate(SHEETS)}
        rows.sort(key=lambda row: order[row.sheet.name])
        for row in rows:
            self._identify(row)
        for row in rows:
            if row.thing:
                self._state(row, row.thing)
        self.result.mistakes.sort(key=lambda item: (order.get(item.sheet, -1), item.row))
        return self.result

    # The sheets and their heads

    def _rows(self, grid: Grid) -> Iterator[_Row]:
        sheet = next((item for item in SHEETS if fold(item.name) == fold(grid.name.replace("-", " "))), None)
        if sheet is None:
            if fold(grid.name) not in (fold(GUIDE), fold(LISTS)):
                near = nearest(grid.name, list(BY_NAME))
                hint = f"Name it {' or '.join(near)}" if near else f"The sheets are {', '.join(BY_NAME)}"
                self.result.notes.append(Mistake(grid.name, 0, "", "This sheet is not read", hint))
            return
        if not grid.rows:
            return
        columns = self._heads(sheet, *grid.rows[0])
        for number, row in grid.rows[1:]:
            supplied = {column: row[at] for at, column in columns.items() if at < len(row)}
            if any(not cell.empty for cell in supplied.values()):
                yield _Row(
                    sheet, number, supplied, {column: get_column_letter(at + 1) for at, column in columns.items()}
                )

    def _heads(self, sheet: Sheet, number: int, row: list[SheetCell]) -> dict[int, SheetColumn]:
        by_head = {fold(column.head): column for column in sheet.columns}
        matches: dict[int, SheetColumn] = {}
        for at, cell in enumerate(row):
            content = cells.plain(str(cell.value)).rstrip("* ") if not cell.empty else ""
            column = by_head.get(fold(content))
            if column is None:
                if content:
                    near = nearest(content, [item.head for item in sheet.columns])
                    hint = f"Did you mean {' or '.join(near)}?" if near else "Take it out; it would be lost"
                    self._wrong(sheet.name, number, get_column_letter(at + 1), f"No column is called {content!r}", hint)
            elif column in matches.values():
                self._wrong(
                    sheet.name, number, get_column_letter(at + 1), f"There are two columns {content}", "Keep one"
                )
            else:
                matches[at] = column
        for column in sheet.columns:
            if column.needed and column not in matches.values():
                self._wrong(
                    sheet.name, number, "", f"The column {column.head} is missing", "Take the heads of the template"
                )
        return matches

    # The thing that a row is about

    def _identify(self, row: _Row) -> None:
        """Find or make the IRI of a row, and remember it by its key and its name."""
        kind, classes = row.sheet.kind, [row.sheet.a]
        if (choice := next((item for item in row.sheet.columns if item.kind == "choice"), None)) is not None:
            picked = self._choice(row, choice)
            if not picked:
                return
            classes, kind = [picked[0]], picked[1]
        key = self._key(row, kind)
        if not key:
            return
        iri = f"{terms.ID}{kind}/{key}"
        if (first := self.result.things.get(iri)) is not None:
            self._at(
                row, row.sheet.columns[0], f"{first.sheet} has {key!r} already, in row {first.row}", "An ID stands once"
            )
            return
        if key.startswith(EXAMPLE):
            self._at(row, row.sheet.columns[0], "This row is of the example", "Delete it, or give it an ID of your own")
        row.thing = self.result.things[iri] = SheetThing(iri, row.sheet.name, row.number)
        self.keys.setdefault(key, []).append(iri)
        if name := row.sheet.column("prefLabel"):
            content = self._plain(row, name)
            if content and fold(content) != key:
                self.keys.setdefault(fold(content), []).append(iri)
        types = row.sheet.column("type")
        supplied = [self._class(row, types, item) for item in self._parts(row, types)] if types else []
        named = [Iri(item) for item in supplied if item] or [Iri(terms.term(item)) for item in classes]
        row.thing.triples += [(Iri(iri), Iri(terms.PREFIXES["rdf"] + "type"), item) for item in dict.fromkeys(named)]

    def _key(self, row: _Row, kind: str) -> str:
        """Read the key in a row; that of a passage may be made from its source and paragraph."""
        column = row.sheet.columns[0]
        content = self._plain(row, column)
        if match := _PATH.fullmatch(content):
            _, supplied, content = match[1].split("/")
            if supplied != kind:
                self._at(
                    row,
                    column,
                    f"id/{supplied}/{content} is of another kind than this row",
                    f"Write id/{kind}/…, or the last part alone",
                )
                return ""
        if not content and row.sheet.kind == "passage":
            source, at = (self._plain(row, row.sheet.column(item)) for item in ("isPartOf", "paragraph"))
            section = self._plain(row, row.sheet.column("section"))
            if source and (at or section):
                return "-".join((slug(source.rpartition("/")[2]), f"para-{slug(at)}" if at else slug(section)))
        if not content:
            parts = [
                self._plain(row, item) for to in ("date", "startDate", "prefLabel") if (item := row.sheet.column(to))
            ]
            near = slug(" ".join(part for part in parts if part))
            self._at(
                row,
                column,
                "The row has no ID",
                f"Write one, such as {near}" if near and kind != "person" else "Write one",
            )
            return ""
        try:
            terms.mint(kind, content)
        except ValueError:
            self._at(
                row,
                column,
                f"{content!r} is no ID",
                f"Write small letters, digits and hyphens, such as {slug(content) or 'x-1'}",
            )
            return ""
        if kind == "person" and not _PERSON.fullmatch(content):
            self._at(
                row,
                column,
                f"{content!r} may tell who the person is",
                "Write ten letters and digits at random, such as 7c1f09ab52",
            )
            return ""
        return content

    # What a row says

    def _state(self, row: _Row, thing: SheetThing) -> None:
        """Turn the cells of a row into triples, and say what is missing."""
        filled = set()
        for column in row.sheet.columns:
            cell = row.cells.get(column, SheetCell())
            if cell.merged:
                self._read(row, column, partial(cells.text, cell))
                filled.add(column.head)
            elif not cell.empty:
                filled.add(column.head)
                for value in self._values(row, column):
                    self._add(thing, column.to, value)
            elif column.needed and column.kind not in ("id", "choice"):
                self._at(row, column, "This is empty", column.says)
        if row.sheet.kind == "passage":
            self._add(thing, "prefLabel", english(self._label(thing)))
        if kind_of(thing.iri) == "finding":
            self._add(thing, "hasFindingReading", concept("reading", "by-person"))
        if {value.value for _, _, value in thing.triples} & _UNNAMED:
            self._add(thing, "hasSensitivity", concept("sensitivity", "pseudonymous"))
        for head, content, hint in broken(row.sheet.name, kind_of(thing.iri), filled):
            self._wrong(row.sheet.name, row.number, head, content, hint)

    def _values(self, row: _Row, column: SheetColumn) -> Iterator[Term]:
        """Yield what a cell becomes; nothing for what only says where the thing is put."""
        readers: dict[str, Callable[[SheetCell], Literal]] = {"date": cells.date, "number": cells.number}
        if column.kind in ("id", "choice") or column.to == "type":
            return
        if column.kind in readers:
            value = self._read(row, column, lambda: readers[column.kind](row.cells[column]))
            yield from [value] if value else []
            return
        if column.kind == "quote":
            quote = self._read(row, column, lambda: str(cells.text(row.cells[column]) and row.cells[column].value))
            yield from [Literal(cite.sha256(cite.normalise(quote)))] if quote else []
            return
        for part in self._parts(row, column):
            if term := self._value(row, column, part):
                yield term

    def _value(self, row: _Row, column: SheetColumn, content: str) -> Term | None:
        """Turn one part of a cell into a term."""
        if column.kind == "text":
            return english(content)
        if column.kind == "word":
            if isinstance(row.cells[column].value, float) and "." in content:
                hint = f"A program drops a 0 at the end: if {content}0 is meant, format the cell as text and write it again"
                self.result.notes.append(
                    Mistake(row.sheet.name, row.number, column.head, f"{content} is stored as a number", hint)
                )
            return Literal(content)
        if column.kind == "address":
            if not re.fullmatch(r"https?://[^\s<>]+", content):
                self._at(row, column, f"{content!r} is no address on the web", "Write it whole, from https:// on")
                return None
            return address(content)
        if column.kind == "concept":
            matches = self._listed(row, column, content, self.context.concepts[column.of[0]])
        elif column.kind == "state":
            matches = self._thing(row, column, content, ("state",))
            if matches and not column.to and row.thing:
                row.thing.state = self.context.codes.get(matches, key_of(matches)).lower()
                return None
        else:
            matches = self._thing(row, column, content, column.of)
        return Iri(matches) if matches else None

    def _thing(self, row: _Row, column: SheetColumn, content: str, kinds: tuple[str, ...]) -> str | None:
        """Find what a text names: a row of the spreadsheet, or a thing of the graph."""
        match = _PATH.fullmatch(content)
        expected = terms.BASE + match[1] if match else ""
        here = (
            [expected] if expected in self.result.things else self.keys.get(content) or self.keys.get(fold(content), [])
        )
        matches = [iri for iri in here if kind_of(iri) in kinds]
        if not matches:
            matches = (
                [expected]
                if expected in self.context.things and kind_of(expected) in kinds
                else self.context.find(kinds, content)
            )
        if len(matches) == 1:
            return matches[0]
        if matches:
            hint = f"Write one of {', '.join(iri.removeprefix(terms.BASE) for iri in matches)}"
            self._at(row, column, f"{content!r} may mean several things", hint)
            return None
        mine = nearest(content, [key for key, iris in self.keys.items() if any(kind_of(iri) in kinds for iri in iris)])
        near = list(dict.fromkeys([*mine, *self.context.near(kinds, content)]))[:3]
        other = [kind_of(iri) for iri in here or [item for item in [expected] if item in self.context.things]]
        if other:
            self._at(row, column, f"{content!r} is of the kind {other[0]}, which has no place here", column.says)
        else:
            hint = f"The nearest: {'; '.join(near)}" if near else "Describe it in a row of its own, or correct it"
            self._at(row, column, f"{content!r} is in no sheet and not in the graph", hint)
        return None

    def _listed(self, row: _Row, column: SheetColumn, content: str, labels: dict[str, str]) -> str | None:
        """Find a value of a list by its label, or by its path such as scheme/right/life."""
        path = terms.BASE + content.removeprefix(terms.BASE).lstrip("/")
        folded = {fold(label): iri for label, iri in labels.items()}
        if matches := folded.get(fold(content)) or (path if path in labels.values() else None):
            return matches
        near = nearest(content, list(labels))
        few = f"Take one of: {'; '.join(labels)}" if len(labels) <= _FEW else ""
        said_near = f"The nearest: {'; '.join(near)}" if near else "The pick list of the template has them all"
        self._at(row, column, f"{content!r} is not in the list", few or said_near)
        return None

    def _class(self, row: _Row, column: SheetColumn, content: str) -> str | None:
        return self._listed(row, column, content, self.context.classes[column.of[0]])

    def _choice(self, row: _Row, column: SheetColumn) -> tuple[str, str] | None:
        content = self._plain(row, column)
        table = MANNERS if column.of == ("manner",) else ACTOR_KINDS
        if matches := next((table[item] for item in CHOICES[column.of[0]] if fold(item) == fold(content)), None):
            return matches
        self._at(
            row,
            column,
            f"{content!r} is not in the list" if content else "This is empty",
            f"Take one of: {'; '.join(table)}",
        )
        return None

    def _label(self, passage: SheetThing) -> str:
        """Name a passage by its document and its place in it."""
        source = next(iter(passage.values("isPartOf")), "")
        mine = self.result.things.get(source)
        name = next((v.value for _, link, v in mine.triples if link.value.endswith("#prefLabel")), "") if mine else ""
        name = next(iter(mine.values("symbol")), name) if mine else self.context.labels.get(source, key_of(source))
        at = next(iter(passage.values("paragraph")), "")
        return f"{name}, para {at}" if at else f"{name}, {next(iter(passage.values('section')), '')}"

    # Cells and mistakes

    def _parts(self, row: _Row, column: SheetColumn) -> list[str]:
        """Read a cell, in its parts where it may hold several."""
        cell = row.cells.get(column, SheetCell())
        if cell.empty:
            return []
        if column.many and isinstance(cell.value, str) and not cell.merged:
            whole = re.split(r"[;\n]", cells.plain(re.sub(r"\r?\n|_x000[dD]_", ";", cell.value)))
            return [item for part in whole if (item := part.strip())]
        content = (
            self._plain(row, column)
            if column.kind not in ("text", "word")
            else self._read(row, column, lambda: cells.text(cell))
        )
        if content and ";" in content and column.kind in ("things", "concept", "state", "class"):
            self._at(row, column, "This takes one value", "Write the others in rows of their own")
            return []
        return [content] if content else []

    def _plain(self, row: _Row, column: SheetColumn | None) -> str:
        if column is None:
            return ""
        cell = row.cells.get(column, SheetCell())
        return "" if cell.empty else cells.plain(self._read(row, column, lambda: cells.text(cell)) or "")

    def _read(self, row: _Row, column: SheetColumn, reading: Callable[[], T]) -> T | None:
        try:
            return reading()
        except Wrong as wrong:
            self._at(row, column, wrong.content, wrong.hint)
            return None

    def _add(self, thing: SheetThing, to: str, value: Term | None) -> None:
        if value is None or not to:
            return
        link = terms.PREFIXES["skos"] + to if to == "prefLabel" else terms.term(to)
        triple = (Iri(thing.iri), Iri(link), value)
        if triple not in thing.triples:
            thing.triples.append(triple)

    def _at(self, row: _Row, column: SheetColumn, content: str, hint: str = "") -> None:
        letter = row.letters.get(column)
        self._wrong(
            row.sheet.name,
            row.number,
            f"{column.head} ({letter}{row.number})" if letter else column.head,
            content,
            hint,
        )

    def _wrong(self, sheet: str, number: int, column: str, content: str, hint: str = "") -> None:
        mistake = Mistake(sheet, number, column, content, hint)
        if mistake not in self.result.mistakes:
            self.result.mistakes.append(mistake)

"""A list of things: a query file in queries/lists/ that describes itself in its header. Its address is `/<name of the file>`.

Beside the lines that a question has (kg.sparql.question), its header (kg.sparql.header) has these:

    title: …                          what the list is called
    summary: …                        what its address answers, for programs
    lead: …                           what it holds, for people, above its filters
    about: …                          optional: how to read it, below its rows
    see: name                         optional: another list, which the lead links to
    text: column                      optional: the column that is shown under the name of a thing
    column: thing | head              the first column
    column: name | head [| kind]      a further column; the kind says how a cell is shown:
                                      link (the usual one: one thing or several), name (the same without links), short (links by
                                      short names), part (links, and nothing where a thing need not have any), note (a link under
                                      the name of the thing, on pages alone), day, span (the columns date, start and end), count
                                      (how many values), text
    several: column [column]          columns of which a thing may have several values
    filter: key | label | column [| short]
                                      what the address can narrow it by; things are named by their short names where it says so. A
                                      day stands for its year, a span for every year from the column first to the column last
    order: name | label | column      an order, `-column` from the end; the first one is the usual one. By `thing`: by its name

The query binds ?thing in each row. A row that binds none of the columns in `several` begins a thing, with what it has once; the other
rows have its further values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from kg.errors import SourceError
from kg.sparql.header import Grammar, Header, read_header

FOLDER = "queries/lists"
THING = "thing"
CELLS = ("link", "name", "short", "part", "note", "day", "span", "count", "text")
SPAN = ("date", "start", "end")
_THINGS = CELLS[:5]  # the kinds of cells that hold things
_GRAMMAR = Grammar(
    required=("title", "summary", "lead", "column", "order"),
    optional=("about", "see", "text", "several"),
    repeated={
        "column": (2, 3, "name | head [| kind]"),
        "filter": (3, 4, "key | label | column [| short]"),
        "order": (3, 3, "name | label | column"),
    },
)


class Column(NamedTuple):
    """A column of a list: its name in the rows, its head, and how a cell is shown."""

    name: str
    title: str
    kind: str = "link"


class Key(NamedTuple):
    """What an address can choose, a value or an order: its name there, its label, and the column, of an order with `-` from the end."""

    name: str
    title: str
    column: str
    short: str = ""

    @property
    def is_short(self) -> bool:
        """Whether things are named by their short names."""
        return bool(self.short)


@dataclass(frozen=True)
class List:
    """A list, as its file describes it. `head` is that of the first column."""

    name: str
    title: str
    summary: str
    lead: str
    head: str
    columns: tuple[Column, ...]
    filters: tuple[Key, ...]
    orders: tuple[Key, ...]
    query: str = field(repr=False)
    about: str = ""
    see: str = ""
    text: str = ""
    several: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The address of the list on this site."""
        return f"/{self.name}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The parameters that its address may have beside the format and the language."""
        return (*(one.name for one in self.filters), "sort", "page")

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds of its columns by their names."""
        return {one.name: one.kind for one in self.columns}

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The columns that hold things."""
        return (THING, *(one.name for one in self.columns if one.kind in _THINGS))

    @cached_property
    def counts(self) -> frozenset[str]:
        """The columns of which the number of values is shown."""
        return frozenset(one.name for one in self.columns if one.kind == "count")

    @cached_property
    def data(self) -> tuple[str, ...]:
        """The columns that data formats have."""
        shown = [one for one in self.columns if one.kind != "note"]
        names = [name for one in shown for name in (SPAN if one.kind == "span" else (one.name,))]
        return (THING, *filter(None, [self.text]), *names)

    def is_dated(self, key: Key) -> bool:
        """Say whether a filter is by years."""
        return self.kinds.get(key.column) in ("day", "span")

    @property
    def texts(self) -> tuple[str, ...]:
        """The words of the file that people read."""
        titles = (one.title for part in (self.columns, self.filters, self.orders) for one in part)
        return tuple(filter(None, (self.title, self.summary, self.lead, self.about, self.head, *titles)))

    @property
    def needs(self) -> set[str]:
        """The columns that its query must have."""
        used = {one.column.removeprefix("-") for part in (self.filters, self.orders) for one in part}
        return {*self.data, *self.things, *self.several, *used}


def parse_list(name: str, text: str, where: str) -> List:
    """Read the text of a list's file. Raises SourceError with the line where its header is wrong; `where` names the file."""
    header = read_header(text, where, _GRAMMAR)
    (first, head, *_), *columns = header.parts("column")
    if first != THING:
        raise _error(
            header, where, f"column {first}", "the first column is the thing", "Write `#+ column: thing | …` first"
        )
    columns = tuple(Column(*parts) for parts in columns)
    if strange := [one for one in columns if one.kind not in CELLS]:
        message = f"there is no kind of cell {strange[0].kind!r}"
        raise _error(header, where, f"column {strange[0].name}", message, f"Use {', '.join(CELLS)}")
    filters = tuple(Key(*parts) for parts in header.parts("filter"))
    orders = tuple(Key(*parts) for parts in header.parts("order"))
    once = dict(header.once)
    several = tuple(once.pop("several", "").split())
    return List(
        name=name, head=head, columns=columns, filters=filters, orders=orders, query=text, several=several, **once
    )


def _error(header: Header, where: str, key: str, message: str, hint: str) -> SourceError:
    return SourceError(message, where=where, line=header.lines[key], column=1, hint=hint)


@cache
def load_lists(root: Path) -> dict[str, List]:
    """Read the lists of a project, by name; raises SourceError."""
    files = sorted((root / FOLDER).glob("*.rq"))
    return {path.stem: parse_list(path.stem, path.read_text(encoding="utf-8"), str(path)) for path in files}

"""A list of things: a query file in queries/lists/ that describes itself in its header. Its address is `/<name of the file>`.

Its header (kg.sparql.header) has these lines:

    title: …                          what the list is called
    summary: …                        what its address answers, for programs
    lead: …                           what it holds, for people, above its filters
    about: …                          optional: how to read it, below its rows
    see: name                         optional: another list, which the lead links to
    map: name parameter=filter        optional: the question that puts the things on a map, and the filter whose value its parameter takes
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

The query binds ?thing in each row, in any order. A row that binds none of the columns in `several` begins a thing, with what it has once; the other
rows have its further values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from kg.sparql.header import Grammar, read_folder, read_header

FOLDER = "queries/lists"
THING = "thing"
SPAN = ("date", "start", "end")
OF_THINGS = ("link", "name", "short", "part", "note")  # kinds of cells
KINDS = (*OF_THINGS, "day", "span", "count", "text")
_GRAMMAR = Grammar(
    required=("title", "summary", "lead", "column", "order"),
    optional=("about", "see", "map", "text", "several"),
    repeated={
        "column": (2, 3, "name | head [| kind]"),
        "filter": (3, 4, "key | label | column [| short]"),
        "order": (3, 3, "name | label | column"),
    },
)


class ListColumn(NamedTuple):
    """A column of a list: its name in the rows, its head, and how a cell is shown."""

    name: str
    title: str
    kind: str = "link"


class ListKey(NamedTuple):
    """What an address can choose, a value or an order: its name there, its label, and the column, of an order with `-` from the end.

    `short` says that things are named by their short names.
    """

    name: str
    title: str
    column: str
    short: str = ""


@dataclass(frozen=True)
class List:
    """A list, as its file describes it. The first of its orders is the usual one; `lines` are those of its header."""

    name: str
    query: str
    columns: tuple[ListColumn, ...]
    filters: tuple[ListKey, ...]
    orders: tuple[ListKey, ...]
    several: tuple[str, ...]
    lines: Mapping[str, int]
    title: str
    summary: str
    lead: str
    about: str = ""
    see: str = ""
    map: str = ""
    text: str = ""

    @property
    def path(self) -> str:
        """The address of the list on this site."""
        return f"/{self.name}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The parameters that its address may have beside the format and the language."""
        return (*(key.name for key in self.filters), "sort", "page")

    def order(self, name: str) -> ListKey:
        """Return the order of a name; without a name, the usual one."""
        return next(order for order in self.orders if name in ("", order.name))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """How the cells of each column are shown."""
        return {column.name: column.kind for column in self.columns}

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The columns that hold things."""
        return tuple(column.name for column in self.columns if column.kind in OF_THINGS)

    @cached_property
    def data(self) -> tuple[str, ...]:
        """The columns that data formats have: the text beside the thing, each day of a span, and no note."""
        first, *others = (column for column in self.columns if column.kind != "note")
        names = (name for column in others for name in (SPAN if column.kind == "span" else (column.name,)))
        return (first.name, *self.text.split(), *names)

    @property
    def texts(self) -> tuple[str, ...]:
        """The words of the file that people read."""
        titles = (item.title for part in (self.columns, self.filters, self.orders) for item in part)
        return tuple(filter(None, (self.title, self.summary, self.lead, self.about, *titles)))

    @property
    def needs(self) -> set[str]:
        """The columns that its query must have."""
        keys = (key.column.removeprefix("-") for part in (self.filters, self.orders) for key in part)
        return {*self.data, *self.things, *self.several, *keys}


def parse_list(name: str, text: str, where: str) -> List:
    """Read the text of a list's file. Raises SourceError with the line where its header is wrong; `where` names the file."""
    header = read_header(text, where, _GRAMMAR)
    columns = tuple(ListColumn(*parts) for parts in header.parts("column"))
    for number, column in enumerate(columns):
        if (number == 0) != (column.name == THING) or column.kind not in KINDS:
            hint = f"The first column is {THING}; a cell is {', '.join(KINDS)}"
            raise header.error(f"bad column {column.name}", f"column {column.name}", hint)
    filters, orders = (tuple(ListKey(*parts) for parts in header.parts(key)) for key in ("filter", "order"))
    several = tuple(header.once.pop("several", "").split())
    return List(name, text, columns, filters, orders, several, header.lines, **header.once)


@cache
def load_lists(root: Path) -> dict[str, List]:
    """Read the lists of a project, by name; raises SourceError."""
    return read_folder(root / FOLDER, parse_list)

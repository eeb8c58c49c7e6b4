"""The things of a list: its filters, orders and data formats, as an address names them.

The rows of a list are asked once for a release; what an address asks of them is worked out from those.
"""

import difflib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from kg import terms
from kg.answer.formats import write_values
from kg.answer.narrowing import Choice, arrange, read_page
from kg.errors import BadParameter
from kg.rows import natural
from kg.sparql.lists import THING, List, ListKey
from kg.wording import say

NONE = "none"  # the value of a filter for things that have none in its column
LONGEST_SPAN = 100  # years; a longer span is a mistake in a date
CLOSE = 3  # values that a refusal offers
DATED = ("day", "span")  # kinds of columns of which a filter takes years

Record = Mapping[
    str, Any
]  # from column to value, None for none, or to the values where the list says that there may be several


class Entry(NamedTuple):
    """A thing of a list: its record, and its values by filter."""

    row: Record
    values: Mapping[str, frozenset[str]]


class Entries(list[Entry]):
    """The things of a list in one release."""

    def __init__(self, listing: List, rows: Iterable[Record]) -> None:
        """Make them from the rows of the query of the list."""
        self.listing = listing
        columns, dated = listing.several.split(), listing.of_kind(*DATED)
        things: dict[str, dict[str, Any]] = {}
        several: dict[tuple[str, str], set[str]] = {}
        for row in rows:
            further = [name for name in columns if row[name] is not None]
            for name in further:
                several.setdefault((row[THING], name), set()).add(row[name])
            if not further:
                things.setdefault(row[THING], dict(row))
        for thing, row in things.items():
            row |= {name: sorted(several.get((thing, name), ()), key=natural) for name in columns}
        # What is alike in another order stands in the usual one, and what is alike in that by its IRI.
        for row in _in_order((things[thing] for thing in sorted(things)), listing.orders[0], lambda thing: ""):
            self.append(Entry(row, {key.name: _values(row, key, key.column in dated) for key in listing.filters}))

    @cached_property
    def values(self) -> dict[str, frozenset[str]]:
        """The values that there are, by filter."""
        names = [key.name for key in self.listing.filters]
        return {name: frozenset().union(*(entry.values[name] for entry in self)) for name in names}

    def select(self, values: Mapping[str, str], keys: Collection[str]) -> "Selection":
        """Read what an address asks; raises BadParameter for a key or a value that the list does not have.

        A parameter that is like none of `keys`, those of all lists, is ignored: such are those of trackers.
        """
        listing = self.listing
        for name in values:
            if name not in listing.keys and difflib.get_close_matches(name, keys, 1, 0.7):
                message = say("%(path)s has no parameter %(name)s", path=listing.path, name=name[:40])
                raise BadParameter(message, where=name[:40], hint=say("It has %(keys)s", keys=", ".join(listing.keys)))
        chosen = {key.name: self._read_value(key, values[key.name]) for key in listing.filters if key.name in values}
        orders = {order.name: order for order in listing.orders}
        order = orders.get(values.get("sort", listing.orders[0].name))
        if order is None:
            hint = say("It can be sorted by %(sort)s", sort=", ".join(orders))
            raise BadParameter(say("%(path)s has no such order", path=listing.path), where="sort", hint=hint)
        return Selection(self, chosen, order, read_page(values.get("page", "1")))

    def _read_value(self, key: ListKey, text: str) -> str:
        """Read the value of a filter: an IRI, with or without the base of ours, or its last part where that is one thing's alone."""
        if key.column in self.listing.of_kind(*DATED) and len(text) == 4 and text.isascii() and text.isdigit():
            return text  # a year without a row is a good question
        values, iri = self.values[key.name], terms.full_iri(text)
        namesakes = [value for value in values if value.replace("#", "/").rpartition("/")[2] == text]
        for value in (text, iri, *namesakes[: len(namesakes) == 1]):
            if value in values:
                return value
        close = difflib.get_close_matches(iri, values, CLOSE, 0.6) or sorted(values)[:CLOSE]
        message = say("%(text)s is no value of %(filter)s here", text=f"{text[:80]!r}", filter=key.name)
        hint = say("Such as %(told)s", told=", ".join(map(shorten, close))) if close else None
        raise BadParameter(message, where=key.name, hint=hint)


@dataclass(frozen=True)
class Selection:
    """What an address asks of a list and of its things: values by filter, the order, the page."""

    entries: Entries
    chosen: Mapping[str, str]
    order: ListKey
    page: int = 1

    def values(self, **changes: Any) -> dict[str, Any]:
        """Write what an address holds for it, with some values changed; what is usual is empty."""
        order = "" if self.order is self.entries.listing.orders[0] else self.order.name
        chosen = {name: shorten(value) for name, value in self.chosen.items()}
        return {**chosen, "sort": order, "page": self.page if self.page > 1 else "", **changes}

    def fits(self, entry: Entry, without: str = "") -> bool:
        """Say whether a thing passes the filters, one of them left out."""
        return all(value in entry.values[name] for name, value in self.chosen.items() if name != without)

    @property
    def fitting(self) -> list[Record]:
        """The records that pass the filters."""
        return [entry.row for entry in self.entries if self.fits(entry)]

    def rows(self, name: Callable[[str], str]) -> list[Record]:
        """Sort the records that pass the filters; `name` is asked for the names of things where the order is by them."""
        return _in_order(self.fitting, self.order, name)

    def choices(self, name: Callable[[str, bool], str], key: ListKey) -> list[Choice]:
        """Count what each value of a filter leaves beside the other filters; `name` names it, by its short name where that is true."""
        numbers = Counter(
            value for entry in self.entries if self.fits(entry, key.name) for value in entry.values[key.name]
        )
        numbers.update({self.chosen[key.name]: 0} if key.name in self.chosen else {})
        offered = (Choice(shorten(value), name(value, bool(key.short)), count) for value, count in numbers.items())
        choices = sorted(offered, key=Choice.key, reverse=key.column in self.entries.listing.of_kind(*DATED))
        return sorted(choices, key=lambda choice: choice.value == NONE)


def _in_order(records: Iterable[Record], order: ListKey, name: Callable[[str], str]) -> list[Record]:
    column = order.column.removeprefix("-")

    def key(record: Record) -> str | int:
        value = name(record[THING]) if column == THING else record[column]
        return len(value) if isinstance(value, list) else value or ""

    return arrange(records, key, order.column.startswith("-"))


def _values(record: Record, key: ListKey, is_dated: bool) -> frozenset[str]:
    """List the values of a record for a filter: of a day its year, of a span each year from its first to its last day."""
    values = _listed(record.get(key.column))
    if is_dated:
        first = str(record.get("first") or "".join(values))[:4]
        last = str(record.get("last") or first)[:4]
        has_years = first.isdigit() and last.isdigit()
        values = range(int(first), min(int(last), int(first) + LONGEST_SPAN) + 1) if has_years else ()
    return frozenset(map(str, values)) or frozenset([NONE])


def _listed(value: Any) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    return () if value is None else (value,)


def shorten(value: str) -> str:
    """Write the value of a filter for an address: a class by its name, another IRI by its part behind the base."""
    return value.removeprefix(terms.VOCABULARY).removeprefix(terms.BASE)


def things_in(listing: List, records: Iterable[Record]) -> set[str]:
    """List the things in records."""
    return {iri for record in records for column in listing.things for iri in _listed(record[column])}


def json_of(listing: List, records: Iterable[Record], name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Lay out records for JSON: things with their names, counts as numbers."""
    several, counts = listing.several.split(), listing.of_kind("count")

    def member(column: str, value: Any) -> Any:
        if column not in listing.things:
            return len(value) if column in counts else value
        items = [{"id": iri, "label": name(iri)} for iri in _listed(value)]
        if column in several:
            return items
        return items[0] if items else None

    return [{column: member(column, record[column]) for column in listing.data} for record in records]


def csv_of(listing: List, table: Sequence[Mapping[str, Any]]) -> bytes:
    """Write records that are laid out for JSON as CSV: beside the addresses of things their names, several divided by semicolons."""
    labelled = [
        name for name in listing.data if name == THING or name in listing.things and any(row[name] for row in table)
    ]
    lines = []
    for row in table:
        line = {name: " ".join(_text(item) for item in _listed(value)) for name, value in row.items()}
        line |= {f"{name}Label": "; ".join(item["label"] for item in _listed(row[name])) for name in labelled}
        lines.append(line)
    heads = [head for name in listing.data for head in ((name, f"{name}Label") if name in labelled else (name,))]
    return write_values(heads, lines)


def _text(item: Any) -> str:
    return item["id"] if isinstance(item, dict) else str(item)

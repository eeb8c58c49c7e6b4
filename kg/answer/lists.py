"""The things of a list, put together from the rows of its query, and narrowed as an address asks."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kg import terms
from kg.answer.formats import write_values
from kg.answer.narrowing import Choice, Narrowing, arrange, is_year, offer, read_page
from kg.errors import BadParameter
from kg.rows import Row, by, natural
from kg.sparql.lists import THING, List, ListKey
from kg.wording import closest, say

NONE = "none"  # the value of a filter for things that have none in its column
LONGEST_SPAN = 100  # years; a longer span is a mistake in a date
CLOSE = 3  # values that a refusal offers
DATED = ("day", "span")  # kinds of columns of which a filter takes years


class Entry(NamedTuple):
    """A thing of a list: what it has in each column, and its values by filter."""

    thing: str
    cells: Mapping[str, Sequence[str]]
    values: Mapping[str, frozenset[str]]

    def first(self, column: str) -> str | None:
        """The value of a column that has one at most."""
        return next(iter(self.cells[column]), None)


class Entries(list[Entry]):
    """The things of a list in one release, in the usual order; what is alike in that stands by its IRI."""

    def __init__(self, listing: List, rows: Iterable[Row]) -> None:
        self.listing = listing
        for thing, group in sorted(by(rows, THING).items()):
            begins = [row for row in group if all(row[name] is None for name in listing.several)][:1]
            values = {name: {row[name] for row in (group if name in listing.several else begins)} for name in group[0]}
            cells = {name: _sorted(those - {None}) for name, those in values.items()}
            if begins:
                self.append(Entry(thing, cells, {key.name: self._values(cells, key) for key in listing.filters}))
        self[:] = self.in_order(Narrowing(), lambda thing: "")
        self.values = {
            key.name: frozenset().union(*(entry.values[key.name] for entry in self)) for key in listing.filters
        }

    def _values(self, cells: Mapping[str, Sequence[str]], key: ListKey) -> frozenset[str]:
        """List the values of a thing for a filter: of a day its year, of a span each year from its first to its last day."""
        values = cells[key.column]
        if self.listing.kinds.get(key.column) in DATED:
            first = "".join(cells.get("first") or values)[:4]
            last = "".join(cells.get("last", ()))[:4] or first
            has_years = first.isdigit() and last.isdigit()
            years = range(int(first), min(int(last), int(first) + LONGEST_SPAN) + 1) if has_years else ()
            values = [str(year) for year in years]
        return frozenset(values or [NONE])

    def narrow(self, values: Mapping[str, str], keys: Collection[str]) -> Narrowing:
        """Read what an address asks; raises BadParameter for a key or a value that the list does not have.

        A parameter that is like none of `keys`, those of all lists, is ignored: such are those of trackers.
        """
        listing, orders = self.listing, [order.name for order in self.listing.orders]
        for name in values:
            if name not in listing.keys and closest(name, keys, least=70):
                message = say("%(path)s has no parameter %(name)s", path=listing.path, name=name)
                raise BadParameter(message, where=name[:40], hint=say("It has %(keys)s", keys=listing.keys))
        sort = values.get("sort", orders[0])
        if sort not in orders:
            hint = say("It can be sorted by %(sort)s", sort=orders)
            raise BadParameter(say("%(path)s has no such order", path=listing.path), where="sort", hint=hint)
        only = {key.name: self._read_value(key, values[key.name]) for key in listing.filters if key.name in values}
        return Narrowing(only, "" if sort == orders[0] else sort, read_page(values.get("page", "1")))

    def _read_value(self, key: ListKey, text: str) -> str:
        """Read the value of a filter: an IRI, with or without the base of ours, or its last part where that is one thing's alone."""
        if self.listing.kinds.get(key.column) in DATED and is_year(text):
            return text  # a year without a row is a good question
        values, iri = self.values[key.name], terms.full_iri(text)
        namesakes = [value for value in values if value.replace("#", "/").rpartition("/")[2] == text]
        for value in (text, iri, *namesakes[: len(namesakes) == 1]):
            if value in values:
                return value
        close = closest(iri, values, CLOSE) or sorted(values)[:CLOSE]
        message = say("%(text)s is no value of %(filter)s here", text=f"{text!r}", filter=key.name)
        hint = say("Such as %(told)s", told=[*map(shorten, close)]) if close else None
        raise BadParameter(message, where=key.name, hint=hint)

    def fitting(self, narrowed: Narrowing) -> list[Entry]:
        """List the things that pass the filters, in the usual order."""
        return [entry for entry in self if narrowed.fits(entry.values.__getitem__)]

    def in_order(self, narrowed: Narrowing, name: Callable[[str], str]) -> list[Entry]:
        """Sort the things that pass the filters: by names, which `name` gives, by values, or by how many values there are."""
        order = self.listing.order(narrowed.sort)
        column = order.column.removeprefix("-")

        def key(entry: Entry) -> str | int:
            if column == THING:
                return name(entry.thing)
            return len(entry.cells[column]) if column in self.listing.several else entry.first(column) or ""

        return arrange(self.fitting(narrowed), key, order.column.startswith("-"))

    def choices(self, narrowed: Narrowing, name: Callable[[str, bool], str], key: ListKey) -> list[Choice]:
        """Count what each value of a filter leaves beside the other filters; `name` names it, by its short name where that is true."""
        numbers = Counter({narrowed.only[key.name]: 0} if key.name in narrowed.only else {})
        numbers.update(value for entry in self.fitting(narrowed.without(key.name)) for value in entry.values[key.name])
        choices = offer(numbers, lambda value: name(value, bool(key.short)))
        if self.listing.kinds.get(key.column) in DATED:
            choices.reverse()
        choices.sort(key=lambda choice: choice.value == NONE)
        return [choice._replace(value=shorten(choice.value)) for choice in choices]


def _sorted(values: Collection[str]) -> list[str]:
    """Sort values as people do. Most stand alone, and making a key takes longer than all else here."""
    return sorted(values, key=natural) if len(values) > 1 else list(values)


def shorten(value: str) -> str:
    """Write the value of a filter for an address: a class by its name, another IRI by its part behind the base."""
    return terms.short_iri(value.removeprefix(terms.VOCABULARY))


def things_in(listing: List, entries: Iterable[Entry]) -> set[str]:
    """List the things in the cells of a list."""
    return {iri for entry in entries for column in listing.things for iri in entry.cells[column]}


def json_of(listing: List, entries: Iterable[Entry], name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Lay out a list for JSON: things with their names, counts as numbers."""

    def member(entry: Entry, column: str) -> Any:
        if listing.kinds.get(column) == "count":
            return len(entry.cells[column])
        is_thing = column in listing.things
        items: list[Any] = [{"id": value, "label": name(value)} if is_thing else value for value in entry.cells[column]]
        return items if column in listing.several else next(iter(items), None)

    return [{column: member(entry, column) for column in listing.data} for entry in entries]


def csv_of(listing: List, entries: Iterable[Entry], name: Callable[[str], str]) -> bytes:
    """Write a list as CSV: beside the addresses of things their names, several divided by semicolons."""

    def line(entry: Entry) -> dict[str, str]:
        cells = {column: " ".join(entry.cells[column]) for column in listing.data}
        cells |= {column: str(len(entry.cells[column])) for column in cells if listing.kinds.get(column) == "count"}
        return cells | {f"{column}Label": "; ".join(map(name, entry.cells[column])) for column in listing.things}

    lines = [line(entry) for entry in entries]
    heads = [head for column in listing.data for head in (column, f"{column}Label")]
    filled = {*listing.data, f"{THING}Label"} | {head for each in lines for head, text in each.items() if text}
    return write_values([head for head in heads if head in filled], lines)

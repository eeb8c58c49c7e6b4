"""Lists of things, with filters in the address, sorted, in pages of fifty; as CSV and JSON whole.

The rows of a list are asked once for a release; filters, counts and order are worked out from them.
"""

from __future__ import annotations

import asyncio
import difflib
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.language import Visit, language_of, visit_of
from api.http.negotiate import HTML, JSON
from api.http.responses import About, opened_of, prefix_of, read_once, serve, write_json
from api.openapi import answers
from api.render import rows
from api.render.page import Page, Reader, narrowest, query_string
from api.routers.listing import LISTS, NONE, Filter, List, Sort
from kg import terms
from kg.answer import formats
from kg.errors import BadParameter
from kg.terms import LICENCE, Iri, Literal, to_json
from kg.wording import say

router = APIRouter(tags=["Lists"])

CSV = formats.by_name("csv", formats.ANSWER)
FORMS = (HTML, JSON, CSV)
AT_ONCE = 30  # things on a page
LONGEST_SPAN = 100  # years; a longer span is a mistake in a date
CLOSE = 3  # values that a refusal offers
KEYS = sorted({key for one in LISTS for key in one.keys})


class Entry(NamedTuple):
    """One thing of a list: its row, with a list of values where there may be several, and its values by filter."""

    row: rows.Row
    values: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Asked:
    """What the address asks of a list: values by filter, the order, the page."""

    chosen: Mapping[str, str]
    sort: Sort
    page: int

    def query(self, one: List, **changes: Any) -> str:
        """Write the query of the address with some values changed; what is usual is left out."""
        usual = {
            "sort": self.sort.name if self.sort is not one.sorts[0] else "",
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**{name: shorten(value) for name, value in self.chosen.items()}, **usual, **changes})


class Facet(NamedTuple):
    """A filter as a page shows it: what may be chosen, each value with how many things it leaves."""

    filter: Filter
    chosen: str
    options: Sequence[tuple[str, str, int]]  # the value for the address, its name, the number


def shorten(value: str) -> str:
    """Write the value of a filter for an address: a class by its name, another IRI by its part behind the base."""
    return Page.short_iri(value.removeprefix(terms.VOCABULARY))


def handler(one: List) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler of a list."""
    return partial(_answer, one)


async def _answer(one: List, request: Request) -> Response:
    given = _parameters(request)
    suffix = request.path_params.get("suffix") or given.pop("format", None)
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix)
    visit = visit_of(request) if offer is HTML else Visit(language_of(request))
    reader = Reader(opened_of(request), prefix_of(request), request.app.state.settings.root, visit)
    entries = await entries_of(reader, one)
    asked = _read(one, entries, given)
    query = asked.query(one)
    data = asked.query(one, page="")
    others = tuple((form.media_type, f"{one.path}.{form.name}{data and f'?{data}'}") for form in (CSV, JSON))
    about = About(await _title(reader, one, asked), terms.BASE + one.path[1:] + (query and f"?{query}"), others)

    async def make() -> bytes:
        found = [entry for entry in entries if _fits(entry, asked.chosen)]
        if offer is HTML:
            return await _page(reader, one, asked, found, about)
        if asked.sort.column == "name":
            page = await reader.page(also=[entry.row["thing"] for entry in found])
            return await _data(reader, one, order(found, asked.sort, page), offer is JSON)
        return await _data(reader, one, order(found, asked.sort), offer is JSON)

    return await serve(request, offer, make, about=about)


async def _title(reader: Reader, one: List, asked: Asked) -> str:
    """Title a list with what it is narrowed to, so that it can be told from others where it is cited."""
    title = reader.visit.language.gettext(one.title)
    if not asked.chosen:
        return title
    page = await reader.page(also=asked.chosen.values())
    return f"{title}: {', '.join(_name(page, value) for value in asked.chosen.values())}"


def _name(page: Page, value: str, is_short: bool = False) -> str:
    """Name the value of a filter."""
    if value == NONE:
        return page.language.gettext("none recorded")
    if not value.startswith(terms.BASE):
        return value
    return page.short(value) if is_short else page.name(value)


async def entries_of(reader: Reader, one: List) -> list[Entry]:
    """Return the things of a list; they are worked out once for a release."""
    return await reader.opened.once.find(("list", one.name), partial(_entries, reader, one))


async def sizes(reader: Reader) -> dict[str, int]:
    """Count the things of each list, without making it."""
    return {row["list"]: int(row["number"]) for row in await reader.ask("sizes")}


def named(name: str) -> List:
    """Return the list of this name."""
    return next(one for one in LISTS if one.name == name)


async def _entries(reader: Reader, one: List) -> list[Entry]:
    first, more = (f"list-{one.name}", f"list-{one.name}-more")
    tables = await reader.ask_all((first, more))
    above = await reader.classes()
    # Beside the event loop, as all that goes through a whole list: there may be very many things.
    return await asyncio.to_thread(_join, one, tables[first], tables[more], above)


def _join(
    one: List, things: Iterable[rows.Row], more: Sequence[rows.Row], above: Mapping[str, Container[str]]
) -> list[Entry]:
    """Make the entries of a list from its things and what else there is of them, where there may be several values."""
    found: dict[str, rows.Row] = {}
    for row in things:
        found.setdefault(row["thing"], dict(row))
    several: dict[str, dict[str, list[rows.Cell]]] = {thing: {} for thing in found}
    for row in more:
        if row["thing"] in several:
            several[row["thing"]].setdefault(row["column"], []).append(row["value"])
    columns = {row["column"] for row in more}
    made = []
    for thing, row in found.items():
        row.update({name: sorted(several[thing].get(name, ()), key=rows.split_numbers) for name in columns})
        values = {filter.name: _values(row, filter) for filter in one.filters}
        if "kind" in columns:
            row["kind"] = narrowest(row["kind"], above)  # shown; a filter takes the wider ones too
        made.append(Entry(row, values))
    return made


def _values(row: rows.Row, filter: Filter) -> frozenset[str]:
    if filter.name == "year":
        return frozenset(_years(row)) or frozenset([NONE])
    value = row.get(filter.source)
    values = value if isinstance(value, list) else [value]
    return frozenset(str(one) for one in values if one is not None) or frozenset([NONE])


def _years(row: rows.Row) -> Iterable[str]:
    """List the years that a row's dates touch, by its first and last day where they are known."""
    first = str(row.get("first") or row.get("date") or "")[:4]
    last = str(row.get("last") or first)[:4]
    if not (first.isdigit() and last.isdigit()):
        return ()
    return map(str, range(int(first), min(int(last), int(first) + LONGEST_SPAN) + 1))


def _parameters(request: Request) -> dict[str, str]:
    return {name: value for name, value in read_once(request).items() if value}


def _read(one: List, entries: Sequence[Entry], given: Mapping[str, str]) -> Asked:
    """Read what is asked; raises BadParameter for a key or a value that this list does not have."""
    for name in given:
        if name not in one.keys and difflib.get_close_matches(
            name, KEYS, 1, 0.7
        ):  # others, such as those of trackers, are ignored
            hint = say("It has %(keys)s", keys=", ".join(one.keys))
            raise BadParameter(
                say("%(path)s has no parameter %(name)s", path=one.path, name=name[:40]), where=name[:40], hint=hint
            )
    chosen = {
        filter.name: _choice(filter, entries, given[filter.name]) for filter in one.filters if filter.name in given
    }
    sort = next((sort for sort in one.sorts if sort.name == given.get("sort", one.sorts[0].name)), None)
    if sort is None:
        hint = say("It can be sorted by %(sort)s", sort=", ".join(sort.name for sort in one.sorts))
        raise BadParameter(say("%(path)s has no such order", path=one.path), where="sort", hint=hint)
    page = given.get("page", "1")
    if not (page.isascii() and page.isdigit() and 0 < int(page[:9]) == int(page)):
        raise BadParameter(say("A page has a number from 1 on"), where="page")
    return Asked(chosen, sort, int(page))


def _choice(filter: Filter, entries: Sequence[Entry], text: str) -> str:
    """Read the value of a filter: an IRI, with or without the base of ours, or its last part where that is one thing's alone."""
    known = {value for entry in entries for value in entry.values[filter.name]}
    wide = Page.full_iri(text)
    if filter.name == "year" and len(text) == 4 and text.isascii() and text.isdigit():
        return text  # a year without a row is a good question
    for value in (text, wide):
        if value in known:
            return value
    same = [value for value in known if value.replace("#", "/").rpartition("/")[2] == text]
    if len(same) == 1:
        return same[0]
    close = difflib.get_close_matches(wide, known, CLOSE, 0.6) or sorted(known)[:CLOSE]
    told = ", ".join(map(shorten, close))
    raise BadParameter(
        say("%(text)s is no value of %(filter)s here", text=f"{text[:80]!r}", filter=filter.name),
        where=filter.name,
        hint=say("Such as %(told)s", told=told) if told else None,
    )


def _fits(entry: Entry, chosen: Mapping[str, str], without: str = "") -> bool:
    return all(value in entry.values[name] for name, value in chosen.items() if name != without)


def order(entries: Iterable[Entry], sort: Sort, page: Page | None = None) -> list[Entry]:
    """Sort entries; those without a value come last. `page` knows the names, where the order is by them."""

    def key(entry: Entry) -> Any:
        value = entry.row.get(sort.column)
        if isinstance(value, list):
            return len(value)
        return rows.split_numbers(str(value).casefold())

    def has(entry: Entry) -> bool:
        return bool(entry.row.get(sort.column))

    entries = list(entries)
    if page is not None and sort.column == "name":
        return sorted(entries, key=lambda entry: rows.split_numbers(page.name(entry.row["thing"]).casefold()))
    there = sorted(filter(has, entries), key=key, reverse=sort.descending)
    return [*there, *(entry for entry in entries if not has(entry))]


async def _page(reader: Reader, one: List, asked: Asked, found: list[Entry], about: About) -> bytes:
    entries = await entries_of(reader, one)
    options = {filter.name: _counts(entries, asked.chosen, filter) for filter in one.filters}
    named = {iri for counts in options.values() for iri in counts if iri.startswith(terms.BASE)}
    if asked.sort.column == "name":
        found = order(found, asked.sort, await reader.page(also=[entry.row["thing"] for entry in found]))
    else:
        found = order(found, asked.sort)
    last = max(1, -(-len(found) // AT_ONCE))
    if asked.page > last:
        raise BadParameter(
            say("The last page of this list is %(last)s", last=last), where="page", hint=say("Take an earlier one")
        )
    shown = [entry.row for entry in found[(asked.page - 1) * AT_ONCE : asked.page * AT_ONCE]]
    things = {value for row in shown for value in _linked(one, row)}
    page = await reader.page(also=[*named, *asked.chosen.values(), *things])
    return await reader.fill(
        "list.html",
        also=[*named, *asked.chosen.values(), *things],
        about=about,
        list=one,
        asked=asked,
        rows=shown,
        total=len(found),
        whole=len(entries),
        first=(asked.page - 1) * AT_ONCE + 1,
        last=last,
        facets=[_facet(filter, asked, options[filter.name], page) for filter in one.filters],
    )


def _linked(one: List, row: rows.Row) -> Iterable[str]:
    """List the things of a row that a page names."""
    yield row["thing"]
    if row.get("repeats"):
        yield row["repeats"]
    for column in one.columns:
        if column.kind in ("link", "name", "short", "part"):
            value = row.get(column.name)
            yield from value if isinstance(value, list) else [value] if value else []


def _counts(entries: Iterable[Entry], chosen: Mapping[str, str], filter: Filter) -> Counter[str]:
    """Count the things that each value of a filter would leave beside the other filters."""
    return Counter(
        value for entry in entries if _fits(entry, chosen, filter.name) for value in entry.values[filter.name]
    )


def _facet(filter: Filter, asked: Asked, counts: Counter[str], page: Page) -> Facet:
    chosen = asked.chosen.get(filter.name, "")
    if chosen and chosen not in counts:
        counts[chosen] = 0

    is_short = filter.name in ("article", "instrument", "treaty")
    options = [(shorten(value), _name(page, value, is_short), number) for value, number in counts.items()]
    if filter.name == "year":
        options.sort(key=lambda option: (option[0] == NONE, -int(option[0]) if option[0] != NONE else 0))
    else:
        options.sort(key=lambda option: (option[0] == NONE, rows.split_numbers(option[1].casefold())))
    return Facet(filter, shorten(chosen), options)


async def _data(reader: Reader, one: List, found: Sequence[Entry], is_json: bool) -> bytes:
    """Write the whole list, as JSON or as CSV: things as addresses with their names beside them."""
    things = {value for entry in found for value in _linked(one, entry.row)}
    page = await reader.page(also=things)
    return await asyncio.to_thread(_write, page, one, found, reader.opened.id, is_json)


def _write(page: Page, one: List, found: Sequence[Entry], release: str, is_json: bool) -> bytes:
    told = [_tell(one, entry.row) for entry in found]
    if is_json:
        listed = [{name: _member(page, value) for name, value in row.items()} for row in told]
        return write_json(
            {"list": one.name, "total": len(listed), "rows": listed, "release": release, "license": LICENCE}
        )
    names = ["thing", "thingLabel"]
    for column in _columns(one):
        names += [column, f"{column}Label"] if any(_is_named(row[column]) for row in told) else [column]
    return formats.write_csv(names, [_cells(page, row, names) for row in told])


def _columns(one: List) -> list[str]:
    shown = [
        name
        for column in one.columns
        for name in (("date", "start", "end") if column.kind == "span" else (column.name,))
    ]
    return [*([one.text] if one.text else []), *shown]


def _tell(one: List, row: rows.Row) -> dict[str, Any]:
    """Pick what data formats have of a row: the cells of its columns, a count as a number."""
    counted = {column.name for column in one.columns if column.kind == "count"}
    told: dict[str, Any] = {"thing": row["thing"]}
    for name in _columns(one):
        value = row.get(name)
        told[name] = len(value) if name in counted else value
    return told


def _is_named(value: Any) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, rows.Cell) and first.is_iri


def _member(page: Page, value: Any) -> Any:
    if isinstance(value, list):
        return [_member(page, one) for one in value]
    if _is_named(value):
        return {"id": value, "label": page.name(value)}
    return value


def _cells(page: Page, row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    cells = {}
    for name in names:
        column = name.removesuffix("Label")
        value = row[column] if column in row else row[name]
        values = value if isinstance(value, list) else [value]
        if name != column and column in row:
            cells[name] = to_json(Literal("; ".join(page.name(one) for one in values if one is not None)))
        elif isinstance(value, list):
            cells[name] = to_json(Literal(" ".join(values)))
        elif value is not None:
            cells[name] = to_json(Iri(value) if _is_named(value) else Literal(str(value)))
    return cells


for _one in LISTS:
    _shape = answers(*FORMS, errors=(404,))
    router.add_api_route(_one.path, handler(_one), name=_one.name, description=_one.sentence, **_shape)
    router.add_api_route(f"{_one.path}.{{suffix}}", handler(_one), name=_one.name, include_in_schema=False, **_shape)

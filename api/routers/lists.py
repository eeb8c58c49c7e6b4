"""Lists of things, as queries/lists/ has them: with filters in the address, sorted, in pages; as CSV and JSON whole."""

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, create_model
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.models import Thing
from api.openapi import describe_parameter
from api.render import paging
from api.render.page import Page, query_string
from kg import terms
from kg.answer import formats, lists
from kg.answer.lists import Entries, Selection
from kg.config import PROJECT
from kg.sparql.lists import THING, List, load_lists
from kg.terms import LICENCE

CSV = formats.by_name("csv", formats.ANSWER)
AT_ONCE = 30  # things on a page
LISTS = load_lists(PROJECT)
KEYS = sorted({key for listing in LISTS.values() for key in listing.keys})

router = APIRouter(tags=["Lists"])


async def _about(listing: List, exchange: Exchange) -> About:
    """Title a list with the values of its filters, which distinguish it from others where it is cited."""
    reader, title = exchange.reader, exchange.language.gettext(listing.title)

    async def ask() -> Entries:
        return await asyncio.to_thread(Entries, listing, await reader.rows(listing.query))

    entries = await reader.opened.once.find(("list", listing.name), ask)  # once for a release
    values = {name: value for name, value in exchange.values.items() if value}
    selection = await asyncio.to_thread(entries.select, values, KEYS)
    if chosen := selection.chosen.values():
        page = await reader.page(also=chosen)
        title = f"{title}: {', '.join(_name(page, value) for value in chosen)}"
    others = tuple((form.media_type, _address(selection, f".{form.name}", page="")) for form in (CSV, JSON))
    return About(title, terms.BASE + _address(selection)[1:], others, subject=selection)


def _address(selection: Selection, suffix: str = "", **changes: Any) -> str:
    """Write the address of a list with some of its parameters changed."""
    query = query_string(selection.values(**changes))
    return f"{selection.entries.listing.path}{suffix}{query and '?'}{query}"


def _name(page: Page, value: str, is_short: bool = False) -> str:
    """Name the value of a filter."""
    if value == lists.NONE:
        return page.language.gettext("none recorded")
    name = page.short if is_short else page.name
    return name(value) if value.startswith(terms.BASE) else value


async def _write_page(exchange: Exchange, selection: Selection) -> bytes:
    """Write the page of a list that its address asks for."""
    entries, listing = selection.entries, selection.entries.listing
    named = frozenset().union(*entries.values.values())
    by_name = (entry.row[THING] for entry in entries if selection.order.column == THING)
    page = await exchange.reader.page(also={*named, *by_name})
    choose = partial(selection.choices, partial(_name, page))
    choices = {key.name: await asyncio.to_thread(choose, key) for key in listing.filters}
    rows = await asyncio.to_thread(selection.rows, page.name)
    part = paging.part_of(rows, selection.page, at_once=AT_ONCE)
    return await exchange.fill(
        "list.html",
        also=named | lists.things_in(listing, part.rows),
        list=listing,
        other=LISTS.get(listing.see),
        selection=selection,
        address=partial(_address, selection),
        part=part,
        total=len(rows),
        whole=len(entries),
        first=(part.page - 1) * AT_ONCE + 1,
        choices=choices,
        chosen=selection.values(),
    )


async def _write_data(exchange: Exchange, selection: Selection) -> bytes:
    """Write all rows of a list that its address asks for, as JSON or CSV: each thing by its address and its name."""
    listing = selection.entries.listing
    page = await exchange.reader.page(also=await asyncio.to_thread(lists.things_in, listing, selection.fitting))

    def write() -> bytes:
        table = lists.json_of(listing, selection.rows(page.name), page.name)
        if exchange.offer is CSV:
            return lists.csv_of(listing, table)
        whole = {"list": listing.name, "total": len(table), "rows": table}
        return write_json({**whole, "release": page.release, "license": LICENCE})

    return await asyncio.to_thread(write)


def _add(listing: List) -> None:
    """Add the routes of a list: by Accept, and by suffix."""
    offers = Offers(HTML, JSON, CSV, about=partial(_about, listing), model=_model(listing), errors=(404,))

    async def answer(exchange: Exchange = Depends(offers)) -> Response:
        write = _write_page if exchange.offer is HTML else _write_data
        return await exchange.serve(partial(write, exchange, exchange.about.subject))

    parameters = [
        *(describe_parameter(key.name, key.title) for key in listing.filters),
        describe_parameter("sort", "The order.", enum=[order.name for order in listing.orders]),
        describe_parameter("page", "Which page of the rows, counted from 1.", pattern="^[1-9][0-9]*$"),
    ]
    shape = {"name": listing.name, "description": listing.summary, **offers.documented}
    router.add_api_route(listing.path, answer, openapi_extra={"parameters": parameters}, **shape)
    router.add_api_route(f"{listing.path}.{{suffix}}", answer, include_in_schema=False, **shape)


def _model(listing: List) -> type[BaseModel]:
    """Describe a list in JSON: the members of its rows, by what their columns hold."""
    title, several, counts = listing.name.capitalize(), listing.several.split(), listing.of_kind("count")

    def type_of(key: str) -> Any:
        if key in listing.things:
            return list[Thing] if key in several else Thing | None
        return int if key in counts else str | list[str] | None

    columns: dict[str, Any] = {key: type_of(key) for key in listing.data}
    row: Any = create_model(f"{title}Row", **columns)
    return create_model(title, list=str, total=int, rows=list[row], release=str, license=str)


for _list in LISTS.values():
    _add(_list)

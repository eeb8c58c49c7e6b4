"""Lists of things, as queries/lists/ has them: with filters in the address, sorted, in pages; as CSV and JSON whole."""

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, create_model

from api.dependencies import About, Exchange, Offers, cached, part_of
from api.http.addresses import write_json
from api.http.negotiate import CSV, HTML, JSON
from api.models import Thing
from api.openapi import describe_parameter
from api.render.page import Page, add_query, query_string
from kg import terms
from kg.answer import lists
from kg.answer.narrowing import ALL, Narrowing
from kg.config import PROJECT
from kg.sparql.lists import THING, List, load_lists

AT_ONCE = 30  # things on a page
LISTS = load_lists(PROJECT)
KEYS = sorted({key for listing in LISTS.values() for key in listing.keys})

router = APIRouter(tags=["Lists"])


async def _about(listing: List, exchange: Exchange) -> About:
    """Title a list with the values of its filters, which distinguish it from others where it is cited."""
    title = exchange.language.gettext(listing.title)

    async def ask() -> lists.Entries:
        return await asyncio.to_thread(lists.Entries, listing, await exchange.opened.ask_rows(listing.query))

    entries = await exchange.opened.once.find(("list", listing.name), ask)  # once for a release
    values = {name: value for name, value in exchange.values.items() if value}
    narrowed = await asyncio.to_thread(entries.narrow, values, KEYS)
    if chosen := narrowed.only.values():
        page = await exchange.page_of(also=chosen)
        title = f"{title}: {', '.join(_name(page, value) for value in chosen)}"
    address = partial(_address, listing, narrowed)
    others = tuple((form.media_type, address(f".{form.name}", page="")) for form in (CSV, JSON))
    return About(title, terms.BASE + address()[1:], others, subject=(entries, narrowed))


def _values(narrowed: Narrowing) -> dict[str, Any]:
    chosen = {name: lists.shorten(value) for name, value in narrowed.only.items()}
    return {**chosen, "sort": narrowed.sort, "page": {0: ALL, 1: ""}.get(narrowed.page, narrowed.page)}


def _address(listing: List, narrowed: Narrowing, suffix: str = "", **changes: Any) -> str:
    return add_query(listing.path + suffix, query_string({**_values(narrowed), **changes}))


def _name(page: Page, value: str, is_short: bool = False) -> str:
    if value == lists.NONE:
        return page.language.gettext("none recorded")
    name = page.short if is_short else page.name
    return name(value) if value.startswith(terms.BASE) else value


async def _write_page(exchange: Exchange) -> bytes:
    entries, narrowed = exchange.about.subject
    listing, order = entries.listing, entries.listing.order(narrowed.sort)
    named = frozenset().union(*entries.values.values())
    by_name = (entry.thing for entry in entries if order.column == THING)
    page = await exchange.page_of(also={*named, *by_name})
    choose = partial(entries.choices, narrowed, partial(_name, page))
    choices = {key.name: await asyncio.to_thread(choose, key) for key in listing.filters}
    rows = await asyncio.to_thread(entries.in_order, narrowed, page.name)
    part = part_of(rows, narrowed.page, at_once=AT_ONCE)
    return await exchange.fill(
        "list.html",
        also=named | lists.things_in(listing, part.rows),
        list=listing,
        other=LISTS.get(listing.see),
        chosen=_values(narrowed),
        usual=order,
        address=partial(_address, listing, narrowed),
        part=part,
        total=len(rows),
        whole=len(entries),
        first=(part.page - 1) * AT_ONCE + 1,
        choices=choices,
        is_narrowed=bool(narrowed.only),
    )


async def _write_data(exchange: Exchange) -> bytes:
    entries, narrowed = exchange.about.subject
    listing = entries.listing
    page = await exchange.page_of(also=await asyncio.to_thread(lists.things_in, listing, entries.fitting(narrowed)))

    def write() -> bytes:
        rows = entries.in_order(narrowed, page.name)
        if exchange.offer is CSV:
            return lists.csv_of(listing, rows, page.name)
        whole = {"list": listing.name, "total": len(rows), "rows": lists.json_of(listing, rows, page.name)}
        return write_json({**whole, "release": page.release, "license": terms.LICENCE})

    return await asyncio.to_thread(write)


def _add(listing: List) -> None:
    offers = Offers(HTML, JSON, CSV, about=partial(_about, listing), model=_model(listing), errors=(404,))

    @partial(cached, data=_write_data)
    async def answer(exchange: Exchange = Depends(offers)) -> bytes:
        return await _write_page(exchange)

    parameters = [
        *(describe_parameter(key.name, key.title) for key in listing.filters),
        describe_parameter("sort", "The order.", enum=[order.name for order in listing.orders]),
        describe_parameter("page", "Which page of the rows, counted from 1, or all.", pattern="^([1-9][0-9]*|all)$"),
    ]
    shape = {"name": listing.name, "description": listing.summary, **offers.documented}
    router.add_api_route(listing.path, answer, openapi_extra={"parameters": parameters}, **shape)
    router.add_api_route(f"{listing.path}.{{suffix}}", answer, include_in_schema=False, **shape)


def _model(listing: List) -> type[BaseModel]:
    title = listing.name.capitalize()

    def type_of(key: str) -> Any:
        if key in listing.things:
            return list[Thing] if key in listing.several else Thing | None
        return int if listing.kinds.get(key) == "count" else str | list[str] | None

    columns: dict[str, Any] = {key: type_of(key) for key in listing.data}
    row: Any = create_model(f"{title}Row", **columns)
    return create_model(title, list=str, total=int, rows=list[row], release=str, license=str)


for _list in LISTS.values():
    _add(_list)

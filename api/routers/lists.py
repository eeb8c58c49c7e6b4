"""Lists of things, as queries/lists/ has them: with filters in the address, sorted, in pages; as CSV and JSON whole."""

from __future__ import annotations

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
from api.render import paging
from api.render.page import Page, Reader, query_string
from kg import terms
from kg.answer import formats, lists
from kg.answer.lists import Entries, Selection
from kg.config import PROJECT
from kg.sparql.lists import THING, List, load_lists
from kg.terms import LICENCE

CSV = formats.by_name("csv", formats.ANSWER)
AT_ONCE = 30  # things on a page
LISTS = load_lists(PROJECT)
KEYS = sorted({key for one in LISTS.values() for key in one.keys})

router = APIRouter(tags=["Lists"])


async def entries_of(reader: Reader, one: List) -> Entries:
    """Return the things of a list; its query is asked once for a release."""

    async def ask() -> Entries:
        return await asyncio.to_thread(Entries, one, await reader.rows(one.query))

    return await reader.opened.once.find(("list", one.name), ask)


async def sizes(reader: Reader) -> dict[str, int]:
    """Count the things of each list, without making it."""
    return {row["list"]: int(row["number"]) for row in await reader.ask("sizes")}


async def _about(one: List, exchange: Exchange) -> About:
    """Title a list with what it is narrowed to, so that it can be told from others where it is cited."""
    entries = await entries_of(exchange.reader, one)
    values = {name: value for name, value in exchange.values.items() if value}
    selection = await asyncio.to_thread(entries.select, values, KEYS)
    title = exchange.language.gettext(one.title)
    if selection.chosen:
        page = await exchange.reader.page(also=selection.chosen.values())
        title = f"{title}: {', '.join(_name(page, value) for value in selection.chosen.values())}"
    others = tuple((form.media_type, _address(selection, f".{form.name}", page="")) for form in (CSV, JSON))
    return About(title, terms.BASE + _address(selection)[1:], others, subject=(entries, selection))


def _address(selection: Selection, suffix: str = "", **changes: Any) -> str:
    """Write the address of a list with some of its parameters changed."""
    query = query_string(selection.values(**changes))
    return f"{selection.listing.path}{suffix}{query and '?'}{query}"


def _name(page: Page, value: str, is_short: bool = False) -> str:
    """Name the value of a filter."""
    if value == lists.NONE:
        return page.language.gettext("none recorded")
    name = page.short if is_short else page.name
    return name(value) if value.startswith(terms.BASE) else value


async def _write(exchange: Exchange, entries: Entries, selection: Selection) -> bytes:
    """Write a list, or the part of it that its address asks for."""
    if exchange.offer is HTML:
        return await _page(exchange, entries, selection)
    rows = [entry.row for entry in entries if selection.fits(entry)]
    page = await exchange.reader.page(also=await asyncio.to_thread(lists.things_in, entries.listing, rows))
    return await asyncio.to_thread(_data, page, entries, selection, exchange.offer is JSON)


async def _page(exchange: Exchange, entries: Entries, selection: Selection) -> bytes:
    one = entries.listing
    named = {*selection.chosen.values(), *(value for values in entries.known.values() for value in values)}
    by_name = (entry.row[THING] for entry in entries if selection.order.column == THING)
    page = await exchange.reader.page(also={*named, *by_name})
    choose = partial(selection.choices, entries, partial(_name, page))
    choices = {key.name: await asyncio.to_thread(choose, key) for key in one.filters}
    rows = await asyncio.to_thread(selection.rows, entries, page.name)
    part = paging.part_of(rows, selection.page, at_once=AT_ONCE)
    return await exchange.fill(
        "list.html",
        also=named | lists.things_in(one, part.rows),
        list=one,
        other=LISTS.get(one.see),
        selection=selection,
        address=partial(_address, selection),
        part=part,
        total=len(rows),
        whole=len(entries),
        first=(part.page - 1) * AT_ONCE + 1,
        choices=choices,
        chosen=selection.values(),
    )


def _data(page: Page, entries: Entries, selection: Selection, is_json: bool) -> bytes:
    """Write the whole list, as JSON or as CSV: things as addresses with their names beside them."""
    one, rows = entries.listing, selection.rows(entries, page.name)
    table = lists.json_of(one, rows, page.name)
    if not is_json:
        return lists.csv_of(one, table)
    return write_json(
        {"list": one.name, "total": len(rows), "rows": table, "release": page.opened.id, "license": LICENCE}
    )


def _add(one: List) -> None:
    """Add the routes of a list: by Accept, and by suffix."""
    offers = Offers(HTML, JSON, CSV, about=partial(_about, one), model=_model(one), errors=(404,))

    async def answer(exchange: Exchange = Depends(offers)) -> Response:
        return await exchange.serve(partial(_write, exchange, *exchange.about.subject))

    shape = {"name": one.name, "description": one.summary, **offers.documented}
    router.add_api_route(one.path, answer, openapi_extra={"parameters": _parameters(one)}, **shape)
    router.add_api_route(f"{one.path}.{{suffix}}", answer, include_in_schema=False, **shape)


def _model(one: List) -> type[BaseModel]:
    """Describe a list in JSON: the members of its rows, by what their columns hold."""
    several, counts = one.several.split(), one.of_kind("count")

    def type_of(key: str) -> Any:
        if key in one.things:
            return list[Thing] if key in several else Thing | None
        return int if key in counts else str | list[str] | None

    title = one.name.capitalize()
    columns: dict[str, Any] = {key: (type_of(key), ...) for key in one.data}
    row: Any = create_model(f"{title}Row", **columns)
    members = {"list": str, "total": int, "rows": list[row], "release": str, "license": str}
    fields: dict[str, Any] = {name: (kind, ...) for name, kind in members.items()}
    return create_model(title, **fields)


def _parameters(one: List) -> list[dict[str, Any]]:
    """Describe the parameters of the address of a list."""
    parameters: list[tuple[str, str, dict[str, Any]]] = [
        *((key.name, key.title, {}) for key in one.filters),
        ("sort", "The order.", {"enum": [order.name for order in one.orders]}),
        ("page", "Which page of the rows, counted from 1.", {"pattern": "^[1-9][0-9]*$"}),
    ]
    return [
        {"name": name, "in": "query", "description": description, "schema": {"type": "string", **schema}}
        for name, description, schema in parameters
    ]


for _list in LISTS.values():
    _add(_list)

"""Long tables in parts: which page of its rows an address asks for (page=), of which section of a page (show=)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request

from kg.errors import BadParameter

SHOW, PAGE = "show", "page"
AT_ONCE = 100  # rows that a page shows


class Part(NamedTuple):
    """The rows of one page, and the pages there are, counted from 1; `show` is the section they belong to."""

    rows: Sequence[Any]
    page: int = 1
    last: int = 1
    show: str = ""


def section_of(request: Request, known: Collection[str]) -> str:
    """Read which section an address asks for, empty for none; raises BadParameter for one that the page does not have."""
    show = request.query_params.get(SHOW, "")
    if show and show not in known:
        hint = f"It has {', '.join(sorted(known))}" if len(known) <= 20 else "The page without it lists them"
        raise BadParameter(f"This page has no section {show[:40]!r}", where=SHOW, hint=hint)
    return show


def part_of(request: Request, rows: Sequence[Any], show: str = "", at_once: int = AT_ONCE) -> Part:
    """Take the rows that an address asks for; raises BadParameter for a page that there is not."""
    text, last = request.query_params.get(PAGE, "1"), max(1, -(-len(rows) // at_once))
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) == int(text)):
        raise BadParameter("A page has a number from 1 on", where=PAGE)
    if int(text) > last:
        raise BadParameter(f"There are {last} pages", where=PAGE, hint="Take an earlier one")
    page = int(text)
    return Part(rows[(page - 1) * at_once : page * at_once], page, last, show)

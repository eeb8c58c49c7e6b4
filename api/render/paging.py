"""Long tables in parts: the rows of one page, of a section of a page."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from kg.errors import BadParameter
from kg.wording import say

SHOW, PAGE = "show", "page"
AT_ONCE = 100  # rows that a page shows


class Part(NamedTuple):
    """The rows of one page, and the pages there are, counted from 1; `show` is the section they belong to."""

    rows: Sequence[Any]
    page: int = 1
    last: int = 1
    show: str = ""


def part_of(rows: Sequence[Any], page: int, show: str = "", at_once: int = AT_ONCE) -> Part:
    """Take the rows of a page; raises BadParameter for a page that there is not."""
    last = max(1, -(-len(rows) // at_once))
    if page > last:
        raise BadParameter(say("There are %(last)s pages", last=last), where=PAGE, hint=say("Take an earlier one"))
    return Part(rows[(page - 1) * at_once : page * at_once], page, last, show)

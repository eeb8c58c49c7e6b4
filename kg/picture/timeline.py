"""A timeline: what was on a known day is a point, what is known only as a time is a bar, and what has no end runs on.

A few things stand under one another with their dates and names; more are packed into lanes, in a part for each group, with
their names as long as there is room for all of them, and smaller where there are many.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, HALO, HIGHEST, INK, SMALL, STRONG, STYLES, Canvas
from kg.picture.table import STEPS, Groups, Table, days_of

LISTED = {False: 32, True: 20}  # as many things are listed by name, on a wide page and on a narrow one
PACKED = 900  # as many marks are put in lanes
# As many lines a name may take, and as wide the names beside the marks are; of many names fewer lines, which are longer.
LABELS = ((3, 300), (3, 420), (2, 420), (1, 420))
LANES = (17, 13, 8)  # how high a lane is: with names, without, and where there are many
# Parts of the width for names behind the end of the axis, on a wide page and on a narrow one.
ROOMS = {False: (1 / 8, 1 / 4, 2 / 5), True: (1 / 4,)}
AXIS = 22.0  # where the axis is, below the names of its years


class Item(NamedTuple):
    """One thing on a timeline: the first day it may be on, and the last, None where that is open; the days in words; its name and group."""

    first: datetime.date
    last: datetime.date | None
    when: str
    label: str
    group: str
    number: int  # rows that would look the same


class Scale:
    """Turns the days of some things, and a few on either side, into places between two edges."""

    def __init__(self, items: Sequence[Item], left: float, right: float) -> None:
        first = min(item.first for item in items)
        last = max(item.last or item.first for item in items)
        margin = datetime.timedelta(max(1, int((last - first).days * 0.03)))
        self.first = first - min(margin, first - datetime.date.min)
        self.last = last + min(margin, datetime.date.max - last)
        self.left, self.right = left, right
        self._step = (right - left) / (self.last - self.first).days

    def at(self, day: datetime.date) -> float:
        """Return the place of a day."""
        return self.left + (day - self.first).days * self._step

    def ticks(self, language: Language) -> list[tuple[datetime.date, str]]:
        """List the days that the axis names, few enough to be read: years, else months, else days."""
        days, room = (self.last - self.first).days, self.right - self.left
        years = range(self.first.year, self.last.year + 1)
        starts = [datetime.date(year, month, 1) for year in years for month in range(1, 13)]
        starts = [day for day in starts if self.first <= day <= self.last]
        step, length = -(-len(starts) // max(2, int(room / 110))), len("2011-12")
        if days > 700:
            size = next(size for size in STEPS if len(years) / size <= max(2, int(room / 64)) * 1.5)
            starts = [day for day in starts if day.month == 1 and day.year % size == 0]
            step, length = 1, len("2011")
        elif len(starts) <= 2:
            starts = [self.first + datetime.timedelta(number) for number in range(days + 1)]
            step, length = max(1, -(-days // max(1, int(room / 130)))), len("2011-12-16")
        return [(day, language.day(day.isoformat()[:length])) for day in starts[::step]]


def draw(body: Canvas, table: Table, most: int = PACKED) -> None:
    """Draw what happened when, at most so many things where they are packed."""
    items = _items(body, table)
    if not items:
        return
    groups = Groups(Counter(item.group for item in items), body.language)
    body.facts = {
        "entries": items,
        "groups": groups,
        "has_bars": any(item.last != item.first for item in items),
        "has_arrows": any(item.last is None for item in items),
    }
    if len(items) > LISTED[body.is_narrow] or not _draw_list(body, items, groups):
        shown = body.show(items, most, lambda item: item.number)
        for lane in LANES:
            body.elements = []
            _draw_lanes(body, shown, groups, lane)
            if body.height <= HIGHEST[body.is_narrow]:
                break


def _items(body: Canvas, table: Table) -> list[Item]:
    items = []
    for (start, end, label, group), number in table.distinct("start", "end", "label", "group").items():
        end = end if "end" in table.roles else start
        first, last = days_of(start)[0], days_of(end)[1]
        if first is None:
            body.undated += number
        else:
            day = body.language.day(start)
            when = body.language.when(start, end) if last else body.language.gettext("from %s, no end recorded") % day
            items.append(Item(first, last and max(first, last), when, table.name(label), table.name(group), number))
    return sorted(items, key=lambda item: (item.first, item.last or datetime.date.max, item.label))


def _draw_list(body: Canvas, items: Sequence[Item], groups: Groups) -> bool:
    """Draw each thing beside its name, or beneath it where there is little room, with the names cut as little as they must be.

    Where they do not fit at all it draws nothing, and says so.
    """
    gap = 24 if body.is_narrow else 10
    for most, side in LABELS:
        wide, left = (body.width, 8) if body.is_narrow else (side, side + 16)
        scale = Scale(items, left, body.width - 12)
        body.elements, y = [], AXIS + 6
        for item in items:
            top, repeated = y, f" (×{item.number})" if item.number > 1 else ""
            y = body.lines(0, y, SMALL.wrap(item.when, wide, min(most, 2)), SMALL, **{"fill": GREY, **HALO})
            y = body.lines(0, y, BODY.wrap(item.label + repeated, wide, most), BODY, **HALO)
            middle = y + 10 if body.is_narrow else (top + y) / 2
            _draw_mark(body, item, groups.styles[item.group], scale, middle)
            y += gap
        if y <= HIGHEST[body.is_narrow]:
            body.height, body.keys = y, groups.legend(is_filled=False)
            _draw_axis(body, scale)
            return True
    body.elements = []
    return False


def _draw_lanes(body: Canvas, items: Sequence[Item], groups: Groups, high: int) -> None:
    y, has_names, size = AXIS, high == LANES[0], min(5, high / 2 - 0.5)
    scale = _choose_scale(body, items, size) if has_names else Scale(items, 8, body.width - 12)
    for style, name in (groups.names() or {0: ""}).items():
        members = [item for item in items if groups.styles[item.group] == style]
        if name:
            head = STRONG.clip(f"{name} ({len(members)})", body.width - 20)
            body.mark(8, y + 2 + STRONG.size * 0.85, style)
            body.text(20, y + 2 + STRONG.size * 1.15, head, STRONG, **HALO)
            y += STRONG.line + 8
        ends: list[float] = []
        for item in members:
            left, right = _edges(item, scale, size)
            at, name = left, ""
            if has_names:
                at, room = _place_name(item, scale, size, body.width)
                name = SMALL.clip(item.label, room)
            start, end = min(left, at), max(right, at + SMALL.measure(name))
            lane = next((number for number, taken in enumerate(ends) if taken + 2 < start), len(ends))
            ends[lane : lane + 1] = [end]
            middle = y + lane * high + high / 2
            _draw_mark(body, item, style, scale, middle, size)
            if name:
                if left < at < right:  # the line goes on behind the name
                    body.box(at - 2, middle - 6, SMALL.measure(name) + 4, 12)
                body.text(at, middle + 4, name, SMALL, **HALO)
        y += len(ends) * high + 10
    body.height = y
    _draw_axis(body, scale)


def _choose_scale(body: Canvas, items: Sequence[Item], size: float) -> Scale:
    """Choose an axis that leaves room for the names: the longest of those that cut least of them."""

    def cut(scale: Scale) -> float:
        rooms = (_place_name(item, scale, size, body.width)[1] for item in items)
        return sum(max(0, SMALL.measure(item.label) - room) for item, room in zip(items, rooms, strict=True))

    return min((Scale(items, 8, body.width * (1 - part) - 12) for part in ROOMS[body.is_narrow]), key=cut)


def _edges(item: Item, scale: Scale, size: float) -> tuple[float, float]:
    """Say where the mark of a thing begins and ends."""
    end = scale.right if item.last is None else scale.at(item.last)
    return scale.at(item.first) - size - 1, end + size + 1


def _place_name(item: Item, scale: Scale, size: float, width: float) -> tuple[float, float]:
    """Say where a name begins and how much room it has: behind its mark, on the line of what has no end, or before its mark.

    It stands in the first place with room for all of it, else in that with the most.
    """
    left, right = _edges(item, scale, size)
    needed, begin = SMALL.measure(item.label), left + 2 * size + 6
    on_line = scale.right - 20 - begin if item.last is None else 0.0
    places = [(right + 2, width - right - 2), (begin, on_line), (max(0.0, left - 2 - needed), left - 2)]
    return next((place for place in places if place[1] >= needed), max(places, key=lambda place: place[1]))


def _draw_axis(body: Canvas, scale: Scale) -> None:
    """Draw the lines of the axis beneath all marks, and their names above; a name that would touch the one before is left out."""
    marks, body.elements = body.elements, []
    end = -100.0
    for day, text in scale.ticks(body.language):
        x, half = scale.at(day), SMALL.measure(text) / 2
        middle = min(max(x, half), body.width - half)
        body.line(x, AXIS, x, body.height)
        if middle - half > end + 8:
            body.text(middle, AXIS - 5, text, SMALL, text_anchor="middle", fill=GREY)
            end = middle + half
    body.line(scale.left, AXIS, scale.right, AXIS, stroke=GREY)
    body.elements += marks


def _draw_mark(body: Canvas, item: Item, style: int, scale: Scale, y: float, size: float = 5) -> None:
    title = f"{item.label}, {item.when}"  # shown by a browser that opens the picture itself
    left = scale.at(item.first)
    if item.last is None:
        body.line(left, y, scale.right - 5, y, stroke=STYLES[style]["line"], stroke_width=2, stroke_dasharray="5 3")
        body.arrow(scale.right - 6, scale.right, y)
        body.mark(left, y, style, size - 1, text=title)
    elif item.last == item.first:
        body.mark(left, y, style, size, text=title)
    else:
        wide = max(scale.at(item.last), left + 4) - left
        body.box(
            left, y - size + 1, wide, 2 * size - 2, text=title, fill=STYLES[style]["fill"], stroke=INK, stroke_width=0.8
        )

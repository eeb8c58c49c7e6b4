"""A timeline: what was on a known day is a point, what is known only as a time is a bar, and what has no end runs on.

A few things stand under one another with their dates and names; many are packed into lanes, one for each group, and the names
are left to the table.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import drawsvg

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, HIGHEST, INK, NONE, PAPER, SMALL, STRONG, STYLES, Canvas, fill_of
from kg.picture.font import clip, measure, wrap
from kg.picture.frame import Body, Key
from kg.picture.table import Row, Span, Table, first_day, in_groups, last_day, merge

LISTED = {False: 32, True: 20}  # as many things are listed by name, on a wide page and on a narrow one
PACKED = 900  # as many marks are put in lanes
LINES = (3, 2, 1)  # as many a name may take; of many names fewer
LABELS = 300  # width of the names beside the marks
LANE = 13
AXIS = 22.0  # where the axis is, below the names of its years


class Item(NamedTuple):
    """One thing on a timeline."""

    span: Span
    label: str
    group: str
    number: int  # rows that would look the same


class Name(NamedTuple):
    """The date and the name of a thing in lines, and where they begin."""

    item: Item
    when: list[str]
    label: list[str]
    top: float

    @property
    def bottom(self) -> float:
        """Where they end."""
        return self.top + len(self.when) * SMALL.line + len(self.label) * BODY.line


class Scale:
    """Turns days into places between two edges."""

    def __init__(self, first: datetime.date, last: datetime.date, left: float, right: float) -> None:
        self.first, self.last, self.left, self.right = first, last, left, right
        self._step = (right - left) / max(1, (last - first).days)

    def at(self, day: datetime.date) -> float:
        """Return the place of a day."""
        return self.left + (day - self.first).days * self._step

    def ticks(self, language: Language) -> list[tuple[datetime.date, str]]:
        """List the days that the axis names, few enough to be read: years, else months, else days."""
        days = (self.last - self.first).days
        room = max(2, int((self.right - self.left) / 64))
        years = range(self.first.year, self.last.year + 1)
        if days > 700:
            step = next(one for one in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if len(years) / one <= room * 1.5)
            marks = [datetime.date(year, 1, 1) for year in years if year % step == 0]
            return [(day, str(day.year)) for day in marks if self.first <= day <= self.last]
        months = [datetime.date(year, month, 1) for year in years for month in range(1, 13)]
        months = [day for day in months if self.first <= day <= self.last]
        if len(months) > 2:
            step = -(-len(months) // max(2, int((self.right - self.left) / 110)))
            return [(day, language.day(day.isoformat()[:7])) for day in months[::step]]
        step = max(1, -(-days // max(1, int((self.right - self.left) / 130))))
        marks = [self.first + datetime.timedelta(one) for one in range(0, days + 1, step)]
        return [(day, language.day(day.isoformat())) for day in marks]


def draw(table: Table, width: float, language: Language, most: int = PACKED) -> Body:
    """Draw what happened when, at most so many things where they are packed."""
    body = Body(Canvas(width))
    items, undated = _items(table)
    body.left_out = undated
    if not items:
        body.height = 8
        return body
    groups = in_groups((item.group for item in items), NONE + 1) if table.has("group") else {}
    marks = _scale(items, width)
    body.told = _tell(items, groups, language)
    names = _names(body.canvas, items, language) if len(items) <= LISTED[body.canvas.is_narrow] else None
    if names:
        _list(body, names, groups, marks, language)
        body.keys = _keys(items, groups, language)
    else:
        _pack(body, items[:most], groups, marks, language)
        body.shown = len(items[:most])
        body.left_out += sum(item.number for item in items[most:])
    _ = language.gettext
    if any(item.span.last != item.span.first for item in items):
        body.notes.append(
            _("A bar spans the days on which it may have been, or on which it lasted; a mark is one day.")
        )
    if undated:
        body.notes.append(language.ngettext("%s row has no date.", "%s rows have no date.", undated) % undated)
    if any(item.span.last is None for item in items):
        body.notes.append(_("An arrow: no end is recorded."))
    return body


def _items(table: Table) -> tuple[list[Item], int]:
    """Read the things that have a date, in order of time, and count the rows that have none."""
    has_end = "end" in table.roles
    found, undated = [], 0

    def shown(row: Row) -> tuple[str, ...]:
        return tuple(table.value(row, role) for role in ("start", "end", "label", "group"))

    for row, number in merge(table.rows, shown):
        start, end = table.value(row, "start"), table.value(row, "end")
        first = first_day(start)
        last = last_day(end) if has_end else last_day(start)
        if first is None:
            undated += number
            continue
        span = Span(first, max(first, last) if last else None)
        found.append(Item(span, table.text(row, "label"), table.text(row, "group"), number))
    open_last = datetime.date.max
    return sorted(found, key=lambda one: (one.span.first, one.span.last or open_last, one.label)), undated


def _scale(items: Sequence[Item], width: float) -> Scale:
    first = min(item.span.first for item in items)
    last = max(item.span.last or item.span.first for item in items)
    margin = datetime.timedelta(max(1, int((last - first).days * 0.03)))
    is_narrow = Canvas(width).is_narrow
    left = LABELS + 16 if len(items) <= LISTED[False] and not is_narrow else 8
    begin = first - margin if first - datetime.date.min > margin else first
    return Scale(begin, last + margin if datetime.date.max - last > margin else last, left, width - 12)


def write_span(span: Span, language: Language) -> str:
    """Write a span in words: as a month or a year where it is one."""
    first, last = span.first, span.last
    if last is None:
        return language.gettext("from %s, no end recorded") % language.day(first.isoformat())
    if first == last:
        return language.day(first.isoformat())
    for text in (first.isoformat()[:4], first.isoformat()[:7]):
        if first_day(text) == first and last_day(text) == last:
            return language.day(text)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return language.when(str(first.year), str(last.year))
    if first.day == 1 and last_day(last.isoformat()[:7]) == last:
        return language.when(first.isoformat()[:7], last.isoformat()[:7])
    return language.when(first.isoformat(), last.isoformat())


def _tell(items: Sequence[Item], groups: dict[str, int], language: Language) -> list[str]:
    """Say how many things there are, of which groups, from when to when, and which are first and last."""
    _ = language.gettext
    number = len(items)
    said = language.ngettext("A timeline of %s entry", "A timeline of %s entries", number) % language.amount(
        str(number)
    )
    first, last = items[0], max(items, key=lambda one: one.span.first)
    told = [said + "."]
    counted = Counter(item.group for item in items)
    if groups:
        told.append("; ".join(f"{name or _('not told')}: {counted[name]}" for name in groups) + ".")
    told.append(_("The first: %(label)s, %(when)s.") % {"label": first.label, "when": write_span(first.span, language)})
    if number > 1:
        told.append(
            _("The last to begin: %(label)s, %(when)s.")
            % {"label": last.label, "when": write_span(last.span, language)}
        )
    return told


def _keys(items: Sequence[Item], groups: dict[str, int], language: Language) -> list[Key]:
    counted: Counter[int] = Counter()
    named: dict[int, list[str]] = {}
    for name, place in groups.items():
        counted[place] += sum(item.group == name for item in items)
        named.setdefault(place, []).append(name or language.gettext("not told"))
    texts = {place: names[0] if len(names) == 1 else language.gettext("others") for place, names in named.items()}
    return [Key(place, f"{text} ({counted[place]})") for place, text in texts.items()]


def _axis(canvas: Canvas, scale: Scale, top: float, bottom: float, language: Language) -> None:
    """Draw the lines of the axis, and their names above; a name that would touch the one before is left out."""
    end = -100.0
    for day, text in scale.ticks(language):
        x, half = scale.at(day), measure(text, *SMALL) / 2
        middle = min(max(x, half), canvas.width - half)
        canvas.line(x, top, x, bottom)
        if middle - half > end + 8:
            canvas.text(middle, top - 5, text, SMALL, "middle", fill=GREY)
            end = middle + half
    canvas.line(scale.left, top, scale.right, top, stroke=GREY)


def _names(canvas: Canvas, items: Sequence[Item], language: Language) -> list[Name] | None:
    """Place the date and the name of each thing, the names cut as little as they must be to fit; None where they do not."""
    wide = LABELS if not canvas.is_narrow else canvas.width
    for most in LINES:
        placed, y = [], AXIS + 6
        for item in items:
            when = wrap(write_span(item.span, language), SMALL.size, wide, min(most, 2))
            repeated = f" (×{item.number})" if item.number > 1 else ""
            label = wrap(item.label + repeated, BODY.size, wide, most)
            placed.append(Name(item, when, label, y))
            y = placed[-1].bottom + (24 if canvas.is_narrow else 10)
        if y <= HIGHEST[canvas.is_narrow]:
            return placed
    return None


def _list(body: Body, names: Sequence[Name], groups: dict[str, int], scale: Scale, language: Language) -> None:
    """Draw each thing with its date and its name: beside its mark, or where there is no room above it."""
    canvas = body.canvas
    body.height = names[-1].bottom + (24 if canvas.is_narrow else 10)
    _axis(canvas, scale, AXIS, body.height, language)
    for one in names:
        below = canvas.lines(0, one.top, one.when, SMALL, fill=GREY, **_halo())
        canvas.lines(0, below, one.label, BODY, **_halo())
        middle = one.bottom + 10 if canvas.is_narrow else (one.top + one.bottom) / 2
        _mark(canvas, one.item.span, groups.get(one.item.group, 0), scale, middle)


def _halo() -> dict[str, object]:
    return {"stroke": PAPER, "stroke_width": 3, "paint_order": "stroke", "stroke_linejoin": "round"}


def _mark(canvas: Canvas, span: Span, style: int, scale: Scale, y: float) -> None:
    """Draw a point for a day, a bar for a time, and an arrow for what has no end."""
    left = scale.at(span.first)
    if span.last == span.first:
        canvas.mark(left, y, style)
        return
    right = scale.right if span.last is None else max(scale.at(span.last), left + 4)
    look = {"stroke": INK, "stroke_width": 0.8}
    if span.last is None:
        canvas.line(
            left,
            y,
            right - 5,
            y,
            stroke=STYLES[style].colour if style != 2 else INK,
            stroke_width=2,
            stroke_dasharray="5 3",
        )
        canvas.path(f"M{right - 6:.1f},{y - 4:.1f}L{right:.1f},{y:.1f}L{right - 6:.1f},{y + 4:.1f}Z", fill=INK)
        canvas.mark(left, y, style, 4)
        return
    canvas.box(left, y - 4, right - left, 8, fill=fill_of(style), **look)


def _pack(body: Body, items: Sequence[Item], groups: dict[str, int], scale: Scale, language: Language) -> None:
    """Put the marks of each group into lanes in which none touches the next."""
    canvas, y = body.canvas, 22.0
    _ = language.gettext
    names = {place: name for name, place in reversed(groups.items())} or {0: ""}
    placed = []
    heads = []
    for place in sorted(names):
        members = [item for item in items if groups.get(item.group, 0) == place]
        if groups:
            others = sum(one == place for one in groups.values()) > 1
            name = _("others") if others else names[place] or _("not told")
            head = clip(f"{name} ({len(members)})", STRONG.size, canvas.width - 20, True)
            heads.append((place, head, y + 2))
            y += STRONG.line + 8
        ends: list[float] = []
        for item in members:
            left, right = _reach(item.span, scale)
            lane = next((number for number, end in enumerate(ends) if end + 2 < left), len(ends))
            ends[lane : lane + 1] = [right]
            placed.append((item, place, y + lane * LANE + LANE / 2))
        y += len(ends) * LANE + 10
    _axis(canvas, scale, 22, y, language)
    for place, head, top in heads:
        canvas.mark(8, top + STRONG.size * 0.85, place)
        canvas.text(20, top + STRONG.size * 1.15, head, STRONG, **_halo())
    for item, place, middle in placed:
        mark = Canvas(canvas.width)
        _mark(mark, item.span, place, scale, middle)
        named = drawsvg.Group()  # its name is shown by a browser that opens the picture itself
        named.append_title(f"{item.label}, {write_span(item.span, language)}")
        for element in mark.elements:
            named.append(element)
        canvas.add(named)
    body.height = y


def _reach(span: Span, scale: Scale) -> tuple[float, float]:
    left = scale.at(span.first)
    right = scale.right if span.last is None else scale.at(span.last)
    return left - 6, max(right, left) + 6

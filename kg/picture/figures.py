"""Rival figures: for each thing that is counted, what each speaker says, as a point or a range; nothing is averaged.

How a figure was given is told by the shape of its mark, and in words beside it. What is told only in words has no mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kg.languages import Language
from kg.picture.bars import write
from kg.picture.canvas import BODY, GREY, INK, NONE, SMALL, STRONG, STYLES, Canvas
from kg.picture.font import measure, wrap
from kg.picture.frame import Body, Key
from kg.picture.table import Row, Table, in_groups, merge

MOST = 32  # figures
SIDE = 320  # width of the names beside the marks


class Figure(NamedTuple):
    """One figure as it was given."""

    low: float | None
    high: float | None
    words: str
    speaker: str
    said: str
    manner: str
    number: int  # rows that would look the same


def draw(table: Table, width: float, language: Language, most: int = MOST) -> Body:
    """Draw the figures that are given for each thing, at most so many."""
    body, canvas = Body(Canvas(width)), Canvas(width)
    body.canvas = canvas
    manners = in_groups((table.text(row, "manner") for row in table.rows), NONE + 1) if table.has("manner") else {}
    things: dict[str, list[Figure]] = {}
    for row, number in merge(table.rows, lambda row: tuple(sorted(_shown(table, row)))):
        things.setdefault(_heading(table, row, language), []).append(_figure(table, row, number, language))
    things = dict(sorted(things.items(), key=lambda one: -len(one[1])))  # what is told most differently comes first
    y, shown = 2.0, 0
    for thing, figures in things.items():
        room = most - shown
        body.left_out += sum(one.number for one in figures[room:]) if room > 0 else sum(one.number for one in figures)
        if room > 0:
            y = _thing(canvas, y, thing, figures[:room], manners, language)
            shown += min(room, len(figures))
    body.height, body.shown = y, shown
    body.keys = _keys(manners, table, language)
    body.told = _tell(things, language)
    if things:
        body.notes.append(language.gettext("Each figure stands as its speaker gave it; each scale begins at nought."))
    return body


def _shown(table: Table, row: Row) -> Sequence[str]:
    return [f"{role}={table.value(row, role)}" for role in table.roles]


def _heading(table: Table, row: Row, language: Language) -> str:
    """Name what is counted, with its unit and, where the answer has several, the part it is of."""
    text = table.text(row, "about") or language.gettext("not told")
    more = [one for one in (table.text(row, "unit"), table.text(row, "part")) if one]
    return text + (f" ({', '.join(more)})" if more else "")


def _figure(table: Table, row: Row, number: int, language: Language) -> Figure:
    value, low, high = (table.number(row, role) for role in ("value", "low", "high"))
    said, words, how = (
        table.value(row, "said"),
        table.text(row, "words"),
        table.value(row, "precision").rpartition("/")[2],
    )
    _ = language.gettext
    bounds = {
        "at-least": _("at least %s"),
        "more-than": _("more than %s"),
        "at-most": _("at most %s"),
        "approximate": _("about %s"),
    }
    low, high = (value, value) if value is not None else (low, high)
    if value is not None and how in ("at-least", "more-than"):
        high = None
    elif value is not None and how == "at-most":
        low = None
    if (
        low is not None
        and low == high
        or how in ("at-least", "more-than")
        and high is None
        or how == "at-most"
        and low is None
    ):
        figure = bounds.get(how, "%s") % write(low if low is not None else high or 0, language)
    else:
        figure = _range(low, high, language)
    return Figure(
        low,
        high,
        words if figure == "" else figure,
        table.text(row, "speaker") or language.gettext("not told"),
        language.day(said) if said else "",
        table.text(row, "manner"),
        number,
    )


def _range(low: float | None, high: float | None, language: Language) -> str:
    _ = language.gettext
    if low is not None and high is not None:
        return f"{write(low, language)}–{write(high, language)}"
    if low is not None:
        return _("at least %s") % write(low, language)
    return _("at most %s") % write(high, language) if high is not None else ""


def _thing(
    canvas: Canvas, y: float, thing: str, figures: Sequence[Figure], manners: dict[str, int], language: Language
) -> float:
    """Draw the figures for one thing under one another; returns the bottom edge."""
    y = canvas.lines(0, y, wrap(thing, STRONG.size, canvas.width, 3, True), STRONG) + 4
    ends = [end for one in figures for end in (one.low, one.high) if end is not None]
    most = max(ends, default=0) or 1
    text = max((measure(one.words, *STRONG) for one in figures), default=0) + 16
    left = 8.0 if canvas.is_narrow else SIDE + 12
    room = max(60.0, canvas.width - left - min(text, 130) - 14)
    wide = canvas.width if canvas.is_narrow else SIDE
    for one in figures:
        name = one.speaker + (f", {one.said}" if one.said else "") + (f" (×{one.number})" if one.number > 1 else "")
        lines = wrap(name, BODY.size, wide, 3)
        how = wrap(one.manner, SMALL.size, wide, 2)
        below = canvas.lines(0, canvas.lines(0, y, lines, BODY), how, SMALL, fill=GREY)
        middle = below + 10 if canvas.is_narrow else y + (below - y) / 2
        if one.low is not None or one.high is not None:
            canvas.line(left, middle, left + room, middle)
            canvas.line(left, middle - 5, left, middle + 5, stroke=GREY)
        _mark(canvas, one, manners.get(one.manner, 0), (left, room / most), middle)
        y = below + (22 if canvas.is_narrow else 7)
    return y + 10


def _mark(canvas: Canvas, one: Figure, style: int, scale: tuple[float, float], y: float) -> None:
    left, each = scale
    low, high = one.low, one.high
    known = [end for end in (low, high) if end is not None]
    if not known:
        canvas.lines(left, y - 9, wrap(one.words, STRONG.size, canvas.width - left, 1, True), STRONG)
        return
    ends = [left + each * end for end in known]
    colour = STYLES[style].colour if STYLES[style].colour != "#ffffff" else INK
    if low is None or high is None:
        x, way = ends[0], 1 if high is None else -1
        canvas.line(x, y, x + way * 24, y, stroke=colour, stroke_width=2.5, stroke_dasharray="4 2")
        canvas.path(
            f"M{x + way * 22:.1f},{y - 4:.1f}L{x + way * 29:.1f},{y:.1f}L{x + way * 22:.1f},{y + 4:.1f}Z", fill=INK
        )
    elif low != high:
        canvas.line(ends[0], y, ends[1], y, stroke=colour, stroke_width=4)
    for x in dict.fromkeys(ends):
        canvas.mark(x, y, style, 5.5)
    place = max(ends) + (34 if high is None else 10)
    canvas.text(place, y + 4.5, one.words, STRONG)


def _keys(manners: dict[str, int], table: Table, language: Language) -> list[Key]:
    named: dict[int, list[str]] = {}
    for name, place in manners.items():
        named.setdefault(place, []).append(name or language.gettext("not told"))
    return [
        Key(place, names[0] if len(names) == 1 else language.gettext("others"))
        for place, names in sorted(named.items())
    ]


def _tell(things: dict[str, list[Figure]], language: Language) -> list[str]:
    _ = language.gettext
    number = sum(len(figures) for figures in things.values())
    told = [language.ngettext("%s figure.", "%s figures.", number) % number] if number else []
    for thing, figures in list(things.items())[:8]:
        spoken = "; ".join(f"{one.words} ({one.speaker})" for one in figures[:6])
        more = len(figures) - 6
        told.append(f"{thing}: {spoken}" + ("; " + _("and %s more") % more if more > 0 else "") + ".")
    if len(things) > 8:
        told.append(
            language.ngettext("And %s more thing counted.", "And %s more things counted.", len(things) - 8)
            % (len(things) - 8)
        )
    return told

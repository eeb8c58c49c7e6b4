"""Rival figures: for each thing that is counted, what each speaker says, as a point or a range; nothing is averaged.

How a figure was given is told by the shape of its mark, and in words beside it. What is told only in words has no mark.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, SMALL, STRONG, STYLES, Canvas, LegendEntry
from kg.picture.table import Groups, Table, as_number, write

MOST = 32  # figures
SIDE = 320  # width of the names beside the marks
_ROLES = ("about", "unit", "part", "speaker", "value", "low", "high", "words", "manner", "precision", "said")


class Figure(NamedTuple):
    """One figure as it was given: its ends, of which one or both may be open, in words, who says so and when, and how."""

    low: float | None
    high: float | None
    words: str
    speaker: str
    name: str
    manner: str
    number: int  # rows that would look the same

    @property
    def ends(self) -> list[float]:
        """Its ends that are not open."""
        return [end for end in (self.low, self.high) if end is not None]


def draw(body: Canvas, table: Table, most: int = MOST) -> None:
    """Draw the figures that are given for each thing, at most so many."""
    things: dict[str, list[Figure]] = {}
    for values, number in table.distinct(*_ROLES).items():
        row = dict(zip(_ROLES, values, strict=True))
        more = [name for role in ("unit", "part") if (name := table.name(row[role]))]
        thing = table.name(row["about"]) or body.language.gettext("not recorded")
        thing += f" ({', '.join(more)})" if more else ""
        things.setdefault(thing, []).append(_figure(table, row, number))
    things = dict(sorted(things.items(), key=lambda item: -len(item[1])))  # with the most figures first
    pairs = [(thing, figure) for thing, figures in things.items() for figure in figures]
    shown = body.show(pairs, most, lambda pair: pair[1].number)
    groups, body.height = Groups(Counter(table.text(row, "manner") for row in table.rows), body.language), 2.0
    for thing, several in groupby(shown, key=itemgetter(0)):
        _draw_thing(body, thing, [figure for _thing, figure in several], groups.styles)
    body.keys = [LegendEntry(name, style) for style, name in groups.names().items()]
    body.facts = {"things": things}


def _figure(table: Table, row: Mapping[str, str], number: int) -> Figure:
    language, precision = table.language, row["precision"].rpartition("/")[2]
    value, low, high = (as_number(row[role]) for role in ("value", "low", "high"))
    if value is not None:
        low = None if precision == "at-most" else value
        high = None if precision in ("at-least", "more-than") else value
    words = _write(low, high, precision, language) or table.name(row["words"])
    speaker = table.name(row["speaker"]) or language.gettext("not recorded")
    repeated = f" (×{number})" if number > 1 else ""
    name = ", ".join(filter(None, [speaker, language.day(row["said"])])) + repeated
    return Figure(low, high, words, speaker, name, table.name(row["manner"]), number)


def _write(low: float | None, high: float | None, precision: str, language: Language) -> str:
    _ = language.gettext
    ends = [write(end, language) for end in (low, high) if end is not None]
    if len(ends) == 2 and low != high:
        return "–".join(ends)
    if high is None and precision != "more-than":
        precision = "at-least"
    if low is None:
        precision = "at-most"
    bounds = {
        "at-least": _("at least %s"),
        "more-than": _("more than %s"),
        "at-most": _("at most %s"),
        "approximate": _("about %s"),
    }
    return language.inflect(bounds.get(precision, "%s") % ends[0]) if ends else ""


def _draw_thing(body: Canvas, thing: str, figures: Sequence[Figure], styles: Mapping[str, int]) -> None:
    y = body.lines(0, body.height, STRONG.wrap(thing, body.width, 3), STRONG) + 4
    most = max((end for figure in figures for end in figure.ends), default=0) or 1
    text = max((STRONG.measure(figure.words) + _behind(figure) for figure in figures if figure.ends), default=0)
    left, wide, gap = (8.0, body.width, 22) if body.is_narrow else (SIDE + 12, SIDE, 7)
    room = max(60.0, body.width - left - text - 2)
    for figure in figures:
        below = body.lines(0, y, BODY.wrap(figure.name, wide, 3), BODY)
        below = body.lines(0, below, SMALL.wrap(figure.manner, wide, 2), SMALL, fill=GREY)
        middle = below + 10 if body.is_narrow else y + (below - y) / 2
        if ends := [left + room / most * end for end in figure.ends]:
            body.line(left, middle, left + room, middle)
            body.line(left, middle - 5, left, middle + 5, stroke=GREY)
            _draw_mark(body, figure, styles[figure.manner], ends, middle)
        else:
            body.lines(left, middle - 9, STRONG.wrap(figure.words, body.width - left, 1), STRONG)
        y = below + gap
    body.height = y + 10


def _draw_mark(body: Canvas, figure: Figure, style: int, ends: Sequence[float], y: float) -> None:
    if figure.low is None or figure.high is None:
        x, way = ends[0], 1 if figure.high is None else -1
        body.line(x, y, x + way * 24, y, stroke=STYLES[style]["line"], stroke_width=2.5, stroke_dasharray="4 2")
        body.arrow(x + way * 22, x + way * 29, y)
    elif figure.low != figure.high:
        body.line(ends[0], y, ends[1], y, stroke=STYLES[style]["line"], stroke_width=4)
    for x in dict.fromkeys(ends):
        body.mark(x, y, style, 5.5)
    body.text(max(ends) + _behind(figure), y + 4.5, figure.words, STRONG)


def _behind(figure: Figure) -> int:
    return (
        34 if figure.high is None else 10
    )  # from the mark to its words, with an arrow between them where the end is open

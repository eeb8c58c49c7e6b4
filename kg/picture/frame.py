"""What surrounds every picture: its title, legend and caption, the description for those who do not see it, and its size.

A picture goes on its way alone, so it says itself what it answers, from which sources, as of which release and day, and how many
rows it leaves out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from xml.sax.saxutils import escape

import drawsvg

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, HATCHES, INK, PAPER, SMALL, TITLE, Canvas
from kg.picture.font import FAMILY, clean, measure, wrap
from kg.picture.table import days_of

WIDE, NARROW = 760, 360
MARGIN = 14
MOST_SOURCES = 3  # that a caption names
T = TypeVar("T")


@dataclass(frozen=True)
class Frame:
    """What a picture says of itself beside its rows: the question it answers, where the rows come from, and how wide it is."""

    title: str
    release: str = ""  # its name begins with its day
    sources: Sequence[str] = ()  # the documents, the one that is cited most first
    address: str = ""
    names: Mapping[str, str] = field(default_factory=dict)  # of things, by IRI
    meanings: Mapping[str, str] = field(default_factory=dict)  # of columns
    width: int = WIDE


@dataclass
class Key:
    """One entry of a legend: its text, and how the group looks: the fill of an area, or else the style of a point."""

    text: str
    style: int = 0
    fill: str = ""


@dataclass
class Body(Canvas):
    """The middle of a picture, to be drawn on: how high it is, its legend, and what is to be said of it."""

    language: Language = field(kw_only=True)
    height: float = 8
    keys: list[Key] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)  # the sentences that say what it shows
    notes: list[str] = field(default_factory=list)  # how to read it
    left_out: int = 0  # rows that it has no room for, or cannot place
    undated: int = 0  # rows that it does not show because they have no date
    undated_note: str = ""  # how to say that, with a slot for the number
    shown: int = 0  # things it draws of which it can draw fewer; 0: its height does not depend on them

    def show(self, things: Sequence[T], most: int, count_rows: Callable[[T], int]) -> Sequence[T]:
        """Choose as many things as may be drawn, and count the rows of the others as left out."""
        self.shown = len(things[:most])
        self.left_out += sum(map(count_rows, things[most:]))
        return things[:most]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as SVG, its size, a description of what it shows, and how many rows it leaves out."""

    svg: str
    width: int
    height: int
    alt: str
    left_out: int = 0


def compose(body: Body, frame: Frame) -> Picture:
    """Put a picture together."""
    canvas, inner = Canvas(frame.width), frame.width - 2 * MARGIN
    y = canvas.lines(MARGIN, MARGIN - 4, wrap(frame.title, TITLE.size, inner, is_bold=True), TITLE)
    top = _draw_legend(canvas, y + 6, inner, body.keys) + 8
    caption = [*body.notes, *_omissions(body), *_origins(frame, body.language)]
    lines = [line for text in caption for line in wrap(text, SMALL.size, inner)]
    y = canvas.lines(MARGIN, top + body.height + 8, lines, SMALL, fill=GREY)
    height = round(y + MARGIN - 2)
    alt = _describe([frame.title, *body.summary, *_omissions(body)])
    size = (frame.width, height)
    drawing = drawsvg.Drawing(*size, viewBox=f"0 0 {frame.width} {height}", role="img", font_family=FAMILY)
    drawing.append_def(drawsvg.Raw(HATCHES))
    drawing.append(drawsvg.Rectangle(0, 0, *size, fill=PAPER))
    drawing.append_title(clean(frame.title))
    drawing.append(drawsvg.Raw(f"<desc>{escape(alt)}</desc>"))
    drawing.extend(canvas.elements)
    drawing.append(drawsvg.Group(body.elements, transform=f"translate({MARGIN},{round(top)})"))
    unused = ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    svg = drawing.as_svg().replace(unused, f' xml:lang="{body.language.code}"', 1)
    return Picture(svg, *size, alt, body.left_out + body.undated)


def _draw_legend(canvas: Canvas, y: float, width: float, keys: Sequence[Key]) -> float:
    """Draw the legend in as many lines as it needs; returns the bottom edge."""
    x, line = 0.0, BODY.line + 3
    for number, key in enumerate(keys):
        texts = wrap(key.text, BODY.size, width - 22, 3)
        wide = 22 + max((measure(text, *BODY) for text in texts), default=0) + 16
        if number and x + wide - 16 > width:
            x, y = 0.0, y + line
        left, base = MARGIN + x, y + BODY.line
        if key.fill:
            canvas.box(left, base - 10, 14, 10, fill=key.fill, stroke=INK, stroke_width=0.6)
        else:
            canvas.mark(left + 7, base - 5, key.style)
        canvas.lines(left + 20, y + 1, texts, BODY)
        y += BODY.line * (len(texts) - 1)
        x += wide
    return y + line if keys else y


def _omissions(body: Body) -> list[str]:
    """Say how many rows a picture does not show: those without a date, and the others."""
    _, number = body.language.gettext, body.left_out
    omissions = [body.undated_note % body.undated] if body.undated else []
    if number:
        text = body.language.ngettext("%s more row is not shown", "%s more rows are not shown", number)
        omissions.append(text % body.language.amount(str(number)) + "; " + _("the table has them all."))
    return omissions


def _origins(frame: Frame, language: Language) -> list[str]:
    """Name the sources of a picture, its release with its day, and its address."""
    _, origins = language.gettext, []
    if frame.sources:
        text, more = _("Sources: %s") % "; ".join(frame.sources[:MOST_SOURCES]), len(frame.sources) - MOST_SOURCES
        if more > 0:
            text += " " + language.ngettext("and %s more document", "and %s more documents", more) % more
        origins.append(text + ".")
    day, _last = days_of(re.sub(r"(\d{4})(\d{2})(\d{2})-.*", r"\1-\2-\3", frame.release))
    release = _("Answerable, release %s") % frame.release if frame.release else ""
    parts = [release, language.day(day.isoformat()) if day else "", frame.address]
    return [*origins, *filter(None, [", ".join(filter(None, parts))])]


def _describe(sentences: Sequence[str]) -> str:
    return clean(" ".join(text if text.endswith((".", "?", "…")) else f"{text}." for text in filter(None, sentences)))

"""What surrounds every picture: its title, legend and caption, the description for those who do not see it, and its size.

A picture goes on its way alone, so it says itself what it answers, from which sources, as of which release and day, and how many
rows it leaves out.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import drawsvg

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, INK, SMALL, TITLE, Canvas, new_drawing
from kg.picture.font import clean, measure, wrap

WIDE, NARROW = 760, 360
MARGIN = 14
MOST_SOURCES = 3  # that a caption names


@dataclass(frozen=True)
class Frame:
    """What a picture says of itself beside its rows: the question it answers, where the rows come from, and how wide it is."""

    title: str
    release: str = ""
    sources: Sequence[str] = ()  # the documents, the one that is cited most first
    address: str = ""
    names: Mapping[str, str] = field(default_factory=dict)  # of things, by IRI
    meanings: Mapping[str, str] = field(default_factory=dict)  # of columns
    width: int = WIDE

    @property
    def day(self) -> str:
        """The day of the release, which its name begins with; empty where it does not."""
        found = re.match(r"(\d{4})(\d{2})(\d{2})-", self.release)
        try:
            return datetime.date(*map(int, found.groups())).isoformat() if found else ""
        except ValueError:
            return ""


@dataclass
class Key:
    """One entry of a legend: how the group looks, its name, and whether it is a point, an area, or a fill of its own."""

    style: int
    text: str
    form: str = "point"  # point, area, or a colour


@dataclass
class Body:
    """The middle of a picture: what is drawn, how high it is, its legend, and what is to be said of it."""

    canvas: Canvas
    height: float = 0
    keys: list[Key] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # the sentences that say what it shows
    notes: list[str] = field(default_factory=list)  # how to read it
    left_out: int = 0  # rows that it does not show
    shown: int = 0  # things it draws of which it can draw fewer; 0: its height does not depend on them


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as SVG, its size, a description of what it shows, and how many rows it leaves out."""

    svg: str
    width: int
    height: int
    alt: str
    left_out: int = 0


def compose(body: Body, frame: Frame, language: Language) -> Picture:
    """Put a picture together."""
    canvas, inner = Canvas(frame.width), frame.width - 2 * MARGIN
    y = canvas.lines(MARGIN, MARGIN - 4, wrap(frame.title, TITLE.size, inner, is_bold=True), TITLE)
    y = _legend(canvas, y + 6, inner, body.keys)
    top = y + 8
    caption = _caption(body, frame, language)
    lines = [line for text in caption for line in wrap(text, SMALL.size, inner)]
    y = canvas.lines(MARGIN, top + body.height + 8, lines, SMALL, fill=GREY)
    height = round(y + MARGIN - 2)
    drawing = new_drawing(frame.width, height)
    drawing.append_title(clean(frame.title))
    alt = _describe(body, frame, language)
    drawing.append(drawsvg.Raw(f"<desc>{_escape(alt)}</desc>"))
    for element in canvas.elements:
        drawing.append(element)
    middle = drawsvg.Group(transform=f"translate({MARGIN},{round(top)})")
    for element in body.canvas.elements:
        middle.append(element)
    drawing.append(middle)
    return Picture(_write(drawing, language), frame.width, height, alt, body.left_out)


def _legend(canvas: Canvas, y: float, width: float, keys: Sequence[Key]) -> float:
    """Draw the legend in as many lines as it needs; returns the bottom edge."""
    x, line = 0.0, BODY.line + 3
    for number, key in enumerate(keys):
        texts = wrap(key.text, BODY.size, width - 22, 3)
        wide = 22 + max((measure(text, *BODY) for text in texts), default=0) + 16
        if number and x + wide - 16 > width:
            x, y = 0.0, y + line
        _sample(canvas, MARGIN + x, y + BODY.line, key)
        canvas.lines(MARGIN + x + 20, y + 1, texts, BODY)
        y += BODY.line * (len(texts) - 1)
        x += wide
    return y + line if keys else y


def _sample(canvas: Canvas, x: float, y: float, key: Key) -> None:
    if key.form == "point":
        canvas.mark(x + 7, y - 5, key.style)
    elif key.form == "area":
        canvas.swatch(x, y, key.style)
    else:
        canvas.box(x, y - 10, 14, 10, fill=key.form, stroke=INK, stroke_width=0.6)


def _caption(body: Body, frame: Frame, language: Language) -> list[str]:
    """List what stands below a picture."""
    _ = language.gettext
    caption = list(body.notes)
    if body.left_out:
        caption.append(left_out(body, language))
    if frame.sources:
        named, more = list(frame.sources[:MOST_SOURCES]), len(frame.sources) - MOST_SOURCES
        said = _("Sources: %s") % "; ".join(named)
        if more > 0:
            said += " " + language.ngettext("and %s more document", "and %s more documents", more) % more
        caption.append(said + ".")
    made = []
    if frame.release:
        made.append(_("Answerable, release %s") % frame.release)
        made += [language.day(frame.day)] if frame.day else []
    made += [frame.address] if frame.address else []
    return [*caption, ", ".join(made)] if made else caption


def left_out(body: Body, language: Language) -> str:
    """Say how many rows a picture does not show."""
    number = body.left_out
    said = language.ngettext("%s more row is not shown", "%s more rows are not shown", number)
    return said % language.amount(str(number)) + "; " + language.gettext("the table has them all.")


def _describe(body: Body, frame: Frame, language: Language) -> str:
    told = [frame.title, *body.told, *([left_out(body, language)] if body.left_out else [])]
    return clean(" ".join(text if text.endswith((".", "?", "…")) else f"{text}." for text in filter(None, told)))


def _write(drawing: Any, language: Language) -> str:
    """Write the SVG, in its language, without what nothing in it uses."""
    svg = drawing.as_svg()
    return svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', f' xml:lang="{language.code}"', 1)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

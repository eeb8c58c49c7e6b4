"""Draws rows as a picture of a kind, with its title, legend and caption, the description for those who do not see it, and its size.

A picture goes on its way alone, so it says itself what it answers, from which sources, as of which release and day, and how many
rows it leaves out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import drawsvg
import resvg_py

from kg.languages import Language
from kg.picture import bars, chain, figures, maps, matrix, timeline
from kg.picture.canvas import BODY, GREY, HIGHEST, INK, PAPER, SMALL, TITLE, Canvas, LegendEntry, Plot
from kg.picture.font import FAMILY, FILES, clean, measure, wrap
from kg.picture.table import Row, Table

WIDE, NARROW = 760, 360
MARGIN = 14
MOST_SOURCES = 3  # that a caption names
DENSITY = 2  # pixels of a PNG for each of the picture
HATCHES = Path(__file__).with_name("hatches.svg").read_text(encoding="utf-8").rstrip()

# A kind of picture is a writer and its row here, beside its roles in kg.sparql.drawing.
_WRITERS: Mapping[str, Callable[..., Plot]] = {
    "timeline": timeline.draw,
    "map": maps.draw,
    "figures": figures.draw,
    "bars": bars.draw,
    "matrix": matrix.draw,
    "chain": chain.draw,
}


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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as SVG, its size, a description of what it shows, and how many rows it leaves out."""

    svg: str
    width: int
    height: int
    alt: str
    left_out: int = 0


def draw(
    kind: str, rows: Sequence[Row], roles: Mapping[str, Sequence[str]], frame: Frame, language: Language
) -> Picture:
    """Draw rows, in SPARQL's JSON form, as a picture of a kind; `roles` names the columns that fill each of its roles.

    It shows as many things as its kind does, and fewer until they are no higher than a picture may be.
    """
    table, width = Table(rows, roles, language, frame.names, frame.meanings), frame.width - 2 * MARGIN
    body = _WRITERS[kind](table, width)
    highest, most = HIGHEST[body.is_narrow], body.shown
    while body.height > highest and most > 1:
        most = max(1, min(most - 1, int(most * highest / body.height)))
        body = _WRITERS[kind](table, width, most)
    return _compose(body, frame)


def write_png(picture: Picture) -> bytes:
    """Write a picture as PNG, with the font of the pictures and no other."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=picture.svg,
            width=picture.width * DENSITY,
            skip_system_fonts=True,
            font_files=[str(path) for path in FILES.values()],
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
        )
    )


def _compose(body: Plot, frame: Frame) -> Picture:
    """Put a picture together."""
    canvas, inner, omissions = Canvas(frame.width), frame.width - 2 * MARGIN, _omissions(body)
    y = canvas.lines(MARGIN, MARGIN - 4, wrap(frame.title, TITLE.size, inner, is_bold=True), TITLE)
    top = _draw_legend(canvas, y + 6, inner, body.keys) + 8
    caption = [*body.notes, *omissions, *_origins(frame, body.language)]
    lines = [line for text in caption for line in wrap(text, SMALL.size, inner)]
    y = canvas.lines(MARGIN, top + body.height + 8, lines, SMALL, fill=GREY)
    sentences = filter(None, [frame.title, *body.summary, *omissions])
    alt = clean(" ".join(text if text.endswith((".", "?", "…")) else f"{text}." for text in sentences))
    size = (frame.width, round(y + MARGIN - 2))
    drawing = drawsvg.Drawing(*size, viewBox=f"0 0 {size[0]} {size[1]}", role="img", font_family=FAMILY)
    drawing.append_def(drawsvg.Raw(HATCHES))
    drawing.append(drawsvg.Rectangle(0, 0, *size, fill=PAPER))
    drawing.append_title(clean(frame.title))
    drawing.append(drawsvg.Raw(f"<desc>{escape(alt)}</desc>"))
    drawing.extend(canvas.elements)
    drawing.append(drawsvg.Group(body.elements, transform=f"translate({MARGIN},{round(top)})"))
    unused = ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    svg = drawing.as_svg().replace(unused, f' xml:lang="{body.language.code}"', 1)
    return Picture(svg, *size, alt, body.left_out + body.undated)


def _draw_legend(canvas: Canvas, y: float, width: float, keys: Sequence[LegendEntry]) -> float:
    """Draw the legend in as many lines as it needs; returns the bottom edge."""
    x, line = 0.0, BODY.line + 3
    for key in keys:
        texts = wrap(key.text, BODY.size, width - 22, 3)
        wide = 22 + max((measure(text, *BODY) for text in texts), default=0)
        if x and x + wide > width:
            x, y = 0.0, y + line
        left, base = MARGIN + x, y + BODY.line
        if key.fill:
            canvas.box(left, base - 10, 14, 10, fill=key.fill, stroke=INK, stroke_width=0.6)
        else:
            canvas.mark(left + 7, base - 5, key.style)
        canvas.lines(left + 20, y + 1, texts, BODY)
        y += BODY.line * (len(texts) - 1)
        x += wide + 16
    return y + line if keys else y


def _omissions(body: Plot) -> list[str]:
    """Say how many rows a picture does not show: those without a date, and the others."""
    _, number = body.language.gettext, body.left_out
    omissions = [body.undated_note % body.undated] if body.undated else []
    if number:
        text = body.language.ngettext("%s more row is not shown", "%s more rows are not shown", number)
        omissions.append(text % body.language.amount(str(number)) + "; " + _("the table has them all."))
    return omissions


def _origins(frame: Frame, language: Language) -> list[str]:
    """Name the sources of a picture, its release with its day, and its address."""
    _, origins, more = language.gettext, [], len(frame.sources) - MOST_SOURCES
    if frame.sources:
        text = _("Sources: %s") % "; ".join(frame.sources[:MOST_SOURCES])
        if more > 0:
            text += " " + language.ngettext("and %s more document", "and %s more documents", more) % more
        origins.append(text + ".")
    parts = [_("Answerable, release %s") % frame.release] if frame.release else []
    if match := re.match(r"(\d{4})(\d{2})(\d{2})-", frame.release):
        parts.append(language.day("-".join(match.groups())))
    return [*origins, *filter(None, [", ".join(filter(None, [*parts, frame.address]))])]

"""Draws rows as a picture of a kind, with its title, legend and caption, the description for those who do not see it, and its size.

A picture goes on its way alone, so it says itself what it answers, from which sources, as of which release and day, and how many
rows it leaves out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment

from kg import png
from kg.languages import Language, templates_in
from kg.picture import bars, chain, figures, maps, matrix, timeline
from kg.picture.canvas import BODY, FAMILY, GREY, HIGHEST, INK, SMALL, TITLE, Canvas
from kg.picture.table import Row, Table, rank, write
from kg.wording import clean

WIDE, NARROW = 760, 360
MARGIN = 14

# A kind of picture is a writer and its row here, beside its roles in kg.sparql.drawing and its words in the templates.
_WRITERS: Mapping[str, Callable[..., None]] = {
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
    headings: Mapping[str, str] = field(default_factory=dict)  # of columns
    counted: str = ""  # what the numbers count, where it is not rows
    width: int = WIDE


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as SVG, its size, a description of what it shows, and how much it leaves out."""

    svg: str
    width: int
    height: int
    alt: str
    left_out: float = 0


def draw(
    kind: str, rows: Sequence[Row], roles: Mapping[str, Sequence[str]], frame: Frame, language: Language
) -> Picture:
    """Draw rows, in SPARQL's JSON form, as a picture of a kind; `roles` names the columns that fill each of its roles."""
    table = Table(rows, roles, language, frame.names, frame.headings)
    title, width = clean(frame.title), frame.width - 2 * MARGIN
    body = _draw_body(kind, table, width)
    templates = _templates_in(language)
    facts = {
        "kind": kind,
        "body": body,
        "facts": body.facts,
        "heads": table.heads("count"),
        "counts_once": "of" in roles,
        "frame": frame,
        "title": title,
    }
    alt = clean(templates.get_template("description.jinja").render(facts))
    caption = templates.get_template("caption.jinja").render(facts).split("\n")
    lines = [line for text in caption for line in SMALL.wrap(text, width)]
    canvas = Canvas(frame.width, language)
    y = canvas.lines(MARGIN, MARGIN - 4, TITLE.wrap(title, width), TITLE)
    top = _draw_legend(canvas, y + 6, body) + 8
    height = round(canvas.lines(MARGIN, top + body.height + 8, lines, SMALL, fill=GREY) + MARGIN - 2)
    places = {"canvas": canvas, "height": height, "left": MARGIN, "top": round(top), "family": FAMILY, "alt": alt}
    svg = templates.get_template("frame.svg").render(facts | places)
    return Picture(svg, frame.width, height, alt, body.left_out + body.undated)


def write_png(picture: Picture) -> bytes:
    """Write a picture as PNG."""
    return png.write(picture.svg, picture.width)


def _draw_body(kind: str, table: Table, width: float) -> Canvas:
    """Draw as many things as a kind does, and fewer until they are no higher than a picture may be."""
    body = Canvas(width, table.language)
    _WRITERS[kind](body, table)
    highest = HIGHEST[body.is_narrow]
    while body.height > highest and body.shown > 1:
        most = max(1, min(body.shown - 1, int(body.shown * highest / body.height)))
        body = Canvas(width, table.language)
        _WRITERS[kind](body, table, most)
    return body


@cache
def _templates_in(language: Language) -> Environment:
    return templates_in(
        Path(__file__).parent, language, rank=rank, number=partial(write, language=language), clean=clean
    )


def _draw_legend(canvas: Canvas, y: float, body: Canvas) -> float:
    """Draw the legend of a body in as many lines as it needs; returns the bottom edge."""
    x, line = 0.0, BODY.line + 3
    for key in body.keys:
        texts = BODY.wrap(key.text, body.width - 22, 3)
        wide = 22 + max((BODY.measure(text) for text in texts), default=0)
        if x and x + wide > body.width:
            x, y = 0.0, y + line
        left, base = MARGIN + x, y + BODY.line
        if key.fill:
            canvas.box(left, base - 10, 14, 10, fill=key.fill, stroke=INK, stroke_width=0.6)
        else:
            canvas.mark(left + 7, base - 5, key.style)
        canvas.lines(left + 20, y + 1, texts, BODY)
        y += BODY.line * (len(texts) - 1)
        x += wide + 16
    return y + line if body.keys else y

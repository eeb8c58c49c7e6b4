"""What pictures are drawn with: colours, hatches and marks that can be told apart without colour, and where they are put.

The colours are those of Okabe and Ito, made for every kind of colour vision. A style adds a hatch, for areas, and a shape, for
points, so that grey print still tells one from another. Everything is written as presentation attributes: the policy of the site
allows neither script nor style within a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import drawsvg

from kg.picture.font import FAMILY, clean, measure

INK, GREY, GRID, PAPER = "#1a1a1a", "#595959", "#d4d4d4", "#ffffff"


class Face(NamedTuple):
    """A size of letters, and whether they are bold."""

    size: float
    is_bold: bool = False

    @property
    def line(self) -> float:
        """How far the lines of a text stand apart."""
        return round(self.size * 1.3, 1)


TITLE, STRONG, BODY, SMALL = Face(16, True), Face(12.5, True), Face(12.5), Face(12)


class Style(NamedTuple):
    """How the things of one group look: colour, hatch and shape."""

    colour: str
    hatch: str  # what is drawn over the colour, in a square of 8
    over: str  # the colour of the hatch
    shape: str


STYLES = (
    Style("#0072b2", "", "", "circle"),
    Style("#f0b440", "M-2,10L10,-2M-2,2L2,-2M6,10L10,6", "#5c4300", "diamond"),
    Style("#ffffff", "M2,2h2v2h-2zM6,6h2v2h-2z", "#1a1a1a", "square"),
    Style("#56b4e9", "M0,2H8M0,6H8", "#ffffff", "triangle"),
    Style("#d55e00", "M-2,-2L10,10M-2,6L2,10M6,-2L10,2", "#ffffff", "wedge"),
    Style("#cc79a7", "M0,4H8M4,0V8", "#1a1a1a", "cross"),
    Style("#444444", "", "", "ring"),
)
NONE = len(STYLES) - 1  # what is left when the styles do not suffice
SCALE = ("#e3eef7", "#b5d4ea", "#78b2d9", "#2f82b8", "#0a4a78")  # from few to many
ON_SCALE = (INK, INK, INK, PAPER, PAPER)  # numbers on these
LAND, NO_STATE = "#ffffff", "#d9d9d9"

# How high the middle of a picture may be, wide and narrow: with its title and caption it fits a sheet of paper, and a screen and a
# half of a telephone.
HIGHEST = {False: 820, True: 880}


def fill_of(style: int) -> str:
    """Write the fill of an area of a style."""
    return f"url(#hatch{style})" if STYLES[style].hatch else STYLES[style].colour


class Canvas:
    """Collects what is drawn, with figures rounded to what can be seen, and texts in the font of the pictures."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.elements: list[Any] = []

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a telephone."""
        return self.width < 500

    def add(self, element: Any) -> Any:
        """Add an element of drawsvg."""
        self.elements.append(element)
        return element

    def text(self, x: float, y: float, text: str, face: Face = BODY, anchor: str = "start", **style: Any) -> None:
        """Write one line of text on its base line."""
        style = {"fill": INK, **style}
        if anchor != "start":
            style["text_anchor"] = anchor
        if face.is_bold:
            style["font_weight"] = "bold"
        self.add(drawsvg.Text(clean(text), face.size, _round(x), _round(y), **style))

    def lines(self, x: float, y: float, texts: Sequence[str], face: Face = BODY, **style: Any) -> float:
        """Write lines under one another from a top edge on; returns the bottom edge."""
        for text in texts:
            y += face.line
            self.text(x, y - 0.3 * face.size, text, face, **style)
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, **style: Any) -> None:
        """Draw a straight line."""
        self.add(drawsvg.Line(*map(_round, (x1, y1, x2, y2)), **{"stroke": GRID, "stroke_width": 1, **style}))

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Draw a rectangle."""
        size = (max(width, 0.1), max(height, 0.1))
        self.add(drawsvg.Rectangle(*map(_round, (x, y, *size)), **{"fill": PAPER, **style}))

    def path(self, d: str, **style: Any) -> None:
        """Draw a path."""
        self.add(drawsvg.Path(d=d, **{"fill": "none", **style}))

    def mark(self, x: float, y: float, style: int, size: float = 5, **more: Any) -> None:
        """Draw a point as the shape of its style."""
        look = STYLES[style]
        more = {"fill": look.colour, "stroke": INK, "stroke_width": 0.8, **more}
        if look.shape in ("circle", "ring"):
            if look.shape == "ring":
                more |= {
                    "fill": more["fill"] if "fill_opacity" in more else PAPER,
                    "stroke": look.colour,
                    "stroke_width": 2,
                }
            self.add(drawsvg.Circle(_round(x), _round(y), _round(size * 0.9), **more))
            return
        self.path(_OUTLINES[look.shape](x, y, size), **more)

    def swatch(self, x: float, y: float, style: int) -> None:
        """Draw the sample of an area, as a legend shows it."""
        self.box(x, y - 10, 14, 10, fill=fill_of(style), stroke=INK, stroke_width=0.6)


def _polygon(*corners: tuple[float, float]) -> Any:
    def outline(x: float, y: float, size: float) -> str:
        return "M" + "L".join(f"{_round(x + dx * size)},{_round(y + dy * size)}" for dx, dy in corners) + "Z"

    return outline


def _turned(corners: Sequence[tuple[float, float]], quarters: int) -> list[tuple[float, float]]:
    turned = list(corners)
    for _ in range(quarters):
        turned = [(-y, x) for x, y in turned]
    return turned


_ARM = ((-0.35, -0.35), (-0.35, -1.0), (0.35, -1.0))
_OUTLINES = {
    "diamond": _polygon((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
    "square": _polygon((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    "triangle": _polygon((0, -1.05), (1.05, 0.85), (-1.05, 0.85)),
    "wedge": _polygon((-1.05, -0.85), (1.05, -0.85), (0, 1.05)),
    "cross": _polygon(*((x, y) for turn in range(4) for x, y in _turned(_ARM, turn))),
}


def hatches() -> list[Any]:
    """Make the definitions of the hatches, for the head of a picture: in pixels, and for what is drawn in tenths of them."""
    made = []
    for number, style in enumerate(STYLES):
        if style.hatch:
            drawn = f'<rect width="8" height="8" fill="{style.colour}"/>'
            line = f'stroke="{style.over}" stroke-width="1.3" fill="none"'
            if style.shape == "square":
                line = f'fill="{style.over}"'
            drawn += f'<path d="{style.hatch}" {line}/>'
            for name, more in (("hatch", ""), ("large", ' patternTransform="scale(10)"')):
                head = f'<pattern id="{name}{number}" width="8" height="8" patternUnits="userSpaceOnUse"{more}>'
                made.append(drawsvg.Raw(f"{head}{drawn}</pattern>"))
    return made


def new_drawing(width: float, height: float) -> drawsvg.Drawing:
    """Begin a picture of a size, on white."""
    drawing = drawsvg.Drawing(width, height, viewBox=f"0 0 {width} {height}", role="img", font_family=FAMILY)
    for hatch in hatches():
        drawing.append_def(hatch)
    drawing.append(drawsvg.Rectangle(0, 0, width, height, fill=PAPER))
    return drawing


def widest(texts: Sequence[str], face: Face = BODY) -> float:
    """Measure the widest of some texts."""
    return max((measure(text, *face) for text in texts), default=0.0)


def _round(number: float) -> float | int:
    short = round(number, 1)
    return int(short) if short == int(short) else short

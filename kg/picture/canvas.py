"""What pictures are drawn with: colours, hatches and marks that can be told apart without colour, and where they are put.

The colours are those of Okabe and Ito, made for every kind of colour vision. A style adds a hatch, for areas, and a shape, for
points, so that grey print still tells one from another. Everything is written as presentation attributes: the policy of the site
allows neither script nor style within a picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import drawsvg

from kg.picture.font import clean

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
    """How the things of one group look: a colour, whether `hatches.svg` has a hatch over it, and a shape."""

    colour: str
    has_hatch: bool
    shape: str


STYLES = (
    Style("#0072b2", False, "circle"),
    Style("#f0b440", True, "diamond"),
    Style("#ffffff", True, "square"),
    Style("#56b4e9", True, "triangle"),
    Style("#d55e00", True, "wedge"),
    Style("#cc79a7", True, "cross"),
    Style("#444444", False, "ring"),  # shared by what is left when the styles do not suffice
)
# The corners of the shapes that are not round, for a point of size 1.
_CORNERS = {
    "diamond": ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0)),
    "square": ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    "triangle": ((0, -1.05), (1.05, 0.85), (-1.05, 0.85)),
    "wedge": ((-1.05, -0.85), (1.05, -0.85), (0, 1.05)),
    "cross": (
        *((-0.35, -0.35), (-0.35, -1.0), (0.35, -1.0), (0.35, -0.35), (1.0, -0.35), (1.0, 0.35)),
        *((0.35, 0.35), (0.35, 1.0), (-0.35, 1.0), (-0.35, 0.35), (-1.0, 0.35), (-1.0, -0.35)),
    ),
}
SCALE = ("#e3eef7", "#b5d4ea", "#78b2d9", "#2f82b8", "#0a4a78")  # from few to many
ON_SCALE = (INK, INK, INK, PAPER, PAPER)  # numbers on these
# Around a text on a drawing.
HALO: dict[str, Any] = {"stroke": PAPER, "stroke_width": 3, "paint_order": "stroke", "stroke_linejoin": "round"}

# The definitions of the hatches, for the head of a picture: in pixels, and large for what is drawn in tenths of them.
HATCHES = Path(__file__).with_name("hatches.svg").read_text(encoding="utf-8").rstrip()

# How high the middle of a picture may be, wide and narrow: with its title and caption it fits a sheet of paper, and a screen and a
# half of a telephone.
HIGHEST = {False: 820, True: 880}


def fill_of(style: int) -> str:
    """Write the fill of an area of a style."""
    return f"url(#hatch{style})" if STYLES[style].has_hatch else STYLES[style].colour


@dataclass
class Canvas:
    """Collects what is drawn, with figures rounded to what can be seen, and texts in the font of the pictures."""

    width: float
    elements: list[Any] = field(default_factory=list)  # of drawsvg

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a telephone."""
        return self.width < 500

    def text(self, x: float, y: float, text: str, face: Face = BODY, anchor: str = "start", **style: Any) -> None:
        """Write one line of text on its base line."""
        look = {"text_anchor": anchor if anchor != "start" else None, "font_weight": "bold" if face.is_bold else None}
        style = {"fill": INK, **style, **look}
        self.elements.append(drawsvg.Text(clean(text), face.size, _round(x), _round(y), **style))

    def lines(self, x: float, y: float, texts: Sequence[str], face: Face = BODY, **style: Any) -> float:
        """Write lines under one another from a top edge on; returns the bottom edge."""
        for text in texts:
            y += face.line
            self.text(x, y - 0.3 * face.size, text, face, **style)
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, **style: Any) -> None:
        """Draw a straight line."""
        style = {"stroke": GRID, "stroke_width": 1, **style}
        self.elements.append(drawsvg.Line(*map(_round, (x1, y1, x2, y2)), **style))

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Draw a rectangle."""
        corners = map(_round, (x, y, max(width, 0.1), max(height, 0.1)))
        self.elements.append(drawsvg.Rectangle(*corners, **{"fill": PAPER, **style}))

    def path(self, d: str, **style: Any) -> None:
        """Draw a path."""
        self.elements.append(drawsvg.Path(d=d, **{"fill": "none", **style}))

    def arrow(self, back: float, tip: float, y: float, fill: str = INK) -> None:
        """Draw the head of an arrow, to the right or to the left."""
        self.path(f"M{back:.1f},{y - 4:.1f}L{tip:.1f},{y:.1f}L{back:.1f},{y + 4:.1f}Z", fill=fill)

    def mark(self, x: float, y: float, style: int, size: float = 5, **more: Any) -> None:
        """Draw a point as the shape of its style."""
        colour, shape = STYLES[style].colour, STYLES[style].shape
        more = {"fill": colour, "stroke": INK, "stroke_width": 0.8, **more}
        if shape == "ring":
            more |= {"fill": PAPER, "stroke": colour, "stroke_width": 2}
        if shape in _CORNERS:
            corners = (f"{_round(x + dx * size)},{_round(y + dy * size)}" for dx, dy in _CORNERS[shape])
            self.path(f"M{'L'.join(corners)}Z", **more)
        else:
            self.elements.append(drawsvg.Circle(_round(x), _round(y), _round(size * 0.9), **more))


def _round(number: float) -> float | int:
    short = round(number, 1)
    return int(short) if short == int(short) else short

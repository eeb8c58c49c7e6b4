"""What pictures are drawn with: letters, how wide a text is in them and how it is broken into lines, and marks that differ without colour.

Everything is written as presentation attributes: the policy of the site allows neither script nor style within a picture. The font in
`fonts/` is a part of DejaVu Sans 2.37 (LICENSES/DejaVu.txt); tools/widths.py says which, and measures it. A browser has its own fonts;
those named beside this one are as wide or narrower, so that a text measured here fits there.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypeVar

from kg.files import read_toml
from kg.languages import Language
from kg.png import FONTS
from kg.wording import clean

WIDTHS = FONTS / "widths.json"
FAMILY = "DejaVu Sans, Verdana, Noto Sans, Arial, sans-serif"
ELLIPSIS = "…"


@cache
def widths(is_bold: bool) -> dict[str, float]:
    """Read how wide each character is, in parts of the size of the font."""
    return json.loads(WIDTHS.read_text(encoding="utf-8"))[is_bold]


class Face(NamedTuple):
    """A size of letters, and whether they are bold."""

    size: float
    is_bold: bool = False

    @property
    def line(self) -> float:
        """How far the lines of a text stand apart."""
        return round(self.size * 1.3, 1)

    def measure(self, text: str) -> float:
        """Measure how wide a text is.

        A character that the font lacks is taken to be as wide as it is high, an accent to have no width.
        """
        advances = widths(self.is_bold)
        return self.size * sum(advances.get(char, 0.0 if unicodedata.combining(char) else 1.0) for char in text)

    def clip(self, text: str, width: float) -> str:
        """Cut a text that is wider than it may be, with an ellipsis at its end."""
        if self.measure(text) <= width:
            return text
        while text and self.measure(text + ELLIPSIS) > width:
            text = text[:-1]
        return text.rstrip(" ,;:.-–(") + ELLIPSIS

    def wrap(self, text: str, width: float, most: int | None = None) -> list[str]:
        """Break a text into lines no wider than they may be, of which there are at `most` so many."""
        lines: list[str] = []
        for word in self._words(clean(text), width):
            if lines and self.measure(f"{lines[-1]} {word}") <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        if most is not None and len(lines) > most:
            lines = [*lines[: most - 1], self.clip(" ".join(lines[most - 1 :]), width)]
        return lines

    def _words(self, text: str, width: float) -> Iterable[str]:
        for word in text.split():
            while self.measure(word) > width and len(word) > 1:
                part = len(word) - 1
                while part > 1 and self.measure(word[:part]) > width:
                    part -= 1
                sign = max(word.rfind(end, 0, part) for end in "/?&-")  # an address is broken behind one of its signs
                part = sign + 1 if sign > part / 2 else part
                yield word[:part]
                word = word[part:]
            yield word


TITLE, STRONG, BODY, SMALL = Face(16, True), Face(12.5, True), Face(12.5), Face(12)


INK, GREY, GRID, PAPER = "#1a1a1a", "#595959", "#d4d4d4", "#ffffff"
SCALE = ("#e3eef7", "#b5d4ea", "#78b2d9", "#2f82b8", "#0a4a78")  # from few to many
ON_SCALE = (INK, INK, INK, PAPER, PAPER)  # numbers on these
# Around a text on a drawing.
HALO: dict[str, Any] = {"stroke": PAPER, "stroke_width": 3, "paint_order": "stroke", "stroke_linejoin": "round"}
# How high the middle of a picture may be, wide and narrow: with its title and caption it fits a sheet of paper, and a screen and a
# half of a telephone.
HIGHEST = {False: 820, True: 880}
T = TypeVar("T")


# How the things of each group look: the file says what each member is.
STYLES: Sequence[Mapping[str, Any]] = read_toml(__file__, "styles")["style"]


# An element of SVG: its tag, its attributes, and its text, which is that of a line of text or the title of a shape.
Element = tuple[str, Mapping[str, Any], str]


class LegendEntry(NamedTuple):
    """One entry of a legend: its text, and how the group looks: the fill of an area, or else the style of a point."""

    text: str
    style: int = 0
    fill: str = ""


@dataclass
class Canvas:
    """Collects what is drawn, with figures rounded to what can be seen, and texts in the font of the pictures.

    The middle of a picture also says how high it is, and what its legend and its words are written from.
    """

    width: float
    language: Language
    elements: list[Element] = field(default_factory=list)
    height: float = 8
    keys: list[LegendEntry] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)  # what words.jinja says of its kind
    left_out: int = 0  # rows that it has no room for, or cannot place
    undated: float = 0  # what it does not show for want of a date: rows, or what its bars count
    shown: int = 0  # things it draws of which it can draw fewer; 0: its height does not depend on them

    def show(self, things: Sequence[T], most: int, count_rows: Callable[[T], int]) -> Sequence[T]:
        """Choose as many things as may be drawn, and count the rows of the others as left out."""
        self.shown = len(things[:most])
        self.left_out += sum(map(count_rows, things[most:]))
        return things[:most]

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a telephone."""
        return self.width < 500

    def add(self, tag: str, text: str = "", **attributes: Any) -> None:
        """Draw an element of SVG, without the attributes that are None."""
        rounded = {
            name.replace("_", "-"): f"{round(value, 1) + 0:g}" if isinstance(value, float) else value
            for name, value in attributes.items()
        }
        self.elements.append((tag, rounded, text))

    def text(self, x: float, y: float, text: str, face: Face = BODY, **style: Any) -> None:
        """Write one line of text on its base line."""
        look = {"fill": INK, "font_weight": "bold" if face.is_bold else None, **style}
        self.add("text", clean(text), x=x, y=y, font_size=face.size, **look)

    def lines(self, x: float, y: float, texts: Sequence[str], face: Face = BODY, **style: Any) -> float:
        """Write lines under one another from a top edge on; returns the bottom edge."""
        for text in texts:
            y += face.line
            self.text(x, y - 0.3 * face.size, text, face, **style)
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, **style: Any) -> None:
        """Draw a straight line."""
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": GRID, "stroke_width": 1, **style})

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Draw a rectangle."""
        self.add("rect", x=x, y=y, width=max(width, 0.1), height=max(height, 0.1), **{"fill": PAPER, **style})

    def area(self, x: float, y: float, width: float, height: float, style: int) -> None:
        """Draw a rectangle as the areas of its style look."""
        self.box(x, y, width, height, fill=STYLES[style]["fill"], stroke=INK, stroke_width=0.6)

    def path(self, d: str, **style: Any) -> None:
        """Draw a path."""
        self.add("path", d=d, **{"fill": "none", **style})

    def arrow(self, back: float, tip: float, y: float, fill: str = INK) -> None:
        """Draw the head of an arrow, to the right or to the left."""
        self.path(f"M{back:.1f},{y - 4:.1f}L{tip:.1f},{y:.1f}L{back:.1f},{y + 4:.1f}Z", fill=fill)

    def mark(self, x: float, y: float, style: int, size: float = 5, **more: Any) -> None:
        """Draw a point as the marks of its style look."""
        look = {**STYLES[style]["mark"], **more}
        if corners := STYLES[style]["corners"]:
            ends = (f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
            self.path(f"M{'L'.join(ends)}Z", **look)
        else:
            self.add("circle", cx=x, cy=y, r=size * 0.9, **look)

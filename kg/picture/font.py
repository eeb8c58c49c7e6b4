"""The font of the pictures: how wide a text is in it, and how a text is broken into lines.

The files in `fonts/` are parts of DejaVu Sans 2.37 (LICENSES/DejaVu.txt); tools/widths.py says which, and measures them. A browser
has its own fonts; those named beside this one are as wide or narrower, so that a text measured here fits there.
"""

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

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

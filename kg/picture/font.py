"""The font of the pictures: how wide a text is in it, and how a text is broken into lines.

The files in `fonts/` are parts of DejaVu Sans 2.37 (LICENSES/DejaVu.txt); tools/widths.py says which, and measures them. A browser
has its own fonts; those named beside this one are as wide or narrower, so that a text measured here fits there.
"""

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("fonts")
FILES = {False: FOLDER / "DejaVuSans.ttf", True: FOLDER / "DejaVuSans-Bold.ttf"}  # by whether it is bold
WIDTHS = FOLDER / "widths.json"
FAMILY = "DejaVu Sans, Verdana, Noto Sans, Arial, sans-serif"
ELLIPSIS = "…"


@cache
def widths(is_bold: bool) -> dict[str, float]:
    """Read how wide each character is, in parts of the size of the font."""
    return json.loads(WIDTHS.read_text(encoding="utf-8"))[is_bold]


def measure(text: str, size: float, is_bold: bool = False) -> float:
    """Measure how wide a text is.

    A character that the font lacks is taken to be as wide as it is high, an accent to have no width.
    """
    advances = widths(is_bold)
    return size * sum(advances.get(char, 0.0 if unicodedata.combining(char) else 1.0) for char in text)


def clean(text: str) -> str:
    """Make one line of a text, without control characters and what else no picture can show."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def clip(text: str, size: float, width: float, is_bold: bool = False) -> str:
    """Cut a text that is wider than it may be, with an ellipsis at its end."""
    if measure(text, size, is_bold) <= width:
        return text
    while text and measure(text + ELLIPSIS, size, is_bold) > width:
        text = text[:-1]
    return text.rstrip(" ,;:.-–(") + ELLIPSIS


def wrap(text: str, size: float, width: float, most: int | None = None, is_bold: bool = False) -> list[str]:
    """Break a text into lines no wider than they may be, of which there are at `most` so many."""
    lines: list[str] = []
    line = ""
    for word in _words(clean(text), size, width, is_bold):
        longer = f"{line} {word}" if line else word
        if line and measure(longer, size, is_bold) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    lines += [line] if line else []
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], clip(" ".join(lines[most - 1 :]), size, width, is_bold)]
    return lines


def _words(text: str, size: float, width: float, is_bold: bool) -> Iterable[str]:
    """Divide a text into words, and a word that is too long for a line into parts."""
    for word in text.split():
        while measure(word, size, is_bold) > width and len(word) > 1:
            part = len(word) - 1
            while part > 1 and measure(word[:part], size, is_bold) > width:
                part -= 1
            sign = max(word.rfind(end, 0, part) for end in "/?&-")  # an address is broken behind one of its signs
            part = sign + 1 if sign > part / 2 else part
            yield word[:part]
            word = word[part:]
        yield word

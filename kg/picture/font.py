"""The font of the pictures: how wide a text is in it, and how a text is broken into lines.

The files in `fonts/` are parts of DejaVu Sans 2.37 (LICENSES/DejaVu.txt): the letters of the Latin, Greek and Cyrillic
scripts, the Kazakh ones among them. fonttools made them, with

    pyftsubset DejaVuSans.ttf --layout-features='' --no-hinting --name-IDs='*' --unicodes=U+0020-007E,U+00A0-017F,U+018F,
        U+0218-021B,U+0259,U+02BB-02BD,U+02C6-02DD,U+0300-0304,U+0306-030C,U+0384-03CE,U+0400-052F,U+1E80-1E85,U+1E9E,
        U+1EF2-1EF3,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+20B8,U+20BD,
        U+2116,U+2122,U+2190-2193,U+2212,U+2260,U+2264-2265,U+FFFD

and so for DejaVuSans-Bold.ttf. A browser has its own fonts; those named beside this one are as wide or narrower, so that a text
measured here fits there.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("fonts")
FILES = {False: FOLDER / "DejaVuSans.ttf", True: FOLDER / "DejaVuSans-Bold.ttf"}  # by whether it is bold
FAMILY = "DejaVu Sans, Verdana, Noto Sans, Arial, sans-serif"
ELLIPSIS = "…"


@cache
def _widths(is_bold: bool) -> tuple[dict[int, float], float]:
    """Read how wide each character is, in parts of the size of the font, and how wide one is taken to be that it lacks."""
    data = FILES[is_bold].read_bytes()
    tables = {}
    for entry in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * entry)
        tables[tag] = offset
    unit = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
    measured = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    advances = [struct.unpack_from(">H", data, tables[b"hmtx"] + 4 * glyph)[0] for glyph in range(measured)]
    glyphs = _glyphs(data, tables[b"cmap"])
    return {char: advances[min(glyph, measured - 1)] / unit for char, glyph in glyphs.items()}, 1.0


def _glyphs(data: bytes, start: int) -> dict[int, int]:
    """Map the characters to glyphs, by the table of format 4 (OpenType, cmap), which holds all that the files have."""
    for entry in range(struct.unpack_from(">H", data, start + 2)[0]):
        table = start + struct.unpack_from(">HHL", data, start + 4 + 8 * entry)[2]
        if struct.unpack_from(">H", data, table)[0] == 4:
            break
    count = struct.unpack_from(">H", data, table + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", data, table + place)
        for place in (14, 16 + 2 * count, 16 + 4 * count, 16 + 6 * count)
    )
    found = {}
    for number, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for char in range(first, min(last, 0xFFFE) + 1):
            glyph = char + delta
            if offset:
                place = table + 16 + 6 * count + 2 * number + offset + 2 * (char - first)
                glyph = struct.unpack_from(">H", data, place)[0]
                glyph += delta if glyph else 0
            if glyph & 0xFFFF:
                found[char] = glyph & 0xFFFF
    return found


def measure(text: str, size: float, is_bold: bool = False) -> float:
    """Say how wide a text is."""
    widths, unknown = _widths(is_bold)
    return size * sum(widths.get(ord(char), 0.0 if unicodedata.combining(char) else unknown) for char in text)


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
            sign = max(word.rfind(one, 0, part) for one in "/?&-")  # an address is broken behind one of its signs
            part = sign + 1 if sign > part / 2 else part
            yield word[:part]
            word = word[part:]
        yield word

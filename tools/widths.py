"""Writes kg/picture/fonts/widths.json, how wide each character of the font of the pictures is; `python -m tools.widths`.

The font files beside it are parts of DejaVu Sans 2.37 (LICENSES/DejaVu.txt): the letters of the Latin, Greek and Cyrillic
scripts, the Kazakh ones among them. fonttools cut them out, with

    pyftsubset DejaVuSans.ttf --layout-features='' --no-hinting --name-IDs='*' --unicodes=U+0020-007E,U+00A0-017F,U+018F,
        U+0218-021B,U+0259,U+02BB-02BD,U+02C6-02DD,U+0300-0304,U+0306-030C,U+0384-03CE,U+0400-052F,U+1E80-1E85,U+1E9E,
        U+1EF2-1EF3,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+20B8,U+20BD,
        U+2116,U+2122,U+2190-2193,U+2212,U+2260,U+2264-2265,U+FFFD

and so for DejaVuSans-Bold.ttf.
"""

import json
from pathlib import Path

from fontTools.ttLib import TTFont

from kg.picture.canvas import WIDTHS
from kg.png import FILES


def measure(file: Path) -> dict[str, float]:
    """Read from a font file how wide each character is, in parts of the size of the font."""
    with TTFont(file) as font:
        advances, unit = font["hmtx"].metrics, font["head"].unitsPerEm
        return {chr(code): advances[glyph][0] / unit for code, glyph in sorted(font.getBestCmap().items())}


def main() -> None:
    """Write the file anew from the font files: first the regular font, then the bold one."""
    widths = [measure(FILES[is_bold]) for is_bold in (False, True)]
    WIDTHS.write_text(json.dumps(widths, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

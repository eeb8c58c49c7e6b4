"""A picture as PNG. It imports little: a server writes each in a process of its own, where it can open nothing but the font."""

import sys
from pathlib import Path

import resvg_py

from kg.child import lock

FONTS = Path(__file__).with_name("picture") / "fonts"
FILES = {False: FONTS / "DejaVuSans.ttf", True: FONTS / "DejaVuSans-Bold.ttf"}  # by whether it is bold
DENSITY = 2  # pixels of a PNG for each of the picture
MEMORY = 512 << 20  # bytes that a process may take


def write(svg: str, width: int) -> bytes:
    """Write a picture of a width as PNG, with the font of the pictures and no other. Raises ValueError for what is no SVG."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=width * DENSITY,
            skip_system_fonts=True,
            font_files=[str(path) for path in FILES.values()],
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
        )
    )


def main() -> None:
    """Write the picture on standard input, behind a line that gives its width, to standard output."""
    lock(MEMORY, FILES.values())
    width = int(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(write(sys.stdin.buffer.read().decode(), width))

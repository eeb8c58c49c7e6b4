"""The process that writes pictures as PNG: it takes each as SVG on its standard input, and can open nothing but the font."""

import sys
from struct import Struct

from kg.child import lock
from kg.picture.font import FILES
from kg.picture.frame import Picture, write_png

REQUEST = Struct("<II")  # bytes of the SVG that follows, and the width of the picture
REPLY = Struct("<I")  # bytes of the PNG that follows
MEMORY = 512 << 20  # bytes


def paint() -> None:
    """Write pictures until the parent is gone."""
    lock(MEMORY, FILES.values())
    while head := sys.stdin.buffer.read(REQUEST.size):
        size, width = REQUEST.unpack(head)
        png = write_png(Picture(sys.stdin.buffer.read(size).decode(), width, 0, ""))
        sys.stdout.buffer.write(REPLY.pack(len(png)) + png)
        sys.stdout.buffer.flush()

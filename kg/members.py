"""The members of a dump file: its parts, each compressed alone and with a name, one behind the other.

So that few are read or written again after a change. A dump in gzip holds the name of a member in its comment (RFC 1952, 2.3.1),
one in Zstandard in a skippable frame before it (RFC 8878, 3.1.2): both are read by every tool as one file.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import zstandard
from zlib_ng import zlib_ng

from kg.errors import ReleaseCorrupt

HEAD, FOOT = (
    b"head",
    b"foot",
)  # the names of the first member and the last; those between have that of their first subject
Member = tuple[bytes, bytes]  # a name, and the bytes as they lie in the file

_BEGIN = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"  # deflate, with a comment, no time, no system
_GZIP = re.compile(re.escape(_BEGIN) + rb"(head|foot|<[^>\x00]*>|_:[^\x00]*)\x00")
_SKIPPABLE = b"\x5a\x2a\x4d\x18"
_LEVEL = 9  # of Zstandard


@dataclass(frozen=True, slots=True)
class Packing:
    """A way to compress members: the ending of a file's name, its media type, and how it is written and read."""

    suffix: str
    media_type: str
    pack: Callable[[bytes, bytes], bytes]  # a name and a text into the bytes of a member
    split: Callable[[bytes], list[Member]]
    unpack: Callable[[bytes], bytes]

    def read(self, path: Path) -> list[Member]:
        """Read the members of a dump, head and foot included. Raises ReleaseCorrupt where it is not divided so."""
        try:
            members = self.split(path.read_bytes())
        except FileNotFoundError:
            raise ReleaseCorrupt("There is no such dump", where=str(path)) from None
        names = [name for name, _ in members]
        if names[:1] != [HEAD] or names[-1:] != [FOOT] or len(names) < 3:
            raise ReleaseCorrupt("The dump is not divided into parts", where=str(path))
        return members


def _pack_gzip(name: bytes, text: bytes) -> bytes:
    packer = zlib_ng.compressobj(6, wbits=-15)
    tail = zlib.crc32(text).to_bytes(4, "little") + (len(text) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join((_BEGIN, name, b"\x00", packer.compress(text), packer.flush(), tail))


def _split_gzip(data: bytes) -> list[Member]:
    found = [(match.start(), match[1]) for match in _GZIP.finditer(data)]
    if not found or found[0][0] != 0:
        return []
    ends = [start for start, _ in found[1:]] + [len(data)]
    return [(name, data[start:end]) for (start, name), end in zip(found, ends, strict=True)]


def _unpack_gzip(member: bytes) -> bytes:
    unpacker = zlib_ng.decompressobj(wbits=31)
    text = unpacker.decompress(member)
    if not unpacker.eof or unpacker.unused_data:
        raise ReleaseCorrupt("The dump is not divided into parts")
    return text


def _pack_zstd(name: bytes, text: bytes) -> bytes:
    frame = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(text)
    told = len(frame).to_bytes(8, "little") + name
    return b"".join((_SKIPPABLE, len(told).to_bytes(4, "little"), told, frame))


def _split_zstd(data: bytes) -> list[Member]:
    found, start = [], 0
    while start < len(data):
        told = int.from_bytes(data[start + 4 : start + 8], "little")
        size = int.from_bytes(data[start + 8 : start + 16], "little")
        end = start + 8 + told + size
        if data[start : start + 4] != _SKIPPABLE or told < 8 or end > len(data):
            return []
        found.append((data[start + 16 : start + 8 + told], data[start:end]))
        start = end
    return found


def _unpack_zstd(member: bytes) -> bytes:
    try:
        frame = member[8 + int.from_bytes(member[4:8], "little") :]
        return zstandard.ZstdDecompressor().decompress(frame)
    except zstandard.ZstdError:
        raise ReleaseCorrupt("The dump is not divided into parts") from None


GZIP = Packing("gz", "application/gzip", _pack_gzip, _split_gzip, _unpack_gzip)
ZSTD = Packing("zst", "application/zstd", _pack_zstd, _split_zstd, _unpack_zstd)
PACKINGS = {"nq": GZIP, "ttl": GZIP, "jsonld": GZIP, "nt": ZSTD}  # by the format of a dump


def name_of(form: str) -> str:
    """Name the dump file of a format."""
    return f"answerable.{form}.{PACKINGS[form].suffix}"


def packing_of(name: str) -> Packing:
    """Tell from the name of a dump how it is compressed."""
    return ZSTD if name.endswith(f".{ZSTD.suffix}") else GZIP

"""The dump files: each is gzip whose members are the parts of the dump, so that an edit writes few of them again.

A member tells in its comment with which subject its part begins (RFC 1952, 2.3.1). Before the parts stands a member with the
head of the dump, and behind them one with its foot.
"""

from __future__ import annotations

import itertools
import re
import zlib
from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from zlib_ng import zlib_ng

from kg.errors import ReleaseCorrupt
from kg.store import FEET, FORMS, HEADS, Part, cut

_HEAD, _FOOT = b"head", b"foot"
_BEGIN = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"  # deflate, with a comment, no time, no system
_MEMBER = re.compile(re.escape(_BEGIN) + rb"(head|foot|<[^>\x00]*>|_:[^\x00]*)\x00")
_WAITING = 8  # parts that wait to be written

Dumps = dict[str, list[tuple[bytes, bytes]]]  # the members of each dump: comment and bytes


def write(folder: Path, parts: Iterable[Part]) -> list[Path]:
    """Write the dumps of sorted parts into a folder; return the files in the order of FORMS."""
    paths = [_path(folder, form) for form in FORMS]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        threads = stack.enter_context(ThreadPoolExecutor(1))
        for form, file in zip(FORMS, files, strict=True):
            file.write(_member(_HEAD, HEADS[form]))
        waiting = deque()
        for number, part in enumerate(parts):
            waiting.append(threads.submit(_pack, part, leads=number == 0))
            while len(waiting) > _WAITING:
                _put(files, waiting.popleft().result())
        while waiting:
            _put(files, waiting.popleft().result())
        for form, file in zip(FORMS, files, strict=True):
            file.write(_member(_FOOT, FEET[form]))
    return paths


def rewrite(base: Path, folder: Path, came: Collection[bytes], went: Collection[bytes]) -> list[Path]:
    """Write the dumps in one folder from those in another, by lines of N-Quads that came and went; return the files.

    Raises ReleaseCorrupt when the others are not laid out as `write` does, or do not hold what went.
    """
    old = {form: _members(_path(base, form)) for form in FORMS}
    firsts = [name for name, _ in old["nq"]]
    if any([name for name, _ in old[form]] != firsts for form in FORMS):
        raise ReleaseCorrupt("The dumps are not divided alike", where=str(base))
    new: Dumps = {form: [] for form in FORMS}
    done = 0
    for start, stop in _regions(firsts[1:-1], {line.partition(b" ")[0] for line in itertools.chain(came, went)}):
        for form in FORMS:
            new[form] += old[form][done : start + 1]
        lines = {line for _, member in old["nq"][start + 1 : stop + 1] for line in _open(member).splitlines(True)}
        if not lines.issuperset(line for line in went if _within(line, firsts, start, stop)):
            raise ReleaseCorrupt("The dumps do not hold what has been taken away", where=str(base))
        lines = (lines - {*went}) | {line for line in came if _within(line, firsts, start, stop)}
        for number, part in enumerate(cut(sorted(lines))):
            for form, member in zip(FORMS, _pack(part, leads=start + number == 0), strict=True):
                new[form].append((part.first, member))
        done = stop + 1
    paths = []
    for form in FORMS:
        new[form] += old[form][done:]
        path = _path(folder, form)
        path.write_bytes(b"".join(member for _, member in new[form]))
        paths.append(path)
    return paths


def _regions(firsts: Sequence[bytes], subjects: Iterable[bytes]) -> list[tuple[int, int]]:
    """List the stretches of parts, from one to before another, that hold some subjects, or would.

    A part whose first subject is among them may come to belong to the part before; so may the first of all to the next.
    """
    found = set()
    for subject in subjects:
        place = max(bisect_right(firsts, subject) - 1, 0)
        found.add(place)
        if place and firsts[place] == subject:
            found.add(place - 1)
        if not place:
            found.add(min(1, len(firsts) - 1))
    regions: list[tuple[int, int]] = []
    for place in sorted(found):
        if regions and regions[-1][1] == place:
            regions[-1] = (regions[-1][0], place + 1)
        else:
            regions.append((place, place + 1))
    return regions


def _within(line: bytes, firsts: Sequence[bytes], start: int, stop: int) -> bool:
    """Whether a line belongs to a stretch of parts; `firsts` are those of all members."""
    parts = firsts[1:-1]
    place = max(bisect_right(parts, line.partition(b" ")[0]) - 1, 0)
    return start <= place < stop


def _path(folder: Path, form: str) -> Path:
    return folder / f"answerable.{form}.gz"


def _pack(part: Part, *, leads: bool) -> list[bytes]:
    return [_member(part.first, part.text(form, leads=leads)) for form in FORMS]


def _put(files: Iterable, members: Iterable[bytes]) -> None:
    for file, member in zip(files, members, strict=True):
        file.write(member)


def _member(comment: bytes, text: bytes) -> bytes:
    packer = zlib_ng.compressobj(6, wbits=-15)
    tail = zlib.crc32(text).to_bytes(4, "little") + (len(text) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join((_BEGIN, comment, b"\x00", packer.compress(text), packer.flush(), tail))


def _members(path: Path) -> list[tuple[bytes, bytes]]:
    """Read the members of a dump: their comments and bytes."""
    data = path.read_bytes()
    found = [(match.start(), match[1]) for match in _MEMBER.finditer(data)]
    names = [name for _, name in found]
    if names[:1] != [_HEAD] or names[-1:] != [_FOOT] or len(names) < 3 or found[0][0] != 0:
        raise ReleaseCorrupt("The dump is not divided into parts", where=str(path))
    ends = [start for start, _ in found[1:]] + [len(data)]
    return [(name, data[start:end]) for (start, name), end in zip(found, ends, strict=True)]


def _open(member: bytes) -> bytes:
    """Decompress one member, and see that it is one."""
    unpacker = zlib_ng.decompressobj(wbits=31)
    text = unpacker.decompress(member)
    if not unpacker.eof or unpacker.unused_data:
        raise ReleaseCorrupt("The dump is not divided into parts")
    return text

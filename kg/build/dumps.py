"""The dump files: the members of each are the parts of the dump, so that an edit writes few of them again.

A member has the name of the subject with which its part begins. Before the parts stands a member with the head of the dump, and
behind them one with its foot.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from kg.errors import ReleaseCorrupt
from kg.members import FOOT, HEAD, PACKINGS, Member, name_of
from kg.store import FEET, FORMS, HEADS, Part, cut

_WAITING = 8  # parts that wait to be written

Dumps = dict[str, list[Member]]  # the members of each dump


def write(folder: Path, parts: Iterable[Part]) -> list[Path]:
    """Write the dumps of sorted parts into a folder; return the files in the order of FORMS."""
    paths = [folder / name_of(form) for form in FORMS]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        threads = stack.enter_context(ThreadPoolExecutor(1))
        for form, file in zip(FORMS, files, strict=True):
            file.write(PACKINGS[form].pack(HEAD, HEADS[form]))
        waiting = deque()
        for number, part in enumerate(parts):
            waiting.append(threads.submit(_pack, part, leads=number == 0))
            while len(waiting) > _WAITING:
                _put(files, waiting.popleft().result())
        while waiting:
            _put(files, waiting.popleft().result())
        for form, file in zip(FORMS, files, strict=True):
            file.write(PACKINGS[form].pack(FOOT, FEET[form]))
    return paths


def rewrite(base: Path, folder: Path, came: Collection[bytes], went: Collection[bytes]) -> list[Path]:
    """Write the dumps in one folder from those in another, by lines of N-Quads that came and went; return the files.

    Raises ReleaseCorrupt when the others are not laid out as `write` does, or do not hold what went.
    """
    old = {form: PACKINGS[form].read(base / name_of(form)) for form in FORMS}
    firsts = [name for name, _ in old["nq"]]
    if any([name for name, _ in old[form]] != firsts for form in FORMS):
        raise ReleaseCorrupt("The dumps are not divided alike", where=str(base))
    new: Dumps = {form: [] for form in FORMS}
    done, unpack = 0, PACKINGS["nq"].unpack
    for start, stop in _regions(firsts[1:-1], {line.partition(b" ")[0] for line in itertools.chain(came, went)}):
        for form in FORMS:
            new[form] += old[form][done : start + 1]
        lines = {line for _, member in old["nq"][start + 1 : stop + 1] for line in unpack(member).splitlines(True)}
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
        path = folder / name_of(form)
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


def _pack(part: Part, *, leads: bool) -> list[bytes]:
    return [PACKINGS[form].pack(part.first, part.text(form, leads=leads)) for form in FORMS]


def _put(files: Iterable, members: Iterable[bytes]) -> None:
    for file, member in zip(files, members, strict=True):
        file.write(member)

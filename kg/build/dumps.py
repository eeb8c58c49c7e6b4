"""The dump files: the members of each are the parts of the dump.

A member has the name of the subject with which its part begins. Before the parts stands a member with the head of the dump, and
behind them one with its foot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from kg.members import FOOT, HEAD, PACKINGS, name_of
from kg.store import FEET, FORMS, HEADS, Part

_WAITING = 8  # parts that wait to be written


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


def _pack(part: Part, *, leads: bool) -> list[bytes]:
    return [PACKINGS[form].pack(part.first, part.text(form, leads=leads)) for form in FORMS]


def _put(files: Iterable, members: Iterable[bytes]) -> None:
    for file, member in zip(files, members, strict=True):
        file.write(member)

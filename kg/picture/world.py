"""The outlines of States and other land, as `world.json` holds them; `python -m tools.world` writes that file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("world.json")
UNIT = 50  # parts of a degree in which the file counts

Point = tuple[float, float]
Ring = list[Point]


@dataclass(frozen=True, slots=True)
class Land:
    """A State or other land: outlines and middle in degrees (longitude, latitude), its size, and its place in the record."""

    rings: tuple[Ring, ...]
    middle: Point
    is_small: bool  # too small to be seen on a map of the world
    is_apart: bool  # no State of the record


@cache
def lands() -> dict[str, Land]:
    """Read the outlines, by the ISO 3166 code of three letters, or the package's own code for what has none."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        code: Land(tuple(map(_read, rings)), (x / UNIT, y / UNIT), bool(is_small), code in content["apart"])
        for code, ((x, y), is_small, rings) in content["lands"].items()
    }


def _read(steps: Sequence[int]) -> Ring:
    points = zip(accumulate(steps[::2]), accumulate(steps[1::2]), strict=True)
    return [(x / UNIT, y / UNIT) for x, y in points]


def clip(ring: Ring, limit: float, sign: int, axis: int = 0) -> Ring:
    """Leave out of a ring what is beyond a meridian (axis 0) or a parallel (axis 1): above the limit, or with sign -1 below."""
    clipped: Ring = []
    for start, end in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        a, b = start[axis], end[axis]
        if sign * a <= sign * limit:
            clipped.append(start)
        if (sign * a < sign * limit) != (sign * b < sign * limit) and limit not in (a, b):
            part = (limit - a) / (b - a)
            other = start[1 - axis] + (end[1 - axis] - start[1 - axis]) * part
            clipped.append((limit, other) if axis == 0 else (other, limit))
    return clipped

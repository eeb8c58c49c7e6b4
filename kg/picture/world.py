"""The outlines of States and other land, as `world.json` holds them, and how the globe is laid flat.

The world is shown by Equal Earth, and a region by a plain map that is true to scale in its middle. `python -m tools.world` writes
the file.
"""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

FILE = Path(__file__).with_name("world.json")
UNIT = 50  # parts of a degree in which the file counts
# The polynomial of Šavrič, Patterson and Jenny (2018), which keeps areas in proportion.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_HALF_ROOT_3 = math.sqrt(3) / 2
NORTH, SOUTH = 83.7, -56.0  # of the world as it is shown

Point = tuple[float, float]
Ring = list[Point]
Project = Callable[[float, float], Point]


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
    content = json.loads(FILE.read_text(encoding="utf-8"))
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


def equal_earth(longitude: float, latitude: float) -> Point:
    """Project a point of the globe, in degrees, onto Equal Earth; y grows to the north."""
    angle = math.asin(_HALF_ROOT_3 * math.sin(math.radians(latitude)))
    square = angle * angle
    sixth = square**3
    narrow = _A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)
    x = math.radians(longitude) * math.cos(angle) / (_HALF_ROOT_3 * narrow)
    return x, angle * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))


@cache
def world_map(width: float) -> tuple[Project, float, dict[str, str]]:
    """Lay the world out on a sheet of a width: its projection, its height, and the outline of each land.

    An outline is a path in tenths of a pixel; what is too small to be seen has none.
    """
    scale = width / (2 * equal_earth(180, 0)[0])
    top, bottom = equal_earth(0, NORTH)[1], equal_earth(0, SOUTH)[1]

    def project(longitude: float, latitude: float) -> Point:
        x, y = equal_earth(longitude, latitude)
        return width / 2 + x * scale, (top - y) * scale

    outlines = {code: "".join(write_ring(ring, project, 12) for ring in land.rings) for code, land in lands().items()}
    return project, (top - bottom) * scale, outlines


class Region:
    """The map of a region around some points, as wide as its sheet: its height, at most `highest`, and its corners in degrees.

    Degrees of longitude are as long as they are in the middle of the region.
    """

    def __init__(self, points: Sequence[Point], width: float, highest: float) -> None:
        xs, ys = zip(*points, strict=True)
        margin = max(1.2, (max(xs) - min(xs)) * 0.12, (max(ys) - min(ys)) * 0.16)
        west, east = min(xs) - margin, max(xs) + margin
        self.south, self.north = max(-84.0, min(ys) - margin), min(84.0, max(ys) + margin)
        self._narrow = math.cos(math.radians((self.south + self.north) / 2))
        self.scale = min(width / ((east - west) * self._narrow), highest / (self.north - self.south))
        half = width / self.scale / self._narrow / 2  # the sheet is filled from side to side
        self.west, self.east = (west + east) / 2 - half, (west + east) / 2 + half
        self.height = (self.north - self.south) * self.scale

    def project(self, longitude: float, latitude: float) -> Point:
        """Return where a point of the globe is on the map."""
        return (longitude - self.west) * self._narrow * self.scale, (self.north - latitude) * self.scale

    def outline(self, rings: Iterable[Ring]) -> str:
        """Write the outline of a land as a path, in tenths, cut at the edges of the sheet."""
        parts = []
        for ring in rings:
            for limit, sign, axis in ((self.east, 1, 0), (self.west, -1, 0), (self.north, 1, 1), (self.south, -1, 1)):
                ring = clip(ring, limit, sign, axis)
            parts.append(write_ring(ring, self.project))
        return "".join(parts)


def write_ring(ring: Ring, project: Project, least: int = 7) -> str:
    """Write a ring as a path in tenths of a pixel, relative from point to point, without steps too small to see."""
    if len(ring) < 3:
        return ""
    start, *others = ((round(10 * x), round(10 * y)) for x, y in (project(*point) for point in ring))
    (x, y), steps = start, []
    for nx, ny in others:
        if abs(nx - x) + abs(ny - y) >= least:
            steps.append(f"{nx - x},{ny - y}")
            x, y = nx, ny
    path = " ".join(steps).replace(" -", "-")
    return f"M{start[0]},{start[1]}l{path}z" if len(steps) > 1 else ""

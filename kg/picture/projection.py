"""How the globe is laid flat: Equal Earth for the world, and for a region a plain map that is true to scale in its middle."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from kg.picture.world import Point, Ring, clip, lands

# The polynomial of Šavrič, Patterson and Jenny (2018), which keeps areas in proportion.
_EQUAL_EARTH = (1.340264, -0.081106, 0.000893, 0.003796)
_HALF_ROOT_3 = math.sqrt(3) / 2
NORTH, SOUTH = 83.7, -56.0  # of the world as it is shown
Project = Callable[[float, float], Point]


def equal_earth(longitude: float, latitude: float) -> Point:
    """Project a point of the globe, in degrees, onto Equal Earth; y grows to the north."""
    a1, a2, a3, a4 = _EQUAL_EARTH
    angle = math.asin(_HALF_ROOT_3 * math.sin(math.radians(latitude)))
    square = angle * angle
    sixth = square**3
    narrow = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
    x = math.radians(longitude) * math.cos(angle) / (_HALF_ROOT_3 * narrow)
    return x, angle * (a1 + a2 * square + sixth * (a3 + a4 * square))


def world_map(width: float) -> tuple[Project, float]:
    """Make the projection of the world onto a sheet of a width, and say how high the sheet is."""
    scale = width / (2 * equal_earth(180, 0)[0])
    top, bottom = equal_earth(0, NORTH)[1], equal_earth(0, SOUTH)[1]

    def project(longitude: float, latitude: float) -> Point:
        x, y = equal_earth(longitude, latitude)
        return width / 2 + x * scale, (top - y) * scale

    return project, (top - bottom) * scale


def region_map(points: Sequence[Point], width: float, highest: float) -> tuple[Project, float, tuple[Point, Point]]:
    """Make the map of a region around some points: its projection, its height, and its south-western and north-eastern corners.

    Degrees of longitude are as long as they are in the middle of the region.
    """
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    margin = max(1.2, (east - west) * 0.12, (north - south) * 0.16)
    west, east, south, north = west - margin, east + margin, max(-84.0, south - margin), min(84.0, north + margin)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min(width / ((east - west) * narrow), highest / (north - south))
    half = width / scale / narrow / 2  # the sheet is filled from side to side
    west, east = (west + east) / 2 - half, (west + east) / 2 + half

    def project(longitude: float, latitude: float) -> Point:
        return (longitude - west) * narrow * scale, (north - latitude) * scale

    return project, (north - south) * scale, ((west, south), (east, north))


@cache
def world_outlines(width: float) -> dict[str, str]:
    """Write the outline of each land as a path on a map of the world of a width, in tenths, without what is too small to see."""
    project, _ = world_map(width)
    drawn = {}
    for code, land in lands().items():
        outlines = (write_ring([project(*point) for point in ring], 10, 12) for ring in land.rings)
        drawn[code] = "".join(outlines)
    return drawn


def region_outline(rings: Iterable[Ring], project: Project, corners: tuple[Point, Point]) -> str:
    """Write the outline of a land as a path on the map of a region, in tenths, cut at the edges of the sheet."""
    (west, south), (east, north) = corners
    parts = []
    for ring in rings:
        if max(x for x, _ in ring) < west or min(x for x, _ in ring) > east:
            continue
        for limit, sign, axis in ((east, 1, 0), (west, -1, 0), (north, 1, 1), (south, -1, 1)):
            ring = clip(ring, limit, sign, axis)
        parts.append(write_ring([project(*point) for point in ring], 10))
    return "".join(parts)


def write_ring(points: Sequence[Point], unit: int, least: int = 7) -> str:
    """Write a ring as a path in whole parts of a pixel, relative from point to point, without steps too small to see."""
    if len(points) < 3:
        return ""
    x, y = round(points[0][0] * unit), round(points[0][1] * unit)
    steps = [f"M{x},{y}l"]
    number = 0
    for px, py in points[1:]:
        nx, ny = round(px * unit), round(py * unit)
        if abs(nx - x) + abs(ny - y) < least:
            continue
        steps.append(f"{nx - x},{ny - y}" if not number or nx < x else f" {nx - x},{ny - y}")
        x, y, number = nx, ny, number + 1
    return "".join(steps) + "z" if number > 1 else ""

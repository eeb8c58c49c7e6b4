"""A map of a region with a dot at each place: the larger, the more rows; hollow where only the area is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, INK, PAPER, SMALL, STYLES, Canvas
from kg.picture.countries import BORDER, SEA, disclaimer
from kg.picture.font import measure
from kg.picture.frame import Body
from kg.picture.projection import Project, region_map, region_outline
from kg.picture.table import Row, Table
from kg.picture.world import lands

MOST = 200  # dots
HIGHEST = 460  # of a map
POINTS = ("", "site", "settlement")  # precisions that a filled dot stands for; the others are areas
DEGREE = 111.32  # kilometres of a degree of latitude


class Spot(NamedTuple):
    """One place, and the number of its rows."""

    name: str
    longitude: float
    latitude: float
    precision: str
    number: int


def draw(table: Table, width: float, language: Language) -> Body:
    """Draw a map of the places in the rows."""
    body = Body(Canvas(width))
    canvas, spots = body.canvas, _spots(body, table)
    if not spots:
        body.height = 8
        return body
    shown = spots[:MOST]
    body.left_out += sum(spot.number for spot in spots[MOST:])
    points = [(spot.longitude, spot.latitude) for spot in shown]
    project, body.height, corners = region_map(points, width, HIGHEST if width > 500 else 320)
    _land(canvas, project, corners, body.height)
    _dots(canvas, shown, project, body.height)
    _ruler(canvas, project, points, body.height, language)
    body.told = _tell(spots, language)
    _ = language.gettext
    body.notes.append(_("The larger the dot, the more rows are told of the place; the number stands behind its name."))
    if any(spot.precision not in POINTS for spot in shown):
        body.notes.append(_("A hollow dot stands in the middle of an area: where in it, the record does not know."))
    body.notes.append(_("Shapes: Natural Earth, thinned.") + " " + disclaimer(language))
    return body


def _spots(body: Body, table: Table) -> list[Spot]:
    """Gather the places, those with the most rows first, and count the rows without coordinates."""
    found: dict[tuple[str, float, float, str], int] = {}
    for row in table.rows:
        key = _key(table, row)
        if key is None:
            body.left_out += 1
        else:
            found[key] = found.get(key, 0) + 1
    spots = [Spot(*key, number) for key, number in found.items()]
    return sorted(spots, key=lambda spot: (-spot.number, spot.name))


def _key(table: Table, row: Row) -> tuple[str, float, float, str] | None:
    longitude, latitude = table.number(row, "longitude"), table.number(row, "latitude")
    if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 84:
        return None
    return table.text(row, "place"), longitude, latitude, table.value(row, "precision").rpartition("/")[2]


def _land(
    canvas: Canvas, project: Project, corners: tuple[tuple[float, float], tuple[float, float]], high: float
) -> None:
    canvas.box(0, 0, canvas.width, high, fill=SEA)
    for land in lands().values():
        outline = region_outline(land.rings, project, corners)
        if outline:
            style = {"stroke": BORDER, "stroke_width": 8, "stroke_linejoin": "round", "fill_rule": "evenodd"}
            canvas.path(outline, fill="#fbfaf5", transform="scale(.1)", **style)
    canvas.box(0, 0, canvas.width, high, fill="none", stroke=BORDER, stroke_width=1)


def _dots(canvas: Canvas, spots: Sequence[Spot], project: Project, high: float) -> None:
    """Draw the dots, the largest beneath, and as many names as have room."""
    most = spots[0].number
    taken: list[tuple[float, float, float, float]] = []
    placed = []
    for spot in spots:
        x, y = project(spot.longitude, spot.latitude)
        radius = 3.5 + 10 * math.sqrt(spot.number / most) * (0.4 if most < 4 else 1)
        taken.append((x - radius, y - radius, x + radius, y + radius))
        placed.append((spot, x, y, radius))
        is_point = spot.precision in POINTS
        look = {"fill": STYLES[0].colour if is_point else PAPER, "fill_opacity": 0.75 if is_point else 0.6}
        if not is_point:
            look |= {"stroke": STYLES[0].colour, "stroke_width": 2, "stroke_dasharray": "3 2"}
        canvas.mark(x, y, 0, radius / 0.9, **look)
    for spot, x, y, radius in placed:
        text = f"{spot.name} {spot.number}" if spot.number > 1 else spot.name
        wide = measure(text, *BODY)
        for left, base in (
            (x + radius + 3, y + 4),
            (x - radius - 3 - wide, y + 4),
            (x - wide / 2, y - radius - 4),
            (x - wide / 2, y + radius + 13),
        ):
            box = (left, base - 11, left + wide, base + 3)
            if _is_free(box, taken, canvas.width, high):
                taken.append(box)
                canvas.text(
                    left, base, text, BODY, stroke=PAPER, stroke_width=3, paint_order="stroke", stroke_linejoin="round"
                )
                break


def _is_free(
    box: tuple[float, float, float, float],
    taken: Sequence[tuple[float, float, float, float]],
    width: float,
    high: float,
) -> bool:
    left, top, right, bottom = box
    if left < 2 or right > width - 2 or top < 2 or bottom > high - 22:
        return False
    return not any(left < r and right > one and top < b and bottom > t for one, t, r, b in taken)


def _ruler(
    canvas: Canvas, project: Project, points: Sequence[tuple[float, float]], high: float, language: Language
) -> None:
    """Draw how long so many kilometres are in the middle of the map."""
    x, y = points[0]
    each = (project(x, y - 1)[1] - project(x, y)[1]) / DEGREE
    length = next(
        one for one in (2000, 1000, 500, 200, 100, 50, 20, 10, 5) if one * each < canvas.width / 4 or one == 5
    )
    canvas.line(10, high - 10, 10 + length * each, high - 10, stroke=INK, stroke_width=2)
    text = language.gettext("%s km") % language.amount(str(length))
    canvas.text(16 + length * each, high - 6, text, SMALL, fill=GREY)


def _tell(spots: Sequence[Spot], language: Language) -> list[str]:
    number = len(spots)
    said = language.ngettext("A map with %s place.", "A map with %s places.", number) % number
    most = "; ".join(f"{spot.name}: {spot.number}" for spot in spots[:10])
    return [said, language.gettext("The most: %s.") % most]

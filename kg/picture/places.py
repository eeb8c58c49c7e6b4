"""A map of a region with a dot at each place: the larger, the more rows; hollow where only the area is known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from kg.picture.amounts import STEPS, write_each
from kg.picture.canvas import BODY, GREY, HALO, INK, PAPER, SMALL, STYLES
from kg.picture.countries import BORDER, SEA, disclaimer
from kg.picture.font import measure
from kg.picture.frame import Body
from kg.picture.projection import Region
from kg.picture.table import Table, as_number
from kg.picture.world import lands

MOST = 200  # dots
HIGHEST = {False: 460, True: 320}  # of a wide and of a narrow map
POINTS = ("", "site", "settlement")  # precisions that a filled dot stands for; the others are areas
DEGREE = 111.32  # kilometres of a degree of latitude
LENGTHS = [step for step in STEPS if 5 <= step <= 2000]  # kilometres of a ruler


class Spot(NamedTuple):
    """One place, and the number of its rows."""

    name: str
    longitude: float
    latitude: float
    is_area: bool
    number: int


class Box(NamedTuple):
    """A part of the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Say whether two boxes have some part in common."""
        across = self.left < other.right and self.right > other.left
        return across and self.top < other.bottom and self.bottom > other.top


def draw(table: Table, width: float) -> Body:
    """Draw a map of the places in the rows."""
    body = Body(width, language=table.language)
    spots = _spots(body, table)
    if not spots:
        return body
    shown = spots[:MOST]
    body.left_out += sum(spot.number for spot in spots[MOST:])
    region = Region([(spot.longitude, spot.latitude) for spot in shown], width, HIGHEST[width <= 500])
    body.height = region.height
    _draw_land(body, region)
    _draw_names(body, _draw_dots(body, shown, region))
    _draw_ruler(body, shown[0], region)
    _ = body.language.gettext
    text = body.language.ngettext("A map with %s place.", "A map with %s places.", len(spots))
    most = write_each([(spot.name, spot.number) for spot in spots[:10]], body.language)
    body.summary = [text % len(spots), _("The most: %s.") % most]
    body.notes.append(_("The larger the dot, the more rows are told of the place; the number stands behind its name."))
    if any(spot.is_area for spot in shown):
        body.notes.append(_("A hollow dot stands in the middle of an area: where in it, the record does not know."))
    body.notes.append(_("Shapes: Natural Earth, thinned.") + " " + disclaimer(body.language))
    return body


def _spots(body: Body, table: Table) -> list[Spot]:
    """Gather the places, those with the most rows first, and count the rows without coordinates."""
    numbers: Counter[tuple[str, float, float, str]] = Counter()
    for (place, east, north, precision), number in table.distinct(
        "place", "longitude", "latitude", "precision"
    ).items():
        longitude, latitude = as_number(east), as_number(north)
        if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 84:
            body.left_out += number
        else:
            numbers[table.name(place), longitude, latitude, precision.rpartition("/")[2]] += number
    spots = [Spot(*place, precision not in POINTS, number) for (*place, precision), number in numbers.items()]
    return sorted(spots, key=lambda spot: (-spot.number, spot.name))


def _draw_land(body: Body, region: Region) -> None:
    body.box(0, 0, body.width, body.height, fill=SEA)
    style = {"fill": "#fbfaf5", "transform": "scale(.1)", "stroke": BORDER, "stroke_width": 8}
    for land in lands().values():
        if outline := region.outline(land.rings):
            body.path(outline, **style, stroke_linejoin="round", fill_rule="evenodd")
    body.box(0, 0, body.width, body.height, fill="none", stroke=BORDER, stroke_width=1)


def _draw_dots(body: Body, spots: Sequence[Spot], region: Region) -> list[tuple[Spot, Box]]:
    """Draw the dots, the largest beneath; returns where each is."""
    most, dots = spots[0].number, []
    for spot in spots:
        x, y = region.project(spot.longitude, spot.latitude)
        radius = 3.5 + 10 * math.sqrt(spot.number / most) * (0.4 if most < 4 else 1)
        colour = STYLES[0].colour
        look = {"fill": PAPER if spot.is_area else colour, "fill_opacity": 0.6 if spot.is_area else 0.75}
        if spot.is_area:
            look |= {"stroke": colour, "stroke_width": 2, "stroke_dasharray": "3 2"}
        body.mark(x, y, 0, radius / 0.9, **look)
        dots.append((spot, Box(x - radius, y - radius, x + radius, y + radius)))
    return dots


def _draw_names(body: Body, dots: Sequence[tuple[Spot, Box]]) -> None:
    """Write as many names as have room beside, above or below their dots."""
    taken = [dot for _spot, dot in dots]
    for spot, dot in dots:
        text = f"{spot.name} {spot.number}" if spot.number > 1 else spot.name
        wide = measure(text, *BODY)
        x, y = (dot.left + dot.right) / 2, (dot.top + dot.bottom) / 2
        sides = [(dot.right + 3, y + 4), (dot.left - 3 - wide, y + 4)]
        for left, base in [*sides, (x - wide / 2, dot.top - 4), (x - wide / 2, dot.bottom + 13)]:
            box = Box(left, base - 11, left + wide, base + 3)
            is_inside = (
                box.left >= 2 and box.right <= body.width - 2 and box.top >= 2 and box.bottom <= body.height - 22
            )
            if is_inside and not any(map(box.meets, taken)):
                taken.append(box)
                body.text(left, base, text, BODY, **HALO)
                break


def _draw_ruler(body: Body, spot: Spot, region: Region) -> None:
    """Draw how long so many kilometres are at a place of the map."""
    (_x, south), (_x, north) = (region.project(spot.longitude, spot.latitude - step) for step in (1, 0))
    each = (south - north) / DEGREE
    length = max([step for step in LENGTHS if step * each < body.width / 4], default=LENGTHS[0])
    y, right = body.height - 10, 10 + length * each
    body.line(10, y, right, y, stroke=INK, stroke_width=2)
    text = body.language.gettext("%s km") % body.language.amount(str(length))
    body.text(right + 6, y + 4, text, SMALL, fill=GREY)

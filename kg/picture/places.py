"""A map of a region with a dot at each place: the larger, the more rows; hollow where only the area is known."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from kg.picture.canvas import BODY, GREY, HALO, INK, PAPER, SMALL, STYLES
from kg.picture.countries import BORDER, SEA, disclaimer
from kg.picture.font import measure
from kg.picture.frame import Body
from kg.picture.table import STEPS, Table, as_number, write_each
from kg.picture.world import Region, lands

MOST = 200  # dots
HIGHEST = {False: 460, True: 320}  # of a wide and of a narrow map
POINTS = ("", "site", "settlement")  # precisions that a filled dot stands for; the others are areas
DEGREE = 111.32  # kilometres of a degree of latitude
LENGTHS = [step for step in STEPS if 5 <= step <= 2000]  # kilometres of a ruler

Box = tuple[float, float, float, float]  # the edges of a part of the sheet: left, top, right, bottom


class Spot(NamedTuple):
    """One place, and the number of its rows."""

    name: str
    longitude: float
    latitude: float
    is_area: bool
    number: int


def draw(table: Table, width: float) -> Body:
    """Draw a map of the places in the rows."""
    body = Body(width, language=table.language)
    spots = _spots(body, table)
    if not spots:
        return body
    shown = body.show(spots, MOST, lambda spot: spot.number)
    region = Region([(spot.longitude, spot.latitude) for spot in shown], width, HIGHEST[width <= 500])
    body.height = region.height
    _draw_land(body, region)
    _draw_dots(body, shown, region)
    _draw_ruler(body, shown[0], region)
    _ = body.language.gettext
    most = write_each([(spot.name, spot.number) for spot in spots[:10]], body.language)
    body.summary = [
        body.language.ngettext("A map with %s place.", "A map with %s places.", len(spots)) % len(spots),
        _("The most: %s.") % most,
    ]
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
    spots = [
        Spot(name, longitude, latitude, precision not in POINTS, number)
        for (name, longitude, latitude, precision), number in numbers.items()
    ]
    return sorted(spots, key=lambda spot: (-spot.number, spot.name))


def _draw_land(body: Body, region: Region) -> None:
    body.box(0, 0, body.width, body.height, fill=SEA)
    style = {"fill": "#fbfaf5", "transform": "scale(.1)", "stroke": BORDER, "stroke_width": 8}
    for land in lands().values():
        if outline := region.outline(land.rings):
            body.path(outline, **style, stroke_linejoin="round", fill_rule="evenodd")
    body.box(0, 0, body.width, body.height, fill="none", stroke=BORDER, stroke_width=1)


def _draw_dots(body: Body, spots: Sequence[Spot], region: Region) -> None:
    """Draw the dots, the largest beneath, and as many names as have room beside, above or below them."""
    most, colour = spots[0].number, STYLES[0].colour
    taken: list[Box] = []
    for spot in spots:
        x, y = region.project(spot.longitude, spot.latitude)
        radius = 3.5 + 10 * math.sqrt(spot.number / most) * (0.4 if most < 4 else 1)
        look: dict[str, Any] = {"fill": colour, "fill_opacity": 0.75}
        if spot.is_area:
            look = {"fill": PAPER, "fill_opacity": 0.6, "stroke": colour, "stroke_width": 2, "stroke_dasharray": "3 2"}
        body.mark(x, y, 0, radius / 0.9, **look)
        taken.append((x - radius, y - radius, x + radius, y + radius))
    for spot, (left, top, right, bottom) in zip(spots, [*taken], strict=True):
        text = f"{spot.name} {spot.number}" if spot.number > 1 else spot.name
        wide, x, y = measure(text, *BODY), (left + right) / 2, (top + bottom) / 2
        sides = [(right + 3, y + 4), (left - 3 - wide, y + 4), (x - wide / 2, top - 4), (x - wide / 2, bottom + 13)]
        for start, base in sides:
            box = (start, base - 11, start + wide, base + 3)
            if _is_free(box, taken, body):
                taken.append(box)
                body.text(start, base, text, BODY, **HALO)
                break


def _is_free(box: Box, taken: Sequence[Box], body: Body) -> bool:
    left, top, right, bottom = box
    if left < 2 or right > body.width - 2 or top < 2 or bottom > body.height - 22:
        return False
    return not any(left < r and right > l and top < b and bottom > t for l, t, r, b in taken)


def _draw_ruler(body: Body, spot: Spot, region: Region) -> None:
    """Draw how long so many kilometres are at a place of the map."""
    (_x, south), (_x, north) = (region.project(spot.longitude, spot.latitude - step) for step in (1, 0))
    each = (south - north) / DEGREE
    length = max([step for step in LENGTHS if step * each < body.width / 4], default=LENGTHS[0])
    y, right = body.height - 10, 10 + length * each
    body.line(10, y, right, y, stroke=INK, stroke_width=2)
    text = body.language.gettext("%s km") % body.language.amount(str(length))
    body.text(right + 6, y + 4, text, SMALL, fill=GREY)

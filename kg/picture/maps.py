"""Maps: of the world with States filled by group or number, and of a region with a dot at each place.

A State too small to be seen is a dot. Land of which no row speaks is white; land that is no State of the record has no group. The
dot of a place is the larger, the more rows it has, and hollow where only the area is known.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kg import terms
from kg.picture.canvas import BODY, GREY, HALO, INK, PAPER, SCALE, SMALL, STYLES, Canvas, LegendEntry
from kg.picture.table import STEPS, Groups, Row, Table, add_up, as_number, write
from kg.picture.world import Region, lands, world_map

STATE = terms.ID + "state/"
SEA, BORDER = "#eef3f7", "#8c8c8c"
LAND, NO_STATE = "#ffffff", "#d9d9d9"
MOST = 200  # dots
HIGHEST = {False: 460, True: 320}  # of a wide and of a narrow map of a region
POINTS = ("", "site", "settlement")  # precisions that a filled dot stands for; the others are areas
DEGREE = 111.32  # kilometres of a degree of latitude
LENGTHS = [step for step in STEPS if 5 <= step <= 2000]  # kilometres of a ruler

Box = tuple[float, float, float, float]  # the edges of a part of the sheet: left, top, right, bottom


class Spot(NamedTuple):
    """One place, and whether it is known only as an area."""

    name: str
    longitude: float
    latitude: float
    is_area: bool


def draw(body: Canvas, table: Table) -> None:
    """Draw a map of the States or of the places in the rows."""
    if "state" in table.roles:
        _draw_world(body, table)
    elif spots := _spots(body, table):
        _draw_region(body, spots)


def _draw_world(body: Canvas, table: Table) -> None:
    _ = body.language.gettext
    states: dict[str, list[Row]] = {}
    strays: set[str] = set()
    for row in table.rows:
        iri = table.value(row, "state")
        code = iri.removeprefix(STATE).upper()
        if iri.startswith(STATE) and code in lands():
            states.setdefault(code, []).append(row)
        else:
            strays.add(table.name(iri) or _("no State named"))
    body.facts = {"states": states, "strays": sorted(strays)}
    fill_states = _fill_by_group if "group" in table.roles else _fill_by_number
    _draw_lands(body, fill_states(body, table, states))
    others = {_("not in this answer"): LAND, _("land that is no State of this record"): NO_STATE}
    body.keys += [LegendEntry(name, fill=fill) for name, fill in others.items()]


def _draw_lands(body: Canvas, fills: Mapping[str, str]) -> None:
    project, body.height, outlines = world_map(body.width)
    body.box(0, 0, body.width, body.height, fill=SEA)
    for code, land in lands().items():
        if outlines[code]:
            fill = fills.get(code, NO_STATE if land.is_apart else LAND)
            _draw_outline(body, outlines[code], fill=fill.replace("#hatch", "#large"), stroke_width=5)
    for code, land in lands().items():
        if code in fills and (land.is_small or not outlines[code]):
            x, y = project(*land.middle)
            body.mark(x, y, 0, 3.4 if body.is_narrow else 4.2, fill=fills[code], stroke_width=0.9)


def _draw_outline(body: Canvas, outline: str, **style: Any) -> None:
    """Draw a land. Its outline is in tenths of a pixel, so its hatch and its border are ten times as large."""
    look = {"transform": "scale(.1)", "stroke": BORDER, "stroke_linejoin": "round", "fill_rule": "evenodd"}
    body.path(outline, **look, **style)


def _fill_by_group(body: Canvas, table: Table, states: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """Fill each State as the group that most of its rows are in, and among equals the last."""
    counts = {code: Counter(table.text(row, "group") for row in reversed(rows)) for code, rows in states.items()}
    group_of = {code: count.most_common(1)[0][0] for code, count in counts.items()}
    groups = Groups(Counter(group_of.values()), body.language)
    body.keys = groups.legend(is_filled=True)
    body.facts["are_mixed"] = any(len(count) > 1 for count in counts.values())
    body.facts["groups"] = {
        name: sorted(table.text(states[code][0], "state") for code, group in group_of.items() if group == name)
        for name in groups.weights
    }
    return {code: STYLES[groups.styles[group]]["fill"] for code, group in group_of.items()}


def _fill_by_number(body: Canvas, table: Table, states: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """Fill each State the darker, the larger its number; each class of the legend covers a part of the numbers there are."""
    codes = [table.value(row, "state").removeprefix(STATE).upper() for row in table.rows]
    sums = add_up(zip(codes, table.counts(codes), strict=True))
    numbers = {code: sums[code] for code in states}
    values = sorted(set(numbers.values()))
    tones: dict[float, str] = {}
    size = min(len(SCALE), len(values))
    for place in range(size):  # classes of about as many numbers
        part = values[-(-len(values) * place // size) : -(-len(values) * (place + 1) // size)]
        tone = SCALE[round(place * (len(SCALE) - 1) / max(1, size - 1))]
        tones |= dict.fromkeys(part, tone)
        ends = dict.fromkeys(write(value, body.language) for value in (part[0], part[-1]))
        body.keys.append(LegendEntry("–".join(ends), fill=tone))
    body.facts["numbers"] = {table.text(rows[0], "state"): numbers[code] for code, rows in states.items()}
    return {code: tones[number] for code, number in numbers.items()}


def _spots(body: Canvas, table: Table) -> dict[Spot, int]:
    numbers: Counter[Spot] = Counter()
    roles = ("place", "longitude", "latitude", "precision")
    for (place, east, north, precision), number in table.distinct(*roles).items():
        longitude, latitude = as_number(east), as_number(north)
        if longitude is None or latitude is None:
            body.left_out += number
        else:
            is_area = precision.rpartition("/")[2] not in POINTS
            numbers[Spot(table.name(place), longitude, latitude, is_area)] += number
    return dict(sorted(numbers.items(), key=lambda item: (-item[1], item[0].name)))


def _draw_region(body: Canvas, spots: Mapping[Spot, int]) -> None:
    shown = body.show([*spots], MOST, spots.__getitem__)
    region = Region([(spot.longitude, spot.latitude) for spot in shown], body.width, HIGHEST[body.is_narrow])
    body.height = region.height
    body.box(0, 0, body.width, body.height, fill=SEA)
    for land in lands().values():
        if outline := region.outline(land.rings):
            _draw_outline(body, outline, fill="#fbfaf5", stroke_width=8)
    body.box(0, 0, body.width, body.height, fill="none", stroke=BORDER, stroke_width=1)
    _draw_dots(body, {spot: spots[spot] for spot in shown}, region)
    _draw_ruler(body, region)
    body.facts = {"spots": [(spot.name, number) for spot, number in spots.items()]}
    body.facts["has_areas"] = any(spot.is_area for spot in shown)


def _draw_dots(body: Canvas, spots: Mapping[Spot, int], region: Region) -> None:
    most, colour = max(spots.values()), STYLES[0]["line"]
    taken: list[Box] = []
    for spot, number in spots.items():
        x, y = region.project(spot.longitude, spot.latitude)
        radius = 3.5 + 10 * math.sqrt(number / most) * (0.4 if most < 4 else 1)
        look: dict[str, Any] = {"fill": colour, "fill_opacity": "0.75"}
        if spot.is_area:
            look = {"fill": PAPER, "fill_opacity": 0.6, "stroke": colour, "stroke_width": 2, "stroke_dasharray": "3 2"}
        body.mark(x, y, 0, radius / 0.9, **look)
        taken.append((x - radius, y - radius, x + radius, y + radius))
    for (spot, number), (left, top, right, bottom) in zip(spots.items(), [*taken], strict=True):
        text = f"{spot.name} {number}" if number > 1 else spot.name
        wide, x, y = BODY.measure(text), (left + right) / 2, (top + bottom) / 2
        sides = [(right + 3, y + 4), (left - 3 - wide, y + 4), (x - wide / 2, top - 4), (x - wide / 2, bottom + 13)]
        for start, base in sides:
            box = (start, base - 11, start + wide, base + 3)
            if _is_free(box, taken, body):
                taken.append(box)
                body.text(start, base, text, BODY, **HALO)
                break


def _is_free(box: Box, taken: Sequence[Box], body: Canvas) -> bool:
    left, top, right, bottom = box
    if left < 2 or right > body.width - 2 or top < 2 or bottom > body.height - 22:
        return False
    return not any(left < r and right > l and top < b and bottom > t for l, t, r, b in taken)


def _draw_ruler(body: Canvas, region: Region) -> None:
    each = region.scale / DEGREE
    length = max([step for step in LENGTHS if step * each < body.width / 4], default=LENGTHS[0])
    y, right = body.height - 10, 10 + length * each
    body.line(10, y, right, y, stroke=INK, stroke_width=2)
    text = body.language.gettext("%s km") % body.language.amount(str(length))
    body.text(right + 6, y + 4, text, SMALL, fill=GREY)

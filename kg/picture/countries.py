"""A map of the world with States filled: by group, by number, or by how many rows each has.

A State too small to be seen is a dot. Land of which no row speaks is white; land that is no State of the record has no group.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from kg import terms
from kg.languages import Language
from kg.picture.canvas import SCALE, fill_of
from kg.picture.frame import Body, Key
from kg.picture.table import Groups, Row, Table, rank, write, write_each
from kg.picture.world import lands, world_map, world_outlines

STATE = terms.ID + "state/"
SEA, BORDER = "#eef3f7", "#8c8c8c"
LAND, NO_STATE = "#ffffff", "#d9d9d9"


def draw(table: Table, width: float) -> Body:
    """Draw a map of the States in the rows."""
    body = Body(width, language=table.language)
    _ = body.language.gettext
    rows: dict[str, list[Row]] = {}
    for row in table.rows:
        rows.setdefault(table.value(row, "state"), []).append(row)
    codes = {iri: iri.removeprefix(STATE).upper() for iri in rows if iri.startswith(STATE)}
    codes = {iri: code for iri, code in codes.items() if code in lands()}
    strays = sorted(table.name(iri) or _("no State named") for iri in rows if iri not in codes)
    text = body.language.ngettext(
        "A map of the world with %s State filled.", "A map of the world with %s States filled.", len(codes)
    )
    body.summary.append(text % len(codes))
    choose = _fill_by_group if "group" in table.roles else _fill_by_number
    fills = {codes[iri]: fill for iri, fill in choose(body, table, {iri: rows[iri] for iri in codes}).items()}
    if strays:
        body.summary.append(_("Not on the map: %s.") % ", ".join(strays))
        body.notes.append(body.summary[-1])
    _draw_lands(body, fills)
    body.keys.append(Key(_("not in this answer"), fill=LAND))
    body.keys.append(Key(_("land that is no State of this record"), fill=NO_STATE))
    body.notes += [_("Small States are dots. Shapes: Natural Earth, thinned."), disclaimer(body.language)]
    return body


def disclaimer(language: Language) -> str:
    """Say that a map takes no side."""
    return language.gettext(
        "The boundaries and names shown on this map do not imply official endorsement or acceptance by anyone."
    )


def _draw_lands(body: Body, fills: Mapping[str, str]) -> None:
    """Draw all land, and a dot for each State with a fill that is too small to be seen."""
    project, body.height = world_map(body.width)
    outlines = world_outlines(body.width)
    body.box(0, 0, body.width, body.height, fill=SEA)
    style = {"fill_rule": "evenodd", "transform": "scale(.1)", "stroke": BORDER, "stroke_width": 5}
    for code, land in lands().items():
        if outlines[code]:  # in tenths of a pixel, so its hatch is ten times as large as one in pixels
            fill = fills.get(code, NO_STATE if land.is_apart else LAND).replace("#hatch", "#large")
            body.path(outlines[code], fill=fill, **style, stroke_linejoin="round")
    for code, land in lands().items():
        if code in fills and (land.is_small or not outlines[code]):
            x, y = project(*land.middle)
            body.mark(x, y, 0, 3.4 if body.is_narrow else 4.2, fill=fills[code], stroke_width=0.9)


def _fill_by_group(body: Body, table: Table, states: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """Fill each State as the group that most of its rows are in, and among equals the last."""
    counts = {iri: Counter(table.text(row, "group") for row in reversed(rows)) for iri, rows in states.items()}
    group_of = {iri: count.most_common(1)[0][0] for iri, count in counts.items()}
    _ = body.language.gettext
    if any(len(count) > 1 for count in counts.values()):
        body.notes.append(
            _("Of a State with several entries the map shows what most of them say, and among equals the last.")
        )
    groups = Groups(Counter(group_of.values()), body.language)
    body.keys += [Key(name, fill=fill_of(style)) for style, name in groups.names_counted().items()]
    for name in [*groups.weights][:8]:
        members = sorted(table.name(iri) for iri, group in group_of.items() if group == name)
        listed = ", ".join(members[:6]) + ("…" if len(members) > 6 else "")
        body.summary.append(f"{name or _('not told')}: {len(members)} ({listed}).")
    return {iri: fill_of(groups.styles[group]) for iri, group in group_of.items()}


def _fill_by_number(body: Body, table: Table, states: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """Fill each State the darker, the larger its number; each class of the legend covers a part of the numbers there are."""
    numbers = {iri: sum(map(table.count, rows)) for iri, rows in states.items()}
    if not numbers:
        return {}
    values = sorted(set(numbers.values()))
    tones: dict[float, str] = {}
    size = min(len(SCALE), len(values))
    for place in range(size):  # classes of about as many numbers
        part = values[-(-len(values) * place // size) : -(-len(values) * (place + 1) // size)]
        tone = SCALE[round(place * (len(SCALE) - 1) / max(1, size - 1))]
        tones |= dict.fromkeys(part, tone)
        ends = dict.fromkeys(write(value, body.language) for value in (part[0], part[-1]))
        body.keys.append(Key("–".join(ends), fill=tone))
    named = {table.name(iri): number for iri, number in numbers.items()}
    most = write_each([(name, named[name]) for name in rank(named)[:8]], body.language)
    body.summary.append(body.language.gettext("The most: %s.") % most)
    return {iri: tones[number] for iri, number in numbers.items()}

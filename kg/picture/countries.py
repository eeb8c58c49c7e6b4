"""A map of the world with States filled: by group, by number, or by how many rows each has.

A State too small to be seen is a dot. Land of which no row speaks is white; land that is no State of the record has no group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from kg import terms
from kg.languages import Language
from kg.picture.bars import count_of, write
from kg.picture.canvas import INK, LAND, NO_STATE, NONE, SCALE, Canvas, fill_of
from kg.picture.frame import Body, Key
from kg.picture.projection import world_map, world_outlines
from kg.picture.table import Table, in_groups
from kg.picture.world import lands

STATE = terms.ID + "state/"
SEA, BORDER = "#eef3f7", "#8c8c8c"
# Land that the package names by a code of its own or that is no State of the record: it is drawn, and has no fill of a State.
_APART = (
    "ABW AIA ALA ASM ATC ATF BLM BMU CUW CYM CYN ESH FLK FRO GGY GRL GUM HKG HMD IMN IOA IOT JEY KAS MAC MAF MNP MSR NCL NFK "
    "PCN PRI PYF SGS SHN SOL SPM SXM TCA TWN VGB VIR WLF XKX"
)
APART = frozenset(_APART.split())


def draw(table: Table, width: float, language: Language) -> Body:
    """Draw a map of the States in the rows."""
    body, canvas = Body(Canvas(width)), Canvas(width)
    body.canvas = canvas
    fills, strays = _fills(body, table, language)
    project, body.height = world_map(width)
    shown: Collection[str] = fills.keys()
    canvas.box(0, 0, width, body.height, fill=SEA)
    outlines = world_outlines(width)
    for code, outline in outlines.items():
        if outline:
            fill = fills.get(code, NO_STATE if code in APART else LAND)
            style = {"stroke": BORDER, "stroke_width": 5, "stroke_linejoin": "round"}
            # Written in tenths of a pixel; a hatch is drawn in pixels, so it is drawn ten times as large.
            canvas.path(outline, fill=_tenths(fill), fill_rule="evenodd", transform="scale(.1)", **style)
    radius = 3.4 if canvas.is_narrow else 4.2
    for code, land in lands().items():
        if code in shown and (land.is_small or not outlines[code]):
            x, y = project(*land.middle)
            canvas.mark(x, y, 0, radius, fill=fills[code], stroke=INK, stroke_width=0.9)
    _ = language.gettext
    body.keys.append(Key(0, _("not in this answer"), LAND))
    body.keys.append(Key(0, _("land that is no State of this record"), NO_STATE))
    if strays:
        body.notes.append(_("Not on the map: %s.") % ", ".join(strays))
    body.notes.append(_("Small States are dots. Shapes: Natural Earth, thinned."))
    body.notes.append(disclaimer(language))
    return body


def disclaimer(language: Language) -> str:
    """Say that a map takes no side."""
    return language.gettext(
        "The boundaries and names shown on this map do not imply official endorsement or acceptance by anyone."
    )


def _tenths(fill: str) -> str:
    return fill.replace("#hatch", "#large") if fill.startswith("url") else fill


def _fills(body: Body, table: Table, language: Language) -> tuple[dict[str, str], list[str]]:
    """Choose the fill of each State, make the legend and what is told, and list what is no State of the map."""
    states: dict[str, list[int]] = {}
    for place, row in enumerate(table.rows):
        states.setdefault(table.value(row, "state"), []).append(place)
    known = {iri: iri.removeprefix(STATE).upper() for iri in states if iri.startswith(STATE)}
    known = {iri: code for iri, code in known.items() if code in lands()}
    strays = sorted(table.name(iri) or language.gettext("no State named") for iri in states if iri not in known)
    body.left_out = 0
    number = language.ngettext(
        "A map of the world with %s State filled.", "A map of the world with %s States filled.", len(known)
    )
    body.told.append(number % len(known))
    if "group" in table.roles:
        fills = _by_group(body, table, known, states, language)
    else:
        fills = _by_number(body, table, known, states, language)
    if strays:
        body.told.append(language.gettext("Not on the map: %s.") % ", ".join(strays))
    return fills, strays


def _by_group(
    body: Body, table: Table, known: Mapping[str, str], states: Mapping[str, list[int]], language: Language
) -> dict[str, str]:
    """Fill each State as the group that most of its rows are in, and among equals the last."""
    group_of = {}
    for iri in known:
        counted = Counter(table.text(table.rows[place], "group") for place in reversed(states[iri]))
        group_of[iri] = counted.most_common(1)[0][0]
    if any(len({table.text(table.rows[place], "group") for place in states[iri]}) > 1 for iri in known):
        body.notes.append(
            language.gettext(
                "Of a State with several entries the map shows what most of them say, and among equals the last."
            )
        )
    groups = in_groups(group_of.values(), NONE + 1)
    counted = Counter(group_of.values())
    named: dict[int, list[str]] = {}
    for name, place in groups.items():
        named.setdefault(place, []).append(name)
    for place, names in sorted(named.items()):
        text = (names[0] or language.gettext("not told")) if len(names) == 1 else language.gettext("others")
        body.keys.append(Key(place, f"{text} ({sum(counted[name] for name in names)})", "area"))
    for name in list(groups)[:8]:
        members = sorted(table.name(iri) for iri, group in group_of.items() if group == name)
        listed = ", ".join(members[:6]) + ("…" if len(members) > 6 else "")
        body.told.append(f"{name or language.gettext('not told')}: {len(members)} ({listed}).")
    return {known[iri]: fill_of(groups[group]) for iri, group in group_of.items()}


def _by_number(
    body: Body, table: Table, known: Mapping[str, str], states: Mapping[str, list[int]], language: Language
) -> dict[str, str]:
    """Fill each State the darker, the larger its number; each class of the legend covers a part of the numbers there are."""
    numbers = {iri: sum(count_of(table, table.rows[place]) for place in states[iri]) for iri in known}
    if not numbers:
        return {}
    limits = _limits(sorted(set(numbers.values())))
    low = 0.0
    tones = [SCALE[round(place * (len(SCALE) - 1) / max(1, len(limits) - 1))] for place in range(len(limits))]
    for limit, tone in zip(limits, tones, strict=True):
        inside = [number for number in numbers.values() if low < number <= limit]
        first, last = min(inside), max(inside)
        text = write(first, language) + (f"–{write(last, language)}" if last != first else "")
        body.keys.append(Key(0, text, tone))
        low = limit
    ranked = sorted(numbers, key=lambda iri: (-numbers[iri], table.name(iri)))
    most = "; ".join(f"{table.name(iri)}: {write(numbers[iri], language)}" for iri in ranked[:8])
    body.told.append(language.gettext("The most: %s.") % most)
    return {
        known[iri]: next(tone for limit, tone in zip(limits, tones, strict=True) if number <= limit)
        for iri, number in numbers.items()
    }


def _limits(values: list[float]) -> list[float]:
    """Divide the numbers there are into at most as many classes as there are tones, each about as many of them."""
    size = min(len(SCALE), len(values))
    return sorted({values[-(-len(values) * (place + 1) // size) - 1] for place in range(size)})

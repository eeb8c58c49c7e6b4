"""Bars: numbers by year, one on top of the other where they are of several groups, or by anything else, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, INK, NONE, SMALL, Canvas, fill_of
from kg.picture.font import measure, wrap
from kg.picture.frame import Body, Key
from kg.picture.table import Row, Table

MOST = 24  # bars beside one another that are named
HIGH = 220  # of the plot of bars by year
BAR = 14


def draw(table: Table, width: float, language: Language, most: int = MOST) -> Body:
    """Draw numbers as bars, those by name at most so many."""
    body = Body(Canvas(width))
    if "year" in table.roles:
        _by_year(body, table, language)
    else:
        _by_name(body, table, language, most)
    return body


def count_of(table: Table, row: Row) -> float:
    """Return what a row counts for: its number, or one where the picture counts rows."""
    if "count" not in table.roles:
        return 1
    return table.number(row, "count") or 0


def counted(table: Table, language: Language) -> str:
    """Say what the numbers of a picture are: those of a column, or how many rows there are."""
    if "count" not in table.roles:
        return language.gettext("The numbers count the rows of the answer.")
    return language.gettext(
        "The numbers: %s. They are added up, so that one thing may count in several rows."
    ) % table.meaning("count")


def write(number: float, language: Language) -> str:
    """Write a number without a fraction that says nothing."""
    return language.amount(f"{number:.6f}".rstrip("0").rstrip("."))


def _by_year(body: Body, table: Table, language: Language) -> None:
    counts: dict[tuple[int, str], float] = Counter()
    for row in table.rows:
        year = table.year(row, "year")
        if year is None:
            body.left_out += 1
        else:
            counts[year, table.text(row, "group")] += count_of(table, row)
    if not counts:
        body.height = 8
        return
    weights = Counter({group: 0.0 for _, group in counts})
    for (_, group), number in counts.items():
        weights[group] += number
    ranked = sorted(weights, key=lambda name: (-weights[name], name))
    groups = {name: min(place, NONE) for place, name in enumerate(ranked)}
    first, last = min(year for year, _ in counts), max(year for year, _ in counts)
    totals = {year: sum(n for (one, _), n in counts.items() if one == year) for year in range(first, last + 1)}
    _years(body.canvas, counts, groups, totals, language)
    body.height = HIGH + 44
    if table.has("group"):
        body.keys = _keys(weights, groups, language)
    body.told = _tell_years(totals, weights if table.has("group") else {}, language)
    body.notes.append(counted(table, language))
    if body.left_out:
        body.notes.append(
            language.ngettext("%s row has no year.", "%s rows have no year.", body.left_out) % body.left_out
        )


def _keys(weights: Mapping[str, float], groups: Mapping[str, int], language: Language) -> list[Key]:
    by_place: dict[int, list[str]] = {}
    for name, place in groups.items():
        by_place.setdefault(place, []).append(name)
    keys = []
    for place, names in sorted(by_place.items()):
        text = (names[0] or language.gettext("not told")) if len(names) == 1 else language.gettext("others")
        keys.append(Key(place, f"{text} ({write(sum(weights[name] for name in names), language)})", "area"))
    return keys


def _tell_years(totals: Mapping[int, float], weights: Mapping[str, float], language: Language) -> list[str]:
    _ = language.gettext
    most = max(totals, key=lambda year: (totals[year], -year))
    said = _("%(total)s in all, from %(first)s to %(last)s; the most, %(most)s, in %(year)s.") % {
        "total": write(sum(totals.values()), language),
        "first": min(totals),
        "last": max(totals),
        "most": write(totals[most], language),
        "year": most,
    }
    ranked = sorted(weights, key=lambda name: (-weights[name], name))
    listed = "; ".join(f"{name or _('not told')}: {write(weights[name], language)}" for name in ranked[:8])
    return [_("Bars by year.") + " " + said, *([listed + "."] if listed else [])]


def _steps(most: float) -> tuple[float, float]:
    """Choose the step of an axis from nought, and where it ends."""
    for power in range(-1, 12):
        for step in (1, 2, 5):
            size = step * 10**power
            if most / size <= 5 and (size >= 1 or most < 1):
                return size, size * max(1, -(-most // size))
    return most, most


def _years(
    canvas: Canvas,
    counts: Mapping[tuple[int, str], float],
    groups: Mapping[str, int],
    totals: Mapping[int, float],
    language: Language,
) -> None:
    step, top = _steps(max(totals.values()))
    left = 10 + measure(write(top, language), *SMALL)
    room = canvas.width - left
    each = room / len(totals)
    bar = min(44, each * 0.8)
    base = HIGH + 14.0
    for number in range(round(top / step) + 1):
        y = base - HIGH * number * step / top
        canvas.line(left, y, canvas.width, y, stroke=GREY if number == 0 else "#d4d4d4")
        canvas.text(left - 6, y + 4, write(number * step, language), SMALL, "end", fill=GREY)
    every = max(1, -(-int(measure("2000", *SMALL) + 6) // max(1, int(each))))
    every = next(one for one in (1, 2, 5, 10, 20, 50, 100, 1000) if one >= every)
    for place, year in enumerate(totals):
        x, y = left + each * place + (each - bar) / 2, base
        for group in groups:
            if number := counts.get((year, group), 0):
                high = HIGH * number / top
                y -= high
                canvas.box(x, y, bar, high, fill=fill_of(groups[group]), stroke=INK, stroke_width=0.6)
        text = write(totals[year], language)
        if totals[year] and measure(text, *SMALL) <= each + 2:
            canvas.text(x + bar / 2, y - 3, text, SMALL, "middle")
        if year % every == 0 or len(totals) == 1:
            canvas.text(min(x + bar / 2, canvas.width - 14), base + 16, str(year), SMALL, "middle", fill=GREY)
            canvas.line(x + bar / 2, base, x + bar / 2, base + 4, stroke=GREY)


def _by_name(body: Body, table: Table, language: Language, most: int) -> None:
    """Draw a bar, or one for each column that counts, for each name; rows of one name are added up."""
    columns = table.roles.get("count", ())
    totals: dict[str, list[float]] = {}
    rows: Counter[str] = Counter()
    for row in table.rows:
        name = table.text(row, "by")
        rows[name] += 1
        numbers = totals.setdefault(name, [0.0] * max(1, len(columns)))
        for place in range(len(numbers)):
            one = Table([row], {"count": [columns[place]]}) if columns else None
            numbers[place] += (one.number(row, "count") or 0) if one else 1
    ranked = sorted(totals, key=lambda name: (*(-number for number in totals[name]), name))
    shown = ranked[:most]
    body.shown = len(shown)
    body.left_out = sum(rows[name] for name in ranked[most:])
    if len(columns) > 1:
        body.keys = [Key(place, table.meanings.get(one, one), "area") for place, one in enumerate(columns)]
    else:
        body.notes.append(counted(table, language))
    if shown:
        _named(body, {name: totals[name] for name in shown}, language)
        body.told = _tell_names(totals, ranked, body.keys, language)


def _tell_names(
    totals: Mapping[str, Sequence[float]], ranked: Sequence[str], keys: Sequence[Key], language: Language
) -> list[str]:
    _ = language.gettext
    told = [language.ngettext("Bars for %s entry.", "Bars for %s entries.", len(ranked)) % len(ranked)]
    if keys:
        told.append(_("The numbers are: %s.") % "; ".join(key.text for key in keys))
    parts = (f"{name or _('not told')}: {', '.join(write(n, language) for n in totals[name])}" for name in ranked[:8])
    return [*told, _("The most: %s.") % "; ".join(parts)]


def _named(body: Body, totals: Mapping[str, Sequence[float]], language: Language) -> None:
    canvas = body.canvas
    most = max((max(numbers) for numbers in totals.values()), default=1) or 1
    figure = max(measure(write(n, language), *SMALL) for numbers in totals.values() for n in numbers) + 8
    wide = canvas.width if canvas.is_narrow else min(300, canvas.width * 0.42)
    left = 0.0 if canvas.is_narrow else wide + 10
    y = 2.0
    for name, numbers in totals.items():
        lines = wrap(name or language.gettext("not told"), BODY.size, wide, 3)
        text, bars = len(lines) * BODY.line, len(numbers) * (BAR + 2)
        high = text + bars + 3 if canvas.is_narrow else max(text, bars)
        canvas.lines(0, y + (0 if canvas.is_narrow else (high - text) / 2), lines, BODY)
        top = y + text + 3 if canvas.is_narrow else y + (high - bars) / 2
        for place, number in enumerate(numbers):
            long = (canvas.width - left - figure) * number / most
            canvas.box(left, top + 1, max(long, 0.1), BAR, fill=fill_of(place), stroke=INK, stroke_width=0.6)
            canvas.text(left + long + 5, top + BAR - 2, write(number, language), SMALL)
            top += BAR + 2
        y += high + 8
    canvas.line(left, 0, left, y - 4, stroke=GREY)
    body.height = y

"""Bars: numbers by year, one on top of the other where they are of several groups, or by anything else, side by side."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from kg.picture.canvas import BODY, GREY, SMALL, STYLES, LegendEntry, Plot
from kg.picture.font import measure, wrap
from kg.picture.table import STEPS, Groups, Table, as_number, write, write_most, year_of

MOST = 24  # bars beside one another that are named
HIGH = 220  # of the plot of bars by year
BASE = HIGH + 14.0  # where these stand
BAR = 14


def draw(table: Table, width: float, most: int = MOST) -> Plot:
    """Draw numbers as bars, those by name at most so many."""
    body = Plot(width, language=table.language)
    if "year" in table.roles:
        _draw_years(body, table)
    else:
        _draw_names(body, table, most)
    return body


def _draw_years(body: Plot, table: Table) -> None:
    counts: defaultdict[tuple[int, str], float] = defaultdict(float)
    weights, by_year = defaultdict[str, float](float), defaultdict[int, float](float)
    for row in table.rows:
        year = year_of(table.value(row, "year"))
        if year is None:
            body.undated += 1
            continue
        group, number = table.text(row, "group"), table.count(row)
        counts[year, group] += number
        weights[group] += number
        by_year[year] += number
    body.undated_note = body.language.ngettext("%s row has no year.", "%s rows have no year.", body.undated)
    if not counts:
        return
    totals = {year: by_year[year] for year in range(min(by_year), max(by_year) + 1)}
    groups, _ = Groups(weights, body.language), body.language.gettext
    _draw_stacks(body, counts, groups.styles, totals)
    body.height = HIGH + 44
    most = max(totals, key=lambda year: (totals[year], -year))
    body.summary = [
        _("Bars by year."),
        _("%(total)s in all, from %(first)s to %(last)s; the most, %(most)s, in %(year)s.")
        % {
            "total": write(sum(totals.values()), body.language),
            "first": min(totals),
            "last": max(totals),
            "most": write(totals[most], body.language),
            "year": most,
        },
    ]
    if table.has("group"):
        body.keys = [LegendEntry(name, fill=STYLES[style].fill) for style, name in groups.names_counted().items()]
        body.summary.append(write_most(weights, body.language) + ".")
    body.notes.append(table.explain_count())


def _draw_stacks(
    body: Plot, counts: Mapping[tuple[int, str], float], styles: Mapping[str, int], totals: Mapping[int, float]
) -> None:
    """Draw the bars of the years over one another, group by group, with an axis below and one at the left."""
    highest = max(1, *totals.values())
    step = next(size for size in STEPS if highest / size <= 5)
    top = step * -(-highest // step)
    left = 10 + measure(write(top, body.language), *SMALL)
    each = (body.width - left) / len(totals)
    bar = min(44, each * 0.8)
    for number in range(round(top / step) + 1):
        y = BASE - HIGH * number * step / top
        body.line(left, y, body.width, y, **({} if number else {"stroke": GREY}))
        body.text(left - 6, y + 4, write(number * step, body.language), SMALL, "end", fill=GREY)
    every = next(step for step in STEPS if step * max(1, int(each)) >= int(measure("2000", *SMALL) + 6))
    for place, (year, total) in enumerate(totals.items()):
        x, y = left + each * place + (each - bar) / 2, BASE
        for group, style in styles.items():
            if count := counts.get((year, group), 0):
                high = HIGH * count / top
                y -= high
                body.area(x, y, bar, high, style)
        text = write(total, body.language)
        if total and measure(text, *SMALL) <= each + 2:
            body.text(x + bar / 2, y - 3, text, SMALL, "middle")
        if year % every == 0 or len(totals) == 1:
            body.text(min(x + bar / 2, body.width - 14), BASE + 16, str(year), SMALL, "middle", fill=GREY)
            body.line(x + bar / 2, BASE, x + bar / 2, BASE + 4, stroke=GREY)


def _draw_names(body: Plot, table: Table, most: int) -> None:
    """Draw a bar, or one for each column that counts, for each name; rows of one name are added up."""
    _, heads, rows = body.language.gettext, table.heads("count"), Counter[str]()
    totals: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * max(1, len(heads)))
    for row in table.rows:
        name = table.text(row, "by") or _("not told")
        rows[name] += 1
        for place, cell in enumerate(table.cells(row, "count") or ["1"]):
            totals[name][place] += as_number(cell) or 0
    ranked = sorted(totals, key=lambda name: (*(-number for number in totals[name]), name))
    if len(heads) > 1:
        body.keys = [LegendEntry(head, fill=STYLES[place].fill) for place, head in enumerate(heads)]
    else:
        body.notes.append(table.explain_count())
    shown = body.show(ranked, most, rows.__getitem__)
    if not shown:
        return
    texts = {name: [write(number, body.language) for number in totals[name]] for name in ranked}
    _draw_named(body, {name: totals[name] for name in shown}, texts)
    body.summary = [body.language.ngettext("Bars for %s entry.", "Bars for %s entries.", len(ranked)) % len(ranked)]
    body.summary += [_("The numbers are: %s.") % "; ".join(heads)] if body.keys else []
    body.summary.append(_("The most: %s.") % "; ".join(f"{name}: {', '.join(texts[name])}" for name in ranked[:8]))


def _draw_named(body: Plot, totals: Mapping[str, Sequence[float]], texts: Mapping[str, Sequence[str]]) -> None:
    """Draw the bars of each name beside it, or beneath it where there is little room."""
    most = max(max(numbers) for numbers in totals.values()) or 1
    figure = max(measure(text, *SMALL) for name in totals for text in texts[name]) + 8
    wide = body.width if body.is_narrow else min(300, body.width * 0.42)
    left = 0.0 if body.is_narrow else wide + 10
    y = 2.0
    for name, numbers in totals.items():
        lines = wrap(name, BODY.size, wide, 3)
        text, bars = len(lines) * BODY.line, len(numbers) * (BAR + 2)
        high = text + bars + 3 if body.is_narrow else max(text, bars)
        body.lines(0, y + (0 if body.is_narrow else (high - text) / 2), lines, BODY)
        top = y + text + 3 if body.is_narrow else y + (high - bars) / 2
        for place, number in enumerate(numbers):
            long = (body.width - left - figure) * number / most
            body.area(left, top + 1, long, BAR, place)
            body.text(left + long + 5, top + BAR - 2, texts[name][place], SMALL)
            top += BAR + 2
        y += high + 8
    body.line(left, 0, left, y - 4, stroke=GREY)
    body.height = y

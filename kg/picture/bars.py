"""Bars: numbers by year, one on top of the other where they are of several groups, or by anything else, side by side."""

from collections import Counter
from collections.abc import Mapping, Sequence

from kg.picture.canvas import BODY, GREY, GRID, SMALL, STYLES, Canvas, LegendEntry
from kg.picture.table import STEPS, Groups, Table, add_up, as_number, write, year_of

MOST = 24  # bars beside one another that are named
HIGH = 220  # of the plot of bars by year
BASE = HIGH + 14.0  # where these stand
BAR = 14


def draw(body: Canvas, table: Table, most: int = MOST) -> None:
    """Draw numbers as bars, those by name at most so many."""
    if "year" in table.roles:
        _draw_years(body, table)
    else:
        _draw_names(body, table, most)


def _draw_years(body: Canvas, table: Table) -> None:
    years = [year_of(table.value(row, "year")) for row in table.rows]
    groups_of_rows = [table.text(row, "group") for row in table.rows]
    rows = [*zip(years, groups_of_rows, table.counts(years), strict=True)]
    dated = [(year, group, number) for year, group, number in rows if year is not None]
    body.undated = sum(number for year, _group, number in rows if year is None)
    if not dated:
        return
    by_year = add_up((year, number) for year, _group, number in dated)
    totals = {year: by_year.get(year, 0) for year in range(min(by_year), max(by_year) + 1)}
    groups = Groups(add_up((group, number) for _year, group, number in dated if number), body.language)
    _draw_stacks(body, add_up(((year, group), number) for year, group, number in dated), groups.styles, totals)
    body.facts = {"totals": totals, "groups": groups}
    body.keys = groups.legend(is_filled=True)


def _draw_stacks(
    body: Canvas, counts: Mapping[tuple[int, str], float], styles: Mapping[str, int], totals: Mapping[int, float]
) -> None:
    highest = max(1, *totals.values())
    step = next(size for size in STEPS if highest / size <= 5)
    top = step * -(-highest // step)
    left = 10 + SMALL.measure(write(top, body.language))
    each = (body.width - left) / len(totals)
    bar = min(44, each * 0.8)
    for number in range(round(top / step) + 1):
        y = BASE - HIGH * number * step / top
        body.line(left, y, body.width, y, stroke=GRID if number else GREY)
        body.text(left - 6, y + 4, write(number * step, body.language), SMALL, text_anchor="end", fill=GREY)
    every = next(step for step in STEPS if step * max(1, int(each)) >= int(SMALL.measure("2000") + 6))
    for place, (year, total) in enumerate(totals.items()):
        x, y = left + each * place + (each - bar) / 2, BASE
        for group, style in styles.items():
            if count := counts.get((year, group), 0):
                high = HIGH * count / top
                y -= high
                body.area(x, y, bar, high, style)
        text = write(total, body.language)
        if total and SMALL.measure(text) <= each + 2:
            body.text(x + bar / 2, y - 3, text, SMALL, text_anchor="middle")
        if year % every == 0 or len(totals) == 1:
            body.text(min(x + bar / 2, body.width - 14), BASE + 16, str(year), SMALL, text_anchor="middle", fill=GREY)
            body.line(x + bar / 2, BASE, x + bar / 2, BASE + 4, stroke=GREY)
    body.height = HIGH + 44


def _draw_names(body: Canvas, table: Table, most: int) -> None:
    heads = table.heads("count")
    totals: dict[str, list[float]] = {}
    rows = [(table.text(row, "by") or body.language.gettext("not recorded"), row) for row in table.rows]
    for name, row in rows:
        numbers = [as_number(cell) or 0 for cell in table.cells(row, "count") or ["1"]]
        totals[name] = [sum(pair) for pair in zip(totals.get(name, [0.0] * len(numbers)), numbers, strict=True)]
    ranked = sorted(totals, key=lambda name: (*(-number for number in totals[name]), name))
    if len(heads) > 1:
        body.keys = [LegendEntry(head, fill=STYLES[place]["fill"]) for place, head in enumerate(heads)]
    counts = Counter(name for name, _row in rows)
    if shown := body.show(ranked, most, counts.__getitem__):
        texts = {name: [write(number, body.language) for number in totals[name]] for name in ranked}
        _draw_named(body, {name: totals[name] for name in shown}, texts)
        body.facts = {"names": texts}


def _draw_named(body: Canvas, totals: Mapping[str, Sequence[float]], texts: Mapping[str, Sequence[str]]) -> None:
    most = max(max(numbers) for numbers in totals.values()) or 1
    figure = max(SMALL.measure(text) for name in totals for text in texts[name]) + 8
    wide = body.width if body.is_narrow else min(300, body.width * 0.42)
    left = 0.0 if body.is_narrow else wide + 10
    y = 2.0
    for name, numbers in totals.items():
        lines = BODY.wrap(name, wide, 3)
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

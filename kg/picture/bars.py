"""Bars: numbers by year, one on top of the other where they are of several groups, or by anything else, side by side."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from kg.picture.canvas import BODY, GREY, INK, SMALL, fill_of
from kg.picture.font import measure, wrap
from kg.picture.frame import Body, Key
from kg.picture.table import STEPS, Groups, Table, as_number, days_of, write, write_each

MOST = 24  # bars beside one another that are named
HIGH = 220  # of the plot of bars by year
BASE = HIGH + 14.0  # where these stand
BAR = 14


def draw(table: Table, width: float, most: int = MOST) -> Body:
    """Draw numbers as bars, those by name at most so many."""
    body = Body(width, language=table.language)
    if "year" in table.roles:
        _draw_years(body, table)
    else:
        _draw_names(body, table, most)
    return body


def _draw_years(body: Body, table: Table) -> None:
    counts: defaultdict[tuple[int, str], float] = defaultdict(float)
    for row in table.rows:
        day, _last = days_of(table.value(row, "year"))
        if day:
            counts[day.year, table.text(row, "group")] += table.count(row)
        else:
            body.undated += 1
    body.undated_note = body.language.ngettext("%s row has no year.", "%s rows have no year.", body.undated)
    if not counts:
        return
    weights: defaultdict[str, float] = defaultdict(float)
    totals = dict.fromkeys(range(min(counts)[0], max(counts)[0] + 1), 0.0)
    for (year, group), number in counts.items():
        weights[group] += number
        totals[year] += number
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
        body.keys = [Key(name, fill=fill_of(style)) for style, name in groups.names_counted().items()]
        body.summary.append(write_each([*groups.weights.items()][:8], body.language) + ".")
    body.notes.append(table.explain_count())


def _draw_stacks(
    body: Body, counts: Mapping[tuple[int, str], float], styles: Mapping[str, int], totals: Mapping[int, float]
) -> None:
    """Draw the bars of the years over one another, group by group, with an axis below and one at the left."""
    highest = max(totals.values())
    sizes = [0.1, 0.2, 0.5, *STEPS] if highest < 1 else STEPS
    step = next((size for size in sizes if highest / size <= 5), highest)
    top = step * max(1, -(-highest // step))
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
            if count := counts.get((year, group), 0.0):
                high = HIGH * count / top
                y -= high
                body.box(x, y, bar, high, fill=fill_of(style), stroke=INK, stroke_width=0.6)
        text = write(total, body.language)
        if total and measure(text, *SMALL) <= each + 2:
            body.text(x + bar / 2, y - 3, text, SMALL, "middle")
        if year % every == 0 or len(totals) == 1:
            body.text(min(x + bar / 2, body.width - 14), BASE + 16, str(year), SMALL, "middle", fill=GREY)
            body.line(x + bar / 2, BASE, x + bar / 2, BASE + 4, stroke=GREY)


def _draw_names(body: Body, table: Table, most: int) -> None:
    """Draw a bar, or one for each column that counts, for each name; rows of one name are added up."""
    totals: dict[str, list[float]] = {}
    rows: Counter[str] = Counter()
    for row in table.rows:
        name = table.text(row, "by")
        rows[name] += 1
        numbers = [as_number(cell) or 0.0 for cell in table.cells(row, "count")] or [1.0]
        totals[name] = [sum(pair) for pair in zip(totals.get(name, [0.0] * len(numbers)), numbers, strict=True)]
    ranked = sorted(totals, key=lambda name: (*(-number for number in totals[name]), name))
    heads = table.heads("count")
    if len(heads) > 1:
        body.keys = [Key(head, fill=fill_of(place)) for place, head in enumerate(heads)]
    else:
        body.notes.append(table.explain_count())
    shown = body.show(ranked, most, rows.__getitem__)
    if not shown:
        return
    _draw_named(body, {name: totals[name] for name in shown})
    _ = body.language.gettext
    body.summary = [body.language.ngettext("Bars for %s entry.", "Bars for %s entries.", len(ranked)) % len(ranked)]
    body.summary += [_("The numbers are: %s.") % "; ".join(heads)] if body.keys else []
    parts = (
        f"{name or _('not told')}: {', '.join(write(n, body.language) for n in totals[name])}" for name in ranked[:8]
    )
    body.summary.append(_("The most: %s.") % "; ".join(parts))


def _draw_named(body: Body, totals: Mapping[str, Sequence[float]]) -> None:
    """Draw the bars of each name beside it, or beneath it where there is little room."""
    most = max(max(numbers) for numbers in totals.values()) or 1
    texts = {name: [write(number, body.language) for number in numbers] for name, numbers in totals.items()}
    figure = max(measure(text, *SMALL) for row in texts.values() for text in row) + 8
    wide = body.width if body.is_narrow else min(300, body.width * 0.42)
    left = 0.0 if body.is_narrow else wide + 10
    y = 2.0
    for name, numbers in totals.items():
        lines = wrap(name or body.language.gettext("not told"), BODY.size, wide, 3)
        text, bars = len(lines) * BODY.line, len(numbers) * (BAR + 2)
        high = text + bars + 3 if body.is_narrow else max(text, bars)
        body.lines(0, y + (0 if body.is_narrow else (high - text) / 2), lines, BODY)
        top = y + text + 3 if body.is_narrow else y + (high - bars) / 2
        for place, number in enumerate(numbers):
            long = (body.width - left - figure) * number / most
            body.box(left, top + 1, long, BAR, fill=fill_of(place), stroke=INK, stroke_width=0.6)
            body.text(left + long + 5, top + BAR - 2, texts[name][place], SMALL)
            top += BAR + 2
        y += high + 8
    body.line(left, 0, left, y - 4, stroke=GREY)
    body.height = y

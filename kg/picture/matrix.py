"""A matrix: numbers by two things, each written in its cell, and the darker the more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kg.languages import Language
from kg.picture.bars import count_of, counted, write
from kg.picture.canvas import BODY, GREY, ON_SCALE, SCALE, SMALL, STRONG, Canvas
from kg.picture.font import clip, measure, wrap
from kg.picture.frame import Body
from kg.picture.table import Table, year_of

MOST = 28  # rows
CELL = 26


def draw(table: Table, width: float, language: Language, most: int = MOST) -> Body:
    """Draw numbers by two things, in at most so many rows."""
    body = Body(Canvas(width))
    found = [(table.text(row, "row"), table.value(row, "column"), count_of(table, row)) for row in table.rows]
    if not found:
        return body
    years = [year_of(value) for _, value, _ in found]
    by_year = 2 * sum(year is not None for year in years) > len(years)
    side = 150 if body.canvas.is_narrow else 260
    room = int((width - side) / (CELL if by_year else 34))
    cells: Counter[tuple[str, str]] = Counter()
    rows_of: Counter[str] = Counter()
    heads = _periods(sorted({year for year in years if year}), room) if by_year else {}
    for (name, value, number), year in zip(found, years, strict=True):
        head = heads.get(year or 0) or table.name(value) or language.gettext("no date")
        cells[name, head] += number
        rows_of[name] += 1
    order = list(dict.fromkeys(heads.values())) if by_year else []
    columns = Counter()
    for (_name, head), number in cells.items():
        columns[head] += number
    order += [head for head, _ in sorted(columns.items(), key=lambda one: (-one[1], one[0])) if head not in order]
    if not by_year and len(order) > room:
        other = language.gettext("others")
        for (name, head), number in list(cells.items()):
            if head not in order[: room - 1]:
                del cells[name, head]
                cells[name, other] += number
        order = [*order[: room - 1], other]
    totals: Counter[str] = Counter()
    for (name, _head), number in cells.items():
        totals[name] += number
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    body.left_out = sum(rows_of[name] for name in ranked[most:])
    body.shown = len(ranked[:most])
    _lay(body, {name: totals[name] for name in ranked[:most]}, order, cells, side, language)
    body.told = _tell(totals, ranked, columns if not by_year else {}, heads, language)
    body.notes += [counted(table, language), language.gettext("The darker, the more; an empty cell: none recorded.")]
    return body


def _periods(years: Sequence[int], room: int) -> dict[int, str]:
    """Name the period of each year, as many years in each as it takes for all to have room; those between are there too."""
    if not years:
        return {}
    first, last = years[0], years[-1]
    size = next(one for one in (1, 2, 5, 10, 20, 50, 100, 10000) if last // one - first // one + 2 <= room)
    if size == 1:
        return {year: str(year) for year in range(first, last + 1)}
    starts = {year: year - year % size for year in range(first, last + 1)}
    return {year: f"{start}–{start + size - 1}" for year, start in starts.items()}


def _tell(
    totals: Mapping[str, float],
    ranked: Sequence[str],
    columns: Mapping[str, float],
    heads: Mapping[int, str],
    language: Language,
) -> list[str]:
    _ = language.gettext
    told = [language.ngettext("A matrix of %s row.", "A matrix of %s rows.", len(ranked)) % len(ranked)]
    if heads:
        told.append(_("From %(first)s to %(last)s.") % {"first": min(heads), "last": max(heads)})
    listed = "; ".join(f"{name or _('not told')}: {write(totals[name], language)}" for name in ranked[:6])
    told.append(_("The most: %s.") % listed)
    if columns:
        most = sorted(columns.items(), key=lambda one: (-one[1], one[0]))[:6]
        told.append("; ".join(f"{head or _('not told')}: {write(number, language)}" for head, number in most) + ".")
    return told


def _lay(
    body: Body,
    totals: Mapping[str, float],
    heads: Sequence[str],
    cells: Mapping[tuple[str, str], float],
    side: float,
    language: Language,
) -> None:
    canvas = body.canvas
    each = min(52.0, (canvas.width - side - 2) / max(1, len(heads)))
    names = [clip(head or language.gettext("not told"), SMALL.size, 150) for head in heads]
    is_flat = all(measure(name, *SMALL) <= each - 2 for name in names)
    beyond = (
        max((measure(name, *SMALL) for name in names if len(name) > 4), default=0) * 0.5
    )  # what a slanted head needs
    if not is_flat:
        each = min(52.0, (canvas.width - side - 2 - max(0.0, beyond - each / 2)) / max(1, len(heads)))
    top = 22.0 if is_flat else max(measure(name, *SMALL) for name in names) * 0.87 + 18
    for place, name in enumerate(names):
        x = side + each * (place + 0.5)
        if is_flat:
            canvas.text(x, top - 7, name, SMALL, "middle", fill=GREY)
        else:
            turn = f"rotate(-{60 if len(name) > 4 else 90} {x + 4:.1f} {top - 6:.1f})"
            canvas.text(x + 4, top - 6, name, SMALL, fill=GREY, transform=turn)
    most, y = max(cells.values(), default=1) or 1, top
    for name in totals:
        lines = wrap(name or language.gettext("not told"), BODY.size, side - 10, 3)
        high = max(CELL, len(lines) * BODY.line + 4)
        canvas.lines(0, y + (high - len(lines) * BODY.line) / 2, lines, BODY)
        for place, head in enumerate(heads):
            number, x = cells.get((name, head), 0), side + each * place
            if not number:
                canvas.box(x, y, each, high, fill="#ffffff", stroke="#d4d4d4", stroke_width=0.6)
                continue
            tone = min(len(SCALE) - 1, int(len(SCALE) * (number - 0.5) / most))
            canvas.box(x, y, each, high, fill=SCALE[tone], stroke="#ffffff", stroke_width=1)
            text = write(number, language)
            face = STRONG if measure(text, *STRONG) < each else SMALL
            canvas.text(x + each / 2, y + high / 2 + 4.5, text, face, "middle", fill=ON_SCALE[tone])
        y += high
    body.height = y + 4

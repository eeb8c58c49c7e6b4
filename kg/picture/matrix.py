"""A matrix: numbers by two things, each written in its cell, and the darker the more."""

from collections import Counter
from collections.abc import Mapping, Sequence

from kg.picture.canvas import BODY, GREY, GRID, ON_SCALE, PAPER, SCALE, SMALL, STRONG, Canvas
from kg.picture.table import STEPS, Table, add_up, rank, write, year_of

MOST = 28  # rows
CELL = 26
WIDEST = 52.0  # of the columns


def draw(body: Canvas, table: Table, most: int = MOST) -> None:
    """Draw numbers by two things, in at most so many rows."""
    if not table.rows:
        return
    _, side = body.language.gettext, 150 if body.is_narrow else 260
    values = [table.value(row, "column") for row in table.rows]
    years = [year for year in map(year_of, values) if year is not None]
    by_year = 2 * len(years) > len(values)
    room = int((body.width - side) / (CELL if by_year else 34))
    periods = _periods(years, room) if by_year else {}
    names = [table.text(row, "row") or _("not recorded") for row in table.rows]
    columns = [periods.get(year_of(value)) or table.name(value) or _("no date") for value in values]
    numbers = table.counts([*zip(names, columns, strict=True)])
    totals, sums = add_up(zip(names, numbers, strict=True)), add_up(zip(columns, numbers, strict=True))
    heads = [*dict.fromkeys([*periods.values(), *rank(sums)])]
    if not by_year and len(heads) > room:
        others = {*heads[room - 1 :]}
        heads = [*heads[: room - 1], _("others")]
        columns = [_("others") if head in others else head for head in columns]
    shown = body.show([*rank(totals)], most, Counter(names).__getitem__)
    cells = add_up(zip(zip(names, columns, strict=True), numbers, strict=True))
    _draw_cells(body, shown, heads, cells, side)
    body.facts = {"rows": totals, "columns": sums, "years": years if by_year else []}


def _periods(years: Sequence[int], room: int) -> dict[int | None, str]:
    """Name the period of each year, as many years in each as it takes for all to have room; those between are there too."""
    first, last = min(years), max(years)
    size = next(size for size in STEPS if last // size - first // size + 2 <= room)
    if size == 1:
        return {year: str(year) for year in range(first, last + 1)}
    starts = {year: year - year % size for year in range(first, last + 1)}
    return {year: f"{start}–{start + size - 1}" for year, start in starts.items()}


def _draw_cells(
    body: Canvas, rows: Sequence[str], heads: Sequence[str], cells: Mapping[tuple[str, str], float], side: float
) -> None:
    room, number = body.width - side - 2, max(1, len(heads))
    each = min(WIDEST, room / number)
    names = [SMALL.clip(head, 150) for head in heads]
    widths = [SMALL.measure(name) for name in names]
    top = 22.0
    is_flat = all(width <= each - 2 for width in widths)
    if not is_flat:
        beyond = max((width for name, width in zip(names, widths, strict=True) if len(name) > 4), default=0) * 0.5
        each = min(WIDEST, (room - max(0.0, beyond - each / 2)) / number)  # a slanted head needs what is beyond
        top = max(widths) * 0.87 + 18
    for place, name in enumerate(names):
        x = side + each * (place + 0.5)
        if is_flat:
            body.text(x, top - 7, name, SMALL, text_anchor="middle", fill=GREY)
        else:
            turn = f"rotate(-{60 if len(name) > 4 else 90} {x + 4:.1f} {top - 6:.1f})"
            body.text(x + 4, top - 6, name, SMALL, fill=GREY, transform=turn)
    most, y = max(cells.values(), default=1) or 1, top
    for name in rows:
        lines = BODY.wrap(name, side - 10, 3)
        high = max(CELL, len(lines) * BODY.line + 4)
        body.lines(0, y + (high - len(lines) * BODY.line) / 2, lines, BODY)
        for place, head in enumerate(heads):
            count, x = cells.get((name, head), 0), side + each * place
            if not count:
                body.box(x, y, each, high, stroke=GRID, stroke_width=0.6)
                continue
            tone = min(len(SCALE) - 1, int(len(SCALE) * (count - 0.5) / most))
            body.box(x, y, each, high, fill=SCALE[tone], stroke=PAPER, stroke_width=1)
            text = write(count, body.language)
            face = STRONG if STRONG.measure(text) < each else SMALL
            body.text(x + each / 2, y + high / 2 + 4.5, text, face, text_anchor="middle", fill=ON_SCALE[tone])
        y += high
    body.height = y + 4

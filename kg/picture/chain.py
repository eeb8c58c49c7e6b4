"""A chain: what leads to what, a column for each step, or on a telephone one beneath the other.

Rows share a box as far as they are the same from their first step on. Further on a thing has a box for each way to it, so that
no line leads from one thing to what only another led to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kg.picture.canvas import BODY, GREY, INK, SMALL, Canvas
from kg.picture.table import Table

MOST = 20  # ends of ways
GAP = 34  # between the columns
FILLS = ("#e3eef7", "#fdf1d6", "#eeeeee", "#e2f1ea", "#f7e8f0")
PADDING = 6
INDENT = 18.0  # of each step, where they stand beneath one another


@dataclass
class Box:
    """One thing at one step, on the way to it, and what it leads to."""

    place: int  # of its step among those that are drawn
    text: str
    next: dict[tuple[int, str], Box] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    y: float = 0

    @property
    def height(self) -> float:
        """How high the box is."""
        return len(self.lines) * BODY.line + 2 * PADDING

    @property
    def middle(self) -> float:
        """Where lines reach it."""
        return self.y + self.height / 2

    def draw(self, body: Canvas, x: float, wide: float) -> None:
        """Draw the box with its text."""
        fill = FILLS[self.place % len(FILLS)]
        body.box(x, self.y, wide, self.height, fill=fill, stroke=INK, stroke_width=0.8, rx=4)
        body.lines(x + PADDING, self.y + PADDING - 1, self.lines, BODY)


def draw(body: Canvas, table: Table, most: int = MOST) -> None:
    """Draw each row as a way through the steps, at most so many different ones."""
    rows = [enumerate(map(table.name, table.cells(row, "steps"))) for row in table.rows]
    ways = Counter(tuple((step, text) for step, text in row if text) for row in rows)
    body.left_out, body.height = ways.pop((), 0), 0
    shown, heads = body.show([*ways], most, ways.__getitem__), table.heads("steps")
    steps = sorted({step for way in shown for step, _text in way})
    root = Box(-1, "")
    for way in shown:
        box = root
        for step, text in way:
            box = box.next.setdefault((step, text), Box(steps.index(step), text))
    arrange = _draw_outline if body.is_narrow else _draw_columns
    arrange(body, [*root.next.values()], [heads[step] for step in steps])
    body.facts = {
        "ways": [[text for _step, text in way] for way in ways],
        "steps": heads,
        "skips": any(b > a + 1 for way in shown for (a, _text), (b, _text) in pairwise(way)),
        "ends_early": any(way[-1][0] < steps[-1] for way in shown),
    }


def _draw_columns(body: Canvas, firsts: Sequence[Box], heads: Sequence[str]) -> None:
    wide = min(300.0, (body.width - GAP * (len(heads) - 1)) / max(1, len(heads)))
    lefts = [place * (wide + GAP) for place in range(len(heads))]
    y = 0.0
    for left, head in zip(lefts, heads, strict=True):
        y = max(y, body.lines(left, 0, SMALL.wrap(head, wide, 3), SMALL, fill=GREY))
    boxes: list[Box] = []
    for first in firsts:
        y = _stack(first, y if boxes else y + 6, wide, boxes)
    for box in boxes:
        for following in box.next.values():
            x1, x2, y1, y2 = lefts[box.place] + wide, lefts[following.place], box.middle, following.middle
            bend = (max(x1, x2 - GAP) + x2) / 2
            line = f"M{x1:.1f},{y1:.1f}H{x2 - GAP:.1f}C{bend:.1f},{y1:.1f} {bend:.1f},{y2:.1f} {x2 - 6:.1f},{y2:.1f}"
            body.path(line, stroke=GREY, stroke_width=1.2)
            body.arrow(x2 - 7, x2, y2, GREY)
    for box in boxes:
        box.draw(body, lefts[box.place], wide)
    body.height = y


def _stack(box: Box, y: float, wide: float, boxes: list[Box]) -> float:
    """Put a box beside the middle of what it leads to, all of it below an edge; returns the edge for what comes next."""
    box.lines = BODY.wrap(box.text, wide - 2 * PADDING, 6)
    after: list[Box] = []
    below = y
    for following in box.next.values():
        below = _stack(following, below, wide, after)
    ends = [following.middle for following in box.next.values()]
    middle = (ends[0] + ends[-1]) / 2 if ends else y + box.height / 2
    box.y = middle - box.height / 2
    lower = max(0.0, y - box.y)  # a box that is higher than what it leads to moves down with it
    for moved in (box, *after):
        moved.y += lower
    boxes += [box, *after]
    return max(below + lower, box.y + box.height + 8)


def _draw_outline(body: Canvas, boxes: Sequence[Box], heads: Sequence[str], parent: Box | None = None) -> None:
    for box in boxes:
        x = INDENT * box.place
        wide = body.width - x
        head = SMALL.wrap(heads[box.place], wide - 2 * PADDING, 1)
        box.y = body.lines(x + PADDING, body.height, head, SMALL, fill=GREY) + 2
        box.lines = BODY.wrap(box.text, wide - 2 * PADDING, 6)
        if parent is not None:
            start, top = INDENT * parent.place + 8, parent.y + parent.height
            line = f"M{start:.1f},{top:.1f}V{box.middle:.1f}H{x - 5:.1f}"
            body.path(line, stroke=GREY, stroke_width=1.2)
            body.arrow(x - 7, x, box.middle, GREY)
        box.draw(body, x, wide)
        body.height = box.y + box.height + 6
        _draw_outline(body, [*box.next.values()], heads, box)

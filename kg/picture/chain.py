"""A chain: what leads to what, a column for each step, or on a telephone one beneath the other.

Rows share a box as far as they are the same from their first step on. Further on a thing has a box for each way to it, so that
no line leads from one thing to what only another led to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kg.languages import Language
from kg.picture.canvas import BODY, GREY, INK, SMALL, Canvas
from kg.picture.font import wrap
from kg.picture.frame import Body
from kg.picture.table import Table

MOST = 20  # ends of ways
GAP = 34  # between the columns
FILLS = ("#e3eef7", "#fdf1d6", "#eeeeee", "#e2f1ea", "#f7e8f0")
PADDING = 6

Way = tuple[tuple[int, str], ...]  # the steps that a row has, each with its number


@dataclass
class Box:
    """One thing at one step, on the way to it, and what it leads to."""

    step: int
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


def draw(table: Table, width: float, language: Language, most: int = MOST) -> Body:
    """Draw each row as a way through the steps, at most so many different ones."""
    body = Body(Canvas(width))
    columns = table.roles["steps"]
    singles = [Table(table.rows, {"step": [column]}, table.names, tell=table.tell) for column in columns]
    ways: list[Way] = []
    for row in table.rows:
        texts = [single.text(row, "step") for single in singles]
        ways.append(tuple((step, text) for step, text in enumerate(texts) if text))
    different = list(dict.fromkeys(way for way in ways if way))
    shown = different[:most]
    body.shown = len(shown)
    body.left_out = sum(way not in shown for way in ways)
    heads = [table.meanings.get(column, column) for column in columns]
    used = {step: heads[step] for step in sorted({step for way in shown for step, _ in way})}
    tree = _tree(shown)
    if body.canvas.is_narrow:
        _outline(body, tree, used)
    elif used:
        _columns(body, tree, used)
    body.told = _tell(different, heads, language)
    if any(b > a + 1 for way in shown for (a, _), (b, _) in pairwise(way)):
        body.notes.append(language.gettext("Where a step is passed over, none is recorded in these rows."))
    if any(way[-1][0] < max(used) for way in shown):
        body.notes.append(language.gettext("Where a way ends early, nothing further is recorded in these rows."))
    return body


def _tree(ways: Sequence[Way]) -> Box:
    root = Box(-1, "")
    for way in ways:
        at = root
        for step, text in way:
            at = at.next.setdefault((step, text), Box(step, text))
    return root


def _columns(body: Body, tree: Box, heads: dict[int, str]) -> None:
    canvas, number = body.canvas, len(heads)
    wide = min(300.0, (canvas.width - GAP * (number - 1)) / number)
    left = {step: place * (wide + GAP) for place, step in enumerate(heads)}
    top = 0.0
    for step, head in heads.items():
        top = max(top, canvas.lines(left[step], 0, wrap(head, SMALL.size, wide, 3), SMALL, fill=GREY))
    boxes: list[Box] = []
    y = top + 6
    for first in tree.next.values():
        y = _stack(first, y, wide, boxes)
    for box in boxes:
        for one in box.next.values():
            x1, x2 = left[box.step] + wide, left[one.step]
            bend = (max(x1, x2 - GAP) + x2) / 2
            canvas.path(
                f"M{x1:.1f},{box.middle:.1f}H{x2 - GAP:.1f}C{bend:.1f},{box.middle:.1f} {bend:.1f},{one.middle:.1f} {x2 - 6:.1f},{one.middle:.1f}",
                stroke=GREY,
                stroke_width=1.2,
            )
            _head(canvas, x2, one.middle)
    for box in boxes:
        _box(canvas, left[box.step], box, wide, list(heads).index(box.step))
    body.height = y


def _stack(box: Box, y: float, wide: float, boxes: list[Box]) -> float:
    """Put a box beside the middle of what it leads to, all of it below an edge; returns the edge for what comes next."""
    box.lines = wrap(box.text, BODY.size, wide - 2 * PADDING, 6)
    after: list[Box] = []
    below = y
    for one in box.next.values():
        below = _stack(one, below, wide, after)
    ends = [one.middle for one in box.next.values()]
    middle = (ends[0] + ends[-1]) / 2 if ends else y + box.height / 2
    box.y = middle - box.height / 2
    if box.y < y:  # it is higher than what it leads to, which moves down with it
        lower = y - box.y
        for one in (box, *after):
            one.y += lower
        below += lower
    boxes += [box, *after]
    return max(below, box.y + box.height + 8)


def _head(canvas: Canvas, x: float, y: float) -> None:
    canvas.path(f"M{x - 7:.1f},{y - 4:.1f}L{x:.1f},{y:.1f}L{x - 7:.1f},{y + 4:.1f}Z", fill=GREY)


def _box(canvas: Canvas, x: float, box: Box, wide: float, place: int) -> None:
    canvas.box(x, box.y, wide, box.height, fill=FILLS[place % len(FILLS)], stroke=INK, stroke_width=0.8, rx=4)
    canvas.lines(x + PADDING, box.y + PADDING - 1, box.lines, BODY)


def _outline(body: Body, tree: Box, heads: dict[int, str]) -> None:
    """Draw the boxes one beneath the other, each step farther in than the one before it."""
    places = {step: place for place, step in enumerate(heads)}

    def put(box: Box, parent: Box | None, y: float) -> float:
        x = 18.0 * places[box.step]
        wide = body.canvas.width - x
        head = wrap(heads[box.step], SMALL.size, wide - 2 * PADDING, 1)
        box.y = body.canvas.lines(x + PADDING, y, head, SMALL, fill=GREY) + 2
        box.lines = wrap(box.text, BODY.size, wide - 2 * PADDING, 6)
        if parent is not None:
            start = 18.0 * places[parent.step] + 8
            path = f"M{start:.1f},{parent.y + parent.height:.1f}V{box.middle:.1f}H{x - 5:.1f}"
            body.canvas.path(path, stroke=GREY, stroke_width=1.2)
            _head(body.canvas, x, box.middle)
        _box(body.canvas, x, box, wide, places[box.step])
        y = box.y + box.height + 6
        for one in box.next.values():
            y = put(one, box, y)
        return y

    for first in tree.next.values():
        body.height = put(first, None, body.height)


def _tell(different: Sequence[Way], heads: Sequence[str], language: Language) -> list[str]:
    _ = language.gettext
    told = [language.ngettext("A chain of %s way.", "A chain of %s ways.", len(different)) % len(different)]
    told.append(_("The steps: %s.") % " → ".join(heads))
    told += [" → ".join(text for _step, text in way) + "." for way in different[:6]]
    if len(different) > 6:
        told.append(_("And %s more.") % (len(different) - 6))
    return told

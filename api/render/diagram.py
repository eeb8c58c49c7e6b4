"""The diagram of the ontology: its modules, the classes each begins with, and which module's properties lead to which.

Lengths are in CSS pixels.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from kg import rows
from kg.rows import Row
from kg.terms import local_name

WIDTH = 360  # fits the narrowest screen, less its margins
RIGHT = 206  # of the boxes
LINE, GAP, EDGE = 18, 16, 10


def draw(classes: Iterable[Row], links: Iterable[Row]) -> dict[str, Any]:
    """Stack a box for each module, and lead lines along the right side: out of one box, in its own lane, into another."""
    families, between = rows.by(classes, "module"), rows.by(links, "source", "target")
    place = {module: number for number, module in enumerate(families)}
    # The shortest lines run next to the boxes, so that few cross.
    ends = sorted(between, key=lambda pair: (abs(place[pair[0]] - place[pair[1]]), place[pair[0]]))
    boxes: dict[str, dict[str, Any]] = {}
    y = EDGE
    for module, some in families.items():
        height = LINE * max(len(some) + 1, sum(module in pair for pair in ends)) + EDGE
        boxes[module] = {"name": local_name(module), "families": some, "y": y, "height": height}
        y += height + GAP
    lines, used = [], Counter[str]()
    for number, pair in enumerate(ends, 1):
        used.update(pair)
        start, end = (boxes[module]["y"] + LINE * used[module] - LINE // 2 + EDGE // 2 for module in pair)
        lane = round(RIGHT + 24 + (WIDTH - RIGHT - EDGE - 24) / len(ends) * number, 1)
        source, target = map(local_name, pair)
        properties = [local_name(row["property"]) for row in between[pair]]
        lines.append(
            {"source": source, "target": target, "properties": properties, "start": start, "end": end, "lane": lane}
        )
    return {"boxes": [*boxes.values()], "lines": lines, "height": y - GAP + EDGE}

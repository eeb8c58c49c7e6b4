"""The diagram of the ontology: its modules, the classes each begins with, and which module's properties lead to which.

It is computed from the terms of the release, so it shows what the ontology says. Lengths are in CSS pixels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from api.render.rows import Row
from kg import terms

WIDTH = 360  # fits the narrowest screen, less its margins
BOX = 196
LINE, GAP, EDGE = 18, 16, 10
MODULES = ("core", "events", "statements", "obligations", "procedures")  # each builds on those before it
_CLASS = terms.PREFIXES["owl"] + "Class"


class Family(NamedTuple):
    """A class that a module begins with, and how many classes of the module lie below it."""

    name: str
    kinds: int
    y: int


@dataclass(slots=True)
class Box:
    """One module."""

    name: str
    families: list[Family]
    ends: int = 0  # lines that begin or end at it
    y: int = 0
    height: int = 0


@dataclass(slots=True)
class Line:
    """The properties that apply to classes of one module and take classes of another."""

    source: Box
    target: Box
    properties: list[str]
    path: str = ""
    y: int = 0
    arrow: str = ""


@dataclass(slots=True)
class Diagram:
    """Boxes from top to bottom, and the lines beside them."""

    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    height: int = 0


def draw(found: Iterable[Row]) -> Diagram:
    """Lay out a diagram of terms, as `gather` folds them by term; deprecated terms are in no module of it."""
    terms_of = {row["term"]: row for row in found if _name(row["module"]) in MODULES}
    classes = {iri: row for iri, row in terms_of.items() if row["kind"] == _CLASS}
    boxes = {name: Box(name, _families(name, classes)) for name in MODULES}
    between: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in terms_of.values():
        ends = [
            {_name(classes[one]["module"]) for one in row[side] if one in classes} for side in ("domains", "ranges")
        ]
        if min(map(len, ends)) > 1:
            continue  # a passage is part of a document and an act part of an event, but neither of the other's whole
        for pair in sorted((one, other) for one in ends[0] for other in ends[1] if one != other):
            between[pair].append(row["term"].partition("#")[2])
    lines = [Line(boxes[one], boxes[other], names) for (one, other), names in between.items()]
    # The shortest lines run next to the boxes, so that few cross.
    lines.sort(key=lambda line: (abs(_place(line.source) - _place(line.target)), _place(line.source)))
    diagram = Diagram([*boxes.values()], lines)
    _stack(diagram)
    _route(diagram)
    return diagram


def _families(module: str, classes: dict[str, Row]) -> list[Family]:
    mine = {iri for iri, row in classes.items() if _name(row["module"]) == module}
    below = {iri: [one for one in classes[iri]["parents"] if one in mine] for iri in mine}

    def reaches(iri: str, top: str) -> bool:
        return any(one == top or reaches(one, top) for one in below[iri])

    tops = [iri for iri in classes if iri in mine and not below[iri]]
    return [Family(top.partition("#")[2], sum(reaches(iri, top) for iri in mine), 0) for top in tops]


def _stack(diagram: Diagram) -> None:
    """Give each box its place and height: room for its classes, and for the ends of its lines."""
    for line in diagram.lines:
        line.source.ends += 1
        line.target.ends += 1
    y = EDGE
    for box in diagram.boxes:
        box.y = y
        box.families = [one._replace(y=y + LINE * (number + 2)) for number, one in enumerate(box.families)]
        box.height = LINE * max(len(box.families) + 1, box.ends) + EDGE
        y += box.height + GAP
    diagram.height = y - GAP + EDGE


def _route(diagram: Diagram) -> None:
    """Lead each line along the right side: out of one box, up or down its own lane, into the other."""
    used: dict[str, int] = defaultdict(int)

    def end(box: Box) -> int:
        used[box.name] += 1
        return box.y + LINE * used[box.name] - LINE // 2 + EDGE // 2

    right = EDGE + BOX
    step = (WIDTH - right - EDGE - 24) / max(len(diagram.lines), 1)
    for number, line in enumerate(diagram.lines):
        lane = round(right + 24 + step * (number + 1), 1)
        line.y, to = end(line.source), end(line.target)
        line.path = f"M{right} {line.y}H{lane}V{to}H{right + 6}"
        line.arrow = f"M{right} {to}l7 -4v8z"


def _place(box: Box) -> int:
    return MODULES.index(box.name)


def _name(module: str) -> str:
    return module.rpartition("/")[2]

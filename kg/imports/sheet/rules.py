"""What the cells of one row must say together, in the words of the sheet.

The shapes ask for the same and for more; a person who fills in a sheet is told here in the heads of its columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NeededColumns:
    """One of some columns must be filled in, where `where` is filled in (or always), in rows of some kinds (or of all)."""

    sheet: str
    any_of: tuple[str, ...]
    content: str
    hint: str
    kinds: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


_JUDGED = ("allegation", "finding")
_STATEMENTS = "Statements and Figures"
_WHEN = "Fill Date, or From and Until; a year is enough"
RULES = (
    NeededColumns(
        "Passages", ("Paragraph", "Section"), "It does not say where the passage stands", "Fill Paragraph or Section"
    ),
    NeededColumns(
        "Actors", ("State", "Under"), "It does not say whose organ it is", "Fill State or Under", ("organ", "court")
    ),
    NeededColumns("Events", ("Date", "From", "Until"), "It does not say when it happened", _WHEN),
    NeededColumns(
        "Acts",
        ("By whom", "Officials of", "Why no State"),
        "It does not say who did it",
        "Fill By whom; where no source names the organ, Officials of; where no State answers for it, Why no State",
    ),
    NeededColumns(
        "Acts",
        ("Passages of the circumstances",),
        "It does not say where the circumstances are written",
        "Fill Passages of the circumstances",
        (),
        ("Circumstances",),
    ),
    NeededColumns(
        "Acts",
        ("Circumstances",),
        "The passages state no circumstance",
        "Fill Circumstances",
        (),
        ("Passages of the circumstances",),
    ),
    NeededColumns(
        _STATEMENTS,
        ("About", "Denies", "Admits", "Act judged", "Provision"),
        "It does not say what it is about",
        "Fill About, Denies or Admits",
    ),
    NeededColumns(_STATEMENTS, ("Counts",), "It does not say what is counted", "Fill Counts", ("figure",)),
    NeededColumns(
        _STATEMENTS,
        ("Number", "At least", "At most", "Number in words"),
        "There is no number",
        "Fill Number, or At least and At most, or Number in words",
        ("figure",),
    ),
    NeededColumns(
        _STATEMENTS, ("How exact",), "It does not say how the number is meant", "Fill How exact", ("figure",)
    ),
    NeededColumns(_STATEMENTS, ("Unit",), "It does not say of what it is a number", "Fill Unit", ("figure",)),
    NeededColumns(_STATEMENTS, ("Act judged",), "It does not say which act is meant", "Fill Act judged", _JUDGED),
    NeededColumns(
        _STATEMENTS,
        ("Provision", "Right"),
        "It does not say what is alleged",
        "Fill Provision or Right",
        ("allegation",),
    ),
    NeededColumns(
        _STATEMENTS, ("Provision",), "It does not say on which article it decides", "Fill Provision", ("finding",)
    ),
    NeededColumns(
        _STATEMENTS, ("State judged",), "It does not say whose responsibility is meant", "Fill State judged", _JUDGED
    ),
    NeededColumns(
        _STATEMENTS, ("Decided",), "It does not say which way the body decided", "Fill Decided", ("finding",)
    ),
)
_FIGURES = ("Counts", "Number", "At least", "At most", "Number in words", "How exact", "Unit")


def broken(sheet: str, kind: str, filled: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (column, what is wrong, what to do) for each rule that a row breaks; `filled` are the heads of its filled cells."""
    for rule in RULES:
        requested = rule.sheet == sheet and (not rule.kinds or kind in rule.kinds) and filled_all(rule.where, filled)
        if requested and not any(head in filled for head in rule.any_of):
            yield " or ".join(rule.any_of[:2]), rule.content, rule.hint
    if sheet in ("Events", "Acts") and "Date" in filled and {"From", "Until"} & {*filled}:
        yield "Date", "It has a date and a period", "Keep Date, or keep From and Until"
    if sheet == _STATEMENTS and kind != "figure" and (wrong := [head for head in _FIGURES if head in filled]):
        yield wrong[0], f"Only a figure has {wrong[0]}", "Take figure in Kind, or empty the cell"


def filled_all(heads: Collection[str], filled: Collection[str]) -> bool:
    """Whether all of some columns are filled in; so it is where there are none."""
    return all(head in filled for head in heads)

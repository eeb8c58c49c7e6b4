"""The sheets of the workbook and their columns: the mappings of queries/mappings/ that name a sheet, in the order of the sheets."""

from collections.abc import Mapping

from kg.build.mapping import RowColumn, TableMapping
from kg.names import sound

GUIDE, LISTS = "Guide", "Lists"  # sheets of the template without things
EXAMPLE = "example-"  # how the ids of the example in the template begin


def sheets(mappings: Mapping[str, TableMapping]) -> dict[str, TableMapping]:
    """List the mappings that are sheets, by their names."""
    placed = sorted((each.sheet, each.kind) for each in mappings.values() if each.sheet)
    return {name: mappings[kind] for (_, name), kind in placed}


def head(column: str) -> str:
    """Write the name of a column as the head of a sheet."""
    return column[0].upper() + column[1:].replace("_", " ")


def kinds(column: RowColumn) -> list[str]:
    """List the kinds of things that a column may name: the part of an IRI before the key."""
    return [path[3:-1] for path in column.of if path.startswith("id/")]


def fold(text: str) -> str:
    """Write a name as it sounds, in which names are compared; "and" makes no difference."""
    return " ".join(word for word in sound(text) if word != "and")

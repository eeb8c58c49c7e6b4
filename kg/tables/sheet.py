"""A sheet of a workbook (.xlsx) with typed cells; no cell is a formula or a link."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FIRST_DAY = datetime.date(1900, 3, 1)  # earlier days count otherwise from program to program
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

Cell = Any  # text, a number, a truth, a day, or nothing


def styles_of(book: Any) -> dict[str, Any]:
    """Make the formats of heads, of cells and of days in a workbook."""
    return {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        "cell": book.add_format({"text_wrap": True, "valign": "top"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"}),
    }


def fill(
    sheet: Any, heads: Sequence[str], lines: Iterable[Sequence[Cell]], styles: Mapping[str, Any], width: int = 32
) -> None:
    """Write a head and lines of cells: numbers, truths, days and texts as such; nothing leaves a cell empty."""
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, width)
    for column, text in enumerate(heads):
        sheet.write_string(0, column, text, styles["head"])
    for number, line in enumerate(lines, 1):
        for column, cell in enumerate(line):
            is_day = isinstance(cell, datetime.date)
            if is_day and cell < FIRST_DAY:
                sheet.write_string(number, column, str(cell), styles["cell"])
            elif cell is not None:  # a text too long for a cell is cut
                sheet.write(number, column, cell, styles["day" if is_day else "cell"])

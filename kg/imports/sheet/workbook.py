"""A workbook (.xlsx) or a folder of CSV files, read into rows of cells. Nothing in it is run, and what is too large is refused."""

from __future__ import annotations

import csv
import encodings.cp437  # zipfile reads the names of parts with it, when /check can open no file any more
import encodings.utf_8_sig  # noqa: F401  (and tables are read with this)
import io
import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell import Cell
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from kg.errors import SourceError
from kg.imports.sheet.cells import SheetCell

MOST_BYTES = 16 << 20  # of a workbook
MOST_UNPACKED = 256 << 20
MOST_ROWS, MOST_COLUMNS = 20_000, 100  # of a sheet
MOST_EMPTY = 5_000  # rows between two that say something
MOST_MERGED = 100_000  # cells of a workbook that are merged with another
_MERGED = re.compile(rb'<mergeCell [^>]*ref="([A-Z]+\d+:[A-Z]+\d+)"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet [^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship [^>]*>")
# What reading a damaged workbook may raise.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, RuntimeError, SyntaxError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, ArithmeticError),
)


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet as it is stored: its name, and its rows by their numbers, each as long as the sheet is wide or shorter."""

    name: str
    rows: list[tuple[int, list[SheetCell]]]


def read(path: Path) -> list[Grid]:
    """Read a workbook, or the CSV files of a folder, each as the sheet that it is named after. Raises SourceError."""
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            hint = "Give a workbook, or a folder with Events.csv, Acts.csv and the like"
            raise SourceError("There is no CSV file in this folder", where=str(path), hint=hint)
        return [Grid(file.stem, _csv(file.read_bytes(), file.name)) for file in files]
    try:
        return unpack(path.read_bytes(), str(path))
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None


def unpack(data: bytes, where: str) -> list[Grid]:
    """Read a workbook from its bytes; `where` names it in errors. Raises SourceError."""
    _admit(data, where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it does not read, such as a chart
            content, supplied = (_load(data, data_only=item) for item in (False, True))
            merged = _merged(data, where)
            grids = [_grid(content[name], supplied[name], merged.get(name, {}), where) for name in content.sheetnames]
        content.close()
        supplied.close()
    except SourceError:
        raise
    except _UNREADABLE as error:
        hint = "Open it in a spreadsheet program and save it as .xlsx"
        raise SourceError(f"This is no workbook that can be read ({error})", where=where, hint=hint) from None
    return grids


def _load(data: bytes, *, data_only: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)


def _admit(data: bytes, where: str) -> None:
    """Refuse what is no workbook, and one that is larger, packed or unpacked, than a table of events can be."""
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise SourceError(
            "This is a workbook of the old kind, or one with a password",
            where=where,
            hint="Save it as .xlsx, without a password",
        )
    if not data.startswith(b"PK"):
        raise SourceError("This is no .xlsx workbook", where=where, hint="Give a workbook, or a folder of CSV files")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except _UNREADABLE:
        raise SourceError("The workbook is damaged", where=where, hint="Save it again") from None
    if len(data) > MOST_BYTES or size > MOST_UNPACKED:
        content = f"The workbook is larger than {MOST_BYTES >> 20} MiB, or than {MOST_UNPACKED >> 20} MiB unpacked"
        raise SourceError(content, where=where, hint="Divide it into several")


def _grid(content: Worksheet, supplied: Worksheet, merged: dict[tuple[int, int], str], where: str) -> Grid:
    """Read one sheet twice at the same time: as it is written, with its formulas, and with their values."""
    rows: list[tuple[int, list[SheetCell]]] = []
    pair = zip(content.iter_rows(max_col=MOST_COLUMNS), supplied.iter_rows(max_col=MOST_COLUMNS), strict=True)
    for number, (written, valued) in enumerate(pair, 1):
        cells = [
            _cell(item, other, merged.get((number, at), ""))
            for at, (item, other) in enumerate(zip(written, valued, strict=False), 1)
        ]
        if any(not cell.empty or cell.merged for cell in cells):
            rows.append((number, cells))
        last = rows[-1][0] if rows else 0
        if len(rows) > MOST_ROWS:
            raise SourceError(
                f"The sheet {content.title} has more than {MOST_ROWS:,} rows", where=where, hint="Divide it"
            )
        if number - last > MOST_EMPTY:
            wrong = f"The sheet {content.title} has more than {MOST_EMPTY:,} empty rows behind row {last}, and goes on below"
            raise SourceError(wrong, where=where, hint="Delete the rows below the last one that is filled in")
    return Grid(content.title, rows)


def _cell(written: Cell, valued: Cell, merged: str) -> SheetCell:
    formula = getattr(written, "data_type", "") == "f"
    shown = str(getattr(valued, "number_format", None) or "") if getattr(valued, "is_date", False) else ""
    return SheetCell(valued.value, shown, formula, merged)


def _merged(data: bytes, where: str) -> dict[str, dict[tuple[int, int], str]]:
    """Map the cells that are merged with another, by sheet, row and column, to the name of that other."""
    matches: dict[str, dict[tuple[int, int], str]] = {}
    left = MOST_MERGED
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        targets = {
            _value(item, b"Id"): _value(item, b"Target")
            for item in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
        }
        for tag in _SHEET.findall(archive.read("xl/workbook.xml")):
            target = targets.get(_value(tag, b"r:id"), "").removeprefix("/xl/")
            if f"xl/{target}" not in archive.namelist():
                continue
            cells = matches.setdefault(_value(tag, b"name"), {})
            for cell, first in itertools.chain.from_iterable(
                map(_covered, _MERGED.findall(archive.read(f"xl/{target}")))
            ):
                cells[cell] = first
                left -= 1
                if not left:
                    raise SourceError(f"More than {MOST_MERGED:,} cells are merged", where=where, hint="Unmerge them")
    return matches


def _covered(span: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the cells of a merged range but for its first, each with the name of that."""
    left, top, right, bottom = range_boundaries(span.decode())
    for row in range(top, min(bottom, top + MOST_ROWS) + 1):
        for column in range(left, min(right, MOST_COLUMNS) + 1):
            if (row, column) != (top, left):
                yield (row, column), f"{get_column_letter(left)}{top}"


def _value(tag: bytes, name: bytes) -> str:
    """Read an attribute of a tag; XML writes five characters otherwise."""
    match = re.search(rb"[\s]" + re.escape(name) + rb'="([^"]*)"', tag)
    content = match[1].decode() if match else ""
    for escape, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        content = content.replace(escape, char)
    return content


def _csv(data: bytes, name: str) -> list[tuple[int, list[SheetCell]]]:
    """Read a CSV file in UTF-8, whatever its line ends; a semicolon or a tab may separate its cells. Raises SourceError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError("The file is not UTF-8 text", where=name, hint="Save it as CSV UTF-8") from None
    head = text.splitlines()[0] if text.strip() else ""
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = []
    try:
        for number, row in enumerate(reader, 1):
            if any(cell.strip() for cell in row):
                rows.append((number, [SheetCell(cell or None) for cell in row]))
    except csv.Error as error:
        raise SourceError(f"This is no CSV ({error})", where=name, line=reader.line_num) from None
    if len(rows) > MOST_ROWS:
        raise SourceError(f"The file has more than {MOST_ROWS:,} rows", where=name, hint="Divide it")
    return rows

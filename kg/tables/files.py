"""The files of a table: CSV (RFC 4180) with its metadata (CSV on the Web), Parquet, and a workbook (.xlsx) for people.

The same rows make the same bytes. No cell of a workbook is a formula or a link.
"""

import csv
import datetime
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg import csvw
from kg.tables.frame import Cell, TableRows
from kg.terms import LICENCE

# Arrow's name of each type but "category". Arrow and xlsxwriter are imported where they are used: they take long, and a server
# that starts needs neither.
_ARROW_TYPES = {
    "text": "string",
    "list": "string",
    "integer": "int64",
    "number": "float64",
    "boolean": "bool",
    "day": "date32",
    "year": "int16",
}
_CSVW_TYPES = {"number": "double", "year": "gYear"}  # the types that CSV on the Web calls otherwise
_GROUP = 65_536  # rows; a table with more has several row groups, which engines read in parts, each where it wants
FIRST_DAY = datetime.date(1900, 3, 1)  # earlier days count otherwise from program to program
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_CREATED = datetime.datetime(2000, 1, 1)  # the same in every workbook, so that equal tables make equal files

_PLAIN: dict[str, Callable[[Cell], Cell]] = {
    "boolean": {None: None, True: "true", False: "false"}.__getitem__,
    "number": lambda cell: int(cell) if cell is not None and cell == int(cell) else cell,
}


def write_csv(frame: TableRows) -> bytes:
    """Write a table as CSV in UTF-8: numbers and days as they are, truths as true and false, nothing for None."""
    data = io.BytesIO()
    text = io.TextIOWrapper(data, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(frame.columns)
    plain = {column.name: _PLAIN[column.type] for column in frame.table.columns if column.type in _PLAIN}
    columns = [map(plain[name], cells) if name in plain else cells for name, cells in frame.columns.items()]
    writer.writerows(zip(*columns, strict=True))
    text.flush()
    return data.getvalue()


def write_parquet(frame: TableRows) -> bytes:
    """Write a table as Parquet; categories are dictionaries, and each column says what it means."""
    import pyarrow as pa
    from pyarrow import compute, parquet

    arrays, fields = [], []
    for column in frame.table.columns:
        cells = frame.columns[column.name]
        if column.type == "category":
            texts = pa.array(cells, pa.string())
            values = texts.unique().drop_null().sort()
            array = pa.DictionaryArray.from_arrays(compute.index_in(texts, values), values)
        else:
            array = pa.array(cells, _ARROW_TYPES[column.type])
        arrays.append(array)
        fields.append(
            pa.field(column.name, array.type, metadata={"title": column.label, "description": column.meaning})
        )
    schema = pa.schema(fields, metadata={"title": frame.table.title, "unit": frame.table.unit})
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer, row_group_size=_GROUP, compression="zstd")
    return buffer.getvalue()


def read_parquet(data: bytes) -> tuple[list[str], Iterable[Sequence[Cell]]]:
    """Read the names of the columns and the rows of a table from its Parquet file."""
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(data))
    return table.column_names, zip(*(column.to_pylist() for column in table.columns), strict=True)


def write_workbook(path: Path, resource: Mapping[str, Any], release: str, base: str) -> bytes:
    """Write a workbook from a Parquet file: the table, its codebook, and notes on where it comes from.

    `resource` is the description of the table in the package, `release` the id of its release on the site at `base`.
    """
    import xlsxwriter

    notes = [
        ("Table", resource["title"]),
        ("One row", resource["unit"]),
        ("How to read it", resource["description"]),
        *((f"How far the record goes: {limit['what']}", limit["note"]) for limit in resource["limits"]),
        ("Release", release),
        ("Address", f"{base}release/{release}/tables/{resource['name']}"),
        ("Licence", LICENCE),
    ]
    names, rows = read_parquet(path.read_bytes())
    fields = resource["schema"]["fields"]
    codebook = [
        (each["name"], each["title"], each["type"], each["description"], " ".join(each["terms"]), _values(each))
        for each in fields
    ]
    buffer = io.BytesIO()
    # Rows are written as they come: a table may have more cells than memory should hold.
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, **OPTIONS}) as book:
        book.set_properties({"title": resource["title"], "created": _CREATED})
        styles = styles_of(book)
        fill(book.add_worksheet("Table"), names, rows, {**styles, "cell": None}, 20)
        heads = ("Column", "Label", "Type", "Meaning", "Terms of the ontology", "Values")
        fill(book.add_worksheet("Codebook"), heads, codebook, styles)
        fill(book.add_worksheet("Notes"), ("What", "Value"), notes, styles, 48)
    return buffer.getvalue()


def _values(field: Mapping[str, Any]) -> str:
    return "; ".join(f"{each['value']}: {each['label']}" for each in field.get("values", ()))


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


def write_metadata(name: str, resources: Mapping[str, Mapping[str, Any]], release: str, base: str) -> bytes:
    """Write the metadata of a table, with those of the tables that its keys lead to: a key may name none beside them.

    `resources` are the descriptions in the package by name, `release` is the id of the release on the site at `base`.
    """
    table = resources[name]
    keys = table["schema"].get("foreignKeys", ())
    named = dict.fromkeys([name, *(key["reference"]["resource"] for key in keys)])
    members = {
        "dc:title": table["title"],
        "dc:description": table["description"],
        "dc:identifier": f"{base}release/{release}/tables/{name}",
        "dc:source": {"@id": f"{base}release/{release}"},
        "tables": [_table(resources[each], keys if each == name else ()) for each in named],
    }
    return csvw.write(members)


def _table(resource: Mapping[str, Any], keys: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "columns": [_column(field) for field in resource["schema"]["fields"]],
        "primaryKey": resource["schema"]["primaryKey"],
    }
    links = [
        {
            "columnReference": key["fields"],
            "reference": {
                "resource": f"{key['reference']['resource']}.csv",
                "columnReference": key["reference"]["fields"],
            },
        }
        for key in keys
    ]
    return {
        "url": f"{resource['name']}.csv",
        "dc:title": resource["title"],
        "dc:description": f"One row is {resource['unit']}. {resource['description']}",
        "rdfs:comment": [f"{limit['what']}: {limit['note']}" for limit in resource["limits"]],
        "tableSchema": schema | ({"foreignKeys": links} if links else {}),
    }


def _column(field: Mapping[str, Any]) -> dict[str, Any]:
    constraints = field.get("constraints", {})
    type: str | dict[str, str] = _CSVW_TYPES.get(field["type"], field["type"])
    if values := constraints.get("enum"):
        type = {"base": "string", "format": "|".join(re.escape(value).replace("\\-", "-") for value in values)}
    optional = {
        "separator": field.get("separator"),
        "required": constraints.get("required"),
        "rdfs:isDefinedBy": [{"@id": term} for term in field["terms"]],
    }
    return {
        "name": field["name"],
        "titles": field["name"],
        "dc:title": field["title"],
        "dc:description": field["description"],
        "datatype": type,
        **{key: member for key, member in optional.items() if member},
    }

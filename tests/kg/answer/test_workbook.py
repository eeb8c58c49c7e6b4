"""Workbooks, as a spreadsheet program reads them: the type of each cell, the sources, and where it all comes from."""

import datetime
import io
import zipfile
from dataclasses import replace

import openpyxl

from kg.answer import formats


def opened(answer):
    """Write an answer as a workbook and open it."""
    return openpyxl.load_workbook(io.BytesIO(formats.write_answer(answer, "xlsx")))


def test_numbers_truths_and_whole_days_have_their_types_and_vague_dates_are_text(typed):
    sheet = opened(typed)["Answer"]
    heads = [cell.value for cell in sheet[1]]
    first = dict(zip(heads, sheet[2], strict=True))
    second = dict(zip(heads, sheet[3], strict=True))
    assert ("Police", "s") == (first["Speaker"].value, first["Speaker"].data_type)
    assert "https://w3id.org/answerable/id/organ/police" == first["Speaker (address)"].value
    assert [(15, "n"), (700, "n")] == [(row["Value"].value, row["Value"].data_type) for row in (first, second)]
    assert 0.5 == first["Share"].value
    assert first["Denied"].value is True
    assert (datetime.datetime(2011, 12, 16), True) == (first["Since"].value, first["Since"].is_date)
    assert [("2012-06", "s"), ("2013", "s")] == [(row["Said"].value, row["Said"].data_type) for row in (first, second)]
    assert "Report, para 1; Report, para 2" == first["Passages"].value


def test_no_cell_is_a_formula(typed):
    sheet = opened(typed)["Answer"]
    assert "=1+1" in [cell.value for line in sheet for cell in line if cell.data_type == "s"]
    with zipfile.ZipFile(io.BytesIO(formats.write_answer(typed, "xlsx"))) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert [False] * 3 == ["<f>" in sheet for sheet in sheets]


def test_days_that_a_workbook_cannot_hold_and_long_numbers_are_text(typed):
    day = {"type": "literal", "value": "1899-12-31", "datatype": "http://www.w3.org/2001/XMLSchema#date"}
    long = {"type": "literal", "value": "1234567890123456789", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}
    sheet = opened(replace(typed, rows=({**typed.rows[0], "since": day, "value": long},)))["Answer"]
    assert {"1899-12-31", "1234567890123456789"} <= {cell.value for cell in sheet[2] if cell.data_type == "s"}


def test_the_notes_tell_question_release_address_day_licence_and_limits(typed):
    notes = {}
    for what, value in opened(replace(typed, fetched="2024-02-03"))["Notes"].iter_rows(min_row=2, values_only=True):
        notes.setdefault(what, value)
    assert "What numbers are given for Meeting & 100% {of} it_all on 1 January 2012?" == notes["Question"]
    assert ("20240102-abcdef01", datetime.datetime(2024, 1, 2)) == (notes["Release"], notes["Date of the release"])
    address = "https://w3id.org/answerable/release/20240102-abcdef01/questions/numbers?event=id/event/a&day=2012-01-01"
    assert address == notes["Address"]
    assert datetime.datetime(2024, 2, 3) == notes["Retrieved"]
    assert typed.limits[0] == notes["How far the record goes"]
    assert "https://creativecommons.org/licenses/by/4.0/" == notes["Licence"]
    assert (2, "what said means") == (notes["Rows"], notes["Column Said"])


def test_the_sources_name_each_passage_once(typed):
    book = opened(typed)
    assert ["Answer", "Sources", "Notes"] == book.sheetnames
    lines = list(book["Sources"].iter_rows(min_row=2, values_only=True))
    assert [("Report, para 1", "Report", "3.2", "1"), ("Report, para 2", "Report", "3.2", "2")] == [
        line[:4] for line in lines
    ]

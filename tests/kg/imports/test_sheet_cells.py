"""What cells mean: dates at the precision written, numbers, and what spreadsheet programs make of them."""

import datetime

import pytest

from kg import terms
from kg.imports.sheet import cells
from kg.imports.sheet.cells import SheetCell, Wrong

XSD = terms.PREFIXES["xsd"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2011", "2011"),
        (" 2011\u00a0", "2011"),
        ("2011-06", "2011-06"),
        ("June 2011", "2011-06"),
        ("Sept. 2011", "2011-09"),
        ("2011-6-3", "2011-06-03"),
        ("3 June 2011", "2011-06-03"),
        ("June 3rd, 2011", "2011-06-03"),
        ("16.12.2011", "2011-12-16"),
        ("16/08/2012", "2012-08-16"),
        ("8-16-2012", "2012-08-16"),
        (2011, "2011"),
        (2011.0, "2011"),
    ],
)
def test_a_date_is_read_as_precise_as_it_is_written(written, read):
    value = cells.date(SheetCell(written))
    assert (read, XSD + {4: "gYear", 7: "gYearMonth", 10: "date"}[len(read)]) == (value.value, value.datatype)


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("yyyy-mm-dd", "2011-06-01"),
        ("mmm\\-yy", "2011-06"),
        ("mmmm yyyy", "2011-06"),
        ("yyyy", "2011"),
        ("", "2011-06-01"),
    ],
)
def test_a_date_cell_is_no_more_precise_than_it_is_shown(shown, read):
    assert read == cells.date(SheetCell(datetime.datetime(2011, 6, 1), shown)).value


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("12/05/2011", "two different days"),
        ("16/08/12", "two different days"),
        ("30/02/2012", "no such day"),
        ("about 2011", "no date"),
        ("2011-02-30", "no such day"),
        ("2010 to 2012", "period"),
        ("Juno 2011", "no month"),
        (40695, "1 June 2011"),
        (datetime.datetime(1905, 7, 3), "makes of 2011"),
        ("#REF!", "error"),
        (True, "no date"),
        (17.5, "no date"),
    ],
)
def test_what_is_no_certain_date_is_refused_in_words(written, said):
    with pytest.raises(Wrong, match=said) as wrong:
        cells.date(SheetCell(written))
    assert wrong.value.hint


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("14", "14"),
        (14, "14"),
        (14.0, "14"),
        ("1 200", "1200"),
        ("1\u00a0200", "1200"),
        ("1,200", "1200"),
        (2.5, "2.5"),
        ("-3", "-3"),
    ],
)
def test_a_number_is_read_also_where_it_is_text(written, read):
    value = cells.number(SheetCell(written))
    assert (read, XSD + ("decimal" if "." in read else "integer")) == (value.value, value.datatype)


@pytest.mark.parametrize("written", ["about 14", "2,5", "hundreds", "14-16", datetime.datetime(2011, 6, 1), False])
def test_what_is_no_number_is_refused(written):
    with pytest.raises(Wrong, match="no number"):
        cells.number(SheetCell(written))


def test_text_loses_what_nobody_sees():
    assert "a “b” c" == cells.text(SheetCell("  a\u00a0“b”\u200b\n c_x000D_ "))
    assert 'a "b" - c' == cells.plain("a “b” – c")
    assert ["4", "4.1", "yes"] == [cells.text(SheetCell(value)) for value in (4.0, 4.1, True)]


def test_a_formula_without_a_value_and_a_merged_cell_are_refused():
    assert "3" == cells.text(SheetCell(3, formula=True))
    with pytest.raises(Wrong, match="formula without a value"):
        cells.text(SheetCell(None, formula=True))
    with pytest.raises(Wrong, match="merged with A2"):
        cells.text(SheetCell(None, merged="A2"))
    with pytest.raises(Wrong, match="made a date"):
        cells.text(SheetCell(datetime.datetime(2011, 4, 10)))

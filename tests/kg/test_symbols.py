"""Symbols of documents: which the United Nations' service can open, and at which address."""

import pytest

from kg.symbols import ADDRESS, address_of


@pytest.mark.parametrize(
    ("symbol", "path"),
    [
        ("CAT/C/48/D/444/2010", "CAT/C/48/D/444/2010"),
        ("A/HRC/14/10", "A/HRC/14/10"),
        ("CCPR/C/21/Rev.1/Add.13", "CCPR/C/21/Rev.1/Add.13"),
        ("CCPR/C/135/D/2538/2015-2539/2015", "CCPR/C/135/D/2538/2015-2539/2015"),
        ("A/47/38, general recommendation No. 19", "A/47/38"),
        ("HRI/GEN/1/Rev.9 (Vol. I), p. 200", "HRI/GEN/1/Rev.9(Vol.I)"),
        ("E/C.12/1998/24", "E/C.12/1998/24"),
    ],
)
def test_a_symbol_of_the_united_nations_leads_to_its_document(symbol, path):
    assert ADDRESS + path == address_of(symbol)


@pytest.mark.parametrize(
    "symbol", ["EUR 57/001/2014", "CAT", "Cm 4712", "ABC/1", "", "javascript:alert(1)", 'CAT/C/"><b>']
)
def test_what_is_no_symbol_of_the_united_nations_has_no_address(symbol):
    assert address_of(symbol) is None

"""On which day a treaty enters into force: by its own clause, and for a successor as its notice or a surer record has it."""

import datetime

import pytest

from kg.imports import entry
from kg.imports.entry import EntryClause
from kg.imports.treaty_collection import Participant

DAY = datetime.date.fromisoformat


@pytest.mark.parametrize(
    ("start", "delay", "bound", "mode", "expected"),
    [
        ("1976-03-23", "P3M", "2006-01-24", "ratification", "2006-04-24"),  # Kazakhstan, ICCPR
        ("1987-06-26", "P30D", "1995-09-28", "accession", "1995-10-28"),  # Uzbekistan, CAT
        ("1987-06-26", "P30D", "1988-10-04", "ratification", "1988-11-03"),  # China, CAT
        ("1954-04-22", "P90D", "1982-09-24", "accession", "1982-12-23"),  # China, Refugee Convention
        ("1954-04-22", "P90D", "1999-01-15", "accession", "1999-04-15"),  # Kazakhstan, Refugee Convention
        ("1967-10-04", "PT0S", "1999-01-15", "accession", "1999-01-15"),  # Kazakhstan, its Protocol
        ("2010-12-23", "P30D", "2009-02-27", "accession", "2010-12-23"),  # Kazakhstan, ICPPED: before its first day
        ("1976-03-23", "P3M", "2010-11-30", "accession", "2011-02-28"),
        ("1976-03-23", "P3M", "2006-10-23", "succession", "2006-10-23"),
        ("1976-03-23", "P3M", "1970-01-01", "succession", "1976-03-23"),
    ],
)
def test_a_treaty_enters_into_force_by_its_own_clause(start, delay, bound, mode, expected):
    treaty = EntryClause("x", "X", "IV-1", DAY(start), "x-1", delay)
    assert DAY(expected) == entry.enter(treaty, DAY(bound), mode)


@pytest.mark.parametrize(("later_only", "expected"), [(True, "2000-12-22"), (False, "2000-12-27")])
def test_a_delay_may_count_for_later_deposits_only(later_only, expected):
    treaty = EntryClause("x", "X", "IV-1", DAY("2000-12-22"), "x-1", "P3M", later_only=later_only)
    assert DAY(expected) == entry.enter(treaty, DAY("2000-09-27"), "ratification")
    assert DAY("2001-03-22") == entry.enter(treaty, DAY("2000-12-22"), "ratification")


@pytest.mark.parametrize(
    ("bound", "expected"), [("2003-09-15", "2004-01-01"), ("2003-10-01", "2004-02-01"), ("2003-08-31", "2003-12-01")]
)
def test_a_clause_may_wait_for_the_next_month(bound, expected):
    treaty = EntryClause("x", "X", "IV-1", DAY("2003-07-01"), "x-1", "P3M", with_month=True)
    assert DAY(expected) == entry.enter(treaty, DAY(bound), "accession")


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        ("depositary", "1991-10-08"),
        ("other-depositaries", "1992-10-12"),
        ("depositaries-differ", "1992-10-12"),
        ("unchecked", "1992-10-12"),
    ],
)
def test_a_successor_is_bound_for_certain_from_the_day_that_the_depositary_has(confidence, expected):
    treaty = EntryClause("x", "X", "IV-1", DAY("1976-03-23"), "x-1", "P3M")
    row = Participant(
        2, "X", None, False, DAY("1992-10-12"), "succession", succeeded=DAY("1991-10-08"), confidence=confidence
    )
    assert DAY(expected) == entry.certain(treaty, row)


def test_who_has_not_consented_is_not_bound():
    treaty = EntryClause("x", "X", "IV-1", DAY("1976-03-23"), "x-1", "P3M")
    assert entry.certain(treaty, Participant(2, "X", DAY("1990-01-01"), False, None, None)) is None

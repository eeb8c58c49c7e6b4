"""A vague date means each day of its month or year, by the Gregorian calendar."""

import pytest

from kg import dates


@pytest.mark.parametrize(
    ("date", "precision", "first", "last"),
    [
        ("2011-12-16", "day", "2011-12-16", "2011-12-16"),
        ("2011-06", "month", "2011-06-01", "2011-06-30"),
        ("2011-12", "month", "2011-12-01", "2011-12-31"),
        ("2012-02", "month", "2012-02-01", "2012-02-29"),
        ("1900-02", "month", "1900-02-01", "1900-02-28"),
        ("2000-02", "month", "2000-02-01", "2000-02-29"),
        ("2011", "year", "2011-01-01", "2011-12-31"),
    ],
)
def test_a_date_spans_the_days_that_it_may_mean(date, precision, first, last):
    assert precision == dates.precision(date)
    assert (first, last) == tuple(day.isoformat() for day in dates.span(date))


@pytest.mark.parametrize("text", ["", "11", "2011-13", "2011-02-29", "0000", "-0044", "2011-12-16Z", "summer 2011"])
def test_another_text_is_no_date(text):
    for function in (dates.span, dates.precision):
        with pytest.raises(ValueError, match=r"."):
            function(text)

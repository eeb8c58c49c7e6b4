"""The days that a date may mean where it is known only as a month or a year; the rules of the build count by the same calendar."""

import calendar
import datetime
import re

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_PRECISIONS = {4: "year", 7: "month", 10: "day"}  # by the length of a date


def span(date: str) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last day that a day, month or year may mean. Raises ValueError for any other text."""
    match = _DATE.fullmatch(date)
    if match is None:
        raise ValueError(f"{date!r} is no day, month or year")
    year, month, day = (int(part or 0) for part in match.groups())
    first = datetime.date(year, month or 1, day or 1)
    return first, first if day else datetime.date(year, month or 12, calendar.monthrange(year, month or 12)[1])


def precision(date: str) -> str:
    """Say whether a date is a year, a month or a day. Raises ValueError for any other text."""
    span(date)
    return _PRECISIONS[len(date)]

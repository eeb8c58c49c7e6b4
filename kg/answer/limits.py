"""How far the record goes from which an answer is drawn, in sentences.

A query in queries/records/ gives a row for each part of the record: `what` it is of, the day `until` which it goes, or that of the
`latest` thing in it where nobody knows of later ones, how many (`carried`) of how many (`printed`) things of a `kind` are in it, and
a `note`. Each but the first may be missing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

UNKNOWN = "How far the record goes is not known here."

Row = Mapping[str, Mapping[str, str]]


def tell(rows: Iterable[Row], day: str | None = None) -> tuple[str, ...]:
    """Write the limits of a record, each once; with the `day` that is asked for, say where the record cannot tell for it.

    `rows` are in SPARQL's JSON form, `day` is written YYYY-MM-DD.
    """
    values = ({name: term["value"] for name, term in row.items()} for row in rows)
    return tuple(dict.fromkeys(said for row in values for said in _sentences(row, day))) or (UNKNOWN,)


def _sentences(row: Mapping[str, str], day: str | None) -> Iterator[str]:
    if until := row.get("until"):
        ends = f"The record of {row['what']} ends {'on' if len(until) == 10 else 'in'} {write_day(until)}"
        if day is None or day <= until:  # a record that ends in a month or a year may end on its first day
            yield f"{ends}; later changes are not in it."
        else:
            told = f"what is said here of {write_day(day)} is by that record"
            yield f"{ends} and cannot tell for later days; later changes are not in it, and {told}."
    if latest := row.get("latest"):
        asked = "" if day is None or day <= latest else f", before {write_day(day)}"
        yield f"The latest of the {row['what']} that were read is of {write_day(latest)}{asked}; later ones may be missing."
    if printed := row.get("printed"):
        yield f"{row.get('carried', '0')} of {printed} {row['kind']} are carried."
    if note := row.get("note"):
        yield note


@lru_cache(4096)
def write_day(text: str) -> str:
    """Write a date, or the day of a time, in words at the precision it has; what is no date stays as it is."""
    parts = text.partition("T")[0].split("-")
    if len(parts) == 3 and len(text) == 10:
        date = datetime.date.fromisoformat(text)
        return f"{date.day} {date:%B} {date.year}"
    if len(parts) == 2 and all(part.isdigit() for part in parts):
        return f"{datetime.date(int(parts[0]), int(parts[1]), 1):%B %Y}"
    return text

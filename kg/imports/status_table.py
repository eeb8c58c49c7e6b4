"""A table of the status of treaties, made from the pages of the UN Treaty Collection: all treaties in one participation.csv.

One row is one period of one participant in one treaty; a State that left and came back has several. Each row is read, or
named with its line and reason. Whether the days agree with the clause of the treaty is for `kg.imports.participation`.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import SourceError
from kg.imports.entry import SUCCESSION
from kg.imports.treaty_collection import RATIFICATION, Participant, text

FILE = "participation.csv"  # in the folder of the tables
MODES = ("ratification", "accession", SUCCESSION, "acceptance", "formal-confirmation")

# How the table says that it knows the day of a succession, and the concept of scheme/confidence for it.
CONFIDENCES = {
    "depositary": "depositary",
    "other depositaries": "other-depositaries",
    "depositary, other depositary differs": "depositaries-differ",
    "unchecked": "unchecked",
}

_COLUMNS = (
    "treaty",
    "collection_number",
    "participant",
    "iso3",
    "period",
    "signed",
    "signature_inherited",
    "deposited",
    "mode",
    "in_force_from",
    "in_force_note",
    "succession_effective",
    "succession_confidence",
    "denounced_on",
    "denunciation_effective",
    "in_force_until",
    "historical",
    "organisation",
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class ParticipationPeriod:
    """A period of a participant in a treaty, and what the table says that no other has."""

    treaty: str
    number: str
    code: str  # ISO 3166-1, or that of a State of the past; empty for an organisation
    since: datetime.date | None  # in force, as the table computed it
    historical: bool
    organisation: bool
    content: Participant


def rows(folder: Path, day: datetime.date) -> Iterator[ParticipationPeriod | SourceError]:
    """Yield each row of the table, or what is wrong with it; `day` is that of the record, and no date is later.

    Raises SourceError when the file is no such table.
    """
    reader = csv.DictReader(io.StringIO(text(folder / FILE), newline=None), strict=True)
    try:
        if missing := [name for name in _COLUMNS if name not in (reader.fieldnames or ())]:
            content = f"There is no column {', '.join(missing)}"
            raise SourceError(content, where=FILE, line=1, hint="This is no table of the status of treaties")
        for cells in reader:
            try:
                if None in cells or None in cells.values():
                    raise ValueError("The row has more or fewer cells than the head")
                yield _row(reader.line_num, {name: cells[name].strip() for name in _COLUMNS}, day)
            except ValueError as error:
                yield SourceError(str(error), where=FILE, line=reader.line_num)
    except csv.Error as error:
        yield SourceError(f"This is no CSV ({error})", where=FILE, line=reader.line_num)


def _row(line: int, cells: Mapping[str, str], today: datetime.date) -> ParticipationPeriod:
    """Read one row. Raises ValueError with what is wrong in it, first what is wrong by itself."""
    days = {name: _day(name, cells[name], today) for name in ("signed", "deposited", "denounced_on")}
    # What follows from an act may lie after the day of the record.
    days |= {
        name: _day(name, cells[name], None) for name in ("in_force_from", "in_force_until", "succession_effective")
    }
    name, mode = cells["participant"], cells["mode"] or None
    if not name:
        raise ValueError("The row names no participant")
    if mode and mode not in MODES:
        raise ValueError(f"{mode!r} is no way to consent to be bound: {', '.join(MODES)}")
    if cells["period"] not in ("", "1", "2", "3"):
        raise ValueError(f"{cells['period']!r} is no number of a period")
    if not (days["signed"] or days["deposited"]):
        raise ValueError(f"{name} neither signed nor joined")
    if bool(mode) != bool(days["deposited"]):
        raise ValueError(f"{name} has a deposit without its mode, or a mode without its deposit")
    for earlier, later in (("signed", "deposited"), ("deposited", "denounced_on"), ("in_force_from", "in_force_until")):
        first, second = days[earlier], days[later]
        if first and second and first > second and (earlier != "signed" or mode == RATIFICATION):
            raise ValueError(f"{name}: {later} {second} is before {earlier} {first}")
    _end(name, days, _day("denunciation_effective", cells["denunciation_effective"], None))
    return ParticipationPeriod(
        treaty=cells["treaty"],
        number=cells["collection_number"],
        code=cells["iso3"],
        since=days["in_force_from"],
        historical=_yes("historical", cells),
        organisation=_yes("organisation", cells),
        content=Participant(
            line=line,
            name=name,
            signed=days["signed"],
            inherited=_yes("signature_inherited", cells),
            bound=days["deposited"],
            mode=mode,
            period=int(cells["period"] or "1"),
            until=days["in_force_until"],
            denounced=days["denounced_on"],
            succeeded=days["succession_effective"],
            confidence=_confidence(name, mode, days, cells["succession_confidence"]),
            note=cells["in_force_note"],
        ),
    )


def _end(name: str, days: Mapping[str, datetime.date | None], effect: datetime.date | None) -> None:
    """Check that a denunciation takes effect on the day after the last day in force."""
    until = days["in_force_until"]
    if bool(days["denounced_on"]) != bool(effect):
        raise ValueError(f"{name} has a denunciation without the day of its effect, or that day alone")
    if effect and until != effect - datetime.timedelta(days=1):
        raise ValueError(f"{name}: the denunciation takes effect on {effect}, and the last day in force is {until}")


def _confidence(name: str, mode: str | None, days: Mapping[str, datetime.date | None], content: str) -> str | None:
    """Read how sure the day of a succession is."""
    day, notice = days["succession_effective"], days["deposited"]
    if bool(day) != bool(content) or (day and mode != SUCCESSION):
        raise ValueError(f"{name}: the day of a succession, how sure it is and the mode succession belong together")
    if not day:
        return None
    if content not in CONFIDENCES:
        raise ValueError(f"{content!r} does not say how sure the day of the succession is: {'; '.join(CONFIDENCES)}")
    if notice and day > notice:
        raise ValueError(f"{name}: the succession takes effect on {day}, later than its notice of {notice}")
    return CONFIDENCES[content]


def _day(column: str, cell: str, today: datetime.date | None) -> datetime.date | None:
    if not cell:
        return None
    try:
        if not _DAY.fullmatch(cell):
            raise ValueError
        day = datetime.date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"{column} {cell!r} is no day such as 1985-02-04") from None
    if today and day > today:
        raise ValueError(f"{column} {cell} is later than the record, which is of {today}")
    return day


def _yes(column: str, cells: Mapping[str, str]) -> bool:
    if cells[column] not in ("", "yes"):
        raise ValueError(f"{column} is {cells[column]!r}, and not yes or empty")
    return cells[column] == "yes"

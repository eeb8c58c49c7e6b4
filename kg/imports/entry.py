"""On which day a treaty enters into force for a participant: by the clause of the treaty, or as for a successor."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from kg import dates
from kg.imports.treaty_collection import Participant

SUCCESSION = "succession"
CERTAIN = "depositary"  # the key of scheme/confidence by which the day of a succession is certain

DURATION = re.compile(r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T0S)?")


@dataclass(frozen=True, slots=True)
class EntryClause:
    """A treaty of the graph, and the clause by which it enters into force for a State; `delay` is an xsd:duration."""

    key: str
    name: str
    number: str
    start: datetime.date
    clause: str
    delay: str
    later_only: bool = False  # whether the delay counts only for deposits after the treaty was in force
    with_month: bool = False  # whether it enters into force on the first day of the month after the delay


def enter(treaty: EntryClause, bound: datetime.date, mode: str) -> datetime.date:
    """Compute on which day a treaty enters into force for a State that consented on a day.

    Never before the treaty itself. A successor has no delay: its notification continues what bound its predecessor, and
    the day of the notification is the first that a table without more makes certain.
    """
    if mode == SUCCESSION:
        first = bound
    elif treaty.later_only and bound < treaty.start:
        first = treaty.start
    else:
        first = add(bound, treaty.delay)
        if treaty.with_month:
            first = add(first.replace(day=1), "P1M")
    return max(first, treaty.start)


def certain(treaty: EntryClause, row: Participant) -> datetime.date | None:
    """Compute from which day a participant is bound for certain; None without its consent.

    A successor is bound from the day that the depositary's record has. A day known in another way makes it possible that
    it was bound, and the notice makes it certain.
    """
    if row.bound is None or row.mode is None:
        return None
    if row.succeeded and row.confidence == CERTAIN:
        return max(row.succeeded, treaty.start)
    return enter(treaty, row.bound, row.mode)


def add(day: datetime.date, duration: str) -> datetime.date:
    """Add an xsd:duration of years, months and days; a month too short for the day ends on its last."""
    match = DURATION.fullmatch(duration)
    if not match:
        raise ValueError(f"{duration!r} is no duration of years, months and days")
    years, months, days = (int(part or 0) for part in match.groups())
    month = day.month - 1 + months + 12 * years
    year, month = day.year + month // 12, month % 12 + 1
    last = dates.last_of_month(year, month)
    return last.replace(day=min(day.day, last.day)) + datetime.timedelta(days=days)

"""Participations and the passages they stand in, as Turtle: a file for each treaty."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.imports.entry import CERTAIN, SUCCESSION, EntryClause, add, certain
from kg.imports.treaty_collection import Participant
from kg.imports.turtle import concept, day_of, english, facts, thing
from kg.store.rdf import Triple, write_turtle

SIGNATURE = "definitive-signature"
STATE, BODY, HISTORICAL = "state", "body", "historical-participant"

_PHRASES = {
    "accession": "Acceded",
    "acceptance": "Accepted or approved",
    "formal-confirmation": "Confirmed formally",
    "ratification": "Ratified",
    SUCCESSION: "Succeeded a predecessor",
    SIGNATURE: "Bound by its signature alone",
}
_WHY = {
    CERTAIN: "as the depositary's record has it",
    "other-depositaries": "the day that it named to depositaries of other treaties",
    "depositaries-differ": "the earlier of two days that depositaries have",
    "unchecked": "the day of its independence as generally known, for which no source was read",
}
_CONTINUITY = (
    " The protection of the Covenant belongs to the people of a territory and stays with them when the State changes"
    " (Human Rights Committee, general comment 26, paragraph 4)."
)
_AUTHORITY = ("iccpr", "ccpr-c-21-rev-1-add-8-rev-1-para-4")  # a treaty, and the passage on succession to it
# What the notes of the table say that the descriptions here say in words of their own.
_REPEATED = (
    "consented before the treaty was in force: bound from its first day",
    "day of the notice",
    "bound earlier as successor",
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes part: its kind (the part of its IRI before the key), its key, such as `kaz`, and its name."""

    kind: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class TableSource:
    """What the rows are read from: the key of the document, the day of its record, and whether it tells of withdrawals."""

    document: str
    day: datetime.date
    whole: bool


def key_of(actor: Actor, treaty: EntryClause, row: Participant) -> str:
    """Make the key of a participation; a later period of the same participant has the year of its deposit in it."""
    key = f"{actor.key}-{treaty.key}"
    return key if row.period == 1 or row.bound is None else f"{key}-{row.bound.year}"


def turtle(
    treaty: EntryClause, reported: Mapping[str, list[Triple]], passages: Iterable[list[Triple]], source: TableSource
) -> str:
    """Write a treaty's participations, by their keys, and the passages they stand in."""
    content = (
        f"Participation in the {treaty.name} as of {source.day.day} {source.day:%B %Y}. Made by `kg import participation`,\n"
        "which writes it anew: do not change it, write the participation in data/states/. What is written by hand goes\n"
        "before a row of the import."
    )
    triples = [triple for key in reported for triple in reported[key]]
    return write_turtle([*triples, *(triple for passage in passages for triple in passage)], content)


def passage_key(actor: Actor, treaty: EntryClause, source: TableSource) -> str:
    """Make the key of the passage in which a participant stands."""
    return f"{source.document}-{treaty.key}-{actor.key}"


def passage(actor: Actor, treaty: EntryClause, source: TableSource) -> list[Triple]:
    """State the passage of a participant's row."""
    chapter, _, number = treaty.number.partition("-")
    notes = ", end notes" if actor.kind == HISTORICAL else ""
    return list(
        facts(
            thing("passage", passage_key(actor, treaty, source)),
            a="Passage",
            label=english(f"Treaty Collection {source.day.year}, {treaty.name}: {actor.name}"),
            isPartOf=thing("document", source.document),
            section=english(f"Chapter {chapter}, treaty {number}{notes}"),
            hasReading=concept("reading", "whole"),
        )
    )


def participation(
    actor: Actor, treaty: EntryClause, row: Participant, source: TableSource, since: datetime.date | None
) -> list[Triple]:
    """State what a row says, with the passage of the row; the clause tells how the entry into force follows from it."""
    signed = row.bound if row.mode == SIGNATURE else row.signed
    key = key_of(actor, treaty, row)
    within = "" if row.period == 1 and not row.until else _period(since, row)
    content = [passage_key(actor, treaty, source)]
    if row.succeeded:
        content.append(f"succession-days-{actor.key}")
        content += [_AUTHORITY[1]] * (treaty.key == _AUTHORITY[0])
    kind = "HistoricalParticipation" if actor.kind == HISTORICAL else "Participation"
    return list(
        facts(
            thing("participation", key),
            a=kind,
            label=english(f"Participation of {actor.name} in the {treaty.name}{within}"),
            description=english(_describe(actor, treaty, row, source)),
            isParticipationOf=thing(actor.kind, actor.key),
            isParticipationIn=thing("treaty", treaty.key),
            signedOn=day_of(signed),
            depositedOn=day_of(row.bound) if row.mode and row.mode != SIGNATURE else None,
            hasBindingMode=concept("binding-mode", row.mode) if row.mode else None,
            inForceFrom=day_of(since),
            followsClause=thing("provision", treaty.clause) if since and row.mode != SUCCESSION else None,
            succeededOn=day_of(row.succeeded),
            hasSuccessionConfidence=concept("confidence", row.confidence) if row.confidence else None,
            denouncedOn=day_of(row.denounced),
            inForceUntil=day_of(row.until),
            statusAsOf=day_of(source.day),
            isReportedIn=[thing("passage", item) for item in content],
        )
    )


def _period(since: datetime.date | None, row: Participant) -> str:
    """Write the years of a period, where there is more than one or it ended."""
    first = since.year if since else ""
    return f", {first} to {row.until.year}" if row.until else f", since {first}"


def _long(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _describe(actor: Actor, treaty: EntryClause, row: Participant, source: TableSource) -> str:
    """Say in words what the dates mean, and what the table leaves open."""
    signed = "Took over its predecessor's signature" if row.inherited else "Signed"
    if row.bound is None or row.mode is None:
        only = f"{signed}, and not bound on the day of the record: a signature alone does not bind."
        return f"{signed} only." if actor.kind == HISTORICAL else only + _note(row)
    content = _PHRASES[row.mode]
    if row.signed and row.mode != SIGNATURE:
        content = f"{signed}, then {content[0].lower()}{content[1:]}"
    content += _from(treaty, row)
    if row.denounced:
        content += f". It denounced the treaty on {_long(row.denounced)}"
    if row.until:
        content += f". The last day in force was {_long(row.until)}"
    content += "."
    if row.succeeded and treaty.key == _AUTHORITY[0]:
        content += _CONTINUITY
    if actor.kind == HISTORICAL:
        content += " It is no party of today, and no State of today bears a duty by this."
    if not source.whole:
        content += " The table shows no reservations, declarations or withdrawals."
    return content + _note(row)


def _from(treaty: EntryClause, row: Participant) -> str:
    """Say from when a participant is bound, where its deposit and the clause do not tell it all."""
    if row.succeeded and row.bound:
        why, day, notice = _WHY[row.confidence or ""], _long(row.succeeded), _long(row.bound)
        if row.confidence == CERTAIN:
            return f" with effect from {day}, {why}; its notice is of {notice}"
        return f", possibly with effect from {day}, {why}; bound for certain from its notice of {notice}"
    if row.mode == SUCCESSION:
        return "; the table gives the day of its notice only, so it may have been bound before that day"
    if row.bound and certain(treaty, row) == treaty.start and add(row.bound, treaty.delay) != treaty.start:
        return " before the treaty was in force, so that it is bound from the treaty's own first day"
    return ""


def _note(row: Participant) -> str:
    """Add what the table notes about a row beyond what is said already."""
    parts = [part.strip() for part in row.note.split("; ")]
    more = [part for part in parts if part and part not in _REPEATED]
    return f" Note: {'; '.join(more)}." if more else ""

"""Who signed and joined each treaty, from the tables of the UN Treaty Collection, as Turtle.

Every row is placed or named with its file, line and reason. A State's entry into force is computed from the treaty's own
clause alone. What somebody wrote by hand stays, and all files are written or none.
"""

from __future__ import annotations

import calendar
import csv
import datetime
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from kg import terms
from kg.build import inputs
from kg.errors import SourceError, UnknownName, WriteFailed
from kg.imports import treaty_collection
from kg.imports.treaty_collection import Participant
from kg.store import Store
from kg.store.rdf import Triple, write_turtle
from kg.terms import Iri, Literal, Term

FOLDER = "data/participation"  # below the project; everything in it is made here and may be made again
SET_ASIDE = "data/states/set-aside.csv"  # participants that are no State of today, and why
SUCCESSION, SIGNATURE = "succession", "definitive-signature"

_SAID = {
    "accession": "Acceded",
    "acceptance": "Accepted or approved",
    "ratification": "Ratified",
    SUCCESSION: "Succeeded a predecessor",
    SIGNATURE: "Bound by its signature alone",
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DURATION = re.compile(r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T0S)?")


@dataclass(frozen=True, slots=True)
class State:
    """A State of the graph: its key, such as `kaz`, and its name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Treaty:
    """A treaty of the graph, and the clause by which it enters into force for a State; `delay` is an xsd:duration."""

    key: str
    name: str
    number: str
    start: datetime.date
    clause: str
    delay: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the data say already: States by every name, treaties by their tables, and what somebody wrote by hand."""

    document: str
    day: datetime.date
    states: dict[str, State]
    treaties: dict[str, Treaty]
    aside: dict[str, str]
    written: set[tuple[str, str]]  # (key of a State, key of a treaty)
    passages: set[str]


@dataclass(slots=True)
class Import:
    """What an import would write, by path; what it leaves out, in words; and the rows it cannot place."""

    files: dict[Path, str] = field(default_factory=dict)
    placed: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[SourceError] = field(default_factory=list)


def know(root: Path, document: str, out: Path, names: Mapping[str, str] | None = None) -> Known:
    """Read from the project's data what an import rests on, leaving out what an earlier import wrote to `out`.

    `document` is the key of the document that the tables are a copy of; its date is the day of the record. `names` gives
    the treaties of files that are not named by their number: file name without suffix -> key of a treaty.
    """
    mine = out.resolve()
    stated = [one for one in inputs.read_sources(root) if one.kind == "data" and mine not in one.path.resolve().parents]
    with Store.memory() as store:
        for error in inputs.load(store, stated):
            raise error
        store.copy_named_into_default()
        here = terms.mint("document", document)
        written = "?x ans:isParticipationOf ?a ; ans:isParticipationIn ?b"
        return Known(
            document=document,
            day=_day_of(store, here),
            states=_states(store),
            treaties=_treaties(store, names or {}),
            aside=_aside(root / SET_ASIDE),
            written={(_key(a), _key(b)) for a, b in _ask(store, written, "?a ?b")},
            passages={_key(a) for (a,) in _ask(store, f"?a ans:isPartOf <{here}>", "?a")},
        )


def read(folder: Path, out: Path, known: Known) -> Import:
    """Read every table of a folder and make the Turtle that says the same; nothing is written yet."""
    if not folder.is_dir():
        raise SourceError("There is no such folder", where=str(folder), hint="Give the folder of the tables")
    made = Import()
    tables = sorted(folder.glob("*.csv"))
    if unknown := [path.name for path in tables if path.stem not in known.treaties]:
        made.notes.append(f"no treaty of the graph has the number of {', '.join(unknown)}")
    for path in tables:
        if treaty := known.treaties.get(path.stem):
            try:
                rows = list(_place(path, treaty, known, made))
            except SourceError as error:  # the table as a whole; the others may have mistakes to tell as well
                made.problems.append(error)
                continue
            made.placed += len(rows)
            made.files[out / f"{treaty.key}.ttl"] = _turtle(treaty, rows, known)
    if len(unknown) == len(tables):
        hint = "A table is named 4-9.csv where a treaty has ans:collectionNumber IV-9"
        raise SourceError("No table here is of a treaty of the graph", where=str(folder), hint=hint)
    return made


def _place(path: Path, treaty: Treaty, known: Known, made: Import) -> Iterator[tuple[State, Participant]]:
    """Yield the rows of a table with their States; note those set aside or written by hand, and name the others."""
    first: dict[str, int] = {}
    for row in treaty_collection.rows(path, known.day, known.aside):
        if isinstance(row, SourceError):
            made.problems.append(row)
            continue
        here = f"{path.name}:{row.line}"
        name = treaty_collection.fold(row.name)
        if name in known.aside:
            made.notes.append(f"{here}: {row.name} is set aside: {known.aside[name]}")
            continue
        state = known.states.get(name)
        if state is None:
            said = f"{row.name!r} is no State of the graph"
            hint = f"Add the name as skos:altLabel to a State in data/states/, or with the reason to {SET_ASIDE}"
            made.problems.append(SourceError(said, where=path.name, line=row.line, hint=hint))
        elif first.setdefault(state.key, row.line) != row.line:
            said = f"{state.name} has a row already, in line {first[state.key]}"
            made.problems.append(SourceError(said, where=path.name, line=row.line, hint="Keep one of the two"))
        elif (state.key, treaty.key) in known.written:
            made.notes.append(f"{here}: {state.name} is left as it is written by hand")
        else:
            yield state, row


def write(made: Import) -> None:
    """Write the files of an import that has no problem: each whole and aside first, then all into their places."""
    if made.problems:
        raise made.problems[0]
    out = next(iter(made.files)).parent
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=out) as aside:
            for path, text in made.files.items():
                Path(aside, path.name).write_text(text, encoding="utf-8")
            for path in made.files:
                os.replace(Path(aside, path.name), path)
    except OSError as error:
        raise WriteFailed(f"The tables cannot be written ({error.strerror})", where=str(out)) from None


def enter(treaty: Treaty, bound: datetime.date, mode: str) -> datetime.date:
    """Compute on which day a treaty enters into force for a State that consented on a day.

    Never before the treaty itself. A successor has no delay: its notification continues what bound its predecessor, and
    the day of the notification is the first that the table makes certain.
    """
    first = bound if mode == SUCCESSION else add(bound, treaty.delay)
    return max(first, treaty.start)


def add(day: datetime.date, duration: str) -> datetime.date:
    """Add an xsd:duration of years, months and days; a month too short for the day ends on its last."""
    match = _DURATION.fullmatch(duration)
    if not match:
        raise ValueError(f"{duration!r} is no duration of years, months and days")
    years, months, days = (int(part or 0) for part in match.groups())
    month = day.month - 1 + months + 12 * years
    year, month = day.year + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return datetime.date(year, month, min(day.day, last)) + datetime.timedelta(days=days)


# Knowing the data


def _ask(store: Store, pattern: str, wanted: str) -> Iterator[tuple[str, ...]]:
    query = f"""PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{terms.PREFIXES["skos"]}>
        SELECT DISTINCT {wanted} {{ {pattern} }} ORDER BY {wanted}"""
    for row in store.query(query):
        yield tuple(getattr(cell, "value", "") for cell in row)


def _key(iri: str) -> str:
    return iri.rpartition("/")[2]


def _day_of(store: Store, document: str) -> datetime.date:
    for (day,) in _ask(store, f"<{document}> ans:date ?day", "?day"):
        if _DAY.fullmatch(day):
            return datetime.date.fromisoformat(day)
    raise UnknownName(
        f"There is no document {_key(document)!r} with the day of its record",
        hint="Describe it in data/sources/, with ans:date as an xsd:date",
    )


def _states(store: Store) -> dict[str, State]:
    named = dict(_ask(store, "?a a ans:State ; skos:prefLabel ?b FILTER(LANG(?b) = 'en')", "?a ?b"))
    states: dict[str, State] = {}
    for iri, name in _ask(store, "?a a ans:State ; skos:prefLabel|skos:altLabel ?b FILTER(LANG(?b) = 'en')", "?a ?b"):
        state = State(_key(iri), named[iri])
        first = states.setdefault(treaty_collection.fold(name), state)
        if first != state:
            raise SourceError(f"{name!r} is the name of {first.name} and of {state.name}", where="data/states")
    return states


def _treaties(store: Store, names: Mapping[str, str]) -> dict[str, Treaty]:
    """Find the treaties by the names of their files. Raises SourceError for one that lacks its day or its clause."""
    pattern = """?a a ans:Treaty ; ans:shortName ?b ; ans:collectionNumber ?c . OPTIONAL { ?a ans:inForceFrom ?d }
        OPTIONAL { ?e ans:isProvisionOf ?a ; ans:entryIntoForceDelay ?f }"""
    treaties = {}
    for iri, name, number, start, clause, delay in _ask(store, pattern, "?a ?b ?c ?d ?e ?f"):
        if not (_DAY.fullmatch(start) and _DURATION.fullmatch(delay)):
            raise SourceError(
                f"{name} does not say from which day it is in force, or how long after the deposit of a State",
                where=iri.removeprefix(terms.BASE),
                hint="Write ans:inForceFrom of the treaty and ans:entryIntoForceDelay of its clause",
            )
        file, day = treaty_collection.file_of(number), datetime.date.fromisoformat(start)
        if file in treaties:
            raise SourceError(f"{number} is given to two treaties or clauses", where=iri.removeprefix(terms.BASE))
        treaties[file] = Treaty(_key(iri), name, number, day, _key(clause), delay)
    by_key = {treaty.key: treaty for treaty in treaties.values()}
    for file, key in names.items():
        if key not in by_key:
            raise UnknownName(f"There is no treaty {key!r} with a number of the Treaty Collection")
        treaties[file] = by_key[key]
    return treaties


def _aside(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    rows = list(csv.reader(io.StringIO(treaty_collection.text(path), newline=None)))
    return {treaty_collection.fold(row[0]): row[1].strip() for row in rows[1:] if len(row) == 2}


# Writing Turtle


def _turtle(treaty: Treaty, rows: Iterable[tuple[State, Participant]], known: Known) -> str:
    """Write a treaty's participations and the passages they stand in, in the order of the States' keys."""
    said = (
        f"Participation in the {treaty.name} as of {known.day.day} {known.day:%B %Y}. Made by `kg import participation`,\n"
        "which writes it anew: do not change it, write the participation in data/states/. What is written by hand goes\n"
        "before a row of the import."
    )
    label = f"Treaty Collection {known.day.year}, {treaty.name}"
    passages: list[tuple[str, str]] = []
    triples: list[Triple] = []
    for state, row in sorted(rows, key=lambda pair: pair[0].key):
        mine = f"{known.document}-{treaty.key}-{state.key}"
        passages.append((mine, f"{label}: {state.name}"))
        triples += _participation(treaty, state, row, known.day, mine)
    chapter, _, number = treaty.number.partition("-")
    for key, title in passages:
        if key not in known.passages:
            triples += _facts(
                _thing("passage", key),
                a=Iri(terms.term("Passage")),
                label=Literal(title, language="en"),
                isPartOf=_thing("document", known.document),
                section=Literal(f"Chapter {chapter}, treaty {number}", language="en"),
                hasReading=Iri(f"{terms.SCHEME}reading/whole"),
            )
    return write_turtle(triples, said)


def _participation(
    treaty: Treaty, state: State, row: Participant, today: datetime.date, passage: str
) -> Iterator[Triple]:
    """State what a row says, with the passage of the row; the clause tells how the entry into force follows from it."""
    binds = row.bound and row.mode
    signed = row.bound if row.mode == SIGNATURE else row.signed
    return _facts(
        _thing("participation", f"{state.key}-{treaty.key}"),
        a=Iri(terms.term("Participation")),
        label=Literal(f"Participation of {state.name} in the {treaty.name}", language="en"),
        description=Literal(_describe(treaty, row), language="en"),
        isParticipationOf=_thing("state", state.key),
        isParticipationIn=_thing("treaty", treaty.key),
        signedOn=_day(signed),
        depositedOn=_day(row.bound) if binds and row.mode != SIGNATURE else None,
        hasBindingMode=Iri(f"{terms.SCHEME}binding-mode/{row.mode}") if binds else None,
        inForceFrom=_day(enter(treaty, row.bound, row.mode)) if binds else None,
        followsClause=_thing("provision", treaty.clause) if binds and row.mode != SUCCESSION else None,
        statusAsOf=_day(today),
        isReportedIn=_thing("passage", passage),
    )


def _facts(subject: Iri, *, a: Iri, label: Literal, **values: Term | list[Iri] | None) -> Iterator[Triple]:
    """Yield the triples about a thing: its class, its name, and each property of ours that has a value."""
    yield subject, Iri(terms.PREFIXES["rdf"] + "type"), a
    yield subject, Iri(terms.PREFIXES["skos"] + "prefLabel"), label
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield subject, Iri(terms.term(name)), one


def _thing(kind: str, key: str) -> Iri:
    return Iri(terms.mint(kind, key))


def _day(day: datetime.date | None) -> Literal | None:
    return None if day is None else Literal(day.isoformat(), datatype=terms.PREFIXES["xsd"] + "date")


def _describe(treaty: Treaty, row: Participant) -> str:
    """Say in words what the dates mean, and what the table leaves open."""
    signed = "Took over its predecessor's signature" if row.inherited else "Signed"
    if row.bound is None or row.mode is None:
        return f"{signed}, and not bound on the day of the record: a signature alone does not bind."
    said = _SAID[row.mode]
    if row.signed and row.mode != SIGNATURE:
        said = f"{signed}, then {said[0].lower()}{said[1:]}"
    if row.mode == SUCCESSION:
        said += "; the table gives the day of its notice only, so it may have been bound before that day"
    elif add(row.bound, treaty.delay) < treaty.start:
        said += " before the treaty was in force, so that it is bound from the treaty's own first day"
    return f"{said}. The table shows no reservations, declarations or withdrawals."

"""Who signed and joined each treaty, from tables of the UN Treaty Collection, as Turtle.

Every row is placed or named with its file, line and reason. A State's entry into force is computed from the treaty's own
clause alone. What somebody wrote by hand stays, and what contradicts it is named; all files are written or none.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg import terms
from kg.errors import SourceError, UnknownName
from kg.imports import entry, participation_turtle, stated, status_table, treaty_collection
from kg.imports.entry import EntryClause
from kg.imports.participation_turtle import BODY, HISTORICAL, STATE, Actor, TableSource
from kg.imports.stated import DAY, ask, key_of
from kg.imports.treaty_collection import Participant
from kg.imports.turtle import Import
from kg.store import Store
from kg.store.rdf import Triple

FOLDER = "data/participation"  # below the project; everything in it is made here and may be made again
SET_ASIDE = "data/states/set-aside.csv"  # participants that are no State of today, and why

# What a participation has one of: where somebody wrote it by hand, the row's own value stays out.
_SINGLE = tuple(
    terms.term(name)
    for name in (
        "signedOn",
        "depositedOn",
        "hasBindingMode",
        "inForceFrom",
        "followsClause",
        "succeededOn",
        "hasSuccessionConfidence",
        "denouncedOn",
        "inForceUntil",
        "statusAsOf",
    )
)
_WORDS = (terms.PREFIXES["skos"] + "prefLabel", terms.term("description"))
_KINDS = {"State": STATE, "InternationalBody": BODY, "HistoricalParticipant": HISTORICAL}


@dataclass(frozen=True, slots=True)
class ParticipationContext:
    """What the data say already: participants by every name, treaties, and what somebody wrote by hand."""

    document: str
    day: datetime.date
    actors: dict[str, Actor]
    treaties: dict[str, EntryClause]  # by the file of their table
    aside: dict[str, str]
    written: set[tuple[str, str]]  # (key of a State, key of a treaty) of a whole participation
    by_hand: dict[str, dict[str, set[str]]]  # key of a participation -> property -> values
    passages: set[str]


def know(root: Path, document: str, out: Path, names: Mapping[str, str] | None = None) -> ParticipationContext:
    """Read from the project's data what an import rests on, leaving out what an earlier import wrote to `out`.

    `document` is the key of the document that the tables are a copy of; its date is the day of the record. `names` gives
    the treaties of files that are not named by their number: file name without suffix -> key of a treaty.
    """
    with stated.opened(root, out) as store:
        written = "?x ans:isParticipationOf ?a ; ans:isParticipationIn ?b"
        return ParticipationContext(
            document=document,
            day=stated.day_of(store, document),
            actors=_actors(store),
            treaties=_treaties(store, names or {}),
            aside={treaty_collection.fold(name): why for (name, *_), why in stated.set_aside(root / SET_ASIDE).items()},
            written={(key_of(a), key_of(b)) for a, b in ask(store, written, "?a ?b")},
            by_hand=_by_hand(store),
            passages=stated.passages_of(store, document),
        )


def read(folder: Path, out: Path, context: ParticipationContext) -> Import:
    """Read the tables of a folder and make the Turtle that says the same; nothing is written yet.

    The folder holds either one table of the status of all treaties or the collection's tables, one for each treaty.
    """
    if not folder.is_dir():
        raise SourceError("There is no such folder", where=str(folder), hint="Give the folder of the tables")
    result = Import()
    if (folder / status_table.FILE).is_file():
        _read_status(folder, out, context, result)
    else:
        _read_tables(folder, out, context, result)
    return result


def _read_status(folder: Path, out: Path, context: ParticipationContext, result: Import) -> None:
    """Read the table of the status of all treaties."""
    source = TableSource(context.document, context.day, whole=True)
    by_key = {treaty.key: treaty for treaty in context.treaties.values()}
    placed: dict[str, list[_Placed]] = {}
    first: dict[tuple[str, Actor, int], int] = {}
    for row in status_table.rows(folder, context.day):
        if isinstance(row, SourceError):
            result.problems.append(row)
            continue
        line = row.content.line
        try:
            treaty = _treaty_of(row, by_key)
            actor = _actor_of(row, context)
            since = _since_of(row, treaty)
        except _Unplaced as wrong:
            result.problems.append(SourceError(str(wrong), where=status_table.FILE, line=line, hint=wrong.hint))
            continue
        before = first.setdefault((treaty.key, actor, row.content.period), line)
        if before != line:
            content = f"{actor.name} has a row for this period of the {treaty.name} already, in line {before}"
            result.problems.append(SourceError(content, where=status_table.FILE, line=line, hint="Keep one of the two"))
        else:
            here = f"{status_table.FILE}:{line}"
            placed.setdefault(treaty.key, []).append(_Placed(actor, row.content, since, here))
    result.tables = 1
    for key, rows in placed.items():
        _make(by_key[key], rows, source, out / f"{key}.ttl", context, result)


class _Unplaced(Exception):
    """Why a row cannot be placed, and what to do about it."""

    def __init__(self, content: str, hint: str = "") -> None:
        super().__init__(content)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row with its participant, the day from which it is bound for certain, and where the row stands."""

    actor: Actor
    row: Participant
    since: datetime.date | None
    here: str


def _treaty_of(row: status_table.ParticipationPeriod, by_key: Mapping[str, EntryClause]) -> EntryClause:
    treaty = by_key.get(row.treaty)
    if treaty is None:
        hint = "Describe the treaty in data/treaties/, with its number and clause in data/treaties/untc.ttl"
        raise _Unplaced(f"{row.treaty!r} is no treaty of the graph with a number of the Treaty Collection", hint)
    if treaty.number != row.number:
        raise _Unplaced(f"{treaty.name} has the number {treaty.number}, and the row {row.number!r}")
    return treaty


def _actor_of(row: status_table.ParticipationPeriod, context: ParticipationContext) -> Actor:
    kind = HISTORICAL if row.historical else BODY if row.organisation else STATE
    actor = context.actors.get(treaty_collection.fold(row.content.name))
    if actor is None or actor.kind != kind:
        noun = {STATE: "State", BODY: "international body", HISTORICAL: "historical participant"}[kind]
        hint = f"Describe it as a {noun}, or add the name as skos:altLabel to one"
        raise _Unplaced(f"{row.content.name!r} is no {noun} of the graph", hint)
    if kind == STATE and actor.key != row.code.lower():
        raise _Unplaced(f"{row.content.name} has the code {actor.key.upper()}, and the row {row.code!r}")
    return actor


def _since_of(row: status_table.ParticipationPeriod, treaty: EntryClause) -> datetime.date | None:
    """Compute from when the row's participant is bound; the table must have computed the same."""
    bound, mode = row.content.bound, row.content.mode
    if bound is None or mode is None:
        if row.since:
            raise _Unplaced(f"{row.content.name} is bound from {row.since} without a deposit")
        return None
    if row.since is None and row.historical:  # it ended before the treaty was in force for it, or its act is void
        return None
    computed = entry.enter(treaty, bound, mode)
    if row.since != computed:
        content = f"in_force_from is {row.since}, and by the clause of the {treaty.name} a deposit of {bound} gives {computed}"
        raise _Unplaced(content, "Correct the deposit or the day, or the clause in data/treaties/untc.ttl")
    if row.content.succeeded and row.content.succeeded < treaty.start:
        raise _Unplaced(
            f"{row.content.name} succeeded on {row.content.succeeded}, before the {treaty.name} was in force"
        )
    return entry.certain(treaty, row.content)


def _read_tables(folder: Path, out: Path, context: ParticipationContext, result: Import) -> None:
    """Read the collection's own tables, one for each treaty."""
    source = TableSource(context.document, context.day, whole=False)
    tables = sorted(folder.glob("*.csv"))
    if unknown := [path.name for path in tables if path.stem not in context.treaties]:
        result.notes.append(f"no treaty of the graph has the number of {', '.join(unknown)}")
    for path in tables:
        if treaty := context.treaties.get(path.stem):
            try:
                rows = list(_place(path, treaty, context, result))
            except SourceError as error:  # the table as a whole; the others may have mistakes to tell as well
                result.problems.append(error)
                continue
            result.tables += 1
            _make(treaty, rows, source, out / f"{treaty.key}.ttl", context, result)
    if len(unknown) == len(tables):
        hint = f"A table is named 4-9.csv where a treaty has ans:collectionNumber IV-9, or {status_table.FILE} for all"
        raise SourceError("No table here is of a treaty of the graph", where=str(folder), hint=hint)


def _place(path: Path, treaty: EntryClause, context: ParticipationContext, result: Import) -> Iterator[_Placed]:
    """Yield the rows of a table with their States; note those set aside, and name those that cannot be placed."""
    first: dict[str, int] = {}
    for row in treaty_collection.rows(path, context.day, context.aside):
        if isinstance(row, SourceError):
            result.problems.append(row)
            continue
        here = f"{path.name}:{row.line}"
        name = treaty_collection.fold(row.name)
        if name in context.aside:
            result.notes.append(f"{here}: {row.name} is set aside: {context.aside[name]}")
            continue
        state = context.actors.get(name)
        if state is None or state.kind != STATE:
            content = f"{row.name!r} is no State of the graph"
            hint = f"Add the name as skos:altLabel to a State in data/states/, or with the reason to {SET_ASIDE}"
            result.problems.append(SourceError(content, where=path.name, line=row.line, hint=hint))
        elif first.setdefault(state.key, row.line) != row.line:
            content = f"{state.name} has a row already, in line {first[state.key]}"
            result.problems.append(SourceError(content, where=path.name, line=row.line, hint="Keep one of the two"))
        else:
            yield _Placed(state, row, entry.certain(treaty, row), here)


def _make(
    treaty: EntryClause,
    rows: Iterable[_Placed],
    source: TableSource,
    path: Path,
    context: ParticipationContext,
    result: Import,
) -> None:
    """Make the file of a treaty from its rows, in the order of their keys, less what somebody wrote by hand."""
    reported: dict[str, list[Triple]] = {}
    passages: dict[str, list[Triple]] = {}
    for item in sorted(rows, key=lambda item: (item.actor.key, item.row.period)):
        key = participation_turtle.key_of(item.actor, treaty, item.row)
        triples = participation_turtle.participation(item.actor, treaty, item.row, source, item.since)
        left, contradictions = _without_stated(triples, context.by_hand.get(key, {}))
        result.notes += [f"{item.here}: {item.actor.name}: {content}" for content in contradictions]
        if (item.actor.key, treaty.key) in context.written:
            result.notes.append(f"{item.here}: {item.actor.name} is left as it is written by hand")
            continue
        reported[key] = left
        passage = participation_turtle.passage_key(item.actor, treaty, source)
        if passage not in context.passages:
            passages[passage] = participation_turtle.passage(item.actor, treaty, source)
    result.placed += len(reported)
    result.files[path] = participation_turtle.turtle(treaty, reported, passages.values(), source)


def _without_stated(triples: Iterable[Triple], by_hand: Mapping[str, set[str]]) -> tuple[list[Triple], list[str]]:
    """Leave out what is written by hand, and say where that contradicts the row."""
    left, contradictions = [], []
    for triple in triples:
        name, value = triple[1].value, triple[2].value
        if name in _SINGLE and name in by_hand and value not in by_hand[name]:
            mine = ", ".join(sorted(key_of(item) for item in by_hand[name]))
            content = (
                f"the table has {key_of(name).partition('#')[2]} {key_of(value)}, and by hand it is {mine}, which stays"
            )
            contradictions.append(content)
        if name not in by_hand or name not in _SINGLE + _WORDS:
            left.append(triple)
    return left, contradictions


# Knowing the data


def _actors(store: Store) -> dict[str, Actor]:
    """Find who can take part, by every English name."""
    classes = " ".join(f"ans:{name}" for name in _KINDS)
    pattern = f"VALUES ?c {{ {classes} }} ?a a ?c ; skos:prefLabel ?b FILTER(LANG(?b) = 'en')"
    matches = {
        iri: Actor(_KINDS[key_of(kind).partition("#")[2]], key_of(iri), name)
        for iri, kind, name in ask(store, pattern, "?a ?c ?b")
    }
    named: dict[str, Actor] = {}
    for iri, name in ask(store, "?a skos:prefLabel|skos:altLabel ?b FILTER(LANG(?b) = 'en')", "?a ?b"):
        if actor := matches.get(iri):
            first = named.setdefault(treaty_collection.fold(name), actor)
            if first != actor:
                raise SourceError(f"{name!r} is the name of {first.name} and of {actor.name}", where="data/states")
    return named


def _by_hand(store: Store) -> dict[str, dict[str, set[str]]]:
    """Find what is said of participations outside the files of imports."""
    matches: dict[str, dict[str, set[str]]] = {}
    mine = f'FILTER(STRSTARTS(STR(?a), "{terms.ID}participation/"))'
    for iri, name, value in ask(store, f"?a ?b ?c {mine}", "?a ?b ?c"):
        matches.setdefault(key_of(iri), {}).setdefault(name, set()).add(value)
    return matches


def _treaties(store: Store, names: Mapping[str, str]) -> dict[str, EntryClause]:
    """Find the treaties by the names of their files. Raises SourceError for one that lacks its day or its clause."""
    pattern = """?a a ans:Treaty ; ans:shortName ?b ; ans:collectionNumber ?c . OPTIONAL { ?a ans:inForceFrom ?d }
        OPTIONAL { ?e ans:isProvisionOf ?a ; ans:entryIntoForceDelay ?f .
            OPTIONAL { ?e ans:delaysLaterDepositsOnly ?g } OPTIONAL { ?e ans:startsWithMonth ?h } }"""
    treaties = {}
    for iri, name, number, start, clause, delay, *more in ask(store, pattern, "?a ?b ?c ?d ?e ?f ?g ?h"):
        if not (DAY.fullmatch(start) and entry.DURATION.fullmatch(delay)):
            raise SourceError(
                f"{name} does not say from which day it is in force, or how long after the deposit of a State",
                where=iri.removeprefix(terms.BASE),
                hint="Write ans:inForceFrom of the treaty and ans:entryIntoForceDelay of its clause",
            )
        file, day = treaty_collection.file_of(number), datetime.date.fromisoformat(start)
        if file in treaties:
            raise SourceError(f"{number} is given to two treaties or clauses", where=iri.removeprefix(terms.BASE))
        treaties[file] = EntryClause(
            key_of(iri), name, number, day, key_of(clause), delay, *(item == "true" for item in more)
        )
    by_key = {treaty.key: treaty for treaty in treaties.values()}
    for file, key in names.items():
        if key not in by_key:
            raise UnknownName(f"There is no treaty {key!r} with a number of the Treaty Collection")
        treaties[file] = by_key[key]
    return treaties

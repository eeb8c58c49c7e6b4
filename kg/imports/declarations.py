"""What States declared about each treaty, from two tables, as Turtle: reservations, declarations, optional clauses, objections.

Every row is placed or named with its file, line and reason. A provision is said to be excluded only where the words take it away as
a whole; where the table cannot tell, it is one that the statement may exclude. What somebody wrote by hand stays, and what
contradicts it is named; all files are written or none.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from kg.errors import SourceError
from kg.imports import declaration_tables as tables
from kg.imports import declaration_turtle, stated, treaty_collection
from kg.imports.declaration_tables import DeclarationRow, Procedure, StatementRow
from kg.imports.declaration_turtle import DeclaredTreaty, Party, PlacedDeclaration
from kg.imports.stated import DAY, ask, key_of
from kg.imports.turtle import Import
from kg.store import Store

FOLDER = "data/declarations"  # below the project; everything in it is made here and may be made again

# The links from a statement to a provision, the strongest first: of two on one provision the first is written.
LINKS = ("accepts", "optsOutOf", "excludes", "mayExclude", "subjectsToLaw", "modifies", "interprets", "namesProvision")
EXTENSION = 2  # years by which a postponement of duties may be extended, by article 24(2) of the protocol that knows it
_SHUTS = {"excludes", "optsOutOf"}  # by hand the two are one: both take a provision away
_REMAINS = (
    "not printed",
    "not said to be withdrawn",
)  # notes on a partial withdrawal of which no other row has the rest


R = TypeVar("R", bound=DeclarationRow)


@dataclass(frozen=True, slots=True)
class Written:
    """A statement that somebody wrote by hand: its key, its day where it has one, and what it does to which provisions."""

    key: str
    day: str
    does: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DeclarationContext:
    """What the data say already: who takes part in which treaty, the provisions of each, and statements written by hand."""

    document: str
    day: datetime.date
    treaties: dict[str, DeclaredTreaty]
    states: dict[str, str]  # ISO code in small letters -> key
    others: dict[str, str]  # folded name of a participant that is no State of today -> key
    parties: dict[tuple[str, str], list[Party]]  # key of an actor and of a treaty -> its periods, the first one first
    written: dict[tuple[str, str], list[Written]]  # the same -> statements
    passages: set[str]


@dataclass(slots=True)
class _Placing:
    """The rows of both tables while they are placed: what is made of them, by treaty, and which keys are taken."""

    context: DeclarationContext
    result: Import
    content: dict[str, list[PlacedDeclaration]] = field(default_factory=lambda: defaultdict(list))
    keys: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)


def know(root: Path, document: str, out: Path) -> DeclarationContext:
    """Read from the project's data what an import rests on, leaving out what an earlier import wrote to `out`.

    `document` is the key of the document that the tables are a copy of; its date is the day of the record.
    """
    with stated.opened(root, out) as store:
        return DeclarationContext(
            document=document,
            day=stated.day_of(store, document),
            treaties=_treaties(store),
            states={code.lower(): key_of(a) for a, code in ask(store, "?a ans:isoCode ?b", "?a ?b")},
            others=_others(store),
            parties=_parties(store),
            written=_written(store),
            passages=stated.passages_of(store, document),
        )


def read(folder: Path, out: Path, context: DeclarationContext) -> Import:
    """Read both tables of a folder and make the Turtle that says the same; nothing is written yet."""
    for name in (tables.STATEMENTS, tables.PROCEDURES):
        if not (folder / name).is_file():
            raise SourceError("There is no such table", where=str(folder / name), hint="Give the folder of both tables")
    result = Import()
    placing = _Placing(context, result)
    statements = list(
        _known_rows(tables.statements(folder / tables.STATEMENTS, context.day), tables.STATEMENTS, placing)
    )
    procedures = list(
        _known_rows(tables.procedures(folder / tables.PROCEDURES, context.day), tables.PROCEDURES, placing)
    )
    adjacent: dict[int, list[Procedure]] = defaultdict(list)
    alone = []
    for procedure in procedures:
        if statement := _statement_of(procedure, statements):
            _compare(procedure, statement, result)
            adjacent[statement.line].append(procedure)
        else:
            alone.append(procedure)
    for statement in statements:
        _place_statement(statement, adjacent[statement.line], placing)
    accepted = [item for ones in adjacent.values() for item in ones if item.direction == "accepts"]
    for procedure in sorted(alone + accepted, key=lambda item: item.line):
        _place_procedure(procedure, placing)
    for key, content in placing.content.items():
        text = declaration_turtle.turtle(
            context.treaties[key], content, context.document, context.day, context.passages
        )
        result.files[out / f"{key}.ttl"] = text
        result.placed += len(content)
    if not (statements or procedures or result.problems):
        raise SourceError("The tables have no row", where=str(folder), hint="Give the folder of both tables")
    result.tables = 2
    return result


# Placing the rows


def _known_rows(rows: Iterable[R | SourceError], table: str, placing: _Placing) -> Iterator[R]:
    """Yield the rows whose treaty, participant and articles the graph has; name the others."""
    for row in rows:
        if isinstance(row, SourceError):
            placing.result.problems.append(row)
            continue
        try:
            treaty, actor = _treaty_of(row, placing.context), _actor_of(row, placing.context)
            if not placing.context.parties.get((actor, treaty.key)):
                raise ValueError(f"{row.participant} has no participation in the {treaty.name}, so it cannot declare")
            for article in _articles_of(row):
                treaty.provision(article)
        except ValueError as error:
            placing.result.problems.append(SourceError(str(error), where=table, line=row.line))
            continue
        yield row


def _articles_of(row: DeclarationRow) -> tuple[str, ...]:
    """Return the articles of a row that become facts; those of objections and letters are a lead for readers only."""
    if isinstance(row, Procedure):
        return (row.article, *row.targets)
    if isinstance(row, StatementRow) and row.kind not in ("objection", "communication"):
        return row.articles + row.excludes
    return ()


def _treaty_of(row: DeclarationRow, context: DeclarationContext) -> DeclaredTreaty:
    if row.treaty not in context.treaties:
        raise ValueError(f"{row.treaty!r} is no treaty of the graph with a number of the Treaty Collection")
    return context.treaties[row.treaty]


def _actor_of(row: DeclarationRow, context: DeclarationContext) -> str:
    """Find the key of a participant: a State by its code, another by its name."""
    if matches := context.states.get(row.state) or context.others.get(treaty_collection.fold(row.participant)):
        return matches
    content = f"{row.participant!r} with the code {row.state.upper()!r}" if row.state else repr(row.participant)
    raise ValueError(f"{content} is no participant of the graph; describe it in data/states/ or data/bodies/")


def _party(row: DeclarationRow, day: datetime.date | None, context: DeclarationContext) -> Party:
    """Choose the period of participation in which a statement was made: the last that had begun by its day."""
    periods = context.parties[_actor_of(row, context), row.treaty]
    begun = [item for item in periods if day and item.began and item.began <= day]
    return begun[-1] if begun else periods[0]


def _statement_of(procedure: Procedure, statements: Iterable[StatementRow]) -> StatementRow | None:
    """Find the row of statements.csv that tells of the same declaration as a row on a procedure, if there is one."""

    def tells(item: StatementRow) -> bool:
        articles = item.excludes + item.articles
        same = procedure.article in articles if procedure.direction == "accepts" else _meet(procedure.targets, articles)
        return same and (procedure.direction != "accepts" or item.effect == tables.ACCEPTS)

    who = (procedure.treaty, procedure.participant, procedure.made_on)
    return next(
        (item for item in statements if (item.treaty, item.participant, item.made_on) == who and tells(item)), None
    )


def _meet(targets: Iterable[str], articles: Iterable[str]) -> bool:
    return any(item == other or item.startswith(f"{other}(") for item in targets for other in articles)


def _compare(procedure: Procedure, statement: StatementRow, result: Import) -> None:
    if procedure.withdrawn_on != statement.withdrawn_on:
        content = (
            f"the day of withdrawal is {procedure.withdrawn_on}, and in {tables.STATEMENTS}:{statement.line} it is"
        )
        result.notes.append(f"{tables.PROCEDURES}:{procedure.line}: {content} {statement.withdrawn_on}, which stays")


def _place_statement(row: StatementRow, procedures: Iterable[Procedure], placing: _Placing) -> None:
    if row.effect == tables.ACCEPTS:  # its rows in the other table have the days and stand for it
        reported = {item.article for item in procedures}
        if missing := [article for article in row.articles if article not in reported]:
            message = f"{row.participant} accepts {missing[0]}, of which {tables.PROCEDURES} has no row of that day"
            placing.result.problems.append(SourceError(message, where=tables.STATEMENTS, line=row.line))
        return
    treaty = placing.context.treaties[row.treaty]
    optional = [item for item in procedures if item.direction != "accepts"]
    clauses = [item for item in optional if item.direction in ("opts out", "postpones")]
    does = _does(row, treaty, {target for item in clauses for target in item.targets}, bool(clauses))
    ends = [item.expires for item in optional if item.expires]
    since = next((item.effective for item in optional if item.effective), None) or row.made_on
    content = PlacedDeclaration(
        row=row,
        party=_party(row, row.made_on, placing.context),
        does=does,
        day=row.made_on,
        since=since if row.stage == "later" and row.confirmed and _articles_of(row) else None,
        until=_until(row, ends),
        may_last=_may_last(row, ends if clauses else [], placing.context.day),
        current=_is_current(row, ends, placing.context.day),
        against=[code for code in row.about if row.kind == "objection"],
        clauses=tuple(item.article for item in clauses),
    )
    _keep(content, tables.STATEMENTS, placing)


def _until(row: StatementRow, ends: Iterable[datetime.date]) -> datetime.date | None:
    """Return the last day on which a statement had effect; of a partial withdrawal, the last day of what it excluded."""
    if row.ends and (row.withdrawn == "full" or row.excludes):
        return row.ends - datetime.timedelta(days=1)
    return next(iter(ends), None)


def _may_last(row: StatementRow, ends: list[datetime.date], today: datetime.date) -> datetime.date | None:
    """Return the last day on which a statement may have had effect, where an extension or the day of a withdrawal is not known."""
    if ends:
        return ends[0].replace(year=ends[0].year + EXTENSION)
    return today if row.withdrawn == "full" and not row.withdrawn_on else None


def _is_current(row: StatementRow, ends: Iterable[datetime.date], today: datetime.date) -> bool | None:
    if row.withdrawn == "partial" and any(words in row.note for words in _REMAINS):
        return None
    if row.current == tables.LIMITED:
        return all(end >= today for end in ends)
    return tables.CURRENT[row.current]


def _does(row: StatementRow, treaty: DeclaredTreaty, targets: set[str], optional: bool) -> list[tuple[str, str]]:
    """Say what a statement does to which provision: (local name of a property, key of a provision), one for each.

    `targets` are the articles that it leaves out under a clause; of a postponement those it excludes.
    """
    links: dict[str, str] = {}
    for article in dict.fromkeys(_articles_of(row)):
        provision, whole = treaty.provision(article)
        link = _link(row, article, whole)
        if link == "excludes" and optional and (article in targets or row.effect == tables.POSTPONES):
            link = "optsOutOf"
        links[provision] = min(link, links.get(provision, link), key=LINKS.index)
    return [(link, provision) for provision, link in links.items()]


def _link(row: StatementRow, article: str, whole: bool) -> str:
    """Choose what a statement does to an article; `whole` is false where only the provision around it is in the graph."""
    reserves = row.kind == "reservation" or bool(row.excludes)
    if not row.confirmed or row.current in ("unclear", "signature only"):
        return "namesProvision"
    if article in row.excludes:
        if not whole or row.takes_a_part_of(article):
            return "modifies"
        return "excludes" if tables.BASES[row.basis][1] else "mayExclude"
    if row.to_law:
        return "subjectsToLaw"
    if row.effect == tables.INTERPRETS or row.kind == "understanding":
        return "interprets"
    if reserves and row.effect != tables.POSTPONES:
        # Of a statement that was withdrawn the table tells the articles, and what became of them only where a note does.
        if row.withdrawn == "full" and not row.territorial:
            return "mayExclude" if whole else "namesProvision"
        return "modifies"
    return "namesProvision"


def _place_procedure(row: Procedure, placing: _Placing) -> None:
    """Place an acceptance, or an opt-out of which statements.csv has no row."""
    treaty = placing.context.treaties[row.treaty]
    link = "accepts" if row.direction == "accepts" else "optsOutOf" if row.direction != "reserves" else "modifies"
    articles = (row.article,) if row.direction == "accepts" else row.targets
    ends = [day for day in (row.expires, row.withdrawn_on) if day]
    lapsed = row.withdrawn_on is not None or any(day < placing.context.day for day in ends)
    content = PlacedDeclaration(
        row=row,
        party=_party(row, row.made_on, placing.context),
        does=[(link, treaty.provision(article)[0]) for article in articles],
        day=row.made_on,
        since=row.effective,
        until=row.withdrawn_on - datetime.timedelta(days=1) if row.withdrawn_on else row.expires,
        current=row.effective is not None and not lapsed,
        clauses=(row.article,),
    )
    _keep(content, tables.PROCEDURES, placing)


def _keep(content: PlacedDeclaration, table: str, placing: _Placing) -> None:
    """Keep what is to be written under a key and a label of its own, unless somebody wrote it by hand."""
    row, context = content.row, placing.context
    treaty = context.treaties[row.treaty]
    here = f"{table}:{row.line}: {row.participant}, {treaty.name}"
    strong = {pair for pair in content.does if pair[0] != "namesProvision"}
    for mine in context.written.get((content.party.actor, row.treaty), ()):
        shared = {provision for _, provision in strong} & {provision for _, provision in mine.does}
        accepts = {link for link, _ in strong} == {"accepts"}
        if not shared or accepts != ({link for link, _ in mine.does} == {"accepts"}):
            continue
        result = content.day.isoformat() if content.day else ""
        wrong = [f"the day is {result}, and by hand {mine.day}"] if mine.day and result != mine.day else []
        wrong += [
            f"it {link} {provision}, and by hand it does not"
            for link, provision in sorted(strong - mine.does)
            if provision in shared and {link, *(item for item, other in mine.does if other == provision)} != _SHUTS
        ]
        said_of = "".join(f"; contradiction: {item}" for item in wrong)
        placing.result.notes.append(f"{here}: left as it is written by hand, {mine.key}{said_of}")
        return
    content.key = _free(declaration_turtle.key_of(content, treaty), "-", placing.keys)
    content.label = _free(declaration_turtle.label_of(content, treaty), ", ", placing.labels)
    placing.content[row.treaty].append(content)


def _free(expected: str, sign: str, taken: set[str]) -> str:
    """Return a key or label that is not taken yet: the second of its like has a 2 behind it."""
    matches, number = expected, 1
    while matches in taken:
        number += 1
        matches = f"{expected}{sign}{number}"
    taken.add(matches)
    return matches


# Knowing the data


def _treaties(store: Store) -> dict[str, DeclaredTreaty]:
    provisions: dict[str, dict[str, str]] = defaultdict(dict)
    for treaty, provision, article in ask(store, "?b ans:isProvisionOf ?a ; ans:article ?c", "?a ?b ?c"):
        provisions[key_of(treaty)][article] = key_of(provision)
    matches = ask(store, "?a a ans:Treaty ; ans:shortName ?b ; ans:collectionNumber ?c", "?a ?b ?c")
    return {key_of(a): DeclaredTreaty(key_of(a), b, c, provisions[key_of(a)]) for a, b, c in matches}


def _others(store: Store) -> dict[str, str]:
    pattern = """?x ans:isParticipationOf ?a . ?a skos:prefLabel|skos:altLabel ?b . FILTER(LANG(?b) = "en")
        MINUS { ?a ans:isoCode ?c }"""
    return {treaty_collection.fold(name): key_of(a) for a, name in ask(store, pattern, "?a ?b")}


def _parties(store: Store) -> dict[tuple[str, str], list[Party]]:
    pattern = """?a ans:isParticipationOf ?b ; ans:isParticipationIn ?c . ?b skos:prefLabel ?f . FILTER(LANG(?f) = "en")
        OPTIONAL { ?a ans:signedOn ?d } OPTIONAL { ?a ans:depositedOn ?e }"""
    matches: dict[tuple[str, str], list[Party]] = defaultdict(list)
    for a, b, c, signed, deposited, name in ask(store, pattern, "?a ?b ?c ?d ?e ?f"):
        day = deposited or signed
        began = datetime.date.fromisoformat(day) if DAY.fullmatch(day) else None
        matches[key_of(b), key_of(c)].append(Party(key_of(a), key_of(b), name, began))
    for periods in matches.values():
        periods.sort(key=lambda item: item.began or datetime.date.min)
    return matches


def _written(store: Store) -> dict[tuple[str, str], list[Written]]:
    does: Mapping[str, set[tuple[str, str]]] = defaultdict(set)
    for link in LINKS:
        for a, b in ask(store, f"?a ans:{link} ?b", "?a ?b"):
            does[a].add((link, key_of(b)))
    pattern = """?x ans:hasStateDeclaration|ans:hasReservation|ans:hasOptionalDeclaration ?a ; ans:isParticipationOf ?b ;
        ans:isParticipationIn ?c . OPTIONAL { ?a ans:date ?d }"""
    matches: dict[tuple[str, str], list[Written]] = defaultdict(list)
    for a, b, c, day in ask(store, pattern, "?a ?b ?c ?d"):
        matches[key_of(b), key_of(c)].append(Written(key_of(a), day, frozenset(does[a])))
    return matches

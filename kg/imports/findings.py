"""What the treaty bodies found on complaints, from tables read from their decisions, as Turtle: one file a body and decade.

A decision that somebody described by hand is left out, and each contradiction with it is listed. A row that cannot be placed
is named with its file and line, and then no file is written. The tables are read by kg.imports.treaty_bodies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kg.errors import SourceError
from kg.imports import stated, treaty_bodies
from kg.imports.finding_turtle import (
    SIGN,
    DescribedDecision,
    FindingContext,
    Writer,
    article,
    communications,
    decision_key,
    notice,
    parts,
)
from kg.imports.stated import ask, key_of
from kg.imports.treaty_bodies import Decided, ReadFinding, Tables
from kg.imports.turtle import Import, left_over
from kg.store import Store
from kg.store.rdf import Triple, write_turtle

FOLDER = "data/findings"  # below the project; everything in it is made here and may be made again
SET_ASIDE = "data/bodies/set-aside.csv"  # rows of findings that name no article of their instrument, and why


@dataclass(slots=True)
class _FindingsFile:
    """The triples of one file, and how many decisions they are about."""

    triples: list[Triple] = field(default_factory=list)
    decisions: int = 0


def know(root: Path, document: str, out: Path) -> FindingContext:
    """Read from the project's data what an import rests on, leaving out what an earlier import wrote to `out`.

    `document` is the key of the data set that the tables are; its date is the last that a decision may have.
    """
    with stated.opened(root, out) as store:
        named = "skos:prefLabel ?c FILTER(LANG(?c) = 'en')"
        monitored = ask(store, f"?a ans:isMonitoredBy ?b . ?b {named}", "?a ?b ?c")
        return FindingContext(
            document=document,
            day=stated.day_of(store, document),
            states={
                a: (key_of(b), c) for a, b, c in ask(store, f"?b a ans:State ; ans:isoCode ?a ; {named}", "?a ?b ?c")
            },
            bodies={key_of(a): (key_of(b), c) for a, b, c in monitored},
            provisions={key_of(a): b for a, b in ask(store, "?a a ans:Provision ; ans:shortName ?b", "?a ?b")},
            instruments={key_of(a) for (a,) in ask(store, "?b ans:isProvisionOf ?a . ?a a ans:Treaty", "?a")},
            described=_described(store),
            complaints={a for (a,) in ask(store, "?a a ans:Communication", "?a")},
            aside={
                (symbol, instrument, number): why
                for (symbol, instrument, number), why in stated.set_aside(root / SET_ASIDE).items()
            },
        )


def read(folder: Path, out: Path, context: FindingContext) -> Import:
    """Read the tables of a folder and make the Turtle that says the same; nothing is written yet."""
    if not folder.is_dir():
        raise SourceError("There is no such folder", where=str(folder), hint="Give the folder of the tables")
    tables = treaty_bodies.read(folder, context.day)
    result = Import(problems=tables.problems, tables=3)
    result.problems += _unplaced(tables, context)
    matches = _by_decision(tables, context, result)
    if result.problems:
        return result
    states = _states_of_complaints(tables, context)
    reported = set(context.complaints)
    files: defaultdict[tuple[str, str, str], _FindingsFile] = defaultdict(_FindingsFile)
    for row in sorted(tables.decisions.values(), key=lambda row: (row.adopted or "9", row.symbol)):
        if by_hand := context.described.get(row.symbol):
            result.notes += _contradictions(row, matches[row.symbol], by_hand, context)
            continue
        decade = f"{row.adopted[:3]}0s" if row.adopted else "undated"
        file = files[row.instrument, row.body, decade]
        file.triples += Writer(row, matches[row.symbol], context, tables.facts.get(row.symbol)).write(states, reported)
        file.decisions += 1
        result.placed += 1
    for (instrument, body, decade), file in files.items():
        name = context.bodies[instrument.lower()][1]
        text = write_turtle(file.triples, notice(name, decade, file.decisions, context))
        result.files[out / f"{body.lower()}-{decade}.ttl"] = text
    result.gone = left_over(out, result, SIGN)
    result.notes += [f"{path.name} is taken away: no row of the tables is for it any more" for path in result.gone]
    return result


# Placing rows in what the graph knows


def _unplaced(tables: Tables, context: FindingContext) -> Iterator[SourceError]:
    """Yield what is wrong with decisions: a body without its treaty, a State that is not there, two keys alike."""
    keys: dict[str, str] = {}
    for row in tables.decisions.values():
        file, line = "decisions.csv", row.line
        if row.instrument.lower() not in context.bodies:
            yield SourceError(f"No body of the graph monitors {row.instrument!r}", where=file, line=line)
        if row.state and row.state not in context.states:
            hint = "Add the State to data/states/, or correct the code"
            yield SourceError(f"{row.state!r} is no State of the graph", where=file, line=line, hint=hint)
        if keys.setdefault(decision_key(row.symbol), row.symbol) != row.symbol:
            content = f"{row.symbol} has the key of {keys[decision_key(row.symbol)]}"
            yield SourceError(content, where=file, line=line)


def _by_decision(tables: Tables, context: FindingContext, result: Import) -> dict[str, list[ReadFinding]]:
    """Group the findings by their decisions; a repeat has none. Note what is left out, and name what cannot be placed."""
    matches: dict[str, list[ReadFinding]] = {symbol: [] for symbol in tables.decisions}
    repeats = 0
    for row in tables.findings:
        here = f"findings.csv:{row.line}"
        key = article(row.instrument, row.article)
        if tables.decisions[row.symbol].repeats:
            repeats += 1
        elif key in context.provisions:
            matches[row.symbol].append(row)
        elif key.rpartition("-")[0] not in context.instruments:
            result.notes.append(
                f"{here}: {row.instrument} {row.article} of {row.symbol} is left out: no treaty of the graph"
            )
        elif why := context.aside.get((row.symbol, row.instrument, row.article)):
            result.notes.append(f"{here}: {row.instrument} {row.article} of {row.symbol} is set aside: {why}")
        else:
            hint = f"Add the article to data/treaties/, or the row with the reason to {SET_ASIDE}"
            content = f"{row.instrument} {row.article} is no article of the graph"
            result.problems.append(SourceError(content, where="findings.csv", line=row.line, hint=hint))
        if row.sub and row.symbol not in context.described and not parts(row, context):
            result.notes.append(
                f"{here}: {row.instrument} {row.article} {row.sub} names no parts of the article in the graph"
            )
    result.notes.append(f"{repeats} findings stand with the decision whose text theirs repeats")
    return matches


def _states_of_complaints(tables: Tables, context: FindingContext) -> dict[str, str]:
    """Find the State of each communication: none where two decisions on it name two."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for row in tables.decisions.values():
        for key in communications(row):
            named[key] |= {row.state} - {""}
    return {key: next(iter(codes)) for key, codes in named.items() if len(codes) == 1}


def _contradictions(
    row: Decided, matches: list[ReadFinding], by_hand: DescribedDecision, context: FindingContext
) -> Iterator[str]:
    """Yield in what a row differs from what somebody wrote of the same decision."""
    here = f"decisions.csv:{row.line}: {row.symbol} is left as it is written by hand"
    yield here
    state = context.states[row.state][0] if row.state else ""
    if state and by_hand.state and state != by_hand.state:
        yield f"{here}; the table has the State {state}, by hand it is {by_hand.state}"
    shorter = min(len(row.adopted), len(by_hand.date))
    if shorter and row.adopted[:shorter] != by_hand.date[:shorter]:
        yield f"{here}; the table has the date {row.adopted}, by hand it is {by_hand.date}"
    named = {(article(item.instrument, item.article), item.outcome) for item in matches}
    mine = {(article(item.instrument, item.article), item.outcome) for item in matches if not item.accessory}
    # What the table has as read with another may be told by hand as a finding, or beside one.
    for key, outcome in sorted((mine - by_hand.matches) | (by_hand.matches - named)):
        where = "in the table alone" if (key, outcome) in mine else "by hand alone"
        yield f"{here}; {outcome} of {context.provisions[key]} stands {where}"


# Small helpers


def _described(store: Store) -> dict[str, DescribedDecision]:
    """Find the decisions that are described by hand, by their symbols."""
    pattern = """?a a ans:Decision ; ans:symbol ?b . OPTIONAL { ?a ans:date ?d }
        OPTIONAL { ?a ans:concernsState|ans:isDecisionOn/ans:concernsState ?c }
        OPTIONAL { ?e a ans:Finding ; ans:isReportedIn/ans:isPartOf ?a ; ans:invokes ?f ; ans:hasFindingOutcome ?g }"""
    matches: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    rest = {}
    treaties = [key_of(a) for (a,) in ask(store, "?a a ans:Treaty", "?a")]
    for decision, symbol, state, date, provision, outcome in ask(store, pattern, "?a ?b ?c ?d ?f ?g"):
        rest[symbol] = (key_of(decision), key_of(state), date)
        if provision:
            matches[symbol].add((_article_of(key_of(provision), treaties), key_of(outcome)))
    return {symbol: DescribedDecision(*reported, frozenset(matches[symbol])) for symbol, reported in rest.items()}


def _article_of(provision: str, treaties: list[str]) -> str:
    """Make the key of the article that a provision is, or is a part of: iccpr-14-3-g is of iccpr-14."""
    treaty = max((item for item in treaties if provision.startswith(f"{item}-")), key=len, default="")
    return f"{treaty}-{provision.removeprefix(f'{treaty}-').split('-')[0]}" if treaty else provision

"""What the treaty bodies found on complaints, from tables read from their decisions, as Turtle: one file a body and decade.

A decision that somebody described by hand is left out, and each contradiction with it is listed. A row that cannot be placed
is named with its file and line, and then no file is written. The tables are read by kg.imports.treaty_bodies.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg import terms
from kg.build import inputs
from kg.errors import SourceError, UnknownName
from kg.imports import treaty_bodies, treaty_collection
from kg.imports.participation import Import
from kg.imports.treaty_bodies import Decided, Found, Tables
from kg.store import Store
from kg.store.rdf import Triple, write_turtle
from kg.terms import Iri, Literal, Term

FOLDER = "data/findings"  # below the project; everything in it is made here and may be made again
SET_ASIDE = "data/bodies/set-aside.csv"  # rows of findings that name no article of their instrument, and why
# Instruments of the tables whose key in the graph is not their name, and the article that opens each body's procedure.
INSTRUMENTS = {"ICCPR-OP1": "iccpr-op1", "ICESCR-OP": "icescr-op", "CRC-OPIC": "crc-op-ic", "CRPD-OP": "crpd-op"}
PROCEDURES = {
    "CCPR": "iccpr-op1-1",
    "CAT": "cat-22",
    "CERD": "icerd-14",
    "CED": "icpped-31",
    "CESCR": "icescr-op-1",
    "CEDAW": "cedaw-op-1",
    "CRC": "crc-op-ic-5",
    "CRPD": "crpd-op-1",
}
LIBRARY = "https://undocs.org/en/"  # the UN's own documents, by symbol
COMPOSED = "symbol composed, not checked"  # so nothing may stand at its address

_DATATYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}
_SAID = {"breach": "Breach", "no-breach": "No breach"}


@dataclass(frozen=True, slots=True)
class Described:
    """A decision that somebody described by hand: its State, its date, and its findings as (article, outcome)."""

    key: str
    state: str
    date: str
    found: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """What the data say already. States are (key, name) by their code, bodies (key, name) by the key of their treaty."""

    document: str
    day: datetime.date
    states: dict[str, tuple[str, str]]
    bodies: dict[str, tuple[str, str]]
    provisions: dict[str, str]  # key -> short name
    instruments: set[str]
    described: dict[str, Described]  # by symbol
    complaints: set[str]  # IRIs of communications
    aside: dict[tuple[str, str, str], str]  # (symbol, instrument, article) of a row that names no article -> why


@dataclass(slots=True)
class _File:
    """The triples of one file, and how many decisions they are about."""

    triples: list[Triple] = field(default_factory=list)
    decisions: int = 0


def know(root: Path, document: str, out: Path) -> Known:
    """Read from the project's data what an import rests on, leaving out what an earlier import wrote to `out`.

    `document` is the key of the data set that the tables are; its date is the last that a decision may have.
    """
    mine = out.resolve()
    stated = [one for one in inputs.read_sources(root) if one.kind == "data" and mine not in one.path.resolve().parents]
    with Store.memory() as store:
        for error in inputs.load(store, stated):
            raise error
        store.copy_named_into_default()
        days = [day for (day,) in _ask(store, f"<{terms.mint('document', document)}> ans:date ?day", "?day")]
        if not (days and len(days[0]) == _DATATYPES_DAY):
            hint = "Describe it in data/sources/, with ans:date as an xsd:date"
            raise UnknownName(
                f"There is no document {document!r} with the day on which the tables were made", hint=hint
            )
        named = "skos:prefLabel ?c FILTER(LANG(?c) = 'en')"
        monitored = _ask(store, f"?a ans:isMonitoredBy ?b . ?b {named}", "?a ?b ?c")
        return Known(
            document=document,
            day=datetime.date.fromisoformat(days[0]),
            states={
                a: (_key(b), c) for a, b, c in _ask(store, f"?b a ans:State ; ans:isoCode ?a ; {named}", "?a ?b ?c")
            },
            bodies={_key(a): (_key(b), c) for a, b, c in monitored},
            provisions={_key(a): b for a, b in _ask(store, "?a a ans:Provision ; ans:shortName ?b", "?a ?b")},
            instruments={_key(a) for (a,) in _ask(store, "?b ans:isProvisionOf ?a . ?a a ans:Treaty", "?a")},
            described=_described(store),
            complaints={a for (a,) in _ask(store, "?a a ans:Communication", "?a")},
            aside=_aside(root / SET_ASIDE),
        )


def read(folder: Path, out: Path, known: Known) -> Import:
    """Read the tables of a folder and make the Turtle that says the same; nothing is written yet."""
    if not folder.is_dir():
        raise SourceError("There is no such folder", where=str(folder), hint="Give the folder of the tables")
    tables = treaty_bodies.read(folder, known.day)
    made = Import(problems=tables.problems, tables=3)
    made.problems += _unplaced(tables, known)
    found = _by_decision(tables, known, made)
    if made.problems:
        return made
    states = _states_of_complaints(tables, known)
    told = set(known.complaints)
    files: defaultdict[tuple[str, str, str], _File] = defaultdict(_File)
    for row in sorted(tables.decisions.values(), key=lambda row: (row.adopted or "9", row.symbol)):
        if by_hand := known.described.get(row.symbol):
            made.notes += _contradictions(row, found[row.symbol], by_hand, known)
            continue
        decade = f"{row.adopted[:3]}0s" if row.adopted else "undated"
        file = files[row.instrument, row.body, decade]
        file.triples += _Writer(row, found[row.symbol], known, tables.facts.get(row.symbol)).write(states, told)
        file.decisions += 1
        made.placed += 1
    for (instrument, body, decade), file in files.items():
        name = known.bodies[instrument.lower()][1]
        text = write_turtle(file.triples, _notice(name, decade, file.decisions, known))
        made.files[out / f"{body.lower()}-{decade}.ttl"] = text
    return made


def article(instrument: str, number: str) -> str:
    """Make the key of an article of an instrument of the tables: ICCPR and 14 is iccpr-14."""
    return f"{INSTRUMENTS.get(instrument, instrument.lower())}-{number}"


def decision_key(symbol: str) -> str:
    """Make the key of a decision from its symbol: CAT/C/48/D/433/2010 is cat-c-48-d-433-2010."""
    return re.sub(r"[^a-z0-9]+", "-", symbol.lower()).strip("-")


# Placing rows in what the graph knows


def _unplaced(tables: Tables, known: Known) -> Iterator[SourceError]:
    """Yield what is wrong with decisions: a body without its treaty, a State that is not there, two keys alike."""
    keys: dict[str, str] = {}
    for row in tables.decisions.values():
        here = {"where": "decisions.csv", "line": row.line}
        if row.instrument.lower() not in known.bodies:
            yield SourceError(f"No body of the graph monitors {row.instrument!r}", **here)
        if row.state and row.state not in known.states:
            hint = "Add the State to data/states/, or correct the code"
            yield SourceError(f"{row.state!r} is no State of the graph", **here, hint=hint)
        if keys.setdefault(decision_key(row.symbol), row.symbol) != row.symbol:
            yield SourceError(f"{row.symbol} has the key of {keys[decision_key(row.symbol)]}", **here)


def _by_decision(tables: Tables, known: Known, made: Import) -> dict[str, list[Found]]:
    """Group the findings by their decisions; a repeat has none. Note what is left out, and name what cannot be placed."""
    found: dict[str, list[Found]] = {symbol: [] for symbol in tables.decisions}
    repeats = 0
    for row in tables.findings:
        here = f"findings.csv:{row.line}"
        key = article(row.instrument, row.article)
        if tables.decisions[row.symbol].repeats:
            repeats += 1
        elif key in known.provisions:
            found[row.symbol].append(row)
        elif key.rpartition("-")[0] not in known.instruments:
            made.notes.append(
                f"{here}: {row.instrument} {row.article} of {row.symbol} is left out: no treaty of the graph"
            )
        elif why := known.aside.get((row.symbol, row.instrument, row.article)):
            made.notes.append(f"{here}: {row.instrument} {row.article} of {row.symbol} is set aside: {why}")
        else:
            hint = f"Add the article to data/treaties/, or the row with the reason to {SET_ASIDE}"
            said = f"{row.instrument} {row.article} is no article of the graph"
            made.problems.append(SourceError(said, where="findings.csv", line=row.line, hint=hint))
        if row.sub and row.symbol not in known.described and not _parts(row, known):
            made.notes.append(
                f"{here}: {row.instrument} {row.article} {row.sub} names no parts of the article in the graph"
            )
    made.notes.append(f"{repeats} findings stand with the decision whose text theirs repeats")
    return found


def _parts(row: Found, known: Known) -> list[str]:
    """Name the provisions that the parts of an article are; none where one of them is not there."""
    base, keys = article(row.instrument, row.article), []
    for path in row.parts or ():
        key = "-".join((base, *path))
        if key not in known.provisions and len(path) == 1:
            lettered = re.compile(rf"{re.escape(base)}-\d+-{path[0]}")  # in the only paragraph that has such a letter
            above = (keys[-1], keys[-1].rpartition("-")[0]) if keys else ()  # or below the part before: (e)(i)
            found = [f"{one}-{path[0]}" for one in above if f"{one}-{path[0]}" in known.provisions]
            found = found or [one for one in known.provisions if lettered.fullmatch(one)]
            key = found[0] if len(found) == 1 else key
        if key not in known.provisions:
            return []
        if keys and key.startswith(f"{keys[-1]}-"):
            keys.pop()
        keys.append(key)
    return keys


def _states_of_complaints(tables: Tables, known: Known) -> dict[str, str]:
    """Find the State of each communication: none where two decisions on it name two."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for row in tables.decisions.values():
        for key in _communications(row):
            named[key] |= {row.state} - {""}
    return {key: next(iter(codes)) for key, codes in named.items() if len(codes) == 1}


def _communications(row: Decided) -> list[str]:
    """Make the keys of the communications that a decision decides; where it gives no number, of them together."""
    numbers = [f"{row.body.lower()}-{number.replace('/', '-')}" for number in row.complaints]
    return numbers or [decision_key(row.symbol)]


def _contradictions(row: Decided, found: list[Found], by_hand: Described, known: Known) -> Iterator[str]:
    """Yield in what a row differs from what somebody wrote of the same decision."""
    here = f"decisions.csv:{row.line}: {row.symbol} is left as it is written by hand"
    yield here
    state = known.states[row.state][0] if row.state else ""
    if state and by_hand.state and state != by_hand.state:
        yield f"{here}; the table has the State {state}, by hand it is {by_hand.state}"
    shorter = min(len(row.adopted), len(by_hand.date))
    if shorter and row.adopted[:shorter] != by_hand.date[:shorter]:
        yield f"{here}; the table has the date {row.adopted}, by hand it is {by_hand.date}"
    mine = {(article(one.instrument, one.article), one.outcome) for one in found if not one.accessory}
    for key, outcome in sorted(mine ^ by_hand.found):
        where = "in the table alone" if (key, outcome) in mine else "by hand alone"
        yield f"{here}; {outcome} of {known.provisions[key]} stands {where}"


# Writing Turtle


@dataclass(slots=True)
class _Writer:
    """Writes one decision: itself, its communications, its passages and its findings."""

    row: Decided
    found: list[Found]
    known: Known
    facts: tuple[str, str] | None

    @property
    def key(self) -> str:
        return decision_key(self.row.symbol)

    def write(self, states: Mapping[str, str], told: set[str]) -> Iterator[Triple]:
        """Yield the triples of the decision; `told` holds the communications that are described already."""
        yield from self._decision()
        fresh = [key for key in _communications(self.row) if terms.mint("communication", key) not in told]
        told |= {terms.mint("communication", key) for key in fresh}
        for key in fresh:
            yield from self._communication(key, states.get(key, ""))
        if fresh or self.found:
            for paragraph in self._paragraphs():
                yield from self._passage(paragraph)
        taken: dict[str, int] = {}
        for one in self.found:
            yield from self._finding(one, taken)

    def _decision(self) -> Iterator[Triple]:
        row = self.row
        body = self.known.bodies[row.instrument.lower()][0]
        earliest, latest = self.facts or ("", "")
        notes = [*row.notes, *(["no date could be established"] if not row.adopted else [])]
        yield from _facts(
            _thing("decision", self.key),
            a=Iri(terms.term("Decision")),
            label=_text(f"Decision {row.symbol}" + (f" ({self._state()[1]})" if row.state else "")),
            symbol=Literal(row.symbol),
            isPublishedBy=_thing("body", body),
            concernsState=_thing("state", self._state()[0]) if row.state else None,
            stateBasis=_text(row.state_basis),
            date=_date(row.adopted),
            dateBasis=_text(row.adopted_basis),
            isDecisionOn=[_thing("communication", key) for key in _communications(row)],
            hasDecisionOutcome=_concept("decision-outcome", row.outcome),
            hasFindingReading=_concept("reading", row.reading),
            readingNote=_text("; ".join(notes)),
            repeatsTextOf=_thing("decision", decision_key(row.repeats)) if row.repeats else None,
            factsFrom=_date(earliest),
            factsUntil=_date(latest),
            link=None
            if COMPOSED in row.notes
            else Literal(LIBRARY + row.symbol, datatype=terms.PREFIXES["xsd"] + "anyURI"),
            isReadFrom=_thing("document", self.known.document),
        )

    def _communication(self, key: str, state: str) -> Iterator[Triple]:
        body = self.known.bodies[self.row.instrument.lower()][1].removeprefix("United Nations ")
        number = key.split("-", 1)[1].replace("-", "/") if self.row.complaints else "without a number"
        name = f"{body}, {self.known.states[state][1]}" if state else body
        opens = PROCEDURES[self.row.body]
        missing = "The instrument that opens the procedure is not in this graph."
        yield from _facts(
            _thing("communication", key),
            a=Iri(terms.term("Communication")),
            label=_text(
                f"Communication {number} ({name})"
                if self.row.complaints
                else f"Communications of {self.row.symbol} ({name})"
            ),
            concernsState=_thing("state", self.known.states[state][0]) if state else None,
            isBroughtUnder=_thing("provision", opens) if opens in self.known.provisions else None,
            recordNote=None if opens in self.known.provisions else _text(missing),
            date=_date(self.row.submitted) if len(self.row.complaints) == 1 else None,
            isReportedIn=self._where(""),
        )

    def _paragraphs(self) -> list[str]:
        """List the paragraphs that are cited; the outcome as such where no paragraph is given."""
        cited = [*self.row.paragraphs, *(one.paragraph for one in self.found if one.paragraph)]
        return list(dict.fromkeys(cited)) or [""]

    def _where(self, paragraph: str) -> Iri:
        """Name the passage of a paragraph; where none is given, of the first that is cited."""
        first = paragraph or self._paragraphs()[0]
        return _thing("passage", f"{self.key}-para-{first}" if first else f"{self.key}-outcome")

    def _passage(self, paragraph: str) -> Iterator[Triple]:
        yield from _facts(
            self._where(paragraph),
            a=Iri(terms.term("Passage")),
            label=_text(f"{self.row.symbol}, " + (f"paragraph {paragraph}" if paragraph else "outcome")),
            isPartOf=_thing("decision", self.key),
            paragraph=Literal(paragraph) if paragraph else None,
            section=None if paragraph else _text("the outcome"),
            hasReading=_concept("reading", self.row.reading),
        )

    def _finding(self, one: Found, taken: dict[str, int]) -> Iterator[Triple]:
        key = article(one.instrument, one.article)
        mine = f"{self.key}-{key}" + ("-read-with" if one.accessory else "")
        taken[mine] = taken.get(mine, 0) + 1
        parts = _parts(one, self.known)
        yield from _facts(
            _thing("finding", mine if taken[mine] == 1 else f"{mine}-{taken[mine]}"),
            a=Iri(terms.term("Finding")),
            label=_text(f"{_SAID[one.outcome]} of {self.known.provisions[key]} ({self.row.symbol})"),
            isArticleLevel=Literal("true", datatype=terms.PREFIXES["xsd"] + "boolean"),
            hasSpeaker=_thing("body", self.known.bodies[self.row.instrument.lower()][0]),
            hasStanding=_concept("standing", "treaty-body"),
            concernsState=_thing("state", self._state()[0]) if self.row.state else None,
            recordNote=None if self.row.state else _text("The State of the decision is not settled."),
            invokes=_thing("provision", key),
            namesPart=[_thing("provision", part) for part in parts],
            hasPartReading=_concept("reading", one.part_reading) if parts else None,
            isReadWithAnother=Literal("true", datatype=terms.PREFIXES["xsd"] + "boolean") if one.accessory else None,
            isReadWith=self._companion(one),
            hasFindingOutcome=_concept("finding-outcome", one.outcome),
            hasFindingReading=_concept("reading", one.reading),
            isReportedIn=self._where(one.paragraph),
        )

    def _companion(self, one: Found) -> Iri | None:
        """Name the article that one is read with, where the same paragraph decides on a single other one by itself."""
        if not one.accessory:
            return None
        beside = {
            article(other.instrument, other.article)
            for other in self.found
            if not other.accessory and (other.outcome, other.paragraph) == (one.outcome, one.paragraph)
        }
        beside.discard(article(one.instrument, one.article))
        return _thing("provision", next(iter(beside))) if len(beside) == 1 else None

    def _state(self) -> tuple[str, str]:
        return self.known.states[self.row.state]


def _notice(body: str, decade: str, decisions: int, known: Known) -> str:
    return (
        f"{body}: decisions on complaints, {decade}: {decisions:,} documents.\n"
        "Made by `kg import findings`, which writes it anew: do not change it, describe the decision in data/decisions/.\n"
        "Source: the decisions, which are UN documents. A program read them in the text collection of Szoszkiewicz and\n"
        "Kowalska (UNHRD, 2026), which is credited with thanks; none of its labels and no sentence of it is here.\n"
        f"How it was read and how often that was right is said of <id/document/{known.document}>, in data/sources/.\n"
        "In short: articles 100 of 100 and 61 of 65 by two samples, sub-paragraphs 40 of 48, States 144 of 148.\n"
        "Licence of these statements of fact: CC BY 4.0. No complainant is named."
    )


# Small helpers


_DATATYPES_DAY = 10


def _aside(path: Path) -> dict[tuple[str, str, str], str]:
    if not path.is_file():
        return {}
    rows = list(csv.reader(io.StringIO(treaty_collection.text(path), newline=None)))
    return {(row[0], row[1], row[2]): row[3].strip() for row in rows[1:] if len(row) == len(rows[0])}


def _described(store: Store) -> dict[str, Described]:
    """Find the decisions that are described by hand, by their symbols."""
    pattern = """?a a ans:Decision ; ans:symbol ?b . OPTIONAL { ?a ans:date ?d }
        OPTIONAL { ?a ans:concernsState|ans:isDecisionOn/ans:concernsState ?c }
        OPTIONAL { ?e a ans:Finding ; ans:isReportedIn/ans:isPartOf ?a ; ans:invokes ?f ; ans:hasFindingOutcome ?g }"""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    rest = {}
    treaties = [_key(a) for (a,) in _ask(store, "?a a ans:Treaty", "?a")]
    for decision, symbol, state, date, provision, outcome in _ask(store, pattern, "?a ?b ?c ?d ?f ?g"):
        rest[symbol] = (_key(decision), _key(state), date)
        if provision:
            found[symbol].add((_article_of(_key(provision), treaties), _key(outcome)))
    return {symbol: Described(*told, frozenset(found[symbol])) for symbol, told in rest.items()}


def _article_of(provision: str, treaties: list[str]) -> str:
    """Make the key of the article that a provision is, or is a part of: iccpr-14-3-g is of iccpr-14."""
    treaty = max((one for one in treaties if provision.startswith(f"{one}-")), key=len, default="")
    return f"{treaty}-{provision.removeprefix(f'{treaty}-').split('-')[0]}" if treaty else provision


def _ask(store: Store, pattern: str, wanted: str) -> Iterator[tuple[str, ...]]:
    query = f"""PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{terms.PREFIXES["skos"]}>
        SELECT DISTINCT {wanted} {{ {pattern} }} ORDER BY {wanted}"""
    for row in store.query(query):
        yield tuple(getattr(cell, "value", "") for cell in row)


def _key(iri: str) -> str:
    return iri.rpartition("/")[2]


def _facts(subject: Iri, *, a: Iri, label: Literal | None, **values: Term | list[Iri] | None) -> Iterator[Triple]:
    """Yield the triples about a thing: its class, its name, and each property of ours that has a value."""
    yield subject, Iri(terms.PREFIXES["rdf"] + "type"), a
    if label:
        yield subject, Iri(terms.PREFIXES["skos"] + "prefLabel"), label
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield subject, Iri(terms.term(name)), one


def _thing(kind: str, key: str) -> Iri:
    return Iri(terms.mint(kind, key))


def _concept(scheme: str, key: str) -> Iri:
    return Iri(f"{terms.SCHEME}{scheme}/{key}")


def _text(text: str) -> Literal | None:
    return Literal(text, language="en") if text else None


def _date(text: str) -> Literal | None:
    return Literal(text, datatype=terms.PREFIXES["xsd"] + _DATATYPES[len(text)]) if text else None

"""What a decision of a treaty body says, as Turtle: the decision, its communications, its passages and its findings."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg import terms
from kg.imports.treaty_bodies import Decided, ReadFinding
from kg.imports.turtle import XSD, address, concept, english, facts, flag, thing
from kg.store.rdf import Triple
from kg.symbols import ADDRESS
from kg.terms import Iri, Literal

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
COMPOSED = "symbol composed, not checked"  # so nothing may stand at its address
SIGN = "Made by `kg import findings`, which writes it anew"  # by which the import knows its own files again

_DATATYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}
_PHRASES = {"breach": "Breach", "no-breach": "No breach"}


@dataclass(frozen=True, slots=True)
class DescribedDecision:
    """A decision that somebody described by hand: its State, its date, and its findings as (article, outcome)."""

    key: str
    state: str
    date: str
    matches: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FindingContext:
    """What the data say already. States are (key, name) by their code, bodies (key, name) by the key of their treaty."""

    document: str
    day: datetime.date
    states: dict[str, tuple[str, str]]
    bodies: dict[str, tuple[str, str]]
    provisions: dict[str, str]  # key -> short name
    instruments: set[str]
    described: dict[str, DescribedDecision]  # by symbol
    complaints: set[str]  # IRIs of communications
    aside: dict[tuple[str, str, str], str]  # (symbol, instrument, article) of a row that names no article -> why


def article(instrument: str, number: str) -> str:
    """Make the key of an article of an instrument of the tables: ICCPR and 14 is iccpr-14."""
    return f"{INSTRUMENTS.get(instrument, instrument.lower())}-{number}"


def decision_key(symbol: str) -> str:
    """Make the key of a decision from its symbol: CAT/C/48/D/433/2010 is cat-c-48-d-433-2010."""
    return re.sub(r"[^a-z0-9]+", "-", symbol.lower()).strip("-")


def parts(row: ReadFinding, context: FindingContext) -> list[str]:
    """Name the provisions that the parts of an article are; none where one of them is not there."""
    base = article(row.instrument, row.article)
    keys: list[str] = []
    for path in row.parts or ():
        key = "-".join((base, *path))
        if key not in context.provisions and len(path) == 1:
            lettered = re.compile(rf"{re.escape(base)}-\d+-{path[0]}")  # in the only paragraph that has such a letter
            above = (keys[-1], keys[-1].rpartition("-")[0]) if keys else ()  # or below the part before: (e)(i)
            matches = [f"{item}-{path[0]}" for item in above if f"{item}-{path[0]}" in context.provisions]
            matches = matches or [item for item in context.provisions if lettered.fullmatch(item)]
            key = matches[0] if len(matches) == 1 else key
        if key not in context.provisions:
            return []
        if keys and key.startswith(f"{keys[-1]}-"):
            keys.pop()
        keys.append(key)
    return keys


def communications(row: Decided) -> list[str]:
    """Make the keys of the communications that a decision decides; where it gives no number, of them together."""
    numbers = [f"{row.body.lower()}-{number.replace('/', '-')}" for number in row.complaints]
    return numbers or [decision_key(row.symbol)]


# Writing


@dataclass(slots=True)
class Writer:
    """Writes one decision: itself, its communications, its passages and its findings."""

    row: Decided
    matches: list[ReadFinding]
    context: FindingContext
    facts: tuple[str, str] | None

    @property
    def key(self) -> str:
        """The key of the decision."""
        return decision_key(self.row.symbol)

    def write(self, states: Mapping[str, str], reported: set[str]) -> Iterator[Triple]:
        """Yield the triples of the decision; `told` holds the communications that are described already."""
        yield from self._decision()
        fresh = [key for key in communications(self.row) if terms.mint("communication", key) not in reported]
        reported |= {terms.mint("communication", key) for key in fresh}
        for key in fresh:
            yield from self._communication(key, states.get(key, ""))
        if fresh or self.matches:
            for paragraph in self._paragraphs():
                yield from self._passage(paragraph)
        taken: dict[str, int] = {}
        for item in self.matches:
            yield from self._finding(item, taken)

    def _decision(self) -> Iterator[Triple]:
        row = self.row
        body = self.context.bodies[row.instrument.lower()][0]
        earliest, latest = self.facts or ("", "")
        notes = [*row.notes, *(["no date could be established"] if not row.adopted else [])]
        yield from facts(
            thing("decision", self.key),
            a="Decision",
            label=english(f"Decision {row.symbol}" + (f" ({self._state()[1]})" if row.state else "")),
            symbol=Literal(row.symbol),
            isPublishedBy=thing("body", body),
            concernsState=thing("state", self._state()[0]) if row.state else None,
            stateBasis=english(row.state_basis),
            date=_date(row.adopted),
            dateBasis=english(row.adopted_basis),
            isDecisionOn=[thing("communication", key) for key in communications(row)],
            hasDecisionOutcome=concept("decision-outcome", row.outcome),
            hasFindingReading=concept("reading", row.reading),
            readingNote=english("; ".join(notes)),
            repeatsTextOf=thing("decision", decision_key(row.repeats)) if row.repeats else None,
            factsFrom=_date(earliest),
            factsUntil=_date(latest),
            link=None if COMPOSED in row.notes else address(ADDRESS + row.symbol),
            isReadFrom=thing("document", self.context.document),
        )

    def _communication(self, key: str, state: str) -> Iterator[Triple]:
        body = self.context.bodies[self.row.instrument.lower()][1].removeprefix("United Nations ")
        number = key.split("-", 1)[1].replace("-", "/") if self.row.complaints else "without a number"
        name = f"{body}, {self.context.states[state][1]}" if state else body
        opens = PROCEDURES[self.row.body]
        missing = "The instrument that opens the procedure is not in this graph."
        yield from facts(
            thing("communication", key),
            a="Communication",
            label=english(
                f"Communication {number} ({name})"
                if self.row.complaints
                else f"Communications of {self.row.symbol} ({name})"
            ),
            concernsState=thing("state", self.context.states[state][0]) if state else None,
            isBroughtUnder=thing("provision", opens) if opens in self.context.provisions else None,
            recordNote=None if opens in self.context.provisions else english(missing),
            date=_date(self.row.submitted) if len(self.row.complaints) == 1 else None,
            isReportedIn=self._where(""),
        )

    def _paragraphs(self) -> list[str]:
        """List the paragraphs that are cited; the outcome as such where no paragraph is given."""
        cited = [*self.row.paragraphs, *(item.paragraph for item in self.matches if item.paragraph)]
        return list(dict.fromkeys(cited)) or [""]

    def _where(self, paragraph: str) -> Iri:
        """Name the passage of a paragraph; where none is given, of the first that is cited."""
        first = paragraph or self._paragraphs()[0]
        return thing("passage", f"{self.key}-para-{first}" if first else f"{self.key}-outcome")

    def _passage(self, paragraph: str) -> Iterator[Triple]:
        yield from facts(
            self._where(paragraph),
            a="Passage",
            label=english(f"{self.row.symbol}, " + (f"paragraph {paragraph}" if paragraph else "outcome")),
            isPartOf=thing("decision", self.key),
            paragraph=Literal(paragraph) if paragraph else None,
            section=None if paragraph else english("the outcome"),
            hasReading=concept("reading", self.row.reading),
        )

    def _finding(self, item: ReadFinding, taken: dict[str, int]) -> Iterator[Triple]:
        key = article(item.instrument, item.article)
        mine = f"{self.key}-{key}" + ("-read-with" if item.accessory else "")
        taken[mine] = taken.get(mine, 0) + 1
        named = parts(item, self.context)
        yield from facts(
            thing("finding", mine if taken[mine] == 1 else f"{mine}-{taken[mine]}"),
            a="Finding",
            label=english(f"{_PHRASES[item.outcome]} of {self.context.provisions[key]} ({self.row.symbol})"),
            isArticleLevel=flag(True),
            hasSpeaker=thing("body", self.context.bodies[self.row.instrument.lower()][0]),
            hasStanding=concept("standing", "treaty-body"),
            concernsState=thing("state", self._state()[0]) if self.row.state else None,
            recordNote=None if self.row.state else english("The State of the decision is not settled."),
            invokes=thing("provision", key),
            namesPart=[thing("provision", part) for part in named],
            hasPartReading=concept("reading", item.part_reading) if named else None,
            isReadWithAnother=flag(True) if item.accessory else None,
            isReadWith=self._companion(item),
            hasFindingOutcome=concept("finding-outcome", item.outcome),
            hasFindingReading=concept("reading", item.reading),
            isReportedIn=self._where(item.paragraph),
        )

    def _companion(self, item: ReadFinding) -> Iri | None:
        """Name the article that one is read with, where the same paragraph decides on a single other one by itself."""
        if not item.accessory:
            return None
        adjacent = {
            article(other.instrument, other.article)
            for other in self.matches
            if not other.accessory and (other.outcome, other.paragraph) == (item.outcome, item.paragraph)
        }
        adjacent.discard(article(item.instrument, item.article))
        return thing("provision", next(iter(adjacent))) if len(adjacent) == 1 else None

    def _state(self) -> tuple[str, str]:
        return self.context.states[self.row.state]


def notice(body: str, decade: str, decisions: int, context: FindingContext) -> str:
    """Write the notice that a file of the import begins with."""
    return (
        f"{body}: decisions on complaints, {decade}: {decisions:,} documents.\n"
        f"{SIGN}: do not change it, describe the decision in data/decisions/.\n"
        "Source: the decisions, which are UN documents. A program read them in the text collection of Szoszkiewicz and\n"
        "Kowalska (UNHRD, 2026), which is credited with thanks; none of its labels and no sentence of it is here.\n"
        f"How it was read and how often that was right is said of <id/document/{context.document}>, in data/sources/.\n"
        "In short: articles 100 of 100 and 61 of 65 by two samples, sub-paragraphs 40 of 48, States 144 of 148.\n"
        "Licence of these statements of fact: CC BY 4.0. No complainant is named."
    )


def _date(text: str) -> Literal | None:
    return Literal(text, datatype=XSD + _DATATYPES[len(text)]) if text else None

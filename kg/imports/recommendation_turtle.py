"""The rows of a table of recommendations as Turtle: the reviews of a State, what it was asked, what it answered, and the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import terms
from kg.imports.recommendation_map import Map, Session
from kg.imports.sheet.cells import SheetCell, date
from kg.imports.sheet.known import SheetVocabulary, key_of
from kg.imports.turtle import address, concept, english, facts, thing
from kg.store.rdf import Triple, write_turtle
from kg.terms import Iri, Literal

SIGN = "Made by `kg import recommendations`, which writes it anew"
_PHRASES = {
    "supported": "supports the recommendation",
    "supported-implemented": "supports the recommendation and counts it as carried out already",
    "supported-in-process": "supports the recommendation and counts it as being carried out",
    "deferred": "takes the recommendation away for study",
    "noted": "takes note of the recommendation",
    "rejected": "does not accept the recommendation",
}


@dataclass(frozen=True, slots=True)
class PlacedRecommendation:
    """A row that has its place: where it stands, the key of its recommendation, and what it says; States are IRIs."""

    file: str
    line: int
    key: str
    state: str
    makers: tuple[str, ...]
    session: str
    response: str
    text: str
    sha256: str
    number: str
    subjects: tuple[str, ...]
    date: Literal | None
    answered: Literal | None


def review(state: str, session: Session, expected: Map, context: SheetVocabulary) -> str:
    """Name the review of a State in a session: the IRI of its cycle."""
    code = context.codes.get(state, key_of(state)).lower()
    return terms.mint("cycle", f"{expected.get('reviews', 'key', 'upr')}-{code}-{session.cycle}".lstrip("-"))


def source(expected: Map) -> str:
    """Write the table as a document."""
    content = expected.sections["document"]
    triples = facts(
        thing("document", expected.document),
        a="Document",
        label=english(content["label"]),
        description=english(content.get("description", "")),
        date=date(SheetCell(str(content["date"]))) if "date" in content else None,
        isPublishedBy=Iri(terms.BASE + content["publisher"].removeprefix(terms.BASE))
        if "publisher" in content
        else None,
        link=address(content["link"]) if "link" in content else None,
        recordNote=english(content.get("note", "")),
    )
    return write_turtle(triples, f"A table of recommendations. {SIGN}.")


def write(state: str, rows: Sequence[PlacedRecommendation], expected: Map, context: SheetVocabulary) -> str:
    """Write all rows on one State."""
    name = context.labels.get(state, key_of(state))
    comment = (
        f"Recommendations to {name}, from {expected.get('document', 'label')}. {SIGN}: correct the table or the map."
    )
    triples = list(_reviews(state, rows, expected, context))
    for row in rows:
        triples += _recommendation(row, expected, context)
    return write_turtle(triples, comment)


def _reviews(
    state: str, rows: Sequence[PlacedRecommendation], expected: Map, context: SheetVocabulary
) -> Iterator[Triple]:
    """State the reviews of a State that the project's data do not describe."""
    name = context.labels.get(state, key_of(state))
    for number in dict.fromkeys(row.session for row in rows):
        mine = [row for row in rows if row.session == number]
        session = expected.sessions[number]
        iri = review(state, session, expected, context)
        if iri in context.things:
            continue
        label = expected.get("reviews", "name", "Universal Periodic Review of {state}, {session}")
        counted = f"The {len(mine):,} recommendations are the rows of the table on it; the day of the session is that of the map."
        yield from facts(
            Iri(iri),
            a="ReviewCycle",
            label=english(label.format(state=name, session=session.name, cycle=session.cycle)),
            isReviewOf=Iri(state),
            date=session.date,
            recordNote=english(counted),
            isReportedIn=[_passage(mine[0])],
        )


def _recommendation(row: PlacedRecommendation, expected: Map, context: SheetVocabulary) -> Iterator[Triple]:
    """State a recommendation, the answer to it and the row that both stand in."""
    state = context.labels.get(row.state, key_of(row.state))
    makers = " and ".join(context.labels.get(item, key_of(item)) for item in row.makers)
    session, subjects = expected.sessions[row.session], ", ".join(row.subjects)
    value = expected.responses[row.response]
    number = f" {row.number}" if row.number else ""
    wish, content = thing("recommendation", row.key), f"Recommendation{number}: {makers}, to {state}"
    about = f"Asks for something on: {subjects}." if subjects else "Asks for something; the table names no subject."
    rights = [
        Iri(item) for item in dict.fromkeys(right for item in row.subjects for right in expected.rights.get(item, ()))
    ]
    yield from facts(
        wish,
        a="Recommendation",
        label=english(f"{content}, {session.name}" + (f" ({subjects})" if subjects else "")),
        paraphrase=english(row.text if expected.get("text", "keep", "hash") == "paraphrase" else about),
        number=Literal(row.number) if row.number else None,
        isMadeBy=[Iri(item) for item in row.makers],
        isAddressedTo=Iri(row.state),
        belongsToCycle=Iri(review(row.state, session, expected, context)),
        date=row.date,
        concerns=rights,
        recordNote=None if rights else english("The table names no right that this graph has."),
        isReportedIn=[_passage(row)],
    )
    yield from facts(
        thing("response", f"{row.key}-answer"),
        a="Response",
        label=english(f"Response to recommendation{number} of {makers}, {session.name}: {row.response}"),
        paraphrase=english(f"{state} {_PHRASES.get(value, 'answers the recommendation')}."),
        hasSpeaker=Iri(row.state),
        hasStanding=concept("standing", "official"),
        respondsTo=wish,
        hasResponseValue=concept("response", value),
        rawWording=english(row.response),
        date=row.answered,
        recordNote=None if row.answered else english("The table gives no day of the answer."),
        isReportedIn=[_passage(row)],
    )
    yield from facts(
        _passage(row),
        a="Passage",
        label=english(f"{expected.get('document', 'label')}, {row.file}, row {row.line}"),
        isPartOf=thing("document", expected.document),
        section=english(row.file),
        paragraph=Literal(str(row.line)),
        textSha256=Literal(row.sha256),
        hasReading=concept("reading", "whole"),
    )


def _passage(row: PlacedRecommendation) -> Iri:
    return thing("passage", row.key)

"""An answer as JSON, with all that is needed to check and to cite it, as GeoJSON, and as RDF."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kg import catalogue, store, terms
from kg.answer import citation, permalink
from kg.answer.comparison import Comparison, Difference
from kg.answer.formats.values import columns_of, shown
from kg.answer.names import Place
from kg.answer.questions import QuestionAnswer
from kg.catalogue import Things
from kg.errors import NotAcceptable
from kg.sparql.sentence import Row
from kg.terms import LICENCE, Blank, Iri, Literal
from kg.wording import say


def write_json(answer: QuestionAnswer) -> bytes:
    """Write an answer as JSON: the rows with the names of things, the passages, the limits and the addresses."""
    document = {
        "question": answer.question.name,
        "title": answer.question.title,
        "sentence": answer.sentence,
        "lead": answer.lead or None,
        "limits": list(answer.limits),
        "parameters": dict(answer.values),
        "filters": dict(answer.narrowing.only),
        "sort": answer.narrowing.sort or None,
        "page": answer.narrowing.page or None,
        "rowsFound": answer.total,
        "rowsMatching": len(answer.whole),
        "columns": [column._asdict() for column in answer.question.columns],
        "rows": _plain_rows(answer, answer.rows),
        "rowCount": len(answer.rows),
        "about": answer.about,
        "citations": [
            {
                "passage": passage.passage,
                "label": passage.label,
                "section": passage.section or None,
                "paragraph": passage.paragraph or None,
                "document": passage.document,
                "documentLabel": passage.document_label,
                "words": passage.words or None,
            }
            for passage in answer.citations.values()
        ],
        "release": answer.release,
        "address": citation.of_answer(answer).address,
        "permanent": permalink.address_of(answer),
        "license": LICENCE,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def describe_comparison(compared: Comparison, address: str, release: str) -> dict[str, Any]:
    """Describe for JSON an answer as it was given, with its address, and how that of a release differs."""
    link, then, now, difference = compared.permalink, compared.then, compared.now, compared.difference
    return {
        "address": address,
        "question": link.question,
        "sentence": compared.answer and compared.answer.sentence,
        "parameters": dict(link.values),
        "given": {
            "release": link.release,
            "digest": link.digest,
            "isHere": then is not None,
            "gone": compared.gone or None,
            "reason": compared.reason or None,
            "rows": _plain_rows(then, then.rows) if then else None,
            "address": citation.of_answer(then).address if then else None,
        },
        "today": {"release": release, "rowCount": len(now.rows) if now else None},
        "state": compared.state,
        "questionIsRewritten": compared.is_rewritten,
        "difference": _describe_difference(difference, then or now, now) if difference is not None and now else None,
        "license": LICENCE,
    }


def _describe_difference(difference: Difference, then: QuestionAnswer, now: QuestionAnswer) -> dict[str, Any]:
    return {
        "added": _plain_rows(now, difference.added),
        "removed": _plain_rows(then, difference.removed),
        "changed": [
            {"then": _plain_rows(then, [old])[0], "now": _plain_rows(now, [new])[0]} for old, new in difference.changed
        ],
    }


def _plain_rows(answer: QuestionAnswer, rows: Iterable[Row]) -> list[dict[str, Any]]:
    names = columns_of(answer)
    return [{name: _plain_value(answer, name, row.get(name)) for name in names} for row in rows]


def _plain_value(answer: QuestionAnswer, name: str, term: Mapping[str, str] | None) -> Any:
    if term is None:
        return None
    if name in answer.question.cites:
        return term["value"].split()
    if term["type"] == "uri":
        return {"id": term["value"], "label": answer.labels.get(term["value"])}
    return term["value"]


def write_geojson(answer: QuestionAnswer) -> bytes:
    """Write the rows that have a place as GeoJSON (RFC 7946): each at its place, with how narrowly the coordinates fix it.

    A row is where the first thing in it is that has a place; one whose thing is told of several places stands at each. Raises
    NotAcceptable where no row has a place.
    """
    features, without = [], 0
    for row in answer.rows:
        things = (_thing(row, name) for name in columns_of(answer))
        places = next((answer.places[thing] for thing in things if thing in answer.places), ())
        features += [_feature(answer, row, place) for place in places]
        without += not places
    if answer.rows and not features:
        offered = ["json", "csv", "md"]
        raise NotAcceptable(
            say("Nothing in this answer has a place with coordinates"), offered=offered, hint=say("Ask for csv or json")
        )
    wording = answer.language.gettext(
        "%(without)s of %(rows)s rows have no place with coordinates and are not in this file."
    )
    note = wording % {"without": without, "rows": len(answer.rows)}
    document = {
        "type": "FeatureCollection",
        "title": answer.sentence,
        "lead": answer.lead or None,
        "note": note if answer.rows else answer.about,
        "rowsWithoutPlace": without,
        "limits": list(answer.limits),
        "citation": citation.write_text(citation.of_answer(answer)).strip(),
        "release": answer.release,
        "license": LICENCE,
        "features": features,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _thing(row: Row, name: str) -> str:
    return row[name]["value"] if name in row and row[name]["type"] == "uri" else ""


def _feature(answer: QuestionAnswer, row: Row, place: Place) -> dict[str, Any]:
    values = {name: shown(answer, name, row.get(name)) or None for name in columns_of(answer)}
    at = {"place": place.label, "placeAddress": place.iri, "placePrecision": place.precision or "not recorded"}
    at |= {f"{name}Address": iri for name in columns_of(answer) if (iri := _thing(row, name))}
    # Longitude comes first (RFC 7946, 3.1.1). The digits are those of the record: no precision is added.
    point = {"type": "Point", "coordinates": [float(place.longitude), float(place.latitude)]}
    return {"type": "Feature", "geometry": point, "properties": {**values, **at}}


def write_result_set(answer: QuestionAnswer) -> bytes:
    """Write the rows as a result set in RDF, in the vocabulary of the W3C's SPARQL tests."""
    names, release = columns_of(answer), Iri(terms.RELEASE + answer.release)
    things: Things = {
        terms.BASE + citation.path_of(answer): {
            "rdf:type": catalogue.iri("rs:ResultSet"),
            "dcterms:title": Literal(answer.sentence),
            "dcterms:abstract": [Literal(answer.lead)] if answer.lead else [],
            "dcterms:isPartOf": release,
            "prov:wasDerivedFrom": release,
            "dcterms:issued": catalogue.typed(citation.of_answer(answer).issued, "date"),
            "dcterms:license": Iri(LICENCE),
            "ans:recordNote": [Literal(limit, language="en") for limit in answer.limits],
            "rs:resultVariable": [Literal(name) for name in names],
            "rs:solution": [Blank(f"row{number}") for number in range(len(answer.rows))],
        }
    }
    for number, row in enumerate(answer.rows):
        bound = {f"row{number}-{place}": name for place, name in enumerate(filter(row.__contains__, names))}
        things[f"_:row{number}"] = {"rs:binding": [Blank(label) for label in bound]}
        for label, name in bound.items():
            things[f"_:{label}"] = {"rs:variable": Literal(name), "rs:value": terms.from_json(row[name])}
    spaces = {name: catalogue.SPACES[name] for name in ("rs", "ans", "dcterms", "prov", "xsd")}
    return store.write_triples(catalogue.triples(things), "ttl", spaces)

"""What is said of things in a catalogue, as values by shortened names, and how that becomes RDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kg import terms
from kg.languages import DEFAULT, LANGUAGES, speak
from kg.store import write_triples
from kg.terms import Iri, Literal, Term

SPACES = terms.PREFIXES | {
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}

Facts = Mapping[str, Term | Sequence[Term]]  # property, shortened -> its value or values
Things = dict[str, Facts]  # what is said of each subject, by its IRI


def write(things: Mapping[str, Facts], format: str) -> bytes:
    """Write what is said of things in a graph format."""
    return write_triples(triples(things), format, prefixes=SPACES)


def triples(things: Mapping[str, Facts]) -> Iterator[tuple[Term, Iri, Term]]:
    """Yield what is said of things as triples."""
    for subject, facts in things.items():
        for name, values in facts.items():
            for value in values if isinstance(values, Sequence) else [values]:
                yield Iri(subject), iri(name), value


def iri(name: str) -> Iri:
    """Write a shortened name in full."""
    prefix, _, local = name.partition(":")
    return Iri(SPACES[prefix] + local)


def typed(value: object, datatype: str) -> Literal:
    """Make a literal of a datatype of XML Schema."""
    return Literal(str(value), datatype=SPACES["xsd"] + datatype)


def said(text: str) -> list[Literal]:
    """Write a text in each language that it is translated to."""
    told = {code: speak(code).gettext(text) for code in LANGUAGES}
    return [Literal(words, language=code) for code, words in told.items() if code == DEFAULT or words != text]


def of_type(name: str) -> Facts:
    """Say nothing of a thing but its type, for whoever has no list of the terms of others."""
    return {"rdf:type": iri(name)}

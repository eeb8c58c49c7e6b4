"""What is said of things in a catalogue, as values by shortened names, and how that becomes RDF."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kg import terms
from kg.languages import DEFAULT, LANGUAGES, speak
from kg.store import Triple, used_prefixes, write_triples
from kg.terms import Blank, Iri, Literal, Term

SPACES = terms.PREFIXES | {
    "as": "https://www.w3.org/ns/activitystreams#",
    "cs": "http://purl.org/vocab/changeset/schema#",
    "dcatap": "http://data.europa.eu/r5r/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "ldes": "https://w3id.org/ldes#",
    "rs": "http://www.w3.org/2001/sw/DataAccess/tests/result-set#",  # of the W3C's tests of SPARQL
    "spdx": "http://spdx.org/rdf/terms#",
    "tree": "https://w3id.org/tree#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}

Facts = Mapping[str, Term | Sequence[Term]]  # property, shortened -> its value or values
Things = dict[str, Facts]  # what is said of each subject, by its IRI or the label of a blank node, `_:x`


def write(described: Iterable[Triple], format: str) -> bytes:
    """Write triples in a graph format, each once, subject by subject, with the prefixes that they need."""
    by_text = {" ".join(map(terms.write, triple)): triple for triple in described}
    lines = sorted(by_text)
    return write_triples((by_text[line] for line in lines), format, used_prefixes("\n".join(lines), SPACES))


def triples(things: Mapping[str, Facts]) -> Iterator[Triple]:
    """Yield what is said of things as triples."""
    for subject, facts in things.items():
        about = Blank(subject[2:]) if subject.startswith("_:") else Iri(subject)
        for name, values in facts.items():
            for value in values if isinstance(values, Sequence) else [values]:
                yield about, iri(name), value


def iri(name: str) -> Iri:
    """Write a shortened name in full."""
    prefix, _, local = name.partition(":")
    return Iri(SPACES[prefix] + local)


def typed(value: object, datatype: str) -> Literal:
    """Make a literal of a datatype of XML Schema."""
    return Literal(str(value), datatype=SPACES["xsd"] + datatype)


def translated(text: str) -> list[Literal]:
    """Write a text in each language that it is translated to."""
    texts = {code: speak(code).gettext(text) for code in LANGUAGES}
    return [Literal(words, language=code) for code, words in texts.items() if code == DEFAULT or words != text]

"""Citations against the cited text: normalise it, fix a passage in it, check passages still stand where they should.

The normalisation, so that anybody can repeat it: Unicode NFC; a line break (with the white space around it) right
after a hyphen is dropped, so that a compound broken at the line end is whole again; every other run of white space,
page breaks included, becomes one space; the ends are trimmed. Offsets count Unicode code points of that text from 0;
hashes are SHA-256 over its UTF-8.
"""

import hashlib
import re
import unicodedata
from typing import NamedTuple

from kg import terms
from kg.errors import SourceError
from kg.store import Store
from kg.store.rdf import write_turtle
from kg.terms import Iri, Literal, Term

_FIXED = f"""PREFIX ans: <{terms.VOCABULARY}>
SELECT ?document ?hash ?passage ?start ?end ?sha WHERE {{
  ?passage ans:isPartOf ?document ; ans:startOffset ?start ; ans:endOffset ?end ; ans:textSha256 ?sha .
  OPTIONAL {{ ?document ans:textSha256 ?hash }}
}}
ORDER BY ?document ?start"""
_BROKEN_COMPOUND = re.compile(r"(?<=\S-)[^\S\n\f]*[\n\f]\s*")


class FixedPassage(NamedTuple):
    """A passage as the graph fixes it: its IRI, offsets in the normalised text, and the hash of that stretch."""

    iri: str
    start: int
    end: int
    sha256: str


class NewPassage(NamedTuple):
    """A passage to fix: the name of its document as labels give it, its paragraph as printed, its section, its first and last words."""

    name: str
    paragraph: str
    section: str
    opening: str
    closing: str


class CitedDocument(NamedTuple):
    """A document of the graph: its IRI, the hash of its normalised text where it is known, and its fixed passages."""

    iri: str
    sha256: str | None
    passages: list[FixedPassage]


def normalise(text: str) -> str:
    """Return the normalised form of a text, as the module describes it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return " ".join(_BROKEN_COMPOUND.sub("", text).split())


def sha256(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def fix(text: str, opening: str, closing: str, iri: str) -> FixedPassage:
    """Fix the passage that starts with `opening` and ends with the next `closing` in a document's raw text.

    Raises ValueError when the opening words do not stand exactly once, or the closing words do not follow them.
    """
    whole, first, last = normalise(text), normalise(opening), normalise(closing)
    if (count := whole.count(first)) != 1:
        raise ValueError(f"the opening words {opening!r} stand {count} times in the text; give words that stand once")
    start = whole.index(first)
    if (end := whole.find(last, start)) < 0:
        raise ValueError(f"the closing words {closing!r} do not follow the opening words")
    end += len(last)
    return FixedPassage(iri, start, end, sha256(whole[start:end]))


def locate(whole: str, passage: FixedPassage) -> int | None:
    """Find where a passage begins in a normalised text: at its offset, else anywhere; None where it stands no more."""
    length = passage.end - passage.start
    starts = (passage.start, *range(len(whole) - length + 1))
    return next((at for at in starts if sha256(whole[at : at + length]) == passage.sha256), None)


def write(passage: FixedPassage, document: str, place: NewPassage) -> str:
    """Write a new passage as Turtle; what its place does not tell is left for its author to complete."""
    unknown = not (place.paragraph or place.section)
    number = "NUMBER" if unknown else place.paragraph
    label = number if unknown or not number else f"para {number}"
    facts: dict[str, Term] = {
        "rdf:type": Iri(terms.term("Passage")),
        "skos:prefLabel": Literal(f"{place.name or 'NAME'}, {label or place.section}", language="en"),
        "ans:isPartOf": Iri(document),
        "ans:section": Literal("SECTION" if unknown else place.section, language="en"),
        "ans:paragraph": Literal(number),
        "ans:startOffset": Literal(str(passage.start), terms.PREFIXES["xsd"] + "integer"),
        "ans:endOffset": Literal(str(passage.end), terms.PREFIXES["xsd"] + "integer"),
        "ans:textSha256": Literal(passage.sha256),
        "ans:hasReading": Iri(terms.SCHEME + "reading/whole"),
    }
    triples = [(Iri(passage.iri), Iri(terms.expand(name)), value) for name, value in facts.items() if str(value)]
    return write_turtle(triples, head=False)


def key_of(document: str, place: NewPassage) -> str:
    """Make the key of a passage from that of its document and from its place in it."""
    where = f"para {place.paragraph}" if place.paragraph else place.section
    return f"{document}-{re.sub(r'[^a-z0-9.]+', '-', where.lower()).strip('-.')}" if where else f"{document}-NUMBER"


def documents(store: Store) -> list[CitedDocument]:
    """List the documents of a release that have passages fixed by offsets."""
    documents: dict[str, CitedDocument] = {}
    for iri, whole, passage, start, end, sha in store.select(_FIXED):
        document = documents.setdefault(iri.value, CitedDocument(iri.value, whole and whole.value, []))
        document.passages.append(FixedPassage(passage.value, int(start.value), int(end.value), sha.value))
    return [*documents.values()]


def find(cited: list[CitedDocument], text: str, name: str | None = None) -> CitedDocument:
    """Find the document whose raw text this is: by its IRI or key, by its hash, or by most of its passages.

    Raises SourceError that lists the documents there are.
    """
    whole = normalise(text)
    if name is not None:
        iri = terms.full_iri(name)
        fitting = [each for each in cited if each.iri == iri or each.iri.rpartition("/")[2] == name]
    else:
        fitting = [each for each in cited if each.sha256 == sha256(whole)] or _likeliest(whole, cited)
    if not fitting:
        keys = ", ".join(each.iri.rpartition("/")[2] for each in cited) or "none"
        raise SourceError(
            "No document of this text or name has fixed passages", hint=f"Name one with --document: {keys}"
        )
    return fitting[0]


def _likeliest(whole: str, cited: list[CitedDocument]) -> list[CitedDocument]:
    scores = [sum(sha256(whole[p.start : p.end]) == p.sha256 for p in document.passages) for document in cited]
    return [cited[scores.index(max(scores))]] if any(scores) else []

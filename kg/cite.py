"""Citations against the cited text: normalise it, fix a passage in it, check passages still stand where they should.

The normalisation, so that anybody can repeat it: Unicode NFC; a line break (with the white space around it) right
after a hyphen is dropped, so that a compound broken at the line end is whole again; every other run of white space,
page breaks included, becomes one space; the ends are trimmed. Offsets count Unicode code points of that text from 0;
hashes are SHA-256 over its UTF-8.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from kg import terms
from kg.errors import SourceError
from kg.store import Store
from kg.store.rdf import write_turtle
from kg.terms import Iri, Literal

_FIXED = f"""PREFIX ans: <{terms.VOCABULARY}>
SELECT ?document ?hash ?passage ?start ?end ?sha WHERE {{
  ?passage ans:isPartOf ?document ; ans:startOffset ?start ; ans:endOffset ?end ; ans:textSha256 ?sha .
  OPTIONAL {{ ?document ans:textSha256 ?hash }}
}}
ORDER BY ?document ?start"""
_BROKEN_COMPOUND = re.compile(r"(?<=\S-)[^\S\n\f]*[\n\f]\s*")
_WHITE_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage as the graph fixes it: its IRI, offsets in the normalised text, and the hash of that stretch."""

    passage: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: the name of its document as labels give it, the paragraph as printed, the section."""

    name: str = ""
    paragraph: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the graph: its IRI, the hash of its normalised text where it is known, and its fixed passages."""

    iri: str
    sha256: str | None
    citations: list[Citation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a citation in a text: `found`, `moved` (with the new start offset) or `missing`."""

    citation: Citation
    state: str
    start: int | None


def normalise(text: str) -> str:
    """Return the normalised form of a text, as the module describes it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _WHITE_SPACE.sub(" ", _BROKEN_COMPOUND.sub("", text)).strip()


def sha256(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def fix(text: str, opening: str, closing: str, passage: str) -> Citation:
    """Fix the passage that starts with `opening` and ends with the next `closing` in a document's raw text.

    Raises ValueError when the opening words do not stand exactly once, or the closing words do not follow them.
    """
    whole, first, last = normalise(text), normalise(opening), normalise(closing)
    if (found := whole.count(first)) != 1:
        raise ValueError(f"the opening words {opening!r} stand {found} times in the text; give words that stand once")
    start = whole.index(first)
    if (end := whole.find(last, start)) < 0:
        raise ValueError(f"the closing words {closing!r} do not follow the opening words")
    end += len(last)
    return Citation(passage, start, end, sha256(whole[start:end]))


def check(text: str, citations: Iterable[Citation]) -> list[Verdict]:
    """Look for each citation in a document's raw text, first at its offsets, then anywhere."""
    whole = normalise(text)
    found = []
    for citation in citations:
        length = citation.end - citation.start
        starts = (citation.start, *range(len(whole) - length + 1))
        start = next((one for one in starts if sha256(whole[one : one + length]) == citation.sha256), None)
        state = "missing" if start is None else "found" if start == citation.start else "moved"
        found.append(Verdict(citation, state, start))
    return found


def write(citation: Citation, document: str, place: Place = Place()) -> str:
    """Write a new passage as Turtle; what its place does not tell is left for its author to complete."""
    passage = Iri(citation.passage)
    unknown = not (place.paragraph or place.section)
    number = place.paragraph or ("NUMBER" if unknown else "")
    at = f"para {number}" if number else place.section
    facts = {
        "rdf:type": Iri(terms.term("Passage")),
        "skos:prefLabel": Literal(f"{place.name or 'NAME'}, {'NUMBER' if unknown else at}", language="en"),
        "ans:isPartOf": Iri(document),
        "ans:section": Literal("SECTION" if unknown else place.section, language="en"),
        "ans:paragraph": Literal(number),
        "ans:startOffset": Literal(str(citation.start), terms.PREFIXES["xsd"] + "integer"),
        "ans:endOffset": Literal(str(citation.end), terms.PREFIXES["xsd"] + "integer"),
        "ans:textSha256": Literal(citation.sha256),
        "ans:hasReading": Iri(terms.SCHEME + "reading/whole"),
    }
    names = ((name.partition(":"), value) for name, value in facts.items() if value.value)
    triples = ((passage, Iri(terms.PREFIXES[prefix] + local), value) for (prefix, _, local), value in names)
    return write_turtle(triples, head=False)


def key_of(document: str, place: Place) -> str:
    """Make the key of a passage from that of its document and from its place in it."""
    said = f"para {place.paragraph}" if place.paragraph else place.section
    return f"{document}-{re.sub(r'[^a-z0-9.]+', '-', said.lower()).strip('-.')}" if said else f"{document}-NUMBER"


def documents(store: Store) -> list[Document]:
    """List the documents of a release that have passages fixed by offsets."""
    found: dict[str, Document] = {}
    for document, whole, passage, start, end, sha in store.select(_FIXED):
        one = found.setdefault(document.value, Document(document.value, whole and whole.value))
        one.citations.append(Citation(passage.value, int(start.value), int(end.value), sha.value))
    return list(found.values())


def find(known: list[Document], text: str, name: str | None = None) -> Document:
    """Find the document whose raw text this is: by its IRI or key, by its hash, or by most of its passages.

    Raises SourceError that lists the documents there are.
    """
    whole = normalise(text)
    if name is not None:
        wanted = name if name.startswith(terms.BASE) else terms.BASE + name.lstrip("/")
        found = [one for one in known if one.iri == wanted or one.iri.rpartition("/")[2] == name]
    else:
        found = [one for one in known if one.sha256 == sha256(whole)] or _likeliest(whole, known)
    if not found:
        keys = ", ".join(one.iri.rpartition("/")[2] for one in known) or "none"
        unknown = f"No document {name!r} has passages"
        said = "This is no text of a document with fixed passages" if name is None else unknown
        raise SourceError(said, hint=f"Name one with --document: {keys}")
    return found[0]


def _likeliest(whole: str, known: list[Document]) -> list[Document]:
    """Return the document most of whose passages stand where they should, if any does."""
    scores = [sum(sha256(whole[c.start : c.end]) == c.sha256 for c in document.citations) for document in known]
    return [known[scores.index(max(scores))]] if any(scores) else []

"""RDF terms, their text and their form in SPARQL JSON; namespaces and the making of IRIs.

Every IRI of ours is made and taken apart here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BASE: Final = "https://w3id.org/answerable/"

ONTOLOGY: Final = BASE + "ontology"
VOCABULARY: Final = ONTOLOGY + "#"
ID: Final = BASE + "id/"
SCHEME: Final = BASE + "scheme/"
GRAPH: Final = BASE + "graph/"
RELEASE: Final = BASE + "release/"
LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"  # of the data, and so of every answer

INFERRED: Final = GRAPH + "inferred"
LINKS: Final = GRAPH + "links"

PREFIXES: Final[dict[str, str]] = {
    "ans": VOCABULARY,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

XSD_STRING: Final = PREFIXES["xsd"] + "string"

_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
# A u behind a backslash is escaped as well: an engine that undoes \uXXXX before it parses (SPARQL 1.1, 19.2) would else take
# a text that looks like an escape for one.
_TO_ESCAPE = re.compile(r'[\\"\x00-\x1f\x7f]|(?<=\\)[uU]')
_KEY = re.compile(r"[a-z0-9]+(?:(?:--?|\.)[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Iri:
    """An IRI."""

    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal: its lexical form, its datatype's IRI (None for xsd:string) or its language tag."""

    value: str
    datatype: str | None = None
    language: str | None = None

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank node; its label means nothing outside the answer it came in."""

    value: str

    def __str__(self) -> str:
        return "_:" + self.value


Term = Iri | Literal | Blank
Quad = tuple[Term, Iri, Term, str | None]  # subject, predicate, object, the IRI of its graph


def is_iri(text: str) -> bool:
    """Whether a text can stand between the brackets of an IRI: in anything else it would end them."""
    return ":" in text and not _NO_IRI.search(text)


def write(term: Term) -> str:
    """Write a term in N-Triples, which is its syntax in SPARQL too; ValueError for what is no IRI, tag or Unicode text."""
    if isinstance(term, Blank):
        return str(term)
    if isinstance(term, Iri):
        if not is_iri(term.value):
            raise ValueError(f"{term.value!r} is not an IRI")
        return f"<{term.value}>"
    if re.search("[\ud800-\udfff]", term.value):
        raise ValueError(f"{term.value!r} is not Unicode text")
    text = '"' + _TO_ESCAPE.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}", term.value) + '"'
    if term.language is not None:
        if not _LANGUAGE.fullmatch(term.language):
            raise ValueError(f"{term.language!r} is not a language tag")
        return f"{text}@{term.language}"
    return text if term.datatype is None else f"{text}^^{write(Iri(term.datatype))}"


def to_json(term: Term) -> dict[str, str]:
    """Write a term as SPARQL 1.1 Query Results JSON has it."""
    if isinstance(term, Literal):
        cell = {"type": "literal", "value": term.value}
        if term.language is not None:
            cell["xml:lang"] = term.language
        elif term.datatype is not None:
            cell["datatype"] = term.datatype
        return cell
    return {"type": "uri" if isinstance(term, Iri) else "bnode", "value": term.value}


def from_json(cell: Mapping[str, str]) -> Term:
    """Read a term from SPARQL 1.1 Query Results JSON; `typed-literal`, which some servers still write, is a literal."""
    if cell["type"] == "uri":
        return Iri(cell["value"])
    if cell["type"] == "bnode":
        return Blank(cell["value"])
    datatype = cell.get("datatype")
    return Literal(cell["value"], None if datatype == XSD_STRING else datatype, cell.get("xml:lang"))


def mint(kind: str, key: str) -> str:
    """Make the IRI of a thing, `id/<kind>/<key>`.

    Both parts are lower-case letters and digits with a hyphen or dot between them; two hyphens join two keys. Raises
    ValueError otherwise.
    """
    for part in (kind, key):
        if not _KEY.fullmatch(part):
            raise ValueError(f"{part!r} is not a key: use lower-case letters, digits and hyphens between them")
    return f"{ID}{kind}/{key}"


def graph_of(path: str) -> str:
    """Name the graph of a source file from its path below the project, such as `data/events/kaz/x.ttl`."""
    return GRAPH + path.removesuffix(".ttl").removesuffix(".csv").replace("\\", "/").strip("/")


def path_of(iri: str) -> str | None:
    """Return the path at which this site serves an IRI of ours, such as `/id/act/x`; None for anybody else's."""
    return "/" + iri[len(BASE) :] if iri.startswith(BASE) else None


def full_iri(text: str) -> str:
    """Return the IRI of ours that a text names by its part behind the base, such as `id/state/kaz`; an address of the web is itself."""
    text = text.strip()
    return text if text.startswith(("http://", "https://")) else BASE + text.lstrip("/")


def short_iri(iri: str) -> str:
    """Write an IRI of ours by its part behind the base, as questions take it."""
    return iri.removeprefix(BASE)


def term(name: str) -> str:
    """Return the IRI of the ontology's term with this name."""
    return VOCABULARY + name


def local_name(iri: str) -> str:
    """Return the last part of an IRI, behind its # or its last slash."""
    return re.split("[#/]", iri)[-1]


def expand(name: str) -> str:
    """Write a name `prefix:name` in full where the prefix is one of ours; else give it unchanged."""
    prefix, colon, rest = name.partition(":")
    return PREFIXES[prefix] + rest if colon and prefix in PREFIXES else name


def shorten(iri: str) -> str:
    """Write an IRI as `prefix:name` where a known prefix fits and the rest is a plain name; else give it unchanged."""
    for prefix, namespace in PREFIXES.items():
        rest = iri[len(namespace) :]
        if iri.startswith(namespace) and re.fullmatch(r"[A-Za-z][\w-]*", rest):
            return f"{prefix}:{rest}"
    return iri

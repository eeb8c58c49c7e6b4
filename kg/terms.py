"""RDF terms, namespaces and minting: the only home of IRI strings.

Promises that every IRI the product makes or takes apart goes through here. Never reads files, settings or the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

BASE: Final = "https://w3id.org/answerable/"

ONTOLOGY: Final = BASE + "ontology"
VOCABULARY: Final = ONTOLOGY + "#"
ID: Final = BASE + "id/"
DOC: Final = BASE + "doc/"
SCHEME: Final = BASE + "scheme/"
GRAPH: Final = BASE + "graph/"
RELEASE: Final = BASE + "release/"
SHAPES: Final = BASE + "shapes#"

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

_KEY = re.compile(r"[a-z0-9]+(?:(?:--?|\.)[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Iri:
    """An IRI."""

    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal: its lexical form, its datatype's IRI (None for plain text) or its language tag."""

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
    return GRAPH + path.removesuffix(".ttl").replace("\\", "/").strip("/")


def part_of_release(release: str, part: str) -> str:
    """Name a graph that another server holds for one release, such as the merge of all its graphs."""
    return f"{RELEASE}{release}/{part}"


def path_of(iri: str) -> str | None:
    """Return the path at which this site serves an IRI of ours, such as `/id/act/x`; None for anybody else's."""
    return "/" + iri[len(BASE) :] if iri.startswith(BASE) else None


def term(name: str) -> str:
    """Return the IRI of the ontology's term with this name."""
    return VOCABULARY + name


def shorten(iri: str) -> str:
    """Write an IRI as `prefix:name` where a known prefix fits and the rest is a plain name; else give it unchanged."""
    for prefix, namespace in PREFIXES.items():
        rest = iri[len(namespace) :]
        if iri.startswith(namespace) and re.fullmatch(r"[A-Za-z][\w-]*", rest):
            return f"{prefix}:{rest}"
    return iri

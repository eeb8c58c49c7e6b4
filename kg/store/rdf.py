"""RDF terms of ours and of the engine, turned into one another, and RDF text written from triples of ours."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

import pyoxigraph as ox

from kg import terms
from kg.errors import QueryStopped
from kg.terms import XSD_STRING, Blank, Iri, Literal, Quad, Term
from kg.wording import say

# The formats of the engine by the names that we give them, the preferred first.
GRAPH_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
}
ROW_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_MEDIA_TYPES, ROW_MEDIA_TYPES = (
    {name: format.media_type.partition(";")[0] for name, format in formats.items()}
    for formats in (GRAPH_FORMATS, ROW_FORMATS)
)

Triple = tuple[Term, Iri, Term]
_HEAD = {name: terms.PREFIXES[name] for name in ("ans", "skos", "xsd")}  # the prefixes of a file of data
_DECLARATION = re.compile(r"^@.*\n", re.MULTILINE)


def to_engine(term: Term) -> Any:
    """Make the engine's term; ValueError for one that is none."""
    if isinstance(term, Iri):
        return ox.NamedNode(term.value)
    if isinstance(term, Blank):
        return ox.BlankNode(term.value)
    datatype = None if term.datatype is None else ox.NamedNode(term.datatype)
    return ox.Literal(term.value, datatype=datatype, language=term.language)


def from_engine(term: Any) -> Term:
    """Make a term of ours. Raises QueryStopped for a triple term (RDF 1.2), which our rows cannot hold."""
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if isinstance(term, ox.Literal):
        datatype = None if term.language or term.datatype.value == XSD_STRING else term.datatype.value
        return Literal(term.value, datatype, term.language)
    if isinstance(term, ox.BlankNode):
        return Blank(term.value)
    raise triple_term()


def triple_term() -> QueryStopped:
    """Make the error for a triple term (RDF 1.2) in an answer."""
    return QueryStopped(say("The answer holds a triple term, which has no place in rows of ours"))


def to_graph(iri: str | None) -> Any:
    """Make the engine's name of a graph; None is the default graph."""
    return ox.DefaultGraph() if iri is None else ox.NamedNode(iri)


def iris(quads: Iterable[Any]) -> set[str]:
    """Collect the IRIs in quads of the engine's, those of datatypes and of triple terms included."""
    waiting = {term for quad in quads for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)}
    values: set[str] = set()
    while waiting:
        term = waiting.pop()
        if isinstance(term, ox.NamedNode):
            values.add(term.value)
        elif isinstance(term, ox.Literal):
            values.add(term.datatype.value)
        elif isinstance(term, ox.Triple):
            waiting |= {term.subject, term.predicate, term.object}
    return values


def read_quads(text: bytes, format: str = "nq") -> list[Quad]:
    """Read a text that was read or written by an engine before, in its order; a triple has no graph."""
    quads: list[Quad] = []
    for quad in ox.parse(text, GRAPH_FORMATS[format], lenient=True):
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else None
        quads.append((from_engine(quad.subject), Iri(quad.predicate.value), from_engine(quad.object), graph))
    return quads


def rewrite_triples(
    source: bytes | BinaryIO, format: str, prefixes: dict[str, str], target: BinaryIO | None = None
) -> bytes:
    """Write N-Triples that an engine wrote in another format, in their order; to a target, where neither is ever whole in memory."""
    triples = ox.parse(source, ox.RdfFormat.N_TRIPLES, lenient=True)
    return ox.serialize(triples, target, format=GRAPH_FORMATS[format], prefixes=prefixes) or b""


def write_triples(
    triples: Iterable[Triple], format: str, prefixes: Mapping[str, str], base: str | None = None
) -> bytes:
    """Write triples in a graph format, in the order given."""
    engine_triples = [ox.Triple(*map(to_engine, triple)) for triple in triples]
    text = ox.serialize(engine_triples, format=GRAPH_FORMATS[format], prefixes=dict(prefixes), base_iri=base)
    return text or b""


def used_prefixes(text: str, prefixes: Mapping[str, str] = terms.PREFIXES) -> dict[str, str]:
    """Choose the prefixes that a text in N-Triples has a use for."""
    return {name: space for name, space in prefixes.items() if f"<{space}" in text}


def write_turtle(triples: Iterable[Triple], comment: str = "", *, head: bool = True) -> str:
    """Write triples as Turtle, one description after the other; without `head`, as a part of a file that has one."""
    text = write_triples(triples, "ttl", _HEAD, terms.BASE).decode()
    # A literal holds no line break as such: a line that begins with an IRI begins a description.
    body = re.sub(r"(?<=\.\n)(?=<)", "\n", _DECLARATION.sub("", text))
    body = re.sub(r"^\t", "    ", body, flags=re.MULTILINE)
    notice = "".join(f"# {line}\n" for line in comment.splitlines())
    declarations = "".join(_DECLARATION.findall(text)) if head else ""
    return "\n".join(part for part in (declarations, notice, body) if part)

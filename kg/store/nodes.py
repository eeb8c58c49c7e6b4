"""Terms of ours and terms of the engine, turned into one another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from kg.errors import BadParameter, QueryStopped
from kg.terms import XSD_STRING, Blank, Iri, Literal, Term


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
    raise QueryStopped("The answer holds a triple term, which has no place in rows of ours")


def to_value(name: str, term: Term) -> Any:
    """Make the engine's term for a variable. Raises BadParameter, naming the variable, where it cannot be asked for."""
    if isinstance(term, Blank):
        raise BadParameter("A blank node cannot be asked for", where=name, hint="Give an IRI or a literal")
    try:
        return to_engine(term)
    except ValueError as error:
        raise BadParameter(f"{term.value!r} is not a term: {error}", where=name) from None


def to_graph(iri: str | None) -> Any:
    """Make the engine's name of a graph; None is the default graph."""
    return ox.DefaultGraph() if iri is None else ox.NamedNode(iri)


def iris(quads: Iterable[Any]) -> set[str]:
    """Collect the IRIs in quads of the engine's, those of datatypes and of triple terms included."""
    waiting = {term for quad in quads for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)}
    found = set()
    while waiting:
        term = waiting.pop()
        if isinstance(term, ox.NamedNode):
            found.add(term.value)
        elif isinstance(term, ox.Literal):
            found.add(term.datatype.value)
        elif isinstance(term, ox.Triple):
            waiting |= {term.subject, term.predicate, term.object}
    return found


def to_text(term: Any) -> str:
    """Write a term of the engine's as SPARQL CSV has it; None is unbound."""
    return "" if term is None else term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)

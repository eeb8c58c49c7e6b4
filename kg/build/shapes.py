"""The shapes over what is stated, the ontology mixed in, so that a thing of a subclass meets the shapes of its superclasses."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pyshacl_turbo
from rdflib import RDF, SH, SKOS, BNode, Graph
from rdflib.collection import Collection
from rdflib.term import Node

from kg import terms
from kg.build.checks import offer
from kg.build.inputs import Source
from kg.build.places import Places
from kg.build.report import Result
from kg.errors import BuildError
from kg.sparql import vocabulary
from kg.store import Store

# It logs a traceback for a literal that is no value of its datatype; a shape says so in words, with the line.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


class Breach(NamedTuple):
    """One result of a SHACL report; texts that the result lacks are empty."""

    focus: str
    shape: str
    message: str
    severity: str
    path: str
    value: str
    part: Node | None  # the shape itself, in the graph of the shapes


def validate(
    store: Store, sources: Iterable[Source], places: Places, skip: Callable[[str], bool] = lambda value: False
) -> list[Result]:
    """Validate all graphs of a store together against the shapes among the sources; leave out values that `skip` names.

    Raises BuildError for a broken shape.
    """
    shapes = read(sources)
    breaches = [breach for breach in judge(store, shapes) if not skip(breach.value)]
    places.learn(breach.focus for breach in breaches)
    return [_locate(places, breach, _values(store, shapes, breach)) for breach in breaches]


def read(sources: Iterable[Source]) -> Graph:
    """Read the shapes among the sources."""
    shapes = Graph()
    for source in sources:
        if source.kind == "shapes":
            shapes.parse(data=source.data, format="turtle")
    return shapes


def judge(store: Store, shapes: Graph) -> list[Breach]:
    """Validate all graphs of a store together. Raises BuildError for a broken shape."""
    try:
        _, report, _ = store.lend(pyshacl_turbo.compile_shapes(shapes).validate)
    except (pyshacl_turbo.ValidationFailure, ValueError) as error:
        raise BuildError(f"The shapes cannot be used: {error}", hint="Mend the shape in shapes/") from error
    return list(breaches(report, shapes))


def breaches(report: Graph, shapes: Graph) -> Iterator[Breach]:
    """Read the results of a SHACL report."""
    for result in report.objects(report.value(None, RDF.type, SH.ValidationReport), SH.result):
        part = report.value(result, SH.sourceShape)
        severity = str(report.value(result, SH.resultSeverity)).rpartition("#")[2]
        parts = (report.value(result, what) for what in (SH.focusNode, SH.resultMessage, SH.resultPath, SH.value))
        focus, message, path, value = ("" if node is None else str(node) for node in parts)
        yield Breach(focus, _named(shapes, part), message, severity, path, value, part)


def _named(shapes: Graph, shape: Node | None) -> str:
    """Name a shape; one without a name is called by the shape that it is part of."""
    for _ in range(20):  # shapes nest, and no nesting that people write is deeper
        if not isinstance(shape, BNode):
            break
        shape = next(iter(shapes.subjects(None, shape)), None)
    return "" if shape is None or isinstance(shape, BNode) else str(shape)


def _values(store: Store, shapes: Graph, breach: Breach) -> list[str]:
    """List the values that the broken shape allows, where it wants one out of a scheme or a list."""
    if not breach.value.startswith(terms.BASE):
        return []
    if listed := shapes.value(breach.part, SH["in"]):
        return [str(value) for value in Collection(shapes, listed)]
    for inner in shapes.objects(shapes.value(breach.part, SH.node), SH.property):
        if shapes.value(inner, SH.path) == SKOS.inScheme and (scheme := shapes.value(inner, SH.hasValue)):
            query = f"SELECT DISTINCT ?x {{ GRAPH ?g {{ ?x <{SKOS.inScheme}> <{scheme}> }} }} ORDER BY ?x"
            return [row[0].value for row in store.select(query)]
    return []


def _locate(places: Places, breach: Breach, allowed: list[str]) -> Result:
    place = places.find(breach.focus, None, breach.path if breach.value else None)
    message = breach.message
    if allowed and breach.value not in allowed:
        message = f"{message} {vocabulary.short(breach.value)} is none of them. {offer(breach.value, allowed)}".strip()
    return Result(*place, message, breach.severity, breach.focus, breach.shape)

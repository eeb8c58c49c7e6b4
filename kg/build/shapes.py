"""The shapes over what is stated, the ontology mixed in, so that a thing of a subclass meets the shapes of its superclasses."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import pyshacl_turbo
from pyshacl_turbo.rdf import Input
from rdflib import RDF, SH, SKOS, BNode, Graph
from rdflib.collection import Collection
from rdflib.term import Node

from kg import memory, terms
from kg.build.inputs import Source, definitions
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
    message: str
    path: str
    value: str
    severity: str
    shape: str  # by name, that of the shape that it is part of where it has none
    part: Node | None  # the shape itself, in the graph of the shapes


def validate(
    store: Store, sources: Iterable[Source], places: Places, skip: Callable[[str], bool] = lambda value: False
) -> list[Result]:
    """Validate all graphs of a store together against the shapes among the sources; leave out values that `skip` names.

    Raises BuildError for a broken shape.
    """
    shapes = _parse(tuple((source.data, source.format) for source in sources if source.kind == "shapes"))
    breaches = [breach for breach in judge(store, shapes) if not skip(breach.value)]
    places.learn(breach.focus for breach in breaches)
    results = []
    for breach in breaches:
        place = places.find(breach.focus, None, breach.path if breach.value else None, breach.value)
        message = f"{breach.message} {_offer(store, shapes, breach)}".strip()
        results.append(Result(*place, message, breach.severity, breach.focus, breach.shape))
    return results


@lru_cache(2)
def _parse(files: tuple[tuple[bytes, str], ...]) -> Graph:
    shapes = Graph()
    for data, form in files:
        shapes.parse(data=data, format=form)
    return shapes


def judge(store: Store, shapes: Graph) -> list[Breach]:
    """Validate all graphs of a store together. Raises BuildError for a broken shape."""
    # As triples of one graph: in a dataset the validator would look for each triple in each graph.
    triples = b"".join(map(store.dump, store.graphs())).decode()
    data = Input(triples, "nt", None, {}, preserve_ids=True)
    try:
        _, report, _ = pyshacl_turbo.compile_shapes(shapes).validate(data)
    except (pyshacl_turbo.ValidationFailure, ValueError) as error:
        raise BuildError(f"The shapes cannot be used: {error}", hint="Mend the shape in shapes/") from error
    finally:
        del triples, data
        memory.trim()  # of the validator's copy of all data
    return list(read_report(report, shapes))


def read_report(report: Graph, shapes: Graph) -> Iterator[Breach]:
    """Read the results of a SHACL report."""
    for result in report.objects(report.value(None, RDF.type, SH.ValidationReport), SH.result):
        nodes = [report.value(result, name) for name in (SH.focusNode, SH.resultMessage, SH.resultPath, SH.value)]
        focus, message, path, value = ("" if node is None else str(node) for node in nodes)
        severity = str(report.value(result, SH.resultSeverity)).rpartition("#")[2]
        part = report.value(result, SH.sourceShape)
        yield Breach(focus, message, path, value, severity, _name(shapes, part), part)


def _name(shapes: Graph, shape: Node | None) -> str:
    """Name a shape; one without a name is called by the shape that it is part of."""
    for _ in range(20):  # shapes nest, and no nesting that people write is deeper
        if isinstance(shape, BNode):
            shape = next(iter(shapes.subjects(None, shape)), None)
    return "" if shape is None or isinstance(shape, BNode) else str(shape)


def _offer(store: Store, shapes: Graph, breach: Breach) -> str:
    """Say which values the broken shape allows, where it wants one out of a scheme or a list and the value is none of them."""
    allowed: list[str] = []
    if not breach.value.startswith(terms.BASE):
        return ""
    if listed := shapes.value(breach.part, SH["in"]):
        allowed = [str(value) for value in Collection(shapes, listed)]
    inner_shape = shapes.value(breach.part, SH.node)
    for inner in shapes.objects(inner_shape, SH.property) if inner_shape else ():
        if shapes.value(inner, SH.path) == SKOS.inScheme and (scheme := shapes.value(inner, SH.hasValue)):
            query = f"SELECT DISTINCT ?x {{ GRAPH ?g {{ ?x <{SKOS.inScheme}> <{scheme}> }} }} ORDER BY ?x"
            allowed = [row[0].value for row in store.select(query)]
    if not allowed or breach.value in allowed:
        return ""
    return f"{vocabulary.short(breach.value)} is none of them. {vocabulary.offer(breach.value, allowed, definitions(store))}"

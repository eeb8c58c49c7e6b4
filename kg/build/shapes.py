"""The shapes over what is stated, the ontology mixed in, so that a thing of a subclass meets the shapes of its superclasses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import rdflib
from rdflib import RDF, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from kg import terms
from kg.build import prefilter
from kg.build.inputs import Source
from kg.build.places import Places
from kg.build.report import Result
from kg.sparql import vocabulary
from kg.store import Store

rdflib.NORMALIZE_LITERALS = False  # else "01" and "1" would be one value, and 30 February would lose its text
# It logs a traceback for a literal that is no value of its datatype; a shape says so in words, with the line.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

FEW = 12  # values of a scheme that are all listed where one of them is wanted

Row = tuple[str, str, str, str, str, str]  # focus, shape, message, severity, path, value


def validate(
    store: Store, sources: Iterable[Source], places: Places, skip: Callable[[str], bool] = lambda value: False
) -> list[Result]:
    """Judge what a store holds, each source in its graph, by the shapes among the sources.

    The engine names the things that may break a shape; pySHACL judges those. What is said of a value that `skip` names is
    left out.
    """
    return judge_stated(store, read(sources), places, skip=skip)


def read(sources: Iterable[Source]) -> Graph:
    """Read the shapes among the sources."""
    shapes = Graph()
    for source in sources:
        if source.kind == "shapes":
            shapes.parse(data=source.data, format="turtle")
    return shapes


def judge_stated(
    store: Store,
    shapes: Graph,
    places: Places,
    about: frozenset[str] | None = None,
    skip: Callable[[str], bool] = lambda value: False,
) -> list[Result]:
    """Do as `validate` does, with shapes that have been read; of `about` alone, if given."""
    rows = [row for row in breaches(store, shapes, about) if not skip(row[5])]
    places.learn(row[0] for row in rows)
    return [_locate(places, row, _values(store, shapes, row) if row[5].startswith(terms.BASE) else []) for row in rows]


def breaches(store: Store, shapes: Graph, about: frozenset[str] | None = None) -> list[Row]:
    """List what breaks a shape in a store; of `about` alone, if given. The rows are those of `judge`."""
    suspects = prefilter.suspects(store, shapes, about)
    rows = [_lack(shapes, *one) for one in suspects.lacking]
    if suspects.triples:
        data = Graph()
        data += suspects.triples
        rows += [row for row in judge(data, shapes) if suspects.about is None or row[0] in suspects.about]
    return rows


def judge(graph: Graph, shapes: Graph) -> list[Row]:
    """Validate a graph that has the ontology in it; return rows of (focus, shape, message, severity, path, value)."""
    from pyshacl import validate as run_shacl  # slow to load, and seldom needed to check one file

    options = {"inplace": True, "advanced": False, "meta_shacl": False}
    try:
        _, results, _ = run_shacl(graph, shacl_graph=shapes, **options)
    except TypeError:  # pySHACL stumbles over two values to compare that are no values of their datatype
        rest = Graph()
        rest += (triple for triple in shapes if triple[1] not in (SH.lessThan, SH.lessThanOrEquals))
        _, results, _ = run_shacl(graph, shacl_graph=rest, **options)
    rows = []
    for node in results.objects(results.value(None, RDF.type, SH.ValidationReport), SH.result):
        shape = _named(shapes, results.value(node, SH.sourceShape))
        severity = results.value(node, SH.resultSeverity)
        facts = [results.value(node, what) for what in (SH.focusNode, SH.resultMessage, SH.resultPath, SH.value)]
        focus, message, path, value = ("" if fact is None else str(fact) for fact in facts)
        rows.append((focus, shape, message, str(severity).rpartition("#")[2], path, value))
    return rows


def _lack(shapes: Graph, thing: str, part: rdflib.term.Node) -> Row:
    """Write, as pySHACL would, that a thing has no value where a part of a shape wants one."""
    message, severity = shapes.value(part, SH.message), shapes.value(part, SH.severity, default=SH.Violation)
    return thing, _named(shapes, part), str(message), severity.fragment, str(shapes.value(part, SH.path)), ""


def _named(shapes: Graph, shape: rdflib.term.Node | None) -> str:
    """Name a shape; one without a name is called by the shape that it is part of."""
    for _ in range(20):  # shapes nest, and no nesting that people write is deeper
        if not isinstance(shape, BNode):
            break
        shape = next(iter(shapes.subjects(None, shape)), None)
    return "" if shape is None or isinstance(shape, BNode) else str(shape)


def _values(store: Store, shapes: Graph, row: Row) -> list[str]:
    """List the values that a property may have, where the shape behind a row wants one out of a scheme or a list."""
    _, _, message, _, path, _ = row
    for part in shapes.subjects(SH.message, Literal(message)):
        if (listed := shapes.value(part, SH["in"])) is not None and shapes.value(part, SH.path) == URIRef(path):
            return [str(one) for one in Collection(shapes, listed)]
        for inner in shapes.objects(shapes.value(part, SH.node), SH.property):
            if shapes.value(inner, SH.path) == SKOS.inScheme and (scheme := shapes.value(inner, SH.hasValue)):
                query = f"SELECT DISTINCT ?x {{ GRAPH ?g {{ ?x <{SKOS.inScheme}> <{scheme}> }} }} ORDER BY ?x"
                return [row[0].value for row in store.select(query)]
    return []


def _locate(places: Places, row: Row, known: list[str]) -> Result:
    focus, shape, message, severity, path, value = row
    place = places.find(focus, None, path if value else None)
    if known and value not in known:
        message = f"{message} {_offer(value, known)}"
    return Result(*place, message, severity, focus, shape)


def _offer(value: str, known: list[str]) -> str:
    """Name the values that may have been meant: all of them when they are few, else the nearest."""
    near = known if len(known) <= FEW else vocabulary.nearest(value, set(known), 3)
    said = f"{vocabulary.short(value)} is none of them; {'there are' if near is known else 'the nearest are'}"
    return f"{said}: {', '.join(map(vocabulary.short, near))}." if near else ""

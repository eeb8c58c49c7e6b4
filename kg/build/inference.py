"""Inference: what the ontology entails of the data (OWL 2 RL), and the links that no source states.

A rule is a SPARQL CONSTRUCT query over the default graph. Its triples join the default graph and a graph of their own,
`graph/inferred` or `graph/links`. The ontology itself is closed by owlrl.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from kg import terms
from kg.build.inputs import QueryFile, Source
from kg.errors import BuildError, QueryRefused, QuerySyntaxError, named_after
from kg.store import Store

ONTOLOGY_CLOSURE = terms.INFERRED + "/ontology"
MAX_ROUNDS = 50  # a chain of n links of one transitive property takes about log2(n) rounds

_ORDERING = {RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.equivalentClass, OWL.equivalentProperty}
_TRIVIAL = {OWL.Thing, OWL.Nothing, RDFS.Resource, RDFS.Literal}


def derive(store: Store, owl: Sequence[QueryFile], links: Iterable[QueryFile]) -> None:
    """Run the OWL rules to their fixpoint, the link rules once in their order, and the OWL rules again."""
    close(store, owl)
    run(store, links, terms.LINKS)
    close(store, owl)


def close(store: Store, rules: Sequence[QueryFile]) -> None:
    """Run the OWL rules in rounds until one adds nothing. Raises BuildError when they do not come to rest."""
    for _ in range(MAX_ROUNDS):
        before = store.count(terms.INFERRED)
        run(store, rules, terms.INFERRED)
        if store.count(terms.INFERRED) == before:
            return
    hint = "Look for a rule that makes new things"
    raise BuildError(f"The rules of OWL still add triples after {MAX_ROUNDS} rounds", hint=hint)


def run(store: Store, rules: Iterable[QueryFile], graph: str) -> None:
    """Run each rule once, in order; a rule sees the triples of those before it.

    Raises QuerySyntaxError, and QueryRefused for a query that is no CONSTRUCT.
    """
    for rule in rules:
        with named_after(rule.name, QuerySyntaxError, QueryRefused):
            store.insert(rule.text, graph)


def close_ontology(sources: Iterable[Source]) -> bytes:
    """Close the modules of the ontology under OWL 2 RL; return what orders its named terms, as sorted N-Triples.

    That is sub- and equivalent classes and properties, domains and ranges: what a rule can use. Schemes order no terms.
    """
    graph = Graph()
    for source in sources:
        if source.kind == "ontology" and not source.name.startswith("ontology/schemes/"):
            graph.parse(data=source.data, format="turtle")
    # Names, definitions and annotations order no terms, and owlrl would go through them again and again.
    notes: set[Node] = {RDFS.isDefinedBy, RDFS.seeAlso, *graph.subjects(RDF.type, OWL.AnnotationProperty)}
    for triple in list(graph):
        is_text = isinstance(triple[2], Literal) and str(triple[1]) not in OWL
        if is_text or triple[1] in notes:
            graph.remove(triple)
    expand(graph)
    lines = {f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in graph if p in _ORDERING and _orders(s, o)}
    return "".join(sorted(lines)).encode()


def expand(graph: Graph) -> None:
    """Add to a graph what OWL 2 RL entails, but for what would follow from a thing being itself (eq-ref), which is nothing new."""
    import owlrl  # slow to load, and not needed to check one file

    class Semantics(owlrl.OWLRL_Semantics):
        def rules(self, triple: tuple[Any, Any, Any], cycle: int) -> None:
            if triple[1] != OWL.sameAs or triple[0] != triple[2]:
                super().rules(triple, cycle)

    owlrl.DeductiveClosure(Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)


def _orders(subject: Node, object_: Node) -> bool:
    named = isinstance(subject, URIRef) and isinstance(object_, URIRef)
    return named and subject != object_ and subject not in _TRIVIAL and object_ not in _TRIVIAL

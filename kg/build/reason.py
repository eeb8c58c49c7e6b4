"""Reasoning by OWL 2 RL: the ontology is closed by owlrl, the data by the rules of a folder, in the engine.

Promises that what is inferred about things is exactly what OWL 2 RL entails from what is stated and linked, as a test
shows against owlrl itself. Never touches what is stated, and never runs owlrl over data, which would take minutes.
"""

from __future__ import annotations

from collections.abc import Iterable

import owlrl
from rdflib import OWL, RDFS, BNode, Graph, Literal, URIRef

from kg import terms
from kg.build import rules
from kg.build.corpus import Source
from kg.build.rules import Rule
from kg.errors import BuildError
from kg.store import Store

ONTOLOGY_CLOSURE = terms.INFERRED + "/ontology"
MAX_ROUNDS = 50  # a chain of n links of one transitive property takes about log2(n) rounds

_KEPT = {RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.equivalentClass, OWL.equivalentProperty}
_TRIVIAL = {OWL.Thing, OWL.Nothing, RDFS.Resource, RDFS.Literal}


def close_ontology(sources: Iterable[Source]) -> bytes:
    """Close the modules of the ontology under OWL 2 RL; return what orders its terms, as sorted N-Triples.

    Kept are the links between named terms that a rule can use: sub- and equivalent classes and properties, domains and
    ranges. Schemes are data to this: they order no terms.
    """
    graph = Graph()
    for source in sources:
        if source.kind == "ontology" and not source.name.startswith("ontology/schemes/"):
            graph.parse(data=source.path.read_bytes(), format="turtle")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    lines = {f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in graph if p in _KEPT and _orders(s, o)}
    return "".join(sorted(lines)).encode()


def reason(store: Store, rules_: list[Rule]) -> int:
    """Run the rules until they add nothing more; return the number of inferred triples.

    Raises BuildError when they do not come to rest.
    """
    before = -1
    for _ in range(MAX_ROUNDS):
        now = rules.run(store, rules_, terms.INFERRED)
        if now == before:
            return now
        before = now
    raise BuildError(
        f"The rules of OWL still add triples after {MAX_ROUNDS} rounds", hint="Look for a rule that makes new things"
    )


def _orders(subject: URIRef | BNode, object_: URIRef | BNode | Literal) -> bool:
    named = isinstance(subject, URIRef) and isinstance(object_, URIRef)
    return named and subject != object_ and subject not in _TRIVIAL and object_ not in _TRIVIAL

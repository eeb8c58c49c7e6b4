"""Inference: what the ontology entails of the data (OWL 2 RL), and the links that no source states, by rules in the engine.

A rule is a SPARQL update that reads the default graph and writes there and into a graph of its own, `graph/inferred` or
`graph/links`. The ontology itself is closed by owlrl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rdflib import OWL, RDFS, BNode, Graph, Literal, URIRef

from kg import terms
from kg.build.inputs import QueryFile, Source
from kg.errors import BuildError, QuerySyntaxError
from kg.store import Store

ONTOLOGY_CLOSURE = terms.INFERRED + "/ontology"
MAX_OWL_ROUNDS = 50  # a chain of n links of one transitive property takes about log2(n) rounds
MAX_LINK_ROUNDS = 10

_ORDERING = {
    *(RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range),
    *(OWL.equivalentClass, OWL.equivalentProperty),
}
_TRIVIAL = {OWL.Thing, OWL.Nothing, RDFS.Resource, RDFS.Literal}


def infer(
    store: Store, owl: Sequence[QueryFile], links: Sequence[QueryFile], closure: bytes, narrow: str | None = None
) -> None:
    """Add to a store of stated graphs what follows from them by the rules; `closure` is the closed ontology.

    The default graph becomes the merge of all graphs, or what the update `narrow` merges of them.
    """
    store.load(closure, format="nt", graph=ONTOLOGY_CLOSURE, source="the closed ontology")
    if narrow:
        store.update(narrow)
    else:
        store.copy_named_into_default()
    link(store, links, lambda: reason(store, owl))


def run(store: Store, rules: Iterable[QueryFile], graph: str) -> int:
    """Run each rule once; return the number of triples in `graph` afterwards. Raises QuerySyntaxError."""
    for rule in rules:
        try:
            store.update(rule.text)
        except QuerySyntaxError as error:
            raise QuerySyntaxError(error.message, where=rule.name, line=error.line, column=error.column) from None
    return store.count(graph)


def close_ontology(sources: Iterable[Source]) -> bytes:
    """Close the modules of the ontology under OWL 2 RL; return what orders its named terms, as sorted N-Triples.

    That is sub- and equivalent classes and properties, domains and ranges: what a rule can use. Schemes order no terms.
    """
    import owlrl  # slow to load, and not needed to check one file

    graph = Graph()
    for source in sources:
        if source.kind == "ontology" and not source.name.startswith("ontology/schemes/"):
            graph.parse(data=source.data, format="turtle")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    lines = {f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in graph if p in _ORDERING and _orders(s, o)}
    return "".join(sorted(lines)).encode()


def reason(store: Store, rules: Iterable[QueryFile]) -> int:
    """Run the OWL rules until they add nothing more; return the number of inferred triples.

    Raises BuildError when they do not come to rest.
    """
    before = -1
    for _ in range(MAX_OWL_ROUNDS):
        now = run(store, rules, terms.INFERRED)
        if now == before:
            return now
        before = now
    raise BuildError(
        f"The rules of OWL still add triples after {MAX_OWL_ROUNDS} rounds",
        hint="Look for a rule that makes new things",
    )


def link(store: Store, rules: Iterable[QueryFile], reason: Callable[[], int]) -> tuple[int, int]:
    """Run the link rules and `reason` in turn until both are at rest; return how many triples are (inferred, linked).

    Raises BuildError when the two do not come to rest.
    """
    linked = -1
    for _ in range(MAX_LINK_ROUNDS):
        before, inferred = linked, reason()
        linked = run(store, rules, terms.LINKS)
        if linked == before:
            return inferred, linked
    raise BuildError(
        f"The link rules still add triples after {MAX_LINK_ROUNDS} rounds",
        hint="Look for two rules that feed each other, or one that names its things by something that changes",
    )


def _orders(subject: URIRef | BNode, object_: URIRef | BNode | Literal) -> bool:
    named = isinstance(subject, URIRef) and isinstance(object_, URIRef)
    return named and subject != object_ and subject not in _TRIVIAL and object_ not in _TRIVIAL

"""Inference: what the ontology entails of the data (OWL 2 RL), and the links that no source states, by rules in the engine.

A rule is a SPARQL update that reads the default graph and writes there and into a graph of its own, `graph/inferred` or
`graph/links`. The ontology itself is closed by owlrl.

A rule of OWL may have a line `#+ changed: ?variable` where it names a property, or a class, of which it wants the triples. From
the second round on, those alone take its place of which there are more triples than a round ago: only they can give anything new.

A rule of links with the line `#+ once: …` runs in the first round alone: what it reads of derived things comes from OWL and from
rules before it, so a second run would give nothing new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef

from kg import terms
from kg.build.inputs import QueryFile, Source
from kg.errors import BuildError, QuerySyntaxError
from kg.store import Store

ONTOLOGY_CLOSURE = terms.INFERRED + "/ontology"
MAX_OWL_ROUNDS = 50  # a chain of n links of one transitive property takes about log2(n) rounds
MAX_LINK_ROUNDS = 10

_CHANGED = re.compile(r"^ *#\+ changed: (\?\w+)$", re.MULTILINE)
_ONCE = re.compile(r"^#\+ once: ", re.MULTILINE)
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
    link(store, links, Reasoning(store, owl))


def run(store: Store, rules: Iterable[QueryFile], graph: str, changed: Collection[str] | None = None) -> int:
    """Run each rule once; return the number of triples in `graph` afterwards. Raises QuerySyntaxError.

    With `changed`, there are new triples of these properties and classes alone since the rules were last run.
    """
    values = None if changed is None else f"VALUES \\1 {{ {' '.join(f'<{iri}>' for iri in sorted(changed))} }}"
    for rule in rules:
        try:
            store.update(rule.text if values is None else _CHANGED.sub(values, rule.text))
        except QuerySyntaxError as error:
            raise QuerySyntaxError(error.message, where=rule.name, line=error.line, column=error.column) from None
    return store.count(graph)


def close_ontology(sources: Iterable[Source]) -> bytes:
    """Close the modules of the ontology under OWL 2 RL; return what orders its named terms, as sorted N-Triples.

    That is sub- and equivalent classes and properties, domains and ranges: what a rule can use. Schemes order no terms.
    """
    import owlrl  # slow to load, and not needed to check one file

    class Semantics(owlrl.OWLRL_Semantics):  # type: ignore[misc]
        """OWL 2 RL without what would follow from a thing being itself (eq-ref), which is nothing new."""

        def rules(self, triple: tuple[Any, Any, Any], cycle: int) -> None:
            if triple[1] != OWL.sameAs or triple[0] != triple[2]:
                super().rules(triple, cycle)

    graph = Graph()
    for source in sources:
        if source.kind == "ontology" and not source.name.startswith("ontology/schemes/"):
            graph.parse(data=source.data, format="turtle")
    # Names, definitions and annotations order no terms, and owlrl would go through them again and again.
    notes = {RDFS.isDefinedBy, RDFS.seeAlso, *graph.subjects(RDF.type, OWL.AnnotationProperty)}
    for told in [one for one in graph if one[1] in notes or isinstance(one[2], Literal) and one[1] not in OWL]:
        graph.remove(told)
    owlrl.DeductiveClosure(Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    lines = {f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in graph if p in _ORDERING and _orders(s, o)}
    return "".join(sorted(lines)).encode()


class Reasoning:
    """Runs the OWL rules on a store, again and again, and remembers what they have seen of it."""

    def __init__(self, store: Store, rules: Iterable[QueryFile]) -> None:
        self._store, self._rules = store, list(rules)
        self._seen: Counter[terms.Term] | None = None  # what had been derived when the last round began

    def __call__(self) -> int:
        """Run the rules until they add nothing more; return the number of inferred triples.

        Raises BuildError when they do not come to rest.
        """
        before = -1
        for _ in range(MAX_OWL_ROUNDS):
            now = run(self._store, self._rules, terms.INFERRED, self._changed())
            if now == before:
                return now
            before = now
        raise BuildError(
            f"The rules of OWL still add triples after {MAX_OWL_ROUNDS} rounds",
            hint="Look for a rule that makes new things",
        )

    def _changed(self) -> set[str] | None:
        """Name the properties and classes that have gained triples; None where that cannot be told."""
        before, self._seen = self._seen, _derived(self._store)
        if before is None:
            return None
        gained = {of for of, number in self._seen.items() if number != before[of]}
        return None if any(isinstance(of, terms.Blank) for of in gained) else {of.value for of in gained}


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
        rules = [rule for rule in rules if not _ONCE.search(rule.text)]
    raise BuildError(
        f"The link rules still add triples after {MAX_LINK_ROUNDS} rounds",
        hint="Look for two rules that feed each other, or one that names its things by something that changes",
    )


def _derived(store: Store) -> Counter[terms.Term]:
    """Count the derived triples of each property, and those of each class."""
    found: Counter[terms.Term] = Counter()
    for graph in (terms.INFERRED, terms.LINKS):
        for pattern in ("?x ?of ?y", "?x a ?of"):
            query = f"SELECT ?of (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ {pattern} }} }} GROUP BY ?of"
            found.update({of: int(number.value) for of, number in store.select(query)})
    return found


def _orders(subject: URIRef | BNode, object_: URIRef | BNode | Literal) -> bool:
    named = isinstance(subject, URIRef) and isinstance(object_, URIRef)
    return named and subject != object_ and subject not in _TRIVIAL and object_ not in _TRIVIAL

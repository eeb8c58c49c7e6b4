"""How often each class and each property is used in a release: counted in its store, and read again from its catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kg.catalogue.writing import Facts, iri, typed
from kg.store import Store
from kg.terms import Iri

PARTITIONS = {
    "class": ("SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x FILTER(isIRI(?x)) } GROUP BY ?x", "entities"),
    "property": ("SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x", "triples"),
}

Parts = dict[str, Counter[str]]  # "class" and "property": how often each is used


def count(store: Store) -> Parts:
    """Count how often each class and each property is used in the default graph of a store."""
    return {
        kind: Counter({row[0].value: int(row[1].value) for row in store.query(query)})
        for kind, (query, _) in PARTITIONS.items()
    }


def read(text: bytes) -> tuple[Parts, str]:
    """Read from the catalogue of a release how often each class and each property is used, and when the build began."""
    parts: Parts = {}
    with Store.memory() as store:
        store.load(text, format="ttl", graph=None, source="catalogue.ttl")
        for kind, (_, measure) in PARTITIONS.items():
            query = f"SELECT ?x ?n {{ ?part <{iri(f'void:{kind}')}> ?x ; <{iri(f'void:{measure}')}> ?n }}"
            parts[kind] = Counter({row[0].value: int(row[1].value) for row in store.query(query)})
        began = store.query(f"SELECT ?began {{ ?build <{iri('prov:startedAtTime')}> ?began }}")
        return parts, next((row[0].value for row in began), "")


def partition(counted: Counter[str], kind: str, release: str) -> Iterator[tuple[str, Facts]]:
    """Yield the parts of the data set that have one class, or one property, with their size."""
    measure = PARTITIONS[kind][1]
    for number, (one, size) in enumerate(sorted((+counted).items()), 1):
        size_of_it = {f"void:{kind}": Iri(one), f"void:{measure}": typed(size, "integer")}
        yield f"{release}#{kind}-{number}", {"rdf:type": iri("void:Dataset"), **size_of_it}

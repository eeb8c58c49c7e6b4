"""How often each class and each property is used in a release: counted in its store, and read again from its catalogue."""

from collections import Counter

from kg.store import Store

Parts = dict[str, Counter[str]]  # "class" and "property": how often each is used
_COUNTED = {
    "class": "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x FILTER(isIRI(?x)) } GROUP BY ?x",
    "property": "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x",
}
_DESCRIBED = """PREFIX void: <http://rdfs.org/ns/void#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?kind ?value ?size {
  { ?part void:class ?value ; void:entities ?size BIND ("class" AS ?kind) }
  UNION { ?part void:property ?value ; void:triples ?size BIND ("property" AS ?kind) }
  UNION { ?build prov:startedAtTime ?value BIND ("started" AS ?kind) BIND (1 AS ?size) }
}"""


def count(store: Store) -> Parts:
    """Count how often each class and each property is used in the default graph of a store."""
    return {
        kind: Counter({term.value: int(size.value) for term, size in store.select(query)})
        for kind, query in _COUNTED.items()
    }


def read(text: bytes) -> tuple[Parts, str]:
    """Read from the catalogue of a release how often each class and each property is used, and when the build began."""
    parts: Parts = {"class": Counter(), "property": Counter(), "started": Counter()}
    with Store.memory() as store:
        store.load(text, format="ttl", graph=None, source="catalogue.ttl")
        for kind, value, size in store.select(_DESCRIBED):
            parts[kind.value][value.value] = int(size.value)
    return parts, next(iter(parts.pop("started")), "")

"""The types of things that names are matched with, and the queries that tell which things and which properties they have."""

from __future__ import annotations

from typing import NamedTuple

from kg import terms
from kg.languages import N_

_PREFIXES = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in ("ans", "rdfs", "skos"))


class Kind(NamedTuple):
    """A type: its id among ours, what it is called, one sentence, and the pattern of its things (`?thing`) in SPARQL."""

    id: str
    name: str
    told: str
    pattern: str


KINDS = (
    Kind("ans:State", N_("State"), N_("A State of today."), "?thing a ans:State"),
    Kind("ans:TreatyBody", N_("Treaty body"), N_("A committee that monitors a treaty."), "?thing a ans:TreatyBody"),
    Kind(
        "ans:Organisation",
        N_("Organ or organisation"),
        N_("An organ or court of a State, an international body, a medium or another organisation; never a person."),
        "?thing a ans:Organisation",
    ),
    Kind(
        "ans:Treaty", N_("Treaty"), N_("A treaty, with its protocols as treaties of their own."), "?thing a ans:Treaty"
    ),
    Kind(
        "ans:Provision", N_("Article"), N_("An article of a treaty or law, or a part of one."), "?thing a ans:Provision"
    ),
    Kind(
        "ans:Place", N_("Place"), N_("A place in which something happened, or what it lies in."), "?thing a ans:Place"
    ),
    Kind(
        "scheme/right",
        N_("Right"),
        N_("A right that articles protect, from the scheme of rights."),
        f"?thing skos:inScheme <{terms.SCHEME}right>",
    ),
    Kind(
        "act-class",
        N_("Kind of act"),
        N_("A class of acts of the ontology, such as torture."),
        "?thing rdfs:subClassOf ans:Act . FILTER (?thing != ans:Act)",
    ),
)
BY_ID = {kind.id: kind for kind in KINDS}

# The article that each provision is, of which treaty or law: an article is also called by the other names of its instrument.
ARTICLES = (
    f"{_PREFIXES}SELECT ?thing ?instrument ?article {{ {{ ?thing ans:isProvisionOf ?instrument }} UNION"
    " { ?thing ans:isProvisionOf/ans:isVersionOf ?instrument } ?thing ans:article ?article }"
)

HEDGE = " as reported"  # ends the names of some classes of acts; people look for what stands before it
# A committee is also called by the treaty that it monitors: CAT Committee.
MONITORED = f"{_PREFIXES}SELECT ?thing ?name {{ ?treaty ans:isMonitoredBy ?thing ; ans:shortName ?name }}"
# Properties of SKOS, which has no names of its own in the graph.
PLAIN = {
    f"{terms.PREFIXES['skos']}{name}": called
    for name, called in (
        ("altLabel", "also called"),
        ("broader", "broader"),
        ("definition", "definition"),
        ("exactMatch", "the same as"),
        ("notation", "code"),
        ("prefLabel", "name"),
    )
}


def things(kind: Kind) -> str:
    """Write the query for the things of a type, with the names and codes that are stated of them."""
    return (
        f"{_PREFIXES}SELECT DISTINCT ?thing ?name (LANG(?name) AS ?language) {{ {{ {kind.pattern} }}"
        f' FILTER (ISIRI(?thing) && STRSTARTS(STR(?thing), "{terms.BASE}"))'
        " ?thing skos:prefLabel|skos:altLabel|ans:isoCode|ans:shortName ?name } ORDER BY ?thing ?language"
    )


def properties(kind: Kind) -> str:
    """Write the query for the properties that are stated of things of a type, with their names and definitions."""
    return (
        f"{_PREFIXES}SELECT ?property (SAMPLE(?called) AS ?name) (SAMPLE(?meant) AS ?told) {{"
        f" {{ SELECT DISTINCT ?property {{ {{ {kind.pattern} }} ?thing ?property ?value }} }}"
        ' OPTIONAL { ?property skos:prefLabel ?called FILTER (LANG(?called) = "en") }'
        ' OPTIONAL { ?property skos:definition ?meant FILTER (LANG(?meant) = "en") } }'
        " GROUP BY ?property ORDER BY ?name"
    )


def values(iris: list[str], wanted: list[str]) -> str:
    """Write the query for the values that some things have of some properties, with the names of those that are things."""
    listed, named = (" ".join(terms.write(terms.Iri(iri)) for iri in some) for some in (iris, wanted))
    return (
        f"{_PREFIXES}SELECT DISTINCT ?thing ?property ?value ?name {{ VALUES ?thing {{ {listed} }}"
        f" VALUES ?property {{ {named} }} ?thing ?property ?value"
        ' OPTIONAL { ?value skos:prefLabel ?name FILTER (LANG(?name) = "en") } }'
        " ORDER BY ?thing ?property ?value"
    )

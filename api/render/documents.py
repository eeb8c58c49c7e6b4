"""What an RDF document says of itself: what it is about, under which licence, and of which release it was made.

A document is told apart from what it is about by its own IRI: that of the page, or with its suffix where page and thing share one.
"""

from __future__ import annotations

from collections.abc import Iterable

from kg import catalogue, terms
from kg.catalogue import Things
from kg.release import Release
from kg.terms import Iri, Term

FACTS = "?document ?tells ?told"  # the variables of what a document says of itself


def describe(source: Release, path: str, topic: str, suffix: str) -> Things:
    """Say of the document at a path, in the format of a suffix, what it is about, and from what and when it was made.

    A release never changes, so what is made of it is as old as the release.
    """
    own = terms.BASE + path.lstrip("/")
    facts: dict[str, Term] = {
        "rdf:type": catalogue.iri("foaf:Document"),
        "foaf:primaryTopic": Iri(topic),
        "void:inDataset": Iri(catalogue.DATASET),
        "prov:wasDerivedFrom": Iri(terms.RELEASE + source.id),
        "prov:generatedAtTime": catalogue.typed(source.manifest["created"], "dateTime"),
    }
    if not source.manifest["plain"]:
        facts |= {"dcterms:license": Iri(terms.LICENCE), "dcterms:publisher": Iri(catalogue.PUBLISHER)}
    return {own if own != topic else f"{own}.{suffix}": facts}


def put(query: str, variables: str, rows: Iterable[Iterable[Term]]) -> str:
    """Put rows into the query of a page where it leaves room for them: an empty VALUES of these variables."""
    written = " ".join(f"({' '.join(map(terms.write, row))})" for row in rows)
    return query.replace(f"VALUES ({variables}) {{}}", f"VALUES ({variables}) {{ {written} }}")

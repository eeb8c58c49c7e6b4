"""Compares the facts of a release of version 0.1 with those of one built from migrated data: `compare.py OLD NEW [LIST]`.

OLD and NEW are dumps of the two releases (`dumps/answerable.nq.gz`). It prints how many facts of a kind stand in one of them alone, and writes
each to the file LIST. Old terms count as those in their place, and a named person as the name, because the IRI of the person has changed.
"""

import gzip
import sys
from collections import Counter
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

BASE = "https://w3id.org/answerable/"
TERM = f"{BASE}ontology#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
REPLACED = "http://purl.org/dc/terms/isReplacedBy"
VOCABULARY = ("ontology/", "shapes/")  # graphs below graph/ that hold no data


def facts(dump: Path) -> set[tuple[str, str, str]]:
    """Read a dump: subject, property and value of each fact in terms of the ontology, and the names of things."""
    with gzip.open(dump) as file:
        quads = [
            (one.subject, one.predicate.value, one.object)
            for one in parse(file, format=RdfFormat.N_QUADS)
            if not str(one.graph_name.value).removeprefix(f"{BASE}graph/").startswith(VOCABULARY)
        ]
    persons = {s.value: o.value for s, p, o in quads if p == LABEL and s.value.startswith(f"{BASE}id/person/")}
    instead = replacements()

    def told(term: object) -> str:
        value = getattr(term, "value", str(term))
        if not isinstance(term, NamedNode):
            return f"{value}@{term.language}" if getattr(term, "language", None) else value
        return instead.get(value, persons.get(value, value).removeprefix(BASE)).removeprefix("ontology#")

    return {
        (told(s), "is a" if p == TYPE else told(NamedNode(p)).rpartition("#")[2], told(o))
        for s, p, o in quads
        if p.startswith(TERM) or p == LABEL or (p == TYPE and o.value.startswith(TERM))
    }


def replacements() -> dict[str, str]:
    """Read which term stands in the place of each deprecated one, both without the namespace as values."""
    ontology = Path(__file__).parents[1] / "deprecated.ttl"
    triples = parse(path=ontology, format=RdfFormat.TURTLE, base_iri=BASE)
    return {
        one.subject.value: one.object.value.removeprefix(TERM) for one in triples if one.predicate.value == REPLACED
    }


def kind(fact: tuple[str, str, str]) -> str:
    """Name the kind of fact: the kind of its subject, the property, and the class where it is one."""
    subject, link, value = fact
    parts = subject.split("/")
    return " ".join([parts[1] if len(parts) > 2 else "person", link, value if link == "is a" else ""]).strip()


def main(old: Path, new: Path, to: Path | None = None) -> None:
    """Print the differences by kind, most first; write each to a file where one is named."""
    before, after = facts(old), facts(new)
    sides = [("only before", before - after), ("only after", after - before)]
    print(f"{len(before & after):8} in both")
    for name, those in sides:
        for what, count in sorted(Counter(map(kind, those)).items(), key=lambda one: (-one[1], one[0])):
            print(f"{count:8} {name}: {what}")
    if to:
        lines = [f"{name}: {' '.join(fact)}" for name, those in sides for fact in sorted(those)]
        to.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(
            "Give two dumps, that of the old release and that of the new one, and a file for the list if you want it"
        )
    main(*map(Path, sys.argv[1:]))

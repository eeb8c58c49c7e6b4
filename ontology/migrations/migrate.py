"""Runs the migration over the Turtle files in one folder and writes the same files to another: `migrate.py OLD NEW`."""

import sys
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store

UPDATE = Path(__file__).with_name("0.1-to-2.0.ru")
BASE = "https://w3id.org/answerable/"
SPACES = {
    "ans": "https://w3id.org/answerable/ontology#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def migrate(old: Path, new: Path) -> None:
    """Migrate all files together, each in a graph of its own, so that it stays one file."""
    store = Store()
    files = {path.relative_to(old): NamedNode(f"urn:file:{n}") for n, path in enumerate(sorted(old.rglob("*.ttl")))}
    for name, graph in files.items():
        store.load(path=old / name, format=RdfFormat.TURTLE, base_iri=BASE, to_graph=graph)
    store.update(UPDATE.read_text(encoding="utf-8"))
    for name, graph in files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        store.dump(new / name, RdfFormat.TURTLE, from_graph=graph, prefixes=SPACES)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Give two folders: that of the old files and that of the new ones")
    migrate(*map(Path, sys.argv[1:]))

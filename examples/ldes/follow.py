"""Follow the event stream of Answerable (LDES) and hold a copy of its graph that is equal to that of the last release.

    python follow.py https://…/changes/ldes copy/

The first run reads all pages; each later one reads the pages that came since. It needs httpx and rdflib, and nothing of Answerable.
`copy/graph.nt` is the graph. `copy/things.nq` is the same with one named graph for each thing, so that the next version of a thing can take the
place of the last one, and `copy/pages.json` lists the pages at which the releases begin that were read.

What the stream says, and what this does with it:

- A page never changes, so it is read once.
- A member is a version: `dcterms:isVersionOf` names its thing, `prov:generatedAtTime` its time, `dcterms:type` what happened
  (as:Create, as:Update, as:Delete). All else that is said of it is what the release says of the thing.
- A deletion may say something: what is left of a thing that was withdrawn, its tombstone. Its earlier versions must go.
- A thing below `.well-known/genid/` is a blank node.
- Where a page that was read is not in the stream any more, a release was removed, because people had to be protected. Then the copy is
  thrown away and made anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import rdflib
from rdflib import DCTERMS, PROV, BNode, Dataset, Graph, Namespace, URIRef

rdflib.NORMALIZE_LITERALS = False  # a copy changes nothing

TREE = Namespace("https://w3id.org/tree#")
OF_VERSION = {DCTERMS.isVersionOf, DCTERMS.type, PROV.generatedAtTime}
GENID = "/.well-known/genid/"

Triple = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]
Fetch = Callable[[str], str]  # an address -> its page as Turtle


class Replica:
    """A copy of the graph, thing by thing."""

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch
        self.things: dict[URIRef, list[Triple]] = {}  # what is said of each
        self.pages: list[str] = []  # the first one of each release that was read

    def follow(self, address: str) -> int:
        """Read the pages that are new; return how many versions they held."""
        firsts = [page for _, page in sorted(self._relations(self._read(address), address))]
        if not set(self.pages) <= set(firsts):
            self.things, self.pages = {}, []
        count = 0
        for first in firsts:
            page = first if first not in self.pages else None
            while page is not None:
                graph = self._read(page)
                count += self._apply(graph)
                page = next((other for _, other in self._relations(graph, page)), None)
            self.pages += [first] if first not in self.pages else []
        return count

    def _read(self, address: str) -> Graph:
        return Graph().parse(data=self.fetch(address), format="turtle", publicID=address)

    @staticmethod
    def _relations(graph: Graph, page: str) -> Iterator[tuple[str, str]]:
        """Yield when the versions behind each relation of a page begin, and the page it leads to."""
        for relation in graph.objects(URIRef(page), TREE.relation):
            if (relation, rdflib.RDF.type, TREE.GreaterThanOrEqualToRelation) in graph:
                yield str(graph.value(relation, TREE.value)), str(graph.value(relation, TREE.node))

    def _apply(self, graph: Graph) -> int:
        """Put each version of a page in the place of the one before."""
        members = list(graph.objects(None, TREE.member))
        for version in members:
            thing = URIRef(graph.value(version, DCTERMS.isVersionOf))
            self.things[thing] = [
                (thing, link, value) for link, value in graph.predicate_objects(version) if link not in OF_VERSION
            ]
        return len(members)

    def graph(self) -> Graph:
        """Make the graph of the last release: what is said of all things together."""
        whole = Graph()
        for said in self.things.values():
            for subject, link, value in said:
                whole.add((_own(subject), link, _own(value)))
        return whole

    def save(self, folder: Path) -> None:
        """Write the copy into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        things = Dataset()
        for thing, said in self.things.items():
            things.addN((*triple, things.graph(thing)) for triple in said)
        things.serialize(folder / "things.nq", format="nquads", encoding="utf-8")
        self.graph().serialize(folder / "graph.nt", format="nt", encoding="utf-8")
        (folder / "pages.json").write_text(json.dumps(self.pages, indent=1), encoding="utf-8")

    def load(self, folder: Path) -> None:
        """Read a copy that was written before, if there is one."""
        if (folder / "pages.json").exists():
            things = Dataset()
            things.parse(folder / "things.nq", format="nquads")
            for subject, link, value, thing in things.quads():
                self.things.setdefault(thing, []).append((subject, link, value))
            self.pages = json.loads((folder / "pages.json").read_text(encoding="utf-8"))


def _own(term: rdflib.term.Node) -> rdflib.term.Node:
    """Turn the IRI that a blank node got for the way into a blank node."""
    return BNode(term.partition(GENID)[2]) if isinstance(term, URIRef) and GENID in term else term


def main(address: str, folder: str) -> None:
    """Bring the copy in a folder up to date."""
    with httpx.Client(headers={"Accept": "text/turtle"}, timeout=60, follow_redirects=True) as client:
        replica = Replica(lambda page: client.get(page).raise_for_status().text)
        replica.load(Path(folder))
        count = replica.follow(address)
        replica.save(Path(folder))
    print(f"{count} new versions; {len(replica.pages)} releases; {len(replica.graph())} triples")


if __name__ == "__main__":
    main(*sys.argv[1:])

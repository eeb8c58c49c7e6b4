"""What a release states around the things of a file: the vocabulary, the shapes, and the descriptions that the shapes may look at."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator

from kg import terms
from kg.build.inputs import Source
from kg.store import Store
from kg.terms import Quad

DATA = terms.GRAPH + "data/"
MOST_THINGS = 5_000  # of a release that are looked at around the things of one file
_AT_ONCE = 200


def sources(release: Store) -> list[Source]:
    """Read the vocabulary and the shapes of a release, as the sources that a check reads."""
    found = []
    for graph in sorted(release.graphs()):
        name = graph.removeprefix(terms.GRAPH)
        if name.startswith(("ontology/", "shapes/")):
            target = io.BytesIO()
            release.dump(target, format="nt", graph=graph)
            found.append(Source(None, name, graph, "nt", target.getvalue()))  # type: ignore[arg-type]
    return found


def around(release: Store, things: Collection[str], far: int, endless: Collection[str]) -> tuple[list[Quad], bool]:
    """Collect what a release states of some things and of those that they lead to, in so many links.

    The links in `endless` are followed without end. Tells too whether all was collected within MOST_THINGS.
    """
    found: dict[Quad, None] = {}
    seen, edge = {*things}, {*things}
    for _ in range(far + 1):
        following: set[str] = set()
        while edge:
            nearer: set[str] = set()
            for quad in _stated(release, edge):
                found[quad] = None
                iri = quad[2].value
                if isinstance(quad[2], terms.Iri) and iri.startswith(terms.BASE) and iri not in seen:
                    seen.add(iri)
                    (nearer if quad[1].value in endless else following).add(iri)
                if len(seen) > MOST_THINGS:
                    return [*found], False
            edge = nearer
        edge = following
    return [*found], True


def _stated(release: Store, things: Collection[str]) -> Iterator[Quad]:
    wanted = sorted(things)
    for start in range(0, len(wanted), _AT_ONCE):
        listed = " ".join(terms.write(terms.Iri(iri)) for iri in wanted[start : start + _AT_ONCE])
        query = f'SELECT ?s ?p ?o ?g {{ VALUES ?s {{ {listed} }} GRAPH ?g {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?g), "{DATA}")) }}'
        for s, p, o, g in release.query(query):
            yield s, p, o, g.value

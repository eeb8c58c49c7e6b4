"""A finished release put into a SPARQL server, graph by graph, and the note that says that the server holds the whole of it.

    release/<id>/graph/<n>   each named graph of the release
    release/<id>/merge       the merge of them, each triple once: the default graph of queries
    release/<id>/names       which graph of the release each <n> is
    release/<id>/whole       the note: the SHA-256 of the manifest; written last, removed first

Guarantees that the releases which the server held answer as before, at whatever moment the upload ends, and that a release is
noted as whole only once every graph has the number of triples that it should have. Run again, it goes on where it ended. Two
uploads to one server at the same time are not kept apart.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Collection
from pathlib import Path

from kg import release as releases
from kg import terms
from kg.errors import EngineFailed, ReleaseCorrupt
from kg.release import Release
from kg.remote.server import Server
from kg.store import Store, write_triples
from kg.terms import Iri, Literal

NAMED_BY = terms.PREFIXES["prov"] + "specializationOf"  # from a graph in a server to the graph of the release
VALUE, WRITTEN = terms.PREFIXES["prov"] + "value", terms.PREFIXES["dcterms"] + "created"
HINT = "Put it there with `kg publish --to URL`"
PATIENCE = 3600.0  # seconds that one request may take
AT_ONCE = 20_000  # triples in one request
SENDING = 0.7  # the part of the work that is over when every graph is there
_BLANK = re.compile(rb"(?:^|(?<=> ))_:", re.MULTILINE)  # a blank node as a subject or an object, not within a text

Progress = Callable[[float, str], None]  # how much is done, from 0 to 1, and a line for people


class Layout:
    """What a server must hold to answer for a release: its graphs, and the name under which the server holds each.

    `total` is the number of triples of the release, `graphs` gives that of each named graph, `held` the server's name for each.
    """

    def __init__(self, folder: Path) -> None:
        """Read it from the manifest of a release folder. Raises ReleaseCorrupt."""
        release = Release(folder)
        self.release, self.sha256, triples = release.id, release.sha256, release.manifest["triples"]
        self.total, self.graphs = triples["total"], dict(triples["graphs"])
        self.subject = terms.RELEASE + self.release
        self.merge, self.names, self.whole = (
            terms.part_of_release(self.release, part) for part in ("merge", "names", "whole")
        )
        numbered = enumerate(sorted(self.graphs))
        self.held = {graph: terms.part_of_release(self.release, f"graph/{number}") for number, graph in numbered}
        self._identity = Iri(self.subject), Iri(VALUE), Literal(self.sha256)

    def write_names(self) -> bytes:
        """Write the content of the graph `names`, as N-Triples."""
        held = [(Iri(held), Iri(NAMED_BY), Iri(graph)) for graph, held in self.held.items()]
        return write_triples([self._identity, *held], "nt", {})

    def write_note(self) -> bytes:
        """Write the content of the graph `whole`, as N-Triples."""
        # As plain text, of which no server changes the digits: their order is that of the uploads.
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        return write_triples([self._identity, (Iri(self.subject), Iri(WRITTEN), Literal(now))], "nt", {})

    async def is_in(self, server: Server, graph: str, *, seconds: float) -> bool:
        """Say whether a graph of the server is of this very release: `names` once it is begun, `whole` once all is there."""
        text = f'ASK FROM <{graph}> WHERE {{ <{self.subject}> <{VALUE}> "{self.sha256}" }}'
        return await server.ask(text, seconds=seconds)

    async def confirm(self, server: Server, *, seconds: float) -> None:
        """Raise EngineFailed unless the server holds this very release whole."""
        if not await self.is_in(server, self.whole, seconds=seconds):
            raise EngineFailed(f"The engine does not hold the release {self.release}", where=server.url, hint=HINT)

    async def check(self, server: Server, graph: str, triples: int, name: str, *, seconds: float) -> None:
        """Raise EngineFailed unless a graph of the server has that many triples."""
        counted = await server.count(graph, seconds=seconds)
        if counted != triples:
            raise EngineFailed(
                f"The engine holds {counted:,} triples of {name}, which has {triples:,}",
                where=server.url,
                hint="Publish again; if that ends the same way, the server drops or changes triples: use another",
            )


async def upload(server: Server, release: Release, progress: Progress = lambda done, text: None) -> None:
    """Put a release into a server, and remove all releases there but it and the one put there before it, unless that was removed here.

    Raises ReleaseCorrupt, and EngineFailed when the server does not take it whole.
    """
    progress(0.0, f"Verifying the release {release.id}")
    if problems := releases.verify(release):
        raise ReleaseCorrupt(f"The release {release.id} is damaged: {problems[0]}", where=str(release.path))
    layout = Layout(release.path)
    if not await layout.is_in(server, layout.names, seconds=PATIENCE):
        await _remove(server, layout.release)
        await server.put(layout.names, layout.write_names(), seconds=PATIENCE)
    with Store.open(release.store_path) as store:
        await _send_graphs(server, layout, store, progress)
    if await server.count(layout.merge, seconds=PATIENCE) != layout.total:
        await _merge_graphs(server, layout, progress)
    if not await layout.is_in(server, layout.whole, seconds=PATIENCE):
        await server.put(layout.whole, layout.write_note(), seconds=PATIENCE)
    await layout.confirm(server, seconds=PATIENCE)
    gone = {one.id for one in releases.removed(release.path.parent)}
    await _clear(server, layout.release, gone)
    progress(1.0, f"The server holds the release {layout.release}: {layout.total:,} triples")


async def _send_graphs(server: Server, layout: Layout, store: Store, progress: Progress) -> None:
    """Upload the graphs that are not there yet."""
    done, work = 0, sum(layout.graphs.values())
    for number, (graph, triples) in enumerate(sorted(layout.graphs.items()), start=1):
        progress(SENDING * done / work, f"Uploading graph {number} of {len(layout.graphs)}, {triples:,} triples")
        if await server.count(layout.held[graph], seconds=PATIENCE) != triples:
            await server.drop(layout.whole, seconds=PATIENCE)
            await _send(server, layout.held[graph], _triples(store, graph))
            await layout.check(server, layout.held[graph], triples, graph, seconds=PATIENCE)
        done += triples


async def _merge_graphs(server: Server, layout: Layout, progress: Progress) -> None:
    """Merge the graphs in the server, so that a blank node is the same one in its graph and in the merge."""
    for graph in (layout.whole, layout.merge):
        await server.drop(graph, seconds=PATIENCE)
    done, work = 0, sum(layout.graphs.values())
    for number, (graph, triples) in enumerate(sorted(layout.graphs.items()), start=1):
        progress(SENDING + (1 - SENDING) * done / work, f"Merging graph {number} of {len(layout.graphs)}")
        await server.update(f"ADD GRAPH <{layout.held[graph]}> TO GRAPH <{layout.merge}>", seconds=PATIENCE)
        done += triples
    await layout.check(server, layout.merge, layout.total, "the merge of all graphs", seconds=PATIENCE)


def _triples(store: Store, graph: str) -> list[bytes]:
    """Write a graph as lines of N-Triples."""
    buffer = io.BytesIO()
    store.dump(buffer, format="nt", graph=graph)
    return buffer.getvalue().splitlines(keepends=True)


async def _send(server: Server, graph: str, lines: list[bytes]) -> None:
    """Make lines of N-Triples the content of a graph, in one request if they share blank nodes."""
    step = len(lines) if any(_BLANK.search(line) for line in lines) else AT_ONCE
    await server.put(graph, b"".join(lines[:step]), seconds=PATIENCE)
    for start in range(step, len(lines), step or 1):
        await server.put(graph, b"".join(lines[start : start + step]), seconds=PATIENCE, method="POST")


async def _clear(server: Server, release: str, gone: Collection[str]) -> None:
    """Remove what uploads left there, but for a release and the last one that was made whole before it and is not `gone`."""
    whole, begun = await _list(server, "whole", WRITTEN), await _list(server, "names", NAMED_BY)
    others = sorted((written, other) for other, written in whole.items() if other not in {release, *gone})
    stay = {release, *(other for _, other in others[-1:])}
    for other in sorted((begun.keys() | whole.keys()) - stay):
        await _remove(server, other)


async def _list(server: Server, part: str, predicate: str) -> dict[str, str]:
    """List the releases of which a server has a part, each with a value that is stated in it."""
    text = f"SELECT ?g (MAX(?o) AS ?value) WHERE {{ GRAPH ?g {{ ?s <{predicate}> ?o }} }} GROUP BY ?g"
    found = {}
    for row in await server.select(text, seconds=PATIENCE):
        name, _, last = row.get("g", "").removeprefix(terms.RELEASE).partition("/")
        if last == part and row["g"].startswith(terms.RELEASE):
            found[name] = row["value"]
    return found


async def _remove(server: Server, release: str) -> None:
    """Remove all graphs of a release: the note first, and the names of the others last."""
    whole, merge, names, graphs = (
        terms.part_of_release(release, part) for part in ("whole", "merge", "names", "graph/")
    )
    rows = await server.select(f"SELECT ?g FROM <{names}> WHERE {{ ?g <{NAMED_BY}> ?o }}", seconds=PATIENCE)
    held = [row["g"] for row in rows if row["g"].startswith(graphs)]
    for graph in (whole, merge, *held, names):
        await server.drop(graph, seconds=PATIENCE)

"""A finished release put into a SPARQL server, graph by graph.

Guarantees that the releases which the server held answer as before, at whatever moment the upload ends, and that a release is
noted as whole only once every graph has the number of triples that it should have. Run again, it goes on where it ended. Two
uploads to one server at the same time are not kept apart.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from kg import release as releases
from kg import terms
from kg.errors import EngineFailed, ReleaseCorrupt
from kg.release import Release
from kg.remote.layout import NAMED_BY, WRITTEN, Layout
from kg.remote.server import Server
from kg.store import Store

PATIENCE = 3600.0  # seconds that one request may take
AT_ONCE = 20_000  # triples in one request
SENDING = 0.7  # the part of the work that is over when every graph is there
_BLANK = re.compile(rb"(?:^|(?<=> ))_:", re.MULTILINE)  # a blank node as a subject or an object, not within a text

Progress = Callable[[float, str], None]  # how much is done, from 0 to 1, and a line for people


async def upload(server: Server, release: Release, progress: Progress = lambda done, text: None) -> None:
    """Put a release into a server, and remove all releases there but it and the one put there before it.

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
    await _clear(server, layout.release)
    progress(1.0, f"The server holds the release {layout.release}: {layout.total:,} triples")


async def _send_graphs(server: Server, layout: Layout, store: Store, progress: Progress) -> None:
    """Upload the graphs that are not there yet."""
    done, work = 0, sum(layout.graphs.values())
    for number, (graph, triples) in enumerate(sorted(layout.graphs.items()), start=1):
        progress(SENDING * done / work, f"Uploading graph {number} of {len(layout.graphs)}, {triples:,} triples")
        if await server.count(layout.held[graph], seconds=PATIENCE) != triples:
            await server.drop(layout.whole, seconds=PATIENCE)
            await _send(server, layout.held[graph], _triples(store, graph))
            await _check(server, layout.held[graph], triples, graph)
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
    await _check(server, layout.merge, layout.total, "the merge of all graphs")


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
        await server.add(graph, b"".join(lines[start : start + step]), seconds=PATIENCE)


async def _check(server: Server, held: str, triples: int, name: str) -> None:
    counted = await server.count(held, seconds=PATIENCE)
    if counted != triples:
        raise EngineFailed(
            f"The engine holds {counted:,} triples of {name}, which has {triples:,}",
            where=server.url,
            hint="Publish again; if that ends the same way, the server drops or changes triples: use another",
        )


async def _clear(server: Server, release: str) -> None:
    """Remove what uploads left there, but for a release and the last one that was made whole before it."""
    whole, begun = await _list(server, "whole", WRITTEN), await _list(server, "names", NAMED_BY)
    others = sorted((written, other) for other, written in whole.items() if other != release)
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

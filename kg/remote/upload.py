"""A finished release put into a SPARQL server, and the note that says that the server holds the whole of it.

    release/<id>/merge   the triples of the release, each once: the default graph of queries
    release/<id>/whole   the note: the SHA-256 of the manifest; written last, removed first

Guarantees that the releases which the server held answer as before, at whatever moment the upload ends, and that a release is
noted as whole only once it has the number of triples that it should have. Two uploads to one server at the same time are not
kept apart.
"""

import datetime
import itertools
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

VALUE, WRITTEN = terms.PREFIXES["prov"] + "value", terms.PREFIXES["dcterms"] + "created"
HINT = "Put it there with `kg publish --to URL`"
MERGE, NOTE = "merge", "whole"  # the graphs of a release there, by the ends of their names
AT_ONCE = 20_000  # triples in one request
_BLANK = re.compile(rb"(?:^|(?<=> ))_:", re.MULTILINE)  # a blank node as a subject or an object, not within a text

Progress = Callable[[float, str], None]  # how much is done, from 0 to 1, and a line for people


class Layout:
    """What a server must hold to answer for the release in a folder: its graphs there, and the number of its triples."""

    def __init__(self, folder: Path) -> None:
        release = Release(folder)
        self.release, self.sha256, self.total = release.id, release.sha256, release.manifest["triples"]["total"]
        self.merge, self.whole = (terms.part_of_release(self.release, part) for part in (MERGE, NOTE))
        self._subject = terms.RELEASE + self.release

    def write_note(self) -> bytes:
        """Write the content of the graph `whole`, as N-Triples."""
        # The time is plain text, of which no server changes the digits: their order is that of the uploads.
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        values = {VALUE: self.sha256, WRITTEN: now}
        note = [(Iri(self._subject), Iri(predicate), Literal(value)) for predicate, value in values.items()]
        return write_triples(note, "nt", {})

    async def is_in(self, server: Server) -> bool:
        """Say whether a server holds this very release whole."""
        text = f'ASK {{ <{self._subject}> <{VALUE}> "{self.sha256}" }}'
        return await server.ask(text, graph=self.whole)

    async def confirm(self, server: Server) -> None:
        """Raise EngineFailed unless the server holds this very release whole."""
        if not await self.is_in(server):
            raise EngineFailed(f"The engine does not hold the release {self.release}", where=server.url, hint=HINT)

    async def count(self, server: Server) -> str:
        """Ask a server how many triples it has of the release; its answer as it is."""
        rows = await server.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", graph=self.merge)
        return rows[0].get("n", "no") if rows else "no"

    async def check(self, server: Server) -> None:
        """Raise EngineFailed unless the server has as many triples as the release."""
        counted = await self.count(server)
        if counted != str(self.total):
            raise EngineFailed(
                f"The engine holds {counted} triples of the release {self.release}, which has {self.total}",
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
    is_there = await layout.is_in(server)
    if not is_there or await layout.count(server) != str(layout.total):
        await server.drop(layout.whole)
        with Store.open(release.store_path) as store:
            await _send(server, layout, store, progress)
        await layout.check(server)
        await server.put(layout.whole, layout.write_note())
        await layout.confirm(server)
    removed = {tombstone.id for tombstone in releases.removed(release.path.parent)}
    await _clear(server, layout.release, removed)
    progress(1.0, f"The server holds the release {layout.release}: {layout.total:,} triples")


async def _send(server: Server, layout: Layout, store: Store, progress: Progress) -> None:
    """Upload the triples of a release; those with blank nodes in one request, since a label holds in one alone."""
    lines = sorted(store.dump().splitlines(keepends=True), key=lambda line: not _BLANK.search(line))
    with_blank = sum(1 for line in lines if _BLANK.search(line))
    starts = [0, *range(with_blank + AT_ONCE, len(lines), AT_ONCE)]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        progress(start / len(lines), f"Uploading {layout.total:,} triples")
        method = "POST" if start else "PUT"
        await server.put(layout.merge, b"".join(lines[start:end]), method=method)


async def _clear(server: Server, release: str, removed: Collection[str]) -> None:
    """Remove what uploads left there, but for a release and the last one that was put there before it and is not `removed`."""
    ours = f"FILTER (STRSTARTS(STR(?g), '{terms.RELEASE}'))"
    graphs = [row["g"] for row in await server.select(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} {ours} }}")]
    # The merge of a release has dates too; a note stands in the graph that is named after the release of which it speaks.
    note = f"GRAPH ?g {{ ?s <{WRITTEN}> ?written }} FILTER (STR(?g) = CONCAT(STR(?s), '/{NOTE}')) {ours}"
    notes = await server.select(f"SELECT ?s ?written {{ {note} }}")
    whole = sorted((row["written"], row["s"].removeprefix(terms.RELEASE)) for row in notes)
    others = [other for _, other in whole if other not in {release, *removed}]
    stay = {release, *others[-1:]}
    for graph in sorted(graphs, key=lambda graph: not graph.endswith(f"/{NOTE}")):  # the notes first
        if graph.removeprefix(terms.RELEASE).partition("/")[0] not in stay:
            await server.drop(graph)

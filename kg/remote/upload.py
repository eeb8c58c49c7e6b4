"""A finished release put into a SPARQL server, and the note that says that the server holds the whole of it.

    release/<id>/merge     the triples of the release, each once: the default graph of queries
    release/<id>/graph/…   a copy of each graph of the release; the servers that are tested hold one data set each, in which two
                           releases may have a graph of the same name
    release/<id>/links     which graph each copy is a copy of
    release/<id>/answers   what the store answers, to compare with (kg.remote.pins)
    release/<id>/whole     the note: the SHA-256 of the manifest; written last, removed first

Guarantees that the releases which the server held answer as before, at whatever moment the upload ends, and that a release is
noted as whole only once it has the number of triples that it should have. Two uploads to one server at the same time are not
kept apart. A blank node is another one in the merge than in the copy of its graph.
"""

import datetime
import itertools
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from urllib.parse import quote

from kg import release as releases
from kg import terms
from kg.answer.engine import InProcess
from kg.config import PROJECT
from kg.errors import EngineFailed, ReleaseCorrupt
from kg.release import Release
from kg.remote import pins
from kg.remote.pins import Pin
from kg.remote.server import Server
from kg.sparql.question import load_questions
from kg.sparql.rewrite import ORIGINAL, Copies, over_copies
from kg.store import Store, write_triples
from kg.terms import Iri, Literal

VALUE, WRITTEN = terms.PREFIXES["prov"] + "value", terms.PREFIXES["dcterms"] + "created"
HINT = "Put it there with `kg publish --to URL`"
NOTE = "whole"  # ends the name of a note
AT_ONCE = 20_000  # triples in one request
_BLANK = re.compile(rb"(?:^|(?<=> ))_:", re.MULTILINE)  # a blank node as a subject or an object, not within a text

Progress = Callable[[float, str], None]  # how much is done, from 0 to 1, and a line for people


class Layout:
    """What a server must hold to answer for the release in a folder: its graphs there, and the number of its triples."""

    def __init__(self, folder: Path) -> None:
        release = Release(folder)
        self.release, self.sha256, counts = release.id, release.sha256, release.manifest["triples"]
        self.total, self.total_of_graphs = counts["total"], sum(counts["graphs"].values())
        self._subject = terms.RELEASE + self.release
        names = ("merge", "links", "nowhere", "answers", NOTE)
        merge, links, nowhere, self.answers, self.whole = map(self._name, names)
        copies = {graph: self._name(f"graph/{_shorten(graph)}") for graph in counts["graphs"]}
        self.held = Copies(merge, links, nowhere, copies)

    def write_note(self) -> bytes:
        """Write the content of the graph `whole`, as N-Triples."""
        # The time is plain text, of which no server changes the digits: their order is that of the uploads.
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        values = {VALUE: self.sha256, WRITTEN: now}
        note = [(Iri(self._subject), Iri(predicate), Literal(value)) for predicate, value in values.items()]
        return write_triples(note, "nt", {})

    def _name(self, part: str) -> str:
        return f"{self._subject}/{part}"

    def write_pins(self, pinned: Mapping[str, Pin]) -> bytes:
        """Write the content of the graph `answers`, as N-Triples."""
        answers = [(Iri(terms.BASE + name), Iri(VALUE), Literal(" ".join(pin))) for name, pin in pinned.items()]
        return write_triples(answers, "nt", {})

    async def read_pins(self, server: Server) -> dict[str, Pin]:
        """Read what is pinned in a server."""
        rows = await server.select(f"SELECT ?name ?value {{ ?name <{VALUE}> ?value }}", graph=self.answers)
        return {row["name"].removeprefix(terms.BASE): Pin(*row["value"].split(" ")) for row in rows}

    async def confirm(self, server: Server) -> None:
        """Raise EngineFailed unless the server holds this very release whole."""
        text = f'ASK {{ <{self._subject}> <{VALUE}> "{self.sha256}" }}'
        if not await server.ask(text, graph=self.whole):
            raise EngineFailed(f"The engine does not hold the release {self.release}", where=server.url, hint=HINT)

    async def check(self, server: Server) -> None:
        """Raise EngineFailed unless the server has as many triples as the release, in the merge and in the copies."""
        for pattern, total in (("?s ?p ?o", self.total), ("GRAPH ?g { ?s ?p ?o }", self.total_of_graphs)):
            rows = await server.select(over_copies(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}", (), (), self.held))
            counted = rows[0].get("n", "no") if rows else "no"
            if counted != str(total):
                raise EngineFailed(
                    f"The engine holds {counted} triples of the release {self.release}, which has {total}",
                    where=server.url,
                    hint="Publish again; if that ends the same way, the server drops or changes triples: use another",
                )


async def upload(
    server: Server, release: Release, progress: Progress = lambda done, text: None, root: Path = PROJECT
) -> None:
    """Put a release into a server, and remove all releases there but it and the one put there before it, unless that was removed here.

    What the store answers to the questions of the release and to the queries of the project in `root` is put beside it. Raises
    ReleaseCorrupt, and EngineFailed when the server does not take it whole.
    """
    progress(0.0, f"Verifying the release {release.id}")
    if problems := releases.verify(release):
        raise ReleaseCorrupt(f"The release {release.id} is damaged: {problems[0]}", where=str(release.path))
    layout = Layout(release.path)
    is_there = await _is_whole(layout, server)
    if not is_there:
        await server.drop(layout.whole)
    if not (is_there and pins.are_of(await layout.read_pins(server), root)):
        with Store.open(release.store_path) as store:
            progress(0.0, "Asking the store what the answers of the server are compared with")
            asked = load_questions(release.questions_path, lambda error: None)
            pinned = await pins.make(InProcess(store), release.id, asked, root)
            await server.put(layout.answers, layout.write_pins(pinned))
            if not is_there:
                await _send(server, layout, store, progress)
    if not is_there:
        await layout.check(server)
        await server.put(layout.whole, layout.write_note())
        await layout.confirm(server)
    removed = {tombstone.id for tombstone in releases.removed(release.path.parent)}
    await _clear(server, layout.release, removed)
    progress(1.0, f"The server holds the release {layout.release}: {layout.total:,} triples")


async def _is_whole(layout: Layout, server: Server) -> bool:
    try:
        await layout.confirm(server)
        await layout.check(server)
    except EngineFailed:
        return False
    return True


async def _send(server: Server, layout: Layout, store: Store, progress: Progress) -> None:
    """Upload a release graph by graph; the triples with blank nodes in one request, since a label holds in one alone."""
    total, sent = layout.total + layout.total_of_graphs, 0
    links = [(Iri(copy), Iri(ORIGINAL), Iri(graph)) for graph, copy in layout.held.copies.items()]
    await server.put(layout.held.links, write_triples(links, "nt", {}))
    for copy, graph in [(layout.held.merge, None), *((copy, graph) for graph, copy in layout.held.copies.items())]:
        lines = sorted(store.dump(graph).splitlines(keepends=True), key=lambda line: not _BLANK.search(line))
        with_blank = sum(1 for line in lines if _BLANK.search(line))
        starts = [0, *range(with_blank + AT_ONCE, len(lines), AT_ONCE)]
        for start, end in itertools.pairwise([*starts, len(lines)]):
            progress(sent / total, f"Uploading {total:,} triples")
            await server.put(copy, b"".join(lines[start:end]), method="POST" if start else "PUT")
            sent += end - start


def _shorten(graph: str) -> str:
    return graph.removeprefix(terms.GRAPH) if graph.startswith(terms.GRAPH) else quote(graph, safe="")


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

"""The graphs in which a server holds a release, and the note that says it holds the whole of it.

    release/<id>/graph/<n>   each named graph of the release
    release/<id>/merge       the merge of them, each triple once: the default graph of queries
    release/<id>/names       which graph of the release each <n> is
    release/<id>/whole       the note: the SHA-256 of the manifest; written last, removed first

No two releases share a graph, so one can be uploaded while another answers.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
from pathlib import Path

from kg import terms
from kg.errors import EngineFailed, ReleaseCorrupt
from kg.release import MANIFEST
from kg.remote.server import Server
from kg.store import write_triples
from kg.terms import Iri, Literal

NAMED_BY = terms.PREFIXES["prov"] + "specializationOf"  # from a graph in a server to the graph of the release
VALUE, WRITTEN = terms.PREFIXES["prov"] + "value", terms.PREFIXES["dcterms"] + "created"
HINT = "Put it there with `kg publish --to URL`"


class Layout:
    """What a server must hold to answer for a release: its graphs, and the name under which the server holds each.

    `total` is the number of triples of the release, `graphs` gives that of each named graph, `held` the server's name for each.
    """

    def __init__(self, folder: Path) -> None:
        """Read it from the manifest of a release folder. Raises ReleaseCorrupt."""
        where = folder / MANIFEST
        try:
            data = where.read_bytes()
            manifest = json.loads(data)
            self.release, triples = manifest["id"], manifest["triples"]
            self.total, self.graphs = triples["total"], dict(triples["graphs"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseCorrupt(f"The manifest cannot be read ({error})", where=str(where)) from None
        self.sha256 = hashlib.sha256(data).hexdigest()
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


def require(server: Server, folder: Path) -> None:
    """Raise EngineFailed unless a server holds the release of a folder; not within an event loop."""
    asyncio.run(Layout(folder).confirm(server, seconds=10.0))

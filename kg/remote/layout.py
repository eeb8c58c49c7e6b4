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
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from kg import terms
from kg.errors import EngineFailed, ReleaseCorrupt
from kg.release import MANIFEST
from kg.remote.server import Server
from kg.store import write_triples
from kg.terms import Iri, Literal

NAMED_BY = terms.PREFIXES["prov"] + "specializationOf"  # from a graph in a server to the graph of the release
VALUE, WRITTEN = terms.PREFIXES["prov"] + "value", terms.PREFIXES["dcterms"] + "created"
HINT = "Put it there with `kg publish --to URL`"


@dataclass(frozen=True)
class Layout:
    """What a server must hold to answer for a release: `graphs` gives the number of triples of each named graph."""

    release: str
    sha256: str
    total: int
    graphs: Mapping[str, int]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from the manifest of a release folder. Raises ReleaseCorrupt."""
        where = folder / MANIFEST
        try:
            data = where.read_bytes()
            manifest = json.loads(data)
            triples = manifest["triples"]
            return cls(manifest["id"], hashlib.sha256(data).hexdigest(), triples["total"], dict(triples["graphs"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseCorrupt(f"The manifest cannot be read ({error})", where=str(where)) from None

    @property
    def subject(self) -> str:
        """The IRI of the release."""
        return terms.RELEASE + self.release

    @property
    def merge(self) -> str:
        """The graph that holds the merge of all graphs."""
        return terms.part_of_release(self.release, "merge")

    @property
    def names(self) -> str:
        """The graph that tells which graph of the release is held in which of the server's."""
        return terms.part_of_release(self.release, "names")

    @property
    def whole(self) -> str:
        """The graph that holds the note."""
        return terms.part_of_release(self.release, "whole")

    @cached_property
    def held(self) -> dict[str, str]:
        """The server's name for each graph of the release."""
        numbered = enumerate(sorted(self.graphs))
        return {graph: terms.part_of_release(self.release, f"graph/{number}") for number, graph in numbered}

    def write_names(self) -> bytes:
        """Write the content of the graph `names`, as N-Triples."""
        held = [(Iri(held), Iri(NAMED_BY), Iri(graph)) for graph, held in self.held.items()]
        return write_triples([self._identity, *held], "nt", {})

    def write_note(self) -> bytes:
        """Write the content of the graph `whole`, as N-Triples."""
        # As plain text, of which no server changes the digits: their order is that of the uploads.
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        return write_triples([self._identity, (Iri(self.subject), Iri(WRITTEN), Literal(now))], "nt", {})

    @property
    def _identity(self) -> tuple[Iri, Iri, Literal]:
        return Iri(self.subject), Iri(VALUE), Literal(self.sha256)

    async def is_whole(self, server: Server, *, seconds: float) -> bool:
        """Say whether the note in the server is there, and is of this very release."""
        return await self._is_noted(server, self.whole, seconds)

    async def is_begun(self, server: Server, *, seconds: float) -> bool:
        """Say whether an upload of this very release has begun."""
        return await self._is_noted(server, self.names, seconds)

    async def confirm(self, server: Server, *, seconds: float) -> None:
        """Raise EngineFailed unless the server holds this very release whole."""
        if not await self.is_whole(server, seconds=seconds):
            raise EngineFailed(f"The engine does not hold the release {self.release}", where=server.url, hint=HINT)

    async def _is_noted(self, server: Server, graph: str, seconds: float) -> bool:
        return await server.ask(
            f'ASK FROM <{graph}> WHERE {{ <{self.subject}> <{VALUE}> "{self.sha256}" }}', seconds=seconds
        )


def require(server: Server, folder: Path) -> None:
    """Raise EngineFailed unless a server holds the release of a folder; not within an event loop."""
    asyncio.run(Layout.read(folder).confirm(server, seconds=10.0))

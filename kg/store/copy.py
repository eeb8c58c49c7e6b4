"""A store that begins as the copy of another: its data files are shared on the disk, what is written goes to files of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import pyoxigraph as ox

from kg.errors import SourceError
from kg.store.messages import evaluating
from kg.store.rdf import to_graph
from kg.store.store import Store

Text = tuple[
    str, str, str, str
]  # subject, predicate, object and graph as N-Quads writes them; no graph is the default graph
_SHARED = ".sst"  # the engine never changes a data file: it writes another and unlinks this one
_LEFT = {"LOCK", "LOG"}


class StoreCopy(Store):
    """A copy of a store, open for writing. Its terms come and go as text."""

    @classmethod
    def of(cls, source: Path, path: Path) -> Self:
        """Copy a store that nobody writes to into a folder that does not exist; SourceError when that cannot be done."""
        try:
            path.mkdir()
            for file in source.iterdir():
                if file.suffix == _SHARED:
                    os.link(file, path / file.name)
                elif file.name not in _LEFT and not file.name.startswith("LOG.old"):
                    shutil.copyfile(file, path / file.name)
            return cls(ox.Store(str(path)), path, read_only=False)
        except OSError as error:
            raise SourceError(f"The store cannot be copied: {error}", where=str(source)) from error

    def quads(self, *, graph: str | None = None, subject: str | None = None, object: str | None = None) -> list[Text]:
        """List the quads of a named graph, or those with a subject or an object in all named graphs; each is an IRI."""
        name = None if graph is None else to_graph(graph)
        about, value = (None if iri is None else ox.NamedNode(iri) for iri in (subject, object))
        found = self._open().quads_for_pattern(about, None, value, name)
        return [_text(quad) for quad in found if quad.graph_name != ox.DefaultGraph()]

    def graphs_with(self, quad: Text) -> set[str]:
        """Name the graphs that hold the triple of a quad, as text."""
        one = next(ox.parse(_lines([quad]), ox.RdfFormat.N_QUADS))
        found = self._open().quads_for_pattern(one.subject, one.predicate, one.object, None)
        return {"" if same.graph_name == ox.DefaultGraph() else str(same.graph_name) for same in found}

    def put(self, quads: Iterable[Text]) -> None:
        """Add quads."""
        self._writable().extend(ox.parse(_lines(quads), ox.RdfFormat.N_QUADS))

    def take(self, quads: Iterable[Text]) -> None:
        """Remove quads."""
        engine = self._writable()
        for quad in list(ox.parse(_lines(quads), ox.RdfFormat.N_QUADS)):
            engine.remove(quad)

    def texts(self, query: str) -> Iterator[tuple[str, ...]]:
        """Yield the rows of a SELECT whose variables are all bound, as text."""
        with evaluating(query):
            for row in self._open().query(query):
                yield tuple(map(str, row))

    def flush(self) -> None:
        """Write everything to the data files."""
        self._writable().flush()


def _text(quad: ox.Quad) -> Text:
    graph = "" if quad.graph_name == ox.DefaultGraph() else str(quad.graph_name)
    return str(quad.subject), str(quad.predicate), str(quad.object), graph


def _lines(quads: Iterable[Text]) -> bytes:
    return "".join(" ".join((*(term for term in quad if term), ".\n")) for quad in quads).encode()

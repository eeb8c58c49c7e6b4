"""The source files of a release: found, read once, hashed, and each loaded into a graph that is named after its path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from kg import terms
from kg.errors import SourceError
from kg.store import Store

FORMATS = {".ttl": "ttl", ".trig": "trig", ".nq": "nq", ".nt": "nt", ".jsonld": "jsonld"}
NAMES_GRAPHS = {"trig", "nq", "jsonld"}  # a file in one of these may hold more graphs than its own
_UNREAD = {
    ".rdf",
    ".owl",
    ".xml",
    ".n3",
    ".json",
    ".html",
    ".xhtml",
}  # they may hold RDF, and must not be left out silently


@dataclass(frozen=True)
class Source:
    """A file: where it is, the name people know it by, the graph of what it says outside any other, and its bytes."""

    path: Path
    name: str
    graph: str
    format: str
    data: bytes = field(repr=False)

    @property
    def kind(self) -> str:
        """Name the top folder it belongs to: ontology, shapes or data."""
        return self.name.split("/", 1)[0]

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


def read(root: Path, data: Iterable[Path] = (), *, plain: bool = False) -> list[Source]:
    """Read the sources in order: ontology/, shapes/, data/, and each further folder (or file) laid over data/.

    A file in a further folder stands in the place of the file of the same path in data/. A plain release has no ontology
    and no shapes, and has data/ only if no further folder is given. Raises SourceError for a folder that is missing, for a
    further folder without any RDF and for a file that may hold RDF in a format we do not read.
    """
    files: dict[str, Path] = {}
    folders = list(data)
    if not plain:
        files |= {f"ontology/{name}": path for name, path in _walk(root / "ontology", {".ttl"})}
        files |= {f"shapes/{name}": path for name, path in _walk(root / "shapes", {".ttl"})}
    if not (plain and folders):
        files |= {f"data/{name}": path for name, path in _walk(root / "data", set(FORMATS), strict=True)}
    for folder in folders:
        found = {f"data/{name}": path for name, path in _walk(folder, set(FORMATS), strict=True)}
        if not found:
            raise nothing(folder)
        files |= found
    return [_read(name, path) for name, path in files.items()]


def nothing(folder: Path) -> SourceError:
    """Make the error for a folder or a file in which there is nothing to read."""
    return SourceError("There is no RDF here", where=str(folder), hint=f"RDF is read from {', '.join(FORMATS)}")


def load(store: Store, sources: Iterable[Source]) -> list[SourceError]:
    """Load every source into its graph; return the errors of those that are no RDF."""
    errors = []
    for source in sources:
        try:
            store.load(source.data, format=source.format, graph=source.graph, source=source.name)
        except SourceError as error:
            errors.append(error)
    return errors


def count(store: Store) -> int:
    """Count the triples in the named graphs of a store."""
    ((triples,),) = store.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    return int(triples.value)


def reserved(store: Store, sources: Iterable[Source]) -> list[str]:
    """List the graphs that a file names though they belong to the build or to another file."""
    named = {source.graph for source in sources}
    ours = (graph for graph in store.graphs() if graph.startswith(terms.GRAPH))
    return [graph for graph in ours if not graph.startswith(terms.GRAPH + "data/") and graph not in named]


def _walk(folder: Path, suffixes: set[str], *, strict: bool = False) -> Iterator[tuple[str, Path]]:
    if folder.is_file():
        if folder.suffix not in suffixes:
            raise _unread(folder)
        yield folder.name, folder
        return
    if not folder.is_dir():
        raise SourceError("There is no such file or folder", where=str(folder), hint="Give the path of RDF files")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.suffix in suffixes:
            yield name, path
        elif strict and path.suffix in _UNREAD:
            raise _unread(path)


def _unread(path: Path) -> SourceError:
    return SourceError("This format is not read", where=str(path), hint=f"Convert it to one of {', '.join(FORMATS)}")


def _read(name: str, path: Path) -> Source:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None
    return Source(path, name, terms.graph_of(quote(name)), FORMATS[path.suffix], data)

"""What decides the content of a release: its sources, its queries and the code of the build, each read once and hashed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from modulefinder import ModuleFinder
from pathlib import Path
from urllib.parse import quote

from kg import crosswalks, terms
from kg.errors import SourceError
from kg.names import NAMES, Guard
from kg.release import hash_file
from kg.store import Store

CODE = Path(__file__).resolve().parents[2]  # the folder of the packages
LIBRARIES = (
    "pyoxigraph",
    "rdflib",
    "pyshacl-turbo",
    "owlrl",
    "zlib-ng",
    "babel",
    "anyascii",
    "pyarrow",
)  # they decide the bytes and the content of a release
FORMATS = {".ttl": "ttl", ".trig": "trig", ".nq": "nq", ".nt": "nt", ".jsonld": "jsonld"}
MAX_FILE = 64 << 20  # bytes of a source
MAX_TRIPLES = 1_000_000  # of a source
_SEARCHING = ("kg/names.py", "kg/build/texts.py")  # the code that looks for the names that were withdrawn
_LEAST = 2  # bytes that a triple takes in its file, at the very least
NAMES_GRAPHS = {"trig", "nq", "jsonld"}  # a file in one of these may hold more graphs than its own
# They may hold RDF, and must not be left out silently.
_UNREAD = {".rdf", ".owl", ".xml", ".n3", ".json", ".html", ".xhtml"}


@dataclass(frozen=True)
class Source:
    """A file: where it is, the name people know it by, the graph of what it says outside any other, and its bytes.

    A crosswalk says nothing in a graph: its graph is empty.
    """

    path: Path
    name: str
    graph: str
    format: str
    data: bytes = field(repr=False)

    @property
    def kind(self) -> str:
        """Name the top folder it belongs to: ontology, shapes or data."""
        return self.name.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query of the project: its path below the project folder, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class Inputs:
    """Everything a release is made from."""

    sources: Sequence[Source]
    queries: Sequence[QueryFile]
    plain: bool
    guard: Guard  # of the names that were withdrawn
    crosswalks: Sequence[Source] = ()

    def folder(self, name: str) -> list[QueryFile]:
        """List the queries that stand in a folder below queries/ itself, in the order of their names."""
        return [one for one in self.queries if one.name.rpartition("/")[0] == f"queries/{name}"]

    @cached_property
    def written(self) -> dict[str, str]:
        """The SHA-256 of each source, query and crosswalk by its name."""
        texts = {source.name: source.data for source in (*self.sources, *self.crosswalks)}
        texts |= {query.name: query.text.encode() for query in self.queries}
        texts |= {NAMES: self.guard.text.encode()} if self.guard.text else {}
        return {name: hashlib.sha256(data).hexdigest() for name, data in texts.items()}

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each input by its name, the modules of the build included."""
        return self.written | code(CODE)

    @cached_property
    def search(self) -> str | None:
        """One hash of the names that were withdrawn and of how they are looked for; None where nothing is looked for."""
        how = [self.hashes[name] for name in _SEARCHING]
        return self.guard.seal(*how, unicodedata.unidata_version)

    @cached_property
    def digest(self) -> str:
        """One hash over all inputs and the versions of the libraries."""
        return hashlib.sha256(json.dumps([self.hashes, self.plain, versions()], sort_keys=True).encode()).hexdigest()


def read(root: Path, data: Sequence[Path] = (), *, plain: bool = False, without: Collection[str] = ()) -> Inputs:
    """Read the inputs of a project; a plain release has questions, and neither rules, checks nor crosswalks. `without`: as read_sources."""
    folders = (
        ("questions", "records", "search") if plain else ("rules", "checks", "questions", "records", "search", "tables")
    )
    queries = [one for name in folders for one in read_queries(root, name)]
    walks = [] if plain or crosswalks.FOLDER in without else read_crosswalks(root, data)
    left = [name for name in without if name != crosswalks.FOLDER]
    return Inputs(read_sources(root, data, plain=plain, without=left), queries, plain, Guard.read(root), walks)


def read_crosswalks(root: Path, data: Sequence[Path] = ()) -> list[Source]:
    """Read the crosswalks of data/, and of the folders laid over it, in the order of their names."""
    files = {
        f"data/{crosswalks.FOLDER}/{path.name}": path
        for folder in (root / "data", *data)
        for path in (folder / crosswalks.FOLDER).glob(f"*{crosswalks.SUFFIX}")
    }
    return [_read(name, path, MAX_FILE) for name, path in sorted(files.items())]


def read_queries(root: Path, folder: str) -> list[QueryFile]:
    """Read the queries in a folder below queries/ and below that, in the order of their names."""
    found = []
    for path in sorted((root / "queries" / folder).rglob("*.rq")):
        name = path.relative_to(root).as_posix()
        try:
            found.append(QueryFile(name, path.read_bytes().decode("utf-8")))
        except UnicodeDecodeError:
            raise SourceError("The file is not UTF-8 text", where=name, hint="Save it as UTF-8") from None
    return found


def read_sources(
    root: Path, data: Sequence[Path] = (), *, plain: bool = False, without: Collection[str] = ()
) -> list[Source]:
    """Read the sources in order: ontology/, shapes/, data/, and each further folder (or file) laid over data/.

    A file in a further folder stands in the place of the file of the same path in data/. A plain release has no ontology
    and no shapes, and has data/ only if no further folder is given. The folders of data/ that `without` names are left out.
    Raises SourceError for a folder that is missing, for a further folder without any RDF, for a file that may hold RDF in a format we do not read and for one larger than MAX_FILE.
    """
    files: dict[str, Path] = {}
    for top in () if plain else ("ontology", "shapes"):
        files |= _walk(root / top, top, {".ttl"})
    if not (plain and data):
        files |= _walk(root / "data", "data", FORMATS)
    for name in without:
        left = {file: path for file, path in files.items() if not file.startswith(f"data/{name}/")}
        if len(left) == len(files):
            hint = "Name a folder below data/, such as findings"
            raise SourceError("There is no such folder to leave out", where=f"data/{name}", hint=hint)
        files = left
    for folder in data:
        found = _walk(folder, "data", FORMATS)
        if not found:
            raise nothing(folder)
        files |= found
    return [_read(name, path, None if plain else MAX_FILE) for name, path in files.items()]


def nothing(path: Path) -> SourceError:
    """Make the error for a folder or a file in which there is nothing to read."""
    hint = f"RDF is read from {', '.join(FORMATS)}"
    if path.suffix == ".csv" or any(path.rglob("*.csv")):
        hint += "; a table is turned into RDF by `kg import`"
    return SourceError("There is no RDF here, and nothing was checked", where=str(path), hint=hint)


def unread(path: Path, read: Collection[Path]) -> list[Path]:
    """List the files at or below a path, hidden ones apart, that are not among those that were read."""
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    hidden = (any(part.startswith(".") for part in one.relative_to(path).parts) for one in files)
    return [one for one, is_hidden in zip(files, hidden, strict=True) if not is_hidden and one.resolve() not in read]


def load(store: Store, sources: Iterable[Source]) -> list[SourceError]:
    """Load every source into its graph; return the errors of those that are no RDF."""
    errors = []
    for source in sources:
        try:
            store.load(source.data, format=source.format, graph=source.graph, source=source.name)
        except SourceError as error:
            errors.append(error)
    return errors


def overfull(store: Store, sources: Iterable[Source]) -> list[SourceError]:
    """Return an error for each source of which a store holds more triples than MAX_TRIPLES."""
    errors = []
    for source in sources:
        if len(source.data) > MAX_TRIPLES * _LEAST and (triples := store.count(source.graph)) > MAX_TRIPLES:
            said = f"The file has {triples:,} triples, and a source may have {MAX_TRIPLES:,}"
            errors.append(SourceError(said, where=source.name, hint="Divide it into several files"))
    return errors


def graphs(source: Source) -> set[str]:
    """Name the graphs that a source states triples in."""
    if source.format not in NAMES_GRAPHS:
        return {source.graph}
    with Store.memory() as alone:
        alone.load(source.data, format=source.format, graph=source.graph, source=source.name)
        return set(alone.graphs())


def count(store: Store) -> int:
    """Count the triples in the named graphs of a store."""
    ((triples,),) = store.select("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    return int(triples.value)


def versions() -> dict[str, str]:
    """Name the versions of the libraries that decide what a release holds."""
    return {library: importlib.metadata.version(library) for library in LIBRARIES}


def code(folder: Path) -> dict[str, str]:
    """Hash the modules of kg.build in a folder, all of ours that they import, directly or not, and the texts that these read, by their paths."""
    finder = ModuleFinder(path=[str(folder)])
    finder.import_hook("kg.build", fromlist=["*"])
    modules = (Path(module.__file__) for module in finder.modules.values() if module.__file__)
    templates = (folder / "kg/catalogue").glob("*.rq")
    translations = (folder / "kg/languages").glob("*.po")  # the search finds by them too
    paths = sorted([*modules, *templates, *translations])
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in paths}


def _walk(folder: Path, top: str, suffixes: Collection[str]) -> dict[str, Path]:
    """Find the files in a folder, or the one file that it is, by their names below `top`."""
    if not folder.exists():
        raise SourceError("There is no such file or folder", where=str(folder), hint="Give the path of RDF files")
    base, paths = (folder.parent, [folder]) if folder.is_file() else (folder, sorted(folder.rglob("*")))
    files = {}
    for path in paths:
        name = path.relative_to(base)
        if not path.is_file() or (path != folder and any(part.startswith(".") for part in name.parts)):
            continue
        if path.suffix in suffixes:
            files[f"{top}/{name.as_posix()}"] = path
        elif path == folder or (top == "data" and path.suffix in _UNREAD):
            hint = f"Convert it to one of {', '.join(FORMATS)}"
            raise SourceError("This format is not read", where=str(path), hint=hint)
    return files


def _read(name: str, path: Path, most: int | None) -> Source:
    try:
        if most and (size := path.stat().st_size) > most:
            said = f"The file has {size >> 20:,} MiB, and a source may have {most >> 20}"
            raise SourceError(said, where=name, hint="Divide it into several files")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None
    if path.suffix not in FORMATS:  # a crosswalk
        return Source(path, name, "", path.suffix[1:], data)
    return Source(path, name, terms.graph_of(quote(name)), FORMATS[path.suffix], data)

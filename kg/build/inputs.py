"""What decides the content of a release: its sources, its queries and the code of the build, each read once and hashed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import sqlite3
import sys
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from modulefinder import ModuleFinder
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from kg import crosswalks, terms
from kg.errors import SourceError
from kg.files import decode
from kg.names import NAMES, Guard
from kg.release import hash_file
from kg.store import Store

CODE = Path(__file__).resolve().parents[2]  # the folder of the packages
SUFFIX = ".ttl"  # of a source
TABLES = "data/tables/"  # each table in a folder that has the key of its document
MAX_FILE = 64 << 20  # bytes of a source
MAX_TRIPLES = 1_000_000  # of a source
# Folders whose queries decide a release, and those whose queries are reviewed with them, and asked by a server alone.
QUERIES = ("mappings", "rules", "checks", "questions", "records", "search", "tables", "crosswalks")
SERVED = ("pages", "lists", "examples")
_TEXTS = {".rq", ".toml", ".jinja", ".po"}  # what modules read that stands beside them
# They may hold RDF, and must not be left out silently.
_UNREAD = {".trig", ".nq", ".nt", ".jsonld", ".rdf", ".owl", ".xml", ".n3", ".json", ".html", ".xhtml"}


@dataclass(frozen=True)
class Source:
    """A file: where it is, the name people know it by, the graph of what it says, and its bytes. A crosswalk has no graph."""

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

    @property
    def folder(self) -> str:
        """The path of its folder."""
        return self.name.rpartition("/")[0]


class Code(NamedTuple):
    """The code of a build: the SHA-256 of its modules and of the texts they read, and the versions of what they import."""

    files: dict[str, str]
    versions: dict[str, str]


@dataclass(frozen=True)
class Inputs:
    """Everything a release is made from, and the queries that a server asks of it."""

    sources: Sequence[Source]
    queries: Sequence[QueryFile]
    guard: Guard  # of the names that were withdrawn
    crosswalks: Sequence[Source] = ()
    tables: Sequence[Source] = ()  # rows that a mapping makes statements of
    is_whole: bool = True  # no part of data/ is left out

    def folder(self, name: str) -> list[QueryFile]:
        """List the queries that stand in a folder below queries/ itself, in the order of their names."""
        return [query for query in self.queries if query.folder == f"queries/{name}"]

    def texts(self, folder: str) -> dict[str, str]:
        """Map the names of the queries in a folder below queries/ to their texts."""
        return {query.name: query.text for query in self.folder(folder)}

    @property
    def stating(self) -> tuple[Source, ...]:
        """The files that state something: the sources and the tables."""
        return (*self.sources, *self.tables)

    @property
    def files(self) -> tuple[Source, ...]:
        """All files that are no queries: the sources, the crosswalks and the tables."""
        return (*self.sources, *self.crosswalks, *self.tables)

    @cached_property
    def code(self) -> Code:
        """The code of the build."""
        return scan(CODE)

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each input by its name: of sources, crosswalks, tables, queries that decide the release, and code."""
        data = {file.name: file.data for file in self.files}
        data |= {query.name: query.text.encode() for query in self.queries if query.name.split("/")[1] in QUERIES}
        data |= {NAMES: self.guard.text.encode()} if self.guard.text else {}
        return {name: hashlib.sha256(content).hexdigest() for name, content in data.items()} | self.code.files

    @cached_property
    def digest(self) -> str:
        """One hash over all inputs, the versions of the libraries, and whether names that were withdrawn can be looked for."""
        deciding = [self.hashes, self.code.versions, self.guard.seal()]
        return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()


def read(root: Path, data: Sequence[Path] = (), without: Collection[str] = ()) -> Inputs:
    """Read the inputs of a project: ontology/, shapes/, data/ and each further folder (or file) laid over data/, and the queries.

    A file in a further folder stands in the place of the file of the same path in data/. `without` names folders and tables
    of data/ that are left out, a table by its kind. Raises SourceError for a folder or table that is missing, for a further folder without any RDF,
    for a file that may hold RDF in a format we do not read and for one larger than MAX_FILE.
    """
    files = [read_file(name, path) for name, path in _find(root, data, without).items()]
    sources, walks, tables = ([file for file in files if file.format == form] for form in ("ttl", "tsv", "csv"))
    queries = [file for name in (*QUERIES, *SERVED) for file in read_queries(root, name)]
    walks.sort(key=lambda walk: walk.name)
    return Inputs(sources, queries, Guard.read(root), walks, tables, not without)


def read_queries(root: Path, folder: str) -> list[QueryFile]:
    """Read the queries in a folder below queries/ and below that, in the order of their names."""
    queries = []
    for path in sorted((root / "queries" / folder).rglob("*.rq")):
        name = path.relative_to(root).as_posix()
        queries.append(QueryFile(name, decode(path.read_bytes(), name)))
    return queries


def load(store: Store, sources: Iterable[Source]) -> list[SourceError]:
    """Load every source into its graph; return the errors of those that are no RDF, or have too many triples."""
    errors = []
    for source in sources:
        try:
            store.load(source.data, format=source.format, graph=source.graph, source=source.name)
            if (triples := store.count(source.graph)) > MAX_TRIPLES:
                message = f"The file has {triples:,} triples, and a source may have {MAX_TRIPLES:,}"
                raise SourceError(message, where=source.name, hint="Divide it into several files")
        except SourceError as error:
            errors.append(error)
    return errors


def count(store: Store) -> int:
    """Count the triples in the named graphs of a store."""
    ((triples,),) = store.select("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    return int(triples.value)


def described(store: Store) -> set[str]:
    """List the IRIs of ours that something describes."""
    query = f'SELECT DISTINCT ?x {{ GRAPH ?g {{ ?x a ?c }} FILTER(STRSTARTS(STR(?x), "{terms.BASE}")) }}'
    return {iri for (iri,) in store.select(query).texts() if iri}


def definitions(store: Store) -> dict[str, str]:
    """Return how terms and concepts are defined, with the notes on their scope, by their IRIs."""
    skos = "http://www.w3.org/2004/02/skos/core#"
    query = f"""SELECT ?x (GROUP_CONCAT(?text; separator=" ") AS ?texts) {{
        GRAPH ?g {{ ?x <{skos}definition>|<{skos}scopeNote> ?text }} }} GROUP BY ?x"""
    return {iri: text for iri, text in store.select(query).texts() if iri and text}


def scan(folder: Path) -> Code:
    """Find the code of kg.build in a folder: all of ours that it imports, directly or not, and the libraries that this imports."""
    finder = ModuleFinder(path=[str(folder)])
    finder.import_hook("kg.build", fromlist=["*"])
    modules = {Path(file) for module in finder.modules.values() if (file := getattr(module, "__file__", None))}
    texts = {path for module in modules for path in module.parent.iterdir() if path.suffix in _TEXTS}
    files = {path.relative_to(folder).as_posix(): hash_file(path) for path in sorted(modules | texts)}
    return Code(files, _versions({name.partition(".")[0] for name in finder.badmodules}))


def _versions(modules: set[str]) -> dict[str, str]:
    """Name the versions of the distributions that some modules belong to, of Python, and of the C libraries that it brings."""
    distributions = importlib.metadata.packages_distributions()
    built_in = {"sqlite3": sqlite3.sqlite_version, "zlib": zlib.ZLIB_RUNTIME_VERSION}
    versions = {"python": platform.python_version()}
    versions |= {name: version for name, version in built_in.items() if name in modules}
    for module in modules - sys.stdlib_module_names:
        versions |= {name: importlib.metadata.version(name) for name in distributions.get(module, ())}
    return dict(sorted(versions.items()))


def _find(root: Path, data: Sequence[Path], without: Collection[str]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for top in ("ontology", "shapes", "data"):
        files |= _walk(root / top, top)
    for name in without:
        heads, end = (f"data/{name}/", f"data/{name}."), f"/{name}.csv"
        left = {
            file: path
            for file, path in files.items()
            if not (file.startswith(heads) or file.startswith(TABLES) and file.endswith(end))
        }
        if len(left) == len(files):
            hint = "Name a folder or a table of data/, such as findings"
            raise SourceError("There is no such folder to leave out", where=f"data/{name}", hint=hint)
        files = left
    for folder in data:
        further = _walk(folder, "data")
        if not any(path.suffix in (SUFFIX, ".csv") for path in further.values()):
            raise nothing(folder)
        files |= further
    return files


def nothing(path: Path) -> SourceError:
    """Make the error for a folder or a file in which there is nothing to read."""
    hint = f"RDF is read from {SUFFIX}"
    if path.suffix == ".csv" or any(path.rglob("*.csv")):
        hint += f"; a table stands in {TABLES}KEY/, by the key of its document, where `kg import table` puts it"
    return SourceError("There is no RDF here, and nothing was checked", where=str(path), hint=hint)


def files_of(path: Path) -> list[Path]:
    """List the files at or below a path in order, hidden ones apart."""
    files = [path] if path.is_file() else sorted(below for below in path.rglob("*") if below.is_file())
    return [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts)]


def _walk(folder: Path, top: str) -> dict[str, Path]:
    """Find the files in a folder, or the one file that it is, by their names below `top`."""
    if not folder.exists():
        raise SourceError("There is no such file or folder", where=str(folder), hint="Give the path of RDF files")
    files = {}
    for path in files_of(folder):
        name = f"{top}/{path.relative_to(folder.parent if folder.is_file() else folder).as_posix()}"
        is_crosswalk = name == f"data/{crosswalks.FOLDER}/{path.name}" and name.endswith(crosswalks.SUFFIX)
        is_table = name.startswith(TABLES) and path.suffix == ".csv"
        if path.suffix == SUFFIX or is_crosswalk or is_table:
            files[name] = path
        elif path == folder or (top == "data" and path.suffix in _UNREAD):
            raise SourceError("This format is not read", where=str(path), hint=f"Convert it to {SUFFIX}")
    return files


def read_file(name: str, path: Path) -> Source:
    """Read a file under the name that it has in a release. Raises SourceError."""
    try:
        if (size := path.stat().st_size) > MAX_FILE:
            message = f"The file has {size >> 20:,} MiB, and a source may have {MAX_FILE >> 20}"
            raise SourceError(message, where=name, hint="Divide it into several files")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None
    graph = terms.graph_of(quote(name)) if path.suffix in (SUFFIX, ".csv") else ""
    return Source(path, name, graph, path.suffix[1:], data)

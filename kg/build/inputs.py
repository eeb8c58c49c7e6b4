"""What decides the content of a release: its sources, its queries and the code of the build, each read once and hashed."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kg.build import sources
from kg.build.sources import Source
from kg.errors import SourceError

CODE = Path(__file__).resolve().parents[2]  # the folder of the packages
LIBRARIES = ("pyoxigraph", "rdflib", "pyshacl", "owlrl")  # they decide the bytes and the content of a release


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

    def folder(self, name: str) -> list[QueryFile]:
        """List the queries that stand in a folder below queries/ itself, in the order of their names."""
        return [one for one in self.queries if one.name.rpartition("/")[0] == f"queries/{name}"]

    @cached_property
    def written(self) -> dict[str, str]:
        """The SHA-256 of each source and query by its name."""
        hashes = {source.name: source.sha256 for source in self.sources}
        return hashes | {one.name: hashlib.sha256(one.text.encode()).hexdigest() for one in self.queries}

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each input by its name, the modules of the build included."""
        return self.written | code(CODE)

    @cached_property
    def digest(self) -> str:
        """One hash over all inputs and the versions of the libraries."""
        return hashlib.sha256(json.dumps([self.hashes, self.plain, versions()], sort_keys=True).encode()).hexdigest()


def read(root: Path, data: Sequence[Path] = (), *, plain: bool = False) -> Inputs:
    """Read the inputs of a project; a plain release has questions, and neither rules nor checks."""
    folders = ("questions",) if plain else ("rules", "checks", "questions")
    return Inputs(
        sources.read(root, data, plain=plain), [one for name in folders for one in read_queries(root, name)], plain
    )


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


def versions() -> dict[str, str]:
    """Name the versions of the libraries that decide what a release holds."""
    return {library: importlib.metadata.version(library) for library in LIBRARIES}


def code(folder: Path, package: str = "kg.build") -> dict[str, str]:
    """Hash the modules of a package in a folder, and all of ours that they import, directly or not, by their paths."""
    waiting = [_path(folder, package), *_below(folder, package)]
    found: dict[Path, str] = {}
    while waiting:
        path = waiting.pop()
        if path is None or path in found:
            continue
        data = path.read_bytes()
        found[path] = hashlib.sha256(data).hexdigest()
        for module in _imports(ast.parse(data, str(path)), path.relative_to(folder)):
            parts = module.split(".")
            waiting += [_path(folder, ".".join(parts[:length])) for length in range(1, len(parts) + 1)]
    return {path.relative_to(folder).as_posix(): found[path] for path in sorted(found)}


def _below(folder: Path, package: str) -> list[Path]:
    return sorted((folder / package.replace(".", "/")).rglob("*.py"))


def _path(folder: Path, module: str) -> Path | None:
    base = folder / module.replace(".", "/")
    return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)


def _imports(tree: ast.Module, path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports; a name out of a package may be a module of it, or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(path.parts[: len(path.parts) - node.level]) if node.level else ""
            start = ".".join(part for part in (above, node.module or "") if part)
            yield from (f"{start}.{alias.name}" for alias in node.names)

"""The folder of a release while it is written: each file is written, hashed once and synced to the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.build import crosswalks, dumps
from kg.build.inputs import Source
from kg.catalogue import File
from kg.crosswalks import FOLDER, SUFFIX
from kg.errors import BuildError
from kg.release import MANIFEST, SEAL, files, hash_file, seal, sync
from kg.search import index
from kg.sparql.question import Question
from kg.store import FORMS, GRAPH_MEDIA_TYPES, Copying, Store
from kg.tables import make


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Tables of another release, `base`, that a new one takes over: their descriptions, and their files with their hashes."""

    base: Path = Path()
    described: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Folder:
    """A release folder in the making, and the hash of each file in it."""

    path: Path
    outputs: dict[str, str] = field(default_factory=dict)

    def clear(self) -> None:
        """Throw away what has been written."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.outputs.clear()

    def copy(self, store: Store) -> Copying:
        """Make the folder, and begin the copy of a store in it."""
        self.path.mkdir()
        return Copying(store, self.path)

    def dump(self, copying: Copying, *, canonical: bool) -> list[File]:
        """Write the dumps, compressed, and finish the copy; hash its files as they lie on the disk."""
        paths = dumps.write(self._folder("dumps"), copying.parts(canonical=canonical))
        copying.finish()
        for path in files(self.path / "store"):
            self._record(path)
        return self._dumps(paths)

    def splice(self, base: Path, came: Collection[bytes], went: Collection[bytes]) -> list[File]:
        """Write the dumps from those of another release, by lines of N-Quads that came and went."""
        return self._dumps(dumps.rewrite(base / "dumps", self._folder("dumps"), came, went))

    def adopt(self, name: str, base: Path, outputs: Mapping[str, str]) -> None:
        """Take a folder of another release whose files are shared or copied; hash those that are not shared."""
        for path in files(self.path / name):
            other = base / self._name(path)
            if other.is_file() and path.samefile(other):
                self.outputs[self._name(path)] = outputs[self._name(path)]
            else:
                self._record(path)

    def write(self, name: str, data: bytes) -> None:
        """Write a file."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        self._record(path)

    def index(self, queries: Mapping[str, str], questions: Sequence[Question]) -> None:
        """Write the index of the search, from the store as it lies on the disk."""
        path = self.path / index.FILE
        with Store.open(self.path / "store") as saved:
            index.write(path, saved, queries, questions)
        self._record(path)

    def tables(self, queries: Mapping[str, str], limits: Mapping[str, str], release: str, unchanged: Unchanged) -> None:
        """Write the tables, from the store as it lies on the disk, and their package; where there are none, nothing.

        The files of tables that are unchanged are shared with the release that they are from.
        """
        if not queries:
            return
        for name in sorted(unchanged.files):
            path = self.path / name
            path.parent.mkdir(exist_ok=True)
            os.link(unchanged.base / name, path)
            self.outputs[name] = unchanged.files[name]
        with Store.open(self.path / "store") as saved:
            make(saved, queries, limits, release, self.write, unchanged.described)

    def crosswalks(self, files: Iterable[Source]) -> None:
        """Write the crosswalks: those that are files as they are, the others from the store as it lies on the disk."""
        for file in files:
            self.write(f"{FOLDER}/{file.path.name}", file.data)
        with Store.open(self.path / "store") as saved:
            for one in crosswalks.of(saved):
                self.write(f"{FOLDER}/{one.name}{SUFFIX}", one.write())

    def seal(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, with the hashes of all files, its own hash beside it, and everything through to the disk."""
        seal(self.path, {**manifest, "outputs": dict(sorted(self.outputs.items()))})
        for path in [*files(self.path), *(path for path in self.path.rglob("*") if path.is_dir()), self.path]:
            sync(path)

    def verify(self, triples: int) -> None:
        """Read back what can be lost between writing and closing: which files there are, and the triples of the store."""
        there = {self._name(path) for path in files(self.path)} - {MANIFEST, SEAL}
        if there != self.outputs.keys():
            astray = ", ".join(sorted(there ^ self.outputs.keys()))
            raise BuildError(f"The folder does not hold the files that were written: {astray}", where=str(self.path))
        with Store.open(self.path / "store") as saved:
            if (counted := saved.count()) != triples:
                message = f"The store holds {counted} triples after closing, and {triples} before"
                raise BuildError(message, where=str(self.path))

    def _folder(self, name: str) -> Path:
        path = self.path / name
        path.mkdir()
        return path

    def _dumps(self, paths: Iterable[Path]) -> list[File]:
        forms = zip(FORMS, paths, strict=True)
        return [
            File(self._name(path), GRAPH_MEDIA_TYPES[form], path.stat().st_size, self._record(path))
            for form, path in forms
        ]

    def _record(self, path: Path) -> str:
        """Hash a file that has been written; the hash."""
        self.outputs[self._name(path)] = sha256 = hash_file(path)
        return sha256

    def _name(self, path: Path) -> str:
        return path.relative_to(self.path).as_posix()

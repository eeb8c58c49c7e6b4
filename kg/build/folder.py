"""The folder of a release while it is written: each file is written, hashed once and synced to the disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zlib_ng import zlib_ng

from kg.build.catalogue import Dump
from kg.errors import BuildError
from kg.release import MANIFEST, files, hash_file, sync
from kg.store import Copying, Store

_PART = 4 << 20  # bytes that are compressed at once
_GZIP = 31  # the container of gzip around what is compressed; its head tells no time


@dataclass
class Folder:
    """A release folder in the making, and the hash of each file in it."""

    path: Path
    outputs: dict[str, str] = field(default_factory=dict)

    def copy(self, store: Store) -> Copying:
        """Make the folder, and begin the copy of a store in it."""
        self.path.mkdir()
        return Copying(store, self.path)

    def dump(self, copying: Copying, *, canonical: bool) -> list[Dump]:
        """Write the dumps, compressed, and finish the copy; hash its files as they lie on the disk."""
        (self.path / "dumps").mkdir()
        with ThreadPoolExecutor(1) as beside:  # one is compressed while the next is written
            packed = [beside.submit(self._pack, *one) for one in copying.dumps(canonical=canonical)]
            dumps = [one.result() for one in packed]
        copying.finish()
        for path in files(self.path / "store"):
            self._record(path)
        return dumps

    def write(self, name: str, data: bytes) -> None:
        """Write a file."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        self._record(path)

    def seal(self, manifest: Mapping[str, Any]) -> None:
        """Write the manifest, with the hashes of all files, and everything through to the disk."""
        whole = {**manifest, "outputs": dict(sorted(self.outputs.items()))}
        (self.path / MANIFEST).write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
        for path in [*files(self.path), *(path for path in self.path.rglob("*") if path.is_dir()), self.path]:
            sync(path)

    def verify(self, triples: int) -> None:
        """Read back what can be lost between writing and closing: which files there are, and the triples of the store."""
        there = {self._name(path) for path in files(self.path)} - {MANIFEST}
        if there != self.outputs.keys():
            astray = ", ".join(sorted(there ^ self.outputs.keys()))
            raise BuildError(f"The folder does not hold the files that were written: {astray}", where=str(self.path))
        with Store.open(self.path / "store") as saved:
            if (counted := saved.count()) != triples:
                message = f"The store holds {counted} triples after closing, and {triples} before"
                raise BuildError(message, where=str(self.path))

    def _pack(self, form: str, written: Path) -> Dump:
        """Compress the file of a dump, which is taken away."""
        path = self.path / f"dumps/{written.name}.gz"
        packer = zlib_ng.compressobj(6, wbits=_GZIP)
        with written.open("rb") as source, path.open("wb") as target:
            while part := source.read(_PART):
                target.write(packer.compress(part))
            target.write(packer.flush())
        written.unlink()
        return Dump(path.name, form, path.stat().st_size, self._record(path))

    def _record(self, path: Path) -> str:
        """Hash a file that has been written; the hash."""
        self.outputs[self._name(path)] = sha256 = hash_file(path)
        return sha256

    def _name(self, path: Path) -> str:
        return path.relative_to(self.path).as_posix()

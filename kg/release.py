"""A release folder: its manifest, its verification, the atomic switch to it, and the difference of two.

    <out>/current -> <id>           a symbolic link; replacing it is the switch
    <out>/<id>/store/               the engine's files, the default graph merged from all graphs
    <out>/<id>/dumps/               answerable.nq.gz, .ttl.gz, .jsonld.gz
    <out>/<id>/questions/           the named questions as they were
    <out>/<id>/catalogue.ttl        what the release is (DCAT, VoID, PROV)
    <out>/<id>/manifest.json        the SHA-256 of every input and output, counts and versions

`current` always points to a whole release, and a release that has its name is never changed.
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from kg.errors import ReleaseCorrupt, UnknownName

MANIFEST = "manifest.json"
CURRENT = "current"
_ID = re.compile(r"\d{8}-[0-9a-f]{8}(?:-\d+)?")
_BLANK = re.compile(rb"(?:_:|<[^>]*> <[^>]*> _:)")


@dataclass(frozen=True)
class Release:
    """A release folder."""

    path: Path

    @property
    def id(self) -> str:
        """The name of the release, `YYYYMMDD-<8 hexadecimal digits of its inputs>`."""
        return str(self.manifest["id"])

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the release says of itself. Raises ReleaseCorrupt when that cannot be read."""
        where = self.path / MANIFEST
        try:
            manifest = json.loads(where.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ReleaseCorrupt(f"The manifest cannot be read ({error})", where=str(where)) from None
        if not isinstance(manifest, dict) or not {"id", "inputs", "outputs", "triples"} <= manifest.keys():
            raise ReleaseCorrupt("This is no manifest of a release", where=str(where))
        return manifest

    @property
    def store_path(self) -> Path:
        """The folder of the engine's files; open it read-only."""
        return self.path / "store"

    @property
    def questions_path(self) -> Path:
        """The folder of the named questions."""
        return self.path / "questions"

    @property
    def dumps(self) -> dict[str, Path]:
        """The dump files by name."""
        return {path.name: path for path in sorted((self.path / "dumps").iterdir())}


def current(out: Path) -> Release:
    """Return the release that a folder of releases points to; a release's own folder is returned as that release.

    The path is resolved, so that a later switch does not pull it away. Raises UnknownName when there is none.
    """
    folder = out if (out / MANIFEST).is_file() else out / CURRENT
    if not (folder / MANIFEST).is_file():
        raise UnknownName("There is no release here", where=str(out), hint="Make one with `kg build`")
    return Release(folder.resolve())


def releases(out: Path) -> list[Release]:
    """List the releases in a folder, the oldest first."""
    found = [Release(path) for path in out.iterdir() if _ID.fullmatch(path.name)] if out.is_dir() else []
    return sorted(found, key=lambda release: (str(release.manifest.get("created")), release.path.name))


def find(out: Path, name: str) -> Release:
    """Return the release of this id. Raises UnknownName that lists those there are."""
    if not _ID.fullmatch(name) or not (out / name / MANIFEST).is_file():
        known = ", ".join(release.path.name for release in releases(out)) or "none; make one with `kg build`"
        raise UnknownName(f"There is no release {name!r}", where=str(out), hint=f"There are: {known}")
    return Release(out / name)


def verify(release: Release) -> list[str]:
    """Compare every file of a release with its manifest; return what is wrong, in words.

    Raises ReleaseCorrupt when the manifest itself cannot be read.
    """
    outputs = release.manifest["outputs"]
    there = {path.relative_to(release.path).as_posix() for path in files(release.path)} - {MANIFEST}
    problems = [f"{name} is missing" for name in sorted(outputs.keys() - there)]
    problems += [f"{name} is not in the manifest" for name in sorted(there - outputs.keys())]
    both = sorted(there & outputs.keys())
    problems += [
        f"{name} differs from the manifest" for name in both if hash_file(release.path / name) != outputs[name]
    ]
    if release.path.name != release.id:
        problems.append(f"the folder {release.path.name} holds the release {release.id}")
    return problems


def switch(out: Path, name: str) -> Release:
    """Make a release the current one, if it verifies. Raises UnknownName or ReleaseCorrupt."""
    release = find(out, name)
    if problems := verify(release):
        hint = "Build anew with `kg build --force`"
        raise ReleaseCorrupt(f"The release {name} is damaged: {problems[0]}", where=str(release.path), hint=hint)
    point(out, release)
    return release


def point(out: Path, release: Release) -> None:
    """Make a release that has been verified the current one; a reader sees the old one or the new, never neither."""
    temporary = out / f".{CURRENT}-{os.getpid()}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(release.path.name, target_is_directory=True)
    os.replace(temporary, out / CURRENT)
    sync(out)


def diff(old: Release, new: Release) -> Iterator[tuple[str, str, str]]:
    """Yield ("-" or "+", graph, triple) for what went and what came, graph by graph; blank nodes are left out.

    The triple is N-Triples without its full stop.
    """
    for quad, signed in groupby(heapq.merge(_quads(old, "-"), _quads(new, "+")), itemgetter(0)):
        signs = [sign for _, sign in signed]
        if len(signs) == 1:
            triple, graph, _ = quad.decode().rstrip().rsplit(" ", 2)
            yield signs[0], graph.strip("<>"), triple


def _quads(release: Release, sign: str) -> Iterator[tuple[bytes, str]]:
    with gzip.open(release.path / "dumps/answerable.nq.gz") as lines:
        yield from ((line, sign) for line in lines if not _BLANK.match(line))


def files(folder: Path) -> list[Path]:
    """List every file below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def hash_file(path: Path) -> str:
    """Hash a file by SHA-256, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Write a file or a folder's list of names through to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""A release folder: its manifest, its verification, and the atomic switch to it.

    <out>/current -> <id>           a symbolic link; replacing it is the switch
    <out>/<id>/store/               the engine's files, the default graph merged from all graphs
    <out>/<id>/dumps/               answerable.nq.gz, .ttl.gz, .jsonld.gz, .nt.zst
    <out>/<id>/questions/           the named questions as they were
    <out>/<id>/records/             the queries that say how far the record goes which a question is answered from
    <out>/<id>/tables/              the tidy tables in CSV and Parquet, and datapackage.json with their codebook
    <out>/<id>/crosswalks/          the crosswalks to other vocabularies, as SSSOM: those that are files, and those that the graph states
    <out>/<id>/search.sqlite        the index of the search: names, and the words of names and texts
    <out>/<id>/warnings.json        the warnings of its build, each with its place, its check or shape and what it is about
    <out>/<id>/catalogue.ttl        what the release is (DCAT, VoID, PROV)
    <out>/<id>/CITATION.cff         how to cite it; also zenodo.json, ro-crate-metadata.json and datapackage.json
    <out>/<id>/manifest.json        the SHA-256 of every input and output, counts and versions
    <out>/<id>/manifest.sha256      the SHA-256 of manifest.json, as `sha256sum` writes it: the seal
    <out>/<id>/removed.json         instead of all that: when and why the release was removed
    <out>/<id>/removed-next.json    the same, of a release that is removed as soon as it is no longer the current one

`current` always points to a whole release, and a release that has its name is never changed. No manifest is read that is not as
it was sealed, so the hash of the manifest stands for every byte of a release. A link can hold no hash and be replaced at once:
one that is damaged leads nowhere, or to another whole release, which every answer names.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from kg.errors import ReleaseCorrupt, ThingWithdrawn, UnknownName, WriteFailed
from kg.files import sync, write_file
from kg.wording import say

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
CURRENT = "current"
DAY = 86400  # seconds
REMOVED = "removed.json"
REMOVED_NEXT = "removed-next.json"
UNFINISHED = "a withdrawal is unfinished: run the same `kg withdraw` again"
DUMPS = {
    "nq": "answerable.nq.gz",
    "ttl": "answerable.ttl.gz",
    "jsonld": "answerable.jsonld.gz",
    "nt": "answerable.nt.zst",
}  # by format
COMPRESSED = {".gz": "application/gzip", ".zst": "application/zstd"}  # media types by the ends of names
_ID = re.compile(r"\d{8}-[0-9a-f]{8}(?:-\d+)?")


@dataclass(frozen=True)
class Release:
    """A release folder."""

    path: Path

    @property
    def id(self) -> str:
        """The name of the release, `YYYYMMDD-<8 hexadecimal digits of its inputs>`."""
        return str(self.manifest["id"])

    @property
    def created(self) -> str:
        """When the release was made (RFC 3339)."""
        return str(self.manifest["created"])

    @property
    def manifest(self) -> dict[str, Any]:
        """What the release says of itself. Raises ReleaseCorrupt when that is not as it was sealed."""
        return self._read[0]

    @property
    def sha256(self) -> str:
        """The SHA-256 of the manifest, and so of the whole release, in hexadecimal digits. Raises ReleaseCorrupt."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[dict[str, Any], str]:
        """Read the manifest once, and compare it with its seal to the byte."""
        try:
            data, sealed = ((self.path / name).read_bytes() for name in (MANIFEST, SEAL))
            sha256 = hashlib.sha256(data).hexdigest()
            if sealed == _seal(sha256):
                return json.loads(data), sha256
            problem = f"The manifest differs from {SEAL}"
        except OSError as error:
            problem = f"{Path(error.filename).name} cannot be read ({error.strerror})"
        except ValueError as error:
            problem = f"The manifest cannot be read ({error})"
        hint = "Build again with `kg build`, or take another release"
        raise ReleaseCorrupt(problem, where=str(self.path / MANIFEST), hint=hint)

    @property
    def is_removed(self) -> bool:
        """Whether the release has been removed; then nothing may be answered from it."""
        return _removed(self.path) is not None

    @property
    def is_current(self) -> bool:
        """Whether `current` points to the release, be it damaged or not."""
        return (self.path.parent / CURRENT).resolve() == self.path.resolve()

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


def find_current(out: Path) -> Release | None:
    """Return the current release; None where there is none, or none whose manifest is as it was sealed."""
    try:
        release = current(out)
        return release if release.manifest else None
    except (UnknownName, ReleaseCorrupt):
        return None


def releases(out: Path, reject: Callable[[ReleaseCorrupt], None] = lambda error: None) -> list[Release]:
    """List the releases in a folder, the oldest first. One whose manifest is not as it was sealed goes to `reject`."""
    readable = []
    for release in _folders(out):
        try:
            if not release.is_removed and release.created:
                readable.append(release)
        except ReleaseCorrupt as error:
            reject(error)
    return sorted(readable, key=lambda release: (release.created, release.path.name))


def _folders(out: Path) -> list[Release]:
    paths = sorted(out.iterdir()) if out.is_dir() else []
    return [Release(path) for path in paths if _ID.fullmatch(path.name)]


def find(out: Path, name: str) -> Release:
    """Return the release of this id. Raises UnknownName that lists those there are."""
    if _ID.fullmatch(name) and (gone := _removed(out / name)):
        message = say(
            "The release was removed on %(removed)s: %(reason)s", removed=gone.removed, reason=say(gone.reason)
        )
        raise ThingWithdrawn(message, where=name)
    if _ID.fullmatch(name) and (out / name / MANIFEST).is_file():
        return Release(out / name)
    names = [release.path.name for release in releases(out)] or say("none; make one with `kg build`")
    hint = say("There are: %(known)s", known=names)
    raise UnknownName(say("There is no release %(name)s", name=f"{name!r}"), where=str(out), hint=hint)


class Removed(NamedTuple):
    """What is left of a release that was removed: its id, when it was made, the day it was removed, and the kind of reason."""

    id: str
    created: str
    removed: str
    reason: str


def removed(out: Path) -> list[Removed]:
    """List the releases that were removed from a folder, the oldest first."""
    marks = [mark for release in _folders(out) if (mark := _removed(release.path))]
    return sorted(marks, key=lambda mark: (mark.created, mark.id))


def mark_removed(release: Release, day: str, reason: str, mark_name: str = REMOVED) -> None:
    """Mark a release as removed: nothing opens it any more. `finish_removals` deletes it.

    With the name REMOVED_NEXT the mark counts from the moment in which `current` points to another release.
    """
    try:
        created = release.created
    except ReleaseCorrupt:
        created = ""
    mark = Removed(release.path.name, created, day, reason)
    write_file(release.path / mark_name, json.dumps(mark._asdict(), indent=2) + "\n")


def finish_removals(out: Path) -> None:
    """Delete all that is left of releases that are marked as removed, but for the mark."""
    for release in _folders(out):
        if release.is_removed:
            if (release.path / REMOVED_NEXT).exists():
                os.replace(release.path / REMOVED_NEXT, release.path / REMOVED)
            for inner in release.path.iterdir():
                if inner.is_dir():
                    shutil.rmtree(inner)
                elif inner.name != REMOVED:
                    inner.unlink()
            sync(release.path)


def unfinished_removals(out: Path) -> list[Release]:
    """List the releases that are marked and not yet deleted: a withdrawal is at work, or was interrupted."""
    marks = {REMOVED, REMOVED_NEXT}
    folders = ((release, {inner.name for inner in release.path.iterdir()}) for release in _folders(out))
    return [release for release, inside in folders if inside & marks and inside - {REMOVED}]


def _removed(path: Path) -> Removed | None:
    waits = (path / REMOVED_NEXT).exists() and not Release(path).is_current
    try:
        mark = json.loads((path / (REMOVED_NEXT if waits else REMOVED)).read_bytes())
        return Removed(path.name, str(mark["created"]), str(mark["removed"]), str(mark["reason"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Removed(path.name, "", "an unknown day", "no reason given")


def seal(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a release, and beside it the hash of the manifest."""
    data = (json.dumps(manifest, indent=2) + "\n").encode()
    (folder / MANIFEST).write_bytes(data)
    (folder / SEAL).write_bytes(_seal(hashlib.sha256(data).hexdigest()))


def _seal(sha256: str) -> bytes:
    return f"{sha256}  {MANIFEST}\n".encode()


def verify(release: Release, *, has_store: bool = True) -> list[str]:
    """Compare every file of a release with its manifest; return what is wrong, in words. One need not have its store.

    Raises ReleaseCorrupt when the manifest itself is not as it was sealed.
    """
    release = Release(release.path)  # as it is now, not as it was read before
    outputs = release.manifest["outputs"]
    present = {path.relative_to(release.path).as_posix() for path in files(release.path)}
    present -= {MANIFEST, SEAL, REMOVED_NEXT}
    if not has_store:
        outputs = {name: sha256 for name, sha256 in outputs.items() if not name.startswith("store/")}
        present = {name for name in present if not name.startswith("store/")}
    changed = [name for name in sorted(present & outputs.keys()) if hash_file(release.path / name) != outputs[name]]
    problems = [f"{name} is missing" for name in sorted(outputs.keys() - present)]
    problems += [f"{name} is not in the manifest" for name in sorted(present - outputs.keys())]
    problems += [f"{name} differs from the manifest" for name in changed]
    if release.path.name != release.id:
        problems.append(f"the folder {release.path.name} holds the release {release.id}")
    return problems


def switch(out: Path, name: str) -> Release:
    """Make a release the current one, if it verifies. Raises UnknownName or ReleaseCorrupt."""
    release = find(out, name)
    if problems := verify(release):
        hint = "Build again with `kg build`, or take another release"
        raise ReleaseCorrupt(f"The release {name} is damaged: {problems[0]}", where=str(release.path), hint=hint)
    point(out, release)
    return release


def point(out: Path, release: Release) -> None:
    """Make a release that has been verified the current one; a reader sees the old one or the new, never neither.

    Raises WriteFailed when the disk does not take the link.
    """
    temporary, state = out / f".{CURRENT}-{os.getpid()}", "cannot be changed"
    try:
        with contextlib.suppress(FileNotFoundError):
            os.utime((out / CURRENT).resolve(strict=True))  # for `prune`: when it was the current one
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(release.path.name, target_is_directory=True)
        os.replace(temporary, out / CURRENT)
        state = "is changed, and a loss of power may undo it"
        sync(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise WriteFailed(f"The current release {state} ({error.strerror})", where=str(out)) from None


def prune(out: Path, days: int) -> list[Release]:
    """Delete the releases that were last the current one more than `days` ago, and return them; 0 keeps all. Raises OSError.

    An answer that was given since then is still shown from its release. What is left of a withdrawal stays.
    """
    oldest = time.time() - days * DAY
    old = [
        release
        for release in _folders(out)
        if days and not release.is_current and not release.is_removed and release.path.stat().st_mtime < oldest
    ]
    for release in old:
        unnamed = out / f".tmp-{release.path.name}"  # swept by the next build, should this one be killed
        release.path.rename(unnamed)
        shutil.rmtree(unnamed)
    return old


def files(folder: Path) -> list[Path]:
    """List every file below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def hash_file(path: Path) -> str:
    """Hash a file by SHA-256, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""A release: the pipeline that makes it, its manifest, its verification, and the atomic switch to it.

    <out>/current -> <id>           a symbolic link; replacing it is the switch
    <out>/<id>/store/               the engine's files, the default graph merged from all graphs
    <out>/<id>/dumps/               answerable.nq.gz, .ttl.gz, .jsonld.gz
    <out>/<id>/questions/           the named questions as they were
    <out>/<id>/catalogue.ttl        what the release is (DCAT, VoID, PROV)
    <out>/<id>/manifest.json        the SHA-256 of every input and output, counts and versions

Promises that `current` always points to a whole release: one is made aside, closed, reopened and counted, written through
to the disk, named, verified, and only then switched to. An error, a kill or a full disk leaves the old one serving. Never
changes a release once it has its name.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import fcntl
import gzip
import hashlib
import heapq
import importlib.metadata
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kg import catalogue, corpus, link, reason, rules, terms, validate
from kg.config import Settings
from kg.corpus import Places, Source
from kg.errors import BuildError, ReleaseCorrupt, SourceError, UnknownName, ValidationFailed
from kg.holding import Depot, Staging
from kg.store import Store

MANIFEST = "manifest.json"
CURRENT = "current"
LIBRARIES = ("pyoxigraph", "rdflib", "pyshacl", "owlrl")  # what decides the bytes and the content of a release
STEPS = ("read", "load", "validate", "reason and link", "check", "write", "verify", "switch")
_SERVES = {
    "__init__",
    "__main__",
    "cite",
    "config",
    "engine",
    "errors",
    "formats",
    "holding",
    "participation",
    "pool",
    "questions",
    "remote",
    "remotepool",
    "rewrite",
    "sparql",
    "untc",
}
_ID = re.compile(r"\d{8}-[0-9a-f]{8}(?:-\d+)?")
_BLANK = re.compile(rb"(?:_:|<[^>]*> <[^>]*> _:)")

Progress = Callable[[int, str], None]  # the number of a step of STEPS, and a line for people


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
    there = {path.relative_to(release.path).as_posix() for path in _files(release.path)} - {MANIFEST}
    problems = [f"{name} is missing" for name in sorted(outputs.keys() - there)]
    problems += [f"{name} is not in the manifest" for name in sorted(there - outputs.keys())]
    for name in sorted(there & outputs.keys()):
        if _hash(release.path / name) != outputs[name]:
            problems.append(f"{name} differs from the manifest")
    if release.path.name != release.id:
        problems.append(f"the folder {release.path.name} holds the release {release.id}")
    return problems


def switch(out: Path, name: str) -> Release:
    """Make a release the current one, if it verifies; a reader sees the old one or the new, never neither."""
    release = find(out, name)
    if problems := verify(release):
        raise ReleaseCorrupt(
            f"The release {name} is damaged: {problems[0]}",
            where=str(release.path),
            hint="Build anew with `kg build --force`",
        )
    temporary = out / f".{CURRENT}-{os.getpid()}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(name, target_is_directory=True)
    os.replace(temporary, out / CURRENT)
    _sync(out)
    return release


def diff(old: Release, new: Release) -> Iterator[tuple[str, str, str]]:
    """Yield ("-" or "+", graph, triple) for what went and what came, graph by graph; blank nodes are left out.

    The triple is N-Triples without its full stop.
    """
    left, right = _quads(old), _quads(new)
    tagged = heapq.merge(((quad, "-") for quad in left), ((quad, "+") for quad in right))
    waiting: tuple[bytes, str] | None = None
    for quad, sign in tagged:
        if waiting and waiting[0] == quad:
            waiting = None
            continue
        if waiting:
            yield _split(*waiting)
        waiting = (quad, sign)
    if waiting:
        yield _split(*waiting)


def build(
    settings: Settings,
    *,
    data: Sequence[Path] = (),
    out: Path | None = None,
    jobs: int | None = None,
    plain: bool = False,
    force: bool = False,
    engine: Depot | None = None,
    progress: Progress = lambda step, text: None,
) -> Release:
    """Make a release of the corpus and switch to it; when a release of the same inputs is there, use that one.

    With another engine the rules run and the checks are asked there, and it holds the release before the switch.
    Raises ValidationFailed (with the report of all mistakes), SourceError, QuerySyntaxError for a rule or check that does
    not parse, or BuildError; whichever it is, the release before stays the current one.
    """
    out = settings.out if out is None else out
    _make_folder(out)
    with _locked(out):
        _sweep(out)
        progress(0, "Reading the sources")
        sources = corpus.sources(settings.root, data, plain=plain)
        inputs = _inputs(settings.root, sources, plain)
        server = engine.server if engine else None
        digest = _digest(inputs, plain, server)
        if not force and (same := _same(out, digest)) and (engine is None or engine.holds(same.path)):
            switch(out, same.id)
            progress(len(STEPS), f"Nothing has changed: {same.id} is the current release")
            return same
        temporary = out / f".tmp-{os.getpid()}"  # nobody else makes one here while we hold the lock
        try:
            temporary.mkdir()
            name = _name(out, digest)
            with engine.stage(name) if engine else Store.memory() as store:
                _make(
                    settings,
                    store,
                    temporary,
                    name,
                    sources,
                    inputs,
                    digest,
                    server,
                    1 if engine else jobs or os.cpu_count() or 1,  # another engine is asked one thing at a time
                    plain,
                    progress,
                )
                progress(6, "Verifying")
                os.replace(temporary, out / name)
                _sync(out)
                if engine:
                    store.finish(out / name)
            progress(7, "Switching")
            release = switch(out, name)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG):
                raise
            raise BuildError(f"The release cannot be written ({error.strerror})", where=str(out)) from None
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    progress(len(STEPS), f"{release.id} is the current release")
    return release


def check(settings: Settings, *, paths: Sequence[Path] = (), jobs: int | None = None) -> validate.Report:
    """Do all that a build does before it writes, in memory; return the report of the mistakes and warnings.

    Paths inside the project narrow the report to themselves; paths elsewhere are laid over data/ first.
    """
    root = settings.root.resolve()
    inside = [path.resolve() for path in paths if path.resolve().is_relative_to(root)]
    sources = corpus.sources(settings.root, [path for path in paths if path.resolve() not in inside])
    for path in inside:
        if not path.exists():
            raise SourceError("There is no such file or folder", where=str(path))
    with Store.memory() as store:
        report = _derive(settings, store, sources, jobs or os.cpu_count() or 1, lambda step, text: None)
    if not paths:
        return report
    outside = {s.name for s in sources if not s.path.resolve().is_relative_to(root)}
    names = outside | {s.name for s in sources if any(s.path.resolve().is_relative_to(path) for path in inside)}
    return validate.Report(tuple(result for result in report.results if result.where in names or not result.where))


def _make(
    settings: Settings,
    store: Store | Staging,
    folder: Path,
    name: str,
    sources: Sequence[Source],
    inputs: dict[str, str],
    digest: str,
    server: str | None,
    jobs: int,
    plain: bool,
    progress: Progress,
) -> None:
    """Write a whole release into a folder and through to the disk."""
    started = _now()
    # In memory first: the rules add to the store in small steps, each of which would cost a commit to the disk.
    if plain:
        progress(1, f"Loading {len(sources)} files")
        report = validate.report(corpus.load(store, sources))
        store.copy_named_into_default()
    else:
        report = _derive(settings, store, sources, jobs, progress)
    if not report.conforms:
        raise _failure(report)
    if server is not None:
        store.settle(lambda here: None if plain else _link(settings, here))
    for warning in report.results:
        progress(4, str(warning))
    progress(5, "Writing the dumps and the catalogue")
    graphs = {graph: store.count(graph) for graph in store.graphs()}
    total = store.count()
    with ThreadPoolExecutor(1) as beside:  # the engine writes its files while the dumps are written here
        saving = beside.submit(store.save, folder / "store")
        dumps = _dump(store, folder / "dumps", canonical=not plain)
        saving.result()
    _copy_questions(settings.root, folder / "questions")
    created = _now()
    described = catalogue.describe(
        store,
        release=name,
        started=started,
        created=created,
        triples=total,
        dumps=dumps,
        inputs=inputs,
        plain=plain,
    )
    (folder / "catalogue.ttl").write_text(described, encoding="utf-8")
    with Store.open(folder / "store") as saved:
        if (counted := saved.count()) != total:
            raise BuildError(f"The store holds {counted} triples after closing, and {total} before", where=str(folder))
    manifest = {
        "id": name,
        "created": created,
        "base": terms.BASE,
        "plain": plain,
        "digest": digest,
        "triples": {"total": total, "graphs": graphs},
        "warnings": [str(warning) for warning in report.results],
        "versions": _versions(),
        "engine": server,
        "inputs": inputs,
        "outputs": {path.relative_to(folder).as_posix(): _hash(path) for path in _files(folder)},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=False) + "\n", encoding="utf-8")
    for path in [*_files(folder), *(path for path in folder.rglob("*") if path.is_dir()), folder]:
        _sync(path)


def _derive(
    settings: Settings, store: Store | Staging, sources: Sequence[Source], jobs: int, progress: Progress
) -> validate.Report:
    """Load, validate, reason, link and check; the store is whole only if the report conforms."""
    progress(1, f"Loading {len(sources)} files")
    errors = corpus.load(store, sources)
    if errors:
        # What refers to an unread file would be called undefined; its author has enough to mend first.
        return validate.report(errors)
    places = Places(sources)
    progress(2, "Validating against the shapes")
    report = validate.report(corpus.check(store, sources), validate.shapes(store, sources, places))
    if not report.conforms:
        return report
    progress(3, "Reasoning and linking")
    store.load(reason.close_ontology(sources), format="nt", graph=reason.ONTOLOGY_CLOSURE, source="the closed ontology")
    store.copy_named_into_default()
    _link(settings, store)
    progress(4, "Asking the checks")
    found = validate.check(store, settings.root / "queries/checks", places, jobs=jobs)
    return validate.report(report.results, found)


def _link(settings: Settings, store: Store | Staging) -> None:
    owl, links = (rules.load(settings.root / "queries/rules" / kind) for kind in ("owl", "links"))
    link.link(store, links, lambda: reason.reason(store, owl))


def _failure(report: validate.Report) -> ValidationFailed:
    first, more = report.violations[0], len(report.violations) - 1
    also = f" (and {more} more)" if more else ""
    return ValidationFailed(
        first.message + also,
        report=report,
        where=first.where or None,
        line=first.line or None,
        column=first.column or None,
    )


def _inputs(root: Path, sources: Iterable[Source], plain: bool) -> dict[str, str]:
    """Hash everything that decides what a release holds, by name."""
    inputs = {source.name: source.sha256 for source in sources}
    folders = ("questions",) if plain else ("rules", "checks", "questions")
    for path in (path for folder in folders for path in sorted((root / "queries" / folder).rglob("*.rq"))):
        inputs[path.relative_to(root).as_posix()] = _hash(path)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _SERVES:
            inputs[f"kg/{path.name}"] = _hash(path)
    return inputs


def _digest(inputs: dict[str, str], plain: bool, server: str | None) -> str:
    made_by = [_versions(), server] if server else [_versions()]  # another engine derives by its own lights
    return hashlib.sha256(json.dumps([inputs, plain, *made_by], sort_keys=True).encode()).hexdigest()


def _versions() -> dict[str, str]:
    return {library: importlib.metadata.version(library) for library in LIBRARIES}


def _same(out: Path, digest: str) -> Release | None:
    """Find a whole release of these inputs, the current one first."""
    found = [release for release in reversed(releases(out)) if release.manifest.get("digest") == digest]
    link_ = out / CURRENT
    found.sort(key=lambda release: release.path != link_.resolve())
    return next((release for release in found if not verify(release)), None)


def _name(out: Path, digest: str) -> str:
    plain = f"{datetime.datetime.now(datetime.UTC):%Y%m%d}-{digest[:8]}"
    names = [plain, *(f"{plain}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (out / name).exists())


def _dump(store: Store, folder: Path, *, canonical: bool) -> list[catalogue.Dump]:
    folder.mkdir()
    dumps = []
    for form, body in store.dump_all(canonical=canonical):
        path = folder / f"answerable.{form}.gz"
        with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            packed.write(body)
        del body  # before the next one is made
        dumps.append(catalogue.Dump(path.name, form, path.stat().st_size, _hash(path)))
    return dumps


def _copy_questions(root: Path, folder: Path) -> None:
    folder.mkdir()
    for path in sorted((root / "queries/questions").glob("*.rq")):
        shutil.copyfile(path, folder / path.name)


def _quads(release: Release) -> Iterator[bytes]:
    with gzip.open(release.path / "dumps/answerable.nq.gz") as lines:
        for line in lines:
            if not _BLANK.match(line):
                yield line


def _split(quad: bytes, sign: str) -> tuple[str, str, str]:
    triple, graph, _ = quad.decode().rstrip().rsplit(" ", 2)
    return sign, graph.strip("<>"), triple


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sync(path: Path) -> None:
    """Write a file or a folder's list of names through to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(f"The folder of the releases cannot be made ({error.strerror})", where=str(out)) from None


def _sweep(out: Path) -> None:
    """Remove what killed builds left; the lock is held, so nobody is at work there."""
    for path in out.glob(".tmp-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in out.glob(f".{CURRENT}-*"):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold the only right to build into a folder; the system gives it back when the process ends, however it ends."""
    try:
        handle = os.open(out / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise BuildError(f"Nothing can be written here ({error.strerror})", where=str(out)) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(
                "Another build is at work here", where=str(out), hint="Wait for it to end, or give another --out"
            ) from None
        yield
    finally:
        os.close(handle)

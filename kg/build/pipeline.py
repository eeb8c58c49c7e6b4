"""The pipeline: a release is made, verified and switched to."""

from __future__ import annotations

import contextlib
import datetime
import errno
import fcntl
import gzip
import hashlib
import importlib.metadata
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kg import terms
from kg.build import catalogue, corpus, link, reason, rules, validate
from kg.build.corpus import Places, Source
from kg.config import Settings
from kg.errors import BuildError, SourceError, ValidationFailed
from kg.release import CURRENT, MANIFEST, Release, files, hash_file, releases, switch, sync, verify
from kg.store import Store

LIBRARIES = ("pyoxigraph", "rdflib", "pyshacl", "owlrl")  # what decides the bytes and the content of a release
STEPS = ("read", "load", "validate", "reason and link", "check", "write", "verify", "switch")

Progress = Callable[[int, str], None]  # the number of a step of STEPS, and a line for people


def build(
    settings: Settings,
    *,
    data: Sequence[Path] = (),
    out: Path | None = None,
    jobs: int | None = None,
    plain: bool = False,
    force: bool = False,
    progress: Progress = lambda step, text: None,
) -> Release:
    """Make a release of the corpus and switch to it; when a release of the same inputs is there, use that one.

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
        digest = _digest(inputs, plain)
        if not force and (same := _same(out, digest)):
            switch(out, same.id)
            progress(len(STEPS), f"Nothing has changed: {same.id} is the current release")
            return same
        temporary = out / f".tmp-{os.getpid()}"  # nobody else makes one here while we hold the lock
        try:
            temporary.mkdir()
            name = _name(out, digest)
            with Store.memory() as store:
                _make(
                    settings,
                    store,
                    temporary,
                    name,
                    sources,
                    inputs,
                    digest,
                    jobs or os.cpu_count() or 1,
                    plain,
                    progress,
                )
                progress(6, "Verifying")
                os.replace(temporary, out / name)
                sync(out)
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
    store: Store,
    folder: Path,
    name: str,
    sources: Sequence[Source],
    inputs: dict[str, str],
    digest: str,
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
        "inputs": inputs,
        "outputs": {path.relative_to(folder).as_posix(): hash_file(path) for path in files(folder)},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=False) + "\n", encoding="utf-8")
    for path in [*files(folder), *(path for path in folder.rglob("*") if path.is_dir()), folder]:
        sync(path)


def _derive(
    settings: Settings, store: Store, sources: Sequence[Source], jobs: int, progress: Progress
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


def _link(settings: Settings, store: Store) -> None:
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
        inputs[path.relative_to(root).as_posix()] = hash_file(path)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        inputs[f"kg/build/{path.name}"] = hash_file(path)
    return inputs


def _digest(inputs: dict[str, str], plain: bool) -> str:
    return hashlib.sha256(json.dumps([inputs, plain, _versions()], sort_keys=True).encode()).hexdigest()


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
        dumps.append(catalogue.Dump(path.name, form, path.stat().st_size, hash_file(path)))
    return dumps


def _copy_questions(root: Path, folder: Path) -> None:
    folder.mkdir()
    for path in sorted((root / "queries/questions").glob("*.rq")):
        shutil.copyfile(path, folder / path.name)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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

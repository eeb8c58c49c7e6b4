"""The pipeline: read, state, derive, check and write, each given what the one before returns; then the switch to the release."""

import contextlib
import errno
import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.build import folder, inputs, steps
from kg.build.inputs import Inputs
from kg.build.steps import STEPS, Progress
from kg.config import Settings
from kg.errors import BuildError, SourceError
from kg.release import CURRENT, Release, point, prune, releases, verify

# What the disk may say; an error of the engine's has no number, and ends with the system's words.
REFUSED = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG, errno.EIO, None}


@dataclass(frozen=True, slots=True)
class Options:
    """How a release is made."""

    data: Sequence[Path] = ()  # folders laid over data/
    without: Sequence[str] = ()  # folders and tables of data/ that are left out
    jobs: int | None = None  # checks that are asked at the same time; one a core where it is None
    force: bool = False  # make all of it anew, whatever there is
    progress: Progress = lambda done, text: None
    ready: Callable[[], None] = lambda: None  # called when the new release is whole, before the switch to it


def build(settings: Settings, **options: Any) -> Release:
    """Make a release and switch to it; when a release of the same inputs is there, use that one.

    The options are the fields of Options. Raises ValidationFailed (with the report of all mistakes), SourceError,
    QuerySyntaxError for a rule or check that does not parse, or BuildError; the release before then stays the current one.
    """
    plan, out, started = Options(**options), settings.out, folder.now()
    with _locked(out), _explained(out):
        plan.progress(0 / STEPS, "Reading the sources")
        before = (out / CURRENT).resolve()
        read = inputs.read(settings.root, plan.data, plan.without)
        release = None if plan.force else _find_same(out, read)
        last = f"Nothing has changed: {release.id} is the current release" if release else ""
        if release is None:
            draft = steps.make(read, jobs=plan.jobs, progress=plan.progress)
            plan.progress(4 / STEPS, "Writing the dumps and the catalogue")
            release = folder.write(draft, out, started)
            last = f"{release.id} is the current release"
        plan.progress(5 / STEPS, "Switching")
        plan.ready()
        if (meanwhile := (out / CURRENT).resolve()) not in (before, release.path.resolve()):
            last += f", instead of {meanwhile.name}, which became it during the build: `kg rollback {meanwhile.name}` goes back"
        point(out, release)
        if old := [pruned.path.name for pruned in prune(out, settings.keep_days)]:
            last += f"; deleted, being older than {settings.keep_days} days: {', '.join(old)}"
        plan.progress(1, last)
        return release


def _find_same(out: Path, read: Inputs) -> Release | None:
    """Find a whole release of these inputs, the current one first."""
    same = [release for release in reversed(releases(out)) if release.manifest.get("digest") == read.digest]
    now = (out / CURRENT).resolve()
    same.sort(key=lambda release: release.path != now)
    return next((release for release in same if not verify(release)), None)


@contextlib.contextmanager
def _explained(out: Path) -> Iterator[None]:
    """Clear away what killed builds left; turn what the disk refuses into a BuildError."""
    for path in out.glob(".tmp-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in out.glob(f".{CURRENT}-*"):
        path.unlink(missing_ok=True)
    try:
        yield
    except (OSError, SourceError) as error:
        refused = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(refused, OSError) or refused.errno not in REFUSED:
            raise
        why = refused.strerror or str(refused).rpartition(": ")[2].partition(" (os error")[0]
        raise BuildError(f"The release cannot be written ({why})", where=str(out)) from None


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold the only right to build into a folder; the system gives it back when the process ends, however it ends."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as error:
        raise BuildError(f"The folder of the releases cannot be made ({error.strerror})", where=str(out)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hint = "Wait for it to end, or give another --out"
            raise BuildError("Another build is at work here", where=str(out), hint=hint) from None
        yield

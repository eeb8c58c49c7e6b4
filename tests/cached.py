"""Folders that the processes of a run share, and that later runs find again as long as nothing has changed of what they are made from.

A folder NAME is whole when NAME.done stands beside it. Who uses one holds a shared lock on NAME.lock to the end of the run; who
fills or deletes one holds that alone.
"""

import contextlib
import datetime
import fcntl
import functools
import hashlib
import importlib.metadata
import os
import shutil
import sys
from dataclasses import replace
from unittest import mock

from kg import names, terms
from kg import release as releases
from kg.build import inference, inputs, pipeline, queries
from kg.config import PROJECT, Settings
from kg.errors import ReleaseCorrupt, UnknownName

# All that a release of the shipped tree, of tests/world/ or of planted.py is made from, and what makes it.
MADE_FROM = ("kg", "ontology", "shapes", "queries", "data", "tests/world", "pyproject.toml", names.KEY)
MADE_BY = ("conftest.py", "frozen.py", "cached.py", "planted.py", "planted.toml")


def key():
    """Hash all that a folder is made from: files, libraries, our settings in the environment, and the day that a release is named by."""
    settings = sorted(one for one in os.environ.items() if one[0].startswith("ANSWERABLE_"))
    day = datetime.datetime.now(datetime.UTC).date()
    made = hashlib.sha256(repr((sys.version, libraries(), settings, str(day))).encode())
    for top in (*(PROJECT / name for name in MADE_FROM), *(PROJECT / "tests" / name for name in MADE_BY)):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix != ".pyc":
                data = path.read_bytes()
                made.update(f"{path.relative_to(PROJECT)} {len(data)}\n".encode() + data)
    return made.hexdigest()[:24]


@functools.cache
def libraries():
    """List what is installed, with its versions."""
    return sorted((one.name, one.version) for one in importlib.metadata.distributions())


def filled(base, name, fill, locks):
    """Give the folder of this name, filled by the first to ask; the lock on it is held as long as `locks`."""
    lock = locks.enter_context((base / f"{name}.lock").open("w"))
    folder, done = base / name, base / f"{name}.done"
    fcntl.flock(lock, fcntl.LOCK_SH)
    while not done.exists():
        fcntl.flock(lock, fcntl.LOCK_EX)  # waits for others, one of whom may fill it meanwhile
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with unchanged_once():
                fill(folder)
            done.touch()
            clear(base, name)
        fcntl.flock(lock, fcntl.LOCK_SH)  # for a moment nobody holds it, so it may be gone again
    return folder


def ship(folder):
    """Build the shipped tree into an empty folder; where `kg build` made a release of just that, a copy of it will do."""
    settings = Settings.load()
    with contextlib.suppress(UnknownName, ReleaseCorrupt):
        made = releases.current(settings.out)
        if made.manifest["digest"] == inputs.read(settings.root).digest:
            shutil.copytree(made.path, folder / made.path.name)
    pipeline.build(replace(settings, out=folder))  # looks at every file of the copy


def clear(base, name):
    """Delete what stands for the same under another key, unless a run uses it."""
    for done in base.glob(f"{name.rpartition('-')[0]}-*.done"):
        if done.stem == name:
            continue
        with (base / f"{done.stem}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            done.unlink(missing_ok=True)
            shutil.rmtree(base / done.stem, ignore_errors=True)


@contextlib.contextmanager
def unchanged_once():
    """Do only once in this process what gives the same in most of the small builds, and takes longer than the rest of them.

    The ontology is closed, the queries are parsed and judged, and the code of the build is hashed: each again if anything changes.
    """
    modules = lambda sources: tuple(source.data for source in sources if source.kind == "ontology")
    named = (terms.VOCABULARY, terms.SCHEME)  # what a query may only name if something describes it
    whole = lambda read, defined: (tuple(read.queries), frozenset(term for term in defined if term.startswith(named)))
    with (
        mock.patch.object(inputs, "scan", remembering(inputs.scan, lambda folder: folder)),
        mock.patch.object(inference, "close_ontology", remembering(inference.close_ontology, modules)),
        mock.patch.object(queries, "review", remembering(queries.review, whole)),
    ):
        yield


def remembering(function, made_from):
    """Make a function that remembers its answers, by what `made_from` says of its arguments."""

    @functools.wraps(function)  # whose name tells its answers from those of others
    def ask(*arguments):
        key = (function.__name__, made_from(*arguments))
        if key not in REMEMBERED:
            REMEMBERED[key] = function(*arguments)
        return REMEMBERED[key]

    return ask


REMEMBERED = {}

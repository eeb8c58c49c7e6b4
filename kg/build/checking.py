"""A check: what a build would refuse, told without building.

Of a few changed files it is narrow: it takes over what it may from the current release, whose other inputs are the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import terms
from kg.build import inputs
from kg.build.inference import ONTOLOGY_CLOSURE
from kg.build.inputs import CODE, Inputs, Source, versions
from kg.build.pipeline import Build
from kg.build.report import Report
from kg.config import Settings
from kg.errors import ReleaseCorrupt, SourceError, UnknownName, ValidationFailed
from kg.names import NAMES
from kg.release import Release, current, hash_file
from kg.store import Store

RULE = "queries/rules/narrowed.rq"  # merges, before inference, what can concern a file of the folders it names
_FOLDERS = re.compile(r"^#\+ folders: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reuse:
    """A release that conforms, and the sources that have changed since; `rule` is the text of RULE."""

    release: Release
    changed: tuple[Source, ...]
    rule: str

    def closure(self) -> bytes:
        """The closed ontology, as N-Triples."""
        target = io.BytesIO()
        with Store.open(self.release.store_path) as store:
            store.dump(target, format="nt", graph=ONTOLOGY_CLOSURE)
        return target.getvalue()

    def about(self, store: Store) -> frozenset[str]:
        """Name the things that a changed source describes, in a store of all sources, or described before."""
        with Store.open(self.release.store_path) as before:
            found = {
                row[0].value
                for one in (store, before)
                for source in self.changed
                for row in one.select(f"SELECT DISTINCT ?s {{ GRAPH <{source.graph}> {{ ?s ?p ?o }} }}")
                if isinstance(row[0], terms.Iri)
            }
        return frozenset(found)


def check(
    settings: Settings, *, paths: Sequence[Path] = (), jobs: int | None = None, without: Sequence[str] = ()
) -> Report:
    """Do all that a build does before it writes, in memory; return the report of the mistakes and warnings.

    Paths inside the project narrow the report to themselves; paths elsewhere are laid over data/ first. Mistakes in other
    files stay in the report, apart. `without` names folders of data/ that are left out.
    """
    root = settings.root.resolve()
    inside = [path.resolve() for path in paths if path.resolve().is_relative_to(root)]
    build = Build(settings, data=[path for path in paths if path.resolve() not in inside], jobs=jobs, without=without)
    build.read()
    if not paths:
        return _run(build)
    asked = {path: _named(build, path.resolve()) for path in paths}
    names = set().union(*asked.values())
    build.reuse = find(settings.out, build.inputs, names)
    report = _run(build, asked)
    if build.reuse and report.elsewhere:  # what is left out of a narrow check might be what these files miss
        build.reuse = None
        report = _run(build, asked)
    return report


def find(out: Path, read: Inputs, names: Collection[str]) -> Reuse | None:
    """Find the current release, if nothing but inputs of these names has changed since it was built and RULE allows it."""
    rule = next((one.text for one in read.queries if one.name == RULE), "")
    folders = match[1].split() if (match := _FOLDERS.search(rule)) else []
    try:
        release = current(out)
        manifest = release.manifest
    except (UnknownName, ReleaseCorrupt):
        return None
    before, now = manifest["inputs"], read.written
    recorded = {name: sha256 for name, sha256 in before.items() if name not in now}
    changed = {name for name in now if before.get(name) != now[name]}
    same = all((CODE / name).is_file() and hash_file(CODE / name) == sha256 for name, sha256 in recorded.items())
    if not same or manifest.get("plain") or manifest.get("versions") != versions() or not changed <= set(names):
        return None
    if not all(name.startswith(tuple(f"{folder}/" for folder in folders)) for name in names):
        return None
    return Reuse(release, tuple(source for source in read.sources if source.name in names), rule)


def _run(build: Build, asked: Mapping[Path, Collection[str]] | None = None) -> Report:
    """Do the steps of a build up to the last check; with `asked`, report of the files that each path names."""
    with Store.memory() as build.store:
        try:
            build.load()
            build.validate()
            build.infer()
            build.check()
            report = build.report
        except ValidationFailed as error:
            report = error.report
        return report if asked is None else _narrow(report, build, asked)


def _named(build: Build, path: Path) -> set[str]:
    """Name the inputs, and the queries of pages, at or below a path."""
    if not path.exists():
        raise SourceError("There is no such file or folder", where=str(path))
    root = build.settings.root.resolve()
    read = (*build.inputs.sources, *build.inputs.crosswalks)
    names = {one.name for one in read if one.path.resolve().is_relative_to(path)}
    queries = [*build.inputs.queries, *inputs.read_queries(root, "pages"), *inputs.read_queries(root, "lists")]
    names |= {one.name for one in queries if (root / one.name).is_relative_to(path)}
    if not names:
        raise inputs.nothing(path)
    return names


def _narrow(report: Report, build: Build, asked: Mapping[Path, Collection[str]]) -> Report:
    """Report of the files that were asked about, and count them and their triples; a path without any is an error."""
    sources = {one.name: one for one in build.inputs.sources}
    names = set().union(*asked.values())
    triples = {name: build.store.count(sources[name].graph) for name in names & sources.keys()}
    for path, named in asked.items():
        wrong = any(result.where in named for result in report.violations)
        if not wrong and triples.keys() >= set(named) and not any(triples[name] for name in named):
            raise SourceError("There is no triple here, and so nothing to check", where=str(path))
    root = build.settings.root.resolve()
    walks = build.inputs.crosswalks
    read = {one.path.resolve() for one in (*sources.values(), *walks)} | {
        (root / name).resolve() for name in (*names, NAMES)
    }
    unread = [str(one) for path in asked for one in inputs.unread(path, read)]
    there = report.narrow(names)
    return Report(there.results, len(names), sum(triples.values()), there.elsewhere, tuple(dict.fromkeys(unread)))

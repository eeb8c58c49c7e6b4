"""A check: what a build would refuse, without building."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from kg.build import inputs
from kg.build.pipeline import Build
from kg.build.report import Report
from kg.config import Settings
from kg.errors import SourceError, ValidationFailed
from kg.names import NAMES
from kg.store import Store


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
    return _run(build, asked)


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

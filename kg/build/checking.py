"""A check: what a build would refuse, told without building; of a few changed files, in a part of the time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg.build import inputs, narrowing, sources
from kg.build.pipeline import Build
from kg.build.report import Report
from kg.config import Settings
from kg.errors import SourceError, ValidationFailed
from kg.store import Store


def check(settings: Settings, *, paths: Sequence[Path] = (), jobs: int | None = None) -> Report:
    """Do all that a build does before it writes, in memory; return the report of the mistakes and warnings.

    Paths inside the project narrow the report to themselves; paths elsewhere are laid over data/ first. Mistakes in other
    files stay in the report, apart.
    """
    root = settings.root.resolve()
    inside = [path.resolve() for path in paths if path.resolve().is_relative_to(root)]
    build = Build(settings, data=[path for path in paths if path.resolve() not in inside], jobs=jobs)
    build.read()
    if not paths:
        return _run(build)
    names = {one.name for one in build.inputs.sources if not one.path.resolve().is_relative_to(root)}
    for path in inside:
        names |= _below(build, path)
    build.reuse = narrowing.find(settings.out, build.inputs, names)
    report = _run(build).narrow(lambda result: result.where in names or not result.where)
    if build.reuse and report.elsewhere:  # what is left out of a narrow check might be what these files miss
        build.reuse = None
        report = _run(build).narrow(lambda result: result.where in names or not result.where)
    return _count(report, build, names)


def _run(build: Build) -> Report:
    with Store.memory() as build.store:
        try:
            build.load()
            build.validate()
            build.infer()
            build.check()
        except ValidationFailed as error:
            return error.report
        return build.report


def _below(build: Build, path: Path) -> set[str]:
    """Name the inputs, and the queries of pages, at or below a path in the project."""
    if not path.exists():
        raise SourceError("There is no such file or folder", where=str(path))
    root = build.settings.root.resolve()
    names = {one.name for one in build.inputs.sources if one.path.resolve().is_relative_to(path)}
    queries = [*build.inputs.queries, *inputs.read_queries(root, "pages")]
    names |= {one.name for one in queries if (root / one.name).is_relative_to(path)}
    if not names:
        raise sources.nothing(path)
    return names


def _count(report: Report, build: Build, names: set[str]) -> Report:
    """Count the files and triples of these names alone; nothing to check is an error."""
    read = [one for one in build.inputs.sources if one.name in names]
    triples = 0
    with Store.memory() as store:
        if not sources.load(store, read):
            triples = sources.count(store)
            if len(read) == len(names) and not triples:
                raise SourceError("There is no triple here, and so nothing to check", where=read[0].name)
    return Report(report.results, len(names), triples, report.elsewhere)

"""A check: what a build would refuse, without building; of everything, or in seconds of a few files against the ontology."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from kg import terms
from kg.build import checks, inputs, steps
from kg.build.inputs import Inputs
from kg.build.places import Places
from kg.build.report import ValidationReport, collect
from kg.config import Settings
from kg.errors import SourceError, ValidationFailed
from kg.names import NAMES
from kg.store import Store

_CONTEXT = ("queries/checks/stated/", "queries/records/")  # queries that judge other files
_WHOLE = "the rules, the checks of the whole graph and the examples of questions"


def check(
    settings: Settings, *, paths: Sequence[Path] = (), jobs: int | None = None, without: Sequence[str] = ()
) -> ValidationReport:
    """Do all that a build does before it writes, in memory; return the report of the mistakes and warnings.

    With paths, judge those files alone, as far as they and the ontology tell; the report names what is left. Paths outside the
    project are laid over data/. `without` names folders and tables of data/ that are left out.
    """
    root = settings.root.resolve()
    over = [path for path in paths if not path.resolve().is_relative_to(root)]
    read = inputs.read(settings.root, over, without)
    if paths:
        return _check_files(root, read, paths)
    try:
        return steps.make(read, jobs=jobs).report
    except ValidationFailed as error:
        return error.report


def _check_files(root: Path, read: Inputs, paths: Sequence[Path]) -> ValidationReport:
    """Judge what the files at some paths state, and the queries among them."""
    names = {path: _names(root, read, path.resolve()) for path in paths}
    every = set().union(*names.values())
    part = _part(read, every)
    others = [source.data for source in read.sources if source.name not in every]
    with Store.memory() as store:
        report, references = _judge(part, store, others)
        triples = {source.name: store.count(source.graph) for source in part.sources if source.name in every}
    wrong = {result.where for result in report.violations}
    for path, inside in names.items():
        if triples.keys() >= inside and not any(triples[name] for name in inside) and not inside & wrong:
            raise SourceError("There is no triple here, and so nothing to check", where=str(path))
    results = tuple(result for result in report.results if not result.where or result.where in every)
    elsewhere = tuple(result for result in report.violations if result.where and result.where not in every)
    left = [_WHOLE, *([f"what other files say of the things named here ({references:,})"] if references else [])]
    return ValidationReport(
        results, len(every), sum(triples.values()), elsewhere, _unread(root, read, paths), tuple(left)
    )


def _judge(part: Inputs, store: Store, others: Sequence[bytes]) -> tuple[ValidationReport, int]:
    """Load and validate a part of the inputs; report what is wrong in it, and count the things that are left to the build.

    These are the things that the part does not define and the text of another file names, so that it may.
    """
    if errors := inputs.load(store, part.sources):
        return collect(errors), 0
    defined = checks.defined(store)

    @cache
    def is_elsewhere(thing: str) -> bool:
        key = thing.rpartition("/")[2].encode()
        return thing.startswith(terms.ID) and thing not in defined and any(key in text for text in others)

    _, results = steps.validate(part, store, Places(part.sources, store), skip=is_elsewhere)
    stated = part.folder("checks/stated")
    dependent = {"", *(checks.name_of(check) for check in stated if checks.depends_on_others(check))}
    certain = (result for result in results if result.shape not in dependent or not is_elsewhere(result.focus))
    return collect(certain), sum(map(is_elsewhere, _named(store)))


def _named(store: Store) -> set[str]:
    query = "SELECT DISTINCT ?x { GRAPH ?g { { ?x ?link ?value } UNION { ?thing ?link ?x } } FILTER (ISIRI(?x)) }"
    return {row[0].value for row in store.select(query)}


def _part(read: Inputs, names: set[str]) -> Inputs:
    """Take the inputs of some names and those that they are judged by; with a query, all queries."""
    has_query = any(query.name in names for query in read.queries)
    return replace(
        read,
        sources=[source for source in read.sources if source.kind != "data" or source.name in names],
        queries=[query for query in read.queries if has_query or query.name.startswith(_CONTEXT)],
        crosswalks=[walk for walk in read.crosswalks if walk.name in names],
    )


def _names(root: Path, read: Inputs, path: Path) -> set[str]:
    if not path.exists():
        raise SourceError("There is no such file or folder", where=str(path))
    files = (*read.sources, *read.crosswalks)
    names = {file.name for file in files if file.path.resolve().is_relative_to(path)}
    names |= {query.name for query in read.queries if (root / query.name).is_relative_to(path)}
    if not names:
        raise inputs.nothing(path)
    return names


def _unread(root: Path, read: Inputs, paths: Sequence[Path]) -> tuple[str, ...]:
    """List the files at or below some paths that hold nothing a build reads."""
    judged = {file.path.resolve() for file in (*read.sources, *read.crosswalks)}
    judged |= {root / NAMES, *(root / query.name for query in read.queries)}
    files = dict.fromkeys(file for path in paths for file in inputs.files_of(path))
    return tuple(str(file) for file in files if file.resolve() not in judged)

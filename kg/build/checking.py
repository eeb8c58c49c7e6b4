"""A check: what a build would refuse, without building; of everything, or in seconds of a few files against the ontology."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from kg import terms
from kg.build import inputs, mapping, steps
from kg.build.inputs import Inputs, Source
from kg.build.mapping import Origins, kind_of_thing
from kg.build.places import Places
from kg.build.report import Result, ValidationReport, collect
from kg.config import Settings
from kg.errors import SourceError, ValidationFailed
from kg.names import NAMES
from kg.store import Store

_CONTEXT = ("queries/mappings/", "queries/checks/stated/", "queries/records/")  # queries that judge other files
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


def check_tables(root: Path, tables: Sequence[Source], gone: Collection[str] = ()) -> ValidationReport:
    """Judge tables that are not in their places yet, as far as they, the ontology and what is stated tell.

    They stand in the place of those of the same names, and without those that are gone.
    """
    read, names = inputs.read(root), {table.name for table in tables}
    others = [each for each in read.tables if each.name not in {*names, *gone}]
    with Store.memory() as store:
        report, _ = _judge(replace(read, tables=[*others, *tables]), names, store)
        return replace(report, files=len(names), triples=sum(store.count(table.graph) for table in tables))


def _check_files(root: Path, read: Inputs, paths: Sequence[Path]) -> ValidationReport:
    """Judge what the files at some paths state, and the queries among them."""
    names = {path: _names(root, read, path.resolve()) for path in paths}
    every = set().union(*names.values())
    with Store.memory() as store:
        report, references = _judge(read, every, store)
        stating = (file for file in read.stating if file.name in every)
        triples = {file.name: store.count(file.graph) for file in stating}
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


def _judge(read: Inputs, names: set[str], store: Store) -> tuple[ValidationReport, int]:
    """Load and validate the inputs of some names; report what is wrong in them, and count the things that are left to the build.

    These are the things that the inputs do not define and another file may: its text names them, or a table makes them.
    """
    part = _part(read, names)
    origins, described = Origins(), set[str]()
    makers = mapping.makers(read.tables, mapping.read_mappings(read.folder("mappings"))) if read.tables else {}
    errors: Sequence[Result | SourceError] = inputs.load(store, part.sources)
    if part.tables and not errors:
        origins, errors, described = _make_statements(read, names, store)
    if errors:
        return collect(errors), 0
    defined = inputs.described(store)
    others = [] if part.tables else [file.data for file in read.stating if file.name not in names]

    @cache
    def made_of_tables(kind: str) -> set[str]:
        with Store.memory() as whole:
            steps.state(_with_tables(read, makers[kind]), whole)
            return inputs.described(whole)

    @cache
    def is_elsewhere(thing: str) -> bool:
        if not thing.startswith(terms.ID) or thing in defined:
            return False
        if thing in described or any(_key(thing) in text for text in others):
            return True
        kind = kind_of_thing(thing)
        return kind in makers and thing in made_of_tables(kind)

    _, results = steps.validate(part, store, Places(part.sources, store, origins), skip=is_elsewhere)
    certain = (result for result in results if result.shape or not is_elsewhere(result.focus))
    return collect(certain), sum(map(is_elsewhere, _named(store)))


def _make_statements(
    read: Inputs, names: Collection[str], store: Store
) -> tuple[Origins, Sequence[Result | SourceError], set[str]]:
    """Make the statements of tables of some names, and put them into a store; return what is described beside them too."""
    with Store.memory() as whole:
        places, errors = steps.state(read, whole, names)
        for table in read.tables if not errors else ():
            if table.name in names:
                store.load(whole.dump(table.graph), format="nt", graph=table.graph, source=table.name)
        return places.origins, errors, inputs.described(whole) | places.origins.beside


def _with_tables(read: Inputs, kinds: Collection[str]) -> Inputs:
    return replace(read, tables=[table for table in read.tables if mapping.kind_of(table) in kinds])


def _key(thing: str) -> bytes:
    return thing.rpartition("/")[2].encode()


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
        tables=[table for table in read.tables if table.name in names],
    )


def _names(root: Path, read: Inputs, path: Path) -> set[str]:
    if not path.exists():
        raise SourceError("There is no such file or folder", where=str(path))
    names = {file.name for file in read.files if file.path.resolve().is_relative_to(path)}
    names |= {query.name for query in read.queries if (root / query.name).is_relative_to(path)}
    if not names:
        raise inputs.nothing(path)
    return names


def _unread(root: Path, read: Inputs, paths: Sequence[Path]) -> tuple[str, ...]:
    """List the files at or below some paths that hold nothing a build reads."""
    judged = {file.path.resolve() for file in read.files}
    judged |= {root / NAMES, *(root / query.name for query in read.queries)}
    files = dict.fromkeys(file for path in paths for file in inputs.files_of(path))
    return tuple(str(file) for file in files if file.resolve() not in judged)

"""The crosswalks of a release are judged with the sources: those that are files, and the queries that make the others."""

from collections.abc import Collection, Iterator
from pathlib import PurePath

from kg import terms
from kg.build import questions, texts
from kg.build.inputs import Inputs
from kg.build.report import Result, as_result
from kg.crosswalks import COLUMNS, FOLDER, SUFFIX, faults, parse, parse_query
from kg.errors import SourceError
from kg.store import Store
from kg.terms import Iri

_IDENTIFIERS = ("subject_id", "predicate_id", "object_id")  # the columns that no query may lack


def _review_queries(inputs: Inputs, defined: Collection[str]) -> list[Result]:
    """List the mistakes in the queries that make crosswalks: their SPARQL, their terms, their headers and their columns."""
    results, variables = questions.judge(inputs.folder(FOLDER), defined)
    if results:
        return results
    for file in inputs.folder(FOLDER):
        try:
            parse_query(file.name, file.text)
        except SourceError as error:
            results.append(as_result(error))
        if missing := [column for column in _IDENTIFIERS if column not in variables[file.name]]:
            results.append(
                Result(file.name, 1, 1, f"The SELECT has no ?{missing[0]}. It may have ?{', ?'.join(COLUMNS)}.")
            )
    return results


def review(inputs: Inputs, store: Store, defined: Collection[str]) -> Iterator[Result]:
    """Yield the mistakes in crosswalks: in the queries that make them, and in the files, also subjects that no source describes.

    `defined` are the IRIs of the terms and concepts there are.
    """
    yield from _review_queries(inputs, defined)
    stated = {PurePath(file.name).stem for file in inputs.folder(FOLDER)}
    for file in inputs.crosswalks:
        yield from texts.review(file)
        try:
            crosswalk = parse(file.path.name.removesuffix(SUFFIX), file.data)
        except SourceError as error:
            error.where = file.name
            yield as_result(error)
            continue
        if mistakes := [*faults(crosswalk, stated)]:
            yield from (Result(file.name, line, 0, message) for line, message in mistakes)
            continue
        described = _described(store, set(crosswalk.by_subject()))
        for line, row in enumerate(crosswalk.rows, crosswalk.begins):
            if (iri := crosswalk.expand(row.subject_id)) not in described:
                message = f"{row.subject_id} is described nowhere. Correct it, or take the line out."
                yield Result(file.name, line, 0, message, focus=iri)


def _described(store: Store, things: set[str]) -> set[str]:
    """Pick the things that a source describes, whatever is derived of them."""
    listed = " ".join(terms.write(Iri(thing)) for thing in sorted(things))
    derived = " && ".join(f'!STRSTARTS(STR(?g), "{graph}")' for graph in (terms.INFERRED, terms.LINKS))
    query = f"SELECT DISTINCT ?x {{ VALUES ?x {{ {listed} }} GRAPH ?g {{ ?x ?p ?o }} FILTER ({derived}) }}"
    return {str(row[0]) for row in store.select(query)}

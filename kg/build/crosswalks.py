"""The crosswalks of a release: those that are files are judged with the sources, and others are made from what was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg import terms
from kg.build import texts
from kg.build.inputs import Source
from kg.build.report import Result, collect
from kg.crosswalks import CODES, STATES, SUFFIX, Crosswalk, faults, of_codes, of_states, parse
from kg.errors import SourceError
from kg.store import Store


def review(files: Iterable[Source], store: Store) -> Iterator[Result]:
    """Yield what is wrong with the files of crosswalks, among it what they map that no source describes."""
    for file in files:
        yield from texts.review(file)
        try:
            one = parse(file.path.name.removesuffix(SUFFIX), file.data)
        except SourceError as error:
            error.where = file.name
            yield from collect([error]).results
            continue
        if wrong := [*faults(one)]:
            yield from (Result(file.name, line, 0, said) for line, said in wrong)
            continue
        mapped = [one.expand(row.subject_id) for row in one.rows]
        known = _described(store, set(mapped))
        for line, (row, iri) in enumerate(zip(one.rows, mapped, strict=True), one.begins):
            if iri not in known:
                said = f"{row.subject_id} is described nowhere. Correct it, or take the line out."
                yield Result(file.name, line, 0, said, focus=iri)


def of(store: Store) -> list[Crosswalk]:
    """Make the crosswalks that a release states, from its store; those that have no line are left out."""
    made = (of_codes(store.select(CODES)), of_states(store.select(STATES)))
    return [one for one in made if one.rows]


def _described(store: Store, things: set[str]) -> set[str]:
    """Tell which things are described by a source, whatever is derived of them."""
    listed = " ".join(f"<{thing}>" for thing in sorted(things))
    derived = " && ".join(f'!STRSTARTS(STR(?g), "{graph}")' for graph in (terms.INFERRED, terms.LINKS))
    query = f"SELECT DISTINCT ?x {{ VALUES ?x {{ {listed} }} GRAPH ?g {{ ?x ?p ?o }} FILTER ({derived}) }}"
    return {row[0].value for row in store.select(query)}

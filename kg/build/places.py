"""Where in the sources something is written: file, line and column; of a table the row, and the number of its column."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kg import terms
from kg.build.inputs import Source
from kg.build.mapping import Origins
from kg.sparql.turtle import read_statements
from kg.store import Store

_IRI = re.compile(r"[A-Za-z][\w+.-]*:[^\s<>\"{}|\\^`]*")

Place = tuple[str, int, int]  # a file's name, a line and a column; ("", 0, 0) where nothing is known
UNKNOWN: Place = ("", 0, 0)


class _Index(NamedTuple):
    """Where the terms of one source stand, in the order of the places."""

    uses: Mapping[str, Sequence[Place]]  # of each IRI, string and blank node (as BLANK) outside directives
    subjects: Mapping[str, Place]  # where the description of each thing begins
    ends: Sequence[Place]  # where descriptions end

    def within(self, value: str, start: Place) -> Place | None:
        """Find the first place of a value in the description that begins at another place."""
        uses = self.uses.get(value, ())
        inside = uses[bisect_right(uses, start) :][:1]
        end = self.ends[bisect_left(self.ends, start)]
        return inside[0] if inside and inside[0] < end else None


def _read(source: Source) -> _Index:
    text = source.data.decode("utf-8", "replace")
    lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(start: int) -> Place:
        line = bisect_right(lines, start)
        return source.name, line, start - lines[line - 1] + 1

    uses: dict[str, list[Place]] = defaultdict(list)
    subjects: dict[str, Place] = {}
    ends = []
    for statement in read_statements(text):
        if statement.is_directive or not statement.words:
            continue
        for token in statement.words:
            value = statement.value(token)
            if value is not None:
                uses[value].append(place(token.start))
        subject = statement.words[0]
        subjects.setdefault(statement.value(subject) or "", place(subject.start))
        ends.append(place(statement.words[-1].start))
    return _Index(uses, subjects, ends)


@dataclass
class Places:
    """Finds where in the sources something is written; a source is read only when somebody asks for it."""

    sources: Sequence[Source]
    store: Store | None = None  # holds them, and knows which graph describes a thing
    origins: Origins = field(default_factory=Origins)  # of what is made of tables
    _graphs: dict[str, str | None] = field(
        default_factory=dict
    )  # the one that gives a thing its class, if there is one
    _indexes: dict[str, _Index] = field(default_factory=dict)

    def find(self, iri: str, graph: str | None = None, value: str | None = None, cell: str | None = None) -> Place:
        """Find where an IRI is described; with `value`, where it has that value.

        `value` is an IRI, the lexical form of a literal, or `[` for a blank node; `cell` is the value in a table, where it is
        another. The graph narrows the search.
        """
        first_use = None
        if graph is None:
            self.learn([iri])
        if place := self.origins.find(iri, graph or self._graphs.get(iri), cell or value):
            return place
        for index in self._search(graph or self._graphs.get(iri), terms.local_name(iri)):
            if iri not in index.uses:
                continue
            start = index.subjects.get(iri, index.uses[iri][0])
            if value is not None:
                return index.within(value, start) or start
            if iri in index.subjects:
                return start
            first_use = first_use or start
        return first_use or UNKNOWN

    def find_word(self, word: str, graph: str | None = None) -> Place:
        """Find the first place at which an IRI, a string or (as `[`) a blank node is written; else name the file."""
        if graph and (place := self.origins.find_value(word, graph)):
            return place
        for index in self._search(graph):
            if word in index.uses:
                return index.uses[word][0]
        return next(((source.name, 0, 0) for source in self.sources if graph in (None, source.graph)), UNKNOWN)

    def learn(self, iris: Iterable[str]) -> None:
        """Look up at once which graphs describe some things, so that each is then sought in its own file alone."""
        new = sorted({iri for iri in iris if iri not in self._graphs and _IRI.fullmatch(iri)})
        if self.store is None or not new:
            return
        graphs: dict[str, set[str]] = {iri: set() for iri in new}
        listed = " ".join(f"<{iri}>" for iri in new)
        query = f"SELECT ?x ?g {{ VALUES ?x {{ {listed} }} GRAPH ?g {{ ?x a ?type }} }}"
        for thing, graph in self.store.select(query):
            graphs[thing.value].add(graph.value)
        for iri in new:
            stated = graphs[iri] - {terms.INFERRED, terms.LINKS} or graphs[iri]
            self._graphs[iri] = stated.pop() if len(stated) == 1 else None

    def _search(self, graph: str | None, part: str = "") -> Iterator[_Index]:
        """Yield the indexes of the sources that state something in a graph (None: any) and hold a part of what is sought."""
        for source in self.sources:
            if graph in (None, source.graph) and part.encode() in source.data:
                if source.graph not in self._indexes:
                    self._indexes[source.graph] = _read(source)
                yield self._indexes[source.graph]

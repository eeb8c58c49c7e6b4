"""Where in the sources something is written: file, line and column."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kg import terms
from kg.build.inputs import Source
from kg.sparql.turtle import read_statements
from kg.store import Store

_IRI = re.compile(r"[A-Za-z][\w+.-]*:[^\s<>\"{}|\\^`]*")

Place = tuple[str, int, int]  # a file's name, a line and a column; ("", 0, 0) where nothing is known
UNKNOWN: Place = ("", 0, 0)


@dataclass(frozen=True)
class _Text:
    """The text of one source and the offsets of its terms, read once."""

    name: str
    data: bytes
    subjects: dict[str, int] = field(default_factory=dict)  # where the description of each thing begins
    ends: list[int] = field(default_factory=list)  # where descriptions end

    @cached_property
    def text(self) -> str:
        """The text, as far as it is UTF-8."""
        return self.data.decode("utf-8", "replace")

    @cached_property
    def line_ends(self) -> list[int]:
        """The offsets at which lines end."""
        return [match.start() for match in re.finditer("\n", self.text)]

    @cached_property
    def offsets(self) -> Mapping[str, list[int]]:
        """Where each IRI, string and blank node (as `[`) is written outside directives; fills `subjects` and `ends` too."""
        offsets: dict[str, list[int]] = defaultdict(list)
        for statement in read_statements(self.text):
            if statement.is_directive or not statement.words:
                continue
            for token in statement.words:
                value = statement.value(token)
                if value is not None:
                    offsets[value].append(token.start)
            subject = statement.words[0]
            self.subjects.setdefault(statement.value(subject) or "", subject.start)
            self.ends.append(statement.words[-1].start)
        return offsets

    def first(self, value: str, start: int = 0) -> int | None:
        """Find the first place of a value from an offset on."""
        offsets = self.offsets.get(value, [])
        index = bisect_left(offsets, start)
        return offsets[index] if index < len(offsets) else None

    def within(self, value: str, start: int) -> int | None:
        """Find the first place of a value in the description that begins at an offset."""
        inside = self.first(value, start + 1)
        end = bisect_left(self.ends, start)
        is_within = inside is not None and (end == len(self.ends) or inside < self.ends[end])
        return inside if is_within else None

    def place(self, offset: int) -> Place:
        """Turn an offset into a place."""
        line = bisect_left(self.line_ends, offset)
        start = self.line_ends[line - 1] + 1 if line else 0
        return self.name, line + 1, offset - start + 1


@dataclass
class Places:
    """Finds where in the sources something is written; a text is read only when somebody asks for it."""

    sources: Sequence[Source]
    store: Store | None = None  # holds them, and knows which graph describes a thing
    _graphs: dict[str, str | None] = field(default_factory=dict)

    def find(self, iri: str, graph: str | None = None, value: str | None = None) -> Place:
        """Find where an IRI is described; with `value`, where it has that value.

        `value` is an IRI, the lexical form of a literal, or `[` for a blank node. The graph narrows the search.
        """
        fallback = UNKNOWN
        for text in self._candidates(graph or self.graph_of(iri), terms.local_name(iri)):
            start = text.first(iri)
            if start is None:
                continue
            start = text.subjects.get(iri, start)
            if value is not None:
                inside = text.within(value, start)
                return text.place(start if inside is None else inside)
            if iri in text.subjects:
                return text.place(start)
            fallback = text.place(start) if fallback == UNKNOWN else fallback
        return fallback

    def find_word(self, word: str, graph: str | None = None) -> Place:
        """Find the first place at which an IRI, a string or (as `[`) a blank node is written; else name the file."""
        texts = self._candidates(graph)
        for text in texts:
            start = text.first(word)
            if start is not None:
                return text.place(start)
        return (texts[0].name, 0, 0) if texts else UNKNOWN

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

    def graph_of(self, iri: str) -> str | None:
        """Name the one graph that gives a thing its class; None where there are several or none."""
        if iri not in self._graphs:
            self.learn([iri])
        return self._graphs.get(iri)

    def _candidates(self, graph: str | None, part: str = "") -> Sequence[_Text]:
        """List the texts that state something in a graph (None: any) and hold a part of what is sought."""
        texts = self._texts.values() if graph is None else [self._texts[graph]] if graph in self._texts else []
        return [text for text in texts if part in text.text]

    @cached_property
    def _texts(self) -> Mapping[str, _Text]:
        """The texts by the graph of their file."""
        return {source.graph: _Text(source.name, source.data) for source in self.sources}

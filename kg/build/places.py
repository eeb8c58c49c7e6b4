"""Where in the sources something is written: file, line and column, from one index of each text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kg import terms
from kg.build.inputs import Source
from kg.store import Store

# The words that a text can be asked for: IRIs, texts in quotes and prefixed names. What stands in a comment is none.
_WORD = re.compile(
    r"""
      (?P<comment> \#[^\n]* )
    | (?P<iri>     <[^<>"{}|^`\s]*> )
    | \"\"\"(?P<long>(?:[^"\\]|\\.|"(?!""))*)\"\"\"
    | "(?P<text>(?:[^"\\\n]|\\.)*)"
    | (?P<name>    (?<![\w:-])[\w.-]*:(?:[\w-]|[.:/%](?=[\w%-]))* )
    | (?P<blank>   [\[(] )
    """,
    re.VERBOSE | re.DOTALL,
)
_END = re.compile(r"\.\s*$\s*^(?=\S)", re.MULTILINE)  # where, in the way people lay Turtle out, a description ends
_LINE_END = re.compile(r"\n")
_BASE = re.compile(r"@?base\s+<([^>]+)>", re.IGNORECASE)
_PREFIX = re.compile(r"@?prefix\s+([\w.-]*:)\s*<([^>]+)>", re.IGNORECASE)
_IRI = re.compile(r"[A-Za-z][\w+.-]*:[^\s<>\"{}|\\^`]*")
_AT_ONCE = 500  # things that are sought with one query

Place = tuple[str, int, int]  # a file's name, a line and a column; ("", 0, 0) where nothing is known
UNKNOWN: Place = ("", 0, 0)


@dataclass(frozen=True)
class _Text:
    """The text of one source and the offsets of its words, read once."""

    name: str
    data: bytes

    @cached_property
    def text(self) -> str:
        """The text, as far as it is UTF-8."""
        return self.data.decode("utf-8", "replace")

    @cached_property
    def words(self) -> tuple[Mapping[str, list[int]], Mapping[str, int]]:
        """Where each word stands, `<iri>`, `prefix:name`, `"text"`, a blank node as `[`; and where it first begins a line."""
        found: dict[str, list[int]] = defaultdict(list)
        heads: dict[str, int] = {}
        for match in _WORD.finditer(self.text):
            kind, word = match.lastgroup, match[match.lastgroup]
            if kind == "comment":
                continue
            if kind in ("long", "text"):
                word = f'"{word}"'
            elif kind == "blank" or word.startswith("_:"):
                word = "["
            start = match.start()
            found[word].append(start)
            if self.text[start - 1 : start] in ("", "\n"):
                heads.setdefault(word, start)
        return found, heads

    def end(self, start: int) -> int | None:
        """Find where the description that begins at an offset ends."""
        index = bisect_left(self._ends, start)
        return self._ends[index] if index < len(self._ends) else None

    @cached_property
    def _ends(self) -> list[int]:
        return [match.start() for match in _END.finditer(self.text)]

    @cached_property
    def _lines(self) -> list[int]:
        return [match.start() for match in _LINE_END.finditer(self.text)]

    @cached_property
    def _short(self) -> list[tuple[str, str, str]]:
        bases = _BASE.findall(self.text)
        named = {(name, s if ":" in s else "".join(bases[:1]) + s, "") for name, s in _PREFIX.findall(self.text)}
        return sorted({("<", base, ">") for base in bases} | named)

    def spell(self, value: str) -> list[str]:
        """List how this text may write a value: in quotes, as `[`, or as an IRI in full, relative or with a prefix."""
        shortened = [a + value[len(space) :] + z for a, space, z in self._short if value.startswith(space)]
        return [f"<{value}>", *shortened, f'"{value}"', *(["["] if value == "[" else [])]

    def first(self, words: Iterable[str], start: int = 0) -> int | None:
        """Find the first of some words from an offset on."""
        found = []
        for word in words:
            offsets = self.words[0].get(word, [])
            index = bisect_left(offsets, start)
            found += offsets[index : index + 1]
        return min(found, default=None)

    def described(self, words: Iterable[str]) -> int | None:
        """Find where a line begins with one of some words."""
        heads = self.words[1]
        return min((heads[word] for word in words if word in heads), default=None)

    def place(self, offset: int) -> Place:
        """Turn an offset into a place."""
        before = bisect_left(self._lines, offset)
        return self.name, before + 1, offset - (self._lines[before - 1] if before else -1)


@dataclass
class Places:
    """Finds where in the sources something is written; a text is read only when somebody asks for it."""

    sources: Sequence[Source]
    store: Store | None = None  # holds them, and knows which graph describes a thing
    _graphs: dict[str, str | None] = field(default_factory=dict)

    def find(self, iri: str, graph: str | None = None, value: str | None = None) -> Place:
        """Find where an IRI is described; with `value`, where it is given that value.

        `value` is an IRI, the lexical form of a literal, or `[` for a blank node. The graph narrows the search.
        """
        graph = graph or self.graph_of(iri)
        fallback = UNKNOWN
        for text in self._candidates(graph):
            words = text.spell(iri)
            start = text.described(words)
            described = start is not None
            start = text.first(words) if start is None else start
            if start is None:
                continue
            if value is not None:
                inside, stop = text.first(text.spell(value), start + 1), text.end(start)
                start = start if inside is None or (stop is not None and inside > stop) else inside
            elif not described:
                fallback = text.place(start) if fallback == UNKNOWN else fallback
                continue
            return text.place(start)
        return fallback

    def find_word(self, word: str, graph: str | None = None) -> Place:
        """Find the first place at which an IRI, a quoted value or (as `[`) a blank node is written; else name the file."""
        for text in self._candidates(graph):
            start = text.first(text.spell(word))
            if start is not None:
                return text.place(start)
        first = next(iter(self._candidates(graph)), None)
        return (first.name, 0, 0) if first else UNKNOWN

    def learn(self, iris: Iterable[str]) -> None:
        """Look up at once which graphs describe some things, so that each is then sought in its own file alone."""
        wanted = sorted({iri for iri in iris if iri not in self._graphs and _IRI.fullmatch(iri)})
        if self.store is None:
            return
        for start in range(0, len(wanted), _AT_ONCE):
            these = wanted[start : start + _AT_ONCE]
            listed = " ".join(f"<{iri}>" for iri in these)
            found: dict[str, set[str]] = defaultdict(set)
            query = f"SELECT ?x ?g {{ VALUES ?x {{ {listed} }} GRAPH ?g {{ ?x a ?type }} }}"
            for thing, graph in self.store.select(query):
                found[thing.value].add(graph.value)
            for iri in these:
                graphs = found[iri] - {terms.INFERRED, terms.LINKS} or found[iri]
                self._graphs[iri] = graphs.pop() if len(graphs) == 1 else None

    def graph_of(self, iri: str) -> str | None:
        """Name the one graph that gives a thing its class; None where there are several or none."""
        if iri not in self._graphs:
            self.learn([iri])
        return self._graphs.get(iri)

    def _candidates(self, graph: str | None) -> list[_Text]:
        """List the texts that may write into a graph; all for None."""
        if graph is None:
            return [text for _, text in self._texts]
        return self._owners.get(graph, [])

    @cached_property
    def _texts(self) -> list[tuple[Source, _Text]]:
        return [(source, _Text(source.name, source.data)) for source in self.sources]

    @cached_property
    def _owners(self) -> Mapping[str, list[_Text]]:
        """The texts by the graph of their file."""
        owners: dict[str, list[_Text]] = defaultdict(list)
        for source, text in self._texts:
            owners[source.graph].append(text)
        return dict(owners)

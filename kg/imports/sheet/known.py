"""What a spreadsheet may name: the things of the graph with their names, the concepts of the schemes, the classes of the ontology."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg import terms
from kg.build.mapping import TableMapping
from kg.imports.sheet.columns import fold, sheets
from kg.names import nearest
from kg.store import Store

_THING = re.compile(rf"{re.escape(terms.ID)}([a-z-]+)/(.+)")
_NAMED = (
    *("state", "organ", "court", "organisation", "body", "group", "place", "provision", "treaty"),
    *("event", "document", "law", "recommendation", "cycle", "decision"),
)
_PREFIXES = f"""PREFIX ans: <{terms.VOCABULARY}> PREFIX skos: <{terms.PREFIXES["skos"]}> PREFIX owl: <{terms.PREFIXES["owl"]}>
    PREFIX rdfs: <{terms.PREFIXES["rdfs"]}> """


@dataclass(slots=True)
class SheetVocabulary:
    """What the graph holds. Names are folded; a thing is known by its IRI, with the graphs that describe it."""

    things: dict[str, set[str]] = field(default_factory=dict)
    names: defaultdict[str, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # kind -> name -> IRIs
    labels: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # State -> its code of three letters
    concepts: defaultdict[str, dict[str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # scheme -> label -> IRI
    synonyms: defaultdict[str, dict[str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # scheme -> another label -> IRI
    words: dict[str, set[str]] = field(default_factory=dict)  # word of the search -> classes and concepts
    classes: defaultdict[str, dict[str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # class -> label below -> IRI

    def find(self, kinds: Collection[str], text: str) -> list[str]:
        """Find the things of some kinds that have this key or name, or, of a State, this code."""
        keys = [iri for kind in kinds if (iri := f"{terms.ID}{kind}/{text}") in self.things]
        return keys or sorted({iri for kind in kinds for iri in self.names[kind].get(fold(text), ())})

    def meant(self, text: str, labels: Mapping[str, str]) -> list[str]:
        """Offer the labels of a list whose concept or class is found by this word in the search."""
        return [label for label, iri in labels.items() if iri in self.words.get(fold(text), ())]

    def near(self, kinds: Collection[str], text: str) -> list[str]:
        """Offer the names of things of some kinds that are like a text, each with its ID."""
        named = {name: iri for kind in kinds for name, iris in self.names[kind].items() for iri in sorted(iris)[:1]}
        named |= {
            iri.rpartition("/")[2]: iri for iri in self.things if kind_of(iri) in kinds and kind_of(iri) not in _NAMED
        }
        matches = [named[name] for name in nearest(text, named)]
        content = (f"{self.labels.get(iri, '')} ({key_of(iri)})".strip() for iri in dict.fromkeys(matches))
        return [item.removeprefix("(").removesuffix(")") if item.startswith("(") else item for item in content]


def kind_of(iri: str) -> str:
    """Return the kind of a thing, the part of its IRI before the key; "" for an IRI of another form."""
    match = _THING.fullmatch(iri)
    return match[1] if match else ""


def key_of(iri: str) -> str:
    """Return the key of a thing, the last part of its IRI."""
    return iri.rpartition("/")[2]


def other_names(root: Path) -> str:
    """Read the query that gives the names under which things are found and that are no statement of the graph."""
    path = root / "queries/search/abbreviations.rq"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def learn(store: Store, other: str = "", mappings: Mapping[str, TableMapping] | None = None) -> SheetVocabulary:
    """Ask a store that holds the ontology and the data, each file in its graph, what a spreadsheet may name.

    It may be that of a release: what is derived is left out. `other` is the query of `other_names`; the columns of the mappings
    say which classes are wanted.
    """
    context = SheetVocabulary()
    stated = f'FILTER(STRSTARTS(STR(?g), "{terms.GRAPH}data/"))'
    for thing, graph in _rows(store, f"GRAPH ?g {{ ?x a ?c }} {_starts('x')} {stated}", "?x ?g"):
        context.things.setdefault(thing, set()).add(graph)
    _name(store, context)
    for thing, name, language in store.select(other) if other else ():
        if language.value not in ("", "en"):
            continue
        if (kind := kind_of(thing.value)) in _NAMED and thing.value in context.things:
            context.names[kind].setdefault(fold(name.value), set()).add(thing.value)
        elif not kind:
            context.words.setdefault(fold(name.value), set()).add(thing.value)
    for way, labels in (("prefLabel", context.concepts), ("altLabel", context.synonyms)):
        inside = f"?x skos:inScheme ?s ; skos:{way} ?l FILTER(LANG(?l) = 'en') MINUS {{ ?x owl:deprecated true }}"
        for concept, scheme, label in _rows(store, f"GRAPH ?g {{ {inside} }}", "?x ?s ?l"):
            labels[scheme.removeprefix(terms.SCHEME)].setdefault(label, concept)
    columns = (column for each in sheets(mappings or {}).values() for column in each.columns.values())
    for base in sorted({column.of[0] for column in columns if column.type == "class"}):
        context.classes[base] = _classes(store, base)
    return context


def _name(store: Store, context: SheetVocabulary) -> None:
    """Learn the English names, short names, symbols and codes of things; a symbol or short name labels before others."""
    ways = "skos:prefLabel skos:altLabel ans:shortName ans:symbol ans:isoCode"
    named = f"VALUES ?p {{ {ways} }} GRAPH ?g {{ ?x ?p ?n }} {_starts('x')} FILTER(LANG(?n) IN ('', 'en'))"
    matches = _rows(store, named, "?x ?p ?n")
    short = {terms.term(item) for item in ("shortName", "symbol")}
    for thing, way, name in sorted(matches, key=lambda row: row[1] not in short):
        if way == terms.term("isoCode"):
            context.codes[thing] = name
        if (kind := kind_of(thing)) in _NAMED:
            context.names[kind].setdefault(fold(name), set()).add(thing)
            if way.endswith("prefLabel") or (way in short and kind in ("document", "decision", "provision")):
                context.labels.setdefault(thing, name)


def _classes(store: Store, base: str) -> dict[str, str]:
    """Map the labels of a class and of those below it, but for what is derived and what is deprecated, to their IRIs."""
    parents = defaultdict(set)
    labels = {}
    supplied = "?x a owl:Class ; skos:prefLabel ?l FILTER(LANG(?l) = 'en') MINUS { ?x owl:deprecated true }"
    for item, label in _rows(store, f"GRAPH ?g {{ {supplied} }}", "?x ?l"):
        labels[item] = label
    for item, parent in _rows(store, "GRAPH ?g { ?x rdfs:subClassOf ?y }", "?x ?y"):
        parents[parent].add(item)
    derived = {parent for parent, below in parents.items() if below - labels.keys()}
    edge, matches = [terms.term(base)], set()
    while edge:
        item = edge.pop()
        if item not in matches and item in labels and item not in derived:
            matches.add(item)
            edge += parents[item]
    return {labels[item]: item for item in sorted(matches, key=labels.__getitem__)}


def _starts(name: str) -> str:
    return f'FILTER(STRSTARTS(STR(?{name}), "{terms.ID}"))'


def _rows(store: Store, pattern: str, expected: str) -> list[tuple[str, ...]]:
    """Ask for rows, and sort them here, which takes far less than ORDER BY does."""
    matches = store.select(f"{_PREFIXES} SELECT DISTINCT {expected} {{ {pattern} }}")
    return sorted(tuple("" if cell is None else cell.value for cell in row) for row in matches)

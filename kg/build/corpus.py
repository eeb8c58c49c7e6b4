"""The corpus: source files, each into its own named graph, and what no source file may say.

Promises that a file's graph is named after its path, that every mistake is told with file, line and column, and that all
of them are told at once. Never fetches anything, never mends a file, and knows the shape of no class: that is `validate`.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from kg import terms
from kg.errors import SourceError
from kg.store import Store

FORMATS = {".ttl": "ttl", ".trig": "trig", ".nq": "nq", ".nt": "nt", ".jsonld": "jsonld"}
_UNREAD = {".rdf", ".owl", ".xml", ".n3", ".json", ".html", ".xhtml"}  # RDF may hide in them: silence would lose it
_NAMES_GRAPHS = {"trig", "nq", "jsonld"}  # a file in one of these may hold more graphs than its own

# What only the build may say; each is derived from facts by a rule, with its justification.
DERIVED_CLASSES = ("Obligation", "Engagement", "Violation", "AllegedViolation")
DERIVED_PROPERTIES = (
    "engages",
    "foundToBreach",
    "allegedToBreach",
    "allegedToInfringe",
    "touches",
    "beginsOn",
    "endsOn",
    "isContestedBy",
    "followsAcceptedRecommendation",
)

_END = re.compile(r"\.\s*$\s*^(?=\S)", re.MULTILINE)  # where, in the way people lay Turtle out, a description ends
_XSD = terms.PREFIXES["xsd"]
_DATES = tuple(_XSD + name for name in ("date", "gYearMonth", "gYear", "dateTime"))
_DATE = re.compile(r"-?(\d{4,})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d:\d\d(?:\.\d+)?)?)?)?(?:Z|[+-]\d\d:\d\d)?")
_PARTS = {_XSD + "date": 3, _XSD + "gYearMonth": 2, _XSD + "gYear": 1, _XSD + "dateTime": 3}


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the corpus: where it is, the name people know it by, and the graph of what it says outside any other."""

    path: Path
    name: str
    graph: str
    format: str
    sha256: str

    @property
    def kind(self) -> str:
        """Name the top folder it belongs to: ontology, shapes or data."""
        return self.name.split("/", 1)[0]


@dataclass(slots=True)
class Places:
    """Finds where in the sources something is written; reads a file only when somebody asks."""

    sources: Sequence[Source]
    _texts: dict[Path, str] = field(default_factory=dict)
    _short: dict[Path, list[tuple[str, str, str]]] = field(default_factory=dict)  # how a file shortens IRIs

    def find(self, iri: str, graph: str | None = None, value: str | None = None) -> tuple[str | None, int | None, int]:
        """Find the file, line and column at which an IRI is described; with `value`, where it is given that value.

        `value` is an IRI or the lexical form of a literal. The graph narrows the search. Unknown is (None, None, 1).
        """
        fallback: tuple[str | None, int | None, int] = (None, None, 1)
        for source in self._candidates(graph):
            text = self._text(source)
            spellings = self._spellings(source, iri)
            start = _first(text, spellings, 0, at_line_start=True)
            start = _first(text, spellings, 0) if start is None else start
            if start is None:
                continue
            if value is not None:
                inside = _first(text, [*self._spellings(source, value), f'"{value}"'], start + 1)
                stop = _END.search(text, start)
                start = start if inside is None or (stop and inside > stop.start()) else inside
            elif text[start - 1 : start] not in ("", "\n") and fallback[0] is None:
                fallback = (source.name, *_line(text, start))
                continue
            return source.name, *_line(text, start)
        return fallback

    def find_word(self, word: str, graph: str | None = None) -> tuple[str | None, int | None, int]:
        """Find the first place at which an IRI (in any spelling) or a quoted value is written."""
        for source in self._candidates(graph):
            text = self._text(source)
            start = _first(text, [*self._spellings(source, word), f'"{word}"'], 0)
            if start is not None:
                return source.name, *_line(text, start)
        return next(iter(self._candidates(graph)), _NOWHERE).name, None, 1

    def _candidates(self, graph: str | None) -> list[Source]:
        if graph is None:
            return list(self.sources)
        own = [source for source in self.sources if source.graph == graph]
        return own or [source for source in self.sources if source.format in _NAMES_GRAPHS]

    def _spellings(self, source: Source, iri: str) -> list[str]:
        """List how a Turtle text may write an IRI: in full, relative to its base, or with one of its prefixes."""
        if source.path not in self._short:
            text = self._text(source)
            bases = {("<", base, ">") for base in re.findall(r"@?base\s+<([^>]+)>", text, re.IGNORECASE)}
            named = re.findall(r"@?prefix\s+([\w.-]*:)\s*<([^>]+)>", text, re.IGNORECASE)
            self._short[source.path] = sorted(bases | {(prefix, space, "") for prefix, space in named})
        shortened = [a + iri[len(space) :] + z for a, space, z in self._short[source.path] if iri.startswith(space)]
        return [f"<{iri}>", *shortened]

    def _text(self, source: Source) -> str:
        if source.path not in self._texts:
            self._texts[source.path] = source.path.read_text(encoding="utf-8", errors="replace")
        return self._texts[source.path]


_NOWHERE = Source(Path(), "", "", "ttl", "")


def sources(root: Path, data: Iterable[Path] = (), *, plain: bool = False) -> list[Source]:
    """List the files of the corpus in order: ontology/, shapes/, data/, and each further folder (or file) laid over data/.

    A file in a further folder stands in the place of the file of the same path in data/. A plain corpus has no ontology
    and no shapes, and has data/ only if no further folder is given. Raises SourceError for a folder that is missing and
    for a file that may hold RDF in a format we do not read.
    """
    files: dict[str, Path] = {}
    folders = list(data)
    if not plain:
        files |= {f"ontology/{name}": path for name, path in _walk(root / "ontology", {".ttl"})}
        files |= {f"shapes/{name}": path for name, path in _walk(root / "shapes", {".ttl"})}
    if not (plain and folders):
        folders.insert(0, root / "data")
    for folder in folders:
        files |= {f"data/{name}": path for name, path in _walk(folder, set(FORMATS), strict=True)}
    return [_source(name, path) for name, path in files.items()]


def load(store: Store, sources: Iterable[Source]) -> list[SourceError]:
    """Load every source into its graph; return the errors of those that could not be read."""
    errors = []
    for source in sources:
        data = source.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != source.sha256:
            errors.append(SourceError("The file changed while it was read", where=source.name, hint="Run this again"))
            continue
        try:
            store.load(data, format=source.format, graph=source.graph, source=source.name)
        except SourceError as error:
            errors.append(error)
    return errors


def check(store: Store, sources: Sequence[Source]) -> list[SourceError]:
    """Return every statement in the loaded sources that no source may make, in the order of the files."""
    places = Places(sources)
    theirs = {source.graph for source in sources if source.kind != "data"}
    rules = (_blanks, _mintings, _untyped, _doubles, _dates, _derived, _references, _reserved)
    errors = [error for rule in rules for error in rule(store, places, theirs)]
    return sorted(errors, key=lambda error: (error.where or "", error.line or 0, error.column or 0, error.message))


def _walk(folder: Path, suffixes: set[str], *, strict: bool = False) -> Iterator[tuple[str, Path]]:
    if folder.is_file() and folder.suffix in suffixes:
        yield folder.name, folder
        return
    if not folder.is_dir():
        raise SourceError("There is no such folder", where=str(folder), hint="Give the path of a folder of RDF files")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.suffix in suffixes:
            yield name, path
        elif strict and path.suffix in _UNREAD:
            known = ", ".join(FORMATS)
            raise SourceError("This format is not read", where=str(path), hint=f"Convert it to one of {known}")


def _source(name: str, path: Path) -> Source:
    form = FORMATS[path.suffix]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None
    return Source(path, name, terms.graph_of(quote(name)), form, hashlib.sha256(data).hexdigest())


def _error(place: tuple[str | None, int | None, int], message: str, hint: str) -> SourceError:
    where, line, column = place
    return SourceError(message, where=where, line=line, column=column if line else None, hint=hint)


def _rows(store: Store, theirs: set[str], query: str) -> Iterator[list[str]]:
    """Run a SELECT whose first variable is the graph; yield its rows as text, without those of our own graphs."""
    for row in store.query(query):
        values = [str(getattr(cell, "value", cell)) for cell in row]
        if values[0] not in theirs:
            yield values


def _blanks(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    query = "SELECT DISTINCT ?g ?p WHERE { GRAPH ?g { ?s ?p ?o } FILTER(isBlank(?s) || isBlank(?o)) }"
    seen = set()
    for graph, predicate in _rows(store, theirs, query):
        if graph in seen:
            continue
        seen.add(graph)
        name, line, column = places.find_word("[", graph)
        for source in places._candidates(graph):
            found = re.search(r"^[^#\"]*?(\[|_:|\()", places._text(source), re.MULTILINE)
            if found:
                name, (line, column) = source.name, _line(places._text(source), found.start(1))
                break
        said = terms.shorten(predicate)
        yield _error(
            (name, line, column),
            f"A blank node stands in data, with {said}; nobody could cite it",
            "Give it an IRI of its own, id/<kind>/<key>",
        )


def _mintings(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    base = terms.BASE
    query = f'SELECT DISTINCT ?g ?s WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?s), "{base}")) }}'
    for graph, iri in _rows(store, theirs, query):
        if iri.startswith((terms.VOCABULARY, terms.SCHEME)):
            yield _error(
                places.find(iri, graph),
                f"{_short(iri)} is a term, and data describes things",
                "Define terms and concepts in ontology/",
            )
        elif not _is_minted(iri):
            yield _error(
                places.find(iri, graph),
                f"{_short(iri)} is not an IRI of ours",
                "Write id/<kind>/<key> in lower-case letters, digits, hyphens and dots",
            )


def _untyped(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    query = f"""SELECT DISTINCT ?g ?s WHERE {{ GRAPH ?g {{ ?s ?p ?o }}
        FILTER(STRSTARTS(STR(?s), "{terms.ID}")) FILTER NOT EXISTS {{ GRAPH ?h {{ ?s a ?type }} }} }}"""
    for graph, iri in _rows(store, theirs, query):
        yield _error(places.find(iri, graph), f"{_short(iri)} has no class", "Say what it is: `a ans:…`")


def _doubles(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    query = f"""SELECT DISTINCT ?g ?h ?s WHERE {{ GRAPH ?g {{ ?s a ?type }} GRAPH ?h {{ ?s a ?other }}
        FILTER(STR(?g) > STR(?h)) FILTER(STRSTARTS(STR(?s), "{terms.ID}")) }}"""
    for graph, other, iri in _rows(store, theirs, query):
        first, line, _ = places.find(iri, other)
        there = f"{first}:{line}" if line else str(first or other)
        yield _error(
            places.find(iri, graph),
            f"{_short(iri)} is defined a second time; the first is in {there}",
            "Keep one definition, or give the other thing another key",
        )


def _dates(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    kinds = ", ".join(f"<{kind}>" for kind in _DATES)
    query = f"""SELECT DISTINCT ?g ?value ?kind ?s WHERE {{ GRAPH ?g {{ ?s ?p ?o }}
        FILTER(isLiteral(?o)) BIND(DATATYPE(?o) AS ?kind) FILTER(?kind IN ({kinds})) BIND(STR(?o) AS ?value) }}"""
    for graph, value, kind, subject in _rows(store, theirs, query):
        if not _is_date(value, _PARTS[kind]):
            yield _error(
                places.find(subject, graph, value),
                f"{value} is no {terms.shorten(kind)}: there is no such day, month or year",
                "Write the date as the source has it, such as 2011-12-16, 2011-12 or 2011",
            )


def _derived(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    classes = " ".join(f"<{terms.term(name)}>" for name in DERIVED_CLASSES)
    properties = " ".join(f"<{terms.term(name)}>" for name in DERIVED_PROPERTIES)
    query = f"""SELECT DISTINCT ?g ?s ?term WHERE {{
        {{ VALUES ?term {{ {classes} }} GRAPH ?g {{ ?s a ?term }} }}
        UNION {{ VALUES ?term {{ {properties} }} GRAPH ?g {{ ?s ?term ?o }} }} }}"""
    for graph, subject, term in _rows(store, theirs, query):
        yield _error(
            places.find(subject, graph, term),
            f"{terms.shorten(term)} of {_short(subject)} is written by hand, and only the build may derive it",
            "Remove it, and state the facts it follows from",
        )


def _references(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    spaces = " || ".join(f'STRSTARTS(STR(?x), "{space}")' for space in (terms.ID, terms.SCHEME, terms.VOCABULARY))
    query = f"""SELECT DISTINCT ?g ?x WHERE {{ {{ GRAPH ?g {{ ?s ?p ?x }} FILTER(isIRI(?x)) }}
        UNION {{ GRAPH ?g {{ ?s ?x ?o }} }} FILTER({spaces}) FILTER NOT EXISTS {{ GRAPH ?h {{ ?x ?q ?v }} }} }}"""
    for graph, iri in _rows(store, set(), query):
        kind = "term" if iri.startswith(terms.VOCABULARY) else "thing"
        yield _error(
            places.find_word(iri, graph),
            f"{_short(iri)} is used, and nothing defines it",
            f"Correct the spelling, or define the {kind}",
        )


def _reserved(store: Store, places: Places, theirs: set[str]) -> Iterator[SourceError]:
    """Refuse a file that names its own graphs and names one of the build's or of another file's."""
    named = {source.graph for source in places.sources}
    for graph in store.graphs():
        ours = graph.startswith(terms.GRAPH) and not graph.startswith(terms.GRAPH + "data/")
        if ours and graph not in named:
            yield _error(
                places.find_word(graph), f"The graph {_short(graph)} belongs to the build", "Name another graph"
            )


def _is_minted(iri: str) -> bool:
    """Tell whether an IRI follows the minting rule; a double hyphen joins the keys of two things."""
    kind, _, key = iri.removeprefix(terms.ID).partition("/")
    try:
        return "--".join(terms.mint(kind, part).rpartition("/")[2] for part in key.split("--")) == key
    except ValueError:
        return False


def _is_date(text: str, parts: int) -> bool:
    match = _DATE.fullmatch(text)
    if not match:
        return False
    numbers = [int(part) for part in match.groups() if part is not None]
    if len(numbers) != parts:
        return False
    year, month, day = (*numbers, 1, 1)[:3]
    # The proleptic Gregorian calendar repeats after 400 years; Python's knows the years 1 to 9999 only.
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year % 400 + 2000, month)[1]


def _short(iri: str) -> str:
    return terms.shorten(iri) if iri.startswith(terms.VOCABULARY) else iri.removeprefix(terms.BASE)


def _first(text: str, words: Iterable[str], start: int, *, at_line_start: bool = False) -> int | None:
    found = []
    for word in words:
        if word not in text:  # most files do not have it, and this is far quicker to see
            continue
        before, after = (r"(?m:^)" if at_line_start else r"(?<![\w:-])"), r"(?![\w:/-])"
        match = re.compile(before + re.escape(word) + after).search(text, start)
        if match:
            found.append(match.start())
    return min(found, default=None)


def _line(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def count_by_kind(sources: Iterable[Source]) -> dict[str, int]:
    """Count the files of each kind, for people."""
    counts: dict[str, int] = defaultdict(int)
    for source in sources:
        counts[source.kind] += 1
    return dict(counts)

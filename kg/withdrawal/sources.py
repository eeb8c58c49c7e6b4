"""The sources that hold a thing or a name: where, and what they are without it.

An edited Turtle file states what it stated, less what is taken out: that is compared, statement by statement. What the edit does
not touch keeps its layout and its comments; a description that changes is written anew, and so is a whole file whose layout is
beyond the editor.
"""

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from kg import names, terms
from kg.errors import SourceError
from kg.sparql.turtle import Statement, read_statements
from kg.store import Store, Triple, read_quads, write_triples, write_turtle
from kg.terms import Blank, Iri, Literal
from kg.withdrawal.removal import Removal

TOPS = ("ontology", "shapes", "queries", "data")
TOMBSTONES = "data/withdrawn.ttl"
_LABELS = ("prefLabel", "altLabel", "hiddenLabel", "name")
_DESCRIPTION = "the description of the thing", "removed"
_SHORTEST = 5  # letters of a word of a name that is shown where it stands alone


class Occurrence(NamedTuple):
    """A line of a file (0 for its path), what stands there and what becomes of it; `by_hand` where a person must edit it first."""

    file: str
    line: int
    what: str
    action: str
    by_hand: bool

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.what}: {self.action}"


@dataclass(frozen=True)
class SourceFile:
    """A file of the sources: the folder it was found in, its path there, and its name in a release."""

    top: Path
    inner: str
    name: str

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.top / self.inner

    @property
    def is_turtle(self) -> bool:
        """Whether it holds statements."""
        return self.path.suffix == ".ttl"

    @cached_property
    def text(self) -> str:
        """Its text, as far as it is UTF-8."""
        return self.path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")

    def mentions(self, things: Iterable[str]) -> bool:
        """Say whether it holds the key of a thing."""
        return any(thing.rpartition("/")[2] in self.text for thing in things)

    def line(self, offset: int) -> int:
        """Return the line of an offset."""
        return self.text.count("\n", 0, offset) + 1


class Edited(NamedTuple):
    """A file without what is taken out: its path in its folder from now on, and its text, or None where nothing is left."""

    file: SourceFile
    inner: str
    text: str | None


def find(root: Path, data: Sequence[Path]) -> list[SourceFile]:
    """List the files of a project and of further folders (or files) of data, without hidden ones."""
    files = [SourceFile(root, f"{top}/{inner}", f"{top}/{inner}") for top in TOPS for inner in _walk(root / top)]
    for folder in data:
        top, inners = (folder.parent, [folder.name]) if folder.is_file() else (folder, _walk(folder))
        files += [SourceFile(top, inner, f"data/{inner}") for inner in inners]
    return [file for file in dict.fromkeys(files) if file.name != names.NAMES]


def describe(files: Sequence[SourceFile], things: Sequence[str]) -> dict[str, list[Triple]]:
    """Collect what the sources say of some things, each of which has an entry."""
    statements: dict[str, list[Triple]] = {thing: [] for thing in things}
    for file in files:
        if file.is_turtle and file.mentions(things):
            for triple in _read(file.text, file):
                statements.get(triple[0].value, []).append(triple)
    return statements


def names_of(triples: Sequence[Triple]) -> set[str]:
    """Collect the names that statements give to a person whose name is published; nothing for anything else."""
    links = {link.value for _, link, _ in triples}
    if not (is_a(triples, "Person") and terms.term("publicationBasis") in links):
        return set()
    labels = (value for _, link, value in triples if terms.local_name(link.value) in _LABELS)
    return {label.value for label in labels if isinstance(label, Literal)}


def is_a(triples: Iterable[Triple], name: str) -> bool:
    """Say whether statements about a thing give it a class of the ontology, such as Tombstone."""
    kind = Iri(terms.PREFIXES["rdf"] + "type"), Iri(terms.term(name))
    return any(triple[1:] == kind for triple in triples)


def edit(file: SourceFile, removal: Removal, *, redact: bool) -> tuple[Edited | None, list[Occurrence]]:
    """Take things and names out of a file; None where it holds none. Without `redact`, each name in what stays is left to a person."""
    is_named = removal.holds(file.inner)
    if not (is_named or removal.holds(file.text) or file.mentions(removal.things)):
        return None, []
    places = []
    if is_named:
        places.append(Occurrence(file.name, 0, "the name in the path", "becomes letters drawn at random", not redact))
    try:
        if "\ufffd" in file.text:  # what cannot be read would be lost when the file is written
            raise SourceError("The file is not UTF-8 text")
        text = _edit_turtle(file, removal) if file.is_turtle else removal.text(file.text)
    except SourceError as error:
        by_hand = Occurrence(file.name, error.line or 0, "the file", f"{error.message}: edit it by hand", True)
        return None, [*places, by_hand]
    places += _occurrences(file, removal, redact=redact)
    if text is not None and removal.holds(text):
        places.append(Occurrence(file.name, 1, "the name", "cannot be taken out by the command: edit it by hand", True))
    inner = removal.rename(file.inner)
    edited = Edited(file, inner, text) if (inner, text) != (file.inner, file.text) else None
    return edited, sorted(places)


def _occurrences(file: SourceFile, removal: Removal, *, redact: bool) -> Iterator[Occurrence]:
    """Yield where a text has the names and the things. What a text that is no RDF says of a thing a person must judge."""
    for start, _ in removal.find(file.text):
        action = "becomes [withdrawn], or letters drawn at random in an IRI"
        yield Occurrence(file.name, file.line(start), "the name", action, not redact)
    if file.is_turtle:
        for start, what, action in _find_things(file.text, removal):
            yield Occurrence(file.name, file.line(start), what, action, False)
        return
    for thing in removal.things:
        for match in re.finditer(rf"(?<![\w-]){re.escape(terms.short_iri(thing))}(?![\w-]|\.\w)", file.text):
            yield Occurrence(file.name, file.line(match.start()), "the thing", "is left to an editor", True)


def partial_matches(file: SourceFile, removal: Removal, parts: Collection[str]) -> Iterator[Occurrence]:
    """Yield where a word of a name stands without the rest of it; a person should look at these."""
    whole = removal.find(file.text)
    for start, end in names.find(file.text, {part for part in parts if len(part) >= _SHORTEST}):
        if not any(first <= start and end <= last for first, last in whole):
            yield Occurrence(file.name, file.line(start), "a word of the name alone", "stays; look at it", False)


def _find_things(text: str, removal: Removal) -> Iterator[tuple[int, str, str]]:
    """Yield the offsets at which a Turtle text names one of the things, each with what stands there and what becomes of it."""
    link = "leads to what stands in its place" if removal.replacement else "removed"
    for statement in read_statements(text):
        subject = statement.iri(statement.words[0]) if statement.words else ""
        origin = f" from {terms.short_iri(subject)}" if subject else ""
        for number, word in enumerate(statement.words):
            if statement.iri(word) in removal.things:
                is_link = number > 0 or statement.is_directive
                yield word.start, *((f"a link to the thing{origin}", link) if is_link else _DESCRIPTION)


def _edit_turtle(file: SourceFile, removal: Removal) -> str | None:
    triples = _read(file.text, file)
    left = removal.statements(triples)
    if triples and not left:
        return None
    with contextlib.suppress(SourceError, SyntaxError):
        text = "".join(_edit_statement(statement, removal) for statement in read_statements(file.text))
        if _unlabelled(_read(text, file)) == _unlabelled(left):
            return text
    return write_triples(left, "ttl", terms.PREFIXES).decode()


def _edit_statement(statement: Statement, removal: Removal) -> str:
    text, words = "".join(token.text for token in statement.tokens), statement.words
    if not words or statement.is_directive:
        return removal.redact(text)
    begin = words[0].start - statement.tokens[0].start
    space, description = removal.redact(text[:begin]), text[begin:]
    declarations = [f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in statement.prefixes.items()]
    declarations += [f"@base <{statement.base}> .\n"] if statement.base else []
    triples = [quad[:3] for quad in read_quads("".join([*declarations, description]).encode(), "ttl")]
    left = removal.statements(triples)
    if not left:
        return space.rstrip()
    return space + (removal.redact(description) if left == triples else write_turtle(left, head=False).rstrip())


def _read(text: str, file: SourceFile) -> list[Triple]:
    with Store.memory() as store:
        store.load(text.encode(), format="ttl", graph=None, source=file.name)
        return [(subject, link, value) for subject, link, value in store.select("SELECT ?s ?p ?o { ?s ?p ?o }")]


def _unlabelled(triples: Iterable[Triple]) -> set[tuple[object, ...]]:
    """Compare triples by this, whatever their blank nodes are called."""
    return {tuple("_" if isinstance(term, Blank) else term for term in triple) for triple in triples}


def _walk(folder: Path) -> list[str]:
    paths = (Path(above, name) for above, _, files in os.walk(folder, followlinks=True) for name in files)
    inners = sorted(path.relative_to(folder) for path in paths if path.is_file())
    return [inner.as_posix() for inner in inners if not any(part.startswith(".") for part in inner.parts)]

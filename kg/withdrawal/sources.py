"""The sources that hold a thing or a name: where, and what they are without it.

An edited Turtle file states what it stated, less what is taken out: that is compared, statement by statement. What the edit does
not touch keeps its layout and its comments; a description that loses a value is written anew, and so is a whole file whose layout is
beyond the editor.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from kg import names, terms
from kg.errors import SourceError
from kg.store import Store, Triple, write_triples
from kg.terms import Blank, Iri, Literal
from kg.withdrawal.removal import Removal
from kg.withdrawal.turtle import Editor, Mention

TOPS = ("ontology", "shapes", "queries", "data")
TOMBSTONES = "data/withdrawn.ttl"
_LABELS = ("prefLabel", "altLabel", "hiddenLabel", "name")
_SHORTEST = 5  # letters of a word of a name that is shown where it stands alone
_LEFT = "is left to an editor"


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
    """A file of the sources: where it is, the folder it was found in, and its name below that."""

    path: Path
    top: Path
    name: str

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
    """A file without what is taken out: its name from now on, and its text, or None where nothing is left."""

    file: SourceFile
    name: str
    text: str | None


def find(root: Path, data: Sequence[Path]) -> list[SourceFile]:
    """List the files of a project and of further folders (or files) of data, without hidden ones."""
    files = [SourceFile(path, root, path.relative_to(root).as_posix()) for top in TOPS for path in _walk(root / top)]
    for folder in data:
        above = folder.parent if folder.is_file() else folder
        files += [SourceFile(path, above, f"data/{path.relative_to(above).as_posix()}") for path in _walk(folder)]
    return [file for file in files if file.name != names.NAMES]


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
    is_named = removal.holds(file.name)
    if not (is_named or removal.holds(file.text) or file.mentions(removal.things)):
        return None, []
    places = []
    if is_named:
        places.append(Occurrence(file.name, 0, "the name in the path", "becomes letters drawn at random", not redact))
    try:
        text, mentions = _edit_turtle(file, removal) if file.is_turtle else _edit_text(file.text, removal)
    except SourceError as error:
        return None, [
            *places,
            Occurrence(file.name, error.line or 0, "the file", f"{error.message}: edit it by hand", True),
        ]
    for offset, what, action in mentions:
        by_hand = action == _LEFT or (what.startswith("the name") and not redact)
        places.append(Occurrence(file.name, file.line(offset), what, action, by_hand))
    if text is not None and removal.holds(text):
        places.append(Occurrence(file.name, 1, "the name", "cannot be taken out by the command: edit it by hand", True))
    name = removal.rename(file.name)
    return (None if (name, text) == (file.name, file.text) else Edited(file, name, text)), sorted(places)


def partial_matches(file: SourceFile, removal: Removal, parts: Collection[str]) -> Iterator[Occurrence]:
    """Yield where a word of a name stands without the rest of it; a person should look at these."""
    whole = removal.find(file.text)
    for start, end in names.find(file.text, {part for part in parts if len(part) >= _SHORTEST}):
        if not any(first <= start and end <= last for first, last in whole):
            yield Occurrence(file.name, file.line(start), "a word of the name alone", "stays; look at it", False)


def _edit_turtle(file: SourceFile, removal: Removal) -> tuple[str | None, list[Mention]]:
    triples = _read(file.text, file)
    left = [rest for triple in triples if (rest := removal.statement(triple)) is not None]
    editor = Editor(removal)
    text = editor.edit(file.text)
    if triples and not left:
        return None, editor.mentions
    if not _states(text, left, file):
        text = write_triples(left, "ttl", terms.PREFIXES).decode()
    return text, editor.mentions


def _edit_text(text: str, removal: Removal) -> tuple[str, list[Mention]]:
    """Take names out of a text that is no RDF. What it says of a thing a person must judge."""
    mentions = []
    for thing in removal.things:
        tail = re.escape(thing.removeprefix(terms.BASE))
        for match in re.finditer(rf"(?<![\w-]){tail}(?![\w-]|\.\w)", text):
            mentions.append(Mention(match.start(), "the thing", _LEFT))
    for start, _ in removal.find(text):
        mentions.append(Mention(start, "the name", "becomes [withdrawn], or letters drawn at random in an IRI"))
    return removal.text(text), mentions


def _read(text: str, file: SourceFile) -> list[Triple]:
    with Store.memory() as store:
        store.load(text.encode(), format="ttl", graph=None, source=file.name)
        return [(subject, link, value) for subject, link, value in store.select("SELECT ?s ?p ?o { ?s ?p ?o }")]


def _states(text: str, triples: Iterable[Triple], file: SourceFile) -> bool:
    """Say whether a text states some triples and no others, whatever its blank nodes are called."""
    try:
        return _unlabelled(_read(text, file)) == _unlabelled(triples)
    except SourceError:
        return False


def _unlabelled(triples: Iterable[Triple]) -> set[tuple[object, ...]]:
    return {tuple("_" if isinstance(term, Blank) else term for term in triple) for triple in triples}


def _walk(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    paths = sorted(Path(above, name) for above, _, files in os.walk(folder, followlinks=True) for name in files)
    return [path for path in paths if path.is_file() and not _is_hidden(path.relative_to(folder))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)

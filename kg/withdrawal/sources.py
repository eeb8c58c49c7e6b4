"""The sources that hold a thing or a name: where, and what they are without it.

An edited file says what it said, less what is taken out: that is compared, statement by statement. A Turtle file keeps its layout
and its comments; one whose layout is beyond the editor is written anew.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from kg import terms
from kg.build.inputs import SUFFIX
from kg.errors import SourceError
from kg.names import NAMES
from kg.store import Store
from kg.terms import Blank, Iri, Literal, Quad
from kg.withdrawal.removal import Removal, remaining
from kg.withdrawal.turtle import Found, Turtle

TOPS = ("ontology", "shapes", "queries", "data")
TOMBSTONES = "data/withdrawn.ttl"
_LABELS = ("prefLabel", "altLabel", "hiddenLabel", "name")
_LEAST = 5  # letters of a word of a name that is shown where it stands alone
_LEFT = "is left to an editor"


class Place(NamedTuple):
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
class File:
    """A file of the sources: where it is, the folder it was found in, and its name below that."""

    path: Path
    top: Path
    name: str

    @property
    def format(self) -> str | None:
        """The format of its RDF; None for any other file."""
        return "ttl" if self.path.suffix == SUFFIX else None

    @cached_property
    def text(self) -> str:
        """Its text, as far as it is UTF-8."""
        return self.path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")

    @cached_property
    def graph(self) -> str:
        """The graph of what it states."""
        return terms.graph_of(quote(self.name))

    def quads(self) -> list[Quad]:
        """Read its statements. Raises SourceError for what is no RDF."""
        return _read(self.text, self)


class Edited(NamedTuple):
    """A file without what is taken out: its name from now on, and its text, or None where nothing is left."""

    file: File
    name: str
    text: str | None


def find(root: Path, data: Sequence[Path]) -> list[File]:
    """List the files of a project and of further folders (or files) of data, hidden ones apart."""
    found = []
    for top in TOPS:
        found += [File(path, root, path.relative_to(root).as_posix()) for path in _walk(root / top)]
    for folder in data:
        above = folder.parent if folder.is_file() else folder
        found += [File(path, above, f"data/{path.relative_to(above).as_posix()}") for path in _walk(folder)]
    return [file for file in found if file.name != NAMES]


def describe(files: Sequence[File], things: Sequence[str]) -> dict[str, list[Quad]]:
    """Collect what the sources say of some things, each of which has an entry."""
    said: dict[str, list[Quad]] = {thing: [] for thing in things}
    for file in files:
        if file.format and any(_key(thing) in file.text for thing in things):
            for quad in file.quads():
                if quad[0].value in said:
                    said[quad[0].value].append(quad)
    return said


def names_of(quads: Sequence[Quad]) -> set[str]:
    """Collect the names that statements give to a person whose name is published; nothing for anything else."""
    told = {quad[1].value for quad in quads}
    kinds = {quad[2].value for quad in quads if quad[1].value == terms.PREFIXES["rdf"] + "type"}
    if terms.term("Person") not in kinds or terms.term("publicationBasis") not in told:
        return set()
    return {q[2].value for q in quads if isinstance(q[2], Literal) and re.split("[#/]", q[1].value)[-1] in _LABELS}


def edit(file: File, removal: Removal, *, redact: bool) -> tuple[Edited | None, list[Place]]:
    """Take things and names out of a file; None where it holds none. Without `redact`, each name in what stays is left to a person."""
    named = removal.holds(file.name)
    if not (named or removal.holds(file.text) or any(_key(thing) in file.text for thing in removal.things)):
        return None, []
    places = (
        [Place(file.name, 0, "the name in the path", "becomes letters drawn at random", not redact)] if named else []
    )
    try:
        text, found = _edit(file, removal)
    except SourceError as error:
        return None, [*places, Place(file.name, error.line or 0, "the file", f"{error.message}: edit it by hand", True)]
    for offset, what, action in found:
        by_hand = action == _LEFT or (what.startswith("the name") and not redact)
        places.append(Place(file.name, _line(file.text, offset), what, action, by_hand))
    if text is not None and removal.holds(text):
        places.append(Place(file.name, 1, "the name", "cannot be taken out by the command: edit it by hand", True))
    name = removal.rename(file.name)
    return (None if (name, text) == (file.name, file.text) else Edited(file, name, text)), sorted(places)


def alone(file: File, removal: Removal, parts: set[str]) -> Iterator[Place]:
    """Yield where a word of a name stands without the rest of it; a person should look at these."""
    from kg import names  # of which only this looks for parts

    whole = removal.find(file.text)
    for start, end in names.find(file.text, {part for part in parts if len(part) >= _LEAST}):
        if not any(a <= start and end <= b for a, b in whole):
            yield Place(file.name, _line(file.text, start), "a word of the name alone", "stays; look at it", False)


def _edit(file: File, removal: Removal) -> tuple[str | None, list[Found]]:
    if file.format is None:
        return _edit_text(file.text, removal)
    quads = file.quads()
    left = remaining(quads, removal)
    graph = removal.rename(file.graph)
    turtle = Turtle(file.text, removal)
    text, found = turtle.edit(), turtle.found
    if not left and quads:
        return None, found
    if _same(_try(text, file, graph), left):
        return text, found
    return _write(left, file, graph), found


def _edit_text(text: str, removal: Removal) -> tuple[str, list[Found]]:
    """Take names out of a text that is no RDF. What it says of a thing a person must judge."""
    found = []
    for one in _mentions(text, removal):
        found.append(one if one.what.startswith("the name") else one._replace(action=_LEFT))
    return removal.text(text), found


def _mentions(text: str, removal: Removal) -> Iterator[Found]:
    for thing in removal.things:
        tail = re.escape(thing.removeprefix(terms.BASE))
        for match in re.finditer(rf"(?<![\w-]){tail}(?![\w-]|\.\w)", text):
            yield Found(match.start(), "the thing", "removed")
    for start, _ in removal.find(text):
        yield Found(start, "the name", "becomes [withdrawn], or letters drawn at random in an IRI")


def _try(text: str, file: File, graph: str) -> list[Quad] | None:
    try:
        return _read(text, file, graph)
    except SourceError:
        return None


def _read(text: str, file: File, graph: str | None = None) -> list[Quad]:
    with Store.memory() as store:
        store.load(text.encode(), format=file.format or "", graph=graph or file.graph, source=file.name)
        rows = store.select("SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }")
        return [(s, p, o, g.value) for s, p, o, g in rows]


def _write(quads: Sequence[Quad], file: File, graph: str) -> str:
    with Store.memory() as store:
        store.add(quads)
        if len(store.graphs()) > 1:
            raise SourceError("The file has more graphs than its own", where=file.name)
        target = io.BytesIO()
        store.dump(target, format=file.format or "", graph=graph)
        return target.getvalue().decode()


def _same(one: Sequence[Quad] | None, other: Sequence[Quad]) -> bool:
    """Compare statements, whatever their blank nodes are called."""
    if one is None:
        return False
    ours, theirs = (
        {tuple("_" if isinstance(t, Blank) else t for t in quad) for quad in quads} for quads in (one, other)
    )
    return ours == theirs


def _walk(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    paths = sorted(Path(above, name) for above, _, names in os.walk(folder, followlinks=True) for name in names)
    return [path for path in paths if path.is_file() and not _is_hidden(path.relative_to(folder))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _key(thing: str) -> str:
    return thing.rpartition("/")[2]


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def is_tombstone(quads: Sequence[Quad]) -> bool:
    """Say whether statements about a thing are its tombstone."""
    return any(quad[2] == Iri(terms.term("Tombstone")) for quad in quads)

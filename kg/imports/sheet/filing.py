"""Into which files the things of a spreadsheet go, and what becomes of files that an import wrote before.

A file that an import of a spreadsheet wrote carries a sign and a checksum. Such a file is written anew, thing by thing; what
somebody wrote or changed by hand is never overwritten: the import names the difference and writes nothing.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kg import terms
from kg.build.inputs import Source
from kg.errors import SourceError
from kg.imports.sheet.columns import SHEETS
from kg.imports.sheet.known import SheetVocabulary, key_of, kind_of
from kg.imports.sheet.reading import Read, SheetThing
from kg.imports.turtle import Import
from kg.store import Store
from kg.store.rdf import Triple, write_turtle
from kg.terms import Iri, Literal

SIGN = "Made by `kg import sheet`"
_CHECKSUM = re.compile(r"^# Checksum: ([0-9a-f]{64})\n", re.MULTILINE)
_FROM = re.compile(r"^# Made by `kg import sheet` from (.+?)[;:]", re.MULTILINE)
# The sections of a file, in their order: the kinds of things, and the comment above them.
_SECTIONS = (
    (("document",), "The document."),
    (("organisation", "body"), "Who speaks."),
    (("organ", "court"), "Organs."),
    (("place",), "Places."),
    (("event",), "What happened."),
    (("group", "person"), "Who was harmed or took part. Nobody is named without a basis."),
    (("act",), "What was done."),
    (("statement", "figure", "allegation", "finding"), "Who says so."),
    (("recommendation",), "What is asked."),
    (("response",), "What was answered."),
    (("passage",), "The passages."),
)
_MIDDLE, _LAST = 500, 1000
_RANKS = {column.to: n for sheet in SHEETS for n, column in enumerate(sheet.columns, 2)}
_RANKS |= {"type": 0, "prefLabel": 1, "hasFindingReading": _MIDDLE, "isReportedIn": _LAST}
Described = dict[str, list[Triple]]  # thing -> its triples


@dataclass(slots=True)
class _WrittenFile:
    """A file that an import wrote before: the spreadsheet it was made from, what it says, and whether it is as it was written."""

    made_from: str
    things: Described
    untouched: bool


@dataclass(slots=True)
class Filing:
    """What the files of a project hold, and what an import makes of them."""

    root: Path  # the project
    name: str  # of the spreadsheet
    context: SheetVocabulary
    graphs: dict[str, Path]  # graph -> file
    files: dict[Path, _WrittenFile]
    store: Store  # of all that the files say
    result: Import = field(default_factory=Import)

    @classmethod
    def of(cls, root: Path, name: str, context: SheetVocabulary, sources: Collection[Source], store: Store) -> Filing:
        """Look at the files of a project; `store` holds them, each in its graph."""
        data = [item for item in sources if item.kind == "data"]
        ours = {item.path: _opened(item) for item in data if SIGN.encode() in item.data[:4096]}
        return cls(root, name, context, {item.graph: item.path for item in data}, ours, store)

    def plan(self, read: Read, remove: Collection[str] = ()) -> Import:
        """Plan which files are written; `problems` of the plan say what stands in the way. `remove` are IRIs of things to take out."""
        homes = {iri: self._home(read, thing) for iri, thing in read.things.items()}
        after: dict[Path, Described] = defaultdict(dict)
        for iri, path in homes.items():
            if path is not None:
                after[path][iri] = _ordered(read.things[iri].triples)
        touched = {
            *after,
            *(path for path, file in self.files.items() if file.made_from == self.name or {*file.things} & {*remove}),
        }
        for path in sorted(touched):
            self._compare(path, after[path], read, remove)
        matches = {iri for file in self.files.values() for iri in file.things}
        for iri in remove:
            if iri not in matches:
                content = f"{_short(iri)} stands in no file that an import of a spreadsheet wrote"
                self.result.problems.append(
                    SourceError(content, where="--remove", hint="What is written by hand is taken out by hand")
                )
        self.result.placed = len(read.things)
        return self.result

    # Where a thing goes

    def _home(self, read: Read, thing: SheetThing) -> Path | None:
        """Find the file of a thing: the one that has it, if an import wrote that; None where it stands as it is by hand."""
        there = [self.graphs[graph] for graph in sorted(self.context.things.get(thing.iri, ())) if graph in self.graphs]
        ours = [path for path in there if path in self.files]
        if ours:
            return ours[0]
        if there:
            self._by_hand(thing, there[0])
            return None
        return self.root / "data" / self._folder(read, thing)

    def _by_hand(self, thing: SheetThing, path: Path) -> None:
        query = f"SELECT DISTINCT ?p ?o {{ GRAPH ?g {{ <{thing.iri}> ?p ?o }} }}"
        stated = [(Iri(thing.iri), link, value) for link, value in self.store.select(query)]
        if {*stated} >= {*thing.triples}:
            return
        content = f"{thing.sheet}, row {thing.row}: {_short(thing.iri)} is written by hand in {self._name(path)}; {_differ(stated, thing.triples)}"
        self.result.problems.append(SourceError(content, hint="Change that file, or give the row another ID"))

    def _folder(self, read: Read, thing: SheetThing) -> str:
        kind, stem = kind_of(thing.iri), Path(self.name).stem
        stem = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "sheet"
        if kind == "document":
            return f"sources/{key_of(thing.iri)}.ttl"
        if kind == "passage":
            source = next(iter(thing.values("isPartOf")), "")
            more = "" if source in read.things else "-passages"
            return f"sources/{key_of(source)}{more}.ttl"
        if kind in ("organ", "court", "place"):
            state = next(iter(thing.values("isOrganOf") + thing.values("belongsToState")), "")
            return f"{'places' if kind == 'place' else 'organs'}/{self._code(state) or 'other'}-{stem}.ttl"
        if kind in ("recommendation", "response"):
            requested = read.things.get(next(iter(thing.values("respondsTo")), ""), thing)
            state = next(iter(requested.values("isAddressedTo") + thing.values("hasSpeaker")), "")
            return f"recommendations/{self._code(state) or 'other'}/{stem}.ttl"
        return (
            self._of_event(read, thing) or f"{'statements' if kind in ('statement', 'figure') else 'bodies'}/{stem}.ttl"
        )

    def _of_event(self, read: Read, thing: SheetThing) -> str | None:
        """Find the file of the event that an act, a statement or a person belongs to."""
        event = self._event(read, thing)
        if event is None:
            return None
        if mine := read.things.get(event):
            return f"events/{mine.state or 'other'}/{key_of(event)}.ttl"
        paths = (
            self.graphs[graph].relative_to(self.root).as_posix()
            for graph in self.context.things[event]
            if graph in self.graphs
        )
        code = next((match[1] for path in paths if (match := re.search(r"/([a-z]{3})/", path))), "other")
        return f"events/{code}/{key_of(event)}-more.ttl"

    def _event(self, read: Read, thing: SheetThing) -> str | None:
        """Find the event that a thing belongs to: itself, that of an act, that of what a statement is about."""
        kind = kind_of(thing.iri)
        if kind == "event":
            return thing.iri
        if kind in ("group", "person"):
            near = (
                item
                for item in read.things.values()
                if thing.iri in item.values("hasVictim") + item.values("hasPerpetrator")
            )
            return next((matches for item in near if (matches := self._event(read, item))), None)
        names = ("isPartOf",) if kind == "act" else ("isAbout", "characterises", "denies", "acknowledges")
        for iri in (value for name in names for value in thing.values(name)):
            if kind_of(iri) == "event":
                return iri
            if kind_of(iri) == "act":
                act = read.things.get(iri)
                return next(iter(act.values("isPartOf")), None) if act else self._whole(iri)
        return None

    def _whole(self, act: str) -> str | None:
        rows = self.store.select(f"SELECT ?e {{ GRAPH ?g {{ <{act}> <{terms.term('isPartOf')}> ?e }} }}")
        return next((row[0].value for row in rows), None)

    def _code(self, state: str) -> str:
        return self.context.codes.get(state, key_of(state)).lower() if state else ""

    # What becomes of a file

    def _compare(self, path: Path, expected: Described, read: Read, remove: Collection[str]) -> None:
        """Plan the text of a file, unless it says the same already or stands in the way."""
        file = self.files.get(path)
        if file is None and path.exists():
            content = f"{self._name(path)} is written by hand, and rows of the sheet would go there"
            hint = f"Give {_short(next(iter(expected)))} another ID, or the file another name"
            self.result.problems.append(SourceError(content, hint=hint))
            return
        before = file.things if file else {}
        staying = {iri: triples for iri, triples in before.items() if iri not in remove or iri in read.things}
        after = staying | expected
        for iri in staying:
            if iri not in read.things:
                content = (
                    f"{_short(iri)} has no row; it stays in {self._name(path)}. To take it out: --remove {_short(iri)}"
                )
                self.result.notes.append(content)
        if {iri: {*triples} for iri, triples in before.items()} == {iri: {*triples} for iri, triples in after.items()}:
            return
        if file and not file.untouched:
            changed = [iri for iri in {**before, **after} if {*before.get(iri, ())} != {*after.get(iri, ())}]
            reported = "; ".join(
                f"{_short(iri)}: {_differ(before.get(iri, []), after.get(iri, []))}" for iri in changed
            )
            content = (
                f"{self._name(path)} was changed by hand since it was imported, and differs from the sheet. {reported}"
            )
            hint = "Bring the sheet to what the file says, or the file to what the sheet says"
            self.result.problems.append(SourceError(content, hint=hint))
        elif after:
            self.result.files[path] = write(after, self.name)
        else:
            self.result.gone.append(path)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def write(things: Described, name: str) -> str:
    """Write a file: its sign and checksum, and its things by sections, each with a comment above."""
    parts = []
    for kinds, content in _SECTIONS:
        triples = [triple for iri, some in things.items() if kind_of(iri) in kinds for triple in some]
        if triples:
            parts.append(f"# {content}\n\n{write_turtle(triples, head=False)}")
    everything = [triple for triples in things.values() for triple in triples]
    declared = "\n".join(itertools.takewhile(lambda line: line.startswith("@"), write_turtle(everything).splitlines()))
    notice = f"# {SIGN} from {name}; correct the sheet and import it again."
    text = f"{declared}\n\n{notice}\n\n" + "\n".join(parts)
    return text.replace(f"{notice}\n", f"{notice}\n# Checksum: {_hash(text)}\n", 1)


def _opened(source: Source) -> _WrittenFile:
    """Read a file that an import wrote; a file that is no Turtle any more says nothing, and is not untouched."""
    text = source.data.decode("utf-8", "replace")
    match, made_from = _CHECKSUM.search(text), _FROM.search(text)
    untouched = bool(match and match[1] == _hash(_CHECKSUM.sub("", text, count=1)))
    things: Described = {}
    with Store.memory() as store:
        try:
            store.load(source.data, format=source.format, graph=source.graph, source=source.name)
        except SourceError:
            return _WrittenFile(made_from[1] if made_from else "", {}, False)
        for subject, link, value in store.select("SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"):
            if isinstance(subject, Iri):
                things.setdefault(subject.value, []).append((subject, link, value))
    order = {iri: text.find(f"<{iri.removeprefix(terms.BASE)}> a ") for iri in things}
    ordered = {iri: _ordered(things[iri]) for iri in sorted(things, key=order.__getitem__)}
    return _WrittenFile(made_from[1] if made_from else "", ordered, untouched)


def _ordered(triples: Collection[Triple]) -> list[Triple]:
    """Put triples in the order of the columns: the class and the name first, and where a thing is reported last."""
    return sorted(
        triples,
        key=lambda item: (_RANKS.get(re.split("[#/]", item[1].value)[-1], _MIDDLE), item[1].value, item[2].value),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _differ(file: Collection[Triple], sheet: Collection[Triple]) -> str:
    """Say in words in which properties a file and a sheet differ about a thing."""
    content = []
    for name in dict.fromkeys(triple[1].value for triple in [*file, *sheet]):
        mine, theirs = (
            sorted({_value(value) for _, link, value in some if link.value == name}) for some in (file, sheet)
        )
        if mine != theirs:
            content.append(
                f"{terms.shorten(name)}: the file has {', '.join(mine) or 'nothing'}, the sheet {', '.join(theirs) or 'nothing'}"
            )
    return "; ".join(content)


def _value(value: object) -> str:
    return f'"{value.value}"' if isinstance(value, Literal) else _short(str(value))


def _short(iri: str) -> str:
    return terms.shorten(iri.removeprefix(terms.BASE))


def removed(texts: Collection[str]) -> Iterator[str]:
    """Make IRIs of what a person wants to be taken out, given as id/kind/key."""
    for text in texts:
        path = text.removeprefix(terms.BASE).lstrip("/")
        if not kind_of(terms.BASE + path):
            raise SourceError(f"{text!r} names no thing", where="--remove", hint="Write it as id/act/KEY")
        yield terms.BASE + path

"""The withdrawal of things and names: planned, tried on a copy of the sources, built, and only then carried out.

The order is such that a run which is interrupted loses nothing, and the same command completes it:

1. the edited sources are built beside the real ones; a mistake ends here, and nothing has changed;
2. they take the place of the real ones; 3. the new release becomes the current one; 4. each older release that holds what was
withdrawn is marked as removed, and no server opens it any more; 5. after a pause, in which servers follow, it is deleted.
"""

from __future__ import annotations

import datetime
import gzip
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from kg import names, release, terms
from kg.build.pipeline import Build, Progress
from kg.config import Settings
from kg.errors import AnswerableError, BadParameter, ReleaseCorrupt, SourceError, UnknownName
from kg.files import write_file
from kg.names import Guard
from kg.release import MANIFEST, Release
from kg.store import Store, write_turtle
from kg.tables import FOLDER
from kg.terms import Iri, Literal
from kg.withdrawal import sources
from kg.withdrawal.removal import Removal, draw
from kg.withdrawal.sources import TOMBSTONES, Edited, File, Place

REASON = "The safety of people."
_CHUNK = 1 << 20  # characters of a dump that are looked at together
_DATE = terms.PREFIXES["xsd"] + "date"


@dataclass
class Withdrawal:
    """One withdrawal: what is to go, and how."""

    settings: Settings
    things: Sequence[str] = ()  # IRIs, or what follows the base of ours
    given: Sequence[str] = ()  # names
    data: Sequence[Path] = ()  # folders laid over data/, as for the build
    reason: str = REASON
    instead: str | None = None  # the IRI to which links lead from now on
    redact: bool = False
    guard: bool = True
    today: str = field(default_factory=lambda: f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}")

    def __post_init__(self) -> None:
        self.things = [_iri(thing) for thing in self.things]
        self.instead = self.instead and _iri(self.instead)
        self.given = [name.strip() for name in self.given if name.strip()]
        if not (self.things or self.given):
            raise BadParameter("Nothing is named", hint="Give the IRI of a thing, or --name TEXT")
        if self.instead in self.things:
            raise BadParameter("A thing cannot take its own place", where="--replaced-by")
        if self.names and self.removal.holds(self.reason):
            raise BadParameter("The reason holds a name", where="--reason", hint="Word it so that it identifies nobody")

    @cached_property
    def files(self) -> list[File]:
        """The files of the sources."""
        return sources.find(self.settings.root, self.data)

    @cached_property
    def said(self) -> dict[str, list[terms.Quad]]:
        """What the sources say of each thing."""
        return sources.describe(self.files, self.things)

    @cached_property
    def names(self) -> frozenset[str]:
        """The folded names: those given, and those that sources and releases give to the persons who are withdrawn."""
        found = {name for quads in self.said.values() for name in sources.names_of(quads)}
        for one in release.releases(self.settings.out) if self.things else []:
            found |= _names_in(one, self.things)
        known = {folded for name in found if len(folded := names.fold(name)) >= 4}
        return frozenset({names.check(name) for name in self.given} | known)

    @cached_property
    def removal(self) -> Removal:
        """What to take out of the sources; a tombstone stays."""
        things = {thing for thing in self.things if not sources.is_tombstone(self.said[thing])}
        return Removal(frozenset(things), self.names, self.instead)

    @cached_property
    def _edited(self) -> tuple[list[Edited], list[Place]]:
        edits, places = [], []
        for file in self.files:
            edited, found = sources.edit(file, self.removal, redact=self.redact)
            edits += [edited] if edited else []
            places += found
        return edits, places

    @property
    def places(self) -> list[Place]:
        """Each place of the sources that holds what is withdrawn, and what becomes of it."""
        return self._edited[1]

    @property
    def alone(self) -> list[Place]:
        """The places where a word of a name stands without the rest."""
        given = [*self.given, *(name for quads in self.said.values() for name in sources.names_of(quads))]
        parts = {word for name in given for word, _, _ in names.words(name)} - self.names
        return [place for file in self.files for place in sources.alone(file, self.removal, parts)]

    @cached_property
    def stained(self) -> dict[Release, str]:
        """The releases that have to go, the oldest first behind those that are damaged, each with the reason in words.

        One made by an edit shares data files with the release that it was made from, and what was deleted may lie in them still.
        """
        found: dict[Release, str] = {}

        def reject(error: ReleaseCorrupt) -> None:
            found[Release(Path(error.where or "").parent)] = "is damaged"

        clean: set[str] = set()
        for one in release.releases(self.settings.out, reject):
            base = one.manifest.get("base_release", "")
            if self._old[one.path.name]:
                found[one] = "holds what is withdrawn"
            elif base is None or base in clean:
                clean.add(one.path.name)
            elif base:
                found[one] = f"shares files with {base}, which goes too or is not here to be looked at"
            else:
                found[one] = "does not say what it was made from"
        return found

    @cached_property
    def _old(self) -> dict[str, set[str]]:
        """What each release holds of the things and, as an empty IRI, of the names, by its folder."""
        return {one.path.name: self._held(one) for one in release.releases(self.settings.out)}

    def _held(self, one: Release) -> set[str]:
        kind, found = f"<{terms.PREFIXES['rdf']}type> <{terms.term('Tombstone')}>", set()
        try:
            for text in _texts(one):
                found |= {iri for iri in self.things if f"<{iri}>" in text and f"<{iri}> {kind}" not in text}
                if "" not in found and names.find(text, self.names):
                    found.add("")
        except (OSError, EOFError, ValueError):
            found.add("")  # damaged, and so nobody knows
        return found

    def carry_out(self, progress: Progress, pause: Callable[[], None]) -> list[str]:
        """Do it; return the ids of the releases that were removed. `pause` waits until servers have followed.

        Raises UnknownName where nothing holds what is to be withdrawn, and SourceError where a person must edit lines first.
        """
        if by_hand := [place for place in self.places if place.by_hand]:
            hint = "Edit these lines, or give --redact; what that cannot mend is said above"
            raise SourceError(f"{len(by_hand)} of these places are for you to edit; nothing has changed", hint=hint)
        release.finish_removals(self.settings.out)
        edits, burials = self._edited[0], self._burials()
        if not (edits or burials or any(self._old.values()) or self._is_done()):
            raise UnknownName("Nothing here holds what is to be withdrawn", hint="Write the IRI or name as sources do")
        self._refuse_missing()
        old = self.stained
        with tempfile.TemporaryDirectory(prefix="withdrawal-") as folder:
            stage = _Stage(Path(folder), self, edits, burials)
            options = {"data": stage.data, "force": bool(edits or old), "progress": progress, "ready": stage.carry_over}
            made = Build(replace(self.settings, root=stage.root), **options).run()
        gone = [one for one in old if one.path.name != made.id]
        for one in gone:
            release.condemn(one, self.today, self.reason)
        if gone:
            pause()
        release.finish_removals(self.settings.out)
        return [one.path.name for one in gone]

    def _burials(self) -> list[str]:
        """List the IRIs of the tombstones to set up: that of the thing, or one that says nothing where it holds a name."""
        found = []
        for thing in self.things:
            hidden = self.removal.holds(thing.removeprefix(terms.BASE))
            told = any(thing in held for held in self._old.values())
            if thing in self.removal.things and (self.said[thing] or told and not hidden):
                found.append(f"{terms.ID}withdrawn/{draw()}" if hidden else thing)
        return found

    def _is_done(self) -> bool:
        """Say whether this withdrawal has been carried out before."""
        guard = Guard.read(self.settings.root)
        buried = any(sources.is_tombstone(quads) for quads in self.said.values())
        return buried or any(guard.knows(name) for name in self.names)

    def _refuse_missing(self) -> None:
        """Raise SourceError where the current release was made of files that are not among the sources: the new one would lack them."""
        try:
            made_of = release.current(self.settings.out).manifest["inputs"]
        except (UnknownName, ReleaseCorrupt):
            return
        there = {file.name for file in self.files} | {names.NAMES}
        missing = sorted(name for name in made_of if name.startswith("data/") and name not in there)
        if missing := [name for name in missing if not self._held_in(name)]:
            hint = "Give their folder with --data, or run `kg build` first if they are to go"
            raise SourceError("The current release was made of more files than these", where=missing[0], hint=hint)

    def _held_in(self, name: str) -> bool:
        """Say whether a file of the current release held what is withdrawn: a run that was interrupted has taken it away."""
        if self.removal.holds(name):
            return True
        with Store.open(release.current(self.settings.out).store_path) as store:
            rows = store.select(f"SELECT ?s ?p ?o {{ GRAPH <{terms.graph_of(quote(name))}> {{ ?s ?p ?o }} }}")
            return any(
                term.value in self.things or self.removal.holds(term.value) for row in rows for term in row if term
            )


class _Stage:
    """A copy of a project in which the files to edit are edited and all others are links."""

    def __init__(self, folder: Path, task: Withdrawal, edits: Sequence[Edited], burials: Sequence[str]) -> None:
        self.root, self.task, self.edits = folder / "project", task, edits
        self.guard = Guard.read(task.settings.root)
        if task.guard and task.names:
            self.guard = self.guard.add(sorted(task.names), task.today)
        tops: dict[Path, Path] = {task.settings.root: self.root}
        for number, path in enumerate(task.data):
            tops.setdefault(path.parent if path.is_file() else path, folder / f"data-{number}")
        changed = {edited.file.path: edited for edited in edits}
        for file in task.files:
            inside = file.name if file.top == task.settings.root else file.name.removeprefix("data/")
            edited = changed.get(file.path)
            if edited is None:
                target = _parents(tops[file.top] / inside)
                if not target.exists():
                    target.symlink_to(file.path.resolve())
            elif edited.text is not None:
                name = edited.name if file.top == task.settings.root else edited.name.removeprefix("data/")
                _parents(tops[file.top] / name).write_text(edited.text, encoding="utf-8")
        for top in sources.TOPS:
            (self.root / top).mkdir(parents=True, exist_ok=True)
        self.data = [tops[path.parent] / path.name if path.is_file() else tops[path] for path in task.data]
        self.tombstones = self._tombstones(burials)
        if self.guard.key is not None or self.guard.text:
            self.guard.write(self.root)

    def _tombstones(self, burials: Sequence[str]) -> str | None:
        """Write the file of tombstones with those to add; None where there are none to add."""
        if not burials:
            return None
        path = self.root / TOMBSTONES
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        told = []
        for iri in burials:
            facts = {"withdrawnOn": Literal(self.task.today, _DATE)}
            facts["withdrawalReason"] = Literal(self.task.reason, None, "en")
            if self.task.instead:
                facts["isReplacedBy"] = Iri(self.task.instead)
            told.append((Iri(iri), Iri(terms.PREFIXES["rdf"] + "type"), Iri(terms.term("Tombstone"))))
            told += [(Iri(iri), Iri(terms.term(name)), value) for name, value in facts.items()]
        whole = f"{text.rstrip()}\n\n" + write_turtle(told, head=False) if text else write_turtle(told, _COMMENT)
        path.unlink(missing_ok=True)  # a link to the real one
        path.write_text(whole, encoding="utf-8")
        return whole

    def carry_over(self) -> None:
        """Put the edited files in the place of the real ones: first what is new, then what goes."""
        root = self.task.settings.root
        if self.guard.text:
            self.guard.write(root)
        if self.tombstones is not None:
            write_file(root / TOMBSTONES, self.tombstones)
        for file, name, text in self.edits:
            target = file.top / (name if file.top == root else name.removeprefix("data/"))
            if text is not None and not (file.name == TOMBSTONES and self.tombstones is not None):
                write_file(target, text)
            if text is None or target != file.path:
                file.path.unlink()


_COMMENT = """What was withdrawn: the day and the kind of reason, and nothing that says what or who it was.
`kg withdraw` writes this file; OPERATING.md tells how a withdrawal goes."""


def _parents(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _iri(text: str) -> str:
    """Read the IRI of a thing, in full or without the base. Raises BadParameter."""
    whole = text if text.startswith(terms.BASE) else terms.BASE + text.lstrip("/")
    kind, slash, key = whole.removeprefix(terms.ID).partition("/")
    try:
        if not slash:
            raise ValueError("no key")
        return terms.mint(kind, key)
    except ValueError:
        raise BadParameter("This is no IRI of a thing", where="IRI", hint="Write id/<kind>/<key>") from None


def _names_in(one: Release, things: Sequence[str]) -> set[str]:
    """Collect the names of persons from a release that may hold them still."""
    found: set[str] = set()
    try:
        with Store.open(one.store_path) as store:
            for thing in things:
                rows = store.select(f"SELECT ?p ?o {{ <{thing}> ?p ?o }}")
                found |= sources.names_of([(Iri(thing), link, value, None) for link, value in rows])
    except AnswerableError:
        return found
    return found


def _texts(one: Release) -> Iterator[str]:
    """Yield all texts of a release in pieces that end where a line does; what is said of a thing is in one piece."""
    files = [one.path / MANIFEST, one.path / "catalogue.ttl", *one.questions_path.glob("*.rq")]
    # What a table holds in Parquet is in its CSV too.
    files += [path for path in sorted((one.path / FOLDER).glob("*")) if path.suffix in (".csv", ".json")]
    yield from (path.read_text(encoding="utf-8") for path in files)
    with gzip.open(one.path / "dumps/answerable.nq.gz", "rt", encoding="utf-8") as lines:
        part: list[str] = []
        size, about = 0, ""
        for line in lines:
            subject = line.partition(" ")[0]
            if size > _CHUNK and subject != about:
                yield "".join(part)
                part, size = [], 0
            part.append(line)
            size, about = size + len(line), subject
        yield "".join(part)

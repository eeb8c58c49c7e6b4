"""The withdrawal of things and names: planned, tried on a copy of the sources, built, and only then carried out.

The order is such that a run which is interrupted loses nothing, and the same command completes it:

1. the edited sources are built beside the real ones; a mistake ends here, and nothing has changed;
2. they take the place of the real ones, and words of passages are deleted; 3. each older release that holds what was withdrawn is marked as removed, and no server
opens it any more, the current one from the moment of the switch; 4. the new release becomes the current one; 5. after a pause, in
which servers follow, the older ones are deleted.
"""

import contextlib
import datetime
import gzip
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from kg import names, quotations, release, terms
from kg.build import pipeline
from kg.build.pipeline import Progress
from kg.config import Settings
from kg.errors import AnswerableError, BadParameter, ReleaseCorrupt, SourceError, UnknownName
from kg.files import write_file
from kg.names import Guard
from kg.release import Release
from kg.search import index
from kg.store import Store, Triple, write_turtle
from kg.tables import FOLDER
from kg.terms import Iri, Literal, Term
from kg.withdrawal import dependents, sources
from kg.withdrawal.removal import Removal, draw
from kg.withdrawal.sources import TOMBSTONES, Edited, Occurrence, SourceFile, is_a

REASON = "The safety of people."
_STAGE = ".withdrawal-"  # begins the name of a copy of the sources, before the number of the process
_THINGS = 1000  # of a dump that are looked at together
_SHORTEST = 4  # letters of a name that is taken out because a person has it
_DATE = terms.PREFIXES["xsd"] + "date"
# The files of a release that hold nothing which is not in others: the engine's, the index of the search, the dumps beside that in
# N-Quads, which is looked at apart, and the tables in Parquet.
_COPIES = ("store/*", index.FILE, "dumps/*", f"{FOLDER}/*.parquet")
_NOTICE = """What was withdrawn: the day and the kind of reason, and nothing that says what or who it was.
`kg withdraw` writes this file; OPERATING.md tells how a withdrawal goes."""


@dataclass
class Withdrawal:
    """One withdrawal: what is to go, and how."""

    settings: Settings
    things: Sequence[str] = ()  # IRIs, or what follows the base of ours
    spellings: Sequence[str] = ()  # names
    data: Sequence[Path] = ()  # folders laid over data/, as for the build
    reason: str = REASON
    replacement: str | None = None  # the IRI to which links lead from now on
    redact: bool = False
    guard: bool = True
    today: str = field(default_factory=lambda: f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}")

    def __post_init__(self) -> None:
        self.things = [_iri(thing) for thing in self.things]
        self.replacement = self.replacement and _iri(self.replacement)
        self.spellings = [name.strip() for name in self.spellings if name.strip()]
        if not (self.things or self.spellings):
            raise BadParameter("Nothing is named", hint="Give the IRI of a thing, or --name TEXT")
        if self.replacement in self.things:
            raise BadParameter("A thing cannot take its own place", where="--replaced-by")
        if self.names and self.removal.holds(self.reason):
            raise BadParameter("The reason holds a name", where="--reason", hint="Word it so that it identifies nobody")

    @cached_property
    def files(self) -> list[SourceFile]:
        """The files of the sources."""
        return sources.find(self.settings.root, self.data)

    @cached_property
    def statements(self) -> dict[str, list[Triple]]:
        """What the sources say of each thing."""
        return sources.describe(self.files, self.things)

    @cached_property
    def _stated_names(self) -> set[str]:
        return {name for triples in self.statements.values() for name in sources.names_of(triples)}

    @cached_property
    def names(self) -> frozenset[str]:
        """The folded names: those given, and those that sources and releases give to the persons who are withdrawn."""
        older = [_names_in(old, self.things) for old in release.releases(self.settings.out)] if self.things else []
        folded = {names.fold(name) for name in self._stated_names.union(*older)}
        return frozenset(map(names.check, self.spellings)) | {name for name in folded if len(name) >= _SHORTEST}

    @cached_property
    def removal(self) -> Removal:
        """What to take out of the sources; a tombstone stays."""
        things = {thing for thing, triples in self.statements.items() if not is_a(triples, "Tombstone")}
        return Removal(frozenset(things), self.names, self.replacement)

    @cached_property
    def edits(self) -> list[tuple[Edited | None, list[Occurrence]]]:
        """Each file of the sources without what is withdrawn, None where it holds nothing of it, and the places in it."""
        return [sources.edit(file, self.removal, redact=self.redact) for file in self.files]

    @property
    def places(self) -> list[Occurrence]:
        """Each place of the sources that holds what is withdrawn, and what becomes of it."""
        return [place for _, places in self.edits for place in places]

    @property
    def partial_matches(self) -> list[Occurrence]:
        """The places where a word of a name stands without the rest."""
        parts = {word for name in (*self.spellings, *self._stated_names) for word, _, _ in names.words(name)}
        parts -= self.names
        return [place for file in self.files for place in sources.partial_matches(file, self.removal, parts)]

    @cached_property
    def dependents(self) -> dict[str, str]:
        """The things that cannot stay without what is withdrawn, each with the reason; none where links lead to another thing."""
        things = () if self.replacement else self.removal.things
        return dict(dependents.find(self.settings.out, self.settings.root, self.data, things))

    @cached_property
    def affected_releases(self) -> dict[Release, str]:
        """The releases that have to go, the oldest first behind those that are damaged, each with the reason in words."""
        affected: dict[Release, str] = {}

        def reject(error: ReleaseCorrupt) -> None:
            affected[Release(Path(error.where or "").parent)] = "is damaged"

        readable = release.releases(self.settings.out, reject)
        return affected | {old: "holds what is withdrawn" for old in readable if self._held[old.path.name]}

    @cached_property
    def _held(self) -> dict[str, set[str]]:
        """What each release holds of the things and, as an empty IRI, of the names, by its folder."""
        return {old.path.name: self._search(old) for old in release.releases(self.settings.out)}

    def _search(self, old: Release) -> set[str]:
        kind, held = f"<{terms.PREFIXES['rdf']}type> <{terms.term('Tombstone')}>", set()
        try:
            for text in _texts(old):
                held |= {iri for iri in self.things if f"<{iri}>" in text and f"<{iri}> {kind}" not in text}
                if "" not in held and names.find(text, self.names):
                    held.add("")
        except (OSError, EOFError, ValueError):
            held.add("")  # damaged, and so nobody knows
        return held

    @cached_property
    def quotations(self) -> dict[str, list[str]]:
        """The passages whose words beside the releases hold what is withdrawn, by the key of their document."""
        return quotations.find_withdrawn(
            self.settings.out, lambda text: text in self.things or bool(names.find(text, self.names))
        )

    def carry_out(self, progress: Progress, pause: Callable[[], None]) -> list[str]:
        """Do it; return the ids of the releases that were removed. `pause` waits until servers have followed.

        Raises UnknownName where nothing holds what is to be withdrawn, and SourceError where a person must edit lines first.
        """
        if by_hand := [place for place in self.places if place.by_hand]:
            hint = "Edit these lines, or give --redact; what that cannot mend is said above"
            raise SourceError(f"{len(by_hand)} of these places are for you to edit; nothing has changed", hint=hint)
        release.finish_removals(self.settings.out)
        edits, guard = self._all_edits(), Guard.read(self.settings.root)
        is_done = any(is_a(triples, "Tombstone") for triples in self.statements.values())
        if not (edits or is_done or any(self._held.values()) or self.quotations or any(map(guard.knows, self.names))):
            raise UnknownName("Nothing here holds what is to be withdrawn", hint="Write the IRI or name as sources do")
        self._refuse_missing()
        affected = self.affected_releases
        self.settings.out.mkdir(parents=True, exist_ok=True)
        _sweep(self.settings.out)
        with tempfile.TemporaryDirectory(prefix=f"{_STAGE}{os.getpid()}-", dir=self.settings.out) as folder:
            stage = _Stage(Path(folder), self, edits, guard)

            def commit() -> None:
                stage.carry_over()
                quotations.drop(self.settings.out, self.quotations)
                for old in affected:
                    name = release.REMOVED_NEXT if old.is_current else release.REMOVED
                    release.mark_removed(old, self.today, self.reason, name)

            pipeline.build(
                replace(self.settings, root=stage.root),
                data=stage.data,
                force=bool(edits or affected or self.quotations),
                progress=progress,
                ready=commit,
            )
        if affected:
            pause()
        release.finish_removals(self.settings.out)
        return [old.path.name for old in affected]

    def _new_tombstones(self) -> list[str]:
        """List the IRIs of the tombstones to set up: that of the thing, or one that says nothing where it holds a name."""
        iris = []
        for thing in sorted(self.removal.things):
            is_named = self.removal.holds(thing.removeprefix(terms.BASE))
            is_published = any(thing in held for held in self._held.values())
            if self.statements[thing] or is_published and not is_named:
                iris.append(f"{terms.ID}withdrawn/{draw()}" if is_named else thing)
        return iris

    def _all_edits(self) -> list[Edited]:
        """List the files to write, that of the tombstones last: until all else is written, the same command goes on from here."""
        edits = [edited for edited, _ in self.edits if edited]
        if not (iris := self._new_tombstones()):
            return edits
        file = SourceFile(self.settings.root, TOMBSTONES, TOMBSTONES)
        text = file.text if file.path.exists() else ""
        text = next((edited.text or "" for edited in edits if edited.file == file), text)
        facts: dict[str, Term] = {
            terms.PREFIXES["rdf"] + "type": Iri(terms.term("Tombstone")),
            terms.term("withdrawnOn"): Literal(self.today, _DATE),
            terms.term("withdrawalReason"): Literal(self.reason, language="en"),
        }
        if self.replacement:
            facts[terms.term("isReplacedBy")] = Iri(self.replacement)
        triples = [(Iri(iri), Iri(link), value) for iri in iris for link, value in facts.items()]
        added = write_turtle(triples, head=False) if text else write_turtle(triples, _NOTICE)
        whole = f"{text.rstrip()}\n\n{added}" if text else added
        return [*(edited for edited in edits if edited.file != file), Edited(file, TOMBSTONES, whole)]

    def _refuse_missing(self) -> None:
        """Raise SourceError where the current release was made of files that are not among the sources: the new one would lack them."""
        current = release.find_current(self.settings.out)
        inputs = current.manifest["inputs"] if current else ()
        existing = {file.name for file in self.files} | {names.NAMES}
        absent = sorted(name for name in inputs if name.startswith("data/") and name not in existing)
        if missing := [name for name in absent if not self._held_in(name)]:
            hint = "Give their folder with --data, or run `kg build` first if they are to go"
            raise SourceError("The current release was made of more files than these", where=missing[0], hint=hint)

    def _held_in(self, name: str) -> bool:
        """Say whether a file of the current release held what is withdrawn: a run that was interrupted has taken it away."""
        if self.removal.holds(name):
            return True
        with Store.open(release.current(self.settings.out).store_path) as store:
            rows = store.select(f"SELECT ?s ?p ?o {{ GRAPH <{terms.graph_of(quote(name))}> {{ ?s ?p ?o }} }}")
            return any(term.value in self.things or self.removal.holds(term.value) for row in rows for term in row)


def _sweep(out: Path) -> None:
    """Delete the copies of the sources that killed withdrawals left."""
    for path in out.glob(f"{_STAGE}*"):
        if not Path("/proc", path.name.removeprefix(_STAGE).partition("-")[0]).exists():
            shutil.rmtree(path, ignore_errors=True)


class _Stage:
    """A copy of a project in which the files to edit are edited and all others are links."""

    def __init__(self, folder: Path, task: Withdrawal, edits: Sequence[Edited], guard: Guard) -> None:
        self.root, self.edits, self.target = folder / "project", edits, task.settings.root
        self.guard = guard.add(sorted(task.names), task.today) if task.guard and task.names else guard
        tops = {task.settings.root: self.root}
        for number, path in enumerate(task.data):
            tops.setdefault(path.parent if path.is_file() else path, folder / f"data-{number}")
        self.data = [tops[path.parent] / path.name if path.is_file() else tops[path] for path in task.data]
        for top in (*(self.root / top for top in sources.TOPS), *tops.values()):
            top.mkdir(parents=True, exist_ok=True)
        for edited in edits:
            if edited.text is not None:
                write_file(tops[edited.file.top] / edited.inner, edited.text)
        for file in {*task.files}.difference(edited.file for edited in edits):
            link = tops[file.top] / file.inner
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.path.resolve())
        self.guard.write(self.root)

    def carry_over(self) -> None:
        """Put the edited files in the place of the real ones. A file is renamed last, lest two copies draw two keys for one name."""
        self.guard.write(self.target)
        for file, inner, text in self.edits:
            if text is None:
                file.path.unlink()
            else:
                write_file(file.path, text)
                (file.top / inner).parent.mkdir(parents=True, exist_ok=True)
                file.path.rename(file.top / inner)
            with contextlib.suppress(OSError):
                os.removedirs(file.path.parent)  # the folder may be called by the name too


def _iri(text: str) -> str:
    """Read the IRI of a thing, in full or without the base. Raises BadParameter."""
    kind, _, key = terms.full_iri(text).removeprefix(terms.ID).partition("/")
    try:
        return terms.mint(kind, key)
    except ValueError:
        raise BadParameter("This is no IRI of a thing", where="IRI", hint="Write id/<kind>/<key>") from None


def _names_in(old: Release, things: Sequence[str]) -> set[str]:
    """Collect the names of persons from a release that may hold them still; none from one that is damaged."""
    try:
        with Store.open(old.store_path) as store:
            queries = [f"CONSTRUCT WHERE {{ <{thing}> ?p ?o }}" for thing in things]
            return {name for query in queries for name in sources.names_of([*store.construct(query)])}
    except AnswerableError:
        return set()


def _texts(old: Release) -> Iterator[str]:
    """Yield all texts of a release; what its dump says of a thing is in one piece. What is no text raises ValueError."""
    for path in sorted(release.files(old.path)):
        inner = path.relative_to(old.path).as_posix()
        if not any(fnmatch(inner, pattern) for pattern in _COPIES):
            yield path.read_text(encoding="utf-8")
    with gzip.open(old.path / "dumps/answerable.nq.gz", "rt", encoding="utf-8") as lines:
        things = ("".join(group) for _, group in itertools.groupby(lines, lambda line: line.partition(" ")[0]))
        while piece := "".join(itertools.islice(things, _THINGS)):
            yield piece

"""The pipeline: a release is made in eight steps, and only switched to when all of them went well."""

from __future__ import annotations

import contextlib
import datetime
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from kg import catalogue, supplements, terms
from kg.build import checks, crosswalks, inference, inputs, packaging, questions, shapes, tables, texts
from kg.build.folder import Folder, Unchanged
from kg.build.inputs import Inputs, Source
from kg.build.places import Places
from kg.build.report import WARNINGS, Report, Result, collect, dump_results
from kg.catalogue import File, ReleaseFacts
from kg.config import Settings
from kg.errors import AnswerableError, BuildError, ReleaseCorrupt, SourceError, UnknownName
from kg.release import CURRENT, Release, current, point, releases, sync, verify
from kg.store import Copying, Store

if TYPE_CHECKING:
    from kg.build.checking import Reuse

STEPS = 8
# What the disk may say; an error of the engine's has no number, and ends with the system's words.
REFUSED = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG, errno.EIO, None}
Progress = Callable[[float, str], None]  # the part done, from 0 to 1, and a line for people


def build(settings: Settings, **options: Any) -> Release:
    """Make a release and switch to it; when a release of the same inputs is there, use that one.

    The options are those of Build. Raises ValidationFailed (with the report of all mistakes), SourceError,
    QuerySyntaxError for a rule or check that does not parse, or BuildError; the release before then stays the current one.
    """
    return Build(settings, **options).run()


@dataclass
class Build:
    """One build: what it is told, what it reads, and what each step leaves for the next."""

    settings: Settings
    _: KW_ONLY
    data: Sequence[Path] = ()  # folders laid over data/
    without: Sequence[str] = ()  # folders of data/ that are left out
    out: Path | None = None  # the folder of the releases, where it is not that of the settings
    jobs: int | None = None  # checks that are asked at the same time
    plain: bool = False
    force: bool = False  # make all of it anew, whatever there is
    progress: Progress = lambda done, text: None
    ready: Callable[[], None] = lambda: None  # called when the new release is whole, before the switch to it
    reuse: Reuse | None = None  # a check of a few files only
    inputs: Inputs = field(init=False)
    store: Store = field(init=False)
    places: Places = field(init=False)
    report: Report = field(init=False, default=Report(()))
    started: str = field(init=False, default="")
    folder: Folder = field(init=False)
    total: int = field(init=False, default=0)
    # The release from which this one is made; it shares files with that.
    base: str | None = field(init=False, default=None)
    unchanged: Unchanged = field(init=False, default_factory=Unchanged)  # the tables that are those of `base`
    name: str = field(init=False, default="")
    _beside: ThreadPoolExecutor = field(init=False, default_factory=partial(ThreadPoolExecutor, 1))
    _closing: Future[bytes] = field(init=False)  # the closed ontology

    def __post_init__(self) -> None:
        self.out = self.settings.out if self.out is None else self.out
        self.jobs = self.jobs or os.cpu_count() or 1

    @cached_property
    def asked(self) -> list[questions.Question]:
        """The named questions; `validate` puts those in their place that it has read and found good."""
        return questions.read(self.inputs.folder("questions"))

    def run(self) -> Release:
        """Do all eight steps."""
        with _locked(self.out), self._folder():
            self.read()
            if not self.force and (same := self._same()):
                self.ready()
                point(self.out, same)
                self.progress(1, f"Nothing has changed: {same.id} is the current release")
                return same
            if not (self.force or self.plain) and self.edit():
                return self.switch()
            with Store.memory() as self.store:
                self.load()
                self.validate()
                with self.folder.copy(self.store) as copying:
                    copying.add()  # what is stated, while the rules write to other graphs
                    self.infer()
                    copying.add()  # what is derived
                    self.check()
                    self.write(copying)
            self.verify()
            return self.switch()

    def read(self) -> None:
        """Read every input once."""
        self.progress(0 / STEPS, "Reading the sources")
        self.started = _now()
        self.inputs = inputs.read(self.settings.root, self.data, plain=self.plain, without=self.without)

    def edit(self) -> bool:
        """Make the release from the last one, if little has changed since; else say why it has to be made in full."""
        from kg.build.edit import Unclear, make

        try:
            make(self)
        except Unclear as reason:
            self.progress(1 / STEPS, f"A full build: {reason or 'the change reaches too far'}")
            self.folder.clear()
            return False
        self.verify()
        return True

    def load(self) -> None:
        """Load each source into its graph. In memory: the rules add in small steps, each of which would go to the disk."""
        read = self.inputs.sources
        self.progress(1 / STEPS, f"Loading {len(read)} files")
        errors = inputs.load(self.store, read)
        self.places = Places(read, self.store)
        self.report = Report((), len(read), inputs.count(self.store))
        # What refers to an unread file would be called undefined; its author has enough to mend first.
        self._add(errors, [] if self.plain else inputs.overfull(self.store, read))

    def validate(self) -> None:
        """Judge what is stated: the checks of single statements, the shapes, and the named questions."""
        if self.plain:
            return
        self.progress(2 / STEPS, "Validating against the shapes")
        changed = self.reuse.changed if self.reuse else self.inputs.sources
        graphs = [source.graph for source in changed] if self.reuse else []
        judging = self._beside.submit(shapes.validate, self.store, self.inputs.sources, self.places)
        if not self.reuse:
            self._closing = self._beside.submit(inference.close_ontology, self.inputs.sources)
        self._add(
            (result for source in changed for result in (*texts.review(source), *self._astray(source))),
            texts.withdrawn(self.inputs, changed, self.cleared()),
            checks.ask(self.store, self.inputs.folder("checks/stated"), self.places, jobs=self.jobs, graphs=graphs),
            self._review(),
            crosswalks.review(self.inputs.crosswalks, self.store),
            judging.result(),
        )

    def cleared(self) -> Mapping[str, str]:
        """Map the files in which the current release was found to hold no withdrawn name to their hashes; none where all is made anew."""
        try:
            return {} if self.force else texts.cleared(self.inputs, current(self.out).manifest)
        except (UnknownName, ReleaseCorrupt):
            return {}

    def _astray(self, source: Source) -> Iterator[Result]:
        """Yield a mistake for each graph that a file names and that is not its own."""
        for graph in inputs.graphs(source) - {source.graph}:
            message = f"The graph {graph.removeprefix(terms.BASE)} is not that of this file. Leave its name out: what a file says stands in the graph of the file."
            yield Result(*self.places.find_word(graph, source.graph), message)

    def _review(self) -> list[Result]:
        """Read the questions, and judge them, the queries of the pages and the terms of rules and checks."""
        if self.reuse:  # they have not changed, and neither has the ontology
            return []
        known = checks.known(self.store)
        records = self.inputs.folder("records")
        self.asked, found = questions.review(self.inputs.folder("questions"), known, records)
        apart = ("queries/questions/", "queries/records/", "queries/search/", "queries/tables/")
        ours = [one for one in self.inputs.queries if not one.name.startswith(apart)]
        pages = [*inputs.read_queries(self.settings.root, "pages"), *records, *self.inputs.folder("search")]
        lists = questions.lists(inputs.read_queries(self.settings.root, "lists"), known)
        judged = [*questions.pages(pages, known), *lists, *questions.strangers(ours, known)]
        return [*found, *judged, *tables.review(self.inputs, known)]

    def infer(self) -> None:
        """Add what the ontology entails and what the rules link; the default graph becomes the merge of all graphs."""
        if self.plain:
            self.store.copy_named_into_default()
            return
        self.progress(3 / STEPS, "Reasoning and linking")
        closure = self.reuse.closure() if self.reuse else self._closing.result()
        rules = [self.inputs.folder(f"rules/{kind}") for kind in ("owl", "links")]
        inference.infer(self.store, *rules, closure)

    def check(self) -> None:
        """Ask the checks of the whole, and each question its example."""
        if self.plain:
            return
        self.progress(4 / STEPS, "Asking the checks")
        self._add(
            checks.ask(self.store, self.inputs.folder("checks"), self.places, jobs=self.jobs),
            questions.examples(self.store, self.asked, self.jobs, narrowed=bool(self.reuse)),
        )

    def write(self, copying: Copying) -> None:
        """Write the whole release into a folder aside and through to the disk."""
        self.progress(5 / STEPS, "Writing the dumps and the catalogue")
        folder, graphs = self.folder, {graph: self.store.count(graph) for graph in self.store.graphs()}
        self.total = self.store.count()
        dumps = folder.dump(copying, canonical=not self.plain)
        stated = sum(graphs[graph] for graph in graphs if not graph.startswith((terms.INFERRED, terms.LINKS)))
        if (stated, sum(graphs.values())) != (self.report.triples, copying.quads):
            hint = "Look for a rule that writes to a graph other than graph/inferred and graph/links"
            raise BuildError("What is stated has changed during the build", hint=hint)
        self.seal(dumps, graphs, catalogue.count(self.store), self.report.results)

    def seal(
        self, dumps: Sequence[File], graphs: Mapping[str, int], parts: catalogue.Parts, warnings: Sequence[Result]
    ) -> None:
        """Name the release, and write its questions, search index, tables, crosswalks, catalogue and manifest; `graphs` are the triples of each graph, and `parts` those of each class and property."""
        folder, self.name = self.folder, _name(self.out, self.inputs.digest)
        for query in (*self.inputs.folder("questions"), *self.inputs.folder("records")):
            folder.write(query.name.removeprefix("queries/"), query.text.encode())
        search = {PurePath(one.name).stem: one.text for one in self.inputs.folder("search")}
        folder.index(search, self.asked)
        if not self.plain:
            folder.tables(tables.of(self.inputs), tables.limits(self.inputs), self.name, self.unchanged)
            folder.crosswalks(self.inputs.crosswalks)
        folder.write(WARNINGS, dump_results(warnings))
        created = _now()
        facts = ReleaseFacts(self.name, self.started, created, self.total, dumps, self.inputs.hashes, self.plain)
        facts = replace(facts, supplements=supplements.read(folder.path, folder.outputs))
        folder.write("catalogue.ttl", catalogue.write(catalogue.describe(parts, facts), "ttl"))
        for name, data in packaging.describe(facts).items():
            folder.write(name, data)
        folder.seal(
            {
                "id": self.name,
                "created": created,
                "base": terms.BASE,
                "plain": self.plain,
                "base_release": self.base,
                "digest": self.inputs.digest,
                "triples": {"total": self.total, "graphs": dict(sorted(graphs.items()))},
                "warnings": [*map(str, warnings)],
                "versions": inputs.versions(),
                "inputs": self.inputs.hashes,
                "searched": None if self.plain else self.inputs.search,
            }
        )

    def verify(self) -> None:
        """Look at what was written, and give the folder its name."""
        self.progress(6 / STEPS, "Verifying")
        self.folder.verify(self.total)
        os.replace(self.folder.path, self.out / self.name)
        sync(self.out)

    def switch(self) -> Release:
        """Make the new release the current one."""
        self.progress(7 / STEPS, "Switching")
        release = Release(self.out / self.name)
        self.ready()
        point(self.out, release)
        self.progress(1, f"{release.id} is the current release")
        return release

    def _add(self, *groups: Iterable[Result | AnswerableError]) -> None:
        """Put what was found into the report; raise ValidationFailed if something stops the build."""
        read = {"files": self.report.files, "triples": self.report.triples}
        self.report = collect(self.report.results, *groups, **read)
        if not self.report.conforms:
            raise self.report.failure()

    def _same(self) -> Release | None:
        """Find a whole release of these inputs, the current one first; withdrawn names were looked for in it if they can be now."""
        digest = self.inputs.digest
        found = [one for one in reversed(releases(self.out)) if one.manifest.get("digest") == digest]
        if self.inputs.search and not self.plain:
            found = [one for one in found if one.manifest.get("searched") == self.inputs.search]
        now = (self.out / CURRENT).resolve()
        found.sort(key=lambda release: release.path != now)
        return next((release for release in found if not verify(release)), None)

    @contextlib.contextmanager
    def _folder(self) -> Iterator[None]:
        """Clear away what killed builds left, and what this one leaves; tell why the disk refuses to be written."""
        for path in self.out.glob(".tmp-*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.out.glob(f".{CURRENT}-*"):
            path.unlink(missing_ok=True)
        self.folder = Folder(self.out / f".tmp-{os.getpid()}")  # nobody else makes one here while the lock is held
        try:
            yield
        except (OSError, SourceError) as error:
            refused = error if isinstance(error, OSError) else error.__cause__
            if not isinstance(refused, OSError) or refused.errno not in REFUSED:
                raise
            why = refused.strerror or str(refused).rpartition(": ")[2].partition(" (os error")[0]
            raise BuildError(f"The release cannot be written ({why})", where=str(self.out)) from None
        finally:
            shutil.rmtree(self.folder.path, ignore_errors=True)


def _name(out: Path, digest: str) -> str:
    plain = f"{datetime.datetime.now(datetime.UTC):%Y%m%d}-{digest[:8]}"
    names = [plain, *(f"{plain}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (out / name).exists())


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold the only right to build into a folder; the system gives it back when the process ends, however it ends."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as error:
        raise BuildError(f"The folder of the releases cannot be made ({error.strerror})", where=str(out)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hint = "Wait for it to end, or give another --out"
            raise BuildError("Another build is at work here", where=str(out), hint=hint) from None
        yield

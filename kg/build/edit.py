"""A build after an edit: the new release is made from the last one, and equals what a full build makes.

Only what changed files of data/ can reach is derived, checked and written again, and changed questions are judged. Whatever is
not certain here raises Unclear, and the build is a full one: so is each build that refuses its data, and tells all that is wrong with them.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg import catalogue, tables, terms
from kg.build import checks, crosswalks, inputs, questions, reach, texts
from kg.build import tables as tables_build
from kg.build.folder import Unchanged
from kg.build.inference import ONTOLOGY_CLOSURE
from kg.build.inputs import NAMES_GRAPHS, QueryFile, Source
from kg.build.places import Places
from kg.build.reach import Change
from kg.build.rederive import DERIVED, Rederivation, Rule, Triple, remove
from kg.build.report import VIOLATION, WARNING, Report, Result, collect, load_results
from kg.errors import AnswerableError, ReleaseCorrupt, UnknownName
from kg.release import Release, current, verify
from kg.sparql import read_outline, reader
from kg.sparql.patterns import Reading, Unclear
from kg.store import StoreCopy, Text
from kg.tables.making import parse

if TYPE_CHECKING:
    from kg.build.pipeline import Build

STEPS = 8  # of a build
_DATA = f"<{terms.GRAPH}data/"
_UNSTATED = (*DERIVED, ONTOLOGY_CLOSURE)
_NAME = f"<{terms.PREFIXES['skos']}prefLabel>"
_TYPE = f"<{terms.PREFIXES['rdf']}type>"
_OPAQUE = ("\\u", "\\U", "<<")  # in a term, they may be read otherwise in a query
_MOST_QUADS = 20_000  # that come and go; a full build of more is no slower
_MOST_THINGS = 3_000  # whose descriptions are put together for the shapes
_QUESTIONS = "queries/questions/"
_ELSEWHERE = "a warning about another file may have changed"


def make(build: Build) -> None:
    """Write a release into the folder of a build, from the last release. Raises Unclear where a full build is needed."""
    base = Base.of(build)
    build.progress(2 / STEPS, f"Following what has changed since {base.release.id}")
    build.folder.path.mkdir()
    folder, aside = build.folder, build.folder.path.with_name(f"{build.folder.path.name}-both")
    try:
        with (
            StoreCopy.of(base.release.store_path, folder.path / "store") as new,
            StoreCopy.of(base.release.store_path, aside) as both,
        ):
            edit = Edit(build, base, new, both)
            warnings = edit.run()
            build.progress(5 / STEPS, "Writing the dumps and the catalogue")
            edit.write(warnings)
    except AnswerableError as error:
        raise Unclear(error.message) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@dataclass(slots=True)
class Base:
    """The last release, and what has changed since it was made: the sources as they are and, by the graphs they had, as they were; and the questions."""

    release: Release
    changed: list[Source]
    graphs: dict[str, str]  # graph -> name
    questions: list[QueryFile]

    @classmethod
    def of(cls, build: Build) -> Base:
        """Find the current release of a build; raise Unclear, with the reason, where a full build is needed."""
        try:
            release = current(build.out)
            manifest = release.manifest
        except (UnknownName, ReleaseCorrupt):
            raise Unclear("there is no release to start from") from None
        now, before = build.inputs.hashes, manifest["inputs"]
        names = {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}
        for name in sorted(names):
            if not name.startswith(("data/", _QUESTIONS)) or not name.endswith((".ttl", ".rq")):
                raise Unclear(f"{name} has changed")
        if build.plain or manifest.get("plain") or manifest.get("versions") != inputs.versions():
            raise Unclear("the last release was made in another way")
        if any(source.format in NAMES_GRAPHS for source in build.inputs.sources):
            raise Unclear("there are files that name graphs")
        if problems := verify(release):
            raise Unclear(f"the last release is damaged: {problems[0]}")
        changed = [source for source in build.inputs.sources if source.name in names]
        graphs = {terms.graph_of(quote(name)): name for name in names if name.startswith("data/")}
        return cls(release, changed, graphs, [file for file in build.inputs.folder("questions") if file.name in names])


@dataclass
class Edit:
    """What has changed since the last release, and the stores of the new one."""

    build: Build
    base: Base
    new: StoreCopy  # becomes the store of the new release
    both: StoreCopy  # holds what it held before as well
    stated: Change = field(init=False)  # what came or went in the sources
    change: Change = field(init=False)  # and in what is derived
    asked_again: dict[str, set[str]] = field(
        default_factory=dict
    )  # of which things each check that warns was asked again
    near: set[str] = field(default_factory=set)  # things that the shapes may see otherwise now

    def run(self) -> list[Result]:
        """Do what `Build` does from loading to the checks; return the warnings. Raises Unclear."""
        self.load()
        self.infer()
        return self.check()

    def load(self) -> None:
        """Put what the changed files say in the place of what they said."""
        with StoreCopy.memory() as read:
            if inputs.load(read, self.base.changed):
                raise Unclear("a file cannot be read")
            now = {quad for graph in self.base.graphs for quad in read.quads(graph=graph)}
        before = {quad for graph in self.base.graphs for quad in self.new.quads(graph=graph)}
        self.stated = Change(now ^ before)
        if len(self.stated.quads) > _MOST_QUADS:
            raise Unclear("much has changed")
        for quad in self.stated.quads:
            if any(term.startswith("_:") or any(one in term for one in _OPAQUE) for term in quad):
                raise Unclear("a changed statement has a blank node or an escape")
        came = [quad for quad in now - before for quad in (quad, (*quad[:3], ""))]
        remove(self.new, before - now)
        self.new.put(came)
        self.both.put(came)

    def infer(self) -> None:
        """Derive again what the change can reach."""
        owl, links = ([Rule.of(one) for one in self.build.inputs.folder(f"rules/{kind}")] for kind in ("owl", "links"))
        self.change = Rederivation(self.new, self.both, owl, links).run(self.stated)

    def check(self) -> list[Result]:
        """Ask of the change what a full build asks of everything; return the warnings about all files."""
        build = self.build
        self._review()
        places = Places(build.inputs.sources, self.new)
        found = [
            *collect(inputs.overfull(self.new, self.base.changed)).results,
            *(result for source in self.base.changed for result in texts.review(source)),
            *texts.withdrawn(build.inputs, build.inputs.sources, build.cleared()),
            *crosswalks.review(build.inputs.crosswalks, self.new),
            *self._shapes(places),
            *self._ask(build.inputs.folder("checks/stated"), places, self.stated, stated=True),
            *self._ask(build.inputs.folder("checks"), places, self.change),
            *questions.examples(self.new, build.asked, build.jobs),
        ]
        return self._report(found)

    def _review(self) -> None:
        """Judge the questions that have changed."""
        records = self.build.inputs.folder("records")
        if self.base.questions and questions.review(self.base.questions, checks.known(self.new), records)[1]:
            raise Unclear("something is wrong with a question")

    def _ask(self, files: Iterable[QueryFile], places: Places, change: Change, *, stated: bool = False) -> list[Result]:
        """Ask checks about what a change can reach; with `stated`, of what the sources state alone."""
        asked, of_files = [], []
        for file in files:
            reading = reader.read(file.text)
            header = checks.header(file)
            warns = header.get("severity", VIOLATION).strip() != VIOLATION
            if stated and header.get("scope") == "file":
                of_files.append(file)
            elif read_outline(file.text).volatile:
                if warns:
                    raise Unclear(f"{file.name} depends on the day")
                asked.append(_with(file, _only_stated(reading) if stated else []))
            elif rows := self._rows(reading, change, warns):
                keys = reading.keys[:1] if warns else self._keys(reading)
                if warns:
                    self.asked_again[checks.name_of(file)] = {row[0].strip("<>") for row in rows}
                added = [*reach.restrict(reading, keys, rows), *(_only_stated(reading) if stated else [])]
                asked.append(_with(file, added))
        graphs = [source.graph for source in self.base.changed]
        found = checks.ask(self.new, of_files, places, graphs=graphs) if graphs else []
        return found + checks.ask(self.new, asked, places)

    @staticmethod
    def _keys(reading: Reading) -> list[str]:
        return [key for key in reading.keys if key in reading.bound]

    def _rows(self, reading: Reading, change: Change, warns: bool) -> set[reach.Row]:
        """Find the rows of a check that a change can reach; where it warns, what it is about, and all that changed files describe."""
        keys = reading.keys[:1] if warns else self._keys(reading)
        if not keys or not {*keys} <= reading.bound:
            raise Unclear("a check does not tell what it is about")
        rows = {(thing,) for thing in self._described} if warns else set()
        for use in reading.body.uses():
            rows |= reach.rows(self.both, use, keys, change)
        return rows

    def _shapes(self, places: Places) -> list[Result]:
        """Judge the things that changed files describe, or described, and those whose shapes look at them."""
        raise Unclear("the shapes are validated over the whole")

    def _neighbourhood(self, about: set[str], far: int, endless: set[str]) -> set[Text]:
        """Collect what is stated of the things that lead to some in so many links, and of all that these lead to."""
        found: set[Text] = set()
        for step in ("object", "subject"):
            edge, seen = set(about), set(about)
            for _ in range(far + (step == "subject")):
                following = set()
                while edge:
                    for quad in self.new.quads(**{step: edge.pop()}):
                        if not quad[3].startswith(_DATA):
                            continue
                        found.add(quad)
                        other = quad[0] if step == "object" else quad[2]
                        if other.startswith("<") and (iri := other[1:-1]) not in seen:
                            seen.add(iri)
                            (edge if quad[1][1:-1] in endless else following).add(iri)
                    if len(seen) > _MOST_THINGS:
                        raise Unclear("too much refers to what has changed")
                edge = following
            about = seen
            self.near |= seen if step == "object" else set()
        return found

    @cached_property
    def _described(self) -> set[str]:
        """The things that changed files describe, as text."""
        return {quad[0] for source in self.base.changed for quad in self.new.quads(graph=source.graph)}

    def _report(self, found: Sequence[Result]) -> list[Result]:
        """Put the warnings that were found in the place of those of the last release about the same things, or in the same files."""
        if any(one.severity != WARNING for one in found):
            raise Unclear("something is wrong with the data")
        names, there, staying = {*self.base.graphs.values()}, {*found}, []
        before = load_results(self.base.release.path)
        for one in before:
            if one in there or one.focus in self.asked_again.get(one.shape, ()):
                continue
            if one.where in names:
                sure = not one.focus or one.focus in self.near
            else:  # what a shape says of things in other files is not sought again, and a message may name a line of a changed file
                sure = one.shape.startswith(checks.FOLDER) or one.focus not in self.near
                sure = sure and not any(name in one.message for name in names)
                staying.append(one)
            if not sure:
                raise Unclear(_ELSEWHERE)
        if any(one.where not in names and one not in before and one.shape not in self.asked_again for one in found):
            raise Unclear(_ELSEWHERE)
        return sorted({*staying, *found})

    def write(self, warnings: Sequence[Result]) -> None:
        """Write the release, with these warnings."""
        build, manifest = self.build, self.base.release.manifest
        came, went = self.merged()
        parts, _ = catalogue.read((self.base.release.path / "catalogue.ttl").read_bytes())
        for sign, triples in ((1, came), (-1, went)):
            for _, link, value in triples:
                parts["property"][link[1:-1]] += sign
                if link == _TYPE and value.startswith("<"):
                    parts["class"][value[1:-1]] += sign
        graphs = Counter(manifest["triples"]["graphs"])
        now = {quad for quad in self.change.quads if quad[3] in self.new.graphs_with(quad)}
        for quad in self.change.quads:
            graphs[quad[3][1:-1]] += 1 if quad in now else -1
        build.total = manifest["triples"]["total"] + len(came) - len(went)
        self.new.flush()
        self.new.close()
        build.folder.adopt("store", self.base.release.path, manifest["outputs"])
        lines = [{(" ".join(quad) + " .\n").encode() for quad in some} for some in (now, self.change.quads - now)]
        dumps = build.folder.splice(self.base.release.path, *lines)
        build.report, build.base = Report((), len(build.inputs.sources)), self.base.release.id
        build.unchanged = self.unchanged()
        build.seal(dumps, +graphs, parts, warnings)

    def unchanged(self) -> Unchanged:
        """Find the tables that the change reaches neither by their queries nor by the names of things."""
        package = tables.load(self.base.release.path) or {"resources": []}
        described = {one["name"]: one for one in package["resources"]}
        known = parse(tables_build.of(self.build.inputs))
        renamed = any(quad[1] == _NAME for quad in self.change.quads)
        reached = {name for name, table in known.items() if self._reaches(table.text)}
        unreached = {
            name: described[name]
            for name, table in known.items()
            if name in described and reached.isdisjoint({name, *table.needs}) and not (renamed and table.is_named)
        }
        outputs = self.base.release.manifest["outputs"]
        paths = [f"{tables.FOLDER}/{file['path']}" for one in unreached.values() for file in one["files"]]
        return Unchanged(self.base.release.path, unreached, {path: outputs[path] for path in paths})

    def _reaches(self, text: str) -> bool:
        """Whether the change may reach any row of a query."""
        try:
            return any(reach.touches(self.both, use, self.change) for use in reader.read(text).body.uses())
        except (Unclear, AnswerableError):
            return True

    def merged(self) -> tuple[set[Triple], set[Triple]]:
        """Tell which triples came into the merge of all graphs, and which went out of it."""
        came, went = set(), set()
        turned: dict[Triple, set[str]] = defaultdict(set)
        for quad in self.change.quads:
            turned[quad[:3]].add(quad[3])
        for triple, graphs in turned.items():
            now = self.new.graphs_with((*triple, "")) - {""}
            before = now ^ graphs
            if now and not before:
                came.add(triple)
            elif before and not now:
                went.add(triple)
        return came, went


def _only_stated(reading: Reading) -> list[tuple[int, str]]:
    """Write where to put which filters into a query, so that it sees what sources state; it must ask named graphs only."""
    if not all(use.pattern.graph for use in reading.body.uses()):
        raise Unclear("a check of what is stated asks the merge of all graphs")
    listed = ", ".join(f"<{graph}>" for graph in _UNSTATED)
    return [(end, f"FILTER ({name} NOT IN ({listed}))") for end, name in reading.graphs]


def _with(file: QueryFile, added: Iterable[tuple[int, str]]) -> QueryFile:
    return QueryFile(file.name, reach.insert(file.text, added))

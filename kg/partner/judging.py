"""The work of the process that checks one file: it reads the release, gives up its rights, reads the file and says what is wrong.

It is narrow: the file is judged by the shapes and by the checks of what is stated, with what the release says of the things it
names. No rule is run, and nothing is derived from it. Names that were withdrawn are not looked for: whoever may send any file
could else find out by trying which they are.
"""

import json
import signal
import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from kg import terms
from kg.build import checks, inputs, mapping, shapes, texts
from kg.build.inputs import Inputs, Source
from kg.build.places import Places
from kg.build.report import Result, ValidationReport, collect
from kg.child import lock
from kg.errors import SourceError
from kg.names import Guard
from kg.store import Store
from kg.terms import Quad

MOST_RESULTS = 500  # that are written one by one
MOST_THINGS = 5_000  # of a release that are looked at around the things of one file
LINKS = 2  # from a thing to the farthest value that a shape looks at
FOLDER = "data/checked/"  # in which the file would lie
RULES = (terms.GRAPH + "ontology/", terms.GRAPH + "shapes/")  # what files are judged by
_STATED = f'SELECT ?p ?o ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?g), "{terms.GRAPH}data/")) }}'
SHEET = "xlsx"  # the format of a spreadsheet, which is read as the import of spreadsheets reads it


def main() -> None:
    """Check the file on standard input, behind a line of JSON that says how; write the answer in JSON."""
    head = json.loads(sys.stdin.buffer.readline())
    # It ends the process by its default action, even without a parent.
    signal.setitimer(signal.ITIMER_REAL, head["seconds"])
    with Store.open(head["store"]) as release:
        judge = Judge(release, Path(head["root"]))
        if head["file"][0] == SHEET:
            judge.load_sheets()
        lock(head["memory"], Path(head["store"]).glob("*.sst"))
        answer = judge.check(sys.stdin.buffer.read(), *head["file"])
    json.dump(answer, sys.stdout)


class Judge:
    """Judges files by the shapes and checks of a release."""

    def __init__(self, release: Store, root: Path) -> None:
        """Read what is needed of a release and of a project, and load all code, while files can be opened."""
        self.release, self.root = release, root
        self.sources = [_dump(release, graph) for graph in sorted(release.graphs()) if graph.startswith(RULES)]
        self.stated = inputs.read_queries(root, "checks/stated")
        first = next(source for source in self.sources if source.kind == "shapes")
        with Store.memory() as store:
            shapes.validate(store, [first], Places((), store))
        ValidationReport(()).rdf("json-ld")

    def load_sheets(self) -> None:
        """Load what reads spreadsheets, while files can be opened. It takes as long as all else, so other files do without."""
        from kg.imports import sheet

        self.mappings = inputs.read_queries(self.root, "mappings")
        mappings = mapping.read_mappings(self.mappings)
        vocabulary = sheet.learn(self.release, sheet.other_names(self.root), mappings)
        self.read_sheet = lambda source: sheet.read(
            sheet.unpack(source.data, source.name), vocabulary, mappings, inputs.TABLES + "checked"
        )

    def check(self, data: bytes, format: str, name: str, form: str = "json") -> dict[str, Any]:
        """Judge a file; `form` is that of the report: json, ttl or jsonld."""
        named = FOLDER + name
        source = Source(Path(name), named, terms.graph_of(named), format, data)
        try:
            report, things, is_whole = self._unfold(source) if format == SHEET else self._judge(source)
        except SourceError as error:
            review = () if format == SHEET else texts.review(source)
            report, things, is_whole = collect([error], review, files=1), (), True
        shown = (  # the file is called by its own name
            replace(result, where=result.where.removeprefix(FOLDER), message=result.message.replace(FOLDER, ""))
            for result in report.results[:MOST_RESULTS]
        )
        written = ValidationReport(tuple(shown), 1, report.triples)
        answer = {
            "conforms": report.conforms,
            "triples": report.triples,
            "things": len(things),
            "mistakes": len(report.violations),
            "warnings": len(report.results) - len(report.violations),
            "isWhole": is_whole,
            "results": [asdict(result) for result in written.results],
        }
        if form != "json":
            answer["report"] = written.rdf("turtle" if form == "ttl" else "json-ld")
        return answer

    def _unfold(self, source: Source) -> tuple[ValidationReport, Collection[str], bool]:
        """Judge what a spreadsheet says, if its cells can be read: each result names the sheet and the row. Raises SourceError."""
        plan = self.read_sheet(source)
        rows = {iri: f"{row.sheet}, row {row.number}: " for iri, row in plan.things.items()}
        written = source
        if not plan.mistakes:
            written, results = self._state(source, plan.tables, plan.named)
            plan.add(results)
        if mistakes := [Result(source.name, 0, 0, str(mistake)) for mistake in plan.mistakes]:
            return collect((), mistakes, files=1), rows.keys(), True
        report, things, is_whole = self._judge(written)
        placed = (
            replace(result, line=0, column=0, message=rows.get(result.focus, "") + result.message)
            for result in report.results
        )
        return replace(report, results=tuple(placed)), things, is_whole

    def _state(
        self, source: Source, tables: Sequence[Source], named: Collection[str]
    ) -> tuple[Source, Sequence[Result]]:
        """Make statements of the tables of a spreadsheet, beside what a release says of the things they name."""
        with Store.memory() as store:
            self._load_ontology(store)
            store.add(_around(self.release, named)[0])
            _, results = mapping.state(store, Inputs((), self.mappings, Guard(), tables=tables))
            statements = b"".join(store.dump(table.graph) for table in tables)
        return replace(source, format="nt", data=statements), results

    def _load_ontology(self, store: Store) -> None:
        for part in self.sources:
            if part.kind == "ontology":
                store.load(part.data, format=part.format, graph=part.graph, source=part.name)

    def _judge(self, source: Source) -> tuple[ValidationReport, Collection[str], bool]:
        """Judge a source: the report of what is wrong in it, the things it describes, and whether all around was looked at.

        Raises SourceError for one without a triple, or that is no RDF.
        """
        with Store.memory() as store:
            store.load(source.data, format=source.format, graph=source.graph, source=source.name)
            own = [graph for graph in store.graphs() if graph != source.graph]
            if not (triples := inputs.count(store)):
                raise SourceError("There is no triple here", where=source.name)
            described, named = _things(store)
            self._load_ontology(store)
            quads, is_whole = _around(self.release, {*described, *named})
            store.add(quads)
            places = Places([source], store)
            results = [
                *texts.review(source),
                *(_astray(graph, source, places) for graph in own),
                *checks.ask(store, self.stated, places, graphs=[source.graph]),
                *shapes.validate(store, self.sources, places),
            ]
            return collect(_own(results, source, described), files=1, triples=triples), described, is_whole


def _dump(release: Store, graph: str) -> Source:
    name = graph.removeprefix(terms.GRAPH)
    return Source(Path(name), name, graph, "nt", release.dump(graph))


def _around(release: Store, things: Collection[str]) -> tuple[list[Quad], bool]:
    """Collect what a release states of some things and of those that they lead to; whether that was not too much."""
    quads: list[Quad] = []
    seen, edge = {*things}, {*things}
    for _ in range(LINKS + 1):
        if len(seen) > MOST_THINGS:
            return quads, False
        stated = [
            (terms.Iri(thing), terms.Iri(predicate.value), value, graph.value)
            for thing in sorted(edge)
            for predicate, value, graph in release.select(_STATED, bindings={"s": terms.Iri(thing)})
        ]
        quads += stated
        named = {value.value for _, _, value, _ in stated if isinstance(value, terms.Iri)}
        edge = {iri for iri in named if iri.startswith(terms.BASE)} - seen
        seen |= edge
    return quads, True


def _things(store: Store) -> tuple[set[str], set[str]]:
    rows = [*store.select("SELECT DISTINCT ?s ?o { GRAPH ?g { ?s ?p ?o } }")]
    named = {value.value for _, value in rows if isinstance(value, terms.Iri)}
    subjects = {subject.value for subject, _ in rows if isinstance(subject, terms.Iri)}
    return subjects, {iri for iri in named if iri.startswith(terms.ID)}


def _astray(graph: str, source: Source, places: Places) -> Result:
    return Result(
        *places.find_word(graph, source.graph),
        f"The graph {graph.removeprefix(terms.BASE)} is not that of this file. "
        "Leave its name out: what a file says stands in the graph of the file.",
    )


def _own(results: Sequence[Result], source: Source, described: Collection[str]) -> list[Result]:
    """Choose what is about the file.

    What two files say together is in the results twice: the result with a place in this file counts.
    """
    ours = [result for result in results if result.where == source.name]
    placed = {(result.focus, result.shape) for result in ours}
    for result in results:
        if not result.where and result.focus in described and (result.focus, result.shape) not in placed:
            placed |= {(result.focus, result.shape)} if result.shape.startswith("checks/") else set()
            ours.append(result)
    return ours

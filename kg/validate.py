"""Validation: the shapes over what is stated, the checks over the whole -> one Report.

Promises that a subclass cannot slip past its superclass's shape (the ontology is mixed in), that a literal is judged as it
is written, and that each result names the file and line where its author can mend it. Never changes a graph, and never
stops at the first mistake.
"""

from __future__ import annotations

import io
import json
import logging
import multiprocessing
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import rdflib
from pyshacl import validate as run_shacl
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef

from kg import terms
from kg.corpus import Places, Source
from kg.errors import AnswerableError, QuerySyntaxError, SourceError
from kg.store import Store

rdflib.NORMALIZE_LITERALS = False  # else "01" and "1" would be one value, and 30 February would lose its text

VIOLATION, WARNING, INFO = "Violation", "Warning", "Info"
_WORTH_A_PROCESS = 6_000  # triples that take longer to validate than a process takes to start
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_SLOT = re.compile(r"\{(\w+)\}")
_HEADER = re.compile(r"^#\+\s*(title|message|severity):\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One thing that does not conform: where it is written, what is wrong and how grave that is."""

    where: str
    line: int
    column: int
    message: str
    severity: str = VIOLATION
    focus: str = ""
    shape: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.where, self.line, self.column) if part)
        said = self.focus.removeprefix(terms.BASE)
        about = f"{said}: " if said and said not in self.message else ""
        return (
            f"{place + ': ' if place else ''}{'' if self.severity == VIOLATION else 'warning: '}{about}{self.message}"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All results of a validation, in the order of the files."""

    results: tuple[Result, ...]

    @property
    def violations(self) -> tuple[Result, ...]:
        """The results that stop a build."""
        return tuple(result for result in self.results if result.severity == VIOLATION)

    @property
    def conforms(self) -> bool:
        """Whether nothing stops a build."""
        return not self.violations

    def text(self) -> str:
        """Write one line a result, and a last line that counts them."""
        wrong, more = len(self.violations), len(self.results) - len(self.violations)
        warned = f", {more} warning{'s' * (more != 1)}" if more else ""
        last = f"{wrong} mistake{'s' * (wrong != 1)}{warned}" if wrong else f"The data conform{warned}"
        return "\n".join([*map(str, self.results), last]) + "\n"

    def json(self) -> str:
        """Write the report as JSON."""
        return json.dumps({"conforms": self.conforms, "results": [asdict(r) for r in self.results]}, indent=2) + "\n"

    def turtle(self) -> str:
        """Write the report in the SHACL vocabulary, each place as a comment of its result."""
        graph = Graph()
        report = BNode()
        graph.add((report, RDF.type, SH.ValidationReport))
        graph.add((report, SH.conforms, Literal(self.conforms)))
        for result in self.results:
            node = BNode()
            place = ":".join(str(part) for part in (result.where, result.line, result.column) if part)
            graph.add((report, SH.result, node))
            graph.add((node, RDF.type, SH.ValidationResult))
            graph.add((node, SH.resultSeverity, SH[result.severity]))
            graph.add((node, SH.resultMessage, Literal(result.message)))
            graph.add((node, rdflib.RDFS.comment, Literal(place)))
            if result.focus:
                graph.add((node, SH.focusNode, URIRef(result.focus)))
            if result.shape:
                graph.add((node, SH.sourceShape, URIRef(result.shape)))
        return graph.serialize(format="turtle")


def report(*groups: Iterable[Result | AnswerableError]) -> Report:
    """Put results, and errors of the sources, into one report: each once, in the order of the files."""
    found = set()
    for group in groups:
        for one in group:
            found.add(one if isinstance(one, Result) else _result(one))
    return Report(tuple(sorted(found)))


class Shapes:
    """The validation of sources against shapes, in processes of its own that work while others do something else."""

    def __init__(self, store: Store, sources: Sequence[Source], *, jobs: int = 1) -> None:
        """Start to validate the data in a store against the shapes among its sources, in up to `jobs` processes.

        The store holds what is stated and nothing more; it is read here and may be written again afterwards. Each process
        sees every triple about the things of its part, whichever graph they stand in.
        """
        self._work: list[tuple[multiprocessing.process.BaseProcess, Connection]] = []
        common = [(source.kind, source.path) for source in sources if source.kind != "data"]
        theirs = {source.graph for source in sources if source.kind != "data"}
        graphs = {graph: store.count(graph) for graph in store.graphs() if graph not in theirs}
        parts = _divide(graphs, jobs)
        shared = _shared(store) if len(parts) > 1 else b""
        context = multiprocessing.get_context("spawn")  # a fork would take the engine's threads for its own
        for part in parts:
            data = io.BytesIO()
            for graph in part:
                store.dump(data, format="nt", graph=graph)
            mine, other = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(other, common, data.getvalue() + shared), daemon=True)
            process.start()
            other.close()
            self._work.append((process, mine))

    def results(self, places: Places) -> list[Result]:
        """Wait for the processes; return what they found. Raises SourceError when a process could not do its work."""
        found = set()
        for process, pipe in self._work:
            try:
                found |= set(pipe.recv())
            except EOFError:
                process.join()
                raise SourceError(
                    f"The validation ended early (exit code {process.exitcode})", hint="See the message above"
                ) from None
            process.join()
        return [_locate(places, *row) for row in sorted(found)]

    def close(self) -> None:
        """End the processes; harmless when they have ended."""
        for process, pipe in self._work:
            process.kill()
            process.join()
            pipe.close()


def check(store: Store, folder: Path, places: Places) -> list[Result]:
    """Ask every check of a folder of a store: each row of an answer is a mistake, told by the check's message.

    A check is a SELECT with a header `#+ message: … {variable} …`, and `#+ severity: Warning` where it only warns. Its
    first variable is what the mistake is about. Raises SourceError for a check without a message.
    """
    found = []
    for path in sorted(folder.glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        header = dict(_HEADER.findall(text))
        if "message" not in header:
            raise SourceError("The check has no message", where=path.name, hint="Add a line `#+ message: …`")
        try:
            rows = store.query(text)
        except QuerySyntaxError as error:
            raise QuerySyntaxError(error.message, where=path.name, line=error.line, column=error.column) from None
        for row in rows:
            values = dict(zip(rows.variables, row, strict=True))
            names = {name: _say(value) for name, value in values.items()}
            message = _SLOT.sub(lambda slot, names=names: names.get(slot[1], slot[0]), header["message"])
            focus = str(getattr(row[0], "value", row[0])) if row and row[0] is not None else ""
            where, line, column = places.find(focus)
            severity = header.get("severity", VIOLATION).strip()
            found.append(Result(where or "", line or 0, column, message, severity, focus, f"checks/{path.stem}"))
    return found


def _result(error: AnswerableError) -> Result:
    message = " ".join(part if part[-1:] in ".?!" else part + "." for part in (error.message, error.hint) if part)
    return Result(error.where or "", error.line or 0, error.column or 0, message)


def _say(value: object) -> str:
    text = str(getattr(value, "value", value)) if value is not None else "nothing"
    return terms.shorten(text) if text.startswith(terms.VOCABULARY) else text.removeprefix(terms.BASE)


def _divide(sizes: Mapping[str, int], jobs: int) -> list[list[str]]:
    """Divide graphs into parts of about equal size in triples, as many as are worth a process."""
    parts: list[list[str]] = [[] for _ in range(max(1, min(jobs, round(sum(sizes.values()) / _WORTH_A_PROCESS))))]
    totals = [0] * len(parts)
    for graph in sorted(sizes, key=lambda graph: (-sizes[graph], graph)):
        least = totals.index(min(totals))
        parts[least].append(graph)
        totals[least] += sizes[graph]
    return parts


def _shared(store: Store) -> bytes:
    """Write every triple about the things that more than one graph describes, as N-Triples."""
    several = "{ SELECT ?s { GRAPH ?g { ?s ?p ?o } } GROUP BY ?s HAVING (COUNT(DISTINCT ?g) > 1) }"
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {several} GRAPH ?h {{ ?s ?p ?o }} FILTER(isIRI(?s) && !isBlank(?o)) }}"
    return store.answer(query, "nt", max_rows=sys.maxsize, max_bytes=sys.maxsize).body


def _work(pipe: Connection, common: list[tuple[str, Path]], data: bytes) -> None:
    """Validate in a process of its own; send the rows of `judge`."""
    # rdflib logs a traceback for a literal that is no value of its datatype; a shape says so in words, with the line.
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    shapes, graph = Graph(), Graph()
    for kind, path in common:
        (shapes if kind == "shapes" else graph).parse(data=path.read_bytes(), format="turtle")
    graph.parse(data=data, format="nt")
    try:
        pipe.send(judge(graph, shapes))
        pipe.close()
    except BrokenPipeError:  # nobody waits any more
        pass


def judge(graph: Graph, shapes: Graph) -> list[tuple[str, str, str, str, str, str]]:
    """Validate a graph that has the ontology in it; return rows of (focus, shape, message, severity, path, value)."""
    _, results, _ = run_shacl(graph, shacl_graph=_flatten(shapes), inplace=True, advanced=False, meta_shacl=False)
    rows = []
    for node in results.objects(results.value(None, RDF.type, SH.ValidationReport), SH.result):
        shape = _named(shapes, results.value(node, SH.sourceShape))
        severity = results.value(node, SH.resultSeverity)
        facts = [results.value(node, what) for what in (SH.focusNode, SH.resultMessage, SH.resultPath, SH.value)]
        focus, message, path, value = ("" if fact is None else str(fact) for fact in facts)
        rows.append((focus, shape, message, str(severity).rpartition("#")[2], path, value))
    return rows


def _flatten(shapes: Graph) -> Graph:
    """Give each property shape of a targeted node shape the targets themselves, and return the shapes that say the same.

    A property shape judges the focus nodes of its own target all at once, and those of the shape that it is part of one by
    one, which takes three times as long. A node shape that others refer to keeps its parts, for there it has no target,
    and so does a closed one, for its parts are what it lets pass.
    """
    flat = Graph()
    for triple in shapes:
        flat.add(triple)
    for shape, part in shapes.subject_objects(SH.property):
        targets = [(link, target) for link in _TARGETS for target in shapes.objects(shape, link)]
        if targets and (shape, SH.closed, None) not in shapes and (None, None, shape) not in shapes:
            flat.remove((shape, SH.property, part))
            for link, target in targets:
                flat.add((part, link, target))
    return flat


def _named(shapes: Graph, shape: rdflib.term.Node | None) -> str:
    """Name a shape; one without a name is called by the shape that it is part of."""
    for _ in range(20):  # shapes nest, and no nesting that people write is deeper
        if not isinstance(shape, BNode):
            break
        shape = next(iter(shapes.subjects(None, shape)), None)
    return "" if shape is None or isinstance(shape, BNode) else str(shape)


def _locate(places: Places, focus: str, shape: str, message: str, severity: str, path: str, value: str) -> Result:
    where, line, column = places.find(focus, value=path if value else None)
    return Result(where or "", line or 0, column, message, severity, focus, shape)

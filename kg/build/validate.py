"""Validation: the shapes over what is stated, the checks over the whole -> one Report.

Promises that a subclass cannot slip past its superclass's shape (the ontology is mixed in), that a literal is judged as it
is written, and that each result names the file and line where its author can mend it. Never changes a graph, and never
stops at the first mistake.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import rdflib
from pyshacl import validate as run_shacl
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef

from kg import terms
from kg.build import prefilter
from kg.build.corpus import Places, Source
from kg.errors import AnswerableError, QuerySyntaxError, SourceError
from kg.store import Store

rdflib.NORMALIZE_LITERALS = False  # else "01" and "1" would be one value, and 30 February would lose its text
# It logs a traceback for a literal that is no value of its datatype; a shape says so in words, with the line.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

VIOLATION, WARNING, INFO = "Violation", "Warning", "Info"
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


def shapes(store: Store, sources: Iterable[Source], places: Places) -> list[Result]:
    """Judge what a store holds, each source in its graph, by the shapes among the sources.

    The engine names the things that may break a shape; pySHACL judges those.
    """
    graph = Graph()
    for source in sources:
        if source.kind == "shapes":
            graph.parse(data=source.path.read_bytes(), format="turtle")
    suspects = prefilter.suspects(store, graph)
    if not suspects.triples:
        return []
    data = Graph()
    for triple in suspects.triples:
        data.add(triple)
    rows = [row for row in judge(data, graph) if suspects.about is None or row[0] in suspects.about]
    where = _graphs(store, {row[0] for row in rows})
    return [_locate(places, where.get(row[0]), *row) for row in rows]


def check(store: Store, folder: Path, places: Places, *, jobs: int = 1) -> list[Result]:
    """Ask every check of a folder of a store, so many at a time: each row of an answer is a mistake, told by its message.

    A check is a SELECT with a header `#+ message: … {variable} …`, and `#+ severity: Warning` where it only warns. Its
    first variable is what the mistake is about. Raises SourceError for a check without a message.
    """
    paths = sorted(folder.glob("*.rq"))
    with ThreadPoolExecutor(jobs) as threads:
        answers = list(threads.map(lambda path: _ask(store, path), paths))
    found = []
    for path, (header, variables, rows) in zip(paths, answers, strict=True):
        for row in rows:
            values = dict(zip(variables, row, strict=True))
            names = {name: _say(value) for name, value in values.items()}
            message = _SLOT.sub(lambda slot, names=names: names.get(slot[1], slot[0]), header["message"])
            focus = str(getattr(row[0], "value", row[0])) if row and row[0] is not None else ""
            where, line, column = places.find(focus)
            severity = header.get("severity", VIOLATION).strip()
            found.append(Result(where or "", line or 0, column, message, severity, focus, f"checks/{path.stem}"))
    return found


def _ask(store: Store, path: Path) -> tuple[dict[str, str], tuple[str, ...], list[tuple[terms.Term | None, ...]]]:
    """Ask one check; return its header and the variables and rows of the answer."""
    text = path.read_text(encoding="utf-8")
    header = dict(_HEADER.findall(text))
    if "message" not in header:
        raise SourceError("The check has no message", where=path.name, hint="Add a line `#+ message: …`")
    try:
        rows = store.query(text)
    except QuerySyntaxError as error:
        raise QuerySyntaxError(error.message, where=path.name, line=error.line, column=error.column) from None
    return header, rows.variables, list(rows)


def _result(error: AnswerableError) -> Result:
    message = " ".join(part if part[-1:] in ".?!" else part + "." for part in (error.message, error.hint) if part)
    return Result(error.where or "", error.line or 0, error.column or 0, message)


def _say(value: object) -> str:
    text = str(getattr(value, "value", value)) if value is not None else "nothing"
    return terms.shorten(text) if text.startswith(terms.VOCABULARY) else text.removeprefix(terms.BASE)


def judge(graph: Graph, shapes: Graph) -> list[tuple[str, str, str, str, str, str]]:
    """Validate a graph that has the ontology in it; return rows of (focus, shape, message, severity, path, value)."""
    options = {"inplace": True, "advanced": False, "meta_shacl": False}
    try:
        _, results, _ = run_shacl(graph, shacl_graph=shapes, **options)
    except TypeError:  # pySHACL stumbles over two values to compare that are no values of their datatype
        comparing = {SH.lessThan, SH.lessThanOrEquals}
        rest = Graph()
        for triple in shapes:
            if triple[1] not in comparing:
                rest.add(triple)
        _, results, _ = run_shacl(graph, shacl_graph=rest, **options)
    rows = []
    for node in results.objects(results.value(None, RDF.type, SH.ValidationReport), SH.result):
        shape = _named(shapes, results.value(node, SH.sourceShape))
        severity = results.value(node, SH.resultSeverity)
        facts = [results.value(node, what) for what in (SH.focusNode, SH.resultMessage, SH.resultPath, SH.value)]
        focus, message, path, value = ("" if fact is None else str(fact) for fact in facts)
        rows.append((focus, shape, message, str(severity).rpartition("#")[2], path, value))
    return rows


def _named(shapes: Graph, shape: rdflib.term.Node | None) -> str:
    """Name a shape; one without a name is called by the shape that it is part of."""
    for _ in range(20):  # shapes nest, and no nesting that people write is deeper
        if not isinstance(shape, BNode):
            break
        shape = next(iter(shapes.subjects(None, shape)), None)
    return "" if shape is None or isinstance(shape, BNode) else str(shape)


def _graphs(store: Store, things: set[str]) -> dict[str, str]:
    """Find the graph that gives a thing its class, where it is one; to look through every file takes longer."""
    found: dict[str, set[str]] = {}
    iris = [f"<{thing}>" for thing in sorted(things) if ":" in thing]  # not a blank node
    for start in range(0, len(iris), 500):
        these = " ".join(iris[start : start + 500])
        for thing, graph in store.query(f"SELECT ?x ?g {{ VALUES ?x {{ {these} }} GRAPH ?g {{ ?x a ?type }} }}"):
            found.setdefault(thing.value, set()).add(graph.value)
    return {thing: next(iter(graphs)) for thing, graphs in found.items() if len(graphs) == 1}


def _locate(
    places: Places, graph: str | None, focus: str, shape: str, message: str, severity: str, path: str, value: str
) -> Result:
    value_at = path if value else None
    where, line, column = places.find(focus, graph, value_at)
    if where is None:
        where, line, column = places.find(focus, value=value_at)
    return Result(where or "", line or 0, column, message, severity, focus, shape)

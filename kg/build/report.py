"""What a check finds: results with their places, in one report, as text, JSON or a SHACL validation report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import chain
from operator import attrgetter

from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg import terms
from kg.errors import AnswerableError, ValidationFailed
from kg.wording import count

VIOLATION, WARNING = "Violation", "Warning"
WARNINGS = "warnings.json"  # of a release: the results of its build
_LONGEST = 200  # characters of a name in a message


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that does not conform: where it is written, what is wrong and how grave that is."""

    where: str
    line: int
    column: int
    message: str
    severity: str = VIOLATION
    focus: str = ""
    shape: str = ""

    @property
    def place(self) -> str:
        """Write the place as `where:line:column`, leaving out what is not known."""
        return ":".join(str(part) for part in (self.where, self.line, self.column) if part)

    def __str__(self) -> str:
        focus = brief(self.focus.removeprefix(terms.BASE))
        about = f"{focus}: " if focus and focus not in self.message else ""
        warning = "" if self.severity == VIOLATION else "warning: "
        return f"{self.place + ': ' if self.place else ''}{warning}{about}{self.message}"


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All results of a check, in the order of the files, and how much was read.

    `elsewhere` are mistakes in files that nobody asked about; `unread` are files that somebody asked about and that hold
    nothing a build reads; `left` says what only a build, or a check of everything, can judge.
    """

    results: tuple[Result, ...]
    files: int = 0
    triples: int = 0
    elsewhere: tuple[Result, ...] = ()
    unread: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def violations(self) -> tuple[Result, ...]:
        """The results that stop a build."""
        return tuple(result for result in self.results if result.severity == VIOLATION)

    @property
    def conforms(self) -> bool:
        """Whether nothing stops a build."""
        return not self.violations and not self.elsewhere

    def add(self, results: Iterable[Result | AnswerableError]) -> ValidationReport:
        """Put more results and errors into the report. Raises ValidationFailed, with all of it, if something stops a build."""
        report = collect(self.results, results, files=self.files, triples=self.triples)
        if report.conforms:
            return report
        first, more = report.violations[0], len(report.violations) - 1
        message = first.message + (f" (and {more} more)" if more else "")
        where, line, column = first.where or None, first.line or None, first.column or None
        raise ValidationFailed(message, report=report, where=where, line=line, column=column)

    def text(self) -> str:
        """Write one line a result, and last lines that count them and what was read, and say what is left to the build."""
        wrong, warned = len(self.violations), len(self.results) - len(self.violations)
        counts = [count(wrong, "mistake")] if wrong else []
        if self.conforms:
            counts = ["The data conform"]
        counts += [count(warned, "warning")] if warned else []
        if self.elsewhere:
            counts.append(f"{count(len(self.elsewhere), 'mistake')} in other files, which stop a build too")
        lines = [str(result) for result in (*self.results, *self.elsewhere)]
        lines += [f"{name}: not read, and so not checked" for name in self.unread]
        read = f"{count(self.files, 'file')} and {count(self.triples, 'triple')} read"
        lines.append(f"{', '.join(counts)} ({read})")
        lines += [f"Left to `kg build`: {', and '.join(self.left)}"] if self.left else []
        return "\n".join(lines) + "\n"

    def json(self) -> str:
        """Write the report as JSON."""
        return json.dumps({"conforms": self.conforms, **asdict(self)}, indent=2) + "\n"

    def rdf(self, format: str) -> str:
        """Write the report in the SHACL vocabulary, each place as a comment of its result; `format` is a name of rdflib's."""
        graph = Graph()
        report = BNode()
        graph.add((report, RDF.type, SH.ValidationReport))
        graph.add((report, SH.conforms, Literal(self.conforms)))
        for sentence in self.left:
            graph.add((report, RDFS.comment, Literal(f"Left to the build: {sentence}")))
        for result in (*self.results, *self.elsewhere):
            node = BNode()
            graph.add((report, SH.result, node))
            facts: dict[Node, Node] = {RDF.type: SH.ValidationResult, SH.resultSeverity: SH[result.severity]}
            facts |= {SH.resultMessage: Literal(result.message), RDFS.comment: Literal(result.place)}
            facts |= {SH.focusNode: URIRef(result.focus)} if result.focus else {}
            facts |= {SH.sourceShape: URIRef(result.shape)} if result.shape else {}
            graph += ((node, name, value) for name, value in facts.items())
        return graph.serialize(format=format)


def collect(*groups: Iterable[Result | AnswerableError], files: int = 0, triples: int = 0) -> ValidationReport:
    """Put results and errors into one report: each once, in the order of the files."""
    every = chain.from_iterable(groups)
    results = {result if isinstance(result, Result) else as_result(result) for result in every}
    return ValidationReport(tuple(sorted(results, key=attrgetter(*Result.__slots__))), files, triples)


def as_result(error: AnswerableError, where: str = "", line: int = 0) -> Result:
    """Make a result of an error; in this file and, where the error names no line, on this line."""
    message = " ".join(part if part[-1:] in ".?!" else part + "." for part in (error.message, error.hint) if part)
    return Result(where or error.where or "", error.line or line, error.column or 0, message)


def dump_results(results: Iterable[Result]) -> bytes:
    """Write the results of a build for its release, one a line."""
    lines = ",\n".join(json.dumps(asdict(result), ensure_ascii=False) for result in results)
    return f"[{lines}]\n".encode()


def brief(name: str) -> str:
    """Cut a name that is too long for a message."""
    return name if len(name) <= _LONGEST else name[:_LONGEST] + "…"

"""What a check finds: results with their places, in one report, as text, JSON or a SHACL validation report."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef

from kg import terms
from kg.errors import AnswerableError, ValidationFailed

VIOLATION, WARNING = "Violation", "Warning"
WARNINGS = "warnings.json"  # of a release: the results of its build
_LONGEST = 200  # characters of a name in a message


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

    @property
    def place(self) -> str:
        """Write the place as `where:line:column`, leaving out what is not known."""
        return ":".join(str(part) for part in (self.where, self.line, self.column) if part)

    def __str__(self) -> str:
        said = brief(self.focus.removeprefix(terms.BASE))
        about = f"{said}: " if said and said not in self.message else ""
        warning = "" if self.severity == VIOLATION else "warning: "
        return f"{self.place + ': ' if self.place else ''}{warning}{about}{self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """All results of a check, in the order of the files, and how much was read.

    `elsewhere` are mistakes in files that nobody asked about, which stop a build all the same; `unread` are files that
    somebody asked about and that hold nothing a build reads.
    """

    results: tuple[Result, ...]
    files: int = 0
    triples: int = 0
    elsewhere: tuple[Result, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def violations(self) -> tuple[Result, ...]:
        """The results that stop a build."""
        return tuple(result for result in self.results if result.severity == VIOLATION)

    @property
    def conforms(self) -> bool:
        """Whether nothing stops a build."""
        return not self.violations and not self.elsewhere

    def narrow(self, names: Collection[str]) -> Report:
        """Keep the results in files of these names, or in none, and beside them the mistakes elsewhere."""
        here = {result for result in self.results if not result.where or result.where in names}
        ours = tuple(result for result in self.results if result in here)
        theirs = tuple(result for result in self.violations if result not in here)
        return Report(ours, self.files, self.triples, theirs)

    def text(self) -> str:
        """Write one line a result, and a last line that counts them and what was read."""
        wrong, warned = len(self.violations), len(self.results) - len(self.violations)
        said = [_count(wrong, "mistake")] if wrong else [] if self.elsewhere else ["The data conform"]
        said += [_count(warned, "warning")] if warned else []
        lines = [str(result) for result in self.results]
        if self.elsewhere:
            said.append(f"{_count(len(self.elsewhere), 'mistake')} in other files, which stop a build too")
            lines += [str(result) for result in self.elsewhere]
        lines += [f"{name}: not read, and so not checked" for name in self.unread]
        read = f"{_count(self.files, 'file')} and {_count(self.triples, 'triple')} read"
        return "\n".join([*lines, f"{', '.join(said)} ({read})"]) + "\n"

    def json(self) -> str:
        """Write the report as JSON."""
        found = {"results": self.results, "elsewhere": self.elsewhere}
        said = {"conforms": self.conforms, "files": self.files, "triples": self.triples, "unread": self.unread}
        said |= {name: [asdict(result) for result in results] for name, results in found.items()}
        return json.dumps(said, indent=2) + "\n"

    def turtle(self) -> str:
        """Write the report in the SHACL vocabulary, as Turtle."""
        return self._graph().serialize(format="turtle")

    def jsonld(self) -> str:
        """Write the report in the SHACL vocabulary, as JSON-LD."""
        return self._graph().serialize(format="json-ld")

    def _graph(self) -> Graph:
        """Describe the report in the SHACL vocabulary, each place as a comment of its result."""
        graph = Graph()
        report = BNode()
        graph.add((report, RDF.type, SH.ValidationReport))
        graph.add((report, SH.conforms, Literal(self.conforms)))
        for result in (*self.results, *self.elsewhere):
            node = BNode()
            graph.add((report, SH.result, node))
            facts = {RDF.type: SH.ValidationResult, SH.resultSeverity: SH[result.severity]}
            facts |= {SH.resultMessage: Literal(result.message), RDFS.comment: Literal(result.place)}
            facts |= {SH.focusNode: URIRef(result.focus)} if result.focus else {}
            facts |= {SH.sourceShape: URIRef(result.shape)} if result.shape else {}
            graph += ((node, name, value) for name, value in facts.items())
        return graph

    def failure(self) -> ValidationFailed:
        """Make the error of a build that this report stops, with the place of the first mistake."""
        first, more = self.violations[0], len(self.violations) - 1
        also = f" (and {more} more)" if more else ""
        place = {"where": first.where or None, "line": first.line or None, "column": first.column or None}
        return ValidationFailed(first.message + also, report=self, **place)


def collect(*groups: Iterable[Result | AnswerableError], files: int = 0, triples: int = 0) -> Report:
    """Put results and errors into one report: each once, in the order of the files."""
    found = {one if isinstance(one, Result) else _result(one) for group in groups for one in group}
    return Report(tuple(sorted(found)), files, triples)


def dump_results(results: Iterable[Result]) -> bytes:
    """Write the results of a build for its release, one a line."""
    lines = ",\n".join(json.dumps(asdict(one), ensure_ascii=False) for one in results)
    return f"[{lines}]\n".encode()


def load_results(release: Path) -> list[Result]:
    """Read the results of the build that made a release, from its folder."""
    return [Result(**one) for one in json.loads((release / WARNINGS).read_bytes())]


def brief(name: str) -> str:
    """Cut a name that is too long for a message."""
    return name if len(name) <= _LONGEST else name[:_LONGEST] + "…"


def _result(error: AnswerableError) -> Result:
    message = " ".join(part if part[-1:] in ".?!" else part + "." for part in (error.message, error.hint) if part)
    return Result(error.where or "", error.line or 0, error.column or 0, message)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"

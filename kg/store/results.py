"""Queries and their answers: rows and triples in terms of ours, and the bytes that the engine writes, counted and up to a limit.

An answer over a limit is an error, never a shortened answer. Rows are counted in the engine's text without parsing it; the
tests hold the engine to its way of writing. CSV is written here.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph as ox

from kg import sparql, terms
from kg.config import Settings
from kg.errors import AnswerTooLarge, NotAcceptable, SourceError
from kg.store.complaints import evaluating
from kg.store.rdf import GRAPH_FORMATS, ROW_FORMATS, from_engine
from kg.terms import Iri, Term
from kg.wording import say

WAIT = 1 << 20  # bytes that an answer has before its first piece is passed on
_WITH_VALUE = (ox.NamedNode, ox.Literal)  # whose text in CSV is their value
PIECE = 1 << 18  # bytes of each piece after that

Stream = Callable[[str, str, bytes], None]  # takes the kind of an answer, its media type and its next piece


@dataclass(frozen=True, slots=True)
class Query:
    """A query to be answered: its text, the format of the answer, the terms of its variables and its dataset.

    `format` is one name, or the name for each form of query (SELECT, ASK, CONSTRUCT, DESCRIBE). `default_graphs` and
    `named_graphs`, if any, replace the FROM clauses (SPARQL 1.1 Protocol, 2.1.4). `max_rows`, if any, replaces that of the
    limits: what is asked of all things of a kind has as many rows as a release has of them. With `values_first`, the engine
    knows the terms of the variables when it plans.
    """

    text: str
    format: str | Mapping[str, str] = "json"
    bindings: Mapping[str, Term] = field(default_factory=dict)
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    max_rows: int | None = None
    values_first: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer and a query may be: rows (or triples), bytes; bytes of text, levels of brackets."""

    max_rows: int = Settings.max_rows
    max_bytes: int = Settings.max_bytes
    max_query: int = Settings.max_query
    max_depth: int = Settings.max_depth


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Serialized:
    """An answer in bytes: `kind` is select, ask or graph; `rows` counts rows or triples, None for ask.

    `source` is the path of the store that answered, where that can differ from one answer to the next. `volatile`: asked
    again, it may differ, since it draws on the clock or on chance.
    """

    kind: str
    media_type: str
    body: bytes
    rows: int | None
    source: str | None = None
    volatile: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a SELECT, read once: tuples of terms (None where unbound) in the order of `variables`.

    A cell is typed as Any, since only the query says which kind of term it holds.
    """

    variables: tuple[str, ...]
    results: Iterable[Any]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        with evaluating():
            for solution in self.results:
                yield tuple(None if term is None else from_engine(term) for term in solution)


@dataclass(frozen=True, slots=True)
class Triples:
    """The triples of a CONSTRUCT or DESCRIBE, read once: tuples of three terms."""

    results: Iterable[Any]

    def __iter__(self) -> Iterator[tuple[Term, Iri, Term]]:
        with evaluating():
            for triple in self.results:
                yield from_engine(triple.subject), from_engine(triple.predicate), from_engine(triple.object)


class Capped:
    """A file for the engine to write to, which takes `max_bytes` and fails early when there are surely more than `max_rows` rows.

    With `stream`, an answer longer than WAIT is passed on while it grows; after an error the pieces passed on are no answer.
    """

    def __init__(self, kind: str, format: str, media_type: str, limits: Limits, stream: Stream | None = None) -> None:
        self.kind, self.format, self.media_type, self.max_rows = kind, format, media_type, limits.max_rows
        self.body = bytearray()
        self._max_bytes = limits.max_bytes
        self._stream, self._handed, self._hand_at = stream, 0, WAIT
        # No answer below this holds twice as many rows as it may: a row takes three bytes at least, in JSON. Rows are counted
        # again whenever the answer has doubled.
        self._look_at = 6 * limits.max_rows if kind == "select" else limits.max_bytes

    def write(self, chunk: Any) -> int:
        """Take a chunk; raise AnswerTooLarge when it is one too many."""
        self.body += chunk
        size = len(self.body)
        if size > self._max_bytes:
            raise too_large(say("%(max_bytes)s bytes", max_bytes=self._max_bytes))
        if size > self._look_at:
            self._look_at = 2 * size
            if count_rows(self.body, self.format) > 2 * self.max_rows:  # twice: the count of a part may be off
                raise too_large(say("%(max_rows)s rows", max_rows=self.max_rows))
        if size > self._hand_at and self._stream is not None:
            self._stream(self.kind, self.media_type, bytes(self.body[self._handed :]))
            self._handed, self._hand_at = size, size + PIECE
        return len(chunk)

    def flush(self) -> None:
        """Do nothing, as a file in memory does; the engine asks for it at the end."""

    def finish(self, rows: int | None, *, volatile: bool) -> Serialized:
        """Return the answer, or what of it was not passed on; raise AnswerTooLarge when it has too many rows."""
        if rows is not None and rows > self.max_rows:
            raise too_large(say("%(max_rows)s rows", max_rows=self.max_rows))
        rest = bytes(memoryview(self.body)[self._handed :])
        return Serialized(self.kind, self.media_type, rest, rows, volatile=volatile)


def choose_format(form: str, format: str | Mapping[str, str]) -> str:
    """Name the format for a form of query, from one name or one for each form; NotAcceptable when it cannot hold it."""
    offered = GRAPH_FORMATS if form in ("CONSTRUCT", "DESCRIBE") else ROW_FORMATS
    if not isinstance(format, str):
        format = format.get(form, "")
    if format not in offered and form in sparql.FORMS:
        said, hint = (
            say("The answer to %(form)s cannot be written as %(format)s", form=form, format=f"{format!r}"),
            say("Ask for %(names)s", names=", ".join(offered)),
        )
        raise NotAcceptable(said, offered=list(offered), hint=hint)
    return format


def write(results: Any, format: str, limits: Limits, *, volatile: bool, stream: Stream | None = None) -> Serialized:
    """Write the engine's results in a format that can hold them. Raises AnswerTooLarge."""
    kind = {ox.QueryTriples: "graph", ox.QueryBoolean: "ask"}.get(type(results), "select")
    written = (GRAPH_FORMATS if kind == "graph" else ROW_FORMATS)[format]
    output, rows = Capped(kind, format, written.media_type, limits, stream), None
    if kind == "graph":
        rows = _write_graph(results, output)
    elif kind == "select" and format == "csv":
        rows = _write_csv(results, output)
    else:
        results.serialize(output, written)
        rows = count_rows(output.body, format) if kind == "select" else None
    return output.finish(rows, volatile=volatile)


def transcribe(body: bytes, format: str, limits: Limits = LIMITS) -> Serialized:
    """Write an answer in SPARQL JSON in another format, as `Store.answer` would. Raises SourceError when it is damaged."""
    try:
        results = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        return write(results, format, limits, volatile=False)
    except (SyntaxError, ValueError) as error:
        raise SourceError(say("This is no answer in SPARQL JSON: %(error)s", error=error)) from None


def count_rows(body: bytes | bytearray, format: str) -> int:
    """Count the rows of an answer the engine wrote, without parsing it; exact for the way this engine writes."""
    if format == "xml":
        return body.count(b"<result>") + body.count(b"<result/>")  # in a text, < is escaped
    if format == "tsv":
        return max(body.count(b"\n") - 1, 0)  # in a text, the line feed is escaped
    if format == "csv":
        lines = sum(part.count(b"\r\n") for part in body.split(b'"')[::2])  # every other part is outside quotes
        return max(lines - 1, 0)
    start = body.find(b'"bindings":[') + len(b'"bindings":[')
    # Rows mostly begin with the same variable. A quote inside a text is escaped, so the second of these counts nothing but
    # rows; the first misses none. Where both are equal, there are no others.
    first = body[start : body.find(b":", start)]
    ends = body.count(b"}},{", start)
    if first.startswith(b'{"') and ends == body.count(b"}}," + first + b':{"type":', start):
        return ends + 1
    if b"},{}" in body or body.startswith(b"{}", start):  # rows without any value, or a text that looks like one
        return re.sub(rb'"(?:[^"\\]|\\.)*"', b"", body[start:]).replace(b" ", b"").count(b"},{") + 1
    if not body.startswith(b"{", start):
        return 0
    # A quote inside a text is escaped, so `},{"` inside one must end it, and then a comma or a brace follows.
    return body.count(b'},{"') - body.count(b'},{",') - body.count(b'},{"}') + 1


def too_large(limit: str) -> AnswerTooLarge:
    """Make the error for an answer over a limit, such as `100000 rows`."""
    return AnswerTooLarge(
        say("The answer has more than %(limit)s", limit=limit), hint=say("Ask for a part of it with LIMIT and OFFSET")
    )


def _write_csv(results: Any, output: Capped) -> int:
    """Write rows as RFC 4180 wants them: the engine leaves an IRI with a comma without quotes, which moves what follows."""
    table = csv.writer(codecs.getwriter("utf-8")(output))
    table.writerow([variable.value for variable in results.variables])
    number = 0
    for number, solution in enumerate(results, start=1):
        if number > output.max_rows:
            break
        # None, which stands for unbound, is an empty cell.
        table.writerow([term.value if isinstance(term, _WITH_VALUE) else str(term or "") for term in solution])
    return number


def _write_graph(results: Any, output: Capped) -> int:
    triples: dict[Any, None] = {}
    for triple in results:
        triples[triple] = None
        if len(triples) > output.max_rows:
            raise too_large(say("%(max_rows)s triples", max_rows=output.max_rows))
    ordered = sorted(triples, key=str)  # subjects together, so that the writers can group them
    ox.serialize(ordered, output, GRAPH_FORMATS[output.format], prefixes=_used_prefixes(ordered))
    return len(ordered)


def _used_prefixes(triples: Iterable[Any]) -> dict[str, str]:
    spaces = set()
    for triple in triples:
        for term in (triple.subject, triple.predicate, triple.object, getattr(triple.object, "datatype", None)):
            if isinstance(term, ox.NamedNode):
                spaces.add(re.split(r"[^/#]*$", term.value, maxsplit=1)[0])
    return {prefix: space for prefix, space in terms.PREFIXES.items() if space in spaces}

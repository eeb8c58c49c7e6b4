"""Queries and their answers: rows and triples in terms of ours, and the bytes that the engine writes, counted and up to a limit.

An answer over a limit is an error, never a shortened answer. Rows are counted in the engine's text without parsing it; the
tests hold the engine to its way of writing. CSV is written here, since the engine leaves an IRI with a comma without quotes.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, BinaryIO, Self, cast

import pyoxigraph as ox

from kg import sparql
from kg.config import Settings
from kg.errors import AnswerTooLarge, NotAcceptable, SourceError
from kg.store.messages import evaluating
from kg.store.rdf import GRAPH_FORMATS, ROW_FORMATS, Triple, from_engine, triple_term, used_prefixes
from kg.terms import Iri, Term
from kg.wording import say

WAIT = 1 << 20  # bytes that an answer has before its first piece is passed on
_WITH_VALUE = (ox.NamedNode, ox.Literal)  # whose text in CSV is their value
PIECE = 1 << 18  # bytes of each piece after that
_ROWS = b'"bindings":['
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"')

Stream = Callable[[str, str, bytes], None]  # takes the kind of an answer, its media type and its next piece


@dataclass(frozen=True, slots=True)
class Query:
    """A query to be answered: its text, the format of the answer, the terms of its variables and its dataset.

    `format` is one name, or the name for each form of query (SELECT, ASK, CONSTRUCT, DESCRIBE). `default_graphs` and
    `named_graphs`, if any, replace the FROM clauses (SPARQL 1.1 Protocol, 2.1.4). `max_rows`, if any, replaces that of the
    limits: what is asked of all things of a kind has as many rows as a release has of them. Where the header of the text has
    the line `values: first`, the engine knows the terms of the variables when it plans.
    """

    text: str
    format: str | Mapping[str, str] = "json"
    bindings: Mapping[str, Term] = field(default_factory=dict)
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    max_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer and a query may be: rows (or triples), bytes; bytes of text, levels of brackets."""

    max_rows: int = Settings.max_rows
    max_bytes: int = Settings.max_bytes
    max_query: int = Settings.max_query
    max_depth: int = Settings.max_depth

    def of(self, query: Query) -> Self:
        """Return the limits of a query, which may have rows of its own."""
        return self if query.max_rows is None else replace(self, max_rows=query.max_rows)


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Serialized:
    """An answer in bytes: `kind` is select, ask or graph; `rows` counts rows or triples, None for ask.

    `volatile`: asked again, it may differ, since it draws on the clock or on chance.
    """

    kind: str
    media_type: str
    body: bytes
    rows: int | None
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

    def texts(self) -> Iterator[tuple[str | None, ...]]:
        """Yield the rows as texts: IRIs, lexical forms and labels; twice as fast, where it is known what the terms are."""
        with evaluating():
            try:
                for solution in self.results:
                    yield tuple(None if term is None else term.value for term in solution)
            except AttributeError:
                raise triple_term() from None


def read_triples(results: Iterable[Any]) -> Iterator[Triple]:
    """Yield the triples of a CONSTRUCT or DESCRIBE in terms of ours."""
    with evaluating():
        for triple in results:
            yield from_engine(triple.subject), Iri(triple.predicate.value), from_engine(triple.object)


class Capped(io.RawIOBase):
    """A file for the engine to write to, which takes `max_bytes`.

    With `stream`, an answer longer than WAIT is passed on while it grows; after an error the pieces passed on are no answer.
    `count` counts the rows in a part of an answer: far too many of them are an error before anything is passed on.
    """

    def __init__(
        self,
        kind: str,
        media_type: str,
        limits: Limits,
        stream: Stream | None,
        count: Callable[[bytearray], int] | None,
    ) -> None:
        super().__init__()
        self.kind, self.media_type, self.max_rows = kind, media_type, limits.max_rows
        self.body = bytearray()
        self._max_bytes = limits.max_bytes
        self._stream, self._handed, self._hand_at = stream, 0, WAIT
        self._count = count

    def write(self, chunk: Any) -> int:
        """Take a chunk; raise AnswerTooLarge when it is one too many."""
        self.body += chunk
        size = len(self.body)
        if size > self._max_bytes:
            raise too_large(say("%(max_bytes)s bytes", max_bytes=self._max_bytes))
        if size > self._hand_at and self._stream is not None:
            # Twice: a text that is cut in its middle may look like rows.
            if self._count and not self._handed and self._count(self.body) > 2 * self.max_rows:
                raise too_large(say("%(max_rows)s rows", max_rows=self.max_rows))
            self._stream(self.kind, self.media_type, bytes(self.body[self._handed :]))
            self._handed, self._hand_at = size, size + PIECE
        return len(chunk)

    def finish(self, rows: int | None, *, volatile: bool) -> Serialized:
        """Return the answer, or what of it was not passed on; raise AnswerTooLarge when it has too many rows."""
        if rows is not None and rows > self.max_rows:
            raise too_large(say("%(max_rows)s rows", max_rows=self.max_rows))
        rest = bytes(memoryview(self.body)[self._handed :])
        return Serialized(self.kind, self.media_type, rest, rows, volatile)


def choose_format(form: str, format: str | Mapping[str, str]) -> str:
    """Name the format for a form of query, from one name or one for each form; NotAcceptable when it cannot hold it."""
    offered = GRAPH_FORMATS if form in ("CONSTRUCT", "DESCRIBE") else ROW_FORMATS
    if not isinstance(format, str):
        format = format.get(form, "")
    if format not in offered and form in sparql.FORMS:
        message = say("The answer to %(form)s cannot be written as %(format)s", form=form, format=f"{format!r}")
        raise NotAcceptable(message, offered=tuple(offered), hint=say("Ask for %(names)s", names=offered))
    return format


def write(results: Any, format: str, limits: Limits, *, volatile: bool, stream: Stream | None = None) -> Serialized:
    """Write the engine's results in a format that can hold them. Raises AnswerTooLarge."""
    kind = {ox.QueryTriples: "graph", ox.QueryBoolean: "ask"}.get(type(results), "select")
    engine_format = (GRAPH_FORMATS if kind == "graph" else ROW_FORMATS)[format]
    count = partial(_count_rows, format=format) if kind == "select" and format != "csv" else None
    output, rows = Capped(kind, engine_format.media_type, limits, stream, count), None
    if kind == "graph":
        rows = _write_graph(results, output, engine_format)
    elif kind == "select" and format == "csv":
        rows = _write_csv(results, output)
    else:
        results.serialize(output, engine_format)
        rows = count(output.body) if count else None
    return output.finish(rows, volatile=volatile)


def transcribe(body: bytes, format: str, limits: Limits = LIMITS) -> Serialized:
    """Write an answer in SPARQL JSON in another format, as `Store.answer` would. Raises SourceError when it is damaged."""
    try:
        results = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        return write(results, format, limits, volatile=False)
    except (SyntaxError, ValueError) as error:
        raise SourceError(say("This is no answer in SPARQL JSON: %(error)s", error=error)) from None


def _count_rows(body: bytearray, format: str) -> int:
    """Count the rows in an answer the engine wrote in JSON, XML or TSV; in a text it escapes < and the line feed."""
    if format == "json":
        start = body.find(_ROWS) + len(_ROWS)
        if b"},{}" in body or body.startswith(b"{}", start):  # rows without a value, or a text that looks like one
            return _STRING.sub(b"", body[start:]).count(b"},{") + 1
        # A quote in a text is escaped, so `},{"` in one ends it, and a comma or a brace follows.
        ends = body.count(b'},{",') + body.count(b'},{"}')
        return body.count(b'},{"') - ends + 1 if body.startswith(b"{", start) else 0
    return body.count(b"<result>") + body.count(b"<result/>") if format == "xml" else body.count(b"\n") - 1


def too_large(limit: str) -> AnswerTooLarge:
    """Make the error for an answer over a limit, such as `100000 rows`."""
    return AnswerTooLarge(
        say("The answer has more than %(limit)s", limit=limit), hint=say("Ask for a part of it with LIMIT and OFFSET")
    )


def _write_csv(results: Any, output: Capped) -> int:
    """Write rows as RFC 4180 asks; return how many there are, or one more than there may be."""
    table = csv.writer(codecs.getwriter("utf-8")(output))
    table.writerow([variable.value for variable in results.variables])
    number = 0
    for number, solution in enumerate(results, start=1):
        if number > output.max_rows:
            break
        # None, which stands for unbound, is an empty cell.
        table.writerow([term.value if isinstance(term, _WITH_VALUE) else str(term or "") for term in solution])
    return number


def _write_graph(results: Any, output: Capped, format: Any) -> int:
    by_text: dict[str, Any] = {}
    for triple in results:
        by_text[str(triple)] = triple
        if len(by_text) > output.max_rows:
            raise too_large(say("%(max_rows)s triples", max_rows=output.max_rows))
    lines = sorted(by_text)  # subjects together, so that the writers can group them
    prefixes = used_prefixes("\n".join(lines))
    ox.serialize((by_text[line] for line in lines), cast(BinaryIO, output), format, prefixes=prefixes)
    return len(lines)

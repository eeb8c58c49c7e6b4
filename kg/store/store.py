"""A set of RDF graphs in the embedded engine: RDF in, SPARQL answers out.

No type of the engine leaves kg.store. The default graph of a question is the merge of its graphs, each triple once. Nothing is
fetched: no remote context, no FROM document, no federated query.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

import pyoxigraph as ox

from kg import memory, sparql
from kg.errors import QueryRefused, QueryStopped, SourceError
from kg.sparql.header import is_given_values_first
from kg.sparql.rewrite import as_insert, bind, insert_values
from kg.store import results, sanitiser
from kg.store.dumps import dump_named, named_lines
from kg.store.messages import evaluating, explain_file, parse
from kg.store.rdf import GRAPH_FORMATS, Triple, iris, to_engine, to_graph
from kg.store.results import LIMITS, Limits, Query, Rows, Serialized, Stream, read_triples
from kg.terms import Quad, Term

BATCH = 500_000  # statements that a new store sorts at once
_READABLE = ("ttl", "trig", "nq", "nt", "jsonld")  # not RDF/XML: its entities can be made to expand without end
_RESULTS: dict[str, Any] = {"SELECT": ox.QuerySolutions, "CONSTRUCT": ox.QueryTriples, "ASK": ox.QueryBoolean}


class Store:
    """A set of named graphs and a default graph; make it with `memory` or `open`."""

    def __init__(self, engine: ox.Store) -> None:
        self._engine: ox.Store | None = engine

    @classmethod
    def memory(cls) -> Self:
        """Make an empty store in memory."""
        return cls(ox.Store())

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a store that the engine lets nobody write to. SourceError when there is none or it is damaged."""
        try:
            return cls(ox.Store.read_only(str(path)))
        except OSError as error:
            message = f"There is no readable store here: {error}"
            raise SourceError(message, where=str(path), hint="Build the release again") from error

    @staticmethod
    def create(folder: Path, texts: Iterable[tuple[BinaryIO, str]]) -> None:
        """Make a store in a new folder, to be opened with `open`, of texts that an engine wrote, each with its format. Raises OSError.

        The engine sorts BATCH statements at once, in memory, and merges the files that it writes of them.
        """
        target = ox.Store(str(folder))
        for text, format in texts:
            quads = ox.parse(text, GRAPH_FORMATS[format], lenient=True)
            for first in quads:
                target.bulk_extend(itertools.chain([first], itertools.islice(quads, BATCH - 1)))
        target.flush()
        target.optimize()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine and its files, and give its memory back to the system."""
        self._engine = None
        memory.trim()

    # Writing: at build time only.

    def load(self, data: bytes | Path, *, format: str, graph: str | None, source: str) -> None:
        """Parse a file into a graph (None: the default graph); trig, nq and jsonld keep the graph names they state.

        Format is ttl, trig, nq, nt or jsonld; `source` names the file in errors. Raises SourceError with line and column for
        bad syntax, relative IRIs, schemes not in sanitiser.SCHEMES, NUL characters and terms nested too deep to parse; a file that
        fails leaves nothing behind.
        """
        if format not in _READABLE:
            raise SourceError(f"{format!r} is not a format we read", where=source, hint="Use " + ", ".join(_READABLE))
        data = data.read_bytes() if isinstance(data, Path) else data
        data = data.removeprefix(b"\xef\xbb\xbf")
        text = data.decode("utf-8", "replace")
        sanitiser.refuse_text(text, source)
        target, default, is_json = to_graph(graph), ox.DefaultGraph(), format == "jsonld"
        try:
            if not (is_json or sanitiser.is_suspect(text)):  # thrice as fast
                self._open().load(data, GRAPH_FORMATS[format], to_graph=target)
                return
            base = sanitiser.NO_BASE if is_json else None
            quads = list(ox.parse(data, GRAPH_FORMATS[format], base_iri=base, rename_blank_nodes=True))
        except SyntaxError as error:
            raise explain_file(error, text, source) from None
        for iri in sorted(iris(quads)):
            sanitiser.refuse_iri(iri, text, source)
        self._open().extend(
            ox.Quad(subject, predicate, value, target if name == default else name)
            for subject, predicate, value, name in quads
        )

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads: subject, predicate, object and the graph's IRI (None: the default graph)."""
        self._open().bulk_extend(
            ox.Quad(to_engine(s), to_engine(p), to_engine(o), to_graph(graph)) for s, p, o, graph in quads
        )

    def insert(self, query: str, graph: str) -> None:
        """Add the triples of a CONSTRUCT query of ours to the default graph and to a named one."""
        parse(query)
        sparql.refuse_federation(query)
        update = as_insert(query, graph)
        with evaluating(update):
            self._open().update(update)

    def insert_over_all(self, query: str, graph: str, apart: str) -> dict[str, str]:
        """Add the triples of a CONSTRUCT query of ours over all graphs to a named graph; those of the predicate `apart` are returned."""
        quads, pairs, target = [], {}, to_graph(graph)
        results = self._ask_form("CONSTRUCT", query, union=True)
        with evaluating(query):
            for subject, predicate, value in results:
                if predicate.value == apart:
                    pairs[subject.value] = value.value
                else:
                    quads.append(ox.Quad(subject, predicate, value, target))
        self._open().bulk_extend(quads)
        return pairs

    def update(self, text: str) -> None:
        """Run an update of ours."""
        with evaluating(text):
            self._open().update(text)

    def drop(self, graph: str) -> None:
        """Take a named graph out."""
        self._open().remove_graph(to_graph(graph))

    def copy_named_into_default(self) -> None:
        """Write the merge of all named graphs into the default graph, each triple once."""
        self._open().update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")  # a graph is a set

    # Reading.

    def count(self, graph: str | None = None) -> int:
        """Count the triples of a named graph; of the default graph when None."""
        pattern = "?s ?p ?o" if graph is None else f"GRAPH <{graph}> {{ ?s ?p ?o }}"
        ((number,),) = self.select(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
        return int(number.value)

    def graphs(self) -> list[str]:
        """List the IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self._open().named_graphs())

    def drain(self) -> list[bytes]:
        """Write what the named graphs state as sorted lines of N-Quads, which are the same whatever the order and the labels were.

        The store is closed first, so that the two are not in memory at once.
        """
        texts = dump_named(self._open())
        self.close()
        return named_lines(texts)

    def dump(self, graph: str | None = None) -> bytes:
        """Write a named graph as N-Triples; the default graph when None."""
        return self._open().dump(format=ox.RdfFormat.N_TRIPLES, from_graph=to_graph(graph)) or b""

    def select(self, text: str, *, bindings: Mapping[str, Term] | None = None, union: bool = False) -> Rows:
        """Ask a SELECT in this process, for the build: no limits. With `union` the default graph is all graphs (duplicates count)."""
        solutions = self._ask_form("SELECT", text, bindings, union=union)
        return Rows(tuple(variable.value for variable in solutions.variables), solutions)

    def construct(self, text: str) -> Iterator[Triple]:
        """Yield the triples of a CONSTRUCT or DESCRIBE, asked in this process as `select` does."""
        return read_triples(self._ask_form("CONSTRUCT", text))

    def ask(self, text: str, *, bindings: Mapping[str, Term] | None = None) -> bool:
        """Ask an ASK in this process, as `select` does."""
        return bool(self._ask_form("ASK", text, bindings))

    def answer(self, query: Query, limits: Limits = LIMITS, *, stream: Stream | None = None) -> Serialized:
        """Answer a query from outside in a named format: json, xml, csv, tsv; ttl, nt, nq, trig, rdf, jsonld for graphs.

        With `stream`, a long answer is handed over piece by piece, and what comes back holds the rest of it. A graph we do
        not have is empty. Raises QueryRefused, QuerySyntaxError, NotAcceptable (format and form of the query do not fit),
        BadParameter, AnswerTooLarge at either cap and QueryStopped.
        """
        text = query.text
        outline = sparql.guard(text, max_bytes=limits.max_query, max_depth=limits.max_depth)
        format = results.choose_format(outline.form, query.format)
        default, named = query.default_graphs, query.named_graphs
        if not (default or named):
            default, named = outline.default_graphs, outline.named_graphs
        engine, options = self._dataset(default, named)
        options["base_iri"] = sparql.BASE
        answer = self._ask(engine, text, query.bindings, options)
        with evaluating(text):
            return results.write(answer, format, limits.of(query), volatile=outline.volatile, stream=stream)

    def _open(self) -> ox.Store:
        if self._engine is None:
            raise QueryStopped("The store is closed")
        return self._engine

    def _ask_form(
        self, form: str, text: str, bindings: Mapping[str, Term] | None = None, *, union: bool = False
    ) -> Any:
        sparql.refuse_federation(text)
        options = {"use_default_graph_as_union": union}
        results = self._ask(self._open(), text, bindings, options)
        if not isinstance(results, _RESULTS[form]):
            raise QueryRefused(f"The query is no {form}", reason="form", hint=f"Write a {form} query")
        return results

    def _ask(self, engine: ox.Store, text: str, bindings: Mapping[str, Term] | None, options: dict[str, Any]) -> Any:
        with evaluating(text, base=options.get("base_iri")):
            if bindings:  # a query from outside has none, and its header is nothing to us
                text = (insert_values if is_given_values_first(text) else bind)(text, bindings)
            return engine.query(text, **options)

    def _dataset(self, default: Sequence[str], named: Sequence[str]) -> tuple[ox.Store, dict[str, Any]]:
        """Choose the engine and its options for a dataset (none named: all of it); its default graph holds each triple once.

        The engine counts a triple once per graph of a default graph made of several (SPARQL 1.1, 13.2.1 asks for their
        merge), so they are merged in memory first.
        """
        engine = self._open()
        if not (default or named):
            return engine, {}
        existing = set(self.graphs())
        default_graphs, named_graphs = (
            [ox.NamedNode(graph) for graph in dict.fromkeys(graphs) if graph in existing] for graphs in (default, named)
        )
        if len(default_graphs) < 2:
            return engine, {"default_graph": default_graphs, "named_graphs": named_graphs}
        merged = ox.Store()
        for graph in default_graphs:
            quads = engine.quads_for_pattern(None, None, None, graph)
            merged.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
        for graph in named_graphs:
            merged.bulk_extend(engine.quads_for_pattern(None, None, None, graph))
        return merged, {"default_graph": [ox.DefaultGraph()], "named_graphs": named_graphs}

"""The embedded engine: RDF in, SPARQL answers out, in terms, rows and bytes of our own.

Promises that no type of the engine crosses its edge, that a bad file is an error with file, line and column, that an answer
is whole or an error, and that the default graph of a question is the merge of its graphs with each triple once. Never
fetches anything: no remote context, no FROM document, no federated query. Has no deadline of its own; kg.pool has.

An engine's results are bound to the thread that asked: consume `Rows` and `Triples` where they were made.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import pyoxigraph as ox

from kg import sparql, terms
from kg.errors import BadParameter, NotAcceptable, QueryOutOfMemory, QueryRefused, QueryStopped, SourceError
from kg.store import sanitiser
from kg.store.query import LIMITS, Limits, Query
from kg.store.results import Capped, Serialized, Stream, merge_graphs, too_large, write_csv
from kg.terms import Blank, Iri, Literal, Quad, Term

_GRAPH_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_BINDINGS_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_READABLE = ("ttl", "trig", "nq", "nt", "jsonld")  # not RDF/XML: its entities can be made to expand without end
_BULK = 4 << 20  # bytes from which writing sorted files directly is faster than a transaction
_PART = 16 << 20  # bytes that are written to a store at once
_XSD_STRING = terms.PREFIXES["xsd"] + "string"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a SELECT, read once: tuples of terms (None where unbound) in the order of `variables`."""

    variables: tuple[str, ...]
    results: Iterable[Any]

    def __iter__(self) -> Iterator[tuple[Term | None, ...]]:
        with _evaluating():
            for solution in self.results:
                yield tuple(None if term is None else _to_term(term) for term in solution)


@dataclass(frozen=True, slots=True)
class Triples:
    """The triples of a CONSTRUCT or DESCRIBE, read once: tuples of three terms."""

    results: Iterable[Any]

    def __iter__(self) -> Iterator[tuple[Term, Iri, Term]]:
        with _evaluating():
            for triple in self.results:
                yield _to_term(triple.subject), _to_term(triple.predicate), _to_term(triple.object)


class Store:
    """A set of named graphs and a default graph; make it with `memory`, `create` or `open`."""

    def __init__(self, engine: ox.Store, path: Path | None, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._engine: ox.Store | None = engine
        self._disjoint: dict[frozenset[str], bool] = {}
        self._merged: tuple[Any, ox.Store] | None = None

    @classmethod
    def memory(cls) -> Self:
        """Make an empty store in memory."""
        return cls(ox.Store(), None, read_only=False)

    @classmethod
    def create(cls, path: Path | str) -> Self:
        """Make an empty store in a folder that does not exist or is empty; SourceError when it cannot be made."""
        path = Path(path)
        if path.exists() and any(path.iterdir()):
            raise SourceError("The folder is not empty", where=str(path), hint="Choose another folder for the store")
        try:
            return cls(ox.Store(str(path)), path, read_only=False)
        except OSError as error:
            raise SourceError(f"The store cannot be made: {error}", where=str(path)) from error

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open a store for reading; writes nothing to its folder. SourceError when there is none or it is damaged."""
        try:
            return cls(ox.Store.read_only(str(path)), Path(path), read_only=True)
        except OSError as error:
            raise SourceError(
                f"There is no readable store here: {error}", where=str(path), hint="Build the release again"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine and its files."""
        self._engine = self._merged = None

    # Writing: at build time only.

    def load(self, data: bytes | Path, *, format: str, graph: str | None, source: str) -> None:
        """Parse a file into a graph (None: the default graph); trig, nq and jsonld keep the graph names they state.

        Format is ttl, trig, nq, nt or jsonld; `source` names the file in errors. Raises SourceError with line and column for
        bad syntax, relative IRIs, schemes not in sanitiser.SCHEMES, NUL characters and terms nested too deep to parse; a file that
        fails leaves nothing behind, unless it is larger than 4 MiB.
        """
        if format not in _READABLE:
            raise SourceError(f"{format!r} is not a format we read", where=source, hint="Use " + ", ".join(_READABLE))
        data = data.read_bytes() if isinstance(data, Path) else data
        data = data.removeprefix(b"\xef\xbb\xbf")
        sanitiser.refuse_bytes(data, format, source)
        rdf_format = _GRAPH_FORMATS[format]
        to_graph = _graph(graph)
        try:
            if format == "jsonld" or sanitiser.is_suspect(data):
                base = sanitiser.NO_BASE if format == "jsonld" else None
                quads = list(ox.parse(data, rdf_format, base_iri=base, rename_blank_nodes=True))
                for iri in {iri for quad in quads for iri in _iris(quad)}:
                    sanitiser.refuse_iri(iri, data, source)
                self._writable().extend(
                    ox.Quad(q.subject, q.predicate, q.object, to_graph) if q.graph_name == ox.DefaultGraph() else q
                    for q in quads
                )
            elif len(data) >= _BULK:
                self._writable().bulk_load(data, rdf_format, to_graph=to_graph)
            else:
                self._writable().load(data, rdf_format, to_graph=to_graph)
        except SyntaxError as error:
            raise sanitiser.explain(error, source) from None

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads: subject, predicate, object and the graph's IRI (None: the default graph)."""
        self._writable().bulk_extend(
            ox.Quad(_to_engine(s), _to_engine(p), _to_engine(o), _graph(graph)) for s, p, o, graph in quads
        )

    def update(self, text: str) -> None:
        """Run a SPARQL update of ours; LOAD and SERVICE are refused. All of it happens or nothing."""
        sparql.refuse_fetching(text)
        with _evaluating(text, ox.Store.update):
            self._writable().update(text)

    def copy_named_into_default(self) -> None:
        """Write the merge of all named graphs into the default graph, each triple once."""
        engine = self._writable()
        engine.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in engine)  # a graph is a set

    def save(self, path: Path | str) -> None:
        """Write a copy of all graphs to a store in a folder, compacted for reading; SourceError when it cannot be made.

        They pass through a file beside that folder, which the engine writes and reads by itself: another thread can work
        meanwhile. It holds in memory what it is given at once, several times over.
        """
        between, blank = Path(f"{path}.nq"), []
        try:
            self.dump(between, format="nq")
            with Store.create(path) as copy, between.open("rb") as file:
                while part := file.read(_PART):
                    part += file.readline()
                    if b"_:" in part:
                        lines = part.splitlines(keepends=True)
                        blank += [line for line in lines if b"_:" in line]
                        part = b"".join(line for line in lines if b"_:" not in line)
                    copy._writable().bulk_load(part, ox.RdfFormat.N_QUADS, lenient=True)
                # A label names another blank node each time something is read.
                copy._writable().bulk_load(b"".join(blank), ox.RdfFormat.N_QUADS, lenient=True)
                copy.optimize()
        finally:
            between.unlink(missing_ok=True)

    def optimize(self) -> None:
        """Compact the files for reading, after the last write."""
        self._writable().flush()
        self._writable().optimize()

    # Reading.

    def count(self, graph: str | None = None) -> int:
        """Count the triples of a named graph; of the default graph when None."""
        with _evaluating():
            options = {} if graph is None else {"default_graph": [_graph(graph)]}
            solution = next(iter(self._open().query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", **options)))
            return int(solution["n"].value)

    def graphs(self) -> list[str]:
        """List the IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self._open().named_graphs())

    def dump(self, target: Path | str | BinaryIO, *, format: str, graph: str | None = None) -> None:
        """Write the whole dataset (nq, trig) or one graph (any graph format; None: the default graph) to a file."""
        rdf_format = _GRAPH_FORMATS[format]
        options = {} if graph is None and format in ("nq", "trig") else {"from_graph": _graph(graph)}
        output = str(target) if isinstance(target, Path) else target
        self._open().dump(output, rdf_format, prefixes=terms.PREFIXES, **options)

    def dump_all(self, *, canonical: bool) -> Iterator[tuple[str, bytes]]:
        """Yield (format, bytes): nq of the named graphs, then ttl and jsonld of their merge; the same bytes every time.

        `canonical` labels blank nodes by what is said of them (RDFC-1.0); without it their labels, which differ from one load
        to the next, stay. Canonical labels can take very long where blank nodes refer to each other in a tangle.
        """

        def named(blank: bool) -> Iterator[Any]:  # not as a list: a quad takes several times as much as its line
            quads = (quad for quad in self._open() if quad.graph_name != ox.DefaultGraph())
            return (quad for quad in quads if blank == (_is_blank(quad.subject) or _is_blank(quad.object)))

        tangled = ox.Dataset(named(blank=True))
        if canonical:
            tangled.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        written = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) for quads in (named(blank=False), tangled))
        lines = b"".join(sorted(line for part in written for line in part.splitlines(keepends=True)))
        yield "nq", lines
        lines = merge_graphs(lines)  # under the same name, so that the longer text can go
        for format in ("ttl", "jsonld"):
            triples = ox.parse(lines, ox.RdfFormat.N_TRIPLES)
            yield format, ox.serialize(triples, format=_GRAPH_FORMATS[format], prefixes=terms.PREFIXES)

    def query(
        self, text: str, *, bindings: Mapping[str, Term] | None = None, union: bool = False
    ) -> Rows | Triples | bool:
        """Ask in this process, for the build: no limits. With `union` the default graph is all graphs (duplicates count)."""
        sparql.refuse_federation(text, list(sparql.scan(text)))
        results = self._ask(self._open(), text, bindings, {"use_default_graph_as_union": union})
        if isinstance(results, ox.QueryBoolean):
            return bool(results)
        if isinstance(results, ox.QueryTriples):
            return Triples(results)
        return Rows(tuple(variable.value for variable in results.variables), results)

    def answer(self, query: Query, limits: Limits = LIMITS, *, stream: Stream | None = None) -> Serialized:
        """Answer a query from outside in a named format: json, xml, csv, tsv; ttl, nt, nq, trig, rdf, jsonld for graphs.

        With `stream`, a long answer is handed over piece by piece, and what comes back holds the rest of it. A graph we do
        not have is empty. Raises QueryRefused, QuerySyntaxError, NotAcceptable (format and form of the query do not fit),
        BadParameter, AnswerTooLarge at either cap and QueryStopped.
        """
        text = query.text
        outline = sparql.guard(text, max_bytes=limits.max_query, max_depth=limits.max_depth)
        format = choose_format(outline.form, query.format)
        default, named = query.default_graphs, query.named_graphs
        if not (default or named):
            default = named = None
        if default is None and outline.has_dataset:
            default, named = outline.default_graphs, outline.named_graphs
        engine, options = self._dataset(default, named)
        results = self._ask(engine, text, query.bindings, {**options, "base_iri": sparql.BASE}, outline)
        kind = {ox.QueryTriples: "graph", ox.QueryBoolean: "ask"}.get(type(results), "select")
        output = Capped(kind, format, _offered(outline.form)[format].media_type, limits, stream)
        with _evaluating(text):
            rows = _write_graph(results, output) if kind == "graph" else _write_bindings(results, output)
        return output.finish(rows, volatile=outline.volatile)

    def _open(self) -> ox.Store:
        if self._engine is None:
            raise QueryStopped("The store is closed", where=str(self.path or "memory"))
        return self._engine

    def _writable(self) -> ox.Store:
        if self.read_only:
            raise QueryRefused("The store is open for reading only", reason="update", where=str(self.path))
        return self._open()

    def _ask(
        self,
        engine: ox.Store,
        text: str,
        bindings: Mapping[str, Term] | None,
        options: dict[str, Any],
        outline: sparql.Outline | None = None,
    ) -> Any:
        values = {ox.Variable(name): _to_value(name, term) for name, term in (bindings or {}).items()}
        with _evaluating(text, base=options.get("base_iri")):
            try:
                return engine.query(text, substitutions=values or None, **options)
            except RuntimeError as error:
                if "SELECT projection" not in str(error):
                    raise
            # The engine substitutes projected variables only. The others are joined in from a VALUES clause, whose terms
            # the engine wrote, so that no text of a caller's reaches the query.
            if outline is None or outline.body is None:
                outline = sparql.read_outline(text)
            clauses = {variable.value: str(value) for variable, value in values.items()}
            return engine.query(sparql.insert_values(text, outline, clauses), **options)

    def _dataset(self, default: Sequence[str] | None, named: Sequence[str] | None) -> tuple[ox.Store, dict[str, Any]]:
        """Choose the engine and its options for a dataset, so that the default graph holds each triple once.

        The engine counts a triple once per graph of a default graph made of several (SPARQL 1.1, 13.2.1 asks for their
        merge), so graphs that overlap are merged in memory first.
        """
        engine = self._open()
        if default is None or named is None:
            return engine, {}
        have = set(self.graphs())
        default_graphs = [graph for graph in dict.fromkeys(default) if graph in have]
        named_nodes = [ox.NamedNode(graph) for graph in dict.fromkeys(named) if graph in have]
        if len(default_graphs) < 2 or self._are_disjoint(default_graphs):
            return engine, {"default_graph": [ox.NamedNode(g) for g in default_graphs], "named_graphs": named_nodes}
        key = (frozenset(default_graphs), frozenset(named_nodes))
        if self._merged is None or self._merged[0] != key or not self.read_only:
            self._merged = None  # before the next is made: two would need twice the memory
            merged = ox.Store()
            for graph in default_graphs:
                quads = engine.quads_for_pattern(None, None, None, ox.NamedNode(graph))
                merged.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
            for node in named_nodes:
                merged.bulk_extend(engine.quads_for_pattern(None, None, None, node))
            self._merged = (key, merged)
        return self._merged[1], {"default_graph": [ox.DefaultGraph()], "named_graphs": named_nodes}

    def _are_disjoint(self, graphs: Sequence[str]) -> bool:
        key = frozenset(graphs)
        if self.read_only and key in self._disjoint:
            return self._disjoint[key]
        shared = self._open().query(
            "ASK { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?p ?o } FILTER(?g != ?h) }",
            named_graphs=[ox.NamedNode(graph) for graph in graphs],
        )
        if self.read_only and len(self._disjoint) < 1000:
            self._disjoint[key] = not shared
        return not shared


def choose_format(form: str, format: str | Mapping[str, str]) -> str:
    """Name the format for a form of query, from one name or one for each form; NotAcceptable when it cannot hold it."""
    offered = _offered(form)
    if not isinstance(format, str):
        format = format.get(form, "")
    if format not in offered and form in sparql.FORMS:
        raise NotAcceptable(
            f"The answer to {form} cannot be written as {format!r}",
            offered=list(offered),
            hint="Ask for " + ", ".join(offered),
        )
    return format


def _offered(form: str) -> Mapping[str, Any]:
    return _GRAPH_FORMATS if form in ("CONSTRUCT", "DESCRIBE") else _BINDINGS_FORMATS


def parse(text: str) -> None:
    """Raise QuerySyntaxError unless a text is a query from outside as this engine reads it; runs nothing."""
    unused = {ox.Variable("answerable_unused"): ox.Literal("")}
    with _evaluating(text, base=sparql.BASE):
        try:
            ox.Store().query(text, substitutions=unused, base_iri=sparql.BASE)
        except RuntimeError as error:
            if "SELECT projection" not in str(error):  # it complains of the variable once it has parsed the text
                raise


def transcribe(body: bytes, format: str, limits: Limits = LIMITS) -> Serialized:
    """Write an answer in SPARQL JSON in another format, as `Store.answer` would. Raises SourceError when it is damaged."""
    try:
        results = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        kind = "ask" if isinstance(results, ox.QueryBoolean) else "select"
        output = Capped(kind, format, _BINDINGS_FORMATS[format].media_type, limits)
        return output.finish(_write_bindings(results, output), volatile=False)
    except (SyntaxError, ValueError) as error:
        raise SourceError(f"This is no answer in SPARQL JSON: {error}") from None


def _write_bindings(results: Any, output: Capped) -> int | None:
    if output.kind == "select" and output.format == "csv":
        names = [variable.value for variable in results.variables]
        return write_csv(output, names, ([_text(term) for term in solution] for solution in results))
    results.serialize(output, _BINDINGS_FORMATS[output.format])
    return output.count_rows() if output.kind == "select" else None


def _text(term: Any) -> str:
    return "" if term is None else term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _write_graph(results: Any, output: Capped) -> int:
    triples: dict[Any, None] = {}
    for triple in results:
        triples[triple] = None
        if len(triples) > output.max_rows:
            raise too_large(f"{output.max_rows} triples")
    ordered = sorted(triples, key=str)  # subjects together, so that the writers can group them
    ox.serialize(ordered, output, _GRAPH_FORMATS[output.format], prefixes=_used_prefixes(ordered))
    return len(ordered)


def _used_prefixes(triples: Iterable[Any]) -> dict[str, str]:
    spaces = set()
    for triple in triples:
        for term in (triple.subject, triple.predicate, triple.object, getattr(triple.object, "datatype", None)):
            if isinstance(term, ox.NamedNode):
                spaces.add(re.split(r"[^/#]*$", term.value, maxsplit=1)[0])
    return {prefix: space for prefix, space in terms.PREFIXES.items() if space in spaces}


@contextmanager
def _evaluating(text: str = "", parse: Callable[..., Any] = ox.Store.query, base: str | None = None) -> Iterator[None]:
    """Turn what the engine raises into an error of ours."""
    try:
        yield
    except SyntaxError as error:
        raise sparql.explain(str(error), text, lambda other: _complain(other, parse, base), base or "") from None
    except MemoryError:
        raise QueryOutOfMemory("The query needs more memory than it may have", hint="Ask for less at a time") from None
    except RuntimeError as error:
        if "function" in str(error):
            raise QueryRefused(str(error), reason="function", hint="Use the functions of SPARQL 1.1") from None
        raise QueryStopped(f"The engine could not answer: {error}") from None
    except OSError as error:
        raise QueryStopped(f"The engine could not answer: {error}") from None


def _complain(text: str, parse: Callable[..., Any], base: str | None) -> str | None:
    try:
        parse(ox.Store(), text, base_iri=base)
    except SyntaxError as error:
        return str(error)
    return None


def _iris(quad: Any) -> Iterator[str]:
    for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value
        elif isinstance(term, ox.Triple):
            yield from _iris(ox.Quad(term.subject, term.predicate, term.object))


def _is_blank(term: Any) -> bool:
    return isinstance(term, ox.BlankNode)


def _graph(iri: str | None) -> Any:
    return ox.DefaultGraph() if iri is None else ox.NamedNode(iri)


def _to_term(term: Any) -> Term:
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if isinstance(term, ox.Literal):
        datatype = None if term.language or term.datatype.value == _XSD_STRING else term.datatype.value
        return Literal(term.value, datatype, term.language)
    if isinstance(term, ox.BlankNode):
        return Blank(term.value)
    raise QueryStopped("The answer holds a triple term, which has no place in rows of ours")


def _to_engine(term: Term) -> Any:
    if isinstance(term, Iri):
        return ox.NamedNode(term.value)
    if isinstance(term, Blank):
        return ox.BlankNode(term.value)
    datatype = None if term.datatype is None else ox.NamedNode(term.datatype)
    return ox.Literal(term.value, datatype=datatype, language=term.language)


def _to_value(name: str, term: Term) -> Any:
    if isinstance(term, Blank):
        raise BadParameter("A blank node cannot be asked for", where=name, hint="Give an IRI or a literal")
    try:
        return _to_engine(term)
    except ValueError as error:
        raise BadParameter(f"{term.value!r} is not a term: {error}", where=name) from None

"""The W3C's SPARQL tests as they stand in w3c-sparql.tar.xz: what each one asks, of which data, and what must come back.

Promises every entry of every manifest in the archive, and one way of comparing an answer with what a manifest
expects, whoever gave it: rows as a bag, blank nodes by their place and not by their label, numbers by their value, rows in
order where the order is asked for. Never asks anybody anything, and never leaves out an entry.
"""

import csv
import io
import re
import tarfile
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg import sparql

ARCHIVE = Path(__file__).with_name("w3c-sparql.tar.xz")
BASE = "https://w3c.github.io/rdf-tests/sparql/"  # what relative IRIs in the suite are relative to
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RESULT_SET = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
SRX = "{http://www.w3.org/2005/sparql-results#}"
SYNTAXES = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML}
RESULTS = {"srx": ox.QueryResultsFormat.XML, "srj": ox.QueryResultsFormat.JSON, "tsv": ox.QueryResultsFormat.TSV}
INTEGERS = {"integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "unsignedInt"}


@dataclass
class Case:
    """One entry of a manifest; `query`, `data`, `graphs` and `result` are paths in the archive."""

    name: str
    kind: str
    query: str
    data: str | None = None
    graphs: list[str] = field(default_factory=list)
    result: str | None = None
    is_lax: bool = False  # REDUCED: a row may come fewer times

    @property
    def text(self) -> str:
        """What is asked, with its own address as the base of relative IRIs."""
        return f"BASE <{BASE}{self.query}>\n" + files()[self.query].decode()

    @property
    def is_syntax(self) -> bool:
        """Whether the test is about the grammar alone."""
        return "SyntaxTest" in self.kind

    @property
    def is_update(self) -> bool:
        """Whether the test is about the update language."""
        return self.query.endswith(".ru")

    @property
    def froms(self) -> list[str]:
        """What the text itself names with FROM and FROM NAMED: paths in the archive, and other IRIs as they are."""
        outline = sparql.read_outline(self.text)
        return [iri.removeprefix(BASE) for iri in (*outline.default_graphs, *outline.named_graphs)]

    @property
    def is_ordered(self) -> bool:
        """Whether the order of the rows is part of the answer."""
        return "ORDER BY" in self.text.upper().rsplit("}", 1)[-1]


@dataclass(frozen=True)
class Answer:
    """What came back, or must: a truth, a graph, or rows of terms (of texts, where it was CSV)."""

    truth: bool | None = None
    graph: tuple | None = None
    names: tuple = ()
    rows: tuple = ()


@cache
def files() -> dict[str, bytes]:
    """Read the archive: path -> bytes."""
    with tarfile.open(ARCHIVE) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}


@dataclass(frozen=True)
class Exchange:
    """A request of the protocol's manifest, and what it must be answered with; `statuses` are first digits."""

    name: str
    method: str
    target: str
    body: bytes
    content_type: str | None
    format: str | None  # tabular, boolean or RDF
    truth: bool | None
    statuses: str


@cache
def exchanges() -> list[Exchange]:
    """List the requests of the protocol's manifest; where a test has several they are numbered in their order."""
    query = Path(__file__).with_name("requests.rq").read_text(encoding="utf-8")
    found = []
    for row in store_of("sparql11/protocol/manifest.ttl").query(query):
        values = {
            name: row[name].value
            for name in ("method", "target", "chars", "coding", "type", "format", "truth")
            if row[name]
        }
        found.append(
            Exchange(
                f"{row['test'].value.rpartition('#')[2]} {row['turn'].value}",
                values["method"],
                values["target"],
                values.get("chars", "").encode(values.get("coding", "utf-8")),
                values.get("type"),
                values.get("format"),
                values["truth"] == "true" if "truth" in values else None,
                "".join(re.findall(r"StatusCode(\d)xx", row["statuses"].value)),
            )
        )
    return found


@cache
def cases() -> list[Case]:
    """List the entries that ask a query or an update, by name."""
    found: dict[str, Case] = {}
    entries = Path(__file__).with_name("entries.rq").read_text(encoding="utf-8")
    for path in sorted(name for name in files() if re.fullmatch(r"sparql1\d/[^/]+/manifest\.ttl", name)):
        store = ox.Store()
        store.load(files()[path], ox.RdfFormat.TURTLE, base_iri=BASE + path)
        for row in store.query(entries):
            if not isinstance(row["query"], ox.NamedNode):
                continue  # the tests of the protocol and of the service description: tests/api/test_protocol.py has them
            place = path.removesuffix("/manifest.ttl") + "#" + re.split("[#/]", row["test"].value)[-1]
            query, data, graph, result = (
                None if row[name] is None else getattr(row[name], "value", "").removeprefix(BASE)
                for name in ("query", "data", "graph", "result")
            )
            kind = row["kind"].value.rpartition("#")[2]
            case = found.setdefault(place, Case(place, kind, query, data, [], result, row["lax"].value == "true"))
            if graph and graph not in case.graphs:
                case.graphs.append(graph)
    return sorted(found.values(), key=lambda case: case.name)


def store_of(path: str) -> ox.Store:
    """Read a file of RDF in the archive, into the default graph."""
    store = ox.Store()
    store.load(files()[path], SYNTAXES[path.rpartition(".")[2]], base_iri=BASE + path)
    return store


def write_data() -> bytes:
    """Write every file that some query is asked of as N-Quads, each in the graph of its own address, blank nodes apart."""
    wanted = {path for case in cases() if not case.is_update for path in (case.data, *case.graphs, *case.froms)}
    quads = []
    for path in sorted(path for path in wanted if path in files()):
        triples = ox.parse(
            files()[path], SYNTAXES[path.rpartition(".")[2]], base_iri=BASE + path, rename_blank_nodes=True
        )
        quads += [ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(BASE + path)) for t in triples]
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS)


def expected(case: Case) -> Answer:
    """Read what the manifest says must come back."""
    return read(files()[case.result], case.result.rpartition(".")[2], BASE + case.result)


def read(body: bytes, suffix: str, base: str = BASE) -> Answer:
    """Read an answer in the format of a suffix: srx, srj, tsv, csv; ttl, nt and rdf, for a graph or a table told as one."""
    if suffix in RESULTS:
        return _read_results(body, suffix)
    return _read_csv(body) if suffix == "csv" else _read_graph(body, suffix, base)


def is_same(case: Case, wanted: Answer, found: Answer) -> bool:
    """Say whether an answer is the one that must come back."""
    if case.is_lax:
        few, many = ([frozenset(zip(one.names, row, strict=True)) for row in one.rows] for one in (found, wanted))
        return set(few) == set(many) and len(few) <= len(many)
    return _shape(wanted, case.is_ordered) == _shape(found, case.is_ordered)


def _shape(answer: Answer, is_ordered: bool) -> tuple:
    """Make what is equal for equal answers: a table is told as a graph, and the labels of blank nodes are made canonical."""
    quads = [ox.Quad(t.subject, t.predicate, _normal(t.object)) for t in answer.graph or ()]
    for number, row in enumerate(answer.rows):
        node = ox.BlankNode()
        place = ox.Literal(number if is_ordered else 0)
        quads.append(ox.Quad(node, ox.NamedNode("urn:place"), place))
        for name, term in zip(answer.names, row, strict=True):
            if term is not None:
                quads.append(ox.Quad(node, ox.NamedNode(f"urn:column:{name}"), _normal(term)))
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return answer.truth, answer.graph is None, frozenset(answer.names), frozenset(str(quad) for quad in dataset)


def _normal(term):
    """Write a number or a truth the one way its value is written here, and a language tag in small letters."""
    if not isinstance(term, ox.Literal):
        return term
    if term.language:
        return ox.Literal(term.value, language=term.language.lower())
    kind = term.datatype.value.removeprefix(XSD)
    try:
        if kind in INTEGERS:
            value = str(int(term.value))
        elif kind == "decimal":
            value = f"{Decimal(term.value).normalize():f}"
        elif kind in ("double", "float"):
            value = repr(float(term.value))
        elif kind == "boolean":
            value = {"1": "true", "0": "false"}.get(term.value, term.value)
        else:
            return term
    except (ValueError, ArithmeticError):  # ill-typed, as some tests want it
        return term
    return ox.Literal(value, datatype=term.datatype)


def _read_results(body: bytes, suffix: str) -> Answer:
    found = ox.parse_query_results(body, RESULTS[suffix])
    if isinstance(found, ox.QueryBoolean):
        return Answer(truth=bool(found))
    names = tuple(variable.value for variable in found.variables)
    return Answer(names=names, rows=tuple(tuple(solution[name] for name in names) for solution in found))


def _read_csv(body: bytes) -> Answer:
    names, *rows = csv.reader(io.StringIO(body.decode()))
    return Answer(names=tuple(names), rows=tuple(tuple(_csv_term(cell) for cell in row) for row in rows))


def _csv_term(cell: str):
    """Take a blank node for one, and everything else for text: CSV says no more (SPARQL 1.1 CSV and TSV, 3)."""
    return ox.BlankNode("b" + cell[2:]) if cell.startswith("_:") else ox.Literal(cell)


def _read_graph(body: bytes, suffix: str, base: str) -> Answer:
    triples = tuple(ox.parse(body, SYNTAXES[suffix], base_iri=base))
    said: dict = {}
    for triple in triples:
        said.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    tables = [words for words in said.values() if ox.NamedNode(RESULT_SET + "ResultSet") in words.get(RDF + "type", ())]
    if not tables:
        return Answer(graph=triples)
    (table,) = tables
    if RESULT_SET + "boolean" in table:
        return Answer(truth=table[RESULT_SET + "boolean"][0].value == "true")
    names = tuple(name.value for name in table.get(RESULT_SET + "resultVariable", ()))
    solutions = [said.get(node, {}) for node in table.get(RESULT_SET + "solution", ())]
    solutions.sort(key=lambda words: int(words.get(RESULT_SET + "index", [ox.Literal(0)])[0].value))
    rows = []
    for words in solutions:
        bindings = [said[node] for node in words.get(RESULT_SET + "binding", ())]
        cells = {one[RESULT_SET + "variable"][0].value: one[RESULT_SET + "value"][0] for one in bindings}
        rows.append(tuple(cells.get(name) for name in names))
    return Answer(names=names, rows=tuple(rows))

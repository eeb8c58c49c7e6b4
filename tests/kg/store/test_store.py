"""The engine: what it loads and refuses, and that its answers are whole, right and safe."""

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from kg.errors import BadParameter, NotAcceptable, QueryRefused, QueryStopped, SourceError
from kg.store import Query, Store
from kg.terms import PREFIXES, Blank, Iri, Literal
from tests.loaded import save

E = "http://example.org/"
X, FIVE = Literal("x"), Literal("5", PREFIXES["xsd"] + "integer")


@pytest.fixture
def store():
    """Three graphs that hold one triple each in common, and graph c one more; the default graph is their merge."""
    with Store.memory() as store:
        for name in "abc":
            store.load(b"@prefix e: <http://example.org/> . e:s e:p 'x' .", format="ttl", graph=E + name, source=name)
        store.load(b"<http://example.org/s> <http://example.org/q> 5 .", format="ttl", graph=E + "c", source="c")
        store.copy_named_into_default()
        yield store


def read(answer):
    """The rows of a JSON answer as dictionaries of plain values."""
    rows = json.loads(answer.body)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in rows]


# The default graph and datasets.


@pytest.mark.parametrize(
    ("dataset", "default_graphs", "count"),
    [
        ("", [], "2"),
        (f"FROM <{E}a> FROM <{E}b> FROM <{E}c>", [], "2"),
        ("", [E + "a", E + "b", E + "c"], "2"),
        (f"FROM <{E}c>", [E + "a"], "1"),  # the protocol's dataset replaces that of the text
        (f"FROM NAMED <{E}a>", [], "0"),
    ],
)
def test_a_triple_of_several_graphs_counts_once(store, dataset, default_graphs, count):
    query = Query(f"SELECT (COUNT(*) AS ?n) {dataset} {{ ?s ?p ?o }}", default_graphs=default_graphs)
    assert [{"n": count}] == read(store.answer(query))


@pytest.mark.parametrize(("named", "graphs"), [(f"FROM NAMED <{E}c>", [{"g": E + "c"}]), ("", [])])
def test_named_graphs_are_those_of_the_dataset_and_stay_apart_when_the_default_graphs_are_merged(store, named, graphs):
    query = f"SELECT ?g FROM <{E}a> FROM <{E}b> {named} WHERE {{ GRAPH ?g {{ ?s <{E}q> ?o }} }}"
    assert graphs == read(store.answer(Query(query)))


# Answers.


def test_nought_and_false_are_not_empty_in_xml(store):
    answer = store.answer(Query("SELECT (0 AS ?a) (false AS ?b) ('' AS ?c) {}", "xml"))
    literals = ET.fromstring(answer.body).iter("{http://www.w3.org/2005/sparql-results#}literal")
    assert ["0", "false", None] == [literal.text for literal in literals]


def test_tsv_writes_terms_and_escapes_line_feeds(store):
    answer = store.answer(Query("SELECT (<http://e> AS ?i) ('a\\tb\\nc' AS ?t) (7 AS ?n) {}", "tsv"))
    assert ('?i\t?t\t?n\n<http://e>\t"a\\tb\\nc"\t7\n', 1) == (answer.body.decode(), answer.rows)


def test_csv_can_be_read_back_with_an_iri_that_has_a_comma(store):
    values = f'(<{E}a,b> "c,d") (UNDEF "\\"e\\"\\r\\n") (<{E}f> UNDEF) ("g"@de 5)'
    answer = store.answer(Query(f"SELECT ?x ?y {{ VALUES (?x ?y) {{ {values} }} }}", "csv"))
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert [["x", "y"], [E + "a,b", "c,d"], ["", '"e"\r\n'], [E + "f", ""], ["g", "5"]] == rows
    assert ("text/csv; charset=utf-8", 4) == (answer.media_type, answer.rows)


def test_ask_has_no_rows(store):
    answer = store.answer(Query("ASK { ?s ?p 'x' }"))
    assert ("ask", None, True) == (answer.kind, answer.rows, json.loads(answer.body)["boolean"])


@pytest.mark.parametrize("format", ["ttl", "nt", "nq", "trig", "jsonld"])
def test_a_graph_answer_can_be_loaded_back(store, format):
    answer = store.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", format))
    twin = Store.memory()
    twin.load(answer.body, format=format, graph=None, source="answer")
    assert ("graph", 2, 2) == (answer.kind, answer.rows, twin.count())


def test_turtle_is_written_with_the_prefixes_it_uses(store):
    query = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s ?p ?o }"
    body = store.answer(Query(query, "ttl")).body.decode()
    assert "rdfs:label" in body and "owl:" not in body


def test_rdf_xml_is_well_formed(store):
    answer = store.answer(Query("DESCRIBE <http://example.org/s>", "rdf"))
    assert "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF" == ET.fromstring(answer.body).tag
    assert 2 == answer.rows


def test_a_format_that_does_not_fit_the_query_is_refused_with_those_that_do(store):
    with pytest.raises(NotAcceptable) as caught:
        store.answer(Query("SELECT * { ?s ?p ?o }", "ttl"))
    assert ("json", "xml", "csv", "tsv") == caught.value.offered
    with pytest.raises(NotAcceptable):
        store.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", "csv"))


# Bindings.


@pytest.mark.parametrize(
    ("query", "bindings", "rows"),
    [
        ("SELECT ?s ?o { ?s ?p ?o }", {"o": X}, 1),
        ("SELECT ?s { ?s ?p ?o }", {"o": FIVE}, 1),
        ("SELECT ?s { { ?s ?p ?o } FILTER(?o = ?o) }", {"o": FIVE}, 1),
        ("SELECT ?n { SELECT (COUNT(?s) AS ?n) ?o { ?s ?p ?o } GROUP BY ?o }", {"o": FIVE}, 1),
        ("SELECT ?s { ?s ?p ?o }", {"o": X, "p": Iri(E + "q")}, 0),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", {"o": FIVE}, 1),
        ("CONSTRUCT { <a:s> <a:p> <a:o> } WHERE { ?s ?p ?o }", {}, 1),
    ],
)
def test_a_variable_is_bound_whether_it_is_projected_or_not(store, query, bindings, rows):
    assert rows == store.answer(Query(query, {"SELECT": "json", "CONSTRUCT": "nt"}, bindings)).rows


@pytest.mark.parametrize("term", [Iri("http://e/> } UNION { ?s ?p ?o"), Blank("b")])
def test_what_is_no_iri_or_literal_is_a_bad_parameter(store, term):
    with pytest.raises(BadParameter, match="^o: "):
        store.answer(Query("SELECT ?o { ?s ?p ?o }", bindings={"o": term}))


@pytest.mark.parametrize("query", ["SELECT ?s { ?s ?p ?o }", "SELECT ?o { ?s ?p ?o }"])
def test_an_injection_stays_a_literal(store, query):
    attack = "x' } UNION { ?s ?p ?any } #\n\" ) } \\"
    assert [] == read(store.answer(Query(query, bindings={"o": Literal(attack)})))
    store.add([(Iri(E + "t"), Iri(E + "p"), Literal(attack), None)])
    assert 1 == store.answer(Query(query, bindings={"o": Literal(attack)})).rows


@pytest.mark.parametrize(("header", "rows"), [("", 0), ("#+ values: first\n", 1)])
def test_values_stand_at_the_head_of_the_pattern_where_the_query_says_so(store, header, rows):
    # A MINUS does not see the head.
    text, values = f"{header}SELECT ?x {{ ?s <{E}q> ?o MINUS {{ ?s ?p ?any FILTER (?x = 5) }} }}", {"x": FIVE}
    assert rows == store.answer(Query(text, bindings=values)).rows == len([*store.select(text, bindings=values)])


# In-process queries.


def test_answers_are_plain_terms(store):
    store.add([(Iri(E + "s"), Iri(E + "r"), Literal("қала", language="kk"), None)])
    rows = store.select("SELECT ?p ?o ?no { ?s ?p ?o } ORDER BY ?p")
    assert ("p", "o", "no") == rows.variables
    values = X, FIVE, Literal("қала", language="kk")
    assert [(Iri(E + name), value, None) for name, value in zip("pqr", values, strict=True)] == [*rows]
    assert [(Iri(E + "s"), Iri(E + "q"), FIVE)] == [*store.construct(f"CONSTRUCT WHERE {{ ?s <{E}q> ?o }}")]
    assert store.ask("ASK { ?s ?p ?o }", bindings={"o": FIVE}) is True
    with pytest.raises(QueryRefused, match="no ASK"):
        store.ask("SELECT * {}")


def test_union_sees_all_graphs_before_they_are_merged():
    store = Store.memory()
    store.add([(Iri(E + "s"), Iri(E + "p"), Literal("x"), E + "a")])
    assert [0, 1] == [len([*store.select("SELECT * { ?s ?p ?o }", union=union)]) for union in (False, True)]


# On disk.


def test_what_a_construct_query_gives_is_inserted_into_the_default_graph_and_a_named_one(store):
    store.insert("CONSTRUCT { <urn:new> <urn:is> ?n } WHERE { VALUES ?n { 1 2 2 } }", E + "new")
    assert 2 == store.count(E + "new")
    assert store.ask(f"ASK {{ <urn:new> <urn:is> 1, 2 GRAPH <{E}new> {{ <urn:new> <urn:is> 1, 2 }} }}")
    with pytest.raises(QueryRefused, match="no CONSTRUCT"):
        store.insert("SELECT * { ?s ?p ?o }", E + "new")


def test_a_store_on_disk_is_read_only_once_reopened(tmp_path):
    with Store.memory() as store:
        store.load(b"<http://a> <http://a> 1 .", format="ttl", graph=E + "g", source="x")
        store.copy_named_into_default()
        save(store, tmp_path / "store")
    with pytest.raises(SourceError, match="no readable store"):
        Store.open(tmp_path / "nothing")
    with Store.open(tmp_path / "store") as store:
        assert (1, [E + "g"]) == (store.count(), store.graphs())
        with pytest.raises(RuntimeError, match="read-write"):
            store.load(b"<http://a> <http://a> 2 .", format="ttl", graph=None, source="x")
        assert b"<http://a> <http://a>" in store.dump() == store.dump(E + "g")
    with pytest.raises(QueryStopped, match="closed"):
        store.count()


def test_a_process_that_answers_loads_no_templates_and_no_questions():
    code = "import sys, kg.answer.worker; print({'jinja2', 'kg.sparql.question'} & sys.modules.keys() or 'none')"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "none" == child.stdout.strip()


def test_rows_are_read_as_texts_and_a_triple_term_has_no_place_in_them(store):
    rows = store.select("SELECT ?s ?p ?o ?none { GRAPH <http://example.org/c> { ?s ?p ?o } }")
    assert {(E + "s", E + "p", "x", None), (E + "s", E + "q", "5", None)} == {*rows.texts()}
    triple = b"<http://example.org/s> <http://example.org/p> <<( <http://example.org/s> <http://example.org/p> 1 )>> ."
    store.load(triple, format="ttl", graph=E + "d", source="d")
    for read_rows in (iter, type(rows).texts):
        with pytest.raises(QueryStopped, match="triple term"):
            list(read_rows(store.select("SELECT ?o { GRAPH <http://example.org/d> { ?s ?p ?o } }")))

"""The engine: what it loads and refuses, and that its answers are whole, right and safe."""

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from kg.errors import BadParameter, NotAcceptable, QueryRefused, QueryStopped, SourceError
from kg.store import Query, Rows, Store, Triples
from kg.terms import PREFIXES, Blank, Iri, Literal

E = "http://example.org/"
XSD = PREFIXES["xsd"]
COUNT = "SELECT (COUNT(*) AS ?n) {dataset} WHERE {{ ?s ?p ?o }}"


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
    return [
        {name: cell["value"] for name, cell in row.items()} for row in json.loads(answer.body)["results"]["bindings"]
    ]


def count_in(store, dataset="", **options):
    return read(store.answer(Query(COUNT.format(dataset=dataset), **options)))[0]["n"]


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
    assert count == count_in(store, dataset, default_graphs=default_graphs)


def test_from_is_understood_with_prefixes_and_a_base(store):
    query = f"BASE <{E}> PREFIX e: <{E}> SELECT (COUNT(*) AS ?n) FROM e:a FROM <b> {{ ?s ?p ?o }}"
    assert "1" == read(store.answer(Query(query)))[0]["n"]


def test_named_graphs_stay_apart_when_the_default_graphs_are_merged(store):
    query = f"SELECT ?g FROM <{E}a> FROM <{E}b> FROM NAMED <{E}c> WHERE {{ GRAPH ?g {{ ?s <{E}q> ?o }} }}"
    assert [{"g": E + "c"}] == read(store.answer(Query(query)))


def test_a_dataset_of_default_graphs_only_has_no_named_graphs(store):
    query = f"ASK FROM <{E}a> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert {"head": {}, "boolean": False} == json.loads(store.answer(Query(query)).body)


# Answers.


def test_nought_and_false_are_not_empty_in_xml(store):
    answer = store.answer(Query("SELECT (0 AS ?a) (false AS ?b) ('' AS ?c) {}", "xml"))
    texts = [
        element.text for element in ET.fromstring(answer.body).iter("{http://www.w3.org/2005/sparql-results#}literal")
    ]
    assert ["0", "false", None] == texts


def test_tsv_writes_terms_and_escapes_line_feeds(store):
    answer = store.answer(Query("SELECT (<http://e> AS ?i) ('a\\tb\\nc' AS ?t) (7 AS ?n) {}", "tsv"))
    assert ('?i\t?t\t?n\n<http://e>\t"a\\tb\\nc"\t7\n', 1) == (answer.body.decode(), answer.rows)


def test_csv_can_be_read_back_with_an_iri_that_has_a_comma(store):
    values = f'(<{E}a,b> "c,d") (UNDEF "\\"e\\"\\r\\n") (<{E}f> UNDEF) ("g"@de 5)'
    answer = store.answer(Query(f"SELECT ?x ?y {{ VALUES (?x ?y) {{ {values} }} }}", "csv"))
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert [["x", "y"], [E + "a,b", "c,d"], ["", '"e"\r\n'], [E + "f", ""], ["g", "5"]] == rows
    assert ("text/csv; charset=utf-8", 4) == (answer.media_type, answer.rows)


def test_a_blank_node_has_its_mark_in_csv(store):
    assert store.answer(Query("SELECT ?x { BIND(BNODE() AS ?x) }", "csv")).body.startswith(b"x\r\n_:")


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


def test_a_constructed_triple_is_there_once(store):
    assert 1 == store.answer(Query("CONSTRUCT { <a:s> <a:p> <a:o> } WHERE { ?s ?p ?o }", "nt")).rows


def test_a_format_that_does_not_fit_the_query_is_refused_with_those_that_do(store):
    with pytest.raises(NotAcceptable) as caught:
        store.answer(Query("SELECT * { ?s ?p ?o }", "ttl"))
    assert ("json", "xml", "csv", "tsv") == caught.value.offered
    with pytest.raises(NotAcceptable):
        store.answer(Query("CONSTRUCT WHERE { ?s ?p ?o }", "csv"))


# Bindings.


def test_a_projected_variable_is_bound(store):
    answer = store.answer(Query("SELECT ?s ?o { ?s ?p ?o }", bindings={"o": Literal("x")}))
    assert [{"s": E + "s", "o": "x"}] == read(answer)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) WHERE { { ?s ?p ?o } FILTER(?o = ?o) }",
        "SELECT ?n { SELECT (COUNT(?s) AS ?n) ?o { ?s ?p ?o } GROUP BY ?o }",
    ],
)
def test_a_variable_that_is_not_projected_is_bound(store, query):
    answer = store.answer(Query(query, bindings={"o": Literal("5", XSD + "integer")}))
    assert ["1"] == [row["n"] for row in read(answer)]


def test_variables_are_bound_together(store):
    bindings = {"o": Literal("x"), "p": Iri(E + "q")}
    assert [] == read(store.answer(Query("SELECT ?s { ?s ?p ?o }", bindings=bindings)))


def test_construct_and_ask_are_bound_too(store):
    five = {"o": Literal("5", XSD + "integer")}
    assert 1 == store.answer(Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "nt", bindings=five)).rows
    assert b"false" in store.answer(Query("ASK { ?s <http://example.org/p> ?o }", bindings=five)).body


@pytest.mark.parametrize("query", ["SELECT ?s { ?s ?p ?o }", "SELECT ?o { ?s ?p ?o }"])
def test_an_injection_stays_a_literal(store, query):
    attack = "x' } UNION { ?s ?p ?any } #\n\" ) } \\"
    assert [] == read(store.answer(Query(query, bindings={"o": Literal(attack)})))
    store.add([(Iri(E + "t"), Iri(E + "p"), Literal(attack), None)])
    assert 1 == store.answer(Query(query, bindings={"o": Literal(attack)})).rows


@pytest.mark.parametrize(("values_first", "rows"), [(False, 0), (True, 1)])
def test_values_stand_at_the_head_of_the_pattern_where_the_query_says_so(store, values_first, rows):
    text = f"SELECT ?x {{ ?s <{E}q> ?o MINUS {{ ?s ?p ?any FILTER (?x = 5) }} }}"  # a MINUS does not see the head
    query = Query(text, bindings={"x": Literal("5", XSD + "integer")}, values_first=values_first)
    assert rows == store.answer(query).rows


def test_an_iri_that_is_none_is_a_bad_parameter(store):
    with pytest.raises(BadParameter, match="^o: "):
        store.answer(Query("SELECT ?o { ?s ?p ?o }", bindings={"o": Iri("http://e/> } UNION { ?s ?p ?o")}))
    with pytest.raises(BadParameter, match="blank node"):
        store.answer(Query("SELECT ?o { ?s ?p ?o }", bindings={"o": Blank("b")}))


# In-process queries.


def test_rows_are_plain_terms(store):
    rows = store.select("SELECT ?p ?o ?no { ?s ?p ?o } ORDER BY ?p")
    assert isinstance(rows, Rows) and ("p", "o", "no") == rows.variables
    assert [(Iri(E + "p"), Literal("x"), None), (Iri(E + "q"), Literal("5", XSD + "integer"), None)] == list(rows)


def test_languages_are_kept_both_ways(store):
    store.add([(Iri(E + "t"), Iri(E + "p"), Literal("қала", language="kk"), E + "k")])
    assert [(Literal("қала", language="kk"),)] == list(
        store.select("SELECT ?o { GRAPH ?g { ?t ?p ?o } }", bindings={"g": Iri(E + "k")})
    )


def test_construct_gives_triples_and_ask_a_truth(store):
    triples = store.construct("CONSTRUCT WHERE { ?s <http://example.org/q> ?o }")
    assert isinstance(triples, Triples)
    assert [(Iri(E + "s"), Iri(E + "q"), Literal("5", XSD + "integer"))] == list(triples)
    assert store.ask("ASK {}") is True


def test_union_sees_all_graphs_before_they_are_merged():
    store = Store.memory()
    store.add([(Iri(E + "s"), Iri(E + "p"), Literal("x"), E + "a")])
    assert (0, 1) == (
        len(list(store.select("SELECT * { ?s ?p ?o }"))),
        len(list(store.select("SELECT * { ?s ?p ?o }", union=True))),
    )


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
        store.write_to(tmp_path / "store")
    with Store.open(tmp_path / "store") as store:
        assert (1, [E + "g"]) == (store.count(), store.graphs())
        with pytest.raises(QueryRefused, match="reading only"):
            store.load(b"<http://a> <http://a> 2 .", format="ttl", graph=None, source="x")
        store.dump(tmp_path / "all.nq", format="nq")
    assert 2 == len((tmp_path / "all.nq").read_text().splitlines())
    with pytest.raises(QueryStopped, match="closed"):
        store.count()


def test_there_is_no_store_where_there_is_none(tmp_path):
    with pytest.raises(SourceError, match="no readable store"):
        Store.open(tmp_path / "nothing")


def test_a_graph_is_dumped_alone(store):
    output = io.BytesIO()
    store.dump(output, format="nt", graph=E + "a")
    assert b'<http://example.org/s> <http://example.org/p> "x" .\n' == output.getvalue()


def test_a_process_that_answers_loads_no_templates_and_no_questions():
    code = "import sys, kg.answer.worker; print({'jinja2', 'kg.sparql.question'} & sys.modules.keys() or 'none')"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "none" == child.stdout.strip()

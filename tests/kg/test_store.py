"""The engine: what it loads and refuses, and that its answers are whole, right and safe."""

import csv
import io
import json
import socket
import threading
import xml.etree.ElementTree as ET

import pytest

from kg.errors import (
    AnswerTooLarge,
    BadParameter,
    NotAcceptable,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
    SourceError,
)
from kg.store import Blank, Iri, Literal, Rows, Store, Triples
from kg.terms import PREFIXES

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


@pytest.fixture
def listener():
    """A socket that counts who calls."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def listen():
            while not done.is_set():
                try:
                    calls.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", calls
        done.set()
        thread.join()


def read(answer):
    """The rows of a JSON answer as dictionaries of plain values."""
    return [
        {name: cell["value"] for name, cell in row.items()} for row in json.loads(answer.body)["results"]["bindings"]
    ]


def count_in(store, dataset="", **options):
    return read(store.answer(COUNT.format(dataset=dataset), "json", **options))[0]["n"]


# The default graph and datasets.


def test_a_triple_of_three_graphs_counts_once_in_the_default_graph(store):
    assert "2" == count_in(store)
    assert 2 == store.count()


def test_a_triple_of_three_graphs_counts_once_over_from(store):
    assert "2" == count_in(store, f"FROM <{E}a> FROM <{E}b> FROM <{E}c>")


def test_a_triple_of_three_graphs_counts_once_over_default_graph_uri(store):
    assert "2" == count_in(store, default_graphs=[E + "a", E + "b", E + "c"])


def test_from_is_understood_with_prefixes_and_a_base(store):
    query = f"BASE <{E}> PREFIX e: <{E}> SELECT (COUNT(*) AS ?n) FROM e:a FROM <b> {{ ?s ?p ?o }}"
    assert "1" == read(store.answer(query, "json"))[0]["n"]


def test_the_protocol_dataset_replaces_the_one_in_the_text(store):
    assert "1" == count_in(store, f"FROM <{E}c>", default_graphs=[E + "a"])


def test_disjoint_graphs_are_asked_together(store):
    store.load(b"<http://example.org/t> <http://example.org/q> 6 .", format="ttl", graph=E + "d", source="d")
    assert "2" == count_in(store, f"FROM <{E}a> FROM <{E}d>")


def test_named_graphs_stay_apart_when_the_default_graphs_are_merged(store):
    query = f"SELECT ?g FROM <{E}a> FROM <{E}b> FROM NAMED <{E}c> WHERE {{ GRAPH ?g {{ ?s <{E}q> ?o }} }}"
    assert [{"g": E + "c"}] == read(store.answer(query, "json"))


def test_a_dataset_of_named_graphs_only_has_an_empty_default_graph(store):
    assert "0" == count_in(store, f"FROM NAMED <{E}a>")


def test_a_dataset_of_default_graphs_only_has_no_named_graphs(store):
    query = f"ASK FROM <{E}a> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert {"head": {}, "boolean": False} == json.loads(store.answer(query, "json").body)


def test_a_store_that_changes_is_asked_afresh(store):
    dataset = f"FROM <{E}a> FROM <{E}b>"
    before = count_in(store, dataset)
    store.add([(Iri(E + "z"), Iri(E + "p"), Literal("z"), E + "b")])
    assert ("1", "2") == (before, count_in(store, dataset))


# Nothing is fetched and nothing is written.


def test_from_an_address_is_an_empty_graph_and_no_call(store, listener):
    address, calls = listener
    assert "0" == count_in(store, f"FROM <{address}>")
    assert "0" == count_in(store, default_graphs=[address])
    assert [] == calls


@pytest.mark.parametrize(
    "pattern",
    [
        "SERVICE <{0}> {{ ?s ?p ?o }}",
        "service silent <{0}> {{ ?s ?p ?o }}",
        "SERVICE ?where {{ ?s ?p ?o }}",
        "?s ?p 5SERVICE<{0}>{{ ?s ?p ?o }}",
        "?s ?p trueSERVICE<{0}>{{ ?s ?p ?o }}",
        "?s ?p 'x'SERVICE #comment\n<{0}>{{ ?s ?p ?o }}",
        "servicex:y {{ ?s ?p ?o }}",
        "SERVICESILENTx:y {{ ?s ?p ?o }}",
        "{{ SELECT * {{ OPTIONAL {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }} }}",
    ],
)
def test_service_is_refused_and_no_call_made(store, listener, pattern):
    address, calls = listener
    query = f"PREFIX x: <{address}> SELECT * {{ {pattern.format(address)} }}"
    with pytest.raises(QueryRefused) as caught:
        store.answer(query, "json")
    assert ("service", []) == (caught.value.reason, calls)
    with pytest.raises(QueryRefused):
        store.query(query)
    assert [] == calls


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX service: <http://example.org/> SELECT * { GRAPH service:a { ?s ?p ?o } }",
        "SELECT ?service { ?service ?p 'SERVICE <x> {' } # SERVICE <x> {",
        "PREFIX e: <http://example.org/> SELECT * { ?s e:service ?o }",
        "SELECT * FROM <http://example.org/service> { ?s ?p ?o }",
    ],
)
def test_the_word_service_is_free_elsewhere(store, query):
    assert "select" == store.answer(query, "json").kind


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <http://a> <http://a> 1 }",
        "PREFIX e: <http://e/> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1/>",
        "# harmless\nDROP ALL",
    ],
)
def test_an_update_is_refused_as_one(store, update):
    with pytest.raises(QueryRefused) as caught:
        store.answer(update, "json")
    assert ("update", 2) == (caught.value.reason, store.count())


def test_load_is_refused_even_to_our_own_updates(store, listener):
    address, calls = listener
    with pytest.raises(QueryRefused, match="LOAD"):
        store.update(f"LOAD <{address}>")
    assert [] == calls


# Queries that are wrong.


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * {\n  ?s ?p }", "2:9: '}' is not expected here."),
        ("SELECT * {\n  ?s ?p . ?a ?b ?c }", "2:9: '.' is not expected here."),
        ("SELEC * { ?s ?p ?o }", "1:1: 'SELEC' is not expected here."),
        ("SELECT ?s\nWHERE {\n  ?s ?p ?o\n", "2:7: The { here is never closed. Add }."),
        ("SELECT ?s { ?s ?p ?o }}", "1:23: This } closes nothing."),
        ("SELECT ?s { ?s ?p 'abc }", "1:19: The text that begins here has no end."),
        ("SELECT (COUNT(*) ?n) { ?s ?p ?o }", "1:18: '?n' is not expected here."),
        ("SELECT ?s { ?s ?p ?o } LIMIT x", "1:30: 'x' is not expected here."),
        (
            "SELECT ?s { ?s ?p ?o ; foo:bar 1 }",
            "1:24: The prefix foo: is not declared. Add PREFIX foo: <IRI> at the top.",
        ),
        ("SELECT ?s { ?s a <x> }", "1:18: <x> is not an absolute IRI."),
        ("SELECT ?s { ?s ?p '''a\nb''', ; }", "2:7: ';' is not expected here."),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?o", "SELECT names a variable that is not in GROUP BY."),
        ("", "1:1: "),
    ],
)
def test_a_syntax_error_says_what_where_and_what_to_do(store, query, message):
    with pytest.raises(QuerySyntaxError) as caught:
        store.answer(query, "json")
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.line and caught.value.column and caught.value.hint


def test_a_syntax_error_in_an_update_has_its_place(store):
    with pytest.raises(QuerySyntaxError, match="^2:14: '}' is not expected"):
        store.update("INSERT { ?s ?p ?o }\nWHERE{ ?s ?p }")


def test_an_unknown_function_is_named(store):
    with pytest.raises(QueryRefused, match="http://example.org/f"):
        store.answer("SELECT (<http://example.org/f>(1) AS ?x) {}", "json")


@pytest.mark.parametrize(
    ("opening", "closing"), [("{", "}"), ("(", ")"), ("STR(", ")"), ("FILTER EXISTS {", "}"), ("[ <a:p> ", "]")]
)
def test_deep_nesting_is_refused_before_it_is_parsed(store, opening, closing):
    with pytest.raises(QueryRefused) as caught:
        store.answer("SELECT * { " + opening * 4000 + closing * 4000 + " }", "json")
    assert ("too-deep", 1) == (caught.value.reason, caught.value.line)


def test_long_chains_are_refused_before_they_are_parsed(store):
    for chain in ("1" + "+1" * 15000, "1" + "||1" * 15000):
        with pytest.raises(QueryRefused, match="operators") as caught:
            store.answer("SELECT * { FILTER(" + chain + ") }", "json")
        assert "too-many-operators" == caught.value.reason


def test_a_text_over_the_limit_is_refused(store):
    with pytest.raises(QueryRefused) as caught:
        store.answer("SELECT * {} #" + "x" * 70000, "json")
    assert "too-long" == caught.value.reason


def test_brackets_in_texts_iris_and_comments_are_not_nesting(store):
    query = "SELECT * { BIND('" + "{(" * 200 + "' AS ?x) } # " + "{" * 200
    assert 1 == store.answer(query, "json").rows


# Answers.


def test_nought_and_false_are_not_empty_in_xml(store):
    answer = store.answer("SELECT (0 AS ?a) (false AS ?b) ('' AS ?c) {}", "xml")
    texts = [
        element.text for element in ET.fromstring(answer.body).iter("{http://www.w3.org/2005/sparql-results#}literal")
    ]
    assert ["0", "false", None] == texts


def test_tsv_writes_terms_and_escapes_line_feeds(store):
    answer = store.answer("SELECT (<http://e> AS ?i) ('a\\tb\\nc' AS ?t) (7 AS ?n) {}", "tsv")
    assert ('?i\t?t\t?n\n<http://e>\t"a\\tb\\nc"\t7\n', 1) == (answer.body.decode(), answer.rows)


def test_csv_can_be_read_back(store):
    answer = store.answer("SELECT ('a,\"b\\r\\nc' AS ?x) (1 AS ?y) {}", "csv")
    assert [["x", "y"], ['a,"b\r\nc', "1"]] == list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert ("text/csv; charset=utf-8", 1) == (answer.media_type, answer.rows)


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT ?x { VALUES ?x { '},{' '}},{\"' '<result>' 'a\\r\\nb' 'c\\nd' } }", 5),
        ("SELECT ?x ?y { VALUES ?x { '},{' '},{}' } VALUES ?y { 1 2 } }", 4),
        ("SELECT ?no { VALUES ?x { 1 2 3 } }", 3),
        ("SELECT ?no ?x { VALUES (?no ?x) { (UNDEF UNDEF) (UNDEF 1) (2 UNDEF) } }", 3),
        ("SELECT ?x { VALUES ?x { } }", 0),
        ("SELECT ?bindings { VALUES ?bindings { '\"bindings\":[' } }", 1),
    ],
)
def test_rows_are_counted_exactly(store, format, query, rows):
    assert rows == store.answer(query, format).rows


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_an_answer_over_the_row_limit_is_an_error_not_a_part(store, format):
    query = "SELECT ?x { VALUES ?x { '},{' '\\r\\n' '3' } }"
    assert 3 == store.answer(query, format, max_rows=3).rows
    with pytest.raises(AnswerTooLarge, match="2 rows"):
        store.answer(query, format, max_rows=2)


def test_an_answer_over_the_byte_limit_is_an_error(store):
    with pytest.raises(AnswerTooLarge, match="100 bytes"):
        store.answer(
            "SELECT (CONCAT('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') AS ?x) {}",
            "json",
            max_bytes=100,
        )


def test_a_row_limit_is_noticed_long_before_the_end(store):
    digits = "VALUES ?{0} {{ 0 1 2 3 4 5 6 7 8 9 }}"
    query = "SELECT * { " + " ".join(digits.format(name) for name in "abcdefgh") + " }"  # a hundred million rows
    with pytest.raises(AnswerTooLarge):
        store.answer(query, "json", max_rows=1000)


def test_a_graph_over_the_limit_is_an_error(store):
    with pytest.raises(AnswerTooLarge, match="1 triples"):
        store.answer("CONSTRUCT WHERE { ?s ?p ?o }", "ttl", max_rows=1)


def test_ask_has_no_rows(store):
    answer = store.answer("ASK { ?s ?p 'x' }", "json")
    assert ("ask", None, True) == (answer.kind, answer.rows, json.loads(answer.body)["boolean"])


@pytest.mark.parametrize("format", ["ttl", "nt", "nq", "trig", "jsonld"])
def test_a_graph_answer_can_be_loaded_back(store, format):
    answer = store.answer("CONSTRUCT WHERE { ?s ?p ?o }", format)
    twin = Store.memory()
    twin.load(answer.body, format=format, graph=None, source="answer")
    assert ("graph", 2, 2) == (answer.kind, answer.rows, twin.count())


def test_turtle_is_written_with_the_prefixes_it_uses(store):
    query = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s ?p ?o }"
    body = store.answer(query, "ttl").body.decode()
    assert "rdfs:label" in body and "owl:" not in body


def test_rdf_xml_is_well_formed(store):
    answer = store.answer("DESCRIBE <http://example.org/s>", "rdf")
    assert "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF" == ET.fromstring(answer.body).tag
    assert 2 == answer.rows


def test_a_constructed_triple_is_there_once(store):
    assert 1 == store.answer("CONSTRUCT { <a:s> <a:p> <a:o> } WHERE { ?s ?p ?o }", "nt").rows


def test_a_format_that_does_not_fit_the_query_is_refused_with_those_that_do(store):
    with pytest.raises(NotAcceptable) as caught:
        store.answer("SELECT * { ?s ?p ?o }", "ttl")
    assert ("json", "xml", "csv", "tsv") == caught.value.offered
    with pytest.raises(NotAcceptable):
        store.answer("CONSTRUCT WHERE { ?s ?p ?o }", "csv")


# Bindings.


def test_a_projected_variable_is_bound(store):
    answer = store.answer("SELECT ?s ?o { ?s ?p ?o }", "json", bindings={"o": Literal("x")})
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
    answer = store.answer(query, "json", bindings={"o": Literal("5", XSD + "integer")})
    assert ["1"] == [row["n"] for row in read(answer)]


def test_variables_are_bound_together(store):
    bindings = {"o": Literal("x"), "p": Iri(E + "q")}
    assert [] == read(store.answer("SELECT ?s { ?s ?p ?o }", "json", bindings=bindings))


def test_construct_and_ask_are_bound_too(store):
    five = {"o": Literal("5", XSD + "integer")}
    assert 1 == store.answer("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "nt", bindings=five).rows
    assert b"false" in store.answer("ASK { ?s <http://example.org/p> ?o }", "json", bindings=five).body


@pytest.mark.parametrize("query", ["SELECT ?s { ?s ?p ?o }", "SELECT ?o { ?s ?p ?o }"])
def test_an_injection_stays_a_literal(store, query):
    attack = "x' } UNION { ?s ?p ?any } #\n\" ) } \\"
    assert [] == read(store.answer(query, "json", bindings={"o": Literal(attack)}))
    store.add([(Iri(E + "t"), Iri(E + "p"), Literal(attack), None)])
    assert 1 == store.answer(query, "json", bindings={"o": Literal(attack)}).rows


def test_an_iri_that_is_none_is_a_bad_parameter(store):
    with pytest.raises(BadParameter, match="^o: "):
        store.answer("SELECT ?o { ?s ?p ?o }", "json", bindings={"o": Iri("http://e/> } UNION { ?s ?p ?o")})
    with pytest.raises(BadParameter, match="blank node"):
        store.answer("SELECT ?o { ?s ?p ?o }", "json", bindings={"o": Blank("b")})


# In-process queries.


def test_rows_are_plain_terms(store):
    rows = store.query("SELECT ?p ?o ?no { ?s ?p ?o } ORDER BY ?p")
    assert isinstance(rows, Rows) and ("p", "o", "no") == rows.variables
    assert [(Iri(E + "p"), Literal("x"), None), (Iri(E + "q"), Literal("5", XSD + "integer"), None)] == list(rows)


def test_languages_are_kept_both_ways(store):
    store.add([(Iri(E + "t"), Iri(E + "p"), Literal("қала", language="kk"), E + "k")])
    assert [(Literal("қала", language="kk"),)] == list(
        store.query("SELECT ?o { GRAPH ?g { ?t ?p ?o } }", bindings={"g": Iri(E + "k")})
    )


def test_construct_gives_triples_and_ask_a_truth(store):
    triples = store.query("CONSTRUCT WHERE { ?s <http://example.org/q> ?o }")
    assert isinstance(triples, Triples)
    assert [(Iri(E + "s"), Iri(E + "q"), Literal("5", XSD + "integer"))] == list(triples)
    assert store.query("ASK {}") is True


def test_union_sees_all_graphs_before_they_are_merged():
    store = Store.memory()
    store.add([(Iri(E + "s"), Iri(E + "p"), Literal("x"), E + "a")])
    assert (0, 1) == (
        len(list(store.query("SELECT * { ?s ?p ?o }"))),
        len(list(store.query("SELECT * { ?s ?p ?o }", union=True))),
    )


def test_our_updates_write(store):
    store.update(f"INSERT {{ GRAPH <{E}d> {{ ?s <{E}r> ?o }} }} WHERE {{ ?s <{E}q> ?o }}")
    assert 1 == store.count(E + "d")


# Loading.


def load(data, format="ttl", graph=E + "g"):
    store = Store.memory()
    store.load(data, format=format, graph=graph, source="data/x." + format)
    return store


@pytest.mark.parametrize(
    ("data", "place", "hint"),
    [
        (b"@prefix a: <http://a/> .\n\na:b a:c z:d .\n", "data/x.ttl:3:9: ", "@prefix"),
        (b"@prefix a: <http://a/> .\na:b a:c <rel> .\n", "data/x.ttl:2:9: ", "in full"),
        (b"@prefix a: <http://a/> .\na:b a:c a:d\na:d a:e a:e .\n", "data/x.ttl:3:1: ", "full stop"),
        (b"@prefix a: <http://a/> .\na:b a:c 'abc ;\n", "data/x.ttl:2:9: ", ""),
        (b"@prefix a: <http://a/> .\na:b a:c <http://a b> .\n", "data/x.ttl:2:9: ", "percent-encode"),
        (b"@prefix a: <http://a/> .\na:b a:c 'x\xff' .\n", "data/x.ttl:2:11: ", "UTF-8"),
        ("@prefix a: <http://a/> .\na:ә a:c <javascript:alert(1)> .\n".encode(), "data/x.ttl:2:10: ", "https"),
        (b"@prefix j: <JavaScript:> .\n<http://a> <http://a> j:x .\n", "data/x.ttl:", "https"),
        (b"<http://a> <http://a> <\\u006Aavascript:x> .\n", "data/x.ttl: ", "https"),
        (b"<http://a> <http://a>\n 'a\\u0000b' .\n", "data/x.ttl:2:4: ", "Take it out"),
        (
            b"<http://a> <http://a> <<( <http://a> <http://a> <<( <http://a> <http://a> 1 )>> )>> .",
            "data/x.ttl:1:49: ",
            "one",
        ),
    ],
)
def test_a_bad_file_is_an_error_with_its_place_and_how_to_mend_it(data, place, hint):
    with pytest.raises(SourceError) as caught:
        load(data)
    assert str(caught.value).startswith(place) and hint in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b'{"@context": "http://127.0.0.1:9/c", "@id": "http://a", "http://b": 1}', "not fetched"),
        (b'{"@id": "a", "http://b/": 1}', "'a' is a relative IRI"),
        (b'{"http://b/":' * 5000 + b"1" + b"}" * 5000, "too deep"),
        (b'{"@id": "http://a"', "data/x.jsonld:1:"),
    ],
)
def test_bad_json_ld_is_refused(data, part):
    with pytest.raises(SourceError) as caught:
        load(data, "jsonld")
    assert part in str(caught.value)


def test_terms_nested_without_end_are_refused_before_they_are_parsed():
    data = b"<http://a> <http://a> " + b"<<( <http://a> <http://a> " * 20000 + b"1" + b" )>>" * 20000 + b" ."
    with pytest.raises(SourceError, match="too deep"):
        load(data)


def test_a_text_that_looks_like_an_iri_is_still_a_text():
    assert 1 == load(b"<http://a> <http://a> 'see <b>bold</b> and <javascript:x>, <<, <<' .").count(E + "g")


def test_a_byte_order_mark_is_ignored():
    assert 1 == load(b"\xef\xbb\xbf<http://a> <http://a> 1 .").count(E + "g")


def test_quads_keep_their_graphs_and_triples_get_one():
    store = load(b"<http://a> <http://a> 1 . <http://h> { <http://a> <http://a> 2 }", "trig")
    assert [E + "g", "http://h"] == store.graphs()
    assert (1, 1) == (store.count(E + "g"), store.count("http://h"))


def test_a_file_that_fails_leaves_nothing_behind():
    store = Store.memory()
    with pytest.raises(SourceError):
        store.load(b"<http://a> <http://a> 1 .\n<http://a> x", format="ttl", graph=E + "g", source="x")
    assert [] == store.graphs()


def test_blank_nodes_of_two_files_stay_apart():
    store = Store.memory()
    for name in "ab":
        store.load(b"_:x <http://a> <http://b> .", format="nt", graph=E + name, source=name)
        store.load(b'{"@id": "_:x", "http://a/": 1}', format="jsonld", graph=E + name, source=name)
    store.copy_named_into_default()
    assert 4 == store.count()


def test_rdf_xml_is_not_read():
    with pytest.raises(SourceError, match="not a format we read"):
        load(b"<rdf/>", "rdf")


# On disk.


def test_a_store_on_disk_is_read_only_once_reopened(tmp_path):
    with Store.create(tmp_path / "store") as store:
        store.load(b"<http://a> <http://a> 1 .", format="ttl", graph=E + "g", source="x")
        store.copy_named_into_default()
        store.optimize()
    with Store.open(tmp_path / "store") as store:
        assert (1, [E + "g"]) == (store.count(), store.graphs())
        with pytest.raises(QueryRefused, match="reading only"):
            store.update("DELETE WHERE { ?s ?p ?o }")
        with pytest.raises(QueryRefused, match="reading only"):
            store.load(b"<http://a> <http://a> 2 .", format="ttl", graph=None, source="x")
        store.dump(tmp_path / "all.nq", format="nq")
    assert 2 == len((tmp_path / "all.nq").read_text().splitlines())
    with pytest.raises(QueryStopped, match="closed"):
        store.count()


def test_there_is_no_store_where_there_is_none(tmp_path):
    with pytest.raises(SourceError, match="no readable store"):
        Store.open(tmp_path / "nothing")
    (tmp_path / "something").write_text("")
    with pytest.raises(SourceError, match="not empty"):
        Store.create(tmp_path)


def test_a_graph_is_dumped_alone(store):
    output = io.BytesIO()
    store.dump(output, format="nt", graph=E + "a")
    assert b'<http://example.org/s> <http://example.org/p> "x" .\n' == output.getvalue()

"""The outline of a query: what is refused before any engine sees it, and where a text does not parse."""

import contextlib
import signal
import socket
import subprocess
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg import sparql, terms
from kg.errors import QueryRefused, QuerySyntaxError
from kg.store import Query, Store, parse

E = "http://example.org/"


@pytest.fixture
def address():
    """The address of a server that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(TimeoutError):
            server.accept()


# Nothing is fetched and nothing is written.


def test_from_an_address_is_an_empty_graph_and_no_call(store, address):
    assert 0 == store.answer(Query(f"SELECT * FROM <{address}> {{ ?s ?p ?o }}")).rows
    assert 0 == store.answer(Query("SELECT * { ?s ?p ?o }", default_graphs=(address,))).rows


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
        "FILTER (?a<(?b)&&(?c>?d)) SERVICE <{0}> {{ ?s ?p ?o }}",
    ],
)
def test_service_is_refused_and_no_call_made(store, address, pattern):
    query = f"PREFIX x: <{address}> SELECT * {{ {pattern.format(address)} }}"
    with pytest.raises(QueryRefused) as caught:
        store.answer(Query(query))
    assert "service" == caught.value.reason
    with pytest.raises(QueryRefused):
        store.select(query)


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
    assert "select" == store.answer(Query(query)).kind


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
        store.answer(Query(update))
    assert ("not-a-query", 2) == (caught.value.reason, store.count())


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
        (
            "SELECT ?s { ?s a ans:Act }",
            f"1:18: The prefix ans: is not declared. Add PREFIX ans: <{terms.VOCABULARY}> at the top.",
        ),
        (
            "SELECT ?s { ?s skos:exactMatch wd:Q232 }",
            f"The prefix skos: is not declared. Add PREFIX skos: <{terms.PREFIXES['skos']}> at the top.",
        ),
        (
            "SELECT ?s { ?s ?p wd:Q232 }",
            "The prefix wd: is not declared. Add PREFIX wd: <http://www.wikidata.org/entity/> at the top.",
        ),
        ("SELECT ?s { ?s a <x> ; }}", "1:25: This } closes nothing."),
        ("SELECT ?s { ?s ?p '''a\nb''', ; }", "2:7: ';' is not expected here."),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?o", "SELECT names a variable that is not in GROUP BY."),
        ("ASK {\n ?s ?p '\udc00' }", "2:9: Half of a surrogate pair is no character"),
        ("", "1:1: "),
    ],
)
def test_a_syntax_error_says_what_where_and_what_to_do(store, query, message):
    with pytest.raises(QuerySyntaxError) as caught:
        store.answer(Query(query))
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.line and caught.value.column and caught.value.hint


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (<http://example.org/f>(1) AS ?x) {}",
        "PREFIX e: <http://example.org/> ASK { ?s ?p ?o FILTER (e:f(?o)) }",
        "PREFIX e: <http://example.org/> SELECT * { ?s ?p ?o BIND (e:f() AS ?x) }",
    ],
)
def test_an_unknown_function_is_named(store, query):
    with pytest.raises(QueryRefused, match="<http://example.org/f>.*functions of SPARQL 1.1 and no others") as caught:
        store.answer(Query(query))
    assert "function" == caught.value.reason


@pytest.mark.parametrize(
    ("opening", "closing"), [("{", "}"), ("(", ")"), ("STR(", ")"), ("FILTER EXISTS {", "}"), ("[ <a:p> ", "]")]
)
def test_deep_nesting_is_refused_before_it_is_parsed(store, opening, closing):
    with pytest.raises(QueryRefused) as caught:
        store.answer(Query("SELECT * { " + opening * 4000 + closing * 4000 + " }"))
    assert ("too-deep", 1) == (caught.value.reason, caught.value.line)


def test_a_text_over_the_limit_is_refused(store):
    with pytest.raises(QueryRefused) as caught:
        store.answer(Query("SELECT * {} #" + "x" * (1 << 20)))
    assert "too-long" == caught.value.reason


IRI = "<https://example.org/a/fairly/long/path/of/a/thing/that/is/looked/for/among/many/others/number-%06d>"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ VALUES ?x {{ {} }} }}".format(" ".join(IRI % n for n in range(10_000))),
        "SELECT * {{ ?x ?p ?o }} VALUES (?x ?n) {{ {} }}".format(" ".join(f"({IRI % n} -{n})" for n in range(5000))),
        "SELECT * {{ VALUES ?x {{ {} }} }}".format("".join(f'"v{n} {{("@en-GB # {{(\n' for n in range(10_000))),
        "SELECT * {{ VALUES ?x {{ {} }} }}".format(
            " ".join(f"'{n}'^^<http://example.org/t> UNDEF true" for n in range(10_000))
        ),
        "SELECT * {{ ?x ?p ?o FILTER (?x IN ({})) }}".format(", ".join(IRI % n for n in range(5000))),
        "SELECT * {{ ?x ?p ?o FILTER (?x NOT IN ({})) }}".format(",".join(f"-{n}.5" for n in range(10_000))),
    ],
    ids=["values", "rows", "texts", "typed", "in", "not in"],
)
def test_a_list_of_constants_may_be_as_long_as_the_text(store, query):
    assert 50_000 < len(query)
    assert "select" == store.answer(Query(query)).kind


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * {{ ?s {} ?o }}".format("|".join(["<p:p>"] * 2000)), "too-many-operators"),
        ("SELECT * {{ FILTER({}) }}".format("||".join(["1"] * 15_000)), "too-many-operators"),
        ("SELECT * {{ {} }}".format(" UNION ".join(["{ ?s ?p ?o }"] * 300)), "too-many-operators"),
        ("SELECT * { ?s ?p ?o %s }" % ("OPTIONAL { ?s ?p ?q } " * 300), "too-many-operators"),
        ("SELECT * {{ ?s ?p ?o FILTER (?s IN ({})) }}".format("+".join(["1"] * 2000)), "too-many-operators"),
        ("SELECT * { ?s ?p ?o %s }" % ("FILTER (?s != 1) " * 300), "too-many-operators"),
        ("SELECT * {{ {} ?x {} ?p ?o }}".format("<< ?s ?p " * 300, ">> " * 300), "too-deep"),
        ("SELECT * {{ ?s <p:p> {} }}".format(" , ".join(f"?o{n}" for n in range(20_000))), "too-many-tokens"),
        ("SELECT * {{ ?s ?p ( {} ) }}".format("?x " * 20_000), "too-many-tokens"),
        ("SELECT * {{ ?s {} ?o }}".format("/".join(["<p:p>"] * 2000)), "too-many-operators"),
        ("SELECT * {{ ?s ?p ?o }} ORDER BY {}".format(" ".join(f"?v{n}" for n in range(20_000))), "too-many-tokens"),
    ],
)
def test_what_makes_a_parser_deep_is_refused_where_it_begins(query, reason):
    with pytest.raises(QueryRefused) as caught:
        sparql.guard(query)
    assert reason == caught.value.reason
    assert caught.value.line == 1 and 1 < caught.value.column < len(query) and caught.value.hint


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ {} }}".format(" ".join(f"?s <p:{n}> ?o{n} ." for n in range(120))),
        "SELECT * {{ {} }}".format(" UNION ".join(["{ ?s ?p ?o . ?o ?q ?r . ?r ?t ?u }"] * 150)),
        "SELECT * { ?s ?p ?o %s }" % ("OPTIONAL { ?s ?p ?q . ?q ?r ?t ; ?u ?v } " * 90),
        "CONSTRUCT {{ {} }} WHERE {{ ?s ?p ?o }}".format(" ".join(f"?s <p:{n}> ?o ." for n in range(1000))),
        "SELECT (COALESCE({}) AS ?x) {{ ?s ?p ?o }}".format(", ".join(f"?v{n}" for n in range(1000))),
        "SELECT {} {{ ?s ?p ?o }}".format(" ".join(f"?v{n}" for n in range(3000))),
        "DESCRIBE {}".format(" ".join(f"<x:{n}>" for n in range(5000))),
    ],
)
def test_what_is_long_and_costs_little_is_taken(query):
    assert sparql.guard(query).form == query.split()[0]


def flat(count):
    """Write patterns that are joined in one group, in each way there is: flat for a parser, long for a planner."""
    return [
        "SELECT * {{ {} }}".format(" ".join(f"?s <p:{n}> ?o{n} ." for n in range(count))),
        "SELECT * {{ ?s <p:p> {} }}".format(" , ".join(f"?o{n}" for n in range(count))),
        "SELECT * {{ {} }}".format(" ".join(f"{{ ?s <p:{n}> ?o{n} }}" for n in range(count))),
        "SELECT * {{ ?s ?p ( {} ) }}".format("(1) " * count),
        "SELECT * {{ ?s ?p {} }}".format(", ".join(["[ ?q ?r ]"] * count)),
        "SELECT * {{ ?s {} ?o }}".format("/".join(["<p:p>"] * (count // 2))),
    ]


@pytest.mark.parametrize("query", flat(1800))
def test_what_costs_a_planner_much_is_parsed_at_once(query):
    begun = time.thread_time()
    sparql.guard(query)
    parse(query)
    assert time.thread_time() - begun < 1.0


def test_an_alarm_ends_a_process_whose_planner_does_not_end():
    code = """
import signal, sys
from kg.store import Query, Store, parse
signal.setitimer(signal.ITIMER_REAL, 0.2)
Store.memory().answer(Query(sys.stdin.read()))
"""
    child = [sys.executable, "-c", code]
    for query in flat(1000):
        assert -signal.SIGALRM == subprocess.run(child, input=query, text=True, check=False).returncode


def test_a_list_hides_nothing_that_is_refused():
    for query, reason in (
        ("SELECT * { VALUES ?x { <a:a> } SERVICE <x:y> { ?s ?p ?o } }", "service"),
        ("SELECT * { FILTER (?x IN (<a:a>, 1)) SERVICE <x:y> { ?s ?p ?o } }", "service"),
        ("SELECT * { VALUES (?x ?y) { (1 2) } %s }" % ("{" * 80 + "}" * 80), "too-deep"),
        ("SELECT * {{ FILTER (1 IN (2, {} 1 {})) }}".format("(" * 80, ")" * 80), "too-deep"),
    ):
        with pytest.raises(QueryRefused) as caught:
            sparql.guard(query)
        assert reason == caught.value.reason
    outline = sparql.guard("SELECT (NOW() AS ?n) FROM <x:g> { VALUES ?x { 1 'FROM <x:h>' } }")
    assert (("x:g",), True) == (outline.default_graphs, outline.volatile)


def test_brackets_in_texts_iris_and_comments_are_not_nesting(store):
    query = "SELECT * { BIND('" + "{(" * 200 + "' AS ?x) } # " + "{" * 200
    assert 1 == store.answer(Query(query)).rows


@pytest.mark.parametrize(
    "piece", ["a.", "a-", "a.-", "é.", "<a", "'''a", "'''", '"a', "\\", "?", ".", "a:.", "a:%", "@a-", "1e", "_:", "("]
)
def test_no_text_takes_long_to_read(piece):
    text = piece * (1_000_000 // len(piece)) + "!"
    begun = time.thread_time()  # whatever else the machine and other threads of this process do
    with contextlib.suppress(QueryRefused):
        sparql.guard(text)
    assert time.thread_time() - begun < 2.0


# Outlines.


@pytest.mark.parametrize(
    ("text", "form", "default", "named"),
    [
        ("SELECT * FROM <http://a> FROM NAMED <http://b> {}", "SELECT", ["http://a"], ["http://b"]),
        ("PREFIX e: <http://e/> ASK FROM e:x\\-y FROM e:z {}", "ASK", ["http://e/x-y", "http://e/z"], []),
        ("BASE <http://e/d/> DESCRIBE <x> FROM <../g> FROM NAMED<h>", "DESCRIBE", ["http://e/g"], ["http://e/d/h"]),
        ("construct { ?s ?p ?o } from <http://a> where { ?s ?p ?o }", "CONSTRUCT", ["http://a"], []),
        ("CONSTRUCT FROM <http://a> WHERE { ?s ?p ?o }", "CONSTRUCT", ["http://a"], []),
        ("SELECT (EXISTS { ?from ?p 'FROM <http://x>' } AS ?e) # FROM <http://y>\n{ }", "SELECT", [], []),
    ],
)
def test_the_outline_has_the_form_and_the_graphs(text, form, default, named):
    outline = sparql.guard(text)
    assert (form, default, named) == (outline.form, list(outline.default_graphs), list(outline.named_graphs))


def test_a_text_that_comes_again_is_read_once_within_the_same_limits():
    text = "SELECT * FROM <http://a> { ?s ?p ?o . { ?o ?q ?r } }"
    assert sparql.guard(text) is sparql.guard(text)
    long = text + " " * 16_000
    assert sparql.guard(long) is not sparql.guard(long) == sparql.guard(text)
    with pytest.raises(QueryRefused):
        sparql.guard(text, max_depth=1)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("SELECT ?s { ?s ?p '}' } LIMIT 1", "{ ?s ?p '}' }"),
        ("SELECT (EXISTS { ?a ?b ?c } AS ?e) WHERE { ?s ?p ?o }", "{ ?s ?p ?o }"),
        ("CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p ?o }", "{ ?s ?p ?o }"),
        ("SELECT * { FILTER (?a<(?b)&&(?c>?d)) ?s ?p ?o } LIMIT 1", "{ FILTER (?a<(?b)&&(?c>?d)) ?s ?p ?o }"),
    ],
)
def test_the_outline_has_the_extent_of_the_pattern(text, body):
    start, end = sparql.read_outline(text).body
    assert body == text[start : end + 1]


def test_a_relative_iri_in_a_query_from_outside_is_relative_to_the_service():
    data = b"<https://w3id.org/answerable/id/x> <http://e/p> 1 ."
    with Store.memory() as store:
        store.load(data, format="ttl", graph=sparql.BASE + "/g", source="x")
        answer = store.answer(Query("SELECT ?s FROM <sparql/g> { ?s <http://e/p> 1 FILTER(?s = <id/x>) }"))
        assert 1 == answer.rows
        assert 0 == store.answer(Query("BASE <http://e/> SELECT ?s FROM <sparql/g> { ?s <p> 1 }")).rows


def test_a_relative_iri_in_a_query_of_ours_is_a_mistake(store):
    with pytest.raises(QuerySyntaxError) as caught:
        store.select("SELECT ?s { ?s a <x> }")
    assert "1:18: <x> is not an absolute IRI." in str(caught.value)


PIECES = """
    SELECT ASK select * ?s ?p { } ( ) [ ] << >> { { # <x:a> <x:service> "FROM" 'now()' . ; , || && +
    FROM from NAMED PREFIX x: x:y BASE SERVICE service GRAPH UNION OPTIONAL FILTER VALUES IN NOW()
    rand() BNODE INSERT DELETE load WITH WHERE LIMIT 1 \\u0046ROM � ſ
"""  # the last one is S in capitals


def read(text):
    """What a text says about itself beside where its pattern is, or why it is refused."""
    try:
        outline = sparql.guard(text, max_depth=4)
    except (QueryRefused, QuerySyntaxError) as error:
        return getattr(error, "reason", "syntax")
    return outline.form, outline.default_graphs, outline.named_graphs, outline.volatile


@given(st.lists(st.sampled_from(PIECES.split()), max_size=24).map(" ".join))
@example("SELECT * { \u017fERVICE <x:a> { ?s ?p ?o } }")
@example("SELECT (Rand() AS ?x) {}")
def test_a_short_text_is_read_as_if_it_were_long(text):
    assert read(text) == read(text + " \n" * 500)

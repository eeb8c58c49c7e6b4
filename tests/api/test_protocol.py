"""The SPARQL 1.1 Protocol, clause by clause, on a socket: the query operation whole, and the update operation refused.

The numbers are those of the clauses of the W3C Recommendation of 21 March 2013. Clauses 2.1.5 to 2.1.7, on answers, are in
test_protocol_answers.py, and the rows of the answers are compared in test_suite.py. At the end stand the W3C's own tests.
"""

import re
import socket
from urllib.parse import quote, unquote_to_bytes, urlencode

import pytest

from kg import terms
from tests.api.asking import DIRECT, FORM, GRAPH_NAMES, GRAPHS, JSON, NUMBER, ONE, TABLES, TEXTS, THREE, TWO, E
from tests.suites import w3c

# 2.1 The query operation: one query, sent in one of three ways, or by the method QUERY.


def test_each_way_to_ask_gives_the_same_answer(send):
    in_address = "/sparql?" + urlencode({"query": TEXTS})
    ways = [
        send("GET", in_address),  # 2.1.1
        send("POST", "/sparql", urlencode({"query": TEXTS}), Content_Type=FORM),  # 2.1.2
        send("POST", "/sparql", TEXTS, Content_Type=DIRECT),  # 2.1.3
        send("QUERY", "/sparql", TEXTS, Content_Type=DIRECT),
        send("QUERY", "/sparql", urlencode({"query": TEXTS}), Content_Type=FORM),
    ]
    assert [(200, ["both", "one", "two"])] * 5 == [(reply.status, reply.column) for reply in ways]
    assert 1 == len({reply.headers["ETag"] for reply in ways})


NONE, TWICE = "There is no query", "The parameter query stands 2 times"


@pytest.mark.parametrize(
    ("method", "target", "body", "kind", "said"),
    [
        ("GET", "/sparql?query=", None, None, NONE),
        ("GET", "/sparql?query=%20%0A", None, None, NONE),
        ("GET", "/sparql?format=json", None, None, NONE),
        ("GET", "/sparql?default-graph-uri=http%3A%2F%2Fe%2Fg", None, None, NONE),
        ("POST", "/sparql", "", FORM, NONE),
        ("POST", "/sparql", "x=y", FORM, NONE),
        ("POST", "/sparql", "", DIRECT, NONE),
        ("QUERY", "/sparql", "", DIRECT, NONE),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, None, TWICE),
        ("POST", "/sparql", "query=ASK%7B%7D&query=ASK%7B%7D", FORM, TWICE),
        ("POST", "/sparql?query=ASK%7B%7D", "query=ASK%7B%7D", FORM, TWICE),
        ("POST", "/sparql?query=ASK%7B%7D", "ASK{}", DIRECT, TWICE),
        ("QUERY", "/sparql?query=ASK%7B%7D", "ASK{}", DIRECT, TWICE),
    ],
)
def test_a_request_without_a_query_or_with_two_even_equal_ones_is_400(send, method, target, body, kind, said):
    reply = send(method, target, body, **({"Content_Type": kind} if kind else {}))
    assert (400, said) == (reply.status, reply.json["detail"])


# 2.1.1 Query via GET.


def test_parameters_of_get_are_percent_encoded_utf_8_and_a_plus_is_a_space(send):
    form = urlencode({"query": "SELECT ('a+b%2Bc%252B' AS ?o) {}"})
    assert ["a+b%2Bc%252B"] == send("POST", "/sparql", form, Content_Type=FORM).column  # decoded once
    text = quote("SELECT ('құқық+🕊 a%2Bb' AS ?o) {}", safe="").replace("%20", "+")
    small = re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), text)
    assert small != text
    for spelling in (text, small):
        assert ["құқық+🕊 a%2Bb"] == send("GET", "/sparql?query=" + spelling).column


def test_unknown_parameters_are_ignored(send, ask):
    assert ["both", "one", "two"] == ask(TEXTS, debug="on", timeout="1", Query="x").column
    body = urlencode({"soft-limit": "", "query": TEXTS})
    assert ["both", "one", "two"] == send("POST", "/sparql?x=1", body, Content_Type=FORM).column


def test_a_body_sent_with_get_does_not_count(send):
    target = "/sparql?" + urlencode({"query": TEXTS})
    assert ["both", "one", "two"] == send("GET", target, "ASK {}", Content_Type=DIRECT).column


@pytest.mark.parametrize("accept", [JSON, "text/csv", "text/html", "image/png"])
@pytest.mark.parametrize("query", [TEXTS, "SELECT {", ""])
def test_head_is_get_without_a_body(send, accept, query):
    target = "/sparql?" + urlencode({"query": query})
    got, head = (send(method, target, Accept=accept) for method in ("GET", "HEAD"))
    assert (got.status, b"") == (head.status, head.body)
    assert str(len(got.body)) == head.headers["Content-Length"]
    assert {**dict(got.headers), "date": ""} == {**dict(head.headers), "date": ""}


# 2.1.2 Query via POST with URL-encoded parameters.


@pytest.mark.parametrize("kind", [FORM, FORM.upper(), FORM + "; charset=UTF-8", FORM + ';charset="utf-8"; x=y'])
def test_a_form_may_name_its_charset(send, kind):
    assert 200 == send("POST", "/sparql", urlencode({"query": TEXTS}), Content_Type=kind).status


def test_parameters_of_a_form_may_stand_in_the_address_too(send):
    target = "/sparql?" + urlencode({"default-graph-uri": ONE})
    body = urlencode({"query": TEXTS, "default-graph-uri": TWO})
    assert ["both", "one", "two"] == send("POST", target, body, Content_Type=FORM).column
    assert ["both", "one"] == send("POST", target, urlencode({"query": TEXTS}), Content_Type=FORM).column


# 2.1.3 Query via POST directly: the query as it is, in UTF-8, the only charset there is for it.


@pytest.mark.parametrize(
    "parameters",
    ["", ";charset=utf-8", "; charset=UTF-8", '; charset="Utf-8"', "; CHARSET=utf8", "; x=y; charset=utf-8"],
)
@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_query_sent_as_it_is_may_name_its_charset(send, method, parameters):
    query = "SELECT ('құқық%20+🕊' AS ?o) {}".encode()
    assert ["құқық%20+🕊"] == send(method, "/sparql", query, Content_Type=DIRECT + parameters).column


OTHER = ("text/plain", "application/json", "multipart/form-data; boundary=x", None)


@pytest.mark.parametrize("kind", [*OTHER, *(f"{DIRECT}; charset={one}" for one in ("utf-16", "iso-8859-1", "no-such"))])
def test_another_charset_or_content_type_or_none_is_415_with_what_is_taken(send, kind):
    for method in ("POST", "QUERY"):
        reply = send(method, "/sparql", "ASK {}", **({"Content_Type": kind} if kind else {}))
        assert (415, f"{FORM}, {DIRECT}") == (reply.status, reply.headers["Accept-Post"])


@pytest.mark.parametrize("query", ["query=%ff%fe", "query=ASK%7B%7D%20%23%C3", "query=ASK%7B%7D&x=%ff"])
def test_a_query_that_is_not_utf_8_is_400(send, query):
    assert 400 == send("GET", "/sparql?" + query).status
    assert 400 == send("POST", "/sparql", query, Content_Type=FORM).status
    assert 400 == send("POST", "/sparql", unquote_to_bytes(query), Content_Type=DIRECT).status


def test_graphs_of_a_query_sent_as_it_is_stand_in_the_address(send):
    target = "/sparql?" + urlencode({"default-graph-uri": [TWO]}, doseq=True)
    assert ["both", "two"] == send("POST", target, TEXTS, Content_Type=DIRECT).column
    assert ["both", "two"] == send("QUERY", target, TEXTS, Content_Type=DIRECT).column


def test_a_body_may_come_in_chunks(send):
    halves = iter([TEXTS[:20].encode(), TEXTS[20:].encode()])
    reply = send("POST", "/sparql", halves, Content_Type=DIRECT)
    assert ["both", "one", "two"] == reply.column


# 2.1.4 Specifying an RDF dataset.


FROM_TWO = TEXTS.replace("{", f"FROM <{TWO}> FROM NAMED <{TWO}> {{", 1)
NAMED_TWO = GRAPH_NAMES.replace("{", f"FROM NAMED <{TWO}> {{", 1)


@pytest.mark.parametrize(
    ("query", "default", "named", "expected"),
    [
        # Without graphs it is asked of all merged, and of each by its name.
        (NUMBER, [], [], ["3"]),
        (GRAPH_NAMES, [], [], [ONE, THREE, TWO]),
        # Default graphs are merged, each triple counts once, and there are no named ones.
        (NUMBER, [ONE], [], ["2"]),
        (NUMBER, [ONE, TWO], [], ["3"]),
        (NUMBER, [ONE, ONE], [], ["2"]),
        (NUMBER, [ONE, TWO, ONE, TWO], [], ["3"]),
        (GRAPH_NAMES, [ONE], [], []),
        (TEXTS.replace(f"<{E}a>", "?s"), [THREE], [], ["құқық 🕊"]),  # the name is taken whole
        # With named graphs alone the default one is empty.
        (NUMBER, [], [ONE], ["0"]),
        (GRAPH_NAMES, [], [TWO, ONE, TWO], [ONE, TWO]),
        (TEXTS, [ONE], [TWO, THREE], ["both", "one"]),
        (GRAPH_NAMES, [ONE], [TWO, THREE], [THREE, TWO]),
        # The graphs of the request take precedence over those of the query.
        (FROM_TWO, [], [], ["both", "two"]),
        (FROM_TWO, [ONE], [], ["both", "one"]),
        (FROM_TWO, [], [ONE], []),
        (NAMED_TWO, [], [], [TWO]),
        (NAMED_TWO, [ONE], [], []),
    ],
)
def test_a_query_is_asked_of_the_graphs_that_request_or_query_name(ask, query, default, named, expected):
    assert expected == ask(query, default_graph_uri=default, named_graph_uri=named).column


@pytest.fixture
def silent():
    """Give the address of another server, which nobody may ask."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x.ttl"
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_graph_that_is_not_here_is_empty_and_nobody_is_asked_for_it(ask, silent):
    assert ["0"] == ask(NUMBER, default_graph_uri=silent).column
    assert ["0"] == ask(NUMBER.replace("{", f"FROM <{silent}> {{", 1)).column
    assert [] == ask(GRAPH_NAMES, named_graph_uri=[silent, "file:///etc/hostname"]).column


# 2.2 The update operation: not offered, so each way to ask for it is refused, and 4xx is the answer it gets.


@pytest.mark.parametrize(
    "update", ["CLEAR ALL", "LOAD <http://127.0.0.1:9/>", "INSERT DATA { <a:a> <a:b> <a:c> }", "x"]
)
def test_updates_are_refused_in_every_form(send, ask, update):
    replies = [
        send("POST", "/sparql", urlencode({"update": update}), Content_Type=FORM),  # 2.2.1
        send("POST", "/sparql", update, Content_Type="application/sparql-update"),  # 2.2.2
        send("POST", "/sparql?using-graph-uri=http%3A%2F%2Fe%2F", update, Content_Type="application/sparql-update"),
        send("GET", "/sparql?" + urlencode({"update": update})),
    ]
    assert {(403, "update")} == {(reply.status, reply.json["reason"]) for reply in replies}
    if update != "x":  # as a query it is none
        asked = ask(update)
        assert (400, "not-a-query") == (asked.status, asked.json["reason"])
    assert ["3"] == ask(NUMBER).column


# 2.3 Determining the base IRI.


def test_a_relative_iri_is_relative_to_the_base_of_the_query_or_else_to_the_service(ask):
    assert [E + "x"] == ask(f"BASE <{E}> SELECT (STR(<x>) AS ?o) {{}}").column
    assert [terms.BASE + "id/state/kaz"] == ask("SELECT (STR(<id/state/kaz>) AS ?o) {}").column
    assert [terms.BASE + "sparql"] == ask("SELECT (STR(<>) AS ?o) {}").column


# 4 Policy considerations: nothing is fetched, nobody is asked, and who may read may read from anywhere.


@pytest.mark.parametrize("word", ["", "SILENT"])
def test_another_server_is_not_asked(ask, silent, word):
    reply = ask(f"SELECT * {{ SERVICE {word} <{silent}> {{ ?s ?p ?o }} }}")
    assert (403, "service") == (reply.status, reply.json["reason"])


def test_every_answer_may_be_read_from_another_site(ask, send):
    for reply in (ask(TEXTS), ask("SELECT {"), send("GET", "/sparql"), send("PUT", "/sparql")):
        assert "*" == reply.headers["Access-Control-Allow-Origin"]
        exposed = {name.strip() for name in reply.headers["Access-Control-Expose-Headers"].split(",")}
        assert {"ETag", "X-Release", "X-Truncated", "X-Rows", "Retry-After"} <= exposed


def test_options_names_the_methods_and_what_a_query_may_come_as(send):
    asked = {"Origin": "https://example.org", "Access_Control_Request_Method": "QUERY"}
    for target in ("/sparql", "/sparql/"):
        reply = send("OPTIONS", target, **asked)
        assert (204, b"") == (reply.status, reply.body)
        methods = {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}
        for header in ("Allow", "Access-Control-Allow-Methods"):
            assert methods == {name.strip() for name in reply.headers[header].split(",")}
        assert DIRECT in reply.headers["Accept-Query"] and FORM in reply.headers["Accept-Post"]
        allowed = {name.strip().lower() for name in reply.headers["Access-Control-Allow-Headers"].split(",")}
        assert {"accept", "content-type", "if-none-match"} <= allowed


# The W3C's own tests of the protocol, each request as its manifest has it. Those of the update operation expect that it is
# offered: here it is refused, and what the test asks afterwards shows that nothing was written.


@pytest.mark.parametrize("exchange", w3c.exchanges(), ids=lambda exchange: exchange.name)
def test_a_request_of_the_w3c_is_answered_as_it_wants(send, exchange):
    kind = {} if exchange.content_type is None else {"Content_Type": exchange.content_type}
    reply = send(exchange.method, exchange.target, exchange.body or None, **kind)
    if exchange.name.startswith("update_") and exchange.format is None:
        assert (403, "update") == (reply.status, reply.json["reason"])
        return
    assert str(reply.status)[0] in exchange.statuses
    media_types = {
        "tabular": TABLES.values(),
        "boolean": (TABLES["json"], TABLES["xml"]),
        "RDF": [media_type for media_type, _ in GRAPHS.values()],
    }
    if exchange.format is not None:
        assert reply.media_type in media_types[exchange.format]
    if exchange.truth is not None:
        assert (exchange.truth and not exchange.name.startswith("update_")) is reply.json["boolean"]


def test_no_request_of_the_w3c_is_left_out():
    names = {exchange.name.partition(" ")[0] for exchange in w3c.exchanges()}
    assert (34, 39) == (len(names), len(w3c.exchanges()))

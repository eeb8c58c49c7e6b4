"""The SPARQL 1.1 Protocol on answers, on a socket: their formats, what each says of itself, and how a failure is told.

The numbers are those of the clauses of the W3C Recommendation of 21 March 2013; test_protocol.py has the others.
"""

from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from tests.api.asking import DIRECT, FORM, GRAPHS, JSON, QUERIES, READERS, TABLES, TEXTS

# 2.1.5 Accepted response formats.


def in_three_ways(ask, query, name, media_type):
    """Ask for a format by Accept, by its short name and by its media type; the bodies, all of that format."""
    replies = [ask(query, media_type), ask(query, "image/png", format=name), ask(query, "image/png", format=media_type)]
    assert [(200, media_type)] * 3 == [(reply.status, reply.media_type) for reply in replies]
    return [reply.body for reply in replies]


@pytest.mark.parametrize("name", TABLES)
def test_rows_come_in_each_format(ask, name):
    assert [["both", "one", "two"]] * 3 == [*map(READERS[name], in_three_ways(ask, TEXTS, name, TABLES[name]))]


@pytest.mark.parametrize("form", ["CONSTRUCT", "DESCRIBE"])
@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_comes_in_each_format(ask, form, name):
    media_type, syntax = GRAPHS[name]
    bodies = in_three_ways(ask, QUERIES[form], name, media_type)
    texts = ["құқық 🕊"] if form == "CONSTRUCT" else ["both", "one", "two"]
    assert [texts] * 3 == [sorted(quad.object.value for quad in ox.parse(body, syntax)) for body in bodies]


@pytest.mark.parametrize(
    ("form", "accept", "override"),
    [
        ("SELECT", "image/png", None),
        ("SELECT", "text/turtle", None),
        ("SELECT", "*/*;q=0", None),
        ("SELECT", "text/turtle", "ttl"),
        ("SELECT", "image/png", "docx"),
        ("ASK", "text/turtle", None),
        ("ASK", "text/turtle", "turtle"),
        ("CONSTRUCT", "text/csv", None),
        ("CONSTRUCT", "text/csv", "csv"),
        ("DESCRIBE", JSON, None),
    ],
)
def test_what_cannot_be_made_is_406_with_what_can(ask, form, accept, override):
    reply = ask(QUERIES[form], accept, **({"format": override} if override else {}))
    offered = (
        [media_type for media_type, _ in GRAPHS.values()] if form in ("CONSTRUCT", "DESCRIBE") else TABLES.values()
    )
    assert (406, sorted(offered)) == (reply.status, sorted(reply.json["offered"]))
    assert "Accept" in reply.headers["Vary"]


@pytest.mark.parametrize(
    ("form", "accept", "names", "expected"),
    [
        # Without a name the one that the client likes best.
        ("SELECT", None, {}, JSON),
        ("ASK", "text/csv, application/sparql-results+xml;q=0.1", {}, "text/csv"),
        ("CONSTRUCT", "application/sparql-results+json, application/rdf+xml;q=0.5", {}, "application/rdf+xml"),
        ("DESCRIBE", "*/*;q=0.1, application/ld+json;q=0.2", {}, "application/ld+json"),
        # What is known and can hold the answer beats Accept, by its short name, another name or a media type.
        ("SELECT", "image/png", {"format": "srx"}, TABLES["xml"]),
        ("SELECT", "text/csv", {"output": "json"}, JSON),
        ("SELECT", "text/csv", {"results": "application/sparql-results+xml"}, TABLES["xml"]),
        ("SELECT", "text/csv", {"format": "text/tab-separated-values; charset=utf-8"}, TABLES["tsv"]),
        ("ASK", "text/csv", {"output": "xml"}, TABLES["xml"]),
        ("CONSTRUCT", "text/csv", {"format": "turtle"}, "text/turtle"),
        ("CONSTRUCT", "text/csv", {"format": "n3"}, "text/turtle"),
        ("CONSTRUCT", "text/csv", {"format": "xml"}, "application/rdf+xml"),
        ("CONSTRUCT", "text/csv", {"format": "rdf+xml"}, "application/rdf+xml"),
        ("CONSTRUCT", "text/csv", {"format": "rdf xml"}, "application/rdf+xml"),  # the plus was not encoded
        ("DESCRIBE", "text/csv", {"format": "json"}, "application/ld+json"),
        ("DESCRIBE", "text/csv", {"format": "ntriples"}, "application/n-triples"),
        # What is unknown or cannot hold the answer is as if it were not there.
        ("SELECT", "text/csv", {"format": "docx"}, "text/csv"),
        ("SELECT", "text/csv", {"format": "turtle"}, "text/csv"),
        ("SELECT", "text/csv", {"format": ""}, "text/csv"),
        ("SELECT", "text/csv", {"format": "x" * 5000}, "text/csv"),
        ("CONSTRUCT", "text/turtle", {"format": "csv"}, "text/turtle"),
        ("SELECT", "text/csv", {"format": ["docx", "xml"]}, TABLES["xml"]),
        # Names that agree are one; names that differ leave it to Accept.
        ("SELECT", "text/csv", {"format": ["json", "json"], "output": "json", "results": JSON}, JSON),
        (
            "CONSTRUCT",
            "*/*",
            {"format": ["json-ld", "application/ld+json,application/x-json+ld"]},
            "application/ld+json",
        ),
        ("SELECT", "text/csv", {"format": ["json", "xml"]}, "text/csv"),
        ("SELECT", "text/csv", {"format": "json", "output": "xml"}, "text/csv"),
    ],
)
def test_names_of_formats_are_taken_as_clients_send_them(ask, form, accept, names, expected):
    reply = ask(QUERIES[form], accept, **names)
    assert (200, expected) == (reply.status, reply.media_type)


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_a_truth_has_no_header_line(ask, format):
    assert (b"true", b"false") == (ask("ASK {}", format=format).body, ask("ASK { <x:x> ?p ?o }", format=format).body)


# 2.1.6 Success responses.


@pytest.mark.parametrize("text", [QUERIES["SELECT"], "SELECT (RAND() AS ?o) {}"])
def test_whoever_wants_no_answer_if_there_is_one_gets_none(send, text):
    target = "/sparql?" + urlencode({"query": text})
    for method in ("GET", "HEAD"):
        reply = send(method, target, If_None_Match="*")
        assert (304, b"") == (reply.status, reply.body)
    assert 200 == send("POST", "/sparql", urlencode({"query": text}), Content_Type=FORM, If_None_Match="*").status


def test_where_there_is_no_answer_the_error_is_told_whatever_the_client_has(send, ask):
    for query, status in (("SELECT {", 400), ("CLEAR ALL", 400), ("", 400)):
        assert status == send("GET", "/sparql?" + urlencode({"query": query}), If_None_Match="*").status
    assert 304 == send("GET", "/sparql", If_None_Match="*").status  # the description of the service


@pytest.mark.parametrize(("form", "rows"), [("SELECT", "3"), ("ASK", None), ("CONSTRUCT", "1"), ("DESCRIBE", "3")])
def test_an_answer_names_its_release_says_that_it_is_whole_and_counts_its_rows(ask, send, form, rows):
    reply = ask(QUERIES[form])
    assert (200, "no", rows) == (reply.status, reply.headers["X-Truncated"], reply.headers["X-Rows"])
    assert send("GET", "/health").json["release"] == reply.headers["X-Release"]


@pytest.mark.parametrize("name", GRAPHS)
def test_an_empty_graph_is_an_answer_in_every_format(ask, name):
    reply = ask("CONSTRUCT WHERE { ?s <http://example.org/none> ?o }", format=name)
    assert (200, "0") == (reply.status, reply.headers["X-Rows"])
    assert [] == list(ox.parse(reply.body, GRAPHS[name][1]))


def test_a_trailing_slash_is_answered_and_not_redirected(send):
    query = urlencode({"query": TEXTS})
    assert send("GET", "/sparql?" + query).body == send("GET", "/sparql/?" + query).body
    assert 200 == send("POST", "/sparql/", TEXTS, Content_Type=DIRECT).status
    release = send("GET", "/health").json["release"]
    assert 200 == send("GET", f"/release/{release}/sparql/?" + query).status


def test_what_the_client_has_is_not_sent_again(send):
    target = "/sparql?" + urlencode({"query": TEXTS})
    first = send("GET", target, Accept="text/csv")
    tag = first.headers["ETag"]
    for asked in (tag, f'"x", {tag}', tag.removeprefix("W/")):
        again = send("GET", target, Accept="text/csv", If_None_Match=asked)
        assert (304, b"", tag) == (again.status, again.body, again.headers["ETag"])
        assert {"Accept", "Accept-Encoding"} <= {name.strip() for name in again.headers["Vary"].split(",")}
    assert 200 == send("GET", target, Accept="text/csv", If_None_Match='W/"other"').status
    assert tag != send("GET", target, Accept=JSON).headers["ETag"]
    assert "no-cache" in first.headers["Cache-Control"]


# 2.1.7 Failure responses.


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [("SELECT *\nWHERE { ?s ?p }", 2, 15), ("SELECT * { ?s ?p ?o", 1, 10), ("қ", 1, 1), ("ASK {}\n\nx:y", 3, 1)],
)
def test_a_query_that_does_not_parse_is_400_with_its_line_and_column(ask, send, query, line, column):
    posted = send("POST", "/sparql", query.encode(), Content_Type=DIRECT)
    for reply in (ask(query), posted, ask(query, format="xml")):
        assert (400, "application/problem+json") == (reply.status, reply.media_type)
        assert (line, column) == (reply.json["line"], reply.json["column"])
        assert reply.json["type"].endswith("/problem/query-syntax")


def test_an_error_names_its_release_and_is_not_said_to_be_whole(ask):
    reply = ask("SELECT {")
    assert reply.headers["X-Release"] and "X-Truncated" not in reply.headers
    assert "ETag" not in reply.headers


@pytest.mark.parametrize("format", [*TABLES, "ttl"])
def test_a_text_is_utf_8_and_names_its_charset_once_and_an_application_does_not(ask, format):
    media_type = TABLES.get(format, "text/turtle")
    reply = ask(QUERIES["CONSTRUCT"] if format == "ttl" else "SELECT ('құқық 🕊' AS ?o) {}", format=format)
    assert media_type + "; charset=utf-8" * media_type.startswith("text/") == reply.headers["Content-Type"]
    assert format == "ttl" or ["құқық 🕊"] == READERS[format](reply.body)

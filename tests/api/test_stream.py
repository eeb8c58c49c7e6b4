"""Long answers: they come while they are made, and one that is cut never looks whole."""

import http.client
import json
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pyoxigraph as ox
import pytest

QUERY = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 8000"  # some two megabytes
ENDLESS = "SELECT ?a ?b ?c ?x ?y ?z { ?a ?b ?c . ?x ?y ?z }"

# Eight million rows, of which one in 256 is written, with five thousand bytes: more than there is time for.
SOME = "{ SELECT DISTINCT ?%s { ?%s ?p ?o } LIMIT 200 }"
LATE = f"""SELECT (CONCAT(STR(?a), '{"x" * 5_000}') AS ?wide) {{ {" ".join(SOME % (one, one) for one in "abc")}
FILTER STRSTARTS(SHA512(CONCAT(STR(?a), STR(?b), STR(?c))), '00') }}"""


def ask(address, query, version="HTTP/1.1", accept="application/sparql-results+json"):
    """Ask on a connection of its own; the response, its headers read and its body not."""
    connection = http.client.HTTPConnection(*address[:2], timeout=30)
    connection._http_vsn_str = version
    connection.request("GET", "/sparql?query=" + quote(query), headers={"Accept": accept})
    return connection.getresponse()


def test_a_long_answer_comes_whole_and_says_that_its_end_shows_it(address, release):
    answer = ask(address, QUERY)
    assert ("chunked", "at-end") == (answer.headers["Transfer-Encoding"], answer.headers["X-Truncated"])
    assert release.id == answer.headers["X-Release"]
    assert 8000 == len(json.loads(answer.read())["results"]["bindings"])


@pytest.fixture(scope="module")
def narrow(serving, release):
    """Serve with room for two megabytes an answer; the address and the application."""
    with serving(out=release.path.parent, max_bytes=2 << 20) as served:
        yield served


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_an_answer_that_is_cut_ends_in_the_reason_and_without_the_end_of_its_chunks(narrow, name, coding):
    (address, app), got = narrow, []
    cut = app.state.metrics.cut._value.get()
    with (
        httpx.Client(base_url="http://{}:{}".format(*address[:2]), timeout=30) as client,
        client.stream(
            "GET", "/sparql", params={"query": ENDLESS, "format": name}, headers={"Accept-Encoding": coding}
        ) as answer,
    ):
        assert (coding if coding != "identity" else None) == answer.headers.get("content-encoding")
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked"):
            got.extend(answer.iter_bytes())
    begun, _, line = b"".join(got).rpartition(b"\n!!! answer cut: ")
    problem = json.loads(line)
    assert len(begun) > 1 << 20 and line.endswith(b"}\n")
    assert problem["type"].endswith("/problem/answer-too-large") and 422 == problem["status"]
    assert ("/sparql", True) == (problem["instance"], "LIMIT" in problem["hint"])
    assert "2,097,152 bytes" in problem["detail"]
    assert cut + 1 == app.state.metrics.cut._value.get()


def test_an_answer_that_runs_out_of_time_after_it_began_breaks_off_too(serving, release):
    with serving(out=release.path.parent, deadline=4.0, max_bytes=1 << 30) as (address, _):
        answer = ask(address, LATE, accept="text/csv")
        assert (200, "at-end", None) == (answer.status, answer.headers["X-Truncated"], answer.headers["ETag"])
        with pytest.raises(http.client.IncompleteRead) as caught:
            answer.read()
        assert b"/problem/query-timeout" in caught.value.partial
        assert 200 == ask(address, "ASK {}").status


def test_who_knows_no_chunks_and_could_not_see_the_cut_gets_an_error(narrow):
    assert 422 == ask(narrow[0], ENDLESS, "HTTP/1.0").status


@pytest.mark.parametrize(
    ("media_type", "read"),
    [
        ("application/sparql-results+json", json.loads),
        ("application/sparql-results+xml", ElementTree.fromstring),
        ("text/tab-separated-values", lambda body: [*ox.parse_query_results(body, ox.QueryResultsFormat.TSV)]),
    ],
)
def test_a_cut_answer_is_none_in_its_format(narrow, media_type, read):
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(narrow[0], ENDLESS, accept=media_type).read()
    with pytest.raises((SyntaxError, ValueError)):
        read(caught.value.partial)

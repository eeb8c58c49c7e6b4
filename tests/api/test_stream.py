"""Long answers: they come while they are made, and one that is cut never looks whole."""

import http.client
import json
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest

QUERY = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 8000"  # some two megabytes
ENDLESS = "SELECT ?a ?b ?c ?x ?y ?z { ?a ?b ?c . ?x ?y ?z }"


def ask(address, query, version="HTTP/1.1", accept="application/sparql-results+json"):
    """Ask on a connection of its own; the response, its headers read and its body not."""
    connection = http.client.HTTPConnection(*address[:2], timeout=30)
    connection._http_vsn_str = version
    connection.request("GET", "/sparql?query=" + quote(query), headers={"Accept": accept})
    return connection.getresponse()


def test_a_long_answer_comes_whole_and_says_that_its_end_shows_it(serving, release):
    with serving(out=release.path.parent) as (address, _):
        answer = ask(address, QUERY)
        assert ("chunked", "at-end") == (answer.headers["Transfer-Encoding"], answer.headers["X-Truncated"])
        assert release.id == answer.headers["X-Release"]
        assert 8000 == len(json.loads(answer.read())["results"]["bindings"])


def test_a_long_answer_that_is_cut_breaks_off_the_connection(serving, release):
    with serving(out=release.path.parent, max_bytes=2 << 20) as (address, app):
        answer = ask(address, ENDLESS)
        assert (200, "at-end") == (answer.status, answer.headers["X-Truncated"])
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        assert 1 == app.state.releases.current.queries.counters()["outcomes"]["answer-too-large"]
        assert 200 == ask(address, "ASK {}").status


@pytest.fixture(scope="module")
def narrow(serving, release):
    """Serve with room for two megabytes an answer; the address."""
    with serving(out=release.path.parent, max_bytes=2 << 20) as (address, _):
        yield address


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_an_answer_that_is_cut_ends_in_the_reason_and_without_the_end_of_its_chunks(narrow, name, coding):
    got = []
    with (
        httpx.Client(base_url="http://{}:{}".format(*narrow[:2]), timeout=30) as client,
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
    assert "2097152 bytes" in problem["detail"]


def test_a_cut_answer_is_none_in_its_format(narrow):
    for name, format in (
        ("json", ox.QueryResultsFormat.JSON),
        ("xml", ox.QueryResultsFormat.XML),
        ("tab-separated-values", ox.QueryResultsFormat.TSV),
    ):
        accept = f"text/{name}" if "-" in name else f"application/sparql-results+{name}"
        answer = ask(narrow, ENDLESS, accept=accept)
        with pytest.raises(http.client.IncompleteRead) as caught:
            answer.read()
        with pytest.raises((SyntaxError, ValueError)):
            list(ox.parse_query_results(caught.value.partial, format))


def test_who_could_not_see_the_cut_gets_a_whole_answer_or_an_error(serving, release):
    with serving(out=release.path.parent, max_bytes=2 << 20) as (address, _):
        assert 422 == ask(address, ENDLESS, "HTTP/1.0").status


def test_a_short_answer_says_that_it_is_not_truncated_and_how_many_rows_it_has(client):
    answer = client.get("/sparql", params={"query": "SELECT * { VALUES ?x { 1 2 3 } }"})
    assert ("no", "3") == (answer.headers["x-truncated"], answer.headers["x-rows"])

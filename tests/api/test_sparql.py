"""The endpoint beyond its protocol: the form for people, the limits, and one whole question; see also test_protocol.py."""

import csv
import io
import time
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.http.addresses import read_parameters
from kg.config import Settings
from kg.errors import BadParameter

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
ANS = "PREFIX ans: <https://w3id.org/answerable/ontology#> "
KILLER = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_csv_is_as_the_standard_wants_it(client):
    query = 'SELECT ?a ?b WHERE { VALUES (?a ?b) { ("x, \\"y\\"" 0) } }'
    answer = client.get("/sparql", params={"query": query, "format": "csv"})
    assert [["a", "b"], ['x, "y"', "0"]] == list(csv.reader(io.StringIO(answer.text)))


def test_a_person_gets_a_form_with_an_example_that_can_be_asked(client):
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    assert "<textarea" in page
    from html import unescape

    example = unescape(page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])
    assert "duty" in client.get("/sparql", params={"query": example}).json()["head"]["vars"]


def test_a_query_that_does_not_parse_stays_in_the_form(client):
    answer = client.get("/sparql", params={"query": "SELECT <b>"}, headers={"Accept": "text/html"})
    assert 400 == answer.status_code
    assert "SELECT &lt;b&gt;</textarea>" in answer.text


def test_hostile_text_of_a_query_is_shown_as_text(client):
    query = 'SELECT ("</textarea><script>alert(1)</script>" AS ?n) WHERE {}'
    page = client.get("/sparql", params={"query": query}, headers={"Accept": "text/html"})
    assert 200 == page.status_code
    assert "<script>" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_an_iri_that_is_no_address_is_not_linked(client):
    query = "SELECT (IRI('javascript:alert(1)') AS ?n) WHERE {}"
    page = client.get("/sparql", params={"query": query}, headers={"Accept": "text/html"})
    assert 'href="javascript' not in page.text


def test_a_text_that_is_too_long_is_413_and_too_deep_400(client):
    long = "SELECT * { ?s ?p ?o } #" + "x" * (1 << 20)
    assert 413 == client.post("/sparql", data={"query": long}).status_code
    huge = client.post("/sparql", content=b"x" * 4_000_000, headers={"Content-Type": "application/sparql-query"})
    assert 413 == huge.status_code
    assert 400 == client.get("/sparql", params={"query": "SELECT * " + "{" * 2215 + "}" * 2215}).status_code


def test_an_answer_that_is_too_large_is_422_and_not_a_part(release):
    # A cap that is reached at once: with the default one, a busy machine can come to the deadline first.
    settings = Settings.load(env={}, out=release.path.parent, max_rows=100, workers=1, page_workers=1)
    query = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.get("/sparql", params={"query": query})
    assert 422 == answer.status_code
    assert "application/problem+json" == answer.headers["content-type"]


def test_a_query_without_end_is_ended_and_pages_go_on(client):
    began = time.monotonic()
    answer = client.get("/sparql", params={"query": KILLER})
    assert (503, True) == (answer.status_code, time.monotonic() - began < 3.5)
    assert answer.json()["type"].endswith("/problem/query-timeout")
    assert 200 == client.get("/doc/state/xar").status_code


def test_what_answers_anew_each_time_is_not_kept(client):
    answer = client.get("/sparql", params={"query": "SELECT (RAND() AS ?n) WHERE {}"})
    assert ("no-store", None) == (answer.headers["cache-control"], answer.headers.get("etag"))
    assert "etag" in client.get("/sparql", params={"query": COUNT}).headers


MISSPELT = ANS + "SELECT ?x WHERE { ?x ans:perpetrator ?y }"
HINT = "ans:perpetrator does not exist: the ontology has no such term. Did you mean ans:hasPerpetrator?"


def test_a_term_of_ours_that_does_not_exist_earns_a_hint_and_the_answer_sparql_gives(client):
    answers = [client.get("/sparql", params={"query": MISSPELT}) for _ in range(2)]  # made, then from the cache
    assert [(200, [], HINT)] * 2 == [
        (answer.status_code, answer.json()["results"]["bindings"], answer.headers["x-hint"]) for answer in answers
    ]
    right = client.get("/sparql", params={"query": MISSPELT.replace("perpetrator", "hasPerpetrator")})
    assert right.json()["results"]["bindings"] and "x-hint" not in right.headers


def test_a_hint_stays_one_printable_line_whatever_the_query_holds(client):
    name = "нет" + "x" * 3000
    answer = client.get("/sparql", params={"query": f"ASK {{ ?x <{ANS[13:-2]}{name}> ?y }}"})
    hint = answer.headers["x-hint"]
    assert hint.isascii() and hint.isprintable() and len(hint) <= 1000
    assert "%D0%BD%D0%B5%D1%82xx" in hint


def test_the_form_shows_the_hint_above_the_answer(client):
    page = client.get("/sparql", params={"query": MISSPELT}, headers={"Accept": "text/html"}).text
    assert HINT in page.partition("No row")[0]


def test_the_obligations_a_forced_return_engaged_and_the_findings_in_one_query(client):
    query = (
        ANS
        + """SELECT DISTINCT ?name ?body WHERE {
      ?act a ans:Removal ; ans:isPartOf <https://w3id.org/answerable/id/event/2011-06-handover> ; ans:engages ?duty .
      ?duty ans:arisesFrom ?provision ; ans:binds <https://w3id.org/answerable/id/state/xar> .
      ?provision ans:shortName ?name .
      OPTIONAL { ?finding a ans:Finding ; ans:characterises ?act ; ans:invokes ?provision ; ans:hasSpeaker ?body }
    }"""
    )
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert {"CC 3", "LC 7", "RC 33"} <= {row["name"]["value"] for row in rows}
    assert {"CC 3"} == {row["name"]["value"] for row in rows if "body" in row}


@given(
    st.lists(
        st.sampled_from(
            ["a", "=", "&", "+", "%", "%2", "%20", "%C3%A4", "%c3", "%5C", "\\", "\\x41", "%u0041", "\n", ";", "ä"]
        )
    )
)
def test_parameters_are_read_as_the_library_reads_them(pieces):
    text = "".join(pieces)
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict") if text.isascii() else None
    except UnicodeDecodeError:
        expected = None
    if expected is None:
        with pytest.raises(BadParameter):
            read_parameters(text.encode(), "the address")
    else:
        assert expected == read_parameters(text.encode(), "the address")


def test_two_hundred_parameters_are_read_and_one_more_is_not():
    assert [("a", "1")] * 200 == read_parameters(b"&".join([b"a=1"] * 200), "the form")
    with pytest.raises(BadParameter, match="the form"):
        read_parameters(b"&".join([b"a=1"] * 201), "the form")

"""The endpoint beyond its protocol: the form for people, the limits, and one whole question; see also test_protocol.py."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.addresses import read_parameters
from kg import terms
from kg.errors import BadParameter
from tests.api.client import start

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
ANS = "PREFIX ans: <https://w3id.org/answerable/ontology#> "


def test_a_person_gets_a_form_with_an_example_that_can_be_asked(client):
    page = client.page("/sparql")
    assert "<textarea" in page
    example = unescape(page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])
    assert "duty" in client.get("/sparql", params={"query": example}).json()["head"]["vars"]


def test_a_text_that_is_too_long_is_413_and_too_deep_400(client):
    long = "SELECT * { ?s ?p ?o } #" + "x" * (1 << 20)
    assert 413 == client.post("/sparql", data={"query": long}).status_code
    huge = client.post("/sparql", content=b"x" * 4_000_000, headers={"Content-Type": "application/sparql-query"})
    assert 413 == huge.status_code
    assert 400 == client.get("/sparql", params={"query": "SELECT * " + "{" * 2215 + "}" * 2215}).status_code


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
    assert HINT in client.page("/sparql", params={"query": MISSPELT}).partition("No row")[0]
    right = client.get("/sparql", params={"query": MISSPELT.replace("perpetrator", "hasPerpetrator")})
    assert right.json()["results"]["bindings"] and "x-hint" not in right.headers


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ('?x ans:isoCode "xar"', 'ans:isoCode has the value "XAR" here, and not "xar".'),
        ("?x ?y <id/state/XAR>", "id/state/XAR is not in this release. Did you mean id/state/xar?"),
        ("<id/state/arland> ?x ?y", "id/state/arland is not in this release. Did you mean id/state/xar?"),
        ('?x a ans:State ; skos:prefLabel "Arland"', 'skos:prefLabel has the value "Arland"@en here, and not "Arland".'),
        ("GRAPH <graph/data/states/xaa> { ?x ?y ?z }", "graph/data/states/xaa is not in this release."),
    ],
)  # fmt: skip
def test_an_answer_of_nothing_earns_a_hint_beside_it_and_on_the_page(client, pattern, hint):
    for form in ("SELECT *", "SELECT (COUNT(*) AS ?n)", "ASK"):
        query = f"{ANS} PREFIX skos: <{terms.PREFIXES['skos']}> {form} {{ {pattern} }}"
        for accept in ("text/csv", "application/sparql-results+json", "application/sparql-results+xml"):
            if form != "ASK" or accept != "text/csv":
                answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
                assert (200, hint) == (answer.status_code, answer.headers.get("x-hint"))
        shown = re.search(r'<p class="warn" id="plain-hint">(.*)</p>', client.page("/sparql", params={"query": query}))
        assert shown and hint == unescape(shown[1])
    assert "x-hint" not in client.get("/sparql", params={"query": 'ASK { ?x ?y "XAR" }'}).headers


def test_a_prefix_of_ours_that_is_not_declared_is_given_in_the_problem(client):
    problem = client.get("/sparql", params={"query": "ASK { ?x a ans:Act }"})
    assert (400, f"Add PREFIX ans: <{terms.VOCABULARY}> at the top") == (problem.status_code, problem.json()["hint"])


def test_a_hint_stays_one_printable_line_whatever_the_query_holds(client):
    name = "нет" + "x" * 3000
    answer = client.get("/sparql", params={"query": f"ASK {{ ?x <{ANS[13:-2]}{name}> ?y }}"})
    hint = answer.headers["x-hint"]
    assert hint.isascii() and hint.isprintable() and len(hint) <= 1000
    assert "%D0%BD%D0%B5%D1%82xx" in hint


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


def test_what_is_too_large_for_one_answer_is_422_and_offered_otherwise_and_a_list_is_whole_all_the_same(release):
    with start(release, max_rows=3) as narrow:
        answer = narrow.get("/sparql", params={"query": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"})
        assert (422, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
        page = narrow.page("/graph/inferred")
        for address in ("/dumps/answerable.nq.gz", "/sparql?query=CONSTRUCT"):
            assert f'href="{address}' in page
        data = narrow.get("/graph/inferred.ttl")
        assert 422 == data.status_code and "/dumps" in data.json()["hint"]
        assert len(narrow.get("/events.csv").text.splitlines()) > 4  # a head, and more rows than an answer may have

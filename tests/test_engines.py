"""The frozen graph published to an Oxigraph server: the named questions answer from there as pinned."""

import asyncio

import pytest

from kg import terms
from kg.errors import BadParameter
from kg.remote.server import Server
from kg.remote.upload import upload
from kg.store import Query, Store
from kg.terms import Iri
from tests import engines, frozen
from tests.comparing import QUESTIONS, ask, cases, compare, differ, table

CASES = cases(frozen.ANSWERS)
HANDOVER = {"event": "id/event/2011-06-handover"}
QUERIES = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "SELECT (COUNT(*) AS ?n) { GRAPH <graph/links> { ?s ?p ?o } }",
    "PREFIX g: <graph/> SELECT (COUNT(*) AS ?n) { GRAPH g:links { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) { GRAPH <graph/no-such> { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/links> { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/links> FROM NAMED <graph/inferred> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) FROM <graph/links> { GRAPH ?g { ?s ?p ?o } }",
]


@pytest.fixture(scope="module")
def oxigraph(world):
    """Publish the release to an Oxigraph server; ask that."""
    with engines.oxigraph() as url:
        asyncio.run(upload(Server(url), world))
        with engines.asked(url, world) as asked:
            yield asked


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_question_answers_as_pinned_from_an_oxigraph_server(oxigraph, name, case):
    assert "" == compare(oxigraph, name, case, known=None)


def test_an_answer_comes_with_its_citations_and_an_unknown_thing_is_refused(oxigraph, world):
    with Store.open(world.store_path) as store:
        expected = ask(store, "findings", HANDOVER)
    answered = ask(oxigraph, "findings", HANDOVER)
    assert (expected.labels, expected.citations) == (answered.labels, answered.citations)
    assert "" == differ(table(expected.rows, QUESTIONS["findings"]), table(answered.rows, QUESTIONS["findings"]))
    with pytest.raises(BadParameter, match="Try Port Ansel, 16 March 2012"):
        ask(oxigraph, "findings", {"event": "id/event/2012-03-16-port-ansell"})


@pytest.mark.parametrize("text", QUERIES)
def test_default_and_named_graphs_hold_what_they_hold_in_the_release(oxigraph, world, text):
    query = Query(f"BASE <{terms.BASE}> {text}", "csv")
    with Store.open(world.store_path) as store:
        assert store.answer(query).body == asyncio.run(oxigraph.answer(query)).body


@pytest.mark.parametrize("format", ["ttl", "nt", "rdf", "jsonld"])
def test_a_graph_comes_in_every_format_and_as_the_store_gives_it(oxigraph, world, format):
    query = Query("CONSTRUCT { ?this ?p ?o } WHERE { ?this ?p ?o }", format, {"this": Iri(terms.ID + "state/xar")})
    with Store.open(world.store_path) as store:
        expected = store.answer(query)
    assert expected.body == asyncio.run(oxigraph.answer(query)).body
    assert expected.rows > 5

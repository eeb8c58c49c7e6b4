"""SPARQLWrapper, the SPARQL client that most Python programs use, asks our endpoint as it asks any other."""

import pytest
from SPARQLWrapper import CSV, JSON, JSONLD, POST, RDFXML, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

ROWS = "SELECT ?x { VALUES ?x { 'a' 'b' } } ORDER BY ?x"
TRIPLES = "CONSTRUCT { <http://example.org/a> <http://example.org/b> 1 } WHERE {}"


@pytest.fixture
def query(protocol_address):
    """Return a function that asks with SPARQLWrapper; what it makes of the answer."""

    def ask(text, format, method="GET", by_accept=False):
        host, port = protocol_address
        client = SPARQLWrapper(f"http://{host}:{port}/sparql")
        client.setQuery(text)
        client.setReturnFormat(format)
        client.setMethod(method)
        client.setOnlyConneg(by_accept)  # else by parameters, too
        return client.query().convert()

    return ask


@pytest.mark.parametrize("method", ["GET", POST])
def test_rows_are_read(query, method):
    bindings = query(ROWS, JSON, method)["results"]["bindings"]
    assert ["a", "b"] == [row["x"]["value"] for row in bindings]


def test_rows_are_read_in_other_formats(query):
    assert b"x\r\na\r\nb\r\n" == query(ROWS, CSV)
    assert 2 == len(query(ROWS, XML).getElementsByTagName("result"))


def test_the_truth_is_read(query):
    assert query("ASK {}", JSON)["boolean"] is True


@pytest.mark.parametrize("format", [XML, RDFXML, JSONLD])
def test_triples_become_a_graph(query, format):
    assert 1 == len(query(TRIPLES, format, by_accept=True))


def test_triples_are_read_as_text(query):
    assert b"http://example.org/a" in query(TRIPLES, TURTLE, by_accept=True)


def test_a_query_that_is_none_is_told_from_a_fault(query):
    with pytest.raises(QueryBadFormed, match="line"):
        query("SELECT ?x {", JSON)

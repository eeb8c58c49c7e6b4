"""The service described (SPARQL 1.1 Service Description), held against what it does; the W3C's three tests are among these."""

import re

import pyoxigraph as ox
import pytest

from kg import terms
from tests.api.asking import GRAPHS, QUERIES, TABLES

SD = "http://www.w3.org/ns/sparql-service-description#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
VOID = "http://rdfs.org/ns/void#"
FORMATS = "http://www.w3.org/ns/formats/"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SERVICE = ox.NamedNode(terms.BASE + "sparql")
# What the vocabulary says stands at either end of its properties (SD, 3.4).
ENDS = {
    "endpoint": ("Service", None),
    "supportedLanguage": ("Service", None),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "resultFormat": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
}
# The names that the W3C has given to formats, and ours.
NAMED = {
    "SPARQL_Results_JSON": "json",
    "SPARQL_Results_XML": "xml",
    "SPARQL_Results_CSV": "csv",
    "SPARQL_Results_TSV": "tsv",
    "Turtle": "ttl",
    "N-Triples": "nt",
    "N-Quads": "nq",
    "TriG": "trig",
    "RDF_XML": "rdf",
    "JSON-LD": "jsonld",
}


def read(body, syntax=ox.RdfFormat.TURTLE):
    store = ox.Store()
    store.load(body, syntax)
    return store


def objects(store, subject, name, vocabulary=SD):
    """List what a subject has for a property."""
    return [quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(vocabulary + name), None)]


@pytest.fixture(scope="module")
def described(client):
    """The description of the service of the shipped release."""
    return read(client.get("/sparql", headers={"Accept": "text/turtle"}).content)


@pytest.fixture(scope="module")
def small(send):
    """The description of the service of a release of small graphs."""
    return read(send("GET", "/sparql").body)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_endpoint_asked_for_nothing_gives_rdf_in_each_format(send, protocol_address, name):
    media_type, syntax = GRAPHS[name]
    for target in ("/sparql", "/sparql/"):
        reply = send("GET", target, Accept=media_type)
        assert (200, media_type) == (reply.status, reply.media_type)
        asked = "http://{}:{}".format(*protocol_address) + target
        assert [ox.NamedNode(asked)] == objects(read(reply.body, syntax), SERVICE, "endpoint")


def test_each_address_is_described_as_it_was_asked(client, release):
    def endpoint(path, host):
        answer = client.get(path, headers={"Accept": "text/turtle", "Host": host})
        (found,) = objects(read(answer.content), SERVICE, "endpoint")
        return found.value, answer.headers["etag"]

    one, other = (endpoint("/sparql", host) for host in ("localhost", "LocalHost:8443"))
    assert ("http://localhost/sparql", "http://localhost:8443/sparql") == (one[0], other[0])
    assert one[1] != other[1]
    pinned = f"/release/{release.id}/sparql"
    assert "http://localhost" + pinned == endpoint(pinned, "localhost")[0]
    for strange in ('x" . <a:a>', "a b", "-x", "[::1]x", "user@host"):  # what is no host is left out
        assert SERVICE.value == endpoint("/sparql", strange)[0]


def test_the_description_keeps_to_its_vocabulary(described, small):
    for store in (described, small):
        wrong = []
        for quad in store:
            name = quad.predicate.value.removeprefix(SD)
            if name == quad.predicate.value:
                continue
            for end, kind in zip((quad.subject, quad.object), ENDS[name], strict=True):
                if kind and ox.Quad(end, RDF_TYPE, ox.NamedNode(SD + kind)) not in store:
                    wrong.append((end, kind))
        assert [] == wrong


def test_the_formats_described_are_those_there_are(ask, small):
    described = {node.value.removeprefix(FORMATS) for node in objects(small, SERVICE, "resultFormat")}
    assert set(NAMED) == described
    assert {*TABLES, *GRAPHS} == set(NAMED.values())
    for name in described:
        form = "SELECT" if NAMED[name] in TABLES else "CONSTRUCT"
        assert 200 == ask(QUERIES[form], format=NAMED[name]).status


def test_the_features_described_are_those_there_are(ask, small):
    assert [ox.NamedNode(SD + "SPARQL11Query")] == objects(small, SERVICE, "supportedLanguage")
    assert [ox.NamedNode(SD + "UnionDefaultGraph")] == objects(small, SERVICE, "feature")
    assert [] == ask("SELECT ?s { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }").column  # a union it is
    assert ["http://www.w3.org/ns/entailment/Simple"] == [
        node.value for node in objects(small, SERVICE, "defaultEntailmentRegime")
    ]


def test_the_graphs_are_listed_with_their_size_where_the_description_says(client, release):
    def ask(text):
        return set(client.get("/sparql", params={"query": text, "format": "csv"}).text.splitlines()[1:])

    counted = ask("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert len(counted) > 50
    for root in ("", f"/release/{release.id}"):
        described = client.get(f"{root}/sparql", headers={"Accept": "text/turtle"}).content
        store = read(described)
        (data,) = objects(store, SERVICE, "defaultDataset")
        assert [data] == objects(store, SERVICE, "availableGraphs")
        (listed,), (comment,) = objects(store, data, "seeAlso", RDFS), objects(store, data, "comment", RDFS)
        assert f"http://testserver{root}/graph" == listed.value
        graphs = read(client.get(listed.value, headers={"Accept": "text/turtle"}).content)
        sizes = graphs.quads_for_pattern(None, ox.NamedNode(VOID + "triples"), None)
        assert counted == {f"{quad.subject.value},{quad.object.value}" for quad in sizes}
        (names,) = re.findall(r"SELECT .*}", comment.value)
        assert {row.partition(",")[0] for row in counted} == ask(names)
        assert len(described) < 4_000  # however many graphs there are


FIGURES = {
    "triples": "(COUNT(*) AS ?n) { ?s ?p ?o }",
    "entities": "(COUNT(DISTINCT ?s) AS ?n) { ?s a ?c }",
    "classes": "(COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
    "properties": "(COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "(COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "distinctObjects": "(COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
}


@pytest.mark.parametrize("figure", FIGURES)
def test_the_figures_described_are_those_of_the_default_graph(client, ask, described, small, figure):
    query = "SELECT " + FIGURES[figure]
    whole = client.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1]
    for store, count in ((small, ask(query).column[0]), (described, whole)):
        (merged,) = objects(store, objects(store, SERVICE, "defaultDataset")[0], "defaultGraph")
        assert [count] == [node.value for node in objects(store, merged, figure, VOID)]

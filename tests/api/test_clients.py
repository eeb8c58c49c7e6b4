"""Clients that people use, with their own libraries, against a real `kg serve`: each call is right in what it reads.

What cannot be installed here (Jena, RDF4J, sparql-http-client, R) is held to by the headers that it sends.
"""

import json
import shutil
import subprocess
import threading
import urllib.request
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pandas
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDF,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from api.render import assets
from tests.api import asking
from tests.api.asking import QUERIES, TWO, E
from tests.api.serving import serve
from tests.browser import driving
from tests.engines import oxigraph

COMUNICA = Path(__file__).resolve().parents[1] / "comunica"
# What each form of query in asking.QUERIES has for an answer, read from DATA there.
TRIPLE = (E + "құқық", E + "p", "құқық 🕊")
RIGHT = {
    "SELECT": ["both", "one", "two"],
    "ASK": True,
    "CONSTRUCT": {TRIPLE},
    "DESCRIBE": {(E + "a", E + "p", text) for text in ("one", "two", "both")},
}
FORMS = tuple(RIGHT)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve the small graphs of asking.py with `kg serve`."""
    with serve(asking.build(tmp_path_factory.mktemp("clients"))) as server:
        yield server


@pytest.fixture(scope="module")
def endpoint(server):
    return server.url + "/sparql"


def read(body, media_type):
    """Read an answer of any form and format; the values of ?o in order, a truth, or a set of triples."""
    media_type = media_type.partition(";")[0]
    names = {kind: name for name, kind in asking.TABLES.items()}
    if media_type not in names:
        (syntax,) = [syntax for kind, syntax in asking.GRAPHS.values() if kind == media_type]
        return {(q.subject.value, q.predicate.value, q.object.value) for q in ox.parse(body, syntax)}
    if body.strip() in (b"true", b"false"):
        return body.strip() == b"true"
    if media_type == asking.JSON and "boolean" in json.loads(body):
        return json.loads(body)["boolean"]
    if b"<boolean>" in body:
        return b"<boolean>true</boolean>" in body
    return asking.READERS[names[media_type]](body)


def read_graph(graph):
    """Read what rdflib holds."""
    return {(str(s), str(p), str(o)) for s, p, o in graph.triples((None, None, None))}


# SPARQLWrapper: the format as `format`, `output` and `results` at once, some of them twice, and an Accept header.

ALL = (JSON, XML, TURTLE, N3, RDF, RDFXML, CSV, TSV, JSONLD)


def wrapped(endpoint, form, format=None, method=GET, way=URLENCODED):
    """Make the client, with a query of this form."""
    client = SPARQLWrapper(endpoint)
    client.setQuery(QUERIES[form])
    client.setMethod(method)
    client.setRequestMethod(way)
    if format is not None:
        client.setReturnFormat(format)
    return client


def convert(result):
    """Let SPARQLWrapper convert an answer to what it makes of its media type, and read that."""
    media_type = result.info()["content-type"]
    made = result.convert()
    if isinstance(made, dict):
        made = json.dumps(made).encode()
    if hasattr(made, "toxml"):
        made = made.toxml().encode()
    return read_graph(made) if isinstance(made, rdflib.Graph) else read(made, media_type)


@pytest.mark.filterwarnings("ignore::RuntimeWarning:SPARQLWrapper")  # a format that does not suit the form of the query
@pytest.mark.parametrize("method", [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)], ids="-".join)
@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("form", FORMS)
def test_sparqlwrapper(endpoint, form, format, method):
    result = wrapped(endpoint, form, format, *method).query()
    assert RIGHT[form] == convert(result)


@pytest.mark.parametrize("form", FORMS)
def test_sparqlwrapper_by_default_and_by_accept_alone(endpoint, form):
    assert RIGHT[form] == convert(wrapped(endpoint, form).query())
    for format in (XML, *((JSON, CSV, TSV) if form in ("SELECT", "ASK") else (JSONLD, TURTLE, N3, RDFXML))):
        client = wrapped(endpoint, form, format)
        client.setOnlyConneg(True)
        assert RIGHT[form] == convert(client.query())


def test_sparqlwrapper_names_graphs_and_sends_a_long_query(endpoint):
    client = wrapped(endpoint, "SELECT", JSON)
    client.addDefaultGraph(TWO)
    assert ["both", "two"] == convert(client.query())
    iris = [f"{E}a/thing/that/is/looked/for/among/the/things/that/are/here/number/{n}" for n in range(5000)]
    listed = " ".join(f"<{iri}>" for iri in (*iris, E + "a"))
    client = wrapped(endpoint, "SELECT", JSON, POST)
    client.setQuery(f"SELECT ?o {{ VALUES ?s {{ {listed} }} ?s ?p ?o }} ORDER BY ?o")
    assert len(client.queryString) > 370_000
    assert RIGHT["SELECT"] == convert(client.query())


@pytest.mark.parametrize("query", ["SELECT ?x {", "SELECT (<http://example.org/f>(1) AS ?x) {}"])
def test_sparqlwrapper_tells_a_bad_query_from_a_fault(endpoint, query):
    client = wrapped(endpoint, "SELECT", JSON)
    client.setQuery(query)
    with pytest.raises(QueryBadFormed, match="line|<http://example.org/f>"):
        client.query()


# rdflib.


@pytest.fixture(
    params=[(way, format) for way in ("GET", "POST", "POST_FORM") for format in ("xml", "json")], ids="-".join
)
def store(request, endpoint):
    """A store of rdflib that asks the endpoint."""
    method, format = request.param
    return SPARQLStore(endpoint, method=method, returnFormat=format)


def test_rdflib_as_a_store(store):
    graph = rdflib.Graph(store)
    assert RIGHT["SELECT"] == [str(row.o) for row in graph.query(QUERIES["SELECT"])]
    assert graph.query(QUERIES["ASK"]).askAnswer is True
    found = graph.query("SELECT ?o { ?s ?p ?o }", initBindings={"s": rdflib.URIRef(E + "құқық")})
    assert ["құқық 🕊"] == [str(row.o) for row in found]
    subject = rdflib.URIRef(E + "a")
    assert RIGHT["SELECT"] == sorted(str(o) for o in graph.objects(subject, rdflib.URIRef(E + "p")))
    assert RIGHT["DESCRIBE"] == {tuple(map(str, triple)) for triple in graph.triples((subject, None, None))}
    assert (subject, rdflib.URIRef(E + "p"), rdflib.Literal("one")) in graph
    assert ["both", "two"] == sorted(map(str, rdflib.Graph(store, rdflib.URIRef(TWO)).objects(subject)))


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_as_a_store_gets_a_graph(endpoint, method):
    graph = rdflib.Graph(SPARQLStore(endpoint, method=method))
    for form in ("CONSTRUCT", "DESCRIBE"):
        assert RIGHT[form] == read_graph(graph.query(QUERIES[form]).graph)


def test_rdflib_asks_through_service(endpoint):
    graph = rdflib.Graph()
    graph.parse(data=f'<{E}a> <{E}here> "local" .')
    query = f"SELECT ?here ?o {{ ?s <{E}here> ?here SERVICE <{endpoint}> {{ ?s <{E}p> ?o }} }} ORDER BY ?o"
    assert [("local", text) for text in RIGHT["SELECT"]] == [(str(row.here), str(row.o)) for row in graph.query(query)]


def test_rdflib_reads_what_an_address_answers(endpoint):
    address = f"{endpoint}?{urlencode({'query': QUERIES['CONSTRUCT']})}"
    assert {TRIPLE} == read_graph(rdflib.Graph().parse(address))


# pandas.


def test_pandas(endpoint):
    address = f"{endpoint}?format=csv&query={quote(QUERIES['SELECT'])}"
    assert RIGHT["SELECT"] == pandas.read_csv(address)["o"].tolist()
    address = f"{endpoint}?format=tsv&query={quote('SELECT ?n ?x { VALUES (?n ?x) { (1 2.5) (-2 UNDEF) } }')}"
    table = pandas.read_csv(address, sep="\t")
    assert ([1, -2], [2.5]) == (table["?n"].tolist(), table["?x"].dropna().tolist())
    read = pandas.read_json(f"{endpoint}?format=json&query={quote(QUERIES['SELECT'])}")
    assert RIGHT["SELECT"] == [row["o"]["value"] for row in read.loc["bindings", "results"]]


# Comunica, which federates, and finds out by itself what an address is.


def comunica(queries, *sources):
    """Ask sources each of the queries with Comunica; the answers in order."""
    node = shutil.which("node")
    if node is None or not (COMUNICA / "node_modules" / "@comunica").is_dir():
        pytest.skip("there is no Comunica here: run make test where there are node and npm")
    asked = json.dumps({"queries": queries, "sources": sources})
    done = subprocess.run(
        [node, "ask.js"], check=False, input=asked, capture_output=True, text=True, cwd=COMUNICA, timeout=60
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("named", [True, False], ids=["named as a SPARQL endpoint", "found by its description"])
def test_comunica(endpoint, named):
    source = {"type": "sparql", "value": endpoint} if named else endpoint
    asked = dict(zip(FORMS, comunica([QUERIES[form] for form in FORMS], source), strict=True))
    assert RIGHT["SELECT"] == [row["o"] for row in asked["SELECT"]["rows"]]
    assert asked["ASK"]["truth"] is True
    for form in ("CONSTRUCT", "DESCRIBE"):
        assert RIGHT[form] == set(map(tuple, asked[form]["triples"]))


def test_comunica_joins_ours_with_another_endpoint(endpoint, elsewhere):
    query = f"SELECT ?here ?o {{ ?s <{E}here> ?here ; <{E}p> ?o }} ORDER BY ?o"
    (found,) = comunica([query], endpoint, {"type": "sparql", "value": elsewhere + "/query"})
    assert [("elsewhere", text) for text in RIGHT["SELECT"]] == sorted((row["here"], row["o"]) for row in found["rows"])


# Another server's SERVICE.


@pytest.fixture(scope="module")
def elsewhere():
    """Run an Oxigraph server that knows one thing of ours; its address."""
    with oxigraph() as address:
        data = f'<{E}a> <{E}here> "elsewhere" .'
        httpx.post(address + "/store?default", content=data, headers={"Content-Type": "text/turtle"}).raise_for_status()
        yield address


def test_another_server_asks_through_service(endpoint, elsewhere):
    query = f"SELECT ?o {{ ?s <{E}here> 'elsewhere' SERVICE <{endpoint}> {{ ?s <{E}p> ?o }} }} ORDER BY ?o"
    answer = httpx.post(elsewhere + "/query", data={"query": query}, headers={"Accept": asking.JSON}, timeout=30)
    assert RIGHT["SELECT"] == read(answer.content, answer.headers["content-type"])


# YASGUI: the real one, on a page of another site.

PAGE = """<!DOCTYPE html><meta charset="utf-8"><link rel="stylesheet" href="/yasgui.css"><div id="yasgui"></div><script src="/yasgui.js"></script>"""
ASK = """async ([endpoint, method, query]) => {
  window.asker ??= new Yasgui(document.getElementById("yasgui"), { requestConfig: { endpoint, method } });
  const tab = window.asker.getTab() ?? window.asker.addTab(true);
  tab.setRequestConfig({ endpoint, method });
  tab.setEndpoint(endpoint);
  tab.setQuery(query);
  const shown = tab.getYasr();
  shown.results = undefined;
  await tab.query();
  for (let turn = 0; !shown.results && turn < 500; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
  const read = shown.results;
  return { media: read.getContentType(), body: read.getOriginalResponseAsString(), error: read.getError() ?? null };
}"""


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that writes no log."""

    def log_message(self, *told):
        """Say nothing."""


@contextmanager
def pages_of(folder):
    """Serve the files of a folder, which makes another site than the endpoint's; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()


@pytest.fixture(scope="module")
def yasgui(endpoint, tmp_path_factory):
    """Return a function that asks with YASGUI on a page of another site; what it read, and the request that it sent."""
    if assets.editor() is None or driving.browser_path() is None:
        pytest.skip("the editor or a browser is not installed: run make test")
    site = tmp_path_factory.mktemp("site")
    (site / "index.html").write_text(PAGE)
    for file in ("yasgui.css", "yasgui.js"):
        shutil.copy(assets.FILES[file], site / file)
    with pages_of(site) as address, driving.browsing() as browser:
        page, sent = browser.new_page(), []
        page.on("request", lambda request: sent.append(request) if request.url.startswith(endpoint) else None)
        page.goto(address)

        def ask(query, method):
            sent.clear()
            return page.evaluate(ASK, [endpoint, method, query]), sent[-1]

        yield ask


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("form", FORMS)
def test_yasgui_on_another_site(yasgui, form, method):
    found, request = yasgui(QUERIES[form], method)
    assert (method, None) == (request.method, found["error"])
    assert RIGHT[form] == read(found["body"].encode(), found["media"])


# curl, and clients of HTTP/1.0.


def curl(*arguments):
    """Run curl; what it wrote and its exit code."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    done = subprocess.run(["curl", "-s", "--max-time", "30", *arguments], check=False, capture_output=True)
    return done.stdout, done.returncode


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "options", [["-G"], [], ["-G", "--http1.0"], ["--http1.0"], ["--compressed"], ["-G", "--compressed"]], ids=" ".join
)
def test_curl(endpoint, form, options):
    kind = "text/turtle" if form in ("CONSTRUCT", "DESCRIBE") else "text/csv"
    body, code = curl(*options, "-H", f"Accept: {kind}", "--data-urlencode", "query=" + QUERIES[form], endpoint)
    assert (0, RIGHT[form]) == (code, read(body, kind))
    body, code = curl(*options, "--data-urlencode", "query=" + QUERIES[form], endpoint)
    assert (0, RIGHT[form]) == (code, read(body, "text/turtle" if kind == "text/turtle" else asking.JSON))


# The Accept headers of clients that are not here, as their sources write them.

ROWS = {
    "Jena": "application/sparql-results+json,application/sparql-results+xml;q=0.9,text/tab-separated-values;q=0.7,"
    "text/csv;q=0.5,application/json;q=0.2,application/xml;q=0.2,*/*;q=0.1",
    "RDF4J": "application/x-binary-rdf-results-table;q=0.8, application/sparql-results+json;q=0.8, "
    "application/json;q=0.8, application/sparql-results+xml;q=0.8, application/xml;q=0.8, "
    "text/csv;q=0.8, text/tab-separated-values;q=0.8",
    "sparql-http-client": "application/sparql-results+json",
    "fetch-sparql-endpoint": "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7",
    "R": "text/xml, application/json, */*",
    "a browser": "*/*",
}
TRIPLES = {
    "Jena": "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
    "RDF4J": "text/turtle;q=0.8, application/x-turtle;q=0.8, application/rdf+xml;q=0.8, application/xml;q=0.8, "
    "application/n-triples;q=0.8, text/plain;q=0.8, application/ld+json;q=0.8, application/x-binary-rdf;q=0.9",
    "sparql-http-client": "application/n-triples",
    "fetch-sparql-endpoint": "text/turtle",
    "YASGUI before 4": "application/n-triples,*/*;q=0.9",
    "rdflib": "application/rdf+xml, application/xml",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_headers_of_other_clients(endpoint, form):
    for accept in (TRIPLES if form in ("CONSTRUCT", "DESCRIBE") else ROWS).values():
        for request in (
            urllib.request.Request(f"{endpoint}?{urlencode({'query': QUERIES[form]})}"),
            urllib.request.Request(endpoint, urlencode({"query": QUERIES[form]}).encode()),
        ):
            request.add_header("Accept", accept)
            with urllib.request.urlopen(request, timeout=30) as answer:
                assert RIGHT[form] == read(answer.read(), answer.headers["Content-Type"]), accept

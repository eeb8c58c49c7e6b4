"""What the tests of the protocol ask with: three small graphs, queries about them, the formats, and a reader of replies.

Promises data in which each graph can be told from the others and two graphs share a triple. Never asks anything itself.
"""

import asyncio
import csv
import io
import json
import xml.etree.ElementTree as xml
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from tests import loaded
from tests.suites import w3c

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
JSON = "application/sparql-results+json"
E = "http://example.org/"
ONE, TWO, THREE = (E + name for name in ("one", "two", "three?a=b&c=d"))
DATA = f"""@prefix e: <{E}> .
<{ONE}> {{ e:a e:p "one" , "both" . }}
<{TWO}> {{ e:a e:p "two" , "both" . }}
<{THREE}> {{ e:құқық e:p "құқық 🕊" . }}
"""
NUMBER = f"SELECT (COUNT(*) AS ?n) {{ <{E}a> ?p ?o }}"
TEXTS = f"SELECT ?o {{ <{E}a> ?p ?o }} ORDER BY ?o"
GRAPH_NAMES = (
    "SELECT DISTINCT ?o { GRAPH ?o { ?s ?p ?x } FILTER(STRSTARTS(STR(?o), 'http://example.org/')) } ORDER BY ?o"
)
QUERIES = {
    "SELECT": TEXTS,
    "ASK": "ASK { ?s ?p ?o }",
    "CONSTRUCT": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{THREE}> {{ ?s ?p ?o }} }}",
    "DESCRIBE": f"DESCRIBE <{E}a>",
}


TABLES = {"json": JSON, "xml": "application/sparql-results+xml", "csv": "text/csv", "tsv": "text/tab-separated-values"}
GRAPHS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}
READERS = {
    "json": lambda body: [row["o"]["value"] for row in json.loads(body)["results"]["bindings"]],
    "xml": lambda body: [node.text for node in xml.fromstring(body).iter(w3c.SRX + "literal")],
    "csv": lambda body: [row[0] for row in csv.reader(io.StringIO(body.decode()))][1:],
    "tsv": lambda body: [line.strip('"') for line in body.decode().split("\n")[1:-1]],
}


class Reply:
    """What came back: a status, headers and a body."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def media_type(self):
        """The media type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def column(self):
        """The values of ?o, or of the only variable there is."""
        return [next(iter(row.values()))["value"] for row in self.json["results"]["bindings"]]


def build(folder: Path) -> Path:
    """Make a release of the small graphs and of those the W3C's protocol tests ask of; its folder of releases."""
    quads = [
        ox.Quad(quad.subject, quad.predicate, quad.object, quad.subject)  # each file describes the graph it stands for
        for number in (1, 2, 3)
        for quad in w3c.store_of(f"sparql11/protocol/data{number}.nt")
    ]
    settings = Settings.load(env={}, out=folder / "releases")

    def fill(store):
        store.load(DATA.encode(), format="trig", graph=None, source="small")
        store.load(ox.serialize(quads, format=ox.RdfFormat.N_QUADS), format="nq", graph=None, source="protocol")

    loaded.build(settings, fill)
    return settings.out


def follow(app):
    """Let an application that serves in another thread follow the `current` link, and wait until it has."""
    releases = app.state.releases
    asyncio.run_coroutine_threadsafe(releases.follow(), releases.current.pages.loop).result(60)

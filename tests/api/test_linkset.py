"""Links: what each answer says of itself in its header, and the link sets, read by a parser of their own."""

import json
import re
from urllib.parse import urlsplit

import pytest
from rdflib import DCTERMS, FOAF, PROV, RDF, VOID, XSD, Graph, Literal, URIRef

from api.http import links
from kg import terms

LINK = re.compile(r'\s*<([^<>"\s]*)>((?:\s*;\s*[a-z*-]+="[^"]*")*)\s*(?:,|$)')
PARAMETER = re.compile(r'\s*;\s*([a-z*-]+)="([^"]*)"')
STATE, ACT = "/doc/state/xar", "/doc/act/2011-06-handover"
FORMATS = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}


def parse(header):
    """Read a Link header (RFC 8288) as (relation, target, other parameters); all of it must be links."""
    found, at = [], 0
    while at < len(header):
        match = LINK.match(header, at)
        assert match, header[at:]
        parameters = dict(PARAMETER.findall(match[2]))
        found += [(relation, match[1], parameters) for relation in parameters.pop("rel").split()]
        at = match.end()
    return found


def of(client, path, accept="text/html"):
    """Ask for a page, and read its links."""
    answer = client.get(path, headers={"Accept": accept})
    assert 200 == answer.status_code
    return parse(answer.headers["link"])


def targets(found, relation):
    """List where the links of a relation lead."""
    return [target for name, target, _ in found if name == relation]


@pytest.mark.parametrize(
    ("path", "iri", "kind"),
    [
        (STATE, "id/state/xar", terms.term("State")),
        (ACT, "id/act/2011-06-handover", terms.term("Extradition")),
        ("/dataset", "dataset", "https://schema.org/Dataset"),
        ("/catalogue", "catalogue", "https://schema.org/DataCatalog"),
    ],
)
def test_a_page_is_signposted(client, path, iri, kind):
    found = of(client, path)
    assert [terms.BASE + iri] == targets(found, "cite-as")
    assert [terms.LICENCE] == targets(found, "license")
    assert "https://schema.org/AboutPage" == targets(found, "type")[0] and kind in targets(found, "type")[1:]
    assert [terms.BASE + "about#publisher"] == targets(found, "author")
    assert [f"/linkset{path}"] == targets(found, "linkset")
    described = {parameters["type"]: target for name, target, parameters in found if name == "describedby"}
    assert set(links.RDF_TYPES) == described.keys()
    for media, target in described.items():
        answer = client.get(target)
        assert (200, media) == (answer.status_code, answer.headers["content-type"].partition(";")[0])
        back = parse(answer.headers["link"])
        assert [path] == targets(back, "describes") and [] == targets(back, "describedby")
        assert [terms.BASE + iri] == targets(back, "cite-as")


def test_the_files_are_items_of_the_data_set_and_lead_back(client, release):
    found = of(client, "/dataset")
    assert {f"/dumps/{name}" for name in release.dumps} == set(targets(found, "item"))
    for file in targets(found, "item"):
        back = parse(client.get(file).headers["link"])
        assert ["/dataset"] == targets(back, "collection")
        assert "/dataset.ttl" in targets(back, "describedby") and [terms.LICENCE] == targets(back, "license")


@pytest.mark.parametrize(("path", "items"), [("/tables/acts", {".csv", ".parquet"}), ("/crosswalks/states", {".tsv"})])
def test_the_files_of_a_table_and_a_crosswalk_are_items_of_a_described_data_set(client, path, items):
    found = of(client, path)
    assert {path + suffix for suffix in items} == set(targets(found, "item")) and targets(found, "describedby")
    assert [links.DATASET] == targets(found, "type")[1:]
    for file in targets(found, "item"):
        back = parse(client.get(file).headers["link"])
        assert [path] == targets(back, "collection") and targets(back, "describedby")


def test_the_dumps_are_items_of_their_release(client, release):
    path = f"/release/{release.id}"
    items = targets(of(client, path), "item")
    assert {f"{path}/dumps/{name}" for name in release.dumps} == set(items)
    assert all(200 == client.head(item).status_code for item in items)


@pytest.mark.parametrize("path", ["/tables/acts.csv", "/questions/findings-against-state.csv?state=id/state/xar"])
def test_the_first_link_of_a_csv_file_leads_to_its_description(client, path):
    (relation, target, parameters), *_ = parse(client.get(path).headers["link"])
    assert ("describedby", "application/csvm+json") == (relation, parameters["type"])
    assert 200 == client.get(target).status_code


def test_the_head_of_a_page_says_it_too(client):
    page = client.page(STATE)
    assert f'<link rel="linkset" type="application/linkset+json" href="/linkset{STATE}">' in page
    assert f'<link rel="describedby" type="text/turtle" href="{STATE}.ttl">' in page


@pytest.mark.parametrize("path", ["/", STATE, "/questions/findings-against-state?state=id/state/xar", "/events"])
def test_a_link_set_has_what_the_header_has(client, path):
    header = of(client, path)
    answer = client.get(targets(header, "linkset")[0])
    assert (200, "application/linkset+json") == (answer.status_code, answer.headers["content-type"])
    contexts = {context.pop("anchor"): context for context in answer.json()["linkset"]}
    page = "http://testserver" + path
    told = {
        (relation, target["href"].removeprefix("http://testserver"), target.get("type", ""))
        for relation, found in contexts[page].items()
        for target in found
    }
    assert {
        (name, target, parameters.get("type", ""))
        for name, target, parameters in header
        if name not in ("linkset", "timegate", "timemap")  # of the address, which the page does not know
    } == told
    for target in contexts[page].get("describedby", []):
        assert [{"href": page, "type": "text/html"}] == contexts[target["href"]]["describes"]


def test_the_links_of_a_pinned_page_stay_in_its_release(client, release):
    pinned = f"/release/{release.id}"
    (linkset,) = targets(of(client, pinned + STATE), "linkset")
    assert f"{pinned}/linkset{STATE}" == linkset
    page, *others = client.get(linkset).json()["linkset"]
    assert f"http://testserver{pinned}{STATE}" == page["anchor"]
    assert {one["anchor"] for one in others} == {one["href"] for one in page["describedby"]}
    assert all(one["anchor"].startswith(f"http://testserver{pinned}{STATE}.") for one in others)


def test_a_link_set_is_the_same_as_text(client):
    as_json = client.get(f"/linkset{STATE}", headers={"Accept": "application/linkset+json"}).json()
    answer = client.get(f"/linkset{STATE}", headers={"Accept": "application/linkset"})
    assert "application/linkset" == answer.headers["content-type"]
    text = {(name, target, parameters["anchor"]) for name, target, parameters in parse(answer.text.strip())}
    told = {
        (relation, target["href"], context["anchor"])
        for context in as_json["linkset"]
        for relation, found in context.items()
        if relation != "anchor"
        for target in found
    }
    assert told == text and len(text) > 15


def test_a_link_set_names_the_host_that_was_asked_and_is_not_mixed_up(client):
    one, other = (client.get(f"/linkset{STATE}", headers={"Host": host}) for host in ("localhost:81", "127.0.0.1:82"))
    assert f"http://localhost:81{STATE}" in one.text and "127.0.0.1" not in one.text
    assert one.headers["etag"] != other.headers["etag"] and f"http://127.0.0.1:82{STATE}" in other.text
    strange = client.get(f"/linkset{STATE}", headers={"Host": 'x" <a>'})
    assert json.loads(strange.text)["linkset"][0]["anchor"] == terms.BASE.rstrip("/") + STATE


def test_pages_that_ask_one_another_come_to_an_end(client):
    for path in (
        "/linkset" * 400 + "/dataset",
        "/card" * 300 + "/home" + ".png" * 300,
        "/linkset/card" * 50 + "/x.png",
    ):
        assert 404 == client.get(path).status_code


# What a document in RDF says of itself.


def read(client, path, format):
    """Read a document; a context that it names is taken from the same server."""
    text = client.get(f"{path}.{format}").text
    document = json.loads(text) if format == "jsonld" else None
    if isinstance(document, dict) and isinstance(document.get("@context"), str):
        context = client.get(urlsplit(document["@context"]).path).json()["@context"]
        text = json.dumps({**document, "@context": context})
    return Graph().parse(data=text, format=FORMATS[format])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("path", "topic", "document"),
    [
        (STATE, "id/state/xar", "doc/state/xar"),
        ("/scheme/right", "scheme/right", "scheme/right.{}"),
        ("/ontology", "ontology", "ontology.{}"),
        ("/ontology/core", "ontology/core", "ontology/core.{}"),
        ("/shapes", "shapes", "shapes.{}"),
        ("/catalogue", "catalogue", "catalogue.{}"),
        ("/dataset", "dataset", "dataset.{}"),
        ("/release/RELEASE", "release/RELEASE", "release/RELEASE.{}"),
    ],
)
def test_a_document_says_what_it_is_in_each_format(client, release, path, topic, document, format):
    path, topic, document = (one.replace("RELEASE", release.id) for one in (path, topic, document))
    graph = read(client, path, format)
    own, about = URIRef(terms.BASE + document.format(format)), URIRef(terms.BASE + topic)
    assert own in graph.subjects(FOAF.primaryTopic, about)
    assert URIRef(terms.LICENCE) == graph.value(own, DCTERMS.license)
    assert URIRef(terms.RELEASE + release.id) == graph.value(own, PROV.wasDerivedFrom)
    assert Literal(release.manifest["created"], datatype=XSD.dateTime) == graph.value(own, PROV.generatedAtTime)
    assert URIRef(terms.BASE + "dataset") == graph.value(own, VOID.inDataset)
    assert FOAF.Document == graph.value(own, RDF.type)
    assert len(graph) > 20


def test_the_answer_to_a_question_says_what_it_is(client, release):
    graph = Graph().parse(data=client.get("/questions/findings-against-state.ttl?state=id/state/xar").text)
    (own,) = graph.subjects(DCTERMS.license, URIRef(terms.LICENCE))
    assert str(own) == terms.BASE + "questions/findings-against-state?state=id/state/xar"
    assert URIRef(terms.RELEASE + release.id) == graph.value(own, PROV.wasDerivedFrom)
    assert release.id[:8] == str(graph.value(own, DCTERMS.issued)).replace("-", "")


def test_a_source_file_is_sent_as_the_graph_it_is(client, release):
    graph = Graph().parse(data=client.get("/graph/data/states/xar.ttl").text)
    assert release.manifest["triples"]["graphs"][terms.GRAPH + "data/states/xar"] == len(graph)

"""Documents in JSON-LD with our context: equal to the other formats, and made into a tree by the frame of each class."""

import json
import re

import pyoxigraph as ox
import pytest
from pyld import jsonld

from kg import terms

PEOPLE_USE = (
    *("Event", "Act", "State", "Treaty", "Provision", "Recommendation", "Response", "Finding", "Allegation"),
    *("Engagement", "Obligation", "Document", "Decision", "Passage", "Statement", "Figure", "Place"),
    *("PersonGroup", "Participation"),
)
OTHERS = ["/scheme/standing", "/scheme/standing/official", "/ontology/core", "/shapes/house"]


@pytest.fixture(scope="module")
def load(client):
    """Fetch what a document refers to from the server that sent it, as pyld asks for it, and from nowhere else."""

    def fetch(address, options=None):
        assert address.startswith("http://testserver/")
        answer = client.get(address.removeprefix("http://testserver"), headers={"Accept": "application/ld+json"})
        assert "application/ld+json" == answer.headers["content-type"].partition(";")[0]
        return {"documentUrl": address, "contextUrl": None, "document": answer.json()}

    return fetch


@pytest.fixture(scope="module")
def examples(client):
    """Find the document of the example of each class in the dictionary."""
    found = {}
    for name in PEOPLE_USE:
        page = client.page(f"/dictionary/{name}")
        found[name] = re.search(r'href="([^"]+)\.jsonld">JSON-LD', page)[1]
    return found


def triples_of(quads):
    return {" ".join(line.split()) for line in quads.splitlines() if line.strip()}


def unnamed(triples):
    """Leave the labels of blank nodes out, which are anybody's."""
    return sorted(re.sub(r"_:\w+", "_", one) for one in triples)


def test_each_document_has_the_same_triples_with_the_context_and_without(client, load, examples):
    for path in [*examples.values(), *OTHERS]:
        document = client.get(f"{path}.jsonld").json()
        assert "http://testserver/context/2.0.0" == document["@context"], path
        quads = jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": load})
        canonical = "\n".join(f"{quad.triple} ." for quad in ox.parse(quads, ox.RdfFormat.N_QUADS))
        # A document names itself with its suffix where page and thing share an address.
        written = client.get(f"{path}.nt").text.replace(f"{path}.nt>", f"{path}.jsonld>").encode()
        expected = "\n".join(f"{one} ." for one in ox.parse(written, ox.RdfFormat.N_TRIPLES))
        assert unnamed(triples_of(expected)) == unnamed(triples_of(canonical)), path


def test_the_thing_of_a_document_stands_first_with_its_class(client, examples):
    for name, path in examples.items():
        first = client.get(f"{path}.jsonld").json()["@graph"][0]
        assert terms.BASE + path[1:].replace("doc/", "id/", 1) == first["@id"]
        assert name in ([first["@type"]] if isinstance(first["@type"], str) else first["@type"])


def test_the_context_keeps_its_address_and_is_for_every_origin(client):
    newest = client.get("/context")
    assert (303, "/context/2.0.0") == (newest.status_code, newest.headers["location"])
    answer = client.get("/context/2.0.0", headers={"Origin": "https://partner.example"})
    assert ("application/ld+json", "*") == (
        answer.headers["content-type"],
        answer.headers["access-control-allow-origin"],
    )
    gone = client.get("/context/9.9.9")
    assert 404 == gone.status_code and "2.0.0" in gone.json()["hint"]


def asked_properties(client, name):
    """List the properties that the dictionary names for a class, by their last part."""
    lines = client.get(f"/dictionary/{name}.json").json()["dictionary"]
    return {re.split("[#/]", iri)[-1]: iri for line in lines for iri in line.get("property", "").split()}


@pytest.mark.parametrize("name", PEOPLE_USE)
def test_a_frame_makes_a_tree_with_all_that_the_shapes_name(client, load, examples, name):
    document = client.get(f"{examples[name]}.jsonld").json()
    frame = client.get(f"/frame/{name}").json()
    tree = jsonld.frame(document, frame, {"documentLoader": load, "omitGraph": True})
    first = document["@graph"][0]
    assert first["@id"] == tree["@id"]
    said = set(first) & set(asked_properties(client, name))
    assert said and said <= set(tree)
    named = {node["@id"]: node.get("prefLabel") for node in document["@graph"]}
    for key in said:
        if is_link(load, key):  # each thing with its names, or its IRI where the document does not name it
            things = [one if isinstance(one, dict) else {"@id": one} for one in tree[key]]
            assert {iri: named.get(iri) for iri in first[key]} == {
                one["@id"].replace("ans:", terms.VOCABULARY): one.get("prefLabel") for one in things
            }, key
        else:
            assert first[key] == tree[key], key
    assert "null" not in json.dumps(tree)


def is_link(load, key):
    told = load("http://testserver/context/2.0.0")["document"]["@context"].get(key)
    return isinstance(told, dict) and "@id" == told.get("@type")


def test_a_frame_tells_what_leads_to_a_thing(client, load):
    document = client.get("/doc/event/2011-06-handover.jsonld").json()
    tree = jsonld.frame(document, client.get("/frame/Event").json(), {"documentLoader": load, "omitGraph": True})
    acts = [one["prefLabel"]["en"] for one in tree["@reverse"]["isPartOf"]]
    assert acts and all(acts)


def test_there_is_a_frame_for_each_class(client):
    listed = client.get("/dictionary.json").json()["dictionary"]
    names = {line["class"].partition("#")[2] for line in listed if line["class"].startswith(terms.VOCABULARY)}
    assert len(names) > 100
    for name in sorted(names)[::20]:
        assert name == client.get(f"/frame/{name}").json()["@type"]

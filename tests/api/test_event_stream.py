"""The releases as an event stream: a client that follows it from release to release reaches the graph of the last one."""

import importlib
import shutil

import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from pyshacl import validate
from rdflib import DCTERMS, PROV, RDF, Graph, Namespace, URIRef

from kg import release as releases
from kg import terms
from tests.api.client import start

TREE, LDES = (Namespace(f"https://w3id.org/{name}#") for name in ("tree", "ldes"))
AS = Namespace("https://www.w3.org/ns/activitystreams#")
ROOT = "http://testserver/changes/ldes"
FORMATS = {
    "text/turtle": "turtle",
    "application/trig": "trig",
    "application/ld+json": "json-ld",
    "application/n-quads": "nquads",
}
TIMELESS = rdflib.NORMALIZE_LITERALS  # the example changes it for its own run


@pytest.fixture(scope="module")
def follow():
    """The example that partners use."""
    yield importlib.import_module("examples.ldes.follow")
    rdflib.NORMALIZE_LITERALS = TIMELESS


def turtle(client):
    """Return a function that fetches a page."""

    def fetch(address):
        answer = client.get(address, headers={"Accept": "text/turtle"})
        assert 200 == answer.status_code, answer.text
        return answer.text

    return fetch


def canonical(lines, form):
    """Label the blank nodes of a graph by what it says of them."""
    dataset = ox.Dataset(ox.parse(lines, form))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def graph_of(found):
    """Read the graph of a release from its dump."""
    return canonical(zstandard.open(found.path / "dumps/answerable.nt.zst").read(), ox.RdfFormat.N_TRIPLES)


def copied(replica):
    """Read the graph of a copy."""
    return canonical(replica.graph().serialize(format="nt", encoding="utf-8"), ox.RdfFormat.N_TRIPLES)


def only(folder, wanted):
    """Leave some releases in a copy of a folder; the last one is the current one."""
    for one in releases.releases(folder):
        if one.id not in wanted:
            shutil.rmtree(one.path)
    releases.point(folder, releases.find(folder, wanted[-1]))


def test_a_client_that_follows_from_the_first_to_the_third_has_the_graph_of_each(three_releases, follow, tmp_path):
    found = releases.releases(three_releases)
    replica = None
    for number in (1, 2, 3):
        here = tmp_path / str(number)
        shutil.copytree(three_releases, here, symlinks=True)
        only(here, [one.id for one in found[:number]])
        with start(here) as third:
            replica = replica or follow.Replica(None)
            replica.fetch = turtle(third)
            count = replica.follow(ROOT)
        expected = graph_of(found[number - 1])
        assert expected == copied(replica)
        assert count > 1000 if number == 1 else 0 < count < 200
        if number == 1:  # it is written and read again between two runs
            replica.save(tmp_path / "copy")
            replica = follow.Replica(None)
            replica.load(tmp_path / "copy")
    assert any(isinstance(term, ox.BlankNode) for quad in expected for term in (quad.subject, quad.object))


def test_where_a_release_was_removed_the_copy_is_made_anew(three_releases, follow, tmp_path):
    found = releases.releases(three_releases)
    here = tmp_path / "left"
    shutil.copytree(three_releases, here, symlinks=True)
    releases.mark_removed(releases.find(here, found[0].id), "2026-01-31", "The safety of people.")
    with start(here) as client:
        replica = follow.Replica(turtle(client))
        gone = f"/changes/ldes/none/{found[0].id}/1"
        replica.pages, thing = [f"http://testserver{gone}"], URIRef(f"{terms.ID}figure/daily-post-killed")
        replica.things[thing] = [(thing, RDF.type, URIRef(terms.term("Figure")))]
        assert replica.follow(ROOT) > 1000
        assert thing not in replica.things
        assert graph_of(found[2]) == copied(replica)
        assert 410 == client.get(gone).status_code
        assert 404 == client.get(f"/changes/ldes/{found[1].id}/{found[1].id}/1").status_code
        assert 410 == client.get(f"/changes/{found[0].id}/{found[1].id}").status_code


def read(client, address, media_type="text/turtle"):
    """Fetch a page in a format; its statements."""
    answer = client.get(address, headers={"Accept": media_type})
    assert (200, media_type) == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    data = rdflib.Dataset()
    data.parse(data=answer.text, format=FORMATS[media_type])
    graph = Graph()
    for triple in data.triples((None, None, None)):
        graph.add(triple)
    for subject, link, value, _ in data.quads():
        graph.add((subject, link, value))
    return graph, answer


def test_the_root_describes_the_stream(third):
    graph, answer = read(third, ROOT)
    (stream,) = graph.subjects(RDF.type, LDES.EventStream)
    assert graph.value(stream, TREE.view) == URIRef(ROOT)
    assert (PROV.generatedAtTime, DCTERMS.isVersionOf) == (
        graph.value(stream, LDES.timestampPath),
        graph.value(stream, LDES.versionOfPath),
    )
    assert (DCTERMS.type, AS.Delete) == (
        graph.value(stream, LDES.versionDeletePath),
        graph.value(stream, LDES.versionDeleteObject),
    )
    relations = list(graph.objects(URIRef(ROOT), TREE.relation))
    assert 6 == len(relations)  # two for each release
    assert all(graph.value(one, TREE.path) == PROV.generatedAtTime for one in relations)
    assert "no-cache" in answer.headers["cache-control"]


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_page_is_the_same_in_each_format(third, three_ids, media_type):
    _, before, new = three_ids
    address = f"{ROOT}/{before}/{new}/1"
    graph, answer = read(third, address, media_type)
    assert {"immutable", "public"} <= set(answer.headers["cache-control"].split(", "))
    lines = graph.serialize(format="nt", encoding="utf-8")
    expected = read(third, address)[0].serialize(format="nt", encoding="utf-8")
    assert canonical(expected, ox.RdfFormat.N_TRIPLES) == canonical(lines, ox.RdfFormat.N_TRIPLES)
    assert (
        304 == third.get(address, headers={"Accept": media_type, "If-None-Match": answer.headers["etag"]}).status_code
    )


def test_versions_are_created_updated_and_deleted_and_obey_their_shape(third, three_ids):
    one, two, three = three_ids
    shape, _ = read(third, ROOT)
    for before, new, figure, kind in (
        ("none", one, "daily-post-killed", AS.Create),
        (one, two, "prosecutor-killed", AS.Update),
        (one, two, "daily-post-killed", AS.Delete),
        (two, three, "daily-post-wounded", AS.Delete),
    ):
        page, found = f"{ROOT}/{before}/{new}/1", False
        while page and not found:
            graph, _ = read(third, page)
            version = URIRef(f"{terms.RELEASE}{new}/id/figure/{figure}")
            found = (version, DCTERMS.type, kind) in graph
            following = [graph.value(one, TREE.node) for one in graph.objects(URIRef(page), TREE.relation)]
            page = following[0] if following else None
        assert found, (new, figure)
        assert graph.value(version, DCTERMS.isVersionOf) == URIRef(f"{terms.ID}figure/{figure}")
        values = set(graph.objects(version, None))
        assert kind != AS.Delete or not any("dozens" in str(value) for value in values)
        left = (version, RDF.type, URIRef(terms.term("Tombstone"))) in graph
        assert left == (figure == "daily-post-wounded")
        versions = Graph()
        for member in graph.objects(None, TREE.member):
            for property in (DCTERMS.isVersionOf, DCTERMS.type, PROV.generatedAtTime):
                versions += graph.triples((member, property, None))
        (node,) = shape.objects(None, TREE.shape)
        shape.add((node, URIRef("http://www.w3.org/ns/shacl#targetSubjectsOf"), DCTERMS.isVersionOf))
        assert validate(versions, shacl_graph=shape)[0]


def test_what_is_no_page_is_said_to_be_none(third, three_ids):
    one, two, three = three_ids
    for path in (f"none/{two}/1", f"{one}/{three}/1", f"none/{one}/999", f"none/{one}/0", "none/x/1"):
        assert 404 == third.get(f"/changes/ldes/{path}").status_code, path
    assert 400 == third.get("/changes/ldes?x=1").status_code

"""The dataset: its catalogue, its dumps, and nothing beside them."""

import gzip
import hashlib
import html
import re

import pytest
import zstandard
from rdflib import RDF, VOID, Graph, URIRef

from api.dependencies import AT_ONCE
from kg import terms

SD_GRAPH = URIRef("http://www.w3.org/ns/sparql-service-description#Graph")


def test_the_catalogue_of_the_release_stands_at_its_well_known_address_too(client, release):
    answer = client.get("/.well-known/void")
    assert "text/turtle" in answer.headers["content-type"]
    assert release.id in answer.text and "checksum" in answer.text


def test_dumps_are_listed_sent_and_checked(client, release):
    page = client.page("/dataset")
    for name in release.dumps:
        answer = client.get(f"/dumps/{name}")
        body, is_gzip = answer.content, name.endswith(".gz")
        digest = hashlib.sha256(body).hexdigest()
        assert digest in page
        assert f"{digest}  {name}\n" == client.get(f"/dumps/{name}.sha256").text
        assert ("application/gzip" if is_gzip else "application/zstd") == answer.headers["content-type"]
        assert gzip.decompress(body) if is_gzip else zstandard.ZstdDecompressor().stream_reader(body).read()


PACKAGES = {
    "CITATION.cff": "application/yaml",
    "ro-crate-metadata.json": "application/ld+json",
    "datapackage.json": "application/json",
    "zenodo.json": "application/json",
}


@pytest.mark.parametrize("name", PACKAGES)
def test_what_describes_the_release_is_sent_as_the_build_wrote_it(client, release, name):
    for path in (f"/{name}", f"/release/{release.id}/{name}"):
        answer = client.get(path)
        assert (200, (release.path / name).read_bytes()) == (answer.status_code, answer.content)
        assert PACKAGES[name] == answer.headers["content-type"].partition(";")[0]
    assert f'href="/{name}"' in client.page("/dataset")


def test_a_part_of_a_dump_can_be_asked_for(client):
    whole = client.get("/dumps/answerable.nq.gz")
    part = client.get("/dumps/answerable.nq.gz", headers={"Range": "bytes=10-19"})
    assert (206, whole.content[10:20]) == (part.status_code, part.content)


def test_a_release_tells_what_went_in(client, release):
    manifest = client.get(f"/release/{release.id}?format=json").json()
    assert release.manifest["inputs"] == manifest["inputs"]


def test_the_sizes_of_the_graphs_are_those_of_the_manifest_and_nothing_is_counted(client, release, asked):
    page = client.page("/graph")
    folders = re.findall(r'<a href="/graph\?show=([^"]+)"', page)
    pages = [page, *(client.page(f"/graph?show={one}") for one in folders)]
    data = Graph().parse(data=client.get("/graph.ttl").text, format="turtle")
    for path in ("/graph/data/states/xar", "/scheme", "/scheme/right", "/ontology/core", "/shapes"):
        assert 200 == client.browse(path).status_code
    sizes = release.manifest["triples"]["graphs"]
    assert len(sizes) > 20
    assert sizes == {str(graph): size.toPython() for graph, size in data.subject_objects(VOID.triples)}
    assert sizes.keys() == {str(graph) for graph in data.subjects(RDF.type, SD_GRAPH)}
    rows = re.findall(r'<a href="/graph/([^"]*)">[^<]*</a></td><td class="n">(\d+)</td>', "".join(pages))
    assert [(name.removeprefix(terms.GRAPH), str(size)) for name, size in sorted(sizes.items())] == sorted(rows)
    assert [] == [text for text in asked if "GRAPH ?" in text and "COUNT" in text]
    assert len(asked) < 20


def test_a_folder_of_graphs_and_the_files_of_a_release_are_shown_page_by_page(client, release):
    def page(path):
        answer = client.browse(path)
        return answer.status_code, answer.text

    names = sorted(release.manifest["inputs"])
    address = f"/release/{release.id}?show=inputs"
    found = []
    for number in range(1, -(-len(names) // AT_ONCE) + 1):
        found += re.findall(r"<tr><td>([^<]+)</td><td><code>", page(f"{address}&page={number}")[1])
    assert names == found and len(names) > AT_ONCE
    assert 'rel="next"' in page(address)[1]
    for wrong in (
        "/graph?show=nothing",
        f"/release/{release.id}?show=nothing",
        f"{address}&page=99",
        "/withdrawn?page=0",
    ):
        assert (wrong, 400) == (wrong, page(wrong)[0])


def test_a_graph_is_shown_from_its_beginning_and_is_whole_as_data(client):
    text = client.get("/graph/inferred.ttl").text
    page = client.page("/graph/inferred")
    shown = html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[1])
    assert len(page) < 60 * 1024 < len(text)
    assert text.startswith(shown) and 'href="/graph/inferred.ttl"' in page
    short = client.page("/graph/data/states/xar")
    assert "Here is its beginning" in page and "Here is its beginning" not in short

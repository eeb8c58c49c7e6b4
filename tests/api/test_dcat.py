"""The catalogue for data portals: valid by the shapes of DCAT-AP 3 in each format, true to the release, and of this server."""

import csv
import functools
import hashlib
import json
import re

import pytest
from pyshacl import validate
from rdflib import DCTERMS, FOAF, PROV, RDF, SH, VOID, XSD, Graph, Literal, Namespace, URIRef

from kg import terms
from kg.config import PROJECT
from tests.api.asking import GRAPHS
from tests.api.client import start
from tests.api.conftest import lay_two

FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}
DATASET, CATALOGUE = URIRef(terms.BASE + "dataset"), URIRef(terms.BASE + "catalogue")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
BASE = "https://mirror.example/kg/"
# What stands at the end of a property, in the shapes of DCAT-AP on ranges; a term of a list of others says what it is, too.
RANGES = {
    DCTERMS.publisher: FOAF.Agent,
    DCTERMS.license: DCTERMS.LicenseDocument,
    DCTERMS.language: DCTERMS.LinguisticSystem,
    DCTERMS.spatial: DCTERMS.Location,
    DCTERMS.temporal: DCTERMS.PeriodOfTime,
    DCTERMS.accessRights: DCTERMS.RightsStatement,
    DCTERMS.accrualPeriodicity: DCTERMS.Frequency,
    DCTERMS.conformsTo: DCTERMS.Standard,
    DCTERMS["format"]: DCTERMS.MediaTypeOrExtent,
    DCTERMS.hasVersion: DCAT.Dataset,
    DCTERMS.isVersionOf: DCAT.Dataset,
    DCAT.dataset: DCAT.Dataset,
    DCAT.service: DCAT.DataService,
    DCAT.record: DCAT.CatalogRecord,
    DCAT.distribution: DCAT.Distribution,
    DCAT.servesDataset: DCAT.Dataset,
    DCAT.accessService: DCAT.DataService,
    DCAT.mediaType: DCTERMS.MediaType,
    DCAT.compressFormat: DCTERMS.MediaType,
    DCAT.landingPage: FOAF.Document,
    FOAF.homepage: FOAF.Document,
    SPDX.checksum: SPDX.Checksum,
    SPDX.algorithm: SPDX.ChecksumAlgorithm,
    FOAF.primaryTopic: DCAT.Resource,
    PROV.wasGeneratedBy: PROV.Activity,
}


@functools.cache
def shapes():
    """Read the base shapes of DCAT-AP 3."""
    return Graph().parse(PROJECT / "tests/dcat/dcat-ap-3.0.0-shapes.ttl")


def judge(graph):
    """Validate as one does who has the document and the shapes, and nothing else: no ontology, no inference."""
    return validate(graph, shacl_graph=shapes(), inference="none", advanced=False, meta_shacl=False)


def files_beside(release):
    """Name the files of a release that are those of tables and crosswalks, with their checksums."""
    outputs = release.manifest["outputs"]
    return {
        name: sha256 for name, sha256 in outputs.items() if re.match(r"(tables|crosswalks)/.*(csv|parquet|tsv)$", name)
    }


def lasting(graph):
    """List the tables and crosswalks of a graph by the IRIs that they have in each release."""
    kinds = (terms.BASE + "tables/", terms.BASE + "crosswalks/")
    return {one for one in graph.subjects(RDF.type, DCAT.Dataset) if str(one).startswith(kinds)}


def beside(graph, release):
    """List the data sets of a graph that are versions below a release."""
    start = f"{terms.RELEASE}{release}/"
    return {one for one in graph.subjects(RDF.type, DCAT.Dataset) if str(one).startswith(start)}


@pytest.fixture(scope="module")
def mirror(release, tmp_path_factory):
    """A client of a server with two releases, which names itself, who runs it, and where reports go."""
    out = tmp_path_factory.mktemp("mirror")
    lay_two(release, out)
    given = {"base": BASE, "operator": "Partner Centre", "contact": "errors@partner.example"}
    with start(out, base_url="https://mirror.example", **given) as client:
        yield client


def read(client, path, format="ttl"):
    """Read a document that has a suffix for each format."""
    answer = client.get(f"{path}.{format}")
    assert (200, GRAPHS[format][0]) == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    return Graph().parse(data=answer.text, format=FORMATS[format])


def test_every_document_is_valid_dcat_ap(client, release, mirror):
    for served, path in (
        (client, "/catalogue"),
        (client, "/dataset"),
        (client, f"/release/{release.id}"),
        (mirror, "/kg/catalogue"),
    ):
        graph = read(served, path)
        conforms, _, text = judge(graph)
        assert conforms, f"{path}: {text}"
        wrong = [(s, p, o) for s, p, o in graph if p in RANGES and (o, RDF.type, RANGES[p]) not in graph]
        if "catalogue" in path:
            assert [] == wrong
        sizes = [*graph.objects(None, DCAT.byteSize)]
        assert 4 * (2 if served is mirror else 1) == len(sizes) - len(files_beside(release))
        assert {XSD.nonNegativeInteger} == {size.datatype for size in sizes}


def test_the_shapes_refuse_a_catalogue_without_what_they_demand(client):
    graph, lacking = read(client, "/catalogue"), {DCTERMS.publisher, DCAT.accessURL, DCTERMS.title, DCAT.endpointURL}
    for path in lacking:
        graph.remove((None, path, None))
    graph.add((DATASET, DCTERMS.language, Literal("en")))
    conforms, report, _ = judge(graph)
    assert not conforms and lacking | {DCTERMS.language} <= set(report.objects(None, SH.resultPath))


def test_each_format_says_the_same(client, release):
    for path in ("/catalogue", f"/release/{release.id}", "/dataset"):
        first, *others = [
            {triple for triple in read(client, path, format) if triple[0] != URIRef(f"{terms.BASE}{path[1:]}.{format}")}
            for format in FORMATS
        ]
        assert [first] * 3 == others and len(first) > 50


def test_the_catalogue_lists_each_release_with_the_one_before(mirror):
    graph = read(mirror, "/kg/catalogue")
    first, second = (URIRef(terms.RELEASE + name) for name in ("20240101-aaaaaaaa", "20240102-bbbbbbbb"))
    tables_and_crosswalks = lasting(graph)
    assert {DATASET, first, second} | tables_and_crosswalks == set(graph.objects(CATALOGUE, DCAT.dataset))
    assert set() == beside(graph, "20240101-aaaaaaaa") | beside(graph, "20240102-bbbbbbbb") and tables_and_crosswalks
    assert [(second, first)] == list(graph.subject_objects(DCAT.previousVersion))
    assert {first, second} == set(graph.objects(DATASET, DCAT.hasVersion))
    assert first == graph.value(DATASET, DCAT.hasCurrentVersion)
    topics = set(graph.objects(None, FOAF.primaryTopic))
    services = set(graph.objects(CATALOGUE, DCAT.service))
    assert {DATASET, CATALOGUE, first, second} | tables_and_crosswalks | services == topics and len(services) == 4
    for one in (first, second):
        assert str(one).rpartition("/")[2] == str(graph.value(one, DCAT.version))
        assert {URIRef(terms.ONTOLOGY), URIRef(terms.BASE + "shapes")} == set(graph.objects(one, DCTERMS.conformsTo))
        for file in graph.objects(one, DCAT.distribution):
            assert graph.value(file, DCTERMS.license) == URIRef(terms.LICENCE)
            assert graph.value(graph.value(file, SPDX.checksum), SPDX.checksumValue).datatype == XSD.hexBinary


def test_each_table_and_each_crosswalk_is_a_data_set_of_its_own(client, release):
    wanted = {
        name.removesuffix(end) for name in files_beside(release) for end in (".csv", ".sssom.tsv") if name.endswith(end)
    }
    here = URIRef(terms.RELEASE + release.id)
    for path, whole in (
        ("/catalogue", DATASET),
        ("/dataset", DATASET),
        ("/dataset", here),
        (f"/release/{release.id}", here),
    ):
        graph = read(client, path)
        start = terms.BASE if whole == DATASET else f"{here}/"
        sets = lasting(graph) if whole == DATASET else beside(graph, release.id)
        found = {str(one).removeprefix(start): one for one in sets}
        assert wanted == {*found} and len(wanted) > 10
        assert {*found.values()} == set(graph.objects(whole, DCTERMS.hasPart))
        for name, one in found.items():
            assert {whole, DATASET} == set(graph.objects(one, DCTERMS.isPartOf))
            assert here == graph.value(one, PROV.wasDerivedFrom)
            version_of = set() if whole == DATASET else {URIRef(terms.BASE + name)}
            assert (
                version_of == set(graph.objects(one, DCTERMS.isVersionOf)) == set(graph.objects(one, DCAT.isVersionOf))
            )
            sssom = URIRef("https://w3id.org/sssom/spec")
            assert name.startswith("crosswalks/") == ((one, DCTERMS.conformsTo, sssom) in graph)
            ends = {str(file).rpartition(".")[2] for file in graph.objects(one, DCAT.distribution)}
            assert ends == ({"tsv"} if name.startswith("crosswalks/") else {"csv", "parquet"})
            assert [*graph.objects(one, DCAT.theme)] and len([*graph.objects(one, DCAT.keyword)]) > 3
    titles = {title.language for title in graph.objects(found["tables/findings"], DCTERMS.title)}
    assert {"en", "ru", "kk"} == titles


def test_what_the_catalogue_lists_outlives_a_release(mirror):
    """Whoever harvests the catalogue of the second release has all that the first one listed."""
    later = read(mirror, "/kg/release/20240102-bbbbbbbb/catalogue")
    first = read(mirror, "/kg/release/20240101-aaaaaaaa/catalogue")
    listed = set(first.objects(CATALOGUE, DCAT.dataset))
    assert listed == set(later.objects(CATALOGUE, DCAT.dataset)) and lasting(first) < listed


def test_a_table_covers_the_states_and_years_that_stand_in_it(client):
    graph = read(client, "/catalogue")
    rows = [*csv.DictReader(client.get("/tables/acts.csv").text.splitlines())]
    acts = URIRef(terms.BASE + "tables/acts")
    states = {row["state"].removeprefix("state/").upper() for row in rows} - {""}
    assert states == {str(one).rpartition("/")[2] for one in graph.objects(acts, DCTERMS.spatial)} and states
    years = sorted(row[name][:4] for row in rows for name in ("date_begins", "date_ends") if row[name])
    period = graph.value(acts, DCTERMS.temporal)
    assert (years[0], years[-1]) == (str(graph.value(period, DCAT.startDate)), str(graph.value(period, DCAT.endDate)))
    assert [] == [*graph.objects(URIRef(terms.BASE + "crosswalks/states"), DCTERMS.spatial)]


def test_each_file_is_where_the_catalogue_says_with_its_size_and_checksum(client, release):
    graph, told = read(client, f"/release/{release.id}"), {}
    for file, address in graph.subject_objects(DCAT.downloadURL):
        assert str(address).startswith(f"{terms.RELEASE}{release.id}/")
        answer = client.get("/" + str(address).removeprefix(terms.BASE))
        assert 200 == answer.status_code, address
        assert len(answer.content) == graph.value(file, DCAT.byteSize).toPython(), address
        checksum = str(graph.value(graph.value(file, SPDX.checksum), SPDX.checksumValue))
        assert hashlib.sha256(answer.content).hexdigest() == checksum, address
        media, packed = graph.value(file, DCAT.mediaType), graph.value(file, DCAT.compressFormat)
        kind = str(packed or media).removeprefix("https://www.iana.org/assignments/media-types/")
        assert kind == answer.headers["content-type"].partition(";")[0], address
        told[str(address).removeprefix(f"{terms.RELEASE}{release.id}/")] = checksum
    assert files_beside(release).items() <= told.items() and len(told) == len(files_beside(release)) + 4


def test_each_service_answers_by_the_specification_that_it_names(client):
    graph = read(client, "/catalogue")
    found = {}
    for one in graph.subjects(RDF.type, DCAT.DataService):
        assert DATASET == graph.value(one, DCAT.servesDataset)
        standard, endpoint = str(graph.value(one, DCTERMS.conformsTo)), str(graph.value(one, DCAT.endpointURL))
        found[standard] = "/" + endpoint.removeprefix(terms.BASE)
    stream = client.get(found["https://w3id.org/ldes/specification"], headers={"Accept": "text/turtle"})
    event_stream = URIRef("https://w3id.org/ldes#EventStream")
    assert event_stream in set(Graph().parse(data=stream.text, format="turtle").objects(None, RDF.type))
    reconciles = client.get(found["https://reconciliation-api.github.io/specs/0.2/"])
    assert "0.2" in reconciles.json()["versions"]
    assert "/sparql" in found.values() and "/" in found.values() and 4 == len(found)


@pytest.mark.parametrize(("language", "word"), [("en", "Findings"), ("ru", "Выводы"), ("kk", "Тұжырымдар")])
def test_a_person_finds_tables_crosswalks_and_services(client, language, word):
    for path in ("/catalogue", "/dataset"):
        page = client.page(path, params={"lang": language})
        for address in [
            "/tables/findings.parquet",
            "/crosswalks/rights-sdg.sssom.tsv",
            "/crosswalks/states",
            "/changes",
        ]:
            assert re.search(rf'href="{address}(\?lang={language})?"', page), (path, address)
        assert word in page and "/changes/ldes" in page and "/reconcile" in page
        told = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
        parts = told["hasPart"] if path == "/dataset" else told["dataset"]
        assert {"Findings", "States and their codes elsewhere"} <= {one["name"] for one in parts}


def test_a_mirror_names_its_own_addresses_and_keeps_the_iris(mirror):
    graph = read(mirror, "/kg/catalogue")
    where = (DCAT.accessURL, DCAT.downloadURL, DCAT.endpointURL, DCAT.endpointDescription, DCAT.landingPage)
    told = [str(address) for link in where for address in graph.objects(None, link)]
    assert len(told) > 15 and all(address.startswith(BASE) for address in told)
    for address in told:
        answer = mirror.get(address, headers={"Accept": "*/*"})
        assert 200 == answer.status_code, address
    assert {"Answerable", "Partner Centre"} == {str(name) for name in graph.objects(None, FOAF.name)}
    assert URIRef("mailto:errors@partner.example") in set(graph.objects())
    ours = {str(one) for one in graph.subjects(RDF.type, DCAT.Dataset)}
    assert all(one.startswith(terms.BASE) for one in ours)


def test_the_coverage_is_that_of_the_record(client):
    graph = read(client, "/catalogue")
    period = graph.value(DATASET, DCTERMS.temporal)
    query = """SELECT (MIN(?d) AS ?a) (MAX(?d) AS ?b) { VALUES ?c { ans:Act ans:Event ans:Decision ans:Participation }
        ?x a ?c ; ans:beginsOn ?d }"""
    prefix = f"PREFIX ans: <{terms.VOCABULARY}> "
    headers = {"Accept": "application/sparql-results+json"}
    row = client.get("/sparql", params={"query": prefix + query}, headers=headers).json()["results"]["bindings"][0]
    assert row["a"]["value"][:4] == str(graph.value(period, DCAT.startDate))
    assert row["b"]["value"][:4] == str(graph.value(period, DCAT.endDate))
    states = client.get(
        "/sparql", params={"query": prefix + "SELECT ?c { ?s a ans:State ; ans:isoCode ?c }"}, headers=headers
    )
    codes = {row["c"]["value"] for row in states.json()["results"]["bindings"]}
    assert codes and codes == {str(one).rpartition("/")[2] for one in graph.objects(DATASET, DCTERMS.spatial)}


def test_the_statistics_of_the_data_set_are_true(client, release):
    graph = read(client, "/dataset")
    assert release.manifest["triples"]["total"] == graph.value(DATASET, VOID.triples).toPython()
    classes = [*graph.objects(DATASET, VOID.classPartition)]
    assert len(classes) == graph.value(DATASET, VOID.classes).toPython() > 20
    assert len([*graph.objects(DATASET, VOID.propertyPartition)]) == graph.value(DATASET, VOID.properties).toPython()
    triples = [graph.value(one, VOID.triples).toPython() for one in graph.objects(DATASET, VOID.propertyPartition)]
    assert release.manifest["triples"]["total"] == sum(triples)
    build = URIRef(f"{terms.RELEASE}{release.id}#build")
    assert graph.value(build, PROV.startedAtTime) < graph.value(build, PROV.endedAtTime)
    assert len(release.manifest["inputs"]) == len([*graph.objects(build, PROV.used)])

"""What describes a release to those who take its folder says what the catalogue says, by the rules of each format."""

import hashlib
import json
import re
import tomllib
from datetime import datetime

import pytest
import yaml
from rdflib import DCAT, DCTERMS, RDF, Graph, Namespace, URIRef

from kg import terms
from kg.config import PROJECT

SPDX = Namespace("http://spdx.org/rdf/terms#")
LICENCE = URIRef(terms.LICENCE)


@pytest.fixture(scope="module")
def read(world):
    """Return a function that reads a file of the release."""
    return lambda name: (world.path / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def catalogue(world):
    """The catalogue of the release."""
    return Graph().parse(world.path / "catalogue.ttl")


def check_citation(facts):
    """Hold a citation to the Citation File Format 1.2.0: what must be there, and of which type."""
    assert {"cff-version", "message", "title", "authors"} <= facts.keys()
    assert "1.2.0" == str(facts["cff-version"]) and facts["type"] in ("software", "dataset")
    assert facts["authors"] and all(author["name"] for author in facts["authors"])
    assert "doi" not in facts and "identifiers" not in facts
    known = {"abstract", "authors", "cff-version", "date-released", "keywords", "license", "message", "references"}
    assert facts.keys() <= known | {"title", "type", "url", "version"}
    assert all(isinstance(word, str) for word in facts["keywords"])
    assert isinstance(facts["version"], str)


def test_the_citation_of_a_release(read, world):
    facts = yaml.safe_load(read("CITATION.cff"))
    check_citation(facts)
    assert (world.id, world.manifest["created"][:10]) == (facts["version"], str(facts["date-released"]))
    assert (terms.RELEASE + world.id, "CC-BY-4.0") == (facts["url"], facts["license"])


def test_the_citation_of_the_software_and_its_deposit_have_its_version():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    facts = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    check_citation(facts)
    assert project["version"] == facts["version"]
    assert project["license"] == " AND ".join(facts["license"])
    assert ["data"] == [one["type"] for one in facts["references"]]
    deposit = json.loads((PROJECT / ".zenodo.json").read_text(encoding="utf-8"))
    assert (project["version"], "software") == (deposit["version"], deposit["upload_type"])
    check_deposit(deposit)


def test_the_changelog_is_cut_by_versions_and_the_newest_is_that_of_the_software():
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^## ", text)[1:]
    if parts[0].startswith("Unreleased\n"):
        parts.pop(0)
    versions = [re.match(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d)\)\n", part).groups() for part in parts]
    facts = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (facts["version"], str(facts["date-released"])) == (".".join(versions[0][:3]), versions[0][3])
    numbers, days = [[int(one) for one in version[:3]] for version in versions], [version[3] for version in versions]
    assert numbers == sorted(numbers, reverse=True) and days == sorted(days, reverse=True)
    lines = [line for part in parts for line in part.splitlines()[1:] if line]
    assert len(lines) > 50 and [] == [line for line in lines if not line.startswith(("- ", "### "))]


def check_deposit(told):
    """Hold a deposit to what Zenodo demands: a title, a kind, creators, a description, a licence where access is open."""
    assert {"title", "upload_type", "description", "creators", "access_right", "license"} <= told.keys()
    assert "open" == told["access_right"] and told["upload_type"] in ("software", "dataset")
    assert all({"name"} == one.keys() for one in told["creators"])
    relations = {"isIdenticalTo", "isVersionOf", "isSupplementedBy"}
    assert {one["relation"] for one in told["related_identifiers"]} <= relations


def test_the_deposit_of_a_release(read, world):
    told = json.loads(read("zenodo.json"))
    check_deposit(told)
    assert (world.id, world.manifest["created"][:10]) == (told["version"], told["publication_date"])


def test_the_crate_describes_itself_its_root_and_each_file(read, world):
    crate = json.loads(read("ro-crate-metadata.json"))
    assert "https://w3id.org/ro/crate/1.1/context" == crate["@context"]
    found = {one["@id"]: one for one in crate["@graph"]}
    assert len(found) == len(crate["@graph"])
    head = found["ro-crate-metadata.json"]
    assert ("CreativeWork", "./") == (head["@type"], head["about"]["@id"])
    assert head["conformsTo"]["@id"].startswith("https://w3id.org/ro/crate/")
    root = found["./"]
    assert {"name", "description", "datePublished", "license"} <= root.keys() and "Dataset" == root["@type"]
    files = [one["@id"] for one in root["hasPart"]]
    beside = {name for name in world.manifest["outputs"] if name.startswith(("tables/", "crosswalks/"))}
    assert {f"dumps/{name}" for name in world.dumps} | beside - {"tables/datapackage.json"} == set(files)
    assert {"tables/acts.parquet", "crosswalks/states.sssom.tsv"} < set(files)
    for name in files:
        data = (world.path / name).read_bytes()
        assert (str(len(data)), hashlib.sha256(data).hexdigest()) == (found[name]["contentSize"], found[name]["sha256"])
    for one in crate["@graph"]:  # what is named is described
        named = [value["@id"] for value in one.values() if isinstance(value, dict) and "@id" in value]
        assert all(name in found or name.startswith("http") for name in named)


def test_the_data_package_is_valid_and_names_each_dump(read, world):
    from frictionless import Package  # slow to load, and each process collects this file

    told = json.loads(read("datapackage.json"))
    assert [] == list(Package.metadata_validate(told))
    assert {f"dumps/{name}" for name in world.dumps} == {one["path"] for one in told["resources"]}
    for one in told["resources"]:
        data = (world.path / one["path"]).read_bytes()
        assert (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}") == (one["bytes"], one["hash"])


def test_all_of_them_say_what_the_catalogue_says(read, catalogue, world):
    dataset, here = URIRef(terms.BASE + "dataset"), URIRef(terms.RELEASE + world.id)
    about, licence = str(catalogue.value(dataset, DCTERMS.description)), catalogue.value(dataset, DCTERMS.license)
    crate = {one["@id"]: one for one in json.loads(read("ro-crate-metadata.json"))["@graph"]}
    package, deposit = (json.loads(read(name)) for name in ("datapackage.json", "zenodo.json"))
    citation = yaml.safe_load(read("CITATION.cff"))
    said = [crate["./"]["description"], package["description"], deposit["description"], citation["abstract"]]
    assert {about} == set(said)
    assert (LICENCE, str(licence)) == (licence, crate["./"]["license"]["@id"]) and package["licenses"][0][
        "path"
    ] == str(licence)
    issued = catalogue.value(here, DCTERMS.issued).toPython()
    assert {issued} == {datetime.fromisoformat(text) for text in (package["created"], crate["./"]["datePublished"])}
    for file in catalogue.subjects(RDF.type, DCAT.Distribution):
        name = str(file).rpartition("/")[2]
        if name in world.dumps:
            checksum = str(catalogue.value(catalogue.value(file, SPDX.checksum), SPDX.checksumValue))
            kinds = [
                str(kind).partition("media-types/")[2]
                for kind in (catalogue.value(file, DCAT.mediaType), catalogue.value(file, DCAT.compressFormat))
            ]
            assert (checksum, kinds) == (crate[f"dumps/{name}"]["sha256"], crate[f"dumps/{name}"]["encodingFormat"])

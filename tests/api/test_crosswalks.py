"""The crosswalks: each line is a mapping of something that is there, says whose judgement it is, and stands once."""

import re
import shutil

import pytest
import rdflib
from starlette.testclient import TestClient

from api.app import create_app
from kg import crosswalks, terms
from kg import release as releases
from kg.config import PROJECT, Settings
from kg.store import Store

SKOS = terms.PREFIXES["skos"]
# The targets of the goals that are named, of which each goal has so many numbers and letters (resolution 70/1).
NUMBERS = {1: (5, "b"), 2: (5, "c"), 3: (9, "d"), 4: (7, "c"), 5: (6, "c"), 6: (6, "b"), 8: (10, "b")}
NUMBERS |= {10: (7, "c"), 11: (7, "c"), 16: (10, "b")}


@pytest.fixture(scope="module")
def listed(client):
    """List the crosswalks of the frozen graph as a program sees them, by name."""
    return {
        one["name"]: one
        for one in client.get("/crosswalks", headers={"Accept": "application/json"}).json()["crosswalks"]
    }


def read(client, name):
    """Fetch a crosswalk as SSSOM and read it by plain rules: a head of comments in YAML, then lines with tabs."""
    answer = client.get(f"/crosswalks/{name}.tsv")
    assert 200 == answer.status_code and answer.headers["content-type"].startswith("text/tab-separated-values")
    lines = answer.text.splitlines()
    head = [line[2:] for line in lines if line.startswith("# ")]
    columns, *rows = [line.split("\t") for line in lines if not line.startswith("#")]
    prefixes = dict(re.findall(r"^  (\w+): (\S+)$", "\n".join(head), re.MULTILINE))
    assert {"subject_id", "predicate_id", "object_id", "mapping_justification"} <= {*columns}
    return head, prefixes, [dict(zip(columns, row, strict=True)) for row in rows]


def test_there_are_crosswalks_of_rights_acts_and_states(listed):
    assert ["rights-acts-huridocs", "rights-sdg", "states"] == [*listed]
    assert all(one["license"] and one["mapping_set_description"] and one["mappings"] for one in listed.values())


def test_each_line_maps_a_thing_of_the_graph_once_and_says_whose_judgement_it_is(client, listed, release):
    with Store.open(release.store_path) as store:
        for name in listed:
            _, prefixes, rows = read(client, name)
            known = {row[0].value for row in store.select("SELECT DISTINCT ?s { ?s ?p ?o }")}
            subjects = {prefixes[space] + rest for space, _, rest in (row["subject_id"].partition(":") for row in rows)}
            assert set() == subjects - known, name
            assert len(rows) == len({(row["subject_id"], row["object_id"]) for row in rows})
            assert {row["predicate_id"] for row in rows} <= {f"skos:{one}" for one in crosswalks.PREDICATES}
            assert all(row["mapping_justification"].startswith("semapv:") and row["author_label"] for row in rows)


def test_every_target_is_one_of_the_agenda():
    shipped = PROJECT / "data/crosswalks/rights-sdg.sssom.tsv"
    walk = crosswalks.parse("rights-sdg", shipped.read_bytes())
    assert "http://metadata.un.org/sdg/" == walk.prefixes["sdg"] and len(walk.rows) > 30
    for row in walk.rows:
        goal, _, part = row.object_id.removeprefix("sdg:").partition(".")
        numbers, letter = NUMBERS[int(goal)]
        assert 1 <= int(part) <= numbers if part.isdigit() else "a" <= part <= letter, row
        assert f"Target {goal}.{part}" == row.object_label and 0 < float(row.confidence) <= 1
        assert crosswalks.HOUSE == row.author_label and row.comment


def test_the_codes_are_those_that_the_graph_states(client, release):
    _, _, rows = read(client, "states")
    assert {"iso3166:XAR"} <= {row["object_id"] for row in rows if row["subject_id"] == "state:xar"}
    _, _, codes = read(client, "rights-acts-huridocs")
    by_subject = {row["subject_id"]: row["object_id"] for row in codes}
    assert (
        "huridocs3:010100000000" == by_subject["right:life"] and "huridocs4:020111110000" == by_subject["ans:Torture"]
    )


def test_the_mappings_come_as_skos(client):
    for suffix, format in (("ttl", "turtle"), ("jsonld", "json-ld")):
        answer = client.get(f"/crosswalks/rights-sdg.{suffix}")
        graph = rdflib.Graph().parse(data=answer.text, format=format)
        found = {
            str(one) for one in graph.objects(rdflib.URIRef(terms.SCHEME + "right/identity"), rdflib.SKOS.closeMatch)
        }
        assert {"http://metadata.un.org/sdg/16.9"} == found
        assert len(read(client, "rights-sdg")[2]) == len(graph)


def test_a_person_sees_each_line_and_what_is_left_out(client):
    page = client.get("/crosswalks", headers={"Accept": "text/html"}).text
    assert "UNBIS" in page and "/crosswalks/states.tsv" in page
    one = client.get("/crosswalks/rights-sdg", headers={"Accept": "text/html"}).text
    assert 'href="http://metadata.un.org/sdg/16.9"' in one and "/scheme/right/identity" in one
    assert "judged by Answerable" in one
    assert 404 == client.get("/crosswalks/nothing").status_code


def test_a_long_crosswalk_is_read_in_pages_of_things_with_all_that_each_corresponds_to(client, monkeypatch):
    monkeypatch.setattr("api.routers.tables.AT_ONCE", 2)
    rows, address = read(client, "states")[2], "/crosswalks/states?page="
    things = list(dict.fromkeys(row["subject_id"] for row in rows))
    count = (len(things) + 1) // 2
    shown = [client.get(f"{address}{number}", headers={"Accept": "text/html"}).text for number in range(1, count + 1)]
    assert count > 1
    for number, text in enumerate(shown):
        here = things[2 * number : 2 * number + 2]
        assert sum(row["subject_id"] in here for row in rows) == text.count('class="soft">exactMatch')
    assert 400 == client.get(f"{address}{count + 1}", headers={"Accept": "text/html"}).status_code


def test_the_file_is_that_of_the_release_by_either_of_its_names(client, release):
    for name in ("rights-sdg", "states"):
        held = (release.path / f"crosswalks/{name}.sssom.tsv").read_bytes()
        for address in (f"/crosswalks/{name}.tsv", f"/crosswalks/{name}.sssom.tsv"):
            assert held == client.get(address).content
    assert 404 == client.get("/crosswalks/rights-sdg.sssom.ttl").status_code


@pytest.fixture(scope="module")
def three(release, tmp_path_factory):
    """A client of three releases: as it is, with another crosswalk, and as made before releases held crosswalks."""
    out = tmp_path_factory.mktemp("three")
    names = ["20240101-aaaaaaaa", "20240102-bbbbbbbb", "20240103-cccccccc"]
    for name in names:
        shutil.copytree(release.path, out / name)
    path = out / names[1] / "crosswalks/rights-sdg.sssom.tsv"
    path.write_bytes(path.read_bytes().replace(b"\t0.9\t", b"\t0.4\t"))
    shutil.rmtree(out / names[2] / "crosswalks")
    for name in names:
        held = {path.relative_to(out / name).as_posix(): path for path in releases.files(out / name)}
        outputs = {one: releases.hash_file(held[one]) for one in release.manifest["outputs"] if one in held}
        releases.seal(out / name, {**release.manifest, "id": name, "outputs": outputs})
    (out / "current").symlink_to(names[1])
    app = create_app(Settings.load(env={}, out=out, workers=1, page_workers=1))
    with TestClient(app, follow_redirects=False) as client:
        yield client, names


def test_a_pinned_release_answers_with_its_own_crosswalks(three):
    client, (first, second, _) = three
    told = {
        name: client.get(f"/release/{name}/crosswalks/rights-sdg", headers={"Accept": "text/html"}).text
        for name in (first, second)
    }
    assert "(0.9)" in told[first] and "(0.4)" not in told[first]
    assert "(0.4)" in told[second] and "(0.9)" not in told[second]
    assert b"\t0.9\t" in client.get(f"/release/{first}/crosswalks/rights-sdg.tsv").content
    assert b"\t0.4\t" in client.get("/crosswalks/rights-sdg.tsv").content


def test_a_release_without_crosswalks_says_so(three):
    client, (*_, third) = three
    page = client.get(f"/release/{third}/crosswalks", headers={"Accept": "text/html"})
    assert 200 == page.status_code and "This release was made without crosswalks." in page.text
    assert [] == client.get(f"/release/{third}/crosswalks", headers={"Accept": "application/json"}).json()["crosswalks"]
    missing = client.get(f"/release/{third}/crosswalks/rights-sdg", headers={"Accept": "text/turtle"})
    assert 404 == missing.status_code and "made without crosswalks" in missing.text
    assert b"w3id.org/sssom" not in client.get(f"/release/{third}.ttl").content
    page = client.get(f"/release/{third}/dataset", headers={"Accept": "text/html"}).text
    assert "/tables/findings.csv" in page and "sssom" not in page

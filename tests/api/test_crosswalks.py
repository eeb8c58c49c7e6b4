"""The crosswalks: each line is a mapping of something that is there, says whose judgement it is, and stands once."""

import pytest
import rdflib
import yaml

from kg import crosswalks, terms
from kg import release as releases
from kg.config import PROJECT
from tests.api.client import start
from tests.api.conftest import lay_two

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
    """Fetch a crosswalk as SSSOM and read it as its readers do: a head of comments in YAML, then lines with tabs."""
    answer = client.get(f"/crosswalks/{name}.tsv")
    assert 200 == answer.status_code and answer.headers["content-type"].startswith("text/tab-separated-values")
    lines = answer.text.splitlines()
    head = yaml.safe_load("\n".join(line[2:] for line in lines if line.startswith("# ")))
    columns, *rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert {"subject_id", "predicate_id", "object_id", "mapping_justification"} <= {*columns}
    return head, [dict(zip(columns, row, strict=True)) for row in rows]


def test_there_are_crosswalks_of_rights_acts_and_states(listed):
    assert ["rights-acts-huridocs", "rights-sdg", "states"] == [*listed]
    assert all(one["license"] and one["mapping_set_description"] and one["mappings"] for one in listed.values())


@pytest.mark.parametrize("name", ["rights-acts-huridocs", "rights-sdg", "states"])
def test_readers_of_yaml_find_the_head_and_an_iri_for_each_prefix(client, name):
    head, rows = read(client, name)
    assert f"{terms.BASE}crosswalks/{name}" == head["mapping_set_id"]
    assert all(isinstance(iri, str) and iri[-1] in "/#:_" for iri in head["curie_map"].values())
    columns = ("subject_id", "predicate_id", "object_id", "mapping_justification")
    shortened = [row[column] for row in rows for column in columns]
    shortened += [value for key, value in head.items() if key.endswith("_source")]
    assert {curie.partition(":")[0] for curie in shortened} <= head["curie_map"].keys()


def test_every_target_is_one_of_the_agenda():
    shipped = PROJECT / "data/crosswalks/rights-sdg.sssom.tsv"
    walk = crosswalks.parse("rights-sdg", shipped.read_bytes())
    assert "http://metadata.un.org/sdg/" == walk.prefixes["sdg"] and len(walk.rows) > 30
    for row in walk.rows:
        goal, _, part = row.object_id.removeprefix("sdg:").partition(".")
        numbers, letter = NUMBERS[int(goal)]
        assert 1 <= int(part) <= numbers if part.isdigit() else "a" <= part <= letter, row
        assert f"Target {goal}.{part}" == row.object_label and 0 < float(row.confidence) <= 1
        assert "judged by Answerable" == row.author_label and row.comment


def test_the_mappings_come_as_skos(client):
    for suffix, format in (("ttl", "turtle"), ("jsonld", "json-ld")):
        answer = client.get(f"/crosswalks/rights-sdg.{suffix}")
        graph = rdflib.Graph().parse(data=answer.text, format=format)
        found = {
            str(one) for one in graph.objects(rdflib.URIRef(terms.SCHEME + "right/identity"), rdflib.SKOS.closeMatch)
        }
        assert {"http://metadata.un.org/sdg/16.9"} == found
        assert len(read(client, "rights-sdg")[1]) == len(graph)


def test_a_person_sees_each_line_and_what_is_left_out(client):
    page = client.page("/crosswalks")
    assert "UNBIS" in page and "/crosswalks/states.tsv" in page
    one = client.page("/crosswalks/rights-sdg")
    assert 'href="http://metadata.un.org/sdg/16.9"' in one and "/scheme/right/identity" in one
    assert "judged by Answerable" in one


def test_a_long_crosswalk_is_read_in_pages_of_things_with_all_that_each_corresponds_to(client, monkeypatch):
    monkeypatch.setattr("api.routers.tables.AT_ONCE", 2)
    rows, address = read(client, "states")[1], "/crosswalks/states?page="
    things = list(dict.fromkeys(row["subject_id"] for row in rows))
    count = (len(things) + 1) // 2
    shown = [client.page(f"{address}{number}") for number in range(1, count + 1)]
    assert count > 1
    for number, text in enumerate(shown):
        here = things[2 * number : 2 * number + 2]
        assert sum(row["subject_id"] in here for row in rows) == text.count('class="soft">exactMatch')
    assert 400 == client.browse(f"{address}{count + 1}").status_code


def test_the_file_is_that_of_the_release_by_either_of_its_names(client, release):
    for name in ("rights-sdg", "states"):
        held = (release.path / f"crosswalks/{name}.sssom.tsv").read_bytes()
        for address in (f"/crosswalks/{name}.tsv", f"/crosswalks/{name}.sssom.tsv"):
            assert held == client.get(address).content


def test_a_pinned_release_answers_with_its_own_crosswalks(release, tmp_path):
    first, second = lay_two(release, tmp_path)
    path = tmp_path / second / "crosswalks/rights-sdg.sssom.tsv"
    path.write_bytes(path.read_bytes().replace(b"\t0.9\t", b"\t0.4\t"))
    outputs = release.manifest["outputs"] | {"crosswalks/rights-sdg.sssom.tsv": releases.hash_file(path)}
    releases.seal(tmp_path / second, {**release.manifest, "id": second, "outputs": outputs})
    with start(tmp_path) as client:
        for name, own, other in ((first, "0.9", "0.4"), (second, "0.4", "0.9")):
            page = client.page(f"/release/{name}/crosswalks/rights-sdg")
            assert f"({own})" in page and f"({other})" not in page
            assert f"\t{own}\t" in client.get(f"/release/{name}/crosswalks/rights-sdg.tsv").text

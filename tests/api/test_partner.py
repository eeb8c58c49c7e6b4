"""The partner's script of examples/: what it fetches works from a served release, and again from its folder without a network."""

import importlib
import re
import sys

import pytest
from rdflib import RDF, SH

from kg import terms
from kg.config import PROJECT

FOLDER = PROJECT / "examples/partner"


@pytest.fixture(scope="module")
def partner():
    return importlib.import_module("examples.partner.partner")


class Here:
    """The client of the frozen graph as the script's own, which follows redirects."""

    def __init__(self, client):
        self.client = client

    def get(self, address, headers):
        assert address.startswith("http://testserver/")
        return self.client.get(address.removeprefix("http://testserver"), headers=headers, follow_redirects=True)


class Nowhere:
    """No network."""

    def get(self, address, headers):
        raise AssertionError(f"fetched {address}")


@pytest.fixture(scope="module")
def kept(partner, client, tmp_path_factory):
    """Run the script's steps once on the frozen graph; the folder of what was fetched, and the tree."""
    folder = tmp_path_factory.mktemp("kept")
    source = partner.Source("http://testserver", folder, Here(client))
    return folder, partner.tree(source, "id/event/2011-06-handover"), partner.check(source, FOLDER / "own-data.ttl")


def test_a_thing_becomes_a_tree(kept):
    _, tree, _ = kept
    assert terms.ID + "event/2011-06-handover" == tree["@id"]
    assert "Handover to Boria, June 2011" == tree["prefLabel"]["en"]
    assert {"@type": "xsd:gYearMonth", "@value": "2011-06"} == tree["date"]
    assert all(one["prefLabel"]["en"] for one in tree["@reverse"]["isPartOf"])


def test_own_data_is_validated_and_each_mistake_told_once(partner, kept):
    _, _, (conforms, report) = kept
    told = [line for line in partner.explain(report) if line.startswith("Violation")]
    assert not conforms and 2 == len(told)
    assert all("https://partner.example/data/injured" in line for line in told)
    assert any("scheme/precision" in line for line in told) and any("ans:isReportedIn" in line for line in told)


def test_without_the_mistakes_own_data_conforms(partner, kept, tmp_path):
    text = (FOLDER / "own-data.ttl").read_text(encoding="utf-8")
    (tmp_path / "mended.ttl").write_text(text.partition("# Wrong:")[0], encoding="utf-8")
    conforms, report = partner.check(partner.Source("http://testserver", kept[0], Nowhere()), tmp_path / "mended.ttl")
    assert conforms and not [*report.subjects(RDF.type, SH.ValidationResult)]


def test_what_was_fetched_once_needs_no_network(partner, kept):
    folder, tree, _ = kept
    assert tree == partner.tree(partner.Source("http://testserver/", folder, Nowhere()), "id/event/2011-06-handover")


def test_the_command_writes_the_tree_and_the_report(partner, kept, monkeypatch, capsys):
    given = re.search(r"python partner\.py (\S+) (\S+) (\S+)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert given and (FOLDER / given[3]).exists()
    asked = ["http://testserver/", "id/event/2011-06-handover", str(FOLDER / given[3])]
    monkeypatch.setattr(sys, "argv", ["partner.py", *asked, "--keep", str(kept[0])])
    assert 1 == partner.main()
    out, err = capsys.readouterr()
    assert '"Handover to Boria, June 2011"' in out and 2 == err.count("Violation: https://partner.example/")

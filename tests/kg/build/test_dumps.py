"""The dumps: each says the same as the lines it is made of, and the same lines make the same bytes."""

import gzip
import json

import pytest
import zstandard
from rdflib import Graph

from kg.build import dumps
from kg.release import DUMPS

E = "http://example.org/"
OBJECTS = ('"a"', '"a"@en', '"a"@en-GB', '"a . <x> "', '"a b"', '"\\n"', f"<{E}a>", f"<{E}ab>", "_:a", "_:ab")
TRIPLES = sorted(f"<{E}{subject}> <{E}p> {value}".encode() for subject in range(99) for value in OBJECTS)
LINES = sorted(triple + f" <{E}{graph}> .\n".encode() for graph in ("one", "two") for triple in TRIPLES)[:-1]


def write(folder, lines):
    """Write the dumps of some lines into a new folder."""
    folder.mkdir()
    paths = dumps.write(folder, lines)
    assert {form: name for form, name in DUMPS.items()} == {form: path.name for form, path in paths.items()}
    return {form: path.read_bytes() for form, path in paths.items()}


def test_quads_stay_as_they_are_and_graphs_merge_into_triples_each_once(tmp_path):
    files = write(tmp_path / "1", LINES)
    assert b"".join(LINES) == gzip.decompress(files["nq"])
    assert [triple + b" ." for triple in TRIPLES] == zstandard.decompress(files["nt"], 1 << 20).splitlines()
    expected = Graph().parse(data=b"\n".join(triple + b" ." for triple in TRIPLES), format="nt")
    for form, name in (("ttl", "turtle"), ("jsonld", "json-ld")):
        assert expected.isomorphic(Graph().parse(data=gzip.decompress(files[form]), format=name))
    assert files == write(tmp_path / "2", LINES)


@pytest.mark.parametrize("form", ["nq", "ttl", "jsonld"])
def test_no_file_names_itself_or_its_time(tmp_path, form):
    assert (
        b"\0" * 5 == write(tmp_path / "1", LINES)[form][3:8]
    )  # no field follows the head, and no time (RFC 1952, 2.3)


def test_an_empty_graph_has_empty_dumps(tmp_path):
    files = write(tmp_path / "1", [])
    assert b"" == gzip.decompress(files["nq"]) == zstandard.decompress(files["nt"], 1)
    assert [] == json.loads(gzip.decompress(files["jsonld"]))
    assert 0 == len(Graph().parse(data=gzip.decompress(files["ttl"]), format="turtle"))

"""Copying a store: the copy holds all its graphs and their merge, and its dumps are the same every time."""

import json
from itertools import permutations
from pathlib import Path

import pytest
from rdflib import Graph

from kg.errors import SourceError
from kg.store import FEET, FORMS, HEADS, Copying, Store, cut
from tests.kg.test_full_disk import FULL, fail

E = "http://example.org/"
GRAPHS = {"ttl": "turtle", "jsonld": "json-ld"}


@pytest.fixture
def store():
    """Two graphs with one triple in common, blank nodes in both, and texts that look like other things."""
    with Store.memory() as store:
        for name in "ab":
            text = f"<{E}s> <{E}p> 'x', '{name}', '_:no', '<{E}y> .', 'a\\n.' ; <{E}q> [ <{E}r> [ <{E}s> '{name}' ] ] ."
            store.load(text.encode(), format="ttl", graph=E + name, source=name)
        yield store


@pytest.fixture(autouse=True, params=[None, 200], ids=["whole", "pieces"])
def size(request, monkeypatch):
    """Copy with pieces of several sizes."""
    if request.param:
        monkeypatch.setattr("kg.store.copying._PART", request.param)
        monkeypatch.setattr("kg.store.copying._RUN", 2 * request.param)


def write(parts):
    """Write parts in every format."""
    parts = [*parts]
    texts = {form: [part.text(form, leads=part is parts[0]) for part in parts] for form in FORMS}
    return {form: b"".join([HEADS[form], *texts[form], FEET[form]]) for form in FORMS}


def copy(store, folder, canonical=True):
    """Copy a store whole, and return what its dumps hold."""
    folder.mkdir()
    with Copying(store, folder) as copying:
        copying.add()
        found = write(copying.parts(canonical=canonical))
        copying.finish()
    assert ["store"] == [path.name for path in folder.iterdir()]
    return found


def test_a_copy_has_all_graphs_and_their_merge(store, tmp_path):
    copy(store, tmp_path / "copy")
    store.copy_named_into_default()
    with Store.open(tmp_path / "copy/store") as saved:
        assert (store.count(), store.graphs()) == (saved.count(), saved.graphs())
        assert [8, 8] == [store.count(graph) for graph in store.graphs()]
        assert [8, 8] == [saved.count(graph) for graph in saved.graphs()]
    with pytest.raises(SourceError, match="not empty"):
        Copying(store, tmp_path / "copy")


def test_a_copy_that_cannot_begin_leaves_no_store_open(store, tmp_path):
    with pytest.MonkeyPatch.context() as patched, pytest.raises(OSError, match=FULL) as failed:
        fail(patched, Path, "mkdir")
        Copying(store, tmp_path)
    assert failed.value.__traceback__  # holds what was made until then
    with Copying(store, tmp_path):  # an open store would be locked
        pass


def test_what_comes_later_is_copied_too_and_the_rest_once(store, tmp_path):
    with Copying(store, tmp_path) as copying:
        copying.add()
        store.update(
            f"INSERT {{ GRAPH <{E}c> {{ ?s <{E}t> ?o }} ?s <{E}t> ?o }} WHERE {{ GRAPH ?g {{ ?s <{E}p> ?o }} }}"
        )
        copying.add()
        copying.add()
        quads = write(copying.parts(canonical=True))["nq"].splitlines()
        copying.finish()
        assert len(quads) == copying.quads == 8 + 8 + 6
    assert sorted(quads) == quads
    with Store.open(tmp_path / "store") as saved:
        assert [8, 8, 6] == [saved.count(graph) for graph in saved.graphs()]
        assert 8 + 8 + 6 - 4 == saved.count()


def test_a_blank_node_is_the_same_everywhere_in_a_copy(tmp_path):
    with Store.memory() as store:
        for name in "ab":
            for number in range(9):
                text = f"<{E}{name}{number}> <{E}p> _:x . _:x <{E}q> {number} . _:x <{E}r> _:y . _:y <{E}s> '_:no' ."
                store.load(text.encode(), format="ttl", graph=E + name, source=name)
        copy(store, tmp_path / "copy")
        store.copy_named_into_default()
        with Store.open(tmp_path / "copy/store") as saved:
            assert (store.count(), store.graphs()) == (saved.count(), saved.graphs())
            chains = (
                f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?a <{E}p> ?x . ?x <{E}q> ?n1 }} ?x <{E}r> ?y . ?y <{E}s> ?z }}"
            )
            assert 18 == int(next(iter(saved.select(chains)))[0].value)


def test_the_dumps_are_the_same_whatever_the_order_and_the_labels(tmp_path):
    texts = [f"<{E}{n}> <{E}p> _:x , '{n}' . _:x <{E}q> [ <{E}r> '{n}' ] ." for n in "abc"]
    found = []
    for number, order in enumerate(permutations(zip("abc", texts, strict=True))):
        with Store.memory() as store:
            for name, text in order:
                store.load(text.encode(), format="ttl", graph=E + name, source=name)
            found.append(copy(store, tmp_path / str(number)))
    assert {"nq", "nt", "ttl", "jsonld"} == found[0].keys()
    assert all(one == found[0] for one in found)
    assert 12 == len(found[0]["nq"].splitlines()) == len(Graph().parse(data=found[0]["ttl"], format="turtle"))
    assert json.loads(found[0]["jsonld"])


def test_without_canonical_labels_the_dumps_say_the_same(store, tmp_path):
    plain, canonical = (copy(store, tmp_path / str(number), bool(number)) for number in range(2))
    assert plain["nq"] != canonical["nq"]
    same = [Graph().parse(data=one["ttl"], format="turtle") for one in (plain, canonical)]
    assert same[0].isomorphic(same[1])


def test_a_copy_left_early_stops(store, tmp_path):
    with pytest.raises(KeyError), Copying(store, tmp_path) as copying:
        copying.add()
        raise KeyError
    assert copying._thread._shutdown


def test_graphs_merge_into_sorted_triples_each_once():
    triples = [
        f"<{E}s> <{E}p> {o}"
        for o in ('"a"', '"a"@en', '"a"@en-GB', '"a . <x> "', '"a b"', f"<{E}a>", f"<{E}ab>", "_:a", "_:ab")
    ]
    quads = sorted(f"{triple} <{E}{graph}> .\n".encode() for graph in ("one", "two") for triple in triples)
    dumps = write(cut(quads[:-1]))
    assert b"".join(quads[:-1]) == dumps["nq"]
    assert {len(triples)} == {len(Graph().parse(data=dumps[form], format=name)) for form, name in GRAPHS.items()}
    assert b"[]" == write(cut([]))["jsonld"]


def test_parts_are_decided_by_the_subjects_in_them():
    lines = sorted(f"<{E}{n}> <{E}p> '{m}' <{E}g> .\n".replace("'", '"').encode() for n in range(999) for m in range(2))
    parts = [*cut(lines)]
    assert 4 < len(parts) < 16
    assert lines == [line for part in parts for line in part.lines]
    without = [*cut(line for line in lines if not line.startswith(f"<{E}500>".encode()))]
    assert 1 >= sum(part not in parts for part in without)
    for form, name in GRAPHS.items():
        assert len(lines) == len(Graph().parse(data=write(parts)[form], format=name))

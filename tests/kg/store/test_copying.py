"""Copying a store: the copy holds all its graphs and their merge, and its lines are the same every time."""

import re
from itertools import permutations
from pathlib import Path

import pytest

from kg.errors import SourceError
from kg.store import Copying, Store
from tests.kg.test_full_disk import FULL, fail

E = "http://example.org/"


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


def copy(store, folder):
    """Copy a store whole, and return its lines."""
    folder.mkdir()
    with Copying(store, folder) as copying:
        copying.add()
        lines = [*copying.lines()]
        copying.finish()
    assert ["store"] == [path.name for path in folder.iterdir()]
    return lines


def lines_of(folder, turtle):
    """Copy a graph, and return its lines."""
    with Store.memory() as store:
        store.load(f"@prefix : <{E}> . {turtle}".encode(), format="ttl", graph=E, source="a")
        return copy(store, folder)


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
        quads = [*copying.lines()]
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


def test_the_lines_are_the_same_whatever_the_order_and_the_labels(tmp_path):
    texts = [f"<{E}{n}> <{E}p> _:x , '{n}' . _:x <{E}q> [ <{E}r> '{n}' ] ." for n in "abc"]
    copies = []
    for number, order in enumerate(permutations(zip("abc", texts, strict=True))):
        with Store.memory() as store:
            for name, text in order:
                store.load(text.encode(), format="ttl", graph=E + name, source=name)
            copies.append(copy(store, tmp_path / str(number)))
    assert 12 == len(copies[0]) and sorted(copies[0]) == copies[0]
    assert all(lines == copies[0] for lines in copies)


def test_the_label_of_a_blank_node_changes_only_with_what_hangs_together_with_it(tmp_path):
    text = ":a :p [ :q 1 ; :r [ :q 2 ] ] . :b :p _:s . :c :p _:s . _:s :q 3 . _:m :to _:n . _:n :to _:m ."
    lines = {*lines_of(tmp_path / "1", text)}
    assert lines < {*lines_of(tmp_path / "2", f":d :p [ :q 0 ] . {text} :e :p [ :q 9 ] .")}
    changed = {*lines_of(tmp_path / "3", text.replace(":q 2", ":q 5"))}
    assert 4 == len(lines - changed) and all(line.startswith((b"_:", f"<{E}a>".encode())) for line in lines - changed)


def test_blank_nodes_that_are_alike_stay_apart(tmp_path):
    lines = lines_of(tmp_path / "1", ":a :p [ :q 1 ] , [ :q 1 ] . [] :r 2 . [] :r 2 .")
    assert 6 == len(lines) and 4 == len({*re.findall(rb"_:\w+", b"".join(lines))})


def test_a_copy_left_early_stops(store, tmp_path):
    with pytest.raises(KeyError), Copying(store, tmp_path) as copying:
        copying.add()
        raise KeyError
    assert copying._thread._shutdown

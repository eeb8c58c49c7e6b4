"""The lines of a store: the same every time, whatever its blank nodes are called; and a copy of it in a folder."""

import re
from itertools import permutations

import pytest

import kg.store.store
from kg.store import Store
from tests.loaded import save

E = "http://example.org/"


def store_of(turtles):
    """Make a store of graphs, by their numbers and in this order, and of their merge."""
    store = Store.memory()
    for number, turtle in turtles.items():
        text = f"@prefix : <{E}> . {turtle}"
        store.load(text.encode(), format="ttl", graph=f"{E}{number}", source="a")
    store.copy_named_into_default()
    return store


def lines_of(*turtles):
    """Write the lines of graphs."""
    return store_of(dict(enumerate(turtles))).drain()


@pytest.mark.parametrize("batch", [3, kg.store.store.BATCH])
def test_a_copy_has_all_graphs_and_their_merge_and_a_blank_node_is_the_same_everywhere_in_it(
    tmp_path, monkeypatch, batch
):
    monkeypatch.setattr(kg.store.store, "BATCH", batch)
    text = ":s :p 'x' , '{0}' , '_:no' . :{0} :p _:x . _:x :q '{0}' ; :r _:y . _:y :s '_:no' ."
    texts = [*map(text.format, "ab")]
    save(store_of(dict(enumerate(texts))), tmp_path / "store")
    chains = f"SELECT ?g {{ GRAPH ?g {{ ?a <{E}p> ?x . ?x <{E}q> ?n }} ?x <{E}r> ?y . ?y <{E}s> ?z }} ORDER BY ?g"
    with Store.open(tmp_path / "store") as saved:
        assert (12, [f"{E}0", f"{E}1"]) == (saved.count(), saved.graphs())
        assert [7, 7] == [saved.count(graph) for graph in saved.graphs()]
        assert saved.graphs() == [row[0].value for row in saved.select(chains)]
        assert lines_of(*texts) == saved.drain()


def test_the_lines_are_those_of_the_named_graphs_and_sorted():
    lines = lines_of(":s :p 'x' , '_:no' .", f":s :p 'x' , '<{E}y> .', 'a\\n.' .")
    assert 5 == len(lines) and sorted(lines) == lines
    assert {b"<http://example.org/0>", b"<http://example.org/1>"} == {line.split(b" ")[-2] for line in lines}


def test_the_lines_are_the_same_whatever_the_order_and_the_labels():
    texts = [f":{n} :p _:x , '{n}' . _:x :q [ :r '{n}' ] ." for n in "abc"]
    written = {tuple(store_of(dict(order)).drain()) for order in permutations(enumerate(texts))}
    assert 1 == len(written) and 12 == len(min(written))


def test_the_label_of_a_blank_node_changes_only_with_what_hangs_together_with_it():
    text = ":a :p [ :q 1 ; :r [ :q 2 ] ] . :b :p _:s . :c :p _:s . _:s :q 3 . _:m :to _:n . _:n :to _:m ."
    lines = {*lines_of(text)}
    assert lines < {*lines_of(f":d :p [ :q 0 ] . {text} :e :p [ :q 9 ] .")}
    changed = {*lines_of(text.replace(":q 2", ":q 5"))}
    assert 4 == len(lines - changed) and all(line.startswith((b"_:", f"<{E}a>".encode())) for line in lines - changed)


def test_blank_nodes_that_are_alike_stay_apart():
    lines = lines_of(":a :p [ :q 1 ] , [ :q 1 ] . [] :r 2 . [] :r 2 .")
    assert 6 == len(lines) and 4 == len({*re.findall(rb"_:\w+", b"".join(lines))})

"""Two dumps beside each other: what differs is found whatever the blank nodes are called, and versions bring one to the other."""

import itertools
import random

import pyoxigraph as ox
import pytest

from kg import changes, release
from kg.build import dumps
from kg.changes.reading import SKOLEM, Dump, Pair
from kg.release import Release
from kg.store import cut

E = "http://example.org/"


def made(folder, turtle):
    """Make a release of a graph, with nothing but what a comparison reads; its blank nodes are labelled as a build does it."""
    (folder / "dumps").mkdir(parents=True)
    triples = ox.parse(f"@prefix : <{E}> . {turtle}", ox.RdfFormat.TURTLE)
    graph = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(E + "graph")) for t in triples)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = ox.serialize(graph, format=ox.RdfFormat.N_QUADS).splitlines(keepends=True)
    dumps.write(folder / "dumps", cut(sorted(lines)))
    told = {"id": folder.name, "created": folder.name, "inputs": {}, "outputs": {}, "triples": {"total": len(lines)}}
    release.seal(folder, told)
    return Release(folder), canonical(b"".join(line.rsplit(b" ", 2)[0] + b" .\n" for line in lines))


def canonical(lines):
    """Label the blank nodes of a graph by what it says of them."""
    graph = ox.Dataset(ox.parse(lines, ox.RdfFormat.N_TRIPLES))
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(graph)


def follow(things, old, new):
    """Put the versions of a release in the place of those before, page by page."""
    begins = [*changes.bounds(old, new), None]
    for start, end in itertools.pairwise(begins):
        for version in changes.versions(old, new, start, end):
            said = [
                line.replace(f"<{version.iri}>".encode(), f"<{version.thing}>".encode(), 1) for line in version.lines
            ]
            things[version.thing] = [
                line.replace(b"_:", b"_:%dx" % abs(hash((new.id, version.thing)))) for line in said
            ]


def graph_of(things):
    """Make the graph of all things; the IRIs that blank nodes got are blank nodes again."""
    lines = b"".join(line + b" .\n" for said in things.values() for line in said)
    marked = lines.replace(f"<{SKOLEM}".encode(), b"_:s").decode()
    text = "".join(
        " ".join(term.rstrip(">") if term.startswith("_:s") else term for term in line.split(" ")) + "\n"
        for line in marked.splitlines()
    )
    return canonical(text.encode())


def changed(old, new):
    """Name the things that differ."""
    return [one.subject.decode().removeprefix(f"<{E}").rstrip(">") for one in Pair(old, new).differing()]


def test_labels_of_blank_nodes_make_no_difference(tmp_path):
    # A new blank node gives all others other labels.
    old, _ = made(tmp_path / "1", ':a :p [ :q 1 ; :r [ :q 2 ] ] . :b :p [ :q 3 ] . :c :p "_:x" .')
    new, _ = made(
        tmp_path / "2", ':a :p [ :q 1 ; :r [ :q 2 ] ] . :b :p [ :q 3 ] . :c :p "_:x" . :d :p [ :q 4 ] , [ :q 0 ] .'
    )
    labels = [{line for lines in Dump(one).blank.values() for line in lines} for one in (old, new)]
    assert not labels[0] <= labels[1]
    assert ["d"] == changed(old, new)
    third, _ = made(tmp_path / "3", ':a :p [ :q 1 ; :r [ :q 5 ] ] . :b :p [ :q 3 ] . :c :p "_:x" .')
    assert ["a"] == changed(old, third)


def test_blank_nodes_of_no_single_thing_get_iris_from_what_they_hold(tmp_path):
    text = ":a :p _:s . :b :p _:s . _:s :q 1 . [] :r 2 . _:m :to _:n . _:n :to _:m . "
    old, _ = made(tmp_path / "1", text)
    new, _ = made(tmp_path / "2", text + ":c :p [ :q 0 ] .")
    assert ["c"] == changed(old, new)
    assert 4 == len(Dump(old).others)
    other, _ = made(tmp_path / "3", text.replace(":r 2", ":r 3"))
    assert 2 == len(changed(old, other)) and all("genid" in one for one in changed(old, other))


def random_graph(chance, size):
    """Write a graph of things, some of which lead to blank nodes: own ones, shared ones, some in a circle."""
    lines = []
    for number in range(size):
        if chance.random() < 0.8:
            lines.append(f":t{number} :p {chance.randrange(3)} .")
        if chance.random() < 0.3:
            lines.append(f":t{number} :own [ :q {chance.randrange(3)} ; :r [ :q {chance.randrange(2)} ] ] .")
        if chance.random() < 0.1:
            lines.append(f":t{number} :shares _:s{chance.randrange(5)} .")
    for number in range(5):
        lines.append(f"_:s{number} :q {chance.randrange(3)} .")
        if chance.random() < 0.3:
            lines.append(f"_:s{number} :next _:s{chance.randrange(5)} .")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(5))
def test_versions_bring_a_copy_from_each_release_to_the_next(tmp_path, monkeypatch, seed):
    monkeypatch.setattr("kg.changes.stream.AT_ONCE", 37)
    chance, things, before = random.Random(seed), {}, None
    for number in range(3):
        found, graph = made(tmp_path / f"{number}", random_graph(chance, 900))
        follow(things, before, found)
        assert graph == graph_of(things)
        before = found


@pytest.mark.parametrize("seed", range(5))
def test_parts_that_are_passed_by_hide_no_difference(tmp_path, seed):
    chance = random.Random(seed)
    said = {number: chance.randrange(3) for number in range(3000)}
    old, _ = made(tmp_path / "old", "\n".join(f":t{number} :p {value} ." for number, value in said.items()))
    then = dict(said)
    for number in chance.sample(range(3500), 40):
        then[number] = 3 if number in then and chance.random() < 0.5 else then.pop(number, 4) or 5
    new, _ = made(tmp_path / "new", "\n".join(f":t{number} :p {value} ." for number, value in then.items()))
    expected = sorted(f"t{n}" for n in said.keys() | then.keys() if said.get(n) != then.get(n))
    assert expected == sorted(changed(old, new)) and expected
    for _ in range(20):
        start, end = sorted(f"<{E}t{chance.randrange(3500)}>".encode() for _ in "ab")
        some = [one.subject for one in Pair(old, new).differing(start, end)]
        assert [key for key in sorted(f"<{E}{one}>".encode() for one in expected) if start <= key < end] == some


def test_what_only_the_build_derives_is_its_own_kind_of_change():
    from kg.changes.difference import _judge
    from kg.terms import GRAPH, INFERRED, VOCABULARY

    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    said = f"<{E}x> {kind} <{VOCABULARY}Act> <{GRAPH}a> .\n".encode()
    derived = f"<{E}x> {kind} <{VOCABULARY}Conduct> <{INFERRED}> .\n".encode()
    elsewhere = said.replace(b"graph/a>", b"graph/b>")
    what = lambda before, now: (found := _judge(b"<x>", before, now)) and (found.what, found.kind)
    act = VOCABULARY + "Act"
    assert ("derived", act) == what((said,), (said, derived))
    assert ("created", act) == what((), (said, derived))
    assert ("removed", act) == what((said, derived), ())
    assert None is what((said,), (elsewhere,))  # another file states the same
    tombstone = f"<{E}x> {kind} <{VOCABULARY}Tombstone> <{GRAPH}a> .\n".encode()
    assert ("withdrawn", "") == what((said,), (tombstone,)) == what((), (tombstone,))
    assert None is what((tombstone,), (tombstone,))

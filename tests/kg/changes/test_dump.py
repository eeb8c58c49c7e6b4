"""Two dumps beside each other: what differs is found, and versions bring a copy from one release to the next."""

import random
import re
import zlib

import pytest

from kg import changes, release
from kg.build import dumps
from kg.changes.difference import _judge
from kg.changes.dump import SubjectDifference, differences, split
from kg.errors import ReleaseCorrupt
from kg.release import Release
from kg.store import Store
from kg.terms import GRAPH, INFERRED, VOCABULARY

E = "http://example.org/"
GENID = re.compile(rb"<https://w3id.org/answerable/.well-known/genid/(\w+)>")


def make_release(folder, turtle):
    """Make a release of a graph, with nothing but what a comparison reads, and its triples."""
    (folder / "dumps").mkdir(parents=True)
    with Store.memory() as store:
        store.load(f"@prefix : <{E}> . {turtle}".encode(), format="ttl", graph=E + "graph", source="a")
        lines = store.drain()
    dumps.write(folder / "dumps", lines)
    counts = {"total": len(lines)}
    release.seal(folder, {"id": folder.name, "created": folder.name, "inputs": {}, "outputs": {}, "triples": counts})
    return Release(folder), {line.rsplit(b" ", 2)[0] + b" ." for line in lines}


def follow(things, old, new):
    """Put the versions of a release in the place of those before, page by page."""
    for page in changes.pages(old, new):
        lines = zlib.decompress(page).splitlines()
        members = {line.split(b" ")[2] for line in lines if b"#member> " in line}
        of_thing = {line.split(b" ")[0]: line.split(b" ")[2] for line in lines if b"/isVersionOf> " in line}
        assert members == of_thing.keys()
        things.update({thing: set() for thing in of_thing.values()})
        for line in lines:
            version, link, _ = line.split(b" ", 2)
            if version in members and not re.search(rb"isVersionOf|generatedAtTime|dc/terms/type", link):
                things[of_thing[version]].add(line.replace(version, of_thing[version], 1))


def graph_of(things):
    """Merge what is said of all things; the IRIs that blank nodes got are blank nodes again."""
    return {GENID.sub(rb"_:\1", line) for lines in things.values() for line in lines}


def changed(old, new):
    """Name the things that differ, without blank nodes."""
    subjects = [difference.subject.decode() for difference in differences(old, new)]
    return [subject.removeprefix(f"<{E}").rstrip(">") for subject in subjects if not subject.startswith("_:")]


def test_a_thing_differs_where_a_blank_node_does_that_it_leads_to(tmp_path):
    text = ':a :p [ :q 1 ; :r [ :q 2 ] ] . :b :p [ :q 3 ] . :c :p "_:x" .'
    old, _ = make_release(tmp_path / "1", text)
    assert ["d"] == changed(old, make_release(tmp_path / "2", text + ":d :p [ :q 4 ] , [ :q 0 ] .")[0])
    assert ["a"] == changed(old, make_release(tmp_path / "3", text.replace(":q 2", ":q 5"))[0])


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
        new, triples = make_release(tmp_path / f"{number}", random_graph(chance, 300))
        follow(things, before, new)
        assert triples == graph_of(things)
        before = new


@pytest.mark.parametrize("seed", range(3))
def test_every_difference_and_no_other_is_found(tmp_path, seed):
    chance = random.Random(seed)
    before = {number: chance.randrange(3) for number in range(300)}
    now = dict(before)
    for number in chance.sample(range(350), 40):
        now[number] = 3 if number in now and chance.random() < 0.5 else now.pop(number, 4) or 5
    old, new = (
        make_release(tmp_path / name, "\n".join(f":t{number} :p {value} ." for number, value in values.items()))[0]
        for name, values in (("old", before), ("new", now))
    )
    expected = {f"t{n}" for n in before.keys() | now.keys() if before.get(n) != now.get(n)}
    assert expected == {*changed(old, new)} and len(expected) > 10


def test_a_dump_that_cannot_be_read_is_an_error(tmp_path):
    old, _ = make_release(tmp_path / "old", ":a :p 1 .")
    dump = old.path / "dumps/answerable.nq.gz"
    whole = dump.read_bytes()
    dump.unlink()
    for damaged in (whole[:-9], b"x" + whole, whole[:20] + b"xxx" + whole[23:]):
        with pytest.raises(ReleaseCorrupt, match="The dump cannot be read"):  # at first there is none
            changes.compare(old, old)
        dump.write_bytes(damaged)
    with pytest.raises(ReleaseCorrupt, match="The dump cannot be read"):
        changes.compare(old, old)


def test_what_only_the_build_derives_is_its_own_kind_of_change():
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    stated = f"<{E}x> {kind} <{VOCABULARY}Act> <{GRAPH}a> .\n".encode()
    derived = f"<{E}x> {kind} <{VOCABULARY}Conduct> <{INFERRED}> .\n".encode()
    elsewhere = stated.replace(b"graph/a>", b"graph/b>")
    tombstone = f"<{E}x> {kind} <{VOCABULARY}Tombstone> <{GRAPH}a> .\n".encode()
    act = VOCABULARY + "Act"

    def what(before, now):
        change = _judge(SubjectDifference(b"<x>", tuple(map(split, before)), tuple(map(split, now))))
        return change and (change.what, change.kind)

    assert ("derived", act) == what((stated,), (stated, derived))
    assert ("created", act) == what((), (stated, derived))
    assert ("removed", act) == what((stated, derived), ())
    assert None is what((stated,), (elsewhere,))  # another file states the same
    assert ("withdrawn", "") == what((stated,), (tombstone,)) == what((), (tombstone,))
    assert None is what((tombstone,), (tombstone,))

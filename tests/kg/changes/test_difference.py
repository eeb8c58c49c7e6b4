"""What changed between two releases, thing by thing and file by file."""

import asyncio
import itertools

import pytest

from kg import changes, release, terms
from kg.changes import CREATED, REMOVED, UPDATED, WITHDRAWN
from kg.errors import QueryStopped
from kg.release import Release

EVENTS = "data/events/xar/2012-03-16-port-ansel.ttl"


FIGURE = terms.ID + "figure/"


@pytest.fixture(scope="module")
def three(three_releases):
    """List the three releases of the frozen world, the oldest first."""
    return release.releases(three_releases)


@pytest.fixture(scope="module")
def found(three):
    """Compare the first two."""
    return changes.compare(*three[:2])


def test_things_are_new_changed_or_gone(three, found):
    things = {FIGURE + "daily-post-killed": REMOVED, FIGURE + "daily-post-wounded": CREATED}
    assert {**things, FIGURE + "prosecutor-killed": UPDATED} == {change.thing: change.what for change in found.things}
    assert (three[0].id, three[1].id, 3) == (found.old, found.new, found.total) and found.derived > 0
    (new,) = found.of(CREATED)
    assert (terms.term("Figure"), "Daily Post: dozens wounded") == (new.kind, new.label)
    assert terms.ID + "event/2012-03-16-port-ansel" in new.names
    assert {what: {terms.term("Figure"): 1} for what in (CREATED, UPDATED, REMOVED)} == found.counts


def test_the_files_that_changed_are_told_with_their_statements(three, found):
    (file,) = found.files
    assert (EVENTS, "changed") == (file.path, file.how) and file.came == file.went > 5
    later = {one.path: one for one in changes.compare(*three[1:]).files}
    assert {EVENTS, "shapes/house.ttl"} == set(later)
    assert (0, 0) == (later["shapes/house.ttl"].came, later["shapes/house.ttl"].went)  # it stands in a blank node


def test_what_is_withdrawn_is_told_by_its_address_alone(three):
    assert [changes.Change(FIGURE + "daily-post-wounded", WITHDRAWN)] == changes.compare(*three[1:]).of(WITHDRAWN)


def test_a_release_does_not_differ_from_itself(three):
    same = changes.compare(three[0], three[0])
    assert ((), 0, 0, True) == (same.things, same.total, same.derived, same.is_empty)
    assert "Nothing changed in the sources" in changes.write_notes(three[0], same)
    assert [] == list(changes.triples(three[0], three[0]))


def test_in_another_process_it_is_the_same(three, found):
    assert found == asyncio.run(changes.run_apart(changes.compare, *three[:2]))
    assert changes.pages(None, three[0]) == asyncio.run(changes.run_apart(changes.pages, None, three[0]))


def test_what_cannot_be_read_is_an_error_whose_cause_is_in_the_log(three, tmp_path, caplog):
    with pytest.raises(QueryStopped):
        asyncio.run(changes.run_apart(changes.compare, three[0], Release(tmp_path)))
    assert "ReleaseCorrupt" in caplog.text


def test_what_was_said_and_what_is_said_now(found):
    (change,) = found.of(UPDATED)
    before, now = ({(one.property, str(one.value)) for one in side} for side in (change.before, change.now))
    label = terms.PREFIXES["skos"] + "prefLabel"
    assert {(terms.term("value"), "14"), (label, "The Prosecutor: 14 killed")} <= before
    assert {(terms.term("value"), "15"), (label, "The Prosecutor: 15 killed")} <= now
    assert not before & now


def test_the_triples_are_told_graph_by_graph(three):
    triples = [*changes.triples(*three[1:])]
    assert {"+", "-"} == {sign for sign, _, _ in triples}
    tombstone = f"<{FIGURE}daily-post-wounded> <{terms.PREFIXES['rdf']}type> <{terms.term('Tombstone')}>"
    assert ("+", terms.graph_of(EVENTS), tombstone) in triples
    assert not [triple for _, _, triple in triples if "_:" in triple]


def test_the_notes_name_what_is_new_and_hide_what_was_withdrawn(three):
    first, second = (changes.write_notes(new, changes.compare(old, new)) for old, new in itertools.pairwise(three))
    assert f"# Release {three[1].id}\n" in first and f"It follows {three[0].id}." in first
    assert f"- Daily Post: dozens wounded: <{terms.ID}figure/daily-post-wounded>" in first
    assert "dozens killed" not in first and "figure/daily-post-killed" in first
    assert "## Withdrawn (1)" in second and "dozens" not in second
    assert f"| `{EVENTS}` | changed |" in second

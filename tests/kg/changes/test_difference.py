"""What changed between two releases, thing by thing and file by file."""

import asyncio
import itertools

import pytest

from kg import changes, terms
from kg.changes import CREATED, REMOVED, UPDATED, WITHDRAWN
from kg.errors import QueryStopped
from kg.release import Release

EVENTS = "data/events/xar/2012-03-16-port-ansel.ttl"


def named(found):
    """Map each thing to what happened to it."""
    return {change.thing.removeprefix(terms.ID): change.what for change in found.things}


def test_things_are_new_changed_or_gone(three):
    found = changes.compare(*three[:2])
    assert {
        "figure/daily-post-killed": REMOVED,
        "figure/daily-post-wounded": CREATED,
        "figure/prosecutor-killed": UPDATED,
    } == named(found)
    assert ((three[0].id, three[1].id), 3) == ((found.old, found.new), found.total)
    assert found.derived > 0
    names = {one.thing: one.names for one in found.things}
    assert terms.ID + "event/2012-03-16-port-ansel" in names[terms.ID + "figure/daily-post-wounded"]
    (new,) = [one for one in found.things if one.what == CREATED]
    assert (terms.term("Figure"), "Daily Post: dozens wounded") == (new.kind, new.label)
    assert {CREATED: 1, UPDATED: 1, REMOVED: 1} == {what: found.count(what) for what in found.counts}
    assert {terms.term("Figure")} == {kind for by in found.counts.values() for kind in by}


def test_the_files_that_changed_are_told_with_their_statements(three):
    found = {one.path: one for one in changes.compare(*three[:2]).files}
    assert [EVENTS] == list(found)
    assert "changed" == found[EVENTS].how and found[EVENTS].came == found[EVENTS].went > 5
    later = {one.path: one for one in changes.compare(*three[1:]).files}
    assert {EVENTS, "shapes/house.ttl"} == set(later)
    assert (0, 0) == (later["shapes/house.ttl"].came, later["shapes/house.ttl"].went)  # it stands in a blank node


def test_what_is_withdrawn_is_told_by_its_address_alone(three):
    (gone,) = [one for one in changes.compare(*three[1:]).things if one.what == WITHDRAWN]
    assert changes.Change(f"{terms.ID}figure/daily-post-wounded", WITHDRAWN) == gone


def test_a_release_does_not_differ_from_itself(three):
    found = changes.compare(three[0], three[0])
    assert ((), 0, 0, True) == (found.things, found.total, found.derived, found.is_empty)
    assert "Nothing changed in the sources" in changes.write_notes(three[0], found)


def test_in_another_process_it_is_the_same(three):
    assert changes.compare(*three[:2]) == asyncio.run(changes.run_apart(changes.compare, *three[:2]))
    assert changes.pages(None, three[0]) == asyncio.run(changes.run_apart(changes.pages, None, three[0]))


def test_what_cannot_be_read_is_an_error_whose_cause_is_in_the_log(three, tmp_path, caplog):
    with pytest.raises(QueryStopped):
        asyncio.run(changes.run_apart(changes.compare, three[0], Release(tmp_path)))
    assert "ReleaseCorrupt" in caplog.text


def test_what_was_said_and_what_is_said_now(three):
    (change,) = changes.compare(*three[:2]).of(UPDATED)
    assert terms.ID + "figure/prosecutor-killed" == change.thing
    values = [
        {(statement.property, str(statement.value)) for statement in side if not statement.is_derived}
        for side in (change.before, change.now)
    ]
    label = terms.PREFIXES["skos"] + "prefLabel"
    assert {(terms.term("value"), "14"), (label, "The Prosecutor: 14 killed")} <= values[0]
    assert {(terms.term("value"), "15"), (label, "The Prosecutor: 15 killed")} <= values[1]
    assert not values[0] & values[1]


def test_the_triples_are_told_graph_by_graph(three):
    found = sorted(changes.triples(*three[1:]))
    assert {"+", "-"} == {sign for sign, _, _ in found}
    tombstone = f"<{terms.ID}figure/daily-post-wounded> <{terms.PREFIXES['rdf']}type> <{terms.term('Tombstone')}>"
    assert ("+", terms.graph_of(EVENTS), tombstone) in found
    assert not [triple for _, _, triple in found if "_:" in triple]
    assert [] == list(changes.triples(three[2], three[2]))


def test_the_notes_name_what_is_new_and_hide_what_was_withdrawn(three):
    first, second = (changes.write_notes(new, changes.compare(old, new)) for old, new in itertools.pairwise(three))
    assert f"# Release {three[1].id}\n" in first and f"It follows {three[0].id}." in first
    assert f"- Daily Post: dozens wounded: <{terms.ID}figure/daily-post-wounded>" in first
    assert "dozens killed" not in first and "figure/daily-post-killed" in first
    assert "## Withdrawn (1)" in second and "dozens" not in second
    assert f"| `{EVENTS}` | changed |" in second

"""What changed between two releases, thing by thing."""

import pytest

from kg import changes, release, terms
from kg.errors import QueryStopped
from kg.release import Release


@pytest.fixture(scope="module")
def pair(changed_world):
    """The two releases, the older first."""
    current = release.current(changed_world)
    (old,) = [one for one in release.releases(changed_world) if one.id != current.id]
    return old, current


def test_things_are_new_changed_or_gone(pair):
    found = changes.compare(*pair)
    kinds = {one.thing.removeprefix(terms.ID): one.kind for one in found.things}
    assert {
        "figure/daily-post-killed": "gone",
        "figure/daily-post-wounded": "added",
        "figure/prosecutor-killed": "changed",
    } == kinds
    assert ((pair[0].id, pair[1].id), 3) == ((found.old, found.new), found.total)
    assert found.derived > 0
    names = {one.thing: one.names for one in found.things}
    assert terms.ID + "event/2012-03-16-port-ansel" in names[terms.ID + "figure/daily-post-wounded"]


def test_the_other_way_round_what_was_new_is_gone(pair):
    there, back = changes.compare(*pair), changes.compare(*reversed(pair))
    assert [there.count("added"), there.count("gone")] == [back.count("gone"), back.count("added")]


def test_a_release_does_not_differ_from_itself(pair):
    found = changes.compare(pair[0], pair[0])
    assert ((), 0, 0) == (found.things, found.total, found.derived)


def test_in_another_process_it_is_the_same(pair):
    assert changes.compare(*pair) == changes.compare_apart(*pair)


def test_what_cannot_be_read_is_an_error(pair, tmp_path):
    with pytest.raises(QueryStopped):
        changes.compare_apart(pair[0], Release(tmp_path))

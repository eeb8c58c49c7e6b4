"""What tests take as the shipped release is a copy of the one that `kg build` made of the same inputs, or else built."""

import pytest

from kg import release as releases
from tests import cached


@pytest.fixture
def shipped(project, monkeypatch, tmp_path):
    """Return a function that ships the small project; the release and whether it is a copy of the project's own."""
    monkeypatch.setenv("ANSWERABLE_ROOT", str(project.root))

    def ship(number):
        folder = tmp_path / f"shipped-{number}"
        folder.mkdir()
        cached.ship(folder)
        made = releases.current(folder)
        assert [] == releases.verify(made)
        own = releases.releases(project.out)
        return made, made.manifest["created"] in {one.manifest["created"] for one in own}

    return ship


def test_a_release_of_the_same_inputs_is_copied_and_every_other_is_built(project, shipped):
    assert not shipped("without any")[1]
    first = project.build()
    copy, is_copy = shipped("same")
    assert (True, first.manifest) == (is_copy, copy.manifest)
    project.replace("data/events/strike.ttl", "2012-02-29", "2012-02-28")
    other, is_copy = shipped("other data")
    assert not is_copy
    assert first.manifest["digest"] != other.manifest["digest"]


def test_a_damaged_release_is_not_taken(project, shipped):
    first = project.build()
    with (first.path / "catalogue.ttl").open("a") as catalogue:
        catalogue.write("# changed\n")
    made, is_copy = shipped("damaged")
    assert (False, first.manifest["digest"]) == (is_copy, made.manifest["digest"])

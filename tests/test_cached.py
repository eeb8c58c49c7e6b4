"""The folders that tests share are filled once, filled anew when damaged, and deleted only when nobody uses them."""

import contextlib

import pytest

from tests import cached


@pytest.fixture
def locks():
    """Hold locks to the end of a test."""
    with contextlib.ExitStack() as locks:
        yield locks


def filling(count):
    """Make a function that fills a folder, and notes that in a list."""

    def fill(folder):
        count.append(folder.name)
        (folder / "data").write_text("whole")

    return fill


def test_a_folder_is_filled_once_for_all_processes_of_all_runs(tmp_path, locks):
    count = []
    for _ in range(3):
        assert "whole" == (cached.filled(tmp_path, "x-1", filling(count), locks) / "data").read_text()
    assert ["x-1"] == count


def test_what_is_half_filled_is_filled_anew(tmp_path):
    def fail(folder):
        (folder / "half").touch()
        raise RuntimeError

    with pytest.raises(RuntimeError), contextlib.ExitStack() as locks:
        cached.filled(tmp_path, "x-1", fail, locks)
    with contextlib.ExitStack() as locks:
        folder = cached.filled(tmp_path, "x-1", filling([]), locks)
    assert ["data"] == [path.name for path in folder.iterdir()]


def test_the_key_changes_with_what_a_folder_is_made_from(monkeypatch, tmp_path):
    for name in (*cached.MADE_FROM, *(f"tests/{name}" for name in cached.MADE_BY)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one") if path.suffix else path.mkdir(exist_ok=True)
    monkeypatch.setattr(cached, "PROJECT", tmp_path)
    seen = {cached.key()}
    for name in ("data/new.ttl", "kg/deep/code.py", "pyproject.toml", "tests/frozen.py", "tests/world/data/x.ttl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
        seen.add(cached.key())
    monkeypatch.setenv("ANSWERABLE_DEADLINE", "3")
    seen.add(cached.key())
    (tmp_path / "data/new.ttl").rename(tmp_path / "data/other.ttl")
    seen.add(cached.key())
    assert 8 == len(seen)
    (tmp_path / "README.md").write_text("no input")
    assert cached.key() in seen


def test_a_folder_under_another_key_is_deleted_when_nobody_uses_it(tmp_path, locks):
    with contextlib.ExitStack() as used:
        cached.filled(tmp_path, "x-1", filling([]), used)
        for name in ("x-2", "y-1"):
            cached.filled(tmp_path, name, filling([]), locks)
        assert all((tmp_path / name).is_dir() for name in ("x-1", "x-2", "y-1"))
    cached.filled(tmp_path, "x-3", filling([]), locks)
    assert [False, True, True] == [(tmp_path / name).is_dir() for name in ("x-1", "x-3", "y-1")]

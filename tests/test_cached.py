"""The folders that tests share are filled once, filled anew when damaged, and deleted only when nobody uses them."""

import contextlib

import pytest

from tests import cached


@pytest.fixture
def locks():
    """Hold locks to the end of a test."""
    with contextlib.ExitStack() as locks:
        yield locks


def fill(folder):
    """Fill a folder."""
    (folder / "data").write_text("whole")


def fail(folder):
    """Fill a folder by half."""
    (folder / "half").touch()
    raise RuntimeError


def test_a_folder_is_filled_once_for_all_processes_of_all_runs_and_anew_when_it_is_half_filled(tmp_path, locks):
    with pytest.raises(RuntimeError), contextlib.ExitStack() as other:
        cached.filled(tmp_path, "x-1", fail, other)
    for function in (fill, fail):  # the second is not called
        assert ["data"] == [path.name for path in cached.filled(tmp_path, "x-1", function, locks).iterdir()]


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
        cached.filled(tmp_path, "x-1", fill, used)
        for name in ("x-2", "y-1"):
            cached.filled(tmp_path, name, fill, locks)
        assert all((tmp_path / name).is_dir() for name in ("x-1", "x-2", "y-1"))
    cached.filled(tmp_path, "x-3", fill, locks)
    assert [False, True, True] == [(tmp_path / name).is_dir() for name in ("x-1", "x-3", "y-1")]

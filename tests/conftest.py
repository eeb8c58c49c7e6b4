"""What every test may take: `world`, a release of the frozen graph, and `shipped`, one of the shipped data, each built once a run."""

import fcntl

import pytest

from kg import release as releases
from kg.build import pipeline
from kg.config import PROJECT, Settings
from tests import frozen

# Files and folders of which every test is slow: a browser, other engines, a server under attack, the suite of the W3C, the peers.
SLOW = (
    "browser/",
    "test_engines.py",
    "test_virtuoso.py",
    "test_deploy.py",
    "test_benchmarks.py",
    "api/test_clients.py",
    "api/test_hardness.py",
    "api/test_suite.py",
    "kg/remote/test_upload.py",
)


def pytest_collection_modifyitems(items):
    """Mark the slow tests, which `make test-quick` leaves out."""
    for item in items:
        if item.path.relative_to(PROJECT / "tests").as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def once(tmp_path_factory, pytestconfig):
    """Return a function that gives a folder of the run, filled by the first process to ask; the others wait."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if hasattr(pytestconfig, "workerinput") else base

    def made(name, fill):
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (base / f"{name}.done").exists():
                (base / name).mkdir()
                fill(base / name)
                (base / f"{name}.done").touch()
        return base / name

    return made


@pytest.fixture(scope="session")
def world(once):
    """Build the frozen graph of tests/world/; the release. Its folder of releases is `world.path.parent`: never switch it."""
    folder = once("world", lambda folder: pipeline.build(frozen.settings(frozen.project(folder))))
    return releases.current(folder / "releases")


@pytest.fixture(scope="session")
def shipped(once):
    """Build the whole shipped tree; the release. Its folder of releases is `shipped.path.parent`: never switch it."""
    return releases.current(once("shipped", lambda folder: pipeline.build(Settings.load(), out=folder)))


@pytest.fixture(scope="session")
def release(shipped):
    """Take the shipped tree, where a folder of tests says no other."""
    return shipped

"""What every test may take: `world`, a release of the frozen graph, and `shipped`, one of the shipped data, each built once a run."""

import fcntl
import shutil

import pytest

from kg import release as releases
from kg.build import inference, pipeline
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
# What takes longest comes first, so that no worker is left alone with it at the end; and apart from what measures times.
LONGEST = (
    "test_docs.py",
    "test_withdrawal.py",
    "facts/test_answers.py",
    "test_ontology.py",
    "kg/build/test_edit.py",
    "test_deploy.py",
    "api/test_strangers.py",
    "test_virtuoso.py",
    "api/test_hardness.py",
    "test_engines.py",
    "browser/",
    "test_migration.py",
)


def pytest_collection_modifyitems(items):
    """Mark the slow tests, which `make test-quick` leaves out, and put the longest files first."""
    place = {}
    for item in items:
        name = item.path.relative_to(PROJECT / "tests").as_posix()
        place[item] = next((n for n, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))
        if name.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    items.sort(key=place.__getitem__)


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
def changed_world(world, once):
    """Make two releases of the frozen graph, the second current, after facts were changed, added and removed; their folder.

    The prosecutor counts 15 killed in Port Ansel and no longer 14, a paper counts 17, and another paper's figure is gone.
    """

    def fill(folder):
        (folder / "project").mkdir()
        root = frozen.project(folder / "project")
        (root / "data").unlink()
        shutil.copytree(frozen.DATA, root / "data")
        out = root / "releases"
        shutil.copytree(world.path, out / world.id)
        (out / "current").symlink_to(world.id)
        events = root / "data/events/xar/2012-03-16-port-ansel.ttl"
        events.write_text(frozen.change(events.read_text(encoding="utf-8")), encoding="utf-8")
        pipeline.build(frozen.settings(root))

    return once("changed", fill) / "project/releases"


@pytest.fixture(scope="session")
def shipped(once):
    """Build the whole shipped tree; the release. Its folder of releases is `shipped.path.parent`: never switch it."""
    return releases.current(once("shipped", lambda folder: pipeline.build(Settings.load(), out=folder)))


@pytest.fixture
def closed_once(monkeypatch):
    """Close an ontology that is as it was before only once: that takes longer than all else of a small build."""
    close = inference.close_ontology

    def closed(sources):
        modules = tuple(source.data for source in sources if source.kind == "ontology")
        if modules not in CLOSED:
            CLOSED[modules] = close(sources)
        return CLOSED[modules]

    monkeypatch.setattr(inference, "close_ontology", closed)


CLOSED = {}  # by the texts of the modules, in each process of the run


@pytest.fixture(scope="session")
def release(shipped):
    """Take the shipped tree, where a folder of tests says no other."""
    return shipped

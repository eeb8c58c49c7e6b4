"""What every test may take: `world`, a release of the frozen graph, and `shipped`, one of the shipped data, each built once a run."""

import asyncio
import contextlib
import gc
import importlib
import inspect
import os
import shutil

import pytest

from kg import release as releases
from kg.build import pipeline
from kg.config import PROJECT
from kg.store import Store
from tests import cached, frozen

pytest_plugins = ["tests.turns"]

# Files and folders of which every test is slow: a browser, other engines, a server under attack, the suite of the W3C, the peers,
# and those that take ten seconds of a processor or more.
SLOW = (
    *("browser/", "test_benchmarks.py", "test_deploy.py", "test_engines.py", "test_migration.py", "test_ontology.py"),
    *("test_plans.py", "test_seal.py", "test_turns.py", "test_virtuoso.py", "test_withdrawal.py"),
    *("api/test_base.py", "api/test_check.py", "api/test_clients.py", "api/test_dcat.py", "api/test_event_stream.py"),
    *("api/test_generated_client.py", "api/test_hardness.py", "api/test_hostile.py", "api/test_long.py"),
    *(
        "api/test_openapi.py",
        "api/test_suite.py",
        "api/test_under_load.py",
        "api/test_vocabulary.py",
        "api/test_words.py",
    ),
    *("kg/answer/test_pool.py", "kg/build/test_agreement.py", "kg/build/test_inference.py"),
    *("kg/imports/test_sheet.py", "kg/remote/test_server.py", "kg/remote/test_upload.py", "kg/test_full_disk.py"),
    "kg/test_release.py",
    *("test_container.py", "test_examples.py"),
)
WITHOUT_SLOW = ("not slow", "not slow and not whole")
# What takes longest comes first, so that no worker is left alone with it at the end. The first builds the release of the shipped
# data; what asks that comes behind all those that need no more than the frozen graph meanwhile, so that nobody waits for it. What
# runs alone comes last: until it may, no other test begins.
LONGEST = (
    "test_docs.py",
    "test_withdrawal.py",
    *("test_virtuoso.py", "test_deploy.py"),  # the second measures under load, when the types have been checked
    *("browser/test_pages.py", "browser/test_editor.py", "api/test_hardness.py", "test_migration.py"),
    *(
        "facts/test_answers.py",
        "test_examples.py",
        "test_container.py",
        "browser/",
        "api/test_openapi.py",
        "kg/build/test_inference.py",
        "facts/test_filters.py",
    ),
)


def pytest_xdist_auto_num_workers(config):
    """Let one process more than there are processors run tests, where some wait for a limit to pass, a browser or another engine.

    With two more they take memory from each other, and each makes servers and stores of its own.
    """
    return (os.cpu_count() or 1) + (0 if config.option.markexpr in WITHOUT_SLOW else 1)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Collect without the garbage collector, which looks no more at the thousands of tests, and less often at the rest.

    Each process imports a part of the tests first, and so rewrites their assertions: of the others it finds them rewritten.
    """
    config = session.config
    worker, is_whole = getattr(config, "workerinput", None), config.args == config.getini("testpaths")
    gc.disable()
    if worker is not None and is_whole and config.option.markexpr not in WITHOUT_SLOW:
        files = sorted((PROJECT / "tests").rglob("test_*.py"))
        for path in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
            with contextlib.suppress(Exception):  # which is raised again, and reported, where the file is collected
                importlib.import_module(".".join(path.relative_to(PROJECT).with_suffix("").parts))
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


def pytest_ignore_collect(collection_path, config):
    """Read no file of which no test is wanted: reading some takes long."""
    name = collection_path.relative_to(PROJECT / "tests").as_posix() if collection_path.suffix == ".py" else ""
    return True if config.option.markexpr in WITHOUT_SLOW and name.startswith(SLOW) else None


def pytest_collection_modifyitems(items):
    """Mark what `make test-quick` leaves out, the slow tests and those of the whole data, and put the longest files first."""
    place = {}
    for item in items:
        name = item.path.relative_to(PROJECT / "tests").as_posix()
        usual = len(LONGEST) + (item.get_closest_marker("alone") is not None)
        place[item] = next((n for n, start in enumerate(LONGEST) if name.startswith(start)), usual)
        if name.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        if "shipped" in item.fixturenames:
            item.add_marker(pytest.mark.whole)
    items.sort(key=place.__getitem__)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test that is a coroutine on an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    taken = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in taken}))
    return True


@pytest.fixture(scope="session")
def once(tmp_path_factory, pytestconfig):
    """Return a function that gives a folder, filled by the first process to ask; the others wait, and later runs find it.

    The folder is kept in the cache of pytest. Its name holds a hash of all that it is made from: where that has changed, it is
    filled anew and the old one is deleted when no run uses it. A run without the cache has folders of its own.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if hasattr(pytestconfig, "workerinput") else base
    cache = getattr(pytestconfig, "cache", None)
    with contextlib.ExitStack() as locks:
        if cache is None:
            yield lambda name, fill: cached.filled(base, name, fill, locks)
        else:
            key = cached.key()
            yield lambda name, fill: cached.filled(cache.mkdir("releases"), f"{name}-{key}", fill, locks)


@pytest.fixture(scope="session")
def world(once):
    """Build the frozen graph of tests/world/; the release. Its folder of releases is `world.path.parent`: never switch it."""
    folder = once("world", lambda folder: pipeline.build(frozen.settings(frozen.project(folder))))
    return releases.current(folder / "releases")


@pytest.fixture(scope="session")
def store(world):
    """Open the release of the frozen graph as those do who serve it."""
    with Store.open(world.store_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def engine(store):
    """Ask the release of the frozen graph each query once."""
    from tests.comparing import Remembering  # reads all questions

    return Remembering(store)


@pytest.fixture(scope="session")
def changed_world(world, once):
    """Make two releases of the frozen graph, the second current, after facts were changed, added and removed; their folder.

    The prosecutor counts 15 killed in Port Ansel and no longer 14, a paper counts 17, and another paper's figure is gone.
    """

    def fill(folder):
        (folder / "project").mkdir()
        root = frozen.project(folder / "project", has_own_data=True)
        out = root / "releases"
        shutil.copytree(world.path, out / world.id)
        (out / "current").symlink_to(world.id)
        events = root / "data/events/xar/2012-03-16-port-ansel.ttl"
        events.write_text(frozen.change(events.read_text(encoding="utf-8")), encoding="utf-8")
        pipeline.build(frozen.settings(root))

    return once("changed", fill) / "project/releases"


@pytest.fixture(scope="session")
def three_releases(changed_world, once):
    """Make a third release after those of `changed_world`: what came with the second is withdrawn, and shapes are reworded; their folder."""

    def fill(folder):
        root = folder / "project"
        shutil.copytree(changed_world.parent, root, symlinks=True)
        events = root / "data/events/xar/2012-03-16-port-ansel.ttl"
        events.write_text(frozen.withdraw(events.read_text(encoding="utf-8")), encoding="utf-8")
        shapes = root / "shapes"
        copied = {path.name: path.read_text(encoding="utf-8") for path in shapes.iterdir()}
        shapes.unlink()
        shapes.mkdir()
        for name, text in copied.items():
            text = frozen.reword(text) if name == "house.ttl" else text
            (shapes / name).write_text(text, encoding="utf-8")
        pipeline.build(frozen.settings(root))

    return once("three", fill) / "project/releases"


@pytest.fixture(scope="session")
def shipped(once):
    """Build the whole shipped tree; the release. Its folder of releases is `shipped.path.parent`: never switch it."""
    return releases.current(once("shipped", cached.ship))


@pytest.fixture(scope="module")
def unchanged_once():
    """Do only once in a process what gives the same in most of the small builds."""
    with cached.unchanged_once():
        yield


@pytest.fixture(scope="session")
def release(shipped):
    """Take the shipped tree, where a folder of tests says no other."""
    return shipped

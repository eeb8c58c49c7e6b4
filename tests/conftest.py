"""What every test may take: `release`, a release of this tree's data, built once a run."""

import fcntl

import pytest

from kg import release as releases
from kg.build import pipeline
from kg.config import Settings


@pytest.fixture(scope="session")
def release(tmp_path_factory, pytestconfig):
    """Build the whole shipped tree; the release. Its folder of releases is `release.path.parent`: never switch it.

    The processes of one run share it: the first to ask builds, the others wait.
    """
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if hasattr(pytestconfig, "workerinput") else folder
    with (folder / "release.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "release").exists():
            pipeline.build(Settings.load(), out=folder / "release")
        return releases.current(folder / "release")

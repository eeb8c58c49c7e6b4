"""A test that is marked `alone` runs while no other process of the run has a test: it measures how long answers take."""

import fcntl

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Run a test with its fixtures when it is its turn."""
    if not hasattr(item.config, "workerinput"):  # there is one process only
        return (yield)
    base = item.config._tmp_path_factory.getbasetemp().parent  # the folder of the run
    with (base / "door.lock").open("w") as door, (base / "room.lock").open("w") as room:
        # Who waits to be alone holds the door, so that no other test begins meanwhile.
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        return (yield)

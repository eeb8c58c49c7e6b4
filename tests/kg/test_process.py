"""Child processes: how one ends."""

import asyncio
import time

import pytest

from kg import process


@pytest.mark.skipif(not hasattr(asyncio, "PidfdChildWatcher"), reason="asyncio has no other way to watch children")
def test_a_child_that_has_just_ended_keeps_its_exit_status_for_the_event_loop(caplog):
    async def scenario():
        watcher = asyncio.PidfdChildWatcher()
        watcher.attach_loop(asyncio.get_running_loop())
        asyncio.set_child_watcher(watcher)
        async with process.start("os:abort") as child:
            time.sleep(0.5)  # noqa: ASYNC251 — it ends while the loop hears nothing
        return child.returncode

    try:
        assert asyncio.run(scenario()) < 0
    finally:
        asyncio.set_child_watcher(None)
    assert [] == caplog.messages

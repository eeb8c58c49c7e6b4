"""Child processes: a function of this package in an interpreter of its own, under limits of time and memory.

The child finds its modules where the parent does, and enters by kg.child. What it writes to standard error belongs in the
parent's log.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

_ENTRY = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from kg.child import enter; enter(sys.argv[2])"
_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)  # with which others end a process
_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError")


class ProcessFailed(Exception):
    """A child gave no result. `reason` is deadline, memory, outside or crash; `stderr` is what it wrote there."""

    def __init__(self, reason: str, stderr: bytes = b"") -> None:
        super().__init__(f"{reason}: {stderr.decode('utf-8', 'replace').strip()}")
        self.reason, self.stderr = reason, stderr


@asynccontextmanager
async def start(function: str, *, pass_fds: Sequence[int] = ()) -> AsyncIterator[Process]:
    """Run a child that calls `module:function`; its standard streams are pipes, and it is ended with the context."""
    command = (sys.executable, "-c", _ENTRY, json.dumps(sys.path), function)
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, pass_fds=pass_fds)
    try:
        yield child
    finally:
        kill(child)
        await child.communicate()


def kill(child: Process) -> None:
    """End a child, if it has not ended. Its own method would take the exit status of one that just has from the event loop."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)


async def run(function: str, data: bytes, *, seconds: float) -> bytes:
    """Give data to a function's standard input and return its standard output. Raises ProcessFailed."""
    try:
        async with start(function) as child, asyncio.timeout(seconds):
            output, stderr = await child.communicate(data)
    except TimeoutError:
        raise ProcessFailed("deadline") from None
    if child.returncode:
        raise ProcessFailed(find_reason(child.returncode, stderr), stderr)
    return output


def find_reason(status: int, stderr: bytes) -> str:
    """Tell from the exit status and standard error of a child why it ended: deadline, memory, outside or crash."""
    if status == -signal.SIGALRM:
        return "deadline"
    if any(words in stderr for words in _OUT_OF_MEMORY):
        return "memory"
    return "outside" if -status in _OUTSIDE else "crash"

"""What runs first in a child process, and how it gives up its rights. It imports little: a server starts many children.

An exception is written to standard error with its place and without its message, which may quote the text of a query or of a
file.
"""

import os
import pkgutil
import resource
import signal
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType


def enter(function: str) -> None:
    """Call `module:function` in a child."""
    sys.excepthook = _report
    # Ctrl-C, and what a supervisor sends to all processes of a service, are for the parent, which ends its children.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    pkgutil.resolve_name(function)()


def _report(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    """Write an exception to standard error; of those with a message only one that names a file."""
    message = f": {error}" if isinstance(error, OSError) else ""
    print(*traceback.format_tb(place), f"{kind.__name__}{message}", sep="", file=sys.stderr)


def lock(memory: int, later: Iterable[Path] = ()) -> None:
    """Give up the right to open files and sockets, and to take more than `memory` bytes beyond those this process has.

    As many descriptors are left as there are files in `later` that are not open yet.
    """
    descriptors = {int(path.name): Path(os.path.realpath(path)) for path in Path("/proc/self/fd").iterdir()}
    unopened = {path.resolve() for path in later} - set(descriptors.values())
    most = max(descriptors) + 1 + len(unopened) if unopened else 0
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

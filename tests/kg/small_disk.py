"""Builds a project again and again on a small disk of its own, with more and more room; run it where it may mount one.

    python -m tests.kg.small_disk ROOT    ROOT is a project with a release

The last release of the project is laid on the disk first. Each attempt is a line of JSON: the bytes that were free, the exit
code, the errors, what lies in the folder of the releases, and whether the current release is the one before and whole.
"""

import contextlib
import gc
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from kg import __main__ as command
from kg import release as releases
from tests import cached

STEP = 24 << 10  # bytes of room that each attempt has more than the one before


def fill(out):
    """Yield one attempt after the other until a build has room enough."""
    before = releases.current(out).path.name
    with contextlib.chdir(out):
        packed = subprocess.run(["tar", "c", "current", before], capture_output=True, check=True).stdout
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(out)], check=True)
    subprocess.run(["tar", "x", "-C", str(out)], input=packed, check=True)
    room, code = 0, 1
    while code:
        disk = os.statvfs(out)
        size = (disk.f_blocks - disk.f_bfree) * disk.f_frsize + room
        subprocess.run(["mount", "-o", f"remount,size={size}", str(out)], check=True)
        with contextlib.redirect_stderr(io.StringIO()) as said:
            code = command.main(["build", "--force"])
        gc.collect()  # lets go of the store that could not be written, and so of its lock
        here = releases.current(out)
        stays = here.path.name == before and not releases.verify(here)
        yield {"room": room, "code": code, "said": said.getvalue(), "left": sorted(os.listdir(out)), "stays": stays}
        room += STEP


if __name__ == "__main__":
    with cached.unchanged_once():
        for attempt in fill(Path(sys.argv[1]) / "releases"):
            print(json.dumps(attempt), flush=True)

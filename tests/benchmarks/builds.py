"""The cost of a build: ours, the obvious pipeline's and a bare load's, in seconds and in memory, child processes included."""

import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyoxigraph as ox

from tests.benchmarks import processes, servers, world

PAUSE = 0.05  # seconds between two looks at the memory


def measure(command, log, cap=None, **more):
    """Run a command to its end or for `cap` seconds; return seconds, peak memory in bytes and whether it ended.

    The memory is that of the process and all its descendants, added up, looked at twenty times a second; what two of them
    share counts twice. Raises RuntimeError when the command fails.
    """
    with log.open("wb") as words:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=words, stderr=words, env=servers.environment(**more)
        )
        peak = [0]
        watch = threading.Thread(target=_watch, args=(process, peak), daemon=True)
        watch.start()
        ended = True
        try:
            process.wait(timeout=cap)
        except subprocess.TimeoutExpired:
            ended = False
            process.kill()
            process.wait()
        seconds = time.monotonic() - began
        watch.join()
    if ended and process.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        raise RuntimeError(f"{command[0]} failed (exit code {process.returncode}): " + " / ".join(last))
    return {"seconds": seconds, "peak": peak[0], "ended": ended}


def _watch(process, peak):
    while process.poll() is None:
        peak[0] = max(peak[0], processes.resident(process.pid))
        time.sleep(PAUSE)


def make_project(work, triples):
    """Make the invented project of so many triples, if it is not there; return its folder and its number of triples."""
    folder = work / f"project-{triples}"
    stamp = folder / "triples"
    if not stamp.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        stamp.write_text(str(world.project(folder, triples)), encoding="utf-8")
    return folder, int(stamp.read_text(encoding="utf-8"))


def ours(work, project, times):
    """Measure our build of a project folder, each time anew."""
    command = [servers.BIN / "kg", "build", "--force", "--out", work / f"built-{project.name}"]
    return [measure(command, work / "build.log", ANSWERABLE_ROOT=str(project)) for _ in range(times)]


def obvious(work, project, cap):
    """Measure the obvious pipeline over a project folder, once, for `cap` seconds at the most."""
    log = work / f"obvious-{project.name}.log"
    found = measure([sys.executable, Path(__file__).with_name("obvious.py"), project], log, cap)
    return found | {"steps": log.read_text(encoding="utf-8", errors="replace").split("\n")[-20:]}


def bare(work, project, peers, times):
    """Measure `oxigraph load` of the triples of a project's data, as one file, each time into an empty store."""
    one, store = work / "bare.nt", work / "bare"
    with one.open("wb") as lines:
        for path in sorted((project / "data").rglob("*.ttl")):
            ox.serialize(ox.parse(path=str(path)), lines, ox.RdfFormat.N_TRIPLES)
    found = []
    for _ in range(times):
        shutil.rmtree(store, ignore_errors=True)
        found.append(measure([peers / "oxigraph", "load", "--location", store, "--file", one], work / "bare.log"))
    shutil.rmtree(store)
    return found


def middle(found, what):
    """Return the median of one figure of several measurements."""
    return statistics.median(one[what] for one in found)

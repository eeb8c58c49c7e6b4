"""The cost of a build: ours, the obvious pipeline's and a bare load's, in seconds and in memory, child processes included."""

import resource
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
    """Run a command to its end or for `cap` seconds, and return what it took.

    That is seconds, seconds of the processor, peak memory in bytes and whether it ended. The memory is that of the process
    and all its descendants, added up, looked at twenty times a second; what two of them share counts twice. Raises
    RuntimeError when the command fails.
    """
    with log.open("wb") as words:
        began, before = time.monotonic(), _spent()
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
        seconds, processor = time.monotonic() - began, _spent() - before
        watch.join()
    if ended and process.returncode:
        raise servers.failed(command, process.returncode, log)
    return {"seconds": seconds, "processor": processor, "peak": peak[0], "ended": ended}


def _spent():
    """Return the processor seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process, peak):
    while process.poll() is None:
        peak[0] = max(peak[0], processes.resident(process.pid))
        time.sleep(PAUSE)


def make_project(work, triples):
    """Make the invented project of so many triples anew, with our rules as they are; return it and its triples."""
    folder = work / f"project-{triples}"
    shutil.rmtree(folder, ignore_errors=True)
    return folder, world.project(folder, triples)


def ours(work, project, times):
    """Measure our build of a project folder, each time anew."""
    command = [servers.BIN / "kg", "build", "--force", "--out", work / f"built-{project.name}"]
    return [measure(command, work / "build.log", ANSWERABLE_ROOT=str(project)) for _ in range(times)]


def obvious(work, project, cap):
    """Measure the obvious pipeline over a project folder, once, for `cap` seconds at the most."""
    log = work / f"obvious-{project.name}.log"
    found = measure([sys.executable, Path(__file__).with_name("obvious.py"), project], log, cap)
    return found | {"steps": log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]}


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

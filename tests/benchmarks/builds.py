"""The cost of a build: ours, the obvious pipeline's and a bare load's, in seconds and in memory, child processes included."""

import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox

from tests.benchmarks import processes, servers, world

PAUSE = 0.05  # seconds between two looks at the memory


def measure(command, log, **more):
    """Run a command to its end, and return what it took.

    That is seconds, seconds of the processor and peak memory in gigabytes. The memory is that of the process and all its
    descendants, added up, looked at twenty times a second; what two of them share counts twice. Raises RuntimeError when the command
    fails.
    """
    peak = 0
    with log.open("wb") as words:
        began, before = time.monotonic(), _spent()
        process = subprocess.Popen(map(str, command), stdout=words, stderr=words, env=servers.environment(**more))
        while process.poll() is None:
            peak = max(peak, processes.resident(process.pid))
            time.sleep(PAUSE)
    if process.returncode:
        raise servers.failed(command, process.returncode, log)
    return {"seconds": time.monotonic() - began, "processor": _spent() - before, "peak": peak / 1e9}


def _spent():
    """Return the processor seconds of all processes that this one started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def make_project(work, triples):
    """Make the invented project of so many triples anew, with our rules as they are; return it and its triples."""
    folder = work / f"project-{triples}"
    shutil.rmtree(folder, ignore_errors=True)
    return folder, world.project(folder, triples)


def ours(work, project, times):
    """Measure our build of a project folder, each time anew."""
    command = [servers.BIN / "kg", "build", "--force", "--out", work / f"built-{project.name}"]
    return [measure(command, work / "build.log", ANSWERABLE_ROOT=str(project)) for _ in range(times)]


def obvious(work, project):
    """Measure the obvious pipeline over a project folder, once; the figures and its steps."""
    log = work / f"obvious-{project.name}.log"
    figures = measure([sys.executable, Path(__file__).with_name("obvious.py"), project], log)
    return [figures], log.read_text(encoding="utf-8").splitlines()[-3:]


def bare(work, project, peers, times):
    """Measure `oxigraph load` of the triples of a project's data, as one file, each time into an empty store."""
    one, store, runs = work / "bare.nt", work / "bare", []
    with one.open("wb") as lines:
        for path in sorted((project / "data").rglob("*.ttl")):
            ox.serialize(ox.parse(path=str(path)), lines, ox.RdfFormat.N_TRIPLES)
    for _ in range(times):
        shutil.rmtree(store, ignore_errors=True)
        runs.append(measure([peers / "oxigraph", "load", "--location", store, "--file", one], work / "bare.log"))
    shutil.rmtree(store)
    return runs

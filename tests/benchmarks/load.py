"""The load: wrk sends a workload to one server after the other over eight kept-alive connections, and counts what comes back.

Promises that a run in which anything but good answers came back is an error and never a figure.
"""

import itertools
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import processes

CONNECTIONS = 8
SCRIPT = Path(__file__).with_name("load.lua")
PATIENCE = 120  # seconds until an answer is late; a slow server is slow, not broken


class Void(Exception):
    """A run that is no measurement, and why."""


@dataclass
class Workload:
    """What is asked.

    `targets` are the ends of encoded addresses without end, none of them twice, or the same again and again; `a_second` says how
    many a server may answer in a second, 1 where all are the same. `check` asks a server some of them, stops the run where an answer
    is wrong, and returns the size that an answer has on average at the least.
    """

    name: str
    targets: Iterator[str]
    a_second: int
    accept: str
    check: Callable[[str], float]

    def draw(self, path, seconds):
        """Write the targets of a run of some seconds to a file, one a line; one that is repeated once."""
        number = 1 if self.a_second == 1 else self.a_second * seconds
        path.write_text("\n".join(itertools.islice(self.targets, number)) + "\n", encoding="ascii")


def measure(workload, there, lines, rounds, seconds):
    """Measure servers in rounds that go from one to the next; `there` holds each with its process id.

    Returns the figures of each round by the name of the server.
    """
    least = {server.name: workload.check(server.url) for server, _ in there}
    found = {name: [] for name in least}
    for round_ in range(rounds + 1):
        workload.draw(lines, seconds)
        for server, pid in there:
            figures = run(server.url, lines, seconds, workload.accept, pid, least[server.name])
            found[server.name] += [figures] if round_ else []  # the first warms up
    return found


def run(url, lines, seconds, accept, pid, least=0):
    """Send the targets in a file to a server for some seconds, or twice as long until it answers any; return what it did.

    That is answers a second, the milliseconds within which 50, 95 and 99 of 100 came, and those of processor an answer, in the
    process of this id and in it and its descendants.
    """
    if not processes.settle(pid):
        raise Void(f"{url} does not come to rest before a run")
    before = processes.used(pid)
    counts = _send(url, lines, seconds, accept)
    after = processes.used(pid)
    if not (counts["requests"] or counts["broken"]) and 2 * seconds <= PATIENCE:
        return run(url, lines, 2 * seconds, accept, pid, least)
    spent = zip(("serving", "together"), before, after, strict=True)
    return judge(counts, least) | {name: (now - then) * 1000 / counts["requests"] for name, then, now in spent}


def _send(url, lines, seconds, accept):
    """Let wrk send the targets; return its counts."""
    origin, path = url[: url.index("/", 8)], url[url.index("/", 8) :]
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--latency"]
    command += ["--timeout", f"{PATIENCE}s", "--script", str(SCRIPT), origin, "--", str(lines), path, accept]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def judge(counts, least=0):
    """Turn wrk's counts into figures; raise Void where they are those of no good run."""
    if counts["refused"] or counts["broken"] or counts["late"]:
        raise Void(f"not every answer was a 200: {counts}")
    if counts["spent"]:
        raise Void(f"the addresses ran out, and some were asked twice: {counts}")
    if not counts["requests"]:
        raise Void("nothing was answered")
    if counts["bytes"] / counts["requests"] < least:
        raise Void(f"answers of {counts['bytes'] // counts['requests']} bytes are too short to be whole: {counts}")
    milliseconds = {name: counts[name] / 1000 for name in ("p50", "p95", "p99")}
    return {"rate": counts["requests"] / counts["microseconds"] * 1e6, **milliseconds}

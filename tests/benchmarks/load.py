"""The load: wrk sends the queries of a file to one server over eight kept-alive connections and counts what comes back.

Promises that a run in which anything but good answers came back is an error and never a figure.
"""

import json
import subprocess
from pathlib import Path

CONNECTIONS = 8
SCRIPT = Path(__file__).with_name("load.lua")
PATIENCE = 120  # seconds until an answer is late; a slow server is slow, not broken


class Void(Exception):
    """A run that is no measurement, and why."""


def run(url, queries, seconds, *, least=0):
    """Send the encoded queries of a file to a server for some seconds; return requests a second and the median latency.

    `least` is the number of bytes that an answer has on average at the least. Raises Void,
    and RuntimeError when wrk itself fails.
    """
    origin, path = url[: url.index("/", 8)], url[url.index("/", 8) :]
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"]
    command += ["--timeout", f"{PATIENCE}s", "--latency", "--script", str(SCRIPT), origin, "--", str(queries), path]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise RuntimeError(f"wrk failed: {(done.stderr or done.stdout).strip()}")
    return judge(json.loads(lines[-1]), least)


def judge(counts, least=0):
    """Turn wrk's counts into figures; raise Void where they are those of no good run."""
    if counts["refused"] or counts["broken"] or counts["late"]:
        raise Void(f"not every answer was a 200: {counts}")
    if counts["spent"]:
        raise Void(f"the queries ran out, and some were asked twice: {counts}")
    if counts["requests"] and counts["bytes"] / counts["requests"] < least:
        raise Void(f"answers of {counts['bytes'] // counts['requests']} bytes are too short to be whole: {counts}")
    return {"rate": counts["requests"] / counts["microseconds"] * 1e6, "p50": counts["p50"] / 1000}

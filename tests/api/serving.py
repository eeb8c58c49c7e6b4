"""A real `kg serve` in a process of its own, and what can be seen of it from outside: its processes, its memory, its log."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.benchmarks import processes

ROOT = Path(__file__).resolve().parents[2]
BREATH = 0.03  # seconds between two calls of a load, so that it is many requests and not all that a processor can do


class Server:
    """A running server; `url` is its address, `log` the lines that it wrote so far."""

    def __init__(self, process):
        self.process = process
        self.log = []
        self._clients = []
        self._up = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._up.wait(60), "the server did not start"

    def _read(self):
        with self.process.stderr as lines:
            for line in lines:
                self.log.append(json.loads(line))
                if "running on" in self.log[-1]["message"]:
                    self.url = self.log[-1]["message"].split()[3]
                    self._up.set()

    def client(self, **options):
        """Make a client with a connection of its own."""
        self._clients.append(httpx.Client(base_url=self.url, timeout=30, **options))
        return self._clients[-1]

    def close(self):
        """Close what clients are left open."""
        for client in self._clients:
            client.close()

    def ask(self, query, **options):
        """Send a query over a new connection."""
        with self.client() as client:
            return client.get("/sparql", params={"query": query}, **options)

    def health(self):
        with self.client() as client:
            return client.get("/health").json()

    def is_whole(self):
        """Whether every worker lives and is free."""
        return all(pool["size"] == pool["idle"] for pool in self.health()["workers"].values())

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    @property
    def workers(self):
        """The process ids of its workers."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, parent = path.read_text().rpartition(")")[2].split()[:2]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == self.process.pid and state != "Z":
                found.append(int(path.parent.name))
        return found

    @property
    def descriptors(self):
        """How many descriptors its own process holds."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    @property
    def memory(self):
        """The bytes that it and its workers hold."""
        return processes.resident(self.process.pid)


class Line:
    """A connection that stays open; bytes out, one answer in."""

    def __init__(self, address, buffer=None):
        self.socket = socket.socket(socket.AF_INET)
        self.socket.settimeout(20)
        if buffer:  # small for one who reads slowly
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect(address[:2])
        self.file = self.socket.makefile("rb")

    def ask(self, data):
        """Send bytes and read one answer: its status line, its headers and its body."""
        self.socket.sendall(data)
        return self.read(has_body=not data.startswith(b"HEAD"))

    def read(self, has_body=True):
        status = self.file.readline()
        headers = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers, self.file.read(int(headers.get("content-length", 0)) if has_body else 0)

    def close(self):
        """Close the connection, which its file keeps open otherwise."""
        self.file.close()
        self.socket.close()

    def ends(self):
        """Read what is left until the server closes the connection."""
        try:
            return self.file.read()
        except ConnectionResetError:
            return b""


def head(path, *lines, method="GET"):
    """Write the head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


@contextmanager
def serve(out, *, under=(), **settings):
    """Serve a folder of releases, on a free port and with one worker of each kind unless the settings say otherwise.

    `under` is a command around it.
    """
    settings = {"port": 0, "workers": 1, "page_workers": 1} | settings
    port = str(settings.pop("port"))
    env = {f"ANSWERABLE_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [*under, sys.executable, "-m", "kg", "serve", "--port", port, "--release", str(out)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        stderr=subprocess.PIPE,
        text=True,
    )
    server = None
    try:
        server = Server(process)
        yield server
    finally:
        if server is not None:
            server.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        finally:
            process.kill()


@contextmanager
def load(*calls, breath=BREATH):
    """Call each again and again in a thread of its own, with short pauses, until the block ends; then what they raised is raised here."""
    stop, errors = threading.Event(), []

    def run(call):
        try:
            while not stop.is_set():
                call()
                time.sleep(breath)
        except (AssertionError, httpx.HTTPError) as error:  # an assertion in a thread is lost otherwise
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)

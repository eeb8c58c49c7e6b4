"""HAProxy and nginx in front of three servers, from the very files in deploy/: only the addresses they name are others."""

import contextlib
import csv
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from string import Template

import httpx
import pytest

from kg.config import PROJECT
from tests import engines
from tests.api.serving import serve

DEPLOY = PROJECT / "deploy"
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
PORTS = (8001, 8002, 8003)  # of the servers, in the files
NGINX = Template((PROJECT / "tests/nginx.conf").read_text(encoding="utf-8"))  # around the file, which describes a site


def find(program):
    """Find a program that Debian has for root alone, or skip the test."""
    found = shutil.which(program, path=PATH)
    if not found:
        pytest.skip(f"there is no {program} here; as root: apt-get install {program}")
    return found


class Cluster:
    """Three servers that follow one folder of releases; behind them nothing is lost when one ends and comes back."""

    def __init__(self, out, settings):
        self.out, self.settings = out, {"trusted_proxies": "127.0.0.1", **settings}
        self.ports = [engines.free_port() for _ in PORTS]
        self.servers, self._stacks = {}, {}

    def start(self, number):
        """Start a server on its port."""
        self._stacks[number] = contextlib.ExitStack()
        serving = serve(self.out, port=self.ports[number], **self.settings)
        self.servers[number] = self._stacks[number].enter_context(serving)

    def end(self, number, how=signal.SIGTERM):
        """End a server by a signal, and wait until it is gone."""
        process = self.servers[number].process
        process.send_signal(how)
        process.wait(30)
        self.close(number)

    def close(self, number):
        """Let go of a server."""
        self.servers.pop(number)
        self._stacks.pop(number).close()

    def clients(self):
        """Return, for each server, the addresses of those it answered."""
        return {number: {line.get("client") for line in one.log} - {None} for number, one in self.servers.items()}


@contextlib.contextmanager
def cluster(out, **settings):
    """Run three servers until the block ends."""
    three = Cluster(out, settings)
    try:
        for number in range(len(PORTS)):
            three.start(number)
        yield three
    finally:
        for number in tuple(three.servers):
            three.close(number)


class Front:
    """A proxy that runs; `name` says which, `url` is its address."""

    def __init__(self, name, port):
        self.name, self.port, self.url = name, port, f"http://127.0.0.1:{port}"

    def client(self, last=1, **options):
        """Make a client with an address of its own on this machine."""
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{last}")
        return httpx.Client(base_url=self.url, transport=transport, timeout=30, **options)


@contextlib.contextmanager
def haproxy(three, folder):
    """Run HAProxy in front of three servers."""
    text, port = (DEPLOY / "haproxy.cfg").read_text(), engines.free_port()
    if os.geteuid():  # only root can become another user
        text = re.sub(r"(?m)^ +(user|group|chroot) .*\n", "", text)
    (folder / "haproxy.cfg").write_text(text)
    names = dict(zip(("ONE", "TWO", "THREE"), (f"127.0.0.1:{port}" for port in three.ports), strict=True))
    names |= {"FRONT": f"127.0.0.1:{port}", "ADMIN": str(folder / "admin.sock")}
    environment = {"PATH": PATH, **{f"ANSWERABLE_{name}": value for name, value in names.items()}}
    with run([find("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")], port, environment) as front:
        yield front


@contextlib.contextmanager
def nginx(three, folder):
    """Run nginx in front of three servers."""
    text, port = (DEPLOY / "nginx.conf").read_text(), engines.free_port()
    others = [("listen 80;", f"listen 127.0.0.1:{port};"), ("    listen [::]:80;\n", "")]
    others += [(f"127.0.0.1:{old} ", f"127.0.0.1:{new} ") for old, new in zip(PORTS, three.ports, strict=True)]
    for old, new in others:
        assert 1 == text.count(old), old
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(NGINX.substitute(folder=folder))
    command = [find("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with run(command, port, {"PATH": PATH}) as front:
        yield front


@contextlib.contextmanager
def run(command, port, environment):
    """Run a proxy until the block ends."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        front = Front(Path(command[0]).name, port)
        engines.wait_for(f"{front.url}/health", process)
        yield front
    finally:
        process.terminate()
        process.wait(30)


def state(front, folder, number):
    """Ask HAProxy what it thinks of a server: UP, DOWN or on its way to either."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(folder / "admin.sock"))
        line.sendall(b"show stat\n")
        said = b"".join(iter(lambda: line.recv(65536), b"")).decode().removeprefix("# ")
    names = ("one", "two", "three")
    return next(row["status"] for row in csv.DictReader(said.splitlines()) if row["svname"] == names[number])

"""Other SPARQL engines for the tests: started on a free port with a database of their own, ended afterwards."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import pytest

from kg import terms
from kg.answer.cache import SingleFlight
from kg.answer.engine import Capacity
from kg.answer.hints import HintingEngine
from kg.config import PROJECT
from kg.remote.pool import RemotePool
from kg.remote.server import Server
from kg.search.search import Search
from kg.store import Query

START = 120  # seconds an engine may take to listen, on a machine that does other things as well
PATIENT = Capacity(deadline=60.0)
VIRTUOSO = Template((PROJECT / "tests/virtuoso.ini").read_text(encoding="utf-8"))

# Patterns that find nothing in the frozen graph, each with what a hint says of it.
HINTS = {
    '?x ans:isoCode "xar"': 'ans:isoCode has the value "XAR" here, and not "xar".',
    '?x a ans:State ; skos:prefLabel "Arland"': 'skos:prefLabel has the value "Arland"@en here, and not "Arland".',
    '?x skos:prefLabel "None"': 'Each text of skos:prefLabel has a language (en, fr, kk, ru, ru-t-en-t0-und): write "None"@en.',
    '?x ans:date ?d FILTER (?d > "2011")': "The values of ans:date are dates (xsd:date, xsd:gYear, xsd:gYearMonth), which are no text and no"
    ' number: FILTER (STR(?date) >= "2011") compares them whatever their precision.',
    '?x ans:concernsState "XAR"': "ans:concernsState leads to things, and not to texts: write the IRI of one, or ask for its name by"
    " ans:concernsState/skos:prefLabel.",
    "?x ?y <id/state/XAR>": "id/state/XAR is not in this release. Did you mean id/state/xar?",
    "<id/state/arland> ?x ?y": "id/state/arland is not in this release. Did you mean id/state/xar?",
    "GRAPH <graph/data/states/xaa> { ?x ?y ?z }": "graph/data/states/xaa is not in this release.",
    "GRAPH <graph/data/states/xar> { ?x ?y <id/none/x> }": "id/none/x is not in this release.",
    "?x <http://jena.apache.org/text#query> 'a'": "Nothing here has the property http://jena.apache.org/text#query.",
}


def free_port():
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def oxigraph(*options, command="serve"):
    """Run the Oxigraph server, in memory unless a folder is given with `-l`; its address."""
    port = free_port()
    with running(
        [str(Path(sys.executable).with_name("oxigraph")), command, "-b", f"127.0.0.1:{port}", *options]
    ) as process:
        wait_for(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def virtuoso(folder, *, rows=""):
    """Run Virtuoso 7 on a database in a folder; its address with a user who may write. Skips without one."""
    if not shutil.which("virtuoso-t"):
        pytest.skip("there is no Virtuoso here; as root: apt-get install virtuoso-opensource-7-bin")
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.substitute(folder=folder, sql=sql, http=http, rows=rows))
    with running(["virtuoso-t", "-f", "+configfile", str(folder / "virtuoso.ini")]) as process:
        wait_for(f"http://127.0.0.1:{http}/sparql", process)
        yield f"http://dba:dba@127.0.0.1:{http}/sparql"


@contextlib.contextmanager
def running(command):
    """Run a process for as long as somebody needs it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(address, process):
    """Wait until somebody answers at an address."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {address}")


class Relay:
    """A way to a server that passes on a number of bytes and then holds the rest back."""

    def __init__(self, url, passes):
        self.passes, self.stalled = passes, threading.Event()
        parts = urlsplit(url)
        self.target = (parts.hostname, parts.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = url.replace(f":{parts.port}", f":{self.listener.getsockname()[1]}")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
                threading.Thread(target=self.pump, args=(server, client, False), daemon=True).start()
                threading.Thread(target=self.pump, args=(client, server, True), daemon=True).start()

    def pump(self, source, target, counts):
        with source, target, contextlib.suppress(OSError):
            try:
                while data := source.recv(4096):
                    if counts:
                        data, self.passes = data[: self.passes], self.passes - len(data)
                    target.sendall(data)
                    if counts and self.passes <= 0:
                        self.stalled.set()
                        while source.recv(4096):  # nothing more, until it is killed
                            pass
            finally:
                target.shutdown(socket.SHUT_RDWR)  # to close it would not end it while the other thread reads from it


class Asked:
    """An engine on an event loop of its own, which can be asked from others."""

    def __init__(self, engine):
        self.engine, self.loop = engine, asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, work):
        """Run a coroutine there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def answer(self, query, **options):
        """Answer a query."""
        work = asyncio.run_coroutine_threadsafe(self.engine.answer(query, **options), self.loop)
        return await asyncio.wrap_future(work)

    def close(self):
        """Let go of the engine and its loop."""
        self.engine.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


@contextlib.contextmanager
def asked(url, release, capacity=PATIENT):
    """Ask a server that holds a release; on a machine that does other things as well, a question may take a minute."""
    engine = Asked(RemotePool(Server(url), release.path, capacity))
    try:
        engine.run(engine.engine.start())
        yield engine
    finally:
        engine.close()


def find_hints(asked, release):
    """Ask each query of HINTS of an engine that holds the frozen graph; the hints, which it looks up there."""

    async def find(pattern):
        hinting = HintingEngine(asked, asked, SingleFlight(), lambda: Search(release.path))
        heads = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}> " for name in ("ans", "skos"))
        await hinting.answer(Query(f"{heads} SELECT * {{ {pattern} }}"))
        return hinting.hint

    return {pattern: asyncio.run(find(pattern)) for pattern in HINTS}

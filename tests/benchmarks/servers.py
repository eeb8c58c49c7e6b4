"""The three servers, each as its own documentation starts it, over the same triples.

Promises that a server is ready when its block begins and gone when it ends, and that nothing else is ended.
"""

import contextlib
import gzip
import importlib.metadata
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kg import release
from kg.config import PREFIX
from kg.store import Store
from tests.engines import free_port, wait_for

OURS, NATIVE, RDFLIB = "Answerable", "Oxigraph server", "rdflib-endpoint"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Server:
    """A server that can be started: its name, the command, where it takes queries, and what it says of its settings."""

    name: str
    command: list[str]
    url: str
    settings: str
    cache: str = ""  # bytes of ours, where they are not the usual


def environment(**more):
    """Return this process's environment without any setting of ours, so that defaults are measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | more


def run(command, log, **more):
    """Run a command to its end, its words into a log file; raise with the last of them if it fails."""
    with log.open("ab") as words:
        options = {"stdout": words, "stderr": words, "env": environment(**more)}
        done = subprocess.run([str(part) for part in command], check=False, **options)
    if done.returncode:
        raise failed(command, done.returncode, log)


def failed(command, code, log):
    """Make the error of a command that failed, with the last of its words."""
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
    return RuntimeError(f"{command[0]} failed (exit code {code}): " + " / ".join(last))


def prepare(out, folder, peers):
    """Make from the current release of `out` what the peers read, in a folder of its own; return the merged N-Triples.

    The native server's store gets what ours holds: every named graph, and their merge as the default graph.
    """
    made = release.current(out)
    merged, native, named = folder / "merged.nt", folder / "native", folder / "named.nq"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Store.open(made.store_path) as store:
        merged.write_bytes(store.dump())
    with gzip.open(made.path / "dumps/answerable.nq.gz") as packed, named.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    for file in (named, merged):
        run([peers / "oxigraph", "load", "--location", native, "--file", file], folder / "log")
    run([peers / "oxigraph", "optimize", "--location", native], folder / "log")
    return merged


def ours(out):
    """Describe our server over the current release in a folder."""
    port = free_port()
    command = [str(BIN / "kg"), "serve", "--release", str(out), "--port", str(port)]
    told = f"{OURS} {importlib.metadata.version('answerable')}: `kg serve` with its default settings"
    return Server(OURS, command, f"http://127.0.0.1:{port}/sparql", told)


def native(folder, peers):
    """Describe the native server over the store in a prepared folder."""
    address = f"127.0.0.1:{free_port()}"
    command = [str(peers / "oxigraph"), "serve-read-only", "--location", str(folder / "native"), "--bind", address]
    told = f"{NATIVE} {version(peers, 'oxigraph')}: `oxigraph serve-read-only`, the store loaded by `oxigraph load` "
    told += "and compacted by `oxigraph optimize`"
    return Server(NATIVE, command, f"http://{address}/query", told)


def rdflib_endpoint(folder, peers):
    """Describe rdflib-endpoint over the merged triples of a prepared folder, in memory."""
    port = free_port()
    command = [str(peers / "rdflib-endpoint"), "serve", str(folder / "merged.nt"), "--port", str(port)]
    told = (
        f"{RDFLIB} {version(peers, 'rdflib-endpoint')}: `rdflib-endpoint serve`, an rdflib {version(peers, 'rdflib')} "
    )
    told += f"Dataset in memory under uvicorn {version(peers, 'uvicorn')}, one process"
    return Server(RDFLIB, [*command, "--host", "127.0.0.1"], f"http://127.0.0.1:{port}/", told)


def version(peers, package):
    """Return the version of a package that the peers' environment has installed."""
    code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    return subprocess.run([peers / "python", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@contextlib.contextmanager
def running(server, log):
    """Start a server, wait until it answers, give its process id, and end it afterwards."""
    with log.open("ab") as words:
        process = subprocess.Popen(
            server.command,
            stdout=words,
            stderr=words,
            env=environment(**{f"{PREFIX}CACHE": server.cache} if server.cache else {}),
        )
    try:
        wait_for(f"{server.url}?query=ASK%20%7B%7D", process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)

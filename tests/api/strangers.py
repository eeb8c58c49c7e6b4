"""Strangers: many connections that ask for nothing or never end, and a few people who ask meanwhile and want answers.

`besiege(host, port, Crowd(...))` returns a Report.
"""

import asyncio
import itertools
import json
import resource
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import httpx

LONG = (  # answers longer than a slow reader takes: files, and a stream
    *("/dumps/answerable.nq.gz", "/dumps/answerable.ttl.gz", "/dumps/answerable.jsonld.gz") * 3,
    "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 6000") + "%20%23{n}",
)
ASKED = (  # {n} is a number that no request had before
    "/",
    "/doc/state/kaz",
    "/search?q=zhanaozen",
    "/questions/treaties-in-force.json?state=id/state/kaz&day=2011-06-09",
    "/sparql?query=" + quote("SELECT ?s { ?s a <https://w3id.org/answerable/ontology#Treaty> } LIMIT 20"),
    "/sparql?query=" + quote("SELECT ?s ?o { ?s a ?o } LIMIT 20") + "%20%23{n}",
)
KINDS = {"silent": "silent", "halves": "half", "bodies": "body", "readers": "reader"}  # and what each does
ROOT = Path(__file__).resolve().parents[2]
PAUSE = 1.0  # seconds until a stranger whose connection was closed is back
LEAST = (
    3  # answers that each person waits for, however late the machine gives them; four people have then asked everything
)
HESITATION = 0.15  # seconds between connecting and asking, in which a hundred strangers and more connect
DRIP = 1.0  # seconds between two bytes of a slow body, or two small reads of a slow reader


@dataclass(frozen=True)
class Crowd:
    """How many strangers of each kind, how many people, for how long, and what they ask for."""

    silent: int = 1000  # connections on which nothing is sent
    halves: int = 1000  # connections on which half a head is sent
    bodies: int = 200  # bodies that come byte by byte
    readers: int = 200  # long answers that are read byte by byte
    people: int = 4  # who ask one thing after another, every second time on a new connection
    seconds: float = 60.0
    arriving: float = 4.0  # seconds in which the strangers come
    breath: float = 0.02  # seconds between an answer and the next question of a person
    long: tuple[str, ...] = LONG
    asked: tuple[str, ...] = ASKED


@dataclass
class Report:
    """What the people saw, and what became of the strangers."""

    statuses: Counter = field(default_factory=Counter)
    wrong: list = field(default_factory=list)  # (path, what came instead of a 200, and its text)
    seconds: list = field(default_factory=list)  # of each answer
    slowest: tuple = (0.0, "")  # seconds and path
    retried: int = 0  # requests on a kept connection that the server had just closed
    opened: Counter = field(default_factory=Counter)  # connections by kind of stranger
    closed: Counter = field(default_factory=Counter)  # those that the server closed
    peak: int = 0  # strangers connected at once
    beside: "Report | None" = None  # what people saw of a server without strangers

    def quantile(self, share):
        """Return the time under which this share of the answers came, in milliseconds."""
        ordered = sorted(self.seconds) or [0.0]
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    @property
    def summary(self):
        """The figures, for printing."""
        times = {"p50": self.quantile(0.5), "p99": self.quantile(0.99)}
        beside = self.beside and self.beside.summary
        return {**vars(self), "wrong": self.wrong[:10], "seconds": len(self.seconds), "beside": beside, **times}


def besiege(host, port, crowd=None, beside=None):
    """Send a crowd to a server; the report. The strangers have a process of their own, so that they delay no person.

    Meanwhile as many people ask the same of a server on the port `beside`, to which no stranger goes: the report of that one is in `beside`.
    """
    crowd = crowd or Crowd()
    # They give way to people and to the server where the machine is busy: what is tried is not who gets a processor.
    crowd_alone = json.dumps(asdict(replace(crowd, people=0)))
    command = ["nice", sys.executable, "-m", "tests.api.strangers", host, str(port), crowd_alone]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as strangers:
        time.sleep(crowd.arriving)
        reports = asyncio.run(ask_all(*(Siege(host, one, crowd) for one in (port, beside) if one)))
        told = json.loads(strangers.communicate()[0])
    report = reports[0]
    report.beside = reports[1] if beside else None
    report.opened, report.closed, report.peak = Counter(told["opened"]), Counter(told["closed"]), told["peak"]
    return report


async def ask_all(*sieges):
    """Let the people of several sieges ask at the same time; the reports."""
    return await asyncio.gather(*(siege.ask_all() for siege in sieges))


class Siege:
    """One run of a crowd against one server."""

    def __init__(self, host, port, crowd):
        self.host, self.port, self.crowd = host, port, crowd
        self.report, self.number, self.connected = Report(), itertools.count(time.time_ns() % 10**9), 0

    async def ask_all(self):
        """Let the people ask until the time is over; the report."""
        end = time.monotonic() + self.crowd.seconds
        people = (self.person(start, end) for start in range(self.crowd.people))
        await asyncio.gather(*people, self.hesitating_person(end))
        return self.report

    async def disturb(self):
        """Let the strangers come and stay until the time is over; the report. Descriptors are taken as far as possible."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        strangers = [
            asyncio.create_task(self.come_again(kind, getattr(self, act), position / getattr(self.crowd, kind)))
            for kind, act in KINDS.items()
            for position in range(getattr(self.crowd, kind))
        ]
        await asyncio.sleep(self.crowd.arriving + self.crowd.seconds + 0.5)
        for stranger in strangers:
            stranger.cancel()
        ended = await asyncio.gather(*strangers, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise error
        return self.report

    async def come_again(self, kind, act, share):
        """Be one stranger: connect, misbehave until the server ends it, and come again."""
        await asyncio.sleep(share * self.crowd.arriving)
        loop = asyncio.get_running_loop()
        while True:
            with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as line:
                line.setblocking(False)
                if kind == "readers":
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                try:
                    await loop.sock_connect(line, (self.host, self.port))
                    self.report.opened[kind] += 1
                    self.connected += 1
                    self.report.peak = max(self.report.peak, self.connected)
                    try:
                        await act(loop, line)
                    finally:
                        self.connected -= 1
                except OSError:
                    pass
                self.report.closed[kind] += 1
            await asyncio.sleep(PAUSE)

    async def silent(self, loop, line):
        """Say nothing."""
        await loop.sock_recv(line, 4096)

    async def half(self, loop, line):
        """Send half a head."""
        await loop.sock_sendall(line, f"GET /?x={next(self.number)} HTTP/1.1\r\nHost: x\r\nX-Half: y".encode())
        await loop.sock_recv(line, 4096)

    async def body(self, loop, line):
        """Send a body of a declared length byte by byte."""
        lines = ("POST /sparql HTTP/1.1", "Host: x", "Content-Type: application/sparql-query", "Content-Length: 50000")
        await loop.sock_sendall(line, "\r\n".join((*lines, "", "SELECT")).encode())
        reading = asyncio.create_task(loop.sock_recv(line, 4096))
        try:
            while not reading.done():
                await asyncio.wait([reading], timeout=DRIP)
                if not reading.done():
                    await loop.sock_sendall(line, b" ")
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def reader(self, loop, line):
        """Ask for a long answer and read it slowly."""
        number = next(self.number)
        path = self.crowd.long[number % len(self.crowd.long)].replace("{n}", str(number))
        await loop.sock_sendall(line, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while await loop.sock_recv(line, 32):
            await asyncio.sleep(DRIP)

    async def person(self, position, end):
        """Be one person: ask one thing after another until `end`, and at least LEAST, every second thing on a new connection."""
        first = position
        host = f"[{self.host}]" if ":" in self.host else self.host
        async with httpx.AsyncClient(base_url=f"http://{host}:{self.port}", timeout=100) as client:
            while time.monotonic() < end or position - first < LEAST:
                path = self.crowd.asked[position % len(self.crowd.asked)].replace("{n}", str(next(self.number)))
                began = time.monotonic()
                try:
                    answer = await self.ask(client, path, {"Connection": "close"} if position % 2 else {})
                    status, text = answer.status_code, answer.text
                except httpx.HTTPError as error:
                    status, text = type(error).__name__, str(error)
                self.report.seconds.append(time.monotonic() - began)
                self.report.slowest = max(self.report.slowest, (self.report.seconds[-1], path))
                self.report.statuses[status] += 1
                if status != 200:
                    self.report.wrong.append((path, status, text))
                position += 1
                await asyncio.sleep(self.crowd.breath)

    async def hesitating_person(self, end):
        """Be one person who pauses between connecting and asking, until `end`; only what is answered counts, not how fast."""
        while time.monotonic() < end:
            reader, writer = await asyncio.open_connection(self.host, self.port)
            try:
                await asyncio.sleep(HESITATION)
                writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = (await reader.read()).decode()
            except OSError as error:
                answer = f"{type(error).__name__}: {error}"
            finally:
                writer.close()
            status = 200 if answer.startswith("HTTP/1.1 200 ") else answer[:12]
            self.report.statuses[status] += 1
            if status != 200:
                self.report.wrong.append(("/health", status, answer))

    async def ask(self, client, path, headers):
        """Ask once; and again when a connection that was kept is closed before anything came, as clients do."""
        try:
            return await client.get(path, headers=headers)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if "Connection" in headers:
                raise
            self.report.retried += 1
            return await client.get(path, headers={"Connection": "close"})


def main():
    """Be the strangers of a crowd, which the command line gives as JSON; print what became of them."""
    host, port, crowd = sys.argv[1:]
    report = asyncio.run(Siege(host, int(port), Crowd(**json.loads(crowd))).disturb())
    print(json.dumps(report.summary))


if __name__ == "__main__":
    main()

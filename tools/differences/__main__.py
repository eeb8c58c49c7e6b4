"""Asks two servers, of two versions of this project with the same release, the same addresses, and shows what differs.

`python -m tools.differences OLD NEW` takes their addresses, such as http://127.0.0.1:8001. It ends with 1 where anything differs.
"""

import argparse
import ipaddress
import json
import re
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import httpx

from tools.differences import addresses
from tools.differences.addresses import Request
from tools.differences.answers import Answer, parts
from tools.differences.report import Report, compare

THREADS = 4
SECONDS = 120.0  # until an answer counts as broken
TRIES, PAUSE = 5, 2.0  # requests, and seconds between them, until a server that is busy (503) is believed
STEP = 250  # requests until the next line of progress
LINKED = 3  # addresses of each kind that are asked because a page links to them


class Server:
    """One of the two servers, which must be on this machine."""

    def __init__(self, address: str) -> None:
        split = urlsplit(address)
        if split.hostname != "localhost" and not ipaddress.ip_address(split.hostname or "").is_loopback:
            raise ValueError(f"{address} is not on this machine")
        self.host = split.netloc
        self._client = httpx.Client(
            base_url=f"http://{self.host}", timeout=SECONDS, follow_redirects=False, trust_env=False
        )

    def send(self, request: Request) -> Answer:
        """Send a request as it stands, and return its answer; a broken connection is an answer of status 0."""
        headers = {"Accept-Encoding": "identity", **dict(request.headers)}
        exact = {"target": request.address.replace("$host", self.host).encode()}
        try:
            for _ in range(TRIES):
                answer = self._client.request(
                    request.method, "/", headers=headers, content=request.body or None, extensions=exact
                )
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    break
                time.sleep(PAUSE)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.ReadTimeout) as error:
            return Answer(0, (), type(error).__name__.encode())
        return Answer(answer.status_code, tuple(answer.headers.multi_items()), answer.content)

    def read(self, address: str) -> bytes:
        """Return what is at an address: a page where it has one."""
        return self.send(Request("", address, headers=(("Accept", "text/html, */*;q=0.5"),))).body


class Comparison:
    """Sends each request to both servers, and reports what differs."""

    def __init__(self, old: Server, new: Server) -> None:
        self.old, self.new = old, new
        self.report, self.sent, self.linked = Report(), set[str](), set[str]()
        self._lock = threading.Lock()
        self.release = dict(old.send(Request("", "/")).headers).get("x-release")
        if self.release is None or self.release != dict(new.send(Request("", "/")).headers).get("x-release"):
            raise ValueError("The two servers do not serve the same release")

    def run(self, requests: Iterable[Request]) -> None:
        """Send requests, several at once; each only once."""
        waiting = list(dict.fromkeys(requests))
        self.sent |= {request.address for request in waiting}
        with ThreadPoolExecutor(THREADS) as threads:
            for number, _ in enumerate(threads.map(self._examine, waiting), 1):
                if number % STEP == 0 or number == len(waiting):
                    print(f"{number} of {len(waiting)}, {self.report.different.total()} differ", file=sys.stderr)

    def _examine(self, request: Request) -> None:
        old, new = self._compare(request, request)
        if not request.varied or old.status != 200:
            return
        if old.is_page:
            linked = set(addresses.links(request.address, old.body, self.old.host))
            with self._lock:
                self.linked |= linked
        for variant in request.variants(self.release, old.is_page):
            self._compare(variant, variant)
        self._compare(request.conditional(old.etag), request.conditional(new.etag))

    def _compare(self, to_old: Request, to_new: Request) -> tuple[Answer, Answer]:
        old, new = self.old.send(to_old), self.new.send(to_new)
        read = parts(old, self.old.host, to_old.address), parts(new, self.new.host, to_new.address)
        with self._lock:
            self.report.add(to_old, compare(*read))
        return old, new


def from_server(server: Server, release: str, number: int | None) -> Iterator[Request]:
    """Yield what is asked: requests.txt for each list, question and page that the old server says it has, and its site map."""
    questions = json.loads(server.read("/questions?format=json"))["questions"]
    pages = [page for part in _locations(server, "/sitemap.xml") for page in _locations(server, part)]
    thing = next(page for page in pages if page.startswith("/doc/event/"))
    values = {"release": release, "thing": thing, "long": "SELECT * { } #" + " " * (2 << 20)}
    values |= _values(next(question for question in questions if question["parameters"]))
    values["word"] = re.search(rb"/answer/[\w-]+", server.read(values["address"]))[0].decode()
    yield from addresses.listed(values)
    yield from _of_routes(server)
    for question in questions:
        values = _values(question)
        yield from addresses.listed(values, "each question")
        for name, narrowed in addresses.choices(server.read(values["address"])):
            if name.startswith("only."):
                yield from addresses.listed(values | {"narrowed": narrowed}, "each narrowed answer")
    for kind, drawn in addresses.sample(pages, number).items():
        yield from addresses.listed({"page": drawn[0]}, "each page")
        yield from (Request(f"page {kind}", page) for page in drawn)


def _of_routes(server: Server) -> Iterator[Request]:
    """Yield each route without a name in its path, with all that a list has."""
    for path, operation in json.loads(server.read("/openapi.json"))["paths"].items():
        fields = operation.get("get", {}).get("parameters", [])
        names = {field.get("name") or field["$ref"].rpartition("/")[2] for field in fields}
        if "{" in path or "get" not in operation:
            continue
        yield from addresses.listed({"page": path}, "each route")
        if {"sort", "page"} <= names:
            yield from addresses.listed({"list": path}, "each list")
            wrong = ((name, f"{name}=nosuch") for name in sorted(names))
            for _, query in (*addresses.choices(server.read(path)), *wrong):
                yield from addresses.listed({"list": path, "chosen": query}, "each filter")


def _values(question: dict) -> dict[str, str]:
    """Return the names of requests.txt that a question gives."""
    fields = question["parameters"]
    form, needed = (
        urlencode({field["name"]: field["example"] for field in some}, safe="/")
        for some in (fields, [field for field in fields if not field["optional"]])
    )
    first, address = question["columns"][0]["name"], f"/questions/{question['name']}?{form}".rstrip("?")
    return {"question": question["name"], "form": form, "needed": needed, "first": first, "address": address}


def _locations(server: Server, address: str) -> list[str]:
    locations = re.findall("<loc>([^<]+)</loc>", server.read(address).decode())
    return [location.partition(server.host)[2] or "/" for location in locations]


def main() -> int:
    """Compare two servers as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tools.differences", description=__doc__.partition("\n")[0])
    parser.add_argument("old", metavar="OLD", help="address of the server of the old version")
    parser.add_argument("new", metavar="NEW", help="address of the server of the new version")
    parser.add_argument("--sample", type=int, metavar="N", help="pages of each kind in the site map; without it, all")
    options = parser.parse_args()
    begin = time.monotonic()
    try:
        comparison = Comparison(Server(options.old), Server(options.new))
    except ValueError as error:
        parser.error(str(error))
    comparison.run(from_server(comparison.old, comparison.release, options.sample))
    linked = addresses.sample(comparison.linked - comparison.sent, LINKED)
    comparison.run(Request("link", address) for drawn in linked.values() for address in drawn)
    print("\n".join(comparison.report.lines()), f"\n\n{time.monotonic() - begin:.0f} seconds")
    return int(any(comparison.report.different.values()))


if __name__ == "__main__":
    sys.exit(main())

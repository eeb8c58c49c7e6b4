"""What two servers are asked: requests.txt, with names that the old server gives."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from urllib.parse import quote, urlencode, urljoin, urlsplit

import lxml.html

from kg import terms

LISTED = Path(__file__).with_name("requests.txt")
BROWSER, PROGRAM = ("Accept", "text/html"), ("Accept", "*/*")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
LANGUAGES = ("ru", "kk")
SEED = 2014  # every run takes the same sample


@dataclass(frozen=True)
class Request:
    """One request, as both servers get it; one that is `varied` is sent again in other manners."""

    kind: str = field(compare=False)
    address: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = (BROWSER,)
    body: bytes = b""
    varied: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        headers = "".join(f" | {name}: {value}" for name, value in self.headers if (name, value) != PROGRAM)
        return f"{self.method} {self.address[:200]}{headers}" + (f" | > {self.body[:60]!r}" if self.body else "")

    def variants(self, release: str, is_page: bool) -> Iterator["Request"]:
        """Yield the same by HEAD and OPTIONS, compressed, as of the release, and a page in its languages."""
        again = replace(self, varied=False)
        yield replace(again, kind="HEAD", method="HEAD")
        yield replace(again, kind="OPTIONS", method="OPTIONS")
        yield replace(again, kind="gzip", headers=(*self.headers, ("Accept-Encoding", "gzip")))
        yield replace(again, kind="pinned", address=f"/release/{release}{self.address}")
        for language in LANGUAGES if is_page else ():
            joint = "&" if "?" in self.address else "?"
            yield replace(again, kind="languages", address=f"{self.address}{joint}lang={language}")
            yield replace(again, kind="languages", headers=(*self.headers, ("Accept-Language", language)))

    def conditional(self, etag: str) -> "Request":
        """Return the same with an ETag that the server sent before."""
        return replace(self, kind="If-None-Match", headers=(*self.headers, ("If-None-Match", etag)))


def listed(values: dict[str, str], each: str = "") -> Iterator[Request]:
    """Yield the requests of requests.txt below "each …", or those below all other headings, with `values` for the names in them."""
    _, *sections = re.split(r"^# ", LISTED.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for section in sections:
        kind, *lines = filter(None, section.split("\n"))
        if kind == each or not each and not kind.startswith("each "):
            for line in lines:
                yield from _read(line, kind.removeprefix("each "), values)


def _read(line: str, kind: str, values: dict[str, str]) -> Iterator[Request]:
    """Read a line into one request, or two where it leaves open who sends it."""
    start, *parts = Template(line).safe_substitute(values).split(" | ")
    method, address = start.removeprefix("+ ").split(" ", 1)
    headers = tuple(tuple(part.split(": ", 1)) for part in parts if not part.startswith(">"))
    body = "".join(part[2:] for part in parts if part.startswith(">")).replace("\\r", "\r").replace("\\n", "\n")
    body = escape(body) if FORM in headers else body
    for accept in [()] if "Accept" in dict(headers) else [(BROWSER,), (PROGRAM,)]:
        is_varied = line.startswith("+") and accept != (PROGRAM,)
        yield Request(kind, escape(address), method, (*accept, *headers), body.encode(), is_varied)


def escape(address: str) -> str:
    """Percent-encode what no address may hold, and leave what is encoded already, be it well or badly."""
    return quote(address.rstrip("?"), safe="%/:?#[]@!$&'()*+,;=~")


def sample(addresses: Iterable[str], number: int | None) -> dict[str, list[str]]:
    """Sort addresses by kind, and draw `number` of each kind; all when that is None."""
    kinds, draw = defaultdict(list), random.Random(SEED)
    for address in sorted(set(addresses)):
        kinds[_kind(address)].append(address)
    return {kind: draw.sample(kinds[kind], min(number or len(kinds[kind]), len(kinds[kind]))) for kind in sorted(kinds)}


def _kind(address: str) -> str:
    """Name the kind of an address: its first part, of a thing its first two, with its suffix and its parameters."""
    path, _, query = address.partition("?")
    parts = path.strip("/").split("/")
    shown = parts[: 2 if parts[0] in ("doc", "id", "scheme", "release") else 1] + ["…"] * (len(parts) > 1)
    suffix = re.search(r"\.[a-z-]{2,12}$", path) if len(parts) > 1 else None
    names = sorted({part.partition("=")[0] for part in query.split("&") if part})
    return "/" + "/".join(shown) + (suffix[0] if suffix else "") + "?" * bool(names) + "&".join(names)


def choices(page: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name, query) for what the selects of a page offer: every order, and of each filter the first and the last value."""
    for select in lxml.html.document_fromstring(page).iter("select"):
        name, values = select.get("name"), [value for value in select.xpath("option/@value") if value]
        for value in dict.fromkeys(values if name == "sort" else values[:1] + values[-1:]):
            yield name, urlencode({name: value}, safe="/")


def links(address: str, page: bytes, host: str) -> Iterator[str]:
    """Yield the addresses on the same server that a page links to, by their permanent IRIs too."""
    for _, _, link, _ in lxml.html.document_fromstring(page).iterlinks():
        whole = urljoin(f"http://{host}{address}", link).replace(terms.BASE, f"http://{host}/")
        if urlsplit(whole).netloc == host:
            yield escape(whole.partition("#")[0].removeprefix(f"http://{host}")) or "/"

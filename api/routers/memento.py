"""Earlier states of what is at an address, by time (Memento, RFC 7089): each release that is here and holds it is one.

`/timegate/<address>` sends to the state at a time, `/timemap/<address>` lists them all. An address is in full or as a path; its query
belongs to it. A thing that is not in a release, or is a tombstone there, has no state of that time.
"""

import asyncio
import datetime
from collections.abc import Iterator, Sequence
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache, partial
from typing import Annotated, NamedTuple, Self
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.dependencies import CURRENT, Exchange, cached, exchange_of
from api.http.addresses import site_of, write_json
from api.http.negotiate import ATOM, JSON, choose, split_suffix
from api.openapi import answers
from api.routers.changes import all_releases, releases_key
from api.routers.lists import LISTS
from kg import terms
from kg.answer.formats import FORMATS, Format
from kg.errors import BadParameter, UnknownName
from kg.release import Release
from kg.store import Store
from kg.terms import Iri
from kg.wording import say

router = APIRouter(tags=["Changes"])

LONGEST = 250  # bytes of an address with its query that has states: they are linked six times in a head
LINKS = Format("link", "application/link-format")
OFFERS = (LINKS, JSON)
# The first parts of the paths that have states.
COVERED = {"", "about", "bases", "corrections", "dataset", "doc", "dumps", "embed", "graph", "id", "method", "ontology"}
COVERED |= {"protection", "questions", "scheme", "shapes", "withdrawn", *LISTS}

# The spaces of the IRIs of things, by the sections of the site that show them.
SPACES = {"id": terms.ID, "doc": terms.ID, "scheme": terms.SCHEME}
HELD = f"ASK {{ ?thing ?property ?value FILTER NOT EXISTS {{ ?thing a <{terms.term('Tombstone')}> }} }}"

Address = Annotated[str, Path(description="An address of this site, in full or as a path.", examples=["id/state/kaz"])]


class Original(NamedTuple):
    """An address that has states: the address of the server, and behind it the path and the query as they are written in an address."""

    root: str
    rest: str

    @classmethod
    def of(cls, request: Request, path: str) -> Self | None:
        """Take a path, with the query of the request; None where nothing at such a path has states, or it is too long."""
        if path.partition("/")[0].partition(".")[0] not in COVERED:
            return None
        query = request.scope["query_string"].decode("ascii", "ignore")
        rest = quote(path, safe="/:@!$&'()*+,;=~.-_") + quote(f"?{query}" if query else "", safe="/:@!$&()*+,;=~.-_?%")
        return cls(f"{site_of(request)}/", rest) if len(rest) <= LONGEST else None

    def at(self, place: str = "") -> str:
        """Write the address, as it is or as it stands behind another path."""
        return self.root + place + self.rest

    def service(self, name: str) -> str:
        """Write the address of its TimeGate or TimeMap."""
        return self.at(f"{name}/{self.root}")

    def links(self) -> list[str]:
        """Link the address, its TimeGate and its TimeMap."""
        return [
            f'<{self.at()}>; rel="original"',
            f'<{self.service("timegate")}>; rel="timegate"',
            f'<{self.service("timemap")}>; rel="timemap"; type="{LINKS.media_type}"',
        ]

    def mementos(self, states: Sequence[Release]) -> Iterator[str]:
        """Link the states, of which the first and the last are marked."""
        for release in states:
            marks = "first " * (release is states[0]) + "last " * (release is states[-1])
            address = self.at(f"release/{release.id}/")
            yield f'<{address}>; rel="{marks}memento"; datetime="{_http_time(release)}"'


def _negotiate(request: Request) -> Exchange:
    exchange = exchange_of(request)  # `format=` is a part of the address that is looked up
    exchange.offer = choose(request.headers.get("accept"), OFFERS)
    return exchange


@router.get("/timegate/{address:path}", **answers(errors=(404,), status=302))
async def timegate(exchange: Annotated[Exchange, Depends(exchange_of)], address: Address) -> Response:
    """Memento (RFC 7089): 302 to the address as of the release at Accept-Datetime."""
    original, states = await _look_up(exchange, address)
    time = _read_time(exchange.request.headers.get("accept-datetime"))
    before = [release for release in states if time is None or _time(release) <= time]
    chosen = before[-1] if before else states[0]
    near = [*dict.fromkeys((states[0], chosen, states[-1]))]
    headers = {
        "Vary": "Accept-Datetime",
        "Cache-Control": CURRENT,
        "Link": ", ".join([*original.links()[::2], *original.mementos(near)]),
        "Location": original.at(f"release/{chosen.id}/"),
    }
    return Response(status_code=302, headers=headers)


@router.get("/timemap/{address:path}", **answers(*OFFERS, errors=(404,)))
@partial(cached, key=releases_key)
async def timemap(exchange: Annotated[Exchange, Depends(_negotiate)], address: Address) -> bytes:
    """Memento: the releases that hold what is at an address."""
    original, states = await _look_up(exchange, address)
    if exchange.offer is JSON:
        listed = [{"datetime": release.created, "uri": original.at(f"release/{release.id}/")} for release in states]
        here = original.service("timemap")
        return write_json(
            {
                "original_uri": original.at(),
                "timegate_uri": original.service("timegate"),
                "timemap_uri": {"link_format": here, "json_format": here},
                "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
            }
        )
    span = f'; from="{_http_time(states[0])}"; until="{_http_time(states[-1])}"'
    *others, itself = original.links()
    links = [*others, itself.replace('rel="timemap"', 'rel="self"') + span, *original.mementos(states)]
    return (",\n".join(links) + "\n").encode()


def headers_of(scope: Scope, status: int) -> list[tuple[bytes, bytes]]:
    """Make the headers that link other states of an answer, and give its own time; none for most addresses."""
    state = scope["state"]
    original = Original.of(Request(scope), scope["path"].removeprefix(state["prefix"]).lstrip("/"))
    if original is None or status >= 400:
        return []
    links = original.links()
    if not state["pinned"]:
        return [(b"link", ", ".join(links[1:]).encode("latin-1"))]
    time = _http_time(state["opened"].release)
    return [(b"memento-datetime", time.encode()), (b"link", ", ".join(links).encode("latin-1"))]


async def _look_up(exchange: Exchange, address: str) -> tuple[Original, list[Release]]:
    """Find the releases that hold what is at an address, the oldest first; raises UnknownName where none does."""
    joined = address.startswith(("http:/", "https:/")) and "://" not in address  # by a proxy
    whole = address.replace(":/", "://", 1) if joined else address
    path = whole.removeprefix(f"{site_of(exchange.request)}/").removeprefix(terms.BASE).lstrip("/")
    original = None if "://" in path else Original.of(exchange.request, path)
    if original is None:
        raise UnknownName(
            say("No earlier states are known of %(address)s", address=address),
            hint=say("Give the address of a thing, a question or a list"),
        )
    section, _, name = path.partition("/")
    names, releases = (name, split_suffix(name, (*FORMATS, ATOM))[0]), await all_releases(exchange)

    def find() -> list[Release]:
        return [each for each in releases if not name or any(_holds(each, each.sha256, section, key) for key in names)]

    states = await asyncio.to_thread(find)
    if not states:
        raise UnknownName(
            say("No release that is here holds %(address)s", address=f"/{path}"),
            hint=say("/search finds things by their names"),
        )
    return original, states


@lru_cache(4096)
def _holds(release: Release, sha256: str, section: str, name: str) -> bool:
    """Whether a release has something of a name in a section of its site, such as `doc`; a tombstone is nothing."""
    if section in SPACES:
        with Store.open(release.store_path) as store:
            try:
                return store.ask(HELD, bindings={"thing": Iri(SPACES[section] + unquote(name))})
            except BadParameter:  # no IRI
                return False
    if section in ("questions", "embed"):
        return (release.questions_path / f"{name.rpartition('/')[2]}.rq").is_file()
    if section == "graph":
        return terms.GRAPH + name in release.manifest["triples"]["graphs"]
    return section != "dumps" or f"dumps/{name.removesuffix('.sha256')}" in release.manifest["outputs"]


def _read_time(text: str | None) -> datetime.datetime | None:
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise BadParameter(
            say("Accept-Datetime holds no time"),
            where="Accept-Datetime",
            hint=say("Write it as HTTP does, such as Tue, 14 Apr 2026 09:00:00 GMT"),
        ) from None


def _time(release: Release) -> datetime.datetime:
    return datetime.datetime.fromisoformat(release.created).replace(microsecond=0)


def _http_time(release: Release) -> str:
    return format_datetime(_time(release), usegmt=True)

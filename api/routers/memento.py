"""Earlier states of what is at an address, by time (Memento, RFC 7089): each release that is here and holds it is one.

`/timegate/<address>` sends to the state at a time, `/timemap/<address>` lists them all. An address is in full or as a path; its query
belongs to it. A thing that is not in a release, or is a tombstone there, has no state of that time.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Sequence
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache, partial
from typing import Annotated, NamedTuple
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api import models
from api.dependencies import CURRENT, Exchange, cached, exchange_of
from api.http import negotiate
from api.http.addresses import site_of, write_json
from api.http.negotiate import JSON
from api.openapi import answers
from api.routers.changes import all_releases, releases_key
from api.routers.lists import LISTS
from kg import terms
from kg.answer import formats
from kg.answer.formats import Format
from kg.changes import is_tombstone, open_dump
from kg.errors import BadParameter, UnknownName
from kg.release import Release
from kg.wording import say

router = APIRouter(tags=["Changes"])

LINKS = Format("link", "application/link-format", ".link", ())
OFFERS = (LINKS, JSON)
# The first parts of the paths that have states; what stands beneath the first ones must be in a release to have one in it.
THINGS, WHOLE = ("id", "doc", "scheme"), ("questions", "embed", "graph", "ontology", "shapes", "dataset", "dumps")
PAGES = ("", "about", "method", "protection", "corrections", "bases", "withdrawn")
COVERED = frozenset((*THINGS, *WHOLE, *PAGES, *LISTS))
_SUFFIXES = tuple({form.suffix for form in formats.FORMATS} | {".atom"})

Address = Annotated[str, Path(description="An address of this site, in full or as a path.", examples=["id/state/kaz"])]


class Original(NamedTuple):
    """An address that has states: its path without the first slash, its query with the question mark, and the address of the server."""

    path: str
    query: str
    root: str

    def at(self, place: str = "") -> str:
        """Write the address, as it is or as it stands behind the path of a release."""
        return self.root + place + quote(self.path, safe="/:@!$&'()*+,;=~.-_") + self.query

    def service(self, name: str) -> str:
        """Write the address of its TimeGate or TimeMap."""
        return f"{self.root}{name}/{self.at()}"

    def links(self) -> list[str]:
        """Link the address, its TimeGate and its TimeMap."""
        return [
            f'<{self.at()}>; rel="original"',
            f'<{self.service("timegate")}>; rel="timegate"',
            f'<{self.service("timemap")}>; rel="timemap"; type="{LINKS.media_type}"',
        ]


def _negotiate(request: Request) -> Exchange:
    exchange = exchange_of(request)  # `format=` is a part of the address that is looked up
    exchange.offer = negotiate.choose(request.headers.get("accept"), OFFERS)
    return exchange


@router.get("/timegate/{address:path}", **answers(errors=(404,), status=302))
async def timegate(exchange: Annotated[Exchange, Depends(exchange_of)], address: Address) -> Response:
    """Memento (RFC 7089): 302 to the address as of the release at Accept-Datetime."""
    original = _original(exchange.request, address)
    states = await _states(exchange, original)
    time = _read_time(exchange.request.headers.get("accept-datetime"))
    chosen = [one for one in states if time is None or _time(one) <= time][-1:] or states[:1]
    named = dict.fromkeys((states[0], *chosen, states[-1]))
    links = ", ".join([*original.links()[::2], *_mementos(original, list(named))])
    headers = {
        "Vary": "Accept-Datetime",
        "Cache-Control": CURRENT,
        "Link": links,
        "Location": original.at(_place(chosen[0])),
    }
    return Response(status_code=302, headers=headers)


@router.get("/timemap/{address:path}", **answers(*OFFERS, model=models.Object, errors=(404,)))
@partial(cached, key=releases_key)
async def timemap(exchange: Annotated[Exchange, Depends(_negotiate)], address: Address) -> bytes:
    """Memento: the releases that hold what is at an address."""
    original = _original(exchange.request, address)
    states = await _states(exchange, original)
    if exchange.offer is JSON:
        listed = [{"datetime": str(one.manifest["created"]), "uri": original.at(_place(one))} for one in states]
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
    links = [*others, itself.replace('rel="timemap"', 'rel="self"') + span, *_mementos(original, states)]
    return (",\n".join(links) + "\n").encode()


def headers_of(scope: Scope, status: int) -> list[tuple[bytes, bytes]]:
    """Make the headers by which an answer links other states, and says of which time it is itself; none for most addresses."""
    state = scope["state"]
    path = scope["path"].removeprefix(state["prefix"]).lstrip("/")
    if status >= 400 or not _is_covered(path):
        return []
    request = Request(scope)
    links = Original(path, _query(request), f"{site_of(request)}/").links()
    if not state["pinned"]:
        return [(b"link", ", ".join(links[1:]).encode("latin-1"))]
    return [
        (b"memento-datetime", _http_time(state["opened"].release).encode()),
        (b"link", ", ".join(links).encode("latin-1")),
    ]


def _is_covered(path: str) -> bool:
    return path.partition("/")[0].partition(".")[0] in COVERED


def _query(request: Request) -> str:
    query = request.scope["query_string"].decode("ascii", "ignore")
    return f"?{quote(query, safe='/:@!$&()*+,;=~.-_?%')}" if query else ""


def _original(request: Request, address: str) -> Original:
    root = f"{site_of(request)}/"
    joined = address.startswith(("http:/", "https:/")) and "://" not in address  # by a proxy
    path = address.replace(":/", "://", 1) if joined else address
    path = path.removeprefix(root).removeprefix(terms.BASE).lstrip("/")
    if "://" in path or not _is_covered(path):
        message = say("No earlier states are known of %(address)s", address=address[:200])
        raise UnknownName(message, hint=say("Give the address of a thing, a question or a list"))
    return Original(path, _query(request), root)


async def _states(exchange: Exchange, original: Original) -> Sequence[Release]:
    releases, path = await all_releases(exchange), original.path
    states = await asyncio.to_thread(lambda: [one for one in releases if _holds(one, one.sha256, path)])
    if not states:
        message = say("No release that is here holds %(address)s", address=f"/{path[:200]}")
        raise UnknownName(message, hint=say("/search finds things by their names"))
    return states


@lru_cache(4096)
def _holds(one: Release, sha256: str, path: str) -> bool:
    """Say whether a release, whose manifest has this hash, has something at a path."""
    first, _, rest = path.partition("/")
    stem = rest.removesuffix(next((end for end in _SUFFIXES if rest.endswith(end)), ""))
    if not rest:
        return True
    if first in ("questions", "embed"):
        return (one.questions_path / f"{stem.removeprefix('questions/').rpartition('/')[2]}.rq").is_file()
    if first == "graph":
        return not {terms.GRAPH + rest, terms.GRAPH + stem}.isdisjoint(one.manifest["triples"]["graphs"])
    if first == "dumps":
        return f"dumps/{rest.removesuffix('.sha256')}" in one.manifest["outputs"]
    if first in THINGS:
        space, dump = terms.SCHEME if first == "scheme" else terms.ID, open_dump(one)
        lines = [
            line for name in dict.fromkeys((rest, stem)) for line in dump.about(f"<{space}{unquote(name)}>".encode())
        ]
        return bool(lines) and not is_tombstone(lines)
    return True


def _read_time(text: str | None) -> datetime.datetime | None:
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        hint = say("Write it as HTTP does, such as Tue, 14 Apr 2026 09:00:00 GMT")
        raise BadParameter(say("Accept-Datetime holds no time"), where="Accept-Datetime", hint=hint) from None


def _place(one: Release) -> str:
    return f"release/{one.id}/"


def _time(one: Release) -> datetime.datetime:
    return datetime.datetime.fromisoformat(str(one.manifest["created"])).replace(microsecond=0)


def _http_time(one: Release) -> str:
    return format_datetime(_time(one), usegmt=True)


def _mementos(original: Original, states: Sequence[Release]) -> Iterator[str]:
    for place, one in enumerate(states):
        marks = ["first"] * (place == 0) + ["last"] * (place == len(states) - 1)
        yield f'<{original.at(_place(one))}>; rel="{" ".join([*marks, "memento"])}"; datetime="{_http_time(one)}"'

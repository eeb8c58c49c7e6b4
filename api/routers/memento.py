"""Earlier states of what is at an address, by time (Memento, RFC 7089): each release that is here and holds it is one.

`/timegate/<address>` sends to the state at a time, `/timemap/<address>` lists them all. An address is in full or as a path; its query
belongs to it. A thing that is not in a release, or is a tombstone there, has no state of that time.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Annotated, NamedTuple
from urllib.parse import quote, unquote

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.http import negotiate
from api.http.negotiate import JSON
from api.http.responses import asked_address, serve, write_json
from api.openapi import answers
from api.routers.lists import LISTS
from kg import release, terms
from kg.answer import formats
from kg.answer.formats import Format
from kg.changes import is_tombstone, open_dump
from kg.errors import BadParameter, UnknownName
from kg.release import Release
from kg.wording import say

router = APIRouter(tags=["Changes"])

LINKS = Format("link", "application/link-format", ".link", frozenset())
OFFERS = (LINKS, JSON)
# The first parts of the paths that have states; what stands beneath the first ones must be in a release to have one in it.
THINGS, WHOLE = ("id", "doc", "scheme"), ("questions", "embed", "graph", "ontology", "shapes", "dataset", "dumps")
PAGES = ("", "about", "method", "protection", "corrections", "bases", "withdrawn")
COVERED = frozenset((*THINGS, *WHOLE, *PAGES, *LISTS))
_SUFFIXES = tuple({form.suffix for form in formats.FORMATS} | {".atom"})


class Original(NamedTuple):
    """What is asked for: its path without the first slash, its query with the question mark, and the address of the server."""

    path: str
    query: str
    root: str

    @property
    def tail(self) -> str:
        """The path and the query."""
        return quote(self.path, safe="/:@!$&'()*+,;=~.-_") + self.query

    def links(self) -> list[str]:
        """Link the address, its TimeGate and its TimeMap."""
        address = self.root + self.tail
        return [
            f'<{address}>; rel="original"',
            f'<{self.root}timegate/{address}>; rel="timegate"',
            f'<{self.root}timemap/{address}>; rel="timemap"; type="{LINKS.media_type}"',
        ]

    def at(self, found: Release) -> str:
        """Write the address of the state in a release."""
        return f"{self.root}release/{found.id}/{self.tail}"


@router.get("/timegate/{address:path}", **answers(status=302, errors=(404,)))
async def timegate(
    request: Request,
    address: Annotated[
        str, Path(description="An address of this site, in full or as a path.", examples=["id/state/kaz"])
    ],
) -> Response:
    """Memento (RFC 7089): 302 to the address as of the release at Accept-Datetime."""
    original = _original(request)
    found = await _states(request, original)
    wanted = _wanted(request.headers.get("accept-datetime"))
    chosen = [one for one in found if wanted is None or _time(one) <= wanted][-1:] or found[:1]
    links = original.links()[::2] + list(_mementos(original, list(dict.fromkeys((found[0], *chosen, found[-1])))))
    marked = {"Vary": "Accept-Datetime", "Cache-Control": "public, no-cache", "Link": ", ".join(links)}
    return Response(status_code=302, headers={**marked, "Location": original.at(chosen[0])})


@router.get("/timemap/{address:path}", **answers(*OFFERS, errors=(404,)))
async def timemap(
    request: Request,
    address: Annotated[
        str, Path(description="An address of this site, in full or as a path.", examples=["id/state/kaz"])
    ],
) -> Response:
    """Memento: the releases that hold what is at an address."""
    offer = negotiate.choose(request.headers.get("accept"), OFFERS)
    original = _original(request)
    found = await _states(request, original)

    async def make() -> bytes:
        return _as_json(original, found) if offer is JSON else _as_links(original, found)

    return await serve(request, offer, make, told=",".join((original.root, *(one.id for one in found))))


def headers_of(scope: Scope, status: int) -> list[tuple[bytes, bytes]]:
    """Make the headers by which an answer tells of other states, and of which time it is itself; none for most addresses."""
    state = scope["state"]
    path = scope["path"].removeprefix(state["prefix"]).lstrip("/")
    if status >= 400 or path.partition("/")[0].partition(".")[0] not in COVERED:
        return []
    original = Original(path, _query(scope), _root(Request(scope)))
    if not state["pinned"]:
        return [(b"link", ", ".join(original.links()[1:]).encode("latin-1"))]
    told = [(b"memento-datetime", _told(state["opened"].release).encode())]
    return [*told, (b"link", ", ".join(original.links()).encode("latin-1"))]


def _root(request: Request) -> str:
    """Write the address of this server: its base, or the host that the request names."""
    address = asked_address(request)
    path = request.scope["path"].removeprefix(request.app.state.site_path).lstrip("/")
    return address.removesuffix(path)


def _query(scope: Scope) -> str:
    query = scope["query_string"].decode("ascii", "ignore")
    return f"?{quote(query, safe='/:@!$&()*+,;=~.-_?%')}" if query else ""


def _original(request: Request) -> Original:
    """Read the address in a path. Raises UnknownName for one that is not of this site, or has no states."""
    asked, root = request.path_params["address"], _root(request)
    asked = asked.replace(":/", "://", 1) if asked.startswith(("http:/", "https:/")) and "://" not in asked else asked
    path = asked
    for base in (root, terms.BASE):
        path = path.removeprefix(base)
    path = path.lstrip("/")
    if path.partition("/")[0].partition(".")[0] not in COVERED or "://" in path:
        told = say("No earlier states are known of %(address)s", address=asked[:200])
        raise UnknownName(told, hint=say("Give the address of a thing, a question or a list"))
    return Original(path, _query(request.scope), root)


async def _states(request: Request, original: Original) -> list[Release]:
    """List the releases that hold what is at an address, the oldest first; raises UnknownName where there are none."""
    found = await asyncio.to_thread(lambda: [one for one in _releases(request) if _holds(one, original.path)])
    if not found:
        told = say("No release that is here holds %(address)s", address=f"/{original.path[:200]}")
        raise UnknownName(told, hint=say("/search finds things by their names"))
    return found


def _releases(request: Request) -> list[Release]:
    return release.releases(request.app.state.settings.out)


def _holds(found: Release, path: str) -> bool:
    return _holds_at(found, found.sha256, path)


@lru_cache(4096)
def _holds_at(found: Release, sha256: str, path: str) -> bool:
    """Say whether a release has something at a path."""
    first, _, rest = path.partition("/")
    suffix = next((one for one in _SUFFIXES if rest.endswith(one)), "")
    stem = rest.removesuffix(suffix)
    if first in ("questions", "embed") and rest:
        return (found.questions_path / f"{stem.removeprefix('questions/').rpartition('/')[2]}.rq").is_file()
    if first == "graph" and rest:
        graphs = found.manifest["triples"]["graphs"]
        return any(name == terms.GRAPH + one for name in graphs for one in (rest, stem))
    if first == "dumps" and rest:
        return f"dumps/{rest.removesuffix('.sha256')}" in found.manifest["outputs"]
    if first in THINGS and rest:
        space = terms.SCHEME if first == "scheme" else terms.ID
        lines = [line for one in dict.fromkeys((rest, stem)) for line in _about(found, space + unquote(one))]
        return bool(lines) and not is_tombstone(lines)
    return True


def _about(found: Release, iri: str) -> tuple[bytes, ...]:
    return open_dump(found).about(f"<{iri}>".encode())


def _wanted(text: str | None) -> datetime.datetime | None:
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        hint = say("Write it as HTTP does, such as Tue, 14 Apr 2026 09:00:00 GMT")
        raise BadParameter(say("Accept-Datetime holds no time"), where="Accept-Datetime", hint=hint) from None


def _time(found: Release) -> datetime.datetime:
    """Tell when a release was made, to the second, as HTTP writes it."""
    return datetime.datetime.fromisoformat(str(found.manifest["created"])).replace(microsecond=0)


def _told(found: Release) -> str:
    return format_datetime(_time(found), usegmt=True)


def _mementos(original: Original, found: list[Release]) -> Iterator[str]:
    """Link states; the first and the last of the list are said to be."""
    for place, one in enumerate(found):
        marks = ["first"] * (place == 0) + ["last"] * (place == len(found) - 1)
        yield f'<{original.at(one)}>; rel="{" ".join([*marks, "memento"])}"; datetime="{_told(one)}"'


def _as_links(original: Original, found: list[Release]) -> bytes:
    first, last = _told(found[0]), _told(found[-1])
    address, gate, here = original.links()
    here = here.replace('rel="timemap"', 'rel="self"') + f'; from="{first}"; until="{last}"'
    return (",\n".join([address, gate, here, *_mementos(original, found)]) + "\n").encode()


def _as_json(original: Original, found: list[Release]) -> bytes:
    address = original.root + original.tail
    listed = [{"datetime": str(one.manifest["created"]), "uri": original.at(one)} for one in found]
    here = f"{original.root}timemap/{address}"
    return write_json(
        {
            "original_uri": address,
            "timegate_uri": f"{original.root}timegate/{address}",
            "timemap_uri": {"link_format": here, "json_format": here},
            "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
        }
    )

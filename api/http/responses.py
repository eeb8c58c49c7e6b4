"""Answers that depend on a release, a route, a query and a format alone: cached, tagged, and not sent twice.

Each has one ETag, a 304 for the client that has it, and the headers that name its permanent address, its licence and its
other forms.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from api.http import links
from api.http.language import PARAMETER, language_of, visit_of
from api.http.negotiate import HTML
from api.releases import OpenRelease
from api.render.page import Page, Reader, code_tag
from kg import terms
from kg.answer.formats import Format
from kg.errors import BadParameter
from kg.wording import say

CURRENT = "public, no-cache"  # keep it, and ask whether it still holds: the next release may differ
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
MOST_PARAMETERS = 200  # in an address or a form
PINNED = "public, max-age=86400"  # a day: a release never changes, but one may be withdrawn


class About(NamedTuple):
    """What a page says of itself: its title, its permanent IRI, and the addresses of its other forms by format.

    `words` say more than the title, such as a question with its values: by them it is cited, as what it is (`kind`, a type of
    CSL). `told` is a sentence for those who see no more than a card. `described_by` is the path of the metadata of a data file.
    `types` are the classes of what it is about, and `items` the paths of the files that it offers.
    """

    title: str
    canonical: str
    alternates: tuple[tuple[str, str], ...] = ()  # (media type, path)
    words: str = ""
    kind: str = "webpage"
    told: str = ""
    described_by: tuple[str, str] | None = None  # (media type, path)
    types: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()  # (media type, path)


class Described(Response):
    """What a handler answers to somebody who only wants to know what a page says of itself."""

    def __init__(self, about: About | None) -> None:
        super().__init__(status_code=204)
        self.about = about


def opened_of(request: Request) -> OpenRelease:
    """Return the release that a request is answered from."""
    return request.scope["state"]["opened"]


def prefix_of(request: Request) -> str:
    """Return what stands before every path: the path of this site, if any, and `/release/<id>` where the request named one."""
    return request.scope["state"]["prefix"]


def lifetime_of(request: Request) -> str:
    """Return the Cache-Control of an answer: longer where the request named its release."""
    return PINNED if request.scope["state"]["pinned"] else CURRENT


def address_of(request: Request, path: str) -> str:
    """Write the full address of a path (without its first slash) on this server; without a base it is its IRI."""
    return (request.app.state.settings.base or terms.BASE) + path


def site_of(request: Request) -> str:
    """Write the address of this site without its last slash: the base, else the host that the request names.

    A host that could not stand in an IRI is none; then it is the base of the data.
    """
    if base := request.app.state.settings.base:
        return base.rstrip("/")
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host.lower()}" if _HOST.fullmatch(host) else terms.BASE.rstrip("/")


def whole_address(request: Request, path: str) -> str:
    """Write the whole address of a path as the pages of this site link it."""
    return (
        path
        if path.startswith(("http://", "https://"))
        else site_of(request) + path.removeprefix(request.app.state.site_path)
    )


def asked_address(request: Request) -> str:
    """Write the address that was asked, without its query."""
    return whole_address(request, "/" + request.scope["path"].lstrip("/"))


def reader_of(request: Request) -> Reader:
    """Make the reader of a request's release."""
    return Reader(opened_of(request), prefix_of(request), request.app.state.settings.root, visit_of(request))


def alternates(path: str, offers: Iterable[Format]) -> tuple[tuple[str, str], ...]:
    """List the addresses of a resource's forms by suffix."""
    return tuple((offer.media_type, f"{path}.{offer.name}") for offer in offers)


def tag(request: Request, offer: Format, told: str = "") -> str:
    """Make the ETag of an answer; weak, since compression changes the bytes and not the answer."""
    parts = (
        opened_of(request).id,
        prefix_of(request),
        request.url.path,
        request.scope["query_string"].decode("latin-1"),
        offer.name,
        code_tag(),
        request.app.state.settings.base or "",
        (visit_of(request).language if offer is HTML else language_of(request)).code,
        told,
    )
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f'W/"{digest[:24]}"'


def has(request: Request, etag: str) -> bool:
    """Say whether the client has the answer with this ETag already."""
    sent = request.headers.get("if-none-match")
    if not sent:
        return False
    return etag.removeprefix("W/") in {part.strip().removeprefix("W/") for part in sent.split(",")}


def has_any(request: Request) -> bool:
    """Say whether the client wants no answer if there is one at all, whatever its ETag (RFC 9110, 13.1.2)."""
    return request.method != "POST" and request.headers.get("if-none-match", "").strip() == "*"


async def serve(
    request: Request,
    offer: Format,
    make: Callable[[], Awaitable[bytes]],
    *,
    about: About | None = None,
    headers: Mapping[str, str] | None = None,
    told: str = "",
) -> Response:
    """Send an answer: from the cache, else by making it. `told` is what of the request it tells beside its address."""
    if request.scope["state"].get("is_described"):
        return Described(about)
    etag = tag(request, offer, told)
    sent = {"ETag": etag, "Cache-Control": lifetime_of(request), **(headers or {})}
    if offer is HTML:
        sent["Vary"] = "Accept-Language"  # beside what all answers vary by
    if about is not None:
        sent["Link"] = link_header(request, about, offer)
    if has(request, etag):
        return Response(status_code=304, headers=sent)

    async def made() -> tuple[tuple[bytes, None], bool]:
        return (await make(), None), True

    body, _ = await opened_of(request).cache.fetch(etag, made)
    if has_any(request):  # asked once the answer is there: where there is none, its error is told
        return Response(status_code=304, headers=sent)
    return Response(body, headers=sent, media_type=offer.content_type)


def link_header(request: Request, about: About, offer: Format = HTML) -> str:
    """Write the Link header: the permanent address, how to cite, the licence, the types, the other forms and the metadata."""
    path = request.scope["path"].removeprefix(prefix_of(request))
    if path in (other for _, other in about.alternates):  # the page is the same without the suffix
        path = path.rpartition(".")[0]
    query = request.scope["query_string"].decode("ascii", "ignore")
    found = linked(request, about, path + (f"?{query}" if query else ""))
    is_page = offer.media_type not in links.RDF_TYPES
    return links.write_header(found.of_page if is_page else found.of_data)


def linked(request: Request, about: About, path: str) -> links.Linked:
    """Tell what is linked with the page at a path."""
    opened = opened_of(request)
    return links.Linked(
        path,
        about.canonical,
        Page(opened, prefix_of(request), {}).at,
        opened.id,
        not opened.is_plain,
        about.types,
        about.alternates,
        about.items,
        about.described_by,
    )


def read_parameters(text: bytes, where: str) -> list[tuple[str, str]]:
    """Read parameters as an address or a form has them; raises BadParameter."""
    try:
        if text.isascii() and text.count(b"&") < MOST_PARAMETERS:
            pairs = [part.partition(b"=") for part in text.split(b"&") if part]
            return [(_unescape(name), _unescape(value)) for name, _, value in pairs]
    except ValueError:  # an escape that is none; the library knows what to do with it
        pass
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:  # UnicodeDecodeError is one too
        hint = say("Write them percent-encoded, in UTF-8")
        raise BadParameter(say("The parameters in %(where)s cannot be read", where=where), hint=hint) from None


def read_once(request: Request) -> dict[str, str]:
    """Read the parameters of an address, each of which may stand once, without the language; raises BadParameter."""
    values: dict[str, str] = {}
    for name, value in read_parameters(request.scope["query_string"], "the address"):
        if name in values:
            raise BadParameter(
                say("The parameter %(name)s stands twice", name=name[:40]), where=name[:40], hint=say("Send it once")
            )
        values[name] = value
    values.pop(PARAMETER, None)
    return values


def _unescape(text: bytes) -> str:
    """Undo percent-encoding: %XX is written as Python's own escape, whose decoder is in C and many times quicker on a query."""
    escaped = text.replace(b"+", b" ").replace(b"\\", b"%5C").replace(b"%", b"\\x")
    return escaped.decode("unicode_escape").encode("latin-1").decode("utf-8")


def write_json(value: Any) -> bytes:
    """Write JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()

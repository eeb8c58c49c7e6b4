"""What the operations of the routers depend on: the release, the language, the negotiated format, the page's number, the budget.

An operation that negotiates depends on its `Offers`, and gets an `Exchange`: one request with the format chosen for it, and what
the page at its address says of itself. `/cite`, `/linkset` and cards ask the same `Offers` about other addresses.
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial, wraps
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, unquote_plus

from fastapi import Query, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Match

from api.http import links
from api.http.addresses import read_once, site_of
from api.http.links import About
from api.http.negotiate import (
    ATOM,
    HTML,
    PARAMETER,
    SHOWN_FEED,
    Visit,
    choose,
    named,
    split_suffix,
    visit_of,
    wants_page,
)
from api.openapi import answers
from api.render.page import AGES, Page, Pairs, code_tag, fill, put
from kg import rows, store, terms
from kg.answer.cache import CachedBody
from kg.answer.engine import PAYER
from kg.answer.formats import Format
from kg.answer.opened import OpenRelease, OpenReleases
from kg.answer.questions import QuestionAnswer
from kg.catalogue import Facts, triples
from kg.config import Settings
from kg.errors import BadParameter, UnknownName
from kg.languages import DEFAULT, Language
from kg.picture import Picture
from kg.rows import Cell, Row
from kg.wording import say

PACKED = (".gz", ".zst", ".parquet")  # files that are never compressed on their way
CURRENT = "public, no-cache"  # keep it, and ask whether it still holds: the next release may differ
PINNED = "public, max-age=86400"  # a day: a release never changes, but one may be withdrawn
MANY = 200  # things that a page names, which make it so long that other requests would wait for it
SHOW, PAGE = "show", "page"
AT_ONCE = 100  # rows that a page shows

LanguageCode = Annotated[
    str | None, Query(alias=PARAMETER, description="The language of what people read: en, ru or kk.", examples=["en"])
]
PageNumber = Annotated[int, Query(alias=PAGE, ge=1, le=999_999, description="Which page of the rows, counted from 1.")]
Section = Annotated[
    str, Query(alias=SHOW, description="One section of the page, alone and in full; data formats have no sections.")
]


def prefix_of(request: Request) -> str:
    """Return what stands before every path: the path of this site, if any, and `/release/<id>` where the request named one."""
    return request.scope["state"]["prefix"]


def cache_control(request: Request) -> str:
    """Write how long an answer may be cached: longer where the request named its release."""
    return PINNED if request.scope["state"]["pinned"] else CURRENT


def make_etag(*parts: str) -> str:
    """Make the ETag of an answer from all that decides it; weak, since compression changes the bytes and not the answer."""
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:24]}"'


def not_modified(request: Request, headers: Mapping[str, str], *, any_will_do: bool = False) -> Response | None:
    """Return the 304 where the client names the ETag in the headers (RFC 9110, 13); `any_will_do`: there is an answer, so `*` names it too."""
    sent = request.headers.get("if-none-match")
    if not sent:
        return None
    named = {part.strip().removeprefix("W/") for part in sent.split(",")}
    if headers["ETag"].removeprefix("W/") in named or any_will_do and named == {"*"}:
        return Response(status_code=304, headers=dict(headers))
    return None


def alternates(path: str, forms: Iterable[Format]) -> tuple[tuple[str, str], ...]:
    """List the addresses of a resource's forms by suffix."""
    return tuple((form.media_type, f"{path}.{form.name}") for form in forms)


@dataclass
class Exchange:
    """A request for an address of this site, with the format in which it is answered.

    `path` is without the prefix of the site and of a pinned release, `params` are those of the path, without a suffix.
    """

    request: Request
    path: str
    query_string: bytes
    params: dict[str, str]
    offer: Format = HTML
    suffix: str = ""  # by which the address names the format
    described: About | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.opened: OpenRelease = self.request.scope["state"]["opened"]
        self.prefix: str = prefix_of(self.request)  # before every path
        self.settings: Settings = self.request.app.state.settings
        self.releases: OpenReleases = self.request.app.state.releases

    @property
    def about(self) -> About:
        """What the page at the address says of itself."""
        assert self.described is not None
        return self.described

    @cached_property
    def visit(self) -> Visit:
        """The language: of a page by `lang=` or Accept-Language, of data by `lang=` alone."""
        return visit_of(self.request, is_page=self.offer is HTML)

    @property
    def language(self) -> Language:
        """The language of the answer."""
        return self.visit.language

    @cached_property
    def page(self) -> Page:
        """A page that names nothing, for its addresses."""
        return Page(self.opened, self.prefix, {}, self.visit)

    @cached_property
    def values(self) -> dict[str, str]:
        """The parameters of the address but the language and the format, each once; raises BadParameter."""
        return {name: text for name, text in read_once(self.query_string).items() if name not in (PARAMETER, "format")}

    @cached_property
    def bare(self) -> Page:
        """A page in no language, for addresses that are the same in all."""
        return Page(self.opened, self.prefix, {})

    @property
    def query_sent(self) -> str:
        """The query of the address as it was sent."""
        return self.query_string.decode("ascii", "ignore")

    def with_query(self, path: str) -> str:
        """Write a path with the query of the address."""
        return f"{path}?{self.query_sent}" if self.query_sent else path

    def query(self, name: str) -> str:
        """Read the text of a page's query."""
        return self.opened.page_query(name)

    async def graph(
        self, name: str, facts: Mapping[str, Facts] = {}, graphs: Pairs = (), *, format: str = "", **bindings: Any
    ) -> bytes:
        """Ask a query for a graph, add the facts about its document, and return it in a format, that of the answer if none is named.

        Some queries take `graphs`: pairs of the IRI of the whole and a graph in it.
        """
        text = put(put(self.query(name), "?document ?tells ?told", triples(facts)), "?this ?g", graphs)
        return (await self.opened.pages.answer(store.Query(text, format or self.offer.name, bindings))).body

    async def ask(self, name: str, **bindings: Any) -> list[Row]:
        """Ask a query for rows, as `OpenRelease.ask_page` does; those of one thing in the language of the answer."""
        found = await self.opened.ask_page(name, **bindings)
        if not bindings or self.language.code == DEFAULT:
            return found
        retell = await self.opened.names.retelling(self.language)

        def read(cell: Cell | None) -> Cell | None:
            return (retell(cell) if cell is not None and cell.language == DEFAULT else None) or cell

        return [{column: read(cell) for column, cell in row.items()} for row in found]

    async def ask_all(self, names: Sequence[str], **bindings: Any) -> dict[str, list[Row]]:
        """Ask several queries with the same bindings at once; their rows by name."""
        answers = await asyncio.gather(*(self.ask(name, **bindings) for name in names))
        return dict(zip(names, answers, strict=True))

    async def page_of(self, context: Any = (), also: Iterable[str] = ()) -> Page:
        """Make the page that can name everything in the rows of a context, and the IRIs in `also`."""
        await self.ask(AGES)  # for the foot of the page
        ours = (iri for iri in rows.iris(context).union(also) if iri.startswith(terms.BASE))
        labels = await self.opened.names.label(ours, self.language.code)
        return Page(self.opened, self.prefix, labels, self.visit, await self.opened.names.retelling(self.language))

    async def fill(self, template: str, also: Iterable[str] = (), **context: Any) -> bytes:
        """Fill a template that names the things in its context, and the IRIs in `also`."""
        return await self.fill_page(template, await self.page_of(context, also), **context)

    async def fill_page(self, template: str, page: Page, answer: QuestionAnswer | None = None, **context: Any) -> bytes:
        """Fill a template for a page; in a thread where it names MANY things, or has an answer with many rows."""
        work = partial(fill, template, page=page, about=self.described, answer=answer, **context)
        is_long = len(page.labels) > MANY or answer is not None and answer.is_long
        return await asyncio.to_thread(work) if is_long else work()

    async def paint(self, picture: Picture) -> bytes:
        """Write a picture as PNG."""
        return await self.request.app.state.painter.paint(picture)

    async def serve(
        self, write: Callable[[], Awaitable[bytes]], *, headers: Mapping[str, str] = {}, etag_extra: str = ""
    ) -> Response:
        """Send an answer from the cache, else by writing it. `etag_extra` are further inputs that change the body."""
        sent = self.headers(etag_extra) | dict(headers)
        if same := not_modified(self.request, sent):
            return same

        async def make() -> CachedBody:
            return CachedBody(await write())

        body = (await self.opened.cache.find(sent["ETag"], make)).body
        if same := not_modified(self.request, sent, any_will_do=True):  # where there is no answer, its error is sent
            return same
        accept = self.request.headers.get("accept")
        is_shown = self.offer is ATOM and wants_page(accept, ATOM)
        return Response(body, headers=sent, media_type=SHOWN_FEED if is_shown else self.offer.content_type)

    def headers(self, etag_extra: str = "") -> dict[str, str]:
        """Make the headers that answers from a release have in common."""
        etag = make_etag(
            self.opened.id,
            self.prefix,
            self.request.url.path,
            self.request.scope["query_string"].decode("latin-1"),
            self.offer.name,
            code_tag(),
            # Data may name addresses of this server; a page that does says so by `etag_extra`.
            self.settings.base or ("" if self.offer is HTML else site_of(self.request)),
            self.language.code,
            self.opened.quotations.version,
            etag_extra,
        )
        headers = {"ETag": etag, "Cache-Control": cache_control(self.request)}
        if self.offer is HTML:
            headers["Vary"] = "Accept-Language"  # beside what all answers vary by
        if self.described is not None:
            # The page is the same without the suffix of a format.
            is_form = self.path in (path for _, path in self.described.alternates)
            suffix = f".{self.described.form(self.path)}" if is_form else ""
            here = self.with_query(self.path.removesuffix(suffix))
            is_data = self.offer.media_type in links.RDF_TYPES
            headers["Link"] = links.write_header(
                self.described.links(here, self.bare.at, self.opened.id, is_data=is_data)
            )
        return headers

    def send_file(self, path: str, media_type: str, *linked: links.Link) -> Response:
        """Send a file as the release holds it, with the given links, else those of its page; raises UnknownName.

        Text may be compressed on its way, so its ETag is weak; anything else comes with the digest of what is sent.
        """
        release = self.opened.release
        sha256 = release.manifest["outputs"].get(path)
        if sha256 is None:
            raise UnknownName(
                say("This release was made without %(name)s", name=path), hint=say("/dataset describes it")
            )
        headers = {
            "ETag": f'W/"{sha256[:24]}"',
            "Cache-Control": cache_control(self.request),
            "Link": links.write_header([*linked, links.Link("license", terms.LICENCE)])
            if linked
            else self.headers()["Link"],
        }
        if path.endswith(PACKED):
            digest = base64.b64encode(bytes.fromhex(sha256)).decode()
            headers |= {"ETag": headers["ETag"].removeprefix("W/"), "Repr-Digest": f"sha-256=:{digest}:"}
        return not_modified(self.request, headers, any_will_do=True) or FileResponse(
            release.path / path, media_type=media_type, headers=headers
        )

    async def describe(self, path: str, query: str = "") -> About:
        """Ask what the page at another address of this site says of itself; raises UnknownName where it says nothing."""
        if path.startswith("/id/"):  # a thing is described as the document about it
            path = "/doc/" + path.removeprefix("/id/")
        offers, params = _find_offers(self.request, path)
        if offers:
            raw = quote(query, safe="%&=+;/:,.~!$'()*@?-_").encode()
            other = Exchange(self.request, path, raw, params)
            offers.pick(other)
            if about := await offers.look(other):
                return about
        raise nothing_to_cite()


def nothing_to_cite() -> UnknownName:
    """Make the error for an address that has no citation."""
    hint = say("Give the path of a page, such as /questions")
    return UnknownName(say("Nothing that can be cited is at this address"), hint=hint)


def exchange_of(request: Request) -> Exchange:
    """Return the exchange of a request whose operation does not negotiate."""
    path = request.scope["path"].removeprefix(prefix_of(request))
    return Exchange(request, path, request.scope["query_string"], dict(request.path_params))


def cached(
    write: Callable[..., Awaitable[bytes]],
    *,
    key: Callable[[Exchange], Awaitable[str]] | None = None,
    headers: Mapping[str, str] = {},
    data: Callable[[Exchange], Awaitable[bytes]] | None = None,
) -> Callable[..., Awaitable[Response]]:
    """Make an operation of a function that writes its body: it is called where the cache does not have the answer.

    `key` names what the body depends on beside the release, and `headers` are sent with it. With `data` the function writes
    the page alone, and `data` the other formats.
    """

    @wraps(write)
    async def operation(exchange: Exchange, **values: Any) -> Response:
        work = partial(write, exchange=exchange, **values)
        if data and exchange.offer is not HTML:
            work = partial(data, exchange)
        return await exchange.serve(work, headers=headers, etag_extra=await key(exchange) if key else "")

    return operation


class Offers:
    """The forms in which an operation can answer, as a dependency: it picks one by suffix, by `format=`, else by Accept.

    `stem` names the parameter of the path that may end in a suffix. `about` is what the page says of itself, or a function that
    works it out; where it `is_late`, the operation calls it itself if the cache does not have the answer. `is_fixed` says that the
    address itself names the only form, whatever is accepted. `documented` are the answers for the decorator of the route.
    """

    def __init__(
        self,
        *forms: Format,
        about: About | Callable[[Exchange], Awaitable[About]] | None = None,
        stem: str = "",
        model: type[BaseModel] | Any = None,
        errors: Sequence[int] = (),
        is_fixed: bool = False,
        is_late: bool = False,
    ) -> None:
        self.forms, self.about, self.stem, self.is_fixed, self.is_late = forms, about, stem, is_fixed, is_late
        self.documented = answers(*forms, *([SHOWN_FEED] if ATOM in forms else []), model=model, errors=errors)

    async def __call__(
        self,
        request: Request,
        format: Annotated[
            str | None, Query(description="Short name or media type of the format; beats Accept.", examples=["json"])
        ] = None,
        lang: LanguageCode = None,
    ) -> Exchange:
        """Negotiate; raises NotAcceptable, BadParameter for a language that is not spoken here, and what `about` raises."""
        exchange = exchange_of(request)
        self.pick(exchange, request.headers.get("accept"), format)
        if not self.is_late:
            exchange.described = await self.look(exchange)
        return exchange

    def pick(self, exchange: Exchange, accept: str | None = None, format: str | None = None) -> None:
        """Take the suffix from the parameters of the path, and choose the form of the answer."""
        suffix = exchange.params.pop("suffix", None)
        if self.stem:
            stem, suffix = split_suffix(exchange.params.get(self.stem, ""), self.forms)
            exchange.params[self.stem] = stem
        exchange.suffix = suffix or ""
        override = self.forms[0].name if self.is_fixed else suffix or format
        exchange.offer = choose(accept, self.forms, override)
        if suffix and format:  # which must not contradict each other
            named(format, (exchange.offer,))

    async def look(self, exchange: Exchange) -> About | None:
        """Work out what the page at the address of an exchange says of itself."""
        return await self.about(exchange) if callable(self.about) else self.about


class OwnParameters(APIRoute):
    """A route whose operation knows all parameters of its address: others, such as those of trackers, are taken off.

    They would be another key of the cache each, and stand in the links of the page.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make the handler of a request."""
        handle = super().get_route_handler()
        fields = get_flat_params(self.dependant)
        own = {PARAMETER, *(field.alias for field in fields if isinstance(field.field_info, params.Query))}

        async def take_off(request: Request) -> Response:
            sent = request.scope["query_string"].split(b"&")
            left = [pair for pair in sent if unquote_plus(pair.partition(b"=")[0].decode("latin-1")) in own]
            request.scope["query_string"] = b"&".join(left)
            return await handle(request)

        return take_off


def _find_offers(request: Request, path: str) -> tuple[Offers | None, dict[str, str]]:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    for route in request.app.routes:
        match, matched = route.matches(scope)
        if match is Match.FULL:
            calls = (
                (dependency.call for dependency in route.dependant.dependencies) if isinstance(route, APIRoute) else ()
            )
            return next((call for call in calls if isinstance(call, Offers)), None), dict(matched["path_params"])
    return None, {}


def charge_client(request: Request) -> Callable[[float], None]:
    """Return the function that takes the seconds of a query from the budget of the client; raises BudgetSpent."""
    return request.app.state.budget.charge(PAYER.get().client)


def check_section(show: str, sections: Iterable[str]) -> str:
    """Return the section that is asked for; raises BadParameter for one that the page does not have."""
    if show and show not in sections:
        names = [*sections]
        raise BadParameter(
            say("This page has no section %(show)s to show alone", show=f"{show!r}"),
            where=SHOW,
            hint=say("Sections: %(sections)s", sections=names) if names else say("This page has none"),
        )
    return show


class Part(NamedTuple):
    """The rows of one page, and the pages there are, counted from 1; `show` is the section they belong to."""

    rows: Sequence[Any]
    page: int = 1
    last: int = 1
    show: str = ""


def part_of(rows: Sequence[Any], page: int, show: str = "", at_once: int = AT_ONCE) -> Part:
    """Take the rows of a page, or of page 0 all; raises BadParameter for a page that there is not."""
    if not page:
        return Part(rows, 1, 1, show)
    last = max(1, -(-len(rows) // at_once))
    if page > last:
        raise BadParameter(say("There are %(last)s pages", last=last), where=PAGE, hint=say("Take an earlier one"))
    return Part(rows[(page - 1) * at_once : page * at_once], page, last, show)

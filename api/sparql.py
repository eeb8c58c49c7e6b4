"""The SPARQL 1.1 Protocol, query only, and the form for people.

Promises each way the protocol allows to send a query (GET, POST as a form, POST as it is), the graphs it may name, the
formats it may ask for, and a whole answer or an error, never a part. Never runs an update and never asks another server.
Statuses beyond the protocol: 403 for what is refused, 413 for a text and 422 for an answer that is too large,
503 for a query that was ended at a limit or found no room, the last with Retry-After.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from api import editor, negotiate, problems
from api.answers import About, opened_of, reader_of, serve
from api.negotiate import GRAPHS, HTML, RESULTS
from kg import terms
from kg.errors import AnswerableError, BadParameter, QueryRefused
from kg.formats import Format
from kg.sparql import guard, read_outline, scan

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}  # functions that answer anew each time


@dataclass(frozen=True)
class Asked:
    """One query as it was sent."""

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    bare: bool = False  # nothing was sent at all

    @property
    def form(self) -> str:
        """The form of the query, SELECT, ASK, CONSTRUCT or DESCRIBE, or whatever its first word is."""
        return read_outline(self.query or "").form

    @property
    def offers(self) -> Sequence[Format]:
        """The formats in which such a query can be answered to a program."""
        if self.form in ("CONSTRUCT", "DESCRIBE"):
            return GRAPHS
        return RESULTS[:2] if self.form == "ASK" else RESULTS  # CSV and TSV are not defined for ASK

    @property
    def is_volatile(self) -> bool:
        """Whether asking twice may give two answers."""
        return any(token.keyword in VOLATILE for token in scan(self.query or ""))


async def answer(request: Request) -> Response:
    """Answer a request to /sparql."""
    wants_page = _wants_page(request)
    try:
        asked = await read(request)
    except AnswerableError as error:
        if wants_page:
            return await editor.show(request, Asked(None), _run, error=error)
        raise
    if asked.query is None:
        if wants_page:
            return await editor.show(request, asked, _run)
        if asked.bare and request.method in ("GET", "HEAD"):
            return await _describe_service(request)
        raise BadParameter("There is no query", where="query", hint="Send it as the parameter query, or as the body")
    try:
        settings = request.app.state.settings
        guard(asked.query, max_bytes=settings.max_query, max_depth=settings.max_depth)
        offer = negotiate.pick(request.headers.get("accept"), (*asked.offers, HTML), override=asked.format)
        if offer is HTML:
            return await editor.show(request, asked, _run)
    except AnswerableError as error:
        if wants_page:
            return await editor.show(request, asked, _run, error=error)
        raise

    async def make() -> bytes:
        return (await _run(request, asked, offer.name)).body

    is_safe = request.method in ("GET", "HEAD")
    return await serve(request, offer, make, cacheable=is_safe and not asked.is_volatile)


async def read(request: Request) -> Asked:
    """Read a query from a request; raises BadParameter, QueryRefused or HttpError for one that cannot be read."""
    in_address = _parse(request.scope["query_string"], "the address")
    if request.method != "POST":
        return _pick(in_address, bare=not request.scope["query_string"])
    content_type, *parameters = (part.strip() for part in request.headers.get("content-type", "").lower().split(";"))
    charset = next((part[8:].strip('"') for part in parameters if part.startswith("charset=")), "utf-8")
    if content_type == "application/sparql-update":
        raise _no_update()
    if content_type not in (FORM, DIRECT) or charset not in ("utf-8", "utf8", "us-ascii"):
        raise problems.HttpError(
            "A query is posted as a form or as application/sparql-query, in UTF-8",
            status=415,
            headers={"Accept-Post": f"{FORM}, {DIRECT}"},
        )
    body = await _read_body(request)
    if content_type == FORM:
        return _pick(in_address + _parse(body, "the form"))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadParameter("The query is not UTF-8", hint=f"Look at byte {error.start}") from None
    return _pick([*in_address, ("query", text)])


async def _run(request: Request, asked: Asked, format: str):
    return await opened_of(request).queries.run(
        asked.query, format, default_graphs=asked.default_graphs, named_graphs=asked.named_graphs
    )


async def _read_body(request: Request) -> bytes:
    limit = 3 * request.app.state.settings.max_query + 16384  # %XX takes three bytes for one; and room for graph names
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise QueryRefused(
                f"The request has more than {limit} bytes", reason="too-long", hint="Send a shorter query"
            )
    return bytes(body)


def _parse(text: bytes, where: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            text.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=200
        )
    except ValueError:  # UnicodeDecodeError is one too
        raise BadParameter(
            f"The parameters in {where} cannot be read", hint="Write them percent-encoded, in UTF-8"
        ) from None


def _pick(pairs: Sequence[tuple[str, str]], *, bare: bool = False) -> Asked:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    if "update" in found or any(name.startswith("using-") for name in found):
        raise _no_update()
    for name in ("query", "format"):
        if len(found.get(name, ())) > 1:
            raise BadParameter(f"The parameter {name} stands {len(found[name])} times", where=name, hint="Send it once")
    query = found.get("query", [None])[0]
    graphs = (tuple(found.get(name, ())) for name in ("default-graph-uri", "named-graph-uri"))
    return Asked(query if query and query.strip() else None, *graphs, found.get("format", [None])[0] or None, bare)


def _no_update() -> QueryRefused:
    return QueryRefused("This graph is read-only; updates are not taken", reason="update", hint="Send a query")


def _wants_page(request: Request) -> bool:
    try:
        offers = (*RESULTS, *GRAPHS, HTML)
        return negotiate.choose(request.headers.get("accept"), offers) is HTML
    except AnswerableError:
        return False


async def _describe_service(request: Request) -> Response:
    offer = negotiate.choose(request.headers.get("accept"), GRAPHS)

    async def make() -> bytes:
        return await reader_of(request).graph("service", offer.name)

    return await serve(request, offer, make, about=About("SPARQL", terms.BASE + "sparql"))

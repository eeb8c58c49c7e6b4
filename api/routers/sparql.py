"""The SPARQL 1.1 Protocol, query only: GET, POST as a form, POST as it is, and the method QUERY; a page for browsers.

An answer is whole or an error; a long one that must be cut ends in a line with the problem, and its connection breaks off.
Statuses beyond the protocol: 403 for what is refused, 413 for a text and 422 for an answer that is too large, 503 for a query
that was ended at a limit or found no room.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.dependencies import About, Offers, cache_control, charge_client, not_modified
from api.http import bodies, negotiate, problems
from api.http.addresses import read_parameters, requested_address
from api.http.negotiate import BY_FORM, HTML, RESULT_GRAPHS, RESULTS
from api.openapi import answers
from api.render.page import code_tag
from api.routers import editor
from kg import terms
from kg.answer.cache import Body
from kg.answer.formats import Format
from kg.answer.job import Streamed
from kg.errors import AnswerableError, BadParameter, NotAcceptable, QueryRefused
from kg.sparql import FORMS, read_form
from kg.store import Query, Serialized
from kg.terms import Iri
from kg.wording import say


class RequestRoute(APIRoute):
    """A route whose operation takes the request alone, so that nothing has to be worked out before it is called."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Call the operation itself."""
        return self.endpoint


router = APIRouter(tags=["SPARQL"], route_class=RequestRoute)

DIRECT = "application/sparql-query"
FORMAT_PARAMETERS = ("format", "output", "results")  # under which clients ask for a format, some under all of them
CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii")
LONGEST_NAME, MOST_NAMES = 200, 12  # characters of a value that names formats; such values in one request
LONGEST_HINT = 1000  # characters of a header
_PRINTED = " " + string.punctuation
# What the operation takes. It reads its parameters itself, since the protocol lets most of them be repeated.
GRAPHS = {"type": "array", "items": {"type": "string"}}
PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "query": ("The query.", {"type": "string", "examples": ["SELECT * WHERE { ?s ?p ?o } LIMIT 5"]}),
    "default-graph-uri": ("A graph of the default graph; repeatable.", GRAPHS),
    "named-graph-uri": ("A graph that GRAPH may name; repeatable.", GRAPHS),
    "format": (
        "Short name or media type of the format; beats Accept, unless it is not known or cannot hold the answer.",
        {"type": "string"},
    ),
    "output": ("The same as format, under the name that some clients give it.", {"type": "string"}),
    "results": ("The same as format, under the name that some clients give it.", {"type": "string"}),
}
IN_ADDRESS = [
    {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
    for name, (text, schema) in PARAMETERS.items()
]
FIELDS = {"type": "object", "required": ["query"], "properties": {name: one[1] for name, one in PARAMETERS.items()}}
BODIES = {bodies.FORM: {"schema": FIELDS}, DIRECT: {"schema": {"type": "string"}}}
BODY = {"requestBody": {"required": True, "content": BODIES}}
DOCUMENTED = answers(*RESULTS, *RESULT_GRAPHS, HTML, errors=(403, 413, 415, 422, 429, 502, 504))
# The description of the service, which is answered where there is no query.
description = Offers(*RESULT_GRAPHS, about=About("SPARQL", terms.BASE + "sparql"))


@dataclass(frozen=True)
class Asked:
    """One query as it was sent."""

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()  # the values of FORMAT_PARAMETERS
    bare: bool = False  # nothing was sent at all

    @property
    def form(self) -> str:
        """The form of the query, SELECT, ASK, CONSTRUCT or DESCRIBE, or whatever its first word is."""
        return read_form(self.query or "")

    @property
    def offers(self) -> Sequence[Format]:
        """The formats in which such a query can be answered to a program."""
        return BY_FORM.get(self.form, RESULTS)

    def to_query(self, format: str | Mapping[str, str]) -> Query:
        """Make the query for an engine."""
        return Query(self.query or "", format, {}, self.default_graphs, self.named_graphs)

    def key(self, names: str) -> str:
        """Name the answer among those of a release: the query, its graphs and the formats asked for, by a hash."""
        parts = (names, *self.default_graphs, "", *self.named_graphs, "", self.query or "")
        return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@router.api_route("/sparql/", methods=["GET", "POST", "QUERY"], include_in_schema=False, openapi_extra=BODY)
@router.api_route("/sparql", methods=["QUERY"], include_in_schema=False)
@router.post("/sparql", openapi_extra=BODY, **DOCUMENTED)
@router.get("/sparql", openapi_extra={"parameters": IN_ADDRESS}, **DOCUMENTED)
async def sparql(request: Request) -> Response:
    """SPARQL 1.1 Protocol, query only; without a query the service description, or the form."""
    accept = request.headers.get("accept")
    wants_page, asked = _wants_page(accept), Asked(None)
    try:
        asked = await read(request)
        if asked.query is None:
            if wants_page:
                return await editor.show(request, asked, _run)
            if asked.bare and request.method in ("GET", "HEAD"):
                return await _describe_service(request)
            raise BadParameter(
                say("There is no query"), where="query", hint=say("Send it as the parameter query, or as the body")
            )
        if wants_page and negotiate.wanted(asked.formats, asked.offers) is None:
            return await editor.show(request, asked, _run)
        return await _send(request, asked, _choose(accept, asked.formats))
    except NotAcceptable:
        # A page for this form of query, data for others.
        if _choose_for(accept, asked.formats, asked.form) == HTML.name:
            return await editor.show(request, asked, _run)
        raise negotiate.refuse(say("None of the formats asked for can be made of this query"), asked.offers) from None
    except AnswerableError as error:
        if wants_page:
            return await editor.show(request, asked, _run, error=error)
        raise


@lru_cache(1024)
def _wants_page(accept: str | None) -> bool:
    return negotiate.wants_page(accept, *RESULTS, *RESULT_GRAPHS)


@lru_cache(1024)
def _choose(accept: str | None, formats: tuple[str, ...]) -> Mapping[str, str]:
    """Choose a format for each form of query; the worker that reads the query takes the one that fits."""
    return {form: _choose_for(accept, formats, form) for form in FORMS}


def _choose_for(accept: str | None, formats: tuple[str, ...], form: str) -> str:
    offers = (*BY_FORM.get(form, RESULTS), HTML)
    try:
        return (negotiate.wanted(formats, offers) or negotiate.choose(accept, offers)).name
    except NotAcceptable:
        return ""


async def _send(request: Request, asked: Asked, names: Mapping[str, str]) -> Response:
    opened = request.scope["state"]["opened"]
    key = asked.key(" ".join(names.values()))
    headers = {"ETag": f'W/"{key}-{opened.id}-{code_tag()}"', "Cache-Control": cache_control(request)}
    if request.method != "POST" and (same := not_modified(request, headers)):
        return same
    streamed = request.scope["http_version"] != "1.0"
    charge = None if opened.cache.stored(key) else charge_client(request)  # an answer from the cache is not charged

    async def make() -> Body:
        hint = await opened.hints.find(asked.query or "")
        answer = await opened.queries.answer(asked.to_query(names), streamed=streamed, charge=charge)
        whole = isinstance(answer, Serialized)
        return Body(answer.body if whole else b"", (answer, hint), lasts=whole and not answer.volatile)

    body, (answer, hint), _ = await opened.cache.find(key, make)
    if request.method != "POST" and (same := not_modified(request, headers, any_will_do=True)):
        if isinstance(answer, Streamed):
            answer.close()
        return same
    if answer.volatile or isinstance(answer, Streamed):
        headers = {"Cache-Control": "no-store"}
    if hint:
        headers["X-Hint"] = quote(hint, safe=_PRINTED, errors="replace")[:LONGEST_HINT]
    if isinstance(answer, Streamed):
        headers["X-Truncated"] = "at-end"  # one that is cut breaks off
        return StreamingResponse(answer.pieces(), headers=headers, media_type=answer.media_type)
    headers["X-Truncated"] = "no"
    if answer.rows is not None:
        headers["X-Rows"] = str(answer.rows)
    return Response(body, headers=headers, media_type=answer.media_type)


async def read(request: Request) -> Asked:
    """Read a query from a request; raises BadParameter, QueryRefused or HttpError for one that cannot be read."""
    in_address = read_parameters(request.scope["query_string"], "the address")
    if request.method not in ("POST", "QUERY"):
        return _pick(in_address, bare=not request.scope["query_string"])
    content_type, *parameters = (part.strip() for part in request.headers.get("content-type", "").lower().split(";"))
    charset = next((part[8:].strip('"') for part in parameters if part.startswith("charset=")), "utf-8")
    if content_type == "application/sparql-update":
        raise _no_update()
    if content_type not in BODIES or charset not in CHARSETS:
        raise problems.HttpError(
            say("A query is posted as a form or as application/sparql-query, in UTF-8"),
            status=415,
            headers={"Accept-Post": ", ".join(BODIES), "Accept-Query": DIRECT},
        )
    body = await bodies.read(request, request.app.state.settings.max_body)
    if content_type == bodies.FORM:
        return _pick(in_address + read_parameters(body, "the form"))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadParameter(
            say("The query is not UTF-8"), hint=say("Look at byte %(start)s", start=error.start)
        ) from None
    return _pick([*in_address, ("query", text)])


async def _run(request: Request, asked: Asked, format: str) -> Serialized:
    queries, charge = request.scope["state"]["opened"].queries, charge_client(request)
    return await queries.answer(asked.to_query(format), charge=charge)


def _pick(pairs: Sequence[tuple[str, str]], *, bare: bool = False) -> Asked:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    if "update" in found or any(name.startswith("using-") for name in found):
        raise _no_update()
    if (times := len(found.get("query", ()))) > 1:
        raise BadParameter(
            say("The parameter query stands %(times)s times", times=times), where="query", hint=say("Send it once")
        )
    query = next(iter(found.get("query", ())), None)
    default_graphs, named_graphs = (tuple(found.get(name, ())) for name in ("default-graph-uri", "named-graph-uri"))
    formats = [value for name in FORMAT_PARAMETERS for value in found.get(name, ()) if 0 < len(value) <= LONGEST_NAME]
    query = query if query and query.strip() else None
    return Asked(query, default_graphs, named_graphs, tuple(formats[:MOST_NAMES]), bare)


def _no_update() -> QueryRefused:
    return QueryRefused(
        say("This graph is read-only; updates are not taken"), reason="update", hint=say("Send a query")
    )


async def _describe_service(request: Request) -> Response:
    exchange, endpoint = await description(request), requested_address(request)

    async def write() -> bytes:
        return await exchange.reader.graph("service", exchange.offer.name, endpoint=Iri(endpoint))

    return await exchange.serve(write, etag_extra=endpoint)

"""The SPARQL 1.1 Protocol, query only: GET, POST as a form, POST as it is, and the method QUERY; a page for browsers.

An answer is whole or an error; a long one that must be cut ends in a line with the problem, and its connection breaks off.
Statuses beyond the protocol: 403 for what is refused, 413 for a text and 422 for an answer that is too large, 503 for a query
that was ended at a limit or found no room. The page is a form and its answer, which work without script, and the editor that
replaces them: what it completes from and offers as examples is this release's, and nothing is loaded from elsewhere.
"""

import asyncio
import string
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urljoin

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.dependencies import (
    About,
    Exchange,
    Offers,
    cache_control,
    cached,
    charge_client,
    exchange_of,
    make_etag,
    not_modified,
)
from api.http import bodies, problems
from api.http.addresses import read_parameters, requested_address, write_json
from api.http.middleware import POLICY
from api.http.negotiate import BY_FORM, HTML, JSON, RESULT_GRAPHS, RESULTS, best, only_named, refuse, wants_page
from api.openapi import TEMPLATE, answers
from api.render import assets
from api.render.page import code_tag
from kg import rows, terms
from kg.answer.cache import CachedBody
from kg.answer.engine import Streamed
from kg.errors import AnswerableError, BadParameter, NotAcceptable, QueryRefused
from kg.languages import N_
from kg.sparql import read_form
from kg.sparql.question import TOPICS
from kg.store import Query, Serialized
from kg.wording import say


class RequestRoute(APIRoute):
    """A route whose operation takes the request alone, so that nothing has to be worked out before it is called."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Call the operation itself."""
        return self.endpoint


router = APIRouter(tags=["SPARQL"], route_class=RequestRoute)

EXAMPLES = "queries/examples"  # that count and compare, beside the named questions
DIRECT = "application/sparql-query"
FORMAT_PARAMETERS = ("format", "output", "results")  # under which clients ask for a format, some under all of them
BODIES = (bodies.FORM, DIRECT)
CHARSETS = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
LONGEST_NAME, MOST_NAMES = 200, 12  # characters of a value that names formats; such values in one request
LONGEST_HINT = 1000  # characters of a header
ROWS_SHOWN = 1000  # in the table on the page; the data formats give them all
# The editor writes two styles as text, and each is allowed by its hash: the underline in its hint
# at a syntax error, and the rules by which the columns of the table are made wider.
STYLES = (
    "style-src 'self' 'unsafe-hashes' 'sha256-EntWS0hFrz2vH7susM+dPUxvHlL6sBswmM8K80E5oUk=' "
    "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
)
DOCUMENTED = answers(*RESULTS, *RESULT_GRAPHS, HTML, errors=(403, 413, 415, 422, 429, 502, 504))
# The description of the service, which is answered where there is no query.
description = Offers(*RESULT_GRAPHS, about=About("SPARQL", terms.BASE + "sparql"))
completions = Offers(JSON)


@router.api_route(
    "/sparql/",
    methods=["GET", "POST", "QUERY"],
    include_in_schema=False,
    openapi_extra=TEMPLATE["requests"]["POST /sparql"],
)
@router.api_route("/sparql", methods=["QUERY"], include_in_schema=False)
@router.post("/sparql", openapi_extra=TEMPLATE["requests"]["POST /sparql"], **DOCUMENTED)
@router.get("/sparql", openapi_extra=TEMPLATE["requests"]["GET /sparql"], **DOCUMENTED)
async def sparql(request: Request) -> Response:
    """SPARQL 1.1 Protocol, query only; without a query the service description, or the form."""
    accept, query = request.headers.get("accept"), Query("")
    try:
        query, names = await read(request)
        if not query.text:
            return await _answer_no_query(request, accept)
        if HTML.name in names.values() and names.get(read_form(query.text)) == HTML.name:
            return await _show(request, query)
        return await _send(request, query, names)
    except NotAcceptable:
        raise refuse(
            say("None of the formats asked for can be made of this query"), BY_FORM.get(read_form(query.text), RESULTS)
        ) from None
    except AnswerableError as error:
        if _wants_page(accept):
            return await _show(request, query, error)
        raise


async def _answer_no_query(request: Request, accept: str | None) -> Response:
    if _wants_page(accept):
        return await _show(request, Query(""))
    if request.method not in ("GET", "HEAD") or request.scope["query_string"]:
        raise BadParameter(
            say("There is no query"), where="query", hint=say("Send it as the parameter query, or as the body")
        )
    exchange, endpoint = await description(request), requested_address(request)
    listed = terms.Iri(urljoin(endpoint.removesuffix("/"), "graph"))
    describe = partial(exchange.graph, "service", endpoint=terms.Iri(endpoint), listed=listed)
    return await exchange.serve(describe, etag_extra=endpoint)


def _wants_page(accept: str | None) -> bool:
    return wants_page(accept, *RESULTS, *RESULT_GRAPHS)


@lru_cache(1024)
def _choose(accept: str | None, formats: tuple[str, ...]) -> Mapping[str, str]:
    """Choose a format for each form of query, or none; the worker that reads the query takes the one that fits."""
    names = {}
    for form, others in BY_FORM.items():
        offers = (*others, HTML)
        chosen = only_named(formats, offers) or best(accept, offers)
        names[form] = chosen.name if chosen else ""
    return names


async def _send(request: Request, query: Query, names: Mapping[str, str]) -> Response:
    opened = request.scope["state"]["opened"]
    parts = (*names.values(), *query.default_graphs, "", *query.named_graphs, "", query.text)
    etag = make_etag(opened.id, code_tag(), *parts)
    headers = {"ETag": etag, "Cache-Control": cache_control(request)}
    if request.method != "POST" and (same := not_modified(request, headers)):
        return same
    streamed = request.scope["http_version"] != "1.0"
    charge = None if opened.cache.stored(etag) else charge_client(request)  # an answer from the cache is not charged

    async def make() -> CachedBody:
        engine = opened.hinting()
        answer = await engine.answer(query, streamed=streamed, charge=charge)
        whole = isinstance(answer, Serialized)
        return CachedBody(answer.body if whole else b"", (answer, engine.hint), lasts=whole and not answer.volatile)

    body, (answer, hint), _ = await opened.cache.find(etag, make)
    if request.method != "POST" and (same := not_modified(request, headers, any_will_do=True)):
        if isinstance(answer, Streamed):
            answer.close()
        return same
    is_streamed = isinstance(answer, Streamed)
    if is_streamed or answer.volatile:
        headers = {"Cache-Control": "no-store"}
    if hint:
        headers["X-Hint"] = quote(hint, safe=" " + string.punctuation, errors="replace")[:LONGEST_HINT]
    headers["X-Truncated"] = "at-end" if is_streamed else "no"  # one that is cut breaks off
    if is_streamed:
        return StreamingResponse(answer.pieces(), headers=headers, media_type=answer.media_type)
    if answer.rows is not None:
        headers["X-Rows"] = str(answer.rows)
    return Response(body, headers=headers, media_type=answer.media_type)


async def read(request: Request) -> tuple[Query, Mapping[str, str]]:
    """Read a query from a request, and choose the format of its answer for each form that it may have; without a query its text is empty.

    Raises BadParameter, QueryRefused or HttpError for one that cannot be read.
    """
    in_address = read_parameters(request.scope["query_string"], "the address")
    if request.method not in ("POST", "QUERY"):
        return _pick(request, in_address)
    kind, options = parse_options_header(request.headers.get("content-type", "").lower())
    content_type = kind.decode("latin-1")
    if content_type == "application/sparql-update":
        raise _no_update()
    if content_type not in BODIES or options.get(b"charset", b"utf-8") not in CHARSETS:
        raise problems.HttpError(
            say("A query is posted as a form or as application/sparql-query, in UTF-8"),
            status=415,
            headers={"Accept-Post": ", ".join(BODIES), "Accept-Query": DIRECT},
        )
    body = await bodies.read(request, request.app.state.settings.max_body)
    if content_type == bodies.FORM:
        return _pick(request, in_address + read_parameters(body, "the form"))
    try:
        return _pick(request, [*in_address, ("query", body.decode("utf-8"))])
    except UnicodeDecodeError as error:
        raise BadParameter(
            say("The query is not UTF-8"), hint=say("Look at byte %(start)s", start=error.start)
        ) from None


def _pick(request: Request, pairs: Iterable[tuple[str, str]]) -> tuple[Query, Mapping[str, str]]:
    parameters: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        parameters[name].append(value)
    if "update" in parameters or any(name.startswith("using-") for name in parameters):
        raise _no_update()
    texts = parameters["query"]
    if len(texts) > 1:
        raise BadParameter(
            say("The parameter query stands %(times)s times", times=len(texts)), where="query", hint=say("Send it once")
        )
    text = texts[0] if texts and texts[0].strip() else ""
    formats = [value for name in FORMAT_PARAMETERS for value in parameters[name] if 0 < len(value) <= LONGEST_NAME]
    names = _choose(request.headers.get("accept"), tuple(formats[:MOST_NAMES]))
    default, named = tuple(parameters["default-graph-uri"]), tuple(parameters["named-graph-uri"])
    return Query(text, names, {}, default, named), names


def _no_update() -> QueryRefused:
    return QueryRefused(
        say("This graph is read-only; updates are not taken"), reason="update", hint=say("Send a query")
    )


async def _show(request: Request, query: Query, error: AnswerableError | None = None) -> Response:
    """Show the form, and under it the answer or what is wrong; an error keeps its status."""
    exchange, body, offers = exchange_of(request), b"", BY_FORM.get(read_form(query.text), RESULTS)
    engine = exchange.opened.hinting()
    exchange.described, is_graph = About(N_("Ask in SPARQL"), terms.BASE + "sparql"), offers is RESULT_GRAPHS
    if query.text and error is None:
        try:
            query = replace(query, format="ttl" if is_graph else "json")
            body = (await engine.answer(query, charge=charge_client(request))).body
        except AnswerableError as refusal:
            error = refusal
    answered = bool(query.text) and error is None
    names, bindings, truth = rows.read_table(body) if answered and not is_graph else ([], [], None)
    files = assets.editor()
    page = await exchange.fill(
        "sparql.html",
        query=query.text or exchange.query("example"),
        names=names,
        bindings=bindings[:ROWS_SHOWN],
        total=len(bindings),
        truth=truth,
        graph=body.decode() if answered and is_graph else None,
        answered=answered,
        hint=engine.hint,
        formats=[offer.name for offer in offers],
        problem=problems.describe(error, request.scope["path"], exchange.language) if error else None,
        editor=files,
        topics=TOPICS,
        examples={name: find_title(text) for name, text in read_examples(exchange.settings.root / EXAMPLES).items()},
    )
    headers = {"Cache-Control": "no-store", **(problems.headers_of(error) if error else {})}
    if files:
        headers["Content-Security-Policy"] = POLICY[1].decode().replace("style-src 'self'", STYLES)
    return Response(page, problems.status_of(error) if error else 200, headers, HTML.content_type)


@cache
def read_examples(folder: Path) -> dict[str, str]:
    """Map the names of the examples that are no named questions to their texts."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rq"))}


def find_title(text: str) -> str:
    """Return the title of an example, which is the comment in its first line."""
    return text.partition("\n")[0].removeprefix("# ")


@cached
async def offer(exchange: Annotated[Exchange, Depends(completions)]) -> bytes:
    """What the editor completes from: classes, properties, prefixes, examples."""
    opened, used = exchange.opened, (await exchange.opened.read_dictionary()).used

    def write_questions() -> list[dict[str, str]]:
        return [
            {"name": question.name, "title": question.title, "topic": question.topic, "query": question.with_example()}
            for question in opened.questions.values()
        ]

    return write_json(
        {
            "release": opened.id,
            "prefixes": terms.PREFIXES,
            "classes": _most_used(used["class"]),
            "properties": _most_used(used["property"]),
            "formats": {form: [each.name for each in offers] for form, offers in BY_FORM.items()},
            "questions": await asyncio.to_thread(write_questions),  # which takes a while
            "examples": [
                {"name": name, "title": find_title(text), "query": text}
                for name, text in read_examples(exchange.settings.root / EXAMPLES).items()
            ],
        }
    )


def _most_used(used: Mapping[str, int]) -> list[str]:
    return sorted(used, key=lambda iri: (-used[iri], iri))


router.add_api_route("/editor.json", offer, route_class_override=APIRoute, **completions.documented)

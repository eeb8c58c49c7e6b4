"""The application: create_app(settings), its routes, and what surrounds every request.

Promises that each request is answered from one release, that a switch of releases loses none, and that every answer
carries the same headers. Never logs an address of a client unless told to, nor ever what was asked.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from api import (
    assets,
    catalogue,
    description,
    editor,
    fastpath,
    logs,
    negotiate,
    problems,
    questions,
    render,
    resources,
    service,
    sparql,
)
from api.budget import Budget
from api.metrics import Metrics
from api.releases import Shelf
from kg.config import Settings
from kg.errors import AnswerableError, UnknownName

log = logging.getLogger(logs.ACCESS)

INTERFACE = "1"  # of the HTTP interface; a change that breaks a client makes it 2
PIN = "/release/"
POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)
SHARED = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, X-Release, X-Complete, X-Rows, Retry-After, Repr-Digest, Location",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

# Path, handler, methods, one sentence for the description of the interface.
ROUTES = (
    ("/", catalogue.home, "What this is, its events, its questions and its numbers"),
    ("/sparql", sparql.answer, "SPARQL 1.1 Protocol, query only; without a query the service description, or the form"),
    ("/editor.json", editor.offer, "What the editor completes from: classes, properties, prefixes, examples"),
    ("/id/{kind}/{key}", resources.redirect, "A thing: 303 to the document about it"),
    (
        "/doc/{kind}/{key}",
        resources.document,
        "The document about a thing, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json)",
    ),
    ("/ontology", resources.ontology, "The ontology, whole"),
    ("/ontology.{suffix}", resources.ontology_file, "The ontology, whole, in one format"),
    ("/ontology/{module:path}", resources.ontology, "One module of the ontology"),
    ("/shapes", resources.shapes, "The shapes (SHACL) the data obey"),
    ("/shapes.{suffix}", resources.shapes, "The shapes in one format"),
    ("/scheme", resources.schemes, "The schemes of concepts"),
    ("/scheme/{scheme}", resources.scheme, "One scheme (SKOS)"),
    ("/scheme/{scheme}/{key}", resources.concept, "One concept of a scheme"),
    ("/graph", resources.graph, "The named graphs: one a source file, and what the build derived"),
    ("/graph/{name:path}", resources.graph, "One named graph"),
    ("/questions", questions.listed, "The named questions"),
    ("/questions/{name}", questions.answered, "One question: the form, and its answer (.json .csv .xlsx .ttl)"),
    ("/search", resources.search, "Things by label, description or paraphrase: q="),
    ("/dataset", catalogue.dataset, "The catalogue of the release: DCAT, VoID, PROV"),
    ("/dataset.{suffix}", catalogue.dataset, "The catalogue in one format"),
    ("/.well-known/void", catalogue.dataset, "The same, at the address VoID names"),
    ("/dumps", catalogue.dump_list, "The dumps: 303 to /dataset"),
    ("/dumps/{file}", catalogue.dump, "One dump, or with .sha256 its checksum"),
    ("/release/{release}", catalogue.one_release, "What went into a release and what came out"),
    ("/health", service.health, "For operators: the release that answers"),
    ("/metrics", service.metrics, "For operators: numbers in the format of Prometheus"),
    ("/openapi.json", service.openapi, "The description of this interface"),
    ("/docs", service.docs, "The same for people"),
    ("/problem/{slug}", service.problem, "What a kind of error means: 303 to its row in /docs"),
)


def create_app(settings: Settings) -> FastAPI:
    """Make the application; it opens the current release when it starts, and fails then if there is none."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        shelf = await asyncio.to_thread(Shelf, settings, app.state.metrics)
        app.state.shelf = shelf
        state = service.State(app.state.metrics, shelf, app.state.budget)
        app.state.metrics.registry.register(state)
        watching = asyncio.create_task(shelf.watch())
        _listen_for_hangup(shelf)
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            app.state.metrics.registry.unregister(state)
            await asyncio.to_thread(shelf.close)

    app = Application(
        title="Answerable",
        version=INTERFACE,
        summary="Human-rights events, the obligations they engage, and what was recommended, promised and done.",
        license_info={"name": "CC BY 4.0 (data)", "url": render.LICENCE},
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would redirect //host to another server
    )
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.budget = Budget(settings.client_seconds, loopback=settings.loopback_budget)
    for path, handler, sentence in ROUTES:
        methods = ["GET", "POST"] if path == "/sparql" else ["GET"]
        for method in methods:
            app.add_api_route(
                path,
                handler,
                methods=[method],
                summary=sentence,
                name=f"{handler.__module__}.{handler.__name__}",
                operation_id=f"{method.lower()} {path}",
                response_class=Response,
            )
    app.router.routes.append(Mount("/static", assets.Files()))
    app.router.routes.append(Mount("/release/{release}", Pinned(app)))
    app.add_exception_handler(AnswerableError, _answer_error)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(Exception, _answer_fault)
    return app


class Application(FastAPI):
    """FastAPI behind what surrounds every request: the endpoint must not pay for middleware it has no use for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.courtesy = Courtesy(super().__call__, self)

    def openapi(self) -> dict[str, Any]:
        """Describe the interface, once."""
        if self.openapi_schema is None:
            self.openapi_schema = description.describe(super().openapi())
        return self.openapi_schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self.courtesy(scope, receive, send)


class Compress(CompressMiddleware):
    """Compresses answers in the best way the client knows, zstd, Brotli or gzip; not in the way where it wants none."""

    def __init__(self, app: ASGIApp) -> None:
        for offer in (*negotiate.RESULTS, *negotiate.RESULT_GRAPHS, problems.PROBLEM):
            add_compress_type(offer.media_type)
        super().__init__(app, minimum_size=1000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        wanted = any(name == b"accept-encoding" for name, _ in scope.get("headers", ()))
        await (super().__call__ if wanted else self.app)(scope, receive, send)


class Endpoint:
    """/sparql, answered without routing: it is asked a thousand times for each page."""

    PATHS = ("/sparql", "/sparql/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in full, errors too; an answer that is cut when it has begun is left without its end."""
        request = Request(scope, receive)
        try:
            if scope["method"] not in sparql.METHODS.split(", "):
                raise HTTPException(405)
            response = await sparql.answer(request)
        except AnswerableError as error:
            response = await _answer_error(request, error)
        except HTTPException as error:
            response = await _answer_http_error(request, error)
        try:
            await response(scope, receive, send)
        except AnswerableError as error:
            request.state.outcome = error.slug
            request.app.state.metrics.count_cut()


class Pinned:
    """Routes `/release/<id>/…` as if it were `/…`; the release was chosen from the path before."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route the rest of the path once more."""
        rest = _rest(scope)
        if rest.startswith((PIN, "/static/")):
            raise UnknownName("Only one release can be named in an address")
        inner = {**scope, "path": rest, "raw_path": rest.encode(), "root_path": "", "path_params": {}}
        inner["app_root_path"] = ""
        await self.app.router(inner, receive, send)


class Courtesy:
    """What every answer has in common: one release, headers, HEAD and OPTIONS, a count and a line in the log."""

    def __init__(self, inner: ASGIApp, app: FastAPI) -> None:
        self.inner = Compress(inner)
        self.endpoint = Compress(ServerErrorMiddleware(Endpoint(), _answer_fault))
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from one release, whatever happens to `current` meanwhile."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500
        is_head = scope["method"] == "HEAD"
        state = scope.setdefault("state", {})
        scope["app"], scope["asked_path"] = self.app, scope["path"]
        start: Message = {}

        async def dress(message: Message) -> None:
            nonlocal status, start
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._add_headers(message["headers"], state["opened"].id)
                if fastpath.REPLY in scope and any(name == b"content-length" for name, _ in message["headers"]):
                    start = message  # it leaves with its body; what has no length may break off, and begins at once
                    return
            elif message["type"] == "http.response.body":
                if is_head:
                    if message.get("more_body"):
                        return
                    message = {**message, "body": b""}
                elif start:
                    begun, start = start, {}
                    if not message.get("more_body"):
                        lines, body = fastpath.write_lines(begun["headers"]), message.get("body", b"")
                        if status == 200 and fastpath.HEAD in scope:
                            fastpath.keep(scope, state["opened"].kept, lines, body)
                        if scope[fastpath.REPLY](status, lines, body):
                            return
                    await send(begun)
            await send(message)

        pin, state["prefix"] = _pin(scope["path"])
        shelf: Shelf = self.app.state.shelf
        try:
            # Opening an older release takes a moment, in which others are to be answered.
            state["opened"] = await asyncio.to_thread(shelf.borrow, pin) if pin else shelf.borrow(None)
            answer = self._answer
        except AnswerableError as error:  # there is no such release
            state["opened"], state["prefix"] = shelf.borrow(None), ""
            answer = problems.respond(Request(scope), error)
        try:
            await answer(scope, receive, dress)
        finally:
            state["opened"].leave()
            self._count(scope, status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await self._options(scope)(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        if _rest(scope) in Endpoint.PATHS:
            await self.endpoint(scope, receive, send)
        else:
            await self.inner(scope, receive, send)

    def _options(self, scope: Scope) -> Response:
        methods, more, path = "GET, HEAD, OPTIONS", {}, _rest(scope) or "/"
        if path in Endpoint.PATHS:
            methods, path = sparql.METHODS, "/sparql"
            more = {"Accept-Query": sparql.DIRECT, "Accept-Post": f"{sparql.FORM}, {sparql.DIRECT}"}
        plain = {**scope, "method": "GET", "path": path, "root_path": ""}
        if all(route.matches(plain)[0] is Match.NONE for route in self.app.router.routes):
            return problems.respond(Request(scope), UnknownName("There is nothing at this address"))
        headers = {
            **more,
            "Allow": methods,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
            "Access-Control-Max-Age": "86400",
        }
        return Response(status_code=204, headers=headers)

    def _add_headers(self, headers: list[tuple[bytes, bytes]], release: str) -> list[tuple[bytes, bytes]]:
        given = dict(headers)
        vary = [value for name, value in headers if name == b"vary"]
        headers = [header for header in headers if header[0] not in (b"vary", b"x-release")]
        headers += [header for header in SHARED if header[0] not in given]
        headers.append((b"vary", b", ".join([*vary, b"Accept, Accept-Encoding"])))
        headers.append((b"x-release", release.encode()))
        if given.get(b"content-type", b"").startswith(b"text/html") and b"content-security-policy" not in given:
            headers.append((b"content-security-policy", POLICY))  # a page with a script brings its own
        return headers

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        pattern = "/sparql" if _rest(scope) in Endpoint.PATHS else getattr(scope.get("route"), "path", "(none)")
        self.app.state.metrics.count(pattern, status, seconds)
        level = logging.WARNING if status >= 500 else logging.INFO
        if log.isEnabledFor(level):
            log.log(
                level, "%s %s %s", scope["method"], pattern, status, extra=self._tell(scope, pattern, status, seconds)
            )

    def _tell(self, scope: Scope, pattern: str, status: int, seconds: float) -> dict:
        """Say for the log what a request was like, and never what it asked."""
        state = scope["state"]
        told = {"route": pattern, "method": scope["method"], "status": status, "milliseconds": round(seconds * 1000, 1)}
        told["release"] = state["opened"] and state["opened"].id
        told["outcome"] = state.get("outcome", "answered" if status < 400 else "http")
        if self.app.state.settings.access_log_addresses and scope.get("client"):
            told["client"] = scope["client"][0]
        return told


def _rest(scope: Scope) -> str:
    """Take the release off the path of a request."""
    return scope["path"].removeprefix(scope["state"]["prefix"])


def _pin(path: str) -> tuple[str | None, str]:
    """Split the release out of `/release/<id>/…`: its id and that much of the path; (None, "") for other paths."""
    if not path.startswith(PIN):
        return None, ""
    wanted, slash, _ = path.removeprefix(PIN).partition("/")
    return (wanted, PIN + wanted) if slash and wanted else (None, "")


def _listen_for_hangup(shelf: Shelf) -> None:
    try:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, shelf.look_now)
    except (RuntimeError, ValueError, NotImplementedError):
        return  # not in the main thread, as in a test: the regular look is enough


async def _answer_error(request: Request, error: AnswerableError) -> Response:
    if problems.status_of(error) >= 500 and type(error) in problems.STATUS and type(error) is AnswerableError:
        log.error("%s", error)
    return problems.respond(request, error)


async def _answer_http_error(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return problems.respond(
            request, UnknownName("There is nothing at this address", hint="/docs lists the addresses there are")
        )
    headers = dict(error.headers or {})
    if error.status_code == 405:
        is_endpoint = request.url.path.rstrip("/").endswith("/sparql")
        headers["Allow"] = sparql.METHODS if is_endpoint else "GET, HEAD, OPTIONS"
        detail = f"The method {request.method[:20]} is not for this address"
        hint = f"It takes {headers['Allow']}"
    else:
        detail, hint = str(error.detail), None
    return problems.respond(request, problems.HttpError(detail, status=error.status_code, headers=headers, hint=hint))


async def _answer_fault(request: Request, error: Exception) -> Response:
    return problems.respond(request, AnswerableError("fault"))

"""What surrounds every request, one duty a class; `api.app` has them in order, the outermost first."""

import json
import logging
import re
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import add_compress_type

from api.http import logs, negotiate, problems
from api.http.budget import Budget, Clients
from api.http.metrics import Metrics
from kg.answer.engine import PAYER, Payer
from kg.errors import AnswerableError, ThingWithdrawn, UnknownName
from kg.wording import say

access_log = logging.getLogger(logs.ACCESS)
error_log = logging.getLogger(logs.ERRORS)

RELEASE = "/release/"
FREE = ("/static/", "/health", "/metrics")  # begin the paths that nobody pays for
NAMED = re.compile(r"/release/([^/]+)(/.*)", re.DOTALL)  # `/release/<id>` itself is a route like any other
CLOSED = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
FRAMED = CLOSED.replace("frame-ancestors 'none'", "frame-ancestors *")  # of a page that anybody may frame
# Every page has the field of the search in its head, and with it the script that suggests.
POLICY = (b"content-security-policy", f"script-src 'self'; connect-src 'self'; {CLOSED}".encode())
SHARED = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, X-Release, X-Truncated, X-Rows, X-Hint, Retry-After, Repr-Digest, Location, Memento-Datetime",
    ),
    (b"vary", b"Accept, Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


for offer in (*negotiate.RESULTS, *negotiate.RESULT_GRAPHS, problems.PROBLEM):
    add_compress_type(offer.media_type)


@dataclass(frozen=True)
class Layer:
    """One layer around the application."""

    app: ASGIApp


class StartMiddleware(Layer):
    """Leads what the server says of its start and stop past the other middlewares, and writes our errors in one line."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        async def tell(message: Message) -> None:
            if "message" in message and isinstance(error := sys.exception(), AnswerableError):
                message["message"] = str(error)
            await send(message)

        return self.app(scope, receive, send) if scope["type"] == "http" else scope["app"].router(scope, receive, tell)


@dataclass(frozen=True)
class CountMiddleware(Layer):
    """Counts each answer by the pattern of its route and its status, and writes its line in the log."""

    metrics: Metrics
    addresses: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        state = scope.setdefault("state", {})
        try:
            await self.app(scope, receive, send)
        finally:
            seconds, pattern, status = time.perf_counter() - began, pattern_of(scope), state.get("status", 500)
            self.metrics.count(pattern, status, seconds)
            level = logging.WARNING if status >= 500 else logging.INFO
            if access_log.isEnabledFor(level):
                members = {
                    "route": pattern,
                    "method": scope["method"],
                    "status": status,
                    "release": state["opened"].id,
                    "milliseconds": round(seconds * 1000, 1),
                    "outcome": state.get("outcome", "answered" if status < 400 else "http"),
                    **({"client": scope["client"][0]} if self.addresses and scope.get("client") else {}),
                }
                access_log.log(level, "%s %s %s", scope["method"], pattern, status, extra=members)


@dataclass(frozen=True)
class HeadersMiddleware(Layer):
    """Adds to each answer the headers that all have in common, and leaves its status in the state of the request."""

    headers_of: Callable[[Scope, int], list[tuple[bytes, bytes]]]  # further ones, by the address and the status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["state"]

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                state["status"] = message["status"]
                own = dict(message["headers"])
                needs_policy = own.get(b"content-type", b"").startswith(b"text/html") and POLICY[0] not in own
                message["headers"] = [
                    *message["headers"],
                    *SHARED,
                    (b"x-release", state["opened"].id.encode()),
                    *self.headers_of(scope, message["status"]),
                    *([POLICY] if needs_policy else ()),  # a page that needs another one brings it
                ]
            elif state.get("cut"):
                message = {**message, "more_body": True}  # the end of a whole answer is never sent
            await send(message)

        await self.app(scope, receive, add)


@dataclass(frozen=True)
class ReleaseMiddleware(Layer):
    """Gives a request the release it is answered from, until it ends: the current one, or the one named in its address.

    `/release/<id>/…` is routed as `/…`: the ASGI root path ends with the release. It begins with `site_path`, the path of the
    site on its host, whether or not the proxy in front has taken it off.
    """

    site_path: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state, releases, app = scope["state"], scope["app"].state.releases, self.app
        # The root path stands before the path too (ASGI, HTTP connection scope).
        if not f"{scope['path']}/".startswith(f"{self.site_path}/"):
            scope["path"] = self.site_path + scope["path"]
        path = scope["path"].removeprefix(self.site_path)
        if not path:
            scope["path"] += "/"
        state["prefix"], named = self.site_path, NAMED.fullmatch(path)
        try:
            if path.endswith("\n"):  # the pattern of a route passes over it
                raise problems.nothing_here()
            if named and named[2].startswith((RELEASE, "/static/")):
                raise UnknownName(say("Only one release can be named in an address"))
            state["opened"] = await releases.acquire_old(named[1]) if named else releases.acquire()
            state["prefix"] += f"{RELEASE}{named[1]}" if named else ""
        except AnswerableError as error:
            state["opened"] = releases.acquire()
            app = problems.respond(Request(scope), error)
        scope["root_path"], state["pinned"] = state["prefix"], state["prefix"] != self.site_path
        if state["opened"].is_withdrawn:
            gone = ThingWithdrawn(
                say("The release of this server was removed"),
                hint=say("Ask again later: the server waits for the next release"),
            )
            app = problems.respond(Request(scope), gone)
        try:
            await app(scope, receive, send)
        finally:
            state["opened"].leave()


@dataclass(frozen=True)
class PayMiddleware(Layer):
    """Lets each client pay for the time of workers and threads that its requests take. Raises BudgetSpent.

    Files that are sent as they are cost nothing, and whoever watches the server is answered in any case.
    """

    clients: Clients
    budget: Budget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, sender = scope["path"].removeprefix(scope["state"]["prefix"]), scope.get("client")
        if not path.startswith(FREE):
            client = self.clients.name(sender[0] if sender else None)
            PAYER.set(Payer(client, self.budget.charge(client)))
        await self.app(scope, receive, send)


class HeadMiddleware(Layer):
    """Answers HEAD as GET; the server sends no body for it (RFC 9110, 9.3.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "HEAD":
            return await self.app(scope, receive, send)
        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, receive, send)
        finally:
            scope["route"] = as_get.get("route")


@dataclass(frozen=True)
class ErrorMiddleware(Layer):
    """Answers with a problem for every error, and logs those that are faults of this server.

    An answer that has begun ends with the problem on a line of its own, and without the end that HTTP gives to a whole one: the
    client sees that it is cut, and why.
    """

    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun, length = False, None

        async def note(message: Message) -> None:
            nonlocal has_begun, length
            if not has_begun:
                has_begun, length = True, dict(message["headers"]).get(b"content-length")
            await send(message)

        try:
            await self.app(scope, receive, note)
        except ClientDisconnect:  # nobody is there for an answer
            scope["state"]["status"] = 499  # for the counter and the log; no such status is ever sent
            scope["state"].setdefault("outcome", "client-gone")
        except Exception as error:  # noqa: BLE001  (whatever an operation raises is answered with a problem)
            # Starlette wraps an error that it has a handler for in another where the answer has begun.
            problem = problems.problem_of(error.__cause__ or error if has_begun else error)
            if problems.status_of(problem) == 500:
                members = {"route": pattern_of(scope), "method": scope["method"], "status": 500}
                error_log.error("a request failed", exc_info=True, extra=members)
            if not has_begun:
                return await problems.respond(Request(scope), problem)(scope, receive, send)
            scope["state"]["outcome"] = problem.slug
            self.metrics.cut.inc()
            if length is None:  # else there is no room for the line
                scope["state"]["cut"] = True
                line = f"\n{problems.CUT}{json.dumps(problems.describe(problem, scope['path']))}\n"
                # Compressed to its end.
                await send({"type": "http.response.body", "body": line.encode(), "more_body": False})


def pattern_of(scope: Scope) -> str:
    """Return the pattern of the route that answers a request, such as `/id/{kind}/{key}`; never its address."""
    route = scope.get("route")
    return "(none)" if route is None else route.path.rstrip("/") or "/"

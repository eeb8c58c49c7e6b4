"""The application: its routers and middlewares, and what it opens when it starts and closes when it stops."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette_compress import CompressMiddleware

from api import openapi
from api.http import middleware, problems
from api.http.budget import Budget, Clients
from api.http.metrics import Metrics
from api.http.threads import Threads
from api.render import assets
from api.routers import (
    answers,
    catalogue,
    changes,
    check,
    feeds,
    lists,
    mcp,
    memento,
    pages,
    questions,
    quoting,
    reconcile,
    search,
    service,
    sparql,
    tables,
    things,
    vocabulary,
)
from kg.answer.opened import OpenReleases
from kg.answer.pictures import Painter
from kg.config import Settings
from kg.errors import AnswerableError, ConfigError
from kg.partner.process import Checks

# In the order in which an address is looked for: what is asked most comes first.
ROUTERS = (
    *(sparql, pages, lists, things, vocabulary, catalogue, questions, answers),
    *(feeds, changes, memento, quoting, search, check, reconcile, tables, mcp),
    service,
)


def create_app(settings: Settings) -> FastAPI:
    """Make the application; it opens the current release when it starts, and fails then if there is none."""
    # Listed and not included: a request is compared with each pattern once, where a router within a router takes it twice.
    routes: list[BaseRoute] = [route for subject in ROUTERS for route in subject.router.routes]
    _check_base(settings.base, routes)
    site_path, metrics = urlsplit(settings.base or "").path.rstrip("/"), Metrics()
    queries, pages = Budget(settings.client_seconds), Budget(settings.client_page_seconds)
    clients = Clients(queries, pages, loopback=settings.loopback_budget)
    app = FastAPI(
        title="Answerable",
        routes=[*routes, Mount("/static", assets.Files(directory=assets.STATIC))],
        lifespan=_open_releases,
        openapi_url=None,  # api/routers/service.py serves the description and its page, in the language of the reader
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would redirect //host to another server
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics and the log say what there is to say
        exception_handlers=dict.fromkeys((AnswerableError, HTTPException, RequestValidationError), problems.handle),
        middleware=[
            Middleware(middleware.StartMiddleware),
            Middleware(middleware.CountMiddleware, metrics=metrics, addresses=settings.access_log_addresses),
            Middleware(middleware.HeadersMiddleware, headers_of=memento.headers_of),
            Middleware(middleware.ReleaseMiddleware, site_path=site_path),
            Middleware(CompressMiddleware, minimum_size=1000),  # by zstd, Brotli or gzip, as the client accepts
            Middleware(middleware.ErrorMiddleware, metrics=metrics),
            Middleware(middleware.PayMiddleware, clients=clients, budget=pages),
            Middleware(middleware.HeadMiddleware),
        ],
    )
    app.state.settings = settings
    app.state.site_path = site_path
    app.state.metrics = metrics
    app.state.budget, app.state.page_budget = queries, pages
    app.state.checks, app.state.painter = Checks(settings), Painter()
    app.state.connections = {}  # filled by api.http.server
    app.openapi = lambda: openapi.document(app, (), settings.base)  # type: ignore[method-assign]  # as FastAPI documents it
    return app


@asynccontextmanager
async def _open_releases(app: FastAPI) -> AsyncIterator[None]:
    state, remote = app.state, None
    settings = state.settings
    asyncio.get_running_loop().set_default_executor(Threads(2))
    async with AsyncExitStack() as stack:
        if settings.engine:
            # Here, since their HTTP client takes long to import, and few sites have another engine.
            from kg.remote.pool import RemotePool
            from kg.remote.server import Server

            # It may count the triples of a release for a minute before it is asked anything.
            server = Server(settings.engine, max(60.0, settings.deadline, settings.page_deadline))
            remote = partial(RemotePool, await stack.enter_async_context(server))
        state.releases = OpenReleases(settings, state.metrics, remote)
        await state.releases.start()
        stack.push_async_callback(state.releases.close)
        gauges = service.Gauges(state)
        state.metrics.registry.register(gauges)
        stack.callback(state.metrics.registry.unregister, gauges)
        following = asyncio.create_task(state.releases.keep_following())
        stack.push_async_callback(asyncio.wait, [following])
        stack.callback(following.cancel)
        # Where it is not in the main thread, as in a test, the regular look is enough.
        with suppress(RuntimeError, ValueError, NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, state.releases.look_now)
        yield


def _check_base(base: str | None, routes: list[BaseRoute]) -> None:
    """Raise ConfigError for a base whose path a route has too: nobody could tell whether the proxy has taken it off."""
    first = urlsplit(base or "").path.split("/")[1:2]
    own = {getattr(route, "path", "/").split("/")[1].partition(".")[0] for route in routes} | {"static"}
    if first and first[0] in own - {""}:
        raise ConfigError(f"The path /{first[0]} is one of this site's own", where="base", hint="Take another path")

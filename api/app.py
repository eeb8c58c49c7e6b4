"""The application: its routes, its middlewares, and what it opens when it starts and closes when it stops."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI

from api.description import describe
from api.http import middleware
from api.http.budget import Budget
from api.http.connections import Connections
from api.http.metrics import Metrics
from api.releases import OpenReleases
from api.routers import service
from api.routes import ROUTES
from api.routing import Row, make_routes
from kg.config import Settings
from kg.errors import ConfigError


def create_app(settings: Settings, rows: Sequence[Row] = ROUTES) -> FastAPI:
    """Make the application; it opens the current release when it starts, and fails then if there is none."""
    _check_base(settings.base, rows)
    app = FastAPI(
        routes=make_routes(rows),
        lifespan=_open_releases,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would redirect //host to another server
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics and the log say what there is to say
    )
    app.state.settings = settings
    app.state.rows = rows
    app.state.beside = []  # what runs beside the requests: functions of the application, each until it is cancelled
    app.state.site_path = urlsplit(settings.base or "").path.rstrip("/")
    app.state.metrics = Metrics()
    app.state.budget = Budget(settings.client_seconds, loopback=settings.loopback_budget)
    app.state.connections = Connections(settings, app.state.metrics)
    app.openapi = lambda: describe(rows, settings.base)  # the place FastAPI gives to a description of one's own
    app.middleware_stack = middleware.wrap(app, settings, app.state.metrics)
    return app


@asynccontextmanager
async def _open_releases(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    state.releases = await asyncio.to_thread(OpenReleases, state.settings, state.metrics)
    gauges = service.State(state.metrics, state.releases, state.budget, state.connections)
    state.metrics.registry.register(gauges)
    running = [asyncio.create_task(state.releases.keep_following())]
    running += [asyncio.create_task(run(app)) for run in state.beside]
    _listen_for_hangup(state.releases)
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        state.metrics.registry.unregister(gauges)
        await asyncio.to_thread(state.releases.close)


def _listen_for_hangup(releases: OpenReleases) -> None:
    try:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, releases.look_now)
    except (RuntimeError, ValueError, NotImplementedError):
        return  # not in the main thread, as in a test: the regular look is enough


def _check_base(base: str | None, rows: Sequence[Row]) -> None:
    """Raise ConfigError for a base whose path a route has too: nobody could tell whether the proxy has taken it off."""
    first = urlsplit(base or "").path.split("/")[1:2]
    if first and first[0] and first[0] in {row.path.split("/")[1].partition(".")[0] for row in rows} | {"static"}:
        raise ConfigError(f"The path /{first[0]} is one of this site's own", where="base", hint="Take another path")

"""For operators and programmers: health, metrics, the description of the interface, and what each problem means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from prometheus_client import exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import negotiate, problems
from api.budget import Budget
from api.metrics import Metrics
from api.negotiate import HTML, JSON
from api.releases import OpenReleases
from api.responses import About, opened_of, prefix_of, reader_of, serve, write_json
from kg import errors, terms
from kg.answer.engine import Engine
from kg.answer.formats import Format
from kg.config import describe as settings_rows

# The formats of /metrics; every reader knows the first.
PLAIN = Format("txt", "text/plain", ".txt", frozenset())
OPENMETRICS = Format("openmetrics", "application/openmetrics-text", ".txt", frozenset())
WORKING = ("idle", "busy", "starting")  # the states of a worker that lives


async def health(request: Request) -> Response:
    """Answer /health: the release that answers, that it was verified, and the workers that live.

    A release that cannot be switched to is reported with status 200, since the one before it still answers. A pool without a
    worker is a 503, so that a load balancer sends requests elsewhere until it has one again.
    """
    releases = request.app.state.releases
    current = releases.current
    workers = {pool.name: _workers(pool) for pool in current.pools}
    trouble = []
    if releases.trouble is not None:
        trouble.append("the newest release cannot be served; the one before it is")
    empty = [name for name, counts in workers.items() if not counts["idle"] + counts["busy"] + counts["starting"]]
    trouble += [f"no worker for {name} is alive" for name in empty]
    body = {
        "status": "degraded" if trouble else "ok",
        "release": current.id,
        "verified": True,  # nothing is opened that does not match its manifest
        "opened": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(current.opened)),
        "workers": workers,
    }
    if trouble:
        body["trouble"] = "; ".join(trouble)
    headers = {"Cache-Control": "no-store"}
    return Response(write_json(body), 503 if empty else 200, headers, media_type="application/json")


async def metrics(request: Request) -> Response:
    """Answer /metrics in the text format of Prometheus, or in OpenMetrics."""
    offer = negotiate.choose(request.headers.get("accept"), (PLAIN, OPENMETRICS))
    plain = offer is PLAIN
    registry = request.app.state.metrics.registry
    body = exposition.generate_latest(registry) if plain else openmetrics.generate_latest(registry)
    kind = exposition.CONTENT_TYPE_PLAIN_0_0_4 if plain else openmetrics.CONTENT_TYPE_LATEST
    return Response(body, headers={"Cache-Control": "no-store", "Content-Type": kind})


def _workers(pool: Engine) -> dict[str, int]:
    now = pool.counters()
    return {"size": pool.size, **{state: now[state] for state in WORKING}}


class State:
    """A collector of what has a value at any moment and is read only when /metrics is asked."""

    def __init__(self, metrics: Metrics, releases: OpenReleases, budget: Budget) -> None:
        self.metrics, self.releases, self.budget = metrics, releases, budget

    def collect(self) -> Iterator[Metric]:
        """Yield the state of this moment."""
        current = self.releases.current
        yield InfoMetricFamily("answerable_release", "The release that answers.", value={"release": current.id})
        yield _gauge("answerable_release_opened_timestamp_seconds", "When it was opened.", current.opened)
        yield _gauge(
            "answerable_switch_failing",
            "1 while the newest release cannot be served.",
            self.releases.trouble is not None,
        )
        workers = GaugeMetricFamily("answerable_workers", "Workers that live, by state.", labels=("pool", "state"))
        wanted = GaugeMetricFamily("answerable_workers_wanted", "Workers there should be.", labels=("pool",))
        waiting = GaugeMetricFamily("answerable_queue_length", "Queries that wait for a worker.", labels=("pool",))
        for pool in current.pools:
            now = pool.counters()
            for state in WORKING:
                workers.add_metric((pool.name, state), now[state])
            wanted.add_metric((pool.name,), pool.size)
            waiting.add_metric((pool.name,), now["waiting"])
        yield from (workers, wanted, waiting)
        lookups = CounterMetricFamily(
            "answerable_cache_lookups",
            "Lookups in the cache of answers.",
            labels=("result",),
        )
        for result, count in {"hits": 0, "misses": 0, "shared": 0, **self.metrics.lookups}.items():
            lookups.add_metric((result,), count)
        yield lookups
        yield _gauge("answerable_cache_bytes", "Bytes of answers in the cache.", current.cache.size)
        yield _gauge("answerable_cache_entries", "Answers in the cache.", len(current.cache))
        yield CounterMetricFamily(
            "answerable_budget_refusals", "Queries refused for their client's budget.", self.budget.refusals
        )


def _gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help, value=float(value))


async def openapi(request: Request) -> Response:
    """Answer /openapi.json."""
    description = request.app.openapi()

    async def make() -> bytes:
        return write_json(description)

    return await serve(request, JSON, make)


async def docs(request: Request) -> Response:
    """Answer /docs: the interface for people, made from the table of routes."""
    negotiate.choose(request.headers.get("accept"), (HTML,))
    about = About("How to use it from a program", terms.BASE + "docs")

    async def make() -> bytes:
        return await reader_of(request).fill(
            "docs.html",
            about=about,
            routes=request.app.state.rows,
            problems=problem_rows(),
            settings=[row for row in settings_rows() if row["name"] in LIMITS],
            questions=list(opened_of(request).questions.values()),
        )

    return await serve(request, HTML, make, about=about)


async def problem(request: Request) -> Response:
    """Send /problem/<slug> to its row in the documentation."""
    slug = request.path_params["slug"]
    if slug not in {row["slug"] for row in problem_rows()}:
        raise errors.UnknownName(f"There is no problem called {slug[:40]!r}", hint="/docs lists them")
    return RedirectResponse(f"{prefix_of(request)}/docs#{slug}", 303)


LIMITS = ("deadline", "memory", "max_rows", "max_bytes", "queue", "client_seconds", "max_query", "max_depth")


def problem_rows() -> list[dict[str, Any]]:
    """List the kinds of error a client can meet: slug, status and title."""
    kinds = [kind for kind in errors.walk_errors() if kind.slug in problems.TITLES]
    rows = []
    for kind in kinds:
        status = next(problems.STATUS[above] for above in kind.__mro__ if above in problems.STATUS)
        rows.append({"slug": kind.slug, "status": int(status), "title": problems.TITLES[kind.slug]})
    rows.append({"slug": "http", "status": 0, "title": "The method, media type or address does not fit the route"})
    return sorted(rows, key=lambda row: row["slug"])

"""For operators and programmers: health, metrics, the description of the interface, and what each problem means."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sized
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from prometheus_client import exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import models
from api.dependencies import About, Exchange, Offers, cached, prefix_of
from api.http import negotiate, problems
from api.http.addresses import write_json
from api.http.budget import Budget
from api.http.metrics import Metrics
from api.http.negotiate import HTML, JSON
from api.openapi import answers, document, operations
from kg import terms
from kg.answer.formats import Format
from kg.answer.opened import OpenReleases
from kg.config import describe as settings_rows
from kg.errors import UnknownName
from kg.languages import N_
from kg.sparql import refusals
from kg.wording import say

router = APIRouter(tags=["Service"])

# The formats of /metrics; every reader knows the first.
PLAIN = Format("txt", "text/plain", ".txt", ())
OPENMETRICS = Format("openmetrics", "application/openmetrics-text", ".txt", ())
LIMITS = ("deadline", "memory", "max_rows", "max_bytes", "queue", "client_seconds", "max_query", "max_depth")
WORKING = ("idle", "busy", "starting")  # the states of a worker that lives


@router.get("/health", **answers(JSON, model=models.Health))
async def health(request: Request) -> Response:
    """For operators: the release that answers."""
    releases = request.app.state.releases
    current = releases.current
    pools = {pool: pool.counters() for pool in current.pools}
    workers = {
        pool.name: {"size": pool.size, **{state: now[state] for state in WORKING}} for pool, now in pools.items()
    }
    empty = [pool.name for pool, now in pools.items() if not any(now[state] for state in WORKING)]
    trouble = ["the newest release cannot be served; the one before it is"] if releases.trouble else []
    trouble += [f"no worker for {name} is alive" for name in empty]
    body = {
        "status": "degraded" if trouble else "ok",
        "release": current.id,
        "sha256": current.release.sha256,  # of its manifest: equal on all servers of one release
        "verified": True,  # nothing is opened that does not match its manifest
        "opened": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(current.opened)),
        "workers": workers,
        **({"trouble": "; ".join(trouble)} if trouble else {}),
    }
    headers = {"Cache-Control": "no-store"}
    return Response(write_json(body), 503 if empty else 200, headers, media_type="application/json")


@router.get("/metrics", **answers("text/plain", "application/openmetrics-text"))
async def metrics(request: Request) -> Response:
    """For operators: numbers in the format of Prometheus."""
    plain = negotiate.choose(request.headers.get("accept"), (PLAIN, OPENMETRICS)) is PLAIN
    registry = request.app.state.metrics.registry
    body = exposition.generate_latest(registry) if plain else openmetrics.generate_latest(registry)
    kind = exposition.CONTENT_TYPE_PLAIN_0_0_4 if plain else openmetrics.CONTENT_TYPE_LATEST
    return Response(body, headers={"Cache-Control": "no-store", "Content-Type": kind})


class State:
    """A collector of what has a value at any moment and is read only when /metrics is asked."""

    def __init__(self, metrics: Metrics, releases: OpenReleases, budget: Budget, connections: Sized) -> None:
        self.metrics, self.releases, self.budget, self.connections = metrics, releases, budget, connections

    def collect(self) -> Iterator[Metric]:
        """Yield the state of this moment."""
        current, trouble, cache = self.releases.current, self.releases.trouble, self.releases.current.cache
        pools = {pool: pool.counters() for pool in current.pools}
        workers = {(pool.name, state): now[state] for pool, now in pools.items() for state in WORKING}
        lookups = {
            (result,): count for result, count in {"hits": 0, "misses": 0, "shared": 0, **self.metrics.lookups}.items()
        }
        yield InfoMetricFamily("answerable_release", "The release that answers.", value={"release": current.id})
        yield _gauge("release_opened_timestamp_seconds", "When it was opened.", {(): current.opened})
        yield _gauge("switch_failing", "1 while the newest release cannot be served.", {(): trouble is not None})
        yield _gauge("workers", "Workers that live, by state.", workers, "pool", "state")
        yield _gauge("workers_wanted", "Workers there should be.", {(pool.name,): pool.size for pool in pools}, "pool")
        waiting = {(pool.name,): now["waiting"] for pool, now in pools.items()}
        yield _gauge("connections", "Open connections.", {(): len(self.connections)})
        yield _gauge("queue_length", "Queries that wait for a worker.", waiting, "pool")
        yield _family(CounterMetricFamily, "cache_lookups", "Lookups in the cache of answers.", lookups, "result")
        yield _gauge("cache_bytes", "Bytes of answers in the cache.", {(): cache.size})
        yield _gauge("cache_entries", "Answers in the cache.", {(): len(cache)})
        refused = {(): self.budget.refusals}
        yield _family(CounterMetricFamily, "budget_refusals", "Queries refused for their client's budget.", refused)


def _family(kind: Any, name: str, help: str, values: Mapping[Any, float], *labels: str) -> Metric:
    family = kind(f"answerable_{name}", help, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family


_gauge = partial(_family, GaugeMetricFamily)


description = Offers(JSON, model=models.Object, is_fixed=True)


@router.get("/openapi.json", **description.documented)
@cached
async def openapi(exchange: Annotated[Exchange, Depends(description)]) -> bytes:
    """The description of this interface."""
    app, questions = exchange.request.app, exchange.opened.questions.values()
    return write_json(await asyncio.to_thread(document, app, questions, exchange.settings.base))


page = Offers(HTML, about=About(N_("How to use it from a program"), terms.BASE + "docs"))


@router.get("/docs", **page.documented)
@cached
async def docs(exchange: Annotated[Exchange, Depends(page)]) -> bytes:
    """The same for people."""
    return await exchange.fill(
        "docs.html",
        routes=[*operations(exchange.request.app.routes)],
        formats=[offer.name for offer in (*negotiate.RESULTS, *negotiate.RESULT_GRAPHS)],
        cut=problems.CUT.strip(),
        most={
            "tokens": refusals.MAX_TOKENS,
            "patterns": refusals.MAX_PATTERNS,
            "clauses": refusals.MAX_CLAUSES,
            "operators": refusals.MAX_OPERATORS,
        },
        problems=sorted(problems.KINDS.items()),
        settings=[row for row in settings_rows() if row["name"] in LIMITS],
        questions=list(exchange.opened.questions.values()),
    )


@router.get("/problem/{slug}", **answers(status=303, errors=(404,)))
async def problem(request: Request, slug: Annotated[str, Path(examples=["query-syntax"])]) -> Response:
    """What a kind of error means: 303 to its row in /docs."""
    if slug not in problems.KINDS:
        message = say("There is no problem called %(slug)s", slug=f"{slug[:40]!r}")
        raise UnknownName(message, hint=say("/docs lists them"))
    return RedirectResponse(f"{prefix_of(request)}/docs#{slug}", 303)

"""For operators and programs: health, metrics, the description of the interface, what each problem means, and what crawlers ask for.

The site map, robots.txt and the catalogue of interfaces (RFC 9727) hold whole addresses of this server: at its public
address, else at the host that the request names.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from prometheus_client import exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import models
from api.dependencies import About, Exchange, Offers, OwnParameters, cached, exchange_of, prefix_of
from api.http import problems
from api.http.addresses import whole_address, write_json
from api.http.links import CATALOG, Link, write_header
from api.http.negotiate import HTML, JSON, RESULT_GRAPHS, RESULTS, choose
from api.openapi import answers, document, operations, pages
from api.render.page import Page, fill
from kg import terms
from kg.answer.formats import Format
from kg.config import SETTINGS
from kg.errors import UnknownName
from kg.languages import N_
from kg.sparql import refusals
from kg.wording import say

router = APIRouter(tags=["Service"], route_class=OwnParameters)
programs = APIRouter(tags=["For programs"], route_class=OwnParameters)

# The formats of /metrics, each with what writes it and its Content-Type; every reader knows the first.
WRITERS: dict[Format, tuple[Callable[..., bytes], str]] = {
    Format("txt", "text/plain"): (exposition.generate_latest, exposition.CONTENT_TYPE_PLAIN_0_0_4),
    Format("openmetrics", "application/openmetrics-text"): (
        openmetrics.generate_latest,
        openmetrics.CONTENT_TYPE_LATEST,
    ),
}
LIMITS = ("deadline", "memory", "max_rows", "max_bytes", "queue", "client_seconds", "max_query", "max_depth")
WORKING = ("idle", "busy", "starting")  # the states of a worker that answers or soon will
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
API_CATALOG = Format("json", f'application/linkset+json; profile="{PROFILE}"')
PART = 10_000  # addresses in one part of the site map; each stands there with its other languages
# Paths that robots.txt disallows: what is heavy, is made for one visitor, or is as in another release.
LEFT_ALONE = (
    *("/sparql", "/search", "/suggest", "/cite", "/card/", "/embed/", "/answer/", "/graph", "/dumps/", "/release/"),
    *("/linkset/", "/reconcile/", "/contact?of=", "/questions/*?*page=", "/*?*show=", "/health", "/metrics"),
)


@router.get("/health", **answers(JSON, model=models.Health))
async def health(request: Request) -> Response:
    """For operators: the release that answers."""
    releases = request.app.state.releases
    current = releases.current
    pools = {pool.capacity.name: pool.counters() for pool in current.pools}
    empty = [name for name, now in pools.items() if not any(now[state] for state in WORKING)]
    trouble = ["the newest release cannot be served; the one before it is"] if releases.trouble else []
    trouble += [f"no worker for {name} is alive" for name in empty]
    body = {
        "status": "degraded" if trouble else "ok",
        "release": current.id,
        "sha256": current.release.sha256,  # of its manifest: equal on all servers of one release
        "verified": True,  # nothing is opened that does not match its manifest
        "opened": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(current.opened)),
        "workers": {name: {key: now[key] for key in ("size", *WORKING)} for name, now in pools.items()},
        **({"trouble": "; ".join(trouble)} if trouble else {}),
    }
    return Response(
        write_json(body), 503 if empty else 200, {"Cache-Control": "no-store"}, media_type="application/json"
    )


@router.get("/metrics", **answers("text/plain", "application/openmetrics-text"))
async def metrics(request: Request) -> Response:
    """For operators: numbers in the format of Prometheus."""
    generate, kind = WRITERS[choose(request.headers.get("accept"), [*WRITERS])]
    headers = {"Cache-Control": "no-store", "Content-Type": kind}
    return Response(generate(request.app.state.metrics.registry), headers=headers)


@dataclass(frozen=True)
class Gauges:
    """A collector of what has a value at any moment and is read only when /metrics is asked; `state` is that of the application."""

    state: State

    def collect(self) -> Iterator[Metric]:
        """Yield the state of this moment."""
        releases, current = self.state.releases, self.state.releases.current
        refusals = self.state.budget.refusals + self.state.page_budget.refusals
        pools = {pool.capacity.name: pool.counters() for pool in current.pools}
        workers = {(name, state): now[state] for name, now in pools.items() for state in WORKING}
        sizes, waiting = ({(name,): now[key] for name, now in pools.items()} for key in ("size", "waiting"))
        counts = {"hits": 0, "misses": 0, "shared": 0, **self.state.metrics.lookups}
        lookups = {(result,): count for result, count in counts.items()}
        yield InfoMetricFamily("answerable_release", "The release that answers.", value={"release": current.id})
        gauge, counter = GaugeMetricFamily, CounterMetricFamily
        families: list[tuple[Any, ...]] = [
            (gauge, "release_opened_timestamp_seconds", "When it was opened.", {(): current.opened}),
            (gauge, "switch_failing", "1 while the newest release cannot be served.", {(): bool(releases.trouble)}),
            (gauge, "workers", "Workers that live, by state.", workers, "pool", "state"),
            (gauge, "workers_wanted", "Workers there should be.", sizes, "pool"),
            (gauge, "connections", "Open connections.", {(): len(self.state.connections)}),
            (gauge, "queue_length", "Queries that wait for a worker.", waiting, "pool"),
            (counter, "cache_lookups", "Lookups in the cache of answers.", lookups, "result"),
            (gauge, "cache_bytes", "Bytes of answers in the cache.", {(): current.cache.size}),
            (gauge, "cache_entries", "Answers in the cache.", {(): len(current.cache)}),
            (counter, "budget_refusals", "Requests refused for their client's budgets.", {(): refusals}),
        ]
        for kind, name, about, values, *labels in families:
            family = kind(f"answerable_{name}", about, labels=labels)
            for key, value in values.items():
                family.add_metric(key, float(value))
            yield family


description = Offers(JSON, is_fixed=True)


@router.get("/openapi.json", **description.documented)
@cached
async def openapi(exchange: Annotated[Exchange, Depends(description)]) -> bytes:
    """The description of this interface."""
    app, questions, base = exchange.request.app, exchange.opened.questions.values(), exchange.settings.base
    return await asyncio.to_thread(lambda: write_json(document(app, questions, base)))


page = Offers(HTML, about=About(N_("How to use it from a program"), terms.BASE + "docs"))


@router.get("/docs", **page.documented)
@cached
async def docs(exchange: Annotated[Exchange, Depends(page)]) -> bytes:
    """The same for people."""
    return await exchange.fill(
        "docs.html",
        routes=[*operations(exchange.request.app.routes)],
        formats=(*RESULTS, *RESULT_GRAPHS),
        problems=problems,
        most=refusals,
        settings=[setting for setting in SETTINGS if setting.name in LIMITS],
    )


@router.get("/problem/{slug}", **answers(status=303, errors=(404,)))
async def problem(request: Request, slug: Annotated[str, Path(examples=["query-syntax"])]) -> Response:
    """What a kind of error means: 303 to its row in /docs."""
    if slug not in problems.KINDS:
        raise UnknownName(say("There is no problem called %(slug)s", slug=f"{slug!r}"), hint=say("/docs lists them"))
    return RedirectResponse(f"{prefix_of(request)}/docs#{slug}", 303)


plain_text, site_map = Offers(Format("txt", "text/plain")), Offers(Format("xml", "application/xml"), errors=(404,))
Map = Annotated[Exchange, Depends(site_map)]


@programs.get("/robots.txt", **plain_text.documented)
@cached
async def robots(exchange: Annotated[Exchange, Depends(plain_text)]) -> bytes:
    """What robots leave alone."""
    return await _fill(exchange, "robots.txt", paths=LEFT_ALONE)


@programs.get("/sitemap.xml", **site_map.documented)
@cached
async def sitemap(exchange: Map) -> bytes:
    """The parts of the site map."""
    return await _fill(exchange, "sitemap.xml", parts=await _parts(exchange))


@programs.get("/sitemap/{part}", **site_map.documented)
@cached
async def sitemap_part(exchange: Map, part: Annotated[str, Path(examples=["1.xml"])]) -> bytes:
    """One part of the site map: pages, each with its languages and the day of the release."""
    name, parts = part.removesuffix(".xml"), await _parts(exchange)
    if name not in parts:
        raise UnknownName(
            say("The site map has no part %(name)s", name=repr(name)),
            hint=say("/sitemap.xml lists its parts: %(number)s", number=len(parts)),
        )
    return await _fill(exchange, "sitemap-part.xml", paths=parts[name])


@programs.get("/.well-known/api-catalog", **answers("application/linkset+json"))
async def api_catalog(exchange: Annotated[Exchange, Depends(exchange_of)]) -> Response:
    """The interfaces of this site (RFC 9727)."""
    exchange.offer = API_CATALOG
    here = whole_address(exchange.request, exchange.prefix + CATALOG)
    write = partial(_fill, exchange, "api-catalog.json", profile=PROFILE)
    return await exchange.serve(
        write, headers={"Link": write_header([Link("api-catalog", here), Link("profile", PROFILE)])}
    )


async def _fill(exchange: Exchange, template: str, **context: Any) -> bytes:
    site = whole_address(exchange.request, exchange.prefix).rstrip("/")
    return await asyncio.to_thread(fill, template, page=exchange.page, site=site, **context)


async def _parts(exchange: Exchange) -> dict[str, Sequence[str]]:
    """List the paths of the pages of a release, once, and divide them into parts with numbers from 1."""
    opened = exchange.opened

    async def find() -> Sequence[str]:
        index = await exchange.opened.read_index()
        things = await asyncio.to_thread(index.beneath, terms.BASE)
        own = dict.fromkeys(pages(exchange.request.app.routes))
        schemes = [f"/{name.removeprefix(terms.GRAPH + 'ontology/')}" for name in opened.graphs]
        return [
            *(path for path in own if not path.startswith(("/.well-known/", *LEFT_ALONE))),
            *(f"/questions/{name}" for name in opened.questions),
            *(path.replace("/schemes/", "/scheme/") for path in schemes if path.startswith("/schemes/")),
            *filter(None, map(Page(opened, "", {}).path, things)),
        ]

    paths = await opened.once.find(("sitemap",), find)
    starts = range(0, len(paths), PART)
    return {str(number): paths[start : start + PART] for number, start in enumerate(starts, 1)}


router.routes.extend(programs.routes)

"""For operators and programmers: health, metrics, the description of the interface, and what each problem means.

Promises numbers of queries and answers, never what anybody asked.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import negotiate, problems, render
from api.answers import About, opened_of, prefix_of, reader_of, serve
from api.negotiate import HTML, JSON
from kg import errors, terms
from kg.config import describe as settings_rows


class Counts:
    """Requests and the time they took, by route and status."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.seconds: Counter[str] = Counter()
        self.started = time.time()

    def add(self, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is its pattern, never its address."""
        self.requests[route, status] += 1
        self.seconds[route] += seconds


async def health(request: Request) -> Response:
    """Answer /health: the release that answers, that it was verified, and its workers; 503 while a switch fails."""
    shelf = request.app.state.shelf
    current = shelf.current
    body = {
        "status": "ok" if shelf.trouble is None else "degraded",
        "release": current.id,
        "verified": True,  # nothing is opened that does not match its manifest
        "opened": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(current.opened)),
        "workers": {"queries": shelf.settings.workers, "pages": shelf.settings.page_workers},
    }
    if shelf.trouble is not None:
        body["trouble"] = "the newest release cannot be served; the one before it is"
    return Response(json.dumps(body, indent=1), headers={"Cache-Control": "no-store"}, media_type="application/json")


async def metrics(request: Request) -> Response:
    """Answer /metrics in the text format of Prometheus."""
    shelf, counts = request.app.state.shelf, request.app.state.counts
    lines = [
        "# TYPE answerable_release_info gauge",
        f'answerable_release_info{{release="{shelf.current.id}"}} 1',
        "# TYPE answerable_uptime_seconds gauge",
        f"answerable_uptime_seconds {time.time() - counts.started:.0f}",
        "# TYPE answerable_requests_total counter",
    ]
    lines += [
        f'answerable_requests_total{{route="{route}",status="{status}"}} {count}'
        for (route, status), count in sorted(counts.requests.items())
    ]
    lines.append("# TYPE answerable_request_seconds_total counter")
    lines += [f'answerable_request_seconds_total{{route="{r}"}} {s:.6f}' for r, s in sorted(counts.seconds.items())]
    lines.append("# TYPE answerable_pool gauge")
    for pool in shelf.current.pools:
        lines += [
            f'answerable_pool{{pool="{pool.name}",count="{name}"}} {value}' for name, value in _flat(pool.counters())
        ]
    body = "\n".join(lines) + "\n"
    return Response(body, headers={"Cache-Control": "no-store"}, media_type="text/plain; version=0.0.4; charset=utf-8")


async def openapi(request: Request) -> Response:
    """Answer /openapi.json."""
    description = request.app.openapi()

    async def make() -> bytes:
        return json.dumps(description, ensure_ascii=False, indent=1).encode()

    return await serve(request, JSON, make)


async def docs(request: Request) -> Response:
    """Answer /docs: the interface for people, made from its description; needs no network and no script."""
    negotiate.choose(request.headers.get("accept"), (HTML,))
    about = About("How to use it from a program", terms.BASE + "docs")

    async def make() -> bytes:
        page = await reader_of(request).page(prefix_of(request))
        return render.fill(
            "docs.html",
            page=page,
            about=about,
            api=request.app.openapi(),
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


LIMITS = ("deadline", "memory", "max_rows", "max_bytes", "queue", "max_query", "max_depth")


def problem_rows() -> list[dict[str, Any]]:
    """List the kinds of error a client can meet: slug, status and title."""
    kinds = [kind for kind in errors.walk_errors() if kind.slug in problems.TITLES]
    rows = []
    for kind in kinds:
        status = next(problems.STATUS[above] for above in kind.__mro__ if above in problems.STATUS)
        rows.append({"slug": kind.slug, "status": int(status), "title": problems.TITLES[kind.slug]})
    rows.append({"slug": "withdrawn", "status": 410, "title": "The thing was withdrawn"})
    rows.append({"slug": "http", "status": 0, "title": "The method, media type or address does not fit the route"})
    return sorted(rows, key=lambda row: row["slug"])


def _flat(counters: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    flat = []
    for name, value in sorted(counters.items()):
        if isinstance(value, dict):
            flat += _flat(value, f"{before}{name}_")
        else:
            flat.append((before + str(name), value))
    return flat

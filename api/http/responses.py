"""Answers of operations that do not depend on Offers yet."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import About, Exchange, alternates, cache_control, exchange_of, prefix_of
from api.http import addresses
from api.http.addresses import site_of, whole_address, write_json
from api.http.language import PARAMETER
from api.http.negotiate import HTML

PINNED = "public, max-age=86400"
asked_address = addresses.requested_address
lifetime_of = cache_control


def read_once(request: Request) -> dict[str, str]:
    """Read parameters once."""
    values = addresses.read_once(request.scope["query_string"])
    values.pop(PARAMETER, None)
    return values


def opened_of(request: Request) -> Any:
    """Return the release."""
    return request.scope["state"]["opened"]


def address_of(request: Request, path: str) -> str:
    """Write an address."""
    return exchange_of(request).address(path)


def reader_of(request: Request) -> Any:
    """Make a reader."""
    return exchange_of(request).reader


def _exchange(request: Request, offer: Any, about: About | None) -> Exchange:
    exchange = exchange_of(request)
    exchange.offer, exchange.described = offer, about
    return exchange


def tag(request: Request, offer: Any, told: str = "") -> str:
    """Make an ETag."""
    return _exchange(request, offer, None).headers(told)["ETag"]


def has(request: Request, etag: str) -> bool:
    """Say whether the client has it."""
    from api.http.conditional import not_modified

    return not_modified(request, {"ETag": etag}) is not None


def has_any(request: Request) -> bool:
    """Say whether any will do."""
    return request.method != "POST" and request.headers.get("if-none-match", "").strip() == "*"


async def serve(
    request: Request, offer: Any, make: Any, *, about: About | None = None, headers: Any = None, told: str = ""
) -> Response:
    """Serve."""
    return await _exchange(request, offer, about).serve(make, headers=headers, etag_extra=told)


__all__ = ["HTML", "About", "alternates", "prefix_of", "site_of", "whole_address", "write_json"]

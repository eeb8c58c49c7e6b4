"""Conditional requests (RFC 9110, 13): an answer that the client has already is not sent again."""

import hashlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response


def make_etag(*parts: str) -> str:
    """Make the ETag of an answer from all that decides it; weak, since compression changes the bytes and not the answer."""
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:24]}"'


def not_modified(request: Request, headers: Mapping[str, str], *, any_will_do: bool = False) -> Response | None:
    """Return the 304 where the client names the ETag in the headers; `any_will_do`: there is an answer, so `*` names it too."""
    sent = request.headers.get("if-none-match")
    if not sent:
        return None
    named = {part.strip().removeprefix("W/") for part in sent.split(",")}
    if headers["ETag"].removeprefix("W/") in named or any_will_do and named == {"*"}:
        return Response(status_code=304, headers=dict(headers))
    return None

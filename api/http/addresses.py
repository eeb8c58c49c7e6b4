"""Addresses of this site: their parameters, read strictly, and how a whole address is written."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from api.http.budget import reduce_address
from kg import terms
from kg.config import Settings
from kg.errors import BadParameter
from kg.wording import say

MOST_PARAMETERS = 200  # in an address or a form
_HOST = re.compile(r"\[?([a-z0-9_.-]{1,253}|(?<=\[)[0-9a-f:.]{2,45}(?=\]))\]?(?::[0-9]{1,5})?")


def read_parameters(text: bytes, where: str) -> list[tuple[str, str]]:
    """Read parameters as an address or a form has them; raises BadParameter."""
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:  # UnicodeDecodeError is one too
        raise BadParameter(
            say("The parameters in %(where)s cannot be read", where=where),
            hint=say("Write them percent-encoded, in UTF-8"),
        ) from None


def read_once(query: bytes) -> dict[str, str]:
    """Read the parameters of an address, each of which may stand once; raises BadParameter."""
    values: dict[str, str] = {}
    for name, value in read_parameters(query, "the address"):
        if name in values:
            raise BadParameter(
                say("The parameter %(name)s stands twice", name=name), where=name[:40], hint=say("Send it once")
            )
        values[name] = value
    return values


def site_of(request: Request) -> str:
    """Write the address of this site without its last slash: the base, else the host that the request names.

    Anybody can name a host: where it is none of this server's, it is the base of the data.
    """
    settings = request.app.state.settings
    if settings.base:
        return settings.base.rstrip("/")
    host = request.headers.get("host", "").lower()
    is_own = (match := _HOST.fullmatch(host)) and _is_own(match[1], settings)
    return f"{request.scope['scheme']}://{host}" if is_own else terms.BASE.rstrip("/")


def _is_own(host: str, settings: Settings) -> bool:
    """Whether a host is one of this server's: named by a setting, or by a name that only this machine has."""
    return host in {settings.host, *settings.hosts.split(","), "localhost"} or reduce_address(host) is None


def is_own_origin(origin: str, settings: Settings) -> bool:
    """Whether pages of an origin (RFC 6454) are this server's."""
    if not (match := _HOST.fullmatch(origin.lower().partition("://")[2])):
        return False
    return match[1] == urlsplit(settings.base or "").hostname or _is_own(match[1], settings)


def whole_address(request: Request, path: str) -> str:
    """Write the whole address of a path as the pages of this site link it."""
    if path.startswith(("http://", "https://")):
        return path
    return site_of(request) + path.removeprefix(request.app.state.site_path)


def requested_address(request: Request) -> str:
    """Write the address that was requested, without its query."""
    return whole_address(request, "/" + request.scope["path"].lstrip("/"))


def write_json(value: Any) -> bytes:
    """Write JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()

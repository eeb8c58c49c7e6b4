"""The link set of a page (RFC 9264): all that is linked with it, by relation, for programs that read no page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.http import links, negotiate
from api.http.responses import linked, opened_of, site_of, whole_address
from api.http.responses import serve as send
from api.routers.quoting import about_of
from kg.answer.formats import Format

JSON = Format("json", links.SET_TYPE, ".json", (), aliases=("application/json",))
TEXT = Format("linkset", "application/linkset", ".linkset", ())
FORMS = (JSON, TEXT)
PROFILE = "https://signposting.org/FAIR/"


async def linkset(request: Request) -> Response:
    """Answer /linkset/<path>: what is linked with the page at a path of this site."""
    offer = negotiate.pick(request.headers.get("accept"), FORMS)
    path = "/" + request.path_params.get("path", "")
    about = await about_of(request, path, request.url.query)

    async def make() -> bytes:
        query = request.url.query
        found = linked(request, about, path + (f"?{query}" if query else ""))
        whole = found._replace(at=lambda to: whole_address(request, found.at(to)))
        return (links.write_json_set if offer is JSON else links.write_set)(whole.all())

    headers = {"Link": f'<{PROFILE}>; rel="profile"'}
    return await send(request, offer, make, headers=headers, told=f"{site_of(request)} {opened_of(request).id}")

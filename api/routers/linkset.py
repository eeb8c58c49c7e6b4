"""The link set of a page (RFC 9264): all that is linked with it, by relation, for programs that read no page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.dependencies import Exchange, Offers
from api.http import links
from api.http.addresses import site_of, whole_address
from kg.answer.formats import Format

router = APIRouter(tags=["Quoting"])

JSON = Format("json", links.SET_TYPE, ".json", (), aliases=("application/json",))
TEXT = Format("linkset", "application/linkset", ".linkset", ())
PROFILE = "https://signposting.org/FAIR/"

offers = Offers(JSON, TEXT, errors=(404, 410, 502, 504))


@router.get("/linkset/{path:path}", **offers.documented)
@router.get("/linkset", include_in_schema=False)
async def linkset(exchange: Annotated[Exchange, Depends(offers)]) -> Response:
    """What is linked with the page at a path, by relation (RFC 9264)."""
    request, query = exchange.request, exchange.query_string.decode("ascii", "ignore")
    path = "/" + exchange.params.get("path", "")
    about = await exchange.describe(path, query)

    async def write() -> bytes:
        linked = exchange.linked(about, path)
        whole = linked._replace(at=lambda to: whole_address(request, linked.at(to)))
        return (links.write_json_set if exchange.offer is JSON else links.write_set)(whole.all())

    headers = {"Link": f'<{PROFILE}>; rel="profile"'}
    return await exchange.serve(write, headers=headers, etag_extra=f"{site_of(request)} {exchange.opened.id}")

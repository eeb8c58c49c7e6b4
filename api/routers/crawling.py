"""What programs ask for that find their own way: the site map, robots.txt, and the catalogue of interfaces (RFC 9727).

Their addresses are whole, those of this server: at its public address, else at the host that the request names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api.dependencies import Exchange, Offers, cached, exchange_of
from api.http import links, negotiate
from api.http.addresses import whole_address
from api.http.links import Link
from api.http.negotiate import HTML, JSON
from api.openapi import answers, pages
from api.render.page import Page, fill
from api.routers.search import open_index
from kg import terms
from kg.answer.formats import Format
from kg.errors import UnknownName
from kg.wording import say

router = APIRouter(tags=["For programs"])

XML = Format("xml", "application/xml", ".xml", ())
TEXT = Format("txt", "text/plain", ".txt", ())
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
API_CATALOG = Format("json", f'application/linkset+json; profile="{PROFILE}"', ".json", ())
PART = 10_000  # addresses in one part of the site map; each stands there with its other languages
# Paths that robots.txt disallows: what is heavy, is made for one visitor, or is as in another release.
LEFT_ALONE = (
    "/sparql",
    "/search",
    "/suggest",
    "/cite",
    "/card/",
    "/embed/",
    "/answer/",
    "/graph",
    "/dumps/",
    "/release/",
    "/linkset/",
    "/reconcile/",
    "/questions/*?*page=",
    "/*?*show=",
    "/health",
    "/metrics",
)

plain_text, site_map = Offers(TEXT), Offers(XML, errors=(404,))
Map = Annotated[Exchange, Depends(site_map)]


@router.get("/robots.txt", **plain_text.documented)
@cached
async def robots(exchange: Annotated[Exchange, Depends(plain_text)]) -> bytes:
    """What robots leave alone."""
    return await _fill(exchange, "robots.txt", paths=LEFT_ALONE)


@router.get("/sitemap.xml", **site_map.documented)
@cached
async def sitemap(exchange: Map) -> bytes:
    """The parts of the site map."""
    return await _fill(exchange, "sitemap.xml", parts=-(-len(await _paths(exchange)) // PART))


@router.get("/sitemap/{part}", **site_map.documented)
@cached
async def sitemap_part(exchange: Map, part: Annotated[str, Path(examples=["1.xml"])]) -> bytes:
    """One part of the site map: pages, each with its languages and the day of the release."""
    name, paths = part.removesuffix(".xml"), await _paths(exchange)
    count = -(-len(paths) // PART)
    if name not in map(str, range(1, count + 1)):
        hint = say("/sitemap.xml lists its parts: %(number)d", number=count)
        raise UnknownName(say("The site map has no part %(name)s", name=repr(name[:20])), hint=hint)
    return await _fill(exchange, "sitemap-part.xml", paths=paths[(int(name) - 1) * PART : int(name) * PART])


@router.get("/.well-known/api-catalog", **answers("application/linkset+json"))
async def api_catalog(exchange: Annotated[Exchange, Depends(exchange_of)]) -> Response:
    """The interfaces of this site (RFC 9727)."""
    exchange.offer = API_CATALOG
    site, sparql, here = (_at(exchange, path) for path in ("/", "/sparql", links.CATALOG))
    common = [
        Link("service-doc", _at(exchange, "/docs"), HTML.media_type),
        Link("service-meta", _at(exchange, "/catalogue.jsonld"), "application/ld+json"),
        Link("status", _at(exchange, "/health"), JSON.media_type),
        *([] if exchange.opened.is_plain else [Link("license", terms.LICENCE)]),
    ]
    contexts = {
        here: [Link("item", site), Link("item", sparql), Link("profile", PROFILE)],
        site: [Link("service-desc", _at(exchange, "/openapi.json"), JSON.media_type), *common],
        sparql: [Link("service-desc", sparql, negotiate.TURTLE.media_type), *common],
    }

    async def write() -> bytes:
        return links.write_json_set(contexts)

    headers = {"Link": f'<{here}>; rel="api-catalog", <{PROFILE}>; rel="profile"'}
    return await exchange.serve(write, headers=headers)


async def _fill(exchange: Exchange, template: str, **context: Any) -> bytes:
    places = {
        "site": _at(exchange, "").rstrip("/"),
        "path": exchange.request.app.state.site_path,
        "day": str(exchange.opened.release.manifest["created"])[:10],  # whatever a page says is as old as its release
    }
    return await asyncio.to_thread(fill, template, page=exchange.page, **places, **context)


async def _paths(exchange: Exchange) -> Sequence[str]:
    opened, reader = exchange.opened, exchange.reader

    async def find() -> Sequence[str]:
        index = await open_index(reader)
        things = await asyncio.to_thread(index.beneath, terms.BASE) if index else []
        own = dict.fromkeys(pages(exchange.request.app.routes))
        schemes = [f"/{name.removeprefix(terms.GRAPH + 'ontology/')}" for name in opened.graphs]
        return [
            *(path for path in own if not path.startswith(("/.well-known/", *LEFT_ALONE))),
            *(f"/questions/{name}" for name in opened.questions),
            *(path.replace("/schemes/", "/scheme/") for path in schemes if path.startswith("/schemes/")),
            *filter(None, map(Page(opened, "", {}).path, things)),
        ]

    return await opened.once.find(("sitemap",), find)


def _at(exchange: Exchange, path: str) -> str:
    return whole_address(exchange.request, exchange.prefix + path)

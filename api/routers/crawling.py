"""What programs ask that find their own way: the site map, what robots leave alone, and the catalogue of interfaces (RFC 9727).

Their addresses are whole, those of this server: at its public address, else at the host that the request names.
"""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as xml
from collections.abc import Iterable, Sequence
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.http import links, negotiate
from api.http.language import PARAMETER
from api.http.links import Link
from api.http.negotiate import HTML, JSON
from api.http.responses import opened_of, prefix_of, reader_of, serve, site_of, whole_address
from api.openapi import answers, pages
from api.render.page import Page
from api.routers.search import open_index
from kg import terms
from kg.answer.formats import Format
from kg.errors import UnknownName
from kg.languages import LANGUAGES
from kg.wording import say

router = APIRouter(tags=["For programs"])

XML = Format("xml", "application/xml", ".xml", ())
TEXT = Format("txt", "text/plain", ".txt", ())
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
API_CATALOG = Format("json", f'application/linkset+json; profile="{PROFILE}"', ".json", ())
PART = 10_000  # addresses in one part of the site map; each stands there with its other languages
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
# What is heavy, is made for one visitor, or is the same once more as it was in another release.
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


@router.get("/robots.txt", **answers("text/plain"))
async def robots(request: Request) -> Response:
    """What robots leave alone."""
    offer = negotiate.pick(request.headers.get("accept"), (TEXT,))

    async def make() -> bytes:
        root = request.app.state.site_path
        lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in LEFT_ALONE), "", f"Sitemap: {_at(request)}"]
        return ("\n".join(lines) + "\n").encode()

    return await serve(request, offer, make, told=site_of(request))


@router.get("/sitemap.xml", **answers("application/xml"))
async def sitemap(request: Request) -> Response:
    """The parts of the site map."""
    offer = negotiate.pick(request.headers.get("accept"), (XML,))

    async def make() -> bytes:
        count = len(await _paths(request))
        root = xml.Element(f"{{{SITEMAP}}}sitemapindex")
        for number in range(1, -(-count // PART) + 1):
            part = xml.SubElement(root, f"{{{SITEMAP}}}sitemap")
            _say(part, "loc", _at(request, f"/sitemap/{number}.xml"))
            _say(part, "lastmod", _day(request))
        return _write(root)

    return await serve(request, offer, make, told=site_of(request))


@router.get("/sitemap/{part}", **answers("application/xml", errors=(404,)))
async def sitemap_part(request: Request, part: Annotated[str, Path(examples=["1.xml"])]) -> Response:
    """One part of the site map: pages, each with its languages and the day of the release."""
    offer = negotiate.pick(request.headers.get("accept"), (XML,))
    number = request.path_params["part"].removesuffix(".xml")
    paths = await _paths(request)
    count = -(-len(paths) // PART)
    if number not in map(str, range(1, count + 1)):
        raise UnknownName(
            say("The site map has no part %(name)s", name=repr(number[:20])),
            hint=say("/sitemap.xml lists its parts: %(number)d", number=count),
        )
    part = paths[(int(number) - 1) * PART : int(number) * PART]

    async def make() -> bytes:
        return await asyncio.to_thread(_write_part, part, site_of(request) + _release_path(request), _day(request))

    return await serve(request, offer, make, told=site_of(request))


@router.get("/.well-known/api-catalog", **answers("application/linkset+json"))
async def api_catalog(request: Request) -> Response:
    """The interfaces of this site (RFC 9727)."""
    here, site = _at(request, links.CATALOG), _at(request, "/")

    async def make() -> bytes:
        told = [
            Link("service-desc", _at(request, "/openapi.json"), JSON.media_type),
            Link("service-doc", _at(request, "/docs"), HTML.media_type),
            Link("service-meta", _at(request, "/catalogue.jsonld"), "application/ld+json"),
            Link("status", _at(request, "/health"), JSON.media_type),
            Link("license", terms.LICENCE),
        ]
        told = told[:-1] if opened_of(request).is_plain else told
        sparql = [Link("service-desc", _at(request, "/sparql"), negotiate.TURTLE.media_type), *told[1:]]
        own = [Link("item", site), Link("item", _at(request, "/sparql")), Link("profile", PROFILE)]
        return links.write_json_set({here: own, site: told, _at(request, "/sparql"): sparql})

    headers = {"Link": f'<{here}>; rel="api-catalog", <{PROFILE}>; rel="profile"'}
    return await serve(request, API_CATALOG, make, headers=headers, told=site_of(request))


async def _paths(request: Request) -> Sequence[str]:
    """List the paths of the pages: those of the table of routes, the questions, the schemes, and what the search finds."""
    opened, reader = opened_of(request), reader_of(request)

    async def find() -> Sequence[str]:
        index = await open_index(reader)
        things = await asyncio.to_thread(index.beneath, terms.BASE) if index else []
        schemes = [f"/{name.removeprefix(terms.GRAPH + 'ontology/')}" for name in opened.graphs]
        page = Page(opened, "", {})
        return [
            *(path for path in pages(request.app.routes) if _is_listed(path)),
            *(f"/questions/{name}" for name in opened.questions),
            *(path.replace("/schemes/", "/scheme/") for path in schemes if path.startswith("/schemes/")),
            *filter(None, map(page.path, things)),
        ]

    return await opened.once.find(("sitemap",), find)


def _is_listed(path: str) -> bool:
    return "{" not in path and not path.startswith(("/.well-known/", *LEFT_ALONE))


def _write_part(paths: Iterable[str], site: str, day: str) -> bytes:
    root = xml.Element(f"{{{SITEMAP}}}urlset")
    for path in paths:
        one = xml.SubElement(root, f"{{{SITEMAP}}}url")
        _say(one, "loc", site + path)
        _say(one, "lastmod", day)
        for code in LANGUAGES:
            told = {"rel": "alternate", "hreflang": code, "href": f"{site}{path}?{PARAMETER}={code}"}
            xml.SubElement(one, f"{{{XHTML}}}link", told)
        xml.SubElement(one, f"{{{XHTML}}}link", {"rel": "alternate", "hreflang": "x-default", "href": site + path})
    return _write(root)


def _write(root: xml.Element) -> bytes:
    xml.register_namespace("", SITEMAP)
    xml.register_namespace("xhtml", XHTML)
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _say(parent: xml.Element, name: str, text: str) -> None:
    xml.SubElement(parent, f"{{{SITEMAP}}}{name}").text = text


def _day(request: Request) -> str:
    """Tell when the release was made: whatever a page says is as old as that."""
    return str(opened_of(request).release.manifest["created"])[:10]


def _release_path(request: Request) -> str:
    return prefix_of(request).removeprefix(request.app.state.site_path)


def _at(request: Request, path: str = "/sitemap.xml") -> str:
    return whole_address(request, prefix_of(request) + path)

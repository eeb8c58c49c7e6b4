"""The crosswalks to other vocabularies, as the release holds them: a list, and each as a page, as SSSOM and as SKOS."""

from __future__ import annotations

import asyncio
import io
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import PageNumber
from api.http import negotiate
from api.http.language import visit_of
from api.http.negotiate import HTML, JSON
from api.http.responses import About, alternates, opened_of, reader_of, serve, write_json
from api.openapi import answers
from api.render import paging
from kg import crosswalks, terms
from kg.answer.formats import GRAPH, Format, by_name
from kg.crosswalks import Crosswalk, Line
from kg.errors import UnknownName
from kg.languages import N_
from kg.store import Query as StoreQuery
from kg.store import Store
from kg.wording import say

router = APIRouter(tags=["Tables"])

TSV = Format("tsv", crosswalks.MEDIA_TYPE, ".tsv", frozenset(), ())
TURTLE, JSONLD = (by_name(name, GRAPH) for name in ("ttl", "jsonld"))
FORMS = (HTML, TSV, TURTLE, JSONLD)
SSSOM = crosswalks.SUFFIX.removesuffix(TSV.suffix)
AT_ONCE = 20  # things on a page, each with all that it corresponds to
TITLE = N_("Crosswalks to other vocabularies")


@router.get("/crosswalks", **answers(HTML, JSON))
async def listed(request: Request) -> Response:
    """Mappings to other vocabularies, and by whom."""
    offer = negotiate.choose(request.headers.get("accept"), (HTML, JSON))
    about = About(visit_of(request).language.gettext(TITLE), terms.BASE + "crosswalks")

    async def make() -> bytes:
        found = await _all(request)
        if offer is JSON:
            told = [{"name": one.name, **one.head, "mappings": len(one.rows)} for one in found.values()]
            return write_json({"crosswalks": told, "release": opened_of(request).id})
        return await reader_of(request).fill("crosswalks.html", about=about, crosswalks=[*found.values()])

    return await serve(request, offer, make, about=about)


@router.get("/crosswalks/{name}", **answers(*FORMS, errors=(404,)))
async def one(request: Request, name: Annotated[str, Path()], page: PageNumber = 1) -> Response:
    """One crosswalk: as SSSOM (.tsv), or its mappings as SKOS (.ttl .jsonld)."""
    name, suffix = negotiate.split_suffix(request.path_params["name"], FORMS)
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix)
    name = name.removesuffix(SSSOM) if suffix == TSV.name else name  # as the file is called in the release
    found = await _all(request)
    if name not in found:
        none = say("This release was made without crosswalks.")
        hint = say("There are: %(known)s", known=", ".join(found)) if found else none
        raise UnknownName(say("There is no such crosswalk"), hint=hint)
    walk, path = found[name], f"/crosswalks/{name}"
    about = About(walk.title, terms.BASE + path[1:], alternates(path, FORMS[1:]), kind="dataset")

    async def make() -> bytes:
        if offer is HTML:
            by_thing: dict[str, list[Line]] = {}
            for row in walk.rows:
                by_thing.setdefault(walk.expand(row.subject_id), []).append(row)
            part = paging.part_of(list(by_thing.items()), page, at_once=AT_ONCE)
            things = [thing for thing, _ in part.rows]
            return await reader_of(request).fill("crosswalk.html", also=things, about=about, walk=walk, part=part)
        if offer is TSV:
            return await asyncio.to_thread(
                (opened_of(request).release.path / f"{path[1:]}{crosswalks.SUFFIX}").read_bytes
            )
        return await asyncio.to_thread(_write, walk, offer)

    return await serve(request, offer, make, about=about)


async def _all(request: Request) -> dict[str, Crosswalk]:
    """Read the crosswalks of the release by name, once."""
    opened = opened_of(request)

    async def read() -> dict[str, Crosswalk]:
        names, path = crosswalks.names(opened.release.manifest["outputs"]), opened.release.path
        return await asyncio.to_thread(lambda: {name: crosswalks.read(path, name) for name in names})

    return await opened.once.find(("crosswalks",), read)


def _write(walk: Crosswalk, offer: Format) -> bytes:
    """Write a crosswalk as SKOS."""
    with Store.memory() as store:
        store.add(walk.quads())
        if offer is TURTLE:
            target = io.BytesIO()
            store.dump(target, format="ttl", graph=None)
            return target.getvalue()
        return store.answer(StoreQuery("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", offer.name)).body

"""What was withdrawn, when and for which kind of reason: the tombstones of a release, and the releases that were removed."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import PageNumber
from api.http import negotiate
from api.http.negotiate import HTML, JSON
from api.http.responses import About, alternates, opened_of, reader_of, serve, write_json
from api.openapi import answers
from api.render import paging
from kg import release, terms
from kg.answer import formats
from kg.languages import N_
from kg.terms import Iri, Literal, to_json

router = APIRouter(tags=["Pages"])

CSV = formats.by_name("csv", formats.ANSWER)
FORMS = (HTML, JSON, CSV)
AT_ONCE = 30  # things on a page
COLUMNS = ("kind", "address", "withdrawn_on", "reason", "replaced_by")


@router.get("/withdrawn", **answers(*FORMS))
@router.get("/withdrawn.{suffix}", include_in_schema=False, **answers(*FORMS, errors=(404,)))
async def listed(request: Request, page: PageNumber = 1) -> Response:
    """What was withdrawn and when, without names (.json .csv)."""
    suffix = request.path_params.get("suffix")
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix)
    about = About(N_("What was withdrawn"), terms.BASE + "withdrawn", alternates("/withdrawn", (JSON, CSV)))
    gone = await asyncio.to_thread(release.removed, request.app.state.settings.out)

    async def make() -> bytes:
        things = await reader_of(request).ask("withdrawn")
        told = [("thing", one["thing"], one["day"], one["reason"], one["instead"] or "") for one in things]
        told += [("release", terms.RELEASE + one.id, one.removed, one.reason, "") for one in reversed(gone)]
        if offer is HTML:
            part = paging.part_of(things, page, at_once=AT_ONCE)
            return await reader_of(request).fill("withdrawn.html", part.rows, about=about, part=part, gone=gone)
        listed = [dict(zip(COLUMNS, line, strict=True)) for line in told]
        if offer is JSON:
            return write_json({"withdrawn": listed, "release": opened_of(request).id})
        cells = [{name: to_json(_term(name, value)) for name, value in line.items()} for line in listed]
        return formats.write_csv(COLUMNS, cells)

    return await serve(request, offer, make, about=about, told=",".join(one.id for one in gone))


def _term(name: str, value: str) -> Iri | Literal:
    return Iri(value) if value and name in ("address", "replaced_by") else Literal(value)

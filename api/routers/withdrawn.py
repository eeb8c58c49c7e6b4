"""What was withdrawn, when and for which kind of reason: the tombstones of a release, and the releases that were removed."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, PageNumber, alternates
from api.http.addresses import write_json
from api.http.negotiate import HTML, JSON
from api.render import paging
from api.routers.changes import ids_of
from kg import release, terms
from kg.answer import formats
from kg.languages import N_
from kg.terms import Literal, to_json

router = APIRouter(tags=["Pages"])

CSV = formats.by_name("csv", formats.ANSWER)
AT_ONCE = 30  # things on a page
COLUMNS = ("kind", "address", "withdrawn_on", "reason", "replaced_by")

about = About(N_("What was withdrawn"), terms.BASE + "withdrawn", alternates("/withdrawn", (JSON, CSV)))
withdrawals = Offers(HTML, JSON, CSV, about=about, model=models.Withdrawals)


@router.get("/withdrawn", **withdrawals.documented)
@router.get("/withdrawn.{suffix}", include_in_schema=False)
async def listed(exchange: Annotated[Exchange, Depends(withdrawals)], page: PageNumber = 1) -> Response:
    """What was withdrawn and when, without names (.json .csv)."""
    gone = await asyncio.to_thread(release.removed, exchange.settings.out)

    async def write() -> bytes:
        things = await exchange.reader.ask("withdrawn")
        if exchange.offer is HTML:
            part = paging.part_of(things, page, at_once=AT_ONCE)
            return await exchange.fill("withdrawn.html", part.rows, part=part, gone=gone)
        lines = [("thing", one["thing"], one["day"], one["reason"], one["instead"] or "") for one in things]
        lines += [("release", terms.RELEASE + one.id, one.removed, one.reason, "") for one in reversed(gone)]
        rows = [dict(zip(COLUMNS, line, strict=True)) for line in lines]
        if exchange.offer is JSON:
            return write_json({"withdrawn": rows, "release": exchange.opened.id})
        return formats.write_csv(
            COLUMNS, [{name: to_json(Literal(text)) for name, text in row.items()} for row in rows]
        )

    return await exchange.serve(write, etag_extra=ids_of(gone))

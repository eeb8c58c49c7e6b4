"""Engagement bases by kind of act and treaty: a table, and a list for one kind of act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers, Section
from api.http.negotiate import HTML
from api.render.page import fill
from api.render.paging import SHOW
from kg import rows, terms
from kg.answer.formats import ANSWER, by_name
from kg.errors import BadParameter
from kg.languages import N_
from kg.rows import natural
from kg.wording import say

router = APIRouter(tags=["Pages"])

ACT = terms.term("Act")
QUERIES = ("act-classes", "all-bases", "no-bases", "treaties")
QUESTION = "/questions/acts-and-treaties"
TABLE = "table"
CONDITIONS = ("circumstance", "further", "answer")
DATA = tuple((one.media_type, f"{QUESTION}{one.suffix}") for one in (by_name(name, ANSWER) for name in ("csv", "json")))

bases = Offers(HTML, about=About(N_("Which acts engage which treaties, and why not"), terms.BASE + "bases", DATA))


@router.get("/bases", **bases.documented)
async def listed(exchange: Annotated[Exchange, Depends(bases)], show: Section = "") -> Response:
    """Kinds of acts by treaties: the engagement bases, and the reasons where there is none."""

    async def write() -> bytes:
        tables = await exchange.reader.ask_all(QUERIES)
        page = await exchange.reader.page(*tables.values(), also=[ACT])
        kinds = rows.gather(tables["act-classes"], "kind", "above")
        kinds.sort(key=lambda row: [page.name(iri) for iri in row["aboves"]])
        iri = ACT if show in ("", TABLE) else terms.term(show)
        shown = next((row for row in kinds if row["kind"] == iri), None)
        if shown is None:
            raise BadParameter(
                say("%(show)s is no kind of act here", show=f"{show[:40]!r}"), where=SHOW, hint=say("/bases lists them")
            )
        depths = {row["kind"]: len(row["aboves"]) for row in kinds}
        stated = sorted(
            tables["all-bases"], key=lambda row: (natural(page.short(row["provision"])), depths[row["class"]])
        )
        reasons = rows.by(tables["no-bases"], "class")
        return fill(
            "bases.html",
            page=page,
            about=exchange.about,
            question=QUESTION,
            is_table=show == TABLE,
            treaties=sorted((row["treaty"] for row in tables["treaties"]), key=lambda iri: page.short(iri).casefold()),
            kinds=kinds,
            shown=shown,
            engaged={
                kind: rows.by(rows.gather(some, "basis", *CONDITIONS), "treaty")
                for kind, some in rows.by(stated, "kind").items()
            },
            # The nearest reason for a treaty holds, and a provision is left out for the very kind alone.
            reasons={row["left"]: row["rationale"] for iri in shown["aboves"] for row in reasons[iri]},
            left_out=[row for row in rows.by_number(reasons[shown["kind"]], "left") if row["treaty"]],
        )

    return await exchange.serve(write)

"""What kinds of acts engage of each treaty, by which basis, and why the others engage nothing: a table, and a list by kind of act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.negotiate import HTML
from api.http.responses import About, reader_of, serve
from api.openapi import answers
from api.render import rows
from api.render.page import Page, fill
from api.render.paging import SHOW
from kg import terms
from kg.answer.formats import ANSWER, by_name
from kg.answer.narrowing import natural
from kg.errors import BadParameter
from kg.languages import N_
from kg.wording import say

router = APIRouter(tags=["Pages"])

ACT = terms.term("Act")
QUERIES = ("act-classes", "all-bases", "no-bases", "treaties")
CONDITIONS = ("circumstance", "further", "answer")
QUESTION = "/questions/acts-and-treaties"
TABLE = "table"
FEW = 4  # kinds of acts that a condition names


class Engaged(NamedTuple):
    """A provision that acts of a class engage: by which basis, stated for which class, and its conditions in words."""

    provision: str
    basis: str
    stated: str
    condition: str


class Kind(NamedTuple):
    """A class of acts: what it engages of each treaty, and why nothing of the others."""

    iri: str
    depth: int  # 0 for any act at all
    engaged: Mapping[str, Sequence[Engaged]]  # by treaty
    reasons: Mapping[str, Sequence[str]]  # the treaties by the reason that they share
    left_out: Sequence[tuple[str, str]]  # provisions, each with its reason
    general: Sequence[str]  # treaties of which it engages what any act does, and no more

    def cells(self, treaty: str) -> dict[str, list[Engaged]]:
        """Sort what it engages of a treaty by provision, in order."""
        found: dict[str, list[Engaged]] = {}
        for one in self.engaged[treaty]:
            found.setdefault(one.provision, []).append(one)
        return found


@router.get("/bases", **answers(HTML))
async def listed(
    request: Request,
    show: Annotated[
        str | None,
        Query(
            description="One section of a page, alone and in full; a section that the page does not have is refused with those that it has. Of a frame: `picture`, or `table` where there is none or it is asked for. Data formats have no sections."
        ),
    ] = None,
) -> Response:
    """Kinds of acts by treaties: the engagement bases, and the reasons where there is none."""
    negotiate.choose(request.headers.get("accept"), (HTML,))
    offers = [by_name(name, ANSWER) for name in ("csv", "json")]
    data = tuple((one.media_type, f"{QUESTION}{one.suffix}") for one in offers)
    about = About(N_("Which acts engage which treaties, and why not"), terms.BASE + "bases", data)
    reader = reader_of(request)

    show = request.query_params.get(SHOW, "")

    async def make() -> bytes:
        tables = await reader.ask_all(QUERIES)
        page = await reader.page(*tables.values(), also=[ACT])
        treaties = sorted({row["treaty"] for row in tables["treaties"]}, key=lambda iri: page.short(iri).casefold())
        kinds = _kinds(page, tables, treaties)
        wanted = ACT if show in ("", TABLE) else terms.term(show)
        shown = next((one for one in kinds if one.iri == wanted), None)
        if shown is None:
            raise BadParameter(
                say("%(show)s is no kind of act here", show=f"{show[:40]!r}"), where=SHOW, hint=say("/bases lists them")
            )
        told = {"treaties": treaties, "kinds": kinds, "shown": shown, "is_table": show == TABLE}
        return fill("bases.html", page=page, about=about, question=QUESTION, **told)

    return await serve(request, HTML, make, about=about)


def _kinds(page: Page, tables: Mapping[str, list[rows.Row]], treaties: Sequence[str]) -> list[Kind]:
    """List the classes of acts, each after the one it is below, with what they engage and what not."""
    stated = rows.by(rows.gather(tables["all-bases"], "basis", *CONDITIONS), "class")
    left = rows.by(tables["no-bases"], "class")
    below = rows.by(tables["act-classes"], "above")
    made = []

    def walk(iri: str, line: tuple[str, ...]) -> None:
        line = (*line, iri)
        engaged: dict[str, list[Engaged]] = {}
        for row in (row for one in line if one != ACT or iri == ACT for row in stated[one]):
            provision, condition = row["provision"], _condition(page, row)
            engaged.setdefault(row["treaty"], []).append(Engaged(provision, row["basis"], row["class"], condition))
        for found in engaged.values():
            found.sort(key=lambda one: natural(page.short(one.provision)))
        whole = {} if iri == ACT else {row["left"]: row["rationale"] for one in line for row in left[one]}
        general = {row["treaty"] for row in stated[ACT]} - engaged.keys()
        reasons: dict[str, list[str]] = {}
        for treaty in treaties:
            if treaty in whole and treaty not in engaged and treaty not in general:
                reasons.setdefault(whole[treaty], []).append(treaty)
        apart = [(row["left"], row["rationale"]) for row in left[iri] if row["treaty"]]
        apart.sort(key=lambda one: natural(page.short(one[0])))
        made.append(Kind(iri, len(line) - 1, engaged, reasons, apart, [one for one in treaties if one in general]))
        for lower in sorted({row["class"] for row in below[iri]}, key=page.name):
            walk(lower, line)

    walk(ACT, ())
    return made


def _condition(page: Page, row: rows.Row) -> str:
    """Write the conditions of a basis in a few words; nothing where it has none."""
    _, told = page.language.gettext, []
    for names, text in ((row["circumstances"], _("where: %(things)s")), (row["furthers"], _("and: %(things)s"))):
        if names:
            told.append(text % {"things": _any_of(page, [page.name(iri) for iri in names])})
    if row["answers"]:
        text = _("not answered: %(things)s, by officials") if _says(row["official"]) else _("not answered: %(things)s")
        told.append(text % {"things": _any_of(page, [page.name(iri) for iri in row["answers"]])})
    if _says(row["period"]):
        told.append(_("in the time of the duty"))
    if _says(row["communication"]):
        told.append(_("where a complaint is struck that the provision is about"))
    return "; ".join(told)


def _says(cell: rows.Cell | None) -> bool:
    return cell is not None and cell.is_true


def _any_of(page: Page, names: list[str]) -> str:
    """Write alternatives; of many, the first few and how many more there are."""
    _ = page.language.gettext
    if len(names) > FEW + 1:
        names = [*names[:FEW], _("one of %(number)s other kinds") % {"number": len(names) - FEW}]
    return _(" or ").join(filter(None, (", ".join(names[:-1]), names[-1])))

"""Pages of which a template holds the words: the front page, those about the record and who stands behind it, and the engagement bases."""

import asyncio
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.dependencies import SHOW, About, Exchange, Offers, OwnParameters, Section, alternates, cached
from api.http.negotiate import CSV, HTML, JSON
from api.routers.changes import all_releases, releases_key
from kg import changes, release, rows, terms
from kg.answer.questions import QuestionAnswer
from kg.errors import AnswerableError, BadParameter
from kg.languages import N_
from kg.sparql.question import Question
from kg.wording import say

router = APIRouter(tags=["Pages"], route_class=OwnParameters)

BASES = ("act-classes", "all-bases", "no-bases", "treaties")
ACT = terms.term("Act")
TABLE = "table"
QUESTION = "/questions/acts-and-treaties"  # the bases as data

front = Offers(HTML, about=About("Answerable", terms.BASE, (("application/atom+xml", "/changes.atom"),)))


@router.get("/", **front.documented)
@cached
async def home(exchange: Annotated[Exchange, Depends(front)]) -> bytes:
    """What this is, what one can ask, and what is recorded most of."""
    tables = await exchange.ask_all(("front-events", "breached-most", "counted", "front-questions", "sizes"))
    questions = exchange.opened.questions
    offered = [(questions[row["question"]], row) for row in tables["front-questions"] if row["question"] in questions]
    return await exchange.fill(
        "home.html",
        tables=tables,
        questions=[question for question, _ in offered],
        examples=[await _example(exchange, question) for question, row in offered if row["answered"].is_true],
    )


async def _example(exchange: Exchange, question: Question) -> QuestionAnswer:
    opened, language = exchange.opened, exchange.language
    key = ("example", question.name, language.code)
    return await opened.once.find(key, partial(opened.ask, question, question.examples, language))


def _add(name: str, title: str, summary: str, *queries: str) -> None:
    offers = Offers(HTML, about=About(title, terms.BASE + name))

    async def write(exchange: Exchange = Depends(offers)) -> bytes:
        tables: dict[str, Any] = await exchange.ask_all(queries)
        return await exchange.fill(f"{name}.html", **tables)

    router.add_api_route(f"/{name}", cached(write), name=name, description=summary, **offers.documented)


_add(
    "about",
    N_("About Answerable"),
    "What this is, for whom, what is not in it, and how old each record is.",
    *("records", "sizes"),
)
_add(
    "method",
    N_("How to read the record"),
    "How to read the record: acts, found, alleged, duty applied, dates, none recorded.",
    "accuracy",
)
_add("protection", N_("Protection of persons"), "How people at risk are protected.")

contacting = Offers(HTML, about=About(N_("Contact"), terms.BASE + "contact"))


@router.get("/contact", **contacting.documented)
@cached
async def contact(
    exchange: Annotated[Exchange, Depends(contacting)],
    of: Annotated[
        str,
        Query(
            description="The path of the page that a report is about, with its parameters.",
            examples=["/countries"],
            max_length=2000,
        ),
    ] = "",
) -> bytes:
    """Who answers for this server, and where to report an error."""
    path, _, query = of.partition("?")
    page = (of, of)
    with suppress(AnswerableError):  # an error may be reported on a page that is not there
        about = await exchange.describe(path, query)
        page = (about.title, about.canonical)
    return await exchange.fill("contact.html", message=exchange.page.message(*page) if of else ())


corrected = Offers(HTML, about=About(N_("Corrections"), terms.BASE + "corrections"))


@router.get("/corrections", **corrected.documented)
@partial(cached, key=releases_key)
async def corrections(exchange: Annotated[Exchange, Depends(corrected)]) -> bytes:
    """What was withdrawn, replaced and changed."""
    compared = [
        (before, after, [file for file in changes.changed_files(before, after) if file.path.startswith("data/")])
        for before, after in pairwise(await all_releases(exchange))
    ]
    return await exchange.fill(
        "corrections.html",
        withdrawn=await exchange.ask("withdrawn"),
        gone=await asyncio.to_thread(release.removed, exchange.settings.out),
        changes=compared[::-1],
    )


engaging = Offers(
    HTML,
    about=About(
        N_("Which acts fall under which treaties, and why not"), terms.BASE + "bases", alternates(QUESTION, (CSV, JSON))
    ),
)


@router.get("/bases", **engaging.documented)
@cached
async def bases(exchange: Annotated[Exchange, Depends(engaging)], show: Section = "") -> bytes:
    """Kinds of acts by treaties: the judgements by which duties apply, and the reasons where there is none."""
    tables = await exchange.ask_all(BASES)
    kind = ACT if show in ("", TABLE) else terms.term(show)
    # Of any act nothing is uncovered: its kinds have bases of their own.
    uncovered = await exchange.ask("uncovered", this=terms.Iri(kind)) if kind != ACT else []
    page = await exchange.page_of([tables, uncovered], also=[ACT])
    kinds = rows.gather(tables["act-classes"], "kind", "above")
    kinds.sort(key=lambda row: [page.name(iri) for iri in row["aboves"]])
    by_kind = {row["kind"]: row for row in kinds}
    shown = by_kind.get(kind)
    if shown is None:
        raise BadParameter(
            say("%(show)s is no kind of act here", show=f"{show!r}"), where=SHOW, hint=say("/bases lists them")
        )

    def place(row: rows.Row) -> tuple[bool, list[Any], int]:
        return (
            not row["leads"].is_true,
            rows.natural(page.short(row["provision"])),
            len(by_kind[row["class"]]["aboves"]),
        )

    stated = rows.by(sorted(tables["all-bases"], key=place), "kind")
    reasons = rows.by(tables["no-bases"], "class")
    return await exchange.fill_page(
        "bases.html",
        page,
        question=QUESTION,
        is_table=show == TABLE,
        treaties=sorted((row["treaty"] for row in tables["treaties"]), key=lambda iri: page.short(iri).casefold()),
        kinds=kinds,
        shown=shown,
        engaged={
            kind: rows.by(rows.gather(some, "basis", "circumstance", "further", "answer"), "treaty")
            for kind, some in stated.items()
        },
        # The nearest reason for a treaty holds, and a provision is left out for the very kind alone.
        reasons={row["left"]: row["rationale"] for iri in shown["aboves"] for row in reasons[iri]},
        uncovered=rows.by_number(uncovered, "provision"),
        left_out=[row for row in rows.by_number(reasons[shown["kind"]], "left") if row["treaty"]],
    )

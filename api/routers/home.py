"""The front page: what this is, what one can ask, and what is recorded most of."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers
from api.http.negotiate import HTML
from kg import rows, terms
from kg.answer import questions
from kg.answer.questions import Answer
from kg.sparql.question import Question

router = APIRouter(tags=["Pages"])

QUERIES = ("front-events", "breached-most", "counted", "front-questions", "sizes")
front = Offers(HTML, about=About("Answerable", terms.BASE, (("application/atom+xml", "/changes.atom"),)))


@router.get("/", **front.documented)
async def home(exchange: Annotated[Exchange, Depends(front)]) -> Response:
    """What this is, what one can ask, and what is recorded most of."""

    async def write() -> bytes:
        tables = await exchange.reader.ask_all(QUERIES)
        known = exchange.opened.questions
        offered = [(known[row["question"]], row) for row in tables["front-questions"] if row["question"] in known]
        return await exchange.fill(
            "home.html",
            *tables.values(),
            questions=[question for question, _ in offered],
            examples=[await _example(exchange, question) for question, row in offered if row["answered"].is_true],
            sizes=rows.by(tables["sizes"], "list"),
            events=rows.gather(tables["front-events"], "thing", "place"),
            countries=tables["breached-most"],
            figures=rows.by(tables["counted"], "event"),
        )

    return await exchange.serve(write)


async def _example(exchange: Exchange, question: Question) -> Answer:
    """Answer a question with the values of its example, once for a release and language."""
    opened, language = exchange.opened, exchange.language
    values = {one.name: one.example for one in question.parameters if not one.optional}
    ask = partial(questions.ask, opened.asked, question, values, opened.id, opened.known, language)
    return await opened.once.find(("example", question.name, language.code), ask)

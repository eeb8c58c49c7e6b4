"""The pictures of answers: as SVG and PNG, what a page needs to show one, and the page that others put in a frame."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers
from api.http.middleware import FRAMED
from api.http.negotiate import HTML
from api.render.page import query_string
from api.routers import questions
from kg import picture, terms
from kg.answer import formats, narrowing, pictures
from kg.errors import BadParameter
from kg.sparql.question import Question
from kg.wording import say

router = APIRouter(tags=["Questions"])

SVG, PNG = (formats.by_name(name, formats.ANSWER) for name in ("svg", "png"))
# A picture that is opened by itself loads nothing and runs nothing, as one within a page.
SEALED = {"Content-Security-Policy": "default-src 'none'; sandbox"}
Name = Annotated[str, Path(examples=["coverage"])]
Kind = Annotated[
    str,
    Query(
        alias="picture",
        description="Which kind of picture, where a question has several; without it, its first.",
        examples=["timeline"],
    ),
]
Width = Annotated[
    str, Query(description="For a wide page (760 pixels, the default) or a telephone (360).", examples=["narrow"])
]


def _own(question: Question, exchange: Exchange) -> tuple[dict[str, str], str | None, int]:
    """Split the values of an address into those of the question, and which picture is wanted, how wide.

    What a question calls by the same name is the question's. Raises BadParameter for a picture that it does not have.
    """
    values = dict(exchange.values)
    named = {one.name for one in question.parameters}
    kind, width = (values.pop(key, "") if key not in named else "" for key in ("picture", "width"))
    if (width or "wide") not in pictures.WIDTHS:
        message = say("There is no width %(width)s", width=f"{width[:20]!r}")
        raise BadParameter(message, where="width", hint=say("Use %(names)s", names=" / ".join(pictures.WIDTHS)))
    pictures.drawing_of(question, kind)
    return values, kind or None, pictures.WIDTHS[width or "wide"]


async def _about(exchange: Exchange) -> About:
    question = exchange.opened.find_question(exchange.params["name"])
    values, _, _ = _own(question, exchange)
    other = PNG if exchange.offer is SVG else SVG
    return await questions.about_answer(exchange, question, values, (HTML, other))


svg, png = (Offers(form, about=_about, errors=questions.ERRORS) for form in (SVG, PNG))


@router.get("/questions/{name}.svg", **svg.documented)
async def as_svg(
    exchange: Annotated[Exchange, Depends(svg)], name: Name, kind: Kind = "", width: Width = ""
) -> Response:
    """The picture of an answer, where its question has one."""
    return await _draw(exchange)


@router.get("/questions/{name}.png", **png.documented)
async def as_png(
    exchange: Annotated[Exchange, Depends(png)], name: Name, kind: Kind = "", width: Width = ""
) -> Response:
    """The same as PNG."""
    return await _draw(exchange)


async def _draw(exchange: Exchange) -> Response:
    question = exchange.opened.find_question(exchange.params["name"])
    values, kind, width = _own(question, exchange)

    async def write() -> bytes:
        answer = await questions.ask(exchange, question, values)
        drawing = await asyncio.to_thread(pictures.draw_answer, answer, kind, width)
        return await asyncio.to_thread(picture.write_png, drawing) if exchange.offer is PNG else drawing.svg.encode()

    return await exchange.serve(write, headers=SEALED)


async def _about_frame(exchange: Exchange) -> About:
    question = exchange.opened.find_question(exchange.params["name"])
    values = {name: value for name, value in exchange.values.items() if name != "show"}
    query = f"?{text}" if (text := query_string(values)) else ""
    return About(question.title, f"{terms.BASE}questions/{question.name}{query}")


frame = Offers(HTML, about=_about_frame, errors=questions.ERRORS)


@router.get("/embed/questions/{name}", **frame.documented)
async def framed(
    exchange: Annotated[Exchange, Depends(frame)],
    name: Name,
    show: Annotated[Literal["", "picture", "table"], Query(description="What the frame shows.")] = "",
    kind: Kind = "",
) -> Response:
    """The picture of an answer or its table, for the frames of other sites."""
    question = exchange.opened.find_question(name)
    values = dict(exchange.values)
    values.pop("show", None)
    is_table = (show or ("picture" if question.pictures else "table")) == "table"
    chosen = None
    if not is_table:
        values, chosen, _ = _own(question, exchange)
        values.pop("show", None)

    async def write() -> bytes:
        answer = await questions.ask(exchange, question, {narrowing.PAGE: "1", **values} if is_table else values)
        shown = None if is_table else await asyncio.to_thread(pictures.show, answer, chosen)
        iris = {term["value"] for row in answer.rows for term in row.values() if term["type"] == "uri"}
        context = {"answer": answer, "picture": shown, "values": values, "open_passages": narrowing.CITED}
        return await exchange.fill("embed.html", also=[*iris, *answer.citations], **context)

    return await exchange.serve(write, headers={"Content-Security-Policy": FRAMED})

"""The named questions, as pages, data and pictures: the same rows in every format, each with its passages and the release."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, cached
from api.http import problems
from api.http.addresses import write_json
from api.http.middleware import FRAMED
from api.http.negotiate import ANSWERS, ATOM, HTML, JSON, PNG, SVG, wants_page
from api.render.page import Page, add_query, query_string
from api.routers import feeds
from api.routers.changes import releases_key
from kg import csvw, terms
from kg.answer import citation, formats, narrowing, pictures, questions
from kg.answer.names import find_places
from kg.answer.questions import QuestionAnswer
from kg.errors import AnswerableError, BadParameter
from kg.languages import N_
from kg.sparql.question import FIRST_YEAR, TOPICS, Question, last_year

router = APIRouter(tags=["Questions"])

ERRORS: tuple[int, ...] = (404, 422, 500, 502, 504)
SAVED = ("xlsx", "sheet")  # the forms a browser should save rather than show
LINKED = ("json", "csv", "xlsx", "md", "ttl")  # the forms a page links to
# A picture that is opened by itself loads nothing and runs nothing, as one within a page.
SEALED = {"Content-Security-Policy": "default-src 'none'; sandbox"}
MOST_LISTED, MOST_BESIDE = 300, 60  # things that a form lists, and one beside an answer

listing = Offers(
    *(HTML, JSON),
    about=About(N_("Questions"), terms.BASE + "questions", (("application/json", "/questions?format=json"),)),
    model=models.Questions,
)


@router.get("/questions", **listing.documented)
@cached
async def listed(exchange: Annotated[Exchange, Depends(listing)]) -> bytes:
    """The named questions."""
    language, opened = exchange.language, exchange.opened
    translated = [questions.translate(question, language) for question in opened.questions.values()]
    if exchange.offer is HTML:
        topics = [(key, name, [each for each in translated if each.topic == key]) for key, name in TOPICS.items()]
        return await exchange.fill("questions.html", topics=topics)
    rows = [{**vars(question), "href": f"{exchange.opened.base}questions/{question.name}"} for question in translated]
    listed = models.Questions.model_validate({"questions": rows, "release": opened.id}, from_attributes=True)
    return write_json(listed.model_dump(by_alias=True))


# A program that is generated from the description sends every default, and data have no picture: so there is none here.
Kind = Annotated[
    str | None,
    Query(
        description="Which kind of picture, where a question has several; without it, its first.", examples=["timeline"]
    ),
]


def _address(question: Question, values: Mapping[str, str], suffix: str = "") -> str:
    return add_query(f"/questions/{question.name}{suffix}", query_string(values))


async def _about(exchange: Exchange) -> About:
    """Describe the page of a question, or a data file of its answer; a picture is cited as one."""
    opened, form, values = exchange.opened, exchange.offer, exchange.values
    question = opened.find_question(exchange.params["name"])
    linked = [other for other in ANSWERS if other.name in LINKED]
    is_picture = form in (SVG, PNG)
    if is_picture:
        pictures.drawing_of(question, values.get("picture", ""))
        values = {name: value for name, value in values.items() if name not in ("picture", "width")}
        linked = [HTML, PNG if form is SVG else SVG]
    title = exchange.language.gettext(question.title)
    in_address = {name: Page.short_iri(value) for name, value in values.items()}
    is_put = bool(values) or not question.parameters
    if is_put:
        try:
            put = await questions.put(opened.pages, question, values, opened.id, opened.names, exchange.language)
        except BadParameter:  # the answer itself will say it; a question that cannot be put has no data and no lead
            return About(title, terms.BASE + _address(question, {})[1:], subject=(question, values))
        title, in_address = put.sentence, put.query
    if any(in_address.values()) or not question.parameters:
        linked.append(ATOM)

    async def lead() -> str:
        return (await opened.ask(question, in_address, exchange.language)).lead

    address = partial(_address, question, in_address)
    return About(
        title,
        terms.BASE + address(form.suffix if is_picture else "")[1:],
        tuple((other.media_type, address(other.suffix)) for other in linked),
        "graphic" if is_picture else "dataset",
        lead=lead if is_put and not is_picture else None,
        described_by=(csvw.MEDIA_TYPE, address(f".{csvw.SUFFIX}")) if form.name == "csv" else None,
        subject=(question, values),
    )


offers = Offers(HTML, *ANSWERS, ATOM, about=_about, stem="name", model=models.Answer, errors=ERRORS)


@router.get("/questions/{name}", **offers.documented)
async def answered(
    exchange: Annotated[Exchange, Depends(offers)],
    name: Annotated[str, Path(examples=["coverage"])],
    picture: Kind = None,
    width: Annotated[
        Literal["wide", "narrow"] | None,
        Query(
            description="Of a picture: for a wide page (760 pixels, the default) or a telephone (360).",
            examples=["narrow"],
        ),
    ] = None,
) -> Response:
    """One question: the form, its answer (.json .csv .xlsx .md .geojson .ttl .atom), and its chart or map (.svg .png)."""
    offer, (question, values) = exchange.offer, exchange.about.subject
    if offer is HTML:
        return await _page(exchange, question)
    if offer in (SVG, PNG):
        draw = partial(_draw, exchange, picture or "", pictures.WIDTHS[width or "wide"])
        return await exchange.serve(draw, headers=SEALED)
    day = citation.today() if offer.is_dated else ""

    async def write() -> bytes:
        answer = await exchange.opened.ask(question, values, exchange.language)
        if offer is ATOM:
            return await feeds.question(exchange, answer)
        if offer.has_places:
            answer = replace(answer, places=await find_places(exchange.opened.pages, answer.things))
        return await asyncio.to_thread(formats.write_answer, replace(answer, fetched=day), offer.name)

    headers = {}
    if offer.name in SAVED:
        headers["Content-Disposition"] = f'attachment; filename="{question.name}{offer.suffix}"'
    if day:
        headers["Cache-Control"] = "no-store"  # it says the day, so no copy of it may be shown on another
    key = await releases_key(exchange) if offer is ATOM else day
    return await exchange.serve(write, headers=headers, etag_extra=key)


async def _draw(exchange: Exchange, kind: str, width: int) -> bytes:
    question, values = exchange.about.subject
    answer = await exchange.opened.ask(question, values, exchange.language)
    drawn = await asyncio.to_thread(pictures.draw_answer, answer, kind, width)
    return await exchange.paint(drawn) if exchange.offer is PNG else drawn.svg.encode()


async def _about_frame(exchange: Exchange) -> About:
    question = exchange.opened.find_question(exchange.params["name"])
    values = {name: value for name, value in exchange.values.items() if name not in ("show", "picture")}
    return About(question.title, terms.BASE + _address(question, values)[1:], subject=(question, values))


frame = Offers(HTML, about=_about_frame, errors=ERRORS)


@router.get("/embed/questions/{name}", **frame.documented)
@partial(cached, headers={"Content-Security-Policy": FRAMED})
async def framed(
    exchange: Annotated[Exchange, Depends(frame)],
    name: Annotated[str, Path(examples=["coverage"])],
    show: Annotated[Literal["", "picture", "table"], Query(description="What the frame shows.")] = "",
    picture: Kind = None,
) -> bytes:
    """The chart, map or table of an answer, to embed in other sites."""
    question, values = exchange.about.subject
    kind = picture or ""
    if show == "table" or not (show or question.pictures):
        answer = await exchange.opened.ask(question, {narrowing.PAGE: "1", **values}, exchange.language)
        shown = None
    else:
        pictures.drawing_of(question, kind)
        answer = await exchange.opened.ask(question, values, exchange.language)
        shown = await asyncio.to_thread(pictures.show, answer, kind)
    return await exchange.fill(
        "embed.html",
        also=[*answer.things, *answer.citations],
        answer=answer,
        picture=shown,
        values=values,
        open_passages=narrowing.CITED,
    )


async def _page(exchange: Exchange, question: Question) -> Response:
    names = {parameter.name for parameter in question.parameters}
    is_missing = not {each.name for each in question.parameters if not each.optional} <= exchange.values.keys()

    async def write() -> bytes:
        if names >= exchange.values.keys() and (is_missing or not exchange.values) and names:
            return await _fill(exchange, question)
        values = {narrowing.PAGE: "1", **exchange.values}
        return await _fill(exchange, question, await exchange.opened.ask(question, values, exchange.language))

    try:
        return await exchange.serve(write)
    except AnswerableError as error:
        if not wants_page(exchange.request.headers.get("accept"), problems.PROBLEM):
            raise
        body = await _fill(exchange, question, error=error)
        return Response(body, problems.status_of(error), problems.headers_of(error), HTML.content_type)


async def _fill(
    exchange: Exchange, question: Question, answer: QuestionAnswer | None = None, error: AnswerableError | None = None
) -> bytes:
    language, opened = exchange.language, exchange.opened
    question = questions.translate(question, language)
    chosen = answer.values if answer else exchange.values
    most = MOST_BESIDE if answer else MOST_LISTED
    controls = {}
    for parameter in question.parameters:
        value = chosen.get(parameter.name, "" if parameter.optional else parameter.example)
        controls[parameter.name] = await opened.names.options_of(parameter, value, most, language)
    return await exchange.fill(
        "question.html",
        also=[*answer.things, *answer.citations] if answer else (),
        question=question,
        values={name: exchange.values[name] for name in controls if exchange.values.get(name)},
        controls=controls,
        years=(FIRST_YEAR, last_year()),
        answer=answer,
        drawn=await _drawn(exchange, answer) if answer else [],
        open_passages=narrowing.CITED,
        problem=problems.describe(error, exchange.request.scope["path"], language) if error else None,
    )


async def _drawn(exchange: Exchange, answer: QuestionAnswer) -> list[pictures.EmbeddedPicture]:
    """Draw what a page needs to show the pictures of an answer; they show all rows that pass its filters, whichever the page shows."""
    kinds = [picture.kind for picture in answer.question.pictures]
    if kinds and answer.pages > 1:
        answer = await questions.unfold(answer, exchange.opened.names)
    return [shown for kind in kinds if (shown := await asyncio.to_thread(pictures.show, answer, kind))]

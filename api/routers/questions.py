"""The named questions, as pages, data and pictures: the same rows in every format, each with its passages and the release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, cached
from api.http import negotiate, problems
from api.http.addresses import write_json
from api.http.middleware import FRAMED
from api.http.negotiate import ANSWERS, HTML, JSON
from api.render.page import Page, query_string
from api.routers import feeds, quoting
from api.routers.changes import releases_key
from api.routers.feeds import ATOM
from kg import terms
from kg.answer import citation, formats, narrowing, pictures, questions
from kg.answer.opened import OpenRelease
from kg.answer.places import find_places
from kg.answer.questions import Answer, Offer
from kg.errors import AnswerableError, BadParameter
from kg.languages import N_, Language
from kg.picture import write_png
from kg.sparql.question import FIRST_YEAR, Parameter, Question, last_year, name_topics
from kg.wording import say

router = APIRouter(tags=["Questions"])

FORMS = (HTML, *ANSWERS, ATOM)
ERRORS: tuple[int, ...] = (404, 422, 500, 502, 504)
SAVED = ("xlsx", "sheet")  # the forms a browser should save rather than show
LINKED = ("json", "csv", "xlsx", "md", "ttl")  # the forms a page links to
SVG, PNG = (formats.by_name(name, formats.ANSWER) for name in ("svg", "png"))
# A picture that is opened by itself loads nothing and runs nothing, as one within a page.
SEALED = {"Content-Security-Policy": "default-src 'none'; sandbox"}
# Things that a form lists, and one beside an answer; of still fewer the subject stands too.
MOST_LISTED, MOST_BESIDE, MOST_WITH_SUBJECT = 1000, 60, 250


listing = Offers(
    *(HTML, JSON),
    about=About(N_("Questions"), terms.BASE + "questions", (("application/json", "/questions?format=json"),)),
    model=models.Questions,
)


@router.get("/questions", **listing.documented)
@cached
async def listed(exchange: Annotated[Exchange, Depends(listing)]) -> bytes:
    """The named questions."""
    language = exchange.language
    known = [questions.translate(one, language) for one in exchange.opened.questions.values()]
    if exchange.offer is JSON:
        rows = [_describe(one, exchange.address(f"questions/{one.name}")) for one in known]
        return write_json({"questions": rows, "release": exchange.opened.id})
    return await exchange.fill("questions.html", topics=_by_topic(known, language))


def _by_topic(known: Sequence[Question], language: Language) -> list[tuple[str, str, list[Question]]]:
    """Put questions under their topics, in the order of the topics; those of older releases have none and stand last."""
    topics = {**name_topics(language.gettext), "": language.gettext("Other questions")}
    grouped = [(key, label, [one for one in known if one.topic == key]) for key, label in topics.items()]
    return [topic for topic in grouped if topic[2]]


Kind = Annotated[
    str | None,
    Query(
        description="Which kind of picture, where a question has several; without it, its first.", examples=["timeline"]
    ),
]
Width = Annotated[
    str | None,
    Query(
        description="Of a picture: for a wide page (760 pixels, the default) or a telephone (360).", examples=["narrow"]
    ),
]


def _of_picture(question: Question, exchange: Exchange) -> tuple[dict[str, str], str | None, int]:
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
    """Describe the page of a question, or a data file of its answer; a picture is cited as one."""
    question = exchange.opened.find_question(exchange.params["name"])
    form, opened, language = exchange.offer, exchange.opened, exchange.language
    values, others = exchange.values, [one for one in ANSWERS if one.name in LINKED]
    if form in (SVG, PNG):
        values, others = _of_picture(question, exchange)[0], [HTML, PNG if form is SVG else SVG]
    asked, words = await _in_words(exchange, question, values)
    path = f"/questions/{question.name}"
    query = f"?{text}" if (text := query_string(asked)) else ""
    is_picture = form.media_type.startswith("image/")
    linked = [(one.media_type, f"{path}.{one.name}{query}") for one in others]
    if query or not question.parameters:
        linked.append(("application/atom+xml", f"{path}.atom{query}"))

    async def lead() -> str:
        return (await opened.ask(question, asked, language)).lead

    return About(
        language.gettext(question.title),
        terms.BASE + path[1:] + (f".{form.name}" if is_picture else "") + query,
        tuple(linked),
        words,
        "graphic" if is_picture else "dataset",
        lead=lead if words and not is_picture else None,
        described_by=("application/csvm+json", f"{path}.csv-metadata.json{query}") if form.name == "csv" else None,
    )


async def _in_words(exchange: Exchange, question: Question, values: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Write what was asked as an address has it, and in words with the names of the values.

    Where a value is missing or wrong, which the answer itself will say, there are no words.
    """
    opened, language = exchange.opened, exchange.language
    spoken = questions.translate(question, language)
    try:
        parameters, narrowed = narrowing.split(spoken, values)
        bound = question.bind(await opened.known.resolve(spoken, parameters, language))
        iris = {name: term.value for name, term in bound.items()}
        ours = [value for value in iris.values() if value.startswith(terms.BASE)]
        labels = await opened.known.label(ours, language.code)
    except BadParameter:
        return {name: Page.short_iri(value) for name, value in values.items()}, ""
    names = {iri: label.name for iri, label in labels.items() if label.name}
    asked = Answer(spoken, iris, (), names, {}, opened.id, language=language, narrowing=narrowed)
    if not iris and question.parameters and not values:
        return {}, ""
    return asked.asked, citation.in_words(asked.sentence, narrowed)


offers = Offers(*FORMS, about=_about, stem="name", model=models.Answer, errors=ERRORS)


@router.get("/questions/{name}", **offers.documented)
async def answered(
    exchange: Annotated[Exchange, Depends(offers)],
    name: Annotated[str, Path(examples=["coverage"])],
    picture: Kind = None,
    width: Width = None,
) -> Response:
    """One question: the form, its answer (.json .csv .xlsx .md .geojson .ttl .atom), and its picture (.svg .png)."""
    offer = exchange.offer
    question = exchange.opened.find_question(exchange.params["name"])
    if offer is HTML:
        return await _page(exchange, question)
    if offer in (SVG, PNG):
        return await exchange.serve(partial(_draw, exchange, question), headers=SEALED)
    day = quoting.today() if offer.is_dated else ""
    depends = await releases_key(exchange) if offer is ATOM else day

    async def write() -> bytes:
        answer = await ask(exchange, question, exchange.values)
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
    return await exchange.serve(write, headers=headers, etag_extra=depends)


async def _draw(exchange: Exchange, question: Question) -> bytes:
    values, kind, width = _of_picture(question, exchange)
    answer = await ask(exchange, question, values)
    drawing = await asyncio.to_thread(pictures.draw_answer, answer, kind, width)
    return await asyncio.to_thread(write_png, drawing) if exchange.offer is PNG else drawing.svg.encode()


async def _about_frame(exchange: Exchange) -> About:
    question = exchange.opened.find_question(exchange.params["name"])
    values = {name: value for name, value in exchange.values.items() if name != "show"}
    query = f"?{text}" if (text := query_string(values)) else ""
    return About(question.title, f"{terms.BASE}questions/{question.name}{query}")


frame = Offers(HTML, about=_about_frame, errors=ERRORS)


@router.get("/embed/questions/{name}", **frame.documented)
async def framed(
    exchange: Annotated[Exchange, Depends(frame)],
    name: Annotated[str, Path(examples=["coverage"])],
    show: Annotated[Literal["", "picture", "table"], Query(description="What the frame shows.")] = "",
    picture: Kind = None,
) -> Response:
    """The picture of an answer or its table, for the frames of other sites."""
    question = exchange.opened.find_question(name)
    is_table = (show or ("picture" if question.pictures else "table")) == "table"
    values, kind, _ = (exchange.values, None, 0) if is_table else _of_picture(question, exchange)
    values = {name: value for name, value in values.items() if name != "show"}

    async def write() -> bytes:
        answer = await ask(exchange, question, {narrowing.PAGE: "1", **values} if is_table else values)
        shown = None if is_table else await asyncio.to_thread(pictures.show, answer, kind)
        iris = {term["value"] for row in answer.rows for term in row.values() if term["type"] == "uri"}
        context = {"answer": answer, "picture": shown, "values": values, "open_passages": narrowing.CITED}
        return await exchange.fill("embed.html", also=[*iris, *answer.citations], **context)

    return await exchange.serve(write, headers={"Content-Security-Policy": FRAMED})


async def ask(exchange: Exchange, question: Question, values: Mapping[str, str]) -> Answer:
    """Ask a question of the release of a request."""
    return await exchange.opened.ask(question, values, exchange.language)


async def _page(exchange: Exchange, question: Question) -> Response:
    values = exchange.values

    async def write() -> bytes:
        if not values and question.parameters:
            return await _fill(exchange, question)
        return await _fill(exchange, question, await ask(exchange, question, {narrowing.PAGE: "1", **values}))

    try:
        return await exchange.serve(write)
    except AnswerableError as error:
        if not negotiate.wants_page(exchange.request.headers.get("accept"), problems.PROBLEM):
            raise
        body = await _fill(exchange, question, error=error)
        headers = {"Cache-Control": "no-store", **problems.headers_of(error)}
        return Response(body, problems.status_of(error), headers, HTML.content_type)


async def _fill(
    exchange: Exchange, question: Question, answer: Answer | None = None, error: AnswerableError | None = None
) -> bytes:
    language, values, opened = exchange.language, exchange.values, exchange.opened
    question = questions.translate(question, language)
    controls = {}
    for one in question.parameters:
        chosen = values.get(one.name, "" if one.optional else one.example)
        chosen = answer.values.get(one.name, chosen) if answer else chosen
        controls[one.name] = await _choices(opened, one, chosen, MOST_BESIDE if answer else MOST_LISTED, language)
    rows = answer.rows if answer else ()
    shown = {term["value"] for row in rows for term in row.values() if term["type"] == "uri"}
    used = {name for row in rows for name, term in row.items() if term["value"]} if rows else None  # None: all columns
    asked = {one.name: values[one.name] for one in question.parameters if values.get(one.name)}
    return await exchange.fill(
        "question.html",
        also=[*shown, *(answer.citations if answer else ())],
        question=question,
        values=asked,
        controls=controls,
        years=(FIRST_YEAR, last_year()),
        answer=answer,
        drawn=await _drawn(exchange, answer) if answer else [],
        open_passages=narrowing.CITED,
        columns=[column for column in question.columns if used is None or column[0] in used],
        address=lambda narrowed, page=0: _address(question, asked, narrowed, page),
        heads={**dict(question.columns), narrowing.DOCUMENT: language.gettext("The document")},
        chosen=lambda column, value: _chosen(answer, column, value),
        none_narrowed=narrowing.Narrowing(),
        problem=problems.describe(error, exchange.request.scope["path"], language) if error else None,
    )


async def _drawn(exchange: Exchange, answer: Answer) -> list[pictures.Shown]:
    """Draw what a page needs to show the pictures of an answer; they show all its rows, whichever the page shows."""
    kinds = [one.kind for one in answer.question.pictures]
    if kinds and len(answer.rows) != answer.found:
        answer = await ask(exchange, answer.question, answer.values)
    return [one for kind in kinds if (one := await asyncio.to_thread(pictures.show, answer, kind))]


def _chosen(answer: Answer | None, column: str, value: str) -> str:
    """Name what a column is narrowed to."""
    choices = answer.choices.get(column, ()) if answer else ()
    named = [one.name for one in choices if one.value == value]
    return named[0] if named else answer.labels.get(terms.BASE + value, value) if answer else value


def _address(question: Question, asked: Mapping[str, str], narrowed: narrowing.Narrowing, page: int = 0) -> str:
    """Write the address of an answer as it is narrowed, from a page on."""
    told = query_string({**asked, **narrowed.values(), narrowing.PAGE: str(page) if page > 1 else ""})
    return f"/questions/{question.name}{told and '?'}{told}"


async def _choices(
    opened: OpenRelease, parameter: Parameter, chosen: str, most: int, language: Language
) -> tuple[str, list[tuple[str, list[Offer]]]]:
    """Work out what a form shows for a parameter: what is chosen, and the things to choose from in groups, if they are few."""
    if parameter.kind != "iri":
        return chosen, []
    offers = await opened.known.offers_of(parameter, language)
    iri = Page.full_iri(chosen) if chosen else ""
    if len(offers) > most:  # a person types the name
        return next((one.name for one in offers if one.iri == iri), chosen), []
    named = offers if len(offers) <= MOST_WITH_SUBJECT else [one._replace(subject="") for one in offers]
    return iri, [(name, list(some)) for name, some in groupby(named, key=lambda one: one.group)]


def _describe(question: Question, address: str) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "topic": question.topic or None,
        "question": question.question,
        "about": question.about,
        "parameters": [
            {
                "name": one.name,
                "kind": one.kind,
                "class": one.class_iri,
                "example": one.example,
                "label": one.label,
                "optional": bool(one.optional),
            }
            for one in question.parameters
        ],
        "columns": [{"name": name, "meaning": meaning} for name, meaning in question.columns],
        "href": address,
    }

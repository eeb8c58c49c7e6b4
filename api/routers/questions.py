"""The named questions, as pages and as data: the same rows in every format, each with its passages and the release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate, problems
from api.http.language import language_of, visit_of
from api.http.negotiate import ANSWERS, HTML, JSON
from api.http.responses import About, address_of, opened_of, read_once, reader_of, serve, write_json
from api.releases import OpenRelease
from api.render.page import Page, query_string
from api.routers import feeds, quoting
from api.routers.feeds import ATOM
from kg import terms
from kg.answer import formats, narrowing, pictures, questions
from kg.answer.places import find_places
from kg.answer.questions import Answer, Offer
from kg.errors import AnswerableError, QueryRefused, QuerySyntaxError
from kg.languages import DEFAULT, Language
from kg.sparql.question import FIRST_YEAR, Parameter, Question, last_year, name_topics

FORMS = (HTML, *ANSWERS, ATOM)
SAVED = ("xlsx", "sheet")  # the forms a browser should save rather than show
LINKED = ("json", "csv", "xlsx", "md", "ttl")  # the forms a page links to
# Things that a form lists, and one beside an answer: of more, a person types the name. Of still fewer the subject stands too.
MOST_LISTED, MOST_BESIDE, MOST_TOLD = 1000, 60, 250
LONGEST_SUBJECT = 60  # characters of what a provision is about, behind its name in a form


async def listed(request: Request) -> Response:
    """Answer /questions: every question by topic, with its example."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    language = visit_of(request).language if offer is HTML else language_of(request)
    title = language.gettext("Questions")
    about = About(title, terms.BASE + "questions", (("application/json", "/questions?format=json"),))
    known = [questions.translate(one, language) for one in opened_of(request).questions.values()]

    async def make() -> bytes:
        if offer is JSON:
            told = [_describe(one, address_of(request, f"questions/{one.name}")) for one in known]
            return write_json({"questions": told, "release": opened_of(request).id})
        return await reader_of(request).fill("questions.html", about=about, topics=_by_topic(known, language))

    return await serve(request, offer, make, about=about)


def _by_topic(known: Sequence[Question], language: Language) -> list[tuple[str, str, list[Question]]]:
    """Put questions under their topics, in the order of the topics; those of older releases have none and stand last."""
    topics = {**name_topics(language.gettext), "": language.gettext("Other questions")}
    grouped = [(key, label, [one for one in known if one.topic == key]) for key, label in topics.items()]
    return [topic for topic in grouped if topic[2]]


async def answered(request: Request) -> Response:
    """Answer /questions/<name>: the form, and with parameters the answer, as a page or as data."""
    known = opened_of(request).questions
    name, suffix = request.path_params["name"], None
    if name not in known:
        name, suffix = negotiate.split_suffix(name, FORMS)
    question = opened_of(request).find_question(name)
    values, format = read_values(request)
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix or format)
    others = tuple(one for one in ANSWERS if one.name in LINKED)
    about = await quoting.about_answer(request, question, values, offer, others)
    if offer is HTML:
        return await _page(request, question, values, about)
    day = quoting.today() if offer.is_dated else ""
    depends = await feeds.told(request) if offer is ATOM else day

    async def make() -> bytes:
        answer = await ask(request, question, values, language_of(request))
        if offer is ATOM:
            return await feeds.question(request, answer, about)
        if offer.has_places:
            answer = replace(answer, places=await find_places(opened_of(request).pages, answer.things))
        return await asyncio.to_thread(formats.write_answer, replace(answer, fetched=day), offer.name)

    sent = {"Content-Disposition": f'attachment; filename="{name}{offer.suffix}"'} if offer.name in SAVED else {}
    sent |= {"Cache-Control": "no-store"} if day else {}  # it tells the day, so no copy of it may be shown on another
    return await serve(request, offer, make, about=about, headers=sent, told=depends)


def read_values(request: Request) -> tuple[dict[str, str], str | None]:
    """Read the values for the parameters of a question from an address, and the format it names."""
    values = read_once(request)
    return values, values.pop("format", None) or None


async def ask(request: Request, question: Question, values: Mapping[str, str], language: Language) -> Answer:
    """Ask a question of the release of a request."""
    opened = opened_of(request)
    try:
        return await questions.ask(opened.asked, question, values, opened.id, opened.known, language)
    except (QuerySyntaxError, QueryRefused) as error:  # the text is not the client's
        raise opened.reject_question(question.name, error) from None


async def _page(request: Request, question: Question, values: dict[str, str], about: About) -> Response:
    is_asked = bool(values) or not question.parameters

    async def make() -> bytes:
        paged = {narrowing.PAGE: "1", **values}
        answer = await ask(request, question, paged, visit_of(request).language) if is_asked else None
        return await _fill(request, question, values, about, answer=answer)

    try:
        return await serve(request, HTML, make, about=about)
    except AnswerableError as error:
        if not negotiate.wants_page(request.headers.get("accept"), problems.PROBLEM):
            raise
        body = await _fill(request, question, values, about, error=error)
        headers = {"Cache-Control": "no-store", **problems.headers_of(error)}
        return Response(body, problems.status_of(error), headers, HTML.content_type)


async def _fill(
    request: Request,
    question: Question,
    values: Mapping[str, str],
    about: About,
    *,
    answer: Answer | None = None,
    error: AnswerableError | None = None,
) -> bytes:
    question = questions.translate(question, visit_of(request).language)
    controls = {}
    for one in question.parameters:
        chosen = values.get(one.name, "" if one.optional else one.example)
        known = answer.values.get(one.name, chosen) if answer else chosen
        most = MOST_BESIDE if answer else MOST_LISTED
        controls[one.name] = await _control(opened_of(request), one, known, most, visit_of(request).language)
    rows = answer.rows if answer else []
    drawn = await _drawn(request, answer) if answer else []
    shown = {term["value"] for row in rows for term in row.values() if term["type"] == "uri"}
    used = {name for row in rows for name, term in row.items() if term["value"]} if rows else None  # None: all columns
    asked = {one.name: values[one.name] for one in question.parameters if values.get(one.name)}
    return await reader_of(request).fill(
        "question.html",
        also=[*shown, *(answer.citations if answer else ())],
        about=about,
        question=question,
        values=asked,
        controls=controls,
        answer=answer,
        drawn=drawn,
        open_passages=narrowing.CITED,
        columns=[column for column in question.columns if used is None or column[0] in used],
        address=lambda narrowed, page=0: _address(question, asked, narrowed, page),
        heads={**dict(question.columns), narrowing.DOCUMENT: visit_of(request).language.gettext("The document")},
        chosen=lambda column, value: _chosen(answer, column, value),
        none_narrowed=narrowing.Narrowing(),
        problem=problems.describe(error, request.scope["path"], visit_of(request).language) if error else None,
    )


async def _drawn(request: Request, answer: Answer) -> list[pictures.Shown]:
    """Tell what a page needs to show the pictures of an answer; they show all its rows, whichever the page shows."""
    kinds = [one.kind for one in answer.question.pictures]
    if kinds and len(answer.rows) != answer.found:
        answer = await ask(request, answer.question, answer.values, answer.language)
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


async def _control(opened: OpenRelease, parameter: Parameter, chosen: str, most: int, language: Language) -> Markup:
    """Write the control of a form with which a parameter is given, as it was `chosen`; of at most so many things a list."""
    need = Markup("") if parameter.optional else Markup(" required")
    if parameter.kind == "iri":
        offers = await opened.known.offers_of(parameter, language)
        iri = Page.full_iri(chosen) if chosen else ""
        if len(offers) <= most:
            return await _select(opened, parameter, iri, language)
        name = next((one.name for one in offers if one.iri == iri), chosen)
        hint = language.gettext("Its name in full, or its address here")
        text = Markup('<input type="text" name="{}" value="{}"{}> <span>{}</span>')
        return text.format(parameter.name, name, need, hint)
    if parameter.kind == "date":
        ends = Markup(' min="{}-01-01" max="{}-12-31"').format(FIRST_YEAR, last_year())
        return Markup('<input type="date" name="{}" value="{}"{}{}>').format(parameter.name, chosen, ends, need)
    if parameter.kind == "year":
        ends = Markup(' min="{}" max="{}"').format(FIRST_YEAR, last_year())
        return Markup('<input type="number" name="{}" value="{}"{}{}>').format(parameter.name, chosen, ends, need)
    return Markup('<input type="text" name="{}" value="{}"{}>').format(parameter.name, chosen, need)


async def _select(opened: OpenRelease, parameter: Parameter, chosen: str, language: Language) -> Markup:
    """Write the choices of a parameter, with none `chosen` where it is empty; they are written once for a release and language."""

    async def write() -> str:
        offers = await opened.known.offers_of(parameter, language)
        named = offers if len(offers) <= MOST_TOLD else [one._replace(subject="") for one in offers]
        return "".join(_group(name, list(some), language) for name, some in groupby(named, key=lambda one: one.group))

    written = await opened.once.find(("options", parameter.class_iri, language.code), write)
    if parameter.optional:
        written = f'<option value="">{escape(language.gettext("any"))}</option>{written}'
    option = _option(chosen) if chosen else '<option value=""'
    written = written.replace(f"{option}>", f"{option} selected>", 1)
    return Markup('<select name="{}">{}</select>').format(parameter.name, Markup(written))


def _group(name: str, offers: Sequence[Offer], language: Language) -> str:
    spoken = f' lang="{DEFAULT}"' if language.code != DEFAULT else ""  # of what a provision is about
    written = "".join(f"{_option(one.iri)}{spoken if one.subject else ''}>{escape(_told(one))}" for one in offers)
    return f'<optgroup label="{escape(name)}">{written}</optgroup>' if name else written


def _told(offer: Offer) -> str:
    """Name a thing of a form, a provision with the beginning of what it is about."""
    subject = offer.subject
    if len(subject) > LONGEST_SUBJECT:
        subject = subject[:LONGEST_SUBJECT].rpartition(" ")[0].rstrip(",;:") + " …"
    return f"{offer.name}: {subject}" if subject else offer.name


def _option(iri: str) -> str:
    return f'<option value="{escape(Page.short_iri(iri))}"'


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

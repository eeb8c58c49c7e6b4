"""The named questions, as pages and as data: the same rows in every format, each with its passages and the release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from api import negotiate, problems
from api.language import PARAMETER, language_of, visit_of
from api.negotiate import ANSWERS, HTML, JSON
from api.page import Page, query_string
from api.releases import OpenRelease
from api.responses import About, address_of, opened_of, read_parameters, reader_of, serve, write_json
from kg import terms
from kg.answer import formats, questions
from kg.answer.questions import Answer
from kg.errors import AnswerableError, BadParameter, QueryRefused, QuerySyntaxError
from kg.languages import Language
from kg.sparql.question import Parameter, Question

FORMS = (HTML, *ANSWERS)
SAVED = ("xlsx", "sheet")  # the forms a browser should save rather than show
LINKED = ("json", "csv", "xlsx", "ttl")  # the forms a page links to


async def listed(request: Request) -> Response:
    """Answer /questions: every question, with its example."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    about = About("Questions", terms.BASE + "questions", (("application/json", "/questions?format=json"),))
    known = opened_of(request).questions

    async def make() -> bytes:
        if offer is JSON:
            told = [_describe(one, address_of(request, f"questions/{one.name}")) for one in known.values()]
            return write_json({"questions": told, "release": opened_of(request).id})
        return await reader_of(request).fill("questions.html", about=about, questions=list(known.values()))

    return await serve(request, offer, make, about=about)


async def answered(request: Request) -> Response:
    """Answer /questions/<name>: the form, and with parameters the answer, as a page or as data."""
    known = opened_of(request).questions
    name, suffix = request.path_params["name"], None
    if name not in known:
        name, suffix = negotiate.split_suffix(name, FORMS)
    question = opened_of(request).find_question(name)
    values, format = read_values(request)
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix or format)
    path, query = f"/questions/{name}", query_string(values) and f"?{query_string(values)}"
    others = tuple((one.media_type, f"{path}.{one.name}{query}") for one in ANSWERS if one.name in LINKED)
    about = About(question.title, terms.BASE + path[1:] + query, others)
    if offer is HTML:
        return await _page(request, question, values, about)

    async def make() -> bytes:
        answer = await ask(request, question, values, language_of(request))
        return await asyncio.to_thread(formats.write_answer, answer, offer.name)

    sent = {"Content-Disposition": f'attachment; filename="{name}{offer.suffix}"'} if offer.name in SAVED else None
    return await serve(request, offer, make, about=about, headers=sent)


def read_values(request: Request) -> tuple[dict[str, str], str | None]:
    """Read the values for the parameters of a question from an address, and the format it names."""
    values: dict[str, str] = {}
    for name, value in read_parameters(request.scope["query_string"], "the address"):
        if name in values:
            raise BadParameter(f"The parameter {name[:40]} stands twice", where=name[:40], hint="Send it once")
        values[name] = value
    values.pop(PARAMETER, None)
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
        answer = await ask(request, question, values, visit_of(request).language) if is_asked else None
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
    options = {}
    for one in question.parameters:
        if one.kind == "iri":
            chosen = values.get(one.name, "" if one.optional else one.example)
            options[one.name] = await _options(opened_of(request), one, Page.full_iri(chosen) if chosen else "")
    rows = answer.rows if answer else []
    shown = {term["value"] for row in rows for term in row.values() if term["type"] == "uri"}
    used = {name for row in rows for name, term in row.items() if term["value"]} if rows else None  # None: all columns
    return await reader_of(request).fill(
        "question.html",
        also=[*shown, *(answer.citations if answer else ())],
        about=about,
        question=question,
        values=values,
        options=options,
        answer=answer,
        columns=[column for column in question.columns if used is None or column[0] in used],
        query=query_string(values),
        problem=problems.describe(error, request.scope["path"]) if error else None,
    )


async def _options(opened: OpenRelease, parameter: Parameter, chosen: str) -> Markup:
    """Write the choices of a parameter as the options of a form, with none `chosen` where it is empty; they are written once for a release."""

    async def write() -> str:
        choices = await opened.known.choices_of(parameter)
        return "".join(f"{_option(iri)}>{escape(label)}</option>" for iri, label in choices.items())

    written = await opened.once.find(("options", parameter.class_iri), write)
    if parameter.optional:
        written = f'<option value="">any</option>{written}'
    option = _option(chosen) if chosen else '<option value=""'
    return Markup(written.replace(f"{option}>", f"{option} selected>", 1))


def _option(iri: str) -> str:
    return f'<option value="{escape(Page.short_iri(iri))}"'


def _describe(question: Question, address: str) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
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

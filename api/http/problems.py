"""Errors as answers: problem documents (RFC 9457) for programs, and a page with the same words for browsers.

An answer tells the place in the query and a hint where there are any; never a path of this machine, a stack trace or the
text of a query.
"""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from api.http.addresses import write_json
from api.http.negotiate import HTML, Visit, visit_of, wants_page
from api.render.page import Page, fill
from kg import terms
from kg.answer.formats import Format
from kg.errors import AnswerableError, BadParameter, BudgetSpent, Busy, NotAcceptable, UnknownName
from kg.files import read_toml
from kg.languages import DEFAULT, Language, speak
from kg.wording import say

METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")  # in the order in which Allow lists them
PROBLEM = Format("json", "application/problem+json", (), ("application/json", "application/ld+json"))

_TABLES = read_toml(__file__)
KINDS, REASONS, PHRASES, HINTS = (_TABLES[name] for name in ("kinds", "reasons", "phrases", "hints"))
FAULT = KINDS["error"]
CUT = "!!! answer cut: "  # begins the last line of an answer that was cut; in no format is it a part of an answer


class HttpError(AnswerableError, slug="http"):
    """An error of the HTTP exchange itself, such as a method or a media type that a route does not take."""

    status: int
    headers: Mapping[str, str] = {}


def problem_of(error: BaseException) -> AnswerableError:
    """Translate what an operation raised: ours as they are, those of the framework; any other is a fault of this server."""
    if isinstance(error, AnswerableError):
        return error
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        name, kind = str(first["loc"][-1])[:40], first["type"]
        return BadParameter(
            say("The parameter %(name)s is wrong", name=name),
            where=name,
            hint=say(HINTS[kind], **first.get("ctx", {})) if kind in HINTS else None,
        )
    if not isinstance(error, HTTPException):
        return AnswerableError("fault")
    if error.status_code == 404:
        return nothing_here()
    return HttpError(str(error.detail), status=error.status_code, headers=error.headers or {})


def nothing_here() -> UnknownName:
    """Make the error for an address at which there is nothing."""
    return UnknownName(say("There is nothing at this address"), hint=say("/docs lists the addresses there are"))


async def handle(request: Request, error: Exception) -> Response:
    """Answer an error that an operation raised; OPTIONS, or a method that the address does not take, gets those it takes.

    A fault of this server goes on to the middleware that logs faults.
    """
    if not isinstance(error, HTTPException) or error.status_code != 405:
        problem = problem_of(error)
        if status_of(problem) is HTTPStatus.INTERNAL_SERVER_ERROR:
            raise error
        return respond(request, problem)
    routes = [route for route in request.app.routes if route.matches(dict(request.scope))[0] is not Match.NONE]
    taken = {"HEAD", "OPTIONS"}.union(*(getattr(route, "methods", None) or {"GET"} for route in routes))
    methods = ", ".join(method for method in METHODS if method in taken)
    if request.method != "OPTIONS":
        return respond(
            request,
            HttpError(
                say("The method %(method)s is not for this address", method=request.method),
                status=405,
                headers={"Allow": methods},
                hint=say("It takes %(methods)s", methods=methods),
            ),
        )
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Accept, Accept-Datetime, Content-Type, If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    extras = [getattr(route, "openapi_extra", None) or {} for route in routes]
    if accepted := [kind for extra in extras for kind in extra.get("requestBody", {}).get("content", ())]:
        headers["Accept-Post"] = ", ".join(accepted)
        headers |= {"Accept-Query": accepted[-1]} if "QUERY" in methods else {}
    return Response(status_code=204, headers=headers)


def status_of(error: AnswerableError) -> HTTPStatus:
    """Look up the status of an error."""
    status, _ = KINDS.get(error.slug, FAULT)
    return HTTPStatus(getattr(error, "status", REASONS.get(getattr(error, "reason", ""), status)))


def describe(error: AnswerableError, instance: str, language: Language = speak(DEFAULT)) -> dict[str, object]:
    """Write an error as the members of a problem document, its words in a language."""
    status, (_, title) = status_of(error), KINDS.get(error.slug, FAULT)
    if isinstance(error, HttpError):
        title = PHRASES.get(str(int(status)), status.phrase)
    inside = title == FAULT[1]  # only the log holds it
    members = {
        "type": f"{terms.BASE}problem/{error.slug}",
        "title": language.gettext(title),
        "status": int(status),
        "detail": language.translate(
            say("Something went wrong on our side; it has been logged.") if inside else error.message
        ),
        "instance": instance,
        "line": error.line,
        "column": error.column,
        "hint": None if inside or error.hint is None else language.translate(error.hint),
        "reason": getattr(error, "reason", None),
        "offered": list(error.offered) if isinstance(error, NotAcceptable) else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def respond(request: Request, error: AnswerableError) -> Response:
    """Answer with an error, as a page for a browser and as a problem document for everybody else."""
    request.state.outcome = error.slug  # for the log
    accepts_page = wants_page(request.headers.get("accept"), PROBLEM)
    try:
        visit = visit_of(request, is_page=accepts_page)
    except BadParameter:  # the language itself is what is wrong
        visit = Visit()
    path = request.scope["path"]
    if not accepts_page:
        return document(error, path, visit.language)
    page, problem = Page(request.state.opened, request.state.prefix, {}, visit), describe(error, path, visit.language)
    headers = {**headers_of(error), "Vary": "Accept-Language"}
    body = fill("error.html", page=page, problem=problem, about=None)
    return Response(body, status_of(error), headers, HTML.content_type)


def document(error: AnswerableError, instance: str, language: Language = speak(DEFAULT)) -> Response:
    """Answer with an error as a problem document, its words in a language."""
    body = write_json(describe(error, instance, language))
    return Response(body, status_of(error), headers_of(error), PROBLEM.media_type)


def headers_of(error: AnswerableError) -> dict[str, str]:
    """Collect the headers that an error's answer carries."""
    headers = {"Cache-Control": "no-store", **getattr(error, "headers", {})}
    if isinstance(error, Busy | BudgetSpent):
        headers["Retry-After"] = str(error.retry_after)
    return headers

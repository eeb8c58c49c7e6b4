"""How to quote a page: what any page says of itself, and its citation at /cite.

A page of this site is asked what it says of itself without being made: its own handler tells the title, the permanent address
and the kind, so that a new page can be cited as soon as it has a row in the table of routes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from api.http.language import language_of, visit_of
from api.http.negotiate import HTML
from api.http.responses import About, Described, opened_of, prefix_of
from api.render.page import Page, query_string
from kg import terms
from kg.answer import citation, narrowing, questions
from kg.answer.citation import Work
from kg.answer.formats import Format
from kg.answer.questions import Answer
from kg.errors import BadParameter, UnknownName
from kg.languages import Language
from kg.sparql.question import Question
from kg.wording import say

DEEPEST = 2  # pages that ask one another what they say of themselves
LONGEST = 2000  # characters of the address that is to be cited
MEDIA_TYPES = tuple(form.media_type.partition(";")[0] for form in citation.FORMS.values())
ACCEPT = [(b"accept", b"text/html, */*;q=0.1")]


def today() -> str:
    """Tell the day by UTC, YYYY-MM-DD."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


async def about_answer(
    request: Request, question: Question, values: Mapping[str, str], offer: Format, others: Iterable[Format]
) -> About:
    """Tell what the page of a question, or a data file of its answer, says of itself; a picture is cited as one."""
    language = visit_of(request).language if offer is HTML else language_of(request)
    asked, words = await _in_words(request, question, values, language)
    path, told = f"/questions/{question.name}", query_string(asked)
    query = told and f"?{told}"
    is_picture = offer.media_type.startswith("image/")
    linked = [(one.media_type, f"{path}.{one.name}{query}") for one in others]
    if query or not question.parameters:
        linked.append(("application/atom+xml", f"{path}.atom{query}"))
    return About(
        language.gettext(question.title),
        terms.BASE + path[1:] + (f".{offer.name}" if is_picture else "") + query,
        tuple(linked),
        words,
        "graphic" if is_picture else "dataset",
        described_by=("application/csvm+json", f"{path}.csv-metadata.json{query}") if offer.name == "csv" else None,
    )


async def _in_words(
    request: Request, question: Question, values: Mapping[str, str], language: Language
) -> tuple[dict[str, str], str]:
    """Write what was asked as an address has it, and in words with the names of the values.

    Where a value is missing or wrong, which the answer itself will tell, there are no words.
    """
    opened, told = opened_of(request), questions.translate(question, language)
    try:
        parameters, narrowed = narrowing.split(told, values)
        bound = question.bind(await opened.known.resolve(told, parameters, language))
        found = {name: term.value for name, term in bound.items()}
        ours = [value for value in found.values() if value.startswith(terms.BASE)]
        labels = await opened.known.label(ours, language.code)
    except BadParameter:
        return {name: Page.short_iri(value) for name, value in values.items()}, ""
    names = {iri: label.name for iri, label in labels.items() if label.name}
    asked = Answer(told, found, (), names, {}, opened.id, language=language, narrowing=narrowed)
    if not found and question.parameters and not values:
        return {}, ""
    return asked.asked, citation.in_words(asked.sentence, narrowed)


async def cite(request: Request) -> Response:
    """Answer /cite?of=: the citation of a page, an answer or a picture of this site, pinned to the release."""
    form = citation.form_of(request.query_params.get("format") or "text")
    path, query = _split(request, request.query_params.get("of") or "/")
    opened, release = opened_of(request), path.removeprefix("/release/").partition("/")
    if path.startswith("/release/") and release[1] and release[0] != opened.id:
        again = query_string({"of": f"/{release[2]}" + (f"?{query}" if query else ""), "format": form.name})
        root = prefix_of(request).removesuffix(f"/release/{opened.id}")
        return RedirectResponse(f"{root}/release/{release[0]}/cite?{again}", 303, {"Cache-Control": "no-store"})
    about = await about_of(request, path.removeprefix(f"/release/{opened.id}/") if release[1] else path, query)
    work = Work(
        about.words or about.title,
        citation.pin(about.canonical, opened.id),
        opened.id,
        about.kind,
        "" if opened.is_plain else terms.LICENCE,
        today(),
        language_of(request),
    )
    name = f'inline; filename="{work.key}{form.suffix}"'
    # It tells the day of access, so no copy of it may be given on another.
    return Response(form.write(work), 200, {"Cache-Control": "no-store", "Content-Disposition": name}, form.media_type)


async def about_of(request: Request, path: str, query: str = "") -> About:
    """Ask the handler of an address of this site what its page says of itself; raises UnknownName where it says nothing.

    A redirect to the page about a thing is followed once. Addresses that run a query of a client are not asked, nor is a page
    that would have to ask another which asks a third.
    """
    for _ in range(2 if request.scope["state"].get("is_described", 0) < DEEPEST else 0):
        answer = await _describe(request, f"/{path.lstrip('/')}", query)
        if isinstance(answer, Described) and answer.about is not None:
            return answer.about
        location = answer.headers.get("location", "") if answer is not None else ""
        path = urlsplit(location).path.removeprefix(prefix_of(request))
        if not location:
            break
    raise UnknownName(
        say("Nothing that can be cited is at this address"), hint=say("Give the path of a page, such as /questions")
    )


async def _describe(request: Request, path: str, query: str) -> Response | None:
    scope = {
        **request.scope,
        "method": "GET",
        "path": prefix_of(request) + path,
        "raw_path": (prefix_of(request) + path).encode(),
        "query_string": quote(query, safe="%&=+;/:,.~!$'()*@?-_").encode(),
        "headers": ACCEPT,
        "state": {**request.scope["state"], "is_described": request.scope["state"].get("is_described", 0) + 1},
    }
    for key in ("route", "endpoint", "path_params", "router"):
        scope.pop(key, None)
    for route in request.app.router.routes:
        match, added = route.matches(scope)
        if match is Match.FULL:
            takes_queries = getattr(route, "methods", None) is None or "POST" in route.methods
            return None if takes_queries else await route.endpoint(Request({**scope, **added}))
    return None


def _split(request: Request, address: str) -> tuple[str, str]:
    """Split an address of this site, whole or from its first slash, into path and query; raises BadParameter for any other."""
    for base in (request.app.state.settings.base or terms.BASE, terms.BASE):
        address = address.removeprefix(base.rstrip("/"))
    if not address.startswith("/") or address.startswith("//") or len(address) > LONGEST:
        hint = say("Give the path of a page, such as /questions/coverage")
        raise BadParameter(say("This is not an address of this site"), where="of", hint=hint)
    parts = urlsplit(address)
    return unquote(parts.path), parts.query

"""The page that a browser gets at /sparql: a form and its answer, which work without script, and the editor that replaces them.

What the editor completes from and offers as examples is this release's; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, cached, exchange_of
from api.http import problems
from api.http.negotiate import BY_FORM, HTML, JSON
from api.releases import OpenRelease
from api.render import assets
from api.render.page import query_text
from api.routers.vocabulary import read_dictionary
from kg import rows, terms
from kg.errors import AnswerableError
from kg.languages import N_
from kg.sparql.question import Question
from kg.sparql.rewrite import insert_values

router = APIRouter(tags=["SPARQL"])

ROWS_SHOWN = 1000  # in the table on the page; the data formats give them all
EXAMPLE = "example"
# The editor writes two styles as text, and each is allowed by its hash: the underline in its hint
# at a syntax error, and the rules by which the columns of the table are made wider.
STYLES = (
    "'sha256-EntWS0hFrz2vH7susM+dPUxvHlL6sBswmM8K80E5oUk='",
    "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='",
)
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-hashes' {' '.join(STYLES)}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


async def show(
    request: Request, sent: Any, run: Callable[..., Awaitable[Any]], *, error: AnswerableError | None = None
) -> Response:
    """Show the form, and under it the answer or what is wrong; an error keeps its status.

    `sent` is the query as it was sent, `run` answers it in a format.
    """
    exchange, is_graph, body = exchange_of(request), sent.form in ("CONSTRUCT", "DESCRIBE"), b""
    exchange.described = About(N_("Ask in SPARQL"), terms.BASE + "sparql")
    try:
        if sent.query is not None and error is None:
            body = (await run(request, sent, "ttl" if is_graph else "json")).body
    except AnswerableError as stopped:
        error = stopped
    answered = sent.query is not None and error is None
    names, listed, truth = rows.read_table(body) if answered and not is_graph else ([], [], None)
    files = assets.editor()
    page = await exchange.fill(
        "sparql.html",
        listed[:ROWS_SHOWN],
        query=sent.query or query_text(exchange.reader.folder, EXAMPLE),
        names=names,
        found=listed[:ROWS_SHOWN],
        total=len(listed),
        truth=truth,
        graph=body.decode() if answered and is_graph else None,
        answered=answered,
        hint=await exchange.opened.hints.find(sent.query) if answered else "",
        formats=[offer.name for offer in sent.offers],
        problem=problems.describe(error, request.scope["path"], exchange.language) if error else None,
        editor=files,
        base=terms.BASE,
        licences=assets.path("editor-licences.txt"),
    )
    headers = {"Cache-Control": "no-store", **(problems.headers_of(error) if error else {})}
    if files:
        headers["Content-Security-Policy"] = POLICY
    return Response(page, problems.status_of(error) if error else 200, headers, HTML.content_type)


completions = Offers(JSON, model=models.Completions)


@router.get("/editor.json", **completions.documented)
@cached
async def offer(exchange: Annotated[Exchange, Depends(completions)]) -> bytes:
    """What the editor completes from: classes, properties, prefixes, examples."""
    used = (await read_dictionary(exchange.reader)).used
    content = {
        "release": exchange.opened.id,
        "prefixes": terms.PREFIXES,
        "classes": _most_used(used["class"]),
        "properties": _most_used(used["property"]),
        "formats": {form: [each.name for each in offers] for form, offers in BY_FORM.items()},
        "questions": _list_examples(exchange.opened),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _most_used(used: Mapping[str, int]) -> list[str]:
    return sorted(used, key=lambda iri: (-used[iri], iri))


def _list_examples(opened: OpenRelease) -> list[dict[str, str]]:
    listed = []
    for question in opened.questions.values():
        try:
            listed.append({"name": question.name, "title": question.title, "query": example(question)})
        except AnswerableError as error:  # a bad file costs its own question alone
            opened.reject_question(question.name, error)
    return listed


def example(question: Question) -> str:
    """Write a question's query with its example bound, so that it runs in any SPARQL tool.

    The parameters are bound by a VALUES clause whose terms are written here, never by pasting text into the query.
    """
    lines = question.text.splitlines()
    header = next((number for number, line in enumerate(lines) if not line.startswith("#+ ")), len(lines))
    text = "\n".join(lines[header:]).strip() + "\n"
    if bindings := question.bind({each.name: each.example for each in question.parameters}):
        text = insert_values(text, bindings)
    limits = (
        f"# How far the record goes: /questions/{question.name} says so before its rows.\n" if question.record else ""
    )
    return f"# {question.in_words}\n# {question.about}\n{limits}{text}"

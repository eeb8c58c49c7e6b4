"""The pictures of answers: as SVG and PNG, what a page needs to show one, and the page that others put in a frame."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from api.http import negotiate
from api.http.language import language_of, visit_of
from api.http.middleware import CLOSED
from api.http.negotiate import HTML
from api.http.responses import About, opened_of, reader_of, serve
from api.render.page import query_string
from api.routers import questions, quoting
from kg import picture, terms
from kg.answer import formats, narrowing, pictures
from kg.answer.formats import Format
from kg.answer.questions import Answer
from kg.errors import BadParameter
from kg.sparql.question import Question
from kg.wording import say

SVG, PNG = (formats.by_name(name, formats.ANSWER) for name in ("svg", "png"))
PICTURES = (SVG, PNG)
OWN = ("picture", "width")  # what an address may say of a picture beside the question's parameters
SHOWN = ("picture", "table")  # what a frame may show
# A picture that is opened by itself loads nothing and runs nothing, as one within a page.
SEALED = {"Content-Security-Policy": "default-src 'none'; sandbox"}
# Anybody may frame this page, and no other of the site.
FRAMED = CLOSED.replace("frame-ancestors 'none'", "frame-ancestors *")


async def drawn(request: Request) -> Response:
    """Answer /questions/<name>.svg and .png: the picture of an answer."""
    name, form = request.path_params["name"], PNG if request.url.path.endswith(".png") else SVG
    question = opened_of(request).find_question(name)
    values, chosen = questions.read_values(request)
    if chosen:
        negotiate.named(chosen, (form,))
    kind, width = _read_own(question, values)
    others = tuple(one for one in PICTURES if one is not form)
    about = await quoting.about_answer(request, question, values, form, (HTML, *others))

    async def make() -> bytes:
        answer = await questions.ask(request, question, values, language_of(request))
        return await asyncio.to_thread(_write, answer, kind, width, form)

    return await serve(request, form, make, about=about, headers=SEALED)


def _read_own(question: Question, values: dict[str, str]) -> tuple[str | None, int]:
    """Take from the values which picture is wanted, and how wide; what a question calls by the same name is the question's."""
    named = {one.name for one in question.parameters}
    kind, width = (values.pop(key, "") if key not in named else "" for key in OWN)
    if (width or "wide") not in pictures.WIDTHS:
        raise BadParameter(
            say("There is no width %(width)s", width=f"{width[:20]!r}"),
            where="width",
            hint=say("Use %(names)s", names=" / ".join(pictures.WIDTHS)),
        )
    pictures.drawing_of(question, kind)
    return kind or None, pictures.WIDTHS[width or "wide"]


def _write(answer: Answer, kind: str | None, width: int, form: Format) -> bytes:
    made = pictures.draw_answer(answer, kind, width)
    return picture.write_png(made) if form is PNG else made.svg.encode()


async def offer(request: Request, name: str, kind: str | None = None, **values: str) -> pictures.Shown | None:
    """Tell what a page needs to show the picture of a question; None where the release has no such question, picture or row."""
    question = opened_of(request).questions.get(name)
    if question is None or question.drawing(kind) is None:
        return None
    answer = await questions.ask(request, question, values, visit_of(request).language)
    return await asyncio.to_thread(pictures.show, answer, kind)


async def framed(request: Request) -> Response:
    """Answer /embed/questions/<name>: a page with the picture of an answer or its table, for the frames of other sites."""
    question = opened_of(request).find_question(request.path_params["name"])
    values, chosen = questions.read_values(request)
    negotiate.pick(request.headers.get("accept"), (HTML,), override=chosen)
    show = values.pop("show", "" if question.pictures else "table") or "picture"
    if show not in SHOWN:
        raise BadParameter(
            say("There is nothing called %(show)s to show", show=f"{show[:20]!r}"),
            where="show",
            hint=say("Use %(names)s", names=" / ".join(SHOWN)),
        )
    kind = _read_own(question, values)[0] if show == "picture" else None
    query = query_string(values) and f"?{query_string(values)}"
    about = About(question.title, f"{terms.BASE}questions/{question.name}{query}")
    visit = visit_of(request)

    async def make() -> bytes:
        paged = {narrowing.PAGE: "1", **values} if show == "table" else values
        answer = await questions.ask(request, question, paged, visit.language)
        one = await asyncio.to_thread(pictures.show, answer, kind) if show == "picture" else None
        iris = {term["value"] for row in answer.rows for term in row.values() if term["type"] == "uri"}
        context = {"about": about, "answer": answer, "picture": one, "values": values, "open_passages": narrowing.CITED}
        return await reader_of(request).fill("embed.html", also=[*iris, *answer.citations], **context)

    headers = {"Content-Security-Policy": FRAMED}
    return await serve(request, HTML, make, about=about, headers=headers)

"""How to quote a page: its citation at /cite, by what the page says of itself."""

from __future__ import annotations

import datetime
from typing import Annotated
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response

from api.dependencies import Exchange, LanguageCode, exchange_of
from api.http.language import language_of
from api.openapi import answers
from api.render.page import query_string
from kg import terms
from kg.answer import citation
from kg.answer.citation import Work
from kg.errors import BadParameter
from kg.wording import say

router = APIRouter(tags=["Quoting"])

LONGEST = 2000  # characters of the address that is to be cited
MEDIA_TYPES = tuple(form.media_type.partition(";")[0] for form in citation.FORMS.values())


def today() -> str:
    """Write the day by UTC, YYYY-MM-DD."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


@router.get("/cite", **answers(*MEDIA_TYPES, errors=(303, 404, 410)))
async def cite(
    exchange: Annotated[Exchange, Depends(exchange_of)],
    of: Annotated[
        str,
        Query(description="The path of a page of this site, with its parameters.", examples=["/questions/coverage"]),
    ] = "/",
    format: Annotated[str, Query(description="text, bibtex, csl or ris")] = "text",
    lang: LanguageCode = None,
) -> Response:
    """The citation of the page at of=, pinned to the release: format=text, bibtex, csl or ris."""
    form = citation.form_of(format or "text")
    path, query = _split(exchange, of or "/")
    opened, (release, slash, rest) = exchange.opened, path.removeprefix("/release/").partition("/")
    is_pinned = path.startswith("/release/") and bool(slash)
    if is_pinned and release != opened.id:
        again = query_string({"of": f"/{rest}" + (f"?{query}" if query else ""), "format": form.name})
        root = exchange.prefix.removesuffix(f"/release/{opened.id}")
        return RedirectResponse(f"{root}/release/{release}/cite?{again}", 303, {"Cache-Control": "no-store"})
    about = await exchange.describe(f"/{rest}" if is_pinned else path, query)
    work = Work(
        about.words or about.title,
        citation.pin(about.canonical, opened.id),
        opened.id,
        about.kind,
        "" if opened.is_plain else terms.LICENCE,
        today(),
        language_of(exchange.request),
    )
    name = f'inline; filename="{work.key}{form.suffix}"'
    # It tells the day of access, so no copy of it may be given on another.
    return Response(form.write(work), 200, {"Cache-Control": "no-store", "Content-Disposition": name}, form.media_type)


def _split(exchange: Exchange, address: str) -> tuple[str, str]:
    """Split an address of this site, whole or from its first slash, into path and query; raises BadParameter for any other."""
    for base in (exchange.address(""), terms.BASE):
        address = address.removeprefix(base.rstrip("/"))
    if not address.startswith("/") or address.startswith("//") or len(address) > LONGEST:
        hint = say("Give the path of a page, such as /questions/coverage")
        raise BadParameter(say("This is not an address of this site"), where="of", hint=hint)
    parts = urlsplit(address)
    return unquote(parts.path), parts.query

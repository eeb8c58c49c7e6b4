"""How a page is quoted: its citation at /cite, all that is linked with it, and the picture that stands for it where it is shared.

All three say what the page says of itself.
"""

import asyncio
from typing import Annotated
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import RedirectResponse, Response

from api.dependencies import About, Exchange, LanguageCode, Offers, exchange_of, nothing_to_cite
from api.http import links
from api.http.addresses import site_of, whole_address
from api.http.negotiate import visit_of
from api.openapi import answers
from api.render.page import environment, query_string
from kg import terms
from kg.answer import citation
from kg.answer.formats import Format
from kg.errors import BadParameter, UnknownName
from kg.languages import Language
from kg.picture import Picture
from kg.picture.canvas import Face
from kg.wording import say

router = APIRouter(tags=["Quoting"])

LONGEST = 2000  # characters of the address that is to be cited, and of the one that the citation is at
MEDIA_TYPES = tuple(form.media_type.partition(";")[0] for form in citation.FORMS.values())


@router.get("/cite", **answers(*MEDIA_TYPES, errors=(303, 404, 410)))
async def cite(
    exchange: Annotated[Exchange, Depends(exchange_of)],
    of: Annotated[
        str,
        Query(description="The path of a page of this site, with its parameters.", examples=["/questions/coverage"]),
    ] = "/",
    format: Annotated[str, Query(description="text, bibtex, csl or ris")] = "text",
    lang: LanguageCode = None,
    source: Annotated[bool, Query(description="Cite the document that the page is about, and not the page.")] = False,
) -> Response:
    """The citation of the page at of=, pinned to the release, or of the document that it is about: format=text, bibtex, csl or ris."""
    opened, language = exchange.opened, visit_of(exchange.request, is_page=False).language
    form = citation.form_of(format or "text")
    path, query = _split(exchange, of or "/")
    if path.startswith("/release/") and path.count("/") > 2:
        release, _, rest = path.removeprefix("/release/").partition("/")
        path = f"/{rest}"
        if release != opened.id:
            asked = {
                "of": path + (f"?{query}" if query else ""),
                "format": form.name,
                "source": "true" if source else "",
            }
            again = query_string(asked)
            root = exchange.prefix.removesuffix(f"/release/{opened.id}")
            target = f"{root}/release/{release}/cite?{again}"
            if len(target) > LONGEST:
                raise nothing_to_cite()
            return RedirectResponse(target, 303, {"Cache-Control": "no-store"})
    about = await exchange.describe(path, query)
    work = citation.Work(
        language.gettext(about.title),
        citation.pin(about.canonical, opened.id),
        opened.id,
        about.kind,
        citation.today(),
        language,
    )
    if source:
        rows = await exchange.ask("cited-as", this=terms.Iri(about.canonical))
        if not rows:
            raise UnknownName(say("The page at %(address)s is about no document", address=path))
        work = citation.Work.of_source(work, citation.CitedSource.of(rows[0]))
    # It tells the day of access, so no copy of it may be given on another.
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{work.key}{form.suffix}"'}
    return Response(form.write(work), 200, headers, form.media_type)


def _split(exchange: Exchange, address: str) -> tuple[str, str]:
    """Split an address of this site, whole or from its first slash, into path and query; raises BadParameter for any other."""
    for base in (exchange.opened.base, terms.BASE):
        address = address.removeprefix(base.rstrip("/"))
    if not address.startswith("/") or address.startswith("//") or len(address) > LONGEST:
        raise BadParameter(
            say("This is not an address of this site"),
            where="of",
            hint=say("Give the path of a page, such as /questions/coverage"),
        )
    parts = urlsplit(address)
    return unquote(parts.path), parts.query


JSON = Format("json", links.SET_TYPE, aliases=("application/json",))
TEXT = Format("linkset", "application/linkset")

link_forms = Offers(JSON, TEXT, errors=(404, 410, 502, 504))


@router.get("/linkset/{path:path}", **link_forms.documented)
async def linkset(
    exchange: Annotated[Exchange, Depends(link_forms)], path: Annotated[str, Path(examples=["dataset"])]
) -> Response:
    """What is linked with the page at a path, by relation (RFC 9264)."""
    request, here = exchange.request, exchange.with_query(f"/{path}")
    about = await exchange.describe(f"/{path}", exchange.query_sent)

    async def write() -> bytes:
        linked = about.link_set(here, lambda to: whole_address(request, exchange.bare.at(to)), exchange.opened.id)
        return links.write_json_set(linked) if exchange.offer is JSON else links.write_set(linked)

    headers = {"Link": '<https://signposting.org/FAIR/>; rel="profile"'}
    return await exchange.serve(write, headers=headers, etag_extra=f"{site_of(request)} {exchange.opened.id}")


@router.get("/linkset", include_in_schema=False)
async def linkset_of_home(exchange: Annotated[Exchange, Depends(link_forms)]) -> Response:
    """What is linked with the front page."""
    return await linkset(exchange, "")


PNG = Format("png", "image/png")
HOME = "home"  # the front page, whose own path is empty
card_forms = Offers(PNG, errors=(404, 410), is_fixed=True)


@router.get("/card/{card:path}", **card_forms.documented)
async def card(
    exchange: Annotated[Exchange, Depends(card_forms)], card: Annotated[str, Path(examples=["home.png"])]
) -> Response:
    """The picture that stands for a page where it is shared: its path and .png."""
    path = card.removesuffix(PNG.suffix)
    if path == card:
        raise UnknownName(
            say("A card ends in .png"), hint=say("/card/%(home)s.png is that of the front page", home=HOME)
        )
    about = await exchange.describe("/" if path == HOME else f"/{path}", exchange.query_sent)
    exchange.described = About(about.title, about.canonical)

    async def write() -> bytes:
        summary = about.summary or (await about.lead() if about.lead else "")
        drawn = await asyncio.to_thread(draw, about._replace(summary=summary), exchange.opened.id, exchange.language)
        return await exchange.paint(drawn)

    return await exchange.serve(write)


def draw(about: About, release: str, language: Language) -> Picture:
    """Draw the card of a page."""
    foot = language.gettext("Release of %(day)s, every fact with its passage")
    foot %= {"day": language.day(citation.Work("", "", release).issued)}
    svg = (
        environment(language)
        .get_template("card.svg")
        .render(
            about=about,
            title=language.gettext(about.title),
            brand=citation.SITE,
            foot=f"{foot} · {terms.BASE.removeprefix('https://').rstrip('/')}",
            face=Face,
        )
    )
    return Picture(svg, 600, 315, about.title)

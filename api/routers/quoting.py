"""How a page is quoted: its citation at /cite, all that is linked with it, and the picture that stands for it where it is shared.

All three say what the page says of itself. The picture is drawn here, with the font of the pictures and no other.
"""

from __future__ import annotations

import asyncio
import datetime
from typing import Annotated, NamedTuple
from urllib.parse import unquote, urlsplit

import resvg_py
from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import RedirectResponse, Response

from api.dependencies import About, Exchange, LanguageCode, Offers, exchange_of
from api.http import links
from api.http.addresses import site_of, whole_address
from api.http.negotiate import visit_of
from api.openapi import answers
from api.render.page import environment, query_string
from kg import terms
from kg.answer import citation
from kg.answer.citation import SITE, Work
from kg.answer.formats import Format
from kg.errors import BadParameter, UnknownName
from kg.languages import Language
from kg.picture.font import FILES, wrap
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
        visit_of(exchange.request, is_page=False).language,
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


JSON = Format("json", links.SET_TYPE, ".json", (), aliases=("application/json",))
TEXT = Format("linkset", "application/linkset", ".linkset", ())
PROFILE = "https://signposting.org/FAIR/"

link_forms = Offers(JSON, TEXT, errors=(404, 410, 502, 504))


@router.get("/linkset/{path:path}", **link_forms.documented)
async def linkset(
    exchange: Annotated[Exchange, Depends(link_forms)], path: Annotated[str, Path(examples=["dataset"])]
) -> Response:
    """What is linked with the page at a path, by relation (RFC 9264)."""
    request, query = exchange.request, exchange.query_string.decode("ascii", "ignore")
    address = f"/{path}"
    about = await exchange.describe(address, query)

    async def write() -> bytes:
        linked = exchange.linked(about, address)
        whole = linked._replace(at=lambda to: whole_address(request, linked.at(to)))
        return (links.write_json_set if exchange.offer is JSON else links.write_set)(whole.all())

    headers = {"Link": f'<{PROFILE}>; rel="profile"'}
    return await exchange.serve(write, headers=headers, etag_extra=f"{site_of(request)} {exchange.opened.id}")


@router.get("/linkset", include_in_schema=False)
async def linkset_of_home(exchange: Annotated[Exchange, Depends(link_forms)]) -> Response:
    """What is linked with the front page."""
    return await linkset(exchange, "")


PNG = Format("png", "image/png", ".png", ())
HOME = "home"  # the front page, whose own path is empty
WIDTH, MARGIN = 1200, 80
FAMILY = "DejaVu Sans"


class Text(NamedTuple):
    """A text of a card: what it says, its size in pixels, its colour, whether it is bold, and the most lines it may have."""

    words: str
    size: int
    colour: str = "#1c1b19"
    is_bold: bool = False
    most: int = 1
    space: int = 0  # above it

    @property
    def lines(self) -> list[str]:
        """The lines of the text as they fit; a text that is too long is cut."""
        return wrap(self.words, self.size, WIDTH - 2 * MARGIN, self.most, self.is_bold)


card_forms = Offers(PNG, errors=(404, 410), is_fixed=True)


@router.get("/card/{card:path}", **card_forms.documented)
async def card(
    exchange: Annotated[Exchange, Depends(card_forms)], card: Annotated[str, Path(examples=["home.png"])]
) -> Response:
    """The picture that stands for a page where it is shared: its path and .png."""
    path = card.removesuffix(PNG.suffix)
    if path == card:
        hint = say("/card/%(home)s.png is that of the front page", home=HOME)
        raise UnknownName(say("A card ends in .png"), hint=hint)
    query = exchange.query_string.decode("ascii", "ignore")
    about = await exchange.describe("/" if path == HOME else f"/{path}", query)
    exchange.described = About(about.title, about.canonical)

    async def write() -> bytes:
        summary = about.summary or (await about.lead() if about.lead else "")
        return await asyncio.to_thread(draw, about._replace(summary=summary), exchange.opened.id, exchange.language)

    return await exchange.serve(write)


def draw(about: About, release: str, language: Language) -> bytes:
    """Draw the card of a page, as PNG."""
    title = about.words or about.title
    main, above = (about.summary, title) if about.summary else (title, about.title if about.words else "")
    # The first size in which the whole text has room.
    sizes = [Text(main, size, is_bold=True, most=most, space=50) for size, most in ((56, 4), (44, 5), (36, 7))]
    fitting = next((one for one in sizes if len(one._replace(most=99).lines) <= one.most), sizes[-1])
    foot = language.gettext("Release of %(day)s, every fact with its passage")
    foot %= {"day": language.day(Work("", "", release).issued)}
    svg = environment(language).get_template("card.svg")
    drawing = svg.render(
        brand=Text(SITE, 30, "#12508c", True),
        above=Text(above, 28, "#5a5750", most=2, space=10),
        main=fitting,
        foot=Text(f"{foot} · {terms.BASE.removeprefix('https://').rstrip('/')}", 24, "#5a5750"),
        width=WIDTH,
        margin=MARGIN,
        family=FAMILY,
    )
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=drawing,
            skip_system_fonts=True,
            font_files=[str(path) for path in FILES.values()],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    )

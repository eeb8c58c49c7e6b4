"""The picture that stands for a page where its address is shared: what it is called, what it says, and of which release.

It is drawn here, with the font of the pictures and no other, and asks nothing of anybody.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, NamedTuple

import resvg_py
from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers
from api.render.page import environment
from kg import terms
from kg.answer.citation import SITE, Work
from kg.answer.formats import Format
from kg.errors import UnknownName
from kg.languages import Language
from kg.picture.font import FILES, wrap
from kg.wording import say

router = APIRouter(tags=["Quoting"])

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


async def _about(exchange: Exchange) -> About:
    """Describe a card as the page that it stands for."""
    path = exchange.params["card"].removesuffix(PNG.suffix)
    if path == exchange.params["card"]:
        hint = say("/card/%(home)s.png is that of the front page", home=HOME)
        raise UnknownName(say("A card ends in .png"), hint=hint)
    query = exchange.query_string.decode("ascii", "ignore")
    return await exchange.describe("/" if path == HOME else f"/{path}", query)


offers = Offers(PNG, about=_about, errors=(404, 410))


@router.get("/card/{card:path}", **offers.documented)
async def card(exchange: Annotated[Exchange, Depends(offers)]) -> Response:
    """The picture that stands for a page where it is shared: its path and .png."""
    about = exchange.about
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

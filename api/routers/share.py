"""The picture that stands for a page where its address is shared: what it is called, what it says, and of which release.

It is drawn here, with the font of the pictures and no other, and asks nothing of anybody.
"""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as xml
from typing import NamedTuple
from urllib.parse import parse_qsl

import resvg_py
from starlette.requests import Request
from starlette.responses import Response

from api.http.language import language_of
from api.http.responses import About, opened_of, serve
from api.releases import OpenRelease
from api.routers.quoting import about_of
from kg import terms
from kg.answer import questions
from kg.answer.citation import SITE, Work
from kg.answer.formats import Format
from kg.errors import UnknownName
from kg.languages import Language
from kg.picture.font import FILES, wrap
from kg.wording import say

PNG = Format("png", "image/png", ".png", ())
SUFFIX = ".png"
HOME = "home"  # the front page, whose own path is empty
WIDTH, HEIGHT, MARGIN = 1200, 630, 80
PAPER, INK, SOFT, ACCENT = "#fbfaf7", "#1c1b19", "#5a5750", "#12508c"
FAMILY = "DejaVu Sans"


class Text(NamedTuple):
    """How a text is set: its size, its colour, whether it is bold, and the most lines it may have."""

    size: int
    colour: str
    is_bold: bool = False
    most: int = 1

    @property
    def line(self) -> int:
        """How far its lines stand apart."""
        return round(self.size * 1.3)


BRAND, KICKER, FOOT = Text(30, ACCENT, True), Text(28, SOFT, most=2), Text(24, SOFT)
MAIN = (
    Text(56, INK, True, 4),
    Text(44, INK, True, 5),
    Text(36, INK, True, 7),
)  # the first that holds the whole is taken


async def card(request: Request) -> Response:
    """Answer /card/<path>.png: the card of the page at a path."""
    path = request.path_params["card"]
    if not path.endswith(SUFFIX):
        raise UnknownName(
            say("A card ends in .png"), hint=say("/card/%(home)s.png is that of the front page", home=HOME)
        )
    path = path.removesuffix(SUFFIX)
    about = await about_of(request, "/" if path == HOME else path, request.url.query)
    opened, language = opened_of(request), language_of(request)

    async def make() -> bytes:
        told = about.told or await _lead(opened, about, language)
        return await asyncio.to_thread(draw, about._replace(told=told), opened.id, language)

    return await serve(request, PNG, make, about=About(about.title, about.canonical))


async def _lead(opened: OpenRelease, about: About, language: Language) -> str:
    """Write the sentence that answers a question which is asked in the address of a page; nothing for other pages."""
    path, _, query = about.canonical.removeprefix(f"{terms.BASE}questions/").partition("?")
    if path not in opened.questions or not about.words:
        return ""
    question = opened.find_question(path)
    answer = await questions.ask(opened.asked, question, dict(parse_qsl(query)), opened.id, opened.known, language)
    return answer.lead


def draw(about: About, release: str, language: Language) -> bytes:
    """Draw the card of a page, as PNG."""
    issued = language.day(Work("", "", release).issued)
    svg = xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "width": str(WIDTH), "height": str(HEIGHT)})
    xml.SubElement(svg, "rect", {"width": str(WIDTH), "height": str(HEIGHT), "fill": PAPER})
    xml.SubElement(svg, "rect", {"width": "16", "height": str(HEIGHT), "fill": ACCENT})
    at = _put(svg, SITE, BRAND, 100)
    asked = about.words or about.title
    main, above = (about.told, asked) if about.told else (asked, about.title if about.words else "")
    at = _put(svg, above, KICKER, at + 10) if above else at
    style = next((one for one in MAIN if len(_lines(main, one._replace(most=99))) <= one.most), MAIN[-1])
    _put(svg, main, style, at + 50)
    foot = language.gettext("Release of %(day)s, every fact with its passage") % {"day": issued}
    _put(svg, f"{foot} · {terms.BASE.removeprefix('https://').rstrip('/')}", FOOT, HEIGHT - 50)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=xml.tostring(svg, encoding="unicode"),
            skip_system_fonts=True,
            font_files=[str(path) for path in FILES.values()],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    )


def _put(svg: xml.Element, text: str, style: Text, at: int) -> int:
    """Set a text from a line on; the place of the line behind it."""
    for line in _lines(text, style):
        told = {
            "x": str(MARGIN),
            "y": str(at),
            "font-family": FAMILY,
            "font-size": str(style.size),
            "fill": style.colour,
        }
        xml.SubElement(svg, "text", told | ({"font-weight": "bold"} if style.is_bold else {})).text = line
        at += style.line
    return at


def _lines(text: str, style: Text) -> list[str]:
    return wrap(text, style.size, WIDTH - 2 * MARGIN, style.most, style.is_bold)

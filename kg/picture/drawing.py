"""Draws rows as a picture of a kind, as SVG, and turns that into PNG."""

from collections.abc import Callable, Mapping, Sequence

import resvg_py

from kg.languages import Language
from kg.picture import bars, chain, countries, figures, matrix, places, timeline
from kg.picture.canvas import HIGHEST
from kg.picture.font import FILES
from kg.picture.frame import MARGIN, Body, Frame, Picture, compose
from kg.picture.table import Row, Table

DENSITY = 2  # pixels of a PNG for each of the picture

# A kind of picture is a writer and its row here, beside its roles in kg.sparql.drawing.
_WRITERS: Mapping[str, Callable[..., Body]] = {
    "timeline": timeline.draw,
    "map": lambda table, *size: (countries if "state" in table.roles else places).draw(table, *size),
    "figures": figures.draw,
    "bars": bars.draw,
    "matrix": matrix.draw,
    "chain": chain.draw,
}


def draw(
    kind: str, rows: Sequence[Row], roles: Mapping[str, Sequence[str]], frame: Frame, language: Language
) -> Picture:
    """Draw rows, in SPARQL's JSON form, as a picture of a kind; `roles` names the columns that fill each of its roles.

    It shows as many things as its kind does, and fewer until they are no higher than a picture may be.
    """
    table, width = Table(rows, roles, language, frame.names, frame.meanings), frame.width - 2 * MARGIN
    body = _WRITERS[kind](table, width)
    highest, most = HIGHEST[body.is_narrow], body.shown
    while body.height > highest and most > 1:
        most = max(1, min(most - 1, int(most * highest / body.height)))
        body = _WRITERS[kind](table, width, most)
    return compose(body, frame)


def write_png(picture: Picture) -> bytes:
    """Write a picture as PNG, with the font of the pictures and no other."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=picture.svg,
            width=picture.width * DENSITY,
            skip_system_fonts=True,
            font_files=[str(path) for path in FILES.values()],
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
        )
    )

"""Symbols of documents: of the United Nations' documents, and the address at which the symbol opens each.

A symbol in the data may be followed by a part ("A/47/38, general recommendation No. 19"); the address is the document's.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

ADDRESS = "https://undocs.org/en/"  # the United Nations' service that opens a document by its symbol
# The series that begin the symbols: the principal organs' (A, E, S), the treaty bodies' and their compilations (HRI).
_SYMBOL = re.compile(
    r"(?:A|E|S|CAT|CCPR|CED|CEDAW|CERD|CMW|CRC|CRPD|HRI|SPT)"
    r"(?:/[A-Za-z0-9.\-]+)+"
    r"(?: ?\(Vol\. ?[IVX]+\))?"
)


def address_of(symbol: str) -> str | None:
    """Write the address of the document with a symbol; None for what is no symbol of the United Nations."""
    match = _SYMBOL.match(symbol)
    if match is None or symbol[match.end() :][:1] not in ("", ",", " "):
        return None
    return ADDRESS + quote(match[0].replace(" ", ""), safe="/().-")


def opens_at(values: Mapping[str, Sequence[str]]) -> str | None:
    """Return where a document can be read, from its facts: the address recorded, else the one that its symbol makes."""
    return next(filter(None, (*values.get("link", ()), *map(address_of, values.get("symbol", ())))), None)

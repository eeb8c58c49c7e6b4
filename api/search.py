"""The search: /search?q=, and the texts of a release in memory, among which it looks.

Each text is looked at once for a search. Where the texts are too many, or take long to fetch, the engine looks instead.
"""

from __future__ import annotations

import asyncio
import json
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Self

from starlette.requests import Request
from starlette.responses import Response

from api import negotiate, rows
from api.negotiate import HTML, JSON
from api.page import Reader
from api.responses import About, opened_of, reader_of, serve, write_json
from kg import terms
from kg.errors import AnswerableError, AnswerTooLarge
from kg.terms import Literal

MOST_WORDS = 5  # that one search looks for
MOST_ROWS = 400  # texts that a search finds; those of one thing are then shown as one
MOST_SHOWN = 100  # things
PATIENCE = 5.0  # seconds in which a search waits for the texts, when it is one of the first of a release
PART = 25_000  # texts that are fetched at once
LARGEST = 64 << 20  # bytes that the texts of a release may take in memory, once to look in and once to show

_Text = tuple[int, int, str, str, str]  # rank of its property, length, IRI of its thing, language, the text itself


async def search(request: Request) -> Response:
    """Answer /search?q=: the things whose texts have every word."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    wanted = request.query_params.get("q", "")[:200]
    words = wanted.lower().split()[:MOST_WORDS]
    reader = reader_of(request)

    async def make() -> bytes:
        found = rows.gather(await _find(reader, words), "thing", "text")[:MOST_SHOWN] if words else []
        if offer is HTML:
            about = About(f"Search: {wanted}" if wanted else "Search", terms.BASE + "search")
            return await reader.fill("search.html", found, about=about, wanted=wanted, found=found)
        page = await reader.page(found)
        results = [
            {"id": row["thing"], "label": page.name(row["thing"]), "text": row["text"], "href": page.path(row["thing"])}
            for row in found
        ]
        return write_json({"q": wanted, "results": results, "release": opened_of(request).id})

    return await serve(request, offer, make)


async def _find(reader: Reader, words: Sequence[str]) -> list[rows.Row]:
    texts: Texts | None = None
    with suppress(AnswerableError, TimeoutError):
        async with asyncio.timeout(PATIENCE):  # the fetching goes on for the searches to come
            texts = await reader.opened.once.find("texts", partial(Texts.fetch, reader))
    if texts is not None:
        return texts.find(words)
    bindings = {f"w{n + 1}": Literal(words[n] if n < len(words) else "") for n in range(MOST_WORDS)}
    return await reader.ask("search", **bindings)


class Texts:
    """Texts in the order in which a search shows them: by the rank of their property, by length, by their thing.

    They are held as bytes, in lower case to look in and as they are to show, and so take little more memory than their file.
    """

    def __init__(self, found: Iterable[_Text]) -> None:
        self._lower, self._shown = bytearray(), bytearray()
        self._starts, self._ends = array("Q"), array("Q")  # of each text in `_lower`, and in `_shown`
        for _, _, thing, language, text in sorted(found):
            self._starts.append(len(self._lower))
            self._lower += text.lower().replace("\n", " ").encode() + b"\n"
            self._shown += f"{thing} {language} {text}".encode()
            self._ends.append(len(self._shown))

    @classmethod
    async def fetch(cls, reader: Reader) -> Self | None:
        """Fetch the texts of a release from its engine; None where they are too many, or a part is for one answer."""
        found: list[_Text] = []
        size, last = 0, PART
        try:
            while last == PART:
                part = await asyncio.to_thread(_read, await reader.part("texts", PART, len(found)))
                found, last = found + part, len(part)
                size += 2 * sum(len(text.encode()) for *_, text in part)
                if size > LARGEST:
                    return None
        except AnswerTooLarge:
            return None
        return await asyncio.to_thread(cls, found)

    def find(self, words: Sequence[str]) -> list[rows.Row]:
        """Find the first texts that have every word, as rows of thing and text; the words are in lower case."""
        first, *others = sorted((word.encode() for word in words), key=len, reverse=True)
        found, at = [], self._lower.find(first)
        while at >= 0 and len(found) < MOST_ROWS:
            number = bisect_right(self._starts, at) - 1
            end = self._lower.index(b"\n", at)
            text = self._lower[self._starts[number] : end]
            if all(word in text for word in others):
                found.append(self._row(number))
            at = self._lower.find(first, end)
        return found

    def _row(self, number: int) -> rows.Row:
        start = self._ends[number - 1] if number else 0
        thing, language, text = self._shown[start : self._ends[number]].decode().split(" ", 2)
        return {"thing": rows.Cell(thing, "uri"), "text": rows.Cell(text, language=language)}


def _read(body: bytes) -> list[_Text]:
    """Read a part of the texts from SPARQL JSON results."""
    return [
        (int(row["rank"]["value"]), len(text["value"]), row["thing"]["value"], text.get("xml:lang", ""), text["value"])
        for row in json.loads(body)["results"]["bindings"]
        for text in [row["text"]]
    ]

"""Hints at terms of ours in a query that do not exist, each with the nearest one that does.

The answer stays what SPARQL says, mostly nothing; the hint tells why.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection
from functools import lru_cache
from itertools import islice

from kg import terms
from kg.answer.engine import Engine, ask_rows
from kg.errors import AnswerableError
from kg.sparql.vocabulary import unknown_terms

MOST = 3  # terms that one hint speaks of
_IRI = re.compile(rf"<((?:{re.escape(terms.VOCABULARY)}|{re.escape(terms.SCHEME)})[^<>]*)>")
_TERMS = (
    "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in ("rdfs", "skos"))
    + "SELECT DISTINCT ?term { { ?term rdfs:isDefinedBy ?module } UNION { ?term skos:inScheme ?scheme }"
    + " UNION { ?term a skos:ConceptScheme } }"
)


class Hints:
    """What there is to say of the terms in queries of one release, whose own terms are fetched once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: frozenset[str] | None = None

    async def find(self, text: str) -> str:
        """Say in one line which terms of ours in a query do not exist; nothing when all do, or none is known."""
        if terms.VOCABULARY not in text and terms.SCHEME not in text:
            return ""
        if self._known is None:
            try:
                rows = await ask_rows(self._engine, _TERMS)
            except AnswerableError:  # the query itself was answered; another will ask again
                return ""
            self._known = frozenset(row["term"]["value"] for row in rows)
        if not self._known or _knows_all(text, self._known):
            return ""
        return await asyncio.to_thread(_describe, text, self._known)


def _knows_all(text: str, known: Collection[str]) -> bool:
    """Say whether all is known that could be a term of ours; reads no tokens, so it may take a text in quotes for one."""
    used, spaces = set(), {}
    for match in _IRI.finditer(text):
        before = text[max(match.start() - 70, 0) : match.start()].split()
        if before and before[-1].endswith(":"):
            spaces[before[-1][:-1]] = match[1]
        if not match[1].endswith(("#", "/")):
            used.add(match[1])
    if len(spaces) > MOST:  # the text is searched once for each
        return False
    return used <= known and all(
        space + name in known for prefix, space in spaces.items() for name in _names(prefix)(text)
    )


@lru_cache(1000)
def _names(prefix: str) -> Callable[[str], list[str]]:
    """Make a function that lists the names written with a prefix in a text."""
    word = re.escape(prefix) + ":"
    return re.compile(rf"{word}(?<![\w.-]{word})([\w-]+(?:\.[\w-]+)*)").findall


def _describe(text: str, known: Collection[str]) -> str:
    found = dict.fromkeys(f"{one.message}. {one.hint}".strip() for one in islice(unknown_terms(text, known), MOST))
    return " ".join(found)

"""Hints at terms of ours in a query that do not exist, each with the nearest one that does.

The answer stays what SPARQL says, mostly nothing; the hint tells why.
"""

import asyncio
from collections.abc import Collection
from itertools import islice

from kg import terms
from kg.answer.engine import Engine, ask_rows
from kg.errors import AnswerableError
from kg.sparql.vocabulary import unknown_terms

MOST = 3  # terms that a hint names
_TERMS = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?term {
  { ?term rdfs:isDefinedBy ?module } UNION { ?term skos:inScheme ?scheme } UNION { ?term a skos:ConceptScheme }
}"""


class Hints:
    """Hints for the queries of one release, whose terms are fetched once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._terms: frozenset[str] | None = None

    async def find(self, text: str) -> str:
        """Name in one line the terms of ours in a query that do not exist; nothing where all do, or no term is known."""
        if terms.VOCABULARY not in text and terms.SCHEME not in text:
            return ""
        if self._terms is None:
            try:
                rows = await ask_rows(self._engine, _TERMS)
            except AnswerableError:  # the query itself was answered; another will ask again
                return ""
            self._terms = frozenset(row["term"]["value"] for row in rows)
        return await asyncio.to_thread(_describe, text, self._terms) if self._terms else ""


def _describe(text: str, known_terms: Collection[str]) -> str:
    unknown = islice(unknown_terms(text, known_terms), MOST)
    return " ".join(dict.fromkeys(f"{term.message}. {term.hint}".strip() for term in unknown))

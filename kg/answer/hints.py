"""Hints at terms of ours in a query that do not exist, each with the nearest one that does.

The answer stays what SPARQL says, mostly nothing; the hint tells why.
"""

import asyncio
from collections.abc import Collection, Iterable
from functools import partial

from kg import terms
from kg.answer.cache import SingleFlight
from kg.answer.engine import Engine, ask_rows
from kg.errors import AnswerableError
from kg.sparql.vocabulary import explain_unknown, unknown_terms

MOST = 3  # terms that a hint names
SHORT = 2_000  # characters of a query that is read at once; a longer one is read in a thread
_TERMS = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?term {
  { ?term rdfs:isDefinedBy ?module } UNION { ?term skos:inScheme ?scheme } UNION { ?term a skos:ConceptScheme }
}"""


async def find_hint(engine: Engine, once: SingleFlight, text: str) -> str:
    """Name in one line the terms of ours in a query that do not exist; nothing where all do, or no term is known.

    `once` caches the terms of the release that the engine answers from.
    """
    if terms.VOCABULARY not in text and terms.SCHEME not in text:
        return ""
    try:
        existing = await once.find("terms", partial(_read_terms, engine))
    except AnswerableError:  # the query itself was answered; another will ask again
        return ""
    if not existing:
        return ""
    look = partial(unknown_terms, text, existing)
    unknown = look() if len(text) < SHORT else await asyncio.to_thread(look)
    return await asyncio.to_thread(_explain, [iri for _, iri in unknown[:MOST]], existing) if unknown else ""


async def _read_terms(engine: Engine) -> frozenset[str]:
    return frozenset(row["term"]["value"] for row in await ask_rows(engine, _TERMS))


def _explain(unknown: Iterable[str], existing: Collection[str]) -> str:
    return " ".join(explain_unknown(iri, existing) for iri in dict.fromkeys(unknown))

"""Which of some things have to do with another: they name it, or name a thing that names it."""

from __future__ import annotations

from collections.abc import Iterable

from kg import terms
from kg.answer.engine import Engine, ask_about
from kg.terms import Iri

_QUERY = """SELECT DISTINCT ?this ?thing {
  VALUES ?thing {}
  { ?thing ?names ?this } UNION { ?thing ?names ?between . ?between ?also ?this }
}"""


async def find_related(engine: Engine, this: str, things: Iterable[str]) -> set[str]:
    """Find those of some things that name `this`, or name something that names it."""
    ours = (iri for iri in things if iri.startswith(terms.ID))
    return {row["thing"] for row in await ask_about(engine, _QUERY, ours, {"this": Iri(this)})}

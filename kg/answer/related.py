"""Finds the changes that have to do with a thing: of things that name it, or name a thing that names it."""

from collections.abc import Sequence

from kg import terms
from kg.answer.engine import Engine, ask_about
from kg.changes import REMOVED, Change
from kg.terms import Iri

_QUERY = """SELECT DISTINCT ?this ?thing {
  VALUES ?thing {}
  { ?thing ?names ?this } UNION { ?thing ?names ?between . ?between ?also ?this }
}"""


async def find_changes(engine: Engine, this: str, changes: Sequence[Change]) -> list[Change]:
    """Pick the changes that have to do with a thing: itself, what names it, and what names something that does."""
    things = {change.thing for change in changes} | {name for change in changes for name in change.names}
    ours = (iri for iri in things if iri.startswith(terms.ID))
    near = {this, *(row["thing"] for row in await ask_about(engine, _QUERY, ours, {"this": Iri(this)}))}

    # Of a thing that is gone, only what it named is known here.
    near |= {change.thing for change in changes if change.what == REMOVED and not near.isdisjoint(change.names)}
    return [change for change in changes if change.thing in near or this in change.names]

"""Which of some things, or changes, have to do with another thing: they name it, or name a thing that names it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from kg import terms
from kg.answer.engine import Engine
from kg.changes import REMOVED, Change
from kg.store import Query
from kg.terms import Iri

AT_ONCE = 400  # IRIs in one query; its text stays below the limit of a query
_QUERY = """SELECT DISTINCT ?this ?thing {
  VALUES ?thing {}
  { ?thing ?names ?this } UNION { ?thing ?names ?between . ?between ?also ?this }
}"""


async def find_related(engine: Engine, this: str, things: Iterable[str]) -> set[str]:
    """Find those of some things that name `this`, or name something that names it."""
    wanted = sorted(iri for iri in set(things) if iri.startswith(terms.ID))
    found: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        listed = " ".join(f"<{iri}>" for iri in wanted[start : start + AT_ONCE])
        text = _QUERY.replace("VALUES ?thing {}", f"VALUES ?thing {{ {listed} }}")
        answer = await engine.answer(Query(text, "json", {"this": Iri(this)}))
        found |= {row["thing"]["value"] for row in json.loads(answer.body)["results"]["bindings"]}
    return found


async def find_changes(engine: Engine, this: str, changes: Sequence[Change]) -> list[Change]:
    """Pick the changes that have to do with a thing: itself, what names it, and what names something that does."""
    things = {one.thing for one in changes} | {name for one in changes for name in one.names}
    near = await find_related(engine, this, things) | {this}

    def is_near(one: Change) -> bool:
        # Of a thing that is gone, only what it named is known here.
        return one.thing in near or this in one.names or one.what == REMOVED and not near.isdisjoint(one.names)

    return [one for one in changes if is_near(one)]

"""Where the things of an answer are: their own coordinates if they are places, else those of the places where they happened."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from kg import terms
from kg.answer.engine import Engine
from kg.store import Query

AT_ONCE = 400  # IRIs in one query; its text stays below the limit of a query


class Place(NamedTuple):
    """A place with coordinates: the digits are those of the record, and `precision` says how narrowly they fix it."""

    iri: str
    label: str
    latitude: str
    longitude: str
    precision: str


async def find_places(engine: Engine, things: Iterable[str]) -> dict[str, tuple[Place, ...]]:
    """Find the places of those things that have any; a place without coordinates is where the place around it is."""
    found: dict[str, dict[str, Place]] = {}
    wanted = sorted(iri for iri in set(things) if iri.startswith(terms.BASE))
    for start in range(0, len(wanted), AT_ONCE):
        listed = " ".join(f"<{iri}>" for iri in wanted[start : start + AT_ONCE])
        answer = await engine.answer(Query(_QUERY.replace("VALUES ?thing {}", f"VALUES ?thing {{ {listed} }}")))
        for row in json.loads(answer.body)["results"]["bindings"]:
            told = {name: term["value"] for name, term in row.items()}
            fields = (told.get(name, "") for name in ("place", "label", "latitude", "longitude", "precision"))
            found.setdefault(told["thing"], {}).setdefault(told["place"], Place(*fields))
    return {thing: tuple(places.values()) for thing, places in found.items()}


_QUERY = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in ("ans", "skos")) + (
    # A place that has coordinates of its own is not put where the place around it is.
    """SELECT ?thing ?place ?label ?latitude ?longitude ?precision {
  VALUES ?thing {}
  ?thing ans:happensIn? ?within . ?within ans:liesWithin? ?place .
  ?place ans:latitude ?latitude ; ans:longitude ?longitude ; skos:prefLabel ?label FILTER (LANG(?label) = "en")
  FILTER (?within = ?place || NOT EXISTS { ?within ans:latitude ?own })
  OPTIONAL { ?place ans:hasPlacePrecision ?fixed . ?fixed skos:prefLabel ?precision FILTER (LANG(?precision) = "en") }
} ORDER BY ?thing ?place"""
)

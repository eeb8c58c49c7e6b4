"""Where the things of an answer are: their own coordinates if they are places, else those of the places where they happened."""

from collections.abc import Iterable
from typing import NamedTuple

from kg import terms
from kg.answer.engine import Engine, ask_about


class Place(NamedTuple):
    """A place with coordinates: the digits are those of the record, and `precision` says how narrowly they fix it."""

    iri: str
    label: str
    latitude: str
    longitude: str
    precision: str


async def find_places(engine: Engine, things: Iterable[str]) -> dict[str, tuple[Place, ...]]:
    """Find the places of those things that have any; a place without coordinates is where the place around it is."""
    places: dict[str, dict[str, Place]] = {}
    for row in await ask_about(engine, _QUERY, (iri for iri in things if iri.startswith(terms.BASE))):
        place = Place(*(row.get(name, "") for name in ("place", "label", "latitude", "longitude", "precision")))
        places.setdefault(row["thing"], {}).setdefault(place.iri, place)
    return {thing: tuple(by_iri.values()) for thing, by_iri in places.items()}


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

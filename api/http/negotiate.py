"""Which representation to send: by `format=`, by suffix, else by the Accept header (RFC 9110, 12.5.1).

The client's preference decides, and among equals the order of the offers; NotAcceptable lists the offers where none fits. At
the SPARQL endpoint, clients send `format`, `output` and `results` with names of many kinds: those it knows decide, the others
leave it to Accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from kg.answer import formats
from kg.answer.formats import Format
from kg.errors import NotAcceptable
from kg.wording import say

LONGEST_ACCEPT = 4096  # characters; a browser sends some 150

HTML = formats.by_name("html", formats.PAGE)
TURTLE = formats.by_name("ttl", formats.GRAPH)
JSON = formats.by_name("json", formats.ANSWER)

RESULTS = tuple(one for one in formats.formats_of(formats.BINDINGS) if one.write_rows is None)
# Of one graph, so without the formats for several.
GRAPHS = tuple(one for one in formats.formats_of(formats.GRAPH) if one.name not in ("nq", "trig"))
RESULT_GRAPHS = tuple(formats.formats_of(formats.GRAPH))
# What a query of each form can be answered in (SPARQL 1.1 Protocol, 2.1.5).
BY_FORM: Mapping[str, Sequence[Format]] = {
    "SELECT": RESULTS,
    "ASK": RESULTS,
    "CONSTRUCT": RESULT_GRAPHS,
    "DESCRIBE": RESULT_GRAPHS,
}
# Further names that clients give to formats; the first that can hold the answer is meant.
NAMES: Mapping[str, Sequence[str]] = {
    "srj": ("json",),
    "sparql-results+json": ("json",),
    "srx": ("xml",),
    "sparql-results+xml": ("xml",),
    "json": ("json", "jsonld"),
    "application/json": ("json", "jsonld"),
    "json-ld": ("jsonld",),
    "ld+json": ("jsonld",),
    "application/x-json+ld": ("jsonld",),
    "xml": ("xml", "rdf"),
    "application/xml": ("xml", "rdf"),
    "rdf+xml": ("rdf",),
    "rdf/xml": ("rdf",),
    "rdfxml": ("rdf",),
    "rdf-xml": ("rdf",),
    "turtle": ("ttl",),
    "n3": ("ttl",),
    "ntriples": ("nt",),
    "n-triples": ("nt",),
    "ntriple": ("nt",),
    "nquads": ("nq",),
    "n-quads": ("nq",),
}
ANSWERS = tuple(formats.formats_of(formats.ANSWER))


def parse(accept: str | None) -> dict[str, float]:
    """Read the quality of each media range in an Accept header; none, or an empty one, accepts everything."""
    if accept is None or not accept.strip():
        return {"*/*": 1.0}
    ranges: dict[str, float] = {}
    for element in accept[:LONGEST_ACCEPT].lower().split(","):
        media_range, *parameters = (part.strip() for part in element.split(";"))
        pairs = (parameter.partition("=") for parameter in parameters)
        qualities = [_quality(value) for name, _, value in pairs if name.strip() == "q"]
        ranges[media_range] = max(qualities[-1] if qualities else 1.0, ranges.get(media_range, 0.0))
    return ranges


def choose(accept: str | None, offers: Sequence[Format], override: str | None = None) -> Format:
    """Pick by `override`, a suffix or the value of `format=`, where there is one; else the offer that Accept likes best."""
    if override:
        return named(override, offers)
    if offer := best(accept, offers):
        return offer
    raise refuse(say("None of the media types in Accept can be made here"), offers)


def best(accept: str | None, offers: Sequence[Format]) -> Format | None:
    """Find the offer that Accept likes best; None where it likes none."""
    ranges = parse(accept)
    first = max(offers, key=lambda offer: _liking(offer, ranges))  # max keeps the first of equals: the server's order
    return first if _liking(first, ranges) else None


def named(name: str, offers: Sequence[Format]) -> Format:
    """Find the offer called `name`, which may be its short name or a media type; raises NotAcceptable."""
    if offer := _find((name.strip().lower().partition(";")[0].strip(),), offers):
        return offer
    raise refuse(say("There is no format %(name)s here", name=f"{name[:40]!r}"), offers)


def wanted(values: Iterable[str], offers: Sequence[Format]) -> Format | None:
    """Find the one offer that all the names in `values` which are known mean; None where there is none, or more than one.

    A value may be a list of names with commas between them, as in an Accept header.
    """
    fitting = {}
    for name in parse(",".join(values)) if values else ():
        name = name.replace(" ", "+")  # which is what a plus becomes that was sent as it is
        if offer := _find((name, *NAMES.get(name, ())), offers):
            fitting[offer.name] = offer
    return next(iter(fitting.values())) if len(fitting) == 1 else None


@lru_cache(1024)
def wants_page(accept: str | None, *others: Format) -> bool:
    """Say whether a client would rather have a page than any of the other formats."""
    return best(accept, (*others, HTML)) is HTML


def split_suffix(name: str, offers: Iterable[Format]) -> tuple[str, str | None]:
    """Split `key.ttl` into key and suffix, the longest that is on offer; an end that is none belongs to the key."""
    known = sorted((offer.name for offer in offers), key=len, reverse=True)
    found = next((suffix for suffix in known if name.endswith(f".{suffix}") and len(name) > len(suffix) + 1), None)
    return (name.removesuffix(f".{found}"), found) if found else (name, None)


def refuse(message: str, offers: Iterable[Format]) -> NotAcceptable:
    """Make the error that lists what is on offer."""
    offered = [offer.media_type for offer in offers]
    return NotAcceptable(message, offered=offered, hint=say("On offer: %(names)s", names=", ".join(offered)))


def _find(names: Sequence[str], offers: Iterable[Format]) -> Format | None:
    fitting = (offer for offer in offers if not {offer.name, offer.media_type, *offer.aliases}.isdisjoint(names))
    return next(fitting, None)


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0  # also refuses nan


def _liking(offer: Format, ranges: Mapping[str, float]) -> float:
    """Weigh an offer by the range that covers it most precisely."""
    exact = offer.media_type.partition(";")[0].strip()
    covering = (exact, exact.partition("/")[0] + "/*", "*/*")
    quality = next((ranges[one] for one in covering if one in ranges), 0.0)
    # An alias counts a shade less than the true name, so that application/json;q=1 never beats an exact match of q=1.
    return max(quality, *(0.999 * ranges.get(alias, 0.0) for alias in offer.aliases), 0.0)

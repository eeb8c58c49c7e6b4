"""Which representation to send: by `format=`, by suffix, else by the Accept header (RFC 9110, 12.5.1); and in which language.

The client's preference decides, and among equals the order of the offers; NotAcceptable lists the offers where none fits. At
the SPARQL endpoint, clients send `format`, `output` and `results` with names of many kinds: those it knows decide, the others
leave it to Accept.

The language of a page is chosen by `lang=` in the address, else by Accept-Language, else it is English. Data are the same in all
languages: `lang=` alone, never the header, decides what a data format is written in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from kg.answer import formats
from kg.answer.formats import Format
from kg.errors import BadParameter, NotAcceptable
from kg.languages import DEFAULT, LANGUAGES, Language, speak
from kg.wording import say

LONGEST_ACCEPT = 4096  # characters; a browser sends some 150
_QUALITY = re.compile(r"0?\.\d+|0\.?|1(?:\.0*)?", re.ASCII)  # RFC 9110, 12.4.2, and without the zero, as Java writes it

PARAMETER = "lang"

HTML = formats.by_name("html", formats.PAGE)
TURTLE, JSONLD = (formats.by_name(name, formats.GRAPH) for name in ("ttl", "jsonld"))
JSON, CSV, MARKDOWN = (formats.by_name(name, formats.ANSWER) for name in ("json", "csv", "md"))
ATOM = Format("atom", "application/atom+xml")
SHOWN_FEED = "application/xml"  # as what a browser shows a feed, which it would save under its true name
XLSX, SVG, PNG = (formats.by_name(name, formats.ANSWER) for name in ("xlsx", "svg", "png"))

RESULTS = tuple(form for form in formats.formats_of(formats.BINDINGS) if form.write_rows is None)
# Of one graph, so without the formats for several.
GRAPHS = tuple(form for form in formats.formats_of(formats.GRAPH) if form.name not in ("nq", "trig"))
RESULT_GRAPHS = tuple(formats.formats_of(formats.GRAPH))
# What a query of each form can be answered in (SPARQL 1.1 Protocol, 2.1.5).
BY_FORM: Mapping[str, Sequence[Format]] = {
    "SELECT": RESULTS,
    "ASK": RESULTS,
    "CONSTRUCT": RESULT_GRAPHS,
    "DESCRIBE": RESULT_GRAPHS,
}
# Further names that clients of the SPARQL endpoint give to formats; the first offer that has a name is meant by it.
NAMES: Mapping[str, Sequence[str]] = {
    "json": ("srj", "sparql-results+json", "application/json"),
    "xml": ("srx", "sparql-results+xml", "application/xml"),
    "jsonld": ("json-ld", "ld+json", "application/x-json+ld", "json", "application/json"),
    "rdf": ("rdf+xml", "rdf/xml", "rdfxml", "rdf-xml", "xml", "application/xml"),
    "ttl": ("turtle", "n3"),
    "nt": ("ntriples", "n-triples", "ntriple"),
    "nq": ("nquads", "n-quads"),
}
ANSWERS = tuple(formats.formats_of(formats.ANSWER))


def parse(accept: str | None) -> dict[str, float]:
    """Read the quality of each media range in an Accept header; none, or an empty one, accepts everything."""
    if accept is None or not accept.strip():
        return {"*/*": 1.0}
    ranges: dict[str, float] = {}
    for element in accept[:LONGEST_ACCEPT].lower().split(","):
        media_range, *parameters = (part.strip() for part in element.split(";"))
        quality = 1.0
        for name, _, value in (parameter.partition("=") for parameter in parameters):
            if name.strip() == "q":
                quality = float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
        ranges[media_range] = max(quality, ranges.get(media_range, 0.0))
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
    plain = name.strip().lower().partition(";")[0].strip()
    if offer := _find(plain, offers):
        return offer
    raise refuse(say("There is no format %(name)s here", name=f"{name!r}"), offers)


def only_named(values: Iterable[str], offers: Sequence[Format]) -> Format | None:
    """Find the offer that all known names in `values` mean; None where they mean none, or several.

    A value may be a list of names with commas between them, as in an Accept header.
    """
    names = (
        name.replace(" ", "+") for name in parse(",".join(values))
    )  # a plus that was sent as it is becomes a space
    fitting = {offer for name in names if (offer := _find(name, offers, NAMES))}
    return fitting.pop() if len(fitting) == 1 else None


@lru_cache(1024)
def wants_page(accept: str | None, *others: Format) -> bool:
    """Say whether a client would rather have a page than any of the other formats."""
    return best(accept, (*others, HTML)) is HTML


def split_suffix(name: str, offers: Iterable[Format]) -> tuple[str, str | None]:
    """Split `key.ttl` into key and suffix, the longest that is on offer; an end that is none belongs to the key."""
    for suffix in sorted((offer.name for offer in offers), key=len, reverse=True):
        key = name.removesuffix(f".{suffix}")
        if key not in ("", name):
            return key, suffix
    return name, None


def refuse(message: str, offers: Iterable[Format]) -> NotAcceptable:
    """Make the error that lists what is on offer."""
    offered = [offer.media_type for offer in offers]
    return NotAcceptable(message, offered=offered, hint=say("On offer: %(names)s", names=offered))


def _find(name: str, offers: Iterable[Format], more: Mapping[str, Sequence[str]] = {}) -> Format | None:
    fitting = (
        offer for offer in offers if name in (offer.name, offer.media_type, *offer.aliases, *more.get(offer.name, ()))
    )
    return next(fitting, None)


def _liking(offer: Format, ranges: Mapping[str, float]) -> float:
    """Weigh an offer by the range that covers it most precisely."""
    exact = offer.media_type.partition(";")[0].strip()
    covering = (exact, exact.partition("/")[0] + "/*", "*/*")
    quality = next((ranges[media_range] for media_range in covering if media_range in ranges), 0.0)
    # An alias counts a shade less than the true name, so that application/json;q=1 never beats an exact match of q=1.
    return max(quality, *(0.999 * ranges.get(alias, 0.0) for alias in offer.aliases), 0.0)


class Visit(NamedTuple):
    """What a page needs to know of the request it answers: the language, whether the address names it, and that address.

    `here` is the path with its query, without the language; the switch between languages is made from it.
    """

    language: Language = speak(DEFAULT)
    is_chosen: bool = False
    here: str = "/"


def visit_of(request: Request, *, is_page: bool = True) -> Visit:
    """Read the language of a page, or of a data format, from a request; raises BadParameter for one that is not spoken here."""
    chosen = request.query_params.get(PARAMETER, "")
    if chosen and chosen not in LANGUAGES:
        raise BadParameter(
            say("There is no language %(code)s here", code=f"{chosen!r}"),
            where=PARAMETER,
            hint=say("Known: %(names)s", names=LANGUAGES),
        )
    preferred = _preferred(request.headers.get("accept-language")) if is_page else DEFAULT
    others = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
    here = request.scope["path"] + (f"?{urlencode(others, safe='/:')}" if others else "")
    return Visit(speak(chosen or preferred), bool(chosen), here)


def _preferred(accepted: str | None) -> str:
    """Pick the language that a browser likes best; among equals, and where it likes none, the first of ours."""
    liked = [(DEFAULT if tag == "*" else tag.partition("-")[0], quality) for tag, quality in parse(accepted).items()]
    return max(LANGUAGES, key=lambda code: max((quality for name, quality in liked if name == code), default=0.0))

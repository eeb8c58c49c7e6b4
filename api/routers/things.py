"""Things: the redirect from a thing to the document about it, and the document as a page or as data.

A thing that is not there is 404 with the nearest names, one that was withdrawn 410. A page for another kind of
thing is one row of VIEWS, its template and its queries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path
from rapidfuzz import fuzz, process
from starlette.responses import RedirectResponse, Response

from api import models
from api.dependencies import About, Exchange, Offers, Section, alternates, check_section, exchange_of
from api.http.addresses import write_json
from api.http.negotiate import GRAPHS, HTML, JSON
from api.openapi import answers
from api.render import rows
from api.render.documents import describe
from api.render.page import Reader, narrowest
from api.routers import feeds, search
from api.routers.feeds import ATOM
from api.routers.vocabulary import compact
from kg import terms
from kg.errors import BadParameter, UnknownName, Withdrawn
from kg.languages import DEFAULT
from kg.symbols import address_of
from kg.terms import LICENCE, Iri, Literal
from kg.wording import say

router = APIRouter(tags=["Things"])

FORMS = (HTML, *GRAPHS, JSON, ATOM)
LONGEST_KEY = 300
CLOSE, NEAR = 3, 60  # names that a 404 offers, and of 100 how like the address that is not there they are
TYPE = terms.PREFIXES["rdf"] + "type"
LABEL = terms.PREFIXES["skos"] + "prefLabel"
TOMBSTONE = terms.term("Tombstone")
SKOS_CONCEPT = terms.PREFIXES["skos"] + "Concept"
OURS = (terms.VOCABULARY, terms.PREFIXES["skos"])  # others repeat what is said in these


class View(NamedTuple):
    """One kind of page: the class of the thing (ours by its local name), the template and the page queries it needs.

    `sections` can be shown alone and in full; `alone` names the queries that one then needs, where they
    are not those of the page.
    `once` names queries that bind nothing, whose rows all pages of a release share.
    """

    kind: str
    template: str
    queries: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    alone: Mapping[str, tuple[str, ...]] = {}


OF_INSTRUMENT = ("provisions", "breached", "parties", "stated", "versions-of", "statements", "recommended")
OF_LIST = ("provisions", "parties", "stated", "said", "recommended")
BY_RIGHT = ("duties", "taken", "breached", "raised")
STATE_ALONE = {
    "rights": BY_RIGHT,
    "treaties": ("participations", "reserved", "reported"),
    "alleged": ("allegations",),
    "acts": ("attributable",),
    "recommended": ("addressed",),
}
# The first row whose class the thing has is taken, so what is more special stands first.
VIEWS = (
    View(
        "Act",
        "act.html",
        (
            "findings",
            "allegations",
            "engagements",
            "carried",
            "statements",
            "contested",
            "recommended",
            "promised",
            "aftermath",
        ),
        ("statements", "recommended", "promised"),
    ),
    View(
        "Event",
        "event.html",
        ("acts", "figures", "aftermath", "recommended", "said", "found-in", "alleged-in", "engaged-in", "promised-in"),
        ("happened", "figures", "said", "found", "alleged", "promised", "next", "recommended"),
    ),
    View(
        "Provision",
        "provision.html",
        ("bound", "carried", "breaching", "involved", "stated", "divided", "bases"),
        ("found", "acts", "bases", "bound", "stated"),
        ("accuracy",),
    ),
    View("Recommendation", "recommendation.html", ("responses", "assessments", "followed", "repeated"), ("followed",)),
    View("Statement", "statement.html", ("rivals", "contested", "quoted")),
    View("Engagement", "engagement.html", ("engagement", "carried")),
    View("Obligation", "obligation.html", ("owed", "carried", "engaged-by"), ("acts",)),
    View("Participation", "participation.html", ("declared",), ("declared",)),
    View("StateDeclaration", "declaration.html", ("incoming",)),
    View(
        "Decision",
        "decision.html",
        ("decided", "told", "repeating", "passages", "remedies", "undecided"),
        ("passages",),
        ("accuracy",),
    ),
    View("Document", "document.html", ("passages", "remedies", "decided", "cited-for"), ("passages", "found")),
    View("Passage", "passage.html", ("resting", "place"), ("resting",)),
    View(
        "State",
        "state.html",
        (*BY_RIGHT, "participations", "tallied", "lately", "opened", "attributable", "addressed", "allegations"),
        tuple(STATE_ALONE),
        ("protected", "article-parts", "accuracy"),
        STATE_ALONE,
    ),
    View(
        "TreatyBody",
        "body.html",
        ("monitored", "tallied-yearly", "judged", "lately", "astray"),
        ("states",),
        ("accuracy",),
    ),
    View("Instrument", "instrument.html", OF_INSTRUMENT, OF_LIST),
    View("LawVersion", "instrument.html", OF_INSTRUMENT, OF_LIST),
    View("Place", "place.html", ("there", "around-place"), ("happened", "acts")),
    View("Actor", "actor.html", ("doings", "related"), ("did", "said", "published")),
    View(SKOS_CONCEPT, "concept.html", ("around", "used", "incoming", "in-words"), ("used",)),
)
OTHER = View("", "thing.html", ("incoming", "in-words"), ("linked",))


async def _about(exchange: Exchange) -> About:
    """Read the facts of the thing that an address names; raises UnknownName, or Withdrawn for a tombstone."""
    params = exchange.params
    if "scheme" in params:
        path = f"/scheme/{params['scheme']}/{params['key']}"
        iri = terms.BASE + path[1:]
    else:
        path = f"/doc/{params['kind']}/{params['key']}"
        iri = _mint(params["kind"], params["key"])
    facts = await _read_facts(exchange.reader, iri)
    types = tuple(row["value"] for row in facts if row["property"] == TYPE and not row["derived"].is_true)
    labels = {row["value"].language: row["value"] for row in reversed(facts) if row["property"] == LABEL}
    title = labels.get(exchange.language.code) or labels.get(DEFAULT) or next(iter(labels.values()), iri)
    return About(title, iri, alternates(path, (*GRAPHS, JSON, ATOM)), types=types, subject=facts)


def _mint(kind: str, key: str) -> str:
    """Make the IRI of a thing; raises UnknownName for what cannot be the address of one."""
    try:
        if len(kind) + len(key) > LONGEST_KEY:
            raise ValueError("too long")
        return terms.mint(kind, key)
    except ValueError:
        raise UnknownName(
            say("Nothing here can have the address /id/%(kind)s/%(key)s", kind=kind[:40], key=key[:80]),
            hint=say("Addresses are /id/<type>/<key>, in lower-case letters, digits and hyphens"),
        ) from None


async def _read_facts(reader: Reader, iri: str) -> list[rows.Row]:
    try:
        facts = await reader.ask("facts", this=Iri(iri))
    except BadParameter:  # this can be the IRI of nothing
        facts = []
    if not facts:
        message = say("Nothing here has the address %(iri)s", iri=iri[:200])
        raise UnknownName(message, hint=await _suggest(reader, iri))
    if TOMBSTONE in _types(facts):
        values = rows.by_property(facts)
        day = values.get("withdrawnOn", [say("an unknown day")])[0]
        reason = values.get("withdrawalReason", [say("no reason given")])[0]
        message = say("Withdrawn on %(day)s: %(reason)s", day=day, reason=reason)
        others = values.get("isReplacedBy")
        raise Withdrawn(message, hint=say("In its place: %(address)s", address=others[0]) if others else None)
    return facts


def _types(facts: Iterable[rows.Row]) -> list[rows.Cell]:
    return [row["value"] for row in facts if row["property"] == TYPE]


async def _suggest(reader: Reader, iri: str) -> str:
    """Name the things whose addresses are most like one at which there is none."""
    stem = iri[: iri.rindex("/") + 1]
    if index := await search.open_index(reader):
        names = await asyncio.to_thread(index.beneath, stem)
    else:
        names = [row["thing"] for row in await reader.ask("keys", stem=Literal(stem))]
    keys = {name: name.removeprefix(stem) for name in names}
    near = process.extract(iri.removeprefix(stem), keys, scorer=fuzz.ratio, limit=CLOSE, score_cutoff=NEAR)
    close = " · ".join(name for *_, name in near)
    return say("Did you mean %(close)s?", close=close) if close else say("/search finds things by their names")


thing = Offers(*FORMS, about=_about, stem="key", model=models.ThingDocument, errors=(404, 410))
Kind = Annotated[str, Path(description="The type in the address.", examples=["state"])]
Key = Annotated[str, Path(description="The key, and a suffix for the format.", examples=["kaz"])]


@router.get("/id/{kind}/{key}", **answers(status=303, errors=(404, 410)))
async def redirect(exchange: Annotated[Exchange, Depends(exchange_of)], kind: Kind, key: Key) -> Response:
    """A thing: 303 to the document about it."""
    path = f"/doc/{kind}/{key}"
    await exchange.describe(path)  # which raises for what is not there
    return RedirectResponse(exchange.page.at(path), 303, {"Cache-Control": "public, no-cache"})


@router.get("/doc/{kind}/{key}", **thing.documented)
async def document(exchange: Annotated[Exchange, Depends(thing)], kind: Kind, key: Key, show: Section = "") -> Response:
    """The document about a thing, by Accept or suffix (.html .ttl .jsonld .nt .rdf .json .atom)."""
    return await _serve(exchange, show)


@router.get("/scheme/{scheme}/{key}", **thing.documented)
async def concept(
    exchange: Annotated[Exchange, Depends(thing)],
    scheme: Annotated[str, Path(examples=["right"])],
    key: Annotated[str, Path(examples=["non-refoulement"])],
    show: Section = "",
) -> Response:
    """One concept of a scheme."""
    return await _serve(exchange, show)


async def _serve(exchange: Exchange, show: str) -> Response:
    if exchange.offer is ATOM:
        return await feeds.thing(exchange)
    return await exchange.serve(partial(_write, exchange, show))


async def _write(exchange: Exchange, show: str) -> bytes:
    if exchange.offer is HTML:
        return await _page(exchange, show)
    if exchange.offer is JSON:
        return await _json(exchange)
    iri, form, path = exchange.about.canonical, exchange.offer.name, exchange.path.removesuffix(f".{exchange.suffix}")
    facts = describe(exchange.opened.release, path, iri, form)
    return await compact(exchange, await exchange.reader.graph("describe", form, facts, this=Iri(iri)))


async def _page(exchange: Exchange, show: str) -> bytes:
    reader, iri, facts = exchange.reader, exchange.about.canonical, exchange.about.subject
    types = _types(facts)
    view = next((view for view in VIEWS if {view.kind, terms.term(view.kind)}.intersection(types)), OTHER)
    check_section(show, view.sections)
    tables: dict[str, list[rows.Row]] = {name: [] for name in chain(view.queries, *view.alone.values())}
    tables |= await reader.ask_all(view.alone.get(show, view.queries), this=Iri(iri))
    shared = await reader.ask_all(view.once)
    above = {(row["class"], row["above"]) for row in await reader.ask("classes")}
    known = rows.by_property(facts)
    properties = [row["property"] for table in (facts, *tables.values()) for row in table if "property" in row]
    manners = {iri for table in tables.values() for row in table for iri in (row.get("manners") or "").split()}
    return await exchange.fill(
        view.template,
        facts,
        *tables.values(),
        *shared.values(),
        also=[iri, *properties, *manners],
        iri=iri,
        show=show,
        kinds=narrowest(exchange.about.types, above) or narrowest(types, above),
        narrowest=partial(narrowest, above=above),
        facts=[row for row in facts if row["value" if row["property"] == TYPE else "property"].startswith(OURS)],
        known=known,
        opens=opens_at(known),
        derived={(row["property"], row["value"]) for row in facts if row["derived"].is_true},
        subjects=_by_key(await reader.ask("subjects"), "provision", "subject", exchange.language.code),
        glossary=_by_key(await reader.ask("glossary"), "term", "meaning", exchange.language.code),
        **{name.replace("-", "_"): table for name, table in (tables | shared).items()},
    )


def _by_key(table: list[rows.Row], key: str, column: str, code: str) -> dict[str, rows.Cell]:
    """Map the values of a column to texts: to those in a language, else to the first there are."""
    spoken = {row[key]: row[column] for row in table if row[column].language == code}
    return {row[key]: row[column] for row in reversed(table)} | spoken


async def _json(exchange: Exchange) -> bytes:
    iri, facts = exchange.about.canonical, exchange.about.subject
    page = await exchange.reader.page(facts, also=[iri])
    properties: dict[str, list[Any]] = {}
    for row in facts:
        value = row["value"]
        literal = {"value": value, "datatype": value.datatype, "language": value.language}
        member = {"id": value, "label": page.name(value)} if value.is_iri else literal
        shown = {name: text for name, text in member.items() if text or name == "value"}
        properties.setdefault(terms.shorten(row["property"]), []).append(shown | {"derived": row["derived"].is_true})
    opens = opens_at(rows.by_property(facts))
    names = {"id": iri, "label": page.name(iri)} | ({"opensAt": opens} if opens else {})
    return write_json({**names, "properties": properties, "release": exchange.opened.id, "license": LICENCE})


def opens_at(values: Mapping[str, Sequence[str]]) -> str | None:
    """Return where a document can be read, from its facts: the address recorded, else the one that its symbol makes."""
    return next(filter(None, (*values.get("link", ()), *map(address_of, values.get("symbol", ())))), None)

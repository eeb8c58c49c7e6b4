"""Things: the redirect from a thing to the document about it, and the document as a page or as data.

A thing that is not there is 404 with the nearest names, one that was withdrawn 410. A page for another kind of thing is one row
of VIEWS, its template and its queries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping, Sequence
from functools import partial
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
from api.routers import feeds, jsonld, search
from api.routers.feeds import ATOM
from kg import terms
from kg.errors import BadParameter, UnknownName, Withdrawn
from kg.languages import DEFAULT
from kg.symbols import address_of
from kg.terms import LICENCE, Iri, Literal
from kg.wording import say

router = APIRouter(tags=["Things"])

FORMS = (HTML, *GRAPHS, JSON, ATOM)
LONGEST_KEY = 300
CLOSE, NEAR = 3, 60  # names that a 404 offers, and of 100 how like the one that was asked they are
TYPE = terms.PREFIXES["rdf"] + "type"
LABEL = terms.PREFIXES["skos"] + "prefLabel"
TOMBSTONE = terms.term("Tombstone")
SKOS_CONCEPT = terms.PREFIXES["skos"] + "Concept"
OF_PROVISION = ("bound", "carried", "breaching", "involved", "stated", "divided", "bases")
OF_INSTRUMENT = ("provisions", "breached", "parties", "stated", "versions-of", "statements", "recommended")
OF_LIST = dict.fromkeys(("provisions", "parties", "stated", "said", "recommended"), ())
BY_RIGHT = ("duties", "taken", "breached", "raised")
SIDES = ("findings", "allegations", "engagements")
OF_ACT = (*SIDES, "carried", "statements", "contested", "recommended", "promised", "aftermath")
IN_EVENT = ("said", "found-in", "alleged-in", "engaged-in", "promised-in")


class View(NamedTuple):
    """One kind of page: the class of the thing (ours by its local name), the template and the page queries it needs.

    `sections` names the sections that can be shown alone and in full, each with the queries that it needs: those of the page where
    none are named. `once` names queries that bind nothing, whose rows all pages of a release share.
    """

    kind: str
    template: str
    queries: tuple[str, ...] = ()
    sections: Mapping[str, tuple[str, ...]] = {}
    once: tuple[str, ...] = ()


OF_STATE = ("participations", "tallied", "lately", "opened", "attributable", "addressed", "allegations")
# The first row whose class the thing has is taken, so what is more special stands first.
VIEWS = (
    View("Act", "act.html", OF_ACT, dict.fromkeys(("statements", "recommended", "promised"), ())),
    View(
        "Event",
        "event.html",
        ("acts", "figures", "aftermath", "recommended", *IN_EVENT),
        dict.fromkeys(("happened", "figures", "said", "found", "alleged", "promised", "next", "recommended"), ()),
    ),
    View(
        "Provision",
        "provision.html",
        OF_PROVISION,
        dict.fromkeys(("found", "acts", "bases", "bound", "stated"), ()),
        ("accuracy",),
    ),
    View(
        "Recommendation", "recommendation.html", ("responses", "assessments", "followed", "repeated"), {"followed": ()}
    ),
    View("Statement", "statement.html", ("rivals", "contested", "quoted")),
    View("Engagement", "engagement.html", ("engagement", "carried")),
    View("Obligation", "obligation.html", ("owed", "carried", "engaged-by"), {"acts": ()}),
    View("Participation", "participation.html", ("declared",), {"declared": ()}),
    View("StateDeclaration", "declaration.html", ("incoming",)),
    View(
        "Decision",
        "decision.html",
        ("decided", "told", "repeating", "passages", "remedies", "undecided"),
        {"passages": ()},
        ("accuracy",),
    ),
    View("Document", "document.html", ("passages", "remedies", "decided", "cited-for"), {"passages": (), "found": ()}),
    View("Passage", "passage.html", ("resting", "place"), {"resting": ()}),
    View(
        "State",
        "state.html",
        (*BY_RIGHT, *OF_STATE),
        {
            "rights": BY_RIGHT,
            "treaties": ("participations", "reserved", "reported"),
            "alleged": ("allegations",),
            "acts": ("attributable",),
            "recommended": ("addressed",),
        },
        ("protected", "article-parts", "accuracy"),
    ),
    View(
        "TreatyBody",
        "body.html",
        ("monitored", "tallied-yearly", "judged", "lately", "astray"),
        {"states": ()},
        ("accuracy",),
    ),
    View("Instrument", "instrument.html", OF_INSTRUMENT, OF_LIST),
    View("LawVersion", "instrument.html", OF_INSTRUMENT, OF_LIST),
    View("Place", "place.html", ("there", "around-place"), {"happened": (), "acts": ()}),
    View("Actor", "actor.html", ("doings", "related"), dict.fromkeys(("did", "said", "published"), ())),
    View(SKOS_CONCEPT, "concept.html", ("around", "used", "incoming", "in-words"), {"used": ()}),
)
OTHER = View("", "thing.html", ("incoming", "in-words"), {"linked": ()})


async def _about(exchange: Exchange) -> About:
    """Read what is said of the thing that an address names; raises UnknownName, or Withdrawn for a tombstone."""
    params = exchange.params
    if "scheme" in params:
        path = f"/scheme/{params['scheme']}/{params['key']}"
        iri = terms.BASE + path[1:]
    else:
        path = f"/doc/{params['kind']}/{params['key']}"
        iri = f"{terms.ID}{params['kind']}/{params['key']}"
        _check_key(params["kind"], params["key"])
    facts = await _require(exchange, iri)
    types = tuple(row["value"] for row in facts if row["property"] == TYPE and not _is_derived(row))
    title = _label(facts, exchange.language.code) or iri
    return About(title, iri, alternates(path, (*GRAPHS, JSON, ATOM)), types=types, subject=facts)


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
    about, offer = exchange.about, exchange.offer
    if offer is ATOM:
        return await feeds.thing(exchange)
    if offer is HTML:
        check_section(show, _view(about.subject).sections)

    async def write() -> bytes:
        if offer is HTML:
            return await _page(exchange, show)
        if offer is JSON:
            return await _json(exchange)
        path = exchange.path.removesuffix(f".{exchange.suffix}")
        facts = describe(exchange.opened.release, path, about.canonical, offer.name)
        return await exchange.reader.graph("describe", offer.name, facts, this=Iri(about.canonical))

    return await jsonld.serve(exchange, write, about.canonical)


def _view(facts: Sequence[rows.Row]) -> View:
    classes = {row["value"].removeprefix(terms.VOCABULARY) for row in facts if row["property"] == TYPE}
    return next((view for view in VIEWS if view.kind in classes), OTHER)


async def _page(exchange: Exchange, show: str) -> bytes:
    reader, iri, facts = exchange.reader, exchange.about.canonical, exchange.about.subject
    view = _view(facts)
    names = dict.fromkeys([*view.queries, *(name for needed in view.sections.values() for name in needed)])
    asked = await reader.ask_all(view.sections.get(show) or view.queries, this=Iri(iri))
    tables = {name: asked.get(name, []) for name in names}
    once = {name: await reader.ask(name) for name in view.once}
    above = await reader.classes()
    known = rows.by_property(facts)
    properties = [row["property"] for table in (facts, *tables.values()) for row in table if "property" in row]
    manners = {iri for table in tables.values() for row in table for iri in (row.get("manners") or "").split()}
    return await exchange.fill(
        view.template,
        facts,
        *tables.values(),
        *once.values(),
        also=[iri, *properties, *manners],
        iri=iri,
        show=show,
        kinds=_kinds(facts, above),
        narrowest=partial(narrowest, above=above),
        facts=[row for row in facts if _is_ours(row)],
        known=known,
        opens=opens_at(known),
        derived={(row["property"], row["value"]) for row in facts if _is_derived(row)},
        subjects=await _by_key(reader, "subjects", "provision", "subject"),
        glossary=await _by_key(reader, "glossary", "term", "meaning"),
        **{name.replace("-", "_"): table for name, table in (tables | once).items()},
    )


async def _by_key(reader: Reader, name: str, key: str, column: str) -> dict[str, rows.Cell]:
    """Read the rows of a query that binds nothing as a dictionary, once for a release and language."""
    code = reader.visit.language.code

    async def make() -> dict[str, rows.Cell]:
        found: dict[str, rows.Cell] = {}
        for row in await reader.ask(name):
            if row[key] not in found or row[column].language == code:
                found[row[key]] = row[column]
        return found

    return await reader.opened.once.find((name, key, column, code), make)


async def _json(exchange: Exchange) -> bytes:
    iri, facts = exchange.about.canonical, exchange.about.subject
    page = await exchange.reader.page(facts, also=[iri])
    properties: dict[str, list[Any]] = {}
    for row in facts:
        value = row["value"]
        if value.is_iri:
            member = {"id": value, "label": page.name(value)}
        else:
            member = {"value": value, "datatype": value.datatype or None, "language": value.language or None}
        member["derived"] = _is_derived(row)
        given = {name: part for name, part in member.items() if part is not None}
        properties.setdefault(terms.shorten(row["property"]), []).append(given)
    opens = opens_at(rows.by_property(facts))
    told = {"opensAt": opens} if opens else {}
    names = {"id": iri, "label": page.name(iri), **told, "properties": properties}
    return write_json({**names, "release": exchange.opened.id, "license": LICENCE})


def opens_at(known: Mapping[str, Sequence[str]]) -> str | None:
    """Return where a document can be read, from its facts: the address recorded, else the one that its symbol makes."""
    return next(iter(known.get("link", ())), None) or next(filter(None, map(address_of, known.get("symbol", ()))), None)


async def _require(exchange: Exchange, iri: str) -> list[rows.Row]:
    """Fetch what is said of a thing; raises UnknownName, or Withdrawn for a tombstone."""
    try:
        facts = await exchange.reader.ask("facts", this=Iri(iri))
    except BadParameter:  # this can be the IRI of nothing
        facts = []
    if not facts:
        raise UnknownName(
            say("Nothing here has the address %(iri)s", iri=iri[:200]), hint=await _suggest(exchange.reader, iri)
        )
    if any(row["property"] == TYPE and row["value"] == TOMBSTONE for row in facts):
        known = rows.by_property(facts)
        day = known.get("withdrawnOn", [say("an unknown day")])[0]
        reason = known.get("withdrawalReason", [say("no reason given")])[0]
        raise Withdrawn(
            say("Withdrawn on %(day)s: %(reason)s", day=day, reason=reason),
            hint=known.get("isReplacedBy") and say("In its place: %(address)s", address=known["isReplacedBy"][0]),
        )
    return facts


async def _suggest(reader: Reader, iri: str) -> str:
    stem = iri[: iri.rindex("/") + 1]
    index = await search.open_index(reader)
    names = await asyncio.to_thread(index.beneath, stem) if index else await _beneath(reader, stem)
    keys = {name: name.removeprefix(stem) for name in names}
    close = [
        name
        for _, _, name in process.extract(
            iri.removeprefix(stem), keys, scorer=fuzz.ratio, limit=CLOSE, score_cutoff=NEAR
        )
    ]
    if close:
        return say("Did you mean %(close)s?", close=" · ".join(close))
    return say("/search finds things by their names")


async def _beneath(reader: Reader, stem: str) -> list[str]:
    """List things by the beginning of their IRI, in a release that has no index."""
    return [row["thing"] for row in await reader.ask("keys", stem=Literal(stem))]


def _check_key(kind: str, key: str) -> None:
    """Raise UnknownName for what cannot be the address of a thing."""
    try:
        if len(kind) + len(key) > LONGEST_KEY:
            raise ValueError("too long")
        terms.mint(kind, key)
    except ValueError:
        raise UnknownName(
            say("Nothing here can have the address /id/%(kind)s/%(key)s", kind=kind[:40], key=key[:80]),
            hint=say("Addresses are /id/<type>/<key>, in lower-case letters, digits and hyphens"),
        ) from None


def _is_ours(row: rows.Row) -> bool:
    """Say whether a fact is told in our vocabulary or in SKOS, and not repeated in one that ours is aligned with."""
    told = row["value"] if row["property"] == TYPE else row["property"]
    return told.startswith((terms.VOCABULARY, terms.PREFIXES["skos"]))


def _label(facts: Sequence[rows.Row], code: str) -> str | None:
    labels = {row["value"].language: row["value"] for row in reversed(facts) if row["property"] == LABEL}
    return labels.get(code) or labels.get(DEFAULT) or next(iter(labels.values()), None)


def _is_derived(row: rows.Row) -> bool:
    return bool(row["derived"] and row["derived"].is_true)


def _kinds(facts: Sequence[rows.Row], above: Mapping[str, Container[str]]) -> list[str]:
    """Pick the classes to show: of those that were stated, or else of all, the ones with none of the others below them."""
    types = [row for row in facts if row["property"] == TYPE]
    stated = [row["value"] for row in types if not _is_derived(row)]
    return narrowest(stated, above) or narrowest((row["value"] for row in types), above)

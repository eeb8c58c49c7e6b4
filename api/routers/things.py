"""Things: the redirect from a thing to the document about it, and the document as a page or as data.

A thing that is not there is 404 with the nearest names, one that was withdrawn 410. A page for another kind of thing is one row
of VIEWS, its template and its queries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.http import negotiate
from api.http.language import visit_of
from api.http.negotiate import GRAPHS, HTML, JSON
from api.http.responses import About, alternates, opened_of, prefix_of, reader_of, serve, write_json
from api.render import rows
from api.render.documents import describe
from api.render.page import Page, Reader, narrowest
from api.routers import feeds, jsonld, search
from api.routers.feeds import ATOM
from api.routers.jsonld import JSONLD
from kg import terms
from kg.errors import BadParameter, UnknownName, Withdrawn
from kg.languages import DEFAULT
from kg.symbols import address_of
from kg.terms import LICENCE, Iri, Literal
from kg.wording import say

FORMS = (HTML, *GRAPHS, JSON, ATOM)
LONGEST_KEY = 300
CLOSE, NEAR = 3, 60  # names that a 404 offers, and of 100 how like the one that was asked they are
TYPE = terms.PREFIXES["rdf"] + "type"
LABEL = terms.PREFIXES["skos"] + "prefLabel"
TOMBSTONE = terms.term("Tombstone")
SKOS_CONCEPT = terms.PREFIXES["skos"] + "Concept"
SHOW = "show"  # the parameter that asks for one section of a page, in full
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
        ("decided", "told", "repeating", "passages", "remedies"),
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
        ("protected", "accuracy"),
    ),
    View(
        "TreatyBody", "body.html", ("monitored", "tallied", "judged", "lately", "astray"), {"states": ()}, ("accuracy",)
    ),
    View("Instrument", "instrument.html", OF_INSTRUMENT, OF_LIST),
    View("LawVersion", "instrument.html", OF_INSTRUMENT, OF_LIST),
    View("Place", "place.html", ("there", "around-place"), {"happened": (), "acts": ()}),
    View("Actor", "actor.html", ("doings", "related"), dict.fromkeys(("did", "said", "published"), ())),
    View(SKOS_CONCEPT, "concept.html", ("around", "used", "incoming", "in-words"), {"used": ()}),
)
OTHER = View("", "thing.html", ("incoming", "in-words"), {"linked": ()})


async def redirect(request: Request) -> Response:
    """Send /id/<type>/<key> to the document about it; a suffix is kept."""
    kind, key = _key(request)
    stem, suffix = negotiate.split_suffix(key, FORMS)
    await _require(request, f"{terms.ID}{kind}/{stem}")
    page = Page(opened_of(request), prefix_of(request), {}, visit_of(request))
    target = page.at(f"/doc/{kind}/{stem}" + (f".{suffix}" if suffix else ""))
    return RedirectResponse(target, 303, {"Cache-Control": "public, no-cache"})


async def document(request: Request) -> Response:
    """Answer /doc/<type>/<key>, as a page or as data."""
    kind, key = _key(request)
    stem, suffix = negotiate.split_suffix(key, FORMS)
    return await _thing(request, f"{terms.ID}{kind}/{stem}", f"/doc/{kind}/{stem}", suffix)


async def concept(request: Request) -> Response:
    """Answer /scheme/<name>/<key>."""
    scheme, key = request.path_params["scheme"], request.path_params["key"]
    stem, suffix = negotiate.split_suffix(key, FORMS)
    return await _thing(request, f"{terms.SCHEME}{scheme}/{stem}", f"/scheme/{scheme}/{stem}", suffix)


async def _thing(request: Request, iri: str, path: str, suffix: str | None) -> Response:
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix)
    facts = await _require(request, iri)
    code = visit_of(request).language.code if offer is HTML else DEFAULT
    types = tuple(row["value"] for row in facts if row["property"] == TYPE and not _is_derived(row))
    about = About(_label(facts, code) or iri, iri, alternates(path, (*GRAPHS, JSON, ATOM)), types=types)
    if offer is ATOM:
        return await feeds.thing(request, iri, about.title)
    reader = reader_of(request)
    view = _view(facts)
    show = request.query_params.get(SHOW, "") if offer is HTML else ""
    if show and show not in view.sections:
        hint = (
            say("Sections: %(sections)s", sections=", ".join(view.sections))
            if view.sections
            else say("This page has none")
        )
        raise BadParameter(
            say("This page has no section %(show)s to show alone", show=f"{show[:40]!r}"), where=SHOW, hint=hint
        )

    async def make() -> bytes:
        if offer is HTML:
            return await _thing_page(reader, iri, facts, about, show)
        if offer is JSON:
            return await _thing_json(reader, iri, facts)
        told = describe(reader.opened.release, path, iri, offer.name)
        data = await reader.graph("describe", offer.name, told, this=Iri(iri))
        return await jsonld.write(request, data, iri) if offer is JSONLD else data

    return await serve(request, offer, make, about=about, told=jsonld.address(request) if offer is JSONLD else "")


def _view(facts: Sequence[rows.Row]) -> View:
    classes = {row["value"].removeprefix(terms.VOCABULARY) for row in facts if row["property"] == TYPE}
    return next((view for view in VIEWS if view.kind in classes), OTHER)


async def _thing_page(reader: Reader, iri: str, facts: Sequence[rows.Row], about: About, show: str) -> bytes:
    view = _view(facts)
    names = dict.fromkeys([*view.queries, *(name for needed in view.sections.values() for name in needed)])
    asked = await reader.ask_all(view.sections.get(show) or view.queries, this=Iri(iri))
    tables = {name: asked.get(name, []) for name in names}
    once = {name: await reader.ask(name) for name in view.once}
    above = await reader.classes()
    known = rows.by_property(facts)
    properties = [row["property"] for table in (facts, *tables.values()) for row in table if "property" in row]
    manners = {iri for table in tables.values() for row in table for iri in (row.get("manners") or "").split()}
    return await reader.fill(
        view.template,
        facts,
        *tables.values(),
        *once.values(),
        also=[iri, *properties, *manners],
        about=about,
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


async def _thing_json(reader: Reader, iri: str, facts: Sequence[rows.Row]) -> bytes:
    page = await reader.page(facts, also=[iri])
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
    return write_json({**names, "release": reader.opened.id, "license": LICENCE})


def opens_at(known: Mapping[str, Sequence[str]]) -> str | None:
    """Return where a document can be read, from its facts: the address recorded, else the one that its symbol makes."""
    return next(iter(known.get("link", ())), None) or next(filter(None, map(address_of, known.get("symbol", ()))), None)


async def _require(request: Request, iri: str) -> list[rows.Row]:
    """Fetch what is said of a thing; raises UnknownName, or Withdrawn for a tombstone."""
    try:
        facts = await reader_of(request).ask("facts", this=Iri(iri))
    except BadParameter:  # this can be the IRI of nothing
        facts = []
    if not facts:
        raise UnknownName(say("Nothing here has the address %(iri)s", iri=iri[:200]), hint=await _suggest(request, iri))
    if any(row["property"] == TYPE and row["value"] == TOMBSTONE for row in facts):
        known = rows.by_property(facts)
        day = known.get("withdrawnOn", [say("an unknown day")])[0]
        reason = known.get("withdrawalReason", [say("no reason given")])[0]
        raise Withdrawn(
            say("Withdrawn on %(day)s: %(reason)s", day=day, reason=reason),
            hint=known.get("isReplacedBy") and say("In its place: %(address)s", address=known["isReplacedBy"][0]),
        )
    return facts


async def _suggest(request: Request, iri: str) -> str:
    stem, reader = iri[: iri.rindex("/") + 1], reader_of(request)
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


def _key(request: Request) -> tuple[str, str]:
    kind, key = request.path_params["kind"], request.path_params["key"]
    stem, _ = negotiate.split_suffix(key, FORMS)
    try:
        if len(kind) + len(key) > LONGEST_KEY:
            raise ValueError("too long")
        terms.mint(kind, stem)
    except ValueError:
        raise UnknownName(
            say("Nothing here can have the address /id/%(kind)s/%(key)s", kind=kind[:40], key=key[:80]),
            hint=say("Addresses are /id/<type>/<key>, in lower-case letters, digits and hyphens"),
        ) from None
    return kind, key


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

"""Things: the redirect from a thing to the document about it, and the document as a page or as data.

A thing that is not there is 404 with the nearest names, one that was withdrawn 410. A page for another kind of thing is one row
of VIEWS, its template and its queries.
"""

from __future__ import annotations

import difflib
from collections.abc import Container, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import feeds, negotiate, rows
from api.feeds import ATOM
from api.language import visit_of
from api.negotiate import GRAPHS, HTML, JSON
from api.page import Page, Reader, narrowest
from api.responses import About, alternates, opened_of, prefix_of, reader_of, serve, write_json
from kg import terms
from kg.errors import BadParameter, UnknownName, Withdrawn
from kg.terms import LICENCE, Iri, Literal

FORMS = (HTML, *GRAPHS, JSON, ATOM)
LONGEST_KEY = 300
TYPE = terms.PREFIXES["rdf"] + "type"
LABEL = terms.PREFIXES["skos"] + "prefLabel"
TOMBSTONE = terms.term("Tombstone")
OF_PROVISION = ("bound", "carried", "breaching", "involved", "stated", "divided")
OF_INSTRUMENT = ("provisions", "breached", "parties", "stated")
OF_STATE = ("duties", "taken", "breached", "raised", "tallied", "lately", "opened")
ABOUT_STATE = ("attributable", "addressed", "allegations")
SIDES = ("findings", "allegations", "engagements")
PARTICIPATIONS = ("participations", "reserved", "reported")


class View(NamedTuple):
    """One kind of page: the class of the thing (by its local name), the template and the page queries it needs.

    `once` names queries that bind nothing, whose rows all pages of a release share. `incoming` says whether the page lists what
    refers to the thing.
    """

    kind: str
    template: str
    queries: tuple[str, ...]
    once: tuple[str, ...] = ()
    incoming: bool = True


# The first row whose class the thing has is taken, so what is more special stands first.
VIEWS = (
    View("Act", "act.html", (*SIDES, "carried", "statements", "contested", "recommended", "promised", "aftermath")),
    View("Event", "event.html", ("acts", "statements", "figures", "aftermath", "recommended")),
    View("Provision", "provision.html", (*OF_PROVISION, "bases"), ("accuracy",)),
    View("Recommendation", "recommendation.html", ("responses", "assessments", "followed", "repeated")),
    View("Statement", "statement.html", ("rivals", "contested")),
    View("Engagement", "engagement.html", ("engagement", "carried")),
    View("Obligation", "thing.html", ("carried",)),
    View("Participation", "participation.html", ("declared",)),
    View("StateDeclaration", "declaration.html", ()),
    View("Decision", "decision.html", ("decided", "told", "repeating", "passages", "remedies"), ("accuracy",)),
    View("Document", "document.html", ("passages", "remedies", "decided")),
    View("Passage", "passage.html", ("resting",)),
    View("State", "state.html", (*PARTICIPATIONS, *OF_STATE, *ABOUT_STATE), ("protected", "accuracy")),
    View(
        "TreatyBody", "body.html", ("monitored", "tallied", "judged", "lately", "astray"), ("accuracy",), incoming=False
    ),
    View("Instrument", "instrument.html", OF_INSTRUMENT),
    View("LawVersion", "instrument.html", OF_INSTRUMENT),
)
OTHER = View("", "thing.html", ())


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
    about = About(_label(facts) or iri, iri, alternates(path, (*GRAPHS, JSON, ATOM)))
    if offer is ATOM:
        return await feeds.thing(request, iri, about.title)
    reader = reader_of(request)

    async def make() -> bytes:
        if offer is HTML:
            return await _thing_page(reader, iri, facts, about)
        if offer is JSON:
            return await _thing_json(reader, iri, facts)
        return await reader.graph("describe", offer.name, this=Iri(iri))

    return await serve(request, offer, make, about=about)


async def _thing_page(reader: Reader, iri: str, facts: Sequence[rows.Row], about: About) -> bytes:
    classes = {row["value"].removeprefix(terms.VOCABULARY) for row in facts if row["property"] == TYPE}
    view = next((view for view in VIEWS if view.kind in classes), OTHER)
    asked = (*view.queries, "incoming") if view.incoming else view.queries
    tables = {"incoming": [], **await reader.ask_all(asked, this=Iri(iri))}
    once = {name: await reader.ask(name) for name in view.once}
    above = await reader.classes()
    known = rows.by_property(facts)
    facts = [{**row, "ours": _is_ours(row)} for row in facts]
    properties = [row["property"] for table in (facts, tables["incoming"]) for row in table]
    return await reader.fill(
        view.template,
        facts,
        *tables.values(),
        *once.values(),
        also=[iri, *properties],
        about=about,
        iri=iri,
        kinds=_kinds(facts, above),
        narrowest=partial(narrowest, above=above),
        facts=facts,
        known=known,
        derived={(row["property"], row["value"]) for row in facts if row["derived"] and row["derived"].is_true},
        **tables,
        **once,
    )


async def _thing_json(reader: Reader, iri: str, facts: Sequence[rows.Row]) -> bytes:
    page = await reader.page(facts, also=[iri])
    properties: dict[str, list[Any]] = {}
    for row in facts:
        value = row["value"]
        if value.is_iri:
            member = {"id": value, "label": page.name(value)}
        else:
            member = {"value": value, "datatype": value.datatype or None, "language": value.language or None}
        member["derived"] = bool(row["derived"] and row["derived"].is_true)
        told = {name: part for name, part in member.items() if part is not None}
        properties.setdefault(terms.shorten(row["property"]), []).append(told)
    return write_json(
        {"id": iri, "label": page.name(iri), "properties": properties, "release": reader.opened.id, "license": LICENCE}
    )


async def _require(request: Request, iri: str) -> list[rows.Row]:
    """Fetch what is said of a thing; raises UnknownName, or Withdrawn for a tombstone."""
    try:
        facts = await reader_of(request).ask("facts", this=Iri(iri))
    except BadParameter:  # this can be the IRI of nothing
        facts = []
    if not facts:
        raise UnknownName(f"Nothing here has the address {iri[:200]}", hint=await _suggest(request, iri))
    if any(row["property"] == TYPE and row["value"] == TOMBSTONE for row in facts):
        known = rows.by_property(facts)
        day = known.get("withdrawnOn", ["an unknown day"])[0]
        reason = known.get("withdrawalReason", ["no reason given"])[0]
        raise Withdrawn(
            f"Withdrawn on {day}: {reason}",
            hint=known.get("isReplacedBy") and f"In its place: {known['isReplacedBy'][0]}",
        )
    return facts


async def _suggest(request: Request, iri: str) -> str:
    stem = iri[: iri.rindex("/") + 1]
    names = [row["thing"] for row in await reader_of(request).ask("keys", stem=Literal(stem))]
    if not names:
        return f"There is nothing under {stem}; /search finds things by their names"
    close = difflib.get_close_matches(iri, names, 3, 0.6)
    return "Did you mean " + " or ".join(close) + "?" if close else "/search finds things by their names"


def _key(request: Request) -> tuple[str, str]:
    kind, key = request.path_params["kind"], request.path_params["key"]
    stem, _ = negotiate.split_suffix(key, FORMS)
    try:
        if len(kind) + len(key) > LONGEST_KEY:
            raise ValueError("too long")
        terms.mint(kind, stem)
    except ValueError:
        raise UnknownName(
            f"Nothing here can have the address /id/{kind[:40]}/{key[:80]}",
            hint="Addresses are /id/<type>/<key>, in lower-case letters, digits and hyphens",
        ) from None
    return kind, key


def _is_ours(row: rows.Row) -> bool:
    """Say whether a fact is told in our vocabulary or in SKOS, and not repeated in one that ours is aligned with."""
    told = row["value"] if row["property"] == TYPE else row["property"]
    return told.startswith((terms.VOCABULARY, terms.PREFIXES["skos"]))


def _label(facts: Sequence[rows.Row]) -> str | None:
    labels = [row["value"] for row in facts if row["property"] == LABEL]
    return next((label for label in labels if label.language == "en"), labels[0] if labels else None)


def _kinds(facts: Sequence[rows.Row], above: Mapping[str, Container[str]]) -> list[str]:
    """Pick the classes to show: of those that were stated, or else of all, the ones with none of the others below them."""
    types = [row for row in facts if row["property"] == TYPE]
    stated = [row["value"] for row in types if not (row["derived"] and row["derived"].is_true)]
    return narrowest(stated, above) or narrowest((row["value"] for row in types), above)

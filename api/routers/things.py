"""Things: the redirect from a thing to the document about it, and the document as a page or as data.

A thing that is not there is 404 with the nearest names, one that was withdrawn 410. A page for another kind of
thing is one entry of templates/things.toml, its template and its queries.
"""

import asyncio
import tomllib
from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import RedirectResponse, Response

from api import models
from api.dependencies import About, Exchange, Offers, OwnParameters, Section, alternates, check_section, exchange_of
from api.http.addresses import write_json
from api.http.negotiate import ATOM, GRAPHS, HTML, JSON
from api.openapi import answers
from api.render import assets
from api.render.page import narrowest
from api.routers import feeds
from api.routers.vocabulary import write_document
from kg import rows, terms
from kg.errors import BadParameter, ThingWithdrawn, UnknownName
from kg.symbols import opens_at
from kg.wording import say

router = APIRouter(tags=["Things"], route_class=OwnParameters)

FORMS = (HTML, *GRAPHS, JSON, ATOM)
LONGEST_KEY = 300
TYPE = terms.PREFIXES["rdf"] + "type"
LABEL = terms.PREFIXES["skos"] + "prefLabel"
TEXT_HASH = terms.term("textSha256")
OURS = (terms.VOCABULARY, terms.PREFIXES["skos"])  # others repeat what is said in these
VIEWS: dict[str, dict[str, Any]] = tomllib.loads((assets.TEMPLATES / "things.toml").read_text(encoding="utf-8"))


async def _about(exchange: Exchange) -> About:
    """Read the facts of the thing that an address names; raises UnknownName, or ThingWithdrawn for a tombstone."""
    params = exchange.params
    if "scheme" in params:
        path = f"/scheme/{params['scheme']}/{params['key']}"
        iri = terms.BASE + path[1:]
    else:
        path = f"/doc/{params['kind']}/{params['key']}"
        iri = _mint(params["kind"], params["key"])
    facts = await _read_facts(exchange, iri)
    types = tuple(row["value"] for row in facts if row["property"] == TYPE and not row["derived"].is_true)
    label = (await exchange.opened.names.label([iri], exchange.language.code)).get(iri)
    title = (label and label.spell(exchange.language)) or next(
        (row["value"] for row in facts if row["property"] == LABEL), iri
    )
    sha256 = next((row["value"] for row in facts if row["property"] == TEXT_HASH), "")
    words = exchange.opened.quotations.find(iri, sha256)  # of a passage; nothing of another thing
    return About(title, iri, alternates(path, (*GRAPHS, JSON, ATOM)), summary=words, types=types, subject=facts)


def _mint(kind: str, key: str) -> str:
    try:
        if len(kind) + len(key) > LONGEST_KEY:
            raise ValueError("too long")
        return terms.mint(kind, key)
    except ValueError:
        raise UnknownName(
            say("Nothing here can have the address /id/%(kind)s/%(key)s", kind=kind, key=key),
            hint=say("Addresses are /id/<type>/<key>, in lower-case letters, digits and hyphens"),
        ) from None


async def _read_facts(exchange: Exchange, iri: str) -> list[rows.Row]:
    try:
        facts = await exchange.ask("facts", this=terms.Iri(iri))
    except BadParameter:  # this can be the IRI of nothing
        facts = []
    if not facts:
        index = await exchange.opened.read_index()
        close = await asyncio.to_thread(index.nearest, iri)
        raise UnknownName(
            say("Nothing here has the address %(iri)s", iri=iri),
            hint=say("Did you mean %(close)s?", close=close) if close else say("/search finds things by their names"),
        )
    if terms.term("Tombstone") in _types(facts):
        values = rows.by_property(facts)
        day = values.get("withdrawnOn", [say("an unknown day")])[0]
        reasons = values.get("withdrawalReason", ())
        reason = say(reasons[0]) if reasons else say("no reason given")
        others = values.get("isReplacedBy")
        raise ThingWithdrawn(
            say("Withdrawn on %(day)s: %(reason)s", day=day, reason=reason),
            hint=say("In its place: %(address)s", address=others[0]) if others else None,
        )
    return facts


def _types(facts: Iterable[rows.Row]) -> list[rows.Cell]:
    return [row["value"] for row in facts if row["property"] == TYPE]


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
    path = exchange.path.removesuffix(f".{exchange.suffix}")
    return await write_document(exchange, "describe", path, this=terms.Iri(exchange.about.canonical))


async def _page(exchange: Exchange, show: str) -> bytes:
    iri, facts = exchange.about.canonical, exchange.about.subject
    types, values = _types(facts), rows.by_property(facts)
    short = {terms.shorten(kind) for kind in types}
    name = next((name for name, view in VIEWS.items() if short.intersection(view["classes"])), "thing")
    view, alone = VIEWS[name], VIEWS[name].get("alone", {})
    check_section(show, view.get("sections", ()))
    tables: dict[str, list[rows.Row]] = {query: [] for query in chain(view["queries"], *alone.values())}
    tables |= await exchange.ask_all(alone.get(show, view["queries"]), this=terms.Iri(iri))
    tables |= await exchange.ask_all(view.get("once", ()))
    above = {(row["class"], row["above"]) for row in await exchange.ask("classes")}
    manners = {iri for table in tables.values() for row in table for iri in (row.get("manners") or "").split()}
    subjects = _by_key(await exchange.ask("subjects"), "provision", "subject", exchange.language.code)
    retell = await exchange.opened.names.retelling(exchange.language)
    return await exchange.fill(
        f"{name}.html",
        also=[iri, *manners, *(row["property"] for row in facts)],
        iri=iri,
        show=show,
        kinds=narrowest(exchange.about.types, above) or narrowest(types, above),
        narrowest=partial(narrowest, above=above),
        facts=[row for row in facts if row["value" if row["property"] == TYPE else "property"].startswith(OURS)],
        known=values,
        opens=opens_at(values),
        words=exchange.about.summary,
        derived={(row["property"], row["value"]) for row in facts if row["derived"].is_true},
        subjects={provision: retell(text) or text for provision, text in subjects.items()},
        glossary=_by_key(await exchange.ask("glossary"), "term", "meaning", exchange.language.code),
        **{query.replace("-", "_"): table for query, table in tables.items()},
    )


def _by_key(table: list[rows.Row], key: str, column: str, code: str) -> dict[str, rows.Cell]:
    spoken = {row[key]: row[column] for row in table if row[column].language == code}
    return {row[key]: row[column] for row in reversed(table)} | spoken


async def _json(exchange: Exchange) -> bytes:
    iri, facts = exchange.about.canonical, exchange.about.subject
    page = await exchange.page_of(facts, also=[iri])
    properties: dict[str, list[Any]] = {}
    for row in facts:
        value = row["value"]
        member = {"value": value, "datatype": value.datatype, "language": value.language}
        if value.is_iri:
            member = {"id": value, "label": page.name(value)}
        shown = {name: text for name, text in member.items() if text or name == "value"}
        properties.setdefault(terms.shorten(row["property"]), []).append(shown | {"derived": row["derived"].is_true})
    opens = opens_at(rows.by_property(facts))
    names = {"id": iri, "label": page.name(iri), "opensAt": opens, "words": exchange.about.summary}
    names = {name: text for name, text in names.items() if text}
    return write_json({**names, "properties": properties, "release": exchange.opened.id, "license": terms.LICENCE})

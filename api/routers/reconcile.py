"""The Reconciliation Service API, version 0.2, as OpenRefine speaks it: what others call a State, a treaty or a right, as a thing here.

Candidates come from the search. A client's time counts against its budget. There is no JSONP: a script that this site wrote would run
in the page of another, and CORS is open for all who may read the answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AliasPath, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from starlette.responses import Response

from api import models
from api.dependencies import About, Exchange, Offers, cached, charge_client
from api.http import bodies
from api.http.addresses import requested_address, write_json
from api.http.middleware import FRAMED
from api.http.negotiate import HTML, JSON
from api.render.page import Page, query_text
from api.routers.search import open_index
from kg import rows, store, terms
from kg.catalogue import said
from kg.errors import BadParameter, UnknownName
from kg.languages import N_
from kg.reconcile.matching import Candidate, Names, is_sure, likeness
from kg.search.folding import fold, join

router = APIRouter(tags=["Reconciliation"])

MOST_BODY = 1 << 20  # bytes of a batch
MOST_QUERIES = 100  # in a batch
MOST_IDS = 1000  # whose values can be requested at once
LONGEST = 200  # characters of a name
USUAL, MOST = 5, 50  # candidates for a name
SUGGESTED = 10
WEIGHED = 20  # candidates whose properties are looked at
WIDTH, HEIGHT = 420, 220  # of a preview, in pixels
SUGGESTS = ("entity", "type", "property")


def _listed(value: Any) -> list[Any]:  # clients send a list, or one value
    return [one for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]


def _text(value: Any) -> Any:  # a thing by its id or name, a number as it is written
    value = value.get("id") or value.get("name") if isinstance(value, dict) else value
    return value if value is None else str(value)


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[int, BeforeValidator(lambda value: value or 0), Field(ge=0)]


class ReconProperty(BaseModel):
    """A property by which the candidates for a name are weighed, with the values that it should have."""

    pid: str
    v: Annotated[list[Text], BeforeValidator(_listed)] = []


class ReconQuery(BaseModel):
    """A name to match, with the kinds that it may be of."""

    query: str = ""
    type: Annotated[list[str], BeforeValidator(_listed)] = []
    limit: Number = USUAL
    properties: Annotated[list[ReconProperty], BeforeValidator(_listed)] = []


class ExtensionProperty(BaseModel):
    """A property whose values are requested, and how many of them; 0 is all."""

    id: str
    limit: Annotated[Number, Field(validation_alias=AliasPath("settings", "limit"))] = 0


class Extension(BaseModel):
    """Things, and the properties whose values are requested of them."""

    ids: Annotated[list[Text], Field(max_length=MOST_IDS)]
    properties: list[ExtensionProperty]


AsQuery = Annotated[ReconQuery, BeforeValidator(lambda value: {"query": value} if isinstance(value, str) else value)]
BATCH = TypeAdapter(Annotated[dict[str, AsQuery], Field(max_length=MOST_QUERIES)])
EXTENSION = TypeAdapter(Extension)

about_service = About(N_("Reconciliation"), terms.BASE + "reconcile")
BODY = {
    bodies.FORM: {
        "schema": {"type": "object", "properties": {name: {"type": "string"} for name in ("queries", "extend")}}
    }
}
whole_service = Offers(JSON, HTML, about=about_service, model=models.Object, errors=(413, 415, 429))
data = Offers(JSON, model=models.Object, errors=(404,))
TypeName = Annotated[str, Query(alias="type", description="A kind of things, by its id.", examples=["ans:State"])]


@router.get("/reconcile", **whole_service.documented)
async def service(
    exchange: Annotated[Exchange, Depends(whole_service)],
    queries: Annotated[
        str | None,
        Query(
            description="A batch of names to match, as JSON: an object of queries by keys.",
            examples=['{"q0": {"query": "Kazakhstan", "type": "ans:State", "limit": 3}}'],
        ),
    ] = None,
    extend: Annotated[
        str | None,
        Query(
            description="Things and properties whose values are asked, as JSON: ids and properties.",
            examples=['{"ids": ["id/state/kaz"], "properties": [{"id": "ans:isoCode"}]}'],
        ),
    ] = None,
) -> Response:
    """The Reconciliation Service API (0.2): what it can do; with queries= or extend= a batch, by GET or as a form."""
    return await _answer(exchange, exchange.values) or await _manifest(exchange)


@router.post(
    "/reconcile", openapi_extra={"requestBody": {"required": True, "content": BODY}}, **whole_service.documented
)
async def batch(exchange: Annotated[Exchange, Depends(whole_service)]) -> Response:
    """A batch of names to match, or of values of things, sent as a form."""
    if bodies.content_type(exchange.request) != bodies.FORM:
        raise BadParameter("A batch is posted as a form", where="queries", hint=f"Send it as {bodies.FORM}")
    fields, _ = await bodies.read_form(exchange.request, MOST_BODY)
    answer = await _answer(exchange, fields)
    if answer is None:
        raise BadParameter("There is nothing to match", where="queries", hint="Send queries, or extend")
    return answer


async def _answer(exchange: Exchange, fields: Mapping[str, str]) -> Response | None:
    if "queries" in fields:
        work = partial(_match, exchange, _read(BATCH, fields["queries"], "queries"))
    elif "extend" in fields:
        work = partial(_extend, exchange, _read(EXTENSION, fields["extend"], "extend"))
    else:
        return None
    spend, began = charge_client(exchange.request), time.monotonic()
    try:
        body = write_json(await work())
    finally:
        spend(time.monotonic() - began)
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON.content_type)


@router.get("/reconcile/suggest/{suggested}", **data.documented)
@cached
async def suggest(
    exchange: Annotated[Exchange, Depends(data)],
    suggested: Annotated[str, Path(description="What is suggested: entity, type or property.", examples=["entity"])],
    prefix: Annotated[str, Query(description="What is typed so far.", examples=["kaz"])] = "",
    kind: TypeName = "",
    cursor: Annotated[int, Query(ge=0, description="How many suggestions to leave out.")] = 0,
) -> bytes:
    """What is typed, completed to things (entity), types (type) or properties (property): prefix=."""
    if suggested not in SUGGESTS:
        raise UnknownName(f"Nothing is suggested for {suggested[:20]!r}", hint=f"There are {', '.join(SUGGESTS)}")
    start, end = cursor, cursor + SUGGESTED
    if suggested == "entity":
        names = await _names(exchange)
        things = await asyncio.to_thread(names.begin, prefix[:LONGEST], names.among(_listed(kind)))
        return write_json({"result": await _describe(exchange, names, things[start:end], "notable")})
    every = await (_kinds(exchange) if suggested == "type" else _properties(exchange, _listed(kind)))
    begun, start_of_id = f" {join(fold(prefix))}", prefix.lower().strip()
    result = [
        one for one in every if begun in f" {join(fold(one['name']))}" or one["id"].lower().startswith(start_of_id)
    ]
    return write_json({"result": result[start:end]})


@router.get("/reconcile/properties", **data.documented)
@cached
async def properties(
    exchange: Annotated[Exchange, Depends(data)],
    kind: TypeName = "",
    limit: Annotated[int, Query(ge=0, description="How many at most.")] = 100,
) -> bytes:
    """The properties of things of a type, whose values can be asked."""
    named = [{"id": one["id"], "name": one["name"]} for one in await _properties(exchange, _listed(kind))]
    return write_json({"limit": limit, "properties": named[:limit]} | ({"type": kind} if kind else {}))


async def _about_thing(exchange: Exchange) -> About:
    iri, names = Page.full_iri(exchange.values.get("id", "")), await _names(exchange)
    if iri not in names.names:
        raise UnknownName("There is no such thing among those that are matched", where="id")
    (described,) = await _describe(exchange, names, [iri], "type")
    return About(described["name"], iri, subject=described["type"])


previewed = Offers(HTML, about=_about_thing, errors=(404,))


@router.get("/reconcile/preview", **previewed.documented)
@partial(cached, headers={"Content-Security-Policy": FRAMED})
async def preview(
    exchange: Annotated[Exchange, Depends(previewed)],
    thing: Annotated[
        str,
        Query(
            alias="id", description="A thing, by its IRI or the part of it behind the base.", examples=["id/state/kaz"]
        ),
    ] = "",
) -> bytes:
    """A small page about one thing, for the frames of clients: id=."""
    about = exchange.about
    facts = await exchange.reader.ask("matched-facts", this=terms.Iri(about.canonical))
    path = exchange.page.path(about.canonical)
    return await exchange.fill("reconcile-preview.html", path=path, kinds=about.subject, facts=facts)


async def _address_of(exchange: Exchange) -> str:
    return requested_address(exchange.request)


@partial(cached, key=_address_of)
async def _manifest(exchange: Exchange) -> bytes:
    address, kinds = requested_address(exchange.request), await _kinds(exchange)
    if exchange.offer is HTML:
        sizes = {kind: len(things) for kind, things in (await _names(exchange)).kinds.items()}
        return await exchange.fill("reconcile.html", address=address, kinds=kinds, sizes=sizes)
    site = {"service_url": address.removesuffix("/reconcile")}
    proposed = {**site, "service_path": "/reconcile/properties"}
    return write_json(
        {
            "versions": ["0.2"],
            "name": "Answerable",
            "identifierSpace": terms.BASE,
            "schemaSpace": terms.VOCABULARY,
            "documentation": address,
            "view": {"url": terms.BASE + "{{id}}"},
            "defaultTypes": [{"id": one["id"], "name": one["name"]} for one in kinds],
            "suggest": {what: {**site, "service_path": f"/reconcile/suggest/{what}"} for what in SUGGESTS},
            "preview": {"url": f"{address}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
            "extend": {"propose_properties": proposed, "property_settings": []},
        }
    )


def _read(adapter: TypeAdapter[Any], text: str, where: str) -> Any:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part)[:20] for part in first["loc"])
        hint = f"Send {MOST_QUERIES} queries, or {MOST_IDS} things, at most" if "long" in first["type"] else None
        message = f"What {where} holds is wrong: {f'{place}: ' if place else ''}{first['msg']}"
        raise BadParameter(message, where=where, hint=hint) from None


async def _names(exchange: Exchange) -> Names:

    async def gather() -> Names:
        index = await open_index(exchange.reader)
        things = [row for row in await exchange.reader.ask("matched") if row["thing"]]
        spelt = ((row["kind"], row["thing"], one.value) for row in things for one in said(row["name"]))
        return await asyncio.to_thread(Names, spelt, index)

    return await exchange.opened.once.find(("reconcile",), gather)


async def _kinds(exchange: Exchange) -> list[dict[str, str]]:
    rows = await exchange.reader.ask("matched")
    return [{"id": row["kind"], "name": row["title"], "description": row["about"]} for row in rows if row["title"]]


async def _match(exchange: Exchange, batch: Mapping[str, ReconQuery]) -> dict[str, Any]:
    names = await _names(exchange)
    return {key: {"result": await _candidates(exchange, names, query)} for key, query in batch.items()}


async def _candidates(exchange: Exchange, names: Names, query: ReconQuery) -> list[dict[str, Any]]:
    text, among = query.query[:LONGEST], names.among(query.type)
    iri = Page.full_iri(text)
    scores = {iri: 100.0} if iri in among else await asyncio.to_thread(names.find, text, among)
    if beside := [value for one in query.properties for value in one.v]:  # "article 7" beside "CAT"
        longer = await asyncio.to_thread(names.find, " ".join([text, *beside])[: 2 * LONGEST], among)
        scores = longer | {thing: max(score, longer.get(thing, 0.0)) for thing, score in scores.items()}
    candidates = [Candidate(thing, scores[thing]) for thing in sorted(scores, key=lambda thing: -scores[thing])]
    if query.properties:
        candidates = await _weigh(exchange, names, candidates[:WEIGHED], query.properties)
    shown = candidates[: min(query.limit or USUAL, MOST)]
    described = await _describe(exchange, names, [one.thing for one in shown], "type")
    for place, (one, description) in enumerate(zip(shown, described, strict=True)):
        points = {"name": one.by_name, **one.by_property}.items()
        features = [{"id": name, "value": value} for name, value in points]
        description |= {"score": one.score, "match": place == 0 and is_sure(candidates), "features": features}
    return described


async def _weigh(
    exchange: Exchange, names: Names, candidates: Sequence[Candidate], properties: Sequence[ReconProperty]
) -> list[Candidate]:
    """Weigh candidates by the values that they have in some properties: a thing by its id or its names, else the value itself."""
    values = await _values(exchange, [one.thing for one in candidates], [one.pid for one in properties])
    texts = {
        key: [text for value in held for text in (*map(str, value.values()), *names.names_of(value.get("id", "")))]
        for key, held in values.items()
    }
    weighed = [
        one._replace(
            by_property={
                each.pid: max((likeness(text, texts.get((one.thing, each.pid), ())) for text in each.v), default=0.0)
                for each in properties
            }
        )
        for one in candidates
    ]
    return sorted(weighed, key=lambda one: -one.score)


async def _describe(exchange: Exchange, names: Names, things: Sequence[str], role: str) -> list[dict[str, Any]]:
    titles = {one["id"]: one["name"] for one in await _kinds(exchange)}
    labels = await exchange.opened.known.label(things, exchange.language.code)
    return [
        {
            "id": Page.short_iri(thing),
            "name": labels[thing].name if thing in labels else Page.short_iri(thing),
            "description": ", ".join(titles[kind] for kind in names.kinds_of(thing)),
            role: [{"id": kind, "name": titles[kind]} for kind in names.kinds_of(thing)],
        }
        for thing in things
    ]


async def _properties(exchange: Exchange, kinds: Sequence[str]) -> list[dict[str, str]]:
    properties = {
        row["property"]: {"id": terms.shorten(row["property"]), "name": row["name"], "description": row["about"]}
        for row in await exchange.reader.ask("matched-properties")
        if not kinds or row["kind"] in kinds
    }
    return [{name: text for name, text in one.items() if text} for one in properties.values()]


async def _extend(exchange: Exchange, wanted: Extension) -> dict[str, Any]:
    known, names = {one["id"]: one["name"] for one in await _properties(exchange, [])}, await _names(exchange)
    if unknown := [one.id for one in wanted.properties if one.id not in known]:
        hint = "/reconcile/properties lists those that there are"
        raise BadParameter(f"There is no property {unknown[0][:60]!r} here", where="extend", hint=hint)
    full = {thing: Page.full_iri(thing) for thing in wanted.ids}
    values = await _values(exchange, names.names.keys() & {*full.values()}, [one.id for one in wanted.properties])
    rows = {
        thing: {one.id: values.get((iri, one.id), [])[: one.limit or None] for one in wanted.properties}
        for thing, iri in full.items()
    }
    return {"meta": [{"id": one.id, "name": known[one.id]} for one in wanted.properties], "rows": rows}


async def _values(
    exchange: Exchange, things: Iterable[str], names: Sequence[str]
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Ask for the values that things have in some properties, by thing and property, in the forms of the data extension.

    A date stays text, as exact as it is recorded: the form for dates would need an hour.
    """
    full, text = {terms.expand(name): name for name in names}, query_text(exchange.reader.folder, "matched-values")
    try:
        for variable, iris in (("thing", things), ("property", full)):
            listed = " ".join(terms.write(terms.Iri(iri)) for iri in iris)
            text = text.replace(f"VALUES ?{variable} {{}}", f"VALUES ?{variable} {{ {listed} }}")
    except ValueError as error:
        raise BadParameter(str(error), where="properties") from None
    async with exchange.opened.slots:
        answer = await exchange.opened.pages.answer(store.Query(text, "json", {}))
    values: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.read(answer.body):
        forms = {"id": row["id"], "name": row["name"], "int": row["int"] and int(row["int"]), "str": row["str"]}
        form = {name: value for name, value in forms.items() if value is not None}
        values.setdefault((row["thing"], full[row["property"]]), []).append(form)
    return values

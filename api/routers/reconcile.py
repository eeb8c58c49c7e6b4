"""The Reconciliation Service API, version 0.2, as OpenRefine speaks it: what others call a State, a treaty or a right, as a thing here.

Candidates come from the search. A client's time counts against its budget. There is no JSONP: a script that this site wrote would run
in the page of another, and CORS is open for all who may read the answers.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AliasPath, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from starlette.responses import Response

from api.dependencies import About, Exchange, Offers, cached, charge_client
from api.http import bodies
from api.http.addresses import requested_address, write_json
from api.http.middleware import FRAMED
from api.http.negotiate import HTML, JSON
from api.render.page import put
from kg import terms
from kg.errors import BadParameter, UnknownName
from kg.languages import N_
from kg.reconcile import NameIndex, beginning, is_sure
from kg.search.search import LONGEST

router = APIRouter(tags=["Reconciliation"])

MOST_BODY = 1 << 20  # bytes of a batch
MOST_QUERIES = 100  # in a batch
MOST_IDS = 1000  # whose values can be requested at once
USUAL, MOST = 5, 50  # candidates for a name
SUGGESTED = 10
WEIGHED = 20  # candidates whose properties are looked at
SUGGESTS = ("entity", "type", "property")


def _listed(value: Any) -> list[Any]:  # clients send a list, or one value
    return [item for item in (value if isinstance(value, list) else [value]) if item not in (None, "")]


def _text(value: Any) -> Any:  # a thing by its id or name, a number as it is written
    value = value.get("id") or value.get("name") if isinstance(value, dict) else value
    return value if value is None else str(value)


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[int, BeforeValidator(lambda value: value or 0), Field(ge=0)]
Listed = BeforeValidator(_listed)


class ReconProperty(BaseModel):
    """A property by which the candidates for a name are weighed, with the values that it should have."""

    pid: str
    v: Annotated[list[Text], Listed] = []


class ReconQuery(BaseModel):
    """A name to match, with the kinds that it may be of."""

    query: str = ""
    type: Annotated[list[str], Listed] = []
    limit: Number = USUAL
    properties: Annotated[list[ReconProperty], Listed] = []


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

BODY = {
    bodies.FORM: {
        "schema": {"type": "object", "properties": {name: {"type": "string"} for name in ("queries", "extend")}}
    }
}
whole_service = Offers(
    *(JSON, HTML), about=About(N_("Reconciliation"), terms.BASE + "reconcile"), errors=(413, 415, 429)
)
data = Offers(JSON, errors=(404,))
Service = Annotated[Exchange, Depends(whole_service)]
Data = Annotated[Exchange, Depends(data)]
TypeName = Annotated[str, Query(alias="type", description="A kind of things, by its id.", examples=["ans:State"])]


@router.get("/reconcile", **whole_service.documented)
async def service(
    exchange: Service,
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
    if answer := await _answer(exchange, exchange.values):
        return answer
    address = requested_address(exchange.request)

    async def describe() -> bytes:
        names = await _names(exchange)
        return await exchange.fill(
            f"reconcile.{exchange.offer.name}",
            address=address,
            types=names.types,
            things=names.kinds,
            suggests=SUGGESTS,
        )

    return await exchange.serve(describe, etag_extra=address)


@router.post(
    "/reconcile", openapi_extra={"requestBody": {"required": True, "content": BODY}}, **whole_service.documented
)
async def batch(exchange: Service) -> Response:
    """A batch of names to match, or of values of things, sent as a form."""
    if bodies.content_type(exchange.request) != bodies.FORM:
        raise BadParameter("A batch is posted as a form", where="queries", hint=f"Send it as {bodies.FORM}")
    fields, _ = await bodies.read_form(exchange.request, MOST_BODY)
    if answer := await _answer(exchange, fields):
        return answer
    raise BadParameter("There is nothing to match", where="queries", hint="Send queries, or extend")


async def _answer(exchange: Exchange, fields: Mapping[str, str]) -> Response | None:
    for name, reader, work in (("queries", BATCH, _match), ("extend", EXTENSION, _extend)):
        if name in fields:
            content = _read(reader, fields[name], name)
            spend, began = charge_client(exchange.request), time.monotonic()
            try:
                body = write_json(await work(exchange, content))
            finally:
                spend(time.monotonic() - began)
            return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON.content_type)
    return None


@router.get("/reconcile/suggest/{suggested}", **data.documented)
@cached
async def suggest(
    exchange: Data,
    suggested: Annotated[str, Path(description="What is suggested: entity, type or property.", examples=["entity"])],
    prefix: Annotated[str, Query(description="What is typed so far.", examples=["kaz"])] = "",
    kind: TypeName = "",
    cursor: Annotated[int, Query(ge=0, description="How many suggestions to leave out.")] = 0,
) -> bytes:
    """What is typed, completed to things (entity), types (type) or properties (property): prefix=."""
    if suggested not in SUGGESTS:
        raise UnknownName(f"Nothing is suggested for {suggested[:20]!r}", hint=f"There are {', '.join(SUGGESTS)}")
    names, part = await _names(exchange), slice(cursor, cursor + SUGGESTED)
    if suggested == "entity":
        things = await asyncio.to_thread(names.begin, prefix[:LONGEST], names.among(_listed(kind)))
        return write_json({"result": await _describe(exchange, names, things[part], "notable")})
    every = names.types if suggested == "type" else await _properties(exchange, kind)
    fits, start = beginning(prefix), prefix.lower().strip()
    result = [entry for entry in every if fits(entry["name"]) or entry["id"].lower().startswith(start)]
    return write_json({"result": result[part]})


@router.get("/reconcile/properties", **data.documented)
@cached
async def properties(
    exchange: Data, kind: TypeName = "", limit: Annotated[int, Query(ge=0, description="How many at most.")] = 100
) -> bytes:
    """The properties of things of a type, whose values can be asked."""
    named = [{"id": entry["id"], "name": entry["name"]} for entry in await _properties(exchange, kind)]
    return write_json({"limit": limit, "properties": named[:limit]} | ({"type": kind} if kind else {}))


async def _about_thing(exchange: Exchange) -> About:
    iri, names = terms.full_iri(exchange.values.get("id", "")), await _names(exchange)
    if iri not in names.names:
        raise UnknownName("There is no such thing among those that are matched", where="id")
    return About((await exchange.page_of(also=[iri])).name(iri), iri, subject=names.types_of(iri))


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
    this = terms.Iri(exchange.about.canonical)
    return await exchange.fill("reconcile-preview.html", facts=await exchange.ask("matched-facts", this=this))


def _read(reader: TypeAdapter[Any], text: str, where: str) -> Any:
    try:
        return reader.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part)[:20] for part in first["loc"])
        message = ": ".join(filter(None, (f"What {where} holds is wrong", place, first["msg"])))
        raise BadParameter(message, where=where) from None


async def _names(exchange: Exchange) -> NameIndex:
    rows, index = await exchange.ask("matched"), await exchange.opened.read_index()
    return await exchange.opened.once.find(("reconcile",), partial(asyncio.to_thread, NameIndex, rows, index))


async def _match(exchange: Exchange, queries: Mapping[str, ReconQuery]) -> dict[str, Any]:
    names = await _names(exchange)
    return {key: {"result": await _candidates(exchange, names, query)} for key, query in queries.items()}


async def _candidates(exchange: Exchange, names: NameIndex, query: ReconQuery) -> list[dict[str, Any]]:
    sent = {criterion.pid: criterion.v for criterion in query.properties}
    values = [*chain(*sent.values())]
    candidates = await asyncio.to_thread(names.candidates, query.query[:LONGEST], query.type, values)
    if sent:
        recorded = await _values(exchange, [candidate.thing for candidate in candidates[:WEIGHED]], sent)
        candidates = names.weigh(candidates[:WEIGHED], sent, recorded)
    shown = candidates[: min(query.limit or USUAL, MOST)]
    described = await _describe(exchange, names, [candidate.thing for candidate in shown], "type")
    for place, (candidate, description) in enumerate(zip(shown, described, strict=True)):
        points = {"name": candidate.by_name, **candidate.by_property}
        description |= {
            "score": candidate.score,
            "match": place == 0 and is_sure(candidates),
            "features": [{"id": name, "value": value} for name, value in points.items()],
        }
    return described


async def _describe(exchange: Exchange, names: NameIndex, things: Sequence[str], role: str) -> list[dict[str, Any]]:
    page, types = await exchange.page_of(also=things), {thing: names.types_of(thing) for thing in things}
    return [
        {
            "id": page.short_iri(thing),
            "name": page.name(thing),
            "description": ", ".join(kind["name"] for kind in types[thing]),
            role: types[thing],
        }
        for thing in things
    ]


async def _properties(exchange: Exchange, kind: str) -> list[dict[str, str]]:
    described = {
        row["property"]: {"id": terms.shorten(row["property"]), "name": row["name"], "description": row["about"]}
        for row in await exchange.ask("matched-properties")
        if kind in ("", row["kind"])
    }
    return [{name: text for name, text in entry.items() if text} for entry in described.values()]


async def _extend(exchange: Exchange, extension: Extension) -> dict[str, Any]:
    titles = {entry["id"]: entry["name"] for entry in await _properties(exchange, "")}
    if unknown := [requested.id for requested in extension.properties if requested.id not in titles]:
        hint = "/reconcile/properties lists those that there are"
        raise BadParameter(f"There is no property {unknown[0][:60]!r} here", where="extend", hint=hint)
    names, iris = await _names(exchange), {thing: terms.full_iri(thing) for thing in extension.ids}
    values = await _values(
        exchange, names.names.keys() & {*iris.values()}, [requested.id for requested in extension.properties]
    )
    return {
        "meta": [{"id": requested.id, "name": titles[requested.id]} for requested in extension.properties],
        "rows": {
            thing: {
                requested.id: values.get((iri, requested.id), [])[: requested.limit or None]
                for requested in extension.properties
            }
            for thing, iri in iris.items()
        },
    }


async def _values(
    exchange: Exchange, things: Iterable[str], names: Iterable[str]
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Ask for the values that things have in some properties, by thing and property, in the forms of the data extension.

    A date stays text, as exact as it is recorded: the form for dates would need an hour.
    """
    full, text = {terms.expand(name): name for name in names}, exchange.query("matched-values")
    try:
        text = put(text, "?thing", ([terms.Iri(iri)] for iri in things))
        text = put(text, "?property", ([terms.Iri(iri)] for iri in full))
    except ValueError as error:
        raise BadParameter(str(error), where="properties") from None
    values: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in await exchange.opened.ask_rows(text):
        thing, name = row.pop("thing"), full[row.pop("property")]
        form = {key: int(value) if key == "int" else value for key, value in row.items() if value is not None}
        values.setdefault((thing, name), []).append(form)
    return values

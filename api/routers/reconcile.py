"""The Reconciliation Service API, version 0.2, as OpenRefine speaks it: what others call a State, a treaty or a right, as a thing here.

Candidates come from the names that the search knows. A client's time counts against its budget. There is no JSONP: a script that
this site wrote would run in the page of another, and CORS is open for all who may read the answers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http import bodies, negotiate
from api.http.language import visit_of
from api.http.middleware import CLOSED
from api.http.negotiate import HTML, JSON
from api.http.responses import About, asked_address, opened_of, read_once, reader_of, serve, write_json
from api.openapi import answers
from api.render.page import Page
from api.routers.search import open_index
from kg import terms
from kg.errors import BadParameter, UnknownName
from kg.languages import DEFAULT, LANGUAGES, N_, speak
from kg.reconcile import kinds
from kg.reconcile.matching import Candidate, Name, Names, alike, sure, weigh
from kg.search.folding import fold, join
from kg.store import Query as StoreQuery

router = APIRouter(tags=["Reconciliation"])

VERSIONS = ["0.2"]
MOST_BODY = 1 << 20  # bytes of a batch
MOST_QUERIES = 100  # in a batch
MOST_IDS = 1000  # of which values are asked at once
LONGEST = 200  # characters of a name
USUAL, MOST = 5, 50  # candidates for a name
SUGGESTED = 10
WEIGHED = 20  # candidates whose properties are looked at
WIDTH, HEIGHT = 420, 220  # of a preview, in pixels
FRAMED = CLOSED.replace("frame-ancestors 'none'", "frame-ancestors *")  # a preview stands in the frame of the client
PARAMETERS = ("queries", "extend")  # of a batch
SUGGESTS = ("entity", "type", "property")
TITLE = N_("Reconciliation")


@router.api_route("/reconcile", methods=["GET", "POST"], **answers(JSON, HTML, errors=(413, 415, 429)))
async def service(
    request: Request,
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
    if request.method == "POST":
        if bodies.content_type(request) != bodies.FORM:
            raise BadParameter("A batch is posted as a form", where="queries", hint=f"Send it as {bodies.FORM}")
        given, _ = await bodies.read_form(request, MOST_BODY)
    else:
        given = read_once(request)
    if "queries" in given:
        return await _charged(request, partial(_match, request, _read(given["queries"], "queries")))
    if "extend" in given:
        return await _charged(request, partial(_extend, request, _read(given["extend"], "extend")))
    if request.method == "POST":
        raise BadParameter("There is nothing to match", where="queries", hint="Send queries, or extend")
    return await _manifest(request)


@router.get("/reconcile/suggest/{suggested}", **answers(JSON, errors=(404,)))
async def suggest(
    request: Request,
    suggested: Annotated[str, Path(description="What is suggested: entity, type or property.", examples=["entity"])],
    prefix: Annotated[str | None, Query(description="What is typed so far.", examples=["kaz"])] = None,
    type_: Annotated[
        str | None,
        Query(
            alias="type",
            description="A kind: the class of an act, a law, an actor or a publisher, by its name in the vocabulary.",
            examples=["Torture"],
        ),
    ] = None,
    cursor: Annotated[str | None, Query(description="How many suggestions to leave out.", examples=["0"])] = None,
) -> Response:
    """What is typed, completed to things (entity), types (type) or properties (property): prefix=."""
    what, given = request.path_params["suggested"], read_once(request)
    if what not in SUGGESTS:
        raise UnknownName(f"Nothing is suggested for {what[:20]!r}", hint=f"There are {', '.join(SUGGESTS)}")
    prefix, asked = given.get("prefix", "")[:LONGEST], given.get("type", "")
    found = await {"entity": _suggest_things, "type": _suggest_types, "property": _suggest_properties}[what](
        request, prefix, [asked] if asked else []
    )
    start = _number(given.get("cursor", "0"), "cursor", 10_000)
    return await _send(request, {"result": found[start : start + SUGGESTED]})


@router.get("/reconcile/properties", **answers(JSON))
async def properties(
    request: Request,
    type_: Annotated[
        str | None,
        Query(
            alias="type",
            description="A kind: the class of an act, a law, an actor or a publisher, by its name in the vocabulary.",
            examples=["Torture"],
        ),
    ] = None,
    limit: Annotated[str | None, Query(description="How many at most.", examples=["10"])] = None,
) -> Response:
    """The properties of things of a type, whose values can be asked."""
    given = read_once(request)
    kind, most = given.get("type", ""), _number(given.get("limit", "100"), "limit", 1000)
    named = [{"id": one["id"], "name": one["name"]} for one in await _properties(request, [kind] if kind else [])]
    told: dict[str, Any] = {"limit": most, "properties": named[:most]}
    return await _send(request, {**told, "type": kind} if kind else told)


@router.get("/reconcile/preview", **answers(HTML, errors=(404,)))
async def preview(
    request: Request,
    id_: Annotated[
        str | None,
        Query(
            alias="id", description="A thing, by its IRI or the part of it behind the base.", examples=["id/state/kaz"]
        ),
    ] = None,
) -> Response:
    """A small page about one thing, for the frames of clients: id=."""
    iri, names, visit = Page.full_iri(read_once(request).get("id", "")), await _names(request), visit_of(request)
    if iri not in names.shown:
        raise UnknownName("There is no such thing among those that are matched", where="id")
    held = [kinds.BY_ID[one].name for one in names.kinds_of(iri)]
    about = About(names.shown[iri], iri)

    async def make() -> bytes:
        wanted = [terms.VOCABULARY + name for name in ("isoCode", "shortName", "subject", "isProvisionOf", "isOrganOf")]
        wanted += [terms.PREFIXES["skos"] + "definition", terms.VOCABULARY + "description"]
        told = await _values(request, [iri], wanted)
        facts = [value.get("name") or value.get("str", "") for one in told.get(iri, {}).values() for value in one]
        page = await reader_of(request).page()
        context = {"about": about, "held": [visit.language.gettext(one) for one in held], "facts": facts[:6]}
        return await reader_of(request).fill("reconcile-preview.html", path=page.path(iri), **context)

    return await serve(request, HTML, make, about=about, headers={"Content-Security-Policy": FRAMED})


async def _manifest(request: Request) -> Response:
    """Tell what this service can do, to a client or on a page."""
    offer = negotiate.choose(request.headers.get("accept"), (JSON, HTML))
    address, visit = asked_address(request), visit_of(request)
    about = About(visit.language.gettext(TITLE), terms.BASE + "reconcile")

    async def make() -> bytes:
        if offer is JSON:
            return write_json(_describe(address))
        held = await _names(request)
        counted = [(one, len(held.kinds[one.id])) for one in kinds.KINDS]
        return await reader_of(request).fill("reconcile.html", about=about, address=address, counted=counted)

    return await serve(request, offer, make, about=about, told=address)


def _describe(address: str) -> dict[str, Any]:
    site = address.removesuffix("/reconcile")
    suggests = {what: {"service_url": site, "service_path": f"/reconcile/suggest/{what}"} for what in SUGGESTS}
    proposed = {"service_url": site, "service_path": "/reconcile/properties"}
    return {
        "versions": VERSIONS,
        "name": "Answerable",
        "identifierSpace": terms.BASE,
        "schemaSpace": terms.VOCABULARY,
        "documentation": address,
        "view": {"url": terms.BASE + "{{id}}"},
        "defaultTypes": [{"id": one.id, "name": one.name} for one in kinds.KINDS],
        "suggest": suggests,
        "preview": {"url": f"{address}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "extend": {"propose_properties": proposed, "property_settings": []},
    }


def _read(text: str, where: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise BadParameter(f"What {where} holds is not JSON", where=where, hint="Send one JSON object") from None
    if not isinstance(given, dict):
        raise BadParameter(f"What {where} holds is no JSON object", where=where, hint="Send one JSON object")
    return given


def _number(text: Any, where: str, most: int) -> int:
    told = str(text)
    if not (told.isascii() and told.isdigit() and len(told) < 9):
        raise BadParameter(f"{told[:20]!r} is no number", where=where, hint="Give a whole number")
    return min(int(told), most)


async def _charged(request: Request, work: Callable[[], Awaitable[Any]]) -> Response:
    """Do work for a client within its budget; the time it took is taken from that."""
    budget, client = request.app.state.budget, request.client.host if request.client else None
    budget.check(client)
    began = time.monotonic()
    try:
        told = await work()
    finally:
        budget.spend(client, time.monotonic() - began)
    return Response(write_json(told), headers={"Cache-Control": "no-store"}, media_type=JSON.content_type)


async def _send(request: Request, told: Mapping[str, Any]) -> Response:
    offer = negotiate.choose(request.headers.get("accept"), (JSON,))

    async def make() -> bytes:
        return write_json(told)

    return await serve(request, offer, make)


# Names.


async def _names(request: Request) -> Names:
    """Gather the names of all things that are matched, once for a release and language."""
    language = visit_of(request).language.code
    return await opened_of(request).once.find(("reconcile", language), partial(_gather, request, language))


async def _gather(request: Request, language: str) -> Names:
    held: dict[str, list[str]] = {}
    called: list[Name] = []
    for kind in kinds.KINDS:
        rows = await _rows(request, kinds.things(kind))
        held[kind.id] = [*dict.fromkeys(row["thing"]["value"] for row in rows)]
        for row in rows:
            text, spoken = row["name"]["value"], row["language"]["value"]
            called += _spell(row["thing"]["value"], text, is_shown=spoken == language, is_english=spoken == DEFAULT)
    index = await open_index(reader_of(request))
    found = await asyncio.to_thread(index.names, language) if index else []
    called += [Name(iri, text, words, bool(shown)) for iri, text, words, shown in found]
    called += [
        Name(row["thing"]["value"], text := f"{row['name']['value']} Committee", join(fold(text)))
        for row in await _rows(request, kinds.MONITORED)
    ]
    spelt: dict[str, list[str]] = {}
    for one in called:
        spelt.setdefault(one.thing, []).append(one.text)
    for row in await _rows(request, kinds.ARTICLES):
        thing, number = row["thing"]["value"], row["article"]["value"]
        others = dict.fromkeys(spelt.get(row["instrument"]["value"], ()))
        called += [Name(thing, text, join(fold(f"{text} {number}"))) for text in others]
    return await asyncio.to_thread(Names, called, held)


def _spell(thing: str, text: str, *, is_shown: bool, is_english: bool) -> list[Name]:
    """Make the names of a thing from one that is stated: itself, its translations, and without the hedge of a class of acts."""
    found = [Name(thing, text, join(fold(text)), is_shown)]
    others = [speak(one).gettext(text) for one in LANGUAGES if one != DEFAULT] if is_english else []
    others += [text.removesuffix(kinds.HEDGE)]
    return found + [Name(thing, other, join(fold(other))) for other in others if other != text]


async def _rows(request: Request, text: str) -> list[dict[str, dict[str, str]]]:
    opened = opened_of(request)
    async with opened.slots:
        answer = await opened.pages.answer(StoreQuery(text, "json", {}))
    return json.loads(answer.body)["results"]["bindings"]


# Matching.


async def _match(request: Request, batch: Mapping[str, Any]) -> dict[str, Any]:
    if len(batch) > MOST_QUERIES:
        said = f"A batch of {len(batch)} queries is too long"
        raise BadParameter(said, where="queries", hint=f"Send {MOST_QUERIES} at a time")
    names = await _names(request)
    return {key: {"result": await _candidates(request, names, _as_query(key, asked))} for key, asked in batch.items()}


def _as_query(key: str, asked: Any) -> dict[str, Any]:
    asked = {"query": asked} if isinstance(asked, str) else asked
    if not isinstance(asked, dict) or not isinstance(asked.get("query", ""), str):
        raise BadParameter(f"The query {key[:20]!r} is no object with a text", where="queries")
    return asked


async def _candidates(request: Request, names: Names, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Find the candidates for one name, weighed by the properties that were given."""
    wanted = asked.get("type") or []
    wanted = [wanted] if isinstance(wanted, str) else [one for one in wanted if isinstance(one, str)]
    among = names.among(wanted)
    text = asked.get("query", "")[:LONGEST]
    written = terms.BASE + text.removeprefix(terms.BASE).lstrip("/")
    given = [one for one in asked.get("properties") or () if isinstance(one, dict) and one.get("pid")]
    found = {written: 100.0} if written in among else await asyncio.to_thread(names.find, text, among)
    beside = [str(one.get("name") or one.get("id")) if isinstance(one, dict) else str(one) for one in _given(given)]
    if beside:  # "article 7" beside "CAT"
        longer = await asyncio.to_thread(names.find, " ".join([text, *beside])[: 2 * LONGEST], among)
        found = {**longer, **{one: max(score, longer.get(one, 0.0)) for one, score in found.items()}}
        found = dict(sorted(found.items(), key=lambda one: -one[1]))
    weighed = await _weigh(request, names, found, given)
    most = _number(asked.get("limit") or USUAL, "limit", MOST)
    is_sure = sure(weighed)
    return [_tell(names, one, match=is_sure and at == 0) for at, one in enumerate(weighed[:most])]


async def _weigh(request: Request, names: Names, found: Mapping[str, float], given: Sequence[Any]) -> list[Candidate]:
    wanted = {_full(one["pid"]): one.get("v") for one in given}
    if not wanted:
        return [Candidate(thing, round(score, 2), round(score, 2), {}) for thing, score in found.items()]
    some = [*found][:WEIGHED]
    values = await _values(request, some, [*wanted])
    weighed = []
    for thing in some:
        points = {}
        for iri, value in wanted.items():
            asked = [one.get("id") or one.get("name") if isinstance(one, dict) else one for one in _listed(value)]
            held = [text for one in values.get(thing, {}).get(iri, ()) for text in _texts(names, one)]
            points[terms.shorten(iri)] = round(max((alike(str(one), held) for one in asked), default=0.0), 2)
        weighed.append(Candidate(thing, weigh(found[thing], points), round(found[thing], 2), points))
    return sorted(weighed, key=lambda one: -one.score)


def _given(given: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [value for one in given for value in _listed(one.get("v")) if value]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(names: Names, value: Mapping[str, Any]) -> list[str]:
    """List as what a value may be given: its id, its names, or itself."""
    return [*map(str, value.values()), *names.texts(Page.full_iri(value.get("id", "-")))]


def _full(name: str) -> str:
    prefix, colon, rest = str(name).partition(":")
    return terms.PREFIXES[prefix] + rest if colon and prefix in terms.PREFIXES else str(name)


def _tell(names: Names, one: Candidate, *, match: bool) -> dict[str, Any]:
    features = [{"id": "name", "value": one.by_name}]
    features += [{"id": name, "value": points} for name, points in one.by_property.items()]
    return {
        "id": Page.short_iri(one.thing),
        "name": names.shown[one.thing],
        "score": one.score,
        "match": match,
        "type": _types(names, one.thing),
        "features": features,
    }


def _types(names: Names, thing: str) -> list[dict[str, str]]:
    return [{"id": kind, "name": kinds.BY_ID[kind].name} for kind in names.kinds_of(thing)]


# Suggestions and values.


async def _suggest_things(request: Request, prefix: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    names = await _names(request)
    found = await asyncio.to_thread(names.begin, prefix, names.among(wanted)) if prefix.strip() else []
    told = ({"id": Page.short_iri(one), "name": names.shown[one], "notable": _types(names, one)} for one in found)
    return [{**one, "description": ", ".join(kind["name"] for kind in one["notable"])} for one in told]


async def _suggest_types(request: Request, prefix: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    told = ({"id": one.id, "name": one.name, "description": one.told} for one in kinds.KINDS)
    return [one for one in told if _begins(one, prefix)]


async def _suggest_properties(request: Request, prefix: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    return [one for one in await _properties(request, wanted) if _begins(one, prefix)]


def _begins(told: Mapping[str, str], prefix: str) -> bool:
    asked = join(fold(prefix))
    return f" {asked}" in f" {join(fold(told['name']))}" or told["id"].lower().startswith(prefix.lower().strip())


async def _properties(request: Request, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """List the properties that things of some types have, or of all, by name."""
    found: dict[str, dict[str, Any]] = {}
    for kind in kinds.KINDS:
        if not wanted or kind.id in wanted:
            key, make = ("reconcile-properties", kind.id), partial(_rows, request, kinds.properties(kind))
            for row in await opened_of(request).once.find(key, make):
                iri = row["property"]["value"]
                name = row["name"]["value"] if "name" in row else kinds.PLAIN.get(iri)
                if name:
                    told = {"id": terms.shorten(iri), "name": name}
                    found[told["id"]] = told | ({"description": row["told"]["value"]} if "told" in row else {})
    return sorted(found.values(), key=lambda one: one["name"])


async def _extend(request: Request, asked: Mapping[str, Any]) -> dict[str, Any]:
    ids, given = asked.get("ids"), asked.get("properties")
    if not isinstance(ids, list) or not isinstance(given, list):
        raise BadParameter("What extend holds has no lists of ids and properties", where="extend")
    if len(ids) > MOST_IDS:
        raise BadParameter(f"{len(ids)} things are too many", where="extend", hint=f"Send {MOST_IDS} at a time")
    names, known = await _names(request), {one["id"]: one["name"] for one in await _properties(request, [])}
    wanted = [str(one.get("id", "")) for one in given if isinstance(one, dict)]
    if unknown := [one for one in wanted if one not in known]:
        hint = "/reconcile/properties lists those that there are"
        raise BadParameter(f"There is no property {unknown[0][:60]!r} here", where="extend", hint=hint)
    full = {str(one): Page.full_iri(str(one)) for one in ids}
    values = await _values(request, [iri for iri in full.values() if iri in names.shown], [*map(_full, wanted)])
    limits = {str(one.get("id")): (one.get("settings") or {}).get("limit") for one in given if isinstance(one, dict)}
    rows = {
        one: {name: _few(values.get(iri, {}).get(_full(name), []), limits.get(name)) for name in wanted}
        for one, iri in full.items()
    }
    return {"meta": [{"id": name, "name": known[name]} for name in wanted], "rows": rows}


def _few(values: list[dict[str, Any]], limit: Any) -> list[dict[str, Any]]:
    return values[: _number(limit, "limit", MOST_IDS)] if limit not in (None, "", 0, "0") else values


async def _values(
    request: Request, things: Sequence[str], wanted: Sequence[str]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Ask what things have in some properties: by thing and property, each value as the data extension writes it.

    A date stays text, as exact as it is recorded: the form for dates would need an hour.
    """
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    try:
        text = kinds.values([*things], [*wanted])
    except ValueError as error:
        raise BadParameter(str(error), where="properties") from None
    for row in await _rows(request, text) if things and wanted else ():
        value = row["value"]
        if value["type"] == "uri" and value["value"].startswith(terms.BASE):
            told: dict[str, Any] = {"id": Page.short_iri(value["value"])}
            told["name"] = row["name"]["value"] if "name" in row else told["id"]
        elif value.get("datatype", "").endswith("#integer"):
            told = {"int": int(value["value"])}
        else:
            told = {"str": value["value"]}
        found.setdefault(row["thing"]["value"], {}).setdefault(row["property"]["value"], []).append(told)
    return found

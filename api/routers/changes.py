"""What changed from release to release: the list, the difference of two by thing and by file, and what was withdrawn.

The differences are worked out by kg.changes. Things are named as in the release that answers; what was withdrawn or removed is listed by its
address only.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api import models
from api.dependencies import PINNED, About, Exchange, Offers, PageNumber, alternates, cached
from api.http.addresses import write_json
from api.http.negotiate import GRAPHS, HTML, JSON
from api.render.paging import part_of
from kg import catalogue, changes, release, terms
from kg.answer import formats
from kg.catalogue import Things, iri, typed
from kg.changes import WHAT, Change, Changes, Told
from kg.errors import AnswerTooLarge, BadParameter, UnknownName
from kg.languages import DEFAULT, N_
from kg.release import Release
from kg.terms import LICENCE, Blank, Iri, Literal, to_json
from kg.wording import say

router = APIRouter(tags=["Changes"])

CSV = formats.by_name("csv", formats.ANSWER)
MARKDOWN = formats.by_name("md", formats.ANSWER)
COMPARED = (HTML, JSON, CSV, MARKDOWN, *GRAPHS)
RELEASES_AT_ONCE = 10  # releases on a page of the list
THINGS_AT_ONCE = 12  # things on a page of a difference
TOMBSTONES_AT_ONCE = 30  # things on the page of those that were withdrawn
MOST_SAID = 6  # properties of one thing that a page shows
LONGEST = 300  # characters of a text that a page shows
MOST_FILES = 40  # files that a page lists
SUMMARY = ("release", "before", "made", *WHAT, "files", "derived_triples")
WITHDRAWN = ("kind", "address", "withdrawn_on", "reason", "replaced_by")
COLUMNS = ("thing", "label", "class", "what", "sign", "property", "value", "derived")
ACTIVITIES = {"created": "Create", "updated": "Update", "withdrawn": "Delete", "removed": "Delete", "derived": "Update"}
REASONS = {
    "withdrawn": "Withdrawn: a tombstone has taken its place.",
    "removed": "No source file states it any more.",
    "derived": "Only what the build derives changed.",
}


async def _about_pair(exchange: Exchange) -> About:
    old, new = (release.find(exchange.settings.out, exchange.params[name]) for name in ("old", "new"))
    if old.manifest["created"] >= new.manifest["created"]:
        there = f"/changes/{new.id}/{old.id}"
        hint = say("Write the older one first: %(there)s", there=there) if old.id != new.id else say("Name two")
        raise UnknownName(say("The second release is not newer than the first"), hint=hint)
    path = f"/changes/{old.id}/{new.id}"
    title = N_("What changed from one release to another")
    return About(title, terms.BASE + path[1:], alternates(path, COMPARED[1:]), subject=(old, new))


about_list = About(N_("What changed"), terms.BASE + "changes", alternates("/changes", (JSON, CSV)))
about_withdrawn = About(N_("What was withdrawn"), terms.BASE + "withdrawn", alternates("/withdrawn", (JSON, CSV)))
history = Offers(HTML, JSON, CSV, about=about_list, model=models.History)
withdrawals = Offers(HTML, JSON, CSV, about=about_withdrawn, model=models.Withdrawals)
difference = Offers(*COMPARED, about=_about_pair, stem="new", model=models.Object, errors=(404, 410, 422))


def refuse_others(exchange: Exchange, *names: str) -> None:
    """Raise BadParameter for a parameter of the address that is none of these."""
    for name in exchange.values.keys() - {*names}:
        hint = say("There are: %(known)s", known=", ".join(names or ("format",)))
        raise BadParameter(say("There is no parameter %(name)s", name=name[:40]), where=name[:40], hint=hint)


async def all_releases(exchange: Exchange) -> list[Release]:
    """List the releases that are here, the oldest first."""
    return await asyncio.to_thread(release.releases, exchange.settings.out)


async def releases_of(exchange: Exchange) -> list[Release]:
    """List the releases that are here, up to the one that answers, the oldest first."""
    current = exchange.opened.release
    listed = await all_releases(exchange)
    return [*(one for one in listed if time_of(one) <= time_of(current) and one.id != current.id), current]


async def releases_key(exchange: Exchange) -> str:
    """Name the releases that are here and those that were removed, for an ETag that depends on them."""
    gone = await asyncio.to_thread(release.removed, exchange.settings.out)
    return f"{[one.id for one in await all_releases(exchange)]} {[one.id for one in gone]}"


async def compare(exchange: Exchange, old: Release, new: Release) -> Changes:
    """Work out what changed from one release to another; each pair is compared once."""
    return await exchange.request.app.state.releases.compare(old, new)


@router.get("/changes", **history.documented)
@router.get("/changes.{suffix}", include_in_schema=False)
@partial(cached, key=releases_key)
async def listed(exchange: Annotated[Exchange, Depends(history)], page: PageNumber = 1) -> bytes:
    """What changed from release to release: how many things and files (.json .csv)."""
    releases = await releases_of(exchange)
    refuse_others(exchange, "page")
    pairs = [*itertools.pairwise(releases)][::-1]
    part = part_of(pairs, page, at_once=RELEASES_AT_ONCE)
    shown = part.rows if exchange.offer is HTML else pairs
    results = await asyncio.gather(*(compare(exchange, *pair) for pair in shown))
    compared = [(new, one) for (_, new), one in zip(shown, results, strict=True)]
    if exchange.offer is HTML:
        return await exchange.fill("changes.html", compared=compared, first=releases[0], part=part)
    rows = [
        {"release": new.id, "before": one.old, "made": time_of(new)}
        | {what: one.count(what) for what in WHAT}
        | {"files": len(one.files), "derived_triples": one.derived}
        for new, one in compared
    ]
    if exchange.offer is JSON:
        return write_json({"releases": rows, "first": releases[0].id, "license": LICENCE})
    return _write_csv(SUMMARY, rows)


@router.get("/withdrawn", **withdrawals.documented)
@router.get("/withdrawn.{suffix}", include_in_schema=False)
@partial(cached, key=releases_key)
async def withdrawn(exchange: Annotated[Exchange, Depends(withdrawals)], page: PageNumber = 1) -> bytes:
    """What was withdrawn and when, without names (.json .csv)."""
    things = await exchange.reader.ask("withdrawn")
    gone = await asyncio.to_thread(release.removed, exchange.settings.out)
    if exchange.offer is HTML:
        part = part_of(things, page, at_once=TOMBSTONES_AT_ONCE)
        return await exchange.fill("withdrawn.html", part.rows, part=part, gone=gone)
    lines = [("thing", one["thing"], one["day"], one["reason"], one["instead"] or "") for one in things]
    lines += [("release", terms.RELEASE + one.id, one.removed, one.reason, "") for one in reversed(gone)]
    rows = [dict(zip(WITHDRAWN, line, strict=True)) for line in lines]
    if exchange.offer is JSON:
        return write_json({"withdrawn": rows, "release": exchange.opened.id})
    return _write_csv(WITHDRAWN, rows)


def _write_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    cells = [{name: to_json(Literal(str(value))) for name, value in row.items()} for row in rows]
    return formats.write_csv(names, cells)


@router.get("/changes/{old}/{new}", **difference.documented)
async def between(
    exchange: Annotated[Exchange, Depends(difference)],
    old: Annotated[str, Path(description="The older release.")],
    new: Annotated[str, Path(description="The newer release; a suffix names a format.")],
    what: Annotated[str, Query(description="Only the things to which this happened.")] = "",
    page: PageNumber = 1,
) -> Response:
    """What changed from one release to another, by thing and by file (.json .csv .ttl .jsonld .nt .rdf; .md: release notes)."""
    pair: tuple[Release, Release] = exchange.about.subject
    refuse_others(exchange, "page", "what")
    if what and what not in WHAT:
        message = say("%(what)s is no kind of change", what=what[:40])
        raise BadParameter(message, where="what", hint=say("There are: %(known)s", known=", ".join(WHAT)))

    async def write() -> bytes:
        gone = {row["thing"] for row in await exchange.reader.ask("withdrawn")}
        result = (await compare(exchange, *pair)).hush(gone)
        if exchange.offer is MARKDOWN:
            return changes.write_notes(pair[1], result).encode()
        if exchange.offer is HTML:
            chosen = [one for one in result.things if what in ("", one.what)]
            part = part_of(chosen, page, at_once=THINGS_AT_ONCE)
            details = await asyncio.to_thread(changes.tell, *pair, part.rows, gone)
            context = {"pair": pair, "what": what, "part": part, "chosen": len(chosen), "gone": gone}
            return await _fill(exchange, result, details, **context)
        if result.total > len(result.things):
            hint = say("Follow /changes/ldes, or compare the dumps of both releases")
            raise AnswerTooLarge(say("%(total)s things changed", total=result.total), hint=hint)
        details = await asyncio.to_thread(changes.tell, *pair, result.things, gone)
        return await asyncio.to_thread(_write, exchange.offer, pair[1], result, details)

    return await exchange.serve(write, headers={} if exchange.offer is HTML else {"Cache-Control": PINNED})


async def _fill(exchange: Exchange, result: Changes, details: Sequence[Told], **context: Any) -> bytes:
    statements = [one for each in details for one in (*each.before, *each.now)]
    also = {each.change.thing for each in details} | {one.property for one in statements}
    also |= {one.value.value for one in statements if isinstance(one.value, Iri)}
    also |= {kind for counts in result.counts.values() for kind in counts if kind}
    return await exchange.fill(
        "difference.html",
        also=also,
        result=result,
        details=[(each, list(by_property(each))) for each in details],
        files=result.files[:MOST_FILES],
        most=MOST_SAID,
        skos=terms.PREFIXES["skos"],
        **context,
    )


def by_property(details: Told) -> Iterator[tuple[str, bool, list[Any], list[Any]]]:
    """Yield each property of a thing that changed: whether it is derived, its values before, its values now.

    What the build repeats in other vocabularies is left out, as on the page of a thing.
    """
    properties: dict[tuple[bool, str], tuple[list[Any], list[Any]]] = {}
    for side, statements in enumerate((details.before, details.now)):
        for one in statements:
            if not one.is_derived or one.property.startswith(terms.VOCABULARY):
                sides = properties.setdefault((one.is_derived, one.property), ([], []))
                sides[side].append(_short(to_json(one.value)))
    for (derived, name), (before, now) in sorted(properties.items()):
        yield name, derived, before, now


def _short(value: dict[str, str]) -> dict[str, str]:
    text = value["value"]
    return {**value, "value": f"{text[:LONGEST].rstrip()} …"} if len(text) > LONGEST else value


def _write(offer: formats.Format, new: Release, result: Changes, details: Sequence[Told]) -> bytes:
    if offer is JSON:
        files = [{"path": one.path, "how": one.how, "came": one.came, "went": one.went} for one in result.files]
        counts = {what: {kind or "(none)": number for kind, number in by.items()} for what, by in result.counts.items()}
        return write_json(
            {
                "from": result.old,
                "to": result.new,
                "made": time_of(new),
                "total": result.total,
                "counts": counts,
                "derived_triples": result.derived,
                "files": files,
                "things": [_thing(each) for each in details],
                "license": LICENCE,
            }
        )
    if offer is CSV:
        return _write_csv(COLUMNS, (line for each in details for line in _lines(each)))
    return catalogue.write(catalogue.triples(describe(new, result, details)), offer.name)


def _named(one: Change) -> dict[str, Any]:
    return {"thing": one.thing, "label": one.label, "class": one.kind, "what": one.what}


def _thing(details: Told) -> dict[str, Any]:
    sides = {
        side: [{"property": s.property, "value": to_json(s.value), "derived": s.is_derived} for s in statements]
        for side, statements in (("before", details.before), ("now", details.now))
    }
    return {name: value for name, value in {**_named(details.change), **sides}.items() if value}


def _lines(details: Told) -> Iterator[dict[str, Any]]:
    for sign, statements in (("-", details.before), ("+", details.now)):
        for s in statements:
            derived = str(s.is_derived).lower()
            yield _named(details.change) | {"sign": sign, "property": s.property, "value": s.value, "derived": derived}
    if not (details.before or details.now):
        yield _named(details.change)


def describe(new: Release, result: Changes, details: Sequence[Told]) -> Things:
    """Describe a difference as change sets (ChangeSet vocabulary), one a thing, and the releases by PROV."""
    here, newer = f"{terms.BASE}changes/{result.old}/{result.new}", terms.RELEASE + result.new
    time = typed(time_of(new), "dateTime")
    sets = {f"{here}#{each.change.thing.removeprefix(terms.BASE)}": each for each in details}
    things: Things = {
        newer: {"prov:wasRevisionOf": Iri(terms.RELEASE + result.old), "prov:generatedAtTime": time},
        here: {
            "rdf:type": iri("prov:Collection"),
            "dcterms:license": Iri(LICENCE),
            "prov:wasDerivedFrom": Iri(newer),
            "prov:hadMember": [Iri(one) for one in sets],
        },
    }
    for about, each in sets.items():
        one = each.change
        removals = _statements(f"{about}/removal", one, each.before)
        additions = _statements(f"{about}/addition", one, each.now)
        reason = REASONS.get(one.what)
        things[about] = {
            "rdf:type": [iri("cs:ChangeSet"), iri(f"as:{ACTIVITIES[one.what]}")],
            "cs:subjectOfChange": Iri(one.thing),
            "cs:createdDate": time,
            "cs:changeReason": [Literal(reason, language=DEFAULT)] if reason else [],
            "cs:removal": [Iri(node) for node in removals],
            "cs:addition": [Iri(node) for node in additions],
        }
        things |= removals | additions
    return things


def _statements(stem: str, one: Change, statements: Sequence[Any]) -> Things:
    """Describe the statements that went or came; the label of a blank node means nothing outside its release."""
    return {
        f"{stem}-{number}": {
            "rdf:type": iri("rdf:Statement"),
            "rdf:subject": Iri(one.thing),
            "rdf:predicate": Iri(s.property),
            "rdf:object": s.value,
        }
        for number, s in enumerate((s for s in statements if not isinstance(s.value, Blank)), 1)
    }


def time_of(one: Release) -> str:
    """Write when a release was made (RFC 3339)."""
    return str(one.manifest["created"])

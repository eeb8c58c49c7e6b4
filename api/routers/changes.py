"""What changed from release to release: the list, what was withdrawn, the difference of two releases, and the stream of all versions.

The differences are worked out by kg.changes. Things are named as in the release that answers; what was withdrawn or removed is listed by its
address only. In the event stream (LDES, TREE), the root names the first page of each release; a page holds versions of things and leads
to the next one of its release, and never changes. It is made of two releases, and is gone when one of them is removed; then the stream
begins anew with the releases that are left.
"""

import asyncio
import itertools
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api import models
from api.dependencies import PINNED, About, Exchange, Offers, PageNumber, alternates, cached, part_of
from api.http.addresses import requested_address, write_json
from api.http.negotiate import CSV, GRAPHS, HTML, JSON, MARKDOWN, RESULT_GRAPHS
from kg import catalogue, changes, release, terms
from kg.answer import formats
from kg.changes import WHAT, Changes
from kg.changes.stream import NONE, PATH, VersionPage, first_pages, write_page, write_root
from kg.errors import AnswerTooLarge, BadParameter, UnknownName
from kg.languages import N_
from kg.release import Release
from kg.wording import say

router = APIRouter(tags=["Changes"])

COMPARED = (HTML, JSON, CSV, MARKDOWN, *GRAPHS)


async def _about_pair(exchange: Exchange) -> About:
    old, new = (release.find(exchange.settings.out, exchange.params[name]) for name in ("old", "new"))
    if old.created >= new.created:
        there = f"/changes/{new.id}/{old.id}"
        raise UnknownName(
            say("The second release is not newer than the first"),
            hint=say("Write the older one first: %(there)s", there=there) if old.id != new.id else say("Name two"),
        )
    path = f"/changes/{old.id}/{new.id}"
    return About(
        N_("What changed from one release to another"),
        terms.BASE + path[1:],
        alternates(path, COMPARED[1:]),
        subject=(old, new),
    )


history = Offers(
    *(HTML, JSON, CSV),
    about=About(N_("What changed"), terms.BASE + "changes", alternates("/changes", (JSON, CSV))),
    model=models.History,
)
withdrawals = Offers(
    *(HTML, JSON, CSV),
    about=About(N_("What was withdrawn"), terms.BASE + "withdrawn", alternates("/withdrawn", (JSON, CSV))),
    model=models.Withdrawals,
)
difference = Offers(*COMPARED, about=_about_pair, stem="new", errors=(404, 410, 422))


def refuse_others(exchange: Exchange, *names: str) -> None:
    """Raise BadParameter for a parameter of the address that is none of these."""
    for name in exchange.values.keys() - {*names}:
        raise BadParameter(
            say("There is no parameter %(name)s", name=name),
            where=name[:40],
            hint=say("There are: %(known)s", known=names or ("format",)),
        )


async def all_releases(exchange: Exchange) -> list[Release]:
    """List the releases that are here, the oldest first."""
    return await asyncio.to_thread(release.releases, exchange.settings.out)


async def releases_of(exchange: Exchange) -> list[Release]:
    """List the releases that are here, up to the one that answers, the oldest first."""
    current = exchange.opened.release
    listed = await all_releases(exchange)
    return [
        *(earlier for earlier in listed if earlier.created <= current.created and earlier.id != current.id),
        current,
    ]


async def releases_key(exchange: Exchange) -> str:
    """Name the releases that are here and those that were removed, for an ETag that depends on them."""
    gone = await asyncio.to_thread(release.removed, exchange.settings.out)
    return f"{[present.id for present in await all_releases(exchange)]} {[removal.id for removal in gone]}"


@router.get("/changes", **history.documented)
@router.get("/changes.{suffix}", include_in_schema=False)
@partial(cached, key=releases_key)
async def listed(exchange: Annotated[Exchange, Depends(history)], page: PageNumber = 1) -> bytes:
    """What changed from release to release: how many things and files (.json .csv)."""
    releases = await releases_of(exchange)
    refuse_others(exchange, "page")
    pairs = [*itertools.pairwise(releases)][::-1]
    part = part_of(pairs, page, at_once=10)
    shown = part.rows if exchange.offer is HTML else pairs
    results = await asyncio.gather(*(exchange.releases.compare(*pair) for pair in shown))
    compared = [(new, result) for (_, new), result in zip(shown, results, strict=True)]
    if exchange.offer is HTML:
        return await exchange.fill("changes.html", compared=compared, first=releases[0], part=part)
    rows = [changes.summarise(*pair) for pair in compared]
    if exchange.offer is JSON:
        return write_json({"releases": rows, "first": releases[0].id, "license": terms.LICENCE})
    return formats.write_values(models.ReleaseChanges.model_fields, rows)


@router.get("/withdrawn", **withdrawals.documented)
@router.get("/withdrawn.{suffix}", include_in_schema=False)
@partial(cached, key=releases_key)
async def withdrawn(exchange: Annotated[Exchange, Depends(withdrawals)], page: PageNumber = 1) -> bytes:
    """What was withdrawn and when, without names (.json .csv)."""
    things = await exchange.ask("withdrawn")
    gone = await asyncio.to_thread(release.removed, exchange.settings.out)
    if exchange.offer is HTML:
        return await exchange.fill("withdrawn.html", part=part_of(things, page, at_once=30), gone=gone)
    lines = [("thing", row["thing"], row["day"], row["reason"], row["instead"] or "") for row in things]
    lines += [
        ("release", terms.RELEASE + removal.id, removal.removed, removal.reason, "") for removal in reversed(gone)
    ]
    rows = [dict(zip(models.Withdrawn.model_fields, line, strict=True)) for line in lines]
    if exchange.offer is JSON:
        return write_json({"withdrawn": rows, "release": exchange.opened.id})
    return formats.write_values(models.Withdrawn.model_fields, rows)


@router.get("/changes/{old}/{new}", **difference.documented)
async def between(
    exchange: Annotated[Exchange, Depends(difference)],
    old: Annotated[str, Path(description="The older release.")],
    new: Annotated[str, Path(description="The newer release; a suffix names a format.")],
    what: Annotated[str, Query(description="Only the things to which this happened.")] = "",
    page: PageNumber = 1,
) -> Response:
    """What changed from one release to another, by thing and by file (.json .csv .ttl .jsonld .nt .rdf; .md: release notes)."""
    refuse_others(exchange, "page", "what")
    if what and what not in WHAT:
        raise BadParameter(
            say("%(what)s is no kind of change", what=what), where="what", hint=say("There are: %(known)s", known=WHAT)
        )
    headers = {} if exchange.offer is HTML else {"Cache-Control": PINNED}
    return await exchange.serve(partial(_write, exchange, what, page), headers=headers)


async def _write(exchange: Exchange, what: str, page: int) -> bytes:
    pair: tuple[Release, Release] = exchange.about.subject
    gone = {row["thing"] for row in await exchange.ask("withdrawn")}
    result: Changes = (await exchange.releases.compare(*pair)).redact(gone)
    if exchange.offer is HTML:
        chosen = result.of(what) if what else result.things
        part = part_of(chosen, page, at_once=12)
        kinds = {kind for counts in result.counts.values() for kind in counts}
        return await exchange.fill(
            "difference.html",
            also=kinds.union(*(change.iris() for change in part.rows)),
            result=result,
            pair=pair,
            what=what,
            chosen=len(chosen),
            part=part,
            gone=gone,
        )
    if exchange.offer is MARKDOWN:
        return changes.write_notes(pair[1], result).encode()
    if result.total > len(result.things):
        raise AnswerTooLarge(
            say("%(total)s things changed", total=result.total),
            hint=say("Follow /changes/ldes, or compare the dumps of both releases"),
        )
    return await asyncio.to_thread(_write_data, exchange.offer, pair[1], result)


def _write_data(offer: formats.Format, new: Release, result: Changes) -> bytes:
    if offer is JSON:
        return write_json(changes.to_json(new, result))
    if offer is CSV:
        return formats.write_values(changes.COLUMNS, changes.to_rows(result))
    return catalogue.write(catalogue.triples(changes.describe(new, result)), offer.name)


async def _streamed(exchange: Exchange) -> list[Release]:
    """List the releases of the event stream, the oldest first."""
    refuse_others(exchange)
    if exchange.request.scope["state"]["pinned"]:
        return await releases_of(exchange)
    # One that was rolled back is in the stream still: a stream takes nothing back.
    return await all_releases(exchange) or [exchange.opened.release]


def _root_address(exchange: Exchange) -> str:
    return requested_address(exchange.request).partition(PATH)[0] + PATH


async def _about_page(exchange: Exchange) -> About:
    """Find the page before the cache is asked; the subject is that page, and the texts of all pages of its release."""
    before, name, number = (exchange.params[name] for name in ("before", "release", "number"))
    firsts = [first.path for first in first_pages(await _streamed(exchange))]
    new = release.find(exchange.settings.out, name)
    page = VersionPage(None if before == NONE else release.find(exchange.settings.out, before), new)
    if page.path not in firsts:
        raise UnknownName(
            say("The stream has no such page"),
            hint=say("Begin anew at %(path)s: a release was removed, or others lie between these", path=f"/{PATH}"),
        )
    texts = await exchange.releases.pages_of_versions(page.old, page.new)
    numbers = {str(place): place for place in range(1, max(len(texts), 1) + 1)}
    if number not in numbers:
        raise UnknownName(
            say("There is no page %(page)s", page=number), hint=say("There are %(last)s pages", last=len(texts))
        )
    page = page._replace(number=numbers[number])
    return About("LDES", f"{terms.BASE}{PATH}/{page.path}", subject=(page, texts))


whole_stream = Offers(*RESULT_GRAPHS, about=About("LDES", terms.BASE + PATH))
pages = Offers(*RESULT_GRAPHS, about=_about_page, errors=(404, 410))


@router.get("/changes/ldes", **whole_stream.documented)
@partial(cached, key=releases_key)
async def stream_root(exchange: Annotated[Exchange, Depends(whole_stream)]) -> bytes:
    """All versions of all things as an event stream (LDES, TREE)."""
    return write_root(_root_address(exchange), await _streamed(exchange), exchange.offer.name)


@router.get("/changes/ldes/{before}/{release}/{number}", **pages.documented)
@partial(cached, headers={"Cache-Control": f"{PINNED}, immutable"})
async def stream_page(
    exchange: Annotated[Exchange, Depends(pages)],
    before: Annotated[str, Path(description="The release before, or none.", examples=["none"])],
    release: Annotated[str, Path()],
    number: Annotated[str, Path(description="Which page, counted from 1.", examples=["1"])],
) -> bytes:
    """A page of that stream, which never changes."""
    address, (target, texts) = _root_address(exchange), exchange.about.subject
    return await asyncio.to_thread(write_page, address, target, texts, exchange.offer.name)

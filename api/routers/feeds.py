"""Feeds in Atom: the answer to a question, a thing, and all changes, as the releases that are here tell them.

An entry about an answer is one state of its rows: its IRI is made from them, so that a new release with the same rows brings no
new entry. An entry about things is what changed from one release to the next.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.dependencies import About, Exchange, Offers, cached
from api.routers.answers import ask_then
from api.routers.changes import compare, refuse_others, releases_key, releases_of, time_of
from kg import terms
from kg.answer import citation, given
from kg.answer.feed import Deleted, Entry, Feed, Part, write_feed
from kg.answer.formats import Format, spoken
from kg.answer.opened import OLD_OPEN
from kg.answer.questions import Answer
from kg.answer.related import find_related
from kg.changes import CREATED, DERIVED, REMOVED, UPDATED, WITHDRAWN, Change, Changes
from kg.errors import UnknownName
from kg.release import Release
from kg.wording import say

router = APIRouter(tags=["Changes"])

ATOM = Format("atom", "application/atom+xml", ".atom", ())
MOST_COMPARED = 5  # pairs of releases of which a feed tells what changed
AT_ONCE = 5  # releases in an older part of the feed of all changes
MOST_NEAR = 2_000  # things that are looked at for the feed of one
MOST_LISTED = 50  # things, or rows, that an entry lists
LONGEST_ROW = 400  # characters of a row in an entry
WORDS = {
    CREATED: ("%(num)d thing added", "%(num)d things added"),
    UPDATED: ("%(num)d thing changed", "%(num)d things changed"),
    WITHDRAWN: ("%(num)d thing withdrawn", "%(num)d things withdrawn"),
    REMOVED: ("%(num)d thing gone", "%(num)d things gone"),
}


async def _about(exchange: Exchange) -> About:
    return About(exchange.language.gettext("What changed from release to release"), terms.BASE + "changes.atom")


whole_feed = Offers(ATOM, about=_about, errors=(404,), is_fixed=True)


@router.get("/changes.atom", **whole_feed.documented)
@partial(cached, key=releases_key)
async def everything(
    exchange: Annotated[Exchange, Depends(whole_feed)],
    until: Annotated[
        str | None, Query(description="The older part of the feed that ends with this release; the feed links them.")
    ] = None,
) -> bytes:
    """A feed of what changed from release to release, in parts (until=); each question and each thing has its own (.atom)."""
    _ = exchange.language.gettext
    refuse_others(exchange, "until")
    releases = await releases_of(exchange)
    archives = [releases[start : start + AT_ONCE] for start in range(0, len(releases) - AT_ONCE + 1, AT_ONCE)]
    names = [archive[-1].id for archive in archives]
    if until and until not in names:
        message = say("No older part of this feed ends with %(until)s", until=until[:40])
        raise UnknownName(message, hint=say("/changes.atom leads to them all"))
    part = archives[names.index(until)] if until else releases[-MOST_COMPARED - 1 :]
    begin = releases.index(part[0])
    entries, deleted = [], []
    for old, new in itertools.pairwise([*releases[:begin][-1:], *part]):
        one = await compare(exchange, old, new)
        entries.append(await _entry(exchange, one, terms.RELEASE + new.id, new))
        gone = [change.thing for change in one.things if change.what == WITHDRAWN]
        deleted += [Deleted(iri, time_of(new), _("Withdrawn.")) for iri in gone]
    if not begin:
        entries.insert(0, _first_entry(exchange, releases[0], terms.RELEASE + releases[0].id))
    address, before = exchange.address("changes.atom"), -(-begin // AT_ONCE)  # archives that hold something older
    following = names[names.index(until) + 1 :][:1] if until else []
    links = (  # to the other documents of the feed (RFC 5005, 4)
        *([("current", address)] if until else []),
        *(("prev-archive", f"{address}?until={name}") for name in names[:before][-1:]),
        *(("next-archive", f"{address}?until={name}") for name in following),
    )
    subtitle = _("Things about which a source file states something new, otherwise or no longer.")
    rest = {"is_archive": bool(until), "deleted": tuple(deleted[::-1])}
    return _write(exchange, subtitle, "changes", entries[::-1], links=links, **rest)


@partial(cached, key=releases_key)
async def thing(exchange: Exchange) -> bytes:
    """Answer the feed of a thing: the changes of the thing itself, and of what names it or names something that does."""
    releases, iri, entries = await _releases(exchange), exchange.about.canonical, []
    for old, new in [*itertools.pairwise(releases)][::-1]:
        one = await compare(exchange, old, new)
        near = await _near(exchange, iri, [each for each in one.things if each.what != DERIVED][:MOST_NEAR])
        if near:
            changes = Changes(one.old, one.new, tuple(near), len(near), 0)
            entries.append(await _entry(exchange, changes, citation.pin(iri, one.new), new))
    _ = exchange.language.gettext
    subtitle = _("What changed about it, and about what has to do with it, from release to release.")
    entries = entries or [_first_entry(exchange, releases[0], iri)]
    return _write(exchange, subtitle, iri.removeprefix(terms.BASE), entries)


async def question(exchange: Exchange, answer: Answer) -> bytes:
    """Write the feed of an answer: the states of its rows, as far back as older releases are held open."""
    path = citation.path_of(answer, f"questions/{answer.question.name}")
    older = [one for one in reversed(await _releases(exchange)) if one.id != answer.release][:OLD_OPEN]
    states: list[tuple[Answer, Release]] = [(answer, exchange.opened.release)]
    for one in older:
        then = await ask_then(exchange, given.of_answer(answer)._replace(release=one.id))
        if then.answer is None:
            break
        if given.digest(then.answer) == given.digest(states[-1][0]):
            states.pop()
        states.append((then.answer, one))
    entries: list[Entry] = []
    for (state, source), before in zip(states, [*(one for one, _ in states[1:]), None], strict=True):
        entry_id = f"{terms.BASE}{path}#{given.digest(state)}"
        if entry_id not in [one.id for one in entries]:  # the rows of long ago are back: that is told once
            link = exchange.address(f"answer/{given.of_answer(state).write()}")
            title, parts = await asyncio.to_thread(_state, state, before)
            entries.append(Entry(entry_id, title, time_of(source), link, parts))
    return _write(exchange, answer.question.about, path, entries)


def _state(state: Answer, before: Answer | None) -> tuple[str, tuple[Part, ...]]:
    """Tell the rows of an answer, or how they differ from those before."""
    _, number = state.language.gettext, state.language.ngettext
    lead = (Part(state.lead),) if state.lead else ()
    if before is None:
        title = number("%(num)d row", "%(num)d rows", len(state.rows)) % {"num": len(state.rows)}
        heading = _("The answer as of this release:") if state.rows else state.question.empty
        return title, (*lead, Part(heading, _lines(state, state.rows)))
    found = given.compare(before, state)
    new, old = tuple(row for _, row in found.changed), tuple(row for row, _ in found.changed)
    counts = (
        ("%(num)d row changed", "%(num)d rows changed", len(found.changed)),
        ("%(num)d row added", "%(num)d rows added", len(found.added)),
        ("%(num)d row removed", "%(num)d rows removed", len(found.removed)),
    )
    title = ", ".join(number(one, many, count) % {"num": count} for one, many, count in counts if count)
    parts = (
        Part(_("Changed, as it is now:"), _lines(state, new)),
        Part(_("Changed, as it was before:"), _lines(before, old)),
        Part(_("Added:"), _lines(state, found.added)),
        Part(_("Removed:"), _lines(before, found.removed)),
    )
    return title, (*lead, *(part for part in parts if part.lines))


def _lines(answer: Answer, rows: Sequence[given.Row]) -> tuple[tuple[str, str], ...]:
    """Write rows as lines: each value but the passages, divided by dots."""
    names = [name for name, _ in answer.question.columns if name not in answer.question.cites]
    lines = [" · ".join(spoken(answer, name, row[name]) for name in names if name in row) for row in rows[:MOST_LISTED]]
    lines += [f"… {len(rows) - MOST_LISTED}"] if len(rows) > MOST_LISTED else []
    return tuple((line[:LONGEST_ROW], "") for line in lines)


async def _releases(exchange: Exchange) -> list[Release]:
    return (await releases_of(exchange))[-MOST_COMPARED - 1 :]


async def _near(exchange: Exchange, iri: str, things: Sequence[Change]) -> list[Change]:
    """Pick the changes that have to do with a thing: itself, what names it, and what names something that does."""
    candidates = {one.thing for one in things} | {name for one in things for name in one.names}
    near = await find_related(exchange.opened.pages, iri, candidates) | {iri}
    # Of a thing that is gone, only what it named is known here.
    return [
        one
        for one in things
        if one.thing in near or iri in one.names or one.what == REMOVED and near.intersection(one.names)
    ]


async def _entry(exchange: Exchange, changes: Changes, iri: str, new: Release) -> Entry:
    _, number, parts = exchange.language.gettext, exchange.language.ngettext, []
    for what, words in WORDS.items():
        if things := [one.thing for one in changes.things if one.what == what]:
            labels = await exchange.opened.known.label(things[:MOST_LISTED], exchange.language.code)
            paths = {thing: thing.removeprefix(terms.BASE) for thing in things[:MOST_LISTED]}
            lines = tuple(
                (labels[thing].name if thing in labels else path, exchange.address(path.replace("id/", "doc/", 1)))
                for thing, path in paths.items()
            )
            parts.append(Part(number(*words, len(things)) % {"num": len(things)}, lines))
    title = ", ".join(part.heading for part in parts) or _("Nothing that a source file states changed")
    if changes.total > len(changes.things):
        parts.append(Part(_("%(all)s things in all; the first are told here.") % {"all": changes.total}))
    if changes.derived:
        parts.append(Part(_("%(number)s derived triples came or went with them.") % {"number": changes.derived}))
    link = exchange.address(f"changes/{changes.old}/{changes.new}")
    return Entry(iri, f"{exchange.language.day(time_of(new)[:10])}: {title}", time_of(new), link, tuple(parts))


def _first_entry(exchange: Exchange, first: Release, iri: str) -> Entry:
    language, counts = exchange.language, first.manifest["triples"]
    title = language.gettext("The first release that is here")
    total = counts.get("total", sum(counts["graphs"].values()))
    text = language.gettext("Release %(release)s, with %(number)s triples.") % {"release": first.id, "number": total}
    link = exchange.address(f"release/{first.id}")
    return Entry(iri, f"{language.day(time_of(first)[:10])}: {title}", time_of(first), link, (Part(text),))


def _write(exchange: Exchange, subtitle: str, page: str, entries: Sequence[Entry], **rest: Any) -> bytes:
    about, query = exchange.about, exchange.query_string.decode("ascii", "ignore")
    feed = Feed(
        about.canonical if about.canonical.endswith(".atom") else f"{about.canonical}#changes",
        f"Answerable: {about.words or about.title}",
        subtitle,
        exchange.address(exchange.path.lstrip("/") + (f"?{query}" if query else "")),
        exchange.address(page),
        max(one.updated for one in entries),
        exchange.language.code,
        **rest,
    )
    return write_feed(feed, entries)

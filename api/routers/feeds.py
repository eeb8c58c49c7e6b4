"""Feeds in Atom: the answer to a question, a thing, and all changes, as the releases that are here tell them.

An entry about an answer is one state of its rows: its IRI is made from them, so that a new release with the same rows brings no
new entry. An entry about things is what changed from one release to the next.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http.language import language_of
from api.http.responses import About, address_of, opened_of, prefix_of, read_once, serve
from api.openapi import answers
from api.releases import OLD_OPEN
from api.routers.answers import ask_then
from api.routers.changes import compare, releases_of
from kg import terms
from kg.answer import citation, given
from kg.answer.feed import Deleted, Entry, Feed, Part, write_feed
from kg.answer.formats import Format, spoken
from kg.answer.questions import Answer
from kg.answer.related import find_related
from kg.changes import CREATED, DERIVED, REMOVED, UPDATED, WITHDRAWN, Change, Changes
from kg.errors import BadParameter, UnknownName
from kg.languages import Language
from kg.release import Release
from kg.wording import say

router = APIRouter(tags=["Changes"])

ATOM = Format("atom", "application/atom+xml", ".atom", ())
MOST_COMPARED = 5  # pairs of releases of which a feed tells what changed
AT_ONCE = 5  # releases in an older part of the feed of all changes
MOST_NEAR = 2_000  # things that are looked at for the feed of one
MOST_LISTED = 50  # things, or rows, that an entry lists
LONGEST_ROW = 400  # characters of a row in an entry


@router.get("/changes.atom", **answers("application/atom+xml", errors=(404,)))
async def everything(
    request: Request,
    until: Annotated[
        str | None, Query(description="The older part of the feed that ends with this release; the feed links them.")
    ] = None,
) -> Response:
    """A feed of what changed from release to release, in parts (until=); each question and each thing has its own (.atom)."""
    _ = language_of(request).gettext
    about = About(_("What changed from release to release"), terms.BASE + "changes.atom")
    here = await releases_of(request)
    values = read_once(request)
    for name in values.keys() - {"until"}:
        hint = say("There are: %(known)s", known="until")
        raise BadParameter(say("There is no parameter %(name)s", name=name[:40]), where=name[:40], hint=hint)
    until = values.get("until")
    archives = [here[start : start + AT_ONCE] for start in range(0, len(here) - AT_ONCE + 1, AT_ONCE)]
    if until and until not in [archive[-1].id for archive in archives]:
        told = say("No older part of this feed ends with %(until)s", until=until[:40])
        raise UnknownName(told, hint=say("/changes.atom leads to them all"))
    part = next(archive for archive in archives if archive[-1].id == until) if until else here[-MOST_COMPARED - 1 :]
    documents = _documents(request, archives, here.index(part[0]), until)

    async def make() -> bytes:
        entries, deleted = [], []
        for old, new in itertools.pairwise([*here[: here.index(part[0])][-1:], *part]):
            one = await compare(request, old, new)
            entries.append(await _entry(request, one, terms.RELEASE + new.id, new, language_of(request)))
            gone = [change.thing for change in one.things if change.what == WITHDRAWN]
            deleted += [Deleted(iri, _day(new), _("Withdrawn.")) for iri in gone]
        if part[0] is here[0]:
            entries.insert(0, _first_entry(request, here[0], terms.RELEASE + here[0].id, language_of(request)))
        subtitle = _("Things about which a source file states something new, otherwise or no longer.")
        rest = {"links": documents, "is_archive": bool(until), "deleted": tuple(deleted[::-1])}
        return _write(request, about, subtitle, "changes", entries[::-1], **rest)

    return await serve(request, ATOM, make, about=about, told=",".join(one.id for one in here))


def _documents(
    request: Request, archives: Sequence[Sequence[Release]], begin: int, until: str | None
) -> tuple[tuple[str, str], ...]:
    """List the links of a document of the feed to the others (RFC 5005, 4); `begin` counts the releases before it."""
    names = [archive[-1].id for archive in archives]
    before = -(-begin // AT_ONCE)  # archives that hold something older
    links = {"current": None, "prev-archive": names[before - 1] if before else "", "next-archive": ""}
    if until:
        place = names.index(until)
        links["next-archive"] = names[place + 1] if place + 1 < len(names) else ""
    else:
        del links["current"]
    address = address_of(request, "changes.atom")
    return tuple(
        (relation, address if name is None else f"{address}?until={name}")
        for relation, name in links.items()
        if name != ""
    )


async def thing(request: Request, iri: str, name: str) -> Response:
    """Answer the feed of a thing: the changes of the thing itself, and of what names it or names something that does."""
    language = language_of(request)
    _ = language.gettext
    path = iri.removeprefix(terms.BASE)
    about = About(name, iri)
    found = await _releases(request)

    async def make() -> bytes:
        entries = []
        for one, made in await _compare(request, found):
            near = await _near(request, iri, [each for each in one.things if each.what != DERIVED][:MOST_NEAR])
            if near:
                told = Changes(one.old, one.new, tuple(near), len(near), 0)
                entries.append(await _entry(request, told, citation.pin(iri, one.new), made, language))
        if not entries:
            entries = [_first_entry(request, found[0], iri, language)]
        subtitle = _("What changed about it, and about what has to do with it, from release to release.")
        return _write(request, about, subtitle, path, entries)

    return await serve(request, ATOM, make, about=about, told=await told(request))


async def question(request: Request, answer: Answer, about: About) -> bytes:
    """Write the feed of an answer: the states of its rows, as far back as older releases are held open."""
    language, path = language_of(request), citation.path_of(answer, f"questions/{answer.question.name}")
    older = [one for one in reversed(await _releases(request)) if one.id != answer.release][:OLD_OPEN]
    states: list[tuple[Answer, Release]] = [(answer, opened_of(request).release)]
    for one in older:
        named = given.of_answer(answer)._replace(release=one.id)
        then = await ask_then(request, named, language)
        if then.answer is None:
            break
        if given.digest(then.answer) == given.digest(states[-1][0]):
            states[-1] = (then.answer, one)
        else:
            states.append((then.answer, one))
    entries = []
    for place, (state, made) in enumerate(states):
        before = states[place + 1][0] if place + 1 < len(states) else None
        entry_id = f"{terms.BASE}{path}#{given.digest(state)}"
        if entry_id not in [one.id for one in entries]:  # the rows of long ago are back: that is told once
            link = address_of(request, f"answer/{given.of_answer(state).write()}")
            title, parts = await asyncio.to_thread(_state, state, before)
            entries.append(Entry(entry_id, title, _day(made), link, parts))
    return _write(request, about, answer.question.about, path, entries)


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
    told = (
        ("%(num)d row changed", "%(num)d rows changed", len(found.changed)),
        ("%(num)d row added", "%(num)d rows added", len(found.added)),
        ("%(num)d row removed", "%(num)d rows removed", len(found.removed)),
    )
    title = ", ".join(number(one, many, count) % {"num": count} for one, many, count in told if count)
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
    told = [" · ".join(spoken(answer, name, row[name]) for name in names if name in row) for row in rows[:MOST_LISTED]]
    more = [f"… {len(rows) - MOST_LISTED}"] if len(rows) > MOST_LISTED else []
    return tuple((line[:LONGEST_ROW], "") for line in (*told, *more))


async def told(request: Request) -> str:
    """Name the releases that a feed tells of: it is another when one of them goes."""
    return ",".join(one.id for one in await _releases(request))


async def _releases(request: Request) -> list[Release]:
    """List the last releases that are here, up to the one that answers, the oldest first."""
    return (await releases_of(request))[-MOST_COMPARED - 1 :]


async def _compare(request: Request, found: Sequence[Release]) -> list[tuple[Changes, Release]]:
    """Compare each release with the one before it, the newest first; each pair once while the server runs."""
    return [(await compare(request, old, new), new) for old, new in itertools.pairwise(found)][::-1]


async def _near(request: Request, iri: str, things: Sequence[Change]) -> list[Change]:
    """Pick the changes that have to do with a thing: itself, what names it, and what names something that does."""
    asked = {one.thing for one in things} | {name for one in things for name in one.names}
    near = await find_related(opened_of(request).pages, iri, asked) | {iri}
    # Of a thing that is gone, only what it named is known here.
    return [
        one
        for one in things
        if one.thing in near or iri in one.names or one.what == REMOVED and near.intersection(one.names)
    ]


async def _entry(request: Request, told: Changes, iri: str, made: Release, language: Language) -> Entry:
    """Tell the changes from one release to the next."""
    _, number = language.gettext, language.ngettext
    opened = opened_of(request)
    words = {
        CREATED: ("%(num)d thing added", "%(num)d things added"),
        UPDATED: ("%(num)d thing changed", "%(num)d things changed"),
        WITHDRAWN: ("%(num)d thing withdrawn", "%(num)d things withdrawn"),
        REMOVED: ("%(num)d thing gone", "%(num)d things gone"),
    }
    listed = {what: [one.thing for one in told.things if one.what == what] for what in words}
    shown_things = [thing for things in listed.values() for thing in things[:MOST_LISTED]]
    labels = await opened.known.label(shown_things, language.code)
    parts, counted = [], []
    for kind, things in listed.items():
        if things:
            heading = number(*words[kind], len(things)) % {"num": len(things)}
            counted.append(heading)
            lines = [
                (labels[thing].name if thing in labels else thing.removeprefix(terms.BASE), _address(request, thing))
                for thing in things[:MOST_LISTED]
            ]
            parts.append(Part(heading, tuple(lines)))
    if told.total > len(told.things):
        parts.append(Part(_("%(all)s things in all; the first are told here.") % {"all": told.total}))
    if told.derived:
        parts.append(Part(_("%(number)s derived triples came or went with them.") % {"number": told.derived}))
    title = ", ".join(counted) or _("Nothing that a source file states changed")
    link = address_of(request, f"changes/{told.old}/{told.new}")
    return Entry(iri, f"{language.day(_day(made)[:10])}: {title}", _day(made), link, tuple(parts))


def _first_entry(request: Request, made: Release, iri: str, language: Language) -> Entry:
    """Tell of the oldest release that is here, with which the feed begins."""
    title = language.gettext("The first release that is here")
    total = made.manifest["triples"].get("total", sum(made.manifest["triples"]["graphs"].values()))
    told = language.gettext("Release %(release)s, with %(number)s triples.") % {"release": made.id, "number": total}
    link = address_of(request, f"release/{made.id}")
    return Entry(iri, f"{language.day(_day(made)[:10])}: {title}", _day(made), link, (Part(told),))


def _address(request: Request, iri: str) -> str:
    return address_of(request, iri.removeprefix(terms.BASE).replace("id/", "doc/", 1))


def _write(request: Request, about: About, subtitle: str, page: str, entries: Iterable[Entry], **rest: Any) -> bytes:
    path = request.scope["path"].removeprefix(prefix_of(request)).lstrip("/")
    query = request.scope["query_string"].decode("ascii", "ignore")
    here = address_of(request, path + (f"?{query}" if query else ""))
    listed = list(entries)
    feed = Feed(
        about.canonical if about.canonical.endswith(".atom") else f"{about.canonical}#changes",
        f"Answerable: {about.words or about.title}",
        subtitle,
        here,
        address_of(request, page),
        max(one.updated for one in listed),
        language_of(request).code,
        **rest,
    )
    return write_feed(feed, listed)


def _day(made: Release) -> str:
    """Write when a release was made, as RFC 3339 has it."""
    return str(made.manifest["created"])

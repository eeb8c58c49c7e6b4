"""Feeds in Atom: the answer to a question, a thing, and all changes, as the releases that are here tell them.

An entry about an answer is one state of its rows: its IRI is made from them, so that a new release with the same rows brings no
new entry. An entry about things is what changed from one release to the next.
"""

import asyncio
import itertools
import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query

from api.dependencies import About, Exchange, Offers, cached
from api.releases import OLD_OPEN
from api.routers.answers import ask_then
from api.routers.changes import compare, refuse_others, releases_key, releases_of
from kg import terms
from kg.answer import citation, given
from kg.answer.formats import Format, in_words
from kg.answer.given import State
from kg.answer.questions import Answer
from kg.answer.related import find_changes
from kg.changes import DERIVED, STATED, WITHDRAWN, Changes
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
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # XML 1.0, 2.2, in UTF-8


class Entry(NamedTuple):
    """An entry of a feed: its permanent IRI, the release that brought it, the path of its page, and what it tells.

    It tells what changed, a state of an answer, or else of the first release.
    """

    id: str
    release: Release
    path: str
    changes: Changes | None = None
    state: State | None = None

    @property
    def things(self) -> list[str]:
        """The things that it names."""
        return [one.thing for what in STATED for one in self.changes.of(what)[:MOST_LISTED]] if self.changes else []


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
    parts = [one.id for one in releases[AT_ONCE - 1 :: AT_ONCE]]  # each older part by the release that it ends with
    if until and until not in parts:
        message = say("No older part of this feed ends with %(until)s", until=until[:40])
        raise UnknownName(message, hint=say("/changes.atom leads to them all"))
    begin = parts.index(until) * AT_ONCE if until else max(len(releases) - MOST_COMPARED - 1, 0)
    end = begin + AT_ONCE if until else len(releases)
    entries = [] if begin else [_first(releases[0])]
    deleted: list[tuple[str, str]] = []
    for old, new in itertools.pairwise(releases[max(begin - 1, 0) : end]):
        result = await compare(exchange, old, new)
        entries.append(Entry(terms.RELEASE + new.id, new, f"changes/{old.id}/{new.id}", result))
        deleted += [(one.thing, new.created) for one in result.of(WITHDRAWN)]
    subtitle = _("Things about which a source file states something new, otherwise or no longer.")
    links = _links(parts, begin, is_part=bool(until))
    return await _write(exchange, subtitle, "changes", entries[::-1], links=links, deleted=deleted[::-1])


def _links(parts: Sequence[str], begin: int, *, is_part: bool) -> dict[str, str]:
    """Write the queries of the other documents of the feed (RFC 5005, 4) for the one that begins with a certain release."""
    place = -(-begin // AT_ONCE)  # of the first part that holds nothing older
    links = {"current": ""} if is_part else {}
    if older := parts[:place]:
        links["prev-archive"] = f"?until={older[-1]}"
    if is_part and place + 1 < len(parts):
        links["next-archive"] = f"?until={parts[place + 1]}"
    return links


@partial(cached, key=releases_key)
async def thing(exchange: Exchange) -> bytes:
    """Answer the feed of a thing: the changes of the thing itself, and of what names it or names something that does."""
    releases, iri, entries = await _releases(exchange), exchange.about.canonical, []
    for old, new in [*itertools.pairwise(releases)][::-1]:
        result = await compare(exchange, old, new)
        stated = [one for one in result.things if one.what != DERIVED][:MOST_NEAR]
        if near := await find_changes(exchange.opened.pages, iri, stated):
            changes = Changes(old.id, new.id, tuple(near), len(near), 0)
            entries.append(Entry(citation.pin(iri, new.id), new, f"changes/{old.id}/{new.id}", changes))
    _ = exchange.language.gettext
    subtitle = _("What changed about it, and about what has to do with it, from release to release.")
    entries = entries or [_first(releases[0])._replace(id=iri)]
    return await _write(exchange, subtitle, iri.removeprefix(terms.BASE), entries)


async def question(exchange: Exchange, answer: Answer) -> bytes:
    """Write the feed of an answer: the states of its rows, as far back as older releases are held open."""
    releases = {one.id: one for one in await _releases(exchange)}
    answers = [answer]
    for name in [one for one in reversed(releases) if one != answer.release][:OLD_OPEN]:
        then = await ask_then(exchange, given.of_answer(answer)._replace(release=name))
        if then.answer is None:
            break
        answers.append(then.answer)
    states = await asyncio.to_thread(given.states_of, answers)
    path = citation.path_of(answer, f"questions/{answer.question.name}")
    entries = []
    for digest, state in states.items():
        link = f"answer/{given.of_answer(state.answer).write()}"
        entries.append(Entry(f"{terms.BASE}{path}#{digest}", releases[state.answer.release], link, state=state))
    return await _write(exchange, answer.question.about, path, entries)


async def _releases(exchange: Exchange) -> list[Release]:
    return (await releases_of(exchange))[-MOST_COMPARED - 1 :]


def _first(release: Release) -> Entry:
    return Entry(terms.RELEASE + release.id, release, f"release/{release.id}")


async def _write(exchange: Exchange, subtitle: str, path: str, entries: Sequence[Entry], **rest: Any) -> bytes:
    query = exchange.query_string.decode("ascii", "ignore")
    body = await exchange.fill(
        "feed.xml",
        also={thing for entry in entries for thing in entry.things},
        entries=entries,
        subtitle=subtitle,
        here=exchange.path.lstrip("/") + (f"?{query}" if query else ""),
        path=path,
        stated=STATED,
        most=MOST_LISTED,
        longest=LONGEST_ROW,
        in_words=in_words,
        **{"links": {}, "deleted": (), **rest},
    )
    return _NO_XML.sub(b"", body)

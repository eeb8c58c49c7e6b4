"""Feeds in Atom: the answer to a question, a thing, and all changes, as the releases that are here tell them.

An entry about an answer is one state of its rows: its IRI is made from them, so that a new release with the same rows brings no
new entry. An entry about things is what changed from one release to the next. A browser shows a feed as a page, by its style.
"""

import asyncio
import itertools
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import About, Exchange, Offers, cached
from api.http.negotiate import ATOM
from api.routers.answers import ask_then
from api.routers.changes import refuse_others, releases_key, releases_of
from kg import terms
from kg.answer import citation, comparison, permalink
from kg.answer.engine import Engine, ask_about
from kg.answer.formats import in_words
from kg.answer.opened import OLD_OPEN
from kg.answer.questions import QuestionAnswer
from kg.changes import DERIVED, REMOVED, STATED, Change, Changes
from kg.errors import UnknownName
from kg.languages import N_
from kg.release import Release
from kg.terms import Iri
from kg.wording import say

router = APIRouter(tags=["Changes"])

MOST_COMPARED = 5  # pairs of releases that a feed compares
AT_ONCE = 5  # releases in an older part of the feed of all changes
MOST_NEAR = 2_000  # changed things that the feed of a thing looks at
MOST_LISTED = 50  # things, or rows, that an entry lists
NEAR = """SELECT DISTINCT ?this ?thing {
  VALUES ?thing {}
  { ?thing ?names ?this } UNION { ?thing ?names ?between . ?between ?also ?this }
}"""
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # XML 1.0, 2.2, in UTF-8

whole_feed = Offers(
    ATOM,
    about=About(N_("What changed from release to release"), terms.BASE + "changes.atom"),
    errors=(404,),
    is_fixed=True,
)


@router.get("/changes.atom", **whole_feed.documented)
@partial(cached, key=releases_key)
async def everything(
    exchange: Annotated[Exchange, Depends(whole_feed)],
    until: Annotated[
        str | None, Query(description="The older part of the feed that ends with this release; the feed links them.")
    ] = None,
) -> bytes:
    """A feed of what changed from release to release, in parts (until=); each question and each thing has its own (.atom)."""
    refuse_others(exchange, "until")
    releases = await releases_of(exchange)
    parts = [last.id for last in releases[AT_ONCE - 1 :: AT_ONCE]]  # each older part by the release that it ends with
    if until and until not in parts:
        raise UnknownName(
            say("No older part of this feed ends with %(until)s", until=until),
            hint=say("/changes.atom leads to them all"),
        )
    begin = parts.index(until) * AT_ONCE if until else max(len(releases) - MOST_COMPARED - 1, 0)
    end = begin + AT_ONCE if until else len(releases)
    entries: list[tuple[Release, Changes | None]] = [] if begin else [(releases[0], None)]
    for old, new in itertools.pairwise(releases[max(begin - 1, 0) : end]):
        entries.append((new, await exchange.releases.compare(old, new)))
    subtitle = N_("Things about which a source file states something new, otherwise or no longer.")
    return await _write(exchange, subtitle, "changes", entries[::-1], _links(parts, begin, is_part=bool(until)))


def _links(parts: Sequence[str], begin: int, *, is_part: bool) -> dict[str, str]:
    """Write the queries by which a document of the feed links the others (RFC 5005, 4); `begin` is the place of its first release."""
    place = -(-begin // AT_ONCE)  # of the first part that holds nothing older
    links = {"current": ""} if is_part else {}
    if older := parts[:place]:
        links["prev-archive"] = f"?until={older[-1]}"
    if is_part and place + 1 < len(parts):
        links["next-archive"] = f"?until={parts[place + 1]}"
    return links


@partial(cached, key=releases_key)
async def thing(exchange: Exchange) -> bytes:
    """Write the feed of a thing: its own changes, those of things that name it, and of things that name these."""
    releases, iri = await _releases(exchange), exchange.about.canonical
    entries: list[tuple[Release, Changes | None]] = []
    for old, new in [*itertools.pairwise(releases)][::-1]:
        result: Changes = await exchange.releases.compare(old, new)
        stated = [change for change in result.things if change.what != DERIVED][:MOST_NEAR]
        if near := await _find_near(exchange.opened.pages, iri, stated):
            entries.append((new, Changes(old.id, new.id, tuple(near), len(near), 0)))
    subtitle = N_("What changed about it, and about what has to do with it, from release to release.")
    return await _write(exchange, subtitle, iri.removeprefix(terms.BASE), entries or [(releases[0], None)])


async def _find_near(engine: Engine, this: str, changes: Sequence[Change]) -> list[Change]:
    """Pick the changes that have to do with a thing: itself, what names it, and what names something that does."""
    things = {change.thing for change in changes} | {name for change in changes for name in change.names}
    ours = (iri for iri in things if iri.startswith(terms.ID))
    near = {this, *(row["thing"] for row in await ask_about(engine, NEAR, ours, {"this": Iri(this)}))}
    # Of a thing that is gone, only what it named is known here.
    near |= {change.thing for change in changes if change.what == REMOVED and not near.isdisjoint(change.names)}
    return [change for change in changes if change.thing in near or this in change.names]


async def question(exchange: Exchange, answer: QuestionAnswer) -> bytes:
    """Write the feed of an answer: the states of its rows, as far back as older releases are held open."""
    releases = {release.id: release for release in await _releases(exchange)}
    answers = [answer]
    for name in [other for other in reversed(releases) if other != answer.release][:OLD_OPEN]:
        then = await ask_then(exchange, permalink.of_answer(answer)._replace(release=name))
        if then.answer is None:
            break
        answers.append(then.answer)
    entries = [
        (releases[state.answer.release], state) for state in await asyncio.to_thread(comparison.states_of, answers)
    ]
    path = citation.path_of(answer)
    return await _write(exchange, answer.question.about, path, entries)


async def _releases(exchange: Exchange) -> list[Release]:
    return (await releases_of(exchange))[-MOST_COMPARED - 1 :]


async def _write(
    exchange: Exchange,
    subtitle: str,
    path: str,
    entries: Sequence[tuple[Release, Changes | comparison.State | None]],
    links: Mapping[str, str] = {},
) -> bytes:
    """Write the feed that belongs to the page at a path, the newest entry first.

    An entry is a release with what changed in it, with the state of an answer, or with nothing where it is the first one.
    """
    also: set[str] = set()
    for _, changes in entries:
        if isinstance(changes, Changes):
            also.update(change.thing for what in STATED for change in changes.of(what)[:MOST_LISTED])
    body = await exchange.fill(
        "feed.xml",
        also=also,
        here=exchange.with_query(exchange.path.lstrip("/")),
        most=MOST_LISTED,
        in_words=in_words,
        subtitle=subtitle,
        path=path,
        entries=entries,
        links=links,
    )
    return _NO_XML.sub(b"", body)

"""Feeds in Atom: the answer to a question, a thing, and all changes, as the releases that are here tell them."""

import asyncio
import itertools
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.dependencies import About, Exchange, Offers, cached
from api.releases import OLD_OPEN
from api.routers.answers import ask_then
from api.routers.changes import compare, refuse_others, releases_key, releases_of
from kg import terms
from kg.answer import citation, feed, given
from kg.answer.feed import Deleted, Entry, Feed
from kg.answer.formats import Format
from kg.answer.questions import Answer
from kg.answer.related import find_changes
from kg.changes import DERIVED, WITHDRAWN, Changes
from kg.errors import UnknownName
from kg.release import Release
from kg.wording import say

router = APIRouter(tags=["Changes"])

ATOM = Format("atom", "application/atom+xml", ".atom", ())
MOST_COMPARED = 5  # pairs of releases of which a feed tells what changed
AT_ONCE = 5  # releases in an older part of the feed of all changes
MOST_NEAR = 2_000  # things that are looked at for the feed of one


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
    entries, deleted = [], []
    if not begin:
        entries.append(feed.tell_first(releases[0], exchange.opened.base, exchange.language))
    for old, new in itertools.pairwise(releases[max(begin - 1, 0) : end]):
        result = await compare(exchange, old, new)
        entries.append(await _entry(exchange, result, new))
        deleted += [Deleted(one.thing, new.created, _("Withdrawn.")) for one in result.of(WITHDRAWN)]
    subtitle = _("Things about which a source file states something new, otherwise or no longer.")
    links = _links(exchange.address("changes.atom"), parts, begin, is_part=bool(until))
    return _write(exchange, subtitle, "changes", entries[::-1], links=links, deleted=deleted[::-1])


def _links(address: str, parts: Sequence[str], begin: int, *, is_part: bool) -> dict[str, str]:
    """Link the other documents of the feed (RFC 5005, 4) from the one that begins with a certain release."""
    place = -(-begin // AT_ONCE)  # of the first part that holds nothing older
    links = {"current": address} if is_part else {}
    if older := parts[:place]:
        links["prev-archive"] = f"{address}?until={older[-1]}"
    if is_part and place + 1 < len(parts):
        links["next-archive"] = f"{address}?until={parts[place + 1]}"
    return links


@partial(cached, key=releases_key)
async def thing(exchange: Exchange) -> bytes:
    """Answer the feed of a thing: the changes of the thing itself, and of what names it or names something that does."""
    releases, iri, entries = await _releases(exchange), exchange.about.canonical, []
    for old, new in [*itertools.pairwise(releases)][::-1]:
        result = await compare(exchange, old, new)
        stated = [one for one in result.things if one.what != DERIVED][:MOST_NEAR]
        if near := await find_changes(exchange.opened.pages, iri, stated):
            entry = await _entry(exchange, Changes(old.id, new.id, tuple(near), len(near), 0), new)
            entries.append(entry._replace(id=citation.pin(iri, new.id)))
    if not entries:
        first = feed.tell_first(releases[0], exchange.opened.base, exchange.language)
        entries.append(first._replace(id=iri))
    subtitle = exchange.language.gettext(
        "What changed about it, and about what has to do with it, from release to release."
    )
    return _write(exchange, subtitle, iri.removeprefix(terms.BASE), entries)


async def question(exchange: Exchange, answer: Answer) -> bytes:
    """Write the feed of an answer: the states of its rows, as far back as older releases are held open."""
    older = [one for one in reversed(await _releases(exchange)) if one.id != answer.release][:OLD_OPEN]
    answers = [(answer, exchange.opened.release)]
    for one in older:
        then = await ask_then(exchange, given.of_answer(answer)._replace(release=one.id))
        if then.answer is None:
            break
        answers.append((then.answer, one))
    path = citation.path_of(answer, f"questions/{answer.question.name}")
    entries = await asyncio.to_thread(feed.states_of, answers, path, exchange.opened.base)
    return _write(exchange, answer.question.about, path, entries)


async def _releases(exchange: Exchange) -> list[Release]:
    return (await releases_of(exchange))[-MOST_COMPARED - 1 :]


async def _entry(exchange: Exchange, result: Changes, new: Release) -> Entry:
    opened, language = exchange.opened, exchange.language
    labels = await opened.known.label(feed.things_in(result), language.code)
    return feed.tell_changes(result, new, labels, opened.base, language)


def _write(exchange: Exchange, subtitle: str, page: str, entries: Sequence[Entry], **rest: Any) -> bytes:
    about, query = exchange.about, exchange.query_string.decode("ascii", "ignore")
    document = Feed(
        about.canonical if about.canonical.endswith(".atom") else f"{about.canonical}#changes",
        f"Answerable: {about.words or about.title}",
        subtitle,
        exchange.address(exchange.path.lstrip("/") + (f"?{query}" if query else "")),
        exchange.address(page),
        exchange.language.code,
        **rest,
    )
    return feed.write_feed(document, entries)

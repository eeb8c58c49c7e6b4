"""A feed in Atom (RFC 4287): what it is about, and an entry for each change, the newest first.

An entry about an answer is one state of its rows: its IRI is made from them, so that a new release with the same rows brings no
new entry. An entry about things is what changed from one release to the next. A feed may be one document of several (RFC 5005, 4),
and name what was deleted (RFC 6721).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

from kg import terms
from kg.answer import given
from kg.answer.formats import spoken
from kg.answer.questions import Answer, Label
from kg.changes import CREATED, REMOVED, UPDATED, WITHDRAWN, Changes
from kg.languages import Language
from kg.release import Release

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
AUTHOR = "Answerable"
MOST_LISTED = 50  # things, or rows, that an entry lists
LONGEST_ROW = 400  # characters of a row in an entry
WORDS = {
    CREATED: ("%(num)d thing added", "%(num)d things added"),
    UPDATED: ("%(num)d thing changed", "%(num)d things changed"),
    WITHDRAWN: ("%(num)d thing withdrawn", "%(num)d things withdrawn"),
    REMOVED: ("%(num)d thing gone", "%(num)d things gone"),
}
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


class Part(NamedTuple):
    """A part of an entry: a heading and lines under it, each a text and the address it leads to, if any."""

    heading: str
    lines: tuple[tuple[str, str], ...] = ()


class Entry(NamedTuple):
    """One change: its permanent IRI, a title, when it was made (RFC 3339), the address of its page and what it says."""

    id: str
    title: str
    updated: str
    link: str
    parts: tuple[Part, ...]


class Deleted(NamedTuple):
    """What was withdrawn: its permanent IRI, when, and a word on it."""

    ref: str
    when: str
    comment: str


class Feed(NamedTuple):
    """A feed: its permanent IRI, its title, its own address and that of the page it belongs to.

    `links` are those to the other documents of the feed, by relation; one that leads to the current one is an archive, and changes no
    more. `deleted` are named behind the entries.
    """

    id: str
    title: str
    subtitle: str
    address: str
    page: str
    language: str
    links: Mapping[str, str] = {}
    deleted: Sequence[Deleted] = ()


def states_of(answers: Sequence[tuple[Answer, Release]], path: str, base: str) -> list[Entry]:
    """Make an entry of each state of the rows of an answer; the answers come the newest first, each with its release.

    `path` is that of the feed, `base` the address of the server.
    """
    # Where the rows stayed the same, the oldest release had them first.
    runs = [[*run][-1] for _, run in groupby(answers, key=lambda one: given.digest(one[0]))]
    entries: dict[str, Entry] = {}
    for (answer, source), before in zip(runs, [*(one for one, _ in runs[1:]), None], strict=True):
        iri = f"{terms.BASE}{path}#{given.digest(answer)}"
        if iri not in entries:  # the rows of long ago may be back: that is told once
            title, parts = _state(answer, before)
            link = f"{base}answer/{given.of_answer(answer).write()}"
            entries[iri] = Entry(iri, title, source.created, link, parts)
    return [*entries.values()]


def _state(answer: Answer, before: Answer | None) -> tuple[str, tuple[Part, ...]]:
    """Tell the rows of an answer, or how they differ from those before."""
    _, number = answer.language.gettext, answer.language.ngettext
    lead = (Part(answer.lead),) if answer.lead else ()
    if before is None:
        title = number("%(num)d row", "%(num)d rows", len(answer.rows)) % {"num": len(answer.rows)}
        heading = _("The answer as of this release:") if answer.rows else answer.question.empty
        return title, (*lead, Part(heading, _lines(answer, answer.rows)))
    difference = given.compare(before, answer)
    counts = (
        ("%(num)d row changed", "%(num)d rows changed", len(difference.changed)),
        ("%(num)d row added", "%(num)d rows added", len(difference.added)),
        ("%(num)d row removed", "%(num)d rows removed", len(difference.removed)),
    )
    title = ", ".join(number(one, many, count) % {"num": count} for one, many, count in counts if count)
    parts = (
        Part(_("Changed, as it is now:"), _lines(answer, [now for _, now in difference.changed])),
        Part(_("Changed, as it was before:"), _lines(before, [then for then, _ in difference.changed])),
        Part(_("Added:"), _lines(answer, difference.added)),
        Part(_("Removed:"), _lines(before, difference.removed)),
    )
    return title, (*lead, *(part for part in parts if part.lines))


def _lines(answer: Answer, rows: Sequence[given.Row]) -> tuple[tuple[str, str], ...]:
    """Write rows as lines: each value but the passages, divided by dots."""
    names = [name for name, _ in answer.question.columns if name not in answer.question.cites]
    lines = [" · ".join(spoken(answer, name, row[name]) for name in names if name in row) for row in rows[:MOST_LISTED]]
    lines += [f"… {len(rows) - MOST_LISTED}"] if len(rows) > MOST_LISTED else []
    return tuple((line[:LONGEST_ROW], "") for line in lines)


def things_in(changes: Changes) -> list[str]:
    """List the things that the entry of a release lists, whose labels it needs."""
    return [one.thing for what in WORDS for one in changes.of(what)[:MOST_LISTED]]


def tell_changes(changes: Changes, new: Release, labels: Mapping[str, Label], base: str, language: Language) -> Entry:
    """Make the entry of a release: what changed in it, by the labels of the things, each with its page on the server at `base`."""
    _, parts = language.gettext, []
    for what, words in WORDS.items():
        things = [one.thing for one in changes.of(what)]
        if things:
            lines = tuple(_line(thing, labels, base) for thing in things[:MOST_LISTED])
            parts.append(Part(language.ngettext(*words, len(things)) % {"num": len(things)}, lines))
    title = ", ".join(part.heading for part in parts) or _("Nothing that a source file states changed")
    if changes.total > len(changes.things):
        parts.append(Part(_("%(all)s things in all; the first are told here.") % {"all": changes.total}))
    if changes.derived:
        parts.append(Part(_("%(number)s derived triples came or went with them.") % {"number": changes.derived}))
    return _of_release(new, title, f"{base}changes/{changes.old}/{changes.new}", parts, language)


def _line(thing: str, labels: Mapping[str, Label], base: str) -> tuple[str, str]:
    path = thing.removeprefix(terms.BASE)
    return labels[thing].name if thing in labels else path, base + path.replace("id/", "doc/", 1)


def tell_first(first: Release, base: str, language: Language) -> Entry:
    """Make the entry of the first release, which there is nothing to compare with."""
    text = language.gettext("Release %(release)s, with %(number)s triples.")
    part = Part(text % {"release": first.id, "number": first.manifest["triples"]["total"]})
    title = language.gettext("The first release that is here")
    return _of_release(first, title, f"{base}release/{first.id}", [part], language)


def _of_release(release: Release, title: str, link: str, parts: Iterable[Part], language: Language) -> Entry:
    dated = f"{language.day(release.created[:10])}: {title}"
    return Entry(terms.RELEASE + release.id, dated, release.created, link, tuple(parts))


def write_feed(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Write a feed as XML."""
    for prefix, space in (("", ATOM), ("fh", HISTORY), ("at", TOMBSTONES)):
        xml.register_namespace(prefix, space)
    root = xml.Element(_name("feed"), {LANGUAGE: feed.language})
    _put(root, "id", feed.id)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.subtitle)
    _put(root, "updated", max(entry.updated for entry in entries))
    xml.SubElement(root, _name("link"), {"rel": "self", "type": "application/atom+xml", "href": feed.address})
    xml.SubElement(root, _name("link"), {"rel": "alternate", "type": "text/html", "href": feed.page})
    xml.SubElement(root, _name("link"), {"rel": "license", "href": terms.LICENCE})
    for relation, address in feed.links.items():
        xml.SubElement(root, _name("link"), {"rel": relation, "type": "application/atom+xml", "href": address})
    if "current" in feed.links:
        xml.SubElement(root, f"{{{HISTORY}}}archive")
    author = xml.SubElement(root, _name("author"))
    _put(author, "name", AUTHOR)
    _put(author, "uri", terms.BASE)
    for entry in entries:
        found = xml.SubElement(root, _name("entry"))
        _put(found, "id", entry.id)
        _put(found, "title", entry.title)
        _put(found, "updated", entry.updated)
        xml.SubElement(found, _name("link"), {"rel": "alternate", "type": "text/html", "href": entry.link})
        _put(found, "content", "".join(map(_write_part, entry.parts)), type="html")
    for one in feed.deleted:
        gone = xml.SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", {"ref": one.ref, "when": one.when})
        xml.SubElement(gone, f"{{{TOMBSTONES}}}comment").text = one.comment
    xml.indent(root, "")
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _write_part(part: Part) -> str:
    lines = "".join(f"<li>{_write_line(*line)}</li>" for line in part.lines)
    return f"<p>{escape(part.heading)}</p>" + (f"<ul>{lines}</ul>" if lines else "")


def _write_line(text: str, address: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>' if address else escape(text)


def _put(parent: xml.Element, name: str, text: str, **attributes: str) -> None:
    xml.SubElement(parent, _name(name), attributes).text = _NO_XML.sub("", text)


def _name(name: str) -> str:
    return f"{{{ATOM}}}{name}"

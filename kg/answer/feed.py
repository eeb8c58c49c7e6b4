"""A feed in Atom (RFC 4287): what it is about, and an entry for each change, the newest first.

It may be one document of several (RFC 5005, 4), and name what was deleted (RFC 6721).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from kg import terms

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
AUTHOR = "Answerable"
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
    """A feed: its permanent IRI, its title, its own address, that of the page it belongs to, and when it last changed.

    `links` are those to the other documents of the feed, by relation; one that `is_archive` changes no more. `deleted` are named
    behind the entries.
    """

    id: str
    title: str
    subtitle: str
    address: str
    page: str
    updated: str
    language: str
    links: tuple[tuple[str, str], ...] = ()
    is_archive: bool = False
    deleted: tuple[Deleted, ...] = ()


def write_feed(feed: Feed, entries: Iterable[Entry]) -> bytes:
    """Write a feed as XML."""
    for prefix, space in (("", ATOM), ("fh", HISTORY), ("at", TOMBSTONES)):
        xml.register_namespace(prefix, space)
    root = xml.Element(_name("feed"), {LANGUAGE: feed.language})
    _put(root, "id", feed.id)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.subtitle)
    _put(root, "updated", feed.updated)
    xml.SubElement(root, _name("link"), {"rel": "self", "type": "application/atom+xml", "href": feed.address})
    xml.SubElement(root, _name("link"), {"rel": "alternate", "type": "text/html", "href": feed.page})
    xml.SubElement(root, _name("link"), {"rel": "license", "href": terms.LICENCE})
    for relation, address in feed.links:
        xml.SubElement(root, _name("link"), {"rel": relation, "type": "application/atom+xml", "href": address})
    if feed.is_archive:
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

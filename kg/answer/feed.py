"""A feed in Atom (RFC 4287): what it is about, and an entry for each change, the newest first."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from kg import terms

ATOM = "http://www.w3.org/2005/Atom"
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


class Feed(NamedTuple):
    """A feed: its permanent IRI, its title, its own address, that of the page it belongs to, and when it last changed."""

    id: str
    title: str
    subtitle: str
    address: str
    page: str
    updated: str
    language: str


def write_feed(feed: Feed, entries: Iterable[Entry]) -> bytes:
    """Write a feed as XML."""
    xml.register_namespace("", ATOM)
    root = xml.Element(_name("feed"), {LANGUAGE: feed.language})
    _put(root, "id", feed.id)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.subtitle)
    _put(root, "updated", feed.updated)
    xml.SubElement(root, _name("link"), {"rel": "self", "type": "application/atom+xml", "href": feed.address})
    xml.SubElement(root, _name("link"), {"rel": "alternate", "type": "text/html", "href": feed.page})
    xml.SubElement(root, _name("link"), {"rel": "license", "href": terms.LICENCE})
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

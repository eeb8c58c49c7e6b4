"""Links of a page to what belongs to it, by their relations (RFC 8288): in the header of each answer, and as a link set (RFC 9264).

They follow the profile FAIR Signposting: how to cite, the licence, the publisher, the types, the metadata and the files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from kg import terms
from kg.catalogue import PUBLISHER

PAGE_TYPE = "https://schema.org/AboutPage"
HTML_TYPE = "text/html"
RDF_TYPES = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
SET_TYPE = "application/linkset+json"
CATALOG = "/.well-known/api-catalog"  # which the front page links (RFC 9727)

Alternates = Sequence[tuple[str, str]]  # (media type, path)


class Link(NamedTuple):
    """One link: its relation, its target, and the media type of the target where it is told."""

    relation: str
    target: str
    media_type: str = ""


class Linked(NamedTuple):
    """What is linked with the page at a path: its permanent IRI, its classes, its other forms, the files it offers.

    `at` writes the address of a path of this site.
    """

    path: str
    canonical: str
    at: Callable[[str], str]
    release: str
    is_licensed: bool = True
    types: Sequence[str] = ()
    alternates: Alternates = ()
    items: Alternates = ()
    described_by: tuple[str, str] | None = None

    @property
    def common(self) -> list[Link]:
        """The links that every form of the page has."""
        licence = [Link("license", terms.LICENCE)] if self.is_licensed else []
        return [
            Link("canonical", self.canonical),
            Link("cite-as", self.canonical),
            *licence,
            Link("collection", terms.RELEASE + self.release),
            *(Link("alternate", self.at(path), media_type) for media_type, path in self.alternates),
            *([Link("describedby", self.at(self.described_by[1]), self.described_by[0])] if self.described_by else []),
            Link("linkset", self.at(f"/linkset{self.path}"), SET_TYPE),
        ]

    @property
    def of_page(self) -> list[Link]:
        """The links of the page that people read."""
        return [
            *self.common,
            *([Link("author", PUBLISHER)] if self.is_licensed else []),
            *(Link("type", one) for one in (PAGE_TYPE, *self.types)),
            *(Link("describedby", self.at(path), media) for media, path in self.alternates if media in RDF_TYPES),
            *(Link("item", self.at(path), media) for media, path in self.items),
            *([Link("api-catalog", self.at(CATALOG), SET_TYPE)] if self.path == "/" else []),
        ]

    @property
    def of_data(self) -> list[Link]:
        """The links of its metadata: they lead to the page that they are about."""
        return [*self.common, Link("describes", self.at(self.path), HTML_TYPE)]

    def all(self) -> dict[str, list[Link]]:
        """Tell all links by the address from which each leads."""
        page = self.at(self.path)
        found = {page: [link for link in self.of_page if link.relation != "linkset"]}
        for media, path in self.alternates:
            if media in RDF_TYPES:
                found[self.at(path)] = [Link("describes", page, HTML_TYPE)]
        found |= {self.at(path): [Link("collection", page, HTML_TYPE)] for _, path in self.items}
        return found


def write_header(links: Iterable[Link]) -> str:
    """Write a Link header."""
    return ", ".join(_write(link) for link in dict.fromkeys(links))


def write_set(links: dict[str, list[Link]]) -> bytes:
    """Write a link set as text: what a Link header has, each link with its anchor."""
    lines = [f'{_write(link)}; anchor="{anchor}"' for anchor, found in links.items() for link in found]
    return (",\n".join(lines) + "\n").encode()


def write_json_set(links: dict[str, list[Link]]) -> bytes:
    """Write a link set as JSON: a context for each anchor, with its targets by relation."""
    contexts = []
    for anchor, found in links.items():
        targets: dict[str, list[dict[str, str]]] = {}
        for link in found:
            target = {"href": link.target} | ({"type": link.media_type} if link.media_type else {})
            targets.setdefault(link.relation, []).append(target)
        contexts.append({"anchor": anchor, **targets})
    return json.dumps({"linkset": contexts}, ensure_ascii=False, indent=1).encode()


def _write(link: Link) -> str:
    return f'<{link.target}>; rel="{link.relation}"' + (f'; type="{link.media_type}"' if link.media_type else "")

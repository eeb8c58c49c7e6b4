"""Links of a page to what belongs to it, by their relations (RFC 8288): in the header of each answer, and as a link set (RFC 9264).

They follow the profile FAIR Signposting: how to cite, the licence, the publisher, the types, the metadata and the files.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from kg import terms
from kg.catalogue import PUBLISHER

PAGE_TYPE = "https://schema.org/AboutPage"
HTML_TYPE = "text/html"
RDF_TYPES = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
SET_TYPE = "application/linkset+json"
CATALOG = "/.well-known/api-catalog"  # which the front page links (RFC 9727)


class Link(NamedTuple):
    """One link: its relation, its target, and the media type of the target where it is known."""

    relation: str
    target: str
    media_type: str = ""

    def __str__(self) -> str:
        return f'<{self.target}>; rel="{self.relation}"' + (f'; type="{self.media_type}"' if self.media_type else "")


class About(NamedTuple):
    """What a page says of itself: its title, its permanent IRI, and the addresses of its other forms.

    `words` say more than the title, such as a question with its values: by them it is cited, as what it is (`kind`, a type of
    CSL). `summary` is a sentence for those who see no more than a card, and `lead` works it out where that takes a query.
    `described_by` is the path of the metadata of a data file. `types` are the classes of what it is about, `items` the paths of
    the files that it offers, and `subject` is what was read for all this, for the operation to use.
    """

    title: str
    canonical: str
    alternates: tuple[tuple[str, str], ...] = ()  # (media type, path)
    words: str = ""
    kind: str = "webpage"
    summary: str = ""
    lead: Callable[[], Awaitable[str]] | None = None
    described_by: tuple[str, str] | None = None  # (media type, path)
    types: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()  # (media type, path)
    subject: Any = None


class Linked(NamedTuple):
    """What is linked with the page at a path, by what it says of itself. `at` writes the address of a path of this site."""

    about: About
    path: str
    at: Callable[[str], str]
    release: str

    def of(self, *, is_data: bool = False) -> list[Link]:
        """List the links of the page that people read, or those of its metadata, which lead to that page."""
        about, at = self.about, self.at
        common = [
            Link("canonical", about.canonical),
            Link("cite-as", about.canonical),
            Link("license", terms.LICENCE),
            Link("collection", terms.RELEASE + self.release),
            *(Link("alternate", at(path), media_type) for media_type, path in about.alternates),
            *([Link("describedby", at(about.described_by[1]), about.described_by[0])] if about.described_by else []),
            Link("linkset", at(f"/linkset{self.path}"), SET_TYPE),
        ]
        if is_data:
            return [*common, Link("describes", at(self.path), HTML_TYPE)]
        return [
            *common,
            Link("author", PUBLISHER),
            *(Link("type", iri) for iri in (PAGE_TYPE, *about.types)),
            *(Link("describedby", at(path), media) for media, path in about.alternates if media in RDF_TYPES),
            *(Link("item", at(path), media) for media, path in about.items),
            *([Link("api-catalog", at(CATALOG), SET_TYPE)] if self.path == "/" else []),
        ]

    def all(self) -> dict[str, list[Link]]:
        """List all links by the address from which each leads."""
        page, data = self.at(self.path), [path for media, path in self.about.alternates if media in RDF_TYPES]
        return {
            page: [link for link in self.of() if link.relation != "linkset"],
            **{self.at(path): [Link("describes", page, HTML_TYPE)] for path in data},
            **{self.at(path): [Link("collection", page, HTML_TYPE)] for _, path in self.about.items},
        }


def write_header(links: Iterable[Link]) -> str:
    """Write a Link header."""
    return ", ".join(str(link) for link in dict.fromkeys(links))


def write_set(links: dict[str, list[Link]]) -> bytes:
    """Write a link set as text: what a Link header has, each link with its anchor."""
    lines = [f'{link}; anchor="{anchor}"' for anchor, leading in links.items() for link in leading]
    return (",\n".join(lines) + "\n").encode()


def write_json_set(links: dict[str, list[Link]]) -> bytes:
    """Write a link set as JSON: a context for each anchor, with its targets by relation."""
    contexts = []
    for anchor, leading in links.items():
        targets: dict[str, list[dict[str, str]]] = {}
        for link in leading:
            target = {"href": link.target} | ({"type": link.media_type} if link.media_type else {})
            targets.setdefault(link.relation, []).append(target)
        contexts.append({"anchor": anchor, **targets})
    return json.dumps({"linkset": contexts}, ensure_ascii=False, indent=1).encode()

"""Links of a page to what belongs to it, by their relations (RFC 8288): in the header of each answer, and as a link set (RFC 9264).

They follow the profile FAIR Signposting: how to cite, the licence, the publisher, the types, the metadata and the files.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from api.http.addresses import write_json
from kg import terms
from kg.catalogue import PUBLISHER

HTML_TYPE = "text/html"
RDF_TYPES = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
SET_TYPE = "application/linkset+json"
DATASET = "https://schema.org/Dataset"  # the class of a page that describes files
LONGEST = 2200  # bytes of a header: a proxy may take no head of more than 4 KiB
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

    It is cited by its title as what it is (`kind`, a type of CSL). `summary` is a sentence for those who see no more than a card, and `lead` works it out where that takes a query.
    `described_by` is the path of the metadata of a data file. `types` are the classes of what it is about, `items` the paths of
    the files that it offers, and `subject` is what was read for all this, for the operation to use.
    """

    title: str
    canonical: str
    alternates: tuple[tuple[str, str], ...] = ()  # (media type, path)
    kind: str = "webpage"
    summary: str = ""
    lead: Callable[[], Awaitable[str]] | None = None
    described_by: tuple[str, str] | None = None  # (media type, path)
    types: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()  # (media type, path)
    subject: Any = None

    def form(self, path: str) -> str:
        """Name the form of the page at a path by its suffix, such as `csv` or `csv-metadata.json`, or by the query's last value."""
        address, _, query = path.partition("?")
        name, file = (text.rpartition("/")[2] for text in (self.canonical.partition("?")[0], address))
        if file.startswith(f"{name}."):
            return file.removeprefix(f"{name}.")
        return file.rpartition(".")[2] if "." in file else query.rpartition("=")[2]

    def links(self, path: str, at: Callable[[str], str], release: str, *, is_data: bool = False) -> list[Link]:
        """List the links of the page at a path, or those of its metadata, which lead to that page; `at` writes an address."""
        metadata = [Link("describedby", at(self.described_by[1]), self.described_by[0])] if self.described_by else []
        common = [
            *metadata,  # readers of CSV on the Web take the first link
            Link("canonical", self.canonical),
            Link("cite-as", self.canonical),
            Link("linkset", at(f"/linkset{path}"), SET_TYPE),
            Link("license", terms.LICENCE),
            Link("collection", terms.RELEASE + release),
            *(Link("alternate", at(other), media) for media, other in self.alternates),
        ]
        if is_data:
            return [*common, Link("describes", at(path), HTML_TYPE)]
        return [
            *common,
            Link("author", PUBLISHER),
            *(Link("type", iri) for iri in ("https://schema.org/AboutPage", *self.types)),
            *(Link("describedby", at(other), media) for media, other in self.alternates if media in RDF_TYPES),
            *(Link("item", at(item), media) for media, item in self.items),
            *([Link("api-catalog", at(CATALOG), SET_TYPE)] if path == "/" else []),
        ]

    def link_set(self, path: str, at: Callable[[str], str], release: str) -> dict[str, list[Link]]:
        """List all links of the page at a path, its data and its items, by the address from which each leads."""
        page, data = at(path), [other for media, other in self.alternates if media in RDF_TYPES]
        return {
            page: [link for link in self.links(path, at, release) if link.relation != "linkset"],
            **{at(other): [Link("describes", page, HTML_TYPE)] for other in data},
            **{at(item): [Link("collection", page, HTML_TYPE)] for _, item in self.items},
        }


def write_header(links: Iterable[Link]) -> str:
    """Write a Link header of the links that fit into LONGEST, those first that come first; the link set has all."""
    header = ""
    for text in dict.fromkeys(map(str, links)):
        longer = f"{header}, {text}" if header else text
        header = longer if len(longer) <= LONGEST else header
    return header


def write_set(links: dict[str, list[Link]]) -> bytes:
    """Write a link set as text: what a Link header has, each link with its anchor."""
    lines = (f'{link}; anchor="{anchor}"' for anchor, leading in links.items() for link in leading)
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
    return write_json({"linkset": contexts})

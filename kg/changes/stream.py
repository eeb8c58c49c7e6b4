"""Releases as a stream of versions of things (LDES, TREE): what each page of it holds.

A member is one version of one thing: an object of its own that says what the whole release says of the thing, stated or derived,
with the blank nodes that belong to it alone. A thing that is no more has a version that says nothing. A tombstone is
what is left of a thing, so its version is a deletion that holds the tombstone. A blank node of no single thing comes as a thing whose IRI
is below `.well-known/genid/` (RDF 1.1 Concepts, 3.5). Who puts, for each thing, its last version in the place of the one before has
the graph of the last release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kg import catalogue, terms
from kg.catalogue import SPACES, Things, iri, typed
from kg.changes.reading import SKOLEM, Pair, is_tombstone, merged
from kg.release import Release
from kg.store import Store, rewrite_triples
from kg.terms import Blank, Iri

AT_ONCE = 250  # versions on a page
PATH = "changes/ldes"
STREAM = f"{terms.BASE}{PATH}#stream"
DESCRIPTION = Path(__file__).with_name("stream.ttl")
NONE = "none"  # in the address of a page: there is no release before
CREATE, UPDATE, DELETE = (SPACES["as"] + name for name in ("Create", "Update", "Delete"))
# The properties of a version; no thing may have one of its own.
VERSION_OF = terms.PREFIXES["dcterms"] + "isVersionOf"
MADE = terms.PREFIXES["prov"] + "generatedAtTime"
KIND = terms.PREFIXES["dcterms"] + "type"
PREFIXES = terms.PREFIXES | {name: SPACES[name] for name in ("ldes", "tree", "as")}

_DATETIME = terms.PREFIXES["xsd"] + "dateTime"


class Version(NamedTuple):
    """One version: its IRI, the thing, what happened (a type of Activity Streams) and what is said of it, as lines of N-Triples."""

    iri: str
    thing: str
    kind: str
    lines: tuple[bytes, ...]


def bounds(old: Release | None, new: Release) -> list[bytes]:
    """List the subjects with which the pages of a release begin; none where nothing changed."""
    return [one.subject for number, one in enumerate(_changed(old, new)) if number % AT_ONCE == 0]


def versions(old: Release | None, new: Release, start: bytes, end: bytes | None) -> list[Version]:
    """Make the versions of the things from one subject to before another."""
    return [_version(new.id, *one) for one in _changed(old, new, start, end)]


def _changed(old: Release | None, new: Release, start: bytes = b"", end: bytes | None = None) -> Iterator:
    """Yield each thing of which the merge of all graphs says something else now; in which file it stands is no part of that."""
    for one in Pair(old, new).differing(start, end):
        if one.before == () or one.now == () or merged(one.before) != merged(one.now):
            yield one


def _version(release: str, key: bytes, before: tuple[bytes, ...], now: tuple[bytes, ...]) -> Version:
    thing = key.removeprefix(b"_:").strip(b"<>").decode()
    kind = DELETE if not now or is_tombstone(now) else UPDATE if before else CREATE
    iri = version_of(release, thing)
    subject, triples = f"<{thing}> ".encode(), []
    for triple in sorted(merged(now)):
        if triple.startswith(b"_:"):
            triples.append(triple)
        elif triple.startswith(subject):
            triples.append(f"<{iri}> ".encode() + triple[len(subject) :])
    return Version(iri, thing, kind, tuple(triples))


def version_of(release: str, thing: str) -> str:
    """Name the version of a thing in a release: the address at which the release shows it, where it does."""
    if thing.startswith(terms.BASE) and not thing.startswith(SKOLEM):
        return f"{terms.RELEASE}{release}/{thing.removeprefix(terms.BASE)}"
    return f"{terms.RELEASE}{release}#{hashlib.sha256(thing.encode()).hexdigest()[:32]}"


class Page(NamedTuple):
    """A page of the versions that came with a release, after the one before it, which the first release does not have."""

    old: Release | None
    new: Release
    number: int = 1

    @property
    def path(self) -> str:
        """The path of the page beneath the root of the stream."""
        return f"{self.old.id if self.old else NONE}/{self.new.id}/{self.number}"


def first_pages(releases: Sequence[Release]) -> list[Page]:
    """List the first page of each release; the releases come the oldest first."""
    return [Page(old, new) for old, new in zip([None, *releases[:-1]], releases, strict=True)]


def write_root(root: str, releases: Sequence[Release], format: str) -> bytes:
    """Write the root of the stream of some releases: what the stream is, and what leads to the first page of each release."""
    following = {f"r{number}": page for number, page in enumerate(first_pages(releases))}
    things: Things = {STREAM: {"tree:view": Iri(root)}, **_node(root, root, following)}
    with Store.memory() as store:
        store.load(DESCRIPTION, format="ttl", graph=None, source=DESCRIPTION.name)
        described = store.construct("CONSTRUCT WHERE { ?s ?p ?o }")
        return catalogue.write([*described, *catalogue.triples(things)], format)


def write_page(root: str, page: Page, begins: Sequence[bytes], format: str) -> bytes:
    """Write a page of the stream; `begins` are the subjects with which the pages of its release begin."""
    start, end = [*begins, None, None][page.number - 1 : page.number + 1]
    members = [] if start is None else versions(page.old, page.new, start, end)
    following = {"next": page._replace(number=page.number + 1)} if page.number < len(begins) else {}
    head: Things = {
        STREAM: {
            "rdf:type": iri("ldes:EventStream"),
            "tree:view": Iri(root),
            "tree:member": [Iri(one.iri) for one in members],
        },
        **_node(root, f"{root}/{page.path}", following),
    }
    lines = sorted(" ".join(map(terms.write, triple)).encode() for triple in catalogue.triples(head))
    for number, version in enumerate(members):
        about = f"<{version.iri}> "
        lines += [
            f"{about}<{VERSION_OF}> <{version.thing}>".encode(),
            f'{about}<{MADE}> "{page.new.created}"^^<{_DATETIME}>'.encode(),
            f"{about}<{KIND}> <{version.kind}>".encode(),
        ]
        lines += [_apart(line, b"_:v%dx" % number) for line in version.lines]
    return rewrite_triples(b"".join(line + b" .\n" for line in lines), format, PREFIXES)


def _node(root: str, address: str, following: Mapping[str, Page]) -> Things:
    """Describe the document at an address, which leads to pages, each by two relations: all of its versions are of one time."""
    relations: Things = {
        f"_:{label}{kind[0]}": {
            "rdf:type": iri(f"tree:{kind}Relation"),
            "tree:node": Iri(f"{root}/{page.path}"),
            "tree:path": Iri(MADE),
            "tree:value": typed(page.new.created, "dateTime"),
        }
        for label, page in following.items()
        for kind in ("GreaterThanOrEqualTo", "LessThanOrEqualTo")
    }
    labels = [Blank(label[2:]) for label in relations]
    return {address: {"rdf:type": iri("tree:Node"), "tree:relation": labels}, **relations}


def _apart(line: bytes, stem: bytes) -> bytes:
    """Give the blank nodes of a triple labels that stand on one page once."""
    subject, predicate, value = line.split(b" ", 2)
    subject, value = (stem + one[2:] if one.startswith(b"_:") else one for one in (subject, value))
    return b" ".join((subject, predicate, value))

"""Releases as a stream of versions of things (LDES, TREE): what each page of it holds.

A member is one version of one thing: an object of its own that says what the whole release says of the thing, stated or derived.
A thing that is no more has a version that says nothing. A tombstone is what is left of a thing, so its version is a deletion that
holds the tombstone. A blank node comes as a thing whose IRI is below `.well-known/genid/` (RDF 1.1 Concepts, 3.5). Who puts, for each
thing, its last version in the place of the one before has the graph of the last release.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from kg import catalogue, terms
from kg.catalogue import SPACES, Things, iri, typed
from kg.changes.dump import BLANK, SubjectDifference, differences, is_tombstone, triples_of
from kg.release import Release
from kg.store import read_quads, rewrite_triples, write_triples
from kg.terms import Blank, Iri

AT_ONCE = 250  # versions on a page
PATH = "changes/ldes"
SKOLEM = f"{terms.BASE}.well-known/genid/"
STREAM = f"{terms.BASE}{PATH}#stream"
DESCRIPTION = Path(__file__).with_name("stream.ttl")
NONE = "none"  # in the address of a page: there is no release before
PREFIXES = terms.PREFIXES | {name: SPACES[name] for name in ("ldes", "tree", "as")}
# As text, since a release has tens of thousands of versions.
MEMBER = f"""<{STREAM}> <{SPACES["tree"]}member> <{{version}}> .
<{{version}}> <{SPACES["dcterms"]}isVersionOf> <{{thing}}> .
<{{version}}> <{SPACES["prov"]}generatedAtTime> "{{created}}"^^<{SPACES["xsd"]}dateTime> .
<{{version}}> <{SPACES["dcterms"]}type> <{SPACES["as"]}{{kind}}> .
"""


def pages(old: Release | None, new: Release) -> list[bytes]:
    """Write the pages of the versions that came with a release, each as compressed N-Triples; none where nothing changed.

    A thing has a new version where the merge of all graphs says something else of it; in which file it stands is no part of that.
    """
    changed = (each for each in differences(old, new) if triples_of(each.before) != triples_of(each.now))
    batches = iter(lambda: list(islice(changed, AT_ONCE)), [])
    return [zlib.compress(b"".join(_write_version(new, each) for each in batch), level=1) for batch in batches]


def _write_version(release: Release, difference: SubjectDifference) -> bytes:
    """Write what is said of a thing now, and what is said of the version, by properties that no thing has of its own."""
    subject, before, now = difference
    thing = _name(subject).strip(b"<>").decode()
    kind = "Update" if before else "Create"
    if not now or is_tombstone(now):
        kind = "Delete"
    version = version_of(release.id, thing)
    head = MEMBER.format(version=version, thing=thing, created=release.created, kind=kind).encode()
    triples = sorted((predicate, _name(value)) for _, predicate, value in triples_of(now))
    name = f"<{version}>".encode()
    return head + b"".join(b" ".join((name, *triple)) + b" .\n" for triple in triples)


def _name(term: bytes) -> bytes:
    return b"<" + SKOLEM.encode() + term.removeprefix(BLANK) + b">" if term.startswith(BLANK) else term


def version_of(release: str, thing: str) -> str:
    """Name the version of a thing in a release: the address at which the release shows it, where it does."""
    if thing.startswith(terms.BASE) and not thing.startswith(SKOLEM):
        return f"{terms.RELEASE}{release}/{thing.removeprefix(terms.BASE)}"
    return f"{terms.RELEASE}{release}#{hashlib.sha256(thing.encode()).hexdigest()[:32]}"


class VersionPage(NamedTuple):
    """A page of the versions that came with a release, after the one before it, which the first release does not have."""

    old: Release | None
    new: Release
    number: int = 1

    @property
    def path(self) -> str:
        """The path of the page beneath the root of the stream."""
        return f"{self.old.id if self.old else NONE}/{self.new.id}/{self.number}"


def first_pages(releases: Sequence[Release]) -> list[VersionPage]:
    """List the first page of each release; the releases come the oldest first."""
    return [VersionPage(old, new) for old, new in zip([None, *releases[:-1]], releases, strict=True)]


def write_root(root: str, releases: Sequence[Release], format: str) -> bytes:
    """Write the root of the stream of some releases: what the stream is, and what leads to the first page of each release."""
    following = {f"r{number}": page for number, page in enumerate(first_pages(releases))}
    things: Things = {STREAM: {"tree:view": Iri(root)}, **_node(root, root, following)}
    described = [quad[:3] for quad in read_quads(DESCRIPTION.read_bytes(), "ttl")]
    return catalogue.write([*described, *catalogue.triples(things)], format)


def write_page(root: str, page: VersionPage, texts: Sequence[bytes], format: str) -> bytes:
    """Write a page of the stream; `texts` are the pages of its release."""
    following = {"next": page._replace(number=page.number + 1)} if page.number < len(texts) else {}
    head: Things = {
        STREAM: {"rdf:type": iri("ldes:EventStream"), "tree:view": Iri(root)},
        **_node(root, f"{root}/{page.path}", following),
    }
    versions = zlib.decompress(texts[page.number - 1]) if texts else b""
    lines = write_triples(catalogue.triples(head), "nt", {})
    return rewrite_triples(lines + versions, format, PREFIXES)


def _node(root: str, address: str, following: Mapping[str, VersionPage]) -> Things:
    """Describe the document at an address, which leads to pages, each by two relations: all of its versions are of one time."""
    relations: Things = {
        f"_:{label}{kind[0]}": {
            "rdf:type": iri(f"tree:{kind}Relation"),
            "tree:node": Iri(f"{root}/{page.path}"),
            "tree:path": iri("prov:generatedAtTime"),
            "tree:value": typed(page.new.created, "dateTime"),
        }
        for label, page in following.items()
        for kind in ("GreaterThanOrEqualTo", "LessThanOrEqualTo")
    }
    labels = [Blank(label[2:]) for label in relations]
    return {address: {"rdf:type": iri("tree:Node"), "tree:relation": labels}, **relations}

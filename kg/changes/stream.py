"""Releases as a stream of versions of things (LDES, TREE): what each page of it holds.

A member is one version of one thing: an object of its own that says what the whole release says of the thing, stated or derived,
with the blank nodes that belong to it alone. A thing that is no more has a version that says nothing. A tombstone is
what is left of a thing, so its version is a deletion that holds the tombstone. A blank node of no single thing comes as a thing whose IRI
is below `.well-known/genid/` (RDF 1.1 Concepts, 3.5). Who puts, for each thing, its last version in the place of the one before has
the graph of the last release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kg import terms
from kg.changes.difference import is_tombstone
from kg.changes.reading import SKOLEM, Pair
from kg.release import Release
from kg.store import rewrite_triples

AT_ONCE = 250  # versions on a page
LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"
CREATE, UPDATE, DELETE = (ACTIVITY + name for name in ("Create", "Update", "Delete"))
VERSION_OF = terms.PREFIXES["dcterms"] + "isVersionOf"
MADE = terms.PREFIXES["prov"] + "generatedAtTime"
KIND = terms.PREFIXES["dcterms"] + "type"
PROPERTIES = (VERSION_OF, MADE, KIND)  # of a version; no thing may have one of its own
PREFIXES = terms.PREFIXES | {"ldes": LDES, "tree": TREE, "as": ACTIVITY}

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
        if one.before == () or one.now == () or _merged(one.before) != _merged(one.now):
            yield one


def _merged(lines: Iterable[bytes]) -> set[bytes]:
    return {line.rsplit(b" ", 2)[0] for line in lines}


def _version(release: str, key: bytes, before: tuple[bytes, ...], now: tuple[bytes, ...]) -> Version:
    thing = key.removeprefix(b"_:").strip(b"<>").decode()
    kind = DELETE if not now or is_tombstone(now) else UPDATE if before else CREATE
    iri = version_of(release, thing)
    subject, triples = f"<{thing}> ".encode(), []
    for triple in sorted(_merged(now)):
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


def write_versions(made: str, found: Iterable[Version], head: Iterable[bytes], format: str) -> bytes:
    """Write versions, all of one time, behind the triples of a page, in a graph format; blank nodes are named anew for each version."""
    lines = list(head)
    for number, version in enumerate(found):
        about = f"<{version.iri}> "
        lines += [
            f"{about}<{VERSION_OF}> <{version.thing}>".encode(),
            f'{about}<{MADE}> "{made}"^^<{_DATETIME}>'.encode(),
            f"{about}<{KIND}> <{version.kind}>".encode(),
        ]
        lines += [_apart(line, b"_:v%dx" % number) for line in version.lines]
    return rewrite_triples(b"".join(line + b" .\n" for line in lines), format, PREFIXES)


def _apart(line: bytes, stem: bytes) -> bytes:
    """Give the blank nodes of a triple labels that stand on one page once."""
    subject, predicate, value = line.split(b" ", 2)
    subject, value = (stem + one[2:] if one.startswith(b"_:") else one for one in (subject, value))
    return b" ".join((subject, predicate, value))

"""The dumps of a release as text, in parts: a part holds some subjects, and what it holds decides where it ends.

So a change to a subject changes no other part than its own, or the two that are divided there.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import pyoxigraph as ox

from kg import terms
from kg.store.rdf import GRAPH_FORMATS

FORMS = ("nq", "ttl", "jsonld", "nt")  # quads in named graphs; the others hold the merge of these graphs
HEADS = {
    "nq": b"",
    "ttl": "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in terms.PREFIXES.items()).encode(),
    "jsonld": b"[",
    "nt": b"",
}
FEET = {"nq": b"", "ttl": b"", "jsonld": b"]", "nt": b""}
_FEWEST = 128  # subjects that a part holds, about
_DECLARED = re.compile(rb"\A(?:@prefix [^\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of sorted N-Quads, all that there are about their subjects; `first` is the first subject."""

    first: bytes
    lines: Sequence[bytes]

    def text(self, form: str, *, leads: bool) -> bytes:
        """Write the part in a format of FORMS; `leads` tells whether no other goes before it."""
        if form == "nq":
            return b"".join(self.lines)
        lines = b"".join(line + b" .\n" for line in triples_of(self.lines))
        if form == "nt":
            return lines
        triples = ox.parse(lines, ox.RdfFormat.N_TRIPLES)
        text = ox.serialize(triples, format=GRAPH_FORMATS[form], prefixes=terms.PREFIXES if form == "ttl" else None)
        if form == "ttl":
            return _DECLARED.sub(b"", text, count=1)
        return text[1:-1] if leads else b"," + text[1:-1]


def triples_of(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the triples in sorted lines of N-Quads, each once, without full stops."""
    return map(itemgetter(0), itertools.groupby(lines, lambda line: line.rsplit(b" ", 2)[0]))


def cut(lines: Iterable[bytes]) -> Iterator[Part]:
    """Cut sorted lines of N-Quads, each in a named graph, into parts."""
    first, held = b"", []
    for subject, about in itertools.groupby(lines, lambda line: line.partition(b" ")[0]):
        if held and zlib.crc32(subject) % _FEWEST == 0:
            yield Part(first, held)
            held = []
        first = first if held else subject
        held.extend(about)
    if held:
        yield Part(first, held)

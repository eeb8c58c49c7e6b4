"""The text of the dumps: the triples in sorted N-Quads, and N-Triples written in another format piece by piece."""

import itertools
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyoxigraph as ox

from kg import terms
from kg.store.rdf import GRAPH_FORMATS


def by_triple(lines: Iterable[bytes]) -> Iterator[tuple[bytes, Iterator[bytes]]]:
    """Group sorted lines of N-Quads by their triples, which have no full stop."""
    return itertools.groupby(lines, lambda line: line.rsplit(b" ", 2)[0])


def convert(source: BinaryIO, target: BinaryIO, format: str) -> None:
    """Write sorted N-Triples that an engine wrote in another format, ttl or jsonld; neither is ever whole in memory."""
    triples = ox.parse(source, ox.RdfFormat.N_TRIPLES, lenient=True)
    prefixes = terms.PREFIXES if format == "ttl" else None
    ox.serialize(triples, target, format=GRAPH_FORMATS[format], prefixes=prefixes)

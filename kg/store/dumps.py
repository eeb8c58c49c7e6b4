"""The lines of N-Quads that every dump of a release is made of: the same statements give the same lines, in the same order."""

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox
import zstandard

_TRIPLES = ox.RdfFormat.N_TRIPLES


def dump_named(engine: ox.Store) -> dict[str, bytes]:
    """Write the named graphs as N-Triples, each by its name; compressed as they come, since they are in memory beside the engine."""
    return {str(graph): _pack(engine, graph) for graph in engine.named_graphs()}


def _pack(engine: ox.Store, graph: ox.NamedNode | ox.BlankNode) -> bytes:
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(level=1).stream_writer(packed, closefd=False) as target:
        engine.dump(target, format=_TRIPLES, from_graph=graph)
    return packed.getvalue()


def named_lines(texts: dict[str, bytes]) -> list[bytes]:
    """Turn the texts of named graphs, of which it leaves none, into sorted lines of N-Quads.

    Blank nodes are labelled by what is said of them, which can take very long where they refer to each other in a tangle.
    """
    lines: list[bytes] = []
    blank: list[bytes] = []
    while texts:
        graph, packed = texts.popitem()
        text = zstandard.open(io.BytesIO(packed)).read()
        part = text.replace(b" .\n", f" {graph} .\n".encode()).splitlines(keepends=True)
        if b"_:" in text:
            blank += [line for line in part if b"_:" in line]
            part = [line for line in part if b"_:" not in line]
        lines += part
    quads = list(ox.parse(b"".join(blank), ox.RdfFormat.N_QUADS))
    lines += _write(quad for quad in quads if not _blank_nodes(quad))  # texts in which `_:` stands
    lines += _write(_label(quads))
    lines.sort()
    return lines


def _write(quads: Iterable[ox.Quad]) -> list[bytes]:
    return (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True)


def _label(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Label blank nodes by what is said of them and of those that hang together with them (RDFC-1.0).

    So a label changes only with that, and it means the same in every release.
    """
    copies: Counter[str] = Counter()
    for component in _components(quads):
        dataset = ox.Dataset(component)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        digest = hashlib.sha256(b"".join(sorted(_write(dataset)))).hexdigest()[:16]
        copies[digest] += 1
        prefix = f"b{digest}x{copies[digest]}"
        yield from (ox.Quad(*(_prefixed(term, prefix) for term in quad)) for quad in dataset)


def _prefixed(term: Any, prefix: str) -> Any:
    return ox.BlankNode(prefix + term.value) if isinstance(term, ox.BlankNode) else term


def _components(quads: Iterable[ox.Quad]) -> Iterator[set[ox.Quad]]:
    about: defaultdict[ox.BlankNode, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        for node in _blank_nodes(quad):
            about[node].append(quad)
    while about:
        component: set[ox.Quad] = set()
        waiting = [next(iter(about))]
        while waiting:
            for quad in about.pop(waiting.pop(), ()):
                component.add(quad)
                waiting += _blank_nodes(quad)
        yield component


def _blank_nodes(quad: ox.Quad) -> list[ox.BlankNode]:
    return [term for term in (quad.subject, quad.object) if isinstance(term, ox.BlankNode)]

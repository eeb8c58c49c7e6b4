"""A store in memory, copied to a folder beside other work: a store to read from, and the lines that every dump is made of."""

from __future__ import annotations

import contextlib
import hashlib
import heapq
import io
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Self

import pyoxigraph as ox

from kg.store.store import Store

_RUN = 64 << 20  # bytes of triples that are sorted at once
_PART = 24 << 20  # bytes of triples that the store on the disk is given at once; it needs several times as much memory


class _Piece(NamedTuple):
    """A part of the triples of a graph: its lines in their text, as N-Triples, from one offset to another."""

    graph: str
    text: bytes
    start: int
    end: int


class Copying:
    """Copies the named graphs of a store into `<folder>/store`, whose default graph becomes their merge.

    `add` may be called several times, and other graphs may be written meanwhile: a thread of its own does the work, mostly in
    the engine. Then come `lines`, once, and `finish`. Left early, it leaves an unfinished folder.
    """

    def __init__(self, source: Store, folder: Path) -> None:
        self.quads = 0  # how many have been copied; known after `lines`
        self._work = folder / "work"
        self._work.mkdir()  # before the store, which would stay open if this failed
        self._source, self._target = source, Store.create(folder / "store")
        self._copied: set[str] = set()
        self._blank: list[bytes] = []  # quads with blank nodes
        self._thread = ThreadPoolExecutor(1)
        self._runs = 0
        self._sorted: list[Future[list[Path]]] = []
        self._loaded: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)
        self._target.close()

    def add(self) -> None:
        """Begin to copy the graphs that came since the last call. They must not change any more."""
        graphs = [graph for graph in self._source.graphs() if graph not in self._copied]
        self._copied.update(graphs)
        if graphs:
            self._sorted.append(self._thread.submit(self._sort, graphs))

    def lines(self) -> Iterator[bytes]:
        """Yield the quads as lines of N-Quads, sorted: the same every time.

        Blank nodes are labelled by what is said of them, which can take very long where they refer to each other in a tangle.
        """
        runs = [run for one in self._sorted for run in one.result()]
        with contextlib.ExitStack() as files:
            lines = [files.enter_context(run.open("rb")) for run in runs]
            yield from heapq.merge(*lines, sorted(_label(self._blank)))

    def finish(self) -> None:
        """Wait for the copy, and compact it for reading."""
        for one in self._loaded:
            one.result()
        # A label names another blank node each time something is read, so all that have one are read at once.
        blank = b"".join(line + _unname(line) for line in self._blank)
        self._target.fill(blank, format="nq")
        self._target.optimize()
        self._target.close()
        shutil.rmtree(self._work)

    def _sort(self, graphs: Iterable[str]) -> list[Path]:
        """Write the quads of some graphs to files, each of them sorted, and have them loaded."""
        pieces, runs = [], []
        for graph in graphs:
            output = io.BytesIO()
            self._source.dump(output, format="nt", graph=graph)
            text = output.getvalue()
            self.quads += text.count(b"\n")
            if b"_:" in text:
                whole = _Piece(graph, text, 0, len(text))
                self._blank += [line for line in _name(whole).splitlines(keepends=True) if b"_:" in line]
                text = b"".join(line for line in text.splitlines(keepends=True) if b"_:" not in line)
            pieces.append(_Piece(graph, text, 0, len(text)))
        for part in _parts(pieces, _RUN):
            lines = [line for piece in part for line in _name(piece).splitlines(keepends=True)]
            lines.sort()
            self._runs += 1
            runs.append(self._work / f"{self._runs}.nq")
            with runs[-1].open("wb") as file:
                file.writelines(lines)
            del lines  # before the next are made
        self._loaded += [self._thread.submit(self._load, part) for part in _parts(pieces, _PART)]
        return runs

    def _load(self, pieces: Sequence[_Piece]) -> None:
        self._target.fill(b"".join(_name(piece) for piece in pieces), format="nq")
        self._target.fill(b"".join(piece.text[piece.start : piece.end] for piece in pieces), format="nt")


def _triple(line: bytes) -> bytes:
    return line.rsplit(b" ", 2)[0]


def _name(piece: _Piece) -> bytes:
    """Put the graph on each line; a line ends nowhere but at its end, since a text in it is escaped."""
    return piece.text[piece.start : piece.end].replace(b" .\n", f" <{piece.graph}> .\n".encode())


def _unname(line: bytes) -> bytes:
    return _triple(line) + b" .\n"


def _label(lines: Iterable[bytes]) -> list[bytes]:
    """Label blank nodes by what is said of them and of those that hang together with them (RDFC-1.0).

    So a label changes only with that, and it means the same in every release.
    """
    quads = [*ox.parse(b"".join(lines), ox.RdfFormat.N_QUADS)]
    labelled = [quad for quad in quads if not _blank_nodes(quad)]  # only a text in them looks like a label
    copies: Counter[str] = Counter()
    for component in _components(quads):
        dataset = ox.Dataset(component)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        digest = hashlib.sha256(b"".join(sorted(_write(dataset)))).hexdigest()[:16]
        copies[digest] += 1
        prefix = f"b{digest}x{copies[digest]}"
        labelled += (ox.Quad(*(_prefixed(term, prefix) for term in quad)) for quad in dataset)
    return _write(labelled)


def _write(quads: Iterable[ox.Quad]) -> list[bytes]:
    return (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True)


def _prefixed(term: Any, prefix: str) -> Any:
    return ox.BlankNode(prefix + term.value) if isinstance(term, ox.BlankNode) else term


def _components(quads: Iterable[ox.Quad]) -> Iterator[set[ox.Quad]]:
    """Yield the quads of the blank nodes that hang together."""
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


def _parts(pieces: Iterable[_Piece], size: int) -> Iterator[list[_Piece]]:
    """Group pieces, cut at the ends of their lines, into parts of about so many bytes."""
    part, left = [], size
    for graph, text, start, end in pieces:
        while start < end:
            stop = end if end - start <= left else text.index(b"\n", start + left - 1) + 1
            part.append(_Piece(graph, text, start, stop))
            left -= stop - start
            start = stop
            if left <= 0:
                yield part
                part, left = [], size
    if part:
        yield part

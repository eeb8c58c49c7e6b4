"""A store in memory, copied to a folder beside other work: a store to read from, and the lines that every dump is made of."""

from __future__ import annotations

import contextlib
import heapq
import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Self

import pyoxigraph as ox

from kg.store.dumps import Part, cut
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
    the engine. Then come `parts`, once, and `finish`. Left early, it leaves an unfinished folder.
    """

    def __init__(self, source: Store, folder: Path) -> None:
        self.quads = 0  # how many have been copied; known after `parts`
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

    def parts(self, *, canonical: bool) -> Iterator[Part]:
        """Yield the parts of the dumps, which are the same every time.

        `canonical` labels blank nodes by what is said of them (RDFC-1.0); without it their labels, which differ from one load
        to the next, stay. Canonical labels can take very long where blank nodes refer to each other in a tangle.
        """
        runs = [run for one in self._sorted for run in one.result()]
        with contextlib.ExitStack() as files:
            lines = [files.enter_context(run.open("rb")) for run in runs]
            blank = sorted(_label(self._blank) if canonical else self._blank)
            yield from cut(heapq.merge(*lines, blank))

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
    """Label the blank nodes of all quads that have one by what is said of them."""
    dataset = ox.Dataset(ox.parse(b"".join(lines), ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return ox.serialize(dataset, format=ox.RdfFormat.N_QUADS).splitlines(keepends=True)


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

"""A store in memory, copied to a folder beside other work: a store to read from, and the lines that every dump is made of."""

from __future__ import annotations

import contextlib
import heapq
import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

import pyoxigraph as ox

from kg.store.dumps import Part, cut
from kg.store.store import Store

_PART = 24 << 20  # bytes of triples that the store on the disk is given at once; it needs several times as much memory

Texts = Sequence[tuple[str, bytes]]  # the IRI of a graph, and triples of it as N-Triples


class Copying:
    """Copies the named graphs of a store into `<folder>/store`, whose default graph becomes their merge.

    `add` may be called several times, and other graphs may be written meanwhile: a thread of its own does the work, mostly in
    the engine. Then come `parts`, once, and `finish`. Left early, it leaves an unfinished folder.
    """

    def __init__(self, source: Store, folder: Path) -> None:
        self.quads = 0  # how many have been copied; known after `parts`
        self._source, self._target = source, Store.create(folder / "store")
        self._work = folder / "work"
        self._work.mkdir()
        self._copied: set[str] = set()
        self._blank: list[bytes] = []  # quads with blank nodes
        self._thread = ThreadPoolExecutor(1)
        self._sorted: list[Future[Path]] = []
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
            self._sorted.append(self._thread.submit(self._sort, graphs, self._work / f"{len(self._sorted)}.nq"))

    def parts(self, *, canonical: bool) -> Iterator[Part]:
        """Yield the parts of the dumps, which are the same every time.

        `canonical` labels blank nodes by what is said of them (RDFC-1.0); without it their labels, which differ from one load
        to the next, stay. Canonical labels can take very long where blank nodes refer to each other in a tangle.
        """
        runs = [one.result() for one in self._sorted]
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

    def _sort(self, graphs: Iterable[str], run: Path) -> Path:
        """Write the quads of some graphs to a file, sorted, and have them loaded."""
        texts, lines = [], []
        for graph in graphs:
            output = io.BytesIO()
            self._source.dump(output, format="nt", graph=graph)
            text = output.getvalue()
            self.quads += text.count(b"\n")
            if b"_:" in text:
                named = _name(graph, text).splitlines(keepends=True)
                self._blank += [line for line in named if b"_:" in line]
                text = b"".join(line for line in text.splitlines(keepends=True) if b"_:" not in line)
            texts.append((graph, text))
        self._loaded += [self._thread.submit(self._load, part) for part in _parts(texts)]
        lines = [line for graph, text in texts for line in _name(graph, text).splitlines(keepends=True)]
        lines.sort()
        with run.open("wb") as file:
            file.writelines(lines)
        return run

    def _load(self, texts: Texts) -> None:
        self._target.fill(b"".join(_name(graph, text) for graph, text in texts), format="nq")
        self._target.fill(b"".join(text for _, text in texts), format="nt")


def _triple(line: bytes) -> bytes:
    return line.rsplit(b" ", 2)[0]


def _name(graph: str, triples: bytes) -> bytes:
    """Put the graph on each line of N-Triples; a line ends nowhere but at its end, since a text in it is escaped."""
    return triples.replace(b" .\n", f" <{graph}> .\n".encode())


def _unname(line: bytes) -> bytes:
    return _triple(line) + b" .\n"


def _label(lines: Iterable[bytes]) -> list[bytes]:
    """Label the blank nodes of all quads that have one by what is said of them."""
    dataset = ox.Dataset(ox.parse(b"".join(lines), ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return ox.serialize(dataset, format=ox.RdfFormat.N_QUADS).splitlines(keepends=True)


def _parts(texts: Texts) -> Iterator[Texts]:
    """Cut texts at the ends of their lines into parts of about _PART bytes."""
    part, size = [], 0
    for graph, text in texts:
        file = io.BytesIO(text)
        while piece := file.read(_PART):
            piece += file.readline()
            part.append((graph, piece))
            size += len(piece)
            if size >= _PART:
                yield part
                part, size = [], 0
    if part:
        yield part

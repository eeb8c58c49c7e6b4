"""The dump files of a release, all written from one stream of sorted N-Quads: the same lines make the same bytes."""

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from zlib_ng import gzip_ng

from kg.release import DUMPS
from kg.store import Store, rewrite_triples
from kg.terms import PREFIXES

_LEVELS = {".gz": 6, ".zst": 3}
_BUFFER = 1 << 20  # bytes that are compressed at once
_LINES = 10_000  # that are written at once


def write(folder: Path, lines: Sequence[bytes]) -> dict[str, Path]:
    """Write the dumps of sorted lines of N-Quads into a folder; return the files by format.

    All but the N-Quads hold the merge of the graphs.
    """
    paths = {form: folder / name for form, name in DUMPS.items()}
    _write_lines(paths["nq"], lines)
    triples = itertools.groupby(line.rsplit(b" ", 2)[0] for line in lines)
    _write_lines(paths["nt"], (triple + b" .\n" for triple, _ in triples))
    for form in ("ttl", "jsonld"):
        with zstandard.open(paths["nt"]) as source, _create(paths[form]) as target:
            rewrite_triples(source, form, PREFIXES, target)
    return paths


def make_store(folder: Path, store: Path) -> None:
    """Make the store of a release of its dumps: the named graphs, and their merge as the default graph. Raises OSError."""
    with gzip_ng.open(folder / DUMPS["nq"]) as quads, zstandard.open(folder / DUMPS["nt"]) as triples:
        Store.create(store, [(quads, "nq"), (triples, "nt")])


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    left = iter(lines)
    with _create(path) as file:
        while part := b"".join(itertools.islice(left, _LINES)):
            file.write(part)


@contextmanager
def _create(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be compressed as its name says. A gzip file names neither itself nor the time, so that its bytes repeat."""
    level = _LEVELS[path.suffix]
    with path.open("wb") as file:
        packed: Any
        if path.suffix == ".gz":
            packed = gzip_ng.GzipNGFile(filename="", mode="wb", fileobj=file, compresslevel=level, mtime=0)
        else:
            packed = zstandard.ZstdCompressor(level=level, write_checksum=True).stream_writer(file, closefd=False)
        with packed, io.BufferedWriter(packed, _BUFFER) as buffered:
            yield buffered

"""The dumps of two releases, read thing by thing beside each other.

The lines of a dump are sorted, and blank nodes are labelled by what they hold, so what differs is found by a merge.
"""

import heapq
import itertools
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from zlib_ng import gzip_ng, zlib_ng

from kg import terms
from kg.errors import ReleaseCorrupt
from kg.release import DUMPS, Release

BLANK = b"_:"  # how the label of a blank node begins
TYPE = f"<{terms.PREFIXES['rdf']}type>".encode()
_TOMBSTONE = f"<{terms.term('Tombstone')}>".encode()


class DumpLine(NamedTuple):
    """A line of N-Quads, by its terms as they are written."""

    subject: bytes
    predicate: bytes
    value: bytes
    graph: bytes

    @property
    def has_blank(self) -> bool:
        """Whether it has a blank node, whose label means nothing elsewhere."""
        return self.subject.startswith(BLANK) or self.value.startswith(BLANK)

    @property
    def text(self) -> bytes:
        """The line itself."""
        return b" ".join(self) + b" .\n"


class SubjectDifference(NamedTuple):
    """A subject of which two releases do not say the same: its lines of N-Quads in each."""

    subject: bytes
    before: tuple[DumpLine, ...]
    now: tuple[DumpLine, ...]


def differences(old: Release | None, new: Release) -> Iterator[SubjectDifference]:
    """Yield the subjects that differ, in order; without the older release all are new. Raises ReleaseCorrupt."""
    subjects = heapq.merge(_subjects(old, 0), _subjects(new, 1), key=itemgetter(0))
    for subject, sides in itertools.groupby(subjects, itemgetter(0)):
        lines = {side: lines for _, side, lines in sides}
        before, now = lines.get(0, ()), lines.get(1, ())
        if before != now:
            yield SubjectDifference(subject, tuple(map(split, before)), tuple(map(split, now)))


def _subjects(release: Release | None, side: int) -> Iterator[tuple[bytes, int, tuple[bytes, ...]]]:
    if release is None:
        return
    path = release.path / "dumps" / DUMPS["nq"]
    try:
        with gzip_ng.open(path) as dump:
            for subject, lines in itertools.groupby(dump, lambda line: line.partition(b" ")[0]):
                yield subject, side, tuple(lines)
    except (OSError, EOFError, zlib_ng.error) as error:  # type: ignore[misc]  # its stub calls the class an instance
        raise ReleaseCorrupt(f"The dump cannot be read ({error})", where=str(path)) from None


def split(line: bytes) -> DumpLine:
    """Divide a line into its terms."""
    subject, predicate, rest = line.split(b" ", 2)
    return DumpLine(subject, predicate, *rest.rsplit(b" ", 2)[:2])


def triples_of(lines: Iterable[DumpLine]) -> set[tuple[bytes, ...]]:
    """Take the triples of lines, whatever graphs they are in."""
    return {line[:3] for line in lines}


def is_tombstone(lines: Iterable[DumpLine]) -> bool:
    """Whether lines about a thing are its tombstone."""
    return any((line.predicate, line.value) == (TYPE, _TOMBSTONE) for line in lines)

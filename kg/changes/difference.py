"""What changed between two releases, thing by thing and file by file.

A thing is created, updated, withdrawn (a tombstone has taken its place) or removed. What files state about it is compared apart from
what the build derives: where the derived alone differs, that is its own kind of change.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from kg import terms
from kg.changes.change import CREATED, DERIVED, REMOVED, UPDATED, WHAT, WITHDRAWN, Change, Changes, FileChange, pack
from kg.changes.dump import TYPE, DumpLine, SubjectDifference, differences, is_tombstone, triples_of
from kg.release import Release
from kg.store import read_quads

MOST = 20_000  # things that are listed of one pair of releases
MOST_NAMED = 20  # things that are named beside one that changed

_HOW = {(False, True): "added", (True, False): "removed", (True, True): "changed"}  # by whether it is in each release
_LISTED = tuple(f"<{space}".encode() for space in (terms.ID, terms.SCHEME))  # whose things are listed one by one
_UNSTATED = tuple(f"<{graph}>".encode() for graph in (terms.INFERRED, terms.LINKS))
_OURS = f"<{terms.VOCABULARY}".encode()
_LABEL = f"<{terms.PREFIXES['skos']}prefLabel>".encode()


def compare(old: Release, new: Release) -> Changes:
    """Compare two releases."""
    things: list[Change] = []
    came, went = Counter[bytes](), Counter[bytes]()  # by graph
    counts: dict[str, Counter[str]] = {what: Counter() for what in WHAT}
    for difference in differences(old, new):
        came.update(line.graph for line in _only(difference.now, difference.before))
        went.update(line.graph for line in _only(difference.before, difference.now))
        change = _judge(difference) if difference.subject.startswith(_LISTED) else None
        if change is not None:
            counts[change.what][change.kind] += 1
            if len(things) < MOST:
                things.append(change)
    derived = sum(counter[graph] for counter in (came, went) for graph in _UNSTATED)
    files = _files(old, new, came, went)
    by_kind = {what: dict(counter) for what, counter in counts.items() if counter}
    total = sum(counter.total() for counter in counts.values())
    return Changes(old.id, new.id, tuple(things), total, derived, by_kind, files)


def triples(old: Release, new: Release) -> Iterator[tuple[str, str, str]]:
    """Yield ("-" or "+", graph, triple) for what went and what came, without what has a blank node.

    The triple is N-Triples without its full stop.
    """
    for _, before, now in differences(old, new):
        for sign, lines in (("-", _only(before, now)), ("+", _only(now, before))):
            for line in lines:
                yield sign, line.graph.decode().strip("<>"), b" ".join(line[:3]).decode()


def _only(lines: Iterable[DumpLine], others: Iterable[DumpLine]) -> list[DumpLine]:
    """List the lines that the others do not have, without those with a blank node."""
    return [line for line in {*lines}.difference(others) if not line.has_blank]


def _judge(difference: SubjectDifference) -> Change | None:
    """Say what happened to a thing; None where its statements stand in another file and are the same."""
    subject, before, now = difference
    iri, then, stated = subject.strip(b"<>").decode(), _stated(before), _stated(now)
    if is_tombstone(now):
        return None if is_tombstone(before) and then == stated else Change(iri, WITHDRAWN)
    if not now:
        return Change(iri, REMOVED, _kind(before), names=_names(then))
    if triples_of(before) == triples_of(now) and then == stated:
        return None
    what = UPDATED if then != stated else DERIVED
    went, came = (pack(_unsaid(*sides)) for sides in ((before, now), (now, before)))
    return Change(iri, what if before else CREATED, _kind(now), _label(now), _names(stated ^ then), went, came)


def _unsaid(lines: Iterable[DumpLine], others: Iterable[DumpLine]) -> list[DumpLine]:
    triples = triples_of(others)
    return [line for line in lines if line[:3] not in triples and not line.has_blank]


def _names(triples: Iterable[tuple[bytes, ...]]) -> tuple[str, ...]:
    named = {value.strip(b"<>").decode() for _, _, value in triples if value.startswith(b"<" + terms.ID.encode())}
    return tuple(sorted(named)[:MOST_NAMED])


def _stated(lines: Iterable[DumpLine]) -> set[tuple[bytes, ...]]:
    return triples_of(line for line in lines if line.graph not in _UNSTATED)


def _kind(lines: Iterable[DumpLine]) -> str:
    """Name the class that files state of a thing, one of ours where there is one; the derived ones are above it."""
    types = [line for line in lines if line.predicate == TYPE]
    ranks = [(line.graph in _UNSTATED, not line.value.startswith(_OURS), line.value) for line in types]
    return min(ranks)[2].strip(b"<>").decode() if ranks else ""


def _label(lines: Iterable[DumpLine]) -> str:
    labels = sorted((not line.value.endswith(b"@en"), line) for line in lines if line.predicate == _LABEL)
    return str(read_quads(labels[0][1].text)[0][2]) if labels else ""


def _files(old: Release, new: Release, came: Counter[bytes], went: Counter[bytes]) -> tuple[FileChange, ...]:
    graphs = {file: f"<{terms.graph_of(quote(file.path))}>".encode() for file in changed_files(old, new)}
    return tuple(replace(file, came=came[graph], went=went[graph]) for file, graph in graphs.items())


def changed_files(old: Release, new: Release) -> Iterator[FileChange]:
    """Yield the inputs that differ by their manifests, without counting statements."""
    before, now = old.manifest["inputs"], new.manifest["inputs"]
    for path in sorted(before.keys() | now.keys()):
        if before.get(path) != now.get(path):
            yield FileChange(path, _HOW[path in before, path in now])

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
from kg.changes.dump import TYPE, SubjectDifference, differences, has_blank, is_tombstone, split, triples_of
from kg.release import Release
from kg.store import read_quads

MOST = 20_000  # things that are listed of one pair of releases
MOST_NAMED = 20  # things that are named beside one that changed

_LISTED = tuple(f"<{space}".encode() for space in (terms.ID, terms.SCHEME))  # whose things are listed one by one
_UNSTATED = tuple(f"<{graph}>".encode() for graph in (terms.INFERRED, terms.LINKS))
_LABEL = f"<{terms.PREFIXES['skos']}prefLabel>".encode()


def compare(old: Release, new: Release) -> Changes:
    """Compare two releases."""
    things: list[Change] = []
    came, went = Counter[bytes](), Counter[bytes]()  # by graph
    counts: dict[str, Counter[str]] = {what: Counter() for what in WHAT}
    for difference in differences(old, new):
        came.update(split(line)[3] for line in _only(difference.now, difference.before))
        went.update(split(line)[3] for line in _only(difference.before, difference.now))
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
                triple, graph, _ = line.decode().rsplit(" ", 2)
                yield sign, graph.strip("<>"), triple


def _only(lines: Iterable[bytes], others: Iterable[bytes]) -> list[bytes]:
    """List the lines that the others do not have, without those with a blank node, whose label means nothing elsewhere."""
    return [line for line in {*lines}.difference(others) if not has_blank(line)]


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


def _unsaid(lines: Iterable[bytes], others: Iterable[bytes]) -> list[bytes]:
    """List the lines whose triples the others do not have in any graph."""
    triples = triples_of(others)
    return [line for line in lines if line.rsplit(b" ", 2)[0] not in triples and not has_blank(line)]


def _names(triples: Iterable[bytes]) -> tuple[str, ...]:
    values = {triple.split(b" ", 2)[2] for triple in triples}
    named = sorted(value.strip(b"<>").decode() for value in values if value.startswith(b"<" + terms.ID.encode()))
    return tuple(named[:MOST_NAMED])


def _stated(lines: Iterable[bytes]) -> set[bytes]:
    """The triples that files state, without their graphs."""
    return triples_of(line for line in lines if split(line)[3] not in _UNSTATED)


def _kind(lines: Iterable[bytes]) -> str:
    """Name the class that files state of a thing; the derived ones are above it."""
    types = [(value, graph) for _, predicate, value, graph in map(split, lines) if predicate == TYPE]
    stated = sorted(value for value, graph in types if graph not in _UNSTATED) or sorted(value for value, _ in types)
    ours = [value for value in stated if value.startswith(b"<" + terms.VOCABULARY.encode())]
    return next(iter(ours or stated), b"").strip(b"<>").decode()


def _label(lines: Iterable[bytes]) -> str:
    """The name of a thing, the English one where there is one."""
    labels = [line for line in sorted(lines) if split(line)[1] == _LABEL]
    chosen = next((line for line in labels if split(line)[2].endswith(b"@en")), labels[0] if labels else b"")
    return str(read_quads(chosen)[0][2]) if chosen else ""


def _files(old: Release, new: Release, came: Counter[bytes], went: Counter[bytes]) -> tuple[FileChange, ...]:
    """List the inputs that differ, each with the statements that came and went in its graph."""
    graphs = {file: f"<{terms.graph_of(quote(file.path))}>".encode() for file in changed_files(old, new)}
    return tuple(replace(file, came=came[graph], went=went[graph]) for file, graph in graphs.items())


def changed_files(old: Release, new: Release) -> Iterator[FileChange]:
    """Yield the inputs that differ by their manifests, without counting statements."""
    before, now = old.manifest["inputs"], new.manifest["inputs"]
    for path in sorted(before.keys() | now.keys()):
        if path not in before:
            yield FileChange(path, "added")
        elif path not in now:
            yield FileChange(path, "removed")
        elif before[path] != now[path]:
            yield FileChange(path, "changed")

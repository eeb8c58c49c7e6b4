"""Compares the parts of two answers, and sorts what differs into groups of the same difference."""

import difflib
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tools.differences.addresses import Request
from tools.differences.answers import Parts

EXAMPLES = 3  # addresses shown of a group
CHANGED = 12  # lines shown of an example
WINDOW = 3000  # lines of a part that are compared from the first that differs


class Difference(NamedTuple):
    """What differs in a part of an answer: the label of what differs first, how, and the lines."""

    part: str
    label: str
    manner: str
    lines: tuple[str, ...]


def compare(old: Parts, new: Parts) -> list[Difference]:
    """List what differs between two answers, part by part; where the status does, nothing else is worth a look."""
    if old["status"] != new["status"]:
        return [_differ("status", old["status"], new["status"])]
    names = list(dict.fromkeys((*old, *new)))
    return [
        _differ(name, old.get(name, []), new.get(name, [])) for name in names if old.get(name, []) != new.get(name, [])
    ]


def _differ(part: str, old: list[str], new: list[str]) -> Difference:
    start = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    begin = max(0, start - 1)
    before, after = old[begin : begin + WINDOW], new[begin : begin + WINDOW]
    lines = list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:]  # without the names of two files
    changed = [line for line in lines if line[0] in "+-"] or [f"-\t{len(old)} lines", f"+\t{len(new)} lines"]
    manner = " ".join(dict.fromkeys(line if part == "status" else _skeleton(line) for line in changed[:2]))
    return Difference(part, changed[0][1:].partition("\t")[0], manner, tuple(lines[: 2 * CHANGED]))


def _skeleton(line: str) -> str:
    """Reduce a line to what it has in common with the same difference elsewhere."""
    line = re.sub(r"(https?:/)?/[\w./?=&%~:+#-]*", "/…", line[:400])
    return re.sub(r"\d+", "0", line)[:80]


class Report:
    """Counts what was sent, and keeps a few examples of each difference."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.different: Counter[str] = Counter()
        self._count: Counter[tuple[str, str, str]] = Counter()
        self._examples: dict[tuple[str, str, str], list[tuple[Request, Difference]]] = defaultdict(list)

    def add(self, request: Request, differences: list[Difference]) -> None:
        """Count a request and keep what differs."""
        self.sent[request.kind] += 1
        self.different[request.kind] += bool(differences)
        for difference in differences:
            key = difference[:3]
            self._count[key] += 1
            if len(self._examples[key]) < EXAMPLES:
                self._examples[key].append((request, difference))

    def lines(self) -> Iterator[str]:
        """Write the report: a table by kind, then the groups, the largest first."""
        rows = [
            (kind, number, number - self.different[kind], self.different[kind])
            for kind, number in sorted(self.sent.items())
        ]
        total = ("all", *(sum(row[place] for row in rows) for place in (1, 2, 3)))
        yield f"{'kind':40} {'sent':>7} {'equal':>7} {'different':>9}"
        for kind, sent, equal, different in [*rows, total]:
            yield f"{kind[:40]:40} {sent:7} {equal:7} {different:9}"
        for key, number in self._count.most_common():
            part, label, manner = key
            yield from ("", f"== {part} {label}: {number} of {manner}".replace("\t", " "))
            for request, difference in self._examples[key]:
                yield from (f"   {request}", *(f"      {_cut(line)}" for line in difference.lines[:CHANGED]))


def _cut(line: str) -> str:
    return line.replace("\t", " ", 1)[:300]

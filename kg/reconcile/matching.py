"""Which thing a name means that others wrote: the search finds those that may be meant, and here they are scored and judged.

A score is 100 for a name that is the same once folded, or whose words are the same in another order. It says how alike names are
and not how likely it is that one thing is meant: whether that can be taken as certain is `is_sure`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from kg import terms
from kg.search.finding import Search
from kg.search.folding import STOP, fold, join
from kg.search.understanding import ARTICLE_WORDS

LEAST = 50.0  # points of a candidate
CERTAIN, AHEAD = 97.0, 1.0  # points of a candidate that is taken as certain, and by how much no other may be nearer
LIKE, COVERED = (
    98.0,
    0.88,
)  # points at most of a name that is not the same; the share of those of one that has all the words and more


class Candidate(NamedTuple):
    """A thing that may be meant, with points up to 100 for its names and for each property that was sent."""

    thing: str
    by_name: float
    by_property: Mapping[str, float] = {}

    @property
    def score(self) -> float:
        """Weigh the name twice, and each property once."""
        points = 2 * self.by_name + sum(self.by_property.values())
        return round(points / (2 + len(self.by_property)), 2)


class Names:
    """The names and codes of the things of some kinds."""

    def __init__(self, rows: Iterable[tuple[str, str, str]], index: Search | None) -> None:
        """Take rows of kind, thing and name, and the search, which knows other names of most of these things."""
        self.index = index
        self.kinds: dict[str, set[str]] = defaultdict(set)
        self.names: dict[str, dict[str, None]] = defaultdict(dict)
        self._same: dict[str, dict[str, None]] = defaultdict(dict)
        for kind, thing, name in rows:
            self.kinds[kind].add(thing)
            self.names[thing][name] = None
            self._same[_in_order(name)][thing] = None
        self._numbers = index.numbers() if index else {}
        self._unsearched = self.names.keys() - self._numbers.keys()  # few things: each is compared with every text
        self._iris = {number: thing for thing, number in self._numbers.items()}

    def among(self, kinds: Collection[str]) -> set[str]:
        """List the things of some kinds; those of all where none is named, of none where none of them is known."""
        return set().union(*(self.kinds.get(kind, set()) for kind in kinds)) if kinds else {*self.names}

    def kinds_of(self, thing: str) -> list[str]:
        """List the kinds of a thing."""
        return [kind for kind, things in self.kinds.items() if thing in things]

    def names_of(self, name: str) -> Collection[str]:
        """List the names of a thing, by its IRI behind the base."""
        return self.names.get(terms.BASE + name, {})

    def find(self, text: str, among: Collection[str]) -> dict[str, float]:
        """Score the things that a text may name, of those in `among`, above LEAST and the likeliest first."""
        numbers = {self._numbers[thing] for thing in among if thing in self._numbers}
        likely = self.index.match(text, numbers) if self.index else {}
        others = {self._iris[number]: names for number, names in likely.items()}
        things = dict.fromkeys([*others, *self._same.get(_in_order(text), ()), *self._unsearched])
        scores = {
            thing: likeness(text, (*others.get(thing, ()), *self.names[thing])) for thing in things if thing in among
        }
        return dict(sorted(((thing, s) for thing, s in scores.items() if s > LEAST), key=lambda one: -one[1]))

    def begin(self, text: str, among: Collection[str]) -> list[str]:
        """List the things with a name of which a word begins with a text, the shortest first, then those that are like it."""
        start = f" {join(fold(text))}"
        if not start.strip():
            return []
        begun = [(len(name), thing) for thing in among for name in self.names[thing] if start in f" {join(fold(name))}"]
        return [*dict.fromkeys([*(thing for _, thing in sorted(begun)), *self.find(text, among)])]


def likeness(text: str, names: Iterable[str]) -> float:
    """Score how alike a text is to the nearest of some names."""
    words, best = _in_order(text), 0.0
    for name in names if words else ():
        other = _in_order(name)
        covered = COVERED * fuzz.token_set_ratio(words, other)
        best = max(best, 100.0 if words == other else min(LIKE, max(fuzz.ratio(words, other), covered)))
    return round(best, 2)


def is_sure(candidates: Sequence[Candidate]) -> bool:
    """Say whether the first candidate is certain: it has nearly all points, no other is near, no property speaks against it."""
    first, rivals = candidates[:1], [one.score for one in candidates[1:2]]
    return any(
        min(one.score, *one.by_property.values(), 100.0) >= CERTAIN and one.score - max(rivals, default=0.0) >= AHEAD
        for one in first
    )


@lru_cache(65536)
def _in_order(name: str) -> str:
    """Put the folded words of a name that tell something in order; all of them where none does."""
    words = fold(name)
    return join(sorted([word for word in words if word not in STOP and word not in ARTICLE_WORDS] or words))

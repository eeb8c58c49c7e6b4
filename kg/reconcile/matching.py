"""Which thing a name means that others wrote: the search finds those that may be meant, and here they are scored and judged.

A score is 100 for a name that is the same once folded, or whose words are the same in another order. It says how alike names are
and not how likely it is that one thing is meant: whether that can be taken as certain is `is_sure`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from kg import terms
from kg.catalogue import translated
from kg.search.finding import LONGEST, Search
from kg.search.folding import STOP, fold, join
from kg.search.understanding import ARTICLE_WORDS

LEAST = 50.0  # points of a candidate
CERTAIN, AHEAD = 97.0, 1.0  # points of a candidate that is taken as certain, and by how much no other may be nearer
# Points at most of a name that is not the same, and the share of those of one that has all the words and more.
LIKE, COVERED = 98.0, 0.88


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
    """The names and codes of the things of some kinds; `types` describes the kinds for people."""

    def __init__(self, rows: Sequence[Mapping[str, str]], index: Search | None) -> None:
        """Take rows that describe kinds or name things of a kind, and the search, which knows other names of most of these things."""
        self.index = index
        self.types = [
            {"id": row["kind"], "name": row["title"], "description": row["about"]} for row in rows if row["title"]
        ]
        self.kinds: dict[str, set[str]] = defaultdict(set)
        self.names: dict[str, dict[str, None]] = defaultdict(dict)
        self._same: dict[str, dict[str, None]] = defaultdict(dict)
        for thing, row in ((row["thing"], row) for row in rows if row["thing"]):
            self.kinds[row["kind"]].add(thing)
            for name in translated(row["name"]):
                self.names[thing][name.value] = None
                self._same[_in_order(name.value)][thing] = None
        self._numbers = index.numbers() if index else {}
        self._unsearched = self.names.keys() - self._numbers.keys()  # few things: each is compared with every text
        self._iris = {number: thing for thing, number in self._numbers.items()}

    def among(self, kinds: Collection[str]) -> set[str]:
        """List the things of some kinds; those of all where none is named, of none where none of them is known."""
        return set().union(*(self.kinds.get(kind, set()) for kind in kinds)) if kinds else {*self.names}

    def types_of(self, thing: str) -> list[dict[str, str]]:
        """List the kinds of a thing, each with its name."""
        titles = {one["id"]: one["name"] for one in self.types}
        return [{"id": kind, "name": titles[kind]} for kind, things in self.kinds.items() if thing in things]

    def candidates(self, text: str, kinds: Collection[str], beside: Sequence[str] = ()) -> list[Candidate]:
        """List the things of some kinds that a text may name, the likeliest first.

        The values `beside` it may be part of the name, as "CAT" beside "article 7".
        """
        among, iri = self.among(kinds), terms.full_iri(text)
        scores = {iri: 100.0} if iri in among else self.find(text, among)
        if beside:
            longer = self.find(" ".join([text, *beside])[: 2 * LONGEST], among)
            scores = longer | {thing: max(score, longer.get(thing, 0.0)) for thing, score in scores.items()}
        return _by_score(Candidate(thing, score) for thing, score in scores.items())

    def weigh(
        self,
        candidates: Iterable[Candidate],
        sent: Mapping[str, Sequence[str]],
        recorded: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]],
    ) -> list[Candidate]:
        """Weigh candidates: compare the values that were sent of each property with those recorded, a thing by its id or its names."""

        def points(thing: str, name: str) -> float:
            values = recorded.get((thing, name), ())
            texts = [str(text) for value in values for text in value.values()]
            texts += [text for value in values for text in self.names.get(terms.BASE + value.get("id", ""), ())]
            return max((likeness(text, texts) for text in sent[name]), default=0.0)

        return _by_score(
            one._replace(by_property={name: points(one.thing, name) for name in sent}) for one in candidates
        )

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
        if not fold(text):
            return []
        fits = beginning(text)
        begun = [(len(name), thing) for thing in among for name in self.names[thing] if fits(name)]
        return [*dict.fromkeys([*(thing for _, thing in sorted(begun)), *self.find(text, among)])]


def beginning(text: str) -> Callable[[str], bool]:
    """Make a test of names: whether a word of one begins with a text."""
    start = f" {join(fold(text))}"
    return lambda name: start in f" {join(fold(name))}"


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


def _by_score(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda one: -one.score)


@lru_cache(65536)
def _in_order(name: str) -> str:
    """Put the folded words of a name that tell something in order; all of them where none does."""
    words = fold(name)
    return join(sorted([word for word in words if word not in STOP and word not in ARTICLE_WORDS] or words))

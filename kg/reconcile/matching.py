"""Compares a name that others wrote with the names of things, folded across scripts and spellings, and scores how alike they are.

A score is 100 for a name that is the same once folded, or whose words are the same in another order. It says how alike names are
and not how likely it is that one thing is meant: whether that can be taken as certain is `sure`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from kg.search.folding import STOP, fold, join

LEAST = 50.0  # points of a candidate
CERTAIN, AHEAD = 97.0, 1.0  # points of a candidate that is taken as certain, and by how much no other may be nearer
_LIKE = 98.0  # points at most of a name that is not the same
_COVERED = 88.0  # points where all the words asked stand in the names of a thing, but in no one of them together
_COMPARED = 60  # names that are looked at more closely
_PART = {*fold("article articles art ст статья статьи статью бап бабы paragraph para пункт п section s")}


class Name(NamedTuple):
    """A name of a thing, folded into words; `is_shown` where it is the one that people are shown."""

    thing: str
    text: str
    words: str
    is_shown: bool = False


class Candidate(NamedTuple):
    """A thing that may be meant, with points up to 100 for its names and for each property that was given."""

    thing: str
    score: float
    by_name: float
    by_property: Mapping[str, float]


class Names:
    """The names of all things of some types."""

    def __init__(self, names: Iterable[Name], kinds: Mapping[str, Collection[str]]) -> None:
        """Take the names, and the things of each type."""
        self.kinds = {kind: frozenset(things) for kind, things in kinds.items()}
        known = frozenset().union(*self.kinds.values())
        self._names = [one for one in dict.fromkeys(names) if one.thing in known and one.words]
        self._sorted = [_in_order(one.words) for one in self._names]
        self.shown: dict[str, str] = {}
        self._texts: dict[str, list[str]] = defaultdict(list)
        self._words: dict[str, set[str]] = defaultdict(set)
        self._exact: dict[str, dict[str, None]] = defaultdict(dict)
        for one, words in zip(self._names, self._sorted, strict=True):
            self._texts[one.thing].append(one.words)
            self._words[one.thing] |= {*one.words.split()}
            self._exact[words][one.thing] = None
            if one.is_shown or one.thing not in self.shown:
                self.shown[one.thing] = one.text

    def among(self, kinds: Collection[str]) -> frozenset[str]:
        """List the things of some types; those of all where none is named, of none where none of them is known."""
        wanted = [self.kinds.get(kind, frozenset()) for kind in kinds] if kinds else [*self.kinds.values()]
        return frozenset().union(*wanted)

    def kinds_of(self, thing: str) -> list[str]:
        """List the types that a thing has."""
        return [kind for kind, things in self.kinds.items() if thing in things]

    def find(self, text: str, among: Collection[str]) -> dict[str, float]:
        """Score the things that a text may name, above LEAST, the likeliest first."""
        words = _in_order(join(fold(text)))
        asked = words.split()
        if not asked:
            return {}
        found = {thing: 100.0 for thing in self._exact.get(words, ()) if thing in among}
        like = process.extract(words, self._sorted, scorer=fuzz.ratio, limit=_COMPARED, score_cutoff=LEAST)
        for _, score, at in like:
            thing = self._names[at].thing
            if thing in among:
                found[thing] = max(found.get(thing, 0.0), min(score, _LIKE))
        wanted = {*asked}
        for thing, have in self._words.items():
            share = len(wanted & have) / len(wanted)
            if len(wanted) > 1 and share > 0.5 and thing in among:
                found[thing] = max(found.get(thing, 0.0), _COVERED * share)
        return dict(sorted(found.items(), key=lambda one: (-one[1], self.shown[one[0]], one[0])))

    def begin(self, text: str, among: Collection[str]) -> list[str]:
        """List the things whose names begin with a text, then those with a word that does, then those that are like it."""
        prefix = join(fold(text))
        first, second = {}, {}
        for one in self._names:
            if one.thing in among:
                if one.words.startswith(prefix):
                    first.setdefault(one.thing)
                elif f" {prefix}" in one.words:
                    second.setdefault(one.thing)
        order = [one for some in (first, second) for one in sorted(some, key=self._shortest_first)]
        return [*dict.fromkeys([*order, *self.find(text, among)])]

    def texts(self, thing: str) -> Sequence[str]:
        """List the names of a thing, folded."""
        return self._texts.get(thing, ())

    def _shortest_first(self, thing: str) -> tuple[int, str, str]:
        return len(self.shown[thing]), self.shown[thing], thing


def weigh(by_name: float, by_property: Mapping[str, float]) -> float:
    """Weigh the name of a candidate twice, and each property once."""
    return round((2 * by_name + sum(by_property.values())) / (2 + len(by_property)), 2)


def alike(given: str, values: Sequence[str]) -> float:
    """Score how alike a value that was given is to the nearest of those that a thing has."""
    wanted = join(fold(given)) or given.strip()
    return max((fuzz.ratio(wanted, join(fold(value)) or value) for value in values), default=0.0)


def sure(candidates: Sequence[Candidate]) -> bool:
    """Say whether the first candidate can be taken as certain: it has nearly all points, no other is near, no property speaks against it."""
    if not candidates or candidates[0].score < CERTAIN:
        return False
    rival = candidates[1].score if len(candidates) > 1 else 0.0
    return candidates[0].score - rival >= AHEAD and all(one >= CERTAIN for one in candidates[0].by_property.values())


def _in_order(words: str) -> str:
    """Put the words that tell something in order; all of them where none does."""
    all = words.split()
    return " ".join(sorted([word for word in all if word not in STOP and word not in _PART] or all))

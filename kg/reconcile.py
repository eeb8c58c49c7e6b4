"""Matches names that others wrote with things: the search finds candidates, and here they are scored and judged.

A score says how alike names are, 100 for the same words in any order, and not how likely it is that a thing is meant: whether that can
be taken as certain is `is_sure`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kg import terms
from kg.catalogue import translated
from kg.names import likeness, sorted_words, sounds
from kg.search.search import LONGEST, Search

LEAST = 50.0  # points of a candidate
CERTAIN, AHEAD = 97.0, 1.0  # points of a candidate that is taken as certain, and by how much no other may be nearer
_UNTELLING = ("empty", "article", "part", "section")  # roles of words by which names are not told apart


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


class NameIndex:
    """The names and codes of the things of some kinds; `types` describes the kinds for people."""

    def __init__(self, rows: Sequence[Mapping[str, str]], index: Search) -> None:
        """Take rows that describe kinds or name things of a kind, and the search, which knows other names of most of these things."""
        self._index = index
        self._empty = frozenset[str]().union(*(index.lexicon.roles[role] for role in _UNTELLING))
        self.types = [
            {"id": row["kind"], "name": row["title"], "description": row["about"]} for row in rows if row["title"]
        ]
        self.kinds: dict[str, set[str]] = defaultdict(set)
        self.names: dict[str, dict[str, None]] = defaultdict(dict)
        self._same: dict[str, dict[str, None]] = defaultdict(dict)
        self._states = {row["thing"]: row["state"] for row in rows if row["state"]}
        for thing, row in ((row["thing"], row) for row in rows if row["thing"]):
            self.kinds[row["kind"]].add(thing)
            for name in translated(row["name"]):
                self.names[thing][name.value] = None
                self._same[sorted_words(name.value, self._empty)][thing] = None
        self._unsearched = sorted(self.names.keys() - index.iris)  # few things: each is compared with every text

    def among(self, kinds: Collection[str]) -> set[str]:
        """List the things of some kinds; those of all where none is named, of none where none of them is known."""
        return set().union(*(self.kinds.get(kind, set()) for kind in kinds)) if kinds else {*self.names}

    def types_of(self, thing: str) -> list[dict[str, str]]:
        """List the kinds of a thing, each with its name."""
        titles = {each["id"]: each["name"] for each in self.types}
        return [{"id": kind, "name": titles[kind]} for kind, things in self.kinds.items() if thing in things]

    def candidates(self, text: str, kinds: Collection[str], values: Sequence[str] = ()) -> list[Candidate]:
        """List the things of some kinds that a text may name, the likeliest first.

        The `values` of properties may be part of the name, as "CAT" beside "article 7". Of a State and the place of its name the
        State is meant where both may be.
        """
        among, iri = self.among(kinds), terms.full_iri(text)
        scores = {iri: 100.0} if iri in among else self.find(text, among)
        if values:
            longer = self.find(" ".join([text, *values])[: 2 * LONGEST], among)
            scores = longer | {thing: max(score, longer.get(thing, 0.0)) for thing, score in scores.items()}
        behind = {thing: AHEAD for thing, state in self._states.items() if state in scores}
        return _by_score(Candidate(thing, score - behind.get(thing, 0.0)) for thing, score in scores.items())

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
            return max((self._score(text, texts) for text in sent[name]), default=0.0)

        return _by_score(
            each._replace(by_property={name: points(each.thing, name) for name in sent}) for each in candidates
        )

    def find(self, text: str, among: Collection[str]) -> dict[str, float]:
        """Score the things that a text may name, of those in `among`, above LEAST and the likeliest first."""
        others = self._index.match(text, among)
        things = dict.fromkeys([*others, *self._same.get(sorted_words(text, self._empty), ()), *self._unsearched])
        scores = {t: self._score(text, (*others.get(t, ()), *self.names[t])) for t in things if t in among}
        return dict(sorted(((t, score) for t, score in scores.items() if score > LEAST), key=lambda pair: -pair[1]))

    def begin(self, text: str, among: Collection[str]) -> list[str]:
        """List the things with a name of which a word begins with a text, the shortest first, then those that are like it."""
        if not sounds(text):
            return []
        fits = beginning(text)
        begun = [(len(name), thing) for thing in among for name in self.names[thing] if fits(name)]
        return [*dict.fromkeys([*(thing for _, thing in sorted(begun)), *self.find(text, among)])]

    def _score(self, text: str, names: Iterable[str]) -> float:
        return max((likeness(text, name, self._empty) for name in names), default=0.0)


def beginning(text: str) -> Callable[[str], bool]:
    """Make a test of names: whether a word of one begins with a text."""
    start = f" {sounds(text)}"
    return lambda name: start in f" {sounds(name)}"


def is_sure(candidates: Sequence[Candidate]) -> bool:
    """Say whether the first candidate is certain: it has nearly all points, no other is near, no property speaks against it."""
    if not candidates:
        return False
    first, rival = candidates[0], candidates[1].score if len(candidates) > 1 else 0.0
    return min(first.score, *first.by_property.values(), 100.0) >= CERTAIN and first.score - rival >= AHEAD


def _by_score(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: -candidate.score)

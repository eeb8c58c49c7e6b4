"""Finds things by their names and texts in the index of a release, the likeliest first, and the questions that fit what was typed."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from kg import names
from kg.languages import DEFAULT
from kg.search import fulltext, results, suggestions
from kg.search.index import LABEL, SYMBOL
from kg.search.query import Lexicon, TypedQuery, listed
from kg.search.results import Hit, HitGroup, Results, Suggestion
from kg.search.weights import WEIGHTS
from kg.sparql.question import ONLY

LAST = "\U0010ffff"  # sorts behind every character of an IRI
LONGEST = 200  # characters of what is typed
PAGE = 20  # things on a page of one kind, or of all kinds in one list
FIRST = 5  # things of each kind where they stand in groups
_DEEP = 40  # things of each kind that are compared with what was typed; those behind stand in the order of the index
_MOST_NAMES = 400  # that begin with what was typed and are compared


@dataclass
class _Matches:
    points: dict[int, float] = field(default_factory=dict)  # of the things that were compared, by their numbers
    names: Sequence[int] = ()  # the things in whose names the words stand, in order
    all: Sequence[int] = ()
    is_partial: bool = False

    def add(self, thing: int, points: float) -> None:
        self.points[thing] = max(points, self.points.get(thing, 0.0))


class _WeighedEvent(NamedTuple):
    number: int
    worth: float
    is_begun: bool  # whether its name begins with what was typed
    score: float


class Search:
    """The index in the folder of a release, open for reading. Safe to share among threads."""

    def __init__(self, folder: Path) -> None:
        self.lexicon = Lexicon(folder)
        # By number, and no thing has the number 0.
        self._things = [("", ""), *self.lexicon.rows("SELECT iri, kind FROM thing ORDER BY id")]

    @property
    def iris(self) -> set[str]:
        """The IRIs of all things."""
        return {iri for iri, _ in self._things[1:]}

    def find(self, text: str, *, kind: str = "", page: int = 1, language: str = "en") -> Results:
        """Find what a text asks for: the first of each kind, and a page of all, or of one kind, in one list."""
        query = self._read(text)
        if not query.words:
            return Results()
        matches = self._look(query)
        fits = suggestions.suggest(query, self._find_event)
        compared = sorted(matches.points, key=lambda thing: (-matches.points[thing], thing))
        rest = (thing for thing in dict.fromkeys([*matches.names, *matches.all]) if thing not in matches.points)
        groups = self._by_kind([*compared, *rest])  # the things of each kind in order, the kinds by their best
        behind = (thing for things in groups.values() for thing in things if thing not in matches.points)
        best = (groups.get(kind, []) if kind else [*compared, *behind])[(page - 1) * PAGE : page * PAGE]
        first = {each: things[:FIRST] for each, things in groups.items()}
        shown = {*best, *chain(*first.values()), *chain.from_iterable(fit.things.values() for fit in fits)}
        hits = results.describe(shown, query, language)
        # A question about an article stands above the article.
        others = matches.points.keys() - {*query.article.provisions}
        top = 0.0 if matches.is_partial else max((matches.points[thing] for thing in others), default=0.0)
        return Results(
            tuple(HitGroup(each, len(groups[each]), tuple(hits[n] for n in first[each])) for each in groups),
            tuple(hits[n] for n in best),
            tuple(self._suggestion(fit, hits) for fit in fits),
            results.respell(query),
            matches.is_partial,
            bool(fits) and fits[0].is_plain and fits[0].score > top,
            not self.lexicon.roles["against"].isdisjoint(query.words),
        )

    def weightiest(self, language: str = "en") -> dict[str, tuple[int, Hit]]:
        """Give the number of things of each kind, and the first of them."""
        groups = self._by_kind(range(1, len(self._things)))
        hits = results.describe([things[0] for things in groups.values()], self._read(""), language)
        return {kind: (len(things), hits[things[0]]) for kind, things in groups.items()}

    def beneath(self, stem: str) -> list[str]:
        """List the things whose IRI begins with a text."""
        rows = self.lexicon.rows("SELECT iri FROM thing WHERE iri >= ? AND iri < ? ORDER BY iri", (stem, stem + LAST))
        return [iri for (iri,) in rows]

    def nearest(self, iri: str) -> list[str]:
        """List the things whose IRIs are most like one of nothing, and end in a key as it does."""
        stem = iri[: iri.rindex("/") + 1]
        keys = [other.removeprefix(stem) for other in self.beneath(stem)]
        return [stem + key for key in names.nearest(iri.removeprefix(stem), keys)]

    def match(self, text: str, among: Container[str]) -> dict[str, list[str]]:
        """Find the likeliest things that a text may name, of those in `among`: each with its names, and the text itself for the article that it is."""
        query = self._read(text)
        points = self._look(query, among).points if query.words else {}
        best = sorted((n for n in points if self._things[n][0] in among), key=lambda n: -points[n])[:_DEEP]
        named: dict[int, list[str]] = {n: [] for n in best}
        for n, name in self.lexicon.rows(f"SELECT thing, text FROM name WHERE thing IN ({listed(best)})"):
            named[n].append(name)
        if query.is_article and query.article.provisions[0] in named:
            named[query.article.provisions[0]].append(text)
        return {self._things[n][0]: texts for n, texts in named.items()}

    def identify(self, text: str, among: Container[str]) -> str | None:
        """Return the thing of those in `among` that a text names as a whole, in any spelling; None where it is none or several.

        Of several events that hold its words in their names it is the one that begins with them, if it has the most worth.
        """
        query = self._read(text)
        numbers = query.article.provisions[:1] if query.is_article else []
        whole = (entity for entity in query.entities if query.telling.keys() <= {*entity.places})
        numbers += [thing.number for entity in whole for thing in entity.things]
        found = {iri for number in numbers if (iri := self._things[number][0]) in among}
        if not found and query.telling:
            events = self._weigh_events(" ".join(forms[0] for forms in query.telling.values()), "")
            # A word such as the name of a city is of many: the best one is meant if none of them has more worth.
            if events and events[0].is_begun and events[0].worth == max(event.worth for event in events):
                found = {self._things[events[0].number][0]}
        return next((iri for iri in found if iri in among), None) if len(found) == 1 else None

    def _read(self, text: str) -> TypedQuery:
        return TypedQuery(self.lexicon, text[:LONGEST])

    def _look(self, query: TypedQuery, among: Container[str] | None = None) -> _Matches:
        """Find by articles, whole names, beginnings of names, words of names and of texts; where `among` is given, words that these things have."""
        matches = _Matches()
        for name in dict.fromkeys([" ".join(query.words), " ".join(query.spelt)]):
            self._add_names(matches, name)
        for entity in query.entities:
            if len(entity.places) == len(query.words):
                for named in entity.things:
                    matches.add(named.number, WEIGHTS["exact"])
        self._add_words(matches, query, among)
        for thing, worth in self.lexicon.rows(f"SELECT id, worth FROM thing WHERE id IN ({listed(matches.points)})"):
            matches.points[thing] += worth
        for place, thing in enumerate(query.article.provisions):
            matches.points[thing] = WEIGHTS["article"] - place / 2
        return matches

    def _add_names(self, matches: _Matches, name: str) -> None:
        query = (
            "SELECT thing, length(folded) FROM name WHERE folded BETWEEN ? AND ? ORDER BY folded != ?, thing LIMIT ?"
        )
        for thing, length in self.lexicon.rows(query, (name, name + "{" * (len(name) > 1), name, _MOST_NAMES)):
            begun = WEIGHTS["prefix"] + WEIGHTS["whole"] * len(name) / max(length, 1)
            matches.add(thing, WEIGHTS["exact"] if length == len(name) else begun)

    def _add_words(self, matches: _Matches, query: TypedQuery, among: Container[str] | None) -> None:
        for number, expression in enumerate(fulltext.expressions(query)):
            matches.all = [n for n in self._matching(expression) if among is None or self._things[n][0] in among]
            if matches.all:
                matches.names = self._matching(f"names : ({expression})")
                matches.is_partial = number > 0 and not query.article.provisions
                break
        if matches.is_partial and fulltext.is_claim(query):
            self._rank(matches, expression)
        else:
            self._compare(matches, query)

    def _rank(self, matches: _Matches, expression: str) -> None:
        """Rank things by the words that they share with a sentence, of which rare words and words of names tell more (BM25)."""
        ranked = self.lexicon.rows(
            "SELECT rowid, bm25(words, 3, 1) AS score FROM words WHERE words MATCH ? ORDER BY score LIMIT ?",
            (expression, _DEEP),
        )
        shares = {thing: score / ranked[0][1] for thing, score in ranked}
        matches.all, matches.names = [thing for thing in matches.all if thing in shares], []
        for thing, share in shares.items():
            matches.add(thing, WEIGHTS["text"] + (WEIGHTS["name"] - WEIGHTS["text"]) * share)

    def _compare(self, matches: _Matches, query: TypedQuery) -> None:
        forms = [{*forms} for forms in query.telling.values()]
        named, others = self._first(matches.names), self._first(matches.all)
        whole = " ".join(query.words)
        rows = self.lexicon.rows(f"SELECT thing, rank, folded FROM name WHERE thing IN ({listed(named | others)})")
        for thing, rank, name in rows:
            if rank == SYMBOL and name.endswith(" " + whole):
                matches.add(thing, WEIGHTS["symbol"])
            words = [word for word in name.split() if not self.lexicon.is_empty(word)]
            typed = sum(not each.isdisjoint(words) for each in forms)
            if thing in named:
                part = min(typed / len(words), 1.0) if words else 0.0
                begins = WEIGHTS["begins"] if words and any(words[0] in each for each in forms) else 0.0
                matches.add(thing, WEIGHTS["name"] + WEIGHTS["covered"] * part**2 + begins)
            else:
                nearer = (WEIGHTS["name"] - WEIGHTS["text"]) * typed / max(len(forms), 1)
                matches.add(thing, WEIGHTS["text"] + nearer)

    def _matching(self, expression: str) -> list[int]:
        rows = self.lexicon.rows("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", (expression,))
        return [row[0] for row in rows]

    def _by_kind(self, numbers: Iterable[int]) -> dict[str, list[int]]:
        groups = defaultdict[str, list[int]](list)
        for number in numbers:
            groups[self._things[number][1]].append(number)
        return groups

    def _first(self, numbers: Iterable[int]) -> set[int]:
        return {number for group in self._by_kind(numbers).values() for number in group[:_DEEP]}

    def _suggestion(self, fit: suggestions.Fit, hits: Mapping[int, Hit]) -> Suggestion:
        values = {key: hits[thing].iri for key, thing in fit.things.items()}
        names = {key: hits[thing].name for key, thing in fit.things.items()}
        label = "SELECT text FROM name WHERE thing = ? AND rank = ? AND language = ?"
        for key in (key for key in values if key.startswith(ONLY)):  # rows have the English name
            values[key] = str(self.lexicon.rows(label, (fit.things[key], LABEL, DEFAULT))[0][0])
        return Suggestion(fit.question, fit.texts | values, fit.texts | names)

    def _find_event(self, name: str, others: str) -> int | None:
        return next((event.number for event in self._weigh_events(name, others)), None)

    def _weigh_events(self, name: str, others: str) -> list[_WeighedEvent]:
        """List the events that a name fits, the likeliest first; `others` are further words that stand in their texts."""
        matches = _Matches()
        if not others:
            self._add_names(matches, name)
        also = f" AND {fulltext.every(others)}" if others else ""
        for thing in self._matching(f"names : ({fulltext.every(name)}){also}"):
            matches.add(thing, WEIGHTS["name"])
        rows = self.lexicon.rows(
            f"SELECT id, worth, fits FROM thing WHERE id IN ({listed(matches.points)}) ORDER BY id"
        )
        events = [
            _WeighedEvent(number, worth, matches.points[number] > WEIGHTS["name"], matches.points[number] + worth)
            for number, worth, fits in rows
            if not self.lexicon.roles["event"].isdisjoint(fits.split())
        ]
        return sorted(events, key=lambda event: -event.score)

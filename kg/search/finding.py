"""Finds things by their names and texts in the index of a release, the likeliest first, and the questions that fit what was asked."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from rapidfuzz import fuzz, process

from kg.search import asking, matching, showing
from kg.search.asking import Asked
from kg.search.folding import STOP, join
from kg.search.showing import Found
from kg.search.understanding import Understanding
from kg.search.writing import FILE, READ

LAST = "\U0010ffff"  # sorts behind every character of an IRI
LONGEST = 200  # characters of what is asked
PAGE = 20  # things on a page of one kind, or of all kinds in one list
FIRST = 5  # things of each kind where they stand in groups
CLOSE, NEAR = 3, 60  # things offered for an IRI of nothing, and of 100 how like it theirs are
_DEEP = 40  # things of each kind that are compared with what was asked; those behind stand in the order of the index
_MOST_NAMES = 400  # that begin with what was asked and are compared
# Points for how a thing was found; what it weighs in the index is added.
_EXACT, _SYMBOL, _PREFIX, _NAME, _TEXT = 100.0, 97.0, 82.0, 60.0, 30.0
_ARTICLE = 160.0  # that was understood; whatever it weighs
_OTHERWISE = 8.0  # less for a word that is spelt otherwise than it was asked
_WITHIN = 6.0  # less for a name whose first word only begins with what was asked
_WHOLE = 6.0  # more for a name that begins with what was asked and has little else
_COVERED = 25.0  # more for a name of which all words were asked
_BEGINS = 4.0  # more for a name that begins with a word that was asked
_OTHER_SCRIPT = 14.0  # less for the beginning of a name in another script
_CYRILLIC = ("ru", "kk")
_SYMBOLS = 4  # the rank of the names that are symbols


@dataclass(frozen=True)
class Group:
    """The things of one kind that were found: how many, and some of them."""

    kind: str
    count: int
    things: tuple[Found, ...]


@dataclass(frozen=True)
class Suggestion:
    """A question that answers what was asked, with the IRIs, days or years to put into it, and the names of these things."""

    question: str
    values: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Results:
    """What was found: groups by kind, the likeliest first; the questions that fit; and how it was understood."""

    groups: tuple[Group, ...] = ()
    best: tuple[Found, ...] = ()  # a page of all kinds, or of the kind that was asked, in one list
    questions: tuple[Suggestion, ...] = ()
    spelt: str = ""  # what was looked for in the place of words that stand nowhere
    is_partial: bool = False  # nothing has all the words; these have some
    is_question: bool = False  # a question fits better than any thing

    @property
    def count(self) -> int:
        """How many things were found."""
        return sum(group.count for group in self.groups)


@dataclass
class _Hits:
    """The numbers of the things that were found, and the points of those that were compared."""

    points: dict[int, float] = field(default_factory=dict)
    names: Sequence[int] = ()  # in whose names the words stand, in order
    all: Sequence[int] = ()
    is_partial: bool = False

    def add(self, thing: int, points: float) -> None:
        self.points[thing] = max(points, self.points.get(thing, 0.0))


class Search:
    """The index of one release, open for reading. Safe to share among threads, one of which looks at a time."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        self._lock = threading.Lock()
        self._kinds = {kind: (first, last) for kind, first, last in self._rows("SELECT * FROM kind ORDER BY first")}

    @classmethod
    def open(cls, folder: Path) -> Self | None:
        """Open the index in the folder of a release; None where the release has none that is read here."""
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            opened = cls(path.resolve())
            ((version,),) = opened._rows("PRAGMA user_version")
        except sqlite3.DatabaseError:
            return None
        return opened if version in READ else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def find(self, text: str, *, kind: str = "", page: int = 1, language: str = "en") -> Results:
        """Find what a text asks for: the first of each kind, and a page of all in one list; of one kind only, if one is given."""
        with self._lock:
            said = Understanding(self._connection, text[:LONGEST])
            if not said.words:
                return Results()
            hits = self._look(said)
            asked = asking.suggest(self._connection, said, self._best)
            order = self._order(hits)
            flat = order.get(kind, []) if kind else self._flat(hits, order)
            best = flat[(page - 1) * PAGE : page * PAGE]
            first = {each: numbers[:FIRST] for each, numbers in order.items()}
            wanted = {*best, *(thing for things in first.values() for thing in things)}
            described = showing.describe(self._connection, wanted, said, language)
            others = hits.points.keys() - {*said.articles}  # a question about an article stands above the article
            top = 0.0 if hits.is_partial else max((hits.points[thing] for thing in others), default=0.0)
            return Results(
                tuple(Group(each, len(order[each]), tuple(described[n] for n in first[each])) for each in order),
                tuple(described[n] for n in best),
                tuple(self._suggestion(one, language) for one in asked),
                showing.respell(self._connection, said) if said.is_spelt_otherwise else "",
                hits.is_partial,
                bool(asked) and asked[0].is_plain and asked[0].score > top,
            )

    def weightiest(self, language: str = "en") -> dict[str, tuple[int, Found]]:
        """Give the number of things of each kind, and the first of them."""
        with self._lock:
            firsts = {kind: first for kind, (first, _) in self._kinds.items()}
            described = showing.describe(self._connection, firsts.values(), None, language)
            return {kind: (last - first + 1, described[first]) for kind, (first, last) in self._kinds.items()}

    def beneath(self, stem: str) -> list[str]:
        """List the things whose IRI begins with a text."""
        with self._lock:
            query = "SELECT iri FROM thing WHERE iri >= ? AND iri < ? ORDER BY iri"
            return [iri for (iri,) in self._rows(query, (stem, stem + LAST))]

    def nearest(self, iri: str) -> list[str]:
        """List the things whose IRIs are most like one of nothing, and end in a key as it does."""
        stem = iri[: iri.rindex("/") + 1]
        keys = {name: name.removeprefix(stem) for name in self.beneath(stem)}
        near = process.extract(iri.removeprefix(stem), keys, scorer=fuzz.ratio, limit=CLOSE, score_cutoff=NEAR)
        return [name for *_, name in near]

    def match(self, text: str, among: Container[int]) -> dict[int, list[str]]:
        """Find the likeliest things that a text may name, of those in `among`: each with its names, and the text itself for the article that it is."""
        with self._lock:
            said = Understanding(self._connection, text[:LONGEST])
            points = self._look(said, among).points if said.words else {}
            best = sorted((n for n in points if n in among), key=lambda n: -points[n])[:_DEEP]
            names: dict[int, list[str]] = {n: [] for n in best}
            query = f"SELECT thing, text FROM name WHERE thing IN ({', '.join(map(str, best))})"
            for n, name in self._rows(query):
                names[n].append(name)
            if said.is_article and said.articles[0] in names:
                names[said.articles[0]].append(text)
            return names

    def numbers(self) -> dict[str, int]:
        """Number all things, by IRI."""
        with self._lock:
            return dict(self._rows("SELECT iri, id FROM thing"))

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple]:
        return self._connection.execute(query, values).fetchall()

    def _look(self, said: Understanding, among: Container[int] | None = None) -> _Hits:
        """Find by articles, whole names, beginnings of names, words of names and words of texts; where `among` is given, words that these things have."""
        hits = _Hits()
        self._by_name(hits, join(said.words), 0.0, said.is_latin)
        if said.is_spelt_otherwise:
            self._by_name(hits, join(said.spelt), _OTHERWISE, said.is_latin)
        for entity in said.entities:
            if entity.end - entity.start == len(said.words):
                less = 0.0 if join(said.words) == join(said.spelt) else _OTHERWISE
                for thing in entity.things:
                    hits.add(thing, _EXACT - less)
        self._by_words(hits, said, among)
        kinds = self._weights(hits.points)
        hits.points = {thing: points + kinds[thing] for thing, points in hits.points.items()}
        for place, thing in enumerate(said.articles):
            hits.points[thing] = _ARTICLE - place / 2
        return hits

    def _weights(self, things: Iterable[int]) -> dict[int, float]:
        return dict(self._rows(f"SELECT id, worth FROM thing WHERE id IN ({', '.join(map(str, things))})"))

    def _by_name(self, hits: _Hits, name: str, less: float, is_latin: bool = False) -> None:
        for (thing,) in self._rows("SELECT thing FROM name WHERE folded = ?", (name,)):
            hits.add(thing, _EXACT - less)
        if len(name) > 1:
            query = "SELECT thing, language, folded FROM name WHERE folded > ? AND folded < ? ORDER BY thing LIMIT ?"
            for thing, language, folded in self._rows(query, (name, name + "{", _MOST_NAMES)):
                points = _PREFIX if folded[len(name)] == " " else _PREFIX - _WITHIN
                points -= _OTHER_SCRIPT if is_latin and language in _CYRILLIC else 0.0
                hits.add(thing, points - less + _WHOLE * len(name) / len(folded))

    def _by_words(self, hits: _Hits, said: Understanding, among: Container[int] | None) -> None:
        for number, query in enumerate(matching.queries(said)):
            hits.all = [n for n in self._matching(query) if among is None or n in among]
            hits.names = self._matching(f"names : ({query})") if hits.all else []
            hits.is_partial = number > 0 and not said.articles
            if hits.all:
                break
        self._compare(hits, said)

    def _compare(self, hits: _Hits, said: Understanding) -> None:
        """Compare the first things of each kind with what was asked, name by name."""
        wanted = [{*forms} for word, forms in zip(said.words, said.forms, strict=True) if word not in STOP]
        less = _OTHERWISE if said.is_spelt_otherwise else 0.0
        spans = [*self._kinds.values()]
        named = {thing for first, last in spans for thing in _between(hits.names, first, last)[:_DEEP]}
        told = {thing for first, last in spans for thing in _between(hits.all, first, last)[:_DEEP]}
        whole = join(said.words)
        marks = ", ".join(map(str, named | told))
        for thing, rank, folded in self._rows(f"SELECT thing, rank, folded FROM name WHERE thing IN ({marks})"):
            if rank == _SYMBOLS and folded.endswith(" " + whole):
                hits.add(thing, _SYMBOL)
            words = [word for word in folded.split() if word not in STOP]
            asked = sum(not forms.isdisjoint(words) for forms in wanted)
            if thing in named:
                part = min(asked / len(words), 1.0) if words else 0.0
                begins = _BEGINS if words and any(words[0] in forms for forms in wanted) else 0.0
                hits.add(thing, _NAME - less + _COVERED * part**2 + begins)
            else:
                hits.add(thing, _TEXT - less + (_NAME - _TEXT) * asked / max(len(wanted), 1))

    def _matching(self, query: str) -> list[int]:
        return [row[0] for row in self._rows("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", (query,))]

    def _order(self, hits: _Hits) -> dict[str, list[int]]:
        """Put the things of each kind in order, and the kinds by their best."""
        order: dict[str, list[int]] = {}
        for kind, (first, last) in self._kinds.items():
            compared = [thing for thing in hits.points if first <= thing <= last]
            compared.sort(key=lambda thing: (-hits.points[thing], thing))
            known = {*compared}
            rest = [thing for thing in _between(hits.names, first, last) if thing not in known]
            known |= {*rest}
            rest += [thing for thing in _between(hits.all, first, last) if thing not in known]
            if compared or rest:
                order[kind] = compared + rest
        return dict(sorted(order.items(), key=lambda item: -hits.points.get(item[1][0], 0.0)))

    @staticmethod
    def _flat(hits: _Hits, order: Mapping[str, Sequence[int]]) -> list[int]:
        """Put the things of all kinds in one list: those that were compared by their points, then the others."""
        compared = sorted(hits.points, key=lambda thing: (-hits.points[thing], thing))
        rest = (thing for things in order.values() for thing in things if thing not in hits.points)
        return [*compared, *rest]

    def _best(self, name: str, wanted: str, beside: str) -> int | None:
        """Find the likeliest thing that fits a class of parameters, has some words in its name and others anywhere."""
        hits = _Hits()
        if not beside:
            self._by_name(hits, name, 0.0)
        for thing in self._matching(f"names : ({_all(name)})" + (f" AND {_all(beside)}" if beside else "")):
            hits.add(thing, _NAME)
        among = ", ".join(map(str, hits.points))
        query = f"SELECT id, worth FROM thing WHERE id IN ({among}) AND ' ' || fits || ' ' LIKE ? ORDER BY id"
        fitting = self._rows(query, (f"% {wanted} %",))
        return max(fitting, key=lambda row: hits.points[row[0]] + row[1])[0] if fitting else None

    def _suggestion(self, one: Asked, language: str) -> Suggestion:
        values, names = dict(one.texts), dict(one.texts)
        for key, thing in one.things.items():
            ((values[key],),) = self._rows("SELECT iri FROM thing WHERE id = ?", (thing,))
            names[key] = showing.name_of(self._connection, thing, language)
        return Suggestion(one.question, values, names)


def _between(numbers: Sequence[int], first: int, last: int) -> Sequence[int]:
    """Take the part of sorted numbers that lies between two."""
    return numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]


def _all(words: str) -> str:
    return " AND ".join(f'"{word}"' for word in words.split())

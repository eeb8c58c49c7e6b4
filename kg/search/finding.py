"""Finds things by their names and texts in the index of a release, the likeliest first, and the questions that fit what was asked."""

from __future__ import annotations

import sqlite3
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from kg.search import asking
from kg.search.asking import Asked
from kg.search.folding import STOP, fold, join
from kg.search.understanding import Understanding
from kg.search.writing import FILE, FOR_FINDING, FORMAT

LONGEST = 200  # characters of what is asked
PAGE = 20  # things on a page of one kind
FIRST = 5  # things of each kind where all kinds are shown
MOST_SUGGESTED = 8
_DEEP = 40  # things of each kind that are compared with what was asked; those behind stand in the order of the index
_MOST_NAMES = 400  # whose beginning is looked at
# Points for how a thing was found; what it weighs in the index is added.
_EXACT, _SYMBOL, _PREFIX, _NAME, _TEXT = 100.0, 97.0, 82.0, 60.0, 30.0
_ARTICLE = 160.0  # that was understood; whatever it weighs
_OTHERWISE = 8.0  # less for a word that is spelt otherwise than it was asked
_COVERED = 25.0  # more for a name of which all words were asked
_BEGINS = 4.0  # more for a name that begins with a word that was asked
_SYMBOLS = 4  # the rank of the names that are symbols
_CYRILLIC = ("ru", "kk")
_OTHER_SCRIPT = 14.0  # less for the beginning of a name in another script


@dataclass(frozen=True)
class Found:
    """A thing as a search shows it; `also` is the other name by which it was found."""

    iri: str
    kind: str
    name: str
    language: str  # of the name
    also: str
    also_language: str
    text: str
    text_language: str
    date: str | None
    until: str | None


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
    values: dict[str, str]
    names: dict[str, str]
    score: float


@dataclass(frozen=True)
class Results:
    """What was found: groups by kind, the likeliest first; the questions that fit; and how it was understood."""

    groups: tuple[Group, ...] = ()
    questions: tuple[Suggestion, ...] = ()
    spelt: str = ""  # what was looked for in the place of a word that stands nowhere
    is_partial: bool = False  # nothing has all the words; these have some
    is_question: bool = False  # a question fits better than any thing
    best: tuple[Found, ...] = ()  # of all kinds, the likeliest first

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
        return opened if version == FORMAT else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @property
    def counts(self) -> dict[str, int]:
        """How many things of each kind the index holds."""
        return {kind: last - first + 1 for kind, (first, last) in self._kinds.items()}

    def find(self, text: str, *, kind: str = "", page: int = 1, language: str = "en") -> Results:
        """Find what a text asks for: some of each kind, or a page of one kind."""
        with self._lock:
            said = Understanding(self._connection, text[:LONGEST])
            if not said.words:
                return Results()
            hits = self._look(said)
            asked = asking.suggest(self._connection, said, self._best)
            order = self._order(hits)
            if kind:
                shown = {kind: order.get(kind, [])[(page - 1) * PAGE : page * PAGE]}
            else:
                shown = {each: numbers[:FIRST] for each, numbers in order.items()}
            best = sorted((n for n in hits.points if not kind or n in shown[kind]), key=lambda n: -hits.points[n])[:PAGE]
            described = self._describe({*best, *(n for some in shown.values() for n in some)}, said, language)
            groups = tuple(
                Group(each, len(numbers), tuple(described[n] for n in shown.get(each, ())))
                for each, numbers in order.items()
            )
            top = max(hits.points.values(), default=0.0)
            return Results(
                groups,
                tuple(self._suggestion(one, language) for one in asked),
                self._respelt(said),
                hits.is_partial,
                bool(asked) and asked[0].is_plain and asked[0].score > (0.0 if hits.is_partial else top),
                tuple(described[n] for n in best),
            )

    def suggest(self, text: str, *, language: str = "en") -> tuple[Found, ...]:
        """List the likeliest things for what somebody has typed so far."""
        return self.find(text, language=language).best[:MOST_SUGGESTED]

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple]:
        return self._connection.execute(query, values).fetchall()

    def _look(self, said: Understanding) -> _Hits:
        """Find by articles, whole names, beginnings of names, words of names and words of texts."""
        hits = _Hits()
        self._by_name(hits, join(said.words), 0.0, said.is_latin)
        if said.is_spelt_otherwise:
            self._by_name(hits, join(said.spelt), _OTHERWISE, said.is_latin)
        for entity in said.entities:
            if entity.end - entity.start == len(said.words):
                less = 0.0 if join(said.words) == join(said.spelt) else _OTHERWISE
                for thing in entity.things:
                    hits.add(thing, _EXACT - less)
        self._by_words(hits, said)
        kinds = self._weights(hits.points)
        hits.points = {thing: points + kinds[thing] for thing, points in hits.points.items()}
        for place, thing in enumerate(said.articles):
            hits.points[thing] = _ARTICLE - place / 2
        return hits

    def _weights(self, things: Iterable[int]) -> dict[int, float]:
        marks = ", ".join(map(str, things))
        return dict(self._rows(f"SELECT id, worth FROM thing WHERE id IN ({marks})"))

    def _by_name(self, hits: _Hits, name: str, less: float, is_latin: bool = False) -> None:
        for (thing,) in self._rows("SELECT thing FROM name WHERE folded = ?", (name,)):
            hits.add(thing, _EXACT - less)
        if len(name) > 1:
            query = "SELECT thing, language, folded FROM name WHERE folded > ? AND folded < ? ORDER BY thing LIMIT ?"
            for thing, language, folded in self._rows(query, (name, name + "{", _MOST_NAMES)):
                points = _PREFIX if folded[len(name)] == " " else _PREFIX - 6
                points -= _OTHER_SCRIPT if is_latin and language in _CYRILLIC else 0.0
                hits.add(thing, points - less + 6 * len(name) / len(folded))

    def _by_words(self, hits: _Hits, said: Understanding) -> None:
        queries = _match(said)
        for number, query in enumerate(queries):
            hits.all = self._matching(query)
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

    def _best(self, name: str, wanted: str) -> int | None:
        """Find the likeliest thing that fits a class of parameters and has some words in its name."""
        hits = _Hits()
        self._by_name(hits, name, 0.0)
        query = " AND ".join(f'"{word}"' for word in name.split())
        for thing in self._matching(f"names : ({query})"):
            hits.add(thing, _NAME)
        marks = ", ".join(map(str, hits.points))
        rows = self._rows(f"SELECT id, worth FROM thing WHERE id IN ({marks}) AND ' ' || fits || ' ' LIKE ?", (f"% {wanted} %",))
        return max(((hits.points[thing] + worth, -thing) for thing, worth in rows), default=(0.0, 0))[1] * -1 or None

    def _describe(self, things: Iterable[int], said: Understanding, language: str) -> dict[int, Found]:
        marks = ", ".join(map(str, things))
        names: dict[int, list[tuple[int, str, str, str]]] = {}
        for thing, *name in self._rows(f"SELECT * FROM name WHERE thing IN ({marks}) ORDER BY thing, rank, language, text"):
            names.setdefault(thing, []).append(tuple(name))
        found = {}
        query = f"SELECT id, iri, kind, text, language, date, until FROM thing WHERE id IN ({marks})"
        for thing, iri, kind, *rest in self._rows(query):
            shown = _name(names[thing], language)
            also = _also(names[thing], shown, {join(said.words), join(said.spelt)})
            found[thing] = Found(iri, kind, *shown, *also, *rest)
        return found

    def _suggestion(self, one: Asked, language: str) -> Suggestion:
        values, names = dict(one.texts), dict(one.texts)
        for key, thing in one.things.items():
            ((values[key],),) = self._rows("SELECT iri FROM thing WHERE id = ?", (thing,))
            query = "SELECT rank, language, text, folded FROM name WHERE thing = ? ORDER BY rank, language, text"
            names[key] = _name(self._rows(query, (thing,)), language)[0]
        return Suggestion(one.question, values, names, one.score)

    def _respelt(self, said: Understanding) -> str:
        """Write a name in which the words stand that were looked for instead of those asked."""
        if not said.is_spelt_otherwise:
            return ""
        told = []
        query = """SELECT name.text FROM words JOIN name ON name.thing = words.rowid
            WHERE words MATCH ? ORDER BY words.rowid, name.rank LIMIT 60"""
        for word, form in zip(said.words, said.spelt, strict=True):
            if word != form:
                rows = self._rows(query, (f'names : "{form}"',))
                fitting = [part for (text,) in rows for part in text.split() if fold(part) == [form]]
                fitting.sort(key=lambda part: part.isascii() is not said.is_latin)
                told.append(fitting[0].strip("()[],.;:“”\"'") if fitting else form)
        return " ".join(told)


def _between(numbers: Sequence[int], first: int, last: int) -> Sequence[int]:
    """Take the part of sorted numbers that lies between two."""
    return numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]


def _match(said: Understanding) -> list[str]:
    """Write what was asked as queries for FTS5: all the words, figures together as they were written; then with less."""
    units: list[str] = []
    chunks = [fold(chunk) for chunk in said.text.split()]
    entities = {one.start: one for one in said.entities}
    at, last = 0, len(said.words) - 1
    ends = {}  # where a chunk with figures ends, by where it begins
    place = 0
    for chunk in chunks:
        if len(chunk) > 1 and any(word.isdigit() for word in chunk):
            ends[place] = place + len(chunk)
        place += len(chunk)
    loose: list[str] = []
    while at <= last:
        word = said.words[at]
        if at in ends and at not in said.article_words:
            end = min(ends[at], last + 1)
            units.append(_phrase(said.words[at:end]))
            loose += [_phrase([each]) for each in said.words[at:end]]
        elif at in entities:
            end = entities[at].end
            units.append(_either([_phrase(said.words[at:end]), _phrase(said.spelt[at:end])]))
            loose.append(units[-1])
        else:
            end = at + 1
            if word not in STOP:
                units.append(_either([_word(said, form, is_last=at == last) for form in said.forms[at]]))
                loose.append(units[-1])
        at = end
    if not units:
        units = loose = [_phrase([word]) for word in said.words]
    queries = [" AND ".join(units), " AND ".join(loose)]
    some = [_phrase([form]) for word, forms in zip(said.words, said.forms, strict=True) if word not in STOP for form in forms]
    return [*dict.fromkeys(queries), " OR ".join(some)] if len(loose) > 1 else queries[:1]


def _phrase(words: Sequence[str]) -> str:
    return f'"{join(list(words))}"'


def _either(parts: Sequence[str]) -> str:
    parts = [*dict.fromkeys(parts)]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _word(said: Understanding, word: str, *, is_last: bool) -> str:
    """Write one word; also the words that begin with it, where it is long, or the last and no whole word."""
    begins = not word.isdigit() and (len(word) >= 4 or is_last and len(word) > 1)
    return f'"{word}"*' if begins else f'"{word}"'


def _name(names: Sequence[tuple[int, str, str, str]], language: str) -> tuple[str, str]:
    """Choose the name to show: that in the language, else in English or in none, else the first."""
    order = [language, "en", ""]

    def liking(name: tuple[int, str, str, str]) -> tuple[int, int]:
        rank, spoken, *_ = name
        known = order.index(spoken) if spoken in order else len(order)
        return (rank if rank > 1 else 0) + (known and 1), known

    _, spoken, text, _ = min(names, key=lambda name: (name[0] == FOR_FINDING, name[0] > 1 and name[0] != 6, *liking(name)))
    return text, spoken


def _also(names: Sequence[tuple[int, str, str, str]], shown: tuple[str, str], asked: set[str]) -> tuple[str, str]:
    """Choose another name that has the words that were asked, where the one that is shown does not have them."""
    if any(words in join(fold(shown[0])) for words in asked):
        return "", ""
    for rank, spoken, text, folded in names:
        if rank != FOR_FINDING and text != shown[0] and any(words in folded for words in asked):
            return text, spoken
    return "", ""

"""What the words of a search mean: words that are spelt otherwise, things called by their whole names, and articles."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from rapidfuzz.distance import OSA

from kg.languages import LANGUAGES, speak
from kg.search.folding import STOP, fold, join
from kg.search.writing import LEAST_SPELT

MOST_WORDS = 12  # that are looked at
# Kinds of which a thing is recognised within what is asked, by its whole name.
NAMED = ("countries", "treaties", "laws", "actors", "places", "events", "documents", "concepts", "recommendations")
INSTRUMENTS = ("treaties", "laws")
_MOST_SPELT = 30  # letters of a word that may be spelt otherwise
_MOST_FORMS = 5  # in which a word is looked for that stands nowhere
_CANDIDATES = 120  # words with trigrams in common whose distance is measured
_LONGEST_ARTICLE = 3  # digits of an article's number
# Words for an article, and for its parts, which come before their number.
_ARTICLE = {*fold("article articles art ст статья статьи статью статей статьей бап бабы баптар бабының")}
_PART = {*fold("paragraph para subparagraph sub пункт пункта подпункт п пп тармақ тармағы")}
ARTICLE_WORDS = _ARTICLE | _PART | {*fold("s")}  # `s` for a section
_DAY = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")


@cache
def months() -> dict[str, int]:
    """Number the months by their names, folded, in each language, as they stand alone and in dates."""
    return {
        "".join(fold(name)): number
        for code in LANGUAGES
        for form in ("format", "stand-alone")
        for number, name in speak(code).locale.months[form]["wide"].items()
    }


@dataclass(frozen=True)
class Entity:
    """Things that words of a search call by a whole name of theirs: their numbers, the weightiest first."""

    start: int
    end: int
    things: tuple[int, ...]
    kinds: tuple[str, ...]

    def of(self, *kinds: str) -> list[int]:
        """List the things of some kinds."""
        return [thing for thing, kind in zip(self.things, self.kinds, strict=True) if kind in kinds]


@dataclass
class Understanding:
    """What was asked, word by word."""

    connection: sqlite3.Connection
    text: str
    words: list[str] = field(init=False)
    chunks: list[int] = field(
        init=False
    )  # for each word the number of the piece, between spaces, in which it was written

    def __post_init__(self) -> None:
        written = [(word, number) for number, piece in enumerate(self.text.split()) for word in fold(piece)]
        merged = [*self._merged(written[:MOST_WORDS])]
        self.words, self.chunks = [word for word, _ in merged], [number for _, number in merged]

    def _merged(self, written: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        """Yield the words; two that make one word only together are that one: Zhana Ozen."""
        at = 0
        while at < len(written):
            pair = [word for word, _ in written[at : at + 2]]
            apart = len(pair) < 2 or any(map(str.isdigit, pair)) or all(map(self._knows, pair))
            if apart or not self._knows("".join(pair)):
                yield written[at]
                at += 1
            else:
                yield "".join(pair), written[at][1]
                at += 2

    def _knows(self, word: str) -> bool:
        return word in STOP or self._count(word) > 0

    @cached_property
    def forms(self) -> list[tuple[str, ...]]:
        """For each word the words to look for: itself, or those it may be another spelling of."""
        return [self._spell(word) for word in self.words]

    @cached_property
    def is_spelt_otherwise(self) -> bool:
        """Whether a word stands nowhere and others are looked for in its place."""
        return self.spelt != self.words

    @property
    def is_latin(self) -> bool:
        """Whether all was asked in Latin letters without accents."""
        return self.text.isascii()

    @cached_property
    def spelt(self) -> list[str]:
        """The words as they are most likely spelt."""
        return [forms[0] for forms in self.forms]

    def _begins(self, word: str) -> bool:
        """Say whether some word begins with these letters."""
        query = "SELECT 1 FROM vocabulary WHERE word >= ? AND word < ? LIMIT 1"
        return self.connection.execute(query, (word, word + "{")).fetchone() is not None

    def _spell(self, word: str) -> tuple[str, ...]:
        if self._knows(word) or word.isdigit() or not LEAST_SPELT <= len(word) <= _MOST_SPELT or self._begins(word):
            return (word,)
        edges = f"^{word}$"
        wanted = " OR ".join(f'"{edges[at : at + 3]}"' for at in range(len(edges) - 2))
        query = "SELECT word FROM spelling WHERE spelling MATCH ? ORDER BY rank LIMIT ?"
        most = 1 if len(word) < 8 else 2 if len(word) < 11 else 3
        near = []
        for (found,) in self.connection.execute(query, (wanted, _CANDIDATES)):
            other = found[1:-1]
            distance = OSA.distance(word, other, score_cutoff=most)
            if distance <= most:
                near.append((distance, other))
        if not near:
            return (word,)
        least = min(near)[0]
        best = [other for distance, other in sorted(near) if distance == least]
        best.sort(key=lambda other: (other[0] != word[0], -self._count(other), other))
        return tuple(best[:_MOST_FORMS])

    def _count(self, word: str) -> int:
        row = self.connection.execute("SELECT things FROM vocabulary WHERE word = ?", (word,)).fetchone()
        return row[0] if row else 0

    @cached_property
    def day(self) -> str | None:
        """The day that was named, as 2011-06-09: so written, or in words (9 June 2011)."""
        if found := _DAY.search(self.text):
            return found[1]
        for day, month, year in zip(self.words, self.words[1:], self.words[2:], strict=False):
            if day.isdigit() and month in months() and len(year) == 4 and year.isdigit() and int(day) <= 31:
                return f"{year}-{months()[month]:02}-{int(day):02}"
        return None

    @cached_property
    def entities(self) -> list[Entity]:
        """The things that are called by a whole name, from the longest name to the shortest, none within another."""
        found: list[Entity] = []
        taken: set[int] = set()
        for size in range(len(self.words), 0, -1):
            for start in range(len(self.words) - size + 1):
                span = range(start, start + size)
                if taken.isdisjoint(span) and (entity := self._call(span)):
                    found.append(entity)
                    taken |= {*span}
        return sorted(found, key=lambda entity: entity.start)

    def _call(self, span: range) -> Entity | None:
        called = [join(self.words[span.start : span.stop]), join(self.spelt[span.start : span.stop])]
        if len(span) == 1:
            if self.words[span.start] in STOP or self.words[span.start].isdigit():
                return None
            called += self.forms[span.start]
        marks = ", ".join("?" * len(NAMED))
        query = f"""SELECT DISTINCT thing.id, thing.kind FROM name JOIN thing ON thing.id = name.thing
            WHERE name.folded = ? AND thing.kind IN ({marks}) ORDER BY thing.worth DESC LIMIT 8"""
        for name in dict.fromkeys(called):
            if rows := self.connection.execute(query, (name, *NAMED)).fetchall():
                return Entity(span.start, span.stop, tuple(row[0] for row in rows), tuple(row[1] for row in rows))
        return None

    @property
    def articles(self) -> list[int]:
        """The provisions that an article in what was asked means, the likeliest first, and behind them their parts."""
        return self._article[0]

    @property
    def article_words(self) -> set[int]:
        """The places of the words by which an article was understood."""
        return self._article[1]

    @property
    def is_article(self) -> bool:
        """Whether all that was asked names an article, and the instrument that it is of."""
        telling = {at for at, word in enumerate(self.words) if word not in STOP}
        named = any(one.of(*INSTRUMENTS) and one.start in self.article_words for one in self.entities)
        return named and telling <= self.article_words

    @cached_property
    def _article(self) -> tuple[list[int], set[int]]:
        named = next((one for one in self.entities if one.of(*INSTRUMENTS)), None)
        instruments = named.of(*INSTRUMENTS) if named else []
        for place, parts in self._numbers():
            for size in range(len(parts), 0, -1):
                if found := self._provisions(join([self.words[at] for at in parts[:size]]), instruments):
                    words = {at for at in range(min(place, parts[0]), max(place, parts[-1]) + 1)}
                    return found, words | ({*range(named.start, named.end)} if named else set())
        return [], set()

    def _numbers(self) -> Iterator[tuple[int, list[int]]]:
        """Yield the numbers that may be those of an article: the place of the word that says so, and those of its parts."""
        ends = {one.end for one in self.entities if one.of(*INSTRUMENTS)}
        starts = {one.start for one in self.entities if one.of(*INSTRUMENTS)}
        for at, word in enumerate(self.words):
            if word in _ARTICLE:
                parts = self._parts(at + 1)
                if parts:
                    yield at, parts
                elif at and self._is_number(at - 1):  # 7-бап
                    first = at - 1
                    while first and self._is_number(first - 1):
                        first -= 1
                    yield at, [*range(first, at)]
        for at in range(len(self.words)):
            if at in ends and (parts := self._parts(at)):
                yield at, parts
            elif self._is_number(at) and not (at and self._is_number(at - 1)):
                parts = self._parts(at)
                if parts and parts[-1] + 1 in starts:
                    yield at, parts

    def _parts(self, start: int) -> list[int]:
        """List the places of the parts of a number that begins at a word: 14, 3, g."""
        found: list[int] = []
        for at in range(start, len(self.words)):
            word, is_last = self.words[at], at + 1 == len(self.words)
            if word in _PART and not is_last and (found or at == start):
                continue
            letter = len(word) == 1 or (set(word) <= {*"ivx"} and len(word) < 5)
            if not (self._is_number(at) or (letter and found) or (letter and at == start and set(word) <= {*"ivx"})):
                break
            found.append(at)
        return found

    def _is_number(self, at: int) -> bool:
        return self.words[at].isdigit() and len(self.words[at]) <= _LONGEST_ARTICLE

    def _provisions(self, number: str, instruments: Sequence[int]) -> list[int]:
        """List the provisions with a number, of some instruments or else of all, then those that are parts of them."""
        among = f"AND instrument IN ({', '.join(map(str, instruments))})" if instruments else ""
        query = f"""SELECT article.thing FROM article JOIN thing ON thing.id = article.instrument
            WHERE number {{}} {among} ORDER BY thing.kind <> 'treaties', told DESC, number, article.thing"""
        found = [row[0] for row in self.connection.execute(query.format("= ?"), (number,))]
        if found:
            parts = self.connection.execute(query.format(">= ? AND number < ?"), (number + " ", number + "!"))
            found += [row[0] for row in parts if row[0] not in found]
        return [*dict.fromkeys(found)]

"""What was typed: its words, words that are spelt otherwise, things called by their whole names, and articles."""

import json
import re
import sqlite3
import threading
import weakref
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from kg.languages import LANGUAGES, speak
from kg.names import sound
from kg.search.index import FILE

MOST_WORDS = 20  # that are looked at
_LEAST_SPELT, _MOST_SPELT = 4, 30  # letters of a word that may be spelt otherwise
_LEAST_LONG = 7  # letters of a word that may be a country misspelt
_MOST_FORMS = 5  # in which a word is looked for that stands nowhere
# The endings of names of places in Russian and Kazakh, as they sound.
_CASES = "a e i u om em oi da de ta te dan den tan ten nin din tin ga ge"
_CANDIDATES = 120  # words with trigrams in common whose distance is measured
_OF_YEAR = "".join(sound("жылғы"))
_DAY = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")
# Where the numbers of articles stand, each word written as its `Query.marks`: 14(3)(g) as NNL. Behind a word for an article or its
# instrument, or before one (7-бап).
_NUMBER = "(?P<number>P?[NR](?:P*[NRL])*)"
_ARTICLES = [
    re.compile(each) for each in (f"A{_NUMBER}", "(?P<number>N+)A", f"I{_NUMBER}", "(?P<number>N(?:P*[NRL])*)(?=I)")
]


_MARKS = {"N": "[0-9]{1,3}", "R": "[ivx]{1,4}", "L": "[a-z]"}  # of a number, a Roman one, a letter


@cache
def months() -> dict[str, int]:
    """Number the months by their names in each language, as they sound, alone and in dates."""
    return {
        "".join(sound(name)) + case: number
        for case in ("", "da", "de", "ta", "te")  # of a Kazakh month in which something is
        for code in LANGUAGES
        for form in ("format", "stand-alone")
        for number, name in speak(code).locale.months[form]["wide"].items()
    }


def _part_of_day(word: str) -> str:
    if word in months():
        return "M"
    if not word.isdecimal():
        return "-"
    return "Y" if len(word) == 4 else "D" if int(word) <= 31 else "-"


def listed(numbers: Iterable[int]) -> str:
    """Write the numbers of things as a list in SQL."""
    return ", ".join(map(str, numbers))


class Lexicon:
    """The index in the folder of a release, and what words mean in it: those of each role, the questions, and all words.

    A parameter of a question is (name, kind of value, class of thing, whether it is optional). Safe to share among threads.
    """

    def __init__(self, folder: Path) -> None:
        address = f"{(folder / FILE).resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        self._lock = threading.Lock()
        self.roles = defaultdict[str, set[str]](set)
        for role, name in self.rows("SELECT role, name FROM role"):
            self.roles[role].add(name)
        self.questions: dict[str, list[tuple[str, str, str, bool]]] = {
            name: json.loads(text) for name, text in self.rows("SELECT name, parameters FROM question")
        }

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Ask the index."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def is_empty(self, word: str) -> bool:
        """Say whether a word tells little, so that the index is without it."""
        return word in self.roles["empty"]

    def count(self, word: str) -> int:
        """Count the things that have a word."""
        return sum(things for (things,) in self.rows("SELECT things FROM vocabulary WHERE word = ?", (word,)))

    def count_matches(self, expression: str) -> int:
        """Count the things that have what an expression of FTS5 asks for."""
        return int(self.rows("SELECT count(*) FROM words WHERE words MATCH ?", (expression,))[0][0])

    def knows(self, word: str) -> bool:
        """Say whether a word stands anywhere."""
        return self.is_empty(word) or self.count(word) > 0

    def _is_area(self, word: str) -> bool:
        """Say whether a word is the whole name of a country."""
        query = "SELECT 1 FROM name JOIN thing ON id = thing JOIN role ON role = 'area' AND role.name = kind WHERE folded = ?"
        return bool(self.rows(query, (word,)))

    def _find_stem(self, word: str) -> str | None:
        """Find the name of a country or place of which a word is a case, in Russian or Kazakh; None where it is a name itself."""
        stems = [word, *(word.removesuffix(ending) for ending in _CASES.split() if word.endswith(ending))]
        query = f"""SELECT folded FROM name JOIN thing ON id = thing JOIN role ON role = 'located' AND role.name = kind
            WHERE folded IN ({", ".join("?" * len(stems))}) ORDER BY length(folded) DESC LIMIT 1"""
        names = [name for (name,) in self.rows(query, stems)]
        return names[0] if names and names[0] != word else None

    def spell(self, word: str) -> tuple[str, ...]:
        """List the words to look for: the word itself and the place of which it is a case, or where none begins so those that it may be another spelling of."""
        is_plain = self.is_empty(word) or word.isdigit() or not _LEAST_SPELT <= len(word) <= _MOST_SPELT
        if not is_plain and (stem := self._find_stem(word)):
            return stem, word
        if is_plain or self.rows("SELECT 1 FROM vocabulary WHERE word BETWEEN ? AND ? LIMIT 1", (word, word + "{")):
            return (word,)
        edges = f"^{word}$"
        trigrams = " OR ".join(f'"{edges[at : at + 3]}"' for at in range(len(edges) - 2))
        query = "SELECT trim(word, '^$') FROM spelling WHERE spelling MATCH ? ORDER BY rank LIMIT ?"
        distances = {other: OSA.distance(word, other) for (other,) in self.rows(query, (trigrams, _CANDIDATES))}
        least = min(distances.values(), default=len(word))
        if least > (1 if len(word) < 8 else 2 + (len(word) >= 11)):
            return (word,)
        best = [other for other in distances if distances[other] == least]
        if len(word) < _LEAST_LONG:  # too short to be a country with another letter; one may be missing
            best = [other for other in best if len(other) > len(word) or not self._is_area(other)] or [word]
        return tuple(sorted(best, key=lambda other: (other[0] != word[0], -self.count(other), other))[:_MOST_FORMS])


class NamedThing(NamedTuple):
    """A thing in the index: its number, its kind, and the classes of parameters that it fits, with spaces between them."""

    number: int
    kind: str
    fits: str


class Entity(NamedTuple):
    """Things that the words of a search at some places call by a whole name of theirs, the weightiest first."""

    places: range
    things: list[NamedThing]

    @property
    def kinds(self) -> set[str]:
        """The kinds of these things."""
        return {thing.kind for thing in self.things}

    def of(self, kinds: Collection[str]) -> list[int]:
        """List the things of some kinds."""
        return [thing.number for thing in self.things if thing.kind in kinds]


class Article(NamedTuple):
    """The provisions that an article means, the likeliest first, behind them their parts; and the places of its words."""

    provisions: list[int]
    words: set[int]


class TypedQuery:
    """What was typed, word by word; for each word, `chunks` has the number of the piece, between spaces, that it was typed in."""

    def __init__(self, lexicon: Lexicon, text: str) -> None:
        self.lexicon, self.text = lexicon, text
        typed = [(word, number) for number, piece in enumerate(text.split()) for word in sound(piece)]
        merged = [*self._merge(typed[:MOST_WORDS])]
        self.words, self.chunks = [word for word, _ in merged], [number for _, number in merged]

    def _merge(self, typed: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        """Yield the words; two that make a word only together are one: Zhana Ozen."""
        at = 0
        while at < len(typed):
            pair = [word for word, _ in typed[at : at + 2]]
            apart = len(pair) < 2 or any(map(str.isdigit, pair)) or all(map(self.lexicon.knows, pair))
            size = 1 if apart or not self.lexicon.knows("".join(pair)) else 2
            yield "".join(pair[:size]), typed[at][1]
            at += size

    @cached_property
    def forms(self) -> list[tuple[str, ...]]:
        """For each word the words to look for: itself, or those it may be another spelling of."""
        return [self.lexicon.spell(word) for word in self.words]

    @cached_property
    def spelt(self) -> list[str]:
        """The words as they are most likely spelt."""
        return [forms[0] for forms in self.forms]

    @cached_property
    def telling(self) -> dict[int, tuple[str, ...]]:
        """The words that are not empty: for each place, what to look for."""
        return {at: forms for at, forms in enumerate(self.forms) if not self.lexicon.is_empty(self.words[at])}

    @cached_property
    def day(self) -> str | None:
        """The day that was named, as 2011-06-09: so written, or in words."""
        if match := _DAY.search(self.text):
            return match[1]
        part = {kind: self.words[at] for kind, at in self.day_words.items()}
        return f"{part['Y']}-{months()[part['M']]:02}-{int(part['D']):02}" if part else None

    @cached_property
    def day_words(self) -> dict[str, int]:
        """The places of the (D)ay, (M)onth and (Y)ear of a day in words: 9 June 2011, June 9, 2011, 2011 жылғы 9 маусым."""
        places = [at for at, word in enumerate(self.words) if word != _OF_YEAR]
        for three in zip(places, places[1:], places[2:], strict=False):
            kinds = "".join(_part_of_day(self.words[at]) for at in three)
            if kinds in ("DMY", "MDY", "YDM"):
                return dict(zip(kinds, three, strict=True))
        return {}

    @cached_property
    def entities(self) -> list[Entity]:
        """The things that are called by a whole name, from the longest name to the shortest, none within another."""
        entities = list[Entity]()
        taken = set[int]()
        for size in range(len(self.words), 0, -1):
            for start in range(len(self.words) - size + 1):
                span = range(start, start + size)
                if taken.isdisjoint(span) and (entity := self._call(span)):
                    entities.append(entity)
                    taken |= {*span}
        return sorted(entities, key=lambda entity: entity.places.start)

    def _call(self, span: range) -> Entity | None:
        names = [" ".join(words[span.start : span.stop]) for words in (self.words, self.spelt)]
        if len(span) == 1:
            if span.start not in self.telling or self.words[span.start].isdigit():
                return None
            names += self.forms[span.start]
        query = """SELECT DISTINCT id, kind, fits FROM name JOIN thing ON id = thing
            WHERE folded = ? AND kind IN (SELECT name FROM role WHERE role = 'named') ORDER BY worth DESC LIMIT 8"""
        for name in dict.fromkeys(names):
            if rows := self.lexicon.rows(query, (name,)):
                return Entity(span, [NamedThing(*row) for row in rows])
        return None

    @cached_property
    def instruments(self) -> list[Entity]:
        """The entities that may be treaties or laws."""
        return [entity for entity in self.entities if entity.of(self.lexicon.roles["instrument"])]

    @property
    def is_of_country(self) -> bool:
        """Whether all things that were named are countries."""
        return all(entity.kinds & self.lexicon.roles["area"] for entity in self.entities)

    @property
    def is_article(self) -> bool:
        """Whether all that was typed names an article, and the instrument that it is of."""
        is_named = any(entity.places.start in self.article.words for entity in self.instruments)
        return is_named and self.telling.keys() <= self.article.words

    @cached_property
    def article(self) -> Article:
        """The article that was typed."""
        among, places = list[int](), set[int]()
        for entity in self.instruments[:1]:
            among, places = entity.of(self.lexicon.roles["instrument"]), {*entity.places}
        for match in (match for pattern in _ARTICLES for match in pattern.finditer(self.marks)):
            parts = [self.words[at] for at in range(*match.span("number")) if self.marks[at] != "P"]
            for size in range(len(parts), 0, -1):
                if provisions := self._provisions(" ".join(parts[:size]), among):
                    return Article(provisions, places | {*range(*match.span())})
        return Article([], set())

    @cached_property
    def marks(self) -> str:
        """A letter for each word: of an (I)nstrument, for an (A)rticle or a (P)art, a (N)umber, a (R)oman one, a (L)etter, or other."""
        marks = [*map(self._mark, self.words)]
        for at in self.day_words.values():
            marks[at] = "-"
        for entity in self.instruments:
            marks[entity.places.start : entity.places.stop] = "I" * len(entity.places)
        return "".join(marks)

    def _mark(self, word: str) -> str:
        if word in self.lexicon.roles["article"]:
            return "A"
        if word in self.lexicon.roles["part"]:
            return "P"
        return next((mark for mark, shape in _MARKS.items() if re.fullmatch(shape, word)), "-")

    def _provisions(self, number: str, instruments: Sequence[int]) -> list[int]:
        """List the provisions with a number, of some instruments or else of all, then those that are parts of them."""
        among = f"AND instrument IN ({listed(instruments)})" if instruments else ""
        query = f"""SELECT number, thing FROM article WHERE (number = ? OR number BETWEEN ? AND ?) {among}
            ORDER BY number != ?, id"""
        rows = self.lexicon.rows(query, (number, number + " ", number + "!", number))
        return [*dict.fromkeys(thing for _, thing in rows)] if rows and rows[0][0] == number else []

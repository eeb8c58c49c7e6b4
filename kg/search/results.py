"""What a search answers: things as they are shown, by which name, beside which other name, with which date, and the text in which its words stand."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from kg.languages import DEFAULT
from kg.names import sound, sounds
from kg.search import fulltext
from kg.search.fulltext import SearchWord
from kg.search.index import FOR_FINDING, LABEL, TRANSLATED
from kg.search.query import TypedQuery, listed

STRETCH = 220  # characters of a text that are shown
_BEFORE = 60  # characters at most before its first word that was typed
_CUT = "…"
# A word as it is written; an apostrophe within it is part of it, as `sound` has it.
_PIECE = re.compile(r"[^\W_]+(?:['’‘ʼʻ`´ʹ][^\W_]+)*")


@dataclass(frozen=True)
class FoundText:
    """A stretch of a text, its language, and where in it, in characters from 0, the words begin and end that were asked."""

    text: str
    language: str
    marks: Sequence[Sequence[int]]

    @property
    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Divide the stretch into pieces, each of which was typed or was not."""
        at = 0
        for start, end in self.marks:
            yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        yield self.text[at:], False


class _Match(NamedTuple):
    start: int
    end: int
    word: int  # its number among those that were typed


def choose_text(
    texts: Iterable[tuple[str, str]], words: Sequence[SearchWord], names: Iterable[str]
) -> FoundText | None:
    """Choose the stretch with most of the words that no name has, among texts as (language, text).

    None where the names, as they sound, have all the words, or no text has any of the others.
    """
    named = {word for name in names for word in name.split()}
    missing = {at for at, word in enumerate(words) if not any(map(word.fits, named))}
    stretches = []
    for language, text in texts if missing else ():
        matches = [*_matches(text, words)]
        stretches += [(_count(first, matches, missing), text, language, first, matches) for first in matches]
    best = max(stretches, key=itemgetter(0), default=None)  # the first of those with most
    return _cut(*best[1:]) if best and best[0][0] else None


def _matches(text: str, words: Sequence[SearchWord]) -> Iterator[_Match]:
    for piece in _PIECE.finditer(text):
        sounds = sound(piece[0])
        fitting = (at for at, word in enumerate(words) if any(map(word.fits, sounds)))
        if (at := next(fitting, None)) is not None:
            yield _Match(piece.start(), piece.end(), at)


def _count(first: _Match, matches: Sequence[_Match], missing: set[int]) -> tuple[int, int]:
    end = first.start + STRETCH - _BEFORE
    words = {match.word for match in matches if first.start <= match.start and match.end <= end}
    return len(words & missing), len(words)


def _cut(text: str, language: str, first: _Match, matches: Sequence[_Match]) -> FoundText:
    start, end = 0, len(text)
    if len(text) > STRETCH:
        start = max(0, min(first.start - _BEFORE, len(text) - STRETCH))
        if start:
            sentence = text.rfind(". ", start, first.start)
            start = sentence + 2 if sentence >= 0 else text.find(" ", start - 1, first.start) + 1 or first.start
        if start + STRETCH < len(text):
            end = max(text.rfind(" ", first.end, start + STRETCH), first.end)
    before, behind = _CUT * (start > 0), _CUT * (end < len(text))
    shift = len(before) - start
    inside = (match for match in matches if start <= match.start and match.end <= end)
    marks = tuple((match.start + shift, match.end + shift) for match in inside)
    return FoundText(f"{before}{text[start:end]}{behind}", language, marks)


_Name = tuple[int, str, str, str]  # rank, language, text, and as it sounds
# The order in which names are shown: the label in the language, else in English; else another name.
_LIKING = """rank = ?, CASE language WHEN ? THEN 0 WHEN ? THEN 1 WHEN '' THEN 2 ELSE 3 END, rank NOT IN (?, ?),
    rank, language, text"""


@dataclass(frozen=True)
class Hit:
    """A thing as a search shows it; `also` is the other name by which it was found.

    `text` is its first; `passage` is where words stand that no name of it has.
    """

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
    passage: FoundText | None = None


@dataclass(frozen=True)
class HitGroup:
    """The things of one kind: how many, and some of them."""

    kind: str
    count: int
    things: tuple[Hit, ...]


@dataclass(frozen=True)
class Suggestion:
    """A question that answers what was typed, with the IRIs, days or years to put into it, and the names of these things."""

    question: str
    values: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Results:
    """Groups by kind, the likeliest first; the questions that fit; and how the search was understood."""

    groups: tuple[HitGroup, ...] = ()
    best: tuple[Hit, ...] = ()  # a page of all kinds, or of the kind that was chosen, in one list
    questions: tuple[Suggestion, ...] = ()
    spelt: str = ""  # what was looked for in the place of words that stand nowhere
    is_partial: bool = False  # nothing has all the words; these have some
    is_question: bool = False  # a question fits better than any thing
    is_case: bool = False  # a case was looked for by the name of a party

    @property
    def count(self) -> int:
        """How many things there are."""
        return sum(group.count for group in self.groups)


def describe(things: Iterable[int], typed: TypedQuery, language: str) -> dict[int, Hit]:
    """Describe things by their numbers, in a language as far as they have a name in it."""
    marks, names, texts = listed(things), defaultdict(list), defaultdict(list)
    query = f"SELECT * FROM name WHERE thing IN ({marks}) ORDER BY thing, {_LIKING}"
    for thing, *name in typed.lexicon.rows(query, (FOR_FINDING, language, DEFAULT, LABEL, TRANSLATED)):
        names[thing].append(tuple(name))
    query = f"SELECT thing, language, text FROM text WHERE thing IN ({marks}) ORDER BY thing, place"
    for thing, *text in typed.lexicon.rows(query):
        texts[thing].append(tuple(text))
    wholes, words = {" ".join(typed.words), " ".join(typed.spelt)}, [*fulltext.terms(typed).values()]
    hits = {}
    query = f"SELECT id, iri, kind, date, until FROM thing WHERE id IN ({marks})"
    for thing, iri, kind, date, until in typed.lexicon.rows(query):
        _, spoken, shown, _ = names[thing][0]
        text_language, text = texts[thing][0] if texts[thing] else ("", "")
        other = _other(names[thing], shown, wholes)
        passage = choose_text(texts[thing], words, (sounding for *_, sounding in names[thing]))
        hits[thing] = Hit(iri, kind, shown, spoken, *other, text, text_language, date, until, passage)
    return hits


def respell(query: TypedQuery) -> str:
    """Write the words that were looked for in the place of others, as names write them."""
    rows = """SELECT name.text FROM words JOIN name ON name.thing = words.rowid
        WHERE words MATCH ? ORDER BY words.rowid, name.rank LIMIT 60"""
    respelt = []
    for form in (form for word, form in zip(query.words, query.spelt, strict=True) if word != form):
        names = query.lexicon.rows(rows, (f'names : "{form}"',))
        parts = [part for (name,) in names for part in name.split() if sound(part) == [form]]
        parts.sort(key=lambda part: part.isascii() is not query.text.isascii())
        respelt += [part.strip("()[],.;:“”\"'") for part in parts[:1]]
    return " ".join(respelt)


def _other(names: Sequence[_Name], shown: str, typed: Collection[str]) -> tuple[str, str]:
    """Choose another name that has the words that were typed, where the one that is shown does not have them."""
    if not any(words in sounds(shown) for words in typed):
        for rank, language, text, spoken in sorted(names):
            if rank != FOR_FINDING and text != shown and any(words in spoken for words in typed):
                return text, language
    return "", ""

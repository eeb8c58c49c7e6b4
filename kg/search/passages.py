"""The stretch of a text in which words of a search stand, with the places of these words in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kg.search.folding import fold
from kg.search.matching import Wanted

LONGEST = 220  # characters of a stretch
_BEFORE = 60  # characters at most before its first word that was asked
_CUT = "…"
# A word as it is written; an apostrophe within it is part of it, as folding has it.
_PIECE = re.compile(r"[^\W_]+(?:['’‘ʼʻ`´ʹ][^\W_]+)*")


@dataclass(frozen=True)
class FoundText:
    """A stretch of a text, its language, and where in it, in characters from 0, the words begin and end that were asked."""

    text: str
    language: str
    marks: Sequence[Sequence[int]]

    @property
    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Divide the stretch into pieces, each of which was asked or was not."""
        at = 0
        for start, end in self.marks:
            yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        yield self.text[at:], False


class _Place(NamedTuple):
    """Where in a text a word stands, and which of the words that were asked it is."""

    start: int
    end: int
    word: int


def choose(texts: Iterable[tuple[str, str]], wanted: Sequence[Wanted], names: Iterable[str]) -> FoundText | None:
    """Choose the stretch with most of the words that no name has, among texts as (language, text).

    None where the names, folded, have all the words, or no text has any of the others.
    """
    named = {word for name in names for word in name.split()}
    missing = frozenset(at for at, one in enumerate(wanted) if not any(map(one.fits, named)))
    best: tuple[int, int, FoundText] | None = None
    for language, text in texts if missing else ():
        places = [*_places(text, wanted)]
        if missing.isdisjoint(place.word for place in places):
            continue
        first, told = _densest(places, missing)
        if best is None or told > best[:2]:
            best = (*told, _cut(text, language, first, places))
    return best and best[2]


def _places(text: str, wanted: Sequence[Wanted]) -> Iterator[_Place]:
    for found in _PIECE.finditer(text):
        words = _fold(found[0])
        for at, one in enumerate(wanted):
            if any(map(one.fits, words)):
                yield _Place(found.start(), found.end(), at)
                break


def _densest(places: Sequence[_Place], missing: frozenset[int]) -> tuple[_Place, tuple[int, int]]:
    """Find the place from which on most of the words stand together, and how many: of those that are missing, and of all."""

    def told(first: _Place) -> tuple[int, int]:
        words = {one.word for one in places if first.start <= one.start and one.end <= first.start + LONGEST - _BEFORE}
        return len(words & missing), len(words)

    first = max(places, key=told)  # the first of those with most
    return first, told(first)


def _cut(text: str, language: str, first: _Place, places: Sequence[_Place]) -> FoundText:
    """Cut a text around a place, between words; what is left out is shown by dots."""
    start, end = 0, len(text)
    if len(text) > LONGEST:
        start = max(0, min(first.start - _BEFORE, len(text) - LONGEST))
        if start:
            sentence = text.rfind(". ", start, first.start)
            start = sentence + 2 if sentence >= 0 else text.find(" ", start - 1, first.start) + 1 or first.start
        if start + LONGEST < len(text):
            end = max(text.rfind(" ", first.end, start + LONGEST), first.end)
    before, behind = _CUT * (start > 0), _CUT * (end < len(text))
    shift = len(before) - start
    inside = (place for place in places if start <= place.start and place.end <= end)
    marks = tuple((place.start + shift, place.end + shift) for place in inside)
    return FoundText(f"{before}{text[start:end]}{behind}", language, marks)


@lru_cache(65536)
def _fold(piece: str) -> tuple[str, ...]:
    return tuple(fold(piece))

"""The stretch of a text in which words of a search stand, with the places of these words in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from kg.names import sound
from kg.search.fulltext import SearchWord

LONGEST = 220  # characters of a stretch
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


def choose(texts: Iterable[tuple[str, str]], words: Sequence[SearchWord], names: Iterable[str]) -> FoundText | None:
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
    end = first.start + LONGEST - _BEFORE
    words = {match.word for match in matches if first.start <= match.start and match.end <= end}
    return len(words & missing), len(words)


def _cut(text: str, language: str, first: _Match, matches: Sequence[_Match]) -> FoundText:
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
    inside = (match for match in matches if start <= match.start and match.end <= end)
    marks = tuple((match.start + shift, match.end + shift) for match in inside)
    return FoundText(f"{before}{text[start:end]}{behind}", language, marks)

"""What was asked as queries for FTS5: first with all the words, then with less."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from kg.search.folding import STOP, join
from kg.search.understanding import Understanding

_LEAST_BEGINNING = 4  # letters of a word that stands for all words that begin with it


class Wanted(NamedTuple):
    """A word that was asked: the folded words to look for, and whether words that begin with one of them are found too."""

    forms: tuple[str, ...]
    is_beginning: bool

    def fits(self, word: str) -> bool:
        """Say whether a folded word is one of those to look for."""
        return word in self.forms or (self.is_beginning and word.startswith(self.forms))


def wanted(said: Understanding) -> list[Wanted]:
    """List the words that were asked, without those that tell little."""
    words = zip(said.words, said.forms, strict=True)
    last = len(said.words) - 1
    return [
        Wanted(forms, _is_beginning(forms[0], is_last=at == last))
        for at, (word, forms) in enumerate(words)
        if word not in STOP
    ]


def queries(said: Understanding) -> list[str]:
    """Write queries that ask less and less: figures together as they were written, apart, what was named, and any of the words."""
    together, apart = _units(said)
    found = [" AND ".join(together), " AND ".join(apart)]
    if len(apart) > 1:
        named = [_phrase(_telling(said.words[one.start : one.end])) for one in said.entities]
        spelt = [_phrase(_telling(said.spelt[one.start : one.end])) for one in said.entities]
        found += [" AND ".join(map(_either, zip(named, spelt, strict=True)))] if named else []
        words = zip(said.words, said.forms, strict=True)
        found.append(" OR ".join(_phrase([form]) for word, forms in words if word not in STOP for form in forms))
    return [query for query in dict.fromkeys(found) if query]


def _units(said: Understanding) -> tuple[list[str], list[str]]:
    """Divide what was asked into names, figures that were written together and single words."""
    entities = {one.start: one.end for one in said.entities}
    figures = _figures(said)
    together: list[str] = []
    apart: list[str] = []
    at = 0
    while at < len(said.words):
        end = figures.get(at) or entities.get(at) or at + 1
        words, spelt = _telling(said.words[at:end]), _telling(said.spelt[at:end])
        if not words:
            pass
        elif at in figures:
            together.append(_phrase(words))
            apart += [_phrase([word]) for word in words]
        elif at in entities:
            together.append(_either([_phrase(words), _phrase(spelt)]))
            apart.append(together[-1])
        else:
            is_last = end == len(said.words)
            together.append(_either([_word(form, is_last=is_last) for form in said.forms[at]]))
            apart.append(together[-1])
        at = end
    return together, apart


def _figures(said: Understanding) -> dict[int, int]:
    """Map where a word with figures in it begins to where it ends: a symbol, or a number with its parts."""
    found = {}
    for _, places in groupby(range(len(said.words)), key=said.chunks.__getitem__):
        inside = [*places]
        has_figures = any(said.words[at].isdigit() for at in inside)
        if len(inside) > 1 and has_figures and inside[0] not in said.article_words:
            found[inside[0]] = inside[-1] + 1
    return found


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in STOP]


def _phrase(words: Sequence[str]) -> str:
    return f'"{join(words)}"'


def _either(parts: Sequence[str]) -> str:
    parts = [*dict.fromkeys(parts)]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _word(word: str, *, is_last: bool) -> str:
    """Write one word, and the words that begin with it, where it is long or may not be typed to its end."""
    return f'"{word}"*' if _is_beginning(word, is_last=is_last) else f'"{word}"'


def _is_beginning(word: str, *, is_last: bool) -> bool:
    return not word.isdigit() and (len(word) >= _LEAST_BEGINNING or is_last and len(word) > 1)

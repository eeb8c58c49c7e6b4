"""What was typed as queries for FTS5: first with all the words, then with less."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from kg.search.query import Entity, TypedQuery

_LEAST_BEGINNING, _LEAST_LAST = 4, 2  # letters of a word that stands for all words that begin with it; of the last one
_CLAIM = 6  # telling words of a sentence, of which things share some


class SearchWord(NamedTuple):
    """A word of a search: the words to look for, and whether words that begin with one of them fit too."""

    forms: tuple[str, ...]
    is_beginning: bool

    def fits(self, word: str) -> bool:
        """Say whether a word, as it sounds, is one of those to look for."""
        return word in self.forms or (self.is_beginning and word.startswith(self.forms))

    def write(self) -> str:
        """Write the word for FTS5."""
        star = "*" if self.is_beginning else ""
        return either(f'"{form}"{star}' for form in self.forms)


def terms(query: TypedQuery) -> dict[int, SearchWord]:
    """Map the place of each word that is not empty to how it is looked for."""
    least = {len(query.words) - 1: _LEAST_LAST}
    return {
        at: SearchWord(forms, not forms[0].isdigit() and len(forms[0]) >= least.get(at, _LEAST_BEGINNING))
        for at, forms in query.telling.items()
    }


def is_claim(query: TypedQuery) -> bool:
    """Say whether a whole sentence was typed, such as a claim that somebody checks."""
    return len(query.telling) >= _CLAIM


def expressions(query: TypedQuery) -> list[str]:
    """Write expressions that ask less and less: figures together as they were typed, apart, without the commonest words, and any of the words."""
    words, figures = terms(query), _figures(query)
    named = {entity.places.start: _name(query, entity) for entity in query.entities}
    ends = {entity.places.start: entity.places.stop for entity in query.entities} | figures
    together, apart, at = list[str](), list[str](), 0
    while at < len(query.words):
        end = ends.get(at, at + 1)
        inside = [place for place in range(at, end) if place in words]
        if at in figures and inside:
            together.append(phrase(query.words[place] for place in inside))
            apart += [phrase([query.words[place]]) for place in inside]
        elif inside:
            together.append(named.get(at) or words[at].write())
            apart.append(together[-1])
        at = end
    # Then without one word after the other, the commonest first: the rarest tells most. What all the names together call is found
    # beside it, but for one country alone, which has too much.
    rare = sorted(dict.fromkeys(apart), key=lambda part: query.lexicon.count_matches(part) or math.inf)
    whole = " AND ".join(filter(None, named.values())) if len(named) > 1 or not query.is_of_country else ""
    fewer = (" AND ".join(part for part in apart if part in rare[:size]) for size in range(len(rare) - 1, 0, -1))
    least = [f"({each}) OR ({whole})" if whole else each for each in fewer if not is_claim(query)]
    least.append(either(phrase([form]) for word in words.values() for form in word.forms))
    written = [" AND ".join(together), " AND ".join(apart), *(least if len(apart) > 1 else ())]
    return [expression for expression in dict.fromkeys(written) if expression]


def phrase(words: Iterable[str]) -> str:
    """Write words that stand together."""
    return f'"{" ".join(words)}"'


def either(parts: Iterable[str]) -> str:
    """Write that one of several parts is enough."""
    parts = [*dict.fromkeys(parts)]
    return f"({' OR '.join(parts)})" if len(parts) > 1 else "".join(parts)


def every(words: str) -> str:
    """Write that each of some words has to be there."""
    return " AND ".join(f'"{word}"' for word in words.split())


def _name(query: TypedQuery, entity: Entity) -> str:
    places = [at for at in entity.places if at in query.telling]
    return either(phrase(words[at] for at in places) for words in (query.words, query.spelt)) if places else ""


def _figures(query: TypedQuery) -> dict[int, int]:
    """Map where a piece with figures in it begins to where it ends: a symbol, or a number with its parts."""
    figures = {}
    for _, places in groupby(range(len(query.words)), key=query.chunks.__getitem__):
        inside: Sequence[int] = [*places]
        has_figures = any(query.words[at].isdigit() for at in inside)
        if len(inside) > 1 and has_figures and inside[0] not in query.article.words:
            figures[inside[0]] = inside[-1] + 1
    return figures

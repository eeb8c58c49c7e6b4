"""What shares words with what a model looks for."""

from collections import Counter
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import TypeVar

from kg.names import sound

STEM = 6  # letters of a word that are compared
T = TypeVar("T")


def having(words: AbstractSet[str], items: Iterable[T], sounds_of: Callable[[T], AbstractSet[str]]) -> list[T]:
    """List the items that have at least a third of some words, those first that have most of them; a rare word tells more."""
    shared = [(words & sounds_of(item), item) for item in items]
    numbers = Counter(word for some, _ in shared for word in some)
    weighed = [(sum(1 / numbers[word] for word in some), item) for some, item in shared if 3 * len(some) >= len(words)]
    return [item for weight, item in sorted(weighed, key=lambda pair: -pair[0]) if weight]


def stems(text: str, is_empty: Callable[[str], bool] = lambda word: False) -> AbstractSet[str]:
    """List how the words of a text begin, as they sound, without empty ones."""
    return {word[:STEM] for word in sound(text) if not is_empty(word)}

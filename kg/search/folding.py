"""Words as the search compares them: of any script in Latin letters, and spelt alike where people spell the same sound differently.

`janaozen`, `Zhanaozen`, `Жанаозен` and `Жаңаөзен` are one word. The index and what is asked are folded in the same way, so a
rule here need not be right in every language: it must only not make different names alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from anyascii import anyascii

# Letters of Kazakh, Russian and their neighbours, where anyascii writes another sound than people do, or several letters for one.
_LETTERS = {
    **str.maketrans("жžҗхһғğқңñйыіıїёәəөұүў", "jjjhhggknniiiiieaaouuu"),
    **str.maketrans({"ш": "sh", "щ": "sh", "ş": "sh", "š": "sh", "č": "ch", "ц": "ts", "ю": "iu", "я": "ia"}),
    **str.maketrans(dict.fromkeys("ъь'’‘ʼʻ`´ʹ", "")),  # Ust'-Kamenogorsk, O‘zbekiston
    ord("§"): " ",
}
# Spellings of one sound, in the order in which they are replaced. Others were tried, and are found as typos as well without a rule.
_SOUNDS = (
    ("zh", "j"),
    ("kh", "h"),
    ("gh", "g"),
    ("q", "k"),
    ("ies\\b", "i"),  # countries, country
    ("(?<=[a-z]{3})(?<!s)s\\b", ""),  # shootings, shooting
    ("y", "i"),
    ("i+", "i"),
)
_RULES = tuple((re.compile(pattern), by) for pattern, by in _SOUNDS)
_ROMAN = re.compile("[ivx]{2,}")  # articles that are numbered so
_WORD = re.compile(r"[a-z]+|[0-9]+")
_STOP = """a an the of in on at to for from by with and or as is are was were be been has have had do does did it its this that which
 who whom whose what when where why how much many not no any there i me my can
 в во на о об от до из с со у к ко за по и или а но не ли что кто где когда как сколько был была было были есть это
 мен пен бен және не ма ме ба бе па пе үшін туралы бойынша кім қайда қашан қандай қанша"""


class _Latin(dict[int, str]):
    """Each character in Latin letters: what it becomes does not depend on those beside it. Those in common use are looked up once."""

    def __missing__(self, code: int) -> str:
        latin = anyascii(chr(code))
        if code < _COMMON:
            self[code] = latin
        return latin


_COMMON = 0x10000
_LATIN = _Latin()


def fold(text: str) -> list[str]:
    """Divide a text into folded words; figures and letters that stand together are apart: `14(3)(g)` is 14, 3, g."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower()).translate(_LETTERS)
    return [_sound(word) for word in _WORD.findall((plain if plain.isascii() else plain.translate(_LATIN)).lower())]


def join(words: Sequence[str]) -> str:
    """Write folded words as one text, in which names are compared as a whole."""
    return " ".join(words)


@lru_cache(65536)
def _sound(word: str) -> str:
    if not (word.isdigit() or _ROMAN.fullmatch(word)):
        for rule, by in _RULES:
            word = rule.sub(by, word)
    return word


STOP = frozenset(fold(_STOP))  # words that tell little; the index is without them
# Those of them that say what is asked for, a place, a day, a number or a person: by them questions are told apart.
ASKING = frozenset(fold("where when many who где когда сколько кто қайда қашан қанша кім"))

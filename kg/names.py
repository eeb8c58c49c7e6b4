"""How names are compared, by their sound or letter by letter; and the names that were withdrawn.

`sound` serves people who look for a thing: a name in any script and spelling is one name. `fold` serves the removal of a name:
`Jan O'Morrow`, `jan-omorrow` and `JAN_O%27MORROW` are one, another spelling or script is another name, and `Morrow` does not stand
in `Morrowville`.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self
from urllib.parse import unquote

from anyascii import anyascii
from rapidfuzz import fuzz

from kg.errors import BadParameter

LONGEST = 300  # letters of a text that is compared with names: no name is as long
_LIKE = 60.0  # of 100: how like a name has to be that is offered
NAMES = "data/withdrawn-names.txt"  # hashes of the names that were withdrawn
KEY = ".withdrawal-key"  # the secret with which they are hashed; no part of the repository

# Letters of Kazakh, Russian and their neighbours, where anyascii writes another sound than people do, or several letters for one.
# The last ones are dropped: Ust'-Kamenogorsk, O‘zbekiston.
_SPELT = {
    **str.maketrans("жžҗхһғğқңñйыіıїёәəөұүў§", "jjjhhggknniiiiieaaouuu ", "ъь'’‘ʼʻ`´ʹ"),
    **dict.fromkeys(map(ord, "шщşš"), "sh"),
    **dict(zip(map(ord, "čцюя"), ("ch", "ts", "iu", "ia"), strict=True)),
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
_PLAIN_WORD = re.compile(r"[a-z]+|[0-9]+")
_COVERED = 0.88  # of its points has a name that holds all the words and more
_ALMOST = 98.0  # points at most of a name that is not the same

_HEAD = """# Names that were withdrawn: on which day, how many letters, and a hash made with the secret in .withdrawal-key.
# A build refuses a text that prints one of them. OPERATING.md says how.
"""
_LINE = re.compile(r"\d{4}-\d\d-\d\d (\d+) ([0-9a-f]{32})")
# In these scripts words are not set apart, or carry what other languages write as words of their own: each sign is a word.
_SIGN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_TOKEN = re.compile(
    r"(?P<other>\\[^uU])|(?P<word>(?:\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|(?:%[0-9A-Fa-f]{2})+|[^\W_]|[\u0300-\u036f])+)",
    re.DOTALL,
)
_PART = re.compile(rf"[{_SIGN}]|(?:(?![{_SIGN}])(?:[^\W_]|[\u0300-\u036f]))+")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}

Word = tuple[str, int, int]  # folded, and where it begins and ends in the text


def sound(text: str) -> list[str]:
    """Divide a text into words as they sound, in Latin letters; figures and letters are apart: `14(3)(g)` is 14, 3, g.

    `janaozen`, `Zhanaozen`, `Жанаозен` and `Жаңаөзен` are one word. A rule need not be right in every language: it must only not make
    different names alike.
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower()).translate(_SPELT)
    return [_sound(word) for word in _PLAIN_WORD.findall(anyascii(plain).lower())]


def sounds(text: str) -> str:
    """Write the words of a text as they sound, in which names are compared as a whole."""
    return " ".join(sound(text))


@lru_cache(65536)
def _sound(word: str) -> str:
    if not (word.isdigit() or _ROMAN.fullmatch(word)):
        for rule, by in _RULES:
            word = rule.sub(by, word)
    return word


def likeness(text: str, name: str, empty: frozenset[str] = frozenset()) -> float:
    """Score how alike two names are: 100 for the same words in any order, without those that are `empty`."""
    words, others = sorted_words(text, empty), sorted_words(name, empty)
    if words == others:
        return 100.0 if words else 0.0
    return round(min(_ALMOST, max(fuzz.ratio(words, others), _COVERED * fuzz.token_set_ratio(words, others))), 2)


def nearest(text: str, names: Iterable[str], count: int = 3) -> list[str]:
    """List the names that are most like a text, the likest first; among equals, in their order; none for a text longer than LONGEST."""
    scores = {name: likeness(text, name) for name in names} if len(text) <= LONGEST else {}
    return sorted((name for name in scores if scores[name] >= _LIKE), key=lambda name: -scores[name])[:count]


@lru_cache(65536)
def sorted_words(text: str, empty: frozenset[str] = frozenset()) -> str:
    """Write the words of a text as they sound, in alphabetical order; without empty ones, unless there are no others."""
    words = sound(text)
    return " ".join(sorted([word for word in words if word not in empty] or words))


def fold(name: str) -> str:
    """Reduce a name to its folded letters and digits."""
    return "".join(word for word, _, _ in words(name))


def check(name: str) -> str:
    """Fold a name that is to be withdrawn; raises BadParameter for one that would be found everywhere."""
    folded = fold(name)
    if len(folded) < (2 if re.search(f"[{_SIGN}]", folded) else 4):
        raise BadParameter("A name is too short to be looked for", where="--name", hint="Give it with another word")
    return folded


def words(text: str) -> Iterator[Word]:
    r"""Yield the words of a text; \uXXXX and %XX are read as the characters they stand for."""
    for match in _TOKEN.finditer(text):
        if (raw := match["word"]) is None:
            continue
        if "\\" in raw or "%" in raw:
            yield from ((_fold(part), match.start(), match.end()) for part in _PART.findall(_decode(raw)))
        else:
            yield from ((_fold(m[0]), match.start() + m.start(), match.start() + m.end()) for m in _PART.finditer(raw))


def find(text: str, folded: Collection[str]) -> list[tuple[int, int]]:
    """List where a text prints one of some folded names, from the first offset to the last; the longest where several begin."""
    letters = _letters(_decode(re.sub(r"\\[^uU]", " ", text)))
    if not any(map(letters.__contains__, _all_letters(frozenset(folded)))):  # true of most texts, and quick to see
        return []
    return _find(text, {*map(len, folded)}, frozenset(folded).__contains__)


@lru_cache
def _all_letters(folded: frozenset[str]) -> list[str]:
    return [*map(_letters, folded)]


def _letters(text: str) -> str:
    """Reduce a text to letters and digits without boundaries; whatever `words` folds alike must be alike here too."""
    return re.sub(r"[\W_\u0300-\u036f]+", "", unicodedata.normalize("NFD", _plain(text)))


def _plain(text: str) -> str:
    """Fold the case of a text, and write in plain letters those that have no marks to take off."""
    text = unicodedata.normalize("NFC", text.casefold())
    for letter, plain in _PLAIN.items():  # far quicker than to translate, since most texts have none of them
        text = text.replace(letter, plain)
    return text


def _find(text: str, lengths: Collection[int], is_wanted: Callable[[str], bool]) -> list[tuple[int, int]]:
    most, matches, listed = max(lengths, default=0), list[tuple[int, int]](), list(words(text))
    for number, (_, start, _) in enumerate(listed):
        if matches and start < matches[-1][1]:
            continue
        joined, longest = "", None
        for at in range(number, len(listed)):
            word, _, end = listed[at]
            joined += word
            if len(joined) > most:
                break
            if joined and len(joined) in lengths and is_wanted(joined):
                longest = end
        if longest is not None:
            matches.append((start, longest))
    return matches


def _decode(raw: str) -> str:
    def read(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else " "

    return unquote(_ESCAPE.sub(read, raw))


@lru_cache(65536)
def _fold(word: str) -> str:
    letters = (unicodedata.normalize("NFD", char) for char in _plain(word))
    plain = "".join(char[0] if char[0].isascii() else unicodedata.normalize("NFC", char) for char in letters)
    return "".join(char for char in plain if not "\u0300" <= char <= "\u036f")


@dataclass(frozen=True)
class Guard:
    """The names that were withdrawn from a project, as hashes by their length; without the key they are not recognised."""

    text: str = ""
    key: bytes | None = field(default=None, repr=False)

    @classmethod
    def read(cls, root: Path) -> Self:
        """Read the hashes of a project, and the key where it can be read."""
        path = root / NAMES
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        try:
            key = bytes.fromhex((root / KEY).read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            key = None
        return cls(text, key or None)

    @cached_property
    def hashes(self) -> dict[int, set[str]]:
        """The hashes by the length of their name."""
        hashes: dict[int, set[str]] = {}
        for match in _LINE.finditer(self.text):
            hashes.setdefault(int(match[1]), set()).add(match[2])
        return hashes

    def find(self, text: str) -> list[tuple[int, int]]:
        """List where a text prints a name that was withdrawn."""
        return _find(text, self.hashes, self.knows) if self.key else []

    def knows(self, folded: str) -> bool:
        """Say whether a folded name was withdrawn."""
        return self.key is not None and self._hash(folded) in self.hashes.get(len(folded), ())

    def add(self, folded: Iterable[str], day: str) -> Self:
        """Make the guard that knows these folded names too; it has a new key where there was neither a key nor a name."""
        if self.key is None and self.hashes:
            hint = f"Copy {KEY} here from the machine that made it, or withdraw with --no-guard"
            raise BadParameter("The names that were withdrawn before cannot be read", where=NAMES, hint=hint)
        keyed = replace(self, text=self.text or _HEAD, key=self.key or secrets.token_bytes(32))
        new = [name for name in dict.fromkeys(folded) if not keyed.knows(name)]
        lines = sorted(f"{day} {len(name)} {keyed._hash(name)}\n" for name in new)
        return replace(keyed, text=keyed.text + "".join(lines))

    def seal(self) -> str | None:
        """Hash the list of the names with the key; None where they cannot be looked for."""
        return self._hash(self.text) if self.key and self.hashes else None

    def write(self, root: Path) -> None:
        """Write the key, where there is none, and the hashes, where there are some, into the folder of a project."""
        if not self.text:
            return
        if self.key is not None and not (root / KEY).exists():
            (root / KEY).touch(mode=0o600)
            (root / KEY).write_text(self.key.hex() + "\n", encoding="ascii")
        (root / NAMES).parent.mkdir(exist_ok=True)
        (root / NAMES).write_text(self.text, encoding="utf-8")

    def _hash(self, folded: str) -> str:
        return hashlib.blake2b(folded.encode(), key=self.key or b"", digest_size=16).hexdigest()

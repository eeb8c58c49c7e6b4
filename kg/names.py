"""Names in texts: found whatever their case, accents and separators, in prose and in the keys of IRIs; and those that were withdrawn.

A name is its letters and digits alone, folded: `Jan O'Morrow`, `jan-omorrow` and `JAN_O%27MORROW` are one. It begins and ends where
words do, so `Morrow` does not stand in `Morrowville`. Another spelling, inflection or script is another name.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import unquote

from kg.errors import BadParameter

NAMES = "data/withdrawn-names.txt"  # hashes of the names that were withdrawn
KEY = ".withdrawal-key"  # the secret with which they are hashed; no part of the repository
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
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})

Word = tuple[str, int, int]  # folded, and where it begins and ends in the text


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
        if raw.isascii() and "\\" not in raw and "%" not in raw:
            yield raw.lower(), match.start(), match.end()
            continue
        if "\\" in raw or "%" in raw:
            parts = [(part, match.start(), match.end()) for part in _PART.findall(_decode(raw))]
        else:
            parts = [(m[0], match.start() + m.start(), match.start() + m.end()) for m in _PART.finditer(raw)]
        yield from ((_fold(part), start, end) for part, start, end in parts)


def find(text: str, folded: Collection[str]) -> list[tuple[int, int]]:
    """List where a text prints one of some folded names, from the first offset to the last; the longest where several begin."""
    wanted, letters = _prepare(frozenset(folded))
    told = _decode(re.sub(r"\\[^uU]", " ", text)) if "%" in text or "\\" in text else text
    told = _squeeze(told)  # most texts hold none of the letters, which is quick to see
    return _find(text, wanted, str) if any(name in told for name in letters) else []


@lru_cache(16)
def _prepare(folded: frozenset[str]) -> tuple[dict[int, set[str]], frozenset[str]]:
    """Sort folded names by their length, and reduce them to letters as `_squeeze` does."""
    wanted: dict[int, set[str]] = {}
    for name in folded:
        wanted.setdefault(len(name), set()).add(name)
    return wanted, frozenset(map(_squeeze, folded))


def _squeeze(text: str) -> str:
    """Reduce a text to letters and digits without boundaries; what `words` folds alike is alike here too."""
    plain = unicodedata.normalize("NFC", text.casefold()).translate(_PLAIN)
    plain = plain if plain.isascii() else unicodedata.normalize("NFD", plain)
    return re.sub(r"[\W_\u0300-\u036f]+", "", plain)


def _find(text: str, wanted: dict[int, set[str]], seen_as: Callable[[str], str]) -> list[tuple[int, int]]:
    if not wanted:
        return []
    most, found, listed = max(wanted), [], list(words(text))
    for number, (word, start, _) in enumerate(listed):
        if found and start < found[-1][1]:
            continue
        joined, at, ends = word, number, None
        while len(joined) <= most:
            if joined and len(joined) in wanted and seen_as(joined) in wanted[len(joined)]:
                ends = listed[at][2]
            at += 1
            if at == len(listed):
                break
            joined += listed[at][0]
        if ends is not None:
            found.append((start, ends))
    return found


def _decode(raw: str) -> str:
    def read(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else " "

    return unquote(_ESCAPE.sub(read, raw))


@lru_cache(65536)
def _fold(word: str) -> str:
    text = unicodedata.normalize("NFC", word.casefold()).translate(_PLAIN)
    letters = (unicodedata.normalize("NFD", char) for char in text)
    plain = "".join(one[0] if one[0].isascii() else unicodedata.normalize("NFC", one) for one in letters)
    return "".join(char for char in plain if not "\u0300" <= char <= "\u036f")


@dataclass(frozen=True)
class Guard:
    """The names that were withdrawn from a project, as hashes by their length; without the key they are not recognised."""

    root: Path
    text: str = ""
    key: bytes | None = field(default=None, repr=False)

    @classmethod
    def read(cls, root: Path) -> Guard:
        """Read the hashes of a project, and the key where it can be read."""
        path = root / NAMES
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        try:
            key = bytes.fromhex((root / KEY).read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            key = None
        return cls(root, text, key or None)

    @cached_property
    def hashes(self) -> dict[int, set[str]]:
        """The hashes by the length of their name."""
        found: dict[int, set[str]] = {}
        for match in _LINE.finditer(self.text):
            found.setdefault(int(match[1]), set()).add(match[2])
        return found

    def find(self, text: str) -> list[tuple[int, int]]:
        """List where a text prints a name that was withdrawn."""
        return _find(text, self.hashes, self._hash) if self.key else []

    def knows(self, folded: str) -> bool:
        """Say whether a folded name was withdrawn."""
        return self.key is not None and self._hash(folded) in self.hashes.get(len(folded), ())

    def add(self, folded: Iterable[str], day: str) -> Guard:
        """Make the guard that knows these folded names too; it has a new key where there was neither a key nor a name."""
        if self.key is None and self.hashes:
            hint = f"Copy {KEY} here from the machine that made it, or withdraw with --no-guard"
            raise BadParameter("The names that were withdrawn before cannot be read", where=NAMES, hint=hint)
        made = Guard(self.root, self.text or _HEAD, self.key or secrets.token_bytes(32))
        new = [name for name in dict.fromkeys(folded) if not made.knows(name)]
        lines = sorted(f"{day} {len(name)} {made._hash(name)}\n" for name in new)
        return Guard(self.root, made.text + "".join(lines), made.key)

    def seal(self, *how: str) -> str | None:
        """Hash the list of the names with the key, and with what says how they are looked for; None where they cannot be."""
        return self._hash("\n".join([self.text, *how])) if self.key and self.hashes else None

    def write(self, root: Path) -> None:
        """Write the key, where there is none, and the hashes into the folder of a project."""
        if self.key is not None and not (root / KEY).exists():
            (root / KEY).touch(mode=0o600)
            (root / KEY).write_text(self.key.hex() + "\n", encoding="ascii")
        (root / NAMES).parent.mkdir(exist_ok=True)
        (root / NAMES).write_text(self.text, encoding="utf-8")

    def _hash(self, folded: str) -> str:
        return hashlib.blake2b(folded.encode(), key=self.key or b"", digest_size=16).hexdigest()

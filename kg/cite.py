"""Citations against the cited text: normalise it, fix a passage in it, check passages still stand where they should.

Promises to find a cited passage only if its exact text is there. Never stores a document's text and never repairs it.

The normalisation, so that anybody can repeat it: Unicode NFC; a line break (with the white space around it) right
after a hyphen is dropped, so that a compound broken at the line end is whole again; every other run of white space,
page breaks included, becomes one space; the ends are trimmed. Offsets count Unicode code points of that text from 0;
hashes are SHA-256 over its UTF-8.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_BROKEN_COMPOUND = re.compile(r"(?<=\S-)[^\S\n\f]*[\n\f]\s*")
_WHITE_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage as the graph fixes it: its IRI, offsets in the normalised text, and the hash of that stretch."""

    passage: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a citation in a text: `found`, `moved` (with the new start offset) or `missing`."""

    citation: Citation
    state: str
    start: int | None


def normalise(text: str) -> str:
    """Return the normalised form of a text, as the module describes it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _WHITE_SPACE.sub(" ", _BROKEN_COMPOUND.sub("", text)).strip()


def sha256(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def fix(text: str, opening: str, closing: str, passage: str) -> Citation:
    """Fix the passage that starts with `opening` and ends with the next `closing` in a document's raw text.

    Raises ValueError when the opening words do not stand exactly once, or the closing words do not follow them.
    """
    whole, first, last = normalise(text), normalise(opening), normalise(closing)
    if (found := whole.count(first)) != 1:
        raise ValueError(f"the opening words {opening!r} stand {found} times in the text; give words that stand once")
    start = whole.index(first)
    if (end := whole.find(last, start)) < 0:
        raise ValueError(f"the closing words {closing!r} do not follow the opening words")
    end += len(last)
    return Citation(passage, start, end, sha256(whole[start:end]))


def check(text: str, citations: Iterable[Citation]) -> list[Verdict]:
    """Look for each citation in a document's raw text, first at its offsets, then anywhere."""
    whole = normalise(text)
    return [_look(whole, citation) for citation in citations]


def _look(whole: str, citation: Citation) -> Verdict:
    if sha256(whole[citation.start : citation.end]) == citation.sha256:
        return Verdict(citation, "found", citation.start)
    length = citation.end - citation.start
    for start in range(len(whole) - length + 1):
        if sha256(whole[start : start + length]) == citation.sha256:
            return Verdict(citation, "moved", start)
    return Verdict(citation, "missing", None)

"""What is wrong with a text that does not parse as a query: the place, a sentence, and how to mend it.

A parser that seeks keywords by reading ahead reports how far it has looked, not where it stands. So the text is parsed again
with wide gaps between its tokens, in which such a look ahead ends before the next token.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kg.errors import QuerySyntaxError
from kg.sparql.tokens import PAIRS, Token, locate, read_prologue, scan
from kg.wording import say

_SEPARATORS = frozenset("{}()[],;.")
_GAP = 24  # longer than any keyword
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")


class Complaint(NamedTuple):
    """What a parser says of a text: the line and column it had come to, or what is wrong (message and hint) without a place."""

    place: tuple[int, int] | None = None
    meaning: tuple[str, str] | None = None


def explain(text: str, parse: Callable[[str], Complaint | None], base: str = "") -> QuerySyntaxError:
    """Make the error for a text that does not parse.

    `parse` gives the parser's complaint about a text, None when it has none; relative IRIs are resolved with `base`.
    """
    tokens = list(scan(text))
    wide, places = _widen(tokens)
    complaint, found = parse(text), parse(wide)
    culprit = None
    if found is not None and found.place is not None:
        line, column = found.place
        offset = sum(len(above) + 1 for above in wide.split("\n")[: line - 1]) + column - 1
        index = bisect_right(places, offset) - 1
        is_end = index + 1 == len(tokens) and offset >= len(wide)
        culprit = None if index < 0 or is_end else tokens[index]  # nothing when something is missing at the end
    message, hint, place = _diagnose(tokens, culprit, complaint and complaint.meaning, base)
    line, column = locate(text, len(text.rstrip()) if place is None else place)
    return QuerySyntaxError(message, hint=hint, line=line, column=column)


def _widen(tokens: Sequence[Token]) -> tuple[str, list[int]]:
    """Write the tokens with gaps between them; give the text and the offset of each token in it."""
    parts, places, length = [], [], 0
    for index, token in enumerate(tokens):
        places.append(length)
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        gap = " " * _GAP if after is None or _may_part(token, after) else ""
        parts.append(token.text + gap)
        length += len(token.text) + len(gap)
    return "".join(parts), places


def _may_part(token: Token, after: Token) -> bool:
    if after.kind == "language" or "^" in (token.text, after.text):
        return False
    if token.kind == "mark" and token.text not in _SEPARATORS:
        return after.kind not in ("mark", "number") or after.text in _SEPARATORS
    return after.kind != "mark" or token.kind != "mark" or after.text in _SEPARATORS or token.text in _SEPARATORS


def _diagnose(
    tokens: Sequence[Token], culprit: Token | None, meaning: tuple[str, str] | None, base: str
) -> tuple[str, str, int | None]:
    """Say what is wrong, what to do, and at which offset (None: at the end)."""
    start, base, prefixes = read_prologue(tokens, base)
    limit = culprit.start if culprit else len(tokens) and tokens[-1].start
    for token in tokens[start:]:
        prefix = token.text.partition(":")[0]
        if token.start <= limit and token.kind == "name" and prefix != "_" and prefix not in prefixes:
            return (
                say("The prefix %(prefix)s: is not declared", prefix=prefix),
                say("Add PREFIX %(prefix)s: <IRI> at the top", prefix=prefix),
                token.start,
            )
        if token.start <= limit and token.kind == "iri" and not base and not _ABSOLUTE.match(token.text):
            return (
                say("%(token)s is not an absolute IRI", token=token.text),
                say("Write it in full, from https:// on"),
                token.start,
            )
    if meaning is not None:
        return *meaning, None
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "mark" and token.text in PAIRS:
            opened.append(token)
        elif token.kind == "mark" and token.text in PAIRS.values():
            if not opened or PAIRS[opened.pop().text] != token.text:
                return (
                    say("This %(token)s closes nothing", token=token.text),
                    say("Take it out or open it before"),
                    token.start,
                )
        elif token.kind == "mark" and token.text in "\"'":
            return say("The text that begins here has no end"), say("Close it with the same quote"), token.start
        if culprit is not None and token.start >= culprit.start:
            break
    if culprit is None and opened:
        return (
            say("The %(opened)s here is never closed", opened=opened[-1].text),
            say("Add %(pairs)s", pairs=PAIRS[opened[-1].text]),
            opened[-1].start,
        )
    if culprit is None:
        return (
            say("Something is missing at the end or bound twice"),
            say("Look at the last clause and at every AS"),
            None,
        )
    shown = culprit.text if len(culprit.text) <= 30 else culprit.text[:29] + "…"
    return (
        say("%(shown)s is not expected here", shown=f"{shown!r}"),
        say("Look for what is missing or misspelt just before it"),
        culprit.start,
    )

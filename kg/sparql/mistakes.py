"""What is wrong with a text that does not parse as a query: the place, a sentence, and how to mend it.

A parser that seeks keywords by reading ahead reports how far it has looked, not where it stands. So it parses the text with its
white space widened, in which such a look ahead ends before the next token.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from kg import terms
from kg.errors import QuerySyntaxError
from kg.sparql.tokens import PAIRS, SPACE, Token, locate, read_prologue, resolve, scan
from kg.wording import say

_GAP = " " * 24  # longer than any keyword
_SEPARATORS = frozenset("{}()[],;.")
# Prefixes that people are used to, beside those of terms.PREFIXES: of vocabularies that are used here, and of Wikidata.
_USUAL = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
}

# What a parser reports of a text: the line and column it had come to, or what is wrong (message and hint) without a place.
ParserMessage = tuple[tuple[int, int] | None, tuple[str, str] | None]
Mistake = tuple[str, str, int | None]  # what is wrong, what to do, and at which offset (None: at the end)


def explain(text: str, parse: Callable[[str], ParserMessage], base: str = "") -> QuerySyntaxError:
    """Make the error for a text that does not parse; `parse` gives the parser's message about a text of the same tokens."""
    tokens = list(scan(text))
    wide, starts = _widen(text)
    place, meaning = parse(wide)
    culprit = None  # nothing when something is missing at the end
    if place is not None:
        line, column = place
        offset = sum(len(above) + 1 for above in wide.split("\n")[: line - 1]) + column - 1
        index = bisect_right(starts, offset) - 1
        is_end = index + 1 == len(tokens) and offset >= len(wide)
        culprit = None if index < 0 or is_end else tokens[index]
    read = tokens if culprit is None else tokens[: index + 1]
    message, hint, start = (
        _undeclared(read, base)
        or (meaning and (*meaning, None))
        or _unbalanced(read, is_whole=culprit is None)
        or _unexpected(culprit)
    )
    line, column = locate(text, len(text.rstrip()) if start is None else start)
    return QuerySyntaxError(message, hint=hint, line=line, column=column)


def _widen(text: str) -> tuple[str, list[int]]:
    """Write a text with wide gaps for its white space and around its separators; return it with the offset of each token in it."""
    wide, starts = "", []
    for token in scan(text, with_space=True):
        if token.kind in SPACE:
            wide += _GAP
            continue
        gap = _GAP if token.text in _SEPARATORS else ""
        wide += gap
        starts.append(len(wide))
        wide += token.text + gap
    return wide + _GAP, starts


def _undeclared(tokens: Sequence[Token], base: str) -> Mistake | None:
    start, base, prefixes = read_prologue(tokens, base)
    for token in tokens[start:]:
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix != "_" and prefix not in prefixes:
            message = say("The prefix %(prefix)s: is not declared", prefix=prefix)
            iri = terms.PREFIXES.get(prefix) or _USUAL.get(prefix, "IRI")
            return message, say("Add PREFIX %(prefix)s: <%(iri)s> at the top", prefix=prefix, iri=iri), token.start
        if token.kind == "iri" and ":" not in (resolve(token, base, prefixes) or ":"):
            message = say("%(token)s is not an absolute IRI", token=token.text)
            return message, say("Write it in full, from https:// on"), token.start
    return None


def _unbalanced(tokens: Sequence[Token], *, is_whole: bool) -> Mistake | None:
    opened: list[Token] = []
    for token in tokens:
        if token.turn > 0:
            opened.append(token)
        elif token.turn < 0 and (not opened or PAIRS[opened.pop().text] != token.text):
            message = say("This %(token)s closes nothing", token=token.text)
            return message, say("Take it out or open it before"), token.start
        elif token.kind == "mark" and token.text in "\"'":
            return say("The text that begins here has no end"), say("Close it with the same quote"), token.start
    if not (is_whole and opened):
        return None
    last = opened[-1]
    message = say("The %(opened)s here is never closed", opened=last.text)
    return message, say("Add %(pairs)s", pairs=PAIRS[last.text]), last.start


def _unexpected(culprit: Token | None) -> Mistake:
    if culprit is None:
        message = say("Something is missing at the end or bound twice")
        return message, say("Look at the last clause and at every AS"), None
    shown = culprit.text if len(culprit.text) <= 30 else culprit.text[:29] + "…"
    message = say("%(shown)s is not expected here", shown=f"{shown!r}")
    return message, say("Look for what is missing or misspelt just before it"), culprit.start

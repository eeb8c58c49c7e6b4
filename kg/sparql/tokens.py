"""The tokens of a query's text, and its outline read from them: its form, its dataset, where its pattern is.

Text that is not SPARQL has tokens too; a parser rejects it later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urljoin

from kg import terms

# What relative IRIs are relative to in a query from outside that names no base: the service's own address (SPARQL 1.1
# Protocol, 2.3).
BASE = terms.BASE + "sparql"

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}
PAIRS = {"{": "}", "(": ")", "[": "]"}
# A prefix may be 65 characters long: without a bound, a long run of letters and dots is read once for each of them.
_LOCAL_ESCAPE = r"\\[_~.\-!$&'()*+,;=/?#@%]"
_TOKEN = re.compile(
    rf"""
      (?P<space>   \s+ | \#[^\r\n]* )
    | (?P<iri>     <[^\s<>"{{}}|^`]*> )
    | (?P<string>  \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
                 | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
    | (?P<variable>[?$]\w+ )
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<name>    (?:[^\W\d_](?:[\w.\-]{{0,63}}[\w\-])?|_)?:(?:(?:[\w:.\-%]|{_LOCAL_ESCAPE})*(?:[\w:\-%]|{_LOCAL_ESCAPE}))? )
    | (?P<number>  \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
    | (?P<word>    [^\W\d]\w* )
    | (?P<mark>    \|\| | && | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_UNICODE_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")


class Token(NamedTuple):
    """A piece of a query: its kind (a group name of the pattern above), its text and its offset in code points."""

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The word in capitals when this is a bare word, else nothing."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def end(self) -> int:
        """The offset behind the token."""
        return self.start + len(self.text)


def scan(text: str) -> Iterator[Token]:
    """Yield the tokens of a query, without white space and comments."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match.group(), match.start())


def locate(text: str, offset: int) -> tuple[int, int]:
    """Turn an offset into a line and a column, both from 1, the column in code points."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def read_prologue(tokens: Sequence[Token], base: str) -> tuple[int, str, dict[str, str]]:
    """Read the declarations at the head of a query: the number of their tokens, the base and the prefixes."""
    prefixes, index = {}, 0
    while index < len(tokens):
        if tokens[index].keyword == "BASE" and index + 1 < len(tokens):
            base = resolve(tokens[index + 1], base, prefixes) or base
            index += 2
        elif tokens[index].keyword == "PREFIX" and index + 2 < len(tokens):
            iri = resolve(tokens[index + 2], base, prefixes)
            if iri is not None:
                prefixes[tokens[index + 1].text.removesuffix(":")] = iri
            index += 3
        elif tokens[index].keyword == "VERSION":
            index += 2
        else:
            break
    return index, base, prefixes


def resolve(token: Token, base: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the IRI that a token stands for; None where it stands for none."""
    if token.kind == "iri":
        iri = undo_escapes(token.text[1:-1])
        return urljoin(base, iri) if base else iri
    if token.kind == "name":
        prefix, _, local = token.text.partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
    return None


def undo_escapes(text: str) -> str:
    r"""Replace \uXXXX and \UXXXXXXXX by what they stand for (SPARQL 1.1, 19.2)."""
    return _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query's text says about itself: its form, the graphs of its FROM clauses, the offsets of its pattern's braces."""

    form: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    body: tuple[int, int] | None = None
    volatile: bool = False  # asked again, it may be answered otherwise: it calls one of VOLATILE


def read_outline(text: str, tokens: Sequence[Token] | None = None, base: str = "") -> Outline:
    """Read the form of a query, the IRIs of its FROM clauses and the extent of its outermost pattern."""
    tokens = list(scan(text)) if tokens is None else tokens
    start, base, prefixes = read_prologue(tokens, base)
    form = tokens[start].keyword if start < len(tokens) else ""
    default, named = [], []
    depth, index = 0, start
    while index < len(tokens):
        token = tokens[index]
        if token.text == "{" and depth == 0 and not (form == "CONSTRUCT" and index == start + 1):
            break
        depth += (token.text in PAIRS) - (token.text in ")]}") if token.kind == "mark" else 0
        if depth == 0 and token.keyword in ("FROM", "FROMNAMED") and index + 1 < len(tokens):
            is_named = token.keyword == "FROMNAMED" or tokens[index + 1].keyword == "NAMED"
            index += 1 + (token.keyword == "FROM" and is_named)
            iri = resolve(tokens[index], base, prefixes) if index < len(tokens) else None
            if iri is not None:
                (named if is_named else default).append(iri)
        index += 1
    body, depth = None, 0
    for token in tokens[index:]:
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth == 0:
            body = (tokens[index].start, token.start)
            break
    volatile = any(token.keyword in VOLATILE for token in tokens)
    return Outline(form, tuple(dict.fromkeys(default)), tuple(dict.fromkeys(named)), body, volatile)


def read_form(text: str) -> str:
    """Read the first word after the prologue, in capitals; quicker than the whole outline."""
    tokens = scan(text)
    for token in tokens:
        keyword = token.keyword
        if keyword not in ("BASE", "PREFIX", "VERSION"):
            return keyword
        for _ in range(2 if keyword == "PREFIX" else 1):
            next(tokens, None)
    return ""

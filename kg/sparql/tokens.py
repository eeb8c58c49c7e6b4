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
_IRI = r'<[^\s<>"{}|^`]*>'
# Possessive (++): once read, the inside of a text is not read again in another way.
_STRING = (
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""|"(?:[^"\\\r\n]++|\\.)*+"'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+'''|'(?:[^'\\\r\n]++|\\.)*+'"
)
_LANGUAGE = r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*"
_NAME = rf"(?:[^\W\d_](?:[\w.\-]{{0,63}}[\w\-])?|_)?:(?:(?:[\w:.\-%]|{_LOCAL_ESCAPE})*(?:[\w:\-%]|{_LOCAL_ESCAPE}))?"
_NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(
    rf"""
      (?P<space>   \s+ | \#[^\r\n]* )
    | (?P<iri>     {_IRI} )
    | (?P<string>  {_STRING} )
    | (?P<variable>[?$]\w+ )
    | (?P<language>{_LANGUAGE} )
    | (?P<name>    {_NAME} )
    | (?P<number>  {_NUMBER} )
    | (?P<word>    [^\W\d]\w* )
    | (?P<mark>    \|\| | && | . )
    """,
    re.VERBOSE | re.DOTALL,
)
# The constants that follow each other in the block of VALUES and between the commas of IN: what costs a parser nothing but time
# in step with its length.
_CONSTANT = (
    rf"(?:{_IRI}|(?:{_STRING})(?:{_LANGUAGE}|\^\^(?:{_IRI}|{_NAME}))?|{_NAME}|[+\-]?{_NUMBER}|(?i:TRUE|FALSE|UNDEF)\b)"
)
_ROWS = re.compile(rf"(?:\s++|\#[^\r\n]*+|[()]|{_CONSTANT})*+", re.DOTALL)
_MEMBERS = re.compile(rf"(?:\s*+{_CONSTANT}\s*+,)*+", re.DOTALL)
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


def skim(text: str) -> Iterator[Token]:
    """Yield the tokens of a query without the constants that its VALUES blocks and IN lists hold, which are read in one step."""
    position, before = 0, ["", ""]  # the keywords, or the kinds, of the last two tokens
    while position is not None:
        start, position = position, None
        for match in _TOKEN.finditer(text, start):
            kind = match.lastgroup
            if kind == "space":
                continue
            token = Token(kind, match.group(), match.start())
            yield token
            if kind == "mark" and token.text == "{" and before[0] == "VALUES":
                position = _ROWS.match(text, match.end()).end()
            elif kind == "mark" and token.text == "(" and before[1] == "IN":
                position = _MEMBERS.match(text, match.end()).end()
            # Between the word VALUES and its block stand variables and their brackets.
            head = before[0] if kind == "variable" or kind == "mark" and token.text in "()" else ""
            before = ["VALUES" if token.keyword == "VALUES" else head, token.keyword]
            if position is not None:
                break


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

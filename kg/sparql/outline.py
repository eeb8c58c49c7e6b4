"""The outline of a query, read without running it: its form, its dataset, where its pattern is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.sparql.tokens import PAIRS, Token, read_prologue, resolve, scan

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}


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
    volatile = any(token.keyword in VOLATILE for token in tokens)
    return Outline(
        form, tuple(dict.fromkeys(default)), tuple(dict.fromkeys(named)), _find_body(tokens, index), volatile
    )


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


def _find_body(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    depth = 0
    for token in tokens[index:]:
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth == 0:
            return tokens[index].start, token.start
    return None

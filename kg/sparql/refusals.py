"""What is refused before any engine sees it: updates, federation, and texts on which a recursive parser overflows its stack.

The check for federation gives a clean error early; what prevents it is kg.answer.worker, which can open no socket.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.config import Settings
from kg.errors import QueryRefused, QuerySyntaxError
from kg.sparql.tokens import BASE, PAIRS, VOLATILE, Outline, Token, locate, read_form, read_outline, scan

MAX_OPERATORS = 1000
MAX_CLAUSES = 200
# Clauses that each add a level to the algebra, however flat they look.
CLAUSES = {"OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "EXISTS", "GRAPH", "SELECT", "VALUES", "AS", "LATERAL"}
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")

_OPERATORS = frozenset(("||", "&&", "|", "/", "+", "-", "*", "!", "^"))
_SURROGATE = re.compile("[\ud800-\udfff]")
# Federation, a dataset, an update or a function that answers anew. Sought in the text in capitals: a search that ignores
# case is slower.
_NOT_PLAIN = re.compile("|".join(("SERVICE", "FROM", *UPDATES, *VOLATILE)))


def guard(text: str, *, max_bytes: int = Settings.max_query, max_depth: int = Settings.max_depth) -> Outline:
    """Read the outline of a text from outside, or raise QueryRefused with the place and a reason slug.

    A lone surrogate, which no engine could be sent, is a QuerySyntaxError.
    """
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise _refuse(f"The query has {size} bytes and may have {max_bytes}", "too-long", "Ask for less at a time")
    surrogate = None if text.isascii() else _SURROGATE.search(text)
    if surrogate:
        said, (line, column) = "Half of a surrogate pair is no character", locate(text, surrogate.start())
        raise QuerySyntaxError(said, hint="Send the query as UTF-8", line=line, column=column)
    if _is_plain(text, max_depth):
        return Outline(read_form(text))
    tokens = list(scan(text))
    _refuse_size(text, tokens, max_depth)
    refuse_federation(text, tokens)
    outline = read_outline(text, tokens, BASE)
    if outline.form in UPDATES:
        said = f"{outline.form} is an update, and this graph is read-only"
        raise _refuse(said, "update", "Ask with SELECT, ASK, CONSTRUCT or DESCRIBE")
    return outline


def refuse_federation(text: str, tokens: Sequence[Token] | None = None) -> None:
    """Raise QueryRefused when a SERVICE clause stands in a pattern.

    The engine needs no space after a keyword (`servicex:y {` is a SERVICE clause to it), so a word or prefix that contains
    the keyword counts when a pattern follows, unless it names the graph of a GRAPH clause.
    """
    tokens = list(scan(text)) if tokens is None else tokens
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth < 1 or token.kind not in ("word", "name") or index and tokens[index - 1].keyword == "GRAPH":
            continue
        if "SERVICE" in token.text.partition(":")[0].upper() and _opens_group(tokens, index):
            said, hint = (
                "SERVICE would ask another server, which is not done here",
                "Ask it yourself and join the answers",
            )
            raise _refuse(said, "service", hint, locate(text, token.start))


def refuse_fetching(text: str) -> None:
    """Raise QueryRefused when an update of ours would ask another server or load a document."""
    tokens = list(scan(text))
    refuse_federation(text, tokens)
    if any(token.keyword == "LOAD" for token in tokens):
        raise QueryRefused("LOAD would fetch a document, which is not done here", reason="update")


def _is_plain(text: str, max_depth: int) -> bool:
    """Say whether a text is too short, too flat and too plain for any rule of this module to apply to it."""
    return (
        len(text) < 2 * MAX_CLAUSES  # a clause has two letters at least
        and text.count("{") + text.count("(") + text.count("[") <= max_depth
        and _NOT_PLAIN.search(text.upper()) is None
    )


def _refuse_size(text: str, tokens: Sequence[Token], max_depth: int) -> None:
    depth = operators = clauses = 0
    for token in tokens:
        if token.kind == "mark":
            depth = max(depth + (token.text in PAIRS) - (token.text in PAIRS.values()), 0)
            operators += token.text in _OPERATORS
        elif token.kind == "iri":
            # What looks like an IRI may be a comparison (`?a<((?b))>?c`): its opening brackets count.
            depth += max(token.text.count("(") - token.text.count(")"), 0)
        clauses += token.keyword in CLAUSES
        if depth > max_depth:
            said = f"Brackets are nested more than {max_depth} deep"
            raise _refuse(said, "too-deep", "Flatten the pattern", locate(text, token.start))
        if operators > MAX_OPERATORS or clauses > MAX_CLAUSES:
            said = f"The query has more than {MAX_OPERATORS} operators or {MAX_CLAUSES} clauses"
            hint = "Use VALUES or IN instead of long chains"
            raise _refuse(said, "too-many-operators", hint, locate(text, token.start))


def _refuse(
    message: str, reason: str, hint: str, place: tuple[int, int] | tuple[None, None] = (None, None)
) -> QueryRefused:
    return QueryRefused(message, reason=reason, hint=hint, line=place[0], column=place[1])


def _opens_group(tokens: Sequence[Token], index: int) -> bool:
    """Say whether a brace follows, after SILENT and one term at most."""
    after = tokens[index + 1 : index + 4]
    after = after[1:] if after and after[0].keyword == "SILENT" else after
    after = after[1:] if after and after[0].kind in ("iri", "name", "variable") else after
    return bool(after) and after[0].text == "{"

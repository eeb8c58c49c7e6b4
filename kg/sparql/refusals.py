"""What is refused before any engine sees it: updates, federation, and texts that cost a parser too much.

A limit counts what makes a parser deep: brackets, operators, clauses, and tokens besides the constants of VALUES and IN. Time
and memory are limited where the query runs. The check for federation gives a clean error early; what prevents it is
kg.answer.worker, which can open no socket.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from kg.config import Settings
from kg.errors import QueryRefused, QuerySyntaxError
from kg.sparql.tokens import BASE, VOLATILE, Outline, Token, locate, read_form, read_outline, scan
from kg.wording import say

MAX_OPERATORS = 1000
MAX_CLAUSES = 200
MAX_TOKENS = 10_000
REMEMBERED = 128  # texts whose outlines are remembered: those of ours come again and again
LONGEST = 16_000  # characters of such a text
# Clauses that each add a level to the algebra, however flat they look.
CLAUSES = {"OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "EXISTS", "GRAPH", "SELECT", "VALUES", "AS", "LATERAL"}
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_CONSTANTS = ("iri", "name", "string", "number", "language")
_OPERATORS = frozenset(("||", "&&", "|", "/", "+", "-", "*", "!", "^"))
_SURROGATE = re.compile("[\ud800-\udfff]")
# Sought in a text in capitals: to ignore case is slower.
_NOT_PLAIN = re.compile("|".join(("SERVICE", "FROM", *UPDATES, *VOLATILE)))


def guard(text: str, *, max_bytes: int = Settings.max_query, max_depth: int = Settings.max_depth) -> Outline:
    """Read the outline of a text from outside, or raise QueryRefused with the place and a reason slug.

    A lone surrogate, which no engine could be sent, is a QuerySyntaxError.
    """
    read = _read_again if len(text) <= LONGEST else _read
    return read(text, max_bytes, max_depth)


def _read(text: str, max_bytes: int, max_depth: int) -> Outline:
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        message = say("The query has %(size)s bytes and may have %(max_bytes)s", size=size, max_bytes=max_bytes)
        hint = say("Ask in several queries, each with a part of the values")
        raise QueryRefused(message, reason="too-long", hint=hint)
    if surrogate := _SURROGATE.search(text):
        line, column = locate(text, surrogate.start())
        message, hint = say("Half of a surrogate pair is no character"), say("Send the query as UTF-8")
        raise QuerySyntaxError(message, hint=hint, line=line, column=column)
    if _is_plain(text, max_depth):
        return Outline(read_form(text))
    tokens = list(_limit(scan(text), text, max_depth))
    refuse_federation(text, tokens)
    outline = read_outline(text, tokens, BASE)
    if outline.form in UPDATES:
        message = say("%(form)s is an update and no query, and this graph is read-only", form=outline.form)
        hint = say("Ask with SELECT, ASK, CONSTRUCT or DESCRIBE")
        raise QueryRefused(message, reason="not-a-query", hint=hint)
    return outline


_read_again = lru_cache(REMEMBERED)(_read)


def refuse_federation(text: str, tokens: Sequence[Token] | None = None) -> None:
    """Raise QueryRefused when a SERVICE clause stands in a pattern.

    The engine needs no space after a keyword (`servicex:y {` is a SERVICE clause to it), so a word or prefix that contains
    the keyword counts when a group follows, unless it names the graph of a GRAPH clause.
    """
    if "SERVICE" not in text.upper():
        return
    tokens = list(scan(text)) if tokens is None else tokens
    depth, before = 0, ""
    for index, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}")  # an IRI may be a comparison, and hide round brackets
        is_service = token.kind in ("word", "name") and "SERVICE" in token.text.partition(":")[0].upper()
        if is_service and depth > 0 and before != "GRAPH" and _opens_group(tokens[index + 1 : index + 4]):
            message = say("SERVICE would ask another server, which is not done here")
            raise _refuse(text, token, "service", message, say("Ask it yourself and join the answers"))
        before = token.keyword


def _is_plain(text: str, max_depth: int) -> bool:
    """Whether a text is so short and flat that it is within all limits, and has no word that any rule here is about."""
    return (
        len(text) < 2 * MAX_CLAUSES  # a clause has two letters at least
        and text.count("{") + text.count("(") + text.count("[") + text.count("<<") <= max_depth
        and not _NOT_PLAIN.search(text.upper())
    )


def _limit(tokens: Iterable[Token], text: str, max_depth: int) -> Iterator[Token]:
    depth = operators = clauses = length = 0
    for token, is_listed in _mark_lists(tokens):
        depth = max(depth + token.turn, 0)
        if token.kind == "iri":  # it may be a comparison (`?a<((?b))>?c`): its opening brackets count
            depth += max(token.text.count("(") - token.text.count(")"), 0)
        operators += token.text in _OPERATORS and not is_listed
        clauses += token.keyword in CLAUSES
        length += not is_listed
        if depth > max_depth:
            message = say("Brackets are nested more than %(max_depth)s deep", max_depth=max_depth)
            raise _refuse(text, token, "too-deep", message, say("Flatten the pattern"))
        if operators > MAX_OPERATORS:
            message = say("The query has more than %(max_operators)s operators", max_operators=MAX_OPERATORS)
            raise _refuse(text, token, "too-many-operators", message, say("Use VALUES or IN instead of long chains"))
        if clauses > MAX_CLAUSES:
            message = say(
                "The query has more than %(max_clauses)s clauses, such as OPTIONAL, UNION and FILTER",
                max_clauses=MAX_CLAUSES,
            )
            hint = say("Put what differs by a value alone into VALUES, or ask in several queries")
            raise _refuse(text, token, "too-many-operators", message, hint)
        if length > MAX_TOKENS:
            message = say(
                "The query has more than %(max_tokens)s words and signs beside the values of VALUES and IN",
                max_tokens=MAX_TOKENS,
            )
            hint = say("Put long lists into VALUES, or ask in several queries")
            raise _refuse(text, token, "too-many-tokens", message, hint)
        yield token


def _mark_lists(tokens: Iterable[Token]) -> Iterator[tuple[Token, bool]]:
    """Yield each token and whether it stands in a VALUES block, or among the constants with which an IN list begins."""
    state, before = "", ""  # the keyword VALUES or IN, or the bracket of the list it opens; the text of the last token
    for token in tokens:
        if token.keyword in ("VALUES", "IN"):
            state = token.keyword
        elif state == "VALUES" and token.text == "{":
            state = "{"
        elif state == "IN":
            state = token.text if token.text == "(" else ""
        elif state == "{" and token.text == "}":
            state = ""
        elif state == "(":
            is_sign = token.text in ("+", "-") and before in ("(", ",")
            is_constant = token.kind in _CONSTANTS or token.text in (",", "^^") or is_sign
            state = state if is_constant else ""
        before = token.text
        yield token, state in ("{", "(")


def _opens_group(tokens: Sequence[Token]) -> bool:
    """Say whether a brace follows, after SILENT and one term at most."""
    after = [token for token in tokens if token.keyword != "SILENT"]
    after = after[1:] if after and after[0].kind in ("iri", "name", "variable") else after
    return bool(after) and after[0].text == "{"


def _refuse(text: str, token: Token, reason: str, message: str, hint: str) -> QueryRefused:
    line, column = locate(text, token.start)
    return QueryRefused(message, reason=reason, hint=hint, line=line, column=column)

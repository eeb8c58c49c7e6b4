"""What is refused before any engine sees it: updates, federation, and texts that cost a parser or planner too much.

A limit counts what costs: levels, operators, clauses, patterns that are joined, tokens. The constants of VALUES and IN cost
little, so only the length of the whole text bounds them. The check for federation gives a clean error early; what prevents
it is kg.answer.worker, which can open no socket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from kg.config import Settings
from kg.errors import QueryRefused, QuerySyntaxError
from kg.sparql.tokens import BASE, PAIRS, VOLATILE, Outline, Token, locate, read_form, read_outline, scan, skim
from kg.wording import say

MAX_OPERATORS = 1000
MAX_CLAUSES = 200
MAX_PATTERNS = (
    150  # in one group, those of groups joined to it and the steps of paths included: they are ordered together
)
MAX_TOKENS = 10_000
# Clauses that each add a level to the algebra, however flat they look.
CLAUSES = {"OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "EXISTS", "GRAPH", "SELECT", "VALUES", "AS", "LATERAL"}
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
# What stands before a group that is ordered by itself.
_APART = {"UNION", "OPTIONAL", "MINUS", "EXISTS"}
_TERMS = {"iri", "name", "variable", "string", "number"}
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
        said = say("The query has %(size)s bytes and may have %(max_bytes)s", size=size, max_bytes=max_bytes)
        raise _refuse(said, "too-long", say("Ask in several queries, each with a part of the values"))
    surrogate = None if text.isascii() else _SURROGATE.search(text)
    if surrogate:
        said, (line, column) = say("Half of a surrogate pair is no character"), locate(text, surrogate.start())
        raise QuerySyntaxError(said, hint=say("Send the query as UTF-8"), line=line, column=column)
    if _is_plain(text, max_depth):
        return Outline(read_form(text))
    tokens = list(islice(skim(text), MAX_TOKENS + 1))
    _refuse_cost(text, tokens, max_depth)
    refuse_federation(text, tokens)
    outline = read_outline(text, tokens, BASE)
    if outline.form in UPDATES:
        said = say("%(form)s is an update and no query, and this graph is read-only", form=outline.form)
        raise _refuse(said, "not-a-query", say("Ask with SELECT, ASK, CONSTRUCT or DESCRIBE"))
    return outline


def refuse_federation(text: str, tokens: Sequence[Token] | None = None) -> None:
    """Raise QueryRefused when a SERVICE clause stands in a pattern.

    The engine needs no space after a keyword (`servicex:y {` is a SERVICE clause to it), so a word or prefix that contains
    the keyword counts when a pattern follows, unless it names the graph of a GRAPH clause.
    """
    if "SERVICE" not in text.upper():
        return
    tokens = list(scan(text)) if tokens is None else tokens
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth < 1 or token.kind not in ("word", "name") or index and tokens[index - 1].keyword == "GRAPH":
            continue
        if "SERVICE" in token.text.partition(":")[0].upper() and _opens_group(tokens, index):
            said, hint = (
                say("SERVICE would ask another server, which is not done here"),
                say("Ask it yourself and join the answers"),
            )
            raise _refuse(said, "service", hint, locate(text, token.start))


def refuse_fetching(text: str) -> None:
    """Raise QueryRefused when an update of ours would ask another server or load a document."""
    refuse_federation(text)
    if "LOAD" in text.upper() and any(token.keyword == "LOAD" for token in scan(text)):
        raise QueryRefused(say("LOAD would fetch a document, which is not done here"), reason="update")


def _is_plain(text: str, max_depth: int) -> bool:
    """Say whether a text is too short, too flat and too plain for any rule of this module to apply to it."""
    return (
        len(text) < 2 * MAX_CLAUSES  # a clause has two letters at least
        and text.count("{") + text.count("(") + text.count("[") + text.count("<<") <= max_depth
        and _NOT_PLAIN.search(text.upper()) is None
    )


def _refuse_cost(text: str, tokens: Sequence[Token], max_depth: int) -> None:
    """Raise QueryRefused at the first token by which a text is over one of the limits."""
    depth = operators = clauses = 0
    for token, joined in zip(tokens, _count_joined(tokens), strict=True):
        if token.kind == "mark":
            depth = max(depth + (token.text in PAIRS) - (token.text in PAIRS.values()), 0)
            operators += token.text in _OPERATORS
            depth += _turns(text, token)
        elif token.kind == "iri":
            # What looks like an IRI may be a comparison (`?a<((?b))>?c`): its opening brackets count.
            depth += max(token.text.count("(") - token.text.count(")"), 0)
        clauses += token.keyword in CLAUSES
        if depth > max_depth:
            said, hint = (
                say("Brackets are nested more than %(max_depth)s deep", max_depth=max_depth),
                say("Flatten the pattern"),
            )
            raise _refuse(said, "too-deep", hint, locate(text, token.start))
        if operators > MAX_OPERATORS:
            said, hint = (
                say("The query has more than %(max_operators)s operators", max_operators=MAX_OPERATORS),
                say("Use VALUES or IN instead of long chains"),
            )
            raise _refuse(said, "too-many-operators", hint, locate(text, token.start))
        if clauses > MAX_CLAUSES:
            said = say(
                "The query has more than %(max_clauses)s clauses, such as OPTIONAL, UNION and FILTER",
                max_clauses=MAX_CLAUSES,
            )
            hint = say("Put what differs by a value alone into VALUES, or ask in several queries")
            raise _refuse(said, "too-many-operators", hint, locate(text, token.start))
        if joined > MAX_PATTERNS:
            said = say(
                "More than %(max_patterns)s triple patterns or steps of paths are joined in one group",
                max_patterns=MAX_PATTERNS,
            )
            hint = say("Put what differs by a value alone into VALUES, or ask in several queries")
            raise _refuse(said, "too-many-patterns", hint, locate(text, token.start))
    if len(tokens) > MAX_TOKENS:
        said = say(
            "The query has more than %(max_tokens)s words and signs beside the values of VALUES and IN",
            max_tokens=MAX_TOKENS,
        )
        hint = say("Put long lists into VALUES, or ask in several queries")
        raise _refuse(said, "too-many-tokens", hint, locate(text, tokens[-1].start))


def _turns(text: str, token: Token) -> int:
    """Count a level for the second sign of `<<`, which opens a triple as a term, and take one off for that of `>>`."""
    if token.start and text[token.start - 1] == token.text:
        return (token.text == "<") - (token.text == ">")
    return 0


def _count_joined(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield for each token how many patterns the group around it joins so far; the template of a CONSTRUCT joins none."""
    groups, brackets, before = [0], [], None  # the counts of the open groups; whether each bracket opened one apart
    for token, after in zip_longest(tokens, islice(tokens, 1, None)):
        keyword = before.keyword if before else ""
        in_round = bool(brackets) and brackets[-1][0] == "("
        if in_round and before and token.kind != "word":
            groups[-1] += 2 * _follows(before, token)
        if token.kind == "mark" and token.text in PAIRS:
            is_apart = keyword in _APART or keyword == "CONSTRUCT" or after is not None and after.keyword == "SELECT"
            brackets.append((token.text, is_apart, keyword == "CONSTRUCT"))
            groups[-1] += token.text == "[" or token.text == "{" and not keyword  # after a word it is a clause
            if token.text == "{":
                groups.append(0)
        elif token.kind == "mark" and token.text in PAIRS.values() and brackets:
            opened, is_apart, _ = brackets.pop()
            joined = groups.pop() if opened == "{" else 0
            groups[-1] += 0 if is_apart or after is not None and after.keyword == "UNION" else joined
        elif token.kind == "mark" and (token.text == "/" or token.text in ".;," and not in_round):
            groups[-1] += 1
        before = token
        yield 0 if brackets and brackets[0][2] else groups[-1]


def _follows(before: Token, token: Token) -> bool:
    """Say whether a token is the next member of a collection: no comma stands between them, and it is no function's argument."""
    if token.text in ("(", "["):
        return before.kind in ("variable", "string", "number") or before.text in (")", "]")
    return token.kind in _TERMS and (before.kind in _TERMS or before.text in (")", "]"))


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

"""The outline of a query's text, read without running it: its form, its dataset, its brackets.

Promises to refuse, before any engine sees it, a text that is too long, too deeply nested or too full of operators (such
texts overflow the stack of a recursive parser), an update, and a federated query. Reads tokens, not grammar: a text that
is not SPARQL passes through here and is rejected by the engine's parser. Never changes a term in a query.

The keyword check is a courtesy that gives a clean refusal early. The lock against federation is in kg.pool, whose workers
cannot open a socket at all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urljoin

from kg.errors import QueryRefused, QuerySyntaxError

MAX_BYTES = 64 << 10
MAX_DEPTH = 64
# Measured on the engine: chains of 5,000 of these overflow its stack or its planner, chains of 1,000 do not.
MAX_OPERATORS = 1000
MAX_CLAUSES = 200
# Clauses that each add a level to the algebra, however flat they look.
CLAUSES = {"OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "EXISTS", "GRAPH", "SELECT", "VALUES", "AS", "LATERAL"}

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")

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
_OPERATORS = frozenset(("||", "&&", "|", "/", "+", "-", "*", "!", "^"))
_PAIRS = {"{": "}", "(": ")", "[": "]"}
_COMPLAINT = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_COMPLAINTS = (
    ("Prefix not found", "A prefix used just before this is not declared", "Add PREFIX name: <IRI> at the top"),
    ("IRI parsing failed", "The IRI before this is not absolute", "Write it in full, from https:// on"),
    ("variable that is unbound", "SELECT names a variable that is not in GROUP BY", "Group by it or use an aggregate"),
)
_UNICODE_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Token(NamedTuple):
    """A piece of a query: its kind (a group name of the pattern above), its text and its offset in code points."""

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The word in capitals when this is a bare word, else nothing."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query's text says about itself: its form, the graphs of its FROM clauses and where its pattern is."""

    form: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    body: tuple[int, int] | None

    @property
    def has_dataset(self) -> bool:
        """Whether the text names the graphs to ask."""
        return bool(self.default_graphs or self.named_graphs)


def guard(text: str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Outline:
    """Read the outline of a text from outside, or raise QueryRefused with the place and a reason slug."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise QueryRefused(
            f"The query has {size} bytes and may have {max_bytes}", reason="too-long", hint="Ask for less at a time"
        )
    tokens = list(scan(text))
    _refuse_depth(text, tokens, max_depth)
    _refuse_length(text, tokens)
    refuse_federation(text, tokens)
    outline = read_outline(text, tokens)
    if outline.form in UPDATES:
        raise QueryRefused(
            f"{outline.form} is an update, and this graph is read-only",
            reason="update",
            hint="Ask with SELECT, ASK, CONSTRUCT or DESCRIBE",
        )
    return outline


def scan(text: str) -> Iterator[Token]:
    """Yield the tokens of a query, without white space and comments."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match.group(), match.start())


def locate(text: str, offset: int) -> tuple[int, int]:
    """Turn an offset into a line and a column, both from 1, the column in code points."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def refuse_federation(text: str, tokens: list[Token]) -> None:
    """Raise QueryRefused when a SERVICE clause stands in a pattern.

    The engine needs no space after a keyword (`servicex:y {` is a SERVICE clause to it), so a word or prefix that contains
    the keyword counts when a pattern follows, unless it names the graph of a GRAPH clause.
    """
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth < 1 or token.kind not in ("word", "name") or index and tokens[index - 1].keyword == "GRAPH":
            continue
        if "SERVICE" in token.text.partition(":")[0].upper() and _opens_group(tokens, index):
            line, column = locate(text, token.start)
            raise QueryRefused(
                "SERVICE would ask another server, which is not done here",
                reason="service",
                hint="Ask that server yourself and join the answers",
                line=line,
                column=column,
            )


def read_outline(text: str, tokens: list[Token] | None = None) -> Outline:
    """Read the form of a query, the IRIs of its FROM clauses and the extent of its outermost pattern."""
    tokens = list(scan(text)) if tokens is None else tokens
    start, base, prefixes = _read_prologue(tokens)
    form = tokens[start].keyword if start < len(tokens) else ""
    default, named = [], []
    depth, index = 0, start
    while index < len(tokens):
        token = tokens[index]
        if token.text == "{" and depth == 0 and not (form == "CONSTRUCT" and index == start + 1):
            break
        depth += (token.text in _PAIRS) - (token.text in ")]}") if token.kind == "mark" else 0
        if depth == 0 and token.keyword in ("FROM", "FROMNAMED") and index + 1 < len(tokens):
            is_named = token.keyword == "FROMNAMED" or tokens[index + 1].keyword == "NAMED"
            index += 1 + (token.keyword == "FROM" and is_named)
            iri = _resolve(tokens[index], base, prefixes) if index < len(tokens) else None
            if iri is not None:
                (named if is_named else default).append(iri)
        index += 1
    return Outline(form, tuple(dict.fromkeys(default)), tuple(dict.fromkeys(named)), _find_body(tokens, index))


def insert_values(text: str, outline: Outline, bindings: Mapping[str, str]) -> str:
    """Add a VALUES clause at the head of a query's pattern; `bindings` maps variables to terms already in SPARQL syntax.

    A pattern that is itself a subquery is wrapped in braces, as the grammar requires.
    """
    if outline.body is None:
        return text
    start, end = outline.body
    names = " ".join(f"?{name}" for name in bindings)
    values = f" VALUES ({names}) {{ ({' '.join(bindings.values())}) }} "
    inside = text[start + 1 : end]
    first = next(scan(inside), None)
    if first is not None and first.keyword == "SELECT":
        inside = "{" + inside + "\n}"
    return text[: start + 1] + values + inside + text[end:]


def explain(error: SyntaxError, text: str) -> QuerySyntaxError:
    """Turn a parser's complaint into one with a place, what stands there and what could stand there instead."""
    match = _COMPLAINT.match(str(error))
    if match is None:
        return QuerySyntaxError(f"The query does not parse: {error}")
    line, column, wanted = int(match[1]), int(match[2]), re.sub(r"\[[^\]]*\]", "", match[3])
    lines = text.splitlines()
    here = lines[line - 1][column - 1 :].strip()[:30] if line <= len(lines) else ""
    message = f"The query does not parse at {here!r}" if here else "The query ends too early"
    words = re.findall(r'"[^"\s]{1,12}"|\b[A-Z]{2,12}\b', wanted)[:8]
    hint = "Expected " + " or ".join(words) if words else None
    for part, plain, mend in _COMPLAINTS:
        if part in wanted:
            message, hint = plain, mend
    return QuerySyntaxError(message, hint=hint, line=line, column=column)


def _refuse_depth(text: str, tokens: list[Token], limit: int) -> None:
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in _PAIRS) - (token.text in _PAIRS.values())
            depth = max(depth, 0)
        elif token.kind == "iri":
            # What looks like an IRI may be a comparison (`?a<((?b))>?c`): its opening brackets count.
            depth += max(token.text.count("(") - token.text.count(")"), 0)
        if depth > limit:
            line, column = locate(text, token.start)
            raise QueryRefused(
                f"Brackets are nested more than {limit} deep",
                reason="too-deep",
                hint="Flatten the pattern",
                line=line,
                column=column,
            )


def _refuse_length(text: str, tokens: list[Token]) -> None:
    operators = clauses = 0
    for token in tokens:
        operators += token.kind == "mark" and token.text in _OPERATORS
        clauses += token.keyword in CLAUSES
        if operators > MAX_OPERATORS or clauses > MAX_CLAUSES:
            line, column = locate(text, token.start)
            raise QueryRefused(
                f"The query has more than {MAX_OPERATORS} operators or {MAX_CLAUSES} clauses",
                reason="too-many-operators",
                hint="Use VALUES or IN instead of long chains",
                line=line,
                column=column,
            )


def _opens_group(tokens: list[Token], index: int) -> bool:
    """Say whether a brace follows, after SILENT and one term at most."""
    after = tokens[index + 1 : index + 4]
    if after and after[0].keyword == "SILENT":
        after = after[1:]
    if after and after[0].kind in ("iri", "name", "variable"):
        after = after[1:]
    return bool(after) and after[0].text == "{"


def _read_prologue(tokens: list[Token]) -> tuple[int, str, dict[str, str]]:
    base, prefixes, index = "", {}, 0
    while index < len(tokens):
        if tokens[index].keyword == "BASE" and index + 1 < len(tokens):
            base = _resolve(tokens[index + 1], base, prefixes) or base
            index += 2
        elif tokens[index].keyword == "PREFIX" and index + 2 < len(tokens):
            iri = _resolve(tokens[index + 2], base, prefixes)
            if iri is not None:
                prefixes[tokens[index + 1].text.removesuffix(":")] = iri
            index += 3
        elif tokens[index].keyword == "VERSION":
            index += 2
        else:
            break
    return index, base, prefixes


def _resolve(token: Token, base: str, prefixes: Mapping[str, str]) -> str | None:
    if token.kind == "iri":
        iri = _UNICODE_ESCAPE.sub(_unescape, token.text[1:-1])
        return urljoin(base, iri) if base else iri
    if token.kind == "name":
        prefix, _, local = token.text.partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
    return None


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number < 0x110000 else match[0]


def _find_body(tokens: list[Token], index: int) -> tuple[int, int] | None:
    if index >= len(tokens):
        return None
    depth = 0
    for token in tokens[index:]:
        depth += (token.text == "{") - (token.text == "}") if token.kind == "mark" else 0
        if depth == 0:
            return tokens[index].start, token.start
    return None

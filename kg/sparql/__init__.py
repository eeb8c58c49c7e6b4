"""The outline of a query's text, read without running it: its form, its dataset, its brackets.

Promises to refuse, before any engine sees it, a text that is too long, too deeply nested or too full of operators (such
texts overflow the stack of a recursive parser), an update, and a federated query. Reads tokens, not grammar: a text that
is not SPARQL passes through here and is rejected by the engine's parser. Never changes a term in a query.

The keyword check is a courtesy that gives a clean refusal early. The lock against federation is in kg.pool, whose workers
cannot open a socket at all.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urljoin

from kg import terms
from kg.errors import QueryRefused, QuerySyntaxError

# What relative IRIs are relative to in a query from outside that names no base: the service's own address (SPARQL 1.1
# Protocol, 2.3).
BASE = terms.BASE + "sparql"

MAX_BYTES = 64 << 10
MAX_DEPTH = 64
# Measured on the engine: chains of 5,000 of these overflow its stack or its planner, chains of 1,000 do not.
MAX_OPERATORS = 1000
MAX_CLAUSES = 200
# Clauses that each add a level to the algebra, however flat they look.
CLAUSES = {"OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "EXISTS", "GRAPH", "SELECT", "VALUES", "AS", "LATERAL"}

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}
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
_SEPARATORS = frozenset("{}()[],;.")
_GAP = 24  # longer than any keyword
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")
_COMPLAINT = re.compile(r"error at (\d+):(\d+): ")
_SEMANTIC = (
    ("variable that is unbound", "SELECT names a variable that is not in GROUP BY", "Group by it or use an aggregate"),
    ("Duplicated variable", "SELECT names a variable twice", "Give one of them another name"),
    ("SELECT * is not authorized", "SELECT * cannot stand with GROUP BY or an aggregate", "Name the variables"),
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Federation, a dataset, an update or a function that answers anew; in a name or a text they only cost time. To be sought in
# capitals, as keywords are read: a search that ignores case takes ten times as long.
_NOT_PLAIN = re.compile("|".join(("SERVICE", "FROM", *UPDATES, *VOLATILE)))
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
    volatile: bool = False  # asked again, it may be answered otherwise: it calls one of VOLATILE

    @property
    def has_dataset(self) -> bool:
        """Whether the text names the graphs to ask."""
        return bool(self.default_graphs or self.named_graphs)


def guard(text: str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Outline:
    """Read the outline of a text from outside, or raise QueryRefused with the place and a reason slug.

    A lone surrogate, which no engine could be sent, is a QuerySyntaxError.
    """
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise QueryRefused(
            f"The query has {size} bytes and may have {max_bytes}", reason="too-long", hint="Ask for less at a time"
        )
    surrogate = None if text.isascii() else _SURROGATE.search(text)
    if surrogate:
        line, column = locate(text, surrogate.start())
        raise QuerySyntaxError("This is half a character", hint="Send the query as UTF-8", line=line, column=column)
    if _is_plain(text, max_depth):
        return Outline(_read_form(text), (), (), None)
    tokens = list(scan(text))
    _refuse_depth(text, tokens, max_depth)
    _refuse_length(text, tokens)
    refuse_federation(text, tokens)
    outline = read_outline(text, tokens, BASE)
    if outline.form in UPDATES:
        raise QueryRefused(
            f"{outline.form} is an update, and this graph is read-only",
            reason="update",
            hint="Ask with SELECT, ASK, CONSTRUCT or DESCRIBE",
        )
    return outline


def _is_plain(text: str, max_depth: int) -> bool:
    """Say whether a text is too short, too flat and too plain for any of the rules below to apply to it.

    Most queries are, and to know it costs a tenth of reading their tokens. The outline of such a text lacks its pattern's
    place, which few want to know.
    """
    return (
        len(text) < 2 * MAX_CLAUSES  # a clause has two letters at least
        and text.count("{") + text.count("(") + text.count("[") <= max_depth
        and _NOT_PLAIN.search(text.upper()) is None
    )


def _read_form(text: str) -> str:
    """Read the first word after the prologue, if that is a plain one."""
    tokens = scan(text)
    for token in tokens:
        keyword = token.keyword
        if keyword not in ("BASE", "PREFIX", "VERSION"):
            return keyword
        for _ in range(2 if keyword == "PREFIX" else 1):
            next(tokens, None)
    return ""


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


def refuse_fetching(text: str) -> None:
    """Raise QueryRefused when an update of ours would ask another server or load a document."""
    tokens = list(scan(text))
    refuse_federation(text, tokens)
    if any(token.keyword == "LOAD" for token in tokens):
        raise QueryRefused("LOAD would fetch a document, which is not done here", reason="update")


def read_outline(text: str, tokens: list[Token] | None = None, base: str = "") -> Outline:
    """Read the form of a query, the IRIs of its FROM clauses and the extent of its outermost pattern."""
    tokens = list(scan(text)) if tokens is None else tokens
    start, base, prefixes = _read_prologue(tokens, base)
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
    volatile = any(token.keyword in VOLATILE for token in tokens)
    return Outline(
        form, tuple(dict.fromkeys(default)), tuple(dict.fromkeys(named)), _find_body(tokens, index), volatile
    )


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


def explain(complaint: str, text: str, parse: Callable[[str], str | None], base: str = "") -> QuerySyntaxError:
    """Turn a parser's complaint about a text into an error with a place and a way to mend it.

    `parse` returns the parser's complaint about another text, or None; `base` is what relative IRIs were resolved with. The parser looks for keywords by reading ahead as many
    characters as the keyword has, and reports how far it has looked instead of where it stands. So the text is parsed again
    with wide gaps between its tokens, in which such a look ahead ends without reaching the next token.
    """
    tokens = list(scan(text))
    wide, places = _widen(tokens)
    offset = _complained_offset(parse(wide) or "", wide)
    culprit = _culprit(tokens, places, offset) if offset is not None else None
    message, hint, place = _diagnose(tokens, culprit, complaint, base)
    line, column = locate(text, len(text.rstrip()) if place is None else place)
    return QuerySyntaxError(message, hint=hint, line=line, column=column)


def _widen(tokens: list[Token]) -> tuple[str, list[int]]:
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


def _complained_offset(complaint: str, text: str) -> int | None:
    match = _COMPLAINT.match(complaint)
    if match is None:
        return None
    lines = text.split("\n")
    line = int(match[1])
    return sum(len(above) + 1 for above in lines[: line - 1]) + int(match[2]) - 1


def _culprit(tokens: list[Token], places: list[int], offset: int) -> Token | None:
    """Find the token the parser stumbled over; None when it is what is missing at the end."""
    index = bisect_right(places, offset) - 1
    if index < 0:
        return None
    if offset >= places[index] + len(tokens[index].text) + _GAP and index + 1 == len(tokens):
        return None
    return tokens[index]


def _diagnose(tokens: list[Token], culprit: Token | None, complaint: str, base: str) -> tuple[str, str, int | None]:
    """Say what is wrong, what to do, and at which offset (None: at the end)."""
    start, base, prefixes = _read_prologue(tokens, base)
    limit = culprit.start if culprit else len(tokens) and tokens[-1].start
    for token in tokens[start:]:
        prefix = token.text.partition(":")[0]
        if token.start <= limit and token.kind == "name" and prefix != "_" and prefix not in prefixes:
            return f"The prefix {prefix}: is not declared", f"Add PREFIX {prefix}: <IRI> at the top", token.start
        if token.start <= limit and token.kind == "iri" and not base and not _ABSOLUTE.match(token.text):
            return f"{token.text} is not an absolute IRI", "Write it in full, from https:// on", token.start
    for part, message, hint in _SEMANTIC:
        if part in complaint:
            return message, hint, None
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "mark" and token.text in _PAIRS:
            opened.append(token)
        elif token.kind == "mark" and token.text in _PAIRS.values():
            if not opened or _PAIRS[opened.pop().text] != token.text:
                return f"This {token.text} closes nothing", "Take it out or open it before", token.start
        elif token.kind == "mark" and token.text in "\"'":
            return "The text that begins here has no end", "Close it with the same quote", token.start
        if culprit is not None and token.start >= culprit.start:
            break
    if culprit is None and opened:
        return f"The {opened[-1].text} here is never closed", f"Add {_PAIRS[opened[-1].text]}", opened[-1].start
    if culprit is None:
        return "Something is missing at the end or bound twice", "Look at the last clause and at every AS", None
    shown = culprit.text if len(culprit.text) <= 30 else culprit.text[:29] + "…"
    return f"{shown!r} is not expected here", "Look for what is missing or misspelt just before it", culprit.start


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


def _read_prologue(tokens: list[Token], base: str) -> tuple[int, str, dict[str, str]]:
    prefixes, index = {}, 0
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

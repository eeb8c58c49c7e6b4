"""The tokens of SPARQL and Turtle, and the outline of a query: its form, its dataset, where its pattern is.

Text in neither language has tokens too; a parser rejects it later.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from urllib.parse import urljoin

from kg import terms

# What relative IRIs are relative to in a query from outside that names no base: the service's own address (SPARQL 1.1
# Protocol, 2.3).
BASE = terms.BASE + "sparql"

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}
_DECLARATIONS = {"BASE": 2, "PREFIX": 3, "VERSION": 2}  # tokens in each
PAIRS = {"{": "}", "(": ")", "[": "]", "<<": ">>"}
SPACE = ("space", "comment")
_LOCAL_ESCAPE = r"\\[_~.\-!$&'()*+,;=/?#@%]"
# Possessive (++): once read, the inside of a text is not read again in another way. A prefix may be 65 characters long:
# without a bound, a long run of letters and dots is read once for each of them.
_QUOTED = r"""
      (?P<comment> \#[^\r\n]* )
    | (?P<iri>     <[^\s<>"{}|^`]*> )
    | (?P<string>  \"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\" | "(?:[^"\\\r\n]++|\\.)*+"
                 | '''(?:[^'\\]++|\\.|'(?!''))*+'''     | '(?:[^'\\\r\n]++|\\.)*+' )
"""
_TOKEN = re.compile(
    rf"""
      (?P<space>   \s+ )
    | {_QUOTED}
    | (?P<variable>[?$]\w+ )
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<name>    (?:[^\W\d_](?:[\w.\-]{{0,63}}[\w\-])?|_)?:
                   (?:[\w:\-%]++ | {_LOCAL_ESCAPE} | \.++(?=[\w:\-%]|{_LOCAL_ESCAPE}))*+ )
    | (?P<number>  \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
    | (?P<word>    [^\W\d]\w* )
    | (?P<mark>    \|\| | && | \^\^ | << | >> | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_APART = re.compile(f"{_QUOTED} | {_LOCAL_ESCAPE}", re.VERBOSE | re.DOTALL)
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})|(.))", re.DOTALL)
_CONTROLS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_SCHEME = re.compile(r"[A-Za-z][\w+.\-]*:")


class Token(NamedTuple):
    """A piece of a text: its kind (a group name of the pattern above), its text and its offset in code points."""

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

    @property
    def turn(self) -> int:
        """1 for an opening bracket, -1 for a closing one, else 0."""
        return (self.text in PAIRS) - (self.text in PAIRS.values()) if self.kind == "mark" else 0


def scan(text: str, *, with_space: bool = False) -> Iterator[Token]:
    """Yield the tokens of a text; white space and comments only `with_space`."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if with_space or kind not in SPACE:
            yield Token(kind, match.group(), match.start())


def strip_quoted(text: str) -> str:
    """Take strings, IRIs, comments and escapes out of a text: what is left has all its brackets."""
    return _APART.sub("", text)


def locate(text: str, offset: int) -> tuple[int, int]:
    """Turn an offset into a line and a column, both from 1, the column in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def read_prologue(tokens: Sequence[Token], base: str) -> tuple[int, str, dict[str, str]]:
    """Read the declarations at the head of a query: the number of their tokens, the base and the prefixes."""
    prefixes: dict[str, str] = {}
    index = 0
    while index < len(tokens) and (length := _DECLARATIONS.get(tokens[index].keyword)):
        base = declare(tokens[index : index + length], base, prefixes)
        index += length
    return min(index, len(tokens)), base, prefixes


def declare(tokens: Sequence[Token], base: str, prefixes: dict[str, str]) -> str:
    """Read a declaration of SPARQL or Turtle: add its prefix to `prefixes`; return the base that holds from now on."""
    word = tokens[0].text.removeprefix("@").upper()
    iri = resolve(tokens[-1], base, prefixes)
    if word == "PREFIX" and len(tokens) == 3 and iri is not None:
        prefixes[tokens[1].text.removesuffix(":")] = iri
    return iri if word == "BASE" and iri is not None else base


def resolve(token: Token, base: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the IRI that a token stands for; None where it stands for none."""
    if token.kind == "iri":
        iri = undo_escapes(token.text[1:-1])
        if not base or _SCHEME.match(iri):
            return iri
        return urljoin(base, iri) + ("#" if iri.endswith("#") else "")  # urljoin drops a fragment that is empty
    if token.kind == "name":
        prefix, _, local = token.text.partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + (re.sub(r"\\(.)", r"\1", local) if "\\" in local else local)
    return None


def undo_escapes(text: str) -> str:
    r"""Replace \uXXXX and \UXXXXXXXX by what they stand for (SPARQL 1.1, 19.2); another escape stays."""
    return ESCAPE.sub(lambda match: match[0] if match[3] else _character(match), text) if "\\" in text else text


def unquote(text: str) -> str:
    """Return the lexical form of a string as it is written, in its quotes."""
    inside = text[3:-3] if text[:3] in ('"""', "'''") and len(text) > 5 else text[1:-1]
    if "\\" not in inside:
        return inside
    return ESCAPE.sub(lambda match: _CONTROLS.get(match[3], match[3]) if match[3] else _character(match), inside)


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2], 16))


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query's text says about itself: its form, the graphs of its FROM clauses, the offsets of the braces of its pattern.

    A CONSTRUCT may have a template before that, whose braces are told too.
    """

    form: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    body: tuple[int, int] | None = None
    template: tuple[int, int] | None = None
    volatile: bool = False  # asked again, it may be answered otherwise: it calls one of VOLATILE


def read_outline(text: str, tokens: Sequence[Token] | None = None, base: str = "") -> Outline:
    """Read the form of a query, the IRIs of its FROM clauses and the extent of its outermost pattern."""
    tokens = list(scan(text)) if tokens is None else tokens
    index, base, prefixes = read_prologue(tokens, base)
    form = tokens[index].keyword if index < len(tokens) else ""
    template = None
    if form == "CONSTRUCT" and index + 1 < len(tokens) and tokens[index + 1].text == "{":
        template, index = _extent(tokens, index + 1), _closing(tokens, index + 1)
    graphs: dict[str, list[str]] = {"FROM": [], "NAMED": []}
    while index < len(tokens) and tokens[index].text != "{":
        keyword = tokens[index - 1].keyword if index else ""
        iri = resolve(tokens[index], base, prefixes)
        if keyword in graphs and iri is not None:
            graphs[keyword].append(iri)
        index = (_closing(tokens, index) if tokens[index].text == "(" else index) + 1
    default, named = (tuple(dict.fromkeys(iris)) for iris in graphs.values())
    is_volatile = any(token.keyword in VOLATILE for token in tokens)
    return Outline(form, default, named, _extent(tokens, index), template, is_volatile)


def read_form(text: str) -> str:
    """Read the form of a query alone; quicker than the whole outline."""
    tokens = scan(text)
    for token in tokens:
        if not (length := _DECLARATIONS.get(token.keyword)):
            return token.keyword
        deque(islice(tokens, length - 1), maxlen=0)
    return ""


def _extent(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    closing = _closing(tokens, index)
    return (tokens[index].start, tokens[closing].start) if closing < len(tokens) else None


def _closing(tokens: Sequence[Token], index: int) -> int:
    """Find the bracket that closes the one at an index; behind the last token where there is none.

    Brackets of other kinds do not count: what looks like an IRI may be a comparison, and hide round ones.
    """
    depth = 0
    for number in range(index, len(tokens)):
        text = tokens[number].text
        depth += (text == tokens[index].text) - (text == PAIRS[tokens[index].text])
        if depth == 0:
            return number
    return len(tokens)

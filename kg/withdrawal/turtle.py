"""The text of a Turtle file, edited so that it keeps its layout and its comments.

The editor knows Turtle as people write it here. Whoever uses it compares what the edited text says with what it should say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kg import terms
from kg.terms import Iri
from kg.withdrawal.removal import LIST, MARK, Removal

_TOKEN = re.compile(
    r"""
      (?P<space>   \s+ )
    | (?P<comment> \#[^\n]* )
    | (?P<text>    \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*''' | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<iri>     <[^<>"{}|^`\s]*> )
    | (?P<type>    \^\^ )
    | (?P<tag>     @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<name>    (?:[^\s<>"'\[\]();,.\#^@]|\.(?=[\w%:-]))+ )
    | (?P<mark>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_SILENT = ("space", "comment")


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


class Found(NamedTuple):
    """A place in a text: its offset, what stands there, and what becomes of it."""

    offset: int
    what: str
    action: str


@dataclass
class Turtle:
    """A text, and what is to be taken out of it. `edited` is the text without; `found` the places."""

    text: str
    removal: Removal
    found: list[Found] = field(default_factory=list)
    _base: str = ""
    _spaces: dict[str, str] = field(default_factory=dict)

    def edit(self) -> str:
        """Return the text without what is to be taken out."""
        return "".join(self._statement(tokens) for tokens in self._statements())

    def _statements(self) -> Iterator[list[_Token]]:
        """Yield the tokens of each directive and each description, with the silent ones before it; what is last may be silent alone."""
        tokens: list[_Token] = []
        depth, is_sparql, told = 0, False, 0
        for match in _TOKEN.finditer(self.text):
            token = _Token(match.lastgroup or "mark", match[0], match.start())
            tokens.append(token)
            if token.kind in _SILENT:
                continue
            told += 1
            if told == 1:
                is_sparql = token.text.upper() in ("PREFIX", "BASE")
            depth += (token.text in "[(") - (token.text in "])") if token.kind == "mark" else 0
            if depth == 0 and (token.kind == "mark" and token.text == "." or is_sparql and token.kind == "iri"):
                yield tokens
                tokens, is_sparql, told = [], False, 0
        yield tokens

    def _statement(self, tokens: list[_Token]) -> str:
        at = next((n for n, token in enumerate(tokens) if token.kind not in _SILENT), len(tokens))
        before, body = self._edit(tokens[:at]), tokens[at:]
        if not body:
            return before
        told = [token for token in body if token.kind not in _SILENT]
        if told[0].text.lstrip("@").upper() in ("PREFIX", "BASE"):
            self._declare(told)
            return before + self._edit(body)
        if self._resolve(told[0]) in self.removal.things:
            self._note(told[0], "the description of the thing", "removed")
            return before.rstrip()
        if any(self._goes(token) for token in told[1:]):
            return before + self._without_links(body)
        return before + self._edit(body)

    def _declare(self, told: list[_Token]) -> None:
        if told[0].text.lstrip("@").upper() == "BASE":
            self._base = told[1].text[1:-1]
        else:
            self._spaces[told[1].text.removesuffix(":")] = self._full(told[2].text[1:-1])

    def _without_links(self, body: list[_Token]) -> str:
        """Write a description anew without the links that go."""
        subject, *rest = body
        properties: list[tuple[str, list[str]]] = []
        for part in _split(rest[: _last_mark(rest)], ";"):
            at = next((n for n, token in enumerate(part) if token.kind not in _SILENT), None)
            if at is None:
                continue
            values = []
            for value in _split(part[at + 1 :], ","):
                told = [token for token in value if token.kind not in _SILENT]
                if len(told) == 1 and self._goes(told[0]):
                    self._note(told[0], "a link to the thing", "removed")
                elif told:
                    first = value.index(told[0])
                    last = len(value) - value[::-1].index(told[-1])
                    values.append(self._edit(value[first:last]))
            if values:
                properties.append((self._edit([part[at]]), values))
        if not properties:
            return ""
        lines = " ;\n    ".join(f"{name} {' , '.join(values)}" for name, values in properties)
        return f"{self._edit([subject])} {lines} ."

    def _edit(self, tokens: list[_Token]) -> str:
        """Write tokens without the names in them."""
        return "".join(self._token(token, tokens[n + 1 : n + 3]) for n, token in enumerate(tokens))

    def _token(self, token: _Token, after: list[_Token]) -> str:
        iri = self._resolve(token)
        if iri in self.removal.things and self.removal.instead is not None:
            self._note(token, "a link to the thing", "leads to what stands in its place")
            return f"<{self.removal.instead}>"
        if token.kind == "space" or not self.removal.holds(token.text):
            return token.text
        if token.kind == "text":
            if len(after) == 2 and after[0].kind == "type" and self._resolve(after[1]).endswith("#anyURI"):
                self._note(token, "the name in a web address", "leads to the list of what was withdrawn")
                return f'"{LIST}"'
            self._note(token, "the name in a text", f"becomes {MARK}")
            return self.removal.redact(token.text)
        if token.kind == "comment":
            self._note(token, "the name in a comment", f"becomes {MARK}")
            return self.removal.redact(token.text)
        if iri.startswith(terms.BASE):
            self._note(token, "the name in an IRI", "becomes letters drawn at random")
            return self.removal.rename(token.text)
        self._note(token, "the name", "is left to an editor")
        return token.text

    def _goes(self, token: _Token) -> bool:
        return token.kind in ("iri", "name") and self.removal.drops(Iri(self._resolve(token)))

    def _resolve(self, token: _Token) -> str:
        if token.kind == "iri":
            return self._full(token.text[1:-1])
        prefix, colon, local = token.text.partition(":")
        return self._spaces[prefix] + local if token.kind == "name" and colon and prefix in self._spaces else ""

    def _full(self, iri: str) -> str:
        return iri if re.match(r"[A-Za-z][\w+.-]*:", iri) else self._base + iri

    def _note(self, token: _Token, what: str, action: str) -> None:
        self.found.append(Found(token.start, what, action))


def _split(tokens: list[_Token], by: str) -> Iterator[list[_Token]]:
    """Divide tokens at a mark that stands in no bracket."""
    part: list[_Token] = []
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in "[(") - (token.text in "])")
            if depth == 0 and token.text == by:
                yield part
                part = []
                continue
        part.append(token)
    yield part


def _last_mark(tokens: list[_Token]) -> int:
    return max(n for n, token in enumerate(tokens) if token.kind == "mark" and token.text == ".")

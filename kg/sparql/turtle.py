"""The statements of a Turtle text, and the terms that their tokens stand for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.sparql.tokens import SPACE, Token, declare, resolve, scan, unquote

BLANK = "["  # stands for every blank node


@dataclass(frozen=True, slots=True)
class Statement:
    """A directive or a description: its tokens, those that are no white space or comment, and the base and prefixes that hold in it."""

    tokens: Sequence[Token]
    words: Sequence[Token]
    base: str
    prefixes: Mapping[str, str]

    @property
    def is_directive(self) -> bool:
        """Whether it declares a prefix or the base."""
        return any(word.text.lower() in ("@prefix", "@base", "prefix", "base") for word in self.words[:1])

    def iri(self, token: Token) -> str:
        """Return the IRI that a token stands for; nothing for any other token."""
        return resolve(token, self.base, self.prefixes) or ""

    def value(self, token: Token) -> str | None:
        """Return the IRI or the lexical form of the string that a token stands for, or BLANK; None for any other token."""
        if token.kind == "string":
            return unquote(token.text)
        if token.text in ("[", "(") or token.text.startswith("_:"):
            return BLANK
        return self.iri(token) or None


def read_statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text in their order; white space and comments are part of the next, and the last may have no more."""
    base, depth = "", 0
    prefixes: dict[str, str] = {}
    tokens: list[Token] = []
    words: list[Token] = []
    for token in scan(text, with_space=True):
        tokens.append(token)
        if token.kind in SPACE:
            continue
        words.append(token)
        depth += token.turn
        is_end = token.text == "." or (token.kind == "iri" and words[0].keyword in ("PREFIX", "BASE"))
        if is_end and depth == 0:
            statement = Statement(tokens, words, base, prefixes)
            if statement.is_directive:
                base = declare([word for word in words if word.text != "."], base, prefixes)
            yield statement
            tokens, words = [], []
    if tokens:
        yield Statement(tokens, words, base, prefixes)

"""The statements of a Turtle text, and the terms that their tokens stand for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.sparql.tokens import SPACE, Token, declare, resolve, scan, unquote

BLANK = "["  # stands for every blank node


@dataclass(frozen=True, slots=True)
class Statement:
    """A directive or a description: its tokens, and the base and the prefixes that hold in it."""

    tokens: Sequence[Token]
    base: str
    prefixes: Mapping[str, str]

    @property
    def words(self) -> list[Token]:
        """The tokens without white space and comments."""
        return [token for token in self.tokens if token.kind not in SPACE]

    @property
    def is_directive(self) -> bool:
        """Whether it declares a prefix or the base."""
        return any(_is_directive(token) for token in self.words[:1])

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


def read_statements(text: str, *, with_space: bool = False) -> Iterator[Statement]:
    """Yield the statements of a text in their order. `with_space`, white space and comments are part of the next; the last may have no more."""
    base, depth = "", 0
    prefixes: dict[str, str] = {}
    tokens: list[Token] = []
    first: Token | None = None
    for token in scan(text, with_space=with_space):
        tokens.append(token)
        if token.kind in SPACE:
            continue
        first = first or token
        depth += token.turn
        is_end = token.text == "." or (token.kind == "iri" and first.keyword in ("PREFIX", "BASE"))
        if is_end and depth == 0:
            statement = Statement(tokens, base, prefixes)
            if _is_directive(first):
                base = declare([word for word in statement.words if word.text != "."], base, prefixes)
            yield statement
            tokens, first = [], None
    if tokens:
        yield Statement(tokens, base, prefixes)


def _is_directive(token: Token) -> bool:
    return token.text.lower() in ("@prefix", "@base") or token.keyword in ("PREFIX", "BASE")

"""The text of a Turtle file, edited so that it keeps its layout and its comments.

The editor knows Turtle as people write it here. Its caller compares what the edited text states with what it should state.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kg import terms
from kg.sparql.tokens import SPACE, Token
from kg.sparql.turtle import Statement, read_statements
from kg.terms import Iri
from kg.withdrawal.removal import LIST, MARK, Removal


class Mention(NamedTuple):
    """A place in a text: its offset, what stands there, and what becomes of it."""

    offset: int
    what: str
    action: str


class Editor:
    """Takes things and names out of a Turtle text; `mentions` are the places of it."""

    def __init__(self, removal: Removal) -> None:
        self.mentions: list[Mention] = []
        self._removal = removal

    def edit(self, text: str) -> str:
        """Return the text without what is to be taken out."""
        return "".join(self._edit_statement(statement) for statement in read_statements(text, with_space=True))

    def _edit_statement(self, statement: Statement) -> str:
        words = statement.words
        first = statement.tokens.index(words[0]) if words else len(statement.tokens)
        before, body = self._edit(statement, statement.tokens[:first]), statement.tokens[first:]
        if words and not statement.is_directive:
            if statement.iri(words[0]) in self._removal.things:
                self._note(words[0], "the description of the thing", "removed")
                return before.rstrip()
            if any(self._goes(statement, word) for word in words[1:]):
                return before + self._without_links(statement, body)
        return before + self._edit(statement, body)

    def _without_links(self, statement: Statement, body: Sequence[Token]) -> str:
        """Write a description anew without the links that go."""
        end = next(number for number in reversed(range(len(body))) if body[number].text == ".")
        properties = []
        for part in _split(body[1:end], ";"):
            link, values = part[:1], []
            for value in _split(part[1:], ","):
                if len(value) == 1 and self._goes(statement, value[0]):
                    self._note(value[0], "a link to the thing", "removed")
                elif value:
                    values.append(self._edit(statement, value))
            if values:
                properties.append(f"{self._edit(statement, link)} {' , '.join(values)}")
        if not properties:
            return ""
        lines = " ;\n    ".join(properties)
        return f"{self._edit(statement, body[:1])} {lines} ."

    def _edit(self, statement: Statement, tokens: Sequence[Token]) -> str:
        """Write tokens without the names in them."""
        return "".join(self._edit_token(statement, token, tokens[n + 1 : n + 3]) for n, token in enumerate(tokens))

    def _edit_token(self, statement: Statement, token: Token, after: Sequence[Token]) -> str:
        iri, removal = statement.iri(token), self._removal
        if iri in removal.things and removal.replacement is not None:
            self._note(token, "a link to the thing", "leads to what stands in its place")
            return f"<{removal.replacement}>"
        if token.kind == "space" or not removal.holds(token.text):
            return token.text
        if token.kind == "string" and len(after) == 2 and statement.iri(after[1]).endswith("#anyURI"):
            self._note(token, "the name in a web address", "leads to the list of what was withdrawn")
            return f'"{LIST}"'
        if token.kind in ("string", "comment"):
            self._note(
                token, "the name in a comment" if token.kind == "comment" else "the name in a text", f"becomes {MARK}"
            )
            return removal.redact(token.text)
        if iri.startswith(terms.BASE):
            self._note(token, "the name in an IRI", "becomes letters drawn at random")
            return removal.rename(token.text)
        self._note(token, "the name", "is left to an editor")
        return token.text

    def _goes(self, statement: Statement, token: Token) -> bool:
        return self._removal.drops(Iri(statement.iri(token)))

    def _note(self, token: Token, what: str, action: str) -> None:
        self.mentions.append(Mention(token.start, what, action))


def _split(tokens: Sequence[Token], separator: str) -> Iterator[Sequence[Token]]:
    """Divide tokens at a mark that stands in no bracket; the parts have no white space or comment at their ends."""
    depth, start = 0, 0
    for number, token in enumerate(tokens):
        depth += token.turn
        if depth == 0 and token.text == separator:
            yield _strip(tokens[start:number])
            start = number + 1
    yield _strip(tokens[start:])


def _strip(tokens: Sequence[Token]) -> Sequence[Token]:
    words = [number for number, token in enumerate(tokens) if token.kind not in SPACE]
    return tokens[words[0] : words[-1] + 1] if words else []

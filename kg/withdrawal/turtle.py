"""The text of a Turtle file, edited so that it keeps its layout and its comments.

The editor knows Turtle as people write it here. Its caller compares what the edited text states with what it should state.
"""

from collections.abc import Sequence
from typing import NamedTuple

from kg import terms
from kg.sparql.tokens import Token
from kg.sparql.turtle import Statement, read_statements
from kg.store import read_quads, write_turtle
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
        return "".join(self._edit_statement(statement) for statement in read_statements(text))

    def _edit_statement(self, statement: Statement) -> str:
        words = statement.words
        first = statement.tokens.index(words[0]) if words else len(statement.tokens)
        before = self._edit(statement, statement.tokens[:first])
        if words and not statement.is_directive and statement.iri(words[0]) in self._removal.things:
            self._note(words[0], "the description of the thing", "removed")
            return before.rstrip()
        body = self._edit(statement, statement.tokens[first:])
        links = [word for word in words[1:] if self._removal.drops(Iri(statement.iri(word)))]
        if links and not statement.is_directive:
            for link in links:
                self._note(link, "a link to the thing", "removed")
            body = self._without_links(statement, body)
        return before + body

    def _without_links(self, statement: Statement, body: str) -> str:
        """Write a description anew without the links that go."""
        declarations = [f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in statement.prefixes.items()]
        text = f"{''.join(declarations)}@base <{statement.base}> .\n{body}"
        quads = read_quads(text.encode(), "ttl")
        left = [quad[:3] for quad in quads if not self._removal.drops(quad[2])]
        return write_turtle(left, head=False).rstrip() if left else ""

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
            where = "a comment" if token.kind == "comment" else "a text"
            self._note(token, f"the name in {where}", f"becomes {MARK}")
            return removal.redact(token.text)
        if iri.startswith(terms.BASE):
            self._note(token, "the name in an IRI", "becomes letters drawn at random")
            return removal.rename(token.text)
        self._note(token, "the name", "is left to an editor")
        return token.text

    def _note(self, token: Token, what: str, action: str) -> None:
        self.mentions.append(Mention(token.start, what, action))

"""The text of a Turtle file without what is taken out: a description that changes is written anew, all else keeps its layout and comments.

The caller compares what the edited text states with what it should state.
"""

from collections.abc import Iterator

from kg.sparql.turtle import Statement, read_statements
from kg.store import read_quads, write_turtle
from kg.withdrawal.removal import Removal

_DESCRIPTION = "the description of the thing", "removed"


def edit(text: str, removal: Removal) -> str:
    """Take things and names out of a Turtle text. Raises SourceError for what only a person can decide."""
    return "".join(_edit(statement, removal) for statement in read_statements(text))


def find_things(text: str, removal: Removal) -> Iterator[tuple[int, str, str]]:
    """Yield the offsets at which a Turtle text names one of the things, each with what stands there and what becomes of it."""
    link = "leads to what stands in its place" if removal.replacement else "removed"
    for statement in read_statements(text):
        for number, word in enumerate(statement.words):
            if statement.iri(word) in removal.things:
                is_link = number > 0 or statement.is_directive
                yield word.start, *(("a link to the thing", link) if is_link else _DESCRIPTION)


def _edit(statement: Statement, removal: Removal) -> str:
    text, words = "".join(token.text for token in statement.tokens), statement.words
    if not words or statement.is_directive:
        return removal.redact(text)
    begin = words[0].start - statement.tokens[0].start
    space, description = removal.redact(text[:begin]), text[begin:]
    declarations = [f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in statement.prefixes.items()]
    declarations += [f"@base <{statement.base}> .\n"] if statement.base else []
    triples = [quad[:3] for quad in read_quads("".join([*declarations, description]).encode(), "ttl")]
    left = removal.statements(triples)
    if not left:
        return space.rstrip()
    return space + (removal.redact(description) if left == triples else write_turtle(left, head=False).rstrip())

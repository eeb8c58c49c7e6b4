"""What the messages of the engine and its parsers mean, as errors of ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pyoxigraph as ox

from kg import sparql, terms
from kg.errors import AnswerableError, QueryOutOfMemory, QueryRefused, QueryStopped, SourceError
from kg.wording import say

# In the message of a parser of RDF: the part that tells what is wrong, and how to mend it.
_MENDING = (
    ("has not been declared", "Declare it at the top of the file: @prefix name: <IRI> ."),
    ("No scheme found", f"Add @base <{terms.BASE}> . at the top, or write the IRI in full, from https:// on"),
    ("A dot is expected", "End the statement before this one with a full stop"),
    ("Unexpected end", "Something opened here is never closed: look for a missing quote, bracket or full stop"),
    ("UTF-8", "Save the file as UTF-8"),
    ("IRI code point", "An IRI has no spaces, quotes or braces: percent-encode them"),
    ("LoadDocumentCallback", "Write the @context into the file; contexts are not fetched"),
    ("not a valid RDF object", "A value is missing before this, or there is a comma or semicolon too many"),
)
# In the message of the parser of SPARQL, where it tells no place.
_MEANINGS = (
    (
        "variable that is unbound",
        say("SELECT names a variable that is not in GROUP BY"),
        say("Group by it or use an aggregate"),
    ),
    ("Duplicated variable", say("SELECT names a variable twice"), say("Give one of them another name")),
    (
        "SELECT * is not authorized",
        say("SELECT * cannot stand with GROUP BY or an aggregate"),
        say("Name the variables"),
    ),
)
_NO_GRAPH: Any = 0  # the engine refuses this with a ValueError
_NO_END = ("A dot is expected", "property lists should end with")
_NO_SUBJECT = "a is not a valid subject"  # the word `a` stands for a property
_FILE_PLACE = re.compile(r"^Parser error (?:at|between) .*?: ", re.DOTALL)
_FUNCTION = re.compile(r"function <?([^<>\s]+)>? is not supported")
_QUERY_PLACE = re.compile(r"error at (\d+):(\d+): ")


@contextmanager
def evaluating(text: str = "", base: str | None = None) -> Iterator[None]:
    """Turn what the engine raises about a query into an error of ours."""
    try:
        yield
    except SyntaxError:
        raise sparql.explain(text, partial(_message, base), base or "") from None
    except MemoryError:
        raise out_of_memory() from None
    except (RuntimeError, OSError) as error:
        if function := _FUNCTION.search(str(error)):
            message = say(
                "There is no function <%(function)s> here: this endpoint has the functions of SPARQL 1.1 and no others",
                function=function[1],
            )
            hint = say("Leave it out, or compute it from the rows at home")
            raise QueryRefused(message, reason="function", hint=hint) from None
        raise QueryStopped(say("The engine could not answer: %(error)s", error=error)) from None


def parse(text: str) -> None:
    """Raise QuerySyntaxError unless a text is a query from outside as this engine reads it; plans and runs nothing."""
    with evaluating(text, base=sparql.BASE), suppress(ValueError):
        # The engine parses a query before it looks at its dataset, and plans it after; this is none.
        ox.Store().query(text, base_iri=sparql.BASE, default_graph=_NO_GRAPH)


def out_of_memory() -> AnswerableError:
    """Make the error for a query that ran out of memory and whose process lives."""
    return QueryOutOfMemory(say("The query needs more memory than it may have"), hint=say("Ask for less at a time"))


def explain_file(error: SyntaxError, text: str, source: str) -> SourceError:
    """Turn an RDF parser's message about the text of a file into an error with the place and a way to mend it."""
    message = _FILE_PLACE.sub("", error.msg)
    hint = next((hint for part, hint in _MENDING if part in message), None)
    has_no_end = any(part in message for part in _NO_END)
    if message.startswith(_NO_SUBJECT) or has_no_end and _goes_on(text, error.lineno or 0, error.offset or 0):
        message, hint = "A semicolon is missing before this", "Write ; between the properties of one thing"
    return SourceError(message, where=source, line=error.lineno, column=error.offset, hint=hint)


def _goes_on(text: str, line: int, column: int) -> bool:
    """Whether two terms follow a place in a Turtle file, a property and a value, and not three, which are a statement."""
    if not (line and column):
        return False
    terms, before = 0, ""
    for token in sparql.scan(text.split("\n", line - 1)[-1][column - 1 :]):
        if token.kind == "mark" and token.text != "^^":
            return terms + (token.text in "[(") == 2
        terms += token.kind not in ("mark", "language") and before != "^^"  # behind ^^ stands a datatype
        before = token.text
    return False


def _message(base: str | None, text: str) -> sparql.ParserMessage:
    place = meaning = None
    try:
        ox.Store().query(text, base_iri=base)
    except SyntaxError as error:
        match = _QUERY_PLACE.match(str(error))
        place = (int(match[1]), int(match[2])) if match else None
        meaning = next(((message, hint) for part, message, hint in _MEANINGS if part in str(error)), None)
    return place, meaning

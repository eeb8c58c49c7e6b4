"""Every error this software raises on purpose, in one tree.

    AnswerableError
     |- ConfigError          a setting or a command-line value is wrong
     |- SourceError          an input file is wrong (file:line:column)
     |- BadParameter         a parameter of a question or of a request is wrong
     |- UnknownName          no question, release, resource or format of that name
     |- Withdrawn            the thing was withdrawn; only its tombstone is left
     |- NotAcceptable        none of the formats we offer was asked for
     |- QuerySyntaxError     the query text is not SPARQL 1.1 (line:column)
     |- QueryRefused         the query is SPARQL, and we do not run it (update, SERVICE, too large, too deep)
     |- QueryStopped         the query ran and was ended
     |   |- QueryTimeout       at its deadline
     |   |- QueryOutOfMemory   at the memory limit of its worker
     |   |- AnswerTooLarge     at the row or byte limit of an answer
     |   |- QueryCrashed       because its worker died
     |- EngineFailed         another SPARQL engine, gave no answer that is known to be whole
     |   |- EngineTimeout      at the deadline
     |- Busy                 too many queries are waiting; try again in `retry_after` seconds
     |- BudgetSpent          this client used up its share of query time; try again in `retry_after` seconds
     |- HttpError            an HTTP request does not fit its route (in api.problems, which knows the statuses)
     |- BuildError           a release was not made
         |- ValidationFailed   the data do not conform; `report` says where
         |- ReleaseCorrupt     a release differs from its manifest

A class's `slug` names the kind of error in a problem document and never changes. `str()` of an error is one line for a person:
where it is, what is wrong, what to do. No class knows an HTTP status or an exit code.
"""

from collections.abc import Iterator, Sequence
from typing import Any


class AnswerableError(Exception):
    """Says what is wrong (`message`), where (`where:line:column`) and what to do about it (`hint`).

    A subclass may carry `more`: the attributes that it declares.
    """

    slug = "error"

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        line: int | None = None,
        column: int | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.line = line
        self.column = column
        self.__dict__.update(more)

    @property
    def place(self) -> str:
        """Write the place as `where:line:column`, leaving out what is not known."""
        parts = (self.where, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)

    def __str__(self) -> str:
        sentences = " ".join(_close(text) for text in (self.message, self.hint) if text)
        one_line = " ".join(sentences.split())
        return f"{self.place}: {one_line}" if self.place else one_line


class ConfigError(AnswerableError):
    """A setting has an unknown name or a value that cannot be used."""

    slug = "bad-setting"


class SourceError(AnswerableError):
    """An input file cannot be read as what it claims to be."""

    slug = "bad-source"


class BadParameter(AnswerableError):
    """A parameter is missing, unknown or of the wrong kind."""

    slug = "bad-parameter"


class UnknownName(AnswerableError):
    """There is nothing of that name here."""

    slug = "unknown-name"


class Withdrawn(AnswerableError):
    """The thing was withdrawn; only its tombstone is left."""

    slug = "withdrawn"


class NotAcceptable(AnswerableError):
    """None of the media types asked for can be made; `offered` lists those that can."""

    slug = "not-acceptable"

    def __init__(self, message: str, *, offered: Sequence[str] = (), **place: Any) -> None:
        super().__init__(message, offered=tuple(offered), **place)


class QuerySyntaxError(AnswerableError):
    """The query text does not parse."""

    slug = "query-syntax"


class QueryRefused(AnswerableError):
    """The query is not run, by policy; `reason` is update, service, too-long, too-deep, too-many-operators or function."""

    slug = "query-refused"
    reason: str


class QueryStopped(AnswerableError):
    """The query was ended before it had a whole answer; no part of the answer is given."""

    slug = "query-stopped"


class QueryTimeout(QueryStopped):
    """The query met its deadline."""

    slug = "query-timeout"


class QueryOutOfMemory(QueryStopped):
    """The query met the memory limit of its worker."""

    slug = "query-out-of-memory"


class AnswerTooLarge(QueryStopped):
    """The answer has more rows or more bytes than one answer may have."""

    slug = "answer-too-large"


class QueryCrashed(QueryStopped):
    """The query's worker crashed, or several in turn were killed from outside."""

    slug = "query-crashed"


class EngineFailed(AnswerableError):
    """Another SPARQL engine gave no answer that is known to be whole; no part of it is passed on."""

    slug = "engine-failed"


class EngineTimeout(EngineFailed):
    """Another SPARQL engine did not answer by the deadline."""

    slug = "engine-timeout"


class Busy(AnswerableError):
    """Every worker is occupied and the queue is full; `retry_after` is in whole seconds."""

    slug = "busy"
    retry_after: int


class BudgetSpent(AnswerableError):
    """A client has used up its budget of query time; `retry_after` is in whole seconds."""

    slug = "budget-spent"
    retry_after: int


class BuildError(AnswerableError):
    """A release was not made; the one before it is untouched."""

    slug = "build-failed"


class ValidationFailed(BuildError):
    """The data do not conform; `report` is the validation report that says where."""

    slug = "validation-failed"
    report: Any = None


class ReleaseCorrupt(BuildError):
    """A release folder differs from its manifest."""

    slug = "release-corrupt"


def walk_errors(root: type[AnswerableError] = AnswerableError) -> Iterator[type[AnswerableError]]:
    """Yield `root` and every class below it, parents first."""
    yield root
    for child in root.__subclasses__():
        yield from walk_errors(child)


def _close(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in ".?!" else text + "."

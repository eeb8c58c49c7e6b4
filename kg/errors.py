"""Every error this software raises on purpose, in one tree; the server's own HttpError, in api.http.problems, is a part of it.

A class's `slug` names the kind of error in a problem document and never changes. `str()` of an error is one line for a person:
where it is, what is wrong, what to do. No class knows an HTTP status or an exit code.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class AnswerableError(Exception):
    """Says what is wrong (`message`), where (`where:line:column`) and what to do about it (`hint`).

    A subclass may carry `more`: the attributes that it declares.
    """

    slug = "error"

    def __init_subclass__(cls, slug: str, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.slug = slug

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
        self.message, self.hint = message, hint
        self.where, self.line, self.column = where, line, column
        self.__dict__.update(more)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.where, self.line, self.column) if part is not None)
        texts = [" ".join(text.split()) for text in (self.message, self.hint) if text]
        one_line = " ".join(text if text.endswith((".", "?", "!")) else text + "." for text in texts)
        return f"{place}: {one_line}" if place else one_line


class ConfigError(AnswerableError, slug="bad-setting"):
    """A setting has an unknown name or a value that cannot be used."""


class SourceError(AnswerableError, slug="bad-source"):
    """An input file cannot be read as what it claims to be."""


class BadParameter(AnswerableError, slug="bad-parameter"):
    """A parameter is missing, unknown or of the wrong kind."""


class UnknownName(AnswerableError, slug="unknown-name"):
    """There is nothing of that name here."""


class ThingWithdrawn(AnswerableError, slug="withdrawn"):
    """The thing was withdrawn; only its tombstone is left."""


class NotAcceptable(AnswerableError, slug="not-acceptable"):
    """None of the media types asked for can be made; `offered` lists those that can."""

    offered: Sequence[str] = ()


class QuerySyntaxError(AnswerableError, slug="query-syntax"):
    """The query text does not parse."""


class QueryRefused(AnswerableError, slug="query-refused"):
    """The query is not run, by policy; `reason` tells what is refused: update, not-a-query, form, service, function, or a limit."""

    reason: str


class QueryStopped(AnswerableError, slug="query-stopped"):
    """The query was ended before it had a whole answer; no part of the answer is given."""


class QueryTimeout(QueryStopped, slug="query-timeout"):
    """The query met its deadline."""


class QueryOutOfMemory(QueryStopped, slug="query-out-of-memory"):
    """The query met the memory limit of its worker."""


class AnswerTooLarge(QueryStopped, slug="answer-too-large"):
    """The answer has more rows or more bytes than one answer may have."""


class QueryCrashed(QueryStopped, slug="query-crashed"):
    """The query's worker crashed, or several in turn were killed from outside."""


class CheckStopped(AnswerableError, slug="check-stopped"):
    """The check of a file met a limit and was ended; it tells nothing of the file."""


class EngineFailed(AnswerableError, slug="engine-failed"):
    """Another SPARQL engine gave no answer that is known to be whole; no part of it is passed on."""


class EngineTimeout(EngineFailed, slug="engine-timeout"):
    """Another SPARQL engine did not answer by the deadline."""


class EngineDiffers(EngineFailed, slug="engine-differs"):
    """Another SPARQL engine has been seen to answer this query otherwise than the store of the release."""


class Busy(AnswerableError, slug="busy"):
    """Every worker is occupied and the queue is full; `retry_after` is in whole seconds."""

    retry_after: int


class BudgetSpent(AnswerableError, slug="budget-spent"):
    """A client has used up its budget of query time; `retry_after` is in whole seconds."""

    retry_after: int


class WriteFailed(AnswerableError, slug="write-failed"):
    """The disk does not take what was to be written; what was there before stays."""


class BuildError(AnswerableError, slug="build-failed"):
    """A release was not made; the one before it is untouched."""


class ValidationFailed(BuildError, slug="validation-failed"):
    """The data do not conform; `report` is the validation report that says where."""

    report: Any = None


class ReleaseCorrupt(BuildError, slug="release-corrupt"):
    """A release folder differs from its manifest."""


def walk_errors(root: type[AnswerableError] = AnswerableError) -> Iterator[type[AnswerableError]]:
    """Yield `root` and every class below it, parents first."""
    yield root
    for child in root.__subclasses__():
        yield from walk_errors(child)


@contextmanager
def named_after(file: str, *kinds: type[AnswerableError]) -> Iterator[None]:
    """Name the file in errors of some kinds that are raised within."""
    try:
        yield
    except kinds as error:
        error.where = file
        raise

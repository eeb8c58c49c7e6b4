"""A named question: a query file that describes itself in its header.

The header of a file is its leading lines that begin with `#+ `, each `key: value`; parts are divided by ` | `:

    title: …                                   the name for people
    question: … {parameter} …                  the question in words
    about: …                                   how to read the answer
    empty: …                                   what an empty answer does and does not say
    parameter: name | kind | class | example | label      kind is iri, date, year, integer or text; class is a term
                                               such as ans:State, or a scheme such as scheme/right
    column: name | what it means
    cites: column [column]                     columns that hold passage IRIs, one or more in a cell, divided by spaces
    picture: table | timeline | map | chart
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg import terms
from kg.errors import BadParameter, SourceError, UnknownName
from kg.terms import Iri, Literal

_ONCE = ("title", "question", "about", "empty", "cites", "picture")
_KINDS = ("iri", "date", "year", "integer", "text")
_PICTURES = ("table", "timeline", "map", "chart")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question needs to be told: its kind, for an IRI the class of the thing, an example and a label."""

    name: str
    kind: str
    class_name: str
    example: str
    label: str

    @property
    def class_iri(self) -> str | None:
        """The IRI of the class, or scheme, that an IRI parameter's value belongs to; None for other kinds."""
        if self.class_name.startswith("scheme/"):
            return terms.BASE + self.class_name
        return terms.term(self.class_name.removeprefix("ans:")) if self.class_name else None

    def read(self, value: str) -> Any:
        """Turn a person's text into an RDF term; raise BadParameter that says what is wanted.

        An IRI may be written in full or by its part behind the base, such as `id/state/kaz`.
        """
        text = value.strip()
        try:
            return _READERS[self.kind](text)
        except ValueError as error:
            raise BadParameter(
                f"{self.name}={value!r} is not {error}", where=self.name, hint=f"An example is {self.example}."
            ) from None


def _read_iri(text: str) -> Iri:
    iri = terms.BASE + text.lstrip("/") if not re.match(r"[A-Za-z][\w+.-]*:", text) else text
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", iri):
        raise ValueError("an IRI")
    return Iri(iri)


def _read_date(text: str) -> Literal:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("a date written YYYY-MM-DD")
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("a day that exists") from None
    return Literal(text, datatype=terms.PREFIXES["xsd"] + "date")


def _read_year(text: str) -> Literal:
    if not re.fullmatch(r"\d{4}", text):
        raise ValueError("a year of four digits")
    return Literal(text, datatype=terms.PREFIXES["xsd"] + "gYear")


def _read_integer(text: str) -> Literal:
    if not re.fullmatch(r"[+-]?\d{1,18}", text):
        raise ValueError("a whole number")
    return Literal(text, datatype=terms.PREFIXES["xsd"] + "integer")


def _read_text(text: str) -> Literal:
    if not text or len(text) > 200:
        raise ValueError("a text of 1 to 200 characters")
    return Literal(text)


_READERS = {"iri": _read_iri, "date": _read_date, "year": _read_year, "integer": _read_integer, "text": _read_text}


@dataclass(frozen=True)
class Question:
    """One named question: its header, taken apart, and the text of its query."""

    name: str
    title: str
    question: str
    about: str
    empty: str
    parameters: tuple[Parameter, ...]
    columns: tuple[tuple[str, str], ...]
    cites: tuple[str, ...]
    picture: str
    text: str = field(repr=False)
    lines: Mapping[str, int] = field(
        default_factory=dict, repr=False
    )  # of the header: `column name`, `title` … -> line

    def bind(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Turn the texts given for the parameters into RDF terms, all of them, or raise BadParameter."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                meant = f"Did you mean {close[0]}?" if close else f"It takes: {', '.join(known) or 'none'}."
                raise BadParameter(f"the question {self.name} has no parameter {name}", where=name, hint=meant)
        for name, parameter in known.items():
            if not values.get(name, "").strip():
                raise BadParameter(
                    f"the question {self.name} needs the parameter {name} ({parameter.label})",
                    where=name,
                    hint=f"An example is {name}={parameter.example}.",
                )
        return {name: known[name].read(value) for name, value in values.items()}


def load_questions(folder: Path, refuse: Callable[[SourceError], None] | None = None) -> dict[str, Question]:
    """Read every question of a folder, by name in alphabetical order.

    A file whose header is wrong is left out and handed to `refuse`; without it, its SourceError is raised.
    """
    questions = {}
    for path in sorted(folder.glob("*.rq")):
        try:
            questions[path.stem] = parse_question(path.stem, path.read_text(encoding="utf-8"), str(path))
        except (SourceError, UnicodeDecodeError) as error:
            if isinstance(error, UnicodeDecodeError):
                error = SourceError("The file is not UTF-8 text", where=str(path), hint="Save it as UTF-8")
            if refuse is None:
                raise error from None
            refuse(error)
    return questions


def parse_question(name: str, text: str, where: str) -> Question:
    """Read the text of a question file. Raises SourceError with the line where its header is wrong; `where` names the file."""
    once: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: list[tuple[str, str]] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            break
        key, _, value = (part.strip() for part in line[2:].partition(":"))
        parts = [part.strip() for part in value.split("|")]
        try:
            if key == "parameter":
                parameters.append(_parameter(parts))
            elif key == "column":
                columns.append(_column(parts))
            else:
                _refuse_key(key, value, once)
                once[key] = value
            described = f"{key} {parts[0]}" if key in ("parameter", "column") else key
            if described in lines:
                raise ValueError(f"the {described} stands twice")
        except ValueError as error:
            raise SourceError(f"bad header: {error}", where=where, line=number, column=1) from None
        lines[described] = number
    if missing := [key for key in _ONCE if key not in once]:
        wanted = " and ".join(f"`#+ {key}: …`" for key in missing)
        said = f"the header lacks {', '.join(missing)}"
        raise SourceError(said, where=where, line=1, column=1, hint=f"Write {wanted} above the query")
    names, cites = {column for column, _ in columns}, tuple(once["cites"].split())
    if not columns:
        raise SourceError("the header lacks columns", where=where, line=1, column=1, hint="Write `#+ column: name | …`")
    if strange := [column for column in cites if column not in names]:
        said = f"cites names {strange[0]}, which is no column"
        raise SourceError(said, where=where, line=lines["cites"], column=1, hint=f"Columns: {', '.join(sorted(names))}")
    if once["picture"] not in _PICTURES:
        said = f"there is no picture {once['picture']!r}"
        raise SourceError(said, where=where, line=lines["picture"], column=1, hint=f"Use {', '.join(_PICTURES)}")
    known = {parameter.name for parameter in parameters}
    if strange := [slot for slot in re.findall(r"\{(\w+)\}", once["question"]) if slot not in known]:
        said = f"the question names {{{strange[0]}}}, which is no parameter"
        raise SourceError(said, where=where, line=lines["question"], column=1)
    texts = (once[key] for key in ("title", "question", "about", "empty"))
    return Question(name, *texts, tuple(parameters), tuple(columns), cites, once["picture"], text, lines)


def _refuse_key(key: str, value: str, once: Mapping[str, str]) -> None:
    if key not in _ONCE:
        close = difflib.get_close_matches(key, (*_ONCE, "parameter", "column"), 1)
        raise ValueError(f"{key!r} is no header key" + (f"; did you mean {close[0]!r}?" if close else ""))
    if key in once or not value:
        raise ValueError(f"{key!r} stands twice" if key in once else f"{key!r} is empty")


def _column(parts: list[str]) -> tuple[str, str]:
    if len(parts) != 2 or not all(parts):
        raise ValueError("a column has two parts: name | what it means")
    return parts[0], parts[1]


def _parameter(parts: list[str]) -> Parameter:
    if len(parts) != 5:
        raise ValueError("a parameter has five parts: name | kind | class | example | label")
    parameter = Parameter(*parts)
    if parameter.kind not in _KINDS:
        raise ValueError(f"the kind {parameter.kind!r} is not one of {', '.join(_KINDS)}")
    try:
        parameter.read(parameter.example)
    except BadParameter as error:
        raise ValueError(f"the example {error.message}") from None
    return parameter


def find_question(questions: Mapping[str, Question], name: str) -> Question:
    """Return the question of this name, or raise UnknownName with the names that come close."""
    if name not in questions:
        close = difflib.get_close_matches(name, questions, 3, 0.4) or sorted(questions)
        raise UnknownName(f"no question is called {name!r}", hint=f"Try {', '.join(close)}.")
    return questions[name]

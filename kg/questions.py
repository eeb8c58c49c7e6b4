"""The named questions: a query file with its header -> Question; ask() -> Answer(rows, citations, release).

Promises that a question is wholly described by its file, that parameters are bound as RDF terms and never pasted into the
text, and that an answer carries a citation for every passage it names. Never decides what a question means: that is in
queries/questions/.

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
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from kg import terms
from kg.errors import BadParameter, SourceError, UnknownName
from kg.store import Iri, Literal

_ONCE = ("title", "question", "about", "empty", "cites", "picture")
_KINDS = ("iri", "date", "year", "integer", "text")
_PICTURES = ("table", "timeline", "map", "chart")


class Engine(Protocol):
    """Whatever answers SPARQL: a store, or a pool of workers on one."""

    def answer(self, text: str, format: str, *, bindings: Mapping[str, Any] | None = None) -> Any:
        """Return the answer to a query, serialised; its `body` holds the bytes."""


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


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage, ready to be quoted: its label, the document it is in, and where in the document."""

    passage: str
    label: str
    document: str
    document_label: str
    section: str
    paragraph: str


@dataclass(frozen=True)
class Answer:
    """The rows of an answer as RDF terms in SPARQL's JSON form, with what a reader needs beside them.

    `rows` are dictionaries from column to `{"type", "value", "datatype"?, "xml:lang"?}`; an unbound column is absent.
    `labels` gives an English label for each IRI of ours in them; `complete` is always true, since an answer that would be
    cut is an error instead.
    """

    question: Question
    values: Mapping[str, str]
    rows: tuple[Mapping[str, Mapping[str, str]], ...]
    labels: Mapping[str, str]
    citations: Mapping[str, Citation]
    release: str
    complete: bool = True

    @cached_property
    def sentence(self) -> str:
        """The question in words, with the labels of the values in it."""

        def fill(match: re.Match[str]) -> str:
            value = self.values.get(match[1], match[1])
            return self.labels.get(value, value)

        return re.sub(r"\{(\w+)\}", fill, self.question.question)


def load(folder: Path) -> dict[str, Question]:
    """Read every question of a folder, by name in alphabetical order.

    Raises SourceError with the file and line where a header is wrong.
    """
    return {path.stem: read(path) for path in sorted(folder.glob("*.rq"))}


def read(path: Path) -> Question:
    """Read one question file. Raises SourceError with the file and line where its header is wrong."""
    text = path.read_text(encoding="utf-8")
    once: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+ "):
            break
        key, _, value = (part.strip() for part in line[3:].partition(":"))
        parts = [part.strip() for part in value.split("|")]
        try:
            if key == "parameter":
                parameters.append(_parameter(parts))
            elif key == "column":
                columns.append(_column(parts))
            elif key in _ONCE and key not in once and value:
                once[key] = value
            else:
                raise ValueError(f"{key!r} is no header key, stands twice or is empty")
        except ValueError as error:
            raise SourceError(f"bad header: {error}", where=str(path), line=number) from None
    if missing := [key for key in _ONCE if key not in once]:
        raise SourceError(f"the header lacks {', '.join(missing)}", where=str(path), line=1)
    names, cites = {name for name, _ in columns}, tuple(once["cites"].split())
    if not columns or not set(cites) <= names or once["picture"] not in _PICTURES:
        raise SourceError("the header needs columns, cites among them, and a known picture", where=str(path), line=1)
    return Question(
        path.stem,
        once["title"],
        once["question"],
        once["about"],
        once["empty"],
        tuple(parameters),
        tuple(columns),
        cites,
        once["picture"],
        text,
    )


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
    return parameter


def find(questions: Mapping[str, Question], name: str) -> Question:
    """Return the question of this name, or raise UnknownName with the names that come close."""
    if name not in questions:
        close = difflib.get_close_matches(name, questions, 3, 0.4) or sorted(questions)
        raise UnknownName(f"no question is called {name!r}", hint=f"Try {', '.join(close)}.")
    return questions[name]


def ask(engine: Engine, question: Question, values: Mapping[str, str], release: str) -> Answer:
    """Ask a question of a release and gather the labels and citations its answer needs.

    Raises BadParameter for a wrong value, also for an IRI of ours that the release does not know.
    """
    bindings = question.bind(values)
    _check_known(engine, question, bindings)
    rows = _rows(engine, question.text, bindings)
    names = [name for name, _ in question.columns]
    kept = tuple({name: row[name] for name in names if name in row} for row in rows)
    passages = sorted(
        {iri for row in kept for name in question.cites if name in row for iri in row[name]["value"].split()}
    )
    resources = {term["value"] for row in kept for term in row.values() if term["type"] == "uri"}
    resources |= {term.value for term in bindings.values() if isinstance(term, Iri)}
    asked = {name: term.value for name, term in bindings.items()}
    return Answer(question, asked, kept, _labels(engine, resources), _cite(engine, passages), release)


def choices(engine: Engine, parameter: Parameter) -> list[tuple[str, str]]:
    """List the things a parameter of kind iri may name, as (IRI, label) in the order of their labels."""
    if parameter.kind != "iri":
        return []
    rows = _rows(engine, _QUERIES["choices"], {"class": Iri(parameter.class_iri)})
    return [(row["thing"]["value"], row["label"]["value"]) for row in rows]


def _check_known(engine: Engine, question: Question, bindings: Mapping[str, Any]) -> None:
    for parameter in question.parameters:
        if parameter.kind != "iri":
            continue
        known = dict(choices(engine, parameter))
        iri = bindings[parameter.name].value
        if iri not in known:
            short = {one.removeprefix(terms.BASE): one for one in known}
            close = difflib.get_close_matches(iri.removeprefix(terms.BASE), short, 3, 0.5) or sorted(short)[:3]
            raise BadParameter(
                f"{parameter.name}={iri.removeprefix(terms.BASE)} is not known here as {parameter.label}",
                where=parameter.name,
                hint=f"Try {', '.join(close)}.",
            )


def _rows(engine: Engine, text: str, bindings: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    return json.loads(engine.answer(text, "json", bindings=bindings).body)["results"]["bindings"]


def _about(engine: Engine, query: str, iris: Iterable[str]) -> list[dict[str, Any]]:
    """Ask a query about a set of IRIs, which come from the engine or passed `Parameter.read`."""
    listed = " ".join(f"<{iri}>" for iri in sorted(iris))
    return _rows(engine, _QUERIES[query].replace("VALUES ?thing {}", f"VALUES ?thing {{ {listed} }}")) if listed else []


def _labels(engine: Engine, iris: Iterable[str]) -> dict[str, str]:
    rows = _about(engine, "labels", iris)
    return {row["thing"]["value"]: row["label"]["value"] for row in rows}


def _cite(engine: Engine, passages: Iterable[str]) -> dict[str, Citation]:
    def text(row: Mapping[str, Any], name: str) -> str:
        return row[name]["value"] if name in row else ""

    return {
        row["thing"]["value"]: Citation(
            row["thing"]["value"], *(text(row, name) for name in ("label", "document", "title", "section", "paragraph"))
        )
        for row in _about(engine, "citations", passages)
    }


_PREFIXES = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in ("ans", "skos"))
_QUERIES = {
    "labels": _PREFIXES
    + 'SELECT ?thing ?label { VALUES ?thing {} ?thing skos:prefLabel ?label FILTER (LANG(?label) = "en") }',
    "choices": _PREFIXES
    # OPTIONAL, though each has a label: so the engine looks up the things of the class first, and not every label there is.
    + "SELECT DISTINCT ?class ?thing ?label { { ?thing a ?class } UNION { ?thing skos:inScheme ?class }"
    + ' OPTIONAL { ?thing skos:prefLabel ?label } FILTER (LANG(?label) = "en") }'
    + " ORDER BY ?label",
    "citations": _PREFIXES
    + """SELECT ?thing ?label ?document ?title ?section ?paragraph {
  VALUES ?thing {} ?thing skos:prefLabel ?label ; ans:isPartOf ?document . ?document skos:prefLabel ?title .
  OPTIONAL { ?thing ans:section ?section } OPTIONAL { ?thing ans:paragraph ?paragraph }
  FILTER (LANG(?label) = "en" && LANG(?title) = "en")
}""",
}

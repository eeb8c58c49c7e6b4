"""A named question: a query file that describes itself in its header.

Its header (kg.sparql.header) has these lines:

    title: …                                   the question as a person would type it
    topic: happened | bound | found | promised | became | record
                                               under what the list of questions shows it
    question: … {parameter} … [on {day}]       the question in words; what stands in brackets is left out with its parameter
    answer: …                                  the template of the sentence that answers it (kg.sparql.template)
    about: …                                   how to read the answer
    empty: … {parameter} … [on {day}]          the answer where there are no rows: what was looked at, and what it does not say
    parameter: name | kind | class | example | label [| optional]
                                               kind is iri, date, year, integer or text; class is a term such as
                                               ans:State, or a scheme such as scheme/right
    column: name | what it means
    things: column [column]                    optional: columns that hold things, which have names beside their addresses
    cites: column [column]                     columns that hold passage IRIs, one or more in a cell, divided by spaces
    picture: kind [| role=column …]            how the answer is drawn, as kg/sparql/drawing.py tells: the kind of picture, and
                                               which columns fill its roles; a second line is a second picture; `table` is none
    wording: code | text with %(slots)s        optional: a text that a cell names by its code, followed by the values of the slots in
                                               their order, each behind a tab; a cell with several has each in a line of its own
    record: name                               optional: the query in queries/records/ that says how far the record goes
                                               which the answer is drawn from; it is asked with the same parameters. Where it
                                               gives no row, the query name-otherwise is asked instead, if there is one
    values: first                              optional: the embedded engine is given the values of the parameters at the head
                                               of the pattern and plans with them; otherwise it plans before it has them

Of these, a query behind the pages or in queries/records/ may have the line `values` alone.
"""

import datetime
import difflib
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from kg import terms
from kg.errors import BadParameter, SourceError, UnknownName
from kg.sparql import template
from kg.sparql.drawing import Drawing, read_drawing
from kg.sparql.header import Grammar, Header, read_header
from kg.sparql.rewrite import insert_values
from kg.terms import Iri, Literal
from kg.wording import SEPARATOR, Listing, read_wordings, say

# How a value of each kind is written, what a person who wrote another is told, and its datatype.
_KINDS = {
    "iri": (r"https?://[^\s<>\"{}|\\^`]+", say("an IRI"), None),
    "date": (r"\d{4}-\d{2}-\d{2}", say("a date written YYYY-MM-DD"), terms.PREFIXES["xsd"] + "date"),
    "year": (r"\d{4}", say("a year of four digits"), terms.PREFIXES["xsd"] + "gYear"),
    "integer": (r"[+-]?\d{1,18}", say("a whole number"), terms.PREFIXES["xsd"] + "integer"),
    "text": (r"(?s:.{1,200})", say("a text of 1 to 200 characters"), None),
}
_SCHEMAS = {"date": {"format": "date"}, "year": {"pattern": "^[0-9]{4}$"}}
_GRAMMAR = Grammar(
    required=("title", "topic", "question", "answer", "about", "empty", "cites", "picture", "column"),
    optional=("values", "record", "things"),
    repeated={
        "parameter": (5, 6, "name | kind | [class] | example | label [| optional]"),
        "column": (2, 2, "name | what it means"),
        "picture": (1, 99, "kind | role=column …"),
        "wording": (2, 2, "code | text with %(slots)s"),
    },
)
_VALUES = ("first",)
# What people want to know, in the order of the list of questions; `by_topic` says it in words.
TOPICS = ("happened", "bound", "found", "promised", "became", "record")
FIRST_YEAR = 1900  # that can be asked for
_JOINED = re.compile(r'separator\s*=\s*"; "\s*\)+\s*AS\s*\?(\w+)', re.IGNORECASE)
_SLOT = r"\{(\w+)\}"  # the place of a parameter in a question in words


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a question needs: its kind, for an IRI the class of the thing, an example and a label."""

    name: str
    kind: str
    class_name: str
    example: str
    label: str
    optional: str = ""  # "optional", or nothing

    @property
    def class_iri(self) -> str | None:
        """The IRI of the class, or scheme, that an IRI parameter's value belongs to; None for other kinds."""
        if self.class_name.startswith("scheme/"):
            return terms.BASE + self.class_name
        return terms.term(self.class_name.removeprefix("ans:")) if self.class_name else None

    def describe(self) -> dict[str, Any]:
        """Describe it for programs."""
        return {
            "name": self.name,
            "kind": self.kind,
            "class": self.class_iri,
            "example": self.example,
            "label": self.label,
            "optional": bool(self.optional),
        }

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the text of a value."""
        return {"type": "string", **_SCHEMAS.get(self.kind, {})}

    def read(self, value: str) -> Iri | Literal:
        """Turn a person's text into an RDF term; raise BadParameter that says what is wanted.

        An IRI may be written in full or by its part behind the base, such as `id/state/kaz`.
        """
        text = value.strip()
        if self.kind == "iri" and not re.match(r"[A-Za-z][\w+.-]*:", text):
            text = terms.BASE + text.lstrip("/")
        form: str
        pattern, form, datatype = _KINDS[self.kind]
        fits = re.fullmatch(pattern, text)
        if fits and self.kind == "date" and not _is_day(text):
            fits, form = None, "a day that exists"
        if fits and self.kind in ("date", "year") and not FIRST_YEAR <= int(text[:4]) <= last_year():
            fits, form = None, f"in the years that can be asked for, {FIRST_YEAR} to {last_year()}"
        if not fits:
            message = say("%(name)s=%(value)s is not %(wanted)s", name=self.name, value=f"{value!r}", wanted=form)
            raise BadParameter(message, where=self.name, hint=say("An example is %(example)s.", example=self.example))
        return Iri(text) if self.kind == "iri" else Literal(text, datatype)


def last_year() -> int:
    """Return the last year that can be asked for, the next one: what was decided may come into force in it."""
    return datetime.datetime.now(datetime.UTC).year + 1


def _is_day(text: str) -> bool:
    try:
        return bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


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
    text: str = field(repr=False)
    topic: str = ""  # a key of TOPICS
    answer: str = ""  # the template of the sentence that answers it
    record: str = ""  # the name of the query that says how far the record goes, and its text
    record_text: str = field(default="", repr=False, compare=False)
    pictures: tuple[Drawing, ...] = field(default=(), hash=False)  # without `table`
    things: tuple[str, ...] = ()  # columns that hold IRIs of things, whatever the rows
    wordings: Mapping[str, str] = field(
        default_factory=dict, hash=False
    )  # texts with slots, by the code that a cell names
    otherwise_text: str = field(default="", repr=False, compare=False)  # asked where that one gives no row
    lines: Mapping[str, int] = field(default_factory=dict, repr=False, hash=False)  # `column name`, `title` … -> line

    def bind(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Turn the texts given for the parameters into RDF terms, all of them, or raise BadParameter."""
        parameters = {parameter.name: parameter for parameter in self.parameters}
        if strange := [name for name in values if name not in parameters]:
            close = difflib.get_close_matches(strange[0], parameters, 1)
            hint = say("It takes: %(known)s.", known=", ".join(parameters) or say("none"))
            hint = say("Did you mean %(close)s?", close=close[0]) if close else hint
            message = say("the question %(question)s has no parameter %(name)s", question=self.name, name=strange[0])
            raise BadParameter(message, where=strange[0], hint=hint)
        for name, parameter in parameters.items():
            if not values.get(name, "").strip() and not parameter.optional:
                message = say(
                    "the question %(question)s needs the parameter %(name)s (%(label)s)",
                    question=self.name,
                    name=name,
                    label=say(parameter.label),
                )
                hint = say("An example is %(name)s=%(example)s.", name=name, example=parameter.example)
                raise BadParameter(message, where=name, hint=hint)
        return {name: parameters[name].read(value) for name, value in values.items() if value.strip()}

    @property
    def picture(self) -> str:
        """The kind of its first picture, or `table`."""
        return self.pictures[0].kind if self.pictures else "table"

    def fill(self, row: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
        """Write the texts that the cells of a row name or list, in English; each can still be translated."""
        cells: dict[str, Mapping[str, str]] = {}
        for name, term in row.items():
            value = read_wordings(term["value"], self.wordings)
            cells[name] = {**term, "value": Listing(value.split(SEPARATOR)) if name in self.joined else value}
        return cells

    @cached_property
    def joined(self) -> frozenset[str]:
        """The columns of which a cell lists several texts, in no order."""
        return frozenset(_JOINED.findall(self.text))

    def drawing(self, kind: str | None = None) -> Drawing | None:
        """Return how the answer is drawn, as the named kind of picture or else as the first; None where it is not drawn so."""
        return next((drawing for drawing in self.pictures if kind in (None, drawing.kind)), None)

    @property
    def texts(self) -> tuple[str, ...]:
        """What of the file people read, each wording once: what there is to translate."""
        sentences = (self.title, self.question, self.answer, self.about, self.empty)
        labels = (parameter.label for parameter in self.parameters)
        meanings = (meaning for _, meaning in self.columns)
        return tuple(dict.fromkeys(filter(None, (*sentences, *labels, *meanings, *self.wordings.values()))))

    def describe(self) -> dict[str, Any]:
        """Describe the question for programs: what it asks, its parameters and its columns."""
        return {
            "name": self.name,
            "title": self.title,
            "topic": self.topic or None,
            "question": self.question,
            "about": self.about,
            "parameters": [parameter.describe() for parameter in self.parameters],
            "columns": [{"name": name, "meaning": meaning} for name, meaning in self.columns],
        }

    def put(self, names: Mapping[str, str]) -> str:
        """Write the question in words with a name in the place of each parameter; what is in brackets falls away where one is missing."""
        return _put(self.question, names)

    @property
    def examples(self) -> dict[str, str]:
        """The example of each parameter that must have a value."""
        return {each.name: each.example for each in self.parameters if not each.optional}

    def in_words(self, names: Mapping[str, str] = {}) -> str:
        """Write the question in words where a parameter may have no name: it is called by its label."""
        labels = {each.name: each.label for each in self.parameters if not each.optional}
        return self.put({**labels, **names}).replace("the the ", "the ")  # a label brings its own article

    def put_empty(self, names: Mapping[str, str]) -> str:
        """Write what an answer without rows says, in the same way."""
        return _put(self.empty, names)

    def with_example(self) -> str:
        """Write the query with the values of its example bound, so that it runs in any SPARQL tool, under the question in words."""
        lines = itertools.dropwhile(lambda line: line.startswith("#+ "), self.text.splitlines())
        values = {each.name: each.example for each in self.parameters}
        text = insert_values("\n".join(lines).strip() + "\n", self.bind(values))
        title = f"# {self.in_words()}\n# {self.about}\n"
        record = f"# How far the record goes: /questions/{self.name} says so before its rows.\n" if self.record else ""
        return title + record + text

    def translate(self, gettext: Callable[[str], str]) -> Self:
        """Make the same question with its texts in another language; the template of its sentence is translated where it is filled."""
        parameters = tuple(replace(each, label=gettext(each.label)) for each in self.parameters)
        columns = tuple((name, gettext(meaning)) for name, meaning in self.columns)
        return replace(
            self,
            title=gettext(self.title),
            question=gettext(self.question),
            about=gettext(self.about),
            empty=gettext(self.empty),
            parameters=parameters,
            columns=columns,
        )


def by_topic(questions: Collection[Question], _: Callable[[str], str]) -> Iterator[tuple[str, str, list[Question]]]:
    """Yield each topic that has questions, named in the language of `_`, in their order; questions of older releases have none and stand last."""
    topics = {
        "happened": _("What happened"),
        "bound": _("Who was bound"),
        "found": _("What was found"),
        "promised": _("What was promised"),
        "became": _("What became of it"),
        "record": _("Where the record ends"),
        "": _("Other questions"),
    }
    for topic, name in topics.items():
        if grouped := [question for question in questions if question.topic == topic]:
            yield topic, name, grouped


def load_questions(folder: Path, refuse: Callable[[SourceError], None] | None = None) -> dict[str, Question]:
    """Read every question of a folder, by name in alphabetical order; the queries for their records stand in the folder beside it.

    A file whose header is wrong is left out and handed to `refuse`; without it, its SourceError is raised.
    """
    questions = {}
    for path in sorted(folder.glob("*.rq")):
        try:
            question = parse_question(path.stem, path.read_text(encoding="utf-8"), str(path))
            questions[path.stem] = with_record(question, folder.parent / "records", str(path))
        except (SourceError, UnicodeDecodeError) as error:
            if isinstance(error, UnicodeDecodeError):
                error = SourceError("The file is not UTF-8 text", where=str(path), hint="Save it as UTF-8")
            if refuse is None:
                raise error from None
            refuse(error)
    return questions


def with_record(question: Question, folder: Path, where: str) -> Question:
    """Add the text of the query for its record, where the question names one; SourceError where the folder has none of that name."""
    if not question.record:
        return question
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.rq")}
    if question.record not in texts:
        raise missing_record(question, where, texts)
    otherwise = texts.get(f"{question.record}-otherwise", "")
    return replace(question, record_text=texts[question.record], otherwise_text=otherwise)


def missing_record(question: Question, where: str, names: Iterable[str]) -> SourceError:
    """Make the error for a question that names a record for which there is no query."""
    message = f"There is no record {question.record!r} in queries/records/"
    hint = f"Known: {', '.join(sorted(names))}"
    return SourceError(message, where=where, line=question.lines["record"], column=1, hint=hint)


def _put(text: str, names: Mapping[str, str]) -> str:
    whole = re.sub(r"\s*\[([^][]*)\]", lambda part: _put_if_known(part, names), text)
    return re.sub(_SLOT, lambda slot: names.get(slot[1], slot[1]), whole)


def _put_if_known(part: re.Match[str], names: Mapping[str, str]) -> str:
    if not all(name in names for name in re.findall(_SLOT, part[1])):
        return ""
    return part[1] if part[1].startswith((",", ";", ":")) else f" {part[1]}"


def parse_question(name: str, text: str, where: str) -> Question:
    """Read the text of a question file. Raises SourceError with the line where its header is wrong; `where` names the file."""
    header = read_header(text, where, _GRAMMAR)
    once, columns = header.once, tuple((column, meaning) for column, meaning in header.parts("column"))
    for message, key, hint in _faults(header, {column for column, _ in columns}, text):
        raise SourceError(message, where=where, line=header.lines[key], column=1, hint=hint)
    drawings = (read_drawing(parts, dict(columns)) for parts in header.parts("picture"))
    return Question(
        name,
        once["title"],
        once["question"],
        once["about"],
        once["empty"],
        tuple(Parameter(*parts) for parts in header.parts("parameter")),
        columns,
        cites=tuple(once["cites"].split()),
        text=text,
        topic=once["topic"],
        answer=once["answer"],
        record=once.get("record", ""),
        pictures=tuple(drawing for drawing in drawings if drawing.kind != "table"),
        things=tuple(once.get("things", "").split()),
        wordings=dict(header.parts("wording")),
        lines=header.lines,
    )


def _faults(header: Header, columns: Collection[str], text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield what is wrong with a header: the message, the key of its line, and what to do."""
    once, hint = header.once, f"Columns: {', '.join(sorted(columns))}"
    for parts in header.parts("picture"):
        try:
            read_drawing(parts, columns)
        except ValueError as error:
            message, what_to_do = error.args
            yield message, f"picture {parts[0]}", what_to_do
    for key in ("cites", "things"):
        if strange := [column for column in once.get(key, "").split() if column not in columns]:
            yield f"{key} names {strange[0]}, which is no column", key, hint
    for parts in header.parts("parameter"):
        if fault := _fault_of_parameter(parts):
            yield f"bad header: {fault}", f"parameter {parts[0]}", None
    if once["topic"] not in TOPICS:
        yield f"there is no topic {once['topic']!r}", "topic", f"Use {', '.join(TOPICS)}"
    if once.get("values", _VALUES[0]) not in _VALUES:
        yield f"bad header: values may be {' or '.join(_VALUES)}, or be left out", "values", None
    for code, wording in header.parts("wording"):
        key = f"wording {code}"
        if "%(" not in wording:
            yield "bad header: a wording has slots, such as %(day)s", key, None
        if f'"{code}\\t' not in text:
            yield f"bad header: the query names no wording {code!r}", key, f'A cell begins with "{code}\\t"'
    names = {parts[0] for parts in header.parts("parameter")}
    for key in ("question", "empty"):
        if strange := [slot for slot in re.findall(_SLOT, once[key]) if slot not in names]:
            yield f"the {key} names {{{strange[0]}}}, which is no parameter", key, None
    try:
        template.check(once["answer"], columns, names)
    except SourceError as error:
        yield error.message, "answer", "CONTRIBUTING.md tells what a template can have"


def _fault_of_parameter(parts: Sequence[str]) -> str:
    """Describe what is wrong with the parts of a line `parameter`; nothing for one that is right."""
    parameter = Parameter(*parts)
    if parameter.kind not in _KINDS:
        return f"the kind {parameter.kind!r} is not one of {', '.join(_KINDS)}"
    if parts[5:] not in ([], ["optional"]):
        return "the sixth part of a parameter is optional, or nothing"
    try:
        parameter.read(parameter.example)
    except BadParameter as error:
        return f"the example {error.message}"
    return ""


def find_question(questions: Mapping[str, Question], name: str) -> Question:
    """Return the question of this name, or raise UnknownName with the names that come close."""
    if name not in questions:
        close = difflib.get_close_matches(name, questions, 3, 0.4) or sorted(questions)
        raise UnknownName(
            say("no question is called %(name)s", name=f"{name!r}"), hint=say("Try %(close)s.", close=", ".join(close))
        )
    return questions[name]

"""A named question: a query file that describes itself in its header.

Its header (kg.sparql.header) has these lines:

    title: …                                   the question as a person would type it
    topic: happened | bound | found | promised | became | record
                                               under what the list of questions shows it
    question: … {parameter} … [on {day}]       the question in words; what stands in brackets is left out with its parameter
    answer: …                                  the template of the sentence that answers it (kg.sparql.sentence)
    about: …                                   how to read the answer
    empty: … {parameter} … [on {day}]          the answer where there are no rows: what was looked at, and what it does not say
    parameter: name | kind | class | example | label [| optional]
                                               kind is iri, date, year, integer or text; class is a term such as
                                               ans:State, or a scheme such as scheme/right; the name is none of
                                               sort, page, picture, width, show, format, lang
    parameter: name | also | class | example | label | another
                                               optional: a further value of another parameter, of kind iri; the query is asked
                                               once for each value, and the rows of the first stand first
    column: name | what it means [| heading]   the heading has at most three words; without one it is what the column means
    things: column [column]                    optional: columns that hold things, which have names beside their addresses
    cites: column [column]                     columns that hold passage IRIs, one or more in a cell, divided by spaces
    picture: kind [| role=column …] [| what]   how the answer is drawn, as kg/sparql/drawing.py tells: the kind of picture, and
                                               which columns fill its roles; a second line is a second picture; `table` is none
    wording: code | text with %(slots)s        optional: a text that a cell names by its code, followed by the values of the slots in
                                               their order, each behind a tab; a cell with several has each in a line of its own
    record: name                               optional: the query in queries/records/ that says how far the record goes
                                               which the answer is drawn from; it is asked with the same parameters. Where it
                                               gives no row, the query name-otherwise is asked instead, if there is one
    values: first                              optional: the embedded engine is given the values of the parameters in a VALUES clause
                                               at the head of the pattern; otherwise they stand in the place of the parameters

Of these, a query behind the pages or in queries/records/ may have the line `values` alone.
"""

import datetime
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from kg import terms
from kg.errors import BadParameter, SourceError, UnknownName
from kg.files import read_text
from kg.languages import N_
from kg.sparql import sentence
from kg.sparql.drawing import Drawing, read_drawing
from kg.sparql.header import Grammar, Header, read_folder, read_header
from kg.sparql.rewrite import bind, insert_values
from kg.terms import Iri, Literal
from kg.wording import SEPARATOR, Listing, closest, did_you_mean, read_wordings, say

# How a value of each kind is written, what a person who wrote another is told, and its datatype.
_KINDS = {
    "iri": (r"https?://[^\s<>\"{}|\\^`]+", say("an IRI"), None),
    "date": (r"\d{4}-\d{2}-\d{2}", say("a date written YYYY-MM-DD"), terms.PREFIXES["xsd"] + "date"),
    "year": (r"\d{4}", say("a year of four digits"), terms.PREFIXES["xsd"] + "gYear"),
    "integer": (r"[+-]?\d{1,18}", say("a whole number"), terms.PREFIXES["xsd"] + "integer"),
    "text": (r"(?s:.{1,200})", say("a text of 1 to 200 characters"), None),
}
_KINDS["also"] = _KINDS["iri"]
_SCHEMAS = {"date": {"format": "date"}, "year": {"pattern": "^[0-9]{4}$"}}
_GRAMMAR = Grammar(
    required=("title", "topic", "question", "answer", "about", "empty", "cites", "picture", "column"),
    optional=("values", "record", "things"),
    repeated={
        "parameter": (5, 6, "name | kind | [class] | example | label [| optional, or another parameter]"),
        "column": (2, 3, "name | what it means [| heading]"),
        "picture": (1, 99, "kind | role=column … | what is counted"),
        "wording": (2, 2, "code | text with %(slots)s"),
    },
)
# What people want to know, in the order of the list of questions.
TOPICS = {
    "happened": N_("What happened"),
    "bound": N_("Who was bound"),
    "found": N_("What was found"),
    "promised": N_("What was promised"),
    "became": N_("What became of it"),
    "record": N_("Where the record ends"),
}
FIRST_YEAR = 1900  # that can be asked for
LONGEST_HEADING = 3  # words
ONLY = "only."  # with the name of a column: what an address narrows an answer to
RESERVED = ("sort", "page", "picture", "width", "show", "format", "lang")  # what else an address of a question may say
_JOINED = re.compile(r'separator\s*=\s*"; "\s*\)+\s*AS\s*\?(\w+)', re.IGNORECASE)
_LISTS = ("cites", "things")  # keys that name columns
_SLOT = r"\{(\w+)\}"  # the place of a parameter in a question in words


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a question needs: its kind, for an IRI the class of the thing, an example and a label."""

    name: str
    kind: str
    class_name: str
    example: str
    label: str
    optional: str = ""  # "optional", or nothing; of a further value, the parameter that it is one of

    @property
    def is_thing(self) -> bool:
        """Whether its value is an IRI."""
        return self.kind in ("iri", "also")

    @property
    def class_iri(self) -> str | None:
        """The IRI of the class, or scheme, that an IRI parameter's value belongs to; None for other kinds."""
        if self.class_name.startswith("scheme/"):
            return terms.BASE + self.class_name
        return terms.term(self.class_name.removeprefix("ans:")) if self.class_name else None

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the text of a value."""
        return {"type": "string", **_SCHEMAS.get(self.kind, {})}

    @property
    def hint(self) -> str:
        """An example of how it stands in an address."""
        return say("An example is %(example)s.", example=f"{self.name}={self.example}")

    def read(self, value: str) -> Iri | Literal:
        """Turn a person's text into an RDF term; raise BadParameter that says what is wanted.

        An IRI may be written in full or by its part behind the base, such as `id/state/kaz`.
        """
        text = value.strip()
        if self.is_thing and not re.match(r"[A-Za-z][\w+.-]*:", text):
            text = terms.BASE + text.lstrip("/")
        form: str
        pattern, form, datatype = _KINDS[self.kind]
        fits = bool(re.fullmatch(pattern, text))
        if fits and self.kind == "date":
            try:
                datetime.date.fromisoformat(text)
            except ValueError:
                fits, form = False, say("a day that exists")
        if fits and self.kind in ("date", "year") and not FIRST_YEAR <= int(text[:4]) <= last_year():
            years = {"first": FIRST_YEAR, "last": last_year()}
            fits, form = False, say("in the years that can be asked for, %(first)s to %(last)s", **years)
        if not fits:
            message = say("%(name)s=%(value)s is not %(wanted)s", name=self.name, value=f"{value!r}", wanted=form)
            raise BadParameter(message, where=self.name, hint=self.hint)
        return Iri(text) if self.is_thing else Literal(text, datatype)


def last_year() -> int:
    """Return the last year that can be asked for, the next one: what was decided may come into force in it."""
    return datetime.datetime.now(datetime.UTC).year + 1


class QuestionColumn(NamedTuple):
    """A column of an answer: its name in data, what it means, and its heading in a table."""

    name: str
    meaning: str
    heading: str


@dataclass(frozen=True, eq=False)  # a cache by question holds its translations
class Question:
    """One named question: its header, taken apart, and the text of its query."""

    name: str
    text: str
    title: str
    question: str
    about: str
    empty: str
    columns: tuple[QuestionColumn, ...]
    cites: tuple[str, ...]
    topic: str = ""  # a key of TOPICS
    answer: str = ""  # the template of the sentence that answers it
    parameters: tuple[Parameter, ...] = ()
    pictures: tuple[Drawing, ...] = ()  # without `table`
    things: tuple[str, ...] = ()  # columns that hold IRIs of things, whatever the rows
    wordings: Mapping[str, str] = field(default_factory=dict)  # texts with slots, by code
    joined: frozenset[str] = frozenset()  # columns of which a cell lists several texts, in no order
    record: str = ""  # the name of the query that says how far the record goes
    # The text of that query, and of the one that is asked where it gives no row.
    record_texts: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)  # `column name`, `title` … -> line

    def bind(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Turn the texts given for the parameters into RDF terms, all of them, or raise BadParameter.

        Further values of a parameter are left to `bind_each`.
        """
        parameters = {parameter.name: parameter for parameter in self.parameters}
        if strange := next((name for name in values if name not in parameters), None):
            every = say("It takes: %(known)s.", known=[*parameters] or say("none"))
            message = say("the question %(question)s has no parameter %(name)s", question=self.name, name=strange)
            raise BadParameter(message, where=strange, hint=did_you_mean(strange, parameters, every))
        for name, parameter in parameters.items():
            if not values.get(name, "").strip() and not parameter.optional:
                message = say(
                    "the question %(question)s needs the parameter %(name)s (%(label)s)",
                    question=self.name,
                    name=name,
                    label=say(parameter.label),
                )
                raise BadParameter(message, where=name, hint=parameter.hint)
        read = {name: parameters[name].read(value) for name, value in values.items() if value.strip()}
        return {name: term for name, term in read.items() if parameters[name].kind != "also"}

    def bind_each(self, values: Mapping[str, str]) -> list[dict[str, Any]]:
        """Turn the texts into RDF terms as `bind` does, once for each value of a parameter that has several."""
        first = self.bind(values)
        further = [each for each in self.parameters if each.kind == "also" and values.get(each.name, "").strip()]
        every = [first, *({**first, each.optional: each.read(values[each.name])} for each in further)]
        return [terms for place, terms in enumerate(every) if terms not in every[:place]]

    def fill(self, row: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
        """Write the texts that the cells of a row name or list, in English; each can still be translated."""
        cells: dict[str, Mapping[str, str]] = {}
        for name, term in row.items():
            value = read_wordings(term["value"], self.wordings)
            cells[name] = {**term, "value": Listing(value.split(SEPARATOR)) if name in self.joined else value}
        return cells

    @property
    def texts(self) -> tuple[str, ...]:
        """What of the file people read: what there is to translate."""
        sentences = (self.title, self.question, self.answer, self.about, self.empty)
        labels = (parameter.label for parameter in self.parameters)
        meanings = (text for column in self.columns for text in dict.fromkeys(column[1:]))
        counted = (drawing.counted for drawing in self.pictures if drawing.counted)
        return (*sentences, *labels, *meanings, *counted, *self.wordings.values())

    @property
    def examples(self) -> dict[str, str]:
        """The example of each parameter that must have a value, and of those that take further values."""
        return {each.name: each.example for each in self.parameters if not each.optional or each.kind == "also"}

    def in_words(self, names: Mapping[str, str] = {}) -> str:
        """Write the question in words where a parameter may have no name: it is called by its label."""
        labels = {each.name: each.label for each in self.parameters if not each.optional}
        return put_names(self.question, {**labels, **names}).replace(
            "the the ", "the "
        )  # a label brings its own article

    def with_example(self) -> str:
        """Write the query with the values of its example bound, so that it runs in any SPARQL tool, under the question in words."""
        lines = itertools.dropwhile(lambda line: line.startswith("#+ "), self.text.splitlines())
        values = {each.name: each.example for each in self.parameters}
        # A MINUS does not see what stands before it (SPARQL 1.1, 8.3).
        put = bind if "MINUS" in self.text else insert_values
        text = put("\n".join(lines).strip() + "\n", self.bind(values))
        title = f"# {self.in_words()}\n# {self.about}\n"
        record = f"# How far the record goes: /questions/{self.name} says so before its rows.\n" if self.record else ""
        return title + record + text


def load_questions(folder: Path, refuse: Callable[[SourceError], None] | None = None) -> dict[str, Question]:
    """Read every question of a folder, as `read_folder` does; the queries for their records stand in the folder beside it."""
    records = {path.stem: read_text(path) for path in (folder.parent / "records").glob("*.rq")}
    return read_folder(folder, partial(parse_question, records=records), refuse)


def put_names(text: str, names: Mapping[str, str]) -> str:
    """Put the names of the values into the question, or what it says without rows; what is in brackets falls away where one is missing."""

    def put_part(part: re.Match[str]) -> str:
        if not all(name in names for name in re.findall(_SLOT, part[1])):
            return ""
        return part[1] if part[1].startswith((",", ";", ":")) else f" {part[1]}"

    whole = re.sub(r"\s*\[([^][]*)\]", put_part, text)
    return re.sub(_SLOT, lambda slot: names.get(slot[1], slot[1]), whole)


def parse_question(name: str, text: str, where: str, records: Mapping[str, str] = {}) -> Question:
    """Read the text of a question file; `records` are the texts of the queries for records, by name.

    Raises SourceError with the line where its header is wrong; `where` names the file.
    """
    header = read_header(text, where, _GRAMMAR)
    columns = tuple(QuestionColumn(parts[0], parts[1], parts[-1]) for parts in header.parts("column"))
    names = [column.name for column in columns]
    for message, key, hint in _faults(header, text, names, records):
        raise header.error(message, key, hint)
    drawings = (read_drawing(parts, names) for parts in header.parts("picture"))
    once: dict[str, Any] = {key: value for key, value in header.once.items() if key != "values"}
    once |= {key: tuple(once.get(key, "").split()) for key in _LISTS}
    record = once.get("record", "")
    return Question(
        name,
        text,
        columns=columns,
        parameters=tuple(Parameter(*parts) for parts in header.parts("parameter")),
        pictures=tuple(drawing for drawing in drawings if drawing.kind != "table"),
        wordings=dict(header.parts("wording")),
        joined=frozenset(_JOINED.findall(text)),
        record_texts=tuple(records[key] for key in (record, f"{record}-otherwise") if key in records),
        lines=header.lines,
        **once,
    )


def _faults(
    header: Header, text: str, columns: Collection[str], records: Collection[str]
) -> Iterator[tuple[str, str, str | None]]:
    once, hint = header.once, f"Columns: {', '.join(sorted(columns))}"
    for parts in header.parts("picture"):
        try:
            read_drawing(parts, columns)
        except SourceError as error:
            yield error.message, f"picture {parts[0]}", error.hint
    for key in _LISTS:
        for column in once.get(key, "").split():
            if column not in columns:
                yield f"{key} names {column}, which is no column", key, hint
    for parts in header.parts("parameter"):
        parameter, key = Parameter(*parts), f"parameter {parts[0]}"
        if parameter.kind not in _KINDS:
            yield f"bad header: the kind {parameter.kind!r} is not one of {', '.join(_KINDS)}", key, None
            continue
        if parameter.name in RESERVED:
            yield f"bad header: {parameter.name} means something else in an address", key, "Give it another name"
        if parameter.kind == "also" and not any(
            each[:2] == [parameter.optional, "iri"] for each in header.parts("parameter")
        ):
            yield f"bad header: {parameter.optional!r} is no parameter of kind iri", key, None
        elif parameter.kind != "also" and parts[5:] not in ([], ["optional"]):
            yield "bad header: the sixth part of a parameter is optional, or nothing", key, None
        try:
            parameter.read(parameter.example)
        except BadParameter as error:
            yield f"bad header: the example {error.message}", key, None
    if once["topic"] not in TOPICS:
        yield f"there is no topic {once['topic']!r}", "topic", f"Use {', '.join(TOPICS)}"
    if once.get("values", "first") != "first":
        yield "bad header: values may be first, or be left out", "values", None
    if once.get("record") not in (None, *records):
        existing = f"Known: {', '.join(sorted(records))}"
        yield f"There is no record {once['record']!r} in queries/records/", "record", existing
    for code, wording in header.parts("wording"):
        key = f"wording {code}"
        if "%(" not in wording:
            yield "bad header: a wording has slots, such as %(day)s", key, None
        if f'"{code}\\t' not in text:
            yield f"bad header: the query names no wording {code!r}", key, f'A cell begins with "{code}\\t"'
    for name, _, *headings in header.parts("column"):
        if headings and len(headings[0].split()) > LONGEST_HEADING:
            hint = "Say the rest in what it means"
            yield f"the heading {headings[0]!r} has more than {LONGEST_HEADING} words", f"column {name}", hint
    names = {parts[0] for parts in header.parts("parameter")}
    for key in ("question", "empty"):
        for slot in re.findall(_SLOT, once[key]):
            if slot not in names:
                yield f"the {key} names {{{slot}}}, which is no parameter", key, None
    try:
        sentence.check(once["answer"], tuple(columns), tuple(sorted(names)))
    except SourceError as error:
        yield error.message, "answer", "CONTRIBUTING.md tells what a template can have"


def find_question(questions: Mapping[str, Question], name: str) -> Question:
    """Return the question of this name, or raise UnknownName with the names that come close."""
    if name not in questions:
        close = closest(name, questions, 3, least=40) or sorted(questions)
        message = say("no question is called %(name)s", name=f"{name!r}")
        raise UnknownName(message, hint=say("Try %(close)s.", close=close))
    return questions[name]

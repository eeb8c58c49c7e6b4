"""What answers in JSON are made of, for the description of the interface."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from kg.search.results import FoundText


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    detail: str
    instance: str
    line: int = Field(default=0, ge=1, description="Of the query.")
    column: int = Field(default=0, ge=1, description="Of the query.")
    hint: str = ""
    reason: str = ""
    offered: list[str] = []


class Workers(BaseModel):
    """The workers of a pool: how many there should be, and those that live, by state."""

    size: int
    idle: int
    busy: int
    starting: int


class Health(BaseModel):
    """The release that answers, and the workers that live."""

    status: Literal["ok", "degraded"]
    release: str
    sha256: str = Field(description="Of the manifest: equal on all servers of one release.")
    verified: bool
    opened: datetime
    workers: dict[str, Workers]
    trouble: str = ""


class QuestionParameter(BaseModel):
    """A parameter of a named question."""

    name: str
    kind: str
    class_: str | None = Field(validation_alias="class_iri", serialization_alias="class")
    example: str
    label: str
    optional: Annotated[bool, BeforeValidator(bool)]


class Column(BaseModel):
    """A column of an answer."""

    name: str
    meaning: str
    heading: str


class QuestionSummary(BaseModel):
    """A named question, and where it is answered."""

    name: str
    title: str
    topic: str
    question: str
    about: str
    parameters: list[QuestionParameter]
    columns: list[Column]
    href: str


class Questions(BaseModel):
    """The named questions of a release."""

    questions: list[QuestionSummary]
    release: str


class Thing(BaseModel):
    """A thing by its address and its name."""

    id: str
    label: str | None


Cell = str | list[str] | Thing | None


class Passage(BaseModel):
    """A passage in which a row of an answer is written."""

    passage: str
    label: str
    section: str | None
    paragraph: str | None
    document: str
    documentLabel: str
    words: str | None = None


class Answer(BaseModel):
    """The answer to a named question: its rows, the passages they rest on, the limits of the record, and its addresses."""

    question: str
    title: str
    sentence: str
    lead: str | None
    limits: list[str]
    parameters: dict[str, str]
    filters: dict[str, str | list[str]]
    sort: str | None
    page: int | None
    rowsFound: int
    rowsMatching: int
    columns: list[Column]
    rows: list[dict[str, Cell]]
    rowCount: int
    about: str
    citations: list[Passage]
    release: str
    address: str
    permanent: str
    license: str


Rows = list[dict[str, Cell]]


class GivenAnswer(BaseModel):
    """The answer of the release that gave it, or why it is not here any more."""

    release: str
    digest: str
    isHere: bool
    gone: str | None
    reason: str | None
    rows: Rows | None
    address: str | None


class TodaysAnswer(BaseModel):
    """The answer of the current release."""

    release: str
    rowCount: int | None


class ChangedRow(BaseModel):
    """A row as it was and as it is."""

    then: dict[str, Cell]
    now: dict[str, Cell]


class RowDifference(BaseModel):
    """The rows in which today's answer differs."""

    added: Rows
    removed: Rows
    changed: list[ChangedRow]


class PermanentAnswer(BaseModel):
    """An answer as it was given, and how today's differs."""

    address: str
    question: str
    sentence: str | None
    parameters: dict[str, str]
    given: GivenAnswer
    today: TodaysAnswer
    state: Literal["same", "changed", "unknown"]
    questionIsRewritten: bool
    difference: RowDifference | None
    license: str


class Report(BaseModel, extra="allow"):
    """What is wrong in a file, and what was looked at."""

    release: str
    results: list[dict[str, Any]]
    checked: list[str]
    notChecked: list[str]


class DictionaryRow(BaseModel):
    """A property that things of a class have, or a sentence about several; see the CSV of the dictionary."""

    class_: str = Field(default="", alias="class")
    class_label: str = ""
    class_definition: str = ""
    class_below: str = ""
    class_uses: int = 0
    property: str = ""
    property_label: str = ""
    property_definition: str = ""
    applies_to: str = ""
    takes: str = ""
    scheme: str = ""
    least: int = 0
    most: int = 0
    asked: str = ""
    sentences: str = ""
    property_uses: int = 0


class Dictionary(BaseModel):
    """The data dictionary of a release, or of one class."""

    dictionary: list[DictionaryRow]
    release: str
    license: str


class Value(BaseModel):
    """A value of a property: a thing with its label, or a literal; `derived` where the build worked it out."""

    id: str = ""
    label: str = ""
    value: str = ""
    datatype: str = ""
    language: str = ""
    derived: bool


class ThingDocument(BaseModel):
    """All that is said of one thing, by property."""

    id: str
    label: str
    opensAt: str = ""
    words: str = ""
    properties: dict[str, list[Value]]
    release: str
    license: str


class SearchResult(BaseModel):
    """A thing that fits a search."""

    id: str = Field(validation_alias="iri")
    kind: str
    label: str = Field(validation_alias="name")
    language: str = ""
    also: str | list[str] = ""
    passage: FoundText | None = None
    text: str = ""
    date: str = ""
    until: str = ""
    href: str = ""


class SuggestedQuestion(BaseModel):
    """A question that fits a search, with values for its parameters."""

    name: str
    title: str
    text: str
    parameters: dict[str, str]
    href: str


class SearchResults(BaseModel):
    """The things and the questions that fit a search."""

    q: str
    type: str | None
    page: int
    kinds: dict[str, int]
    results: list[SearchResult]
    questions: list[SuggestedQuestion]
    spelt: str | None
    partial: bool
    questionFirst: bool
    release: str


class Suggested(BaseModel):
    """A thing or a question for what was typed so far."""

    label: str
    kind: str
    title: str
    language: str
    href: str


class Suggestions(BaseModel):
    """The likeliest things for what was typed so far."""

    q: str
    suggestions: list[Suggested]


class ReleaseChanges(BaseModel):
    """How many things changed in a release since the one before, by what happened."""

    release: str
    before: str
    made: str
    created: int
    updated: int
    withdrawn: int
    removed: int
    derived: int
    files: int
    derived_triples: int


class History(BaseModel):
    """The releases that are here, each with what changed, the newest first."""

    releases: list[ReleaseChanges]
    first: str
    license: str


class Withdrawn(BaseModel):
    """A thing that was withdrawn, or a release that was removed."""

    kind: Literal["thing", "release"]
    address: str
    withdrawn_on: str
    reason: str
    replaced_by: str


class Withdrawals(BaseModel):
    """What was withdrawn; no line says what or who a thing was."""

    withdrawn: list[Withdrawn]
    release: str

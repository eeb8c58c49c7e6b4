"""What the tools answer, typed, and how an answer stays small enough for a model to read: in pages, with long texts shortened."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from kg.errors import AnswerTooLarge, BadParameter

MOST_BYTES = 20_000  # of an answer in JSON, about 5,000 tokens
LETTERS = (2000, 1000, 500, 250, 120, 60)  # of a text, tried in turn until the answer is small enough
LONGEST_ID = 300  # letters of what may be an id, which is of no use in part
CUT = "…"  # ends a text that was shortened
SHORTENED = "Texts that end in … are shortened."
T = TypeVar("T")


class ToolAnswer(BaseModel):
    """What every tool answers."""

    release: str
    address: str = Field(description="permanent, of this answer")
    hint: str = ""


class PagedAnswer(ToolAnswer):
    """What a tool answers page by page."""

    total: int = Field(description="on all pages")
    next_page: int | None = Field(default=None, description="ask again with it for more")


class NamedId(BaseModel):
    """A thing by its id and its name."""

    id: str
    name: str


class FittingQuestion(BaseModel):
    """A question that fits what was looked for, with the parameters to ask it with."""

    name: str
    words: str
    parameters: dict[str, str]


class ListedThing(NamedId):
    """A thing that a search found."""

    kind: str
    also: str = ""
    text: str = ""
    date: str = ""


class ThingsFound(PagedAnswer):
    """What a search found."""

    things: list[ListedThing]
    questions: list[FittingQuestion] = []
    kinds: dict[str, int] = Field(default={}, description="how many of each kind")


class Fact(BaseModel):
    """A property of a thing with one value."""

    property: str
    value: str
    name: str = Field(default="", description="of the value")
    derived: bool = Field(default=False, description="by a rule, and stated by no source")


class ThingDescribed(PagedAnswer):
    """What is recorded of a thing."""

    id: str
    name: str
    facts: list[Fact]
    pointing: dict[str, int] = Field(default={}, description="how many things have it as the value of a property")
    others: list[NamedId] = Field(default=[], description="what else the name may mean")


class ListedParameter(BaseModel):
    """A parameter of a question."""

    name: str
    type: str
    about: str
    example: str
    required: bool


class ListedQuestion(BaseModel):
    """A named question, with what it takes."""

    name: str
    title: str
    topic: str
    about: str
    parameters: list[ListedParameter]


class QuestionsListed(PagedAnswer):
    """Named questions."""

    questions: list[ListedQuestion]


class QuestionAnswered(PagedAnswer):
    """The answer to a named question."""

    question: str
    parameters: dict[str, str] = Field(description="as they were understood")
    answer: str = Field(description="the rows in a sentence")
    about: str
    limits: list[str] = Field(default=[], description="how far the record goes; pass them on")
    columns: dict[str, str]
    rows: list[dict[str, Any]]
    citations: dict[str, str] = Field(description="the passages in the rows")
    quotes: dict[str, str] = Field(default={}, description="words of passages")
    only: dict[str, list[str]] = Field(default={}, description="by which columns the rows can be narrowed")


class QueryAnswered(PagedAnswer):
    """The rows of a query; of a graph, its triples; of ASK, its truth."""

    columns: list[str]
    rows: list[dict[str, str]]


class VocabularyTerm(BaseModel):
    """A class, a property, a scheme of concepts or a concept."""

    name: str
    kind: str
    label: str = ""
    definition: str = ""
    below: list[str] = []
    applies_to: list[str] = []
    takes: list[str] = []
    uses: int = 0


class TermsFound(PagedAnswer):
    """Terms of the vocabulary."""

    terms: list[VocabularyTerm]


class Citation(ToolAnswer):
    """How something is cited."""

    citation: str
    passage: str = Field(default="", description="where in the document")
    words: str = ""


def page_of(items: Sequence[T], page: int, size: int) -> tuple[Sequence[T], dict[str, Any]]:
    """Take a page of items, with what an answer says of the others; raises BadParameter for a page that there is not."""
    last = max(1, -(-len(items) // size))
    if page > last:
        raise BadParameter(f"There are {last} pages", where="page", hint="Take an earlier one")
    return items[(page - 1) * size : page * size], {"total": len(items), "next_page": page + 1 if page < last else None}


def lay_out(answer: ToolAnswer) -> dict[str, Any]:
    """Lay out an answer as data of at most MOST_BYTES in JSON. Raises AnswerTooLarge where shorter texts do not suffice."""
    data = answer.model_dump(exclude_defaults=True)
    for letters in LETTERS:
        if len(write(data)) <= MOST_BYTES:
            return data
        data = {**_shorten(data, letters), "address": answer.address, "hint": f"{answer.hint} {SHORTENED}".strip()}
    if len(write(data)) > MOST_BYTES:
        raise AnswerTooLarge(
            "The rows are too long to be read at once", hint="Ask for fewer columns, or shorter values"
        )
    return data


def write(data: Any) -> bytes:
    """Write data as JSON without spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _shorten(value: Any, letters: int) -> Any:
    if isinstance(value, dict):
        return {key: _shorten(each, letters) for key, each in value.items()}
    if isinstance(value, list):
        return [_shorten(each, letters) for each in value]
    if not isinstance(value, str) or len(value) <= (letters if " " in value else max(letters, LONGEST_ID)):
        return value
    return value[:letters].removesuffix(CUT) + CUT

"""What the writers of answers share: how a value is written as text, which columns have labels, and what an answer is called."""

from collections.abc import Mapping, Sequence

from kg.answer.questions import QuestionAnswer
from kg.sparql.sentence import Row
from kg.terms import PREFIXES

XSD = PREFIXES["xsd"]
DAY = XSD + "date"
DATES = (DAY, XSD + "gYearMonth", XSD + "gYear")
NUMBERS = (XSD + "integer", XSD + "decimal", XSD + "double")


def value_of(term: Mapping[str, str] | None) -> str:
    """Write a value as text; nothing for one that is unbound."""
    if term is None:
        return ""
    return "_:" + term["value"] if term["type"] == "bnode" else term["value"]


def columns_of(answer: QuestionAnswer) -> list[str]:
    """List the names of the columns of an answer."""
    return [column.name for column in answer.question.columns]


def spread(answer: QuestionAnswer) -> tuple[list[str], list[Row]]:
    """Put beside each column of things the column of their labels, `<name>Label`; several labels are divided by semicolons.

    A column has labels where its question says that it holds things, where it cites passages, and where a row has a thing in
    it. The first two depend on the question alone, so that a program can rely on them.
    """
    names = columns_of(answer)
    labelled = [name for name in names if f"{name}Label" not in names and _holds_things(answer, name)]
    heads = [head for name in names for head in ((name, f"{name}Label") if name in labelled else (name,))]
    rows: list[Row] = []
    for row in answer.rows:
        labels = {f"{name}Label": name_of(answer, name, row[name]) for name in labelled if name in row}
        rows.append({**row, **{head: {"type": "literal", "value": label} for head, label in labels.items() if label}})
    return heads, rows


def name_of(answer: QuestionAnswer, column: str, term: Mapping[str, str]) -> str:
    """Name what stands in a cell: a thing by its label, passages by theirs; nothing for a value."""
    if column in answer.question.cites:
        passages = answer.citations
        return "; ".join(passages[iri].label if iri in passages else iri for iri in term["value"].split())
    return answer.labels.get(term["value"], "") if term["type"] == "uri" else ""


def shown(answer: QuestionAnswer, column: str, term: Mapping[str, str] | None) -> str:
    """Write a cell for people: its name where it has one, else its value."""
    return "" if term is None else name_of(answer, column, term) or value_of(term)


def spoken(answer: QuestionAnswer, column: str, term: Mapping[str, str] | None) -> str:
    """Write a cell for people to read: as `shown`, and dates in words at their precision."""
    if term is not None and term.get("datatype") in DATES:
        return answer.language.day(term["value"])
    return shown(answer, column, term)


def name_changed(answer: QuestionAnswer, old: Row, new: Row) -> str:
    """Name a row that changed by what stayed the same in it, the passages left out."""
    return in_words(answer, {name: term for name, term in new.items() if old.get(name) == term})


def in_words(answer: QuestionAnswer, row: Row) -> str:
    """Write a row for people to read: each value but the passages, divided by dots."""
    names = [name for name in columns_of(answer) if name in row and name not in answer.question.cites]
    return " · ".join(spoken(answer, name, row[name]) for name in names)


def datatype_of(cells: Sequence[Mapping[str, str] | None]) -> str:
    """Tell of what datatype all values of a column are: an IRI of XML Schema, `thing`, `vague` for dates of several precisions, else nothing."""
    kinds = {"thing" if cell["type"] == "uri" else cell.get("datatype", "") for cell in cells if cell is not None}
    if len(kinds) > 1 and kinds <= {*DATES}:
        return "vague"
    return kinds.pop() if len(kinds) == 1 else ""


def _holds_things(answer: QuestionAnswer, name: str) -> bool:
    return (
        name in answer.question.cites
        or name in answer.question.things
        or any(row[name]["type"] == "uri" for row in answer.rows if name in row)
    )

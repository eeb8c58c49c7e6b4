"""A workbook (.xlsx): the answer with typed cells, its sources, and what somebody must know who has nothing but the file."""

import datetime
import io
import re
from collections.abc import Mapping, Sequence

from kg.answer import citation
from kg.answer.formats.values import DAY, NUMBERS, XSD, name_of, value_of
from kg.answer.questions import QuestionAnswer
from kg.tables.files import OPTIONS, Cell, fill, styles_of
from kg.terms import LICENCE

MOST_DIGITS = 15  # that a cell holds of a number; a longer one is text

Page = tuple[Sequence[str], Sequence[Sequence[Cell]]]


def write_workbook(answer: QuestionAnswer) -> bytes:
    """Write a workbook: labels beside IRIs, the sources, and where it all comes from; no cell is a formula or a link."""
    import xlsxwriter  # here, since it takes long, and a server that starts does not need it

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **OPTIONS}) as book:
        work = citation.of_answer(answer)
        day = datetime.datetime.fromisoformat(work.issued)
        book.set_properties({"title": work.title[:255], "comments": work.address, "created": day})
        styles = styles_of(book)
        for title, page in (("Answer", _answer(answer)), ("Sources", _sources(answer)), ("Notes", _notes(answer))):
            fill(book.add_worksheet(title), *page, styles)
    return buffer.getvalue()


def _answer(answer: QuestionAnswer) -> Page:
    columns: list[tuple[str, list[Cell]]] = []
    for name, _, heading in answer.question.columns:
        cells = [row.get(name) for row in answer.rows]
        columns.append((heading, [_cell(answer, name, cell) for cell in cells]))
        addresses = [value_of(cell) if cell and cell["type"] == "uri" else "" for cell in cells]
        if any(addresses):
            columns.append((f"{heading} (address)", list(addresses)))
    heads, cells_of = zip(*columns, strict=True)
    return heads, list(zip(*cells_of, strict=True))


def _cell(answer: QuestionAnswer, name: str, term: Mapping[str, str] | None) -> Cell:
    if term is None:
        return ""
    value, datatype = value_of(term), term.get("datatype", "")
    if datatype in NUMBERS and re.fullmatch(r"[+-]?\d+(\.\d+)?", value) and len(value) <= MOST_DIGITS:
        return float(value) if "." in value else int(value)
    if datatype == XSD + "boolean":
        return value in ("true", "1")
    if datatype == DAY and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return datetime.date.fromisoformat(value)
    return name_of(answer, name, term) or value


def _sources(answer: QuestionAnswer) -> Page:
    heads = ("Passage", "Document", "Section", "Paragraph", "Address")
    passages = answer.citations.values()
    return heads, [(each.label, each.document_label, each.section, each.paragraph, each.passage) for each in passages]


def _notes(answer: QuestionAnswer) -> Page:
    work = citation.of_answer(answer)
    notes: list[tuple[str, Cell]] = [
        ("Question", answer.sentence),
        *([("Answer", answer.lead)] if answer.lead else []),
        ("Title", answer.question.title),
        *((f"Filter {column}", value) for column, value in answer.narrowing.only.items()),
        ("Release", answer.release),
        ("Date of the release", datetime.date.fromisoformat(work.issued)),
        ("Address", work.address),
        ("Retrieved", datetime.date.fromisoformat(answer.fetched) if answer.fetched else "not recorded"),
        ("Rows", len(answer.rows)),
        ("How to read it", answer.about),
        *(("How far the record goes", limit) for limit in answer.limits),
        ("How to cite it", citation.write_text(work).strip()),
        ("Publisher", citation.SITE),
        ("Licence", LICENCE),
        *((f"Column {heading}", meaning) for _, meaning, heading in answer.question.columns),
    ]
    return ("What", "Value"), notes

"""Text for people: the table for a terminal, with who says it, and Markdown."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg import terms
from kg.answer import citation
from kg.answer.formats.values import columns_of, spoken, value_of
from kg.answer.names import CitedPassage
from kg.answer.questions import QuestionAnswer
from kg.languages import templates_in
from kg.sparql.sentence import Row
from kg.wording import clean

WIDEST = 60  # characters of a cell in a table


def write_table(names: Sequence[str], rows: Iterable[Row], labels: Mapping[str, str] | None = None) -> bytes:
    """Write rows as a table for the terminal: aligned, long cells clipped, IRIs shortened or replaced by their `labels`."""
    cells = [[_show(row.get(name), labels or {}) for name in names] for row in rows]
    heads = [_clip(name) for name in names]
    widths = [max(map(_width, column)) for column in zip(heads, *cells, strict=True)]
    lines = [_align(row, widths) for row in (heads, ["─" * width for width in widths], *cells)]
    lines.append(f"({len(cells)} row{'' if len(cells) == 1 else 's'})")
    return ("\n".join(lines) + "\n").encode()


def write_report(answer: QuestionAnswer) -> bytes:
    """Write an answer for a person at a terminal; a passage stands in the table by its number."""
    numbers = {iri: f"[{number}]" for number, iri in enumerate(answer.citations, 1)}
    cites = answer.question.cites

    def cite(term: Mapping[str, str]) -> dict[str, str]:
        return {"type": "literal", "value": " ".join(numbers.get(iri, iri) for iri in term["value"].split())}

    rows = [{name: cite(term) if name in cites else term for name, term in row.items()} for row in answer.rows]
    table = write_table(columns_of(answer), rows, answer.labels).decode()
    return _render("answer.txt.jinja", answer, table=table)


def write_markdown(answer: QuestionAnswer) -> bytes:
    """Write an answer as Markdown; a passage stands in the table as the sign of a footnote."""
    signs = {iri: f"[^{number}]" for number, iri in enumerate(answer.citations, 1)}

    def write(name: str, term: Mapping[str, str] | None) -> str:
        if term is not None and name in answer.question.cites:
            return "".join(signs.get(iri, "") for iri in term["value"].split())
        return _mark(spoken(answer, name, term))

    heads = [_mark(column.heading) for column in answer.question.columns]
    rows = ([write(name, row.get(name)) for name in columns_of(answer)] for row in answer.rows)
    cited = citation.write_text(citation.of_answer(answer))
    return _render("answer.md.jinja", answer, heads=heads, rows=rows, citation=cited)


def _render(template: str, answer: QuestionAnswer, **values: Any) -> bytes:
    templates = templates_in(Path(__file__).parent, answer.language, mark=_mark, clean=clean, describe=_describe)
    return templates.get_template(template).render(values, answer=answer).encode()


def _describe(passage: CitedPassage) -> str:
    place = ", ".join(filter(None, (passage.document_label, passage.section, passage.paragraph)))
    words = f": “{passage.words}”" if passage.words else ""
    return passage.label + (f" ({place})" if place else "") + words


def _mark(text: str) -> str:
    """Write a text so that nothing in it is read as Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>|#~^])", r"\\\1", clean(text))


def _show(term: Mapping[str, str] | None, labels: Mapping[str, str]) -> str:
    value = value_of(term)
    if term is not None and term["type"] == "uri":
        value = labels.get(value) or terms.shorten(value).removeprefix(terms.BASE)
    return _clip(value)


def _clip(text: str) -> str:
    whole = clean(text)
    start = whole[:WIDEST]
    while _width(start) >= WIDEST:
        start = start[:-1]
    return whole if _width(whole) <= WIDEST else start.rstrip() + "…"


def _width(text: str) -> int:
    """Count the columns a text takes on a terminal: wide characters two, combining marks none."""
    spacing = (char for char in text if not unicodedata.combining(char))
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in spacing)


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()

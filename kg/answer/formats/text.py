"""Text for people: the table for a terminal, with who says it, and Markdown."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from kg import terms
from kg.answer import citation
from kg.answer.formats.values import Row, columns_of, spoken, value_of
from kg.answer.names import CitedPassage
from kg.answer.questions import Answer

WIDEST = 60  # characters of a cell in a table


def write_table(names: Sequence[str], rows: Iterable[Row], labels: Mapping[str, str] | None = None) -> bytes:
    """Write rows as a table for the terminal: aligned, long cells clipped, IRIs shortened or replaced by their `labels`."""
    cells = [[_show(row.get(name), labels or {}) for name in names] for row in rows]
    heads = [_clip(name) for name in names]
    widths = [max(map(_width, column)) for column in zip(heads, *cells, strict=True)]
    lines = [_align(row, widths) for row in (heads, ["─" * width for width in widths], *cells)]
    lines.append(f"({len(cells)} row{'' if len(cells) == 1 else 's'})")
    return ("\n".join(lines) + "\n").encode()


def write_report(answer: Answer) -> bytes:
    """Write an answer for a person at a terminal: the question, the rows with numbered passages, the passages."""
    numbers = {iri: str(number) for number, iri in enumerate(answer.citations, 1)}
    rows = []
    for row in answer.rows:
        shown = dict(row)
        for name in answer.question.cites:
            if name in row:
                cited = " ".join(f"[{numbers[iri]}]" if iri in numbers else iri for iri in row[name]["value"].split())
                shown[name] = {"type": "literal", "value": cited}
        rows.append(shown)
    lines = [
        _clean(answer.sentence),
        *([_clean(answer.lead)] if answer.lead else []),
        *map(_clean, answer.limits),
        "",
        write_table(columns_of(answer), rows, answer.labels).decode(),
    ]
    for iri, passage in answer.citations.items():
        lines.append(f"[{numbers[iri]}] {_describe(passage, _clean)}")
    lines += [""] if answer.citations else []
    lines += [_clean(answer.about)] if answer.about else []
    return "\n".join([*lines, f"Release {answer.release}", ""]).encode()


def write_markdown(answer: Answer) -> bytes:
    """Write an answer as Markdown: the sentence, the table, the notes, and the passages as footnotes."""
    numbers = {iri: number for number, iri in enumerate(answer.citations, 1)}
    work = citation.of_answer(answer)
    lines = [f"# {_mark(answer.question.title)}", "", f"**{_mark(answer.lead or answer.sentence)}**", ""]
    lines += [_mark(answer.sentence), ""] if answer.lead else []
    if answer.limits:
        lines += ["\n>\n".join(f"> {_mark(limit)}" for limit in answer.limits), ""]
    lines += _table(answer, numbers)
    lines += ["", _mark(answer.about), ""] if answer.about else [""]
    lines += [f"*{_mark(citation.write_text(work).strip())}*", ""]
    lines += [f"[^{numbers[iri]}]: {_describe(passage, _mark)} <{iri}>" for iri, passage in answer.citations.items()]
    return "\n".join([*lines, ""]).encode()


def _table(answer: Answer, numbers: Mapping[str, int]) -> Iterator[str]:
    if not answer.rows:
        yield "None recorded."
        return
    yield _line([_mark(meaning) for _, meaning in answer.question.columns])
    yield _line(["---"] * len(answer.question.columns))
    for row in answer.rows:
        yield _line([_field(answer, numbers, name, row.get(name)) for name in columns_of(answer)])


def _field(answer: Answer, numbers: Mapping[str, int], name: str, term: Mapping[str, str] | None) -> str:
    if term is not None and name in answer.question.cites:
        return "".join(f"[^{numbers[iri]}]" for iri in term["value"].split() if iri in numbers)
    return _mark(spoken(answer, name, term))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _describe(passage: CitedPassage, write: Callable[[str], str]) -> str:
    """Write a passage with the document it is in, and where in it."""
    place = ", ".join(filter(None, (passage.document_label, passage.section, passage.paragraph)))
    return write(passage.label) + (f" ({write(place)})" if place else "")


def _mark(text: str) -> str:
    """Write a text so that nothing in it is read as Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>|#~^])", r"\\\1", _clean(text))


def _show(term: Mapping[str, str] | None, labels: Mapping[str, str]) -> str:
    value = value_of(term)
    if term is not None and term["type"] == "uri":
        value = labels.get(value) or terms.shorten(value).removeprefix(terms.BASE)
    return _clip(value)


def _clean(text: str) -> str:
    """Make one line of a text, without the control characters that could command a terminal."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def _clip(text: str) -> str:
    text = _clean(text)
    if _width(text) <= WIDEST:
        return text
    text = text[:WIDEST]
    while _width(text) > WIDEST - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _width(text: str) -> int:
    """Count the columns a text takes on a terminal: wide characters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()

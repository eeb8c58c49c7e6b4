"""The table of what an answer can be written as, and the writers that the engine does not have.

Results and graphs in the standard formats are written by the engine. The writers here take rows in SPARQL's JSON form: a table
for the terminal, CSV, CSV that is safe to open in a spreadsheet, and the formats of a named question's answer. Only the cells of
the table are clipped.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from kg import sparql, store, terms
from kg.answer import pictures
from kg.answer.engine import Engine
from kg.answer.questions import Answer
from kg.errors import NotAcceptable, UnknownName
from kg.store import Query
from kg.terms import LICENCE, Blank, Iri, Literal, Term

WIDEST = 60  # characters of a cell in a table
BINDINGS, GRAPH, ANSWER, PAGE = "bindings", "graph", "answer", "page"
RESULT_SET = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"  # the vocabulary of the W3C's SPARQL tests

Row = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write something: its name (also in `format=`), media type, suffix and the kinds of things it can hold.

    `kinds`: bindings (SELECT, ASK), graph (CONSTRUCT, DESCRIBE, a resource), answer (a named question), page. `aliases` are
    further media types under which it may be asked for. `write_rows` and `write_answer` write the bindings and the answers
    that the engine does not write.
    """

    name: str
    media_type: str
    suffix: str
    kinds: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    write_rows: Callable[[Sequence[str], Iterable[Row]], bytes] | None = None
    write_answer: Callable[[Answer], bytes] | None = None

    @property
    def content_type(self) -> str:
        """Write the Content-Type header; text is UTF-8."""
        return self.media_type + ("; charset=utf-8" if self.media_type.startswith("text/") else "")


def by_name(name: str, kind: str) -> Format:
    """Find the format of this name for this kind; UnknownName when there is none such, NotAcceptable for other kinds only."""
    offered = {one.name: one for one in formats_of(kind)}
    if name in offered:
        return offered[name]
    names = ", ".join(offered)
    if any(one.name == name for one in FORMATS):
        raise NotAcceptable(f"{name!r} cannot hold this", offered=list(offered), hint=f"Ask for {names}")
    raise UnknownName(f"There is no format {name!r}", hint=f"Known: {names}")


def formats_of(kind: str) -> list[Format]:
    """List the formats that can hold a kind of thing, the preferred first."""
    return [one for one in FORMATS if kind in one.kinds]


async def write_query(engine: Engine, text: str, format: str) -> bytes:
    """Answer a query in the named format; `table` and `sheet` are for rows, and a graph asked as a table comes as Turtle."""
    form = sparql.read_outline(text).form
    kind = GRAPH if form in ("CONSTRUCT", "DESCRIBE") else BINDINGS
    if format == "table" and kind == GRAPH:
        format = "ttl"
    chosen = by_name(format, kind)
    if chosen.write_rows is None:
        return (await engine.answer(Query(text, chosen.name))).body
    results = json.loads((await engine.answer(Query(text))).body)
    if "boolean" in results:
        truth = str(results["boolean"]).lower()
        return chosen.write_rows(["answer"], [{"answer": {"type": "literal", "value": truth}}])
    return chosen.write_rows(results["head"]["vars"], results["results"]["bindings"])


def write_answer(answer: Answer, format: str) -> bytes:
    """Write the answer to a named question in the named format; `table` adds who says it, and from which release."""
    chosen = by_name(format, ANSWER)
    if chosen.write_answer is not None:
        return chosen.write_answer(answer)
    return chosen.write_rows(*_with_limits(answer))


def write_table(names: Sequence[str], rows: Iterable[Row], labels: Mapping[str, str] | None = None) -> bytes:
    """Write rows as a table for the terminal: aligned, long cells clipped, IRIs shortened or replaced by their `labels`."""
    cells = [[_show(row.get(name), labels or {}) for name in names] for row in rows]
    heads = [_clip(name) for name in names]
    widths = [max(map(_width, column)) for column in zip(heads, *cells, strict=True)]
    lines = [_align(row, widths) for row in (heads, ["─" * width for width in widths], *cells)]
    lines.append(f"({len(cells)} row{'' if len(cells) == 1 else 's'})")
    return ("\n".join(lines) + "\n").encode()


def write_csv(names: Sequence[str], rows: Iterable[Row], guard: Callable[[str], str] = str) -> bytes:
    """Write rows as CSV (RFC 4180), values as they are, for programs, or as `guard` makes them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guard(name) for name in names])
    writer.writerows([guard(_value(row.get(name))) for name in names] for row in rows)
    return text.getvalue().encode()


def write_sheet(names: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Write rows as CSV for a spreadsheet: with a byte order mark, and no cell that would be run as a formula."""
    return codecs.BOM_UTF8 + write_csv(names, rows, _disarm)


def _columns(answer: Answer) -> list[str]:
    return [name for name, _ in answer.question.columns]


def _with_limits(answer: Answer) -> tuple[list[str], Iterable[Row]]:
    """Add a column with the limits of the record, for a format that has nothing but rows; without rows its head holds them."""
    if not answer.question.record:
        return _columns(answer), answer.rows
    said = " ".join(answer.limits)
    head = "limits" if answer.rows else f"limits: {said}"
    return [*_columns(answer), head], ({**row, head: {"type": "literal", "value": said}} for row in answer.rows)


def _disarm(value: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula; a plain number is left a number."""
    if value.lstrip().startswith(("=", "+", "-", "@")) or value.startswith(("\t", "\r", "\n")):
        return value if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", value) else "'" + value
    return value


def _write_json(answer: Answer) -> bytes:
    names = _columns(answer)
    document = {
        "question": answer.question.name,
        "title": answer.question.title,
        "sentence": answer.sentence,
        "limits": list(answer.limits),
        "parameters": dict(answer.values),
        "columns": [{"name": name, "meaning": meaning} for name, meaning in answer.question.columns],
        "rows": [{name: _plain(answer, name, row.get(name)) for name in names} for row in answer.rows],
        "rowCount": len(answer.rows),
        "about": answer.about,
        "citations": [
            {
                "passage": one.passage,
                "label": one.label,
                "section": one.section or None,
                "paragraph": one.paragraph or None,
                "document": one.document,
                "documentLabel": one.document_label,
            }
            for one in answer.citations.values()
        ],
        "release": answer.release,
        "license": LICENCE,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _plain(answer: Answer, name: str, term: Mapping[str, str] | None) -> Any:
    if term is None:
        return None
    if name in answer.question.cites:
        return term["value"].split()
    if term["type"] == "uri":
        return {"id": term["value"], "label": answer.labels.get(term["value"])}
    return term["value"]


def _write_report(answer: Answer) -> bytes:
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
        *map(_clean, answer.limits),
        "",
        write_table(_columns(answer), rows, answer.labels).decode(),
    ]
    for iri, one in answer.citations.items():
        place = ", ".join(part for part in (one.document_label, one.section, one.paragraph) if part)
        lines.append(f"[{numbers[iri]}] {_clean(one.label)}" + (f" ({_clean(place)})" if place else ""))
    lines += [""] if answer.citations else []
    lines += [_clean(answer.about)] if answer.about else []
    return "\n".join([*lines, f"Release {answer.release}", ""]).encode()


def _write_workbook(answer: Answer) -> bytes:
    """Write a workbook: labels beside IRIs, the citations, and where it all comes from; no cell is a formula or a link."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        _write_page(book, "Answer", *_spread(answer))
        found = answer.citations.values()
        cited = [[one.label, one.document_label, one.section, one.paragraph, one.passage] for one in found]
        _write_page(book, "Citations", ["Passage", "Document", "Section", "Paragraph", "Address"], cited)
        _write_page(book, "Limits", ["How far the record goes"], [[one] for one in answer.limits])
        source = {
            "Question": answer.sentence,
            "Release": answer.release,
            "Rows": str(len(answer.rows)),
            "How to read it": answer.about,
            "Licence": LICENCE,
        }
        _write_page(book, "Source", ["What", "Value"], list(map(list, source.items())))
    return buffer.getvalue()


def _spread(answer: Answer) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Lay out an answer for a workbook: a column of names, and beside it one of addresses where there are any."""
    columns = []
    for name, meaning in answer.question.columns:
        cells = [row.get(name) for row in answer.rows]
        if name in answer.question.cites:
            cited = [_value(cell).split() for cell in cells]
            known = {iri: one.label for iri, one in answer.citations.items()}
            shown = ["; ".join(known.get(iri, iri) for iri in iris) for iris in cited]
        else:
            shown = [answer.labels.get(_value(cell)) or _value(cell) for cell in cells]
        columns.append((meaning, shown))
        addresses = [_value(cell) if cell and cell["type"] == "uri" else "" for cell in cells]
        if any(addresses):
            columns.append((f"{name} (address)", addresses))
    heads, cells = zip(*columns, strict=True)
    return heads, list(zip(*cells, strict=True))


def _write_page(book: Any, title: str, heads: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    sheet = book.add_worksheet(title)
    head, cell = (book.add_format({"bold": bold, "text_wrap": True, "valign": "top"}) for bold in (True, False))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 32)
    for number, line in enumerate([heads, *body]):
        for column, text in enumerate(line):
            sheet.write_string(number, column, text, cell if number else head)


def _write_result_set(answer: Answer) -> bytes:
    """Write the rows as a result set in RDF (the vocabulary of the W3C's SPARQL tests)."""
    names, whole = _columns(answer), Blank("set")
    triples: list[tuple[Term, Iri, Term]] = [
        (whole, Iri(terms.PREFIXES["rdf"] + "type"), _rs("ResultSet")),
        (whole, Iri(terms.PREFIXES["dcterms"] + "title"), Literal(answer.sentence)),
        (whole, Iri(terms.PREFIXES["dcterms"] + "isPartOf"), Iri(terms.RELEASE + answer.release)),
        (whole, Iri(terms.PREFIXES["dcterms"] + "license"), Iri(LICENCE)),
        *((whole, Iri(terms.term("recordNote")), Literal(said, language="en")) for said in answer.limits),
        *((whole, _rs("resultVariable"), Literal(name)) for name in names),
    ]
    cells: list[tuple[Term, Iri, Term]] = []
    for number, row in enumerate(answer.rows):
        solution = Blank(f"row{number}")
        triples.append((whole, _rs("solution"), solution))
        bound = [name for name in names if name in row]
        bindings = [Blank(f"row{number}-{place}") for place in range(len(bound))]
        cells += [(solution, _rs("binding"), binding) for binding in bindings]
        for name, binding in zip(bound, bindings, strict=True):
            cells += [(binding, _rs("variable"), Literal(name)), (binding, _rs("value"), terms.from_json(row[name]))]
    triples += cells
    prefixes = {name: terms.PREFIXES[name] for name in ("ans", "dcterms", "xsd")}
    return store.write_triples(triples, "ttl", {"rs": RESULT_SET, **prefixes})


def _rs(name: str) -> Iri:
    return Iri(RESULT_SET + name)


def _value(term: Mapping[str, str] | None) -> str:
    if term is None:
        return ""
    return "_:" + term["value"] if term["type"] == "bnode" else term["value"]


def _show(term: Mapping[str, str] | None, labels: Mapping[str, str]) -> str:
    value = _value(term)
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


def _of_engine(name: str, *aliases: str) -> Format:
    kind = BINDINGS if name in store.ROW_MEDIA_TYPES else GRAPH
    media_type = (store.ROW_MEDIA_TYPES | store.GRAPH_MEDIA_TYPES)[name]
    return Format(name, media_type, "." + name, (kind,), aliases)


_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# In order of preference: the first that is acceptable is taken. The media types of the engine's formats are the engine's.
FORMATS = (
    Format("html", "text/html", ".html", (PAGE,), ("application/xhtml+xml",)),
    _of_engine("json", "application/json", "text/json"),
    _of_engine("xml", "application/xml", "text/xml"),
    _of_engine("csv"),
    _of_engine("tsv"),
    _of_engine("ttl", "application/x-turtle"),
    _of_engine("nt", "text/plain"),
    _of_engine("jsonld"),
    _of_engine("rdf", "application/xml", "text/xml"),
    _of_engine("nq"),
    _of_engine("trig"),
    Format("json", "application/json", ".json", (ANSWER,), ("text/json",), write_answer=_write_json),
    Format("csv", "text/csv", ".csv", (ANSWER,), write_rows=write_csv),
    Format("xlsx", _WORKBOOK, ".xlsx", (ANSWER,), write_answer=_write_workbook),
    Format("ttl", "text/turtle", ".ttl", (ANSWER,), write_answer=_write_result_set),
    Format("svg", "image/svg+xml", ".svg", (ANSWER,), write_answer=pictures.write_svg),
    Format("png", "image/png", ".png", (ANSWER,), write_answer=pictures.write_png),
    Format("sheet", "text/csv", ".csv", (ANSWER, BINDINGS), write_rows=write_sheet),
    Format("table", "text/plain", ".txt", (ANSWER, BINDINGS), write_rows=write_table, write_answer=_write_report),
)

"""The named questions, as pages and as data.

Promises the same rows in every format, each with its passages and the release, and that an unknown or missing parameter
is an error that says what is known. Never changes what a question means.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response

from api import negotiate, problems, render
from api.answers import About, opened_of, prefix_of, reader_of, serve
from api.negotiate import CSV, HTML, JSON, TURTLE, XLSX
from api.resources import dumps
from kg import questions, terms
from kg.errors import AnswerableError, BadParameter
from kg.questions import Answer, Question

FORMS = (HTML, JSON, CSV, XLSX, TURTLE)


async def listed(request: Request) -> Response:
    """Answer /questions: every question, with its example."""
    offer = negotiate.pick(request.headers.get("accept"), (HTML, JSON), override=request.query_params.get("format"))
    about = About("Questions", terms.BASE + "questions", (("application/json", "/questions?format=json"),))
    known = opened_of(request).questions

    async def make() -> bytes:
        if offer is JSON:
            return dumps({"questions": [_describe(one) for one in known.values()], "release": opened_of(request).id})
        page = await reader_of(request).page(prefix_of(request))
        return render.fill("questions.html", page=page, about=about, questions=list(known.values()))

    return await serve(request, offer, make, about=about)


async def answered(request: Request) -> Response:
    """Answer /questions/<name>: the form, and with parameters the answer, as a page or as data."""
    known = opened_of(request).questions
    name, suffix = request.path_params["name"], None
    if name not in known:
        name, suffix = negotiate.split_suffix(name, FORMS)
    question = questions.find(known, name)
    values, format = _values(request)
    offer = negotiate.pick(request.headers.get("accept"), FORMS, override=suffix or format)
    path = f"/questions/{name}"
    query = render.query_string(values)
    about = About(
        question.title,
        terms.BASE + path[1:] + (f"?{query}" if query else ""),
        tuple((one.media_type, f"{path}.{one.name}" + (f"?{query}" if query else "")) for one in FORMS[1:]),
    )
    if offer is HTML:
        return await _page(request, question, values, about)

    async def make() -> bytes:
        return await asyncio.to_thread(_write, offer.name, await _ask(request, question, values))

    disposition = {"Content-Disposition": f'attachment; filename="{name}.{offer.name}"'} if offer is XLSX else None
    return await serve(request, offer, make, about=about, headers=disposition)


def _values(request: Request) -> tuple[dict[str, str], str | None]:
    try:
        text = request.scope["query_string"].decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise BadParameter("The parameters cannot be read", hint="Write them percent-encoded, in UTF-8") from None
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise BadParameter(f"The parameter {name[:40]} stands twice", where=name[:40], hint="Send it once")
        values[name] = value
    format = values.pop("format", None)
    return values, format or None


async def _ask(request: Request, question: Question, values: Mapping[str, str]) -> Answer:
    opened = opened_of(request)
    return await asyncio.to_thread(questions.ask, opened.pages, question, values, opened.id)


async def _page(request: Request, question: Question, values: dict[str, str], about: About) -> Response:
    is_asked = bool(values) or not question.parameters
    reader = reader_of(request)

    async def make() -> bytes:
        answer = await _ask(request, question, values) if is_asked else None
        return await _fill(request, reader, question, values, about, answer=answer)

    try:
        return await serve(request, HTML, make, about=about)
    except AnswerableError as error:
        if not problems.wants_page(request):
            raise
        body = await _fill(request, reader, question, values, about, error=error)
        headers = {"Cache-Control": "no-store", **problems.headers_of(error)}
        return Response(body, problems.status_of(error), headers, HTML.content_type)


async def _fill(
    request: Request,
    reader: render.Reader,
    question: Question,
    values: Mapping[str, str],
    about: About,
    *,
    answer: Answer | None = None,
    error: AnswerableError | None = None,
) -> bytes:
    choices = {}
    for parameter in question.parameters:
        if parameter.kind == "iri":
            choices[parameter.name] = await asyncio.to_thread(questions.choices, opened_of(request).pages, parameter)
    shown = (
        {row[name]["value"] for row in answer.rows for name in row if row[name]["type"] == "uri"} if answer else set()
    )
    page = await reader.page(prefix_of(request), also=[*shown, *(answer.citations if answer else ())])
    return render.fill(
        "question.html",
        page=page,
        about=about,
        question=question,
        values={name: full(question, name, value) for name, value in values.items()},
        choices=choices,
        answer=answer,
        columns=[column for column in question.columns if answer is None or _is_used(answer, column[0])],
        query=render.query_string(values),
        problem=problems.describe(error, request.url.path) if error else None,
    )


def full(question: Question, name: str, value: str) -> str:
    """Write an IRI parameter in full, as the choices of the form have it; others unchanged."""
    kinds = {parameter.name: parameter.kind for parameter in question.parameters}
    if kinds.get(name) == "iri" and not value.startswith(("http://", "https://")):
        return terms.BASE + value.strip().lstrip("/")
    return value


def _is_used(answer: Answer, column: str) -> bool:
    return not answer.rows or any(row.get(column, {}).get("value") for row in answer.rows)


def _describe(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "question": question.question,
        "about": question.about,
        "parameters": [
            {"name": one.name, "kind": one.kind, "class": one.class_iri, "example": one.example, "label": one.label}
            for one in question.parameters
        ],
        "columns": [{"name": name, "meaning": meaning} for name, meaning in question.columns],
        "href": terms.BASE + "questions/" + question.name,
    }


def _write(format: str, answer: Answer) -> bytes:
    return {"json": write_json, "csv": write_csv, "xlsx": write_xlsx, "ttl": write_turtle}[format](answer)


def write_json(answer: Answer) -> bytes:
    """Write an answer with everything that is needed to check it."""
    citations = [
        {
            "passage": one.passage,
            "label": one.label,
            "section": one.section or None,
            "paragraph": one.paragraph or None,
            "document": one.document,
            "documentLabel": one.document_label,
        }
        for one in answer.citations.values()
    ]
    return dumps(
        {
            "question": answer.question.name,
            "title": answer.question.title,
            "sentence": answer.sentence,
            "parameters": dict(answer.values),
            "columns": [{"name": name, "meaning": meaning} for name, meaning in answer.question.columns],
            "rows": [_plain(answer, row) for row in answer.rows],
            "rowCount": len(answer.rows),
            "complete": answer.complete,
            "about": answer.question.empty if not answer.rows else answer.question.about,
            "citations": citations,
            "release": answer.release,
            "license": render.LICENCE,
        }
    )


def write_csv(answer: Answer) -> bytes:
    """Write the rows as CSV (RFC 4180), IRIs in full, as the engine gave them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names(answer))
    writer.writerows([row.get(name, {}).get("value", "") for name in names(answer)] for row in answer.rows)
    return text.getvalue().encode()


def write_xlsx(answer: Answer) -> bytes:
    """Write a workbook: labels beside IRIs for people, the citations, and where it comes from; text stays text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        _sheet(book, "Answer", *_table(answer), head, wrap)
        cited = [[c.label, c.document_label, c.section, c.paragraph, c.passage] for c in answer.citations.values()]
        _sheet(book, "Citations", ["Passage", "Document", "Section", "Paragraph", "Address"], cited, head, wrap)
        source = [
            ["Question", answer.sentence],
            ["Release", answer.release],
            ["Rows", str(len(answer.rows))],
            ["Complete", "yes" if answer.complete else "no"],
            ["How to read it", answer.question.about],
            ["Licence", render.LICENCE],
        ]
        _sheet(book, "Source", ["What", "Value"], source, head, wrap)
    return buffer.getvalue()


def write_turtle(answer: Answer) -> bytes:
    """Write the rows as a SPARQL result set in RDF (the vocabulary of the W3C's test suite)."""
    lines = ["@prefix rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> .", "", "[] a rs:ResultSet ;"]
    lines.append("  rs:resultVariable " + ", ".join(_quote(name) for name in names(answer)) + " ;")
    lines.append(f"  <http://purl.org/dc/terms/isPartOf> <{terms.RELEASE}{answer.release}> ;")
    lines.append(f"  <http://purl.org/dc/terms/title> {_quote(answer.sentence)}")
    for row in answer.rows:
        bindings = " , ".join(
            f"[ rs:variable {_quote(name)} ; rs:value {_turtle(row[name])} ]" for name in names(answer) if name in row
        )
        lines.append(f"  ; rs:solution [ rs:binding {bindings} ]" if bindings else "  ; rs:solution [ ]")
    return "\n".join([*lines, "  .", ""]).encode()


def names(answer: Answer) -> list[str]:
    """List the columns of an answer."""
    return [name for name, _ in answer.question.columns]


def _plain(answer: Answer, row: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name in names(answer):
        term = row.get(name)
        if term is None:
            plain[name] = None
        elif name in answer.question.cites:
            plain[name] = term["value"].split()
        elif term["type"] == "uri":
            plain[name] = {"id": term["value"], "label": answer.labels.get(term["value"])}
        else:
            plain[name] = term["value"]
    return plain


def _table(answer: Answer) -> tuple[list[str], list[list[str]]]:
    heads: list[str] = []
    for name, meaning in answer.question.columns:
        heads += [meaning] if name in answer.question.cites else [meaning, f"{name} (address)"]
    body = []
    for row in answer.rows:
        cells: list[str] = []
        for name, _ in answer.question.columns:
            term = row.get(name, {"value": "", "type": "literal"})
            if name in answer.question.cites:
                found = [answer.citations.get(iri) for iri in term["value"].split()]
                cells.append("; ".join(one.label for one in found if one))
            else:
                is_iri = term["type"] == "uri"
                cells += [answer.labels.get(term["value"], term["value"]), term["value"] if is_iri else ""]
        body.append(cells)
    used = [n for n, head in enumerate(heads) if not head.endswith("(address)") or any(cells[n] for cells in body)]
    return [heads[n] for n in used], [[cells[n] for n in used] for cells in body]


def _sheet(book: Any, title: str, heads: Sequence[str], body: Sequence[Sequence[str]], head: Any, wrap: Any) -> None:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(heads) - 1, 0), 32)
    for column, text in enumerate(heads):
        sheet.write_string(0, column, text, head)
    for number, cells in enumerate(body, 1):
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text, wrap)


def _turtle(term: Mapping[str, str]) -> str:
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return "[ ]"
    text = _quote(term["value"])
    if term.get("xml:lang"):
        return f"{text}@{term['xml:lang']}"
    return f"{text}^^<{term['datatype']}>" if term.get("datatype") else text


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")

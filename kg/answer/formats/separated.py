"""CSV (RFC 4180), as it is for programs and disarmed for spreadsheets, and what CSV on the Web says of it."""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from kg import csvw
from kg.answer import citation
from kg.answer.formats.values import DATES, NUMBERS, XSD, datatype_of, spread, value_of
from kg.answer.questions import QuestionAnswer
from kg.sparql.sentence import Row

VAGUE = r"-?\d{4,}(-\d{2}(-\d{2})?)?"  # a day, a month or a year
_TYPES = {datatype: datatype.removeprefix(XSD) for datatype in (*NUMBERS, *DATES, XSD + "boolean", XSD + "anyURI")}


def write_csv(names: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Write rows as CSV (RFC 4180), values as they are, for programs."""
    return write_values(names, ({name: value_of(term) for name, term in row.items()} for row in rows))


def write_values(names: Collection[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Write rows of plain values as CSV (RFC 4180); a row may lack some."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write_sheet(names: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Write rows as CSV for a spreadsheet: with a byte order mark, and no cell that would be run as a formula."""
    cells = ({_disarm(name): _disarm(value_of(term)) for name, term in row.items()} for row in rows)
    return codecs.BOM_UTF8 + write_values([_disarm(name) for name in names], cells)


def with_limits(answer: QuestionAnswer) -> tuple[list[str], list[Row]]:
    """Lay out an answer for a format that has nothing but rows: labels beside things, and last the limits of the record.

    Without rows, the head of the last column holds the limits.
    """
    names, rows = spread(answer)
    if not answer.question.record:
        return names, rows
    limits = " ".join(answer.limits)
    head = "limits" if rows else f"limits: {limits}"
    return [*names, head], [{**row, head: {"type": "literal", "value": limits}} for row in rows]


def write_metadata(answer: QuestionAnswer) -> bytes:
    """Write the metadata of the CSV (CSV on the Web): what was asked of which release, and what each column means."""
    names, rows = with_limits(answer)
    work = citation.of_answer(answer)
    members = {
        "url": citation.path_of(answer, ".csv").removeprefix("questions/"),
        "dc:title": work.title,
        "dc:description": answer.about,
        **({"dc:abstract": answer.lead} if answer.lead else {}),
        "dc:identifier": work.address,
        "dc:source": {"@id": work.collection},
        "dc:issued": {"@value": work.issued, "@type": "xsd:date"},
        "dc:publisher": citation.SITE,
        "dc:bibliographicCitation": citation.write_text(work).strip(),
        "rdfs:comment": list(answer.limits),
        "schema:variableMeasured": [
            f"{name} = {value}" for name, value in {**answer.values, **answer.narrowing.values()}.items()
        ],
        "tableSchema": {"columns": [_column(answer, name, [row.get(name) for row in rows]) for name in names]},
    }
    return csvw.write(members)


def _column(answer: QuestionAnswer, name: str, cells: Sequence[Any]) -> dict[str, Any]:
    meanings = {column.name: column.meaning for column in answer.question.columns}
    cites = answer.question.cites
    labelled = name.removesuffix("Label")
    if name.startswith("limits"):
        column = {"name": "limits", "titles": name, "dc:description": "How far the record goes"}
    else:
        meaning = meanings.get(name) or f"{meanings[labelled]}: its name"
        column = {"name": name, "titles": name, "dc:description": meaning}
    if name in cites:
        typed: dict[str, Any] = {"datatype": "anyURI", "separator": " "}
    elif name not in meanings and labelled in cites:
        typed = {"datatype": "string", "separator": "; "}
    elif (kind := datatype_of(cells)) == "vague":
        typed = {"datatype": {"base": "string", "format": VAGUE, "dc:description": "A day, a month or a year"}}
    else:
        typed = {"datatype": "anyURI" if kind == "thing" else _TYPES.get(kind, "string")}
    return {**column, **typed}


def _disarm(value: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula; a plain number is left a number."""
    if value.lstrip().startswith(("=", "+", "-", "@")) or value.startswith(("\t", "\r", "\n")):
        return value if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", value) else "'" + value
    return value

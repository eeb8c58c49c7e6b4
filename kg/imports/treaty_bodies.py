"""Tables of what the treaty bodies decided on complaints, as they were read from the decisions.

    decisions.csv     one decision a row: symbol, body, complaints, State, date, outcome, and how sure each is
    findings.csv      one article a row: which way the body decided on it, and where
    facts-dates.csv   the earliest and the latest date in the facts of a decision

Each row is read, or named with its file, line and reason. Nothing here knows what the graph holds.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from kg.errors import SourceError
from kg.imports import stated

# The words of the tables and the concepts they stand for.
OUTCOMES = {
    "violation": "violation",
    "mixed": "mixed",
    "no violation": "no-violation",
    "inadmissible": "inadmissible",
    "discontinued": "discontinued",
    "admissible (interlocutory)": "interlocutory",
    "not read": "not-read",
}
FINDING_OUTCOMES = {"violation": "breach", "no violation": "no-breach"}
READINGS = {"read": "by-person", "mechanical-checked": "mechanical-checked", "needs-reading": "needs-reading"}
PRECISIONS = {"day": 10, "month": 7, "year": 4, "": 0}  # and how many letters a date has at each

Row = TypeVar("Row")

_SYMBOL = re.compile(r"(?:(CCPR|CAT|CEDAW|CERD|CRC|CRPD|CED)/C(?:/\d+)?|(E)/C\.12/\d+)/D/[\w.\-]+(?:/[\w.\-]+)*")
_COMPLAINT = re.compile(r"\d+/\d{4}")
_PARAGRAPH = re.compile(r"\d+(?:\.\d+)*")
_STATE = re.compile(r"[A-Z]{3}")
_TOKEN = re.compile(r"\d+-\d+|[a-z]-[a-z]|\d+|[a-z]+|\S")
_MOST = 20  # no article has as many paragraphs: a larger number is a misreading


@dataclass(frozen=True, slots=True)
class Decided:
    """A row of decisions.csv; `state` is an ISO code or empty, dates are as precise as they are long."""

    line: int
    symbol: str
    body: str
    instrument: str
    complaints: tuple[str, ...]
    state: str
    state_basis: str
    adopted: str
    adopted_basis: str
    submitted: str
    outcome: str
    paragraphs: tuple[str, ...]
    reading: str
    repeats: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadFinding:
    """A row of findings.csv; `parts` are paths below the article, such as ("3", "g"), and None where they make no sense."""

    line: int
    symbol: str
    instrument: str
    article: str
    sub: str
    parts: tuple[tuple[str, ...], ...] | None
    part_reading: str
    outcome: str
    accessory: bool
    paragraph: str
    reading: str


@dataclass(slots=True)
class Tables:
    """What the three tables hold, and the rows that cannot be read."""

    decisions: dict[str, Decided] = field(default_factory=dict)
    findings: list[ReadFinding] = field(default_factory=list)
    facts: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[SourceError] = field(default_factory=list)


def read(folder: Path, day: datetime.date) -> Tables:
    """Read the tables of a folder; no date may be later than `day`. Raises SourceError for a table that is missing."""
    tables = Tables()
    for row in _rows(folder / "decisions.csv", _decided, day, tables.problems):
        _keep(tables.decisions, row.symbol, row, "decisions.csv", row.line, tables.problems)
    seen: dict[ReadFinding, int] = {}
    for finding in _rows(folder / "findings.csv", _finding, day, tables.problems):
        same = replace(finding, line=0)
        if finding.symbol not in tables.decisions:
            content = f"{finding.symbol!r} is no decision of decisions.csv"
            _complain(tables.problems, "findings.csv", finding.line, content)
        elif seen.setdefault(same, finding.line) != finding.line:
            _complain(tables.problems, "findings.csv", finding.line, f"The row repeats line {seen[same]}")
        else:
            tables.findings.append(finding)
    lines: dict[str, int] = {}
    for line, symbol, *span in _rows(folder / "facts-dates.csv", _facts, day, tables.problems):
        if symbol not in tables.decisions:
            _complain(tables.problems, "facts-dates.csv", line, f"{symbol!r} is no decision of decisions.csv")
        elif lines.setdefault(symbol, line) != line:
            _complain(tables.problems, "facts-dates.csv", line, f"{symbol} has a row already, in line {lines[symbol]}")
        else:
            tables.facts[symbol] = (span[0], span[1])
    for row in tables.decisions.values():
        if row.repeats and (row.repeats not in tables.decisions or tables.decisions[row.repeats].repeats):
            content = f"{row.symbol} has the text of {row.repeats!r}, which is no decision here or repeats one itself"
            _complain(tables.problems, "decisions.csv", row.line, content)
    return tables


def parts(text: str) -> tuple[tuple[str, ...], ...] | None:
    """Read which parts of an article are named: "1,3(b)(g)" is 1, 3(b) and 3(g). None where that makes no sense."""
    content = re.sub(r"[\s(),;]|and", " ", text.lower().replace("–", "-"))
    matches: list[tuple[str, ...]] = []
    paragraph: tuple[str, ...] = ()
    for token in _TOKEN.findall(content):
        span = re.fullmatch(r"(\w+)-(\w+)", token)
        if token.isdigit() and int(token) < _MOST:
            paragraph = (token,)
            matches.append(paragraph)
        elif span and span[1].isdigit() and int(span[1]) < int(span[2]) < _MOST:
            paragraph = ()
            matches += [(str(number),) for number in range(int(span[1]), int(span[2]) + 1)]
        elif span or re.fullmatch(r"[a-z]|[ivx]+", token):
            if matches and matches[-1] == paragraph:
                matches.pop()
            first, last = (span[1], span[2]) if span else (token, token)
            letters = [chr(code) for code in range(ord(first), ord(last) + 1)] if len(first) == 1 else [token]
            matches += [(*paragraph, letter) for letter in letters]
        else:
            return None
    return tuple(dict.fromkeys(matches))


# Reading rows


def _decided(line: int, cells: dict[str, str], day: datetime.date) -> Decided:
    symbol = cells["symbol"]
    match = _SYMBOL.fullmatch(symbol)
    if not match:
        raise ValueError(f"{symbol!r} is no symbol of a decision of a treaty body")
    if (match[1] or "CESCR") != cells["body"]:
        raise ValueError(f"{symbol} is not a symbol of the body {cells['body']!r}")
    complaints = tuple(cells["communication"].split())
    for complaint in complaints:
        _must(_COMPLAINT, complaint, "number of a communication")
    if cells["state"]:
        _must(_STATE, cells["state"], "code of a State")
    adopted = cells["adopted_on"]
    if len(adopted) != PRECISIONS[_choice(cells, "adopted_precision", PRECISIONS)]:
        raise ValueError(f"{adopted!r} is no date to the {cells['adopted_precision'] or 'precision of none'}")
    paragraphs = tuple(dict.fromkeys(cells["operative_paragraphs"].split()))
    for paragraph in paragraphs:
        _must(_PARAGRAPH, paragraph, "number of a paragraph")
    return Decided(
        line=line,
        symbol=symbol,
        body=cells["body"],
        instrument=cells["instrument"],
        complaints=complaints,
        state=cells["state"],
        state_basis=_basis(cells),
        adopted=_date(adopted, day),
        adopted_basis=cells["adopted_basis"] if adopted else "",
        submitted=_date(cells["submitted_on"], day),
        outcome=OUTCOMES[_choice(cells, "outcome", OUTCOMES)],
        paragraphs=paragraphs,
        reading=READINGS[_choice(cells, "reliability", READINGS)],
        repeats=cells["same_text_as"],
        notes=tuple(part for part in (*cells["flagged"].split("; "), cells["note"]) if part),
    )


def _finding(line: int, cells: dict[str, str], _: datetime.date) -> ReadFinding:
    _must(re.compile(r"\d{1,2}"), cells["article"], "number of an article")
    if cells["paragraph"]:
        _must(_PARAGRAPH, cells["paragraph"], "number of a paragraph")
    return ReadFinding(
        line=line,
        symbol=cells["symbol"],
        instrument=cells["instrument"],
        article=cells["article"],
        sub=cells["sub"],
        parts=parts(cells["sub"]),
        part_reading="by-person" if cells["sub_reliability"] == "read" else "mechanical",
        outcome=FINDING_OUTCOMES[_choice(cells, "outcome", FINDING_OUTCOMES)],
        accessory=_choice(cells, "accessory", {"": 0, "yes": 1}) == "yes",
        paragraph=cells["paragraph"],
        reading=READINGS[_choice(cells, "reliability", READINGS)],
    )


def _facts(line: int, cells: dict[str, str], day: datetime.date) -> tuple[int, str, str, str]:
    earliest, latest = _date(cells["earliest"], day), _date(cells["latest"], day)
    if not (earliest and latest) or earliest > latest + "-99":
        raise ValueError(f"{earliest!r} to {latest!r} is no span of dates")
    return line, cells["symbol"], earliest, latest


_COLUMNS = {
    "decisions.csv": """symbol body communication state state_witnesses state_basis state_cited adopted_on adopted_precision
        adopted_basis submitted_on session outcome operative_paragraphs instrument reliability flagged same_text_as note""",
    "findings.csv": "symbol instrument article sub sub_reliability outcome accessory paragraph reliability",
    "facts-dates.csv": "symbol earliest latest dates_found earliest_paragraph latest_paragraph reliability",
}


def _rows(
    path: Path,
    make: Callable[[int, dict[str, str], datetime.date], Row],
    day: datetime.date,
    problems: list[SourceError],
) -> Iterator[Row]:
    """Yield what `make` makes of each row of a table; put the others among the problems."""
    if not path.is_file():
        raise SourceError("The table is missing", where=str(path), hint="Give the folder that holds it")
    reader = csv.DictReader(io.StringIO(stated.table_text(path), newline=None), strict=True)
    expected = _COLUMNS[path.name].split()
    if reader.fieldnames != expected:
        raise SourceError(f"The head of the table is not {', '.join(expected)}", where=path.name, line=1)
    try:
        for cells in reader:
            line = reader.line_num
            try:
                if None in cells or None in cells.values():
                    raise ValueError(f"The row does not have {len(expected)} cells")
                yield make(line, {name: cell.strip() for name, cell in cells.items()}, day)
            except ValueError as error:
                _complain(problems, path.name, line, str(error))
    except csv.Error as error:
        raise SourceError(f"The table cannot be read: {error}", where=path.name, line=reader.line_num) from None


def _keep(into: dict[str, Decided], key: str, row: Decided, file: str, line: int, problems: list[SourceError]) -> None:
    if (first := into.setdefault(key, row)) is not row:
        _complain(problems, file, line, f"{key} has a row already, in line {first.line}")


def _complain(problems: list[SourceError], file: str, line: int, content: str) -> None:
    problems.append(SourceError(content, where=file, line=line))


def _must(pattern: re.Pattern[str], text: str, what: str) -> None:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} is no {what}")


def _choice(cells: dict[str, str], column: str, context: Mapping[str, object]) -> str:
    if cells[column] not in context:
        raise ValueError(f"{cells[column]!r} is no {column.replace('_', ' ')}: {', '.join(filter(None, context))}")
    return cells[column]


def _date(text: str, day: datetime.date) -> str:
    """Return a date of a day, month or year, or nothing. Raises ValueError for one that is none or is yet to come."""
    if not text:
        return ""
    try:
        first = datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) in {4, 7} else text)
    except ValueError:
        raise ValueError(f"{text!r} is no date") from None
    if len(text) not in {4, 7, 10}:
        raise ValueError(f"{text!r} is no date")
    if first > day:
        raise ValueError(f"{text} lies after {day}, the day of the tables")
    return text


def _basis(cells: dict[str, str]) -> str:
    """Say in a few words how the State is known: what names it, and how many kinds of witnesses there are."""
    if not cells["state"]:
        return ""
    count = cells["state_witnesses"]
    content = f"{cells['state_basis']}; kinds of outright witnesses: {count if count != '2' else '2 or more'}"
    return f"{content}; a later decision cites it against this State" if cells["state_cited"] else content

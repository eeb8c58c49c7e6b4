"""The two tables of what States declared about treaties: one row a statement, or one row an acceptance or opt-out of a procedure.

    statements.csv            reservations, declarations, objections and the like, with what each does to which articles
    optional-procedures.csv   acceptances, opt-outs and postponements, with the days from and to which they have effect

Each row is read, or named with its file, line and reason. A word that is not among those listed here is a mistake of the table.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import SourceError
from kg.imports import treaty_collection

STATEMENTS, PROCEDURES = "statements.csv", "optional-procedures.csv"

KINDS = ("reservation", "declaration", "understanding", "objection", "communication", "withdrawal")
INTERPRETS, POLITICAL, ACCEPTS, OPTS_OUT, POSTPONES = (
    *("interprets", "political", "accepts a procedure", "opts out", "postpones"),
)
EFFECTS = (
    *("", INTERPRETS, POLITICAL, ACCEPTS, OPTS_OUT, POSTPONES),
    *("from the treaty", "from the treaty, without effect"),
    *("maintains the reservations of the United Kingdom", "constitution prevails"),
)
DIRECTIONS = ("accepts", "opts out", "postpones", "reserves")
STAGES = {"": "", "signature only": "signature", "consent": "consent", "later": "later"}
# The concept of scheme/exclusion-basis for each, and whether the words take the provision away for certain.
BASES = {
    "": ("", False),
    "not bound, not recognised or not applied": ("not-bound", True),
    "declared opt-out": ("opt-out", True),
    "bare reservation": ("bare-reservation", False),
    "not able, for the time being": ("not-for-the-time-being", False),
    "consent of all parties in each case": ("consent-in-each-case", False),
}
WITHDRAWN = ("no", "full", "partial", "unknown", "not accepted by the depositary")
LIMITED = "limited in time: see optional-procedures.csv"
# Whether the statement has effect on the day of the record; None where the table does not tell, or tells it by a date.
CURRENT = {
    "yes": True,
    "no": False,
    "see the other rows": False,
    "signature only": False,
    "unknown": None,
    "unclear": None,
    LIMITED: None,
}
GENERAL = {"yes": True, "unclear": True, "no": False, "": None}  # an unclear one is shown as if it were general
READ_BY = {"person": "by-person", "rule": "mechanical-checked"}

_HEADS = {
    STATEMENTS: "treaty collection_number participant iso3 kind effect headings made_on date_basis stage articles excludes"
    " excludes_basis subject_to_law general territorial withdrawn withdrawn_on current about precludes_entry_into_force"
    " page_anchor read_by note",
    PROCEDURES: "treaty collection_number article procedure direction participant iso3 accepted_on date_basis effective"
    " effective_basis expires_on withdrawn_on settled_by note",
}
_ARTICLE = re.compile(r"\d+(?:\([a-z0-9]+\))*")
_PARTLY = re.compile(r"\b(?:sentence|clause|only|as to|legislate)\b")
_EFFECTIVE = re.compile(r"\beffective (\d{1,2}) ([A-Z][a-z]+) (\d{4})")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """Where a row stands and whom it concerns: the key of a treaty, and a State by its ISO code in small letters."""

    line: int
    treaty: str
    state: str
    participant: str
    note: str


@dataclass(frozen=True, slots=True)
class StatementRow(DeclarationRow):
    """A row of statements.csv; `general` is None where it does not apply, `made` where the page gives no day."""

    kind: str
    effect: str
    made_on: datetime.date | None
    stage: str
    articles: tuple[str, ...]
    excludes: tuple[str, ...]
    basis: str
    to_law: bool
    general: bool | None
    territorial: bool
    withdrawn: str
    withdrawn_on: datetime.date | None
    current: str
    about: tuple[str, ...]
    anchor: str
    read_by: str

    @property
    def required(self) -> bool:
        """Tell whether the treaty asks every party for such a declaration."""
        return "every party must" in self.read_by

    @property
    def confirmed(self) -> bool:
        """Tell whether it ever had effect: not on signature alone, nor where the depositary did not accept it."""
        return self.stage != "signature" and self.withdrawn != WITHDRAWN[-1]

    @property
    def ends(self) -> datetime.date | None:
        """Return the first day without the statement: that of the withdrawal, or the one its note says takes effect."""
        match = _EFFECTIVE.search(self.note)
        if match and self.withdrawn_on:
            return datetime.date(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]))
        return self.withdrawn_on

    def takes_a_part_of(self, article: str) -> bool:
        """Tell whether by its note only a part of an excluded article goes; a note may speak of one article alone."""
        about = _ARTICLE.match(self.note)
        return self.territorial or (bool(_PARTLY.search(self.note)) and (not about or about[0] == article))


@dataclass(frozen=True, slots=True)
class Procedure(DeclarationRow):
    """A row of optional-procedures.csv; `effective` is None where the clause, or the treaty, is not in force."""

    article: str
    procedure: str
    direction: str
    made_on: datetime.date
    effective: datetime.date | None
    expires: datetime.date | None
    withdrawn_on: datetime.date | None

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the articles that it is about: those that an opt-out under its clause takes away, else its own."""
        return tuple(_ARTICLE.findall(self.procedure)) or (self.article,)


def statements(path: Path, today: datetime.date) -> Iterator[StatementRow | SourceError]:
    """Yield each row of statements.csv, or what is wrong with it; no day is later than `today`, that of the record."""
    first: dict[tuple[str, ...], int] = {}
    for line, row in _rows(path):
        try:
            _once(row, line, first)
            yield StatementRow(
                line=line,
                treaty=row["treaty"],
                state=row["iso3"].lower(),
                participant=row["participant"],
                note=row["note"],
                kind=_among(row, "kind", KINDS),
                effect=_among(row, "effect", EFFECTS),
                made_on=_day(row, "made_on", today),
                stage=STAGES[_among(row, "stage", STAGES)],
                articles=_articles(row, "articles"),
                excludes=_articles(row, "excludes"),
                basis=_among(row, "excludes_basis", BASES),
                to_law=_among(row, "subject_to_law", ("", "yes")) == "yes",
                general=GENERAL[_among(row, "general", GENERAL)],
                territorial=_among(row, "territorial", ("", "yes")) == "yes",
                withdrawn=_among(row, "withdrawn", WITHDRAWN),
                withdrawn_on=_day(row, "withdrawn_on", today),
                current=_among(row, "current", CURRENT),
                about=tuple(code.lower() for code in row["about"].split(";") if code),
                anchor=row["page_anchor"],
                read_by=row["read_by"],
            )
        except ValueError as error:
            yield SourceError(str(error), where=path.name, line=line)


def procedures(path: Path, today: datetime.date) -> Iterator[Procedure | SourceError]:
    """Yield each row of optional-procedures.csv, or what is wrong with it; nothing is declared later than `today`."""
    first: dict[tuple[str, ...], int] = {}
    for line, row in _rows(path):
        try:
            _once(row, line, first)
            made_on = _day(row, "accepted_on", today)
            if made_on is None or not _ARTICLE.fullmatch(row["article"]):
                raise ValueError("The row needs the day and the article of the declaration")
            yield Procedure(
                line=line,
                treaty=row["treaty"],
                state=row["iso3"].lower(),
                participant=row["participant"],
                note=row["note"],
                article=row["article"],
                procedure=row["procedure"],
                direction=_among(row, "direction", DIRECTIONS),
                made_on=made_on,
                effective=_day(row, "effective"),
                expires=_day(row, "expires_on"),
                withdrawn_on=_day(row, "withdrawn_on", today),
            )
        except ValueError as error:
            yield SourceError(str(error), where=path.name, line=line)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows of a table under its head, with their lines. Raises SourceError when it has another head."""
    reader = csv.reader(io.StringIO(treaty_collection.text(path), newline=None), strict=True)
    head = _HEADS[path.name].split()
    try:
        if next(reader, []) != head:
            raise SourceError("The head is not that of the table", where=path.name, line=1, hint=",".join(head))
        for cells in reader:
            if len(cells) != len(head):
                content = f"The row has {len(cells)} cells, and the head has {len(head)}"
                raise SourceError(content, where=path.name, line=reader.line_num)
            yield reader.line_num, dict(zip(head, (cell.strip() for cell in cells), strict=True))
    except csv.Error as error:
        raise SourceError(f"This is no CSV ({error})", where=path.name, line=reader.line_num) from None


def _once(row: Mapping[str, str], line: int, first: dict[tuple[str, ...], int]) -> None:
    before = first.setdefault(tuple(row.values()), line)
    if before != line:
        raise ValueError(f"The row says the same as line {before}; keep one of the two")


def _among(row: Mapping[str, str], column: str, words: tuple[str, ...] | Mapping[str, object]) -> str:
    if row[column] not in words:
        context = ", ".join(word or "nothing" for word in words)
        raise ValueError(f"{column} is {row[column]!r}; it is one of: {context}")
    return row[column]


def _articles(row: Mapping[str, str], column: str) -> tuple[str, ...]:
    matches = tuple(part for part in row[column].split(";") if part)
    if wrong := [part for part in matches if not _ARTICLE.fullmatch(part)]:
        raise ValueError(f"{column} names {wrong[0]!r}, which is no article such as 16(1)(c)")
    return matches


def _day(row: Mapping[str, str], column: str, last: datetime.date | None = None) -> datetime.date | None:
    if not row[column]:
        return None
    try:
        day = datetime.date.fromisoformat(row[column])
    except ValueError:
        raise ValueError(f"{column} is {row[column]!r}, which is no day such as 1985-02-04") from None
    if last and day > last:
        raise ValueError(f"{column} is {day}, which is later than the record, which is of {last}")
    return day

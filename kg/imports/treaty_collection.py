"""The UN Treaty Collection's tables of participation: one treaty a file, one participant a row.

    4-9.csv    chapter IV, treaty 9: participant, signature, and the act by which it consented to be bound

Each row is read, or named with its file, line and reason; a sign behind a date is read as the head of the column explains it.
"""

from __future__ import annotations

import calendar
import csv
import datetime
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import SourceError
from kg.names import sounds

# The signs behind a date and the binding mode each stands for; the head of the column names the mode without a sign.
SIGNS = {"a": "accession", "d": "succession", "s": "definitive-signature", "A": "acceptance", "AA": "acceptance"}
RATIFICATION = "ratification"

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_DATE = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})(?: ([A-Za-z]{1,2}))?")
_FOOTNOTES = re.compile(r"[\s,]*[\d¹²³⁰⁴-⁹]+(?:\s*,\s*[\d¹²³⁰⁴-⁹]+)*$")
_EXPLAINED = re.compile(r"([A-Z][\w ]*?)\s*(?:\((\w{1,2})\))?")
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True, slots=True)
class Participant:
    """A row: who, when it signed, and when and how it consented to be bound. `line` is where it stands.

    The tables of the collection have the fields without a default; those made from its status pages have the others too.
    """

    line: int
    name: str
    signed: datetime.date | None
    inherited: bool  # whether the signature is its predecessor's
    bound: datetime.date | None
    mode: str | None
    period: int = 1  # of a participant that left and came back
    until: datetime.date | None = None  # the last day in force
    denounced: datetime.date | None = None
    succeeded: datetime.date | None = None  # where earlier than the notice
    confidence: str | None = None  # a key of scheme/confidence: how sure that day is
    note: str = ""


def rows(path: Path, day: datetime.date, aside: Mapping[str, str]) -> Iterator[Participant | SourceError]:
    """Yield each row of a table, or what is wrong with it; `day` is that of the record, and no date is later.

    Of the participants in `aside`, by their folded names, nothing but the name is read. Raises SourceError when the file
    is no such table.
    """
    reader = csv.reader(io.StringIO(text(path), newline=None), strict=True)
    try:
        head = next(reader, [])
        signature, binding, signs = _head(path, head)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                if len(cells) != len(head):
                    raise ValueError(f"The row has {len(cells)} cells, and the head has {len(head)}")
                name = cells[0].strip()
                if fold(name) in aside:
                    yield Participant(reader.line_num, name, None, False, None, None)
                    continue
                dates = _dates(name, "" if signature is None else cells[signature], cells[binding], signs, day)
                yield Participant(reader.line_num, name, *dates)
            except ValueError as error:
                yield SourceError(str(error), where=path.name, line=reader.line_num)
    except csv.Error as error:
        yield SourceError(f"This is no CSV ({error})", where=path.name, line=reader.line_num)


def text(path: Path) -> str:
    """Read a file as UTF-8 text, with or without a byte order mark."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError("The file is not UTF-8 text", where=path.name, line=line, hint="Save it as UTF-8") from None


def fold(name: str) -> str:
    """Write a name as it sounds, in which names are compared, without numbers of footnotes."""
    return sounds(_FOOTNOTES.sub("", " ".join(name.split())))


def file_of(number: str) -> str:
    """Name the table of a treaty by its number in the collection: `IV-9-b` is `4-9-b`."""
    chapter, _, rest = number.partition("-")
    value = 0
    for worth, sign in _ROMAN:
        while chapter.startswith(sign):
            value, chapter = value + worth, chapter[len(sign) :]
    return f"{value}-{rest}"


def _head(path: Path, head: Sequence[str]) -> tuple[int | None, int, dict[str, str]]:
    """Find the columns of signature and of consent, and what the signs in the latter mean by the words of its head."""
    titles = [title.strip() for title in head]
    if not titles or titles[0] != "Participant":
        raise SourceError("The first column is not Participant", where=path.name, line=1, hint="This is no such table")
    signatures = [number for number, title in enumerate(titles) if title.startswith("Signature")]
    others = [number for number in range(1, len(titles)) if number not in signatures]
    signs: dict[str, str] = {}
    for part in titles[others[0]].split(",") if len(others) == 1 and len(signatures) <= 1 else []:
        match = _EXPLAINED.fullmatch(part.strip())
        if match and match[2] in SIGNS:
            signs[match[2]] = SIGNS[match[2]]
        elif match and not match[2] and match[1].lower() == RATIFICATION:
            signs[""] = RATIFICATION
    if not signs:
        raise SourceError(
            "The head does not name one column of ratification, accession and the like",
            where=path.name,
            line=1,
            hint='Write it as the collection does: Participant,Signature,"Accession(a), Ratification"',
        )
    return (signatures[0] if signatures else None), others[0], signs


def _dates(
    name: str, signature: str, binding: str, signs: Mapping[str, str], today: datetime.date
) -> tuple[datetime.date | None, bool, datetime.date | None, str | None]:
    signed, sign = _date(signature, today)
    if sign not in ("", "d"):
        raise ValueError(f"{signature.strip()!r}: a signature has no sign but d, for a predecessor's")
    bound, mark = _date(binding, today)
    if signed is None and bound is None:
        raise ValueError(f"{name} neither signed nor joined")
    if bound is None:
        return signed, sign == "d", None, None
    if mark not in signs:
        context = ", ".join(item or "none" for item in signs)
        raise ValueError(f"{binding.strip()!r}: the head of the column explains no such sign, only {context}")
    if signed and signed > bound and signs[mark] == RATIFICATION:
        raise ValueError(f"{name} ratified on {bound}, before it signed on {signed}")
    return signed, sign == "d", bound, signs[mark]


def _date(cell: str, today: datetime.date) -> tuple[datetime.date | None, str]:
    """Read `4 Feb 1985 a` as a day and its sign; an empty cell is no day."""
    content = " ".join(cell.split())
    if not content:
        return None, ""
    if content.startswith("["):
        raise ValueError(
            f"{content!r}: brackets stand for a withdrawal; write this participation by hand, with its end"
        )
    match = _DATE.fullmatch(content)
    if not match or match[2].lower() not in _MONTHS:
        raise ValueError(f"{content!r} is no date such as 4 Feb 1985, or 4 Feb 1985 a")
    try:
        day = datetime.date(int(match[3]), _MONTHS[match[2].lower()], int(match[1]))
    except ValueError:
        raise ValueError(f"{content!r}: there is no such day") from None
    if day > today:
        raise ValueError(f"{content!r} is later than the record, which is of {today}")
    return day, match[4] or ""

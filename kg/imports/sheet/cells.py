"""What a cell of a spreadsheet means: text made tidy, dates at the precision written, numbers.

Spreadsheet programs change what people write: 2011 in a cell for dates becomes 3 July 1905, June 2011 the first of June, 4.10 the
number 4.1. What can be read back is; of the rest a Wrong says what to write instead.
"""

from __future__ import annotations

import calendar
import datetime
import difflib
import re
import unicodedata
from dataclasses import dataclass

from kg.imports.turtle import XSD
from kg.terms import Literal

Value = str | int | float | bool | datetime.datetime | datetime.date | datetime.time | None

FORMS = "Write 2011, 2011-06 or 2011-06-16; June 2011 and 16 June 2011 will do too"
_MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): n for n, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|_x000[dD]_")
_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "–": "-", "—": "-"}
)
_ERRORS = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
_BARE_YEARS = range(1000, 2101)  # numbers that are years, and not counts of days since 1900
_FIRST_SERIAL = datetime.date(1899, 12, 30)
_LIKELY_DATES = range(20_000, 60_000)  # counts of days from 1954 to 2064


class Wrong(ValueError):
    """A cell cannot be read: what is wrong with it, and what to write instead."""

    def __init__(self, content: str, hint: str = "") -> None:
        super().__init__(content)
        self.content, self.hint = content, hint


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell as it is stored: its value, how a number is shown, whether a formula gave it, and the cell it is merged with."""

    value: Value = None
    shown: str = ""
    formula: bool = False
    merged: str = ""

    @property
    def empty(self) -> bool:
        """Whether a person sees nothing in it."""
        return not self.formula and (self.value is None or (isinstance(self.value, str) and not tidy(self.value)))


def tidy(text: str) -> str:
    """Make a text NFC, each run of white space (no-break spaces too) one space, without what nobody sees."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())


def plain(text: str) -> str:
    """Make tidy, and typewriter quotation marks and hyphens of typographic ones: for names that are looked up."""
    return tidy(text).translate(_QUOTES)


def text(cell: SheetCell) -> str:
    """Read a cell as text; a number as people write it. Raises Wrong for an error, a lost formula and a date."""
    value = _sound(cell)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        hint = "Format the column as text and write it again"
        raise Wrong("The spreadsheet program has made a date of this", hint)
    return tidy(value or "")


def date(cell: SheetCell) -> Literal:
    """Read a date as xsd:date, xsd:gYearMonth or xsd:gYear, never more precise than it is written. Raises Wrong."""
    value = _sound(cell)
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return _shown(value, cell.shown)
    if isinstance(value, bool | datetime.time):
        raise Wrong(f"{value} is no date", FORMS)
    if isinstance(value, float) and not value.is_integer():
        raise Wrong(f"{value} is no date", FORMS)
    if isinstance(value, int | float):
        return _number(int(value))
    return _written(plain(value or ""))


def number(cell: SheetCell) -> Literal:
    """Read a number, also one that is stored as text, with spaces or commas between thousands. Raises Wrong."""
    value = _sound(cell)
    if isinstance(value, bool | datetime.date | datetime.time):
        raise Wrong("This is no number", "Format the cell as text and write the number again")
    if isinstance(value, int | float):
        content = text(cell)
    else:
        content = plain(value or "")
        if re.fullmatch(r"[+-]?\d{1,3}([ ,']\d{3})+(\.\d+)?", content):
            content = re.sub("[ ,']", "", content)
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", content):
        near = re.search(r"\d+([.,]\d+)?", content)
        hint = "Write digits alone, such as 14 or 2.5"
        if near and content != near[0]:
            hint += "; that it is about, at least or at most so many goes in How exact, a word in Number in words"
        raise Wrong(f"{content!r} is no number", hint)
    return Literal(content.removeprefix("+"), XSD + ("decimal" if "." in content else "integer"))


def _sound(cell: SheetCell) -> Value:
    """Return the value of a cell that is neither an error nor a formula without a value."""
    if cell.merged:
        hint = "Undo the merging, and write the value in each row that it is meant for"
        raise Wrong(f"The cell is merged with {cell.merged}, so that it has no value of its own", hint)
    if cell.formula and (cell.value is None or cell.value == ""):
        raise Wrong("The cell holds a formula without a value", "Paste the value in the place of the formula")
    if isinstance(cell.value, str) and _ERRORS.fullmatch(cell.value.strip()):
        raise Wrong(f"The cell shows the error {cell.value.strip()}", "Mend the formula, or write the value")
    return cell.value


def _shown(day: datetime.date, shown: str) -> Literal:
    """Read a day that a spreadsheet program has stored, at the precision at which it shows it."""
    serial = (day - _FIRST_SERIAL).days
    if serial in _BARE_YEARS:
        content = f"The cell holds {day.day} {day:%B %Y}, which is what a program makes of {serial} in a cell for dates"
        raise Wrong(content, f"Format the cell as text and write {serial}, if the year is meant")
    pattern = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shown.lower())
    if pattern and "d" not in pattern and "y" in pattern:
        return _literal(day.year, day.month) if "m" in pattern else _literal(day.year)
    return _literal(day.year, day.month, day.day)


def _number(value: int) -> Literal:
    if value in _BARE_YEARS:
        return _literal(value)
    if value in _LIKELY_DATES:
        day = _FIRST_SERIAL + datetime.timedelta(value)
        content = f"{value} is how a program stores {day.day} {day:%B %Y}"
        raise Wrong(content, f"Format the cell as text and write {day.isoformat()}, or less where the source says less")
    raise Wrong(f"{value} is no date", FORMS)


def _written(content: str) -> Literal:
    if match := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", content):
        return _literal(*(int(part) for part in match.groups() if part))
    if match := re.fullmatch(r"(?:(\d{1,2})(?:st|nd|rd|th)? )?([^\W\d]+)\.?,? (\d{4})", content):
        return _named(match[2], match[3], match[1])
    if match := re.fullmatch(r"([^\W\d]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", content):
        return _named(match[1], match[3], match[2])
    if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", content):
        return _literal(int(match[3]), int(match[2]), int(match[1]))
    if match := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{2,4})", content):
        first, second, year = (int(part) for part in match.groups())
        if max(first, second) > 12 and year > 99:  # no month, so this is the day
            return _literal(year, min(first, second), max(first, second))
        raise Wrong(f"{content!r} may be read as two different days", FORMS)
    if re.search(r"\d{4}.*(-| to | until ).*\d{4}|\d - \d", content):
        raise Wrong(f"{content!r} is a period", "Write its beginning in From and its end in Until")
    raise _no_date(content)


def _named(month: str, year: str, day: str | None) -> Literal:
    if month.casefold() not in _MONTHS:
        near = difflib.get_close_matches(month.casefold(), _MONTHS, 1)
        if not near:
            raise _no_date(f"{month} {year}")
        raise Wrong(f"{month!r} is no month", f"Did you mean {near[0].capitalize()}?")
    parts = [int(year), _MONTHS[month.casefold()]]
    return _literal(*parts, *([int(day)] if day else []))


def _no_date(content: str) -> Wrong:
    return Wrong(f"{content!r} is no date", f"{FORMS}. Words such as about or early go in the description")


def _literal(year: int, month: int | None = None, day: int | None = None) -> Literal:
    try:
        datetime.date(year, month or 1, day or 1)
    except ValueError:
        parts = "-".join(f"{part:02}" for part in (year, month, day) if part is not None)
        raise Wrong(f"There is no such day: {parts}", FORMS) from None
    if day:
        return Literal(f"{year:04}-{month:02}-{day:02}", XSD + "date")
    if month:
        return Literal(f"{year:04}-{month:02}", XSD + "gYearMonth")
    return Literal(f"{year:04}", XSD + "gYear")

"""Footnotes of a source itself, as editors and courts take them: as the United Nations cite, by OSCOLA and by the Bluebook.

They are in English, as these styles are. A complaint is named by its number: this record keeps no names of those who complain.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kg.languages import DEFAULT, speak
from kg.symbols import address_of

_SHORT = {"Committee": "Comm.", "Human": "Hum.", "Rights": "Rts.", "International": "Int’l", "Organization": "Org."}
_MONTHS = {
    "June": "June",
    "July": "July",
    "September": "Sept.",
    "May": "May",
}  # all others have three letters and a full stop
_NUMBER = re.compile(r"/D/(.+)$")


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A document and the place in it; every part but the title may be empty. `kind` is what a body calls its decision."""

    title: str
    author: str = ""
    date: str = ""  # YYYY, YYYY-MM or YYYY-MM-DD
    symbol: str = ""
    address: str = ""
    state: str = ""
    kind: str = ""
    paragraph: str = ""
    section: str = ""

    @classmethod
    def of(cls, row: Mapping[str, str | None]) -> "CitedSource":
        """Make a source of a row of the page query `cited-as`."""
        return cls(**{name: str(row[name] or "") for name in cls.__slots__})

    @property
    def body(self) -> str:
        """The author, without the United Nations in front of a committee."""
        return self.author.removeprefix("United Nations ") if "ommittee" in self.author else self.author

    @property
    def name(self) -> str:
        """What it is called in a list of sources: a decision by its complaint, anything else by its title."""
        return (
            f"Communication No. {self.complaint}" + f" ({self.state})" * bool(self.state)
            if self.complaint
            else self.title
        )

    @property
    def complaint(self) -> str:
        """The number of the complaint that a decision is on, as its symbol ends; empty for another document."""
        found = _NUMBER.search(self.symbol) if self.kind else None
        return found[1].partition("/Rev")[0] if found else ""

    @property
    def opens(self) -> str:
        """Where it opens: as recorded, else by its symbol; may be empty."""
        return self.address or address_of(self.symbol) or ""

    @property
    def day(self) -> str:
        """Its date in words, as exact as it is known; nothing where its title says it."""
        day = speak(DEFAULT).day(self.date)
        return day if self.complaint or day not in self.title else ""

    def place(self, one: str, many: str) -> str:
        """Name the place in it, the paragraph behind a sign for one or for several; else its heading."""
        if self.paragraph:
            return f"{many if re.search('[ ,–-]', self.paragraph) else one} {self.paragraph}"
        return f"“{self.section}”" if self.section else ""


def write_un(source: CitedSource) -> str:
    """Write a footnote as documents of the United Nations have it."""
    if not source.complaint:
        name = "" if source.title.startswith(source.body) else source.body
        return _join(name, source.title, source.symbol, source.day, source.place("para.", "paras."))
    kind = source.kind[:1].upper() + source.kind[1:]
    number = f"communication No. {source.complaint}" + (f" ({source.state})" if source.state else "")
    adopted = f"{kind} adopted on {source.day}" if source.day else kind
    return _join(source.body, adopted, number, source.symbol, source.place("para.", "paras."))


def write_oscola(source: CitedSource) -> str:
    """Write a footnote by the Oxford University Standard for the Citation of Legal Authorities, 4th edition."""
    symbol, place = f"UN Doc {source.symbol}" if source.symbol else "", source.place("para", "paras")
    if not source.complaint:
        name = "" if source.title.startswith(source.body) else source.body
        day = f" ({source.day})" if source.day else ""
        return _join(name, f"‘{source.title}’{day}{' ' + symbol if symbol else ''}{' ' + place if place else ''}")
    state = f" ({source.state})" if source.state else ""
    by = ", ".join(filter(None, (source.body, source.day)))
    return _join(f"Communication No {source.complaint}{state} ({by}) {symbol}", place)


def write_bluebook(source: CitedSource) -> str:
    """Write a footnote by the Bluebook, 21st edition, rule 21."""
    author = " ".join(_SHORT.get(word, word) for word in source.body.split())
    symbol, place = f"U.N. Doc. {source.symbol}" if source.symbol else "", source.place("¶", "¶¶")
    day = f" ({_abbreviate(source.day)})" if source.day else ""
    if not source.complaint:
        title = source.title.removeprefix(f"{source.body}: ")
        return _join(author, title, place, symbol).removesuffix(".") + f"{day}."
    return _join(author, source.name, place, symbol).removesuffix(".") + f"{day}."


STYLES: Mapping[str, Callable[[CitedSource], str]] = {
    "United Nations": write_un,
    "OSCOLA": write_oscola,
    "Bluebook": write_bluebook,
}


def write_all(row: Mapping[str, str | None]) -> dict[str, str]:
    """Write the footnotes of each style, from a row of the page query `cited-as`."""
    source = CitedSource.of(row)
    return {style: write(source) for style, write in STYLES.items()}


def _join(*parts: str) -> str:
    return ", ".join(part.strip() for part in parts if part.strip()) + "."


def _abbreviate(day: str) -> str:
    """Write a day of the form 21 October 2014 as Oct. 21, 2014; a month or a year as it is."""
    parts = day.split()
    if len(parts) != 3:
        return day
    number, month, year = parts
    return f"{_MONTHS.get(month, month[:3] + '.')} {number}, {year}"

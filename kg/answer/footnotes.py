"""Footnotes of a source itself, as editors and courts take them: as the United Nations cite, by OSCOLA and by the Bluebook.

They are in English, as these styles are. A complaint is named by its number: this record keeps no names of those who complain.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kg.files import read_toml
from kg.languages import DEFAULT, speak
from kg.sparql.question import put_names
from kg.symbols import address_of

_DATA = read_toml(__file__)
STYLES, _SHORT = _DATA["styles"], _DATA["short"]
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


def write(source: CitedSource, style: str) -> str:
    """Write a footnote in a style."""
    number, month, year = source.day.split() if source.day.count(" ") == 2 else ("", "", "")
    names = {
        **{name: getattr(source, name) for name in ("body", "complaint", "day", "state", "symbol", "title")},
        "author": "" if source.title.startswith(source.body) else source.body,
        "by": ", ".join(filter(None, (source.body, source.day))),
        "kind": source.kind[:1].upper() + source.kind[1:],
        "place": source.place(*STYLES[style]["signs"]),
        "short_body": " ".join(_SHORT.get(word, word) for word in source.body.split()),
        "short_day": f"{_SHORT.get(month, month)} {number}, {year}" if number else source.day,
        "subject": source.title.removeprefix(f"{source.body}: "),
    }
    pattern = STYLES[style]["decision" if source.complaint else "document"]
    return put_names(pattern, {name: text for name, text in names.items() if text}).strip()


def write_all(row: Mapping[str, str | None]) -> dict[str, str]:
    """Write the footnotes of each style, from a row of the page query `cited-as`."""
    source = CitedSource.of(row)
    return {style: write(source, style) for style in STYLES}

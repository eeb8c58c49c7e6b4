"""How an answer, a page, a picture, or the source that a page is about, is cited: as plain text, BibTeX, CSL-JSON, RIS and footnotes.

A citation names what was asked in words, the release, and the address under that release, which shows the same for as long as
the release is there. The day of access is told by whoever asks. Footnotes are of a source itself, in English, as their styles are;
a complaint is named by its number: this record keeps no names of those who complain.
"""

import calendar
import datetime
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from kg import terms
from kg.answer.questions import QuestionAnswer
from kg.errors import UnknownName
from kg.files import read_toml
from kg.languages import DEFAULT, Language, speak
from kg.sparql.question import put_names
from kg.symbols import address_of
from kg.wording import say

SITE = "Answerable"
LICENCE = "CC BY 4.0"
TYPES = {"dataset": "DATA", "webpage": "ELEC", "graphic": "FIGURE", "report": "RPRT"}  # in RIS, by the types of CSL
LANGIDS = {"en": "english", "ru": "russian", "kk": "kazakh"}  # as BibLaTeX names languages
_TEX = str.maketrans(
    {
        **{char: "\\" + char for char in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_DATA = read_toml(__file__, "footnotes")
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


@dataclass(frozen=True, slots=True)
class Work:
    """A work to cite: its title, its address in its release, its kind (a type of CSL) and the day of access.

    With a `source`, what is cited is that document, found by way of the page at the address.
    """

    title: str
    address: str
    release: str
    kind: str = "webpage"
    accessed: str = ""
    language: Language = speak(DEFAULT)
    source: CitedSource | None = None

    @classmethod
    def of_source(cls, page: "Work", source: CitedSource) -> "Work":
        """Cite a source instead of the page about it."""
        return replace(page, title=source.name, kind="report", source=source)

    @property
    def author(self) -> str:
        """Who wrote it, and published it."""
        return self.source.body if self.source else SITE

    @property
    def url(self) -> str:
        """Where it is read: of a source where that opens."""
        return self.source.opens if self.source else self.address

    @property
    def issued(self) -> str:
        """The day on which the release was made, YYYY-MM-DD, as its name tells it; of a source its date, as exact as it is known."""
        return self.source.date if self.source else f"{self.release[:4]}-{self.release[4:6]}-{self.release[6:8]}"

    @property
    def collection(self) -> str:
        """The address of the release."""
        return terms.RELEASE + self.release

    @property
    def key(self) -> str:
        """A short key for a list of references, made from the release and the path of the address."""
        path = self.address.removeprefix(self.collection).partition("?")[0]
        words = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
        return f"{SITE.lower()}-{self.release}-{words[:60]}"

    @property
    def note(self) -> str:
        """The release and the licence, in words; of a source, where in it, and by way of what it was found."""
        if self.source:
            return " ".join(filter(None, (self.source.place("Para.", "Paras."), f"Via {SITE}, {self.address}")))
        release = self.language.gettext("Release %(release)s.") % {"release": self.release}
        return f"{release} {LICENCE}: {terms.LICENCE}"


def of_answer(answer: QuestionAnswer) -> Work:
    """Cite the answer to a named question: the question in words, at its address in the release."""
    address = pin(terms.BASE + path_of(answer), answer.release)
    return Work(answer.sentence, address, answer.release, "dataset", accessed=answer.fetched, language=answer.language)


def path_of(answer: QuestionAnswer, suffix: str = "") -> str:
    """Write the path of an answer, or of one of its files, with what was asked."""
    query = f"?{urlencode(answer.query, safe='/:')}" if answer.query else ""
    return f"questions/{answer.question.name}{suffix}{query}"


def today() -> str:
    """Write the day of access by UTC, YYYY-MM-DD."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def pin(address: str, release: str) -> str:
    """Write a permanent address of ours so that it names a release; one that names it already, or is not ours, stays as it is."""
    path = address.removeprefix(terms.BASE)
    if path == address or path.startswith(("release/", "answer/")):
        return address
    return f"{terms.RELEASE}{release}/{path}"


def write_text(work: Work) -> str:
    """Write a citation in words, on one line."""
    if work.source:
        return f"{write_footnote(work.source, 'United Nations')} {work.note}\n"
    gettext, day = work.language.gettext, work.language.day
    release = gettext("release %(release)s of %(day)s") % {"release": work.release, "day": day(work.issued)}
    parts = [gettext("“%(words)s”") % {"words": work.title}, SITE, release, work.address]
    if work.accessed:
        parts.append(gettext("accessed %(day)s") % {"day": day(work.accessed)})
    return ", ".join([*parts, LICENCE]) + ".\n"


def write_bibtex(work: Work) -> str:
    """Write a citation as an entry of BibTeX, which BibLaTeX reads too."""
    year, month, _ = [*work.issued.split("-"), "", ""][:3]
    language = work.language
    accessed = work.accessed and language.gettext("Accessed %(day)s") % {"day": language.day(work.accessed)}
    fields = {
        "author": f"{{{_tex(work.author)}}}" if work.author else "",  # in braces: not divided into first and last
        "title": f"{{{_tex(work.title)}}}",
        "year": year,
        "date": work.issued,
        "publisher": "" if work.source else SITE,
        "number": _tex(work.source.symbol) if work.source else "",
        "version": "" if work.source else work.release,
        "note": _tex(". ".join(filter(None, (work.note, accessed)))),
        "url": work.url,
        "urldate": work.accessed if work.url else "",
        "langid": LANGIDS.get(language.code, ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    lines += [f"  month = {calendar.month_abbr[int(month)].lower()},"] if month else []
    return "\n".join([f"@{'report' if work.source else 'misc'}{{{work.key},", *lines, "}", ""])


def write_csl(work: Work) -> str:
    """Write a citation as CSL-JSON: a list of one item."""
    item = {
        "id": work.key,
        "type": work.kind,
        "title": work.title,
        "author": [{"literal": work.author}] if work.author else [],
        "note": work.note,
        "language": DEFAULT if work.source else work.language.code,
        "issued": _parts(work.issued),
        "URL": work.url,
        "number": work.source.symbol if work.source else "",
        "publisher": "" if work.source else SITE,
        "version": "" if work.source else work.release,
        "container-title": SITE if work.kind in ("webpage", "graphic") else "",
        "accessed": _parts(work.accessed),
    }
    filled = {name: value for name, value in item.items() if value}
    return json.dumps([filled], ensure_ascii=False, indent=2) + "\n"


def write_ris(work: Work) -> str:
    """Write a citation as RIS."""
    fields = [
        ("TY", TYPES[work.kind]),
        ("ID", work.key),
        ("AU", f"{work.author},"),  # a comma at the end: a name that is not divided
        ("TI", work.title),
        ("PB", work.author),
        ("PY", work.issued[:4]),
        ("DA", work.issued.replace("-", "/")),
        *([("M1", work.source.symbol)] if work.source else [("ET", work.release)]),
        ("N1", work.note),
        ("LA", work.language.code),
        ("UR", work.url),
        *([("Y2", work.accessed.replace("-", "/"))] if work.accessed else []),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in fields)


class Form(NamedTuple):
    """A way to write a citation: its name in an address, its media type, the suffix of its file and its writer."""

    name: str
    label: str
    media_type: str
    suffix: str
    write: Callable[[Work], str]


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("text", "text", "text/plain; charset=utf-8", ".txt", write_text),
        Form("bibtex", "BibTeX", "application/x-bibtex; charset=utf-8", ".bib", write_bibtex),
        Form("csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", ".json", write_csl),
        Form("ris", "RIS", "application/x-research-info-systems; charset=utf-8", ".ris", write_ris),
    )
}


def form_of(name: str) -> Form:
    """Find a way to write citations by its name; raises UnknownName."""
    if name not in FORMS:
        raise UnknownName(
            say("No citation is written as %(name)s", name=f"{name!r}"), hint=say("Ask for %(names)s", names=FORMS)
        )
    return FORMS[name]


def _tex(text: str) -> str:
    return " ".join(text.split()).translate(_TEX)


def _parts(day: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in day.split("-")]]} if day else {}


def write_footnote(source: CitedSource, style: str) -> str:
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


def write_footnotes(row: Mapping[str, str | None]) -> dict[str, str]:
    """Write the footnotes of each style, from a row of the page query `cited-as`."""
    source = CitedSource.of(row)
    return {style: write_footnote(source, style) for style in STYLES}

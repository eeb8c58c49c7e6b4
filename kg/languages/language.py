"""One language: its translations, and how it writes dates, numbers and lists.

A text is translated by its English wording (gettext). What a catalogue does not have stays English. The catalogues are the
`.po` files of this folder; each is read once.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, core, dates, lists, numbers
from babel.messages import mofile, pofile
from babel.support import NullTranslations, Translations

from kg.wording import Wording

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}  # by code (BCP 47), each by its own name
DEFAULT = "en"
_LOCALES = {"en": "en_GB"}  # days before months
_DATED = re.compile(r"(.*\S) (\d{4}(?:-\d\d){0,2})")
_PIECE = re.compile(r"(?<=[;.]) ")  # where a text that is put together of others may be taken apart
_SLOT = re.compile(r"%\((\w+)\)s")
# What may stand in a slot of a wording, by how its name begins.
_FILLED = {"day": r"\d{4}(?:-\d\d){0,2}", "number": r"\d+", "": r"\S(?:.{0,118}\S)?"}
_LONG = 5  # digits from which on a number is written with signs between its thousands


def N_(text: str) -> str:
    """Mark a text for the catalogues where no language is at hand; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Language:
    """One language: its code, its translations, and its manner of writing dates and numbers.

    `wordings` are texts that a query puts together, each with its pattern: what matches is told by the translation of the text.
    """

    code: str
    translations: NullTranslations = field(repr=False, compare=False)
    locale: Locale = field(repr=False, compare=False)
    wordings: tuple[tuple[re.Pattern[str], str], ...] = field(default=(), repr=False, compare=False)

    def gettext(self, text: str) -> str:
        """Translate a text; one that the catalogue does not have stays as it is."""
        if not text:
            return ""
        said = self.translations.gettext(text)
        # A word that texts count with has its singular in the catalogue under both its forms alone.
        return self.translations.ngettext(text, text, 1) if said == text else said

    def told(self, text: str) -> str:
        """Translate what a query tells: a text of ours, one that ends in a date, is put together by a wording, or lists several.

        Anything else stays as it is.
        """
        return text if self.code == DEFAULT else _tell(self, text)

    def said(self, text: str) -> str:
        """Translate a text that was written with say(), with what fills it; one that was not is translated as it stands."""
        if self.code == DEFAULT or not isinstance(text, Wording):
            return text if self.code == DEFAULT else self.gettext(text)
        return self.gettext(text.wording) % {name: self._fills(value) for name, value in text.values.items()}

    def _fills(self, value: object) -> str:
        if isinstance(value, Wording):
            return self.said(value)
        if isinstance(value, int):
            return self.amount(str(value))
        return self.day(str(value)) if re.fullmatch(r"\d{4}(-\d\d){2}", str(value)) else str(value)

    def filled(self, text: str) -> str:
        """Write what stands in a slot of a text: a date, a number, or what told() knows."""
        return self.day(text) if re.fullmatch(_FILLED["day"], text) and "-" in text else self.amount(self.told(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Translate a text that depends on a number."""
        return self.translations.ngettext(one, many, number)

    def day(self, text: str) -> str:
        """Write a date, or the day of a time, in words at the precision it has; what is no date stays as it is."""
        return _write_day(self, text)

    def when(self, begin: str | None, end: str | None = None) -> str:
        """Write a date, month or year at the precision it has; with `end`, a period."""
        if begin is None:
            return self.gettext("until %s") % self.day(end) if end else ""
        if end is None or end == begin:
            return self.day(begin)
        return self.gettext("%(begin)s to %(end)s") % {"begin": self.day(begin), "end": self.day(end)}

    def amount(self, number: str) -> str:
        """Write a number as the language does, with its thousands set apart from five digits on; what is no plain number stays as it is."""
        whole, point, rest = number.partition(".")
        if not (whole.isascii() and whole.isdigit() and (not point or rest.isdigit())):
            return number
        grouped = numbers.format_decimal(int(whole), locale=self.locale) if len(whole) >= _LONG else whole
        return grouped + (self.locale.number_symbols["latn"]["decimal"] + rest if point else "")

    def size(self, number: int) -> str:
        """Write a number of bytes as whole KiB, or as MiB with one place, rounded up."""
        kibibytes = -(-number // 1024)
        if kibibytes < 1024:
            return self.gettext("%(number)s KiB") % {"number": kibibytes}
        tenths = -(-10 * kibibytes // 1024)
        text = f"{tenths // 10}.{tenths % 10}".removesuffix(".0")
        return self.gettext("%(number)s MiB") % {"number": self.amount(text)}

    def listed(self, names: Iterable[str]) -> str:
        """Write names one after the other, as the language joins them."""
        return lists.format_list(list(names), locale=self.locale)

    def territory(self, code: str) -> str | None:
        """Name a country by its code of three letters (ISO 3166-1), as Unicode's CLDR does; None for one it does not know."""
        known = core.get_global("territory_aliases").get(code) or [code]
        return self.locale.territories.get(known[0])


@cache
def speak(code: str) -> Language:
    """Return a language by its code; raises KeyError for one that is not among LANGUAGES."""
    name = LANGUAGES[code] and _LOCALES.get(code, code)
    translations = read(Path(__file__).with_name(f"{code}.po"))
    return Language(code, translations, Locale.parse(name), translations.wordings)


class _Read(Translations):
    wordings: tuple[tuple[re.Pattern[str], str], ...] = ()


def read(path: Path) -> Translations:
    """Read the catalogue in a file; an empty one where there is no file."""
    if not path.exists():
        return _Read()
    with path.open("rb") as file:
        catalogue = pofile.read_po(file)
    compiled = io.BytesIO()
    # A word with a plural that stands alone somewhere too is marked fuzzy by each update; nothing is guessed in these files.
    mofile.write_mo(compiled, catalogue, use_fuzzy=True)
    compiled.seek(0)
    read = _Read(compiled)
    told = [
        one.id for one in catalogue if isinstance(one.id, str) and any(_is_question(file) for file, _ in one.locations)
    ]
    # Of two that match the one with more words of its own is meant.
    ranked = sorted((one for one in told if _SLOT.search(one)), key=lambda one: (-len(_SLOT.sub("", one)), one))
    read.wordings = tuple((_pattern(one), one) for one in ranked)
    return read


def _is_question(file: str) -> bool:
    return file.startswith("queries/questions/")


def _pattern(wording: str) -> re.Pattern[str]:
    parts = _SLOT.split(wording)
    for place in range(1, len(parts), 2):
        what = next(known for name, known in _FILLED.items() if parts[place].startswith(name))
        parts[place] = f"(?P<{parts[place]}>{what})"
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts))


@lru_cache(8192)
def _tell(language: Language, text: str) -> str:
    said = language.gettext(text)
    if said != text or not text:
        return said
    if (ending := _DATED.fullmatch(text)) and (head := language.gettext(ending[1])) != ending[1]:
        return f"{head} {language.day(ending[2])}"
    for pattern, wording in language.wordings:
        if found := pattern.fullmatch(text):
            return language.gettext(wording) % {name: language.filled(one) for name, one in found.groupdict().items()}
    pieces = _PIECE.split(text.strip())
    if len(pieces) == 1:
        return text if text == pieces[0] else _tell(language, pieces[0])
    ends = [";" if piece.endswith(";") else "" for piece in pieces]
    told = [_tell(language, piece.removesuffix(";")) for piece in pieces]
    return " ".join(one + end for one, end in zip(told, ends, strict=True))


@lru_cache(8192)
def _write_day(language: Language, text: str) -> str:
    parts = text.partition("T")[0].split("-")
    if len(parts) == 3 and len(text) >= 10:
        return dates.format_date(datetime.date.fromisoformat(text[:10]), "long", language.locale)
    if len(parts) == 2 and all(part.isdigit() for part in parts):
        month = datetime.date(int(parts[0]), int(parts[1]), 1)
        return dates.format_skeleton("yMMMM", month, locale=language.locale)
    return text

"""One language: its translations, and how it writes dates, numbers and lists.

A text is translated by its English wording (gettext). What a catalogue does not have stays English. The catalogues are the
`.po` files of this folder; each is read once.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from gettext import NullTranslations, c2py
from pathlib import Path
from typing import Any

from babel import Locale, core, dates, lists, numbers
from babel.messages import Catalog, pofile
from babel.messages.catalog import Message
from jinja2 import Environment, FileSystemLoader, select_autoescape

from kg.wording import DATE, SEPARATOR, Listing, Wording

LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}  # by code (BCP 47), each by its own name
DEFAULT = "en"
_LOCALES = {"en": "en_GB"}  # days before months
_DAY = re.compile(r"(?<![\w/=\"'-])\d{4}-\d\d-\d\d(?![\w/-])")  # and no part of an address
_SENTENCES = re.compile(r"((?<=\.) )")
# The endings of a Kazakh number, which follow its last word as it is spoken: "from" and "to", by the last digit that is no nought,
# by its place, and for nought itself.
_ENDINGS = {
    "1": ("ден", "ге"), "2": ("ден", "ге"), "3": ("тен", "ке"), "4": ("тен", "ке"), "5": ("тен", "ке"),
    "6": ("дан", "ға"), "7": ("ден", "ге"), "8": ("ден", "ге"), "9": ("дан", "ға"),
    "10": ("нан", "ға"), "20": ("дан", "ға"), "30": ("дан", "ға"), "40": ("тан", "қа"), "50": ("ден", "ге"),
    "60": ("тан", "қа"), "70": ("тен", "ке"), "80": ("нен", "ге"), "90": ("нан", "ға"),
    "100": ("ден", "ге"), "1000": ("нан", "ға"), "0": ("ден", "ге"),
}  # fmt: skip
_ENDED = re.compile(r"(?:(\d[\d\s]*)|(?<=\D))-(дан|ға)\b")
_LONG = 5  # digits from which on a number is written with signs between its thousands


def N_(text: str) -> str:
    """Mark a text for the catalogues where no language is at hand; it is translated where it is shown."""
    return text


@dataclass(frozen=True, eq=False)  # caches by language hold what its translations make
class Language:
    """One language: its code, its translations, and its manner of writing dates and numbers."""

    code: str
    translations: NullTranslations = field(repr=False)
    locale: Locale = field(repr=False)
    waiting: frozenset[str] = field(default=frozenset(), repr=False)  # texts that its catalogue has untranslated

    def gettext(self, text: str) -> str:
        """Translate a text; one that the catalogue does not have stays as it is."""
        return self.translations.gettext(text) if text else ""  # under the empty text a catalogue has its header

    def translate(self, text: str) -> str:
        """Translate a text that was written with say(), with what fills it; of any other, each sentence that the catalogue has.

        Days in it are written in words.
        """
        if isinstance(text, Listing):
            return SEPARATOR.join(map(self.translate, text.texts))
        if isinstance(text, Wording) and text.values:
            return self.gettext(text.wording) % {name: self._fill(value) for name, value in text.values.items()}
        translated = self.gettext(text)
        if translated == text:
            translated = "".join(map(self.gettext, _SENTENCES.split(text)))
        return self.spell_days(translated)

    def spell_days(self, text: str) -> str:
        """Write each day of a text in words."""
        return _DAY.sub(lambda day: self.day(day[0]), text)

    def _fill(self, value: object) -> str:
        if isinstance(value, Wording):
            return self.translate(value)
        if isinstance(value, int):
            return self.amount(str(value))
        return self.day(value) if isinstance(value, str) and DATE.fullmatch(value) else str(value)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Translate a text that depends on a number."""
        return self.translations.ngettext(singular, plural, number)

    def abbreviate(self, name: str) -> str:
        """Name a treaty or an article by a short name such as "ICCPR" or "ICCPR 21", as the language does; of any other name, its translation."""
        treaty, _, number = name.rpartition(" ")
        short = self.gettext(treaty)
        if short == treaty or not (number[:1].isdigit() or number.isupper()):
            return self.gettext(name)
        return self.gettext("%(treaty)s %(article)s") % {"treaty": short, "article": number}

    def day(self, text: str) -> str:
        """Write a date, or the day of a time, in words at the precision it has; what is no date stays as it is."""
        return _write_day(self, text)

    def when(self, begin: str | None, end: str | None = None) -> str:
        """Write a date, month or year at the precision it has; with `end`, a period."""
        if begin is None:
            return self.gettext("until %s") % self.day(end) if end else ""
        if end is None or end == begin:
            return self.day(begin)
        if begin.isdigit() and end.isdigit():
            return self.gettext("%(first)s to %(last)s") % {"first": begin, "last": end}
        return self.gettext("%(begin)s to %(end)s") % {"begin": self.day(begin), "end": self.day(end)}

    def amount(self, number: str) -> str:
        """Write a number as the language does, with its thousands set apart from five digits on; what is no plain number stays as it is."""
        whole, point, rest = number.partition(".")
        if not (whole.isascii() and whole.isdigit() and (not point or rest.isdigit())):
            return number
        grouped = numbers.format_decimal(int(whole), locale=self.locale) if len(whole) >= _LONG else whole
        return grouped + (self.locale.number_symbols["latn"]["decimal"] + rest if point else "")

    def inflect(self, text: str) -> str:
        """Give each number of a text the ending that its language asks for: Kazakh catalogues write "-дан" and "-ға" for all numbers."""
        return _ENDED.sub(_end, text) if self.code == "kk" else text

    def size(self, number: int) -> str:
        """Write a number of bytes as whole KiB, or as MiB with one place, rounded up."""
        kibibytes = -(-number // 1024)
        if kibibytes < 1024:
            return self.gettext("%(number)s KiB") % {"number": kibibytes}
        mebibytes = -(-10 * kibibytes // 1024) / 10
        return self.gettext("%(number)s MiB") % {"number": self.amount(f"{mebibytes:.10g}")}

    def listed(self, names: Iterable[str]) -> str:
        """Write names one after the other, as the language joins them."""
        return lists.format_list(list(names), locale=self.locale)

    def territory(self, code: str) -> str | None:
        """Name a country by its code of three letters (ISO 3166-1), as Unicode's CLDR does; None for one it does not know."""
        aliases = core.get_global("territory_aliases").get(code) or [code]
        return self.locale.territories.get(aliases[0])


@cache
def speak(code: str) -> Language:
    """Return a language by its code; raises KeyError for one that is not among LANGUAGES."""
    name = LANGUAGES[code] and _LOCALES.get(code, code)
    if code == DEFAULT:
        return Language(code, NullTranslations(), Locale.parse(name))
    translations, waiting = read(Path(__file__).with_name(f"{code}.po"))
    return Language(code, translations, Locale.parse(name), waiting)


class Translations(NullTranslations):
    """The translations of a catalogue, for gettext; to compile one of thousands of texts for the library's own class takes long."""

    def __init__(self, catalogue: Catalog) -> None:
        super().__init__()
        self._forms = {
            _texts(message.id)[0]: _texts(message.string) for message in catalogue if _is_translated(message)
        }
        self._form_of = c2py(catalogue.plural_expr)

    def gettext(self, message: str) -> str:
        """Translate a text; of one that depends on a number, the form for one thing."""
        return self.ngettext(message, message, 1)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Translate a text that depends on a number."""
        forms = self._forms.get(msgid1)
        if forms is None:
            return super().ngettext(msgid1, msgid2, n)
        return forms[self._form_of(n)] if len(forms) > 1 else forms[0]


def read(path: Path) -> tuple[Translations, frozenset[str]]:
    """Read the catalogue in a file, and which of its texts have no translation.

    Marks of doubt (fuzzy) are passed over: each update sets one on a word that has a plural and stands alone somewhere too, and
    nothing is guessed in our catalogues.
    """
    with path.open("rb") as file:
        catalogue = pofile.read_po(file)
    return Translations(catalogue), frozenset(
        _texts(message.id)[0] for message in catalogue if not _is_translated(message)
    )


def _texts(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def _is_translated(message: Message) -> bool:
    return bool(message.string and all(message.string))


def _end(match: re.Match[str]) -> str:
    if not match[1]:  # a word stands before it, and has its own ending
        return ""
    digits = "".join(match[1].split())
    last = digits.strip("0")[-1:]
    noughts = len(digits) - len(digits.rstrip("0"))
    key = "0" if not last else last + "0" * noughts if noughts < 2 else "100" if noughts == 2 else "1000"
    return f"{match[1]}-{_ENDINGS[key][match[2] == 'ға']}"


@lru_cache(8192)
def _write_day(language: Language, text: str) -> str:
    parts = text.partition("T")[0].split("-")
    with suppress(ValueError):  # of what is no day of the calendar
        if len(parts) == 3 and len(text) >= 10:
            return dates.format_date(datetime.date.fromisoformat(text[:10]), "long", language.locale)
        if len(parts) == 2 and all(part.isdigit() for part in parts):
            month = datetime.date(int(parts[0]), int(parts[1]), 1)
            return dates.format_skeleton("yMMMM", month, locale=language.locale)
    return text


@cache
def templates_in(folder: Path, language: Language, **filters: Callable[..., Any]) -> Environment:
    """Return the environment of the templates of text and SVG in a folder, with filters for days and amounts and some of their own."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["svg"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.install_gettext_callables(language.gettext, language.ngettext)  # type: ignore[attr-defined]  # of the extension
    environment.filters |= {"day": language.day, "amount": lambda number: language.amount(str(number)), **filters}
    return environment

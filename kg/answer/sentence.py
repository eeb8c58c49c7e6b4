"""Writes the sentence that answers a question, from the rows of its answer and by the template of its file.

A template sees the rows and the names of the parameters, and nothing else; what it can do with them is listed in kg.sparql.template.
A translation of it that cannot be filled yields to the English one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any, Self

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

from kg import terms
from kg.languages import Language
from kg.sparql.template import make_environment

LONGEST = 4000  # characters of a sentence
Row = Mapping[str, Mapping[str, str]]
_DATES = tuple(terms.PREFIXES["xsd"] + name for name in ("date", "gYearMonth", "gYear", "dateTime"))
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


class Shown:
    """How the values of an answer are written in a language: names of things, dates at their precision, numbers."""

    def __init__(self, labels: Mapping[str, str], language: Language) -> None:
        self._labels, self.language = labels, language

    def value(self, term: Mapping[str, str]) -> str:
        """Write one value."""
        value, datatype = term["value"], term.get("datatype", "")
        if term["type"] == "uri":
            return self._labels.get(value) or terms.shorten(value).removeprefix(terms.BASE)
        if datatype in _DATES or re.fullmatch(r"\d{4}-\d\d(-\d\d)?", value):
            return self.language.day(value)
        if re.fullmatch(r"\d+", value) and not datatype.endswith("#gYear"):
            return self.language.amount(value)
        if datatype.endswith("#boolean"):
            _ = self.language.gettext
            return _("yes") if value in ("true", "1") else _("no")
        return _DAY.sub(lambda day: self.language.day(day[0]), self.language.translate(value))


def write(template: str, rows: Sequence[Row], names: Mapping[str, str], shown: Shown) -> str:
    """Fill the template of an answer's sentence; `names` are those of the parameters, empty where one has no value."""
    context = {"rows": RowList(rows, shown), **names}
    translated = shown.language.gettext(template)
    if translated != template:
        try:
            return _fill(_compile(translated, shown.language), context)
        except (TemplateError, TypeError, ValueError, KeyError):
            pass  # the English one says the same
    return _fill(_compile(template, shown.language), context)


def _fill(template: Template, context: Mapping[str, Any]) -> str:
    parts, length = [], 0
    for part in template.generate(context):
        parts.append(part)
        length += len(part)
        if length > LONGEST:
            raise SecurityError(f"the sentence is longer than {LONGEST} characters")
    return re.sub(r"\s+([.,;:?])", r"\1", " ".join("".join(parts).split()))


@lru_cache(1024)
def _compile(text: str, language: Language) -> Template:
    return _environment(language).from_string(text)


@cache
def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    environment = make_environment()
    environment.filters.update(FILTERS, listed=partial(_listed, language))
    environment.globals["plural"] = partial(_plural, language)
    environment.finalize = lambda value: language.amount(str(value)) if isinstance(value, int) else value
    return environment


class RowList(list[Row]):
    """Rows of an answer, with the manner in which their values are shown."""

    def __init__(self, rows: Iterable[Row], shown: Shown) -> None:
        super().__init__(rows)
        self.shown = shown

    def only(self, rows: Iterable[Row]) -> Self:
        """Make the same of some of the rows."""
        return type(self)(rows, self.shown)

    def values(self, column: str) -> list[str]:
        """Show the values of a column, those of all rows that have one."""
        return [self.shown.value(row[column]) for row in self if _text(row, column)]


def _text(row: Row, column: str) -> str:
    return row[column]["value"] if column in row else ""


def _key(row: Row, column: str) -> str:
    value = _text(row, column)
    return value.rpartition("/")[2] if column in row and row[column]["type"] == "uri" else value


# The filters and the function of the templates, which kg.sparql.template describes.


def _plural(language: Language, number: int, singular: str, many: str | None = None, few: str | None = None) -> str:
    form = language.locale.plural_form(int(number))
    if many is None or form == "one":  # a language with one form gives it once
        return singular
    return few if form == "few" and few is not None else many


def _count(rows: Sequence[Any], column: str | None = None) -> int:
    return len(rows) if column is None else len({_text(row, column) for row in rows} - {""})


def _names(rows: RowList, column: str) -> list[str]:
    return [*dict.fromkeys(rows.values(column))]


def _tally(rows: RowList, column: str) -> list[str]:
    amount = rows.shown.language.amount
    return [f"{name} ({amount(str(number))})" for name, number in Counter(rows.values(column)).most_common()]


def _listed(language: Language, names: Sequence[str], most: int = 0) -> str:
    if most and len(names) > most + 1:  # one more takes no more room than "1 more"
        more = language.gettext("%s more") % language.amount(str(len(names) - most))
        names = [*names[:most], more]
    # A name with a comma in it is set apart from the next one.
    return language.listed([f"“{name}”" if "," in name else name for name in names])


def _where(rows: RowList, column: str, *values: str) -> RowList:
    return rows.only(row for row in rows if _key(row, column) in values)


def _unless(rows: RowList, column: str, *values: str) -> RowList:
    return rows.only(row for row in rows if _key(row, column) not in values)


def _having(rows: RowList, *columns: str) -> RowList:
    return rows.only(row for row in rows if all(_text(row, column) for column in columns))


def _lacking(rows: RowList, *columns: str) -> RowList:
    return rows.only(row for row in rows if not any(_text(row, column) for column in columns))


def _by(rows: RowList, column: str) -> list[tuple[str, RowList]]:
    groups: dict[str, list[Row]] = {}
    for row in _having(rows, column):
        groups.setdefault(rows.shown.value(row[column]), []).append(row)
    return [(name, rows.only(group)) for name, group in groups.items()]


def _earliest(rows: RowList, column: str) -> str:
    return rows.shown.language.day(min((_text(row, column) for row in _having(rows, column)), default=""))


def _latest(rows: RowList, column: str) -> str:
    days = (_text(row, column) for row in _having(rows, column))
    return rows.shown.language.day(max(days, key=lambda day: f"{day}~", default=""))  # a year may mean its last day


def _years(rows: RowList, *columns: str) -> str:
    texts = (_text(row, column)[:4] for row in rows for column in columns)
    years = sorted(text for text in texts if text.isdigit())
    return rows.shown.language.when(years[0], years[-1]) if years else ""


def _total(rows: RowList, column: str) -> int:
    return sum(int(_text(row, column)) for row in rows if _text(row, column).isdigit())


def _figures(rows: RowList) -> str:
    """Write the lowest and the highest number; each keeps the sign that its speaker gave it, and number words stand behind."""
    language = rows.shown.language
    gettext = language.gettext
    manners = {
        "at-least": gettext("at least %s"),
        "more-than": gettext("more than %s"),
        "approximate": gettext("about %s"),
        "at-most": gettext("up to %s"),
    }
    lows, highs, words = [], [], []
    for row in rows:
        numbers = [int(text) for name in ("value", "minimum", "maximum") if (text := _text(row, name)).isdigit()]
        manner = manners.get(_key(row, "precision"), "%s")
        if numbers:
            lows.append((min(numbers), manner != "%s", manner))
            highs.append((max(numbers), manner != "%s", manner))
        elif _text(row, "inWords"):
            words.append(f"“{gettext(_text(row, 'inWords'))}”")
    ends = [manner % language.amount(str(number)) for number, _, manner in ([min(lows), max(highs)] if lows else [])]
    if len(set(ends)) == 2:
        ends = [gettext("%(begin)s to %(end)s") % {"begin": ends[0], "end": ends[1]}]
    return language.listed(dict.fromkeys([*ends, *words]))


_OF_ROWS = (
    _count,
    _names,
    _tally,
    _where,
    _unless,
    _having,
    _lacking,
    _by,
    _earliest,
    _latest,
    _years,
    _total,
    _figures,
)
FILTERS = {"listed": _listed} | {function.__name__.removeprefix("_"): function for function in _OF_ROWS}

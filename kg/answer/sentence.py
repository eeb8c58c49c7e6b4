"""Writes the sentence that answers a question, from the rows of its answer and by the template of its file.

A template sees the rows and the names of the parameters, and nothing else; what it can do with them is listed in kg.sparql.template.
A translation of it that cannot be filled yields to the English one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

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
        self._labels, self._language = labels, language

    def value(self, term: Mapping[str, str]) -> str:
        """Write one value."""
        value, datatype = term["value"], term.get("datatype", "")
        if term["type"] == "uri":
            return self._labels.get(value) or terms.shorten(value).removeprefix(terms.BASE)
        if datatype in _DATES or re.fullmatch(r"\d{4}-\d\d(-\d\d)?", value):
            return self._language.day(value)
        if re.fullmatch(r"\d+", value) and not datatype.endswith("#gYear"):
            return self._language.amount(value)
        if datatype.endswith("#boolean"):
            _ = self._language.gettext
            return _("yes") if value in ("true", "1") else _("no")
        return _DAY.sub(lambda day: self._language.day(day[0]), self._language.translate(value))


def write(
    template: str, rows: Sequence[Row], names: Mapping[str, str], labels: Mapping[str, str], language: Language
) -> str:
    """Fill the template of an answer's sentence, in a language; `names` are those of the parameters, empty where one is not given."""
    context = {"rows": _Rows(rows, Shown(labels, language)), **names}
    translated = language.gettext(template)
    if translated != template:
        try:
            return _fill(_compile(translated, language), context)
        except (TemplateError, SecurityError, TypeError, ValueError, KeyError):
            pass  # the English one says the same
    return _fill(_compile(template, language), context)


def _fill(template: Template, context: Mapping[str, Any]) -> str:
    written, length = [], 0
    for part in template.generate(**context):
        written.append(part)
        length += len(part)
        if length > LONGEST:
            raise SecurityError(f"the sentence is longer than {LONGEST} characters")
    return re.sub(r"\s+([.,;:?])", r"\1", " ".join("".join(written).split()))


@lru_cache(1024)
def _compile(text: str, language: Language) -> Template:
    return _environment(language).from_string(text)


@cache
def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    made = make_environment()
    made.filters.update({name: partial(function, language) for name, function in FILTERS.items()})
    made.globals["plural"] = partial(_plural, language)
    made.finalize = lambda value: language.amount(str(value)) if isinstance(value, int) else value
    return made


class _Rows(list[Row]):
    """Rows of an answer, with the manner in which their values are shown."""

    def __init__(self, rows: Iterable[Row], shown: Shown) -> None:
        super().__init__(rows)
        self.shown = shown

    def only(self, rows: Iterable[Row]) -> _Rows:
        """Make the same of some of the rows."""
        return _Rows(rows, self.shown)

    def values(self, column: str) -> list[str]:
        """Show the values of a column, those of all rows that have one."""
        return [self.shown.value(row[column]) for row in self if _text(row, column)]


def _text(row: Row, column: str) -> str:
    return row[column]["value"] if column in row else ""


def _key(row: Row, column: str) -> str:
    value = _text(row, column)
    return value.rpartition("/")[2] if column in row and row[column]["type"] == "uri" else value


def _plural(language: Language, number: int, one: str, many: str | None = None, few: str | None = None) -> str:
    form = language.locale.plural_form(int(number))
    if many is None or form == "one":  # a language with one form gives it once
        return one
    return few if form == "few" and few is not None else many


def _count(language: Language, rows: _Rows | list[str], column: str | None = None) -> int:
    return len(rows) if column is None else len({_text(row, column) for row in rows if _text(row, column)})


def _names(language: Language, rows: _Rows, column: str) -> list[str]:
    return [*dict.fromkeys(rows.values(column))]


def _tally(language: Language, rows: _Rows, column: str) -> list[str]:
    return [f"{name} ({language.amount(str(number))})" for name, number in Counter(rows.values(column)).most_common()]


def _listed(language: Language, names: Sequence[str], most: int = 0) -> str:
    if most and len(names) > most + 1:  # one more takes no more room than "1 more"
        more = language.gettext("%s more") % language.amount(str(len(names) - most))
        names = [*names[:most], more]
    # A name with a comma in it is set apart from the next one.
    return language.listed([f"“{name}”" if "," in name else name for name in names])


def _where(language: Language, rows: _Rows, column: str, *values: str) -> _Rows:
    return rows.only(row for row in rows if _key(row, column) in values)


def _unless(language: Language, rows: _Rows, column: str, *values: str) -> _Rows:
    return rows.only(row for row in rows if _key(row, column) not in values)


def _having(language: Language, rows: _Rows, *columns: str) -> _Rows:
    return rows.only(row for row in rows if all(_text(row, column) for column in columns))


def _lacking(language: Language, rows: _Rows, *columns: str) -> _Rows:
    return rows.only(row for row in rows if not any(_text(row, column) for column in columns))


def _by(language: Language, rows: _Rows, column: str) -> list[tuple[str, _Rows]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if _text(row, column):
            groups.setdefault(rows.shown.value(row[column]), []).append(row)
    return [(name, rows.only(some)) for name, some in groups.items()]


def _earliest(language: Language, rows: _Rows, column: str) -> str:
    return language.day(min((_text(row, column) for row in rows if _text(row, column)), default=""))


def _latest(language: Language, rows: _Rows, column: str) -> str:
    # A year may mean its last day.
    return language.day(
        max((_text(row, column) for row in rows if _text(row, column)), key=lambda day: f"{day}~", default="")
    )


def _years(language: Language, rows: _Rows, *columns: str) -> str:
    texts = (_text(row, column)[:4] for row in rows for column in columns)
    found = sorted(text for text in texts if text.isdigit())
    return language.when(found[0], found[-1]) if found else ""


def _total(language: Language, rows: _Rows, column: str) -> int:
    return sum(int(_text(row, column)) for row in rows if _text(row, column).isdigit())


def _figures(language: Language, rows: _Rows) -> str:
    """Write the lowest and the highest number; each keeps the sign that its speaker gave it, and number words stand behind."""
    _ = language.gettext
    manners = {
        "at-least": _("at least %s"),
        "more-than": _("more than %s"),
        "approximate": _("about %s"),
        "at-most": _("up to %s"),
    }
    lows, highs, words = [], [], []
    for row in rows:
        numbers = [int(text) for name in ("value", "minimum", "maximum") if (text := _text(row, name)).isdigit()]
        if numbers:
            manner = manners.get(_key(row, "precision"), "%s")
            lows.append((min(numbers), manner != "%s", manner))
            highs.append((max(numbers), manner != "%s", manner))
        elif _text(row, "inWords"):
            words.append("“" + language.gettext(_text(row, "inWords")) + "”")
    said = []
    if lows:
        ends = [manner % language.amount(str(number)) for number, _, manner in (min(lows), max(highs))]
        said.append(
            ends[0]
            if ends[0] == ends[1]
            else language.gettext("%(begin)s to %(end)s") % dict(zip(("begin", "end"), ends, strict=True))
        )
    return language.listed([*said, *dict.fromkeys(words)])


FILTERS = {
    "count": _count,
    "names": _names,
    "tally": _tally,
    "listed": _listed,
    "where": _where,
    "unless": _unless,
    "having": _having,
    "lacking": _lacking,
    "by": _by,
    "earliest": _earliest,
    "latest": _latest,
    "years": _years,
    "total": _total,
    "figures": _figures,
}

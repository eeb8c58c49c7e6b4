"""The sentence that answers a question: the small language of its template, what is wrong with a template, and how it is filled.

The language is a part of Jinja2's: texts, `{{ … }}`, `{% if %}`, `{% for %}` and `{% set %}`, the filters and the function below, and no
attribute of anything. A template sees the rows, the names of the parameters, and whether filters left rows out: then it says of
nothing that none is recorded. Filters take columns by name, so that a column which
does not exist is found before anybody asks. A loop goes through each row once, and no text is built of texts that were built, so
that a sentence takes time and memory by the number of rows. A translation that cannot be filled yields to the English template.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache, partial
from typing import Any, Self

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

from kg import terms
from kg.errors import SourceError
from kg.languages import DEFAULT, N_, Language, speak
from kg.rows import natural
from kg.wording import DATE, did_you_mean

LONGEST = 4000  # characters of a sentence
FUNCTIONS = ("plural",)  # plural(number, one, many[, few]): the word that the language wants beside a number
ROWS, FILTERED = "rows", "filtered"
Row = Mapping[str, Mapping[str, str]]
_BUILDERS = (nodes.Concat, nodes.Add, nodes.List, nodes.Tuple)  # of texts and lists
_FIGURES = ("value", "minimum", "maximum", "inWords", "precision")  # the columns that `figures` reads
# How a number is written by the sign that its speaker gave it: alone, and at the end of a span.
_MANNERS = {
    "": ("%s", N_("%(least)s to %(most)s")),
    "at-least": (N_("at least %s"), N_("%(least)s to at least %(most)s")),
    "more-than": (N_("more than %s"), N_("%(least)s to more than %(most)s")),
    "approximate": (N_("about %s"), N_("%(least)s to about %(most)s")),
    "at-most": (N_("up to %s"), N_("%(least)s to up to %(most)s")),
}
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.Name, nodes.Const),
    *(nodes.Filter, nodes.Call, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(nodes.List, nodes.Tuple, nodes.Add, nodes.Sub, nodes.Concat),
)
_DATES = tuple(terms.PREFIXES["xsd"] + name for name in ("date", "gYearMonth", "gYear", "dateTime"))
_UNFILLED = (TemplateError, TypeError, ValueError, KeyError)  # what a template may end in
# Beside a part that is left out, and a full stop behind an abbreviation that ends in one.
_STRAY = re.compile(r"^[.,;:]\s*|(?<=[,;:])[,;]|[,;]+(?=\.)|(?<=[^.]\.)\.(?!\.)")


@lru_cache(1024)  # each release that is opened has mostly the same
def check(text: str, columns: tuple[str, ...], parameters: tuple[str, ...]) -> None:
    """Raise SourceError for a template that does not parse, names what does not exist, or cannot be filled with invented rows."""
    language = speak(DEFAULT)
    try:
        tree = _parse(text, language)
        for fault in (*_faults(tree, columns, parameters), *_growths(tree), *_repetitions(tree)):
            raise SourceError(f"the answer {fault}")
        _compile(text, language)
    except TemplateSyntaxError as error:
        raise SourceError(f"the answer is no template: {error.message}") from None
    except (RecursionError, MemoryError, SyntaxError):  # so Python says of the code that Jinja2 makes of it
        raise SourceError("the answer is nested too deeply for a template") from None
    row = {column: {"type": "literal", "value": "2"} for column in columns}
    for rows, is_filtered in (([row], False), ([row] * 3, True)):
        write(text, rows, dict.fromkeys(parameters, "x"), Shown({}, language), is_filtered=is_filtered)


def _faults(tree: nodes.Template, columns: Collection[str], parameters: Collection[str]) -> Iterator[str]:
    names = {ROWS, FILTERED, *parameters, *(node.name for node in tree.find_all(nodes.Name) if node.ctx == "store")}
    for node in tree.find_all(nodes.Node):
        kind = type(node).__name__.lower()
        if not isinstance(node, _ALLOWED):
            yield f"has {kind}, which a sentence cannot have"
        elif isinstance(node, nodes.For) and (node.else_ or node.recursive):
            yield "has a loop with else or recursive, which a sentence cannot have"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"has the filter {node.name!r}. {_suggest(node.name, FILTERS)}"
        elif isinstance(node, nodes.Filter):
            for column in set(_columns(node)) - {*columns}:
                yield f"names {column!r}, which is no column. {_suggest(column, columns)}"
        elif isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS):
            yield f"calls what is no function. Known: {', '.join(FUNCTIONS)}"
        elif isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in {*names, *FUNCTIONS}:
            yield f"names {node.name!r}, which is not known. {_suggest(node.name, names)}"
    loops = tree.find_all(nodes.For)
    if any(inner.find(nodes.For) for loop in loops for inner in loop.find_all(nodes.For)):
        yield "has a loop in a loop in a loop, which a sentence cannot have"


def _growths(tree: nodes.Template) -> Iterator[str]:
    """Find texts and lists that are built of others that were built: forty of them in a row would fill the memory."""
    building = [node for node in tree.find_all(nodes.Assign) if any(_inside([node.node], _BUILDERS))]
    built = {name for node in building for name in _names_in(node.target)}
    for name in (name for node in building for name in built & _names_in(node.node)):
        yield f"builds a text or a list of {name!r}, which is built itself"


def _repetitions(tree: nodes.Template) -> Iterator[str]:
    """Find what goes through all rows again for each of them: a loop may filter, name and go through what it gives."""
    for loop in (loop for loop in tree.find_all(nodes.For) if not isinstance(loop.iter, nodes.List)):
        own = {name.name for name in loop.find_all(nodes.Name) if name.ctx == "store"} | {*FUNCTIONS}
        for inner in _inside(loop.body, (nodes.For, nodes.Filter, nodes.Assign)):
            whole = inner.iter if isinstance(inner, nodes.For) else inner.node
            # A chain of filters is looked at where it begins; a list has as many turns as it says.
            for name in set() if isinstance(whole, nodes.Filter | nodes.List) else _names_in(whole) - own:
                yield f"goes through all rows in a loop: it filters all of {name!r}. Filter what the loop gives."


def _names_in(node: nodes.Node) -> set[str]:
    return {name.name for name in _inside([node], nodes.Name)}


def _inside(parts: Iterable[nodes.Node], kind: Any) -> Iterator[Any]:
    """Yield the nodes of a kind among some and inside them."""
    for part in parts:
        if isinstance(part, kind):
            yield part
        yield from part.find_all(kind)


def _columns(node: nodes.Filter) -> Iterator[str]:
    if node.name == "figures":
        yield from _FIGURES
    for argument in node.args[: FILTERS[node.name][1]]:  # None: all of them
        yield argument.value if isinstance(argument, nodes.Const) else type(argument).__name__.lower()


def _suggest(name: str, names: Collection[str]) -> str:
    return did_you_mean(name, names, f"Known: {', '.join(sorted(names))}")


class Shown:
    """How the values of an answer are written in a language: names of things, dates at their precision, numbers."""

    def __init__(self, labels: Mapping[str, str], language: Language) -> None:
        self._labels, self.language = labels, language

    def value(self, term: Mapping[str, str]) -> str:
        """Write one value."""
        value, datatype = term["value"], term.get("datatype", "")
        if term["type"] == "uri":
            return self._labels.get(value) or terms.shorten(value).removeprefix(terms.BASE)
        if datatype in _DATES or DATE.fullmatch(value):
            return self.language.day(value)
        if re.fullmatch(r"\d+", value) and not datatype.endswith("#gYear"):
            return self.language.amount(value)
        if datatype.endswith("#boolean"):
            _ = self.language.gettext
            return _("yes") if value in ("true", "1") else _("no")
        return self.language.translate(value)


def write(
    template: str, rows: Sequence[Row], names: Mapping[str, str], shown: Shown, *, is_filtered: bool = False
) -> str:
    """Fill a template; `names` are those of the parameters, empty where one has no value. Raises SourceError where it cannot be filled."""
    context = {ROWS: RowList(rows, shown), FILTERED: is_filtered, **names}
    translated = shown.language.gettext(template)
    if translated != template:
        with suppress(*_UNFILLED):  # the English one says the same
            return _fill(_compile(translated, shown.language), context)
    try:
        return _fill(_compile(template, shown.language), context)
    except _UNFILLED as error:
        raise SourceError(f"the answer cannot be filled: {error}") from None


def _fill(template: Template, context: Mapping[str, Any]) -> str:
    parts, length = [], 0
    for part in template.generate(context):
        parts.append(part)
        length += len(part)
        if length > LONGEST:
            raise SecurityError(f"the sentence is longer than {LONGEST} characters")
    text = re.sub(r"\s+([.,;:?])", r"\1", " ".join("".join(parts).split()))
    return _STRAY.sub("", text)


@lru_cache(1)  # what is judged is compiled next
def _parse(text: str, language: Language) -> nodes.Template:
    return _environment(language).parse(text)


@lru_cache(1024)
def _compile(text: str, language: Language) -> Template:
    return _environment(language).from_string(_parse(text, language))


@cache
def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    """Make the environment of the templates: sandboxed, without the functions of Jinja2 and without its filters and tests."""
    environment = ImmutableSandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters = {name: function for name, (function, _) in FILTERS.items()}
    environment.filters["listed"] = partial(_listed, language)
    environment.globals = {"plural": partial(_plural, language)}
    environment.tests = {}
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


# The function and the filters of the templates.


def _plural(language: Language, number: int, singular: str, many: str | None = None, few: str | None = None) -> str:
    form = language.locale.plural_form(int(number))
    if many is None or form == "one":  # a language with one form gives it once
        return singular
    return few if form == "few" and few is not None else many


def _count(rows: Sequence[Any], column: str | None = None) -> int:
    return len(rows) if column is None else len({_text(row, column) for row in rows} - {""})


def _names(rows: RowList, column: str) -> list[str]:
    return [*dict.fromkeys(rows.values(column))]


def _tally(rows: RowList, column: str, counted: str | None = None) -> list[str]:
    return _rank(rows, column, partial(_count, column=counted))


def _sums(rows: RowList, column: str, number: str) -> list[str]:
    return _rank(rows, column, partial(_total, column=number))


def _rank(rows: RowList, column: str, measure: Callable[[RowList], int]) -> list[str]:
    """List the values of a column, each with the measure of its rows, the greatest first."""
    amount = rows.shown.language.amount
    numbers = sorted((-measure(some), natural(name), name) for name, some in _by(rows, column))
    return [f"{name} ({amount(str(-number))})" for number, _, name in numbers]


def _natural(names: Sequence[str]) -> list[str]:
    return sorted(names, key=natural)


def _listed(language: Language, names: Sequence[str], most: int = 0) -> str:
    if most and len(names) > most + 1:  # one more takes no more room than "1 more"
        more = language.gettext("%s more") % language.amount(str(len(names) - most))
        names = [*names[:most], more]
    # A name with a comma in it is set apart from the next one.
    return language.listed(
        [language.gettext("“%(words)s”") % {"words": name} if "," in name else name for name in names]
    )


def _where(rows: RowList, column: str, *values: str) -> RowList:
    return rows.only(row for row in rows if _key(row, column) in values)


def _unless(rows: RowList, column: str, *values: str) -> RowList:
    return rows.only(row for row in rows if _key(row, column) not in values)


def _having(rows: RowList, *columns: str) -> RowList:
    return rows.only(row for row in rows if all(_text(row, column) for column in columns))


def _lacking(rows: RowList, *columns: str) -> RowList:
    return rows.only(row for row in rows if not any(_text(row, column) for column in columns))


def _apart(rows: RowList, column: str, others: RowList) -> RowList:
    elsewhere = {_text(row, column) for row in others}
    return rows.only(row for row in rows if _text(row, column) not in elsewhere)


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
    lows, highs, words = [], [], []
    for row in rows:
        numbers = [int(text) for name in ("value", "minimum", "maximum") if (text := _text(row, name)).isdigit()]
        precision = _key(row, "precision")
        manner = precision if precision in _MANNERS else ""
        if numbers:
            lows.append((min(numbers), manner))
            highs.append((max(numbers), manner))
        elif _text(row, "inWords"):
            words.append(gettext("“%(words)s”") % {"words": gettext(_text(row, "inWords"))})
    ends = []
    if lows:
        least, most = min(lows), max(highs)
        ends = [gettext(_MANNERS[manner][0]) % language.amount(str(number)) for number, manner in (least, most)]
        if least[0] < most[0]:
            span = gettext(_MANNERS[most[1]][1])
            ends = [span % {"least": ends[0], "most": language.amount(str(most[0]))}]
    return language.listed(dict.fromkeys(language.inflect(text) for text in [*ends, *words]))


# Each filter, and how many of its arguments, from the first on, are columns; None: all of them.
FILTERS: dict[str, tuple[Callable[..., Any], int | None]] = {
    "count": (_count, 1),  # how many rows; with a column, how many different values of it
    "names": (_names, 1),  # the different values of a column, as they are shown, in the order of the rows
    # The different values of a column, the most frequent first, each with its number of rows, or of different values of another.
    "tally": (_tally, 2),
    "sums": (_sums, 2),  # the same with the sum of a column of numbers
    "natural": (_natural, 0),  # texts as people sort them: CAT 2 before CAT 11
    "listed": (_listed, 0),  # texts one after the other; with a number, so many of them and how many more there are
    "where": (_where, 1),  # the rows in which a column has one of the values: a text, or the last part of an IRI
    "unless": (_unless, 1),  # the rows in which it has none of them
    "having": (_having, None),  # the rows in which all these columns are filled
    "lacking": (_lacking, None),  # the rows in which all of them are empty
    "apart": (_apart, 1),  # the rows whose value of a column is in none of other rows
    "by": (_by, 1),  # pairs of a value of a column, as it is shown, and its rows
    "earliest": (_earliest, 1),  # the first date of a column, at its precision
    "latest": (_latest, 1),  # the last one
    "years": (_years, None),  # the years from the first to the last date of some columns
    "total": (_total, 1),  # the sum of the numbers of a column
    "figures": (_figures, 0),  # the lowest and the highest of rival numbers, each as exact as it is given
}

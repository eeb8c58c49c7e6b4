"""Filters, order and pages: of a list, and of an answer as the address of its question names them beside its parameters.

only.<column>=<value>   the rows in which the column has the thing, the text, or a date in the year
only.document=<thing>   the rows that cite a passage of the document
sort=<column>           by a column, or `-<column>` the other way round: names as people sort them, numbers by their size, vague
                        dates by the first day they may mean
page=<n>                so many rows from the page on, or `all`; without it, data formats hold all rows
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self, TypeVar

from kg import terms
from kg.errors import BadParameter
from kg.rows import Cell, natural
from kg.sparql.question import ONLY, Question
from kg.sparql.sentence import Row
from kg.wording import Listing, did_you_mean, say

SORT, PAGE, ALL = "sort", "page", "all"
DOCUMENT = "document"  # stands for the documents of the passages
# Rows of a page: as many of these as fill no more lines of a telephone than a page has room for beside its picture.
SIZES = (20, 15, 10, 5)
LINES = 200
LETTERS = 36  # in a line
CITED = 3  # passages of a cell that stand open; the others are folded
FEWEST, MOST = 2, 60  # different values of a column that can be chosen from
T = TypeVar("T")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?").fullmatch


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What of some rows is wanted: filters by column, the order, the page (0: all).

    An answer is sorted by a column, downwards with `-` in front; a list by the name of an order; without one, as is usual.
    """

    only: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 0

    def fits(self, values_of: Callable[[str], Container[str]]) -> bool:
        """Tell whether a row, by its values in each column, has what the filters ask for."""
        return all(value in values_of(column) for column, value in self.only.items())

    def values(self) -> dict[str, str]:
        """Write what the address of a question holds for it, the page left out: another filter or order begins at the first one."""
        filters = {ONLY + column: value for column, value in self.only.items()}
        return filters | ({SORT: self.sort} if self.sort else {})

    def without(self, column: str) -> Self:
        """Take a filter away."""
        return replace(self, only={key: value for key, value in self.only.items() if key != column}, page=0)

    def turned(self, column: str) -> Self:
        """Sort by a column; by one that is sorted by already, the other way round."""
        return replace(self, sort=f"-{column}" if self.sort == column else column, page=0)


class Choice(NamedTuple):
    """A value that rows can be narrowed to, as an address writes it, with its name and the number of its rows."""

    value: str
    name: str
    rows: int


def offer(numbers: Mapping[str, int], name: Callable[[str], str]) -> list[Choice]:
    """Name the values that rows have, each with its number of rows, and sort them as people sort names."""
    choices = (Choice(value, name(value), number) for value, number in numbers.items())
    return sorted(choices, key=lambda choice: natural(choice.name))


def split(question: Question, values: Mapping[str, str]) -> tuple[dict[str, str], Narrowing]:
    """Divide what an address holds into the parameters of a question and the narrowing of its answer; raise BadParameter."""
    parameters, only, sort, page = {}, {}, "", 0
    for name, value in values.items():
        if name.startswith(ONLY):
            if value.strip():
                only[_check_column(question, name.removeprefix(ONLY), name)] = value.strip().removeprefix(terms.BASE)
        elif name == SORT:
            sort = value.strip()
            _check_column(question, sort.removeprefix("-") or DOCUMENT, name)
        elif name == PAGE:
            page = read_page(value)
        else:
            parameters[name] = value
    return parameters, Narrowing(only, sort, page)


def read_page(text: str) -> int:
    """Read the number of a page, 0 for all rows on one; raises BadParameter."""
    if text == ALL:
        return 0
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise BadParameter(say("A page has a number from 1 on"), where=PAGE, hint=say("Pages are 1, 2, 3 and so on."))
    return int(text)


def _check_column(question: Question, name: str, where: str) -> str:
    columns = sorted({column.name for column in question.columns if column.name not in question.cites} | {DOCUMENT})
    if name in columns:
        return name
    message = say("the answer of %(question)s has no column %(name)s", question=question.name, name=name)
    hint = did_you_mean(name, columns, say("Its columns are %(known)s.", known=columns))
    raise BadParameter(message, where=where[:40], hint=hint)


def keys_of(term: Mapping[str, str]) -> list[str]:
    """List the values by which a row is found: a thing by its part behind the base, a date by its year, each text of several."""
    value = term["value"]
    if term["type"] == "uri":
        return [value.removeprefix(terms.BASE)]
    if isinstance(value, Listing):
        return [*map(_trim, value.texts)]
    return [value[:4]] if _DATE(value) else [_trim(value)]


def _trim(text: str) -> str:
    """Take spaces off the ends, as an address has a value; a text without any stays the wording that it is."""
    return text if text == text.strip() else text.strip()


def is_year(text: str) -> bool:
    """Whether a text is a year, by which dates can be asked for though no row has it."""
    return len(text) == 4 and text.isascii() and text.isdigit()


def values_in(row: Row, column: str) -> list[str]:
    """List what a filter may ask for to find a row by a column: its keys, and the value itself."""
    return [*keys_of(row[column]), row[column]["value"].removeprefix(terms.BASE)] if column in row else []


def in_order(rows: Sequence[Row], narrowing: Narrowing, show: Callable[[Mapping[str, str]], str]) -> list[Row]:
    """Sort rows as asked; those without a value stand last, whichever way the others go."""
    column = narrowing.sort.removeprefix("-")
    if not column:
        return list(rows)

    def key(row: Row) -> str:
        term = row.get(column, {"type": "", "value": ""})
        return show(term) if term["type"] == "uri" else term["value"]

    return arrange(rows, key, narrowing.sort.startswith("-"))


def arrange(items: Iterable[T], key: Callable[[T], str | int], is_downwards: bool) -> list[T]:
    """Sort items by texts, as people do, or by numbers; those with none stand last, whichever way the others go.

    A year or month begins before its days by being shorter.
    """
    keyed = [(key(item), item) for item in items]
    filled = [(natural(value) if isinstance(value, str) else value, item) for value, item in keyed if value]
    filled.sort(key=operator.itemgetter(0), reverse=is_downwards)
    return [*(item for _, item in filled), *(item for value, item in keyed if not value)]


def page_size(question: Question, rows: Sequence[Row]) -> int:
    """Choose how many rows a page holds, by the longest of all rows, so that it is the same in any order and language."""
    long = sorted((_lines(question, row) for row in rows), reverse=True)
    return next((size for size in SIZES if sum(long[:size]) <= LINES), SIZES[-1])


def _lines(question: Question, row: Row) -> float:
    """Guess how many lines a row takes on a telephone: a name has about thirty letters, and so have the words before a value."""
    letters, cited = 0, 0
    for name, term in row.items():
        if name in question.cites:
            passages = len(term["value"].split())
            cited += 1 + min(passages, CITED) + (passages > CITED)
        else:
            letters += 30 + (30 if term["type"] == "uri" else len(term["value"]))
    return 2 + cited + letters / LETTERS


def choices(
    rows: Sequence[Row], columns: Iterable[str], show: Callable[[Mapping[str, str]], str]
) -> dict[str, list[Choice]]:
    """Find the columns by which rows can be narrowed, with their values: things, short lists of words, and the years of dates."""
    offered = {}
    for column in columns:
        cells = [row[column] for row in rows if column in row and row[column]["value"]]
        numbers = Counter(key for cell in cells for key in keys_of(cell))
        if FEWEST <= len(numbers) <= MOST and len(numbers) != len(rows) and _is_choosable(cells, numbers):
            names = {key: _name(key, cell, show) for cell in cells for key in keys_of(cell)}
            offered[column] = offer(numbers, names.__getitem__)
    return offered


def _name(key: str, cell: Mapping[str, str], show: Callable[[Mapping[str, str]], str]) -> Cell:
    shown = show(cell if cell["type"] == "uri" else {"type": "literal", "value": key})
    return Cell(shown, language=cell.get("xml:lang", ""))


def documents(
    rows: Sequence[Row], documents_of: Callable[[Row], Iterable[str]], names: Mapping[str, str]
) -> dict[str, list[Choice]]:
    """Find the documents that some rows cite and others do not; `names` are by what addresses call them."""
    numbers = Counter(document for row in rows for document in set(documents_of(row)))
    if not FEWEST <= len(numbers) <= MOST or all(number == len(rows) for number in numbers.values()):
        return {}
    return {DOCUMENT: offer(numbers, names.__getitem__)}


def _is_choosable(cells: Sequence[Mapping[str, str]], numbers: Mapping[str, int]) -> bool:
    return (
        all(cell["type"] == "uri" and cell["value"].startswith(terms.BASE) for cell in cells)
        or all(_DATE(cell["value"]) for cell in cells)
        or (len(numbers) <= 12 and all(len(key) <= 60 and not re.fullmatch(r"[\d.]+", key) for key in numbers))
    )

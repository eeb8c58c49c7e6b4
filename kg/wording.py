"""Texts for people: with what is filled in, so that each can still be told in another language, and in one clean line.

An error is raised where no language is at hand. Its words are written in English with say(), and whoever answers translates
the wording and fills it again (Language.translate). So are the cells of an answer that name a wording of their question.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Self

SEPARATOR = "; "  # between the texts of a cell that holds several
LONGEST = 100  # letters of a value that a message repeats
_RUNS = 10  # of numbers that are listed
_SLOT = re.compile(r"%\((\w+)\)s")
DATE = re.compile(r"\d{4}(-\d\d){1,2}")


class Wording(str):
    """A text in English; `wording` is the same with its slots, as the catalogues have it, and `values` fill them."""

    __slots__ = ("values", "wording")
    wording: str
    values: Mapping[str, Any]

    def __new__(cls, wording: str, values: Mapping[str, Any]) -> Self:
        """Fill a wording; without values it stays as it is."""
        filled = super().__new__(cls, wording % values if values else wording)
        filled.wording, filled.values = wording, values
        return filled


class Listing(str):
    """Several texts of one cell, in English."""

    __slots__ = ("texts",)
    texts: tuple[str, ...]

    def __new__(cls, texts: Iterable[str]) -> Self:
        """Join the texts."""
        texts = tuple(texts)
        joined = super().__new__(cls, SEPARATOR.join(texts))
        joined.texts = texts
        return joined


def say(wording: str, /, **values: Any) -> Wording:
    """Write a text for people: `wording` has %(slots)s for the values, which may be such texts themselves, or lists.

    Any other text comes from a stranger and may be of any length: it is cut at LONGEST.
    """
    return Wording(wording, {name: _fit(value) for name, value in values.items()})


def _fit(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Wording):
        return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    return value if isinstance(value, str | int) or not isinstance(value, Iterable) else ", ".join(value)


def count(number: int, noun: str) -> str:
    """Write in English how many there are: `1 file`, `2,000 files`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def ranges(numbers: Sequence[int]) -> str:
    """Write numbers that rise in few words: `2 to 9, 12`; of many runs the first ones, and how many more there are."""
    ends = [at for at, number in enumerate(numbers) if number + 1 not in numbers[at + 1 : at + 2]]
    starts = [0, *(end + 1 for end in ends)]
    spans = [(numbers[start], numbers[end]) for start, end in zip(starts, ends, strict=False)]
    listed = [str(first) if first == last else f"{first} to {last}" for first, last in spans]
    more = f" and {len(listed) - _RUNS} more" if len(listed) > _RUNS else ""
    return ", ".join(listed[:_RUNS]) + more


def clean(text: str) -> str:
    """Make one line of a text, without control characters and what else nobody can see."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def closest(name: str, names: Iterable[str], count: int = 1, *, least: float = 60) -> list[str]:
    """List the names that are spelt most like a name, the likest first; none for one that is longer than names are.

    `least` is how many per cent of their letters must agree.
    """
    from rapidfuzz import fuzz, process  # here, since most processes that write texts compare none

    if len(name) > LONGEST:
        return []
    likest = process.extract(name, [*names], scorer=fuzz.ratio, limit=count, score_cutoff=least)
    return [other for other, _, _ in likest]


def did_you_mean(name: str, names: Collection[str], otherwise: str) -> str:
    """Ask whether the nearest of some names was meant; `otherwise` where none is near."""
    close = closest(name, names)
    return say("Did you mean %(close)s?", close=close[0]) if close else otherwise


def read_wordings(cell: str, wordings: Mapping[str, str]) -> str:
    """Write the texts that a query names by their codes in `wordings`, each in a line of its own.

    Behind the code stand the values of the slots, in their order, each behind a tab. A cell without a tab is a text itself.
    """
    if "\t" not in cell or cell.partition("\t")[0] not in wordings:
        return cell
    codes = "|".join(map(re.escape, wordings))  # a value may have lines of its own
    texts = [_read_line(line, wordings) for line in re.split(rf"\n(?=(?:{codes})\t)", cell)]
    return texts[0] if len(texts) == 1 else Listing(texts)


def _read_line(line: str, wordings: Mapping[str, str]) -> Wording:
    code, _, rest = line.partition("\t")
    slots = _SLOT.findall(wordings[code])
    values = rest.split("\t", len(slots) - 1)
    return Wording(wordings[code], {slot: _read_value(value) for slot, value in zip(slots, values, strict=True)})


def _read_value(text: str) -> int | str:
    """Read a value of a slot: a number, a date, or else a text that is translated too."""
    if text.isdecimal():
        return int(text)
    return text if DATE.fullmatch(text) else Wording(text, {})

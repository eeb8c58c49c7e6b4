"""The header of a query file: those of its leading comment lines that begin with `#+`, each `#+ key: value`.

The parts of a value are divided by ` | `. A line that begins with `#+` and two or more spaces goes on with the line above it.
Every kind of query file has this grammar and keys of its own.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from kg.errors import SourceError
from kg.files import read_text
from kg.wording import closest

T = TypeVar("T")


class Grammar(NamedTuple):
    """The keys of a kind of query file: `required` and `optional` stand once, `repeated` may have many lines.

    A repeated key has its least and greatest number of parts, and how such a line is written; a part in brackets may be empty.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    repeated: Mapping[str, tuple[int, int, str]] = {}


@dataclass(frozen=True)
class Header:
    """The values of a header by their keys, and the number of the line of each `key`, or `key name` where it may be repeated."""

    where: str
    once: dict[str, str]
    repeated: dict[str, list[str]]
    lines: dict[str, int]

    def error(self, message: str, key: str = "", hint: str | None = None) -> SourceError:
        """Make the error for the line of a key, or for the header as a whole."""
        return SourceError(message, where=self.where, line=self.lines.get(key, 1), column=1, hint=hint)

    def parts(self, key: str) -> list[list[str]]:
        """List the parts of each line with a repeated key."""
        return [split(value) for value in self.repeated[key]]


def split(value: str) -> list[str]:
    """Divide a value into its parts."""
    return [part.strip() for part in value.split("|")]


def read_header(text: str, where: str, grammar: Grammar) -> Header:
    """Read the header of a query file. Raises SourceError with the line that is wrong; `where` names the file."""
    header = Header(where, {}, {key: [] for key in grammar.repeated}, {})
    entries = header_lines(text)
    empty = [key for _, key, value in entries if key and not value]
    if len(empty) > 1:
        message = f"bad header: {', '.join(map(repr, empty[:-1]))} and {empty[-1]!r} are empty"
        raise header.error(message, hint="Write each behind its colon")
    for number, key, value in entries:
        entry = f"{key} {split(value)[0]}" if key in grammar.repeated else key
        fault = f"{entry!r} stands twice" if entry in header.lines else _fault(key, value, grammar)
        if fault:
            raise SourceError(f"bad header: {fault}", where=where, line=number, column=1)
        if key in grammar.repeated:
            header.repeated[key].append(value)
        else:
            header.once[key] = value
        header.lines[entry] = number
    missing = [key for key in grammar.required if not (header.once.get(key) or header.repeated.get(key))]
    if missing:
        hint = " and ".join(f"`#+ {key}: …`" for key in missing)
        raise header.error(f"the header lacks {', '.join(missing)}", hint=f"Write {hint} above the query")
    return header


def read_folder(
    folder: Path, parse: Callable[[str, str, str], T], refuse: Callable[[SourceError], None] | None = None
) -> dict[str, T]:
    """Read the query files of a folder, by name in alphabetical order; `parse` takes a name, the text and the file.

    A file that is wrong is left out and handed to `refuse`; without it, its SourceError is raised.
    """
    files = {}
    for path in sorted(folder.glob("*.rq")):
        try:
            files[path.stem] = parse(path.stem, read_text(path), str(path))
        except SourceError as error:
            if refuse is None:
                raise
            refuse(error)
    return files


def header_lines(text: str) -> list[tuple[int, str, str]]:
    """List the number, the key and the value of each line of a header; a line that goes on with another is put to it."""
    entries: list[tuple[int, str]] = []
    for number, line in enumerate(itertools.takewhile(lambda line: line.startswith("#"), text.splitlines()), 1):
        if entries and line.startswith("#+  "):
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {line[2:].strip()}")
        elif line.startswith("#+"):
            entries.append((number, line[2:]))
    parts = ((number, entry.partition(":")) for number, entry in entries)
    return [(number, key.strip(), value.strip()) for number, (key, _, value) in parts]


def is_given_values_first(text: str) -> bool:
    """Say whether the header of a query of ours has the line `values: first`."""
    return any((key, value) == ("values", "first") for _, key, value in header_lines(text))


def _fault(key: str, value: str, grammar: Grammar) -> str:
    keys = (*grammar.required, *grammar.optional, *grammar.repeated)
    if key not in keys:
        close = closest(key, keys)
        return f"{key!r} is no header key" + (f"; did you mean {close[0]!r}?" if close else "")
    if not value:
        return f"{key!r} is empty"
    parts = split(value)
    least, most, shape = grammar.repeated.get(key, (1, len(parts), ""))
    if least <= len(parts) <= most and (all(parts) or "| [" in shape or not shape):
        return ""
    return f"{key} has {least if least == most else f'{least} to {most}'} parts: {shape}"

"""The header of a query file: its leading lines that begin with `#+ `, each `key: value`; parts are divided by ` | `.

A line that begins with `#+` and two or more spaces goes on with the line above it.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kg.errors import SourceError


class Grammar(NamedTuple):
    """The keys of a kind of query file: `required` and `optional` stand once, `repeated` name what each of their lines describes.

    A repeated key has its least and greatest number of parts, and how such a line is written; a part in brackets may be empty.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    repeated: Mapping[str, tuple[int, int, str]]


@dataclass(frozen=True)
class Header:
    """The values of a header by their keys, and the number of the line of each `key`, or `key name` where it may be repeated."""

    once: Mapping[str, str]
    repeated: Mapping[str, list[str]]
    lines: Mapping[str, int]

    def parts(self, key: str) -> list[list[str]]:
        """List the parts of each line with a repeated key."""
        return [split(value) for value in self.repeated[key]]


def split(value: str) -> list[str]:
    """Divide a value into its parts."""
    return [part.strip() for part in value.split("|")]


def read_header(text: str, where: str, grammar: Grammar) -> Header:
    """Read the header of a query file. Raises SourceError with the line that is wrong; `where` names the file."""
    once: dict[str, str] = {}
    repeated: dict[str, list[str]] = {key: [] for key in grammar.repeated}
    lines: dict[str, int] = {}
    found = [
        (number, key.strip(), value.strip())
        for number, line in header_lines(text)
        for key, _, value in [line.partition(":")]
    ]
    empty = [key for _, key, value in found if key and not value]
    if len(empty) > 1:
        message = f"bad header: {', '.join(map(repr, empty[:-1]))} and {empty[-1]!r} are empty"
        raise SourceError(message, where=where, line=1, column=1, hint="Write each behind its colon")
    for number, key, value in found:
        described = f"{key} {split(value)[0]}" if key in repeated else key
        if fault := _fault(key, value, described in lines, grammar):
            raise SourceError(f"bad header: {fault}", where=where, line=number, column=1)
        if key in repeated:
            repeated[key].append(value)
        else:
            once[key] = value
        lines[described] = number
    missing = [key for key in grammar.required if not (once.get(key) or repeated.get(key))]
    if missing:
        hint = " and ".join(f"`#+ {key}: …`" for key in missing)
        message = f"the header lacks {', '.join(missing)}"
        raise SourceError(message, where=where, line=1, column=1, hint=f"Write {hint} above the query")
    return Header(once, repeated, lines)


def header_lines(text: str) -> list[tuple[int, str]]:
    """List the lines of a header without their sign, each with its number; a line that goes on with another is put to it."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(itertools.takewhile(lambda line: line.startswith("#+"), text.splitlines()), 1):
        if found and line.startswith("#+  "):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line[2:].strip()}")
        else:
            found.append((number, line[2:].strip()))
    return found


def _fault(key: str, value: str, is_known: bool, grammar: Grammar) -> str:
    """Describe what is wrong with a line; nothing for one that has the shape of its key and stands once."""
    keys = (*grammar.required, *grammar.optional, *grammar.repeated)
    if key not in keys:
        close = difflib.get_close_matches(key, keys, 1)
        return f"{key!r} is no header key" + (f"; did you mean {close[0]!r}?" if close else "")
    parts = split(value)
    if is_known:
        return f"the {key} {parts[0]} stands twice" if key in grammar.repeated else f"{key!r} stands twice"
    if not value:
        return f"{key!r} is empty"
    least, most, shape = grammar.repeated.get(key, (1, len(parts), ""))
    if least <= len(parts) <= most and (all(parts) or "| [" in shape or not shape):
        return ""
    return f"{key} has {least if least == most else f'{least} to {most}'} parts: {shape}"

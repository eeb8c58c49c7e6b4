"""What files of tables and the UN Treaty Collection have in common: text, names of participants, and numbers of treaties."""

from __future__ import annotations

import re
from pathlib import Path

from kg.errors import SourceError
from kg.names import sounds

_FOOTNOTES = re.compile(r"[\s,]*[\d¹²³⁰⁴-⁹]+(?:\s*,\s*[\d¹²³⁰⁴-⁹]+)*$")
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def text(path: Path) -> str:
    """Read a file as UTF-8 text, with or without a byte order mark."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"The file cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError("The file is not UTF-8 text", where=path.name, line=line, hint="Save it as UTF-8") from None


def fold(name: str) -> str:
    """Write a name as it sounds, in which names are compared, without numbers of footnotes."""
    return sounds(_FOOTNOTES.sub("", " ".join(name.split())))


def file_of(number: str) -> str:
    """Name the table of a treaty by its number in the collection: `IV-9-b` is `4-9-b`."""
    chapter, _, rest = number.partition("-")
    value = 0
    for worth, sign in _ROMAN:
        while chapter.startswith(sign):
            value, chapter = value + worth, chapter[len(sign) :]
    return f"{value}-{rest}"

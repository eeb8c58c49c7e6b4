"""What the text of a source may not hold, whatever it says: characters that nobody sees, letters that are not in NFC, and names
that were withdrawn.

Such a text looks like another one and is not equal to it, or is read otherwise than it is stored. Escapes such as \\u200B are read as
the characters they stand for. CONTRIBUTING.md says which characters are mistakes, which are warnings, and why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from kg.build.inputs import Inputs, Source
from kg.build.report import VIOLATION, WARNING, Result
from kg.names import KEY, NAMES

_HARMLESS = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
# All that is not seen or is no character: of the categories Cc, Cf, Co and Cn what must not stand in a text without a reason.
_UNSEEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000))
    + "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_JOINERS = "\u200b\u200c\u200d\u180b\u180c\u180d\u180e\u180f\u034f"
_MARKS = "\u200e\u200f\u061c"
_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
# Scripts from Hebrew to Mongolian, and later blocks of theirs: in them joiners and word breaks are part of the spelling.
_JOINING = re.compile("[\u0590-\u10ff\u1780-\u18af\ua800-\uabff\ufb1d-\ufdfb\ufe70-\ufefc]")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})|.)", re.DOTALL)
_RIGHT_TO_LEFT = ("R", "AL")


def review(source: Source) -> Iterator[Result]:
    """Yield what is wrong with the characters of a source, each with its line and column."""
    data = source.data.removeprefix(b"\xef\xbb\xbf")
    text = data.decode("utf-8", "replace")
    read = _unescape(text)
    if read is text:  # most characters are ASCII, and of those few need a look
        suspect = data.translate(None, _HARMLESS).decode("utf-8", "replace")
        if not _UNSEEN.search(suspect) and (not suspect or unicodedata.is_normalized("NFC", text)):
            return
    for number, (line, written) in enumerate(zip(read.split("\n"), text.split("\n"), strict=True), 1):
        for column, severity, message in _judge(line):
            yield Result(source.name, number, _column(written, column), message, severity)


def cleared(inputs: Inputs, manifest: Mapping[str, Any]) -> Mapping[str, str]:
    """Map the files of a release in which the same names were looked for, in the same way, to the SHA-256 that they had then."""
    return manifest["inputs"] if inputs.search and manifest.get("searched") == inputs.search else {}


def withdrawn(
    inputs: Inputs, sources: Iterable[Source], cleared: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Result]:
    """Yield each place at which a source, a crosswalk, a query or the path of one prints a name that was withdrawn; never the name.

    Nothing is looked for in a file that is `cleared` and has not changed since.
    """
    guard = inputs.guard
    if not guard.hashes:
        return
    if guard.key is None:
        said = f"The names that were withdrawn are not looked for, since {KEY} cannot be read. Copy it here, as OPERATING.md says."
        yield Result(NAMES, 1, 0, said, WARNING)
        return
    said = "A name that was withdrawn stands here. Take it out; OPERATING.md says what to do about a namesake."
    texts = ((source.name, source.data.decode("utf-8", "replace")) for source in (*sources, *inputs.crosswalks))
    for name, text in chain(texts, ((query.name, query.text) for query in inputs.queries)):
        if name in cleared and cleared[name] == inputs.written[name]:
            continue
        if guard.find(name):
            yield Result(NAMES, 1, 0, "The path of a file holds a name that was withdrawn. Give the file another.")
        for start, _ in guard.find(text):
            yield Result(name, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start), said)


def _judge(line: str) -> Iterator[tuple[int, str, str]]:
    """Yield the offset, the severity and the message of each thing that is wrong in a line."""
    for match in _UNSEEN.finditer(line):
        severity = _weigh(match[0], line, match.start())
        if severity:
            yield match.start(), severity, f"{_name(match[0])} {_why(match[0])}. Take it out."
    if not unicodedata.is_normalized("NFC", line):
        normal = unicodedata.normalize("NFC", line)
        at = next((n for n, (one, other) in enumerate(zip(line, normal, strict=False)) if one != other), len(normal))
        letters = re.match(r".[\u0300-\u036f]*", line[at:], re.DOTALL)
        said = " ".join(f"U+{ord(char):04X}" for char in letters[0]) if letters else ""
        yield (
            at,
            VIOLATION,
            f"{said} is not in NFC: it looks like another text and is not equal to it. Save the text in NFC.",
        )


def _weigh(char: str, line: str, at: int) -> str | None:
    """Say how grave it is that a character stands where it does; None where it belongs there."""
    if char in _JOINERS and _JOINING.match(line[at - 1 : at]):
        return None
    if char in _MARKS and any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in line if one not in _MARKS):
        return WARNING
    return WARNING if "\ufe00" <= char <= "\ufe0f" else VIOLATION


def _name(char: str) -> str:
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X} {name}".rstrip()


def _why(char: str) -> str:
    kind = unicodedata.category(char)
    if ord(char) in _TURNING:
        return "turns the order of what follows, so that people read something else than is stored"
    if char == "\ufffd":
        return "stands for a character that was lost"
    if kind == "Cc":
        return "is a control character, which no text needs"
    if kind == "Co":
        return "is for private use, and means something in one font alone"
    if kind == "Cn":
        return "is no character"
    return "is not seen, and keeps the text from being found"


def _unescape(text: str) -> str:
    r"""Replace \uXXXX and \UXXXXXXXX by their characters, but for those that would end a line."""
    if "\\u" not in text and "\\U" not in text:
        return text

    def read(match: re.Match[str]) -> str:
        char = chr(int(match[1] or match[2], 16)) if match[1] or match[2] else "\n"
        return match[0] if char == "\n" or "\ud800" <= char <= "\udfff" else char

    return _ESCAPE.sub(read, text)


def _column(written: str, offset: int) -> int:
    """Turn an offset in a line whose escapes are read into a column of the line as it is written."""
    passed = 0
    for match in _ESCAPE.finditer(written):
        if match.start() - passed >= offset:
            break
        passed += len(match[0]) - len(_unescape(match[0]))
    return offset + passed + 1

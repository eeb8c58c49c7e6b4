"""What the text of a source may not hold, whatever it says: characters that nobody sees, letters that are not in NFC, and names
that were withdrawn.

Such a text looks like another one and is not equal to it, or is read otherwise than it is stored. Escapes such as \\u200B are read as
the characters they stand for. CONTRIBUTING.md says which characters are mistakes, which are warnings, and why.
"""

import os.path
import re
import unicodedata
from collections.abc import Iterable, Iterator

from kg.build.inputs import Inputs, Source
from kg.build.report import VIOLATION, WARNING, Result
from kg.names import KEY, NAMES
from kg.sparql.tokens import ESCAPE, locate, undo_escapes

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
_RIGHT_TO_LEFT = ("R", "AL")
# By category, but for those that are not seen.
_WHY = {
    "Cc": "is a control character, which no text needs",
    "Co": "is for private use, and means something in one font alone",
    "Cn": "is no character",
}


def review(source: Source) -> Iterator[Result]:
    """Yield what is wrong with the characters of a source, each with its line and column."""
    text = source.data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    whole = undo_escapes(text)
    if not _UNSEEN.search("".join({*whole})) and unicodedata.is_normalized("NFC", whole):
        return
    for number, line in enumerate(text.split("\n"), 1):
        for offset, severity, message in _judge(undo_escapes(line)):
            yield Result(source.name, number, _column(line, offset), message, severity)


def withdrawn(inputs: Inputs, sources: Iterable[Source]) -> Iterator[Result]:
    """Yield each place at which a source, a crosswalk, a query or the path of one prints a name that was withdrawn; never the name."""
    guard = inputs.guard
    if guard.hashes and guard.key is None:
        message = f"The names that were withdrawn are not looked for, since {KEY} cannot be read. Copy it here, as OPERATING.md says."
        yield Result(NAMES, 1, 0, message, WARNING)
    message = "A name that was withdrawn stands here. Take it out; OPERATING.md says what to do about a namesake."
    texts = {source.name: source.data.decode("utf-8", "replace") for source in (*sources, *inputs.crosswalks)}
    texts |= {query.name: query.text for query in inputs.queries}
    for name, text in texts.items():
        if guard.find(name):
            yield Result(NAMES, 1, 0, "The path of a file holds a name that was withdrawn. Give the file another.")
        for start, _ in guard.find(text):
            yield Result(name, *locate(text, start), message)


def _judge(line: str) -> Iterator[tuple[int, str, str]]:
    """Yield the offset, the severity and the message of each thing that is wrong in a line."""
    for match in _UNSEEN.finditer(line):
        severity = _weigh(match[0], line, match.start())
        if severity:
            yield match.start(), severity, f"{_describe(match[0])}. Take it out."
    if not unicodedata.is_normalized("NFC", line):
        at = len(os.path.commonprefix([line, unicodedata.normalize("NFC", line)]))
        letters = re.match(r".[\u0300-\u036f]*", line[at:], re.DOTALL)
        codes = " ".join(f"U+{ord(char):04X}" for char in letters[0]) if letters else ""
        message = f"{codes} is not in NFC: it looks like another text and is not equal to it. Save the text in NFC."
        yield at, VIOLATION, message


def _weigh(char: str, line: str, at: int) -> str | None:
    """Say how grave it is that a character stands where it does; None where it belongs there."""
    if char in _JOINERS and _JOINING.match(line[at - 1 : at]):
        return None
    if char in _MARKS and any(
        unicodedata.bidirectional(other) in _RIGHT_TO_LEFT for other in line if other not in _MARKS
    ):
        return WARNING
    return WARNING if "\ufe00" <= char <= "\ufe0f" else VIOLATION


def _describe(char: str) -> str:
    """Name a character, and say why it must not stand in a text."""
    name = f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()
    if ord(char) in _TURNING:
        return f"{name} turns the order of what follows, so that people read something else than is stored"
    if char == "\ufffd":
        return f"{name} stands for a character that was lost"
    return f"{name} {_WHY.get(unicodedata.category(char), 'is not seen, and keeps the text from being found')}"


def _column(line: str, offset: int) -> int:
    """Turn an offset in a line whose escapes are read into a column of the line as it is written."""
    passed = 0
    for escape in ESCAPE.finditer(line):
        if escape.start() - passed >= offset:
            break
        passed += len(escape[0]) - len(undo_escapes(escape[0]))
    return offset + passed + 1

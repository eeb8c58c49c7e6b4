"""A map of a table of recommendations, proposed from its heads and what stands below them, for a person to look through."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kg.build import inputs
from kg.errors import SourceError, WriteFailed
from kg.imports import stated
from kg.imports.sheet import known
from kg.imports.sheet.cells import tidy
from kg.imports.sheet.columns import fold
from kg.imports.sheet.known import SheetVocabulary, key_of
from kg.imports.sheet.reading import slug
from kg.names import nearest
from kg.store import Store

# What the columns of such tables are called, by what the map calls them.
_HEADS: Mapping[str, Sequence[str]] = {
    "state": ("state under review", "reviewed state", "sur", "to", "addressed to", "country"),
    "maker": ("recommending state", "recommending country", "reco state", "from", "made by"),
    "text": ("text", "recommendation", "wording"),
    "response": ("response", "answer", "position", "status"),
    "session": ("session", "upr session"),
    "number": ("number", "no", "paragraph"),
    "subjects": ("issue", "issues", "subject", "subjects", "theme", "themes", "topic"),
    "date": ("date", "date of recommendation"),
    "response_date": ("response date", "date of response"),
}
_NEEDED = ("state", "maker", "text", "response", "session")
_SEPARATORS = ",;\t|"


def write(root: Path, table: Path, path: Path) -> None:
    """Write the map of a table for a project to a new file. Raises SourceError, WriteFailed."""
    with Store.memory() as store:
        stated.load(store, inputs.read(root))
        text = propose(table, known.learn(store, known.other_names(root)))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise WriteFailed(f"The map cannot be written ({error.strerror})", where=str(path)) from None


def propose(table: Path, context: SheetVocabulary) -> str:
    """Write the map of a table in TOML; what it cannot tell stands there empty, or as a comment. Raises SourceError."""
    encoding, text = _decode(table)
    head = text.splitlines()[0] if text.strip() else ""
    separator = max(_SEPARATORS, key=head.count)
    rows = [[tidy(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=None), delimiter=separator)]
    columns = _columns(rows[0] if rows else [])
    values = {
        name: Counter(row[at] for row in rows[1:] for at in [rows[0].index(head)] if at < len(row) and row[at])
        for name, head in columns.items()
    }
    return "\n".join(_lines(slug(table.stem) or "table", encoding, separator, columns, values, context)) + "\n"


def _decode(table: Path) -> tuple[str, str]:
    """Read the table, and guess its encoding where it is not UTF-8: the line ends of an old Mac come with its letters."""
    try:
        data = table.read_bytes()
    except OSError as error:
        raise SourceError(f"The table cannot be read ({error.strerror})", where=str(table)) from None
    other = "mac-roman" if b"\r" in data and b"\n" not in data else "cp1252"
    for encoding in ("utf-8-sig", other):
        try:
            return encoding.removesuffix("-sig"), data.decode(encoding)
        except UnicodeDecodeError:
            pass
    raise SourceError("The table is neither UTF-8 nor cp1252", where=str(table), hint="Save it as CSV UTF-8")


def _columns(heads: Sequence[str]) -> dict[str, str]:
    """Find the head of each column that a map may name: one that is called so, or else one that is called alike."""
    matches: dict[str, str] = {}
    for is_same in (True, False):
        for name, words in _HEADS.items():
            left = [head for head in heads if head and head not in matches.values()]
            called = [head for word in words for head in left if fold(head) == fold(word)]
            if not is_same and name in _NEEDED:
                called = [head for word in words for head in nearest(word, left, 1)]
            if called and name not in matches:
                matches[name] = called[0]
    return {name: matches[name] for name in _HEADS if name in matches}


def _lines(
    key: str,
    encoding: str,
    separator: str,
    columns: Mapping[str, str],
    values: Mapping[str, Counter[str]],
    context: SheetVocabulary,
) -> Iterator[str]:
    yield "# A proposal: look through each line, and fill what is empty. examples/recommendations/map.toml says what else there is."
    yield f'[table]\nkey = "{key}"\nencoding = "{encoding}"\nseparator = {json.dumps(separator)}'
    yield '[document]\nlabel = ""  # what the table is called as a source\n# date = "2014"'
    yield "[columns]"
    for name in _HEADS:
        if name in columns or name in _NEEDED:
            yield f"{name} = {json.dumps(columns.get(name, ''), ensure_ascii=False)}"
    if subjects := values.get("subjects"):
        divider = max(",;", key=lambda sign: sum(sign in cell for cell in subjects))
        yield f'[subjects]\nseparator = "{divider}"\n[subjects.rights]'
        single = Counter(part.strip() for cell, n in subjects.items() for part in cell.split(divider) for _ in range(n))
        yield from _meant([item for item, _ in single.most_common() if item], context, "right", "# ")
    yield "[responses]"
    yield from _meant(sorted(values.get("response", ())), context, "response")
    for session in sorted(values.get("session", ()), key=lambda text: (len(text), text)):
        yield f'[sessions.{json.dumps(session, ensure_ascii=False)}]\n# cycle = 1\n# date = "2010-02"'


def _meant(words: Iterable[str], context: SheetVocabulary, scheme: str, doubt: str = "") -> Iterator[str]:
    """Yield a line for each word of a table, with the concept that is called so; `doubt` begins a line without."""
    labels = {fold(label): iri for label, iri in (*context.synonyms[scheme].items(), *context.concepts[scheme].items())}
    for word in words:
        iri = labels.get(fold(word), "")
        yield f'{"" if iri else doubt}{json.dumps(word, ensure_ascii=False)} = "{key_of(iri)}"'

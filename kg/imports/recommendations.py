"""A table of recommendations, by a map of its columns, into a folder of data that is laid over the project's.

Each row becomes a recommendation, the answer to it and the passage that it is, or is named with its file, its row and the reason.
The rows are read one after the other; what becomes of them is written State by State, all files or none.
"""

from __future__ import annotations

import csv
import hashlib
import html
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg import cite, terms
from kg.build import inputs
from kg.errors import SourceError, WriteFailed
from kg.imports import recommendation_map, recommendation_turtle, stated
from kg.imports.recommendation_map import Map
from kg.imports.recommendation_turtle import SIGN, PlacedRecommendation
from kg.imports.sheet import cells, known
from kg.imports.sheet.cells import SheetCell, Wrong
from kg.imports.sheet.known import SheetVocabulary, key_of
from kg.imports.sheet.reading import slug
from kg.imports.turtle import Import, left_over
from kg.store import Store
from kg.terms import Literal

_CONTROLS = range(0x80, 0xA0)  # characters that no text holds: a sign of another encoding
_MAC = "mac-roman"


@dataclass(slots=True)
class _Table:
    """What the rows of all tables are read into."""

    map: Map
    context: SheetVocabulary
    described: frozenset[str]  # reviews that the project's data describe
    result: Import = field(default_factory=Import)
    rows: defaultdict[str, list[PlacedRecommendation]] = field(default_factory=lambda: defaultdict(list))  # by State
    seen: dict[tuple[str, ...], tuple[str, int, str]] = field(
        default_factory=dict
    )  # what a row says -> where it stands, its answer
    left: Counter[tuple[str, str]] = field(
        default_factory=Counter
    )  # (State, session) of rows left to what is described
    answers: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)


def read(tables: Sequence[Path], map_file: Path, out: Path, root: Path) -> Import:
    """Read tables by a map and make the files below `out`; rows that cannot be placed are its `problems`.

    Raises SourceError for a table or a map that cannot be read.
    """
    with Store.memory() as store:
        stated.load(store, inputs.read(root))
        there = known.learn(store, known.other_names(root))
        expected = recommendation_map.read(map_file, there)
        reviews = store.select(f"SELECT DISTINCT ?c {{ GRAPH ?g {{ ?r <{terms.term('belongsToCycle')}> ?c }} }}")
        table = _Table(expected, there, frozenset(row[0].value for row in reviews))
    for path in tables:
        for line, supplied in _cells(path, expected):
            _place(table, path.name, line, supplied)
    result = table.result
    folder = out / "recommendations" / expected.key
    for state, rows in sorted(table.rows.items()):
        result.files[folder / f"{there.codes.get(state, key_of(state)).lower()}.ttl"] = recommendation_turtle.write(
            state, rows, expected, there
        )
    if result.files:
        result.files[out / "sources" / f"{expected.document}.ttl"] = recommendation_turtle.source(expected)
    result.gone = left_over(folder, result, SIGN) if folder.is_dir() else []
    result.placed, result.tables = sum(map(len, table.rows.values())), len(tables)
    result.notes += _notes(table)
    return result


def write_set_aside(path: Path, problems: Iterable[SourceError]) -> None:
    """Write which rows were left out, and why, as CSV. Raises WriteFailed."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "row", "reason"))
            writer.writerows((item.where, item.line, item.message) for item in problems)
    except OSError as error:
        raise WriteFailed(f"The list cannot be written ({error.strerror})", where=str(path)) from None


# Reading rows


def _cells(path: Path, expected: Map) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table, each with its number as a spreadsheet counts, by what the map calls its columns."""
    encoding = expected.get("table", "encoding", "utf-8-sig")
    columns = {name: head for name, head in expected.sections["columns"].items() if head}
    try:
        with path.open(encoding=encoding, newline=None) as file:  # a bare carriage return ends a line too
            rows = csv.reader(file, delimiter=expected.get("table", "separator", ","), strict=True)
            heads = [cells.tidy(item) for item in next(rows, [])]
            for name, head in columns.items():
                if head not in heads:
                    hint = f"The columns are {', '.join(heads)}"
                    raise SourceError(
                        f"There is no column {head!r}, which the map takes for {name}",
                        where=path.name,
                        line=1,
                        hint=hint,
                    )
            places = {name: heads.index(head) for name, head in columns.items()}
            for line, row in enumerate(rows, 2):
                if any(cell.strip() for cell in row):
                    _admit(path, line, row, encoding)
                    yield line, {name: html.unescape(row[at]) if at < len(row) else "" for name, at in places.items()}
    except OSError as error:
        raise SourceError(f"The table cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError as error:
        content = f"The table is not {encoding}: byte {error.object[error.start]:#x} stands at {error.start:,}"
        raise SourceError(content, where=str(path), hint="Write the encoding in the map: [table] encoding") from None
    except UnicodeError:  # of an encoding that does not say where
        hint = "Write the encoding in the map: [table] encoding"
        raise SourceError(f"The table is not {encoding}", where=str(path), hint=hint) from None
    except csv.Error as error:
        raise SourceError(f"This is no CSV ({error})", where=str(path)) from None


def _admit(path: Path, line: int, row: Sequence[str], encoding: str) -> None:
    """Refuse a row with characters that show that it was written in another encoding."""
    text = "".join(row)
    if text.isascii():
        return
    if odd := next((char for char in text if ord(char) in _CONTROLS), ""):
        hint = "Write the encoding in the map: [table] encoding"
        if encoding.replace("_", "-").lower() in ("latin-1", "iso-8859-1", "latin1"):
            meant = odd.encode("latin-1").decode(_MAC)
            hint += f'. As "{_MAC}" it is {meant!r}, as "cp1252" {odd.encode("latin-1").decode("cp1252", "replace")!r}'
        raise SourceError(f"U+{ord(odd):04X} is no character of a text", where=path.name, line=line, hint=hint)


def _place(table: _Table, file: str, line: int, supplied: Mapping[str, str]) -> None:
    """Put a row with those of its State, or among the problems; leave it out where it repeats one of another table."""
    try:
        row = _row(table, file, line, {name: cells.tidy(content) for name, content in supplied.items()})
    except Wrong as wrong:
        table.result.problems.append(SourceError(wrong.content, where=file, line=line, hint=wrong.hint))
        return
    if row is None:
        return
    says = (row.state, row.session, *row.makers, row.number, cells.plain(row.text).casefold())
    first, at, answer = table.seen.setdefault(says, (file, line, row.response))
    if (first, at) != (file, line):
        if first != file and answer == row.response:
            table.result.notes.append(f"{file}:{line}: left out, it repeats row {at} of {first}")
            return
        if answer != row.response:
            hint = "Keep the row with the right answer"
            content = f"It repeats row {at} of {first} with another answer"
            table.result.problems.append(SourceError(content, where=file, line=line, hint=hint))
            return
        table.result.notes.append(
            f"{file}:{line}: says the same as row {at}; both are kept, since a State may ask twice"
        )
    table.answers[row.response] += 1
    table.rows[row.state].append(row)


def _row(table: _Table, file: str, line: int, content: dict[str, str]) -> PlacedRecommendation | None:
    """Read a row; None where its review is left to what the data have. Raises Wrong with what cannot be placed."""
    expected = table.map
    for name in ("state", "maker", "text", "response", "session"):
        if not content[name]:
            raise Wrong(f"The column {expected.sections['columns'][name]} is empty")
    state = _state(table, content["state"])
    makers = (_state(table, content["maker"]),)
    if (session := expected.sessions.get(content["session"])) is None:
        raise Wrong(
            f"The map has no session {content['session']!r}",
            f"Write [sessions.{content['session']}] with cycle and date",
        )
    if content["response"] not in expected.responses:
        known_ones = ", ".join(expected.responses) or "none"
        raise Wrong(
            f"The map has no answer {content['response']!r}", f"Write it in [responses]; there are {known_ones}"
        )
    review = recommendation_turtle.review(state, session, expected, table.context)
    if review in table.described and expected.get("reviews", "described", "leave") == "leave":
        table.left[state, content["session"]] += 1
        return None
    separator = expected.get("subjects", "separator")
    subjects = content.get("subjects", "").split(separator) if separator else [content.get("subjects", "")]
    return PlacedRecommendation(
        file=file,
        line=line,
        key=_key(table, state, content),
        state=state,
        makers=makers,
        session=content["session"],
        response=content["response"],
        text=content["text"],
        sha256=cite.sha256(cite.normalise(content["text"])),
        number=content.get("number", ""),
        subjects=tuple(item.strip() for item in subjects if item.strip()),
        date=_date(content.get("date", "")),
        answered=_date(content.get("response_date", "")),
    )


def _state(table: _Table, name: str) -> str:
    """Find a State by its name, short name, former name or code, or by what the map says."""
    code = table.map.sections.get("names", {}).get(name, name)
    matches = table.context.find(("state",), code)
    if len(matches) == 1:
        return matches[0]
    near = table.context.near(("state",), name)
    hint = f"The nearest: {'; '.join(near)}. " if near else ""
    raise Wrong(f"{name!r} is no State of the graph", f"{hint}Write its code in [names] of the map")


def _date(content: str) -> Literal | None:
    return cells.date(SheetCell(content)) if content else None


def _key(table: _Table, state: str, content: Mapping[str, str]) -> str:
    """Make the key of a recommendation from what it says, so that it stays when rows come and go."""
    code = table.context.codes.get(state, key_of(state)).lower()
    if number := slug(content.get("number", "")):
        rest = f"{number}-{slug(content['maker'])}"
    else:
        rest = hashlib.sha256("\n".join((content["maker"], content["text"])).encode()).hexdigest()[:12]
    key = f"{table.map.key}-{code}-{slug(content['session'])}-{rest}"
    table.keys[key] += 1
    return key if table.keys[key] == 1 else f"{key}-{table.keys[key]}"


def _notes(table: _Table) -> Iterator[str]:
    """Count what was read, by answer, and what was left to the data that are there."""
    for (state, session), count in sorted(table.left.items()):
        name = table.context.labels.get(state, key_of(state))
        yield f"{count} rows of session {session} on {name} are left out: the data describe that review by hand"
    if table.answers:
        yield "By answer: " + ", ".join(f"{answer} {count:,}" for answer, count in sorted(table.answers.items()))
    unfit = Counter(
        item for rows in table.rows.values() for row in rows for item in row.subjects if item not in table.map.rights
    )
    if unfit:
        yield f"Subjects without a right in the map: {', '.join(f'{name} {count:,}' for name, count in unfit.most_common())}"

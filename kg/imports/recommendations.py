"""Tables of recommendations, by a map of their columns, into one table with a mapping, in a folder that is laid over the project's data.

Each row becomes a row of that table, or is named with its file, its row and the reason; the files are all written or none. It is no
`kg import table`, since such tables have columns, encodings and answers of their own.
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
from kg.imports import recommendation_map, stated, table
from kg.imports.recommendation_map import Map
from kg.imports.sheet import cells, known
from kg.imports.sheet.cells import SheetCell, Wrong
from kg.imports.sheet.known import SheetVocabulary, key_of
from kg.imports.sheet.reading import slug
from kg.imports.turtle import Import, address, english, facts, thing
from kg.store import Store
from kg.store.rdf import write_turtle
from kg.terms import Iri

_CONTROLS = range(0x80, 0xA0)  # characters that no text holds: a sign of another encoding
_MAC = "mac-roman"
_Cells = dict[str, str]  # a row of the table that is made, by the columns of its mapping


@dataclass(slots=True)
class _Table:
    """What the rows of all tables are read into."""

    map: Map
    context: SheetVocabulary
    described: frozenset[str]  # reviews that the project's data describe
    result: Import = field(default_factory=Import)
    rows: defaultdict[str, list[_Cells]] = field(default_factory=lambda: defaultdict(list))  # by State
    seen: dict[tuple[str, ...], tuple[str, int, str]] = field(
        default_factory=dict
    )  # what a row says -> where it stands, its answer
    left: Counter[tuple[str, str]] = field(
        default_factory=Counter
    )  # (State, session) of rows left to what is described
    answers: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    unfit: Counter[str] = field(default_factory=Counter)  # subjects without a right


def read(tables: Sequence[Path], map_file: Path, out: Path, root: Path) -> Import:
    """Read tables by a map and make the files below `out`; rows that cannot be placed are its `problems`.

    Raises SourceError for a table or a map that cannot be read.
    """
    with Store.memory() as store:
        stated.load(store, inputs.read(root))
        there = known.learn(store, known.other_names(root))
        expected = recommendation_map.read(map_file, there)
        reviews = store.select(f"SELECT DISTINCT ?c {{ GRAPH ?g {{ ?r <{terms.term('belongsToCycle')}> ?c }} }}")
        made = _Table(expected, there, frozenset(row[0].value for row in reviews))
    for path in tables:
        for line, supplied in _cells(path, expected):
            _place(made, path.name, line, supplied)
    result, folder = made.result, out / "tables" / expected.document
    rows = [row for _, rows in sorted(made.rows.items()) for row in rows]
    for kind, listed in (("recommendations", rows), ("reviews", [*_reviews(made, rows)])):
        path = folder / f"{kind}.csv"
        if listed:
            result.files[path] = table.write(listed[0], [list(row.values()) for row in listed])
        elif path.exists():
            result.gone.append(path)
    if result.files:
        result.files[out / "sources" / f"{expected.document}.ttl"] = _source(expected)
    result.placed, result.tables = len(rows), len(tables)
    result.notes += _notes(made)
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


def _place(made: _Table, file: str, line: int, supplied: Mapping[str, str]) -> None:
    """Put a row with those of its State, or among the problems; leave it out where it repeats one of another table."""
    try:
        row = _row(made, file, line, {name: cells.tidy(content) for name, content in supplied.items()})
    except Wrong as wrong:
        made.result.problems.append(SourceError(wrong.content, where=file, line=line, hint=wrong.hint))
        return
    if row is None:
        return
    text, answered = cells.plain(cells.tidy(supplied["text"])).casefold(), row["answer_as_printed"]
    says = (row["State"], row["review"], row["session"], row["maker"], row["number"], text)
    first, at, answer = made.seen.setdefault(says, (file, line, answered))
    if (first, at) != (file, line):
        if first != file and answer == answered:
            made.result.notes.append(f"{file}:{line}: left out, it repeats row {at} of {first}")
            return
        if answer != answered:
            hint = "Keep the row with the right answer"
            content = f"It repeats row {at} of {first} with another answer"
            made.result.problems.append(SourceError(content, where=file, line=line, hint=hint))
            return
        made.result.notes.append(
            f"{file}:{line}: says the same as row {at}; both are kept, since a State may ask twice"
        )
    subjects = row["subjects"].split(", ") if row["subjects"] else []
    made.unfit.update(item for item in subjects if item not in made.map.rights)
    made.answers[answered] += 1
    made.rows[row["State"]].append(row)


def _row(made: _Table, file: str, line: int, content: dict[str, str]) -> _Cells | None:
    """Read a row; None where its review is left to what the data have. Raises Wrong with what cannot be placed."""
    expected = made.map
    for name in ("state", "maker", "text", "response", "session"):
        if not content[name]:
            raise Wrong(f"The column {expected.sections['columns'][name]} is empty")
    state, maker = _state(made, content["state"]), _state(made, content["maker"])
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
    code = made.context.codes.get(state, key_of(state)).lower()
    review = f"{expected.get('reviews', 'key', 'upr')}-{code}-{session.cycle}".lstrip("-")
    is_described = terms.mint("cycle", review) in made.described
    if is_described and expected.get("reviews", "described", "leave") == "leave":
        made.left[state, content["session"]] += 1
        return None
    separator = expected.get("subjects", "separator")
    parts = content.get("subjects", "").split(separator) if separator else [content.get("subjects", "")]
    subjects = [item.strip() for item in parts if item.strip()]
    rights = dict.fromkeys(key_of(right) for item in subjects for right in expected.rights.get(item, ()))
    return {
        "recommendation": _key(made, code, content),
        "State": key_of(state),
        "maker": key_of(maker),
        "review": review,
        "session": session.name,
        "number": content.get("number", ""),
        "subjects": ", ".join(subjects),
        "rights": ";".join(rights),
        "paraphrase": content["text"] if expected.get("text", "keep", "hash") == "paraphrase" else "",
        "words": cite.sha256(cite.normalise(content["text"])),
        "date": _date(content.get("date", "")),
        "answer": expected.responses[content["response"]],
        "answer_as_printed": content["response"],
        "answered": _date(content.get("response_date", "")),
        "file": file,
        "row": str(line),
    }


def _reviews(made: _Table, rows: Sequence[_Cells]) -> Iterator[_Cells]:
    """Yield the reviews that the project's data do not describe, each with its first recommendation."""
    sessions = {session.name: session for session in made.map.sessions.values()}
    counts = Counter(row["review"] for row in rows)
    for review, first in {row["review"]: row for row in reversed(rows)}.items():
        if terms.mint("cycle", review) in made.context.things:
            continue
        session, state = sessions[first["session"]], terms.mint("state", first["State"])
        label = made.map.get("reviews", "name", "Universal Periodic Review of {state}, {session}")
        name = made.context.labels.get(state, first["State"])
        yield {
            "review": review,
            "State": first["State"],
            "name": label.format(state=name, session=session.name, cycle=session.cycle),
            "date": session.date.value,
            "recommendations": str(counts[review]),
            "first": first["recommendation"],
        }


def _source(expected: Map) -> str:
    """Describe the table as a document."""
    content = expected.sections["document"]
    publisher = Iri(terms.BASE + content["publisher"].removeprefix(terms.BASE)) if "publisher" in content else None
    triples = facts(
        thing("document", expected.document),
        a="Document",
        label=english(content["label"]),
        description=english(content.get("description", "")),
        date=cells.date(SheetCell(str(content["date"]))) if "date" in content else None,
        isPublishedBy=publisher,
        link=address(content["link"]) if "link" in content else None,
        recordNote=english(content.get("note", "")),
    )
    return write_turtle(
        triples, "A table of recommendations. Made by `kg import recommendations`, which writes it anew."
    )


def _state(made: _Table, name: str) -> str:
    """Find a State by its name, short name, former name or code, or by what the map says."""
    code = made.map.sections.get("names", {}).get(name, name)
    matches = made.context.find(("state",), code)
    if len(matches) == 1:
        return matches[0]
    near = made.context.near(("state",), name)
    hint = f"The nearest: {'; '.join(near)}. " if near else ""
    raise Wrong(f"{name!r} is no State of the graph", f"{hint}Write its code in [names] of the map")


def _date(content: str) -> str:
    return cells.date(SheetCell(content)).value if content else ""


def _key(made: _Table, code: str, content: Mapping[str, str]) -> str:
    """Make the key of a recommendation from what it says, so that it stays when rows come and go."""
    if number := slug(content.get("number", "")):
        rest = f"{number}-{slug(content['maker'])}"
    else:
        rest = hashlib.sha256("\n".join((content["maker"], content["text"])).encode()).hexdigest()[:12]
    key = f"{made.map.key}-{code}-{slug(content['session'])}-{rest}"
    made.keys[key] += 1
    return key if made.keys[key] == 1 else f"{key}-{made.keys[key]}"


def _notes(made: _Table) -> Iterator[str]:
    """Count what was read, by answer, and what was left to the data that are there."""
    for (state, session), count in sorted(made.left.items()):
        name = made.context.labels.get(state, key_of(state))
        yield f"{count} rows of session {session} on {name} are left out: the data describe that review by hand"
    if made.answers:
        yield "By answer: " + ", ".join(f"{answer} {count:,}" for answer, count in sorted(made.answers.items()))
    if made.unfit:
        listed = ", ".join(f"{name} {count:,}" for name, count in made.unfit.most_common())
        yield f"Subjects without a right in the map: {listed}"

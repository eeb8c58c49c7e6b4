"""What the shapes and the checks of single files say of a spreadsheet, told in the words of its sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from kg import terms
from kg.build import checks, inputs, shapes, steps, texts
from kg.build.inputs import Inputs, Source
from kg.build.report import VIOLATION, Result
from kg.imports.sheet.columns import BY_NAME
from kg.imports.sheet.reading import Mistake, Read
from kg.imports.turtle import Import
from kg.store import Store

_TERM = re.compile(r"\bans:(\w+)")


def judge(root: Path, before: Inputs, written: Import, read: Read) -> Iterator[Mistake]:
    """Yield what a build would refuse, or warn of, in the files of an import, as far as one file tells it.

    `before` is the project as it is; nothing is written.
    """
    names = {path.relative_to(root).as_posix(): text for path, text in written.files.items()}
    gone = {path.relative_to(root).as_posix() for path in written.gone}
    fresh = [_source(root, name, text) for name, text in names.items()]
    after = [*(item for item in before.sources if item.name not in names and item.name not in gone), *fresh]
    with Store.memory() as store:
        whole = replace(before, sources=after)
        places, _ = steps.state(whole, store)
        stated = inputs.read_queries(root, "checks/stated")
        matches = [
            *(result for source in fresh for result in texts.review(source)),
            *texts.withdrawn(whole, fresh),
            *checks.ask(store, stated, places, graphs=[source.graph for source in fresh]),
            *shapes.validate(store, after, places),
        ]
    lines = {source.name: source.data.decode().splitlines() for source in fresh}
    for result in dict.fromkeys(matches):
        if result.focus in read.things or result.where in names:
            yield _to_mistake(result, read, lines.get(result.where, []))


def _to_mistake(result: Result, read: Read, lines: list[str]) -> Mistake:
    """Tell a result of the row that it is about: the one of its focus, else the one whose description has the line."""
    focus = result.focus
    if focus not in read.things:
        above = (re.match(r"<([^>]+)>", line) for line in reversed(lines[: result.line]))
        focus = terms.BASE + next((match[1] for match in above if match), "")
    thing = read.things.get(focus)
    sheet = BY_NAME.get(thing.sheet) if thing else None

    def head(match: re.Match[str]) -> str:
        column = sheet.column(match[1]) if sheet else None
        return f"“{column.head}”" if column else match[0]

    warning = "" if result.severity == VIOLATION else "Warning: "
    content = warning + _TERM.sub(head, result.message)
    return Mistake(thing.sheet, thing.row, "", content) if thing else Mistake(result.where, 0, "", content)


def is_warning(mistake: Mistake) -> bool:
    """Whether a build goes on all the same."""
    return mistake.content.startswith("Warning: ")


def as_note(mistake: Mistake) -> Mistake:
    """Make of a warning a note: the same without the word."""
    return replace(mistake, content=mistake.content.removeprefix("Warning: "))


def _source(root: Path, name: str, text: str) -> Source:
    return Source(root / name, name, terms.graph_of(quote(name)), "ttl", text.encode())

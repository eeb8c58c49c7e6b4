"""What `kg import sheet` does with the files of a project: it reads, judges and plans; the caller writes, all or nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from kg import terms
from kg.build import checking, inputs, mapping
from kg.build.inputs import Source
from kg.errors import WriteFailed
from kg.imports import stated
from kg.imports.sheet import template, workbook
from kg.imports.sheet.columns import sheets
from kg.imports.sheet.known import SheetVocabulary, learn, other_names
from kg.imports.sheet.reading import Mistake, Read, read
from kg.imports.turtle import Import
from kg.store import Store
from kg.wording import ranges


def write_template(root: Path, path: Path) -> None:
    """Write the template for a project. Raises WriteFailed."""
    stands = inputs.read(root)
    mappings = mapping.read_mappings(stands.folder("mappings"))
    with Store.memory() as store:
        stated.load(store, stands)
        data = template.make(learn(store, other_names(root), mappings), mappings)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise WriteFailed(f"The template cannot be written ({error.strerror})", where=str(path)) from None


def plan(root: Path, file: Path) -> tuple[Import, list[str], list[str]]:
    """Read a spreadsheet and plan its tables, in a folder that is named after it, in the place of those that it made before.

    Where it has fewer than half of their rows, it is taken for another spreadsheet of that name, which is a mistake. Returns the
    plan, all mistakes and all notes, each in a line. With a mistake nothing may be written.
    """
    grids = workbook.read(file)
    folder = inputs.TABLES + (re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "sheet")
    stands = inputs.read(root)
    mappings = mapping.read_mappings(stands.folder("mappings"))
    places = {f"{folder}/{each.kind}.csv" for each in sheets(mappings).values()}
    before = {table.name: table for table in stands.tables if table.name in places}
    with Store.memory() as store:
        stated.load(store, replace(stands, tables=[table for table in stands.tables if table.name not in before]))
        context = learn(store, other_names(root), mappings)
    result = read(grids, context, mappings, folder)
    result.mistakes += _described(result, context)
    rows = _keys(before.values())
    stay = rows & _keys(result.tables)
    if not result.mistakes and 2 * len(stay) < len(rows):
        content = (
            f"{folder}/ has {len(rows)} rows, of which {len(stay)} stand in this spreadsheet: it looks like another"
        )
        hint = (
            f"Give it a name of its own. If its rows are to take the place of those, delete {folder}/sheet-*.csv first"
        )
        result.mistakes.append(Mistake("", 0, "", content, hint))
    if not result.mistakes:
        result.add(checking.check_tables(root, result.tables, before).results)
    planned = Import(placed=len(result.things), tables=len(result.tables))
    texts = {table.name: table.data for table in result.tables}
    planned.files = {
        root / name: data.decode() for name, data in texts.items() if name not in before or before[name].data != data
    }
    planned.gone = [table.path for name, table in before.items() if name not in texts]
    notes = [*map(str, result.notes), *(f"{key} has no row any more, and goes" for key in sorted(rows - stay))]
    return planned, [*_by_reason(result.mistakes)], notes


def _by_reason(mistakes: Iterable[Mistake]) -> Iterator[str]:
    """Yield a line for each reason in a column, with the rows that it is true of."""
    groups: dict[Mistake, list[Mistake]] = {}
    for mistake in mistakes:
        column = re.sub(r"\(([A-Z]+)\d+\)$", r"(\1)", mistake.column)
        groups.setdefault(replace(mistake, row=0, column=column), []).append(mistake)
    for reason, members in groups.items():
        rows = sorted({mistake.row for mistake in members})
        several = replace(reason, sheet=f"{reason.sheet}, rows {ranges(rows)}")
        yield str(several if len(rows) > 1 else members[0])


def _described(result: Read, context: SheetVocabulary) -> Iterator[Mistake]:
    """Yield a mistake for each row whose thing is described elsewhere."""
    for iri, row in result.things.items():
        if graphs := context.things.get(iri):
            place = min(graphs).removeprefix(terms.GRAPH)
            content = f"{iri.removeprefix(terms.BASE)} is described in {place} already"
            yield Mistake(row.sheet, row.number, row.place("ID"), content, "Change that, or give the row another ID")


def _keys(tables: Iterable[Source]) -> set[str]:
    """Name what the rows of tables describe."""
    rows = (
        (mapping.kind_of(table), row) for table in tables for row in csv.reader(table.data.decode().splitlines()[1:])
    )
    return {f"{row[0]} of {kind}" for kind, row in rows if row}

"""What `kg import sheet` does with the files of a project: it reads, judges and plans; the caller writes, all or nothing."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from kg.build import inputs
from kg.errors import WriteFailed
from kg.imports import stated
from kg.imports.sheet import filing, judging, template, workbook
from kg.imports.sheet.known import learn, other_names
from kg.imports.sheet.reading import read
from kg.imports.turtle import Import
from kg.store import Store


def write_template(root: Path, path: Path) -> None:
    """Write the template for a project. Raises WriteFailed."""
    with Store.memory() as store:
        stated.load(store, inputs.read(root))
        data = template.make(learn(store, other_names(root)))
    try:
        path.write_bytes(data)
    except OSError as error:
        raise WriteFailed(f"The template cannot be written ({error.strerror})", where=str(path)) from None


def plan(root: Path, file: Path, remove: Collection[str] = ()) -> tuple[Import, list[str], list[str]]:
    """Read a spreadsheet and plan which files it makes; return the plan, all mistakes and all notes, each in a line.

    With a mistake nothing may be written.
    """
    grids = workbook.read(file)
    stands = inputs.read(root)
    with Store.memory() as store:
        stated.load(store, stands)
        context = learn(store, other_names(root))
        result = read(grids, context)
        notes = [str(note) for note in result.notes]
        if result.mistakes:
            return Import(), [str(mistake) for mistake in result.mistakes], notes
        planned = filing.Filing.of(root, file.name, context, stands.sources, store).plan(
            result, tuple(filing.removed(remove))
        )
    notes += planned.notes
    if planned.problems:
        return planned, [str(problem) for problem in planned.problems], notes
    judged = list(judging.judge(root, stands, planned, result)) if planned.files or planned.gone else []
    notes += [str(judging.as_note(item)) for item in judged if judging.is_warning(item)]
    return planned, [str(item) for item in sorted(judged) if not judging.is_warning(item)], notes

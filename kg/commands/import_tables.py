"""`kg import`: tables that others publish, and spreadsheets that people fill in, into data/."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kg.build.report import Result, as_result
from kg.config import Settings
from kg.errors import AnswerableError, BadParameter
from kg.imports import table, turtle
from kg.wording import count, ranges

# What would be written, what is wrong, and the lines to print once it is written.
_Plan = tuple[turtle.Import, Sequence[object], list[str]]


def run(arguments: argparse.Namespace) -> int:
    """Write what tables or a spreadsheet say into data/: a table as it is, events, recommendations."""
    root, is_sheet = Settings.load().root, arguments.what == "sheet"
    if is_sheet and arguments.template:
        from kg.imports.sheet import command  # it loads what reads and writes workbooks

        command.write_template(root, arguments.template)
        print(f"{arguments.template} is written. Fill it in, and run: kg import sheet {arguments.template}")
        return 0
    if arguments.what == "recommendations" and arguments.propose:
        from kg.imports import map_proposal

        map_proposal.write(root, arguments.tables[0], arguments.map)
        print(f"{arguments.map} is written. Look through it, and run the import without --propose")
        return 0
    result, problems, summary = READERS[arguments.what](arguments, root)
    for note in result.notes:
        print(note)
    if not problems:
        if not (is_sheet and arguments.dry_run):
            turtle.write(result)
        print(*summary, sep="\n")
        return 0
    what, why = ("mistake", "") if arguments.what in ("sheet", "table") else ("row", " cannot be placed")
    lines = [*_by_reason(problems), f"{count(len(problems), what)}{why}; nothing was written"]
    if arguments.what == "recommendations":
        lines.append("Mend them or the map, or leave them out with --set-aside FILE.csv, which lists them")
    print(*(f"kg: {line}" for line in lines), sep="\n", file=sys.stderr)
    return 1


def _by_reason(problems: Iterable[object]) -> Iterator[str]:
    """Yield a line for each reason and file, with the rows that it is true of."""
    groups: dict[object, list[Result]] = {}
    for problem in problems:
        result = as_result(problem) if isinstance(problem, AnswerableError) else problem
        if isinstance(result, Result):
            groups.setdefault((result.where, result.message), []).append(result)
        else:
            yield str(result)
    for results in groups.values():
        first, lines = results[0], sorted({result.line for result in results})
        rows = f"{first.where}: {count(len(lines), 'row')} ({ranges(lines)}): {first.message}"
        yield rows if len(lines) > 1 else str(first)


def _read_table(arguments: argparse.Namespace, root: Path) -> _Plan:
    result, mistakes = table.read(root, arguments.file, arguments.kind, arguments.document)
    places = ", ".join(str(path.relative_to(root)) for path in result.files)
    return result, mistakes, [f"{count(result.placed, 'row')} in {places}"]


def _read_recommendations(arguments: argparse.Namespace, root: Path) -> _Plan:
    from kg.imports import recommendations  # it loads what reads the map

    if arguments.out is None:
        hint = "Name the folder with --out DIR, or propose a map with --propose"
        raise BadParameter("No folder to write to is given", where="kg import recommendations", hint=hint)
    result = recommendations.read(arguments.tables, arguments.map, arguments.out, root)
    if arguments.set_aside:
        recommendations.write_set_aside(arguments.set_aside, result.problems)
        result.problems.clear()
    tables = count(result.tables, "table")
    return result, result.problems, [f"{result.placed:,} recommendations from {tables} in {arguments.out}"]


def _read_sheet(arguments: argparse.Namespace, root: Path) -> _Plan:
    from kg.imports.sheet import command

    if arguments.file is None:
        hint = "Name one, or write a template with --template OUT.xlsx"
        raise BadParameter("No spreadsheet is given", where="kg import sheet", hint=hint)
    result, mistakes, notes = command.plan(root, arguments.file)
    result.notes = notes
    would = "would be " if arguments.dry_run else ""
    changes = [f"{would}written: {path.relative_to(root)}" for path in result.files]
    changes += [f"{would}taken away: {path.relative_to(root)}" for path in result.gone]
    return (
        result,
        mistakes,
        [*(changes or ["Nothing has changed."]), f"{count(result.placed, 'row')} read from {arguments.file}"],
    )


READERS = {"table": _read_table, "sheet": _read_sheet, "recommendations": _read_recommendations}

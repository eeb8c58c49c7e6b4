"""`kg import`: tables that others publish, and spreadsheets that people fill in, into Turtle."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kg.commands import options
from kg.config import Settings
from kg.errors import BadParameter
from kg.imports import declarations, findings, participation, turtle

# From what the tables are about to the module that reads them, and what it counts.
IMPORTERS = {
    "participation": (participation, "participations"),
    "declarations": (declarations, "declarations and the like"),
    "findings": (findings, "decisions"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for what in IMPORTERS:
        _tables(kinds.add_parser(what, help=f"tables of {what}, into data/{what}"), what)
    _sheet(kinds.add_parser("sheet", help="a spreadsheet of events, acts, statements and recommendations"))
    _recommendations(kinds.add_parser("recommendations", help="a table of recommendations, by a map of its columns"))


def _tables(parser: argparse.ArgumentParser, what: str) -> None:
    said = (
        "folder of the tables: participation.csv for all treaties, or 4-9.csv for chapter IV, treaty 9; decisions.csv"
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help=said)
    said = "document they are a copy of; its date is the day of the record"
    parser.add_argument("--document", required=True, metavar="KEY", help=said)
    if what == "participation":
        said = "the treaty of NAME.csv, where the name is not its number; repeatable"
        parser.add_argument("--treaty", dest="treaties", action="append", default=[], metavar="NAME=KEY", help=said)
    parser.add_argument("--out", type=Path, metavar="DIR", help=f"folder to write to (default data/{what})")


def _sheet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE.xlsx|DIR", help="the workbook, or a folder of CSV files"
    )
    parser.add_argument("--template", type=Path, metavar="OUT.xlsx", help="write an empty workbook to fill in")
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    said = "take a thing out that an import wrote, such as id/act/KEY; repeatable"
    parser.add_argument("--remove", action="append", default=[], metavar="ID", help=said)


def _recommendations(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tables", nargs="+", type=Path, metavar="CSV", help="the tables, in the order in which rows count"
    )
    parser.add_argument("--map", required=True, type=Path, metavar="MAP.toml", help="which column is what")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder of data to write to")
    said = "leave out rows that cannot be placed, and list them here with the reason"
    parser.add_argument("--set-aside", type=Path, metavar="FILE.csv", help=said)


def run(given: argparse.Namespace) -> int:
    """Write the Turtle that tables or a spreadsheet say: treaties, declarations, findings, events, recommendations."""
    if given.what == "sheet":
        return _run_sheet(given)
    if given.what == "recommendations":
        return _run_recommendations(given)
    importer, counted = IMPORTERS[given.what]
    root = Settings.load().root
    out = given.out or root / importer.FOLDER
    names = dict(options.pair(text, "--treaty") for text in getattr(given, "treaties", ()))
    known = importer.know(root, given.document, out, **({"names": names} if names else {}))
    made = importer.read(given.folder, out, known)
    for note in made.notes:
        print(note)
    if made.problems:
        return _refuse(made, "row", "cannot be placed")
    turtle.write(made)
    tables = f"{made.tables} table{'s' * (made.tables != 1)}"
    print(f"{made.placed:,} {counted} from {tables}, as of {known.day}, in {out}")
    return 0


def _run_sheet(given: argparse.Namespace) -> int:
    from kg.imports.sheet import command  # it loads what reads and writes workbooks

    root = Settings.load().root
    if given.template:
        command.write_template(root, given.template)
        print(f"{given.template} is written. Fill it in, and run: kg import sheet {given.template}")
        return 0
    if given.file is None:
        raise BadParameter(
            "No spreadsheet is given",
            where="kg import sheet",
            hint="Name one, or write a template with --template OUT.xlsx",
        )
    made, mistakes, notes = command.plan(root, given.file, given.remove)
    for note in notes:
        print(note)
    if mistakes:
        for mistake in mistakes:
            print(f"kg: {mistake}", file=sys.stderr)
        print(f"kg: {_counted(len(mistakes), 'mistake')}; nothing was written", file=sys.stderr)
        return 1
    if not given.dry_run:
        turtle.write(made)
    for path in [*made.files, *made.gone]:
        print(
            f"{'would be ' if given.dry_run else ''}{'taken away' if path in made.gone else 'written'}: {path.relative_to(root)}"
        )
    if not (made.files or made.gone):
        print("Nothing has changed.")
    print(f"{_counted(made.placed, 'row')} read from {given.file}")
    return 0


def _run_recommendations(given: argparse.Namespace) -> int:
    from kg.imports import recommendations

    made = recommendations.read(given.tables, given.map, given.out, Settings.load().root)
    for note in made.notes:
        print(note)
    if made.problems and not given.set_aside:
        code = _refuse(made, "row", "cannot be placed")
        print(
            "kg: Mend them or the map, or leave them out with --set-aside FILE.csv, which lists them", file=sys.stderr
        )
        return code
    if given.set_aside:
        recommendations.write_set_aside(given.set_aside, made.problems)
        made.problems.clear()
    turtle.write(made)
    print(f"{made.placed:,} recommendations from {_counted(made.tables, 'table')} in {given.out}")
    return 0


def _refuse(made: turtle.Import, what: str, said: str) -> int:
    for problem in made.problems:
        print(f"kg: {problem}", file=sys.stderr)
    print(f"kg: {_counted(len(made.problems), what)} {said}; nothing was written", file=sys.stderr)
    return 1


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"

"""`kg import`: tables that others publish, into Turtle."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from kg.commands import options
from kg.config import Settings
from kg.errors import BadParameter
from kg.imports import declarations, findings, participation


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("what", choices=("participation", "declarations", "findings"), help="what the tables are about")
    parser.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="folder of the tables: participation.csv for all treaties, or 4-9.csv for chapter IV, treaty 9; decisions.csv",
    )
    parser.add_argument(
        "--document",
        required=True,
        metavar="KEY",
        help="document they are a copy of; its date is the day of the record",
    )
    parser.add_argument(
        "--treaty",
        dest="treaties",
        action="append",
        default=[],
        metavar="NAME=KEY",
        help="of participation: the treaty of NAME.csv, where the name is not its number; repeatable",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder to write to (default data/WHAT)")


def run(given: argparse.Namespace) -> int:
    """Write the Turtle that tables say: who joined each treaty, what States declared, or what treaty bodies found."""
    root = Settings.load().root
    out = given.out or root / "data" / given.what
    if given.treaties and given.what != "participation":
        raise BadParameter("It names the treaty of a table of participation", where="--treaty")
    if given.what == "declarations":
        of = declarations.know(root, given.document, out)
        return _written(declarations.read(given.folder, out, of), "declarations and the like", of.day, out)
    if given.what == "findings":
        found = findings.know(root, given.document, out)
        return _written(findings.read(given.folder, out, found), "decisions", found.day, out)
    names = dict(options.pair(text, "--treaty") for text in given.treaties)
    known = participation.know(root, given.document, out, names)
    return _written(participation.read(given.folder, out, known), "participations", known.day, out)


def _written(made: participation.Import, what: str, day: datetime.date, out: Path) -> int:
    """Write an import and say so, or name the rows that cannot be placed."""
    for note in made.notes:
        print(note)
    if made.problems:
        for problem in made.problems:
            print(f"kg: {problem}", file=sys.stderr)
        count = len(made.problems)
        print(f"kg: {count} row{'s' * (count != 1)} cannot be placed; nothing was written", file=sys.stderr)
        return 1
    participation.write(made)
    tables = f"{made.tables} table{'s' * (made.tables != 1)}"
    print(f"{made.placed:,} {what} from {tables}, as of {day}, in {out}")
    return 0

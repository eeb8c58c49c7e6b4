"""`kg import`: tables that others publish, into Turtle."""

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
    parser.add_argument("what", choices=tuple(IMPORTERS), help="what the tables are about")
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
    importer, counted = IMPORTERS[given.what]
    root = Settings.load().root
    out = given.out or root / importer.FOLDER
    if given.treaties and importer is not participation:
        raise BadParameter("It names the treaty of a table of participation", where="--treaty")
    names = dict(options.pair(text, "--treaty") for text in given.treaties)
    known = importer.know(root, given.document, out, **({"names": names} if names else {}))
    made = importer.read(given.folder, out, known)
    for note in made.notes:
        print(note)
    if made.problems:
        for problem in made.problems:
            print(f"kg: {problem}", file=sys.stderr)
        count = len(made.problems)
        print(f"kg: {count} row{'s' * (count != 1)} cannot be placed; nothing was written", file=sys.stderr)
        return 1
    turtle.write(made)
    tables = f"{made.tables} table{'s' * (made.tables != 1)}"
    print(f"{made.placed:,} {counted} from {tables}, as of {known.day}, in {out}")
    return 0

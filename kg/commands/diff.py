"""`kg diff`: what changed between two releases.

Short: one command, one file."""

from __future__ import annotations

import argparse
import sys

from kg import release, terms
from kg.commands import options
from kg.config import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("old", metavar="A")
    parser.add_argument("new", metavar="B")


def run(given: argparse.Namespace) -> int:
    """Print the triples that went and came between two releases, graph by graph."""
    out = Settings.load(out=given.out).out
    changes = release.diff(release.find(out, given.old), release.find(out, given.new))
    counts = {"-": 0, "+": 0}
    for sign, graph, triple in sorted(changes, key=lambda change: (change[1], change[2], change[0])):
        counts[sign] += 1
        print(f"{sign} {graph.removeprefix(terms.BASE)}  {triple}")
    print(f"{counts['-']:,} removed, {counts['+']:,} added", file=sys.stderr)
    return 0

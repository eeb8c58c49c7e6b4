"""`kg diff`: what changed between two releases, by triple, by thing and file, or as release notes."""

import argparse
import json
import sys
from operator import itemgetter

from kg import changes, release, terms
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """Print what changed between two releases; of triples, those that went and came, graph by graph."""
    out = Settings.load(out=arguments.out).out
    old, new = release.find(out, arguments.old), release.find(out, arguments.new)
    if arguments.format == "notes":
        print(changes.write_notes(new, changes.compare(old, new)), end="")
    elif arguments.format == "json":
        print(json.dumps(changes.to_json(new, changes.compare(old, new)), ensure_ascii=False, indent=1))
    else:
        _print_triples(old, new)
    return 0


def _print_triples(old: release.Release, new: release.Release) -> None:
    counts = {"-": 0, "+": 0}
    for sign, graph, triple in sorted(changes.triples(old, new), key=itemgetter(1, 2, 0)):
        counts[sign] += 1
        print(f"{sign} {graph.removeprefix(terms.BASE)}  {triple}")
    print(f"{counts['-']:,} removed, {counts['+']:,} added", file=sys.stderr)

"""`kg verify`: a release against its manifest."""

import argparse
import sys
from pathlib import Path

from kg import release
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """Compare a release with its manifest."""
    here = release.current(Path(arguments.folder) if arguments.folder else Settings.load().out)
    problems = release.verify(here)
    for problem in problems:
        print(f"kg: {here.path}: {problem}", file=sys.stderr)
    if problems:
        return 1
    triples = here.manifest["triples"]["total"]
    print(f"{here.id} is whole: {len(here.manifest['outputs'])} files, {triples:,} triples, sealed {here.sha256}")
    return 0

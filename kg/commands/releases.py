"""`kg releases`: the history of releases."""

import argparse
import sys

from kg import release
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """List the releases, the oldest first, with a star at the current one and a dash before those that were removed."""
    out = Settings.load(out=arguments.out).out
    now = release.current(out).path
    for sealed in release.releases(out, lambda error: print(f"kg: {error}", file=sys.stderr)):
        manifest = sealed.manifest
        star = "*" if sealed.path.resolve() == now else " "
        print(f"{star} {sealed.id:<22} {manifest['created']}  {manifest['triples']['total']:>10,} triples")
    for removed in release.removed(out):
        print(f"- {removed.id:<22} {removed.created:<24}  removed on {removed.removed}: {removed.reason}")
    if release.unfinished_removals(out):
        print(f"kg: {release.UNFINISHED}", file=sys.stderr)
    return 0

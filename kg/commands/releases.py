"""`kg releases`: the history of releases."""

from __future__ import annotations

import argparse
import sys

from kg import release
from kg.commands import options
from kg.config import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)


def run(given: argparse.Namespace) -> int:
    """List the releases, the oldest first, with a star at the current one and a dash before those that were removed."""
    out = Settings.load(out=given.out).out
    now = release.current(out).path
    for one in release.releases(out, lambda error: print(f"kg: {error}", file=sys.stderr)):
        manifest = one.manifest
        star = "*" if one.path.resolve() == now else " "
        print(f"{star} {one.id:<22} {manifest['created']}  {manifest['triples']['total']:>10,} triples")
    for gone in release.removed(out):
        print(f"- {gone.id:<22} {gone.created:<24}  removed on {gone.removed}: {gone.reason}")
    return 0

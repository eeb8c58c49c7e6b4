"""`kg rollback`: an earlier release becomes the current one."""

from __future__ import annotations

import argparse

from kg import release
from kg.commands import options
from kg.config import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("id", metavar="ID")


def run(given: argparse.Namespace) -> int:
    """Make an earlier release the current one."""
    one = release.switch(Settings.load(out=given.out).out, given.id)
    print(f"{one.id} is the current release")
    return 0

"""`kg rollback`: an earlier release becomes the current one."""

import argparse

from kg import release
from kg.commands import options
from kg.config import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument("id", metavar="ID")


def run(arguments: argparse.Namespace) -> int:
    """Make an earlier release the current one."""
    chosen = release.switch(Settings.load(out=arguments.out).out, arguments.id)
    print(f"{chosen.id} is the current release")
    return 0

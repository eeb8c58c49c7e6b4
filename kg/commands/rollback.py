"""`kg rollback`: an earlier release becomes the current one."""

import argparse

from kg import release
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """Make an earlier release the current one."""
    chosen = release.switch(Settings.load(out=arguments.out).out, arguments.id)
    print(f"{chosen.id} is the current release")
    return 0

"""`kg check`: what a build would refuse, without building."""

import argparse
from pathlib import Path

from kg.build import checking
from kg.commands import options
from kg.commands.options import Option
from kg.config import Settings

OPTIONS = (
    Option("paths", nargs="*", type=Path, metavar="PATH", help="files or folders; default: everything"),
    Option("--format", choices=("text", "turtle", "json"), default="text"),
    options.WITHOUT,
    options.JOBS,
)


def run(arguments: argparse.Namespace) -> int:
    """Say what a build would refuse, without building."""
    report = checking.check(Settings.load(), paths=arguments.paths, jobs=arguments.jobs, without=arguments.without)
    print({"text": report.text, "json": report.json, "turtle": report.turtle}[arguments.format](), end="")
    return 0 if report.conforms else 1

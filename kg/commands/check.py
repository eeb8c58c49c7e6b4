"""`kg check`: what a build would refuse, without building."""

from __future__ import annotations

import argparse
from pathlib import Path

from kg.build import checking
from kg.commands import options
from kg.config import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders; default: everything")
    parser.add_argument("--format", choices=("text", "turtle", "json"), default="text")
    options.without(parser)
    options.jobs(parser)


def run(given: argparse.Namespace) -> int:
    """Say what a build would refuse, without building."""
    report = checking.check(Settings.load(), paths=given.paths, jobs=given.jobs, without=given.without)
    print({"text": report.text, "json": report.json, "turtle": report.turtle}[given.format](), end="")
    return 0 if report.conforms else 1

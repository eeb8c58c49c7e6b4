"""`kg check`: what a build would refuse, without building."""

import argparse

from kg.build import checking
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """Say what a build would refuse, without building."""
    report = checking.check(Settings.load(), paths=arguments.paths, jobs=arguments.jobs, without=arguments.without)
    print({"text": report.text, "json": report.json, "turtle": report.turtle}[arguments.format](), end="")
    return 0 if report.conforms else 1

"""`kg check`: what a build would refuse, without building."""

import argparse
import gc

from kg.build import checking
from kg.config import Settings


def run(arguments: argparse.Namespace) -> int:
    """Say what a build would refuse, without building."""
    gc.set_threshold(1_000_000)  # the terms of a graph are many, and in no cycles
    report = checking.check(Settings.load(), paths=arguments.paths, jobs=arguments.jobs, without=arguments.without)
    if arguments.format == "turtle":
        print(report.rdf("turtle"), end="")
    else:
        print(report.json() if arguments.format == "json" else report.text(), end="")
    return 0 if report.conforms else 1

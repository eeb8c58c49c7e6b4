"""`kg build`: make a release and switch to it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kg.build import pipeline
from kg.commands import options
from kg.config import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument(
        "--data", action="append", default=[], type=Path, metavar="DIR", help="folder laid over data/; repeatable"
    )
    options.jobs(parser)
    parser.add_argument(
        "--plain", action="store_true", help="load any RDF as it is, without our ontology, shapes and rules"
    )
    parser.add_argument("--force", action="store_true", help="build even if nothing has changed")


def run(given: argparse.Namespace) -> int:
    """Make a release and switch to it."""
    settings = Settings.load(out=given.out)
    pipeline.build(
        settings,
        data=given.data,
        jobs=given.jobs,
        plain=given.plain,
        force=given.force,
        progress=_progress(),
    )
    return 0


def _progress() -> pipeline.Progress:
    """Show progress: a bar on a terminal, plain lines elsewhere."""
    steps, wide = len(pipeline.STEPS), 24
    terminal = sys.stderr.isatty()

    def show(step: int, text: str) -> None:
        if not terminal:
            print(text, file=sys.stderr, flush=True)
            return
        full = wide * step // steps
        end = "\n" if step == steps else ""
        print(f"\r\x1b[K[{'█' * full}{' ' * (wide - full)}] {text}", end=end, file=sys.stderr, flush=True)

    return show

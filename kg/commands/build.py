"""`kg build`: make a release and switch to it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kg import release
from kg.build.pipeline import Build
from kg.commands import options
from kg.config import Settings
from kg.errors import ReleaseCorrupt, UnknownName


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.out(parser)
    parser.add_argument(
        "--data", action="append", default=[], type=Path, metavar="DIR", help="folder laid over data/; repeatable"
    )
    options.without(parser)
    options.jobs(parser)
    parser.add_argument("--force", action="store_true", help="make all of it anew, whatever has changed")
    parser.add_argument("--warnings", action="store_true", help="show all warnings, not those of changed files alone")


def run(given: argparse.Namespace) -> int:
    """Make a release and switch to it."""
    settings = Settings.load(out=given.out)
    before = _inputs(settings.out)
    options_given = {name: getattr(given, name) for name in ("data", "without", "jobs", "force")}
    build = Build(settings, **options_given, progress=options.progress())
    made = build.run()
    if build.report.files or given.warnings:
        now = made.manifest["inputs"]
        changed = {name for name, sha256 in now.items() if before and before.get(name) != sha256}
        _warn(made.manifest["warnings"], changed, given.warnings)
    return 0


def _inputs(out: Path) -> dict[str, str]:
    """Return the hashes of the inputs of the current release; nothing when there is none."""
    try:
        return release.current(out).manifest["inputs"]
    except (UnknownName, ReleaseCorrupt):
        return {}


def _warn(warnings: list[str], changed: set[str], everything: bool) -> None:
    """Print the warnings of changed files, or all, and count the others in one line."""
    shown = [one for one in warnings if everything or one.partition(":")[0] in changed]
    for warning in shown:
        print(warning, file=sys.stderr)
    if others := len(warnings) - len(shown):
        said = f"{others:,} {'other ' if shown else ''}warning{'s' * (others != 1)}"
        print(f"{said}; `kg build --warnings` shows all", file=sys.stderr)
